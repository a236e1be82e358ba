"""Ways to rank pairs of genes: genenet's estimators and scores, and what other programs do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy.stats import rankdata

from genenet import scores
from genenet.config import settings_from_keywords
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.binning import soft_total
from genenet.estimators.pair_estimators import pair_estimator
from genenet.kernels.weights import spline_weights
from genenet.pipeline import infer_network
from genenet.products.bins import Bins
from genenet.scores.dpi import Rule, mediators
from genenet.steps.discretise import discretise
from tests.benchmarks.gold import Case, Matrix


@dataclass(frozen=True)
class Found:
    """The output of a method: a ranking of all pairs, and the network that it returns, if it returns one."""

    ranking: Matrix
    kept: NDArray[np.bool_] | None = None


DEFAULT = "genenet, defaults"
# Whole runs, whose network is measured; the default's ranking is of all pairs, as that of other programs.
RUNS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "genenet, clr_squared, tolerance 0": {"tolerance": 0.0, "score": "clr_squared", "max_edges": 500_000},
    "genenet, clr_squared, tolerance 0.15": {"tolerance": 0.15, "score": "clr_squared", "max_edges": 500_000},
    "genenet, clr_squared, no DPI": {"prune_method": "none", "score": "clr_squared", "max_edges": None},
    "ARACNe-like (adaptive, p 0.01, DPI 0)": {
        "estimator": "adaptive", "alpha": 0.01, "correction": "none", "tolerance": 0.0, "score": "mi",
        "max_edges": None,
    },
}  # fmt: skip
ESTIMATORS: dict[str, dict[str, Any]] = {
    "B-spline [rank, normal_score, value]": {},
    "B-spline [rank, value]": {"coordinate": ["rank", "value"]},
    "B-spline [rank, normal_score]": {"coordinate": ["rank", "normal_score"]},
    "B-spline [rank]": {"coordinate": ["rank"]},
    "B-spline [value]": {"coordinate": ["value"]},
    "equal frequency 5": {"discretise_method": "equal_frequency", "n_bins": 5},
    "equal frequency 8": {"discretise_method": "equal_frequency", "n_bins": 8},
    "equal frequency sqrt": {"discretise_method": "equal_frequency", "n_bins": "sqrt"},
    "equal frequency 5, Miller-Madow": {
        "discretise_method": "equal_frequency",
        "n_bins": 5,
        "estimator": "miller_madow",
    },
    "equal frequency 5, shrink": {"discretise_method": "equal_frequency", "n_bins": 5, "estimator": "shrink"},
    "equal width 5": {"discretise_method": "equal_width", "n_bins": 5},
    "k-means 5": {"discretise_method": "kmeans", "n_bins": 5},
    "Bayesian blocks": {"discretise_method": "bayesian_blocks"},
    "zero-inflated 6/4": {"discretise_method": "zero_inflated", "n_bins": 7},
    "Gaussian [value]": {"estimator": "gaussian", "coordinate": ["value"]},
    "Gaussian [rank]": {"estimator": "gaussian", "coordinate": ["rank"]},
    "Gaussian [normal_score]": {"estimator": "gaussian", "coordinate": ["normal_score"]},
    "KSG, k = 3": {"estimator": "ksg", "n_neighbours": 3},
    "KSG, k = 20": {"estimator": "ksg", "n_neighbours": 20, "coordinate": ["rank", "normal_score"]},
    "adaptive": {"estimator": "adaptive"},
}


def bins_of(case: Case, **settings: Any) -> Bins:
    """Discretise as a run with these settings does."""
    chosen = settings_from_keywords(**settings)
    data = AnnData(case.expression.T, uns={"genenet": {"directed": case.regulators is not None}})
    data.var["regulator"] = True if case.regulators is None else case.regulators
    return discretise(data, chosen.discretise, chosen.information)


def mi_of(bins: Bins) -> Matrix:
    """MI of the pairs that a run tests, 0 elsewhere."""
    if bins.estimator == "plugin":
        matrix = mutual_information_matrix(bins)
        matrix *= bins.regulator[:, None] | bins.regulator[None]
    else:
        rows = np.flatnonzero(bins.regulator)
        part = np.zeros((len(rows), bins.n_genes))
        pair_estimator(bins).rows(rows, bins.regulator, 0, part)
        matrix = np.zeros((bins.n_genes, bins.n_genes))
        matrix[rows] = np.maximum(part, 0.0) / np.log(2)
        matrix = np.maximum(matrix, matrix.T)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def dpi(case: Case, mi: Matrix, score: Matrix, tolerance: float) -> Matrix:
    """Ranking of a pruned network: direct pairs in order of their score, then indirect ones."""
    first, second = np.nonzero(case.tested | case.tested.T)
    upper = first < second
    first, second = first[upper], second[upper]
    found = mediators(first, second, mi[first, second], len(mi), rule=Rule(tolerance), is_mediator=case.regulators)
    ranked = np.zeros_like(score)
    values = score[first, second]
    ranked[first, second] = values + np.where(found.via < 0, 1.0 + values.max() - values.min(), 0.0)
    return np.maximum(ranked, ranked.T)


def places(scores: list[Matrix]) -> Matrix:
    """Consensus of several scores: minus the mean logarithm of a pair's places."""
    rows, columns = np.triu_indices(len(scores[0]), 1)
    total = np.zeros(len(rows))
    for score in scores:
        total -= np.log(rankdata(-score[rows, columns])) / len(scores)
    consensus = np.full(scores[0].shape, total.min())
    consensus[rows, columns] = consensus[columns, rows] = total
    return consensus


