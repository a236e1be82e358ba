"""Mutual information by adaptive partitioning of the plane of ranks (Darbellay & Vajda 1999), as ARACNe uses it.

A box is cut into four at the middle of its two intervals of ranks if its samples are not spread over the four parts as
expected from the margins (chi-square above a limit; the first box is always cut). The parts are cut in the same way.
Each final box adds N_box / n * ln(n N_box / (N_x N_y)), with N_x and N_y the numbers of samples in its intervals. Ranks
are doubled mid-ranks, which are integers, and N_x, N_y are counted, so that ties are on one side of every cut.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log
from genenet.kernels.shuffling import permutation_of
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import PARTS, tested

# Boxes with at most this many samples are not cut further (as in ARACNe).
SMALLEST_BOX = 2


@inner()
def _split(samples, low, high, ranks, cut):
    """Move samples[low:high] with ranks up to the cut before the others; return where the others begin."""
    left, right = low, high - 1
    while left <= right:
        if ranks[samples[left]] <= cut:
            left += 1
        else:
            samples[left], samples[right] = samples[right], samples[left]
            right -= 1
    return left


@inner()
def _push(boxes, depth, start, end, x_low, x_high, y_low, y_high):
    """Put a box on the stack if it has samples: their positions, and its first and last rank in x and in y."""
    if end > start:
        box = boxes[depth]
        box[0], box[1], box[2], box[3], box[4], box[5] = start, end, x_low, x_high, y_low, y_high
        depth += 1
    return depth


@inner()
def adaptive(x, y, below_x, below_y, limit, samples, boxes):
    """MI in nats of two genes by adaptive partitioning of their ranks.

    x, y: int32 (n,), doubled mid-ranks; below_x, below_y: int32 (2 n + 2,), how many samples have at most this doubled
    rank; limit: chi-square above which a box is cut; samples: int32 (n,) and boxes: int32 (n + 4, 6): buffers.
    """
    n = x.shape[0]
    for s in range(n):
        samples[s] = s
    depth = _push(boxes, 0, 0, n, 1, n, 1, n)
    total, first_box = 0.0, True
    while depth > 0:
        depth -= 1
        box = boxes[depth]
        start, end, x_low, x_high, y_low, y_high = box[0], box[1], box[2], box[3], box[4], box[5]
        inside = end - start
        n_x = below_x[2 * x_high + 1] - below_x[2 * x_low - 1]
        n_y = below_y[2 * y_high + 1] - below_y[2 * y_low - 1]
        if inside > SMALLEST_BOX and (x_low < x_high or y_low < y_high):
            x_middle, y_middle = (x_low + x_high) // 2, (y_low + y_high) // 2
            middle = _split(samples, start, end, x, 2 * x_middle + 1)
            lower = _split(samples, start, middle, y, 2 * y_middle + 1)
            upper = _split(samples, middle, end, y, 2 * y_middle + 1)
            left = (below_x[2 * x_middle + 1] - below_x[2 * x_low - 1]) / n_x
            bottom = (below_y[2 * y_middle + 1] - below_y[2 * y_low - 1]) / n_y
            statistic = 0.0
            for number, share in (
                (lower - start, left * bottom),
                (middle - lower, left * (1.0 - bottom)),
                (upper - middle, (1.0 - left) * bottom),
                (end - upper, (1.0 - left) * (1.0 - bottom)),
            ):
                if share > 0.0:
                    statistic += (number - inside * share) ** 2 / (inside * share)
            if first_box or statistic > limit:
                first_box = False
                depth = _push(boxes, depth, start, lower, x_low, x_middle, y_low, y_middle)
                depth = _push(boxes, depth, lower, middle, x_low, x_middle, y_middle + 1, y_high)
                depth = _push(boxes, depth, middle, upper, x_middle + 1, x_high, y_low, y_middle)
                depth = _push(boxes, depth, upper, end, x_middle + 1, x_high, y_middle + 1, y_high)
                continue
        total += inside * log(n * inside / (np.float64(n_x) * n_y))
    return total / n


class RankedGenes(NamedTuple):
    """Ranks of genes, and the limit above which a box is cut further."""

    ranks: NDArray[np.int32]
    """Doubled mid-ranks, shape (n_genes, n_samples)."""
    below: NDArray[np.int32]
    """How many samples have at most this doubled rank, shape (n_genes, 2 n_samples + 2)."""
    limit: float
    """Chi-square above which a box is cut."""


@parallel(lambda rows: len(rows.genes) * PARTS)
def adaptive_rows(begin, stop, ranked, rows, mi):
    """MI in nats of each row gene with the genes from first_column on; a pair of two row genes is computed once.

    ranked: `RankedGenes`; rows: `genenet.kernels.thresholds.Rows`; mi: float64 (n_rows, n_genes), of which only
    `tested` pairs are written.
    """
    ranks, below, limit = ranked
    genes, is_row, first_column = rows
    n_genes, n = ranks.shape
    for task in range(begin, stop):
        samples, boxes = np.empty(n, np.int32), np.empty((n + 4, 6), np.int32)
        k = task // PARTS
        i = genes[k]
        for j in range(first_column + task % PARTS, n_genes, PARTS):
            if tested(i, j, is_row):
                mi[k, j] = adaptive(ranks[i], ranks[j], below[i], below[j], limit, samples, boxes)


@parallel(lambda pairs: len(pairs.first))
def adaptive_draws(begin, stop, ranked, pairs, mi):
    """MI in nats of pairs with the samples of each first gene permuted.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    ranks, below, limit = ranked
    n = ranks.shape[1]
    for p in range(begin, stop):
        samples, boxes = np.empty(n, np.int32), np.empty((n + 4, 6), np.int32)
        i, j = pairs.first[p], pairs.second[p]
        mi[p] = adaptive(ranks[i][permutation_of(pairs, p)], ranks[j], below[i], below[j], limit, samples, boxes)
