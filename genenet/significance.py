"""From the pairs of all blocks to significant edges: p-values, multiple testing, CLR."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config import Significance
from genenet.discretise import Bins
from genenet.errors import ConfigError
from genenet.expression.words import count
from genenet.information import PairBlock, gather
from genenet.kernels.background import FAITH, SQUARED, STOUFFER, clr_scores
from genenet.kernels.pairs import MOMENT_UNIT
from genenet.multiple_testing import Adjustment, harmonic
from genenet.pairs import Pairs, Triangle
from genenet.permutation import Null, draws_needed, samples_needed

log = logging.getLogger("genenet")

# A fit this bad of the extrapolated tail is worth a warning.
BAD_FIT = 1e-3
# More draws than permutation.n_draws allows are no advice.
LARGEST_N_DRAWS = 1_000_000_000
PVALUE_KINDS = pd.Index(["empirical", "extrapolated"])
NUMBERS = ("mi", "nmi", "pvalue", "pvalue_kind", "qvalue", "clr", "clr_squared")
# Columns of the edges table, and their types before they are categorical.
ROW_COLUMNS = {"gene_a": np.int32, "gene_b": np.int32} | dict.fromkeys(NUMBERS, np.float64) | {"pvalue_kind": np.int8}
ROWS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Edges:
    """Significant edges, by gene order of their first and second gene.

    There can be a hundred million of them: `rows` makes the table of those that are wanted.

    Attributes
    ----------
    bins, null
        What they were inferred from.
    pairs
        Their genes and MI, a list or a triangle.
    adjustment
        Makes adjusted p-values of pivots.
    sums
        Number, sum and sum of squares of each gene's MI (see `PairBlock`).
    statistics
        Numbers of the summary, by name.
    """

    bins: Bins
    null: Null
    pairs: Pairs | Triangle
    adjustment: Adjustment
    sums: NDArray[np.int64]
    statistics: dict[str, Any]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def genes(self) -> pd.Index:
        """Names of all genes."""
        return self.bins.genes

    @property
    def table(self) -> pd.DataFrame:
        """All rows."""
        positions = [part for part, _ in self.pairs.parts()]
        return self.rows(np.concatenate([np.empty(0, np.int64), *positions]))

    def rows(self, which: NDArray[np.int64]) -> pd.DataFrame:
        """Rows of the edges table: gene_a, gene_b, mi (bits), nmi, pvalue, pvalue_kind, qvalue, clr, clr_squared.

        Parameters
        ----------
        which
            Positions of the pairs.
        """
        columns: dict[str, NDArray[Any]] = {name: np.empty(len(which), kind) for name, kind in ROW_COLUMNS.items()}
        for start in range(0, len(which), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            for name, values in self._columns(self.pairs.take(which[part])).items():
                columns[name][part] = values
        categories = {"gene_a": self.genes, "gene_b": self.genes, "pvalue_kind": PVALUE_KINDS}
        return pd.DataFrame(
            {
                name: pd.Categorical.from_codes(values, categories[name]) if name in categories else values
                for name, values in columns.items()
            },
            copy=False,
        )

    def _columns(self, pairs: Pairs) -> dict[str, NDArray[Any]]:
        """Columns of the table for some pairs; codes for what is categorical."""
        first, second, mi = pairs.first, pairs.second, pairs.mi
        log_pivot = self.null.log_pivots(mi, first, second)
        pvalues = self.null.pvalues(log_pivot)
        return {
            "gene_a": first,
            "gene_b": second,
            "mi": mi,
            "nmi": normalised(first, second, mi, self.bins.entropies),
            "pvalue": pvalues,
            "pvalue_kind": self.null.is_extrapolated(pvalues),
            "qvalue": self.adjustment.qvalues(log_pivot),
            "clr": clr(first, second, mi, self.sums),
            "clr_squared": clr(first, second, mi, self.sums, variant="squared"),
        }


def significance(
    blocks: Iterable[PairBlock],
    bins: Bins,
    null: Null,
    settings: Significance | None = None,
    *,
    in_place: bool = False,
) -> Edges:
    """Gather the blocks and call edges significant.

    Parameters
    ----------
    blocks
        All blocks of pairs, in any order.
    bins, null
        Discretised expression and its null.
    settings
        alpha, correction, min_mi.
    in_place
        Use the memory of the blocks for the edges; the blocks are worth nothing afterwards.

    Raises
    ------
    ConfigError
        If blocks are missing, were made for a smaller alpha, or the cut-off is below the null's resolution and
        p-values are not extrapolated.
    """
    settings = settings or Significance()
    block = gather(blocks, all_pairs=bins.all_pairs)
    _check_complete(block, bins, settings)
    _check_resolution(block.n_pairs, null, settings)
    counts = count_levels(block.pairs, null)
    adjustment = Adjustment(null, counts, block.n_pairs, settings.correction)
    best = np.flatnonzero(counts)[:1].astype(np.int32)
    smallest = [float(value) for values in (null.level_pvalues(best), adjustment.of_levels(best)) for value in values]
    last = adjustment.last_level(settings.alpha)
    n_without = int(counts[: last + 1].sum())
    most = null.largest_log_pivot_of(last) if last >= 0 else -np.inf
    edges = block.pairs.keep(lambda part: _passes(part, null, most, settings.min_mi), in_place=in_place)
    found = count_levels(edges, null) if settings.min_mi > 0 else counts[: last + 1]
    n_significant, weakest = int(found.sum()), np.flatnonzero(found)[-1:].astype(np.int32)
    cutoff = float(null.level_pvalues(weakest)[0]) if n_significant else None
    real = null.largest_log_pivot_of(int(weakest[0])) if n_significant else -np.inf
    statistics = {
        "estimator": bins.estimator,
        "n_bins": bins.n_bins,
        "soft_bins": bins.total > 1,
        **settings.model_dump(),
        "n_pairs": block.n_pairs,
        "n_significant": n_significant,
        "share_significant": n_significant / block.n_pairs,
        "n_extrapolated": int(found[: null.n_extrapolated].sum()),
        "threshold_mi": min((float(part.mi.min()) for _, part in edges.parts()), default=None),
        "cutoff_pvalue": cutoff,
        "largest_mi": block.largest_mi,
        "smallest_pvalue": smallest[0] if smallest else None,
        "smallest_qvalue": smallest[1] if smallest else None,
        "n_draws": null.n_draws,
        "resolution": null.resolution,
        "tail_exponent": null.tail_exponent,
        "tail_fit_pvalue": null.tail_fit_pvalue,
        "certificate": certificate(block, null, settings, real, n_significant),
    }
    statistics["diagnosis"] = None if n_significant else diagnose(block, bins, null, settings, smallest, n_without)
    _warn_about_tail(null, statistics)
    return Edges(bins, null, edges, adjustment, block.sums, statistics)


def count_levels(pairs: Pairs | Triangle, null: Null) -> NDArray[np.int64]:
    """Number of pairs of each level of the null, shape (n_levels,)."""
    counts = np.zeros(null.n_levels, np.int64)
    for _, part in pairs.parts():
        levels = null.levels(null.log_pivots(part.mi, part.first, part.second))
        found = np.bincount(levels)
        counts[: len(found)] += found
    return counts


def _passes(pairs: Pairs, null: Null, most: float, min_mi: float) -> NDArray[np.bool_]:
    return null.are_extreme(pairs.mi, pairs.first, pairs.second, most) & (pairs.mi >= min_mi)


def normalised(
    first: NDArray[np.int32], second: NDArray[np.int32], mi: NDArray[np.float64], entropies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Normalised MI of pairs: MI over the mean of the two genes' entropies (scikit-learn's arithmetic average).

    0 where both have none.
    """
    both = entropies[first] + entropies[second]
    return np.divide(2.0 * mi, both, out=np.zeros_like(mi), where=both != 0)


