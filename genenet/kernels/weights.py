"""From values to bins: mid-ranks, integer B-spline weights, margins and their moments."""

import math

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.pearson3 import log
from genenet.kernels.threads import parallel

LOG2_E = 1.4426950408889634
# Samples whose weights are computed together: what they need stays in a core's first cache.
SAMPLES_AT_ONCE = 64
# Genes that are sorted at a time.
ROWS_AT_ONCE = 256
# Multiplying by 2 ** -n is exact, as `ldexp` is, for n up to this.
LARGEST_EXPONENT = 1_000


@parallel(lambda values: len(values))
def z_scores(begin, stop, values, scores):
    """(value - mean) / standard deviation of genes; 0 for one that does not vary.

    values, scores: float64 (n_genes, n_samples).
    """
    n = values.shape[1]
    for i in range(begin, stop):
        largest = 0.0
        for s in range(n):
            largest = max(largest, abs(values[i, s]))
        # Scaling by a power of two is exact, and keeps the squares from overflow and underflow.
        _, exponent = math.frexp(largest)
        if abs(exponent) <= LARGEST_EXPONENT:
            factor = math.ldexp(1.0, -exponent)
            for s in range(n):
                scores[i, s] = values[i, s] * factor
        else:
            for s in range(n):
                scores[i, s] = math.ldexp(values[i, s], -exponent)
        mean = 0.0
        for s in range(n):
            mean += scores[i, s]
        mean /= n
        squares = 0.0
        for s in range(n):
            squares += (scores[i, s] - mean) ** 2
        deviation = np.sqrt(squares / n)
        for s in range(n):
            scores[i, s] = (scores[i, s] - mean) / deviation if deviation > 0.0 else 0.0


@inner(optimised=False)
def _basis(t, interval, order, n_intervals, basis):
    """Values of the B-splines of the clamped uniform knot vector that are not 0, by the Cox-de Boor recursion.

    Knots: 0 (order times), 1 .. n_intervals - 1, n_intervals (order times), with n_intervals = n_bins - order + 1
    (Daub et al. 2004, doi:10.1186/1471-2105-5-118, eq. 8-10); knot k is at min(max(k - order + 1, 0), n_intervals).
    t: float64 (n,), samples between 0 and n_intervals; interval: float64 (n,), the number of the knots' interval that
    each is in, which is also its first bin; basis: float64 (order + 1, n), overwritten, the last row is 0.
    """
    last = order - 1
    basis[:] = 0.0
    basis[last] = 1.0
    for degree in range(1, order):
        for b in range(last - degree, last + 1):
            # A loop over samples without branches, for vector instructions. Knots are whole numbers: where two are not
            # apart, 0.5 stands for their distance, and the value is not used.
            for s in range(t.shape[0]):
                begin = interval[s] + (b - last)
                left, right = max(begin, 0.0), min(begin + degree, n_intervals)
                rising = (t[s] - left) / max(right - left, 0.5) * basis[b, s]
                rising = rising if right > left else 0.0
                left, right = max(begin + 1.0, 0.0), min(begin + 1.0 + degree, n_intervals)
                falling = (right - t[s]) / max(right - left, 0.5) * basis[b + 1, s]
                basis[b, s] = rising + (falling if right > left else 0.0)


@inner(optimised=False)
def _round_to_sum(values, total, integers, missing, best, largest):
    """Round numbers that add up to 1, times `total`, to integers that add up to `total`, by the largest remainders.

    values, integers: float64 (n_bins or more, n), (n_bins, n), the first bin goes first among equals; both are
    overwritten, as are the buffers missing, best and largest, float64 (n,).
    """
    n_bins = integers.shape[0]
    missing[:] = total
    for b in range(n_bins):
        for s in range(missing.shape[0]):
            scaled = values[b, s] * total
            integer = np.floor(scaled)
            # A value within rounding error of the next integer is that integer.
            integer += 1.0 if scaled - integer > 1.0 - 1e-9 else 0.0
            integers[b, s] = integer
            values[b, s] = scaled - integer
            missing[s] -= integer
    # Remainders are below 1, so that less than n_bins are missing.
    for n in range(1, n_bins):
        largest[:] = -2.0
        for b in range(n_bins):
            for s in range(missing.shape[0]):
                is_more = values[b, s] > largest[s] + 1e-9
                largest[s] = values[b, s] if is_more else largest[s]
                best[s] = b if is_more else best[s]
        for b in range(n_bins):
            for s in range(missing.shape[0]):
                one = 1.0 if best[s] == b and missing[s] >= n else 0.0
                integers[b, s] += one
                values[b, s] -= one


@parallel(lambda positions: len(positions))
def spline_weights(begin, stop, positions, order, total, weights):
    """Integer B-spline weights that add up to `total` for every sample (largest remainders, first bin first).

    positions: float64 (n_genes, n_samples) in [0, 1]; weights: uint8 (n_genes, n_bins, n_samples).
    """
    n_samples = positions.shape[1]
    n_intervals = np.float64(weights.shape[1] - order + 1)
    basis, integers = np.empty((order + 1, SAMPLES_AT_ONCE)), np.empty((order, SAMPLES_AT_ONCE))
    t, interval = np.empty(SAMPLES_AT_ONCE), np.empty(SAMPLES_AT_ONCE)
    missing, best, largest = np.empty(SAMPLES_AT_ONCE), np.empty(SAMPLES_AT_ONCE), np.empty(SAMPLES_AT_ONCE)
    for i in range(begin, stop):
        weights[i] = 0
        for start in range(0, n_samples, SAMPLES_AT_ONCE):
            n = min(SAMPLES_AT_ONCE, n_samples - start)
            for s in range(n):
                t[s] = positions[i, start + s] * n_intervals
                # A position may be below 0 by a rounding error.
                interval[s] = min(max(np.floor(t[s]), 0.0), n_intervals - 1.0)
            _basis(t[:n], interval[:n], order, n_intervals, basis)
            _round_to_sum(basis, np.float64(total), integers, missing[:n], best, largest)
            for s in range(n):
                first = np.int64(interval[s])
                for b in range(order):
                    weights[i, first + b, start + s] = np.uint8(integers[b, s])


