"""Mutual information of all pairs, in blocks that can be computed in any order on any machine."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genenet.errors import ConfigError
from genenet.estimators.all_pairs import pair_pass
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock, collectors, origin_of_null
from genenet.products.origin import check_one_run
from genenet.products.pairs import Pairs
from genenet.randomness import Purpose, stream_key
from genenet.statistics.null import Null


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
    check_one_run({"the null": origin_of_null(null), "the bins": bins.origin}, warn=False)
    of = bins.fingerprint, null.fingerprint
    rows = block_rows(bins, block, n_blocks)
    passes = pair_pass(bins, null, alpha)
    sums = np.zeros((bins.n_genes, 3), np.int64)
    # One of several blocks is written to a file, as a list.
    pairs, noise = collectors(bins.n_genes, all_pairs=bins.all_pairs and n_blocks == 1, look_up=look_up)
    largest_mi = passes.run(passes.prepared(bins), rows, sums, pairs, progress)
    n_pairs = int(sums[:, 0].sum()) // 2
    if not control:
        return PairBlock(pairs.result(), Pairs.empty(0), sums, n_pairs, alpha, largest_mi, 0.0, *of)
    permuted = bins.permuted(int(stream_key(seed, Purpose.PERMUTED_CONTROL)))
    largest_noise_mi = passes.run(passes.prepared(permuted), rows, np.zeros_like(sums), noise, progress)
    return PairBlock(pairs.result(), noise.result(), sums, n_pairs, alpha, largest_mi, largest_noise_mi, *of)
