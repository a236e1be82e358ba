"""Pruning of indirect edges by ARACNE's data processing inequality (DPI)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config import Prune
from genenet.expression.dense import dense_values
from genenet.kernels import triangles
from genenet.kernels.correlation import correlations
from genenet.kernels.weights import mid_ranks, z_scores

# Largest table of ranks that is worth its memory, in bytes, and the share of pairs that must be edges for a large one.
LARGEST_TABLE = 2_000_000_000
SMALL_TABLE = 100_000_000
DENSE_SHARE = 0.05


@dataclass(frozen=True)
class PrunedEdges:
    """Edges with the verdict on each.

    Attributes
    ----------
    table
        The edges table (see the README): kept edges and the strongest removed ones, in gene order.
    statistics
        n_kept, n_indirect, n_cut_by_max_edges, n_removed_not_written.
    """

    table: pd.DataFrame
    statistics: dict[str, Any]


@dataclass(frozen=True)
class Mediators:
    """Who makes which edge indirect.

    Attributes
    ----------
    via
        int32, shape (n_edges,): the mediator, -1 for direct edges.
    margin
        float64, shape (n_edges,): by how many bits the edge is below its bound; NaN for direct edges.
    """

    via: NDArray[np.int32]
    margin: NDArray[np.float64]


def prune(edges: pd.DataFrame, expression: AnnData, settings: Prune | None = None) -> PrunedEdges:
    """Mark indirect edges, and complete the edges table with correlations and roles.

    Parameters
    ----------
    edges
        Significant edges in gene order, as `genenet.significance.significance` gives them.
    expression
        The expression that they come from; its var says who is a regulator.
    settings
        Method, tolerance or epsilon, limits.
    """
    settings = settings or Prune()
    first, second = (edges[name].cat.codes.to_numpy(np.int32) for name in ("gene_a", "gene_b"))
    mi = edges["mi"].to_numpy()
    directed = bool(expression.uns.get("genenet", {}).get("directed", False))
    regulator = expression.var["regulator"].to_numpy(bool) if directed else np.ones(expression.n_vars, bool)
    found = Mediators(np.full(len(mi), -1, np.int32), np.full(len(mi), np.nan))
    if settings.method == "dpi" and len(mi):
        protected = regulator[first] & regulator[second] if directed and settings.protect_regulators else None
        found = mediators(
            first, second, mi, expression.n_vars,
            tolerance=settings.tolerance, epsilon=settings.epsilon,
            is_mediator=regulator if directed else None, is_protected=protected,
        )  # fmt: skip
    direct = found.via < 0
    kept = _strongest(direct, mi, settings.max_edges)
    written = kept | _strongest(~kept, mi, settings.max_pruned)
    table = edges[written].reset_index(drop=True)
    rows = np.flatnonzero(written)
    for name, values in _correlations(expression, first[rows], second[rows]).items():
        table[name] = values
    table["sign"] = np.sign(table["spearman"]).astype(np.int8)
    table["clr"] = table.pop("clr")
    table["kept"] = kept[rows]
    table["dpi_via"] = pd.Categorical.from_codes(found.via[rows], edges["gene_a"].cat.categories)
    table["dpi_margin"] = found.margin[rows]
    if directed:
        _add_roles(table, regulator[first[rows]], regulator[second[rows]])
    statistics = {
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

    All triangles are judged on the network as given, so that the order of edges does not matter; equal values keep both
    edges. The mediator named is the first one found on a walk over the neighbours of the edge's first gene from the largest
    MI down, in gene order among equals (Margolin et al. 2006, doi:10.1186/1471-2105-7-S1-S7; with regulators the rule of
    ARACNe-AP, Lachmann et al. 2016, doi:10.1093/bioinformatics/btw216).

    Parameters
    ----------
    first, second
        Genes of each edge, shape (n_edges,), ordered by (first, second), first < second, no pair twice.
    mi
        Mutual information, any unit, shape (n_edges,).
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
    is_mediator = np.ones(n_genes, bool) if is_mediator is None else is_mediator
    is_protected = np.zeros(len(mi), bool) if is_protected is None else is_protected
    order = _strongest_first(mi)
    values, rank = _ranked(mi, order)
    bounds = values * (1.0 - tolerance) if epsilon is None else values - epsilon
    # Looked up in ascending order: many times faster than edge by edge.
    needed = (np.searchsorted(bounds, values, side="right") + 1).astype(np.uint32)[rank - 1]
    starts, neighbour, edge = _neighbours(order, first, second, is_mediator)
    via, via_rank = np.empty(len(mi), np.int32), np.zeros(len(mi), np.uint32)
    size = 4 * n_genes**2
    if dense is None:
        dense = size <= SMALL_TABLE or (size <= LARGEST_TABLE and 2 * len(mi) > DENSE_SHARE * n_genes**2)
    if dense:
        table = np.zeros((n_genes, n_genes), np.uint32)
        triangles.fill_ranks(first, second, rank, table)
        triangles.mediators_dense(first, second, rank, needed, is_protected, starts, neighbour, edge, table, via, via_rank)
    else:
        by_starts, by_gene, by_edge = _neighbours(np.arange(len(mi)), first, second, is_mediator)
        triangles.mediators_sparse(
            first, second, rank, needed, is_protected, starts, neighbour, edge, by_starts, by_gene, rank[by_edge], via, via_rank
        )
    margin = np.full(len(mi), np.nan)
    indirect = via >= 0
    margin[indirect] = bounds[via_rank[indirect] - 1] - mi[indirect]
    return Mediators(via, margin)


def _strongest_first(mi: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions from the largest MI down, the earlier edge first among equals."""
    return (len(mi) - 1 - np.argsort(mi[::-1], kind="stable"))[::-1]


def _ranked(mi: NDArray[np.float64], order: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """Distinct values in ascending order, and each edge's rank among them, from 1."""
    ascending = mi[order[::-1]]
    is_new = np.concatenate([[True], ascending[1:] != ascending[:-1]])
    rank = np.empty(len(mi), np.uint32)
    rank[order[::-1]] = np.cumsum(is_new, dtype=np.uint32)
    return ascending[is_new], rank


def _neighbours(
    order: NDArray[np.int64], first: NDArray[np.int32], second: NDArray[np.int32], is_mediator: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Neighbours of each gene that may mediate, in the order of the edges given: start of each gene's list, gene, edge."""
    n_genes = len(is_mediator)
    degree = np.bincount(first[is_mediator[second]], minlength=n_genes) + np.bincount(second[is_mediator[first]], minlength=n_genes)
    starts = np.concatenate([[0], np.cumsum(degree)])
    neighbour, edge = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int64)
    triangles.fill_neighbours(order, first, second, is_mediator, starts, neighbour, edge)
    return starts, neighbour, edge


def _strongest(among: NDArray[np.bool_], mi: NDArray[np.float64], most: int | None) -> NDArray[np.bool_]:
    """Mask of the strongest edges among some; the earlier one among equals."""
    if most is None or among.sum() <= most:
        return among
    candidates = np.flatnonzero(among)
    chosen = np.zeros(len(mi), bool)
    chosen[candidates[_strongest_first(mi[candidates])[:most]]] = True
    return chosen


def _correlations(
    expression: AnnData, first: NDArray[np.int32], second: NDArray[np.int32]
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
