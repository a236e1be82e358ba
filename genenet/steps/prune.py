"""Pruning: which edges stay, by the data processing inequality or another rule; the edges table with the verdicts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import MOST_EDGES, Prune, PruneMethod, Score
from genenet.kernels.correlation import correlations
from genenet.kernels.pairwise_complete import pairwise_correlations
from genenet.kernels.ranks import mid_ranks
from genenet.products.edges import EdgeSource
from genenet.products.expression import Expression, Notes, dense_values, tested
from genenet.products.fingerprint import origin_of
from genenet.products.origin import Origin, check_one_run, origin_of_table, put_origin
from genenet.products.pairs import Pairs, Triangle
from genenet.products.sparse_values import sparse_values
from genenet.products.strata import standardised, strata_of
from genenet.scores.dpi import Mediators, Rule, adapted, mediators, triangle_mediators
from genenet.scores.edge_scores import choose_scores, edge_scores, is_compendium
from genenet.scores.network_size import EDGES_BEYOND_GENES, are_many_samples, n_directly_related
from genenet.scores.proximity import positions_of
from genenet.scores.signs import select, signs_of
from genenet.scores.sparse_correlation import correlate, sparse_scores
from genenet.scores.strongest import Chooser, Scorer

if TYPE_CHECKING:
    from genenet.products.bins import Bins


@dataclass(frozen=True)
class PrunedEdges:
    """Edges with the verdict on each.

    Attributes
    ----------
    table
        The edges table (see docs/files.md): kept edges, then the strongest removed ones, each by score, the largest
        first; among equals in gene order.
    statistics
        method (none where the settings leave the inequality open and a compendium does without), method_reason (empty
        if it is the method of the settings), tolerance (of the data processing inequality, if it was left to choose
        it), score (a list), score_reason (empty if the score was given), max_edges, max_edges_reason (empty if it was
        given), sign, n_kept, n_indirect, n_of_other_sign, n_cut_by_max_edges, n_removed_not_written; n_neighbours
        (kept edges of neighbours on a chromosome), if the positions of the genes are known.
    """

    table: pd.DataFrame
    statistics: dict[str, Any]

    @classmethod
    def of(cls, table: pd.DataFrame, statistics: dict[str, Any], edges: Origin) -> "PrunedEdges":
        """Note in the table of which run it is: that of the significant edges, with a fingerprint of its own."""
        columns = [table[name].cat.codes.to_numpy(np.int32) for name in ("gene_a", "gene_b")]
        columns += [table["kept"].to_numpy(bool), table["score"].to_numpy(np.float64)]
        content = [json.dumps(statistics, sort_keys=True).encode(), *(column.tobytes() for column in columns)]
        put_origin(table, edges.then("pruned", content))
        return cls(table, statistics)

    @property
    def origin(self) -> Origin:
        """Of which run the edges are."""
        return origin_of_table(self.table)


def prune(
    edges: EdgeSource, expression: Expression, settings: Prune | None = None, bins: "Bins | None" = None
) -> PrunedEdges:
    """Mark indirect edges, and complete the edges table with correlations and roles.

    Parameters
    ----------
    edges
        Significant edges, as `genenet.steps.significance.significance` or `genenet.files.edges.StoredEdges` gives them.
    expression
        The prepared matrix that they come from; its var says which genes are regulators.
    settings
        Method, tolerance or epsilon, score, limits.
    bins
        Bins that the edges were inferred from; only the scores `puc` and `pidc` need them.

    Raises
    ------
    InputError
        If there are too many genes for the score or the method, or edges, matrix and bins are of different runs.
    ConfigError
        If the score needs bins, and there are none.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    >>> expression = genenet.prepare(truth.expression)
    >>> bins = genenet.discretise(expression)
    >>> null = genenet.permutation_null(bins, genenet.config.Permutation(n_draws=10_000))
    >>> edges = genenet.significance([genenet.information(bins, null)], bins, null)
    >>> pruned = genenet.prune(edges, expression, genenet.config.Prune(tolerance=0.0))
    >>> pruned.statistics["n_kept"] + pruned.statistics["n_indirect"] == len(edges)
    True
    """
    of_bins = {} if bins is None else {"the discretised matrix": bins.origin}
    check_one_run({"the table of edges": edges.origin, **of_bins, "the matrix": origin_of(expression)}, warn=False)
    return pruned(edges, expression, settings or Prune(), bins)


def pruned(edges: EdgeSource, expression: Expression, settings: Prune, bins: "Bins | None") -> PrunedEdges:
    """Prune edges, matrix and bins that are known to be of one run; see `prune`."""
    regulator = _regulator(expression)
    pairs = edges.pairs
    method = _method(edges, settings, regulator, expression.n_obs)
    found = _mediators(pairs, settings, regulator, expression) if method == "dpi" else None

    def scorer(names: Score | tuple[Score, ...]) -> Scorer:
        return edge_scores(edges, names, regulators=regulator, bins=bins, expression=expression)

    choice, max_edges = choose_scores(edges, settings, regulator), _max_edges(edges, settings, regulator)
    score = scorer(choice.scores)
    direct = _chooser(found, scorer(method) if method in ("mrnet", "mrnetb") else None)
    signs = None if settings.sign == "together" else signs_of(pairs, _spearman(expression))
    selection = select(pairs, direct, score, signs, settings.sign, max_edges=max_edges, max_pruned=settings.max_pruned)
    rows, is_kept = _in_order(selection.kept, selection.removed)
    chosen = pairs.take(rows)
    verdicts = {"score": score(rows, chosen), "kept": is_kept, **_verdicts(found, rows, edges.genes, expression.n_obs)}
    statistics = {
        "method": method,
        "method_reason": _why_none(edges, expression) if method != settings.method else "",
        "tolerance": _chosen_tolerance(found, settings),
        "score": list(choice.scores),
        "score_reason": choice.reason,
        "max_edges": max_edges,
        "max_edges_reason": _why_limited(max_edges, settings),
        "sign": settings.sign,
        "n_kept": len(selection.kept),
        "n_indirect": len(pairs) - selection.n_direct,
        "n_of_other_sign": selection.n_of_other_sign,
        "n_cut_by_max_edges": selection.n_direct - selection.n_of_other_sign - len(selection.kept),
        "n_removed_not_written": len(pairs) - len(rows),
    }
    # The verdicts on all edges are not needed any more, and may take most of the memory.
    del found, direct, signs, score, selection
    columns = _columns(edges.rows(rows), _correlations(expression, chosen.first, chosen.second), verdicts)
    positions = positions_of(expression.var)
    if positions is not None:
        columns["neighbours"] = positions.are_neighbours(chosen.first, chosen.second, settings.neighbour_distance)
        statistics["n_neighbours"] = int(columns["neighbours"][is_kept].sum())
    if regulator is not None:
        _add_roles(columns, chosen, *_who_regulates(expression, regulator, chosen))
    del rows, chosen, is_kept
    return PrunedEdges.of(_sorted(columns, signed=settings.sign == "apart"), statistics, edges.origin)


def resolved(edges: EdgeSource, expression: Expression, settings: Prune) -> Prune:
    """Replace what is left open in method, score and max_edges by the values that these edges lead to."""
    regulator = _regulator(expression)
    found = {
        "method": _method(edges, settings, regulator, expression.n_obs),
        "score": choose_scores(edges, settings, regulator).scores,
        "max_edges": _max_edges(edges, settings, regulator),
    }
    return settings.model_copy(update=found)


def selected(edges: EdgeSource, expression: Expression, settings: Prune, bins: "Bins | None" = None) -> Pairs:
    """Select the edges that `prune` keeps, in gene order; scores are computed only if too many are direct.

    Parameters
    ----------
    edges, expression, settings, bins
        As for `prune`.
    """
    regulator, pairs = _regulator(expression), edges.pairs
    method = _method(edges, settings, regulator, expression.n_obs)
    found = _mediators(pairs, settings, regulator, expression) if method == "dpi" else None

    def scorer(names: Score | tuple[Score, ...]) -> Scorer:
        return edge_scores(edges, names, regulators=regulator, bins=bins, expression=expression)

    direct = _chooser(found, scorer(method) if method in ("mrnet", "mrnetb") else None)
    kept = np.concatenate([np.empty(0, np.int64), *(places[direct(places, part)] for places, part in pairs.parts())])
    max_edges = _max_edges(edges, settings, regulator)
    if settings.sign != "together" or (max_edges is not None and len(kept) > max_edges):
        score = scorer(choose_scores(edges, settings, regulator).scores)
        signs = None if settings.sign == "together" else signs_of(pairs, _spearman(expression))
        kept = np.sort(select(pairs, direct, score, signs, settings.sign, max_edges=max_edges, max_pruned=0).kept)
    return pairs.take(kept)


def _regulator(expression: Expression) -> NDArray[np.bool_] | None:
    """Which genes are regulators; None without a list of them."""
    return expression.var["regulator"].to_numpy(bool) if Notes.of(expression, tables=False).directed else None


def _in_order(kept: NDArray[np.int64], removed: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Positions of kept and removed edges in gene order, and which of them are kept."""
    rows = np.concatenate([kept, removed])
    order = np.argsort(rows)
    return rows[order], order < len(kept)