def rank_weights(
    values: NDArray[np.float64], up_to_rank: NDArray[np.int64], total: int, weights: NDArray[np.uint8]
) -> None:
    """Integer weights of each sample by its rank in its gene; tied samples get the mean of the weights of their ranks.

    values: float64 (n_genes, n_samples); up_to_rank: int64 (n_bins, n_samples + 1), sums of the weights of all
    lower ranks; weights: uint8 (n_genes, n_bins, n_samples), those of a sample add up to `total`.
    """
    for first in range(0, len(values), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        _rank_weights(values[rows], np.argsort(values[rows], axis=1), up_to_rank, total, weights[rows])


@parallel(lambda values: len(values))
def _rank_weights(begin, stop, values, order, up_to_rank, total, weights):
    """Weights from the order of each gene's samples, int64; means are rounded to the largest remainders."""
    n_bins, n = weights.shape[1], values.shape[1]
    integers, rest = np.empty(n_bins, np.int64), np.empty(n_bins, np.int64)
    for i in range(begin, stop):
        start = 0
        while start < n:
            end, value = start + 1, values[i, order[i, start]]
            while end < n and values[i, order[i, end]] == value:
                end += 1
            missing = total
            for b in range(n_bins):
                summed = up_to_rank[b, end] - up_to_rank[b, start]
                integers[b], rest[b] = summed // (end - start), summed % (end - start)
                missing -= integers[b]
            for _ in range(missing):
                best = np.argmax(rest)
                integers[best] += 1
                rest[best] -= end - start
            for k in range(start, end):
                for b in range(n_bins):
                    weights[i, b, order[i, k]] = integers[b]
            start = end


@parallel(lambda weights: len(weights))
def weights_in_order(begin, stop, order, in_order, weights):
    """Give sample order[i, k] of gene i the weights in_order[i, :, k].

    order: int64 (n_genes, n_samples); in_order, weights: uint8 (n_genes, n_bins, n_samples).
    """
    for i in range(begin, stop):
        for b in range(weights.shape[1]):
            for k in range(weights.shape[2]):
                weights[i, b, order[i, k]] = in_order[i, b, k]


@parallel(lambda weights: len(weights))
def margins(begin, stop, weights, sums):
    """Sum of each bin's weights. weights: uint8 (n_genes, n_bins, n_samples); sums: int64 (n_genes, n_bins)."""
    for i in range(begin, stop):
        for b in range(weights.shape[1]):
            total = 0
            for s in range(weights.shape[2]):
                total += np.int64(weights[i, b, s])
            sums[i, b] = total


@compiled()
def entropies(margins):
    """Entropy in bits of each gene's margin. margins: int64 (n_genes, n_bins); returns float64 (n_genes,)."""
    result = np.empty(margins.shape[0])
    for i in range(margins.shape[0]):
        total = 0
        for b in range(margins.shape[1]):
            total += margins[i, b]
        entropy = 0.0
        for b in range(margins.shape[1]):
            if margins[i, b] > 0:
                p = margins[i, b] / total
                entropy -= p * log(p)
        result[i] = entropy * LOG2_E
    return result


@parallel(lambda weights: len(weights))
def margin_moments(begin, stop, weights, sums, total, moments):
    """Traces of the first three powers of each gene's matrix C (see `genenet.products.bins.margin_moments`).

    weights: uint8 (n_genes, n_bins, n_samples); sums: int64 (n_genes, n_bins); moments: float64 (n_genes, 3).
    """
    n_bins, n_samples = weights.shape[1], weights.shape[2]
    products = np.empty((n_bins, n_bins), np.int64)
    for i in range(begin, stop):
        for a in range(n_bins):
            for b in range(a, n_bins):
                product = 0
                if sums[i, a] > 0 and sums[i, b] > 0:
                    for s in range(n_samples):
                        product += np.int64(weights[i, a, s]) * np.int64(weights[i, b, s])
                products[a, b] = product
        traces(products, sums[i], total, moments[i])


@compiled()
def traces(products, sums, total, moments):
    """Traces of the first three powers of a gene's matrix C.

    products: int64 (n_bins, n_bins), sums over samples of the products of the weights of two bins, upper triangle;
    sums: int64 (n_bins,), of the weights; moments: float64 (3,). Integers come in, so that genes with the same multiset
    of weights have the same moments to the last bit.
    """
    n_bins = sums.shape[0]
    # Samples that the gene has: one without a value has no weight. Added in a loop, since every process that loads a
    # function with `sums.sum()` imports the linear algebra of numba and scipy.
    n = np.int64(0)
    for b in range(n_bins):
        n += sums[b]
    n //= total
    c = np.zeros((n_bins, n_bins))
    for a in range(n_bins):
        for b in range(a, n_bins):
            if sums[a] > 0 and sums[b] > 0:
                covariance = (np.float64(products[a, b]) * n - np.float64(sums[a]) * sums[b]) / n
                c[a, b] = covariance / total / sums[b]
                c[b, a] = covariance / total / sums[a]
    first, second, third = 0.0, 0.0, 0.0
    for a in range(n_bins):
        first += c[a, a]
        for b in range(n_bins):
            second += c[a, b] * c[b, a]
            for d in range(n_bins):
                third += c[a, b] * c[b, d] * c[d, a]
    moments[0], moments[1], moments[2] = first, second, third
