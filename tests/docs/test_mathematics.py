"""The formulas of docs/mathematics.md, as they stand there, against the code and against other ways to the numbers."""

from itertools import permutations

import numpy as np
import pytest
from anndata import AnnData
from scipy import stats

from genenet.config import Discretise, Permutation
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.kernels.survivors import MOMENT_UNIT
from genenet.products.bins import Bins, margin_moments
from genenet.scores.dpi import Rule, mediators
from genenet.statistics.clr import clr
from genenet.statistics.multiple_testing import adjust
from genenet.statistics.null import EXTRAPOLATED_STEP, Null
from genenet.steps.discretise import discretise
from genenet.steps.permutation import null_factors, permutation_null

N = 120


@pytest.fixture(scope="module")
def bins() -> Bins:
    """Genes with different margins: normal, log-normal, counts with many zeros, a few outliers."""
    rng = np.random.default_rng(0)
    outliers = np.r_[rng.normal(size=N - 4), [8.0, 9.0, 10.0, 11.0]]
    values = [rng.normal(size=N), rng.lognormal(size=N), rng.poisson(0.4, N).astype(float), outliers]
    return discretise(AnnData(np.column_stack(values)))


def centred(weights: np.ndarray) -> np.ndarray:
    """U: samples x occupied bins."""
    shares = weights / weights.sum(axis=0)
    p = shares.mean(axis=1, keepdims=True)
    return ((shares - p) / np.sqrt(np.where(p > 0, p, 1)))[p[:, 0] > 0].T


def matrix(weights: np.ndarray) -> np.ndarray:
    u = centred(weights)
    return u.T @ u / len(u)


def nats(x: np.ndarray, y: np.ndarray) -> float:
    joint = x.astype(float) @ y.T.astype(float)
    joint /= joint.sum()
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    positive = joint > 0
    return float(np.sum(joint[positive] * np.log(joint[positive] / expected[positive])))


def test_joint_counts__mutual_information(bins):
    found = mutual_information_matrix(bins)
    for i, j in ((0, 1), (1, 2), (2, 3)):
        assert found[i, j] == pytest.approx(nats(bins.weights[i], bins.weights[j]) / np.log(2), abs=1e-12)


def test_second_order__is_the_sum_of_squares(bins):
    x, y = bins.weights[:2]
    joint = x.astype(float) @ y.T.astype(float) / (N * bins.total**2)
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    chi_square = N * np.sum((joint - expected) ** 2 / expected)
    assert np.sum((centred(x).T @ centred(y)) ** 2) / N == pytest.approx(chi_square, rel=1e-10)
    # The smaller the deviation from independence, the less is left out.
    for part in (1e-2, 1e-4):
        nearer = expected + part * (joint - expected)
        assert 2 * N * np.sum(nearer * np.log(nearer / expected)) == pytest.approx(part**2 * chi_square, rel=part)


@pytest.mark.parametrize("gene", range(4))
def test_c__traces_and_eigenvalues(bins, gene):
    c = matrix(bins.weights[gene])
    alpha = np.linalg.eigvalsh(c)
    assert alpha.min() == pytest.approx(0, abs=1e-12)
    assert alpha.max() <= 1 + 1e-12
    assert margin_moments(bins)[gene] == pytest.approx([np.sum(alpha**r) for r in (1, 2, 3)], rel=1e-10)


def test_c__of_hard_bins_is_a_projection():
    hard = discretise(AnnData(np.arange(30.0)[:, None]), Discretise(method="equal_frequency", n_bins=5))
    c = matrix(hard.weights[0])
    p = np.full(5, 0.2)
    assert c == pytest.approx(np.eye(5) - np.sqrt(np.outer(p, p)), abs=1e-12)
    assert np.linalg.eigvalsh(c) == pytest.approx([0, 1, 1, 1, 1], abs=1e-12)


