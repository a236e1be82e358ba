"""Mutual information of all pairs, in blocks that can be computed in any order on any machine."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import BEYOND, MANY_PAIRS, MARGIN, Correction
from genenet.errors import ConfigError
from genenet.estimators.all_pairs import LimitedPass, PluginPass, pair_pass
from genenet.estimators.pair_pass import PairPass
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock, collectors, origin_of_null
from genenet.products.origin import check_one_run
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.randomness import Purpose, stream_key
from genenet.statistics.null import Null

# Pairs are left out (`largest_needed_pvalue`) if so many draws of the null are as extreme as those that are kept.
ENOUGH_DRAWS = 1_000
# The share of pairs that have p-values of at most alpha is found from so many pairs, or of so many genes with all. In
# the permuted copy it is at most SURELY times alpha, if the null is calibrated, or times that of the matrix.
SAMPLED_PAIRS, FEWEST_GENES = 500_000, 32
SURELY = 1.25


def block_rows(bins: Bins, block: int, n_blocks: int) -> NDArray[np.int64]:
    """Indices of the row genes of one block; blocks have about the same number of pairs and together every pair once.

    Raises
    ------
    ConfigError
        If the block is not one of 0 .. n_blocks - 1.
    """
    if not 0 <= block < n_blocks:
        raise ConfigError(f"block must be one of 0 .. {n_blocks - 1:,} with {n_blocks:,} blocks, got {block:,}")
    rows = bins.rows
    pairs_before = np.concatenate([[0], np.cumsum(bins.n_pairs_of_rows)])
    cuts = np.searchsorted(pairs_before, [pairs_before[-1] * k // n_blocks for k in (block, block + 1)])
    if block == n_blocks - 1:
        cuts[1] = len(rows)
    return rows[cuts[0] : cuts[1]]


def information(
    bins: Bins,
    null: Null,
    *,
    alpha: float = 0.05,
    block: int = 0,
    n_blocks: int = 1,
    seed: int = 0,
    control: bool = True,
    look_up: bool = True,
    correction: Correction | None = None,
    progress: Callable[[int], None] | None = None,
) -> PairBlock:
    """Compute MI of one block of pairs, and keep the pairs whose p-value may be at most `alpha`.

    The same is done with a permuted copy of the matrix, in which each gene's samples are permuted: a control.

    MI is the plug-in estimate from the joint counts, H(x) + H(y) - H(x, y) (Cover & Thomas 2006, eq. 2.45), in bits.
    With soft bins the joint counts are those of Daub et al. 2004 (doi:10.1186/1471-2105-5-118): sums over samples of
    products of weights.

    Parameters
    ----------
    bins
        Discretised expression.
    null
        Its null distribution.
    alpha
        Pairs whose p-value is surely above this are not kept.
    block, n_blocks
        Number of this block, from 0, and number of blocks.
    seed
        Seed of the permuted copy.
    control
        Whether to compute the permuted copy, which takes half of the time; without it no pair of it is known.
    look_up
        Whether the pairs will be looked up in random order as they are. Without, they are a list unless that is the
        larger form, which is faster if most of them are going to be left out.
    correction
        Correction for multiple testing, if `significance` is going to use this one, and nothing else reads the block:
        then most pairs that cannot be significant are not kept, which takes less time and memory. All up to `alpha`
        are kept if None.
    progress
        Called with the number of pairs done since the last call (of 2 n_pairs: the matrix and its permuted
        copy; of n_pairs without the copy).

    Raises
    ------
    ConfigError
        If the block is not one of 0 .. n_blocks - 1.
    InputError
        If the null is of other bins.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    >>> expression = genenet.prepare(truth.expression)
    >>> bins = genenet.discretise(expression)
    >>> null = genenet.permutation_null(bins, genenet.config.Permutation(n_draws=10_000))
    >>> block = genenet.information(bins, null)
    >>> block.n_pairs, 0 < len(block.pairs) < 190
    (190, True)
    """
    check_one_run({"the null": origin_of_null(null), "the discretised matrix": bins.origin}, warn=False)
    of = bins.fingerprint, null.fingerprint
    rows = block_rows(bins, block, n_blocks)
    passes = pair_pass(bins, null, alpha)
    sums = np.zeros((bins.n_genes, 3), np.int64)
    # One of several blocks is written to a file, as a list.
    new_collectors = partial(collectors, bins.n_genes, all_pairs=bins.all_pairs and n_blocks == 1, look_up=look_up)
    # Blocks are written to files, which may be read with another correction.
    is_limited = n_blocks == 1 and bins.all_pairs and bins.n_pairs >= MANY_PAIRS
    limit = partial(largest_needed_pvalue, null, alpha, correction if is_limited else None)
    data, pvalue = passes.prepared(bins), limit(0.0)
    if pvalue < alpha and type(passes) is PluginPass:
        pvalue = limit(MARGIN * LimitedPass(passes, pvalue).share_reached(data, _genes_all_over(bins)))
    else:
        correction = None
    pass_up_to = partial(_pass_up_to, alpha, passes, rows=rows, progress=progress)
    pairs, largest_mi, share = pass_up_to(pvalue, data, sums=sums, new_collector=lambda: new_collectors()[0])
    del data
    n_pairs = int(sums[:, 0].sum()) // 2
    found = PairBlock(pairs, Pairs.empty(0), sums, n_pairs, alpha, largest_mi, 0.0, *of, correction)
    if not control:
        return found
    copy = passes.prepared(bins.permuted(int(stream_key(seed, Purpose.PERMUTED_CONTROL))))
    pvalue = alpha if correction is None else limit(SURELY * share)
    noise, largest_noise_mi, _ = pass_up_to(
        pvalue, copy, sums=np.zeros_like(sums), new_collector=lambda: new_collectors()[1]
    )
    return replace(found, noise=noise, largest_noise_mi=largest_noise_mi)


def largest_needed_pvalue(null: Null, alpha: float, correction: Correction | None, share: float) -> float:
    """Give the p-value up to which pairs are kept, given the share of pairs that have p-values of at most alpha.

    Benjamini-Hochberg lets no p-value be significant above alpha times the share of the p-values that are at most
    alpha (Bonferroni, and Benjamini-Yekutieli, less); of pairs without any relation the share is about alpha. Twice
    that is kept, since `significance` may continue the null.

    Examples
    --------
    >>> null = Null(np.ones((1, 3)), np.log(np.arange(1, 200_001) / 200_001))
    >>> round(largest_needed_pvalue(null, 0.05, "bh", 0.07), 4), largest_needed_pvalue(null, 0.05, "none", 0.07)
    (0.007, 0.05)
    """
    if correction is None or correction == "none":
        return alpha
    pvalue = BEYOND * alpha * max(share, SURELY * alpha)
    return pvalue if pvalue < alpha / 2 and pvalue * null.n_draws >= ENOUGH_DRAWS else alpha


def _genes_all_over(bins: Bins) -> NDArray[np.int64]:
    """Genes at the same distance from each other, whose pairs with all genes stand for all pairs of the matrix."""
    n = max(FEWEST_GENES, SAMPLED_PAIRS // bins.n_genes)
    return np.unique(np.linspace(0, bins.n_genes - 1, n).astype(np.int64))


def _pass_up_to(
    alpha: float,
    passes: PairPass[Any],
    pvalue: float,
    data: Any,
    *,
    rows: NDArray[np.int64],
    sums: NDArray[np.int64],
    new_collector: Callable[[], Collector],
    progress: Callable[[int], None] | None,
) -> tuple[Pairs | Triangle, float, float]:
    """Go over all pairs; return those up to a p-value, the largest MI, and the share of pairs that are up to alpha.

    sums: as `PairPass.run`.
    """
    found = new_collector()
    if pvalue < alpha and type(passes) is PluginPass:
        limited = LimitedPass(passes, pvalue)
        largest_mi = limited.run(data, rows, sums, found, progress)
        if BEYOND * alpha * limited.n_reached <= pvalue * passes.bins.n_pairs:
            return found.result(), largest_mi, limited.n_reached / passes.bins.n_pairs
        # More pairs than expected are below alpha, so that all of them are needed.
        sums[:], found, progress = 0, new_collector(), None
    largest_mi = passes.run(data, rows, sums, found, progress)
    pairs = found.result()
    return pairs, largest_mi, len(pairs) / max(passes.bins.n_pairs, 1)
