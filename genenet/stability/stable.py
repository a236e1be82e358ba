"""Stable edges: the threshold that follows from the accepted bound, and the edges table with the stable edges kept."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Stability as Settings
from genenet.errors import count, logger_of
from genenet.products.origin import check_one_run
from genenet.products.stability import Stability
from genenet.statistics.stability_bound import stability_bounds, unimodal_bound
from genenet.steps.prune import PrunedEdges, strongest_first

logger = logger_of(__name__)

N_HUBS = 5
"""Number of genes with the largest loss of edges that the summary names."""


def keep_stable(pruned: PrunedEdges, stability: Stability, settings: Settings) -> PrunedEdges:
    """Keep the edges that are found again in enough halves of the samples.

    Parameters
    ----------
    pruned
        Edges of all samples, with the verdict on each.
    stability
        How often pairs were selected on halves.
    settings
        The smallest share of halves, or the accepted bound that it follows from.

    Returns
    -------
    PrunedEdges
        The table has two more columns: `stability`, the share of the halves in which the edge was selected, and
        `both_halves`, the share of the splits in which both halves selected it. Edges that are not stable are not kept.
        The statistics have `stability`, and n_kept counts what is left.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1)
    >>> result = genenet.infer_network(truth.expression, seed=1, n_draws=10_000, stability=10)
    >>> kept = result.edges[result.edges["kept"]]
    >>> bool((kept["stability"] >= result.summary["prune"]["stability"]["min_stability"]).all())
    True
    """
    check_one_run({"the stability of edges": stability.origin, "the table of edges": pruned.origin}, warn=False)
    table = pruned.table
    n_halves, n_both = stability.of(*(table[name].cat.codes.to_numpy() for name in ("gene_a", "gene_b")))
    was_kept = table["kept"].to_numpy(bool)
    n_selected, n_pairs = stability.statistics["n_selected"], stability.statistics["n_pairs"]
    fewest, reached = fewest_halves(n_halves[was_kept], n_selected, n_pairs, stability.n_splits, settings)
    kept = was_kept & (n_halves >= fewest)
    table = table.copy(deep=False)
    place = list(table.columns).index("score") + 1
    table.insert(place, "stability", n_halves / (2 * stability.n_splits))
    table.insert(place + 1, "both_halves", n_both / stability.n_splits)
    table["kept"] = kept
    n_by_halves = stability.statistics["permuted"]["n_by_halves"]
    permuted = {
        "n_splits": stability.statistics["permuted"]["n_splits"],
        "n_selected": stability.statistics["permuted"]["n_selected"],
        "n_stable": sum(n_by_halves[fewest - 1 :]),
        "most_halves": max((k + 1 for k, n in enumerate(n_by_halves) if n), default=0),
    }
    found = {
        **stability.statistics,
        "n_splits": stability.n_splits,
        "min_stability": fewest / (2 * stability.n_splits),
        "is_auto": settings.min_stability == "auto",
        "is_reached": reached,
        "accepted": settings.stability_bound,
        "bound": _bounds(fewest, n_selected, n_pairs, stability.n_splits),
        "n_ever_selected": len(stability),
        "n_stable": int((stability.n_halves >= fewest).sum()),
        "n_unstable": int(was_kept.sum() - kept.sum()),
        "hubs": _losses(table, was_kept, kept),
        "permuted": permuted,
    }
    found["warnings"] = _warnings(found, int(was_kept.sum()), int(kept.sum()))
    for line in found["warnings"]:
        logger.warning("%s", line)
    statistics = {**pruned.statistics, "n_kept": int(kept.sum()), "stability": found}
    if "neighbours" in table:
        statistics["n_neighbours"] = int(table["neighbours"][kept].sum())
    table = strongest_first(table, signed=pruned.statistics["sign"] == "apart")
    return PrunedEdges.of(table, statistics, pruned.origin)


def fewest_halves(
    n_halves: NDArray[np.int64], n_selected: float, n_pairs: int, n_splits: int, settings: Settings
) -> tuple[int, bool]:
    """Smallest number of halves that makes an edge stable, and whether the bound is accepted there.

    With `min_stability: auto` it is the smallest number above half of the halves at which the unimodal bound is at most
    the accepted share of the edges that are left. If there is none, the number is taken at which the bound is the
    smallest share.

    Parameters
    ----------
    n_halves
        In how many halves each edge was selected, of those that are kept on all samples.
    n_selected, n_pairs, n_splits
        See `genenet.statistics.stability_bound.stability_bounds`.
    settings
        min_stability, stability_bound.

    Examples
    --------
    >>> fewest_halves(np.array([20, 18, 15, 11]), 2.0, 1_000, 10, Settings())
    (11, True)
    >>> fewest_halves(np.array([20, 18, 15, 11]), 20.0, 1_000, 10, Settings())
    (20, False)
    """
    n = 2 * n_splits

    def bound(fewest: int) -> float:
        return unimodal_bound(fewest / n, n_selected, n_pairs, n_splits)

    def left(fewest: int) -> int:
        return int((n_halves >= fewest).sum())

    if settings.min_stability != "auto":
        fewest = int(np.ceil(settings.min_stability * n - 1e-9))
        return fewest, bound(fewest) <= settings.stability_bound * left(fewest)
    possible = range(n // 2 + 1, n + 1)
    accepted = (k for k in possible if left(k) and bound(k) <= settings.stability_bound * left(k))
    if (first := next(accepted, None)) is not None:
        return first, True
    return min(possible, key=lambda k: (bound(k) / max(left(k), 0.5), k)), False


def _warnings(found: dict[str, Any], n_before: int, n_kept: int) -> list[str]:
    """List the warnings about the result."""
    threshold, accepted = f"{100 * found['min_stability']:.3g}%", f"{found['accepted']:g}"
    halves = f"halves of {found['smallest_half']:,} samples"
    if not found["n_selected"]:
        counts = [f"{n:,} for {mi} bits" for mi, n in found["samples_needed"].items()]
        needed = f" (about {' or '.join(counts)} are needed)" if counts else ""
        return [f"stability: {halves} select no edge: too few samples{needed}, and no edge is kept"] if n_before else []
    if not n_kept:
        return [f"stability: none of {count(n_before, 'edge')} comes back in {threshold} of the halves"] * (
            n_before > 0
        )
    lines = []
    bound = found["bound"]["unimodal"]
    if not found["is_reached"]:
        because = (
            "no stability.min_stability brings" if found["is_auto"] else f"{threshold} of the halves does not bring"
        )
        lines.append(
            f"stability: {because} the bound down to {accepted} of the kept edges: it is {bound:,.1f} of {n_kept:,} at"
            f" {threshold}, since {halves} select {found['n_selected']:,.0f} of {found['n_pairs']:,} pairs; select"
            " fewer (significance.alpha, prune.max_edges), or read stability as a share only"
        )
    if found["permuted"]["n_stable"]:
        lines.append(
            f"stability: {count(found['permuted']['n_stable'], 'pair')} of the permuted matrix"
            f" {'is' if found['permuted']['n_stable'] == 1 else 'are'} as stable as the kept edges; use more samples,"
            " or a smaller significance.alpha"
        )
    return lines


def _bounds(fewest: int, n_selected: float, n_pairs: int, n_splits: int) -> dict[str, float]:
    found = stability_bounds(fewest / (2 * n_splits), n_selected, n_pairs, n_splits)
    return {name: getattr(found, name) for name in ("no_assumption", "unimodal", "r_concave")}


def _losses(table: pd.DataFrame, was_kept: NDArray[np.bool_], kept: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """The genes that lose most edges by instability: their names, edges before, and edges lost."""
    genes = table["gene_a"].cat.categories

    def degrees(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        codes = [table.loc[rows, name].cat.codes.to_numpy() for name in ("gene_a", "gene_b")]
        return np.bincount(np.concatenate(codes), minlength=len(genes))

    before, after = degrees(was_kept), degrees(kept)
    order = np.lexsort((np.arange(len(genes)), -(before - after)))[:N_HUBS]
    return [
        {"gene": str(genes[gene]), "degree": int(before[gene]), "lost": int(before[gene] - after[gene])}
        for gene in order
        if before[gene] > after[gene]
    ]
