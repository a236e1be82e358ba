"""Tail probabilities of the Pearson III distribution (a shifted gamma), as logarithms that never underflow.

Written in plain arithmetic, without the C library's log and exp: those differ in the last bit between processors, and
p-values must not.
"""

import math

import numpy as np
from numba import njit, prange

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
HALF_LOG_2PI = 0.9189385332046727418
NEGLIGIBLE = 1e-17


@njit(cache=True)
def log(x):
    """Natural logarithm of a positive normal float64, as 2 artanh((m - 1) / (m + 1)) + e ln 2 with m near 1."""
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m *= 2.0
        e -= 1
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 0.0
    for k in range(10, -1, -1):
        series = series * z + 1.0 / (2 * k + 1)
    return 2.0 * s * series + e * LN2_LOW + e * LN2_HIGH


@njit(cache=True)
def exp(x):
    """Exponential of x <= 0: 2**k * (Taylor series of the rest, |rest| <= ln(2) / 2)."""
    if x < -745.0:
        return 0.0
    k = int(np.floor(x / (LN2_HIGH + LN2_LOW) + 0.5))
    rest = (x - k * LN2_HIGH) - k * LN2_LOW
    series = 1.0
    for i in range(17, 0, -1):
        series = series * rest / i + 1.0
    return math.ldexp(series, k)


@njit(cache=True)
def log_gamma(a):
    """Logarithm of the gamma function, a > 0: Stirling's series from 10 upwards, the recurrence below."""
    product = 1.0
    while a < 10.0:
        product *= a
        a += 1.0
    r = 1.0 / a
    z = r * r
    series = r * (
        1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))))
    )
    return (a - 0.5) * log(a) - a + HALF_LOG_2PI + series - log(product)


@njit(cache=True)
def log_gamma_tail(a, x):
    """Logarithm of the regularised upper incomplete gamma function Q(a, x), a > 0 (DLMF 8.7.1 and 8.9.2)."""
    if x <= 0.0:
        return 0.0
    log_weight = a * log(x) - x - log_gamma(a)
    if x < a + 1.0:
        term = 1.0 / a
        total = term
        k = a
        while term > total * NEGLIGIBLE:
            k += 1.0
            term *= x / k
            total += term
        return log(max(1.0 - exp(log_weight) * total, 2.0**-60))
    # Continued fraction by the modified Lentz method.
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 100_000):
        numerator = -i * (i - a)
        b += 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        h *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return log_weight + log(h)


@njit(cache=True)
def log_pearson3_tail(deviation, skewness):
    """Log P(Z >= deviation) of a Pearson III variable with mean 0, variance 1 and skewness > 0."""
    a = 4.0 / (skewness * skewness)
    return log_gamma_tail(a, a + 2.0 * deviation / skewness)


@njit(parallel=True, cache=True)
def log_tails(mi, first, second, moments, out):
    """Pivot of many pairs: log of the Pearson III tail probability of each pair's MI.

    mi: float64 (n_pairs,), bits; first, second: int32 (n_pairs,), genes;
    moments: float64 (n_genes, 3), factors of the null's mean and standard deviation (bits) and skewness; out: float64
    (n_pairs,).
    """
    for k in prange(mi.shape[0]):
        i, j = first[k], second[k]
        deviation = (mi[k] - moments[i, 0] * moments[j, 0]) / (moments[i, 1] * moments[j, 1])
        out[k] = log_pearson3_tail(deviation, moments[i, 2] * moments[j, 2])


@njit(cache=True, inline="always")
def _n_at_most(ascending, index, x):
    """Number of values <= x. index: number of values below each point of an even grid from first to last."""
    n, n_grid = ascending.shape[0], index.shape[0]
    if x < ascending[0]:
        return 0
    if x >= ascending[n - 1]:
        return n
    step = (ascending[n - 1] - ascending[0]) / (n_grid - 1)
    at = int((x - ascending[0]) / step)
    # One grid point to either side: the division may be off by one.
    low, high = index[max(at - 1, 0)], index[min(at + 2, n_grid - 1)]
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] <= x:
            low = middle + 1
        else:
            high = middle
    return low


@njit(parallel=True, cache=True)
def count_draws(log_pivots, draws, index, counts):
    """Number of draws <= each pivot. log_pivots: float64, counts: int32 (n_pairs,); draws, index as `_n_at_most`."""
    for k in prange(log_pivots.shape[0]):
        counts[k] = _n_at_most(draws, index, log_pivots[k])


@njit(parallel=True, cache=True)
def tail_pvalues(log_pivots, draws, index, extrapolate, log_anchor, anchor, exponent, smallest, pvalues):
    """P-values of pivots from draws of the null (see `genenet.permutation.Null.pvalues`).

    log_pivots, pvalues: float64 (n_pairs,); draws: float64 (n_draws,), ascending; index: int64 (n_grid,), as
    `_n_at_most`.
    """
    resolution = 1.0 / (1.0 + draws.shape[0])
    for k in prange(log_pivots.shape[0]):
        more_extreme = _n_at_most(draws, index, log_pivots[k])
        p = (1.0 + more_extreme) / (1.0 + draws.shape[0])
        if more_extreme == 0 and extrapolate:
            log_p = log_anchor + exponent * (log_pivots[k] - anchor)
            p = min(max(exp(min(log_p, 0.0)), smallest), resolution)
        pvalues[k] = p