def test_z__all_permutations_of_six_samples():
    """Mean 0, and covariance n / (n - 1) of each with itself, 0 with any other: exactly, not as n grows."""
    values = np.array([[1.0, 2.0, 2.5, 4.0, 7.0, 7.5], [3.0, 3.0, 1.0, 0.0, 5.0, 9.0]]).T
    x, y = discretise(AnnData(values), Discretise(n_bins=4, order=3)).weights
    n, e, f = 6, *(np.linalg.svd(centred(weights))[0][:, :3] for weights in (x, y))
    z = np.array([np.sqrt(n) * (e.T @ f[list(order)]).ravel() for order in permutations(range(n))])
    assert z.mean(axis=0) == pytest.approx(np.zeros(9), abs=1e-12)
    assert z.T @ z / len(z) == pytest.approx(np.eye(9) * n / (n - 1), abs=1e-12)
    # And so the mean of the second-order term, over all permutations.
    terms = [np.sum((centred(x).T @ centred(y[:, list(order)])) ** 2) / n for order in permutations(range(n))]
    s1 = np.trace(matrix(x)) * np.trace(matrix(y))
    assert np.mean(terms) == pytest.approx(s1 * n / (n - 1), rel=1e-12)


def test_moments__cumulants_of_weighted_chi_squares(bins):
    """Mean, standard deviation and skewness of every pair, from the eigenvalues themselves."""
    factors = null_factors(bins)
    for i, j in ((0, 1), (0, 2), (2, 3)):
        products = np.outer(*(np.linalg.eigvalsh(matrix(bins.weights[g])) for g in (i, j)))
        k1, k2, k3 = (2 ** (r - 1) * (1, 1, 2)[r - 1] * np.sum(products**r) for r in (1, 2, 3))
        bits = 2 * N * np.log(2)
        wanted = [k1 / bits * N / (N - 1), np.sqrt(k2) / bits, k3 / k2**1.5]
        assert factors[i] * factors[j] == pytest.approx(wanted, rel=1e-9)


def test_moments__those_of_permutations(bins):
    """The theory is of second order: within a tenth of the mean and deviation over 4,000 permutations, here."""
    rng = np.random.default_rng(1)
    mean, deviation, skewness = null_factors(bins)[0] * null_factors(bins)[1]
    x, y = bins.weights[:2]
    draws = np.array([nats(x, y[:, rng.permutation(N)]) for _ in range(4_000)]) / np.log(2)
    assert draws.mean() == pytest.approx(mean, rel=0.1)
    assert draws.std() == pytest.approx(deviation, rel=0.1)
    assert stats.skew(draws) == pytest.approx(skewness, rel=0.25)


def test_pivot__is_the_gamma_tail_and_for_hard_bins_that_of_chi_square():
    rng = np.random.default_rng(2)
    bins = discretise(AnnData(rng.normal(size=(60, 2))), Discretise(method="equal_frequency", n_bins=4))
    factors = null_factors(bins)
    mi = np.array([0.05, 0.1, 0.3])
    mean, deviation, skewness = factors[0] * factors[1]
    a = 4 / skewness**2
    wanted = stats.gamma.sf(a + 2 / skewness * (mi - mean) / deviation, a)
    pair = np.zeros(3, np.int32), np.ones(3, np.int32)
    found = np.exp(Null(factors, np.zeros(1)).log_pivots(mi, *pair))
    assert found == pytest.approx(wanted, rel=1e-9)
    # n / (n - 1) in the mean is all that is between it and chi-square with 9 degrees of freedom.
    shifted = 2 * 60 * mi * np.log(2) - 9 / 59
    assert found == pytest.approx(stats.chi2.sf(shifted, 9), rel=1e-9)


