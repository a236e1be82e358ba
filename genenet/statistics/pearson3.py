"""The critical z-score of a tail probability, for Pearson III (shifted gamma) distributions of any skewness.

The pass over all pairs compares each pair's z-score with a polynomial in the pair's skewness, and so needs no gamma
function.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.pearson3 import OUT_OF_REACH, pearson3_tails

# The float32 screen is within 1e-5 bits of the exact MI (tests/steps/test_information.py). Its threshold is lowered by
# this many bits, so that no pair is lost.
SCREEN_MARGIN = 2e-5
# For a fixed tail probability the critical z-score is a smooth function of skewness. It is fitted by a polynomial of
# this degree; CURVE_MARGIN is added to the largest fitting error, so that comparisons outside the margin are exact.
CURVE_DEGREE = 7
CURVE_MARGIN = 1e-3


class MomentRange(NamedTuple):
    """Bounds of the null's standard deviation (bits) and skewness over all pairs of some genes."""

    smallest_deviation: float
    smallest_skewness: float
    largest_skewness: float


def moment_range(null_factors: NDArray[np.float64]) -> MomentRange:
    """Bounds of deviation and skewness over all pairs, with or without strata (see `genenet.kernels.pearson3`).

    With strata the variance of a pair is a sum of terms v_b, and the third moment one of s_b v_b^1.5, where s_b is the
    skewness within a stratum: the skewness of the pair is at most the largest s_b, and at least the smallest over
    the root of the number of strata, since sum(v_b^1.5) lies between sum(v_b)^1.5 / sqrt(n) and sum(v_b)^1.5.
    """
    if null_factors.ndim == 2:
        deviations, skewness = null_factors[:, 1], null_factors[:, 2]
        return MomentRange(deviations.min() ** 2, skewness.min() ** 2, skewness.max() ** 2)
    variances, thirds = null_factors[:, 1], null_factors[:, 2]
    varies = variances > 0
    skewness = thirds[varies] / (variances[varies] * np.sqrt(variances[varies]))
    root = float(np.sqrt(variances.shape[1]))
    return MomentRange(float(variances[varies].min()), float(skewness.min()) ** 2 / root, float(skewness.max()) ** 2)


def pair_moments(
    null_factors: NDArray[np.float64], first: NDArray[Any], second: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Null mean and standard deviation (bits) and skewness of pairs: see `genenet.kernels.pearson3.pair_moments`.

    Examples
    --------
    >>> factors = np.array([[[1.0, 2.0], [0.5, 0.0], [0.4, 0.0]], [[1.0, 1.0], [0.5, 0.5], [0.4, 0.4]]])
    >>> [float(value[0].round(3)) for value in pair_moments(factors, np.array([0]), np.array([1]))]
    [3.0, 0.5, 1.28]
    """
    products = null_factors[first] * null_factors[second]
    if null_factors.ndim == 2:
        return products[:, 0], products[:, 1], products[:, 2]
    mean, variance, third = products.sum(axis=2).T
    never = ~(variance > 0)
    variance = np.where(never, 1.0, variance)
    deviation = np.sqrt(variance)
    return (
        np.where(never, OUT_OF_REACH, mean),
        deviation,
        np.where(never, 1.0, third / (variance * deviation)),
    )


def threshold_polynomial(log_pivot: float, null_factors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Critical z-score of the float32 screen, as a polynomial in a pair's skewness, highest power first.

    It is a lower bound for all skewnesses that pairs of these genes can have, so that the screen loses no pair: lower
    by SCREEN_MARGIN bits for the pair with the smallest standard deviation, and by the rounding of float32.
    """
    if log_pivot >= 0.0:
        return np.full(1, -1e30, np.float32)
    nodes, z_scores, fit = fitted_critical_z(log_pivot, null_factors)
    fitted = fit.coef[::-1]
    polynomial = fitted.astype(np.float32)
    excess = np.max(np.polyval(polynomial, nodes.astype(np.float32)) - z_scores)
    margin = SCREEN_MARGIN / moment_range(null_factors).smallest_deviation + 1e-4 + 1e-6 * np.abs(z_scores).max()
    polynomial[-1] -= np.float32(max(excess, 0.0) * 1.01 + margin)
    return polynomial


def pearson3_tail(deviations: NDArray[np.float64], skewness: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Probability that a Pearson III variable is at least this many standard deviations above its mean.

    The variable is a gamma variable of shape 4 / skewness**2, shifted and scaled to mean 0 and standard deviation 1.

    Examples
    --------
    >>> pearson3_tail(np.array([0.0]), 2.0).round(6).tolist()  # an exponential distribution: exp(-1)
    [0.367879]
    """
    from scipy.special import gammaincc

    root = 2.0 / np.asarray(skewness, float)
    return np.asarray(gammaincc(root**2, np.maximum(root**2 + root * deviations, 0.0)))


def pearson3_density(deviations: NDArray[np.float64], skewness: float) -> NDArray[np.float64]:
    """Density of a Pearson III variable of mean 0 and standard deviation 1; see `pearson3_tail`.

    Examples
    --------
    >>> pearson3_density(np.array([-2.0, 0.0]), 2.0).round(6).tolist()
    [0.0, 0.367879]
    """
    from scipy.special import gammaln, xlogy

    root = 2.0 / skewness
    x = root**2 + root * np.asarray(deviations, float)
    inside = x >= 0
    x = np.where(inside, x, 1.0)
    return np.where(inside, root * np.exp(xlogy(root**2 - 1, x) - x - gammaln(root**2)), 0.0)


def critical_z(log_pivot: float, skewness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Z-score above which a Pearson III variable has this log tail probability, for each skewness (by bisection)."""
    low, high, tails = -2.0 / skewness, np.full(len(skewness), 10.0), np.empty(len(skewness))

    def are_above(z_scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        pearson3_tails(z_scores, skewness, tails)
        return tails > log_pivot

    while are_above(high).any():
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        above = are_above(middle)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def critical_curve(log_pivot: float, null_factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Critical z-score of a log pivot as a function of skewness: a margin, then a polynomial, highest power first.

    The error of the polynomial is below the margin for all skewnesses that pairs of these genes can have.
    """
    if log_pivot >= 0.0 or log_pivot == -np.inf:
        return np.array([0.0, -np.inf if log_pivot >= 0.0 else np.inf])
    nodes, z_scores, fitted = fitted_critical_z(log_pivot, null_factors)
    margin = 1.5 * float(np.max(np.abs(z_scores - fitted(nodes)))) + CURVE_MARGIN
    return np.array([margin, *fitted.coef[::-1]])


def fitted_critical_z(
    log_pivot: float, null_factors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], np.polynomial.Polynomial]:
    """Skewnesses over the range of the pairs of these genes, their `critical_z`, and the polynomial fitted to it."""
    # If all genes have the same margins there is one skewness: widening the range keeps the fit well conditioned.
    found = moment_range(null_factors)
    nodes = np.linspace(found.smallest_skewness / 1.5, found.largest_skewness * 1.5, 200)
    z_scores = critical_z(log_pivot, nodes)
    return nodes, z_scores, np.polynomial.Polynomial.fit(nodes, z_scores, CURVE_DEGREE).convert()
