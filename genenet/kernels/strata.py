"""Mutual information within strata: of all pairs of a stripe, and of draws permuted within strata.

Each stratum fills words of its own (see `strata_words`), so that its joint counts are those of a range of words. MI
given the stratum is the sum over the strata of their share of the samples times the MI within them, which is computed
from exact integer counts as it is without strata.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import exact_lanes, screen_lanes
from genenet.kernels.jit import inner
from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Packed, gene_tables, in_tiles
from genenet.kernels.pearson3 import OUT_OF_REACH, log_pearson3_tails
from genenet.kernels.shuffling import below, next_bits, shuffle_within
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES

# Row genes whose counts of all strata are held at once.
ROWS_AT_ONCE = 8
# Permutations whose tail probabilities are computed together.
DRAWS_AT_ONCE = 16


class StrataGenes(NamedTuple):
    """Quantities of each gene within each stratum that the kernels use, gene by gene and by tiles of 16 genes.

    words: int64 (n_strata + 1,), where the words of each stratum start. shares: float64 (n_strata,), of the samples.
    scales: float64 (n_strata,), 1 / sum of the joint counts of any pair. row_margins: int32 (n_strata, n_genes,
    n_bins); tile_margins: int32 (n_strata, n_tiles, n_bins, 16). row_entropies: float64 (n_strata, n_genes), bits;
    tile_entropies: float64 (n_strata, n_tiles, 16). row_screen: float32 (n_strata, n_genes, 4), the entropy and three
    zeros, as `screen_lanes` takes it; tile_screen: float32 (n_strata, n_tiles, 4, 16). row_factors: float64 (n_genes,
    3, n_strata), as `genenet.statistics.null.Null` has them; tile_factors: float64 (n_tiles, 3, n_strata, 16).
    """

    words: NDArray[np.int64]
    shares: NDArray[np.float64]
    scales: NDArray[np.float64]
    row_margins: NDArray[np.int32]
    tile_margins: NDArray[np.int32]
    row_entropies: NDArray[np.float64]
    tile_entropies: NDArray[np.float64]
    row_screen: NDArray[np.float32]
    tile_screen: NDArray[np.float32]
    row_factors: NDArray[np.float64]
    tile_factors: NDArray[np.float64]


def strata_words(sizes: NDArray[np.int64], per_word: int) -> NDArray[np.int64]:
    """Where the words of each stratum start if each stratum fills words of its own, shape (n_strata + 1,).

    Examples
    --------
    >>> strata_words(np.array([9, 8, 1]), 4).tolist()
    [0, 3, 5, 6]
    """
    return np.concatenate([[0], np.cumsum(-(-sizes // per_word))]).astype(np.int64)


def in_words(weights: NDArray[np.uint8], parts: list[NDArray[np.int64]], per_word: int) -> NDArray[np.uint8]:
    """Lay out weights so that each stratum fills words of its own, the last of them padded with 0.

    weights: uint8 (n_genes, n_bins, n_samples); parts: the samples of each stratum.
    """
    words = strata_words(np.array([len(part) for part in parts]), per_word)
    laid_out = np.zeros((*weights.shape[:2], int(words[-1]) * per_word), np.uint8)
    for part, word in zip(parts, words[:-1], strict=True):
        laid_out[:, :, word * per_word : word * per_word + len(part)] = weights[:, :, part]
    return laid_out


def strata_genes(
    margins: NDArray[np.int64],
    entropies: NDArray[np.float64],
    null_factors: NDArray[np.float64],
    sizes: NDArray[np.int64],
    total: int,
    words: NDArray[np.int64],
) -> StrataGenes:
    """Make the tables of genes within each stratum for the kernels.

    margins: (n_strata, n_genes, n_bins), sums of weights; entropies: (n_strata, n_genes), bits; total: sum of the
    weights of a sample.
    """
    nothing = np.zeros((margins.shape[1], 3))
    tables = [
        gene_tables(own * total, entropy, nothing, int(size) * total**2)
        for own, entropy, size in zip(margins, entropies, sizes, strict=True)
    ]
    return StrataGenes(
        words,
        sizes / sizes.sum(),
        np.array([table.scale for table in tables]),
        np.stack([table.rows.margins for table in tables]),
        np.stack([table.tiles.margins for table in tables]),
        np.stack([table.rows.entropies for table in tables]),
        np.stack([table.tiles.entropies for table in tables]),
        np.stack([table.rows.screen_factors for table in tables]),
        np.stack([table.tiles.screen_factors for table in tables]),
        null_factors,
        in_tiles(null_factors),
    )


@inner(forceinline=True)
def _count_strata(packed, words, row, tile, counts, start, size):
    """Joint counts of a row gene with a tile in each stratum, one stratum after another from `start` on."""
    for stratum in range(words.shape[0] - 1):
        at = start + stratum * size
        # `count` overwrites cells only if it starts at the first word, and adds to them otherwise.
        for cell in range(at, at + size):
            counts[cell] = 0
        count(packed, row, tile, words[stratum], words[stratum + 1], counts, at)


@inner(forceinline=True)
def _null_moments(row, columns, mean, variance, third):
    """Mean, variance and third central moment of the null of a row gene with 16 column genes: sums over the strata.

    row: (3, n_strata), columns: (3, n_strata, 16), factors of `StrataGenes`. Out: float64 (16,) each.
    """
    for lane in range(LANES):
        mean[lane], variance[lane], third[lane] = 0.0, 0.0, 0.0
    for stratum in range(row.shape[1]):
        for lane in range(LANES):
            mean[lane] += row[0, stratum] * columns[0, stratum, lane]
            variance[lane] += row[1, stratum] * columns[1, stratum, lane]
            third[lane] += row[2, stratum] * columns[2, stratum, lane]


@inner()
def _thresholds(row, columns, polynomial, thresholds):
    """Smallest MI (bits) of the screen for a row gene and 16 column genes. columns: (3, n_strata, 16)."""
    mean, variance, third = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    _null_moments(row, columns, mean, variance, third)
    for lane in range(LANES):
        deviation = np.sqrt(variance[lane])
        skewness = third[lane] / (variance[lane] * deviation)
        height = 0.0
        for power in range(polynomial.shape[0]):
            height = height * skewness + polynomial[power]
        thresholds[lane] = mean[lane] + deviation * height
        if not variance[lane] > 0.0:
            # A polynomial of one coefficient stands for a screen that every pair passes.
            thresholds[lane] = OUT_OF_REACH if polynomial.shape[0] > 1 else -OUT_OF_REACH


class Queue(NamedTuple):
    """Pairs that wait for their exact MI until there are 16 of them, since it is computed of 16 at once.

    counts: int32 (n_strata, n_cells * 16), the joint counts, those of the k-th pair in every 16th cell from k on.
    row_margins, column_margins: int32 (n_strata, n_bins, 16). row_entropies, column_entropies: float64 (n_strata, 16).
    places: int64 (16, 2), row and column of each pair in the arrays of the stripe.
    """

    counts: NDArray[np.int32]
    row_margins: NDArray[np.int32]
    column_margins: NDArray[np.int32]
    row_entropies: NDArray[np.float64]
    column_entropies: NDArray[np.float64]
    places: NDArray[np.int64]


@inner()
def _new_queue(n_strata, cells, n_bins):
    return Queue(
        np.empty((n_strata, cells), np.int32),
        np.empty((n_strata, n_bins, LANES), np.int32),
        np.empty((n_strata, n_bins, LANES), np.int32),
        np.empty((n_strata, LANES)),
        np.empty((n_strata, LANES)),
        np.empty((LANES, 2), np.int64),
    )


@inner(forceinline=True)
def _enqueue(queue, n, genes, i, tile, lane, counts):
    """Put a row gene and a gene of the tile at place n of the queue. counts: (n_strata * cells,), of the whole tile."""
    cells = queue.counts.shape[1]
    for stratum in range(queue.counts.shape[0]):
        for cell in range(0, cells, LANES):
            queue.counts[stratum, cell + n] = counts[stratum * cells + cell + lane]
        for b in range(queue.row_margins.shape[1]):
            queue.row_margins[stratum, b, n] = genes.row_margins[stratum, i, b]
            queue.column_margins[stratum, b, n] = genes.tile_margins[stratum, tile, b, lane]
        queue.row_entropies[stratum, n] = genes.row_entropies[stratum, i]
        queue.column_entropies[stratum, n] = genes.tile_entropies[stratum, tile, lane]


@inner()
def _compute_queue(queue, n, stride, genes, exact_mi):
    """Write the exact MI of the first n pairs that wait."""
    mi, total = np.empty(LANES), np.zeros(LANES)
    for stratum in range(queue.counts.shape[0]):
        exact_lanes(
            queue.counts[stratum], stride, queue.row_margins.shape[1], queue.row_margins[stratum],
            queue.column_margins[stratum], genes.scales[stratum], queue.row_entropies[stratum],
            queue.column_entropies[stratum], mi, 0,
        )  # fmt: skip
        for lane in range(LANES):
            total[lane] += genes.shares[stratum] * mi[lane]
    for k in range(n):
        exact_mi[queue.places[k, 0], queue.places[k, 1]] = total[k]


@inner(forceinline=True)
def _screen_row(counts, stride, genes, i, tile, never, mi, total):
    """MI within strata (bits, float32) of a row gene with a tile. counts: of all strata. Out: total, float32 (16,).

    never: a threshold that no pair reaches, float32 (1,). mi, float32 (16,), is a buffer.
    """
    cells = counts.shape[0] // genes.shares.shape[0]
    for lane in range(LANES):
        total[lane] = np.float32(0.0)
    for stratum in range(genes.shares.shape[0]):
        screen_lanes(
            counts[stratum * cells : (stratum + 1) * cells], stride, genes.row_margins.shape[2],
            genes.row_margins[stratum, i], genes.tile_margins[stratum, tile], np.float32(genes.scales[stratum]),
            genes.row_screen[stratum, i], genes.tile_screen[stratum, tile], never, mi, 0,
        )  # fmt: skip
        share = np.float32(genes.shares[stratum])
        for lane in range(LANES):
            total[lane] += share * max(mi[lane], np.float32(0.0))


@inner()
def _screen_tile(packed, genes, polynomial, tile, stripe):
    """`screen_rows_within` for one tile of column genes."""
    rows, words, stride = stripe.rows, genes.words, packed.tiles.shape[2] * LANES
    n_strata, cells = genes.shares.shape[0], packed.rows.shape[1] * stride
    size = n_strata * cells
    counts, thresholds = np.empty(ROWS_AT_ONCE * size, np.int32), np.empty(LANES)
    mi, never = np.empty(LANES, np.float32), np.full(1, np.float32(1e30), np.float32)
    queue, n_waiting = _new_queue(n_strata, cells, genes.row_margins.shape[2]), 0
    for first in range(0, rows.shape[0], ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, rows.shape[0])
        # Stratum by stratum, so that its words stay in the cache for all rows.
        for stratum in range(n_strata):
            for k in range(first, last):
                at = (k - first) * size + stratum * cells
                for cell in range(at, at + cells):
                    counts[cell] = 0
                count(packed, rows[k], tile, words[stratum], words[stratum + 1], counts, at)
        for k in range(first, last):
            i, own = rows[k], counts[(k - first) * size : (k - first + 1) * size]
            total = stripe.mi[k, tile * LANES : (tile + 1) * LANES]
            _screen_row(own, stride, genes, i, tile, never, mi, total)
            _thresholds(genes.row_factors[i], genes.tile_factors[tile], polynomial, thresholds)
            mask = 0
            for lane in range(LANES):
                mask |= np.int64(total[lane] >= thresholds[lane]) << lane
            stripe.masks[k, tile] = mask
            for lane in range(LANES):
                if (mask >> lane) & 1:
                    _enqueue(queue, n_waiting, genes, i, tile, lane, own)
                    queue.places[n_waiting, 0], queue.places[n_waiting, 1] = k, tile * LANES + lane
                    n_waiting += 1
                    if n_waiting == LANES:
                        _compute_queue(queue, n_waiting, stride, genes, stripe.exact_mi)
                        n_waiting = 0
    if n_waiting > 0:
        _compute_queue(queue, n_waiting, stride, genes, stripe.exact_mi)


@parallel(lambda packed, stripe: len(packed.tiles) - stripe.first_tile)
def screen_rows_within(begin, stop, packed, genes, polynomial, stripe):
    """Compute the MI within strata of a stripe of row genes, as `genenet.kernels.screen.screen_rows` does without.

    packed: `genenet.kernels.packing.Packed` of weights laid out by `in_words`; genes: `StrataGenes`; polynomial:
    float32 (n_powers,), critical z-score as a polynomial in a pair's skewness, highest power first. Out: the arrays of
    the stripe.
    """
    for tile in range(stripe.first_tile + begin, stripe.first_tile + stop):
        _screen_tile(packed, genes, polynomial, tile, stripe)


@inner(forceinline=True)
def _exact_row(counts, stride, genes, i, tile, entropies, margins, mi, total):
    """Exact MI within strata (bits) of a row gene with a tile. counts: of all strata. Out: total, float64 (16,).

    entropies and mi, float64 (16,), and margins, int32 (n_bins, 16), are buffers.
    """
    cells = counts.shape[0] // genes.shares.shape[0]
    total[:] = 0.0
    for stratum in range(genes.shares.shape[0]):
        entropies[:] = genes.row_entropies[stratum, i]
        for b in range(margins.shape[0]):
            margins[b] = genes.row_margins[stratum, i, b]
        exact_lanes(
            counts[stratum * cells : (stratum + 1) * cells], stride, margins.shape[0], margins,
            genes.tile_margins[stratum, tile], genes.scales[stratum], entropies,
            genes.tile_entropies[stratum, tile], mi, 0,
        )  # fmt: skip
        for lane in range(LANES):
            total[lane] += genes.shares[stratum] * mi[lane]


@parallel(lambda first: len(first))
def listed_pairs(begin, stop, packed, genes, first, second, mi):
    """Exact MI within strata (bits) of listed pairs. first, second: int32, mi: float64 (n_pairs,)."""
    stride, n_bins = packed.tiles.shape[2] * LANES, genes.row_margins.shape[2]
    cells = packed.rows.shape[1] * stride
    counts, found = np.empty(genes.shares.shape[0] * cells, np.int32), np.empty(LANES)
    entropies, margins, total = np.empty(LANES), np.empty((n_bins, LANES), np.int32), np.empty(LANES)
    for k in range(begin, stop):
        i, tile, lane = np.int64(first[k]), np.int64(second[k]) // LANES, np.int64(second[k]) % LANES
        _count_strata(packed, genes.words, i, tile, counts, 0, cells)
        _exact_row(counts, stride, genes, i, tile, entropies, margins, found, total)
        mi[k] = total[lane]


@inner()
def _draw(packed, genes, rows, members, starts, key, first_stream, log_tails):
    """Draws of `draw_null_within` for some permutations. Out: log_tails: float64 (n_permutations, 16)."""
    n_planes, stride = packed.rows.shape[1], packed.tiles.shape[2] * LANES
    permuted = np.zeros((1, n_planes, packed.rows.view(np.uint8).shape[2]), np.uint8)
    as_packed = Packed(permuted.view(np.int32), packed.tiles, packed.row_planes, packed.column_planes)
    order = np.empty(permuted.shape[2], np.int64)
    cells = n_planes * stride
    counts, mi, total = np.empty(genes.shares.shape[0] * cells, np.int32), np.empty(LANES), np.empty(LANES)
    entropies, margins = np.empty(LANES), np.empty((genes.row_margins.shape[2], LANES), np.int32)
    mean, variance, third = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    z_scores, skewness = np.empty((log_tails.shape[0], LANES)), np.empty((log_tails.shape[0], LANES))
    for d in range(log_tails.shape[0]):
        stream = first_stream + d
        shuffle_within(key, stream, members, starts, order)
        _, bits = next_bits(key + np.uint64(stream) * np.uint64(0x2545F4914F6CDD1D))
        i = rows[below(bits, rows.shape[0])]
        _, bits = next_bits(bits)
        tile = below(bits, packed.tiles.shape[0])
        row = packed.rows[i].view(np.uint8)
        for plane in range(n_planes):
            for s in range(order.shape[0]):
                permuted[0, plane, s] = row[plane, order[s]]
        _count_strata(as_packed, genes.words, 0, tile, counts, 0, cells)
        _exact_row(counts, stride, genes, i, tile, entropies, margins, mi, total)
        _null_moments(genes.row_factors[i], genes.tile_factors[tile], mean, variance, third)
        for lane in range(LANES):
            deviation, varies = np.sqrt(variance[lane]), variance[lane] > 0.0
            z_scores[d, lane] = (total[lane] - mean[lane]) / deviation if varies else -OUT_OF_REACH
            skewness[d, lane] = third[lane] / (variance[lane] * deviation) if varies else 1.0
    log_pearson3_tails(z_scores.ravel(), skewness.ravel(), log_tails.ravel())


@parallel(lambda log_tails: -(-len(log_tails) // DRAWS_AT_ONCE))
def draw_null_within(begin, stop, packed, genes, rows, members, starts, key, first_stream, log_tails):
    """Draw from the null within strata: a random row gene permuted within strata, against a random tile of 16 genes.

    packed: weights laid out by `in_words`, four samples in a word; genes: `StrataGenes`; rows: int64, genes to choose
    the row gene from; members, starts: positions of the samples in these words, see
    `genenet.kernels.shuffling.shuffle_within`; first_stream: number of the stream of random numbers of the first 16
    draws. Out: log_tails: float64 (n_draws / 16, 16), the log pivots.
    """
    for part in range(begin, stop):
        first, last = part * DRAWS_AT_ONCE, min((part + 1) * DRAWS_AT_ONCE, log_tails.shape[0])
        _draw(packed, genes, rows, members, starts, key, first_stream + first, log_tails[first:last])
