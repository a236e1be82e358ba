"""Find the pairs that the step `significance` calls edges, without computing their p-values."""

from genenet.config.sections import Significance
from genenet.products.blocks import PairBlock
from genenet.products.pairs import Pairs, Triangle
from genenet.statistics.multiple_testing import Adjustment, largest_class
from genenet.statistics.null import Null
from genenet.steps.significance import count_possible


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
    pairs = _of_many(block, null, settings) if isinstance(block.pairs, Triangle) else _of_few(block, null, settings)
    return pairs.keep(lambda part: part.mi >= settings.min_mi, in_place=True) if settings.min_mi > 0 else pairs


def _of_many(block: PairBlock, null: Null, settings: Significance) -> Pairs | Triangle:
    """`significant_pairs` if very many pairs are significant: counting them by p-value is then faster."""
    counts = count_possible(block.pairs, null, block.n_pairs, settings)
    last = Adjustment(null, counts, block.n_pairs, settings.correction).last_class(settings.alpha)
    return _up_to(block.pairs, null, last)


def _of_few(block: PairBlock, null: Null, settings: Significance) -> Pairs | Triangle:
    pairs, before = block.pairs, len(block.pairs) + 1
    while 0 < len(pairs) < before:
        before = len(pairs)
        last = largest_class(null, before, block.n_pairs, settings.correction, settings.alpha)
        pairs = _up_to(pairs, null, last)
    return pairs


def _up_to(pairs: Pairs | Triangle, null: Null, last: int) -> Pairs | Triangle:
    """Keep the pairs of this p-value class or a smaller one."""
    if last < 0:
        return Pairs.empty(0)
    bound = null.largest_log_pivot_of(last)
    return pairs.keep(lambda part: null.are_extreme(part.mi, part.first, part.second, bound), in_place=True)
