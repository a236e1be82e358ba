"""Correlation coefficients of given pairs of genes."""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import parallel
from genenet.kernels.vectors import lane_products

# Values of a block of genes, 2 MB: two blocks stay in the processor's L3 cache.
VALUES_AT_ONCE = 1 << 18


def correlations(
    standardised: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32], out: NDArray[np.float64]
) -> None:
    """Correlation of pairs of rows, the mean of their products.

    standardised: float64 (n_genes, n_samples), mean 0 and variance 1; first, second: integers, fastest where pairs are
    in the order of their first, then their second gene; out: float64 (n_pairs,).
    """
    n_genes, n_samples = standardised.shape
    if (first[1:] < first[:-1]).any():
        order = np.lexsort((second, first))
        found = np.empty(len(order))
        correlations(standardised, first[order], second[order], found)
        out[order] = found
        return
    starts = np.searchsorted(first, np.arange(n_genes + 1, dtype=np.int32))
    _correlations(standardised, starts, max(VALUES_AT_ONCE // n_samples, 1), second, out)


@parallel(lambda starts, size: -(-(len(starts) - 1) // size))
def _correlations(begin, stop, standardised, starts, size, second, out):
    """`correlations` of the pairs of some blocks of first genes, with one block of second genes after the other.

    starts: int64 (n_genes + 1,), where the pairs of each first gene start; size: number of genes of a block.

    Eight partial sums are added in a fixed order: the compiler can use vector registers of any width, and the result
    does not depend on the width.
    """
    n_genes, n = standardised.shape
    n_in_lanes = n - n % 8
    sums, at = np.empty(8), np.empty(size, np.int64)
    for block in range(begin, stop):
        genes = range(block * size, min((block + 1) * size, n_genes))
        for i in genes:
            at[i - block * size] = starts[i]
        for end in range(size, n_genes + size, size):
            for i in genes:
                x, k = standardised[i], at[i - block * size]
                while k < starts[i + 1] and second[k] < end:
                    y = standardised[second[k]]
                    lane_products(x, y, n_in_lanes, sums)
                    total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
                    for s in range(n_in_lanes, n):
                        total += x[s] * y[s]
                    out[k] = min(max(total / n, -1.0), 1.0)
                    k += 1
                at[i - block * size] = k


@parallel(lambda means: len(means))
def sparse_moments(begin, stop, starts, excess, n, means, deviations):
    """Mean and standard deviation (of n) of genes over all n samples; excess: float64 (n_own,), 0 in all others."""
    for i in range(begin, stop):
        total = 0.0
        for k in range(starts[i], starts[i + 1]):
            total += excess[k]
        mean = total / n
        squares = (n - (starts[i + 1] - starts[i])) * (mean * mean)
        for k in range(starts[i], starts[i + 1]):
            squares += (excess[k] - mean) ** 2
        means[i], deviations[i] = mean, np.sqrt(squares / n)
