"""Mutual information of two normal variables, from their correlation."""

from genenet.kernels.jit import compiled
from genenet.kernels.pearson3 import log
from genenet.kernels.shuffling import permutation_of
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import PARTS, tested

# Lower bound of 1 - r^2, for 20 bits of MI: the MI of a gene and its copy would be infinite, and below this share of
# unexplained variance only rounding error is measured.
LEAST_UNEXPLAINED = 2.0**-40


@compiled()
def gaussian(x, y):
    """MI in nats, -1/2 ln(1 - r^2). x, y: float64 (n,), mean 0 and variance 1.

    Eight partial sums are added in a fixed order, so that the result does not depend on the processor.
    """
    n = x.shape[0]
    n_in_lanes = n - n % 8
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for s in range(0, n_in_lanes, 8):
        s0 += x[s] * y[s]
        s1 += x[s + 1] * y[s + 1]
        s2 += x[s + 2] * y[s + 2]
        s3 += x[s + 3] * y[s + 3]
        s4 += x[s + 4] * y[s + 4]
        s5 += x[s + 5] * y[s + 5]
        s6 += x[s + 6] * y[s + 6]
        s7 += x[s + 7] * y[s + 7]
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for s in range(n_in_lanes, n):
        total += x[s] * y[s]
    r = total / n
    return -0.5 * log(max(1.0 - r * r, LEAST_UNEXPLAINED))


@parallel(lambda rows: len(rows.genes) * PARTS)
def gaussian_rows(begin, stop, values, rows, mi):
    """MI in nats of each row gene with the genes from first_column on; a pair of two row genes is computed once.

    values: float64 (n_genes, n_samples), mean 0 and variance 1; rows: `genenet.kernels.thresholds.Rows`; mi: float64
    (n_rows, n_genes), of which only `tested` pairs are written.
    """
    genes, is_row, first_column = rows
    for task in range(begin, stop):
        k = task // PARTS
        i = genes[k]
        for j in range(first_column + task % PARTS, values.shape[0], PARTS):
            if tested(i, j, is_row):
                mi[k, j] = gaussian(values[i], values[j])


@parallel(lambda pairs: len(pairs.first))
def gaussian_draws(begin, stop, values, pairs, mi):
    """MI in nats of pairs with the samples of each first gene permuted.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    for p in range(begin, stop):
        mi[p] = gaussian(values[pairs.first[p]][permutation_of(pairs, p)], values[pairs.second[p]])