def test_pvalues__counted_and_extrapolated(bins):
    null = permutation_null(bins, Permutation(n_draws=20_000), seed=1)
    pivots = np.exp(null.log_tails)
    assert null.pvalues(np.log([0.3]))[0] == (1 + np.sum(pivots <= 0.3)) / 20_001
    k = min(1000, max(10, 20_000 // 1000))
    anchor, p0 = pivots[k], (k + 1) / 20_001
    theta = min(1.0, 1 / np.mean(np.log(anchor / pivots[:k])))
    beyond = pivots[0] * 1e-6
    wanted = p0 * (beyond / anchor) ** theta
    assert wanted <= null.pvalues(np.log([beyond]))[0] <= wanted * np.exp(EXTRAPOLATED_STEP) * (1 + 1e-9)


def test_survivors__have_the_adjusted_pvalues_of_all():
    rng = np.random.default_rng(3)
    pvalues = np.sort(np.r_[rng.uniform(size=900), rng.uniform(high=1e-3, size=100)])
    survivors = pvalues[pvalues <= 0.05]
    for correction, method in (("bh", "bh"), ("by", "by")):
        everything = stats.false_discovery_control(pvalues, method=method)[: len(survivors)]
        found = adjust(survivors, 1_000, correction)
        assert np.array_equal(found <= 0.05, everything <= 0.05)
        significant = everything <= 0.05
        assert found[significant] == pytest.approx(everything[significant], rel=1e-12)


def smallest(rule: Rule, mi: float) -> float:
    """The bound that the weaker of two edges must exceed for a third with this MI to be indirect, as on the page."""
    return mi / (1 - rule.tolerance) + rule.epsilon


@pytest.mark.parametrize("rule", [Rule(), Rule(tolerance=0.15), Rule(epsilon=0.1)], ids=str)
def test_strongest_first__stops_where_no_later_neighbour_can_mediate(rule):
    """The walk of the page, written out: its verdicts are those over all third genes, and those of the program."""
    rng = np.random.default_rng(4)
    mi = rng.uniform(size=(12, 12))
    mi = (mi + mi.T) / 2
    first, second = np.triu_indices(12, 1)
    mediators_found = mediators(first, second, mi[first, second], 12, rule=rule).via
    n_looked_at = 0
    for edge, (i, j) in enumerate(zip(first, second, strict=True)):
        others = sorted((k for k in range(12) if k not in (i, j)), key=lambda k: -mi[i, k])
        bound, via = smallest(rule, mi[i, j]), -1
        for k in others:
            if mi[i, k] <= bound:
                break
            n_looked_at += 1
            if mi[j, k] > bound:
                via = k
                break
        assert via == mediators_found[edge]
        assert (via >= 0) == any(min(mi[i, k], mi[j, k]) > bound for k in others)
    assert n_looked_at < len(first) * 10 / 4


def test_clr__three_ways_to_combine_two_z_scores():
    rng = np.random.default_rng(5)
    mi = rng.gamma(2.0, 0.1, size=(8, 8))
    mi = np.round((mi + mi.T) / 2 / MOMENT_UNIT) * MOMENT_UNIT
    np.fill_diagonal(mi, 0)
    units = np.rint(mi / MOMENT_UNIT).astype(np.int64)
    sums = np.column_stack([np.full(8, 7), units.sum(axis=1), (units**2).sum(axis=1)])
    others = np.array([np.delete(row, i) for i, row in enumerate(mi)])
    z = np.maximum(0, (mi - others.mean(axis=1)[:, None]) / others.std(axis=1, ddof=1)[:, None])
    i, j = np.triu_indices(8, 1)
    pairs = i.astype(np.int32), j.astype(np.int32), mi[i, j]
    a, b = z[i, j], z[j, i]
    assert clr(*pairs, sums) == pytest.approx(np.sqrt(a**2 + b**2), abs=1e-9)
    assert clr(*pairs, sums, variant="squared") == pytest.approx(np.sqrt(a**4 + b**4), abs=1e-9)
    assert clr(*pairs, sums, variant="stouffer") == pytest.approx((a + b) / np.sqrt(2), abs=1e-9)
