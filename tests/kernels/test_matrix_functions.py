"""Functions of a matrix: by hand, against LAPACK, and the same bits for any number of threads."""

import numpy as np
import pytest

from genenet.kernels import threads
from genenet.kernels.matrix_functions import inverse, inverse_root, multiply, projector


def covariance(n: int, spread: float) -> np.ndarray:
    """A covariance matrix with eigenvalues from 1 to `spread`."""
    vectors, _ = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))
    return (vectors * np.geomspace(1.0, spread, n)) @ vectors.T


def test_multiply__odd_shapes_against_blas() -> None:
    rng = np.random.default_rng(0)
    for n, m, k in ((1, 1, 1), (3, 9, 2), (130, 141, 515)):
        a, b = rng.normal(size=(n, m)), rng.normal(size=(m, k))
        assert np.allclose(multiply(a, b), a @ b, rtol=0, atol=1e-12)


def test_multiply__views_are_taken_as_they_look() -> None:
    a = np.arange(12.0).reshape(3, 4)
    assert multiply(a.T, a).tolist() == (a.T @ a).tolist()


def test_inverse_root__by_hand() -> None:
    assert inverse_root(np.diag([4.0, 1.0, 0.25])) == pytest.approx(np.diag([0.5, 1.0, 2.0]), abs=1e-15)


@pytest.mark.parametrize("spread", [1.0, 30.0, 1e6])
def test_inverse_root__against_eigenvectors(spread: float) -> None:
    matrix = covariance(90, spread)
    values, vectors = np.linalg.eigh(matrix)
    expected = (vectors / np.sqrt(values)) @ vectors.T
    root = inverse_root(matrix)
    assert np.abs(root - expected).max() < 1e-14 * spread
    assert (root == root.T).all()
    assert inverse(matrix) == pytest.approx(np.linalg.inv(matrix), abs=1e-13 * spread)


def test_inverse_root__not_positive_definite() -> None:
    assert np.isnan(inverse_root(np.diag([1.0, 2.0, -1.0]))).any()


def test_projector__against_eigenvectors() -> None:
    matrix = covariance(50, 100.0)
    values, vectors = np.linalg.eigh(matrix)
    found = projector(matrix, 0.5 * (values[-3] + values[-4]))
    assert found is not None
    assert found == pytest.approx(vectors[:, -3:] @ vectors[:, -3:].T, abs=1e-13)


def test_projector__threshold_is_an_eigenvalue() -> None:
    assert projector(np.diag([1.0, 2.0, 3.0]), 2.0) is None


def test_matrix_functions__threads_make_no_difference() -> None:
    matrix = covariance(140, 50.0)
    try:
        threads.set_threads(1)
        one = inverse_root(matrix), projector(matrix, 7.0)
        threads.set_threads(3)
        assert (inverse_root(matrix) == one[0]).all()
        assert (projector(matrix, 7.0) == one[1]).all()
    finally:
        threads.set_threads(0)
