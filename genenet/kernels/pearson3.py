"""Tail probabilities of the Pearson III distribution (a shifted gamma), as logarithms that never underflow.

Written in plain arithmetic, without the C library's log and exp: those differ in the last bit between processors, and
p-values must not.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import chosen_by_type, compiled, inner
from genenet.kernels.threads import parallel

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
HALF_LOG_2PI = 0.9189385332046727418
# Bits of sqrt(1/2) as a float64.
ROOT_HALF = 0x3FE6A09E667F3BCD
# Relative size of a term at which a series ends, and relative change at which a continued fraction ends.
NEGLIGIBLE, CONVERGED = 1e-17, 1e-15
# The continued fractions of many pairs are computed side by side up to this term; pairs that need more terms are then
# computed one by one.
MAX_TERMS = 200
VALUES_AT_ONCE = 256
# Null mean (bits) of a pair that cannot have any MI.
OUT_OF_REACH = 1e6


class PivotBound(NamedTuple):
    """An upper bound of the log pivot, and a way to compare most pairs with it without a gamma function.

    The pivot of a pair is the Pearson III tail probability of its MI, given the mean, standard deviation and skewness
    of its null.

    null_factors: float64 (n_genes, 3) or (n_genes, 3, n_strata), see `pair_moments`. curve: float64 (1 + n_powers,), a
    margin, and the critical z-score of the bound as a polynomial in the skewness, highest power first, which is right
    to within the margin. log_pivot: the bound.
    """

    null_factors: NDArray[np.float64]
    curve: NDArray[np.float64]
    log_pivot: float


class Extrapolation(NamedTuple):
    """The fitted tail below the most extreme draw: log p = log_anchor + exponent * (log pivot - anchor).

    Extrapolated p-values are rounded up to exp(-k * step) with k = 0 .. n_classes - 1: their p-value classes.
    """

    is_wanted: bool
    log_anchor: float
    anchor: float
    exponent: float
    step: float
    n_classes: int


def pair_moments(null_factors, i, j):
    """Null mean and standard deviation (bits) and skewness of a pair of genes.

    null_factors: float64 (n_genes, 3), of which the three are products of the two genes' factors; or, with strata,
    float64 (n_genes, 3, n_strata), of which the mean, variance and third central moment are sums over the strata of
    such products. A pair that varies together in no stratum has a mean that no MI reaches.
    """


@inner(inline="always")
def _products(null_factors, i, j):
    return (
        null_factors[i, 0] * null_factors[j, 0],
        null_factors[i, 1] * null_factors[j, 1],
        null_factors[i, 2] * null_factors[j, 2],
    )


@inner(inline="always")
def _sums_of_products(null_factors, i, j):
    mean, variance, third = 0.0, 0.0, 0.0
    for stratum in range(null_factors.shape[2]):
        mean += null_factors[i, 0, stratum] * null_factors[j, 0, stratum]
        variance += null_factors[i, 1, stratum] * null_factors[j, 1, stratum]
        third += null_factors[i, 2, stratum] * null_factors[j, 2, stratum]
    if not variance > 0.0:
        return OUT_OF_REACH, 1.0, 1.0
    deviation = math.sqrt(variance)
    return mean, deviation, third / (variance * deviation)


@chosen_by_type(pair_moments)
def _pair_moments(null_factors, i, j):
    if null_factors.ndim == 2:
        return lambda null_factors, i, j: _products(null_factors, i, j)
    return lambda null_factors, i, j: _sums_of_products(null_factors, i, j)


@compiled()
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


@compiled()
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


@compiled()
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


@compiled()
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


@compiled()
def log_pearson3_tail(z_score, skewness):
    """Log P(Z >= z_score) of a Pearson III variable with mean 0, variance 1 and skewness > 0."""
    a = 4.0 / (skewness * skewness)
    return log_gamma_tail(a, a + 2.0 * z_score / skewness)


@inner()
def log_lanes(x, out):
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


@inner(optimised=False)
def _log_weight_lanes(a, x, buffer, out):
    """A log(x) - x - log_gamma(a) of many values. a, x, out: float64 (n,); buffer: float64 (6 n or more,).

    Logarithms are taken in one call, as its code is long.
    """
    n = a.shape[0]
    values, logs = buffer[: 3 * n], buffer[3 * n : 6 * n]
    for k in range(n):
        values[k] = 1.0
        out[k] = a[k]
        values[2 * n + k] = x[k]
    # The recurrence of `log_gamma`: product and argument.
    for _ in range(10):
        for k in range(n):
            small = out[k] < 10.0
            values[k] = values[k] * out[k] if small else values[k]
            out[k] = out[k] + 1.0 if small else out[k]
    for k in range(n):
        values[n + k] = out[k]
    log_lanes(values, logs)
    for k in range(n):
        r = 1.0 / out[k]
        z = r * r
        series = r * (
            1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))))
        )
        log_gamma = (out[k] - 0.5) * logs[n + k] - out[k] + HALF_LOG_2PI + series - logs[k]
        out[k] = a[k] * logs[2 * n + k] - x[k] - log_gamma


@inner()
def _fraction_lanes(a, x, weights, buffer, values):
    """`log_gamma_tail` of many values with x >= a + 1: the continued fraction, of which the logarithm is to be taken.

    a, x, values: float64 (n,); weights: of `_log_weight_lanes`, where the sum of weight and log(value) is the tail;
    buffer: float64 (5 n or more,). The fraction goes on for all lanes until the last one has converged; converged lanes
    keep their value.
    """
    n = a.shape[0]
    b, c, d, h, done = buffer[:n], buffer[n : 2 * n], buffer[2 * n : 3 * n], buffer[3 * n : 4 * n], buffer[4 * n :]
    for k in range(n):
        done[k] = 0.0
        b[k] = x[k] + 1.0 - a[k]
        c[k] = 1e300
        d[k] = 1.0 / b[k]
        h[k] = d[k]
    for i in range(1, MAX_TERMS):
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
        values[k] = h[k] if done[k] == 1.0 else 1.0
        if done[k] == 0.0:
            weights[k] = log_gamma_tail(a[k], x[k])


@inner()
def _series_lanes(a, x, weights, buffer, values):
    """`log_gamma_tail` of many values with 0 < x < a + 1: the series, of which the logarithm is to be taken.

    Arguments as `_fraction_lanes`. The series goes on for all lanes until the last one has converged; converged lanes
    keep their value.
    """
    n = a.shape[0]
    divisor, term, total, done = buffer[:n], buffer[n : 2 * n], buffer[2 * n : 3 * n], buffer[3 * n : 4 * n]
    for k in range(n):
        divisor[k] = a[k]
        term[k] = 1.0 / a[k]
        total[k] = term[k]
        done[k] = 0.0
    n_open = n
    while n_open > 0:
        n_open = 0
        for k in range(n):
            divisor[k] += 1.0
            term[k] *= x[k] / divisor[k]
            total[k] = total[k] + term[k] if done[k] == 0.0 else total[k]
            done[k] = 1.0 if done[k] == 1.0 or term[k] <= total[k] * NEGLIGIBLE else 0.0
            n_open += done[k] == 0.0
    _exp_lanes(weights, values)
    for k in range(n):
        values[k] = max(1.0 - values[k] * total[k], 2.0**-60)
        weights[k] = 0.0


@inner(optimised=False)
def _exp_lanes(x, out):
    """`exp` of many values <= 0, the same to the last bit down to exp(-700), and 0 below."""
    for k in range(x.shape[0]):
        power = np.floor(x[k] / (LN2_HIGH + LN2_LOW) + 0.5)
        rest = (x[k] - power * LN2_HIGH) - power * LN2_LOW
        series = 1.0
        for i in range(17, 0, -1):
            series = series * rest / i + 1.0
        out[k] = series
    bits = out.view(np.int64)
    for k in range(x.shape[0]):
        power = np.floor(max(x[k], -700.0) / (LN2_HIGH + LN2_LOW) + 0.5)
        bits[k] = bits[k] + (np.int64(power) << 52)
    for k in range(x.shape[0]):
        out[k] = out[k] if x[k] > -700.0 else 0.0


@inner(optimised=False)
def log_pearson3_tails(z_scores, skewness, log_tails):
    """`log_pearson3_tail` of many values, the same to the last bit. z_scores, skewness, log_tails: float64 (n,)."""
    n = z_scores.shape[0]
    # Values for the series come first and those for the continued fraction last: each loop runs over its own values.
    a, x, place = np.empty(n), np.empty(n), np.empty(n, np.int64)
    first, last = 0, n
    for k in range(n):
        shape = 4.0 / (skewness[k] * skewness[k])
        value = shape + 2.0 * z_scores[k] / skewness[k]
        if value <= 0.0:
            log_tails[k] = 0.0
            continue
        if value < shape + 1.0:
            at = first
            first += 1
        else:
            last -= 1
            at = last
        a[at], x[at], place[at] = shape, value, k
    for at in range(first, last):
        a[at], x[at] = 1.0, 1.0
    buffer, weights, values = np.empty(6 * n), np.empty(n), np.empty(n)
    _log_weight_lanes(a, x, buffer, weights)
    values[first:last] = 1.0
    _series_lanes(a[:first], x[:first], weights[:first], buffer, values[:first])
    _fraction_lanes(a[last:], x[last:], weights[last:], buffer, values[last:])
    log_lanes(values, buffer[:n])
    for at in range(n):
        if at < first or at >= last:
            log_tails[place[at]] = weights[at] + buffer[at]


@parallel(lambda z_scores: -(-len(z_scores) // VALUES_AT_ONCE))
def pearson3_tails(begin, stop, z_scores, skewness, out):
    """`log_pearson3_tail` of many values, float64 (n,), shared among threads.

    Other kernels write z-scores and skewness for this one: what computes tails takes long to compile.
    """
    for part in range(begin, stop):
        start, end = part * VALUES_AT_ONCE, (part + 1) * VALUES_AT_ONCE
        log_pearson3_tails(z_scores[start:end], skewness[start:end], out[start:end])


@parallel(lambda mi: len(mi))
def _standardise(begin, stop, mi, first, second, null_factors, z_scores, skewness):
    """Z-score of each pair's MI, and its skewness, by the null moments of the pair; see `log_tails`."""
    for k in range(begin, stop):
        mean, deviation, skewness[k] = pair_moments(null_factors, first[k], second[k])
        z_scores[k] = (mi[k] - mean) / deviation


