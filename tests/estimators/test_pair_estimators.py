"""Estimators that are not the plug-in, for all pairs: correlations by scipy, parmigene, plain loops; their null."""

import math

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

from genenet import ksg_mutual_information, mutual_information
from genenet.config import CONTINUOUS, Discretise, Estimator, Information, Permutation, settings_from_keywords
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.pair_estimators import ksg_estimator
from genenet.files.intermediate import read_bins, write_bins
from genenet.pipeline import infer_network
from genenet.products.bins import Bins
from genenet.products.pairs import Pairs
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import estimated_factors, permutation_null

CORRECTIONS = ("miller_madow", "shrink", "jeffreys", "laplace", "perks", "minimax")
ESTIMATORS: tuple[Estimator, ...] = (*CORRECTIONS, *CONTINUOUS)


def related(seed: int = 0, n_samples: int = 120, n_genes: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_samples, 4)) @ rng.normal(size=(4, n_genes)) + rng.normal(size=(n_samples, n_genes))


def bins_for(values: np.ndarray, estimator: Estimator, **settings) -> Bins:
    chosen = settings_from_keywords(estimator=estimator, **settings)
    return discretise(AnnData(values), chosen.discretise, chosen.information)


def mi_by_pair(pairs: Pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.first, pairs.second, strict=True), pairs.mi, strict=True))


def log_pivots(null: Null, pairs: Pairs) -> np.ndarray:
    return null.log_pivots(pairs.mi, pairs.first, pairs.second)


def pairs_of(matrix: np.ndarray) -> np.ndarray:
    return matrix[np.triu_indices(len(matrix), 1)]


# Values


@pytest.mark.parametrize(
    ("coordinate", "correlation"),
    [("rank", stats.spearmanr), ("value", stats.pearsonr), ("normal_score", None)],
)
def test_gaussian__of_correlation(coordinate, correlation):
    values = np.clip(related(), -5, 5)
    scores = values
    if correlation is None:
        correlation, scores = stats.pearsonr, stats.norm.ppf((stats.rankdata(values, axis=0) - 0.5) / len(values))
    elif coordinate == "value":
        z = stats.zscore(values)
        scores = np.clip(z, -3, 3)
    matrix = mutual_information_matrix(bins_for(values, "gaussian", coordinate=(coordinate,)))
    for i, j in [(0, 1), (3, 7), (11, 2)]:
        r = correlation(scores[:, i], scores[:, j]).statistic
        assert matrix[i, j] == pytest.approx(-0.5 * math.log2(1 - r**2), abs=1e-12)


def test_gaussian__copies_have_20_bits():
    values = related()
    values[:, 1] = -values[:, 0]
    assert mutual_information_matrix(bins_for(values, "gaussian"))[0, 1] == pytest.approx(20)


@pytest.mark.parametrize("algorithm", [1, 2])
def test_ksg__as_the_pair_function(algorithm):
    values = related(1)
    bins = bins_for(values, "ksg" if algorithm == 1 else "ksg2", n_neighbours=4, coordinate=("value",))
    matrix = mutual_information_matrix(bins)
    z = np.clip(stats.zscore(values), -3, 3)
    for i, j in [(0, 1), (3, 7), (2, 11)]:
        expected = ksg_mutual_information(z[:, i], z[:, j], k=4, algorithm=algorithm, scale=False)
        assert max(matrix[i, j], 0) == pytest.approx(expected, abs=1e-9)


PARMIGENE = {
    "NetworkInference_yeast10": "peer_NetworkInference.jl/expression.tsv",
    "dream4_size100_multifactorial_net1": "dream4_multifactorial/net1/multifactorial.tsv",
    "grndata_toy": "grndata_toy/expression.tsv.gz",
}


@pytest.mark.parametrize("name", PARMIGENE)
def test_ksg2__as_parmigene(name, shared_data):
    golden = pd.read_csv(shared_data / "reference_parmigene" / name / "knnmi_k3.tsv.gz", sep="\t", index_col=0)
    values = pd.read_csv(shared_data / PARMIGENE[name], sep="\t", index_col=0).to_numpy(float)
    matrix = np.zeros((len(values), len(values)))
    scaled = np.ascontiguousarray(values / values.std(axis=1, keepdims=True))
    ksg_estimator(scaled, 3, 2).rows(np.arange(len(values)), np.ones(len(values), bool), 0, matrix)
    # With ties its numbers depend on its threads.
    untied = np.array([len(np.unique(row)) == len(row) for row in values])
    assert untied.mean() > 0.5
    both = np.triu(np.outer(untied, untied), 1)
    difference = abs(matrix[both] - golden.to_numpy()[both])
    # Where distances are equal to the last decimal its noise decides which neighbour is the nearer one.
    assert (difference < 1e-6).mean() > 0.95
    assert difference.max() < 2e-3


