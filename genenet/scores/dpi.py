"""ARACNE's data processing inequality (DPI): which edges are indirect, and through whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import dpi_lists, dpi_table
from genenet.kernels.dpi_edges import EDGES_OF_TRIANGLE, Edges, Limits
from genenet.kernels.triangle import PairTable, clear_table, fill_table, triangle_table
from genenet.products.pairs import DENSE_SHARE, SMALL_TRIANGLE, Pairs, Triangle, dense_limit

# MI values, of all that a table has, from which the grid of its levels is computed.
LEVEL_SAMPLE = 1 << 20
# Tolerances that the automatic rule tries are multiples of 1 / TOLERANCE_STEPS.
TOLERANCE_STEPS = 1000
# If two pairs i-j and i-k are equally related, the difference of their MI has the variance, in bits squared,
# SPREAD * mi / (mi + HALF) / n_samples. Each MI is, to first order, the mean over samples of the pointwise MI; the
# variance is that of the difference of two pointwise values, so that it includes their covariance (they correlate with
# 0.7 to 0.9). Fitted to such differences on sixteen data sets; docs/methods.md has the measurement.
SPREAD = 0.047
HALF = 0.05

# Edges whose mediators are looked up at a time.
EDGES_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Rule:
    """Rule of the DPI: edge ij is indirect if min(mi_ik, mi_jk) * (1 - tolerance) - epsilon > mi_ij for some gene k.

    As its right side depends on the edge alone, mediators can be searched from the strongest neighbour down.

    Attributes
    ----------
    tolerance
        Between 0 and 1.
    epsilon
        In the unit of MI, >= 0.
    """

    tolerance: float = 0.0
    epsilon: float = 0.0

    @property
    def limits(self) -> Limits:
        """The rule as the kernels take it."""
        return Limits(1.0 - self.tolerance, self.epsilon)

    def margins(self, smaller: NDArray[np.float64], mi: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how many bits edges with this MI fall short of the limit that the smaller MI of their mediator sets."""
        factor, epsilon = self.limits
        return smaller * factor - epsilon - mi


def standard_error(mi: NDArray[np.float64], n_samples: int) -> NDArray[np.float64]:
    """Standard error, in bits, of the difference of two MI estimates of about this size (bits) that share a gene.

    The variance is `SPREAD * mi / (mi + HALF) / n_samples`: docs/methods.md says where it comes from.

    Examples
    --------
    >>> standard_error(np.array([0.0, 0.05, 1.0]), 100).round(4).tolist()
    [0.0, 0.0153, 0.0212]
    """
    return np.sqrt(SPREAD * mi / (mi + HALF)) / np.sqrt(n_samples)


