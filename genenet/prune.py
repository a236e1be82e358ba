"""Pruning: which edges stay, by the data processing inequality or another rule; the edges table with the verdicts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config import Prune, Score
from genenet.dpi import Mediators, mediators, triangle_mediators
from genenet.edge_scores import EdgeSource, Scorer, edge_scores
from genenet.expression.dense import dense_values
from genenet.kernels.correlation import correlations
from genenet.kernels.weights import mid_ranks, z_scores
from genenet.pairs import Pairs, Triangle

if TYPE_CHECKING:
    from anndata import AnnData

    from genenet.discretise import Bins

# Bits of a score by which edges are counted before the strongest are chosen.
SCORE_BITS = 20

# Which of some edges, given their positions and themselves.
Chooser = Callable[[NDArray[np.int64], Pairs], NDArray[np.bool_]]


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
    directed = bool(expression.uns.get("genenet", {}).get("directed", False))
    regulator = expression.var["regulator"].to_numpy(bool) if directed else None
    pairs = edges.pairs
    found = _mediators(pairs, settings, regulator, expression.n_vars) if settings.method == "dpi" else None

    def scorer(name: Score) -> Scorer:
        return edge_scores(edges, name, regulators=regulator, bins=bins)

    score = scorer(settings.score)
    direct: Chooser = lambda positions, part: np.ones(len(part), bool)  # noqa: E731
    if found is not None:
        direct = lambda positions, part: found.is_direct(positions)  # noqa: E731
    elif settings.method in ("mrnet", "mrnetb"):
        selected = score if settings.method == settings.score else scorer(settings.method)
        direct = lambda positions, part: selected(positions, part) > 0  # noqa: E731
    n_direct = sum(int(direct(positions, part).sum()) for positions, part in pairs.parts())
    kept = _strongest(pairs, direct, score, settings.max_edges)
    is_kept = np.zeros(pairs.n_positions, bool)
    is_kept[kept] = True
    removed = _strongest(pairs, lambda positions, _: ~is_kept[positions], score, settings.max_pruned)
    rows = np.sort(np.concatenate([kept, removed]))
    chosen = pairs.take(rows)
    first, second = chosen.first, chosen.second
    table = edges.rows(rows)
    for name, values in _correlations(expression, first, second).items():
        table[name] = values
    table["sign"] = np.sign(table["spearman"]).astype(np.int8)
    table["clr"] = table.pop("clr")
    del table["clr_squared"]
    table["score"] = score(rows, chosen)
    table["kept"] = is_kept[rows]
    via = np.full(len(rows), -1, np.int32) if found is None else found.at(rows)
    table["dpi_via"] = pd.Categorical.from_codes(via, edges.genes)
    table["dpi_margin"] = np.nan if found is None else found.margins(rows)
    if regulator is not None:
        _add_roles(table, regulator[first], regulator[second])
    statistics = {
        "method": settings.method,
        "score": settings.score,
        "n_kept": len(kept),
        "n_indirect": len(pairs) - n_direct,
        "n_cut_by_max_edges": n_direct - len(kept),
        "n_removed_not_written": len(pairs) - len(rows),
    }
    return PrunedEdges(table, statistics)


def _mediators(
    pairs: Pairs | Triangle, settings: Prune, regulator: NDArray[np.bool_] | None, n_genes: int
) -> Mediators | None:
    if isinstance(pairs, Triangle):
        return triangle_mediators(pairs, tolerance=settings.tolerance, epsilon=settings.epsilon)
    if not len(pairs):
        return None
    protected = None
    if regulator is not None and settings.protect_regulators:
        protected = regulator[pairs.first] & regulator[pairs.second]
    return mediators(
        pairs.first, pairs.second, pairs.mi, n_genes,
        tolerance=settings.tolerance, epsilon=settings.epsilon, is_mediator=regulator, is_protected=protected,
    )  # fmt: skip


def _strongest(pairs: Pairs | Triangle, chosen: Chooser, score: Scorer, most: int | None) -> NDArray[np.int64]:
    """Positions of the chosen pairs with the largest scores, at most `most`, ascending; the earlier one among equals.

    Two runs over the pairs: one counts them by the leading bits of their scores, one takes what is above the bits at
    which there are enough. So no more than the result is in memory.
    """
    n, counts = 0, np.zeros(1 << SCORE_BITS, np.int64)
    for positions, part in pairs.parts():
        mask = chosen(positions, part)
        n += int(mask.sum())
        if most is not None:
            counts += np.bincount(_leading_bits(score(positions, part)[mask]), minlength=len(counts))
    # Number of pairs of these bits or larger ones; all pairs are taken above the last bits that leave room.
    at_least = np.cumsum(counts[::-1])[::-1]
    limit = 0 if most is None or n <= most else int(np.flatnonzero(at_least > most)[-1])
    sure, close, scores = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for positions, part in pairs.parts():
        mask = chosen(positions, part)
        if limit == 0:
            sure.append(positions[mask])
            continue
        values = score(positions, part)
        bits = _leading_bits(values)
        sure.append(positions[mask & (bits > limit)])
        close.append(positions[mask & (bits == limit)])
        scores.append(values[mask & (bits == limit)])
    taken = np.concatenate(sure)
    if limit > 0 and most is not None:
        candidates = np.concatenate(close)
        order = np.argsort(-np.concatenate(scores), kind="stable")
        taken = np.sort(np.concatenate([taken, candidates[order[: most - len(taken)]]]))
    return taken


def _leading_bits(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers from 1 on in the order of the scores, many scores to a number."""
    bits = scores.view(np.int64) if scores.flags.c_contiguous else scores.copy().view(np.int64)
    # The bits of floats are in order but for the sign.
    ordered = np.where(bits >= 0, bits, np.iinfo(np.int64).min - bits)
    return np.maximum((ordered >> (64 - SCORE_BITS)) + (1 << (SCORE_BITS - 1)), 1)


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
