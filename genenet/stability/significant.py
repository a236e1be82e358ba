"""Significant pairs alone: those that the step `significance` calls edges, without their p-values."""

import numpy as np

from genenet.config.sections import Significance
from genenet.products.blocks import PairBlock
from genenet.products.pairs import Pairs, Triangle
from genenet.statistics.multiple_testing import step_up
from genenet.statistics.null import Null


def significant_pairs(block: PairBlock, null: Null, settings: Significance) -> Pairs | Triangle:
    """Find the significant pairs; the memory of the block is used for them.

    The step-up rule of Benjamini and Hochberg keeps the n smallest p-values, with the largest n such that all are at
    most alpha n / n_tests. Starting with all pairs, those above this limit are left out and n is counted again until
    none is left out. A pair needs no p-value for that: its pivot is compared with the largest one of the limit.

    Parameters
    ----------
    block
        All pairs of the matrix whose p-value can reach alpha.
    null
        Null distribution.
    settings
        alpha, correction, min_mi.
    """
    pairs, before = block.pairs, len(block.pairs)
    while before:
        last = last_class(null, before, block.n_pairs, settings)
        if last < 0:
            return Pairs.empty(0)
        bound = null.largest_log_pivot_of(last)
        pairs = pairs.keep(lambda part: null.are_extreme(part.mi, part.first, part.second, bound), in_place=True)  # noqa: B023
        if len(pairs) == before:
            break
        before = len(pairs)
    if settings.min_mi > 0:
        pairs = pairs.keep(lambda part: part.mi >= settings.min_mi, in_place=True)
    return pairs


def last_class(null: Null, rank: int, n_tests: int, settings: Significance) -> int:
    """Largest p-value class of the null that is significant if `rank` pairs are in it or below; -1 if there is none."""
    first, last = -1, null.n_classes - 1
    while first < last:
        middle = (first + last + 1) // 2
        pvalue = null.class_pvalues(np.array([middle], np.int32))
        if step_up(pvalue, np.array([rank]), n_tests, settings.correction)[0] <= settings.alpha:
            first = middle
        else:
            last = middle - 1
    return first
