"""Draws of the permutation null for matrices that are mostly zeros: those of `genenet.kernels.draws`, bit by bit.

Draws of one tile of column genes are made together: their weights are listed sample by sample, for this tile alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.draws import choose
from genenet.kernels.entropy_lanes import exact_lanes
from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log_pearson3_tails
from genenet.kernels.shuffling import below, next_bits
from genenet.kernels.sparse_weights import SPARE
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES, add_products

# Permutations whose tail probabilities are computed together.
ROWS_AT_ONCE = 16


class Streams(NamedTuple):
    """Streams of random numbers, sixteen draws each, in the order of their tiles.

    order: int64, which streams, those of a tile together; starts: int64 (n_tiles + 1,), where each tile's start; rows:
    int64, the row gene of each of `order`; key, first: key of the random numbers, and number of the first stream.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    key: np.uint64
    first: int


def streams(n: int, key: np.uint64, first: int, rows: NDArray[np.int64], n_tiles: int) -> Streams:
    """Sort n streams of random numbers from number `first` on by their tiles; rows: genes to choose the row gene from.

    Examples
    --------
    >>> found = streams(100, np.uint64(7), 0, np.arange(30), 2)
    >>> found.starts[-1], sorted(found.order.tolist()) == list(range(100))
    (np.int64(100), True)
    """
    row, tile = np.empty(n, np.int64), np.empty(n, np.int64)
    choose(key, first, len(rows), n_tiles, row, tile)
    order = np.argsort(tile, kind="stable")
    return Streams(order, np.searchsorted(tile[order], np.arange(n_tiles + 1)), rows[row[order]], key, first)


@inner()
def _list_tile(packed, columns, starts, lanes, excess):
    """List the own weights of 16 genes sample by sample.

    starts: int32 (n_samples + 1,); lanes: int32, excess: int8: long enough for the own samples of all 16.
    """
    gene_starts, samples, own, common = packed.by_gene
    n_planes = packed.planes.ndim
    starts[:] = 0
    for gene in columns:
        for k in range(gene_starts[gene], gene_starts[gene + 1]):
            starts[samples[k] + 1] += 1
    for s in range(starts.shape[0] - 1):
        starts[s + 1] += starts[s]
    # Filled from the end of each sample's list on, which leaves in `starts` where the lists start, one place later.
    for lane in range(columns.shape[0]):
        gene = columns[lane]
        for k in range(gene_starts[gene], gene_starts[gene + 1]):
            starts[samples[k] + 1] -= 1
            at = starts[samples[k] + 1]
            lanes[at] = lane
            for b in range(n_planes):
                excess[at * n_planes + b] = np.int16(own[k, b]) - np.int16(common[gene, b])


@inner()
def _count_permuted(packed, gene, key, stream, tile_lists, places, x, cells):
    """Sum of excess products of a gene whose samples are permuted with the 16 genes of a tile, into cells.

    places: int32 (n_samples,), a buffer. The swaps are those of `genenet.kernels.shuffling.random_swaps`; a position is
    final after its swap and is counted then.
    """
    gene_starts, samples, own, common = packed.by_gene
    starts, lanes, excess = tile_lists
    n_planes, n = packed.planes.ndim, places.shape[0]
    places[:] = -1
    for k in range(gene_starts[gene], gene_starts[gene + 1]):
        places[samples[k]] = k - gene_starts[gene]
    cells[:] = 0
    _, state = next_bits(key ^ np.uint64(stream) * np.uint64(0xD1342543DE82EF95))
    for step in range(n):
        position = n - 1 - step
        _, bits = next_bits(state + np.uint64(step) * np.uint64(0x9E3779B97F4A7C15))
        other = below(bits, n - step)
        place = places[other]
        places[other] = places[position]
        if place >= 0:
            first, last = starts[position + 1], starts[position + 2]
            if first < last:
                k = gene_starts[gene] + place
                for a in range(n_planes):
                    value = np.int16(own[k, a]) - np.int16(common[gene, a])
                    for b in range(n_planes):
                        x[a * n_planes + b] = value
                add_products(lanes, excess, first, last, x, packed.planes, cells)