@dataclass(frozen=True)
class Mediators:
    """The mediator of each indirect edge.

    Attributes
    ----------
    pairs
        The edges.
    via
        Shape (n_positions,): the mediator of the edge at each position, `none` for direct ones.
    none
        The value for no mediator.
    rule
        When an edge is indirect.
    """

    pairs: Pairs | Triangle
    via: NDArray[Any]
    none: int
    rule: Rule = field(default_factory=Rule)

    @property
    def n_indirect(self) -> int:
        """Number of edges with a mediator."""
        return int(np.count_nonzero(self.via != self.none))

    def is_direct(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether edges at these positions have no mediator."""
        return self.via[positions] == self.none

    def at(self, positions: NDArray[np.int64]) -> NDArray[np.int32]:
        """Mediators of edges at these positions, -1 for direct ones."""
        return np.where(self.is_direct(positions), -1, self.via[positions].astype(np.int32))

    def margins(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how many bits edges are below their bound; NaN for direct ones."""
        return self.failures(positions, 1)[0]

    def standard_errors(self, positions: NDArray[np.int64], n_samples: int) -> NDArray[np.float64]:
        """By how many standard errors edges are below the smaller MI of their mediator; NaN for direct ones.

        Infinite for an edge whose MI is 0: it has no standard error.
        """
        return self.failures(positions, n_samples)[1]

    def failures(self, positions: NDArray[np.int64], n_samples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`margins` and `standard_errors` of the edges at these positions."""
        margins, errors = np.full(len(positions), np.nan), np.full(len(positions), np.nan)
        for start in range(0, len(positions), EDGES_AT_ONCE):
            via = self.at(positions[start : start + EDGES_AT_ONCE])
            indirect = np.flatnonzero(via >= 0)
            rows, via = indirect + start, via[indirect]
            edges = self.pairs.take(positions[rows])
            smaller = np.minimum(self.pairs.values(edges.first, via), self.pairs.values(edges.second, via))
            margins[rows] = self.rule.margins(smaller, edges.mi)
            error = standard_error(edges.mi, n_samples)
            errors[rows] = np.divide(smaller - edges.mi, error, out=np.full(len(rows), np.inf), where=error > 0)
        return margins, errors


def adapted(find: Callable[[Rule], Mediators], strict: Mediators, n_edges: int, n_enough: int) -> Mediators:
    """Find mediators with the smallest tolerance, a multiple of 0.001, that leaves enough edges.

    Parameters
    ----------
    find
        Finds the mediators by a rule.
    strict
        Those at tolerance 0.
    n_edges
        Number of significant edges.
    n_enough
        Number of edges that should stay; all if there are fewer.
    """
    most_removed = max(n_edges - n_enough, 0)
    found, too_few, enough = strict, 0, 1
    if found.n_indirect <= most_removed:
        return found
    # A tolerance of 1 keeps every edge.
    while (found := find(Rule(enough / TOLERANCE_STEPS))).n_indirect > most_removed:
        too_few, enough = enough, min(2 * enough, TOLERANCE_STEPS)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        between = find(Rule(middle / TOLERANCE_STEPS))
        if between.n_indirect > most_removed:
            too_few = middle
        else:
            enough, found = middle, between
    return found


def mediators(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    n_genes: int,
    *,
    rule: Rule = Rule(),
    is_mediator: NDArray[np.bool_] | None = None,
    is_protected: NDArray[np.bool_] | None = None,
    dense: bool | None = None,
) -> Mediators:
    """Data processing inequality: edge ij is indirect if a gene k has `min(mi_ik, mi_jk)` above mi_ij, by some `Rule`.

    All triangles are judged on the network as given, so that the order of edges does not matter; equal values keep
    both edges. The mediator named is the first one found on a walk over the neighbours of the edge's first gene from
    the largest MI down, in gene order among equals (Margolin et al. 2006, doi:10.1186/1471-2105-7-S1-S7; with
    regulators the rule of ARACNe-AP, Lachmann et al. 2016, doi:10.1093/bioinformatics/btw216).

    Parameters
    ----------
    first, second
        Genes of each edge, shape (n_edges,), ordered by (first, second), first < second, no pair twice.
    mi
        Mutual information, any unit, shape (n_edges,), >= 0: negative values mark pairs that are no edges.
    n_genes
        Number of genes.
    rule
        How much weaker than both edges of its mediator an edge must be.
    is_mediator
        Genes that may mediate, shape (n_genes,); all if None.
    is_protected
        Edges that stay, shape (n_edges,).
    dense
        Look edges up in a table (True) or in sorted lists (False); the same result. None chooses by size.

    Examples
    --------
    A chain 0 - 1 - 2, in which 0 and 2 are related through 1 only:

    >>> found = mediators(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.9, 0.5, 0.8]), 3, rule=Rule(0.15))
    >>> found.via.tolist(), found.margins(np.arange(3)).round(3).tolist()
    ([-1, 1, -1], [nan, 0.18, nan])
    """
    pairs = Pairs(first.astype(np.int32), second.astype(np.int32), mi)
    edges = Edges(
        True,
        np.searchsorted(pairs.first, np.arange(n_genes + 1, dtype=np.int32)),
        pairs.second,
        mi,
        np.zeros(len(mi), bool) if is_protected is None else is_protected,
    )
    n_rows = n_genes if is_mediator is None else int(np.count_nonzero(is_mediator))
    n_cells = n_genes * (n_genes - 1) // 2 if is_mediator is None else n_genes * n_rows
    if dense is None:
        dense = n_cells <= SMALL_TRIANGLE or len(mi) > dense_limit(n_cells, DENSE_SHARE)
    via = np.empty(len(mi), np.int32)
    if dense:
        table = _table(pairs, n_genes, is_mediator)
        dpi_table.find_in_table(table, _levels(table, rule.limits), edges, rule.limits, np.int32(-1), via)
    else:
        neighbours = _neighbours(pairs, n_genes, is_mediator)
        dpi_lists.find_in_lists(edges, neighbours, rule.limits, via)
    return Mediators(pairs, via, -1, rule)


def triangle_mediators(triangle: Triangle, *, rule: Rule = Rule()) -> Mediators:
    """`mediators` for all pairs that a triangle has, where every gene may mediate."""
    table = triangle_table(triangle.mi, triangle.n_genes)
    # Two bytes a pair, if that is enough to number the genes.
    few = triangle.n_genes < np.iinfo(np.uint16).max
    none: Any = np.uint16(np.iinfo(np.uint16).max) if few else np.int32(-1)
    via = np.empty(len(triangle.mi), none.dtype)
    dpi_table.find_in_table(table, _levels(table, rule.limits), EDGES_OF_TRIANGLE, rule.limits, none, via)
    return Mediators(triangle, via, int(none), rule)


def _table(pairs: Pairs, n_genes: int, is_mediator: NDArray[np.bool_] | None) -> PairTable:
    """MI of the edges with a mediator, which is any gene if is_mediator is None."""
    if is_mediator is None:
        table = triangle_table(np.empty(max(n_genes * (n_genes - 1) // 2, 1)), n_genes)
    else:
        genes, row_of = np.flatnonzero(is_mediator), np.where(is_mediator, np.cumsum(is_mediator) - 1, -1)
        table = PairTable(np.empty(max(n_genes * len(genes), 1)), n_genes, False, row_of, genes)
    clear_table(table.mi)
    fill_table(pairs.first, pairs.second, pairs.mi, table)
    return table


def _neighbours(pairs: Pairs, n_genes: int, is_mediator: NDArray[np.bool_] | None) -> dpi_lists.Neighbours:
    """Mediators among each gene's neighbours; any gene mediates if is_mediator is None."""
    chosen = np.ones(n_genes, bool) if is_mediator is None else is_mediator
    degree = np.bincount(pairs.first[chosen[pairs.second]], minlength=n_genes)
    degree += np.bincount(pairs.second[chosen[pairs.first]], minlength=n_genes)
    starts = np.concatenate([[0], np.cumsum(degree)])
    neighbours = dpi_lists.Neighbours(starts, np.empty(starts[-1], np.int32), np.empty(starts[-1]))
    dpi_lists.fill_lists(pairs.first, pairs.second, pairs.mi, chosen, neighbours)
    return neighbours


def _levels(table: PairTable, limits: Limits) -> dpi_table.Levels:
    """Quantise a table: the level of each value, and the upper bound of each level by these limits."""
    sample = table.mi[:: max(1, len(table.mi) // LEVEL_SAMPLE)]
    # The grid is finer for large values, where mediators are.
    quantiles = 1.0 - (1.0 - np.linspace(0, 1, dpi_table.MAX_GRID_VALUES + 2)[1:-1]) ** 2
    present = sample[sample >= 0]
    steps = np.unique(np.quantile(present, quantiles, method="lower")) if len(present) else np.empty(0)
    n_steps = len(steps)
    grid, reach = np.full((2, 256), np.inf)
    grid[:n_steps] = steps
    largest = np.append(np.nextafter(steps, -np.inf), table.mi.max(initial=0.0))
    reach[0] = -np.inf
    reach[1 : n_steps + 2] = largest * limits.factor - limits.epsilon
    reach[n_steps + 2 : 255] = reach[n_steps + 1]
    width = -(-table.n_genes // dpi_table.RUN) * dpi_table.RUN
    levels = dpi_table.Levels(np.zeros((len(table.gene_of), width), np.uint8), grid, reach)
    dpi_table.fill_levels(table, levels)
    return levels
