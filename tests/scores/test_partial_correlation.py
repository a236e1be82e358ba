"""Partial correlation against scikit-learn's precision matrix, by hand, and its exactness."""

import numpy as np
import pytest
from sklearn.covariance import ShrunkCovariance
from threadpoolctl import threadpool_limits

from genenet.errors import ConfigError, InputError
from genenet.kernels import precision
from genenet.kernels.threads import n_threads, set_threads
from genenet.scores import partial_correlation
from genenet.scores.partial_correlation import PartialCorrelations, partial_correlations

# More genes than samples, fewer, as many; more than one panel of the Cholesky factor.
SHAPES = [(30, 100), (100, 30), (40, 40), (200, 300), (300, 150)]


def related(n_genes: int, n_samples: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_genes, 5)) @ rng.standard_t(3, size=(5, n_samples)) + rng.normal(
        size=(n_genes, n_samples)
    )


def as_scikit_learn(values: np.ndarray, shrinkage: float) -> np.ndarray:
    """Absolute partial correlations from the precision of z-scores that were clipped at 3; the diagonal 0."""
    scores = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)
    clipped = np.clip(scores, -3, 3)
    assert (clipped != scores).any()
    scores = (clipped - clipped.mean(axis=1, keepdims=True)) / clipped.std(axis=1, keepdims=True)
    # The mean of the variances, to which it shrinks, is 1.
    found = ShrunkCovariance(shrinkage=shrinkage, assume_centered=True).fit(scores.T).precision_
    scale = np.sqrt(np.diag(found))
    partial = np.abs(found) / scale / scale[:, None]
    np.fill_diagonal(partial, 0.0)
    return partial


def pairs_of(n_genes: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.triu_indices(n_genes, 1)
    return first.astype(np.int32), second.astype(np.int32)


@pytest.mark.parametrize("shrinkage", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_partial_correlations__as_scikit_learn(shape: tuple[int, int], shrinkage: float) -> None:
    values = related(*shape)
    expected, pairs = as_scikit_learn(values, shrinkage), pairs_of(shape[0])
    found = partial_correlations(values, shrinkage=shrinkage)
    np.testing.assert_allclose(found.of(*pairs), expected[pairs], atol=1e-6)
    every = np.ones(shape[0], bool)
    np.testing.assert_allclose(found.means(every, every), expected.sum(axis=1) / (shape[0] - 1), atol=1e-7)


def test_partial_correlation__relative_to_the_means_of_its_genes() -> None:
    values = related(30, 60)
    expected = as_scikit_learn(values, 0.5)
    mean = expected.sum(axis=1) / 29
    expected /= (mean[:, None] + mean) / 2
    np.testing.assert_allclose(partial_correlation(values), expected, atol=1e-4)


def test_partial_correlation__of_tested_pairs() -> None:
    values = related(30, 60)
    regulators, targets = np.arange(30) < 6, np.arange(30) >= 4
    expected = as_scikit_learn(values, 0.5)
    tested = (regulators[:, None] & targets) | (targets[:, None] & regulators)
    np.fill_diagonal(tested, False)
    expected[~tested] = 0.0
    mean = expected.sum(axis=1) / tested.sum(axis=1)
    expected /= (mean[:, None] + mean) / 2
    found = partial_correlation(values, regulators=regulators, targets=targets)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert ((found == 0) == ~tested).all()


def test_partial_correlation__of_three_genes_by_hand() -> None:
    # Orthogonal z-scores a, b, and a third gene (a + b) / sqrt(2): correlations 0, sqrt(1/2), sqrt(1/2). With the
    # shrinkage 1/2 these are halved, h = sqrt(1/8), and the inverse is, up to its determinant, by cofactors:
    #     1 - h^2 = 7/8 for a and b, 1 for the third; a-b: h^2 = 1/8; a-third: h = sqrt(1/8).
    a, b = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    found = partial_correlations(np.array([a, b, a + b]))
    expected = [1 / 7, np.sqrt(1 / 8) / np.sqrt(7 / 8), np.sqrt(1 / 8) / np.sqrt(7 / 8)]
    np.testing.assert_allclose(found.of(*pairs_of(3)), expected, atol=1e-7)


def test_partial_correlations__the_same_bits_for_any_number_of_threads() -> None:
    before = n_threads()

    def run(number: int) -> PartialCorrelations:
        set_threads(number)
        with threadpool_limits(number, user_api="blas"):
            return partial_correlations(values)

    try:
        for shape in ((300, 200), (200, 300)):
            values = related(*shape)
            one, several = run(1), run(3)
            every = np.ones(shape[0], bool)
            assert one.vectors.tobytes() == several.vectors.tobytes()
            assert one.means(every, every).tobytes() == several.means(every, every).tobytes()
    finally:
        set_threads(before)


def test_partial_correlations__scalar_products_are_exact_whole_numbers() -> None:
    found = partial_correlations(related(60, 40))
    whole = [[int(value) for value in row] for row in found.vectors]
    assert (found.vectors == np.rint(found.vectors)).all()
    assert np.abs(found.vectors).max() > 2**18
    first, second = pairs_of(60)
    exact = [
        abs(sum(x * y for x, y in zip(whole[i], whole[j], strict=True))) for i, j in zip(first, second, strict=True)
    ]
    assert max(exact) < 2**53
    assert found.of(first, second).tolist() == [value * found.unit for value in exact]


@pytest.mark.parametrize("n", [1, 63, 64, 65, 200])
def test_cholesky__as_numpy(n: int) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, n + 5))
    matrix = vectors @ vectors.T
    factor = matrix.copy()
    precision.cholesky(factor)
    np.testing.assert_allclose(np.tril(factor), np.linalg.cholesky(matrix), rtol=1e-9, atol=1e-9)
    rows = np.random.default_rng(0).normal(size=(37, n))
    solved = rows.copy()
    precision.solve_lower(factor, solved)
    np.testing.assert_allclose(solved @ np.tril(factor).T, rows, rtol=1e-8, atol=1e-8)


def test_partial_correlation__bad_input() -> None:
    with pytest.raises(ConfigError) as error:
        partial_correlation(related(5, 30), shrinkage=0.0)
    assert str(error.value) == "shrinkage must be above 0 and at most 1, got 0.0"
    with pytest.raises(InputError) as wrong:
        partial_correlation(np.ones((1, 5)))
    assert str(wrong.value) == "partial_correlation needs a matrix of at least 2 genes, got shape (1, 5)"
