"""Mid-ranks of the values of a gene, and their z-scores."""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import parallel, share
from genenet.kernels.weights import z_scores

# Genes that are sorted at a time: what they need stays in a core's second cache.
ROWS_AT_ONCE = 32
# Keys of 32 bits have room for the values beside the numbers of at most so many samples.
MOST_KEYED = 1 << 16
# The values of a gene are sorted themselves, if keys are off by more places than this for each sample.
MOST_MOVES = 8


def mid_ranks(values: NDArray[np.float64], ranks: NDArray[np.float64]) -> None:
    """Ranks 1 .. n_samples of each gene, ties sharing their mean. values, ranks: float64 (n_genes, n_samples)."""

    def rank(start: int, end: int) -> None:
        for first in range(start, end, ROWS_AT_ONCE):
            rows = slice(first, min(first + ROWS_AT_ONCE, end))
            _rank_rows(values[rows], ranks[rows])

    share(len(values), rank)


def rank_scores(values: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    """`z_scores` of the mid-ranks of each gene. values, scores: float64 (n_genes, n_samples)."""

    def standardise(start: int, end: int) -> None:
        for first in range(start, end, ROWS_AT_ONCE):
            rows = slice(first, min(first + ROWS_AT_ONCE, end))
            ranks = np.empty_like(scores[rows])
            _rank_rows(values[rows], ranks)
            z_scores(ranks, scores[rows])

    share(len(values), standardise)


def _rank_rows(values: NDArray[np.float64], ranks: NDArray[np.float64]) -> None:
    """Mid-ranks of a few genes.

    The samples of a gene are sorted by whole numbers of 32 bits, which takes a third of the time of sorting them by
    their values: the upper bits are the value on a scale from the smallest to the largest, the lower bits the number of
    the sample. Values that share their upper bits are brought in order afterwards.
    """
    n_samples = values.shape[1]
    n_bits = max(n_samples - 1, 1).bit_length()
    keys, are_ranked = np.empty(values.shape, np.uint32), np.zeros(len(values), np.bool_)
    if n_samples <= MOST_KEYED:
        _make_keys(values, n_bits, keys)
        keys.sort(axis=1)
        _rank_by_keys(values, keys, n_bits, ranks, are_ranked)
    others = np.flatnonzero(~are_ranked)
    if len(others):
        some, found = values[others], np.empty((len(others), n_samples))
        order = np.argsort(some, axis=1).astype(np.uint32)
        _rank_by_keys(some, order, 32, found, are_ranked[others])
        ranks[others] = found


@parallel(lambda values: len(values))
def _make_keys(begin, stop, values, n_bits, keys):
    """Number each sample, with its value in the bits above the lowest n_bits.

    values: float64 (n_genes, n_samples); keys: uint32, of the same shape. Genes whose range is no number, as with an
    infinite or a missing value, have keys without values.
    """
    n = values.shape[1]
    for i in range(begin, stop):
        low, high, check = values[i, 0], values[i, 0], 0.0
        for s in range(n):
            low, high = min(low, values[i, s]), max(high, values[i, s])
        for s in range(n):
            check += values[i, s] * 0.0
        top = np.float64((np.int64(1) << (32 - n_bits)) - 1)
        length = high - low
        scale = top / length if length > 0.0 and length < np.inf and check == 0.0 else 0.0
        scale = scale if scale < np.inf else 0.0
        for s in range(n):
            upper = np.int64((values[i, s] - low) * scale) if scale > 0.0 else np.int64(0)
            keys[i, s] = np.uint32((upper << n_bits) | s)


@parallel(lambda values: len(values))
def _rank_by_keys(begin, stop, values, keys, n_bits, ranks, are_ranked):
    """Mid-ranks from the keys of each gene in ascending order, whose lowest n_bits are the numbers of the samples.

    values, ranks: float64 (n_genes, n_samples); keys: uint32, of the same shape, brought in the order of the values;
    are_ranked: bool (n_genes,), overwritten: whether that took few moves, else the ranks are not made.
    """
    n = values.shape[1]
    mask = np.uint32((np.int64(1) << n_bits) - 1)
    for i in range(begin, stop):
        highest, n_moves = values[i, keys[i, 0] & mask], 0
        for k in range(1, n):
            key = keys[i, k]
            value = values[i, key & mask]
            if value < highest:
                place = k
                while place > 0 and value < values[i, keys[i, place - 1] & mask]:
                    keys[i, place] = keys[i, place - 1]
                    place -= 1
                keys[i, place] = key
                n_moves += k - place
                if n_moves > MOST_MOVES * n:
                    break
            else:
                highest = value
        are_ranked[i] = n_moves <= MOST_MOVES * n
        if not are_ranked[i]:
            continue
        start = 0
        while start < n:
            end, value = start + 1, values[i, keys[i, start] & mask]
            while end < n and values[i, keys[i, end] & mask] == value:
                end += 1
            for k in range(start, end):
                ranks[i, keys[i, k] & mask] = 0.5 * (start + 1 + end)
            start = end