def _verdicts(found: Mediators | None, rows: NDArray[np.int64], genes: pd.Index, n_samples: int) -> dict[str, Any]:
    """The mediator of each edge, and by how many bits and standard errors the edge falls short; missing without DPI."""
    if found is None:
        via, (margins, errors) = np.full(len(rows), -1), np.full((2, len(rows)), np.nan)
    else:
        via, (margins, errors) = found.at(rows), found.failures(rows, n_samples)
    return {"dpi_via": pd.Categorical.from_codes(via, genes), "dpi_margin": margins, "dpi_z": errors}


def _columns(
    table: pd.DataFrame, correlated: dict[str, NDArray[np.float64]], verdicts: dict[str, Any]
) -> dict[str, Any]:
    """Columns of the edges table in their order, with correlations, the sign and the verdicts; empties the arguments.

    With millions of rows a data frame would copy each column that is added.
    """
    columns: dict[str, Any] = {name: table.pop(name).array for name in table.columns.tolist()}
    clr = columns.pop("clr")
    del columns["clr_squared"]
    columns |= correlated
    columns["sign"] = np.sign(columns["spearman"]).astype(np.int8)
    columns["clr"] = clr
    while verdicts:
        name = next(iter(verdicts))
        columns[name] = verdicts.pop(name)
    correlated.clear()
    return columns


