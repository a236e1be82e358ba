"""MI by nearest neighbours: plain loops, scikit-learn, the bivariate normal, shapes without correlation."""

import math

import numpy as np
import pytest
from scipy.special import digamma
from sklearn.feature_selection import _mutual_info as scikit_learn
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from genenet import ksg_mutual_information, mutual_information, ross_mutual_information
from genenet.errors import ConfigError, InputError


def dyadic(values: np.ndarray) -> np.ndarray:
    """Values whose differences have exact squares: other programs square and take roots."""
    return np.round(values * 2**22) / 2**22


def related(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return dyadic(x), dyadic(np.sin(2 * x) + 0.5 * rng.normal(size=n))


def ksg_by_loops(x: np.ndarray, y: np.ndarray, k: int, algorithm: int) -> float:
    """Kraskov et al. 2004, eq. 8 and 9, for data without ties."""
    n, terms = len(x), []
    for i in range(n):
        gap_x, gap_y = np.delete(abs(x - x[i]), i), np.delete(abs(y - y[i]), i)
        distance = np.maximum(gap_x, gap_y)
        nearest = np.argsort(distance)[:k]
        if algorithm == 1:
            n_x, n_y = (gap_x < distance[nearest[-1]]).sum(), (gap_y < distance[nearest[-1]]).sum()
            terms.append(digamma(k) - digamma(n_x + 1) - digamma(n_y + 1))
        else:
            n_x, n_y = (gap_x <= gap_x[nearest].max()).sum(), (gap_y <= gap_y[nearest].max()).sum()
            terms.append(digamma(k) - 1 / k - digamma(n_x) - digamma(n_y))
    return max(digamma(n) + np.mean(terms), 0.0)


def tied_by_loops(x: np.ndarray, y: np.ndarray, k: int) -> float:
    """Closed balls counted as cells, wherever the k-th neighbour is tied or at distance 0."""
    n, terms = len(x), []
    for i in range(n):
        gap_x, gap_y = abs(x - x[i]), abs(y - y[i])
        distance = np.sort(np.maximum(gap_x, gap_y))[k]
        inside = (np.maximum(gap_x, gap_y) <= distance).sum()
        if inside > k + 1 or distance == 0:
            terms.append(digamma(inside) - digamma((gap_x <= distance).sum()) - digamma((gap_y <= distance).sum()))
        else:
            terms.append(digamma(k) - digamma((gap_x < distance).sum()) - digamma((gap_y < distance).sum()))
    return max(digamma(n) + np.mean(terms), 0.0)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("algorithm", [1, 2])
@pytest.mark.parametrize("n", [11, 40, 150])
def test_ksg__as_plain_loops(n, algorithm, k):
    x, y = related(n + k, n)
    ours = ksg_mutual_information(x, y, k=k, algorithm=algorithm, scale=False, base=math.e)
    assert ours == pytest.approx(ksg_by_loops(x, y, k, algorithm), abs=1e-12)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("n", [30, 200, 1_000])
def test_ksg__as_scikit_learn(n, k):
    x, y = related(n + k, n)
    theirs = scikit_learn._compute_mi_cc(x, y, k)
    assert ksg_mutual_information(x, y, k=k, scale=False, base=math.e) == pytest.approx(theirs, abs=1e-12)
    # With the noise that it adds (1e-10 of the scale) a neighbour here and there is another.
    theirs = mutual_info_regression(x[:, None], y, n_neighbors=k, random_state=0)[0]
    assert ksg_mutual_information(x, y, k=k, base=math.e) == pytest.approx(theirs, abs=0.1 / n)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("n", [30, 200, 1_000])
def test_ross__as_scikit_learn(n, k):
    x, y = related(n + k, n)
    labels = np.digitize(x, [-1.5, -0.5, 0, 1])
    ours = ross_mutual_information(labels, y, k=k, base=math.e)
    assert ours == pytest.approx(scikit_learn._compute_mi_cd(y, labels, k), abs=1e-12)
    theirs = mutual_info_classif(y[:, None], labels, n_neighbors=k, random_state=0)[0]
    assert ours == pytest.approx(theirs, abs=0.3 / n)


@pytest.mark.parametrize("k", [1, 3])
def test_ksg__ties_are_counted_as_cells(k):
    rng = np.random.default_rng(k)
    x = np.round(rng.normal(size=120), 1)
    y = rng.poisson(np.exp(x / 2)).astype(float)
    assert len(set(y)) < 10
    ours = ksg_mutual_information(x, y, k=k, scale=False, base=math.e)
    assert ours == pytest.approx(tied_by_loops(x, y, k), abs=1e-12)


def test_ksg__all_tied_is_near_the_plug_in():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, 3_000)
    y = np.where(rng.random(x.size) < 0.3, rng.integers(0, 3, x.size), x)
    assert ksg_mutual_information(x, y, scale=False) == pytest.approx(mutual_information(x, y), abs=2e-3)
    assert ross_mutual_information(x, y) == pytest.approx(mutual_information(x, y), abs=2e-3)


