"""The passes over all pairs: the deviance between the groups as they are, and under permuted labels."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Discretise
from genenet.differential.groups import Labels, members
from genenet.differential.ranks import in_order_of, ordered, ranks_within
from genenet.estimators.binning import rank_bins
from genenet.estimators.group_tables import GroupTables, design_of
from genenet.kernels.differential import (
    N_CELLS,
    N_PARTS,
    N_PIVOTS,
    N_RATIOS,
    RATIOS_PER_UNIT,
    Curves,
    Design,
    Tables,
    add_counts,
    add_moments,
    write_log_pivots,
)
from genenet.products.bins import Bins
from genenet.products.expression import complete_values, tested
from genenet.statistics.differential_null import DifferentialNull, fit_curves

if TYPE_CHECKING:
    from anndata import AnnData

FIT_DRAWS = 2_000_000
"""Number of draws that the curves are fitted to, from as many permutations as that takes."""


@dataclass(frozen=True)
class Scan:
    """Counts and sums that a pass over all pairs collects.

    Attributes
    ----------
    counts
        Number of pairs of each class in each cell of the log pivot.
    ratios
        Number of pairs in each cell of the deviance over its expectation.
    gene_sums
        Sum of the standardised deviances of a gene's pairs.
    group_sums
        Sum over all pairs of the MI (bits) in each group beyond that of independent pairs.
    strongest
        Number of pairs for which this is largest in the group.
    """

    counts: NDArray[np.int64] = field(repr=False)
    ratios: NDArray[np.int64] = field(repr=False)
    gene_sums: NDArray[np.float64] = field(repr=False)
    group_sums: NDArray[np.float64]
    strongest: NDArray[np.int64]

    @property
    def median_ratio(self) -> float:
        """Median over the pairs of the deviance over its expectation."""
        reached = np.cumsum(self.ratios)
        return float((np.searchsorted(reached, 0.5 * reached[-1]) + 0.5) / RATIOS_PER_UNIT)


class _Sums:
    """The counts and sums of an unfinished scan, separately for parts of the rows, which are added up in the end."""

    def __init__(self, n_classes: int, n_genes: int, n_groups: int) -> None:
        self.counts = np.zeros((N_PARTS, n_classes, N_PIVOTS), np.int64)
        self.ratios = np.zeros((N_PARTS, N_RATIOS), np.int64)
        self.gene_sums = np.zeros((N_PARTS, n_genes))
        self.group_sums = np.zeros((N_PARTS, n_groups))
        self.strongest = np.zeros((N_PARTS, n_groups), np.int64)

    def add(self, tables: Tables, design: Design, curves: Curves) -> None:
        """Add the pairs of a stripe."""
        add_counts(tables, design, curves, *self._parts)

    def total(self) -> Scan:
        """Add up the parts."""
        return Scan(*(values.sum(axis=0) for values in self._parts))

    @property
    def _parts(self) -> tuple[NDArray[Any], ...]:
        return self.counts, self.ratios, self.gene_sums, self.group_sums, self.strongest


@dataclass(frozen=True)
class Comparison:
    """The samples of all groups, ranked within their groups.

    Attributes
    ----------
    expression
        The samples that are compared, in the order of the labels.
    labels
        Their groups.
    binning
        Settings of `genenet.differential.ranks.binning_of`.
    seed
        Seed of the permutations.
    """

    expression: "AnnData" = field(repr=False)
    labels: Labels
    binning: Discretise = field(repr=False)
    seed: int = 0

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.labels.groups)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Expression, shape (n_genes, n_samples)."""
        return complete_values(self.expression)

    @cached_property
    def bins(self) -> list[Bins]:
        """Bins of each group, in which all groups have the same margins."""
        regulator, only_targets, only_pairs = tested(self.expression)
        found = []
        for rows in members(self.labels.codes, self.n_groups):
            own = np.ascontiguousarray(self.values[:, rows])
            weights, total = rank_bins(own, self.binning, n_in_all=self.expression.n_obs)
            found.append(
                Bins(
                    self.expression.var_names, self.expression.obs_names[rows], weights, total, regulator,
                    only_targets=only_targets, only_pairs=only_pairs,
                )
            )  # fmt: skip
        return found

    @cached_property
    def design(self) -> Design:
        """Constants of the deviance, which are the same under permuted labels."""
        return design_of(self.bins)

    @cached_property
    def _ranks(self) -> NDArray[np.float64]:
        return ranks_within(self.values, self.labels.codes, self.n_groups, self.seed)

    @cached_property
    def _in_order(self) -> list[NDArray[np.uint8]]:
        parts = zip(members(self.labels.codes, self.n_groups), self.bins, strict=True)
        return [ordered(self.values[:, rows], bins.dense_weights) for rows, bins in parts]

    def permuted(self, number: int) -> list[Bins]:
        """Bins of each group under a permutation of the labels: their samples are others, their weights the same."""
        groups = members(self.labels.permuted(self.seed, number), self.n_groups)
        return [
            replace(bins, samples=self.expression.obs_names[rows], weights=in_order_of(self._ranks[:, rows], in_order))
            for rows, bins, in_order in zip(groups, self.bins, self._in_order, strict=True)
        ]


