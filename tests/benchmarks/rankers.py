"""Ways to rank pairs of genes: genenet's estimators and scores, and what other programs do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config import settings_from_keywords
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.binning import _soft_total
from genenet.estimators.pair_estimators import pair_estimator
from genenet.kernels.weights import spline_weights
from genenet.pipeline import infer_network
from genenet.products.bins import Bins
from genenet.scores import matrix_scores as scores
from genenet.scores.dpi import Rule, mediators
from genenet.steps.discretise import discretise
from tests.benchmarks.gold import Case, Matrix

# Whole runs; the first one has no pair that is no edge, as other programs rank all pairs.
RUNS: dict[str, dict[str, Any]] = {
    "genenet, defaults, all pairs": {"alpha": 1.0, "correction": "none"},
    "genenet, defaults, significant pairs": {},
}
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


SCORES: dict[str, Callable[[Case, Matrix], Matrix]] = {
    "mi": lambda case, mi: mi,
    "clr": lambda case, mi: scores.clr(mi, regulators=case.regulators),
    "clr_squared": lambda case, mi: scores.clr(mi, variant="squared", regulators=case.regulators),
    "mrnet": lambda case, mi: scores.mrnet(mi, regulators=case.regulators),
    "mrnetb": lambda case, mi: scores.mrnetb(mi, regulators=case.regulators),
    "network_deconvolution": lambda case, mi: scores.network_deconvolution(mi),
    "consensus": lambda case, mi: scores.rank_average(
        [scores.clr(mi, variant="squared", regulators=case.regulators), scores.mrnet(mi, regulators=case.regulators)]
    ),
    "mi, DPI 0.15": lambda case, mi: dpi(case, mi, mi, 0.15),
    "clr_squared, DPI 0.15": lambda case, mi: dpi(case, mi, SCORES["clr_squared"](case, mi), 0.15),
}


def run(case: Case, **settings: Any) -> Matrix:
    """What a run gives: kept edges by their score, then removed ones, then pairs that are no edges, all alike."""
    frame = pd.DataFrame(case.expression)
    regulators = None if case.regulators is None else [str(gene) for gene in np.flatnonzero(case.regulators)]
    edges = infer_network(frame, regulators=regulators, max_pruned=len(frame) ** 2, **settings).edges
    first, second = edges["gene_a"].cat.codes, edges["gene_b"].cat.codes
    ranked = np.zeros(case.truth.shape)
    ranked[first, second] = 1.0 + edges["score"] + np.where(edges["kept"], 1.0 + edges["score"].max(), 0.0)
    return np.maximum(ranked, ranked.T)


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
    total = _soft_total(n_samples, 3)
    weights = np.empty((n_genes, 10, n_samples), np.uint8)
    spline_weights((case.expression - low) / (high - low), 3, total, weights)
    names = pd.RangeIndex(n_genes).astype(str)
    mi = mi_of(Bins(names, pd.RangeIndex(n_samples).astype(str), weights, total, _regulators(case)))
    return scores.clr(mi, regulators=case.regulators)


def pidc(case: Case) -> Matrix:
    """PIDC with its program's defaults: Bayesian blocks, all genes alike."""
    return scores.pidc(scores.puc(bins_of(case, discretise_method="bayesian_blocks", block_prior="running")))


def genie3(case: Case, n_trees: int) -> Matrix:
    """GENIE3: importance of each regulator in a random forest that predicts the gene (Huynh-Thu et al. 2010).

    Trees of all samples, sqrt(regulators) tried at a cut; of the two directions of a pair the larger importance.
    """
    from sklearn.ensemble import RandomForestRegressor

    values = (case.expression - case.expression.mean(axis=1, keepdims=True)) / case.expression.std(
        axis=1, keepdims=True
    )
    weights = np.zeros((len(values), len(values)))
    for target in range(len(values)):
        candidates = np.flatnonzero(_regulators(case))
        candidates = candidates[candidates != target]
        forest = RandomForestRegressor(n_trees, max_features="sqrt", random_state=0, n_jobs=-1)
        forest.fit(values[candidates].T, values[target])
        weights[candidates, target] = forest.feature_importances_
    return np.maximum(weights, weights.T)


def _regulators(case: Case) -> NDArray[np.bool_]:
    return np.ones(len(case.expression), bool) if case.regulators is None else case.regulators


PEERS: dict[str, Callable[[Case], Matrix]] = {
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
