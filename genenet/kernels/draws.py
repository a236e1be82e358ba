"""Draws of the permutation null: MI of pairs of which one gene's samples are permuted."""

import numpy as np
from numba import njit

from genenet.kernels.entropy_lanes import exact_lanes
from genenet.kernels.joint_counts import LANES, count
from genenet.kernels.pearson3 import log_pearson3_tail
from genenet.kernels.shuffling import below, next_bits, shuffle
from genenet.kernels.threads import parallel


@njit(cache=True)
def _draw(
    x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    entropies, column_entropies, moments, column_moments, rows, n_samples, key, draw, mi, log_tails,
):  # fmt: skip
    """One draw of `draw_null`: its number is that of its stream. Out: mi, log_tails: float64 (16,)."""
    n_groups, n_steps, planes_y = y.shape[0], y.shape[1], y.shape[2]
    planes_x = x.shape[1]
    flat_y = y.ravel()
    order = np.empty(n_samples, np.int64)
    shuffle(key, draw, order)
    _, bits = next_bits(key + np.uint64(draw) * np.uint64(0x2545F4914F6CDD1D))
    i = rows[below(bits, rows.shape[0])]
    _, bits = next_bits(bits)
    group = below(bits, n_groups)
    octets = x[i].view(np.uint8)
    shuffled = np.zeros((planes_x, n_steps * 4), np.uint8)
    for r in range(planes_x):
        for s in range(n_samples):
            shuffled[r, s] = octets[r, order[s]]
    counts = np.empty(planes_x * planes_y * LANES, np.int32)
    count(
        shuffled.view(np.int32).ravel(), 0, flat_y, group * n_steps * planes_y * LANES,
        n_steps, 0, n_steps, planes_x, planes_y, tile_x, tile_y, counts, 0,
    )  # fmt: skip
    row_entropies, margins = np.empty(LANES), np.empty((n_bins, LANES), np.int32)
    for lane in range(LANES):
        row_entropies[lane] = entropies[i]
        for b in range(n_bins):
            margins[b, lane] = row_margins[i, b]
    exact_lanes(
        counts, planes_y * LANES, n_bins, margins, column_margins[group], scale,
        row_entropies, column_entropies[group], mi, 0,
    )  # fmt: skip
    factors = column_moments[group]
    for lane in range(LANES):
        deviation = (mi[lane] - moments[i, 0] * factors[0, lane]) / (moments[i, 1] * factors[1, lane])
        log_tails[lane] = log_pearson3_tail(deviation, moments[i, 2] * factors[2, lane])


@parallel(lambda mi: len(mi))
def draw_null(
    begin, stop, x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    entropies, column_entropies, moments, column_moments, rows, n_samples, key, start, mi, log_tails,
):  # fmt: skip
    """Draws of the null: a random row gene with its samples permuted, against a random group of 16 column genes.

    rows: int64, genes to draw the row gene from; moments: float64 (n_genes, 3), column_moments: float64 (n_groups, 3,
    16): factors of the null's mean, standard deviation (bits) and skewness; start: number of the first draw of 16, the
    stream of random numbers that it uses. Out: mi, log_tails: float64 (n_draws, 16).
    """
    for d in range(begin, stop):
        _draw(
            x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
            entropies, column_entropies, moments, column_moments, rows, n_samples, key, start + d, mi[d], log_tails[d],
        )  # fmt: skip
