"""Pruning of indirect edges by ARACNE's data processing inequality (DPI)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config import Prune, Score
from genenet.edge_scores import EdgeSource, edge_scores
from genenet.expression.dense import dense_values
from genenet.kernels import neighbour_lists, triangles
from genenet.kernels.correlation import correlations
from genenet.kernels.weights import mid_ranks, z_scores

if TYPE_CHECKING:
    from anndata import AnnData

    from genenet.discretise import Bins

# A table of all pairs is looked up faster than lists of neighbours, and is the smaller one if this share of pairs are
# edges.
DENSE_SHARE = 0.05
SMALL_TABLE = 1 << 24
# Values that the levels of a table are chosen from.
LEVEL_SAMPLE = 1 << 20


@dataclass(frozen=True)
class PrunedEdges:
    """Edges with the verdict on each.

    Attributes
    ----------
    table
        The edges table (see the README): kept edges and the strongest removed ones, in gene order.
    statistics
        method, score, n_kept, n_indirect, n_cut_by_max_edges, n_removed_not_written.
    """

    table: pd.DataFrame
    statistics: dict[str, Any]


@dataclass(frozen=True)
class Mediators:
    """Who makes which edge indirect.

    Attributes
    ----------
    first, second, mi, row_starts
        The edges, and where each first gene's start.
    via
        int32, shape (n_edges,): the mediator, -1 for direct edges.
    scale, shift
        An edge is indirect if it is below the smaller MI of its mediator's edges * scale - shift.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    mi: NDArray[np.float64]
    row_starts: NDArray[np.int64]
    via: NDArray[np.int32]
    scale: float
    shift: float

    @property
    def margin(self) -> NDArray[np.float64]:
        """By how many bits each edge is below its bound, shape (n_edges,); NaN for direct edges."""
        return self.margins(np.arange(len(self.mi)))

    def margins(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The margin of some edges."""
        margins = np.full(len(rows), np.nan)
        indirect = self.via[rows] >= 0
        edges = rows[indirect]
        mediated = np.empty((2, len(edges)))
        for end, values in zip((self.first, self.second), mediated, strict=True):
            neighbour_lists.edge_values(self.row_starts, self.second, self.mi, end[edges], self.via[edges], values)
        margins[indirect] = mediated.min(axis=0) * self.scale - self.shift - self.mi[edges]
        return margins


def prune(
    edges: EdgeSource, expression: "AnnData", settings: Prune | None = None, bins: "Bins | None" = None
) -> PrunedEdges:
    """Mark indirect edges, and complete the edges table with correlations and roles.

    Parameters
    ----------
    edges
        Significant edges, as `genenet.significance.significance` or `genenet.io.StoredEdges` gives them.
    expression
        The expression that they come from; its var says who is a regulator.
    settings
        Method, tolerance or epsilon, score, limits.
    bins
        What the edges were inferred from; only the scores `puc` and `pidc` need it.
    """
    settings = settings or Prune()
    first, second, mi = edges.first, edges.second, edges.mi
    directed = bool(expression.uns.get("genenet", {}).get("directed", False))
    regulator = expression.var["regulator"].to_numpy(bool) if directed else np.ones(expression.n_vars, bool)
    found = None
    if settings.method == "dpi" and len(mi):
        protected = regulator[first] & regulator[second] if directed and settings.protect_regulators else None
        found = mediators(
            first, second, mi, expression.n_vars,
            tolerance=settings.tolerance, epsilon=settings.epsilon,
            is_mediator=regulator if directed else None, is_protected=protected,
        )  # fmt: skip
    direct = np.ones(len(mi), bool) if found is None else found.via < 0

    def scores(name: Score) -> NDArray[np.float64]:
        return edge_scores(edges, name, regulators=regulator if directed else None, bins=bins)

    weight = scores(settings.score)
    if settings.method in ("mrnet", "mrnetb"):
        selected = weight if settings.method == settings.score else scores(settings.method)
        direct = selected > 0
    kept = _strongest(direct, weight, settings.max_edges)
    written = kept | _strongest(~kept, weight, settings.max_pruned)
    rows = np.flatnonzero(written)
    table = edges.rows(rows)
    for name, values in _correlations(expression, first[rows], second[rows]).items():
        table[name] = values
    table["sign"] = np.sign(table["spearman"]).astype(np.int8)
    table["clr"] = table.pop("clr")
    del table["clr_squared"]
    table["score"] = weight[rows]
    table["kept"] = kept[rows]
    via = np.full(len(rows), -1, np.int32) if found is None else found.via[rows]
    table["dpi_via"] = pd.Categorical.from_codes(via, edges.genes)
    table["dpi_margin"] = np.nan if found is None else found.margins(rows)
    if directed:
        _add_roles(table, regulator[first[rows]], regulator[second[rows]])
    statistics = {
        "method": settings.method,
        "score": settings.score,
        "n_kept": int(kept.sum()),
        "n_indirect": int((~direct).sum()),
        "n_cut_by_max_edges": int((direct & ~kept).sum()),
        "n_removed_not_written": int((~written).sum()),
    }
    return PrunedEdges(table, statistics)


def mediators(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    n_genes: int,
    *,
    tolerance: float = 0.15,
    epsilon: float | None = None,
    is_mediator: NDArray[np.bool_] | None = None,
    is_protected: NDArray[np.bool_] | None = None,
    dense: bool | None = None,
) -> Mediators:
    """Data processing inequality: edge ij is indirect if a gene k has `mi_ij < min(mi_ik, mi_jk) * (1 - tolerance)`.

    All triangles are judged on the network as given, so that the order of edges does not matter; equal values keep
    both edges. The mediator named is the first one found on a walk over the neighbours of the edge's first gene from
    the largest MI down, in gene order among equals (Margolin et al. 2006, doi:10.1186/1471-2105-7-S1-S7; with
    regulators the rule of ARACNe-AP, Lachmann et al. 2016, doi:10.1093/bioinformatics/btw216).

    Parameters
    ----------
    first, second
        Genes of each edge, shape (n_edges,), ordered by (first, second), first < second, no pair twice.
    mi
        Mutual information, any unit, shape (n_edges,); >= 0, as a pair that is no edge stands for less than any.
    n_genes
        Number of genes.
    tolerance
        Between 0 and 1.
    epsilon
        If given: `mi_ij < min(mi_ik, mi_jk) - epsilon` instead, in the unit of mi.
    is_mediator
        Genes that may mediate, shape (n_genes,); all if None.
    is_protected
        Edges that stay, shape (n_edges,).
    dense
        Look edges up in a table (True) or in sorted lists (False); the same result. None chooses by size.

    Examples
    --------
    A chain 0 - 1 - 2, in which 0 and 2 are related through 1 only:

    >>> found = mediators(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.9, 0.5, 0.8]), 3)
    >>> found.via.tolist(), found.margin.round(3).tolist()
    ([-1, 1, -1], [nan, 0.18, nan])
    """
    first, second = first.astype(np.int32), second.astype(np.int32)
    everyone = is_mediator is None
    is_mediator = np.ones(n_genes, bool) if is_mediator is None else is_mediator
    is_protected = np.empty(0, bool) if is_protected is None else is_protected
    mediator_genes = np.flatnonzero(is_mediator)
    n_cells = n_genes * (n_genes - 1) // 2 if everyone else n_genes * len(mediator_genes)
    if dense is None:
        dense = n_cells <= SMALL_TABLE or len(mi) > DENSE_SHARE * n_cells
    scale, shift = (1.0 - tolerance, 0.0) if epsilon is None else (1.0, float(epsilon))
    row_starts = np.searchsorted(first, np.arange(n_genes + 1, dtype=np.int32))
    via = np.empty(len(mi), np.int32)
    if dense:
        slot = np.empty(0, np.int64) if everyone else np.where(is_mediator, np.cumsum(is_mediator) - 1, -1)
        table = np.full(max(n_cells, 1), triangles.ABSENT)
        triangles.fill_table(first, second, mi, n_genes, slot, table)
        levels, reach = _levels(table, n_genes, slot, len(mediator_genes), scale, shift)
        triangles.find_in_table(
            table, n_genes, slot, mediator_genes, levels, reach, scale, shift,
            row_starts, second, mi, is_protected, np.int32(-1), via,
        )  # fmt: skip
    else:
        degree = np.bincount(first[is_mediator[second]], minlength=n_genes)
        degree += np.bincount(second[is_mediator[first]], minlength=n_genes)
        starts = np.concatenate([[0], np.cumsum(degree)])
        neighbour, value = np.empty(starts[-1], np.int32), np.empty(starts[-1])
        neighbour_lists.fill_lists(first, second, mi, is_mediator, starts, neighbour, value)
        neighbour_lists.find_in_lists(
            row_starts, second, mi, is_protected, starts, neighbour, value, scale, shift, via
        )
    return Mediators(first, second, mi, row_starts, via, scale, shift)


def _levels(
    table: NDArray[np.float64], n_genes: int, slot: NDArray[np.int64], n_rows: int, scale: float, shift: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Levels of all values of a table, and what a value of each level has times scale less shift at most."""
    sample = table[:: max(1, len(table) // LEVEL_SAMPLE)]
    # Finer at the top, where mediators are.
    quantiles = 1.0 - (1.0 - np.linspace(0, 1, triangles.MOST_STEPS + 2)[1:-1]) ** 2
    present = sample[sample >= 0]
    steps = np.unique(np.quantile(present, quantiles, method="lower")) if len(present) else np.empty(0)
    grid, reach = np.full((2, 256), np.inf)
    grid[: len(steps)] = steps
    width = -(-n_genes // triangles.OCTETS) * triangles.OCTETS
    levels = np.zeros((n_rows, width), np.uint8)
    triangles.fill_levels(table, n_genes, slot, grid, levels)
    reach[0] = -np.inf
    reach[1 : len(steps) + 2] = np.append(np.nextafter(steps, -np.inf), table.max(initial=0.0)) * scale - shift
    reach[len(steps) + 2 : 255] = reach[len(steps) + 1]
    return levels, reach


def _strongest(among: NDArray[np.bool_], score: NDArray[np.float64], most: int | None) -> NDArray[np.bool_]:
    """Mask of the edges with the largest scores among some; the earlier one among equals."""
    if most is None or among.sum() <= most:
        return among
    if most == 0:
        return np.zeros_like(among)
    values = score[among]
    last = np.partition(values, len(values) - most)[len(values) - most]
    chosen = among & (score > last)
    ties = np.flatnonzero(among & (score == last))
    chosen[ties[: most - int(chosen.sum())]] = True
    return chosen


def _correlations(
    expression: "AnnData", first: NDArray[np.int32], second: NDArray[np.int32]
) -> dict[str, NDArray[np.float64]]:
    values = dense_values(expression)
    ranks, scores = np.empty_like(values), np.empty_like(values)
    mid_ranks(values, ranks)
    columns = {}
    for name, source in (("spearman", ranks), ("pearson", values)):
        z_scores(source, scores)
        columns[name] = np.empty(len(first))
        correlations(scores, first, second, columns[name])
    return columns


def _add_roles(table: pd.DataFrame, a_regulates: NDArray[np.bool_], b_regulates: NDArray[np.bool_]) -> None:
    """Columns regulator, target and mutual; of two regulators gene_a is named first."""
    genes = table["gene_a"].cat.categories
    a, b = table["gene_a"].cat.codes, table["gene_b"].cat.codes
    table["regulator"] = pd.Categorical.from_codes(np.where(a_regulates, a, b), genes)
    table["target"] = pd.Categorical.from_codes(np.where(a_regulates, b, a), genes)
    table["mutual"] = a_regulates & b_regulates
