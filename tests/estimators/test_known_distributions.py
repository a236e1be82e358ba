"""Each estimator where the truth is known by theory: two normal variables, and shapes without correlation."""

import math
from typing import Any

import numpy as np
import pytest
from anndata import AnnData
from scipy import stats

from genenet.config import Estimator, settings_from_keywords
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.products.bins import Bins
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from tests import oracles

RHO = [0.0, 0.6, 0.9]
# Samples, and as many pairs of variables as are looked at.
SIZES = [(100, 100), (1_000, 20), (10_000, 4)]
HARD = {"discretise_method": "equal_frequency", "n_bins": 5}


def true_mi(rho: float) -> float:
    return -0.5 * math.log2(1 - rho**2)


def normal_pairs(n: int, repeats: int, rho: float) -> np.ndarray:
    """Values of shape (n, 2 * repeats); variables k and repeats + k belong together."""
    x, noise = np.random.default_rng(n).normal(size=(2, n, repeats))
    return np.hstack([x, rho * x + math.sqrt(1 - rho**2) * noise])


def bins_for(values: np.ndarray, **settings: Any) -> Bins:
    chosen = settings_from_keywords(**settings)
    return discretise(AnnData(values), chosen.discretise, chosen.information)


def estimates(n: int, repeats: int, rho: float, **settings: Any) -> np.ndarray:
    matrix = mutual_information_matrix(bins_for(normal_pairs(n, repeats, rho), **settings))
    return matrix[np.arange(repeats), repeats + np.arange(repeats)]


# Bivariate normal


@pytest.mark.parametrize("rho", RHO)
@pytest.mark.parametrize(("n", "repeats"), SIZES)
@pytest.mark.parametrize(
    ("estimator", "bias", "spread"),
    [
        ("gaussian", (0.08, 0.02, 0.01), (0.15, 0.06, 0.02)),
        ("ksg", (0.05, 0.04, 0.03), (0.2, 0.07, 0.03)),
        ("ksg2", (0.06, 0.04, 0.03), (0.2, 0.08, 0.03)),
        ("adaptive", (0.35, 0.07, 0.02), (0.2, 0.07, 0.03)),
    ],
)
def test_normal__without_bins(estimator: Estimator, n: int, repeats: int, rho: float, bias: Any, spread: Any) -> None:
    found = estimates(n, repeats, rho, estimator=estimator, coordinate=["normal_score"])
    size = [size for size, _ in SIZES].index(n)
    assert found.mean() == pytest.approx(true_mi(rho), abs=bias[size])
    assert found.std() < spread[size]


def mi_of_table(joint: np.ndarray) -> float:
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(np.sum(joint * np.log2(joint / expected)))


def mi_of_quantiles(rho: float, n_bins: int) -> float:
    """MI of two normal variables cut at their quantiles, from the distribution function."""
    cuts = np.clip(stats.norm.ppf(np.linspace(0, 1, n_bins + 1)), -9, 9)
    grid = np.dstack(np.meshgrid(cuts, cuts, indexing="ij"))
    below = stats.multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf(grid)
    return mi_of_table(np.maximum(np.diff(np.diff(below, axis=0), axis=1), 1e-300))


@pytest.mark.parametrize("rho", RHO)
@pytest.mark.parametrize(("n", "repeats"), SIZES)
def test_normal__hard_bins(n: int, repeats: int, rho: float) -> None:
    truth = mi_of_quantiles(rho, 5)
    plugin = estimates(n, repeats, rho, **HARD)
    error = 4 * max(plugin.std(), 1e-4) / math.sqrt(repeats)
    # As long as no cell is all but empty the plug-in is too large by (bins - 1)^2 / 2n nats.
    too_large = 16 / (2 * n * math.log(2))
    assert plugin.mean() - truth == pytest.approx(too_large, abs=error + (0.6 * too_large if rho == 0.9 else 0))
    corrected = estimates(n, repeats, rho, **HARD, estimator="miller_madow")
    assert corrected.mean() == pytest.approx(truth, abs=error + 0.6 * too_large * rho)