def clr_squared(case: Case, mi: Matrix) -> Matrix:
    """CLR, squared."""
    return scores.clr(mi, variant="squared", regulators=case.regulators)


def mrnet(case: Case, mi: Matrix) -> Matrix:
    """MRNET; equal scores in the order of MI."""
    return scores.mrnet(mi, regulators=case.regulators) + 1e-9 * mi


def partial_correlation(case: Case, _: Matrix) -> Matrix:
    """Partial correlation of the values."""
    return scores.partial_correlation(case.expression, regulators=case.regulators)


SCORES: dict[str, Callable[[Case, Matrix], Matrix]] = {
    "mi": lambda case, mi: mi,
    "clr": lambda case, mi: scores.clr(mi, regulators=case.regulators),
    "clr_squared": clr_squared,
    "mrnet": mrnet,
    "partial_correlation": partial_correlation,
    "clr_squared, mrnet": lambda case, mi: places([clr_squared(case, mi), mrnet(case, mi)]),
    "clr_squared, mrnet, partial_correlation": lambda case, mi: places(
        [clr_squared(case, mi), mrnet(case, mi), partial_correlation(case, mi)]
    ),
}


def run(case: Case, **settings: Any) -> Found:
    """Rank all pairs by a run: kept edges by their score, then removed ones, then all other pairs as ties."""
    frame, regulators = _named(case)
    result = infer_network(frame, regulators=regulators, max_pruned=len(frame) ** 2, **settings)
    edges, genes = result.edges, result.expression.var_names.str.removeprefix("gene").astype(int).to_numpy()
    first, second = (genes[edges[gene].cat.codes] for gene in ("gene_a", "gene_b"))
    ranked, kept = np.zeros(case.truth.shape), np.zeros(case.truth.shape, bool)
    ranked[first, second] = 1.0 + edges["score"] + np.where(edges["kept"], 1.0 + edges["score"].max(), 0.0)
    kept[first, second] = edges["kept"]
    return Found(np.maximum(ranked, ranked.T), kept | kept.T)


def ranking_of_all(case: Case) -> Matrix:
    """Ranking of all pairs, significant or not, by the score and the method that the default chooses."""
    frame, regulators = _named(case)
    chosen = infer_network(frame, regulators=regulators).summary["prune"]
    settings = {"score": chosen["score"], "prune_method": chosen["method"]}
    return run(case, alpha=1.0, correction="none", **settings).ranking


def _named(case: Case) -> tuple[pd.DataFrame, list[str] | None]:
    """Expression with names of genes and samples, and the names of the regulators."""
    genes, samples = (
        [f"{kind}{k}" for k in range(n)] for kind, n in zip(("gene", "sample"), case.expression.shape, strict=True)
    )
    regulators = None if case.regulators is None else [genes[gene] for gene in np.flatnonzero(case.regulators)]
    return pd.DataFrame(case.expression, genes, samples), regulators


def correlation(case: Case, kind: str) -> Matrix:
    """Absolute correlation of all pairs."""
    values = case.expression if kind == "pearson" else pd.DataFrame(case.expression.T).rank().to_numpy().T
    return np.abs(np.corrcoef(values))


def gaussian(case: Case, coordinate: str) -> Matrix:
    """MI of all pairs from their correlation."""
    return mi_of(bins_of(case, estimator="gaussian", coordinate=[coordinate]))


