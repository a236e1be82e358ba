"""Tail probabilities of the Pearson III distribution (a shifted gamma), as logarithms that never underflow.

Written in plain arithmetic, without the C library's log and exp: those differ in the last bit between processors, and
p-values must not.
"""

import math

import numpy as np
from numba import njit

from genenet.kernels.threads import parallel

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
HALF_LOG_2PI = 0.9189385332046727418
ROOT_HALF = 0x3FE6A09E667F3BCD
NEGLIGIBLE = 1e-17
CONVERGED = 1e-15
# Terms of the continued fraction that are computed side by side; what needs more is done by itself.
MOST_TERMS = 200
PAIRS_AT_ONCE = 256


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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
        if abs(c * d - 1.0) < CONVERGED:
            break
    return log_weight + log(h)


@njit(cache=True, error_model="numpy")
def log_pearson3_tail(deviation, skewness):
    """Log P(Z >= deviation) of a Pearson III variable with mean 0, variance 1 and skewness > 0."""
    a = 4.0 / (skewness * skewness)
    return log_gamma_tail(a, a + 2.0 * deviation / skewness)


@njit(cache=True, error_model="numpy")
def _log_lanes(x, out):
    """`log` of many positive normal values, the same to the last bit. x is overwritten."""
    bits = x.view(np.int64)
    for k in range(x.shape[0]):
        exponent = (bits[k] - ROOT_HALF) >> 52
        out[k] = exponent
        bits[k] -= exponent << 52
    for k in range(x.shape[0]):
        s = (x[k] - 1.0) / (x[k] + 1.0)
        z = s * s
        series = 0.0
        for i in range(10, -1, -1):
            series = series * z + 1.0 / (2 * i + 1)
        out[k] = 2.0 * s * series + out[k] * LN2_LOW + out[k] * LN2_HIGH


@njit(cache=True, error_model="numpy")
def _log_gamma_lanes(a, product, logs, out):
    """`log_gamma` of many values, the same to the last bit. a is overwritten; product, logs: room."""
    for k in range(a.shape[0]):
        product[k] = 1.0
    for _ in range(10):
        for k in range(a.shape[0]):
            small = a[k] < 10.0
            product[k] = product[k] * a[k] if small else product[k]
            a[k] = a[k] + 1.0 if small else a[k]
    _log_lanes(product, logs)
    for k in range(a.shape[0]):
        product[k] = a[k]
    _log_lanes(product, out)
    for k in range(a.shape[0]):
        r = 1.0 / a[k]
        z = r * r
        series = r * (
            1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))))
        )
        out[k] = (a[k] - 0.5) * out[k] - a[k] + HALF_LOG_2PI + series - logs[k]


@njit(cache=True, error_model="numpy")
def _log_gamma_tail_lanes(a, x, room, out):
    """`log_gamma_tail` of many values, the same to the last bit. a, x, out: float64 (n,); room: float64 (8, n).

    The continued fraction goes on for all lanes until the last one has converged; what has, is not touched any more.
    """
    n = a.shape[0]
    b, c, d, h, done = room[3], room[4], room[5], room[6], room[7]
    for k in range(n):
        room[0, k] = a[k]
    _log_gamma_lanes(room[0], room[1], room[2], b)
    # Lanes for the series or with x <= 0 are done by themselves.
    for k in range(n):
        room[0, k] = x[k] if x[k] > 1.0 else 1.0
    _log_lanes(room[0], h)
    for k in range(n):
        out[k] = a[k] * h[k] - x[k] - b[k]
        done[k] = 0.0 if x[k] >= a[k] + 1.0 else 2.0
        b[k] = x[k] + 1.0 - a[k] if x[k] >= a[k] + 1.0 else 1.0
        c[k] = 1e300
        d[k] = 1.0 / b[k]
        h[k] = d[k]
    for i in range(1, MOST_TERMS):
        n_open = 0
        for k in range(n):
            numerator = -i * (i - a[k])
            b[k] += 2.0
            d[k] = 1.0 / (numerator * d[k] + b[k])
            c[k] = b[k] + numerator / c[k]
            step = c[k] * d[k]
            h[k] = h[k] * step if done[k] == 0.0 else h[k]
            done[k] = 1.0 if done[k] == 0.0 and abs(step - 1.0) < CONVERGED else done[k]
            n_open += done[k] == 0.0
        if n_open == 0:
            break
    for k in range(n):
        room[0, k] = h[k] if done[k] == 1.0 else 1.0
    _log_lanes(room[0], c)
    for k in range(n):
        out[k] = out[k] + c[k] if done[k] == 1.0 else log_gamma_tail(a[k], x[k])


