"""Draws of the permutation null: MI of a row gene whose samples are permuted with a tile of 16 column genes."""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import exact_lanes
from genenet.kernels.jit import compiled, inner
from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Packed
from genenet.kernels.shuffling import below, next_bits, random_swaps
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES

# Planes whose weights fit into the 64-bit word that holds a sample while samples are swapped.
BYTES = 8


@inner(optimised=False)
def _permute(row, swaps, samples, permuted):
    """Permute the samples of a row gene by given swaps (see `random_swaps`).

    row, permuted: uint8 (n_planes, n_words * 4), weights; samples: uint64 (n_samples,), a buffer: all weights of a
    sample are moved at once, as one word.
    """
    n = samples.shape[0]
    for first in range(0, row.shape[0], BYTES):
        last = min(first + BYTES, row.shape[0])
        for s in range(n):
            samples[s] = 0
        for r in range(first, last):
            shift = np.uint64(8 * (r - first))
            for s in range(n):
                samples[s] |= np.uint64(row[r, s]) << shift
        for step in range(n - 1):
            k, other = n - 1 - step, swaps[step]
            samples[k], samples[other] = samples[other], samples[k]
        for r in range(first, last):
            shift = np.uint64(8 * (r - first))
            for s in range(n):
                permuted[r, s] = np.uint8((samples[s] >> shift) & np.uint64(255))


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


def by_tile(n: int, key: np.uint64, first: int, n_rows: int, n_tiles: int) -> NDArray[np.int64]:
    """Order of n streams of random numbers by their tiles: those of a tile find it in a core's own cache.

    Examples
    --------
    >>> sorted(by_tile(50, np.uint64(7), 0, 30, 2).tolist()) == list(range(50))
    True
    """
    row, tile = np.empty(n, np.int64), np.empty(n, np.int64)
    choose(key, first, n_rows, n_tiles, row, tile)
    return np.argsort(tile, kind="stable")


@parallel(lambda order: len(order))
def draw_null(begin, stop, packed, genes, rows, n_samples, key, first_stream, order, z_scores, skewness):
    """Draw from the null: a random row gene with its samples permuted, against a random tile of 16 column genes.

    packed, genes: `genenet.kernels.packing`; rows: int64, genes to choose the row gene from; first_stream: number of
    the stream of random numbers of the first 16 draws; order: int64 (n_draws / 16,), in which the streams are drawn.
    Out: z_scores, skewness: float64 (n_draws / 16, 16), of each draw's MI by the null moments of its pair.
    """
    n_planes, n_words = packed.rows.shape[1], packed.tiles.shape[1]
    stride, n_bins = packed.tiles.shape[2] * LANES, genes.rows.margins.shape[1]
    swaps, samples = np.empty(n_samples, np.int64), np.empty(n_samples, np.uint64)
    permuted = np.zeros((1, n_planes, n_words * 4), np.uint8)
    as_packed = Packed(permuted.view(np.int32), packed.tiles, packed.row_planes, packed.column_planes)
    counts, mi = np.empty(n_planes * stride, np.int32), np.empty(LANES)
    entropies, margins = np.empty(LANES), np.empty((n_bins, LANES), np.int32)
    for d in order[begin:stop]:
        stream = first_stream + d
        random_swaps(key, stream, swaps)
        row, tile = chosen(key, stream, rows.shape[0], packed.tiles.shape[0])
        i = rows[row]
        _permute(packed.rows[i].view(np.uint8), swaps, samples, permuted[0])
        count(as_packed, 0, tile, 0, n_words, counts, 0)
        for lane in range(LANES):
            entropies[lane] = genes.rows.entropies[i]
            for b in range(n_bins):
                margins[b, lane] = genes.rows.margins[i, b]
        exact_lanes(
            counts, stride, n_bins, margins, genes.tiles.margins[tile], genes.scale,
            entropies, genes.tiles.entropies[tile], mi, 0,
        )  # fmt: skip
        own, others = genes.rows.null_factors[i], genes.tiles.null_factors[tile]
        for lane in range(LANES):
            z_scores[d, lane] = (mi[lane] - own[0] * others[0, lane]) / (own[1] * others[1, lane])
            skewness[d, lane] = own[2] * others[2, lane]
