"""The critical z-score of a tail probability, for Pearson III (shifted gamma) distributions of any skewness.

The pass over all pairs compares z-scores with a polynomial in skewness, so that it needs no gamma function.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.pearson3 import log_pearson3_tail

# The float32 screen is within 1e-5 bits of the exact MI (tests/steps/test_information.py); what comes this close is
# recomputed.
SCREEN_MARGIN = 2e-5
# Degree of the curve of deviations that have one pivot, and what is added to the largest error that was seen.
CURVE_DEGREE = 7
CURVE_MARGIN = 1e-3


def threshold_polynomial(log_pivot: float, factors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Threshold of the screen, in standard deviations, as a polynomial in a pair's skewness, highest power first.

    A lower bound over the skewnesses that pairs of these genes can have, so that the screen loses nothing: by
    SCREEN_MARGIN bits for the pair with the smallest standard deviation, and by what float32 blurs.
    """
    if log_pivot >= 0.0:
        return np.full(1, -1e30, np.float32)
    nodes, heights, fit = fitted_deviation(log_pivot, factors)
    fitted = fit.coef[::-1]
    polynomial = fitted.astype(np.float32)
    excess = np.max(np.polyval(polynomial, nodes.astype(np.float32)) - heights)
    margin = SCREEN_MARGIN / factors[:, 1].min() ** 2 + 1e-4 + 1e-6 * np.abs(heights).max()
    polynomial[-1] -= np.float32(max(excess, 0.0) * 1.01 + margin)
    return polynomial


def deviation_at(log_pivot: float, skewness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations above its mean at which a Pearson III variable has this log tail probability (bisection)."""
    low, high = -2.0 / skewness, np.full(len(skewness), 10.0)
    tail = np.vectorize(log_pearson3_tail, otypes=[float])
    while (tail(high, skewness) > log_pivot).any():
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        above = tail(middle, skewness) > log_pivot
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def deviation_curve(log_pivot: float, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations above its mean at which a pair's log pivot is `log_pivot`, as a function of its skewness.

    A margin, and a polynomial, highest power first, that is within it for the skewnesses that pairs of these genes can
    have.
    """
    if log_pivot >= 0.0 or log_pivot == -np.inf:
        return np.array([0.0, -np.inf if log_pivot >= 0.0 else np.inf])
    nodes, heights, fitted = fitted_deviation(log_pivot, factors)
    margin = 1.5 * float(np.max(np.abs(heights - fitted(nodes)))) + CURVE_MARGIN
    return np.array([margin, *fitted.coef[::-1]])


def fitted_deviation(
    log_pivot: float, factors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], np.polynomial.Polynomial]:
    """Skewnesses over the range of the pairs of these genes, `deviation_at` them, and a polynomial fitted to that."""
    # Genes with the same margins have one skewness; powers of it are told apart on a range only, so it is made wide.
    nodes = np.linspace(factors[:, 2].min() ** 2 / 1.5, factors[:, 2].max() ** 2 * 1.5, 200)
    heights = deviation_at(log_pivot, nodes)
    return nodes, heights, np.polynomial.Polynomial.fit(nodes, heights, CURVE_DEGREE).convert()
