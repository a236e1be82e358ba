"""Draws of the permutation null: MI of a row gene whose samples are permuted with a tile of 16 column genes."""

import numpy as np
from numba import njit

from genenet.kernels.entropy_lanes import exact_lanes
from genenet.kernels.joint_counts import count
from genenet.kernels.packing import Packed
from genenet.kernels.pearson3 import log_pearson3_tail
from genenet.kernels.shuffling import below, next_bits, shuffle
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES


@njit(cache=True)
def _permuted(row, order):
    """Permute the samples of one row gene, int32 (n_planes, n_words); returns (1, n_planes, n_words)."""
    n_planes, n_words = row.shape
    weights = row.view(np.uint8)
    permuted = np.zeros((1, n_planes, n_words * 4), np.uint8)
    for r in range(n_planes):
        for s in range(order.shape[0]):
            permuted[0, r, s] = weights[r, order[s]]
    return permuted.view(np.int32)


@njit(cache=True)
def _draw(packed, genes, rows, n_samples, key, stream, log_tails):
    """Sixteen draws of `draw_null` that share a permutation. Out: log_tails: float64 (16,)."""
    order = np.empty(n_samples, np.int64)
    shuffle(key, stream, order)
    _, bits = next_bits(key + np.uint64(stream) * np.uint64(0x2545F4914F6CDD1D))
    i = rows[below(bits, rows.shape[0])]
    _, bits = next_bits(bits)
    tile = below(bits, packed.tiles.shape[0])
    n_words, stride, n_bins = packed.tiles.shape[1], packed.tiles.shape[2] * LANES, genes.rows.margins.shape[1]
    counts = np.empty(packed.rows.shape[1] * stride, np.int32)
    permuted = Packed(_permuted(packed.rows[i], order), packed.tiles, packed.row_planes, packed.column_planes)
    count(permuted, 0, tile, 0, n_words, counts, 0)
    entropies, margins = np.empty(LANES), np.empty((n_bins, LANES), np.int32)
    for lane in range(LANES):
        entropies[lane] = genes.rows.entropies[i]
        for b in range(n_bins):
            margins[b, lane] = genes.rows.margins[i, b]
    mi = np.empty(LANES)
    exact_lanes(
        counts, stride, n_bins, margins, genes.tiles.margins[tile], genes.scale,
        entropies, genes.tiles.entropies[tile], mi, 0,
    )  # fmt: skip
    own, others = genes.rows.null_factors[i], genes.tiles.null_factors[tile]
    for lane in range(LANES):
        z_score = (mi[lane] - own[0] * others[0, lane]) / (own[1] * others[1, lane])
        log_tails[lane] = log_pearson3_tail(z_score, own[2] * others[2, lane])


@parallel(lambda log_tails: len(log_tails))
def draw_null(begin, stop, packed, genes, rows, n_samples, key, first_stream, log_tails):
    """Draw from the null: a random row gene with its samples permuted, against a random tile of 16 column genes.

    packed, genes: `genenet.kernels.packing`; rows: int64, genes to choose the row gene from; first_stream: number of
    the stream of random numbers of the first 16 draws. Out: log_tails: float64 (n_draws / 16, 16), the log pivots.
    """
    for d in range(begin, stop):
        _draw(packed, genes, rows, n_samples, key, first_stream + d, log_tails[d])
