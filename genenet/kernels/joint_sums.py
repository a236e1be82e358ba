"""Joint tables of some discrete variables with all genes in hard bins, as sums of c log2 c over the cells.

With n samples, the joint entropy of a variable and a gene is log2(n) - sum / n bits. Counts are exact integers, and are
added up in the order of the cells, so that equal tables have equal sums to the last bit.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Packed, in_tiles, pack_bits
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES

# Bytes of the variables that are packed at a time, one for each level and sample.
BYTES_AT_ONCE = 1 << 26


def count_logs(n_samples: int) -> NDArray[np.float64]:
    """C log2 c for c = 0 .. n_samples, float64 (n_samples + 1,)."""
    counts = np.arange(n_samples + 1.0)
    return counts * np.log2(np.maximum(counts, 1.0))


class HardGenes:
    """Genes in hard bins, laid out for `joint_sums`.

    codes: integers (n_genes, n_samples), 0 .. n_bins - 1; n_bins: at least 2.
    """

    def __init__(self, codes: NDArray[np.integer], n_bins: int) -> None:
        weights = _indicators(codes, n_bins)
        self.packed = pack_bits(weights)
        self.margins = weights.sum(axis=2, dtype=np.int32)
        self.tiles = in_tiles(self.margins)
        self.logs = count_logs(codes.shape[1])

    def margin_sums(self) -> NDArray[np.float64]:
        """Sum of c log2 c over the bins of each gene, float64 (n_genes,)."""
        sums: NDArray[np.float64] = self.logs[self.margins].sum(axis=1)
        return sums

    def joint_sums(self, variables: NDArray[np.integer], n_levels: int) -> NDArray[np.float64]:
        """Sums of c log2 c of each variable with each gene, float64 (n_variables, n_genes).

        variables: integers (n_variables, n_samples), 0 .. n_levels - 1; n_levels: at least 2.
        """
        sums = np.empty((len(variables), len(self.packed.tiles) * LANES))
        at_once = max(1, BYTES_AT_ONCE // (n_levels * variables.shape[1]))
        for start in range(0, len(variables), at_once):
            weights = _indicators(variables[start : start + at_once], n_levels)
            rows = pack_bits(weights)
            packed = Packed(rows.rows, self.packed.tiles, rows.row_planes, self.packed.column_planes)
            margins = weights.sum(axis=2, dtype=np.int32)
            joint_sums(packed, margins, self.tiles, self.logs, sums[start : start + at_once])
        return sums[:, : len(self.margins)]


def _indicators(codes: NDArray[np.integer], n_levels: int) -> NDArray[np.uint8]:
    """1 where a sample is in a level, else 0: uint8 (n_variables, n_levels, n_samples)."""
    found = np.empty((len(codes), n_levels, codes.shape[1]), np.uint8)
    for level in range(n_levels):
        np.equal(codes, level, out=found[:, level], casting="unsafe")
    return found


@parallel(lambda packed: len(packed.tiles))
def joint_sums(begin, stop, packed, row_margins, column_margins, logs, sums):
    """Sum of c log2 c over the cells of the joint table of each row variable with each gene.

    packed: `genenet.kernels.packing.Packed` with hard bins as bits, whose rows are other variables than its tiles;
    row_margins: int32 (n_rows, n_levels); column_margins: int32 (n_tiles, n_bins, 16); logs: float64 (n_samples + 1,),
    c log2 c; sums: float64 (n_rows, n_tiles * 16), overwritten. The last level and bin follow from the margins.
    """
    n_words, n_planes = packed.tiles.shape[1], packed.tiles.shape[2]
    n_last = row_margins.shape[1] - 1
    counts = np.empty(packed.rows.shape[1] * n_planes * LANES, np.int32)
    left = np.empty((n_planes + 1, LANES), np.int32)
    rest, total = np.empty(LANES, np.int32), np.empty(LANES)
    for tile in range(begin, stop):
        for row in range(row_margins.shape[0]):
            count(packed, row, tile, 0, n_words, counts, 0)
            total[:] = 0.0
            left[:] = column_margins[tile]
            for level in range(n_last):
                rest[:] = row_margins[row, level]
                for b in range(n_planes):
                    at = (level * n_planes + b) * LANES
                    for lane in range(LANES):
                        cell = counts[at + lane]
                        total[lane] += logs[cell]
                        rest[lane] -= cell
                        left[b, lane] -= cell
                for lane in range(LANES):
                    # A lane beyond the last gene has no samples in any bin.
                    total[lane] += logs[rest[lane]]
                    left[n_planes, lane] -= rest[lane]
            for b in range(n_planes + 1):
                for lane in range(LANES):
                    total[lane] += logs[max(left[b, lane], 0)]
            for lane in range(LANES):
                sums[row, tile * LANES + lane] = total[lane]
