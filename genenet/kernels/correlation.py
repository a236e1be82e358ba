"""Correlation coefficients of given pairs of genes."""

import numpy as np

from genenet.kernels.threads import parallel


@parallel(lambda first: len(first))
def correlations(begin, stop, standardised, first, second, out):
    """Correlation of pairs of rows, the mean of their products.

    standardised: float64 (n_genes, n_samples), mean 0 and variance 1; out: float64.

    Eight partial sums are added in a fixed order: the compiler can use vector registers of any width, and the result
    does not depend on the width.
    """
    n = standardised.shape[1]
    n_in_lanes = n - n % 8
    for k in range(begin, stop):
        x, y = standardised[first[k]], standardised[second[k]]
        sums = np.zeros(8)
        for s in range(0, n_in_lanes, 8):
            for lane in range(8):
                sums[lane] += x[s + lane] * y[s + lane]
        total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
        for s in range(n_in_lanes, n):
            total += x[s] * y[s]
        out[k] = min(max(total / n, -1.0), 1.0)


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