def _who_regulates(
    expression: Expression, regulator: NDArray[np.bool_], pairs: Pairs
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the first gene of each pair may regulate the second, and the second the first."""
    _, targets, _ = tested(expression)
    target = np.ones(expression.n_vars, bool) if targets is None else targets
    return regulator[pairs.first] & target[pairs.second], regulator[pairs.second] & target[pairs.first]


def strongest_first(table: pd.DataFrame, *, signed: bool) -> pd.DataFrame:
    """Sort a table in gene order: kept edges before removed ones, the largest score first, gene order among equals.

    With `signed`, positive edges come before the others, among the kept and among the removed ones.
    """
    return _sorted({str(name): column.array for name, column in table.items()}, signed=signed)


def _sorted(columns: dict[str, Any], *, signed: bool) -> pd.DataFrame:
    """Table of these columns, sorted as by `strongest_first`; the columns are replaced by sorted ones, one by one."""
    score, kept = -np.asarray(columns["score"]), np.asarray(columns["kept"])
    groups = [kept, ~kept]
    if signed:
        later = np.asarray(columns["sign"]) <= 0
        groups = [group & sign for group in groups for sign in (~later, later)]
    order = np.concatenate([rows[np.argsort(score[rows], kind="stable")] for rows in map(np.flatnonzero, groups)])
    # Column by column: pandas would first copy millions of rows into blocks of columns of one kind.
    for name in columns:
        columns[name] = columns[name].take(order)
    return pd.DataFrame(columns, copy=False)


def _chooser(found: Mediators | None, selected: Scorer | None) -> Chooser:
    """Choose the function that says which edges are direct: those without a mediator, those with a score, or all."""
    if found is not None:
        return lambda positions, part: found.is_direct(positions)
    if selected is not None:
        return lambda positions, part: selected(positions, part) > 0
    return lambda positions, part: np.ones(len(part), bool)


def _method(edges: EdgeSource, settings: Prune, regulator: NDArray[np.bool_] | None, n_samples: int) -> PruneMethod:
    """Choose the method; in a compendium with more genes than samples no inequality, if tolerance and score are auto.

    There conditions move most genes together, so that a third gene seems to explain nearly every regulation. The
    partial correlation accounts for all genes at once, and the edges of the largest one are kept.
    """
    is_open = settings.tolerance == "auto" and settings.epsilon is None and settings.score == ("auto",)
    is_limited = settings.max_edges is not None
    if settings.method == "dpi" and is_open and is_limited and len(edges.genes) > n_samples:
        return "none" if is_compendium(edges, regulator) else "dpi"
    return settings.method


def _why_none(edges: EdgeSource, expression: Expression) -> str:
    """Say why the data processing inequality was left out."""
    share = len(edges.pairs) / (int(edges.sums[:, 0].sum()) // 2)
    return (
        f"a compendium of more genes ({expression.n_vars:,}) than samples ({expression.n_obs:,}) in which"
        f" {share:.0%} of the tested pairs are significant"
    )


def _max_edges(edges: EdgeSource, settings: Prune, regulator: NDArray[np.bool_] | None) -> int | None:
    """Largest number of edges; of a compendium as many as genes, since significance does not select there."""
    if settings.max_edges != "auto":
        return settings.max_edges
    return len(edges.genes) if is_compendium(edges, regulator) else MOST_EDGES


def _why_limited(max_edges: int | None, settings: Prune) -> str:
    """Say which number of edges `auto` chose; empty if the number was given."""
    if settings.max_edges != "auto":
        return ""
    return f"at most {max_edges:,}" if max_edges == MOST_EDGES else f"as many as genes, {max_edges:,}"


def _mediators(
    pairs: Pairs | Triangle, settings: Prune, regulator: NDArray[np.bool_] | None, expression: Expression
) -> Mediators | None:
    if not len(pairs):
        return None
    n_genes = expression.n_vars

    def find(rule: Rule) -> Mediators:
        if isinstance(pairs, Triangle):
            return triangle_mediators(pairs, rule=rule)
        protected = None
        if regulator is not None and settings.protect_regulators:
            protected = regulator[pairs.first] & regulator[pairs.second]
        return mediators(
            pairs.first, pairs.second, pairs.mi, n_genes, rule=rule, is_mediator=regulator, is_protected=protected
        )

    if settings.epsilon is not None:
        return find(Rule(epsilon=settings.epsilon))
    if settings.tolerance != "auto":
        return find(Rule(settings.tolerance))
    strict = find(Rule())
    return adapted(find, strict, len(pairs), _n_enough(pairs, len(pairs) - strict.n_indirect, expression))


def _n_enough(pairs: Pairs | Triangle, n_direct: int, expression: Expression) -> int:
    """Number of edges that the tolerance has to leave: that of genes, or up to `EDGES_BEYOND_GENES` more.

    It is that of significant partial correlations, within these limits; and the upper limit where samples are too few
    for them, values are missing, or the strictest tolerance leaves as many (n_direct).
    """
    strata, n_genes = strata_of(expression), expression.n_vars
    n_samples = expression.n_obs - (0 if strata is None else strata.n - 1)
    most = n_genes + EDGES_BEYOND_GENES
    if n_direct >= most or not are_many_samples(n_genes, n_samples) or _has_gaps(expression):
        return most
    return min(most, max(n_genes, n_directly_related(pairs, _spearman(expression), n_genes, n_samples)))


def _has_gaps(expression: Expression) -> bool:
    return sparse_values(expression) is None and bool(np.isnan(dense_values(expression)).any())


def _chosen_tolerance(found: Mediators | None, settings: Prune) -> float | None:
    """Tolerance that the data processing inequality chose; None if the settings gave its rule."""
    chosen = found is not None and settings.tolerance == "auto" and settings.epsilon is None
    return found.rule.tolerance if found is not None and chosen else None


def _correlations(
    expression: Expression, first: NDArray[np.int32], second: NDArray[np.int32]
) -> dict[str, NDArray[np.float64]]:
    """Rank and linear correlation of pairs; with strata the means of those within strata, by number of samples."""
    strata = strata_of(expression)
    mostly_zeros = sparse_values(expression) if strata is None else None
    if mostly_zeros is not None:
        return {
            name: correlate(sparse_scores(mostly_zeros, ranks=ranks), first, second)
            for name, ranks in (("spearman", True), ("pearson", False))
        }
    values = dense_values(expression)
    gaps = np.isnan(values)
    if gaps.any():
        return _correlations_of_common(values, gaps, first, second)
    columns = {}
    for name, ranks in (("spearman", True), ("pearson", False)):
        columns[name] = np.empty(len(first))
        correlations(standardised(values, strata, ranks=ranks), first, second, columns[name])
    return columns


def _spearman(expression: Expression) -> Callable[[Pairs], NDArray[np.float64]]:
    """Spearman's correlation of pairs, as the column `spearman` has it."""
    strata = strata_of(expression)
    mostly_zeros = sparse_values(expression) if strata is None else None
    if mostly_zeros is not None:
        own = sparse_scores(mostly_zeros, ranks=True)
        return lambda part: correlate(own, part.first, part.second)
    values = dense_values(expression)
    gaps = np.isnan(values)
    if gaps.any():
        return lambda part: _correlations_of_common(values, gaps, part.first, part.second)["spearman"]
    scores = standardised(values, strata, ranks=True)

    def correlate(part: Pairs) -> NDArray[np.float64]:
        found = np.empty(len(part))
        correlations(scores, part.first, part.second, found)
        return found

    return correlate


def _correlations_of_common(
    values: NDArray[np.float64], gaps: NDArray[np.bool_], first: NDArray[np.int32], second: NDArray[np.int32]
) -> dict[str, NDArray[np.float64]]:
    """Rank and linear correlation of pairs over the samples that both genes have; ranks are those among all its own."""
    ranks = np.full_like(values, np.nan)
    for gene, missing in enumerate(gaps):
        own = np.ascontiguousarray(values[gene, ~missing][None])
        found = np.empty_like(own)
        mid_ranks(own, found)
        ranks[gene, ~missing] = found[0]
    columns = {}
    for name, source in (("spearman", ranks), ("pearson", values)):
        columns[name] = np.empty(len(first))
        pairwise_correlations(source, first, second, columns[name])
    return columns


def _add_roles(
    columns: dict[str, Any], pairs: Pairs, a_regulates: NDArray[np.bool_], b_regulates: NDArray[np.bool_]
) -> None:
    """Add columns regulator, target and mutual; if either gene may regulate the other, gene_a is the regulator."""
    genes = columns["gene_a"].categories
    columns["regulator"] = pd.Categorical.from_codes(np.where(a_regulates, pairs.first, pairs.second), genes)
    columns["target"] = pd.Categorical.from_codes(np.where(a_regulates, pairs.second, pairs.first), genes)
    columns["mutual"] = a_regulates & b_regulates
