"""Information of a pair of genes about a phenotype by nearest neighbours: balls by scipy, normal variables, threads."""

import math

import numpy as np
import pytest
from scipy.spatial import KDTree
from scipy.special import digamma

from genenet.estimators.selection_terms import NeighbourTerms
from genenet.kernels.threads import set_threads


def by_balls(x: np.ndarray, y: np.ndarray, k: int) -> float:
    """I(x; y) in bits, x of one or more columns, by Kraskov et al. 2004, eq. 8; ties counted as cells."""
    trees = [KDTree(np.column_stack(parts)) for parts in ([x, y], [x], [y])]
    radius = trees[0].query(trees[0].data, k + 1, p=np.inf)[0][:, -1]
    closed = [tree.query_ball_point(tree.data, radius, p=np.inf, return_length=True) for tree in trees]
    below = np.nextafter(radius, -1)
    inside = [tree.query_ball_point(tree.data, below, p=np.inf, return_length=True) for tree in trees]
    terms = np.where(
        (closed[0] > k + 1) | (radius == 0),
        digamma(closed[0]) - digamma(closed[1]) - digamma(closed[2]),
        digamma(k) - digamma(np.maximum(inside[1], 1)) - digamma(np.maximum(inside[2], 1)),
    )
    return float(digamma(len(y)) + terms.mean()) / math.log(2)


def by_balls_of_labels(x: np.ndarray, y: np.ndarray, k: int) -> float:
    """I(x; y) in bits, x of one or more columns and y labels, by Ross 2014, eq. 6; ties counted as cells."""
    terms: list[float] = []
    everywhere = KDTree(x)
    for label in np.unique(y):
        own = KDTree(x[y == label])
        near = min(k, own.n - 1)
        radius = own.query(own.data, near + 1, p=np.inf)[0][:, -1]
        same = own.query_ball_point(own.data, radius, p=np.inf, return_length=True)
        tied = (same > near + 1) | (radius == 0)
        reach = np.where(tied, radius, np.nextafter(radius, -1))
        near_all = everywhere.query_ball_point(own.data, reach, p=np.inf, return_length=True)
        terms.extend(digamma(np.where(tied, same, near)) - digamma(own.n) - digamma(near_all))
    return float(digamma(len(y)) + np.mean(terms)) / math.log(2)


def genes(seed: int, n: int) -> np.ndarray:
    """Seven genes: three that are related, counts, one of two values, one far off scale, ranks."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(7, n))
    values[1] += values[0]
    values[2] = np.sin(values[0])
    values[3] = rng.poisson(2, n)
    values[4] = rng.random(n) < 0.7
    values[5] = np.exp(5 * values[5])
    values[6] = values[6].argsort().argsort() / (n - 1)
    return values


def phenotypes(values: np.ndarray) -> dict[str, np.ndarray]:
    number = values[0] + values[1] ** 2 + 0.3 * np.cos(1e4 * values[1])
    label = np.digitize(number, [0.0, 1.0])
    label[:2] = 3  # a label with fewer samples than neighbours
    return {"number": number, "tied number": np.round(number), "label": label}


@pytest.mark.parametrize("kind", ["number", "tied number", "label"])
@pytest.mark.parametrize(("n", "k"), [(12, 1), (60, 3), (150, 8)])
def test_joint_relevance__as_balls_by_scipy(kind, n, k):
    values = genes(n, n)
    own = phenotypes(values)[kind]
    expected = by_balls_of_labels if kind == "label" else by_balls
    terms = NeighbourTerms(values, own.astype(float), labelled=kind == "label", n_neighbours=k)
    rng = np.random.default_rng(0)
    orders = np.vstack([np.arange(n), *(rng.permutation(n) for _ in range(4))])
    for gene in (0, 4):
        found = terms.joint_relevance(gene, orders)
        for row, order in enumerate(orders):
            one_by_one = [expected(values[[other, gene]].T, own[order], k) for other in range(7)]
            np.testing.assert_allclose(found[row], one_by_one, atol=1e-12)
        alone = [expected(values[[gene]].T, own[order], k) for order in orders]
        np.testing.assert_allclose(
            terms.conditional_relevance(gene, orders), found - np.array(alone)[:, None], atol=1e-12
        )


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_joint_relevance__of_three_normal_variables(rho):
    """I(x, z; y) = -1/2 log2(det of all three / (det of x and z)), for a phenotype of variance 1."""
    values, n_repeats = [], 5
    weights = rho * np.array([0.8, 0.6])
    within = np.array([[1.0, 0.4], [0.4, 1.0]])
    covariance = np.block([[within, (within @ weights)[:, None]], [within @ weights, np.ones(1)]])
    expected = -0.5 * math.log2(np.linalg.det(covariance) / np.linalg.det(within))
    for seed in range(n_repeats):
        x, z, y = np.random.default_rng(seed).multivariate_normal(np.zeros(3), covariance, 1_000).T
        terms = NeighbourTerms(np.vstack([x, z]), y, labelled=False, n_neighbours=3)
        values.append(terms.joint_relevance(0, np.arange(1_000)[None])[0, 1])
    assert np.mean(values) == pytest.approx(expected, abs=0.05)


def test_joint_relevance__of_two_normal_genes_and_a_label():
    """Two classes whose means differ in both genes: I by numerical integration of the logistic posterior."""
    rng, n = np.random.default_rng(0), 4_000
    label = np.arange(n) % 2
    values = rng.normal(size=(2, n)) + np.array([[1.0], [0.7]]) * (2 * label - 1)
    grid, step = np.linspace(-12, 12, 20_001, retstep=True)
    shift = math.hypot(1.0, 0.7)  # along the line between the means; across it nothing differs
    density = np.exp(-((grid - shift) ** 2) / 2) / math.sqrt(2 * math.pi)
    expected = 1 - (density * np.log2(1 + np.exp(-2 * shift * grid))).sum() * step
    terms = NeighbourTerms(values, label.astype(float), labelled=True, n_neighbours=3)
    assert terms.joint_relevance(0, np.arange(n)[None])[0, 1] == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("kind", ["number", "label"])
def test_joint_relevance__same_bits_with_any_threads_and_orders(kind):
    values = genes(3, 90)
    own = phenotypes(values)[kind].astype(float)
    terms = NeighbourTerms(values, own, labelled=kind == "label", n_neighbours=3)
    rng = np.random.default_rng(0)
    orders = np.vstack([rng.permutation(90) for _ in range(30)])
    try:
        set_threads(1)
        one = terms.joint_relevance(2, orders)
        set_threads(3)
        many = terms.joint_relevance(2, orders)
    finally:
        set_threads(0)
    np.testing.assert_array_equal(one, many)
    np.testing.assert_array_equal(one, np.vstack([terms.joint_relevance(2, order[None]) for order in orders]))