@inner()
def _draw_tile(packed, genes, order, tile, streams, log_tails, places, starts):
    """All draws of one tile."""
    columns = order[tile * LANES : (tile + 1) * LANES]
    gene_starts, n_planes, n_cells = packed.by_gene.starts, packed.planes.ndim, packed.n_cells
    n_own = 0
    for gene in columns:
        n_own += gene_starts[gene + 1] - gene_starts[gene]
    lanes, excess = np.empty(n_own, np.int32), np.zeros(n_own * n_planes + SPARE, np.int8)
    # One more at the end, so that the lists of sample s lie between places s + 1 and s + 2.
    starts[starts.shape[0] - 1] = n_own
    _list_tile(packed, columns, starts[:-1], lanes, excess)
    n_bins, stride = genes.rows.margins.shape[1], n_planes * LANES
    x, cells = np.zeros(n_cells, np.int16), np.empty(LANES * n_cells, np.int32)
    counts, mi = np.zeros(n_planes * stride, np.int32), np.empty(LANES)
    entropies, margins = np.empty(LANES), np.empty((n_bins, LANES), np.int32)
    z_scores, skewness = np.empty((ROWS_AT_ONCE, LANES)), np.empty((ROWS_AT_ONCE, LANES))
    for first in range(streams.starts[tile], streams.starts[tile + 1], ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, streams.starts[tile + 1])
        for d in range(first, last):
            i, number = streams.rows[d], streams.first + streams.order[d]
            _count_permuted(packed, order[i], streams.key, number, (starts, lanes, excess), places, x, cells)
            common, sums = packed.common[order[i]], packed.sums[order[i]]
            for lane in range(LANES):
                j = columns[lane]
                for a in range(n_planes):
                    alone = packed.n_samples * common[a] + sums[a]
                    for b in range(n_planes):
                        own = cells[lane * n_cells + a * n_planes + b]
                        count = alone * packed.common[j, b] + common[a] * packed.sums[j, b] + own
                        counts[a * stride + b * LANES + lane] = count
                entropies[lane] = genes.rows.entropies[i]
                for b in range(n_bins):
                    margins[b, lane] = genes.rows.margins[i, b]
            exact_lanes(
                counts, stride, n_bins, margins, genes.tiles.margins[tile], genes.scale,
                entropies, genes.tiles.entropies[tile], mi, 0,
            )  # fmt: skip
            factors, others = genes.rows.null_factors[i], genes.tiles.null_factors[tile]
            for lane in range(LANES):
                z_scores[d - first, lane] = (mi[lane] - factors[0] * others[0, lane]) / (factors[1] * others[1, lane])
                skewness[d - first, lane] = factors[2] * others[2, lane]
        found = np.empty((last - first, LANES))
        log_pearson3_tails(z_scores[: last - first].ravel(), skewness[: last - first].ravel(), found.ravel())
        for d in range(first, last):
            log_tails[streams.order[d]] = found[d - first]


@parallel(lambda streams: len(streams.starts) - 1)
def draw_sparse_null(begin, stop, packed, genes, order, streams, log_tails):
    """Draw from the null as `genenet.kernels.draws.draw_null`.

    packed: `genenet.kernels.sparse_screen.SparseGenes`; genes: `genenet.kernels.packing.Genes` in the order of
    `order`, int64: which gene of `packed` each is, 16 to a tile. Out: log_tails: float64 (n_draws / 16, 16).
    """
    places, starts = np.empty(packed.n_samples, np.int32), np.empty(packed.n_samples + 2, np.int32)
    for tile in range(begin, stop):
        if streams.starts[tile] < streams.starts[tile + 1]:
            _draw_tile(packed, genes, order, tile, streams, log_tails, places, starts)
