"""Ranks of pairs by a score, for the consensus of several scores."""

import numpy as np

from genenet.kernels.jit import compiled
from genenet.kernels.pearson3 import log


@compiled()
def add_log_places(scores, order, total):
    """Add the logarithm of each pair's rank, 1 for the largest score; equal scores share their mean rank.

    scores: float64 (n,); order: int64 (n,), positions by ascending score; total: float64 (n,).
    """
    n, end = order.shape[0], order.shape[0]
    while end > 0:
        start = end - 1
        while start > 0 and scores[order[start - 1]] == scores[order[end - 1]]:
            start -= 1
        # Ranks n - end + 1 .. n - start.
        value = log(n - 0.5 * (start + end - 1))
        for k in range(start, end):
            total[order[k]] += value
        end = start


@compiled()
def consensus(total, n_scores):
    """Turn sums of logarithms of ranks into 1 (first by all scores) .. 0 (last by all). total: float64 (n,)."""
    n = total.shape[0]
    largest = n_scores * log(np.float64(max(n, 2)))
    for k in range(n):
        total[k] = min(max(1.0 - total[k] / largest, 0.0), 1.0)