@njit(cache=True, error_model="numpy")
def _log_tails_of(mi, first, second, moments, out):
    """`log_tails` of at most PAIRS_AT_ONCE pairs."""
    # Whole rows, so that the compiler knows that values lie side by side; what is too much is filled up.
    room, a, x = np.empty((8, PAIRS_AT_ONCE)), np.empty(PAIRS_AT_ONCE), np.empty(PAIRS_AT_ONCE)
    found = np.empty(PAIRS_AT_ONCE)
    for k in range(PAIRS_AT_ONCE):
        a[k], x[k] = 1.0, 9.0
    for k in range(mi.shape[0]):
        i, j = first[k], second[k]
        deviation = (mi[k] - moments[i, 0] * moments[j, 0]) / (moments[i, 1] * moments[j, 1])
        skewness = moments[i, 2] * moments[j, 2]
        a[k] = 4.0 / (skewness * skewness)
        x[k] = a[k] + 2.0 * deviation / skewness
    _log_gamma_tail_lanes(a, x, room, found)
    for k in range(mi.shape[0]):
        out[k] = found[k]


@parallel(lambda mi: -(-len(mi) // PAIRS_AT_ONCE), error_model="numpy")
def log_tails(begin, stop, mi, first, second, moments, out):
    """Pivot of many pairs: log of the Pearson III tail probability of each pair's MI.

    mi: float64 (n_pairs,), bits; first, second: int32 (n_pairs,), genes;
    moments: float64 (n_genes, 3), factors of the null's mean and standard deviation (bits) and skewness; out: float64
    (n_pairs,).
    """
    for part in range(begin, stop):
        start = part * PAIRS_AT_ONCE
        end = start + PAIRS_AT_ONCE
        _log_tails_of(mi[start:end], first[start:end], second[start:end], moments, out[start:end])


@njit(cache=True, inline="always", error_model="numpy")
def is_extreme(mi, i, j, moments, curve, most):
    """Whether the pivot of a pair is at most `most` (see `are_extreme`)."""
    deviation = (mi - moments[i, 0] * moments[j, 0]) / (moments[i, 1] * moments[j, 1])
    skewness = moments[i, 2] * moments[j, 2]
    height, margin = 0.0, curve[0]
    for power in range(1, curve.shape[0]):
        height = height * skewness + curve[power]
    if deviation > height + margin:
        return True
    return not deviation < height - margin and log_pearson3_tail(deviation, skewness) <= most


@parallel(lambda mi: len(mi), error_model="numpy")
def are_extreme(begin, stop, mi, first, second, moments, curve, most, out):
    """Whether the pivot of each pair is at most `most`.

    Arguments as `log_tails`; curve: float64 (1 + n_powers,), a margin, and a polynomial in a pair's skewness, highest
    power first: standard deviations above the mean where the pivot is `most`, to within the margin. Only there the
    pivot is computed. Out: bool (n_pairs,).
    """
    for k in range(begin, stop):
        out[k] = is_extreme(mi[k], first[k], second[k], moments, curve, most)


@njit(cache=True, inline="always", error_model="numpy")
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


@parallel(lambda log_pivots: len(log_pivots), error_model="numpy")
def find_levels(
    begin, stop, log_pivots, draws, index, extrapolate, log_anchor, anchor, exponent, step, n_extrapolated, levels
):
    """Level of each pivot, the smaller the more extreme (see `genenet.statistics.null.Null.levels`).

    log_pivots: float64, levels: int32 (n_pairs,); draws: float64 (n_draws,), ascending; index: int64 (n_grid,), as
    `_n_at_most`.
    """
    for k in range(begin, stop):
        more_extreme = _n_at_most(draws, index, log_pivots[k])
        levels[k] = n_extrapolated + more_extreme
        if more_extreme == 0 and extrapolate:
            log_p = min(log_anchor + exponent * (log_pivots[k] - anchor), 0.0)
            levels[k] = n_extrapolated - 1 - int(min(-log_p / step, n_extrapolated - 1.0))


@parallel(lambda levels: len(levels), error_model="numpy")
def level_pvalues(begin, stop, levels, n_draws, step, n_extrapolated, smallest, pvalues):
    """P-value of each level: counted, or a power of exp(-step), at most the resolution. levels: int32 (n,)."""
    resolution = 1.0 / (1.0 + n_draws)
    for k in range(begin, stop):
        beyond = n_extrapolated - 1 - levels[k]
        if beyond >= 0:
            pvalues[k] = min(max(exp(-(beyond * step)), smallest), resolution)
        else:
            pvalues[k] = (levels[k] - n_extrapolated + 1.0) / (1.0 + n_draws)