def published_clr(case: Case) -> Matrix:
    """CLR as published: 10 bins, splines of order 3, over each gene's range of values."""
    low, high = case.expression.min(axis=1, keepdims=True), case.expression.max(axis=1, keepdims=True)
    n_genes, n_samples = case.expression.shape
    total = soft_total(n_samples, 3)
    weights = np.empty((n_genes, 10, n_samples), np.uint8)
    spline_weights((case.expression - low) / (high - low), 3, total, weights)
    names = pd.RangeIndex(n_genes).astype(str)
    mi = mi_of(Bins(names, pd.RangeIndex(n_samples).astype(str), weights, total, _regulators(case)))
    return scores.clr(mi, regulators=case.regulators)


def pidc(case: Case) -> Matrix:
    """PIDC with its program's defaults: Bayesian blocks, all genes alike."""
    return scores.pidc(scores.puc(bins_of(case, discretise_method="bayesian_blocks", block_prior="running")))


def _regulators(case: Case) -> NDArray[np.bool_]:
    return np.ones(len(case.expression), bool) if case.regulators is None else case.regulators


def portia(case: Case) -> Matrix:
    """PORTIA, the program itself."""
    import portia as program

    data = program.GeneExpressionDataset()
    for sample, values in enumerate(case.expression.T):
        data.add(program.Experiment(sample, values))
    found = program.run(
        data, tf_idx=None if case.regulators is None else np.flatnonzero(case.regulators), verbose=False
    )
    found = np.nan_to_num(np.asarray(found, float))
    return np.maximum(found, found.T)


def boosting(case: Case) -> Matrix:
    """GRNBoost2 with its program's settings (package arboreto), one target after the other."""
    from arboreto.core import SGBM_KWARGS

    return _arboreto(case, "GBM", SGBM_KWARGS)


MOST_FOR_1000_TREES = 1e7
"""Pairs x samples up to which GENIE3 has its 1,000 trees for each gene."""


def forest(case: Case, n_trees: int | None = None) -> Matrix:
    """GENIE3 as arboreto has it: forests of 1,000 trees, of 100 on large sets, or as many as given."""
    from arboreto.core import RF_KWARGS

    if n_trees is None:
        n_trees = 100 if case.expression.size * case.n_regulators > MOST_FOR_1000_TREES else 1000
    return _arboreto(case, "RF", {**RF_KWARGS, "n_estimators": n_trees})


def _arboreto(case: Case, kind: str, options: dict[str, Any]) -> Matrix:
    from arboreto.core import infer_partial_network

    regulators = np.flatnonzero(_regulators(case))
    values, names = case.expression.T, [str(gene) for gene in regulators]
    weights = np.zeros(case.truth.shape)
    for target in range(len(case.expression)):
        links = infer_partial_network(kind, options, values[:, regulators], names, str(target), values[:, target])
        weights[links["TF"].astype(int), target] = links["importance"]
    return np.maximum(weights, weights.T)


PEERS: dict[str, Callable[[Case], Matrix]] = {
    "GENIE3 (arboreto)": lambda case: forest(case),
    "GRNBoost2 (arboreto)": boosting,
    "PORTIA": portia,
    "Pearson": lambda case: correlation(case, "pearson"),
    "Spearman": lambda case: correlation(case, "spearman"),
    "CLR (Faith 2007: B-spline 10/3)": published_clr,
    "CLR (minet: Spearman)": lambda case: scores.clr(gaussian(case, "rank"), regulators=case.regulators),
    "MRNET (minet: Spearman)": lambda case: scores.mrnet(gaussian(case, "rank"), regulators=case.regulators),
    "MRNETB (minet: Spearman)": lambda case: scores.mrnetb(gaussian(case, "rank"), regulators=case.regulators),
    "ARACNE (minet: Spearman, DPI 0)": lambda case: dpi(case, gaussian(case, "rank"), gaussian(case, "rank"), 0.0),
    "ARACNe-AP (adaptive, DPI 0)": lambda case: dpi(case, *[mi_of(bins_of(case, estimator="adaptive"))] * 2, 0.0),
    "CLR (parmigene: KSG 2, k = 3)": lambda case: scores.clr(
        mi_of(bins_of(case, estimator="ksg2", coordinate=["value"])), variant="parmigene"
    ),
    "PIDC (Bayesian blocks)": pidc,
}
# More pairs x samples than this take these methods long; MRNETB is quadratic in the genes that it may select.
LARGEST: dict[str, float] = {
    "GENIE3 (arboreto)": 3e8, "GRNBoost2 (arboreto)": 1e6, "PORTIA": 3e8, "CLR (parmigene: KSG 2, k = 3)": 2e7,
    "PIDC (Bayesian blocks)": 1e7, "ARACNe-AP (adaptive, DPI 0)": 3e8, "ARACNe-like (adaptive, p 0.01, DPI 0)": 3e8,
}  # fmt: skip
