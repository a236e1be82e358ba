"""Mutual information of all pairs between some row genes and all column genes, in two precisions.

Every pair is screened in float32. The pairs that reach the threshold of the screen, which is a little too low, are
computed again in float64 from the same integer joint counts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import screen_lanes
from genenet.kernels.exact_queue import compute_queue, enqueue, new_queue
from genenet.kernels.jit import inner
from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Genes, Packed
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES, lowest_bit

# Row genes that are counted together, and words of a tile that are counted at a time: a core's own cache holds the
# counts and these words.
ROWS_AT_ONCE = 16
CHUNK_WORDS = 64_000
# No higher threshold: see `screen_all`.
ALL_REACHED = np.empty(0, np.float32)


class Stripe(NamedTuple):
    """Some rows of the table of all pairs, from one tile of column genes on.

    rows: int64 (n_rows,), the row genes; first_tile: the tile that the columns start with (cells of earlier tiles are
    not set). mi: float32 (n_rows, n_tiles * 16), MI in bits; exact_mi: float64 of the same shape, set only where masks
    says so; masks: int32 (n_rows, n_tiles), a bit for each gene of a tile whose MI reaches the threshold of the screen.
    """

    rows: NDArray[np.int64]
    first_tile: int
    mi: NDArray[np.float32]
    exact_mi: NDArray[np.float64]
    masks: NDArray[np.int32]


def empty_stripe(rows: NDArray[np.int64], first_tile: int, n_tiles: int) -> Stripe:
    """Allocate a stripe of row genes."""
    shape = len(rows), n_tiles * LANES
    return Stripe(
        rows, first_tile, np.empty(shape, np.float32), np.empty(shape), np.empty((len(rows), n_tiles), np.int32)
    )


@inner(optimised=False, forceinline=True)
def _threshold_of(polynomial, row, columns, lane):
    """MI (bits, float32) that a pair of a row gene and the gene in this lane of a tile has to reach.

    polynomial: as the threshold of `screen_rows`; row: float32 (4,), columns: float32 (4, 16), as `screen_lanes`.
    """
    skewness, height = row[3] * columns[3, lane], np.float32(0.0)
    for power in range(polynomial.shape[0]):
        height = height * skewness + polynomial[power]
    return row[1] * columns[1, lane] + row[2] * columns[2, lane] * height


@inner(optimised=False)
def _screen_tile(packed, genes, threshold, kept, tile, stripe):
    """`screen_rows` for one tile of column genes; returns how many pairs reach the threshold, if not all are kept."""
    rows, screen, width = stripe.rows, stripe.mi.ravel(), stripe.mi.shape[1]
    n_words, planes_y, planes_x = packed.tiles.shape[1], packed.tiles.shape[2], packed.rows.shape[1]
    cells, stride = planes_x * planes_y * LANES, planes_y * LANES
    chunk = max(8, CHUNK_WORDS // stride)
    # Local names: each look-up of an array in a tuple counts its references, which is slow in a loop.
    exact_mi, masks, scale, single = stripe.exact_mi, stripe.masks, genes.scale, np.float32(genes.scale)
    row_margins, row_entropies, row_factors = genes.rows.margins, genes.rows.entropies, genes.rows.screen_factors
    margins, entropies, factors = (
        genes.tiles.margins[tile],
        genes.tiles.entropies[tile],
        genes.tiles.screen_factors[tile],
    )
    n_bins = row_margins.shape[1]
    counts = np.empty(ROWS_AT_ONCE * cells, np.int32)
    # Of the type of later values: for the constant 0 numba would compile what takes the number a second time.
    queue, n_waiting, n_reached = new_queue(cells, n_bins), np.int64(0), np.int64(0)
    for first in range(0, rows.shape[0], ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, rows.shape[0])
        for word in range(0, n_words, chunk):
            for k in range(first, last):
                count(packed, rows[k], tile, word, min(word + chunk, n_words), counts, (k - first) * cells)
        for k in range(first, last):
            i = rows[k]
            own = counts[(k - first) * cells : (k - first + 1) * cells]
            mask = screen_lanes(
                own, stride, n_bins, row_margins[i], margins, single, row_factors[i], factors,
                threshold, screen, k * width + tile * LANES,
            )  # fmt: skip
            masks[k, tile] = mask
            while mask != 0:
                lane = lowest_bit(mask)
                mask &= mask - np.int32(1)
                if kept.shape[0] > 0:
                    # Lanes beyond the last gene have no skewness, and reach their threshold of 0.
                    n_reached += factors[3, lane] > 0.0
                    at = k * width + tile * LANES + lane
                    if screen[at] < _threshold_of(kept, row_factors[i], factors, lane):
                        masks[k, tile] &= ~np.int32(np.int64(1) << lane)
                        continue
                enqueue(queue, n_waiting, own, lane, row_margins[i], margins, row_entropies[i], entropies[lane])
                queue.cells[n_waiting, 0], queue.cells[n_waiting, 1] = k, tile * LANES + lane
                n_waiting += 1
                if n_waiting == LANES:
                    compute_queue(queue, n_waiting, stride, scale, exact_mi)
                    n_waiting = np.int64(0)
    if n_waiting > 0:
        compute_queue(queue, n_waiting, stride, scale, exact_mi)
    return n_reached


@parallel(lambda packed, stripe: len(packed.tiles) - stripe.first_tile)
def screen_rows(begin, stop, packed, genes, threshold, kept, n_reached, stripe):
    """Compute the MI of a stripe of row genes with all column genes, and which pairs reach the threshold.

    packed, genes: `genenet.kernels.packing`; threshold: float32 (n_powers,), critical z-score as a polynomial in a
    pair's skewness, highest power first; kept: a higher threshold that pairs have to reach as well, or `ALL_REACHED`.
    Out: n_reached: int64 (n_tiles,), how many pairs reach the threshold, kept or not, 0 with `ALL_REACHED`; the arrays
    of the stripe.
    """
    for tile in range(stripe.first_tile + begin, stripe.first_tile + stop):
        n_reached[tile] = _screen_tile(packed, genes, threshold, kept, tile, stripe)


def screen_all(packed: Packed, genes: Genes, threshold: NDArray[np.float32], stripe: Stripe) -> None:
    """Compute a stripe of which all pairs that reach the threshold are kept; see `screen_rows`."""
    screen_rows(packed, genes, threshold, ALL_REACHED, np.empty(len(packed.tiles), np.int64), stripe)