def clr(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    sums: NDArray[np.int64],
    *,
    variant: Literal["faith", "squared", "stouffer"] = "faith",
) -> NDArray[np.float64]:
    """Context likelihood of relatedness of pairs, of all that was tested; variants as in `genenet.scores.clr`.

    sqrt(max(0, z_a)^2 + max(0, z_b)^2), where z_g is the pair's MI less the mean of gene g's MI with all genes it was
    tested against, over their standard deviation (Faith et al. 2007, doi:10.1371/journal.pbio.0050008; with the
    standard deviation of a sample, n - 1, as minet and NetworkInference.jl have it).

    Parameters
    ----------
    first, second, mi
        Pairs to score: genes and MI in bits.
    sums
        Number, sum and sum of squares of each gene's MI (see `PairBlock`).
    variant
        faith: as above; squared: with the squares of z, so that the gene where the pair stands out more nearly decides;
        stouffer: (max(0, z_a) + max(0, z_b)) / sqrt(2).

    Examples
    --------
    >>> sums = np.array([[2, 6 << 20, 20 << 40]] * 2)  # MI of 2 and 4 bits: mean 3, standard deviation sqrt(2)
    >>> clr(np.array([0]), np.array([1]), np.array([4.0]), sums).round(6).tolist()
    [1.0]
    """
    return scored_by_clr(first, second, mi, background(sums), variant=variant)