def adaptive_by_recursion(x: np.ndarray, y: np.ndarray) -> float:
    """Darbellay & Vajda on ranks 1 .. n without ties, expected numbers from the sizes of the halves."""
    n = len(x)

    def boxes(inside, x_low, x_high, y_low, y_high, first):
        if len(inside) > 2:
            x_middle, y_middle = (x_low + x_high) // 2, (y_low + y_high) // 2
            quarters = [
                (x_low, x_middle, y_low, y_middle),
                (x_low, x_middle, y_middle + 1, y_high),
                (x_middle + 1, x_high, y_low, y_middle),
                (x_middle + 1, x_high, y_middle + 1, y_high),
            ]
            parts = [[s for s in inside if a <= x[s] <= b and c <= y[s] <= d] for a, b, c, d in quarters]
            area = (x_high - x_low + 1) * (y_high - y_low + 1)
            expected = [len(inside) * (b - a + 1) * (d - c + 1) / area for a, b, c, d in quarters]
            statistic = sum((len(part) - e) ** 2 / e for part, e in zip(parts, expected, strict=True) if e > 0)
            if first or statistic > 7.815:
                return sum(boxes(part, *quarter, False) for part, quarter in zip(parts, quarters, strict=True) if part)
        area = (x_high - x_low + 1) * (y_high - y_low + 1)
        return len(inside) / n * math.log2(n * len(inside) / area)

    return boxes(list(range(n)), 1, n, 1, n, True)


@pytest.mark.parametrize("n_samples", [3, 4, 50, 133])
def test_adaptive__as_plain_recursion(n_samples):
    values = related(2, n_samples, 6)
    ranks = stats.rankdata(values, axis=0).astype(int)
    matrix = mutual_information_matrix(bins_for(values, "adaptive"))
    for i in range(6):
        for j in range(i):
            assert matrix[i, j] == pytest.approx(adaptive_by_recursion(ranks[:, j], ranks[:, i]), abs=1e-12)


def test_adaptive__ties_do_not_make_information():
    rng = np.random.default_rng(0)
    values = rng.poisson(0.5, (300, 30)).astype(float)
    assert pairs_of(mutual_information_matrix(bins_for(values, "adaptive"))).mean() < 0.02
    values[:, 1] = values[:, 0]
    labels = values[:, 0].astype(int)
    # A copy: what the partition can tell of it is at most its entropy.
    copy = mutual_information_matrix(bins_for(values, "adaptive"))[0, 1]
    assert 0.7 * mutual_information(labels, labels) < copy <= mutual_information(labels, labels) + 1e-12


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrections__as_the_pair_functions(correction):
    values = np.round(related(3) / 2).clip(-3, 3)
    matrix = mutual_information_matrix(bins_for(values, correction, discretise_method="codes"))
    for i, j in [(0, 1), (3, 7), (11, 2)]:
        expected = mutual_information(values[:, i], values[:, j], correction=correction)
        assert matrix[i, j] == pytest.approx(expected, abs=1e-12)


def test_miller_madow__soft_bins_have_no_bias_when_independent():
    values = np.random.default_rng(0).normal(size=(60, 60))
    plain = pairs_of(mutual_information_matrix(bins_for(values, "plugin"))).mean()
    corrected = pairs_of(mutual_information_matrix(bins_for(values, "miller_madow"))).mean()
    assert abs(corrected) < 0.1 * plain


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
@pytest.mark.parametrize(
    ("estimator", "bias", "spread"),
    [("gaussian", 0.01, 1.1), ("ksg", 0.03, 3.0), ("ksg2", 0.03, 3.5), ("adaptive", 0.12, 2.5)],
)
def test_bivariate_normal__bias_and_spread(estimator, bias, spread, rho):
    """40 pairs of 500 samples; the spread is compared with that of the best estimate, which knows the family."""
    n, repeats = 500, 40
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(2, n, repeats))
    y = rho * x + math.sqrt(1 - rho**2) * noise
    matrix = mutual_information_matrix(bins_for(np.hstack([x, y]), estimator, coordinate=("normal_score",)))
    ours = np.array([matrix[k, repeats + k] for k in range(repeats)])
    best = max(rho, 0.3) / math.sqrt(n) / math.log(2)
    assert ours.mean() == pytest.approx(-0.5 * math.log2(1 - rho**2), abs=bias)
    assert ours.std() < spread * best


# Null and data path


