"""Medians as numpy's, and the distances from them."""

import warnings

import numpy as np
import pytest

from genenet.kernels.medians import medians
from genenet.kernels.threads import set_threads
from genenet.statistics import robust
from genenet.statistics.robust import mean_distance

RNG = np.random.default_rng(5)
VALUES = {
    "normal": lambda n: RNG.normal(size=(20, n)),
    "ties of either sign": lambda n: RNG.integers(-3, 4, (20, n)).astype(float),
    "of all sizes": lambda n: np.exp(60 * RNG.normal(size=(20, n))) * RNG.choice([-1, 1], (20, n)),
    "with gaps": lambda n: np.where(RNG.random((20, n)) < 0.4, np.nan, RNG.normal(size=(20, n))),
    "zeros": lambda n: np.array([[0.0, -0.0] * n])[:, :n],
}


@pytest.mark.parametrize("n", [1, 2, 3, 30, 101])
@pytest.mark.parametrize("name", VALUES)
def test_medians__as_numpy(name, n):
    values = VALUES[name](n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a row without values
        expected = np.nanmedian(values, axis=1)
    np.testing.assert_array_equal(medians(values), expected)


def test_medians__a_negative_nan_is_no_value():
    np.testing.assert_array_equal(medians(np.array([[-np.nan, 1.0, 2.0, np.inf]])), [2.0])


def test_mean_distance__by_hand_with_gaps_and_genes_that_hardly_vary():
    values = np.array([[1, 2, 3, 900.0], [5, 5, 5, 8], [np.nan, 1, 2, 4], [np.nan] * 4])
    expected = np.array([1.5, (0.5 + 1) / 2, 0.5 / 2, (10 * 1.4826 + 2) / 2]) / 1.4826
    np.testing.assert_allclose(mean_distance(values), expected, rtol=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_mean_distance__same_bytes_for_pieces_threads_and_orders_in_memory(monkeypatch, gaps):
    values = np.random.default_rng(1).normal(size=(300, 41))
    values[np.random.default_rng(2).random(values.shape) < gaps] = np.nan
    whole = mean_distance(values).tobytes()
    monkeypatch.setattr(robust, "GENES_AT_ONCE", 7)
    try:
        for number in (1, 3):
            set_threads(number)
            assert mean_distance(np.asfortranarray(values)).tobytes() == whole
    finally:
        set_threads(0)