def background(sums: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of each gene's MI (bits), and one over its standard deviation, from its sums (see `PairBlock`)."""
    number = np.maximum(sums[:, 0], 1)
    mean = sums[:, 1] / number * MOMENT_UNIT
    # Whole numbers until the difference is taken: no cancellation.
    squares = np.array([int(n) * int(s2) - int(s1) ** 2 for n, s1, s2 in sums.tolist()], float)
    variance = squares / (1.0 * number * np.maximum(number - 1, 1))
    deviation = np.sqrt(np.maximum(variance, 0.0)) * MOMENT_UNIT
    # A gene whose MI is the same with all stands out from nothing.
    inverse = np.divide(1.0, deviation, out=np.zeros(len(deviation)), where=deviation > 0)
    return mean, inverse


def scored_by_clr(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    genes: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    variant: Literal["faith", "squared", "stouffer"] = "faith",
) -> NDArray[np.float64]:
    """CLR of pairs (see `clr`) whose genes have this `background`."""
    scores = np.empty(len(mi))
    combination = {"faith": FAITH, "squared": SQUARED, "stouffer": STOUFFER}[variant]
    clr_scores(first, second, mi, *genes, combination, scores)
    return scores


def certificate(
    block: PairBlock, null: Null, settings: Significance, largest_log_pivot: float, n_significant: int
) -> dict[str, Any]:
    """What the same settings find where there is nothing to find: each gene's samples permuted independently.

    `n_significant`: edges of the permuted matrix, judged as a matrix of its own. `n_beyond_cutoff`: its pairs that
    would pass the cut-off of the real matrix (the largest log pivot of its edges), and `share_of_significant` what part
    of the real edges that is: an estimate of the share of false edges.
    """
    noise = block.noise
    last = Adjustment(null, count_levels(noise, null), block.n_pairs, settings.correction).last_level(settings.alpha)
    own = null.largest_log_pivot_of(last) if last >= 0 else -np.inf
    found = beyond = 0
    for _, part in noise.parts():
        found += int(_passes(part, null, own, settings.min_mi).sum())
        beyond += int(_passes(part, null, largest_log_pivot, settings.min_mi).sum())
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
    """Say why there is no edge, from the smallest p-value and adjusted p-value and the edges without min_mi."""
    parts = [f"no edge reaches {settings.correction} {settings.alpha:g} among {count(block.n_pairs, 'pair')}"]
    parts.append(f"largest MI {block.largest_mi:.4f} bits (after permuting the samples: {block.largest_noise_mi:.4f})")
    if smallest:
        parts.append(f"smallest p-value {smallest[0]:.3g}, smallest adjusted p-value {smallest[1]:.3g}")
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
    # Each gene's pairs, not only their number: two blocks may be of the same size.
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
    """A cut-off that the null cannot reach is an error without extrapolation and a warning with it."""
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