@pytest.mark.parametrize("kind", ["continuous", "counts", "rounded"])
@pytest.mark.parametrize("choice", [*ESTIMATORS, "equal_frequency", "equal_width", "kmeans", "zero_inflated"])
def test_null__p_values_of_independent_genes_are_uniform(choice, kind):
    estimator, method = (choice, "bspline") if choice in ESTIMATORS else ("plugin", choice)
    rng = np.random.default_rng(5)
    values = {
        "continuous": rng.lognormal(size=(100, 150)),
        "counts": rng.poisson(2, (100, 150)) * (rng.random((100, 150)) < rng.uniform(0.3, 0.9, 150)),
        "rounded": np.round(rng.normal(size=(100, 150)), 1),
    }[kind].astype(float)
    bins = bins_for(values, estimator, discretise_method=method)
    null = permutation_null(bins, Permutation(n_draws=30_000), seed=1)
    block = information(bins, null, alpha=1.0, seed=1)
    pvalues = null.pvalues(log_pivots(null, block.pairs))
    assert len(pvalues) == 150 * 149 / 2
    for level in (0.3, 0.1, 0.01, 0.001):
        number, expected = (pvalues <= level).sum(), level * len(pvalues)
        spread = 0.2 * expected + 4 * math.sqrt(expected)
        # Most boxes are cut only once: MI has few values, and what ties with many draws has a large p-value.
        assert number < expected + spread
        assert number > expected - spread or (estimator == "adaptive" and level > 0.01)


@pytest.mark.parametrize("estimator", ["shrink", "ksg", "adaptive"])
def test_null__same_level_for_genes_of_every_kind(estimator):
    """Genes with many ties and without are significant equally often, which one pooled null of MI does not give."""
    rng = np.random.default_rng(6)
    values = rng.lognormal(size=(100, 200))
    values[:, 100:] *= rng.random((100, 100)) < 0.25
    bins = bins_for(values, estimator)
    null = permutation_null(bins, Permutation(n_draws=100_000), seed=1)
    block = information(bins, null, alpha=1.0, seed=1)
    pvalues = null.pvalues(log_pivots(null, block.pairs))
    kind = (block.pairs.first >= 100).astype(int) + (block.pairs.second >= 100)
    for k in range(3):
        n = (kind == k).sum()
        assert (pvalues[kind == k] <= 0.01).sum() == pytest.approx(0.01 * n, abs=0.01 * n + 4 * math.sqrt(0.01 * n))


def test_estimated_factors__find_products():
    rng = np.random.default_rng(0)
    own = rng.uniform(0.5, 2, 50)
    first, second = rng.integers(50, size=(2, 400_000))
    mi = own[first] * own[second] * rng.gamma(2, 0.5, size=first.size)
    factors = estimated_factors(mi, first, second, 50)
    np.testing.assert_allclose(factors[:, 0], own, rtol=0.05)
    np.testing.assert_allclose(factors[:, 1], own * 0.5**0.25, rtol=0.1)
    np.testing.assert_allclose(factors[:, 2] ** 2, math.sqrt(2), rtol=0.05)


def test_estimated_factors__genes_that_differ_by_chance_only_are_one():
    rng = np.random.default_rng(0)
    first, second = rng.integers(50, size=(2, 20_000))
    factors = estimated_factors(rng.gamma(2, size=first.size), first, second, 50)
    assert factors.std(axis=0).max() < 0.01


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_information__blocks_and_regulators(estimator):
    adata = AnnData(related(4, 80, 40), uns={"genenet": {"directed": True}})
    adata.var["regulator"] = np.arange(40) % 3 == 0
    bins = discretise(adata, Discretise(), Information(estimator=estimator))
    null = permutation_null(bins, Permutation(n_draws=2_000))
    whole = information(bins, null, alpha=1.0)
    parts = [information(bins, null, alpha=1.0, block=k, n_blocks=3) for k in range(3)]
    assert whole.n_pairs == sum(part.n_pairs for part in parts) == bins.n_pairs
    table = {pair: mi for part in parts for pair, mi in mi_by_pair(part.pairs).items()}
    assert table == mi_by_pair(whole.pairs)
    matrix = np.maximum(mutual_information_matrix(bins), 0)
    np.testing.assert_allclose([matrix[pair] for pair in table], list(table.values()), atol=1e-9)


@pytest.mark.parametrize("estimator", ["shrink", "ksg2", "gaussian"])
def test_files__bins_are_read_back(estimator, tmp_path):
    bins = bins_for(related(), estimator, n_neighbours=5)
    write_bins(bins, tmp_path / "bins.h5ad")
    back = read_bins(tmp_path / "bins.h5ad")
    assert (back.estimator, back.n_neighbours, back.n_bins) == (bins.estimator, 5, bins.n_bins)
    np.testing.assert_array_equal(mutual_information_matrix(back), mutual_information_matrix(bins))


@pytest.mark.parametrize("estimator", ["gaussian", "ksg", "laplace"])
def test_infer_network__with_estimator(estimator):
    values = related(8, 150, 20)
    result = infer_network(pd.DataFrame(values.T), seed=1, n_draws=20_000, estimator=estimator)
    assert 10 < result.edges["kept"].sum() < 100
    assert result.summary["significance"]["estimator"] == estimator
    assert estimator in str(result)


def test_ksg__more_neighbours_than_samples():
    with pytest.raises(InputError, match=r"information.n_neighbours is 30, but there are 25 samples; it must be less"):
        mutual_information_matrix(bins_for(related(0, 25), "ksg", n_neighbours=30))