def test_ksg__constant_has_no_information():
    assert ksg_mutual_information([1.0] * 20, np.arange(20.0)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("algorithm", [1, 2])
def test_ksg__symmetric_and_blind_to_shift_scale_and_order(algorithm):
    x, y = related(5, 300)
    mi = ksg_mutual_information(x, y, algorithm=algorithm)
    assert mi == pytest.approx(ksg_mutual_information(y, x, algorithm=algorithm), abs=1e-12)
    assert mi == pytest.approx(ksg_mutual_information(4 * x + 1, -2 * y, algorithm=algorithm), abs=1e-12)
    order = np.random.default_rng(0).permutation(300)
    assert mi == pytest.approx(ksg_mutual_information(x[order], y[order], algorithm=algorithm), abs=1e-12)


@pytest.mark.parametrize("algorithm", [1, 2])
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
@pytest.mark.parametrize(
    ("n", "repeats", "bias", "spread"), [(100, 100, 0.05, 0.2), (1_000, 20, 0.025, 0.075), (10_000, 3, 0.025, 0.02)]
)
def test_ksg__bivariate_normal(n, repeats, bias, spread, rho, algorithm):
    rng = np.random.default_rng(n)
    values = []
    for _ in range(repeats):
        x, z = rng.normal(size=(2, n))
        y = rho * x + math.sqrt(1 - rho**2) * z
        values.append(ksg_mutual_information(x, y, algorithm=algorithm))
    # The estimate is clipped at 0, which lifts its mean where there is nothing.
    expected = -0.5 * math.log2(1 - rho**2)
    assert np.mean(values) == pytest.approx(expected, abs=bias + (0.4 * spread if rho == 0 else 0))
    assert np.std(values) < spread


@pytest.mark.parametrize("shape", ["circle", "parabola", "step", "sine"])
def test_ksg__sees_shapes_without_correlation(shape):
    rng = np.random.default_rng(1)
    t = rng.uniform(-1, 1, 500)
    x, y = {
        "circle": (np.cos(np.pi * t), np.sin(np.pi * t)),
        "parabola": (t, t**2),
        "step": (t, (abs(t) < 0.5).astype(float)),
        "sine": (t, np.sin(2 * np.pi * (t + 0.25))),
    }[shape]
    y = y + 0.1 * rng.normal(size=y.size)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.12
    assert ksg_mutual_information(x, y) > 0.5
    assert ksg_mutual_information(x, rng.permutation(y)) < 0.1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: ksg_mutual_information([1, 2, 3], [1, 2, 3]),
            InputError,
            "3 neighbours need more than 3 samples, got 3",
        ),
        (lambda: ksg_mutual_information([1, 2], [1, 2, 3]), InputError, "got different lengths (x 2, y 3)"),
        (lambda: ksg_mutual_information([1, math.inf], [1, 2], k=1), InputError, "1 of 2 values of x are missing or"),
        (lambda: ksg_mutual_information(["a", "b"], [1, 2], k=1), InputError, "x must hold numbers"),
        (lambda: ksg_mutual_information([1, 2], [1, 2], k=0), ConfigError, "k must be an integer >= 1, got 0"),
        (
            lambda: ksg_mutual_information([1, 2], [1, 2], k=1, algorithm=3),
            ConfigError,
            "algorithm must be 1 or 2, got 3",
        ),
        (lambda: ross_mutual_information([1, 2, 3], [1, 2, 3]), InputError, "none of the 3 labels of x occurs twice"),
    ],
)
def test_neighbours__mistakes(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