@pytest.mark.parametrize("correction", ["shrink", "jeffreys", "laplace", "perks", "minimax"])
def test_normal__corrections_go_to_the_plug_in(correction: Estimator) -> None:
    differences = []
    for n, repeats in SIZES:
        plugin = estimates(n, repeats, 0.6, **HARD)
        corrected = estimates(n, repeats, 0.6, **HARD, estimator=correction)
        assert (corrected <= plugin).all()
        differences.append(np.mean(plugin - corrected))
    assert differences[0] > 2 * differences[1] > 4 * differences[2]
    assert differences[2] < 0.02


def mi_of_splines(rho: float) -> float:
    """MI of the mean spline weights of two normal variables' ranks, by quadrature."""
    at, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()
    x, z = np.meshgrid(at, at, indexing="ij")
    y = rho * x + math.sqrt(1 - rho**2) * z
    first, second = (oracles.bspline_basis(stats.norm.cdf(values.ravel()), 6, 4) for values in (x, y))
    return mi_of_table((first * np.outer(weight, weight).ravel()) @ second.T)


@pytest.mark.parametrize("rho", RHO)
@pytest.mark.parametrize(("n", "repeats"), SIZES)
def test_normal__soft_bins(n: int, repeats: int, rho: float) -> None:
    found = estimates(n, repeats, rho, coordinate=["rank"])
    # Too large by the product of two genes' traces over 2n where there is nothing; weights are whole numbers of 127.
    error = 2.7 / n + 0.002 + 4 * found.std() / math.sqrt(repeats)
    assert found.mean() == pytest.approx(mi_of_splines(rho), abs=error)
    assert found.std() < 0.5 / math.sqrt(n)
    # Blurred: little is left of a strong relation.
    assert mi_of_splines(rho) <= 0.6 * true_mi(rho) + 1e-9


# Shapes

CHOICES: dict[str, dict[str, Any]] = {
    **{
        name: {"estimator": name}
        for name in (
            "plugin", "miller_madow", "shrink", "jeffreys", "laplace", "perks", "minimax", "ksg", "ksg2", "adaptive"
        )
    },
    **{name: {"discretise_method": name} for name in ("equal_frequency", "equal_width", "kmeans", "zero_inflated")},
}  # fmt: skip


def shapes(n: int = 300) -> np.ndarray:
    """Circle, parabola, step, sine: x 0 .. 3, y 4 .. 7; then genes that have nothing to do with them."""
    rng = np.random.default_rng(1)
    t = rng.permuted(np.tile(np.linspace(-1, 1, n), (4, 1)), axis=1)
    x = [np.cos(np.pi * t[0]), t[1], t[2], t[3]]
    y = [np.sin(np.pi * t[0]), t[1] ** 2, (abs(t[2]) < 0.5).astype(float), np.cos(2 * np.pi * t[3])]
    values = np.vstack([x, y + 0.15 * rng.normal(size=(4, n)), rng.normal(size=(8, n))]).T
    assert all(abs(np.corrcoef(values[:, k], values[:, k + 4])[0, 1]) < 0.15 for k in range(4))
    return values


def pvalues(**settings: Any) -> np.ndarray:
    bins = bins_for(shapes(), **settings)
    null = permutation_null(bins, settings_from_keywords(n_draws=20_000).permutation)
    pairs = information(bins, null, alpha=1.0).pairs
    found = np.ones((16, 16))
    found[pairs.first, pairs.second] = null.pvalues(null.log_pivots(pairs.mi, pairs.first, pairs.second))
    return found


@pytest.mark.parametrize("choice", CHOICES)
def test_shapes__are_found_without_correlation(choice: str) -> None:
    found = pvalues(**CHOICES[choice])
    # Four equal quarters stop the adaptive partition: it does not see the sine of two whole waves.
    seen = range(3) if choice == "adaptive" else range(4)
    assert max(found[k, k + 4] for k in seen) < 1e-3
    assert found[8:, 8:].min() > 1e-3


def test_shapes__correlation_does_not_see_them() -> None:
    found = pvalues(estimator="gaussian")
    assert min(found[k, k + 4] for k in range(4)) > 0.1
