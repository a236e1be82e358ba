"""Draws of the permutation null: MI of a row gene whose samples are permuted with a tile of 16 column genes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import screen_lanes
from genenet.kernels.exact_queue import compute_queue, enqueue, new_queue
from genenet.kernels.jit import compiled, inner
from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Genes, Packed
from genenet.kernels.shuffling import below, next_bits, random_swaps
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES, lowest_bit

# Planes whose weights fit into the 64-bit word that holds a sample while samples are swapped, and how many of them are
# put into the words, or taken out, in one pass over the samples.
BYTES, BYTES_AT_ONCE = 8, 5
# No threshold: see `draw_null`.
EVERY_DRAW = np.empty(0, np.float32)


class Drawn(NamedTuple):
    """Genes from which the null is drawn.

    weights: uint8 (n_genes, n_bins, n_samples), each at most 127; lanes: int64 (n_tiles * 16,), the gene in each lane
    of the tiles; genes: their tables, in the order of the lanes; rows: int64, lanes of the genes to choose the row gene
    from; key: of the random numbers; row_planes, column_planes: as in `genenet.kernels.packing.Packed`.
    """

    weights: NDArray[np.uint8]
    lanes: NDArray[np.int64]
    genes: Genes
    rows: NDArray[np.int64]
    key: np.uint64
    row_planes: NDArray[np.uint8]
    column_planes: NDArray[np.uint8]


class Streams(NamedTuple):
    """Streams of random numbers, sixteen draws each, from a number on, in the order of their tiles.

    numbers, rows, tiles: int64 (n,), number of each stream, its row gene (the place among `Drawn.rows`) and its tile.
    """

    numbers: NDArray[np.int64]
    rows: NDArray[np.int64]
    tiles: NDArray[np.int64]


@inner(optimised=False)
def _permute(row, swaps, samples, moved, permuted):
    """Permute the samples of a row gene by given swaps (see `random_swaps`).

    row: uint8 (n_bins, n_samples), weights; samples, moved: uint64 (n_samples,), buffers: all weights of a sample are
    moved at once, as one word; permuted: uint8 (n_bins - 1 or more, n_samples or more).
    """
    n, n_planes = samples.shape[0], row.shape[0] - 1
    for first in range(0, n_planes, BYTES):
        last = min(first + BYTES, n_planes)
        for r in range(first, last, BYTES_AT_ONCE):
            # Beyond the last plane comes the last one again, into bytes that are not used.
            a, b, c = row[r], row[min(r + 1, last - 1)], row[min(r + 2, last - 1)]
            d, e = row[min(r + 3, last - 1)], row[min(r + 4, last - 1)]
            shift, before = np.uint64(8 * (r - first)), np.uint64((1 << 8 * (r - first)) - 1)
            for s in range(n):
                word = np.uint64(a[s]) | np.uint64(b[s]) << np.uint64(8)
                word |= np.uint64(c[s]) << np.uint64(16) | np.uint64(d[s]) << np.uint64(24)
                word |= np.uint64(e[s]) << np.uint64(32)
                samples[s] = samples[s] & before | word << shift
        # A sample that was swapped with position k stays there: positions are done from the last one down.
        for step in range(n - 1):
            k, other = np.uint64(n - 1 - step), swaps[step]
            moved[k] = samples[other]
            samples[other] = samples[k]
        moved[0] = samples[0]
        for r in range(first, last):
            shift = np.uint64(8 * (r - first))
            for s in range(n):
                permuted[r, s] = np.uint8((moved[s] >> shift) & np.uint64(255))


@inner(optimised=False)
def _interleave(weights, lanes, padded, tile):
    """Lay out 16 column genes side by side, all bins but the last.

    weights: uint8 (n_genes, n_bins, n_samples); lanes: int64 (16,), the genes; padded: uint8 (n_words * 4,), a buffer
    that ends with zeros; tile: int32 (n_words, n_bins - 1 or more, 16).
    """
    words = padded.view(np.int32)
    for lane in range(LANES):
        for plane in range(weights.shape[1] - 1):
            of_gene = weights[lanes[lane], plane]
            for s in range(of_gene.shape[0]):
                padded[s] = of_gene[s]
            for w in range(words.shape[0]):
                tile[w, plane, lane] = words[w]


@compiled(inline="always")
def chosen(key, stream, n_rows, n_tiles):
    """Row gene (its place among the rows) and tile of the draws of a stream of random numbers."""
    _, bits = next_bits(key + np.uint64(stream) * np.uint64(0x2545F4914F6CDD1D))
    row = below(bits, n_rows)
    _, bits = next_bits(bits)
    return row, below(bits, n_tiles)


@compiled()
def choose(key, first, n_rows, n_tiles, row, tile):
    """Place of the row gene, and tile, of streams of random numbers from number `first` on: row, tile: int64 (n,)."""
    for d in range(row.shape[0]):
        row[d], tile[d] = chosen(key, first + d, n_rows, n_tiles)


def streams(n: int, key: np.uint64, first: int, n_rows: int, n_tiles: int) -> Streams:
    """Choose the genes of n streams of random numbers from number `first` on, and sort the streams by their tiles.

    Examples
    --------
    >>> found = streams(50, np.uint64(7), 100, 30, 2)
    >>> sorted(found.numbers.tolist()) == list(range(100, 150)), bool((np.diff(found.tiles) >= 0).all())
    (True, True)
    """
    row, tile = np.empty(n, np.int64), np.empty(n, np.int64)
    choose(key, first, n_rows, n_tiles, row, tile)
    # numpy sorts small types by counting.
    order = np.argsort(tile.astype(np.min_scalar_type(n_tiles)), kind="stable")
    return Streams(first + order, row[order], tile[order])


@parallel(lambda streams: len(streams.numbers))
def draw_null(begin, stop, drawn, streams, threshold, mi):
    """Draw from the null: a random row gene with its samples permuted, against a random tile of 16 column genes.

    drawn: `Drawn`; streams: `Streams`; threshold: float32 (n_powers,), critical z-score as a polynomial in a pair's
    skewness, highest power first, or `EVERY_DRAW`. Out: mi: float64 (n_streams, 16), exact MI (bits) of the draws that
    reach the threshold, and -1 of the others.
    """
    # Local names: each look-up of an array in a tuple counts its references, which is slow in a loop.
    weights, lanes, genes, rows, key, row_planes, column_planes = drawn
    numbers, row_of, tile_of = streams
    row_margins, row_entropies, row_factors = genes.rows.margins, genes.rows.entropies, genes.rows.screen_factors
    every, scale, single = threshold.shape[0] == 0, genes.scale, np.float32(genes.scale)
    n_bins, n_samples = weights.shape[1], weights.shape[2]
    n_words, n_planes = -(-n_samples // 4), n_bins - 1
    planes_x = -(-n_planes // row_planes.ndim) * row_planes.ndim
    planes_y = -(-n_planes // column_planes.ndim) * column_planes.ndim
    stride, cells = planes_y * LANES, planes_x * planes_y * LANES
    tile, padded = np.zeros((1, n_words, planes_y, LANES), np.int32), np.zeros(n_words * 4, np.uint8)
    permuted = np.zeros((1, planes_x, n_words * 4), np.uint8)
    packed = Packed(permuted.view(np.int32), tile, row_planes, column_planes)
    swaps, samples = np.empty(n_samples, np.uint64), np.empty(n_samples, np.uint64)
    moved = np.empty(n_samples, np.uint64)
    counts, screened, queue = np.empty(cells, np.int32), np.empty(LANES, np.float32), new_queue(cells, n_bins)
    # Without a threshold the joint counts need not be copied to where pairs wait for the exact pass.
    own = queue.counts if every else counts
    current, n_waiting = np.int64(-1), np.int64(0)
    for d in range(begin, stop):
        i, number = rows[row_of[d]], tile_of[d]
        if number != current:
            _interleave(weights, lanes[number * LANES : (number + 1) * LANES], padded, tile[0])
            current = number
        margins, entropies = genes.tiles.margins[number], genes.tiles.entropies[number]
        random_swaps(key, numbers[d], swaps)
        _permute(weights[lanes[i]], swaps, samples, moved, permuted[0])
        count(packed, 0, 0, 0, n_words, own, 0)
        mask = np.int32(0)
        if every:
            for lane in range(LANES):
                queue.row_entropies[lane], queue.column_entropies[lane] = row_entropies[i], entropies[lane]
                queue.cells[lane, 0], queue.cells[lane, 1] = d, lane
                for b in range(n_bins):
                    queue.row_margins[b, lane], queue.column_margins[b, lane] = row_margins[i, b], margins[b, lane]
            n_waiting = np.int64(LANES)
        else:
            for lane in range(LANES):
                mi[d, lane] = -1.0
            mask = screen_lanes(
                own, stride, n_bins, row_margins[i], margins, single, row_factors[i],
                genes.tiles.screen_factors[number], threshold, screened, 0,
            )  # fmt: skip
        while True:
            while mask != 0 and n_waiting < LANES:
                lane = lowest_bit(mask)
                mask &= mask - np.int32(1)
                enqueue(queue, n_waiting, own, lane, row_margins[i], margins, row_entropies[i], entropies[lane])
                queue.cells[n_waiting, 0], queue.cells[n_waiting, 1] = d, lane
                n_waiting += 1
            # This is the only place that computes, as the code for it is long.
            if n_waiting == LANES or (d == stop - 1 and mask == 0 and n_waiting > 0):
                compute_queue(queue, n_waiting, stride, scale, mi)
                n_waiting = np.int64(0)
            if mask == 0:
                break
