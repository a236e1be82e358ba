"""Significant edges from the pairs of all blocks: p-values, multiple testing, and the permuted control."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import BAD_FIT, Significance
from genenet.errors import ConfigError, count, logger_of
from genenet.estimators.null_draws import drawn
from genenet.products.bins import Bins
from genenet.products.blocks import QVALUES_KNOWN, PairBlock, gather, origin_of_null
from genenet.products.edges import Edges
from genenet.products.origin import check_one_run
from genenet.products.pairs import Pairs, Triangle, each_part
from genenet.statistics.multiple_testing import Adjustment, harmonic, largest_class
from genenet.statistics.null import SPREAD, Null, draws_needed, draws_wanted, samples_needed
from genenet.statistics.permuted_control import like_noise

log = logger_of("genenet")

# The largest permutation.n_draws: warnings do not recommend more draws.
LARGEST_N_DRAWS = 1_000_000_000
# Pairs that can be significant are listed if they are at most this share, below 1, of those before.
FEW = 0.25


def significance(
    blocks: Iterable[PairBlock],
    bins: Bins,
    null: Null,
    settings: Significance | None = None,
    *,
    in_place: bool = False,
    whole_null: bool = True,
) -> Edges:
    """Merge the blocks of pairs and select the significant edges.

    The null gets more draws, up to its limit, if too few of them are as extreme as the cut-off of the edges.

    Parameters
    ----------
    blocks
        All blocks of pairs, in any order.
    bins, null
        Discretised expression and its null.
    settings
        alpha (adjusted p-value of an edge), correction, min_mi (bits).
    in_place
        Reuse the memory of the blocks for the edges; the blocks must not be used afterwards.
    whole_null
        Whether the null of the edges has to have the p-values of all pairs. Without, it has those of pairs in blocks,
        and more draws take less time.

    Raises
    ------
    ConfigError
        If blocks are missing, were made for a smaller alpha, or the cut-off is below the null's resolution and
        p-values are not extrapolated.
    InputError
        If blocks, bins and null are of different runs.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    >>> expression = genenet.prepare(truth.expression)
    >>> bins = genenet.discretise(expression)
    >>> null = genenet.permutation_null(bins, genenet.config.Permutation(n_draws=10_000))
    >>> edges = genenet.significance([genenet.information(bins, null)], bins, null)
    >>> len(edges) == edges.statistics["n_significant"] == (edges.table["qvalue"] <= 0.05).sum()
    np.True_
    """
    settings = settings or Significance()
    check_one_run({"the null": origin_of_null(null), "the discretised matrix": bins.origin}, warn=False)
    null = null.of_present(bins.present if bins.has_missing else None)
    block = gather(_of_one_run(blocks, bins, null), all_pairs=bins.all_pairs)
    _check_complete(block, bins, settings)
    null, possible, counts = with_enough_draws(null, block, bins, settings, whole_null=whole_null)
    _check_resolution(block.n_pairs, null, settings)
    adjustment = Adjustment(null, counts, block.n_pairs, settings.correction)
    if adjustment.last_class(settings.alpha) < 0:
        # The smallest adjusted p-value is told, and that is one of all pairs that are known.
        counts = count_classes(block.pairs, null)
        adjustment = Adjustment(null, counts, block.n_pairs, settings.correction)
    best = np.flatnonzero(counts)[:1].astype(np.int32)
    smallest = [float(value) for values in (null.class_pvalues(best), adjustment.of_classes(best)) for value in values]
    smallest_qvalue = smallest[1] if smallest and smallest[1] < QVALUES_KNOWN * settings.alpha else None
    last = adjustment.last_class(settings.alpha)
    n_without = int(counts[: last + 1].sum())
    log_pivot = null.largest_log_pivot_of(last) if last >= 0 else -np.inf
    in_place |= possible is not block.pairs
    edges = possible.keep(lambda part: _passes(part, null, log_pivot, settings.min_mi), in_place=in_place)
    found = count_classes(edges, null) if settings.min_mi > 0 else counts[: last + 1]
    n_significant, weakest = int(found.sum()), np.flatnonzero(found)[-1:].astype(np.int32)
    cutoff = float(null.class_pvalues(weakest)[0]) if n_significant else None
    largest_log_pivot = null.largest_log_pivot_of(int(weakest[0])) if n_significant else -np.inf
    statistics = {
        "estimator": bins.estimator,
        "n_bins": bins.n_bins,
        "soft_bins": bins.total > 1,
        **settings.model_dump(),
        "n_pairs": block.n_pairs,
        "n_significant": n_significant,
        "share_significant": n_significant / block.n_pairs,
        "n_extrapolated": int(found[: null.n_extrapolated].sum()),
        "threshold_mi": edges.smallest_mi(),
        "cutoff_pvalue": cutoff,
        "largest_mi": block.largest_mi,
        "smallest_pvalue": smallest[0] if smallest else None,
        "smallest_qvalue": smallest_qvalue,
        "n_draws": null.n_draws,
        "resolution": null.resolution,
        "tail_exponent": null.tail_exponent,
        "tail_fit_pvalue": null.tail_fit_pvalue,
        "certificate": permuted_control(block, null, settings, largest_log_pivot, n_significant),
    }
    statistics["diagnosis"] = None if n_significant else diagnose(block, bins, null, settings, smallest, n_without)
    _warn_about_tail(null, statistics)
    if of_noise := like_noise(statistics):
        log.warning("%s", of_noise)
    return Edges(bins, null, edges, adjustment, block.sums, statistics)


def _of_one_run(blocks: Iterable[PairBlock], bins: Bins, null: Null) -> Iterator[PairBlock]:
    """Yield the blocks; refuse one that was not computed from these bins and this null."""
    known = {"the discretised matrix": bins.origin, "the null": origin_of_null(null)}
    for block in blocks:
        check_one_run({"a block of pairs": block.origin, **known}, warn=False)
        yield block


def with_enough_draws(
    null: Null, block: PairBlock, bins: Bins, settings: Significance, *, whole_null: bool = True
) -> tuple[Null, Pairs | Triangle, NDArray[np.int64]]:
    """Continue the null until DRAWS_BEYOND draws are as extreme as the cut-off of the edges, up to its max_draws.

    Without any edge the cut-off is the p-value that a single edge needs. Returns the null, the pairs that can be
    significant (see `candidates`), and the number of them in each p-value class as `count_possible` counts them.
    """
    found, bound = candidates(block.pairs, null, block.n_pairs, settings)
    counts = count_possible(found, null, block.n_pairs, settings)
    if null.n_draws >= null.max_draws:
        return null, found, counts
    adjustment = Adjustment(null, counts, block.n_pairs, settings.correction)
    last = adjustment.last_class(settings.alpha)
    cutoff = single_cutoff(block.n_pairs, settings)
    if last >= 0:
        cutoff = max(cutoff, pvalue_of(last, null))
    wanted = min(draws_wanted(cutoff), null.max_draws)
    if wanted <= null.n_draws:
        return null, found, counts
    null = drawn(bins, null, wanted, up_to=0.0 if whole_null else null.needed_up_to(block.alpha))
    if largest_possible(block.pairs, null, block.n_pairs, settings) > bound:
        found, _ = candidates(block.pairs, null, block.n_pairs, settings)
    return null, found, count_possible(found, null, block.n_pairs, settings)


def candidates(
    pairs: Pairs | Triangle, null: Null, n_tests: int, settings: Significance, *, at_least: float = -np.inf
) -> tuple[Pairs | Triangle, float]:
    """Find the pairs that can be significant, also by a null of more draws: listed if they are few, or else all.

    Parameters
    ----------
    pairs, null, n_tests, settings
        As `count_possible`.
    at_least
        Pairs up to this log pivot are among those found in any case.

    Returns
    -------
    pairs, log_pivot
        The pairs, and the log pivot up to which they are all there.
    """
    last, bound = _largest_class(pairs, null, n_tests, settings), at_least
    if last >= 0:
        bound = max(bound, null.log_pivot_at(SPREAD * pvalue_of(last, null)))
    few = _few_up_to(pairs, null, bound)
    return (pairs, 0.0) if few is None else (few, bound)


def pvalue_of(pvalue_class: int, null: Null) -> float:
    """P-value of one class."""
    return float(null.class_pvalues(np.array([pvalue_class], np.int32))[0])


def count_classes(pairs: Pairs | Triangle, null: Null) -> NDArray[np.int64]:
    """Number of pairs in each p-value class of the null, up to the last one that has pairs."""
    return _sum_of_classes(pairs, null, lambda part: part)


def _sum_of_classes(pairs: Pairs | Triangle, null: Null, chosen: Callable[[Pairs], Pairs]) -> NDArray[np.int64]:
    """Number of chosen pairs in each p-value class of the null, up to the last one that has such pairs."""

    def classes(part: Pairs) -> NDArray[np.int64]:
        part = chosen(part)
        return np.bincount(null.pvalue_classes(null.log_pivots(part.mi, part.first, part.second)))

    counts = np.zeros(0, np.int64)
    for found in each_part(pairs, classes):
        longer, shorter = (counts, found) if len(counts) >= len(found) else (found, counts)
        longer[: len(shorter)] += shorter
        counts = longer
    return counts


def count_possible(pairs: Pairs | Triangle, null: Null, n_tests: int, settings: Significance) -> NDArray[np.int64]:
    """Number of pairs in each p-value class of the null that can be significant, up to the last such class.

    With n pairs only p-values up to about alpha n / n_tests can be significant; fewer pairs have these, and so on.
    Pairs above this limit are told without computing their pivot. The largest significant class, and adjusted p-values
    up to alpha, are those of all pairs.
    """
    bound = largest_possible(pairs, null, n_tests, settings)
    while len(pairs) and (fewer := _few_up_to(pairs, null, bound)) is not None:
        pairs = fewer
        bound = largest_possible(pairs, null, n_tests, settings)
    return _sum_of_classes(pairs, null, lambda part: _up_to(part, null, bound))


def _up_to(pairs: Pairs, null: Null, log_pivot: float) -> Pairs:
    """Pairs of at most this log pivot."""
    return pairs.take(null.are_extreme(pairs.mi, pairs.first, pairs.second, log_pivot))


def largest_possible(pairs: Pairs | Triangle, null: Null, n_tests: int, settings: Significance) -> float:
    """Largest log pivot that can be significant if no pairs but these have as small p-values."""
    last = _largest_class(pairs, null, n_tests, settings)
    return null.largest_log_pivot_of(last) if last >= 0 else -np.inf


def _largest_class(pairs: Pairs | Triangle, null: Null, n_tests: int, settings: Significance) -> int:
    n = len(pairs)
    return largest_class(null, n, n_tests, settings.correction, settings.alpha) if n else -1


def _few_up_to(pairs: Pairs | Triangle, null: Null, log_pivot: float) -> Pairs | None:
    """List the pairs of at most this log pivot; None if they are more than a share of FEW."""
    most, n = FEW * len(pairs), 0
    kept = [Pairs.empty(0)]
    if log_pivot == -np.inf:
        return kept[0]
    for part in each_part(pairs, lambda part: _up_to(part, null, log_pivot)):
        kept.append(part)
        n += len(part)
        if n > most:
            return None
    return Pairs(*(np.concatenate([getattr(part, name) for part in kept]) for name in ("first", "second", "mi")))


def _passes(pairs: Pairs, null: Null, log_pivot: float, min_mi: float) -> NDArray[np.bool_]:
    return null.are_extreme(pairs.mi, pairs.first, pairs.second, log_pivot) & (pairs.mi >= min_mi)


def permuted_control(
    block: PairBlock, null: Null, settings: Significance, largest_log_pivot: float, n_significant: int
) -> dict[str, Any]:
    """The same analysis on the matrix with each gene's samples permuted: any significant pair found there is false.

    `n_significant`: significant pairs of the permuted matrix, judged as a matrix of its own. `n_beyond_cutoff`: its
    pairs that would pass the cut-off of the real matrix (the largest log pivot of its edges). `share_of_significant`:
    their number over that of the real edges, an estimate of the share of false edges.
    """
    noise, _ = candidates(block.noise, null, block.n_pairs, settings, at_least=largest_log_pivot)
    counts = count_possible(noise, null, block.n_pairs, settings)
    last = Adjustment(null, counts, block.n_pairs, settings.correction).last_class(settings.alpha)
    own = null.largest_log_pivot_of(last) if last >= 0 else -np.inf

    def passing(part: Pairs) -> list[int]:
        return [int(_passes(part, null, bound, settings.min_mi).sum()) for bound in (own, largest_log_pivot)]

    found, beyond = np.sum([[0, 0], *each_part(noise, passing)], axis=0).tolist()
    return {
        "n_significant": found,
        "n_beyond_cutoff": beyond,
        "share_of_significant": beyond / n_significant if n_significant else None,
        "largest_mi": block.largest_noise_mi,
    }


def diagnose(
    block: PairBlock,
    bins: Bins,
    null: Null,
    settings: Significance,
    smallest: list[float],
    n_without: int,
) -> str:
    """Say why there is no edge; `smallest`: smallest p-value and adjusted p-value; n_without: edges without min_mi."""
    parts = [f"no edge reaches {settings.correction} {settings.alpha:g} among {count(block.n_pairs, 'pair')}"]
    parts.append(f"largest MI {block.largest_mi:.4f} bits (after permuting the samples: {block.largest_noise_mi:.4f})")
    if smallest:
        known = QVALUES_KNOWN * settings.alpha
        adjusted = (
            f"smallest adjusted p-value {smallest[1]:.3g}"
            if smallest[1] < known
            else f"no adjusted p-value below {known:g}"
        )
        parts.append(f"smallest p-value {smallest[0]:.3g}, {adjusted}")
    else:
        parts.append(f"no pair has a p-value up to {block.alpha:g}")
    if settings.min_mi > 0:
        parts.append(f"{n_without:,} pairs are significant without significance.min_mi {settings.min_mi:g}")
    parts.append(f"resolution of the null {null.resolution:.2g} ({null.n_draws:,} draws)")
    needed = single_cutoff(block.n_pairs, settings)
    counts = [f"{samples_needed(mi, null, bins.n_samples, needed):,} samples for {mi:g} bits" for mi in (0.1, 0.2)]
    parts.append(f"a single edge needs p {needed:.2g}, about {' or '.join(counts)}; there are {bins.n_samples:,}")
    return "; ".join(parts)


def _check_complete(block: PairBlock, bins: Bins, settings: Significance) -> None:
    # The number of pairs of each gene is compared, since different blocks may have the same total.
    if not np.array_equal(block.sums[:, 0], bins.n_partners):
        raise ConfigError(
            f"the blocks hold {block.n_pairs:,} pairs and not each of the {bins.n_pairs:,} once;"
            " give every block of this data set exactly once"
        )
    if settings.alpha > block.alpha:
        raise ConfigError(
            f"significance.alpha is {settings.alpha:g}, but the blocks keep pairs up to p = {block.alpha:g} only;"
            " run information again with this alpha"
        )
    if block.correction not in (None, settings.correction):
        raise ConfigError(
            f"significance.correction is {settings.correction}, but the blocks keep only pairs that can be significant"
            f" by {block.correction}; run information again with this correction, or without any"
        )


def single_cutoff(n_pairs: int, settings: Significance) -> float:
    """P-value that a single edge needs to be significant.

    Examples
    --------
    >>> single_cutoff(100, Significance()), single_cutoff(100, Significance(correction="none"))
    (0.0005, 0.05)
    """
    match settings.correction:
        case "none":
            return settings.alpha
        case "by":
            return settings.alpha / (n_pairs * harmonic(n_pairs))
        case _:
            return settings.alpha / n_pairs


def _check_resolution(n_pairs: int, null: Null, settings: Significance) -> None:
    """Raise if the null cannot reach the cut-off and p-values are not extrapolated; warn if they are."""
    single = single_cutoff(n_pairs, settings)
    if null.resolution <= single:
        return
    needed = draws_needed(single)
    resolution = f"the null resolves p-values down to {null.resolution:.2g} ({null.n_draws:,} draws)"
    if settings.correction in ("none", "bonferroni"):
        rule = f"{settings.correction}, alpha {settings.alpha:g}, {n_pairs:,} pairs"
        cutoff = f"{resolution}, but the cut-off ({rule}) is {single:.2g}"
        if not null.extrapolate:
            more = f"permutation.n_draws to {needed:,} or more, or " if needed <= LARGEST_N_DRAWS else ""
            raise ConfigError(f"{cutoff}: no edge is possible; set {more}permutation.extrapolate: true")
        log.warning(
            "%s: edges rest on extrapolated p-values; %s draws would reach it (permutation.n_draws)",
            cutoff,
            f"{needed:,}",
        )
    elif not null.extrapolate:
        fewest = int(np.ceil(null.resolution / single))
        log.warning(
            "%s: fewer than %s edges cannot be significant (%s, alpha %g, %s pairs);"
            " %s draws would resolve a single edge (permutation.n_draws)",
            resolution, f"{fewest:,}", settings.correction, settings.alpha, f"{n_pairs:,}", f"{needed:,}",
        )  # fmt: skip


def _warn_about_tail(null: Null, statistics: dict[str, Any]) -> None:
    cutoff = statistics["cutoff_pvalue"]
    needed = draws_needed(cutoff) if cutoff else 0
    if null.extrapolate and cutoff is not None and cutoff < null.resolution and null.tail_fit_pvalue < BAD_FIT:
        log.warning(
            "all edges rest on extrapolated p-values, and the extrapolated tail fits the null poorly"
            " (Kolmogorov-Smirnov p = %.1g): %suse discretise.coordinate: [rank]",
            null.tail_fit_pvalue, f"raise permutation.n_draws to {needed:,}, or " if needed <= LARGEST_N_DRAWS else "",
        )  # fmt: skip