@dataclass(frozen=True)
class Permuted:
    """Results of permuting the labels: the null distribution, and a scan of each permutation."""

    null: DifferentialNull
    scans: list[Scan] = field(repr=False)


def permute_labels(
    comparison: Comparison, n_permutations: int, progress: Callable[[int], None] | None = None
) -> Permuted:
    """Draw the null distribution of the deviance of all pairs, by permutation of the labels.

    Parameters
    ----------
    progress
        Called with the number of permutations done since the last call.
    """
    n_pairs = comparison.bins[0].n_pairs
    n_fit = min(n_permutations, -(-FIT_DRAWS // n_pairs))
    sums = np.zeros((N_PARTS, N_CELLS, 6))
    for number in range(n_fit):
        for tables, _ in GroupTables(comparison.permuted(number), exact=False).stripes():
            add_moments(tables, comparison.design, sums)
        if progress:
            progress(1)
    curves = fit_curves(sums.sum(axis=0), 1.0 / comparison.design.scale)
    scans = []
    for number in range(n_permutations):
        scans.append(_scan(comparison.permuted(number), comparison.design, curves))
        if progress:
            progress(1)
    counts = np.sum([scan.counts for scan in scans], axis=0)
    return Permuted(DifferentialNull(curves, counts), scans)


def _scan(groups: list[Bins], design: Design, curves: Curves) -> Scan:
    sums = _Sums(int(curves.classes.max()) + 1, groups[0].n_genes, len(groups))
    for tables, _ in GroupTables(groups, exact=False).stripes():
        sums.add(tables, design, curves)
    return sums.total()


@dataclass(frozen=True)
class Found:
    """Pairs of genes with a small p-value.

    Attributes
    ----------
    first, second
        Genes of each pair, the earlier one first, int32.
    within
        MI (bits) in each group, shape (n_groups, n_pairs).
    pooled
        MI (bits) of all samples, ranked within groups.
    deviance
        The statistic D.
    pvalue, extrapolated
        P-values, and whether they are extrapolated.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    within: NDArray[np.float64]
    pooled: NDArray[np.float64]
    deviance: NDArray[np.float64]
    pvalue: NDArray[np.float64]
    extrapolated: NDArray[np.bool_]

    def take(self, rows: NDArray[np.intp]) -> "Found":
        """Some of the pairs."""
        return Found(*(getattr(self, item.name)[..., rows] for item in fields(self)))


def observe(comparison: Comparison, null: DifferentialNull, alpha: float) -> tuple[Found, Scan]:
    """Compute the deviance of all pairs, and give those whose p-value is at most alpha."""
    groups, design = comparison.bins, comparison.design
    sums = _Sums(len(null.counts), groups[0].n_genes, len(groups))
    bounds = null.log_pivot_at(alpha)
    found = []
    for single, exact in GroupTables(groups, exact=True).stripes():
        sums.add(single, design, null.curves)
        assert exact is not None
        found.append(_extreme(exact, design, null, bounds, alpha))
    columns = [np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Found(*(values[..., order] for values in columns)), sums.total()


def _extreme(
    tables: Tables, design: Design, null: DifferentialNull, bounds: NDArray[np.float64], alpha: float
) -> tuple[NDArray[np.generic], ...]:
    """Pairs of a stripe with p-values up to alpha, in the order of the fields of `Found`."""
    log_pivots = np.empty(tables.pooled.shape)
    classes = np.zeros(tables.pooled.shape, np.int64)
    write_log_pivots(tables, design, null.curves, log_pivots, classes)
    row, column = np.nonzero(log_pivots <= bounds[classes] + 1e-9)
    pvalues, extrapolated = null.pvalues(log_pivots[row, column], classes[row, column])
    kept = pvalues <= alpha
    row, column, pvalues, extrapolated = row[kept], column[kept], pvalues[kept], extrapolated[kept]
    ends = tables.rows[row], column + tables.first_column
    within, pooled = tables.within[:, row, column], tables.pooled[row, column]
    deviance = design.sizes[:-1] @ within - design.sizes[-1] * pooled
    first, second = np.minimum(*ends).astype(np.int32), np.maximum(*ends).astype(np.int32)
    return first, second, within, pooled, deviance, pvalues, extrapolated