def log_tails(
    mi: NDArray[np.float64],
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    null_factors: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Log pivot of many pairs: logarithm of the Pearson III tail probability of each pair's MI.

    mi: float64 (n_pairs,), bits; first, second: int32 (n_pairs,), genes; null_factors: as in `PivotBound`; out: float64
    (n_pairs,).
    """
    z_scores, skewness = np.empty(len(mi)), np.empty(len(mi))
    _standardise(mi, first, second, null_factors, z_scores, skewness)
    pearson3_tails(z_scores, skewness, out)


@inner(inline="always")
def is_extreme(mi, i, j, null_factors, curve, log_pivot):
    """Whether the log pivot of a pair with this MI (bits) is at most that of a `PivotBound`, given by its fields."""
    mean, deviation, skewness = pair_moments(null_factors, i, j)
    z_score = (mi - mean) / deviation
    critical, margin = 0.0, curve[0]
    for power in range(1, curve.shape[0]):
        critical = critical * skewness + curve[power]
    if z_score > critical + margin:
        return True
    # The gamma function is needed only this close to the bound.
    return not z_score < critical - margin and log_pearson3_tail(z_score, skewness) <= log_pivot


@parallel(lambda mi: len(mi))
def are_extreme(begin, stop, mi, first, second, bound, out):
    """Whether the log pivot of each pair is at most that of a `PivotBound`. Arguments as `log_tails`; out: bool."""
    null_factors, curve, log_pivot = bound
    near, margin = np.empty(VALUES_AT_ONCE, np.int64), curve[0]
    for start in range(begin, stop, VALUES_AT_ONCE):
        # As `is_extreme`, without a branch: the processor would guess wrongly which pairs are extreme.
        n_near = 0
        for k in range(start, min(start + VALUES_AT_ONCE, stop)):
            mean, deviation, skewness = pair_moments(null_factors, first[k], second[k])
            z_score, critical = (mi[k] - mean) / deviation, 0.0
            for power in range(1, curve.shape[0]):
                critical = critical * skewness + curve[power]
            out[k] = z_score > critical + margin
            near[n_near] = k
            n_near += not (out[k] | (z_score < critical - margin))
        for k in near[:n_near]:
            mean, deviation, skewness = pair_moments(null_factors, first[k], second[k])
            out[k] = log_pearson3_tail((mi[k] - mean) / deviation, skewness) <= log_pivot


@inner(inline="always")
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


@parallel(lambda log_pivots: len(log_pivots))
def find_classes(begin, stop, log_pivots, draws, index, tail, classes):
    """P-value class of each log pivot, the smaller the more extreme (see `Null.pvalue_classes`).

    log_pivots: float64, classes: int32 (n_pairs,); draws: float64 (n_draws,), ascending; index: int64 (n_grid,), as
    `_n_at_most`; tail: `Extrapolation`.
    """
    for k in range(begin, stop):
        more_extreme = _n_at_most(draws, index, log_pivots[k])
        classes[k] = tail.n_classes + more_extreme
        if more_extreme == 0 and tail.is_wanted:
            log_p = min(tail.log_anchor + tail.exponent * (log_pivots[k] - tail.anchor), 0.0)
            classes[k] = tail.n_classes - 1 - int(min(-log_p / tail.step, tail.n_classes - 1.0))


@parallel(lambda classes: len(classes))
def class_pvalues(begin, stop, classes, n_draws, step, n_extrapolated, smallest, pvalues):
    """P-value of each class: counted from the draws, or extrapolated, between `smallest` and the resolution.

    classes: int32 (n,); pvalues: float64 (n,).
    """
    resolution = 1.0 / (1.0 + n_draws)
    for k in range(begin, stop):
        steps_beyond = n_extrapolated - 1 - classes[k]
        if steps_beyond >= 0:
            pvalues[k] = min(max(exp(-(steps_beyond * step)), smallest), resolution)
        else:
            pvalues[k] = (classes[k] - n_extrapolated + 1.0) / (1.0 + n_draws)
