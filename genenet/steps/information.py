"""Mutual information of all pairs, in blocks that can be computed in any order on any machine."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Correction
from genenet.errors import ConfigError
from genenet.estimators.all_pairs import ControlPass, PluginPass, pair_pass
from genenet.estimators.pair_pass import PairPass
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock, collectors, origin_of_null
from genenet.products.origin import check_one_run
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.randomness import Purpose, stream_key
from genenet.statistics.null import Null

# The permuted copy of a matrix of so many pairs is kept up to a smaller p-value than alpha (see `control_pvalue`): so
# many times the largest that can be significant if the share of its pairs below alpha is at most SURELY times alpha,
# and if so many draws of the null are below.
MANY_PAIRS = 5_000_000
BEYOND, SURELY, ENOUGH_DRAWS = 2.0, 1.25, 1_000


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
        Correction for multiple testing, if `significance` is going to use this one and `alpha`, and nothing else reads
        the block: then most pairs of the permuted copy that cannot be significant are not kept. All up to `alpha` are
        kept if None.
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
    pairs, _ = new_collectors()
    largest_mi = passes.run(passes.prepared(bins), rows, sums, pairs, progress)
    n_pairs = int(sums[:, 0].sum()) // 2
    if not control:
        return PairBlock(pairs.result(), Pairs.empty(0), sums, n_pairs, alpha, largest_mi, 0.0, *of)
    found = pairs.result()
    copy = passes.prepared(bins.permuted(int(stream_key(seed, Purpose.PERMUTED_CONTROL))))
    pvalue = control_pvalue(null, alpha, correction, len(found) / max(n_pairs, 1))
    if n_blocks > 1 or not bins.all_pairs or n_pairs < MANY_PAIRS:
        pvalue = alpha
    noise, largest_noise_mi = _control(passes, copy, rows, alpha, pvalue, lambda: new_collectors()[1], progress)
    return PairBlock(found, noise, sums, n_pairs, alpha, largest_mi, largest_noise_mi, *of)


def control_pvalue(null: Null, alpha: float, correction: Correction | None, share_kept: float) -> float:
    """Give the p-value up to which pairs of the permuted copy are kept, given the share of pairs up to alpha.

    Benjamini-Hochberg lets no p-value be significant above alpha times the share of the p-values that are at most
    alpha (Bonferroni, and Benjamini-Yekutieli, less); the share of the permuted copy is about alpha. Twice that is
    kept, since `significance` may continue the null.

    Examples
    --------
    >>> null = Null(np.ones((1, 3)), np.log(np.arange(1, 200_001) / 200_001))
    >>> round(control_pvalue(null, 0.05, "bh", 0.07), 4), control_pvalue(null, 0.05, "none", 0.07)
    (0.007, 0.05)
    """
    if correction is None or correction == "none":
        return alpha
    pvalue = BEYOND * alpha * max(share_kept, SURELY * alpha)
    return pvalue if pvalue < alpha / 2 and pvalue * null.n_draws >= ENOUGH_DRAWS else alpha


def _control(
    passes: PairPass[Any],
    copy: Any,
    rows: NDArray[np.int64],
    alpha: float,
    pvalue: float,
    new_collector: Callable[[], Collector],
    progress: Callable[[int], None] | None,
) -> tuple[Pairs | Triangle, float]:
    """Pairs of the permuted copy up to a p-value, alpha or less, and their largest MI."""
    sums, found = np.zeros((passes.bins.n_genes, 3), np.int64), new_collector()
    if pvalue < alpha and type(passes) is PluginPass:
        control = ControlPass(passes, pvalue)
        largest = control.run(copy, rows, sums, found, progress)
        if BEYOND * alpha * control.n_reached <= pvalue * passes.bins.n_pairs:
            return found.result(), largest
        # More pairs than expected are below alpha: the null does not fit, and all of them are needed.
        found, progress = new_collector(), None
    largest = passes.run(copy, rows, sums, found, progress)
    return found.result(), largest
