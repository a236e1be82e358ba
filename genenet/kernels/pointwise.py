"""Pointwise mutual information of every sample, for given pairs of genes.

The pointwise MI of a cell of the joint table is log2(p_kl / (p_k p_l)). That of a sample is the mean over the cells
that it is in, by its weights; the mean over all samples is the MI of the pair.
"""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log_lanes
from genenet.kernels.threads import parallel
from genenet.kernels.weights import LOG2_E

# Cells whose logarithms are computed together, in vector registers.
CELLS_AT_ONCE = 256
# Samples whose products of two bytes add up to less than 2**31.
SAMPLES_AT_ONCE = 1 << 15


@inner(error_model="numpy")
def _joint_table(x, y, table, rows, columns):
    """Joint counts of two genes, and their sums. x, y: uint8 (n_bins, n_samples); others: int64, overwritten."""
    n_bins, n_samples = x.shape
    rows[:], columns[:] = 0, 0
    for k in range(n_bins):
        for m in range(n_bins):
            count = np.int64(0)
            for start in range(0, n_samples, SAMPLES_AT_ONCE):
                part = np.int32(0)
                for s in range(start, min(start + SAMPLES_AT_ONCE, n_samples)):
                    part += np.int32(x[k, s]) * np.int32(y[m, s])
                count += np.int64(part)
            table[k, m] = count
            rows[k] += count
            columns[m] += count


@inner(error_model="numpy")
def _add_logarithms(n, ratios, logarithms, products, samples, found):
    """Add product * ln(ratio) of n cells to their samples. All arrays except found have CELLS_AT_ONCE entries."""
    log_lanes(ratios, logarithms)
    for cell in range(n):
        found[samples[cell]] += products[cell] * logarithms[cell]


@parallel(lambda first: len(first), error_model="numpy")
def pointwise(begin, stop, weights, first, second, leave_out, prior, out):
    """Pointwise MI in bits of each sample and pair; NaN for a sample without weight in one of the genes.

    weights: uint8 (n_genes, n_bins, n_samples); first, second: int32 (n_pairs,); out: float64 (n_pairs, n_samples).
    With leave_out the table is that of the other samples, so that no sample supports itself. prior: counts (of weight
    products) that are added to the table in the proportions of the margins, so that an empty cell has a logarithm.
    """
    n_bins, n_samples = weights.shape[1:]
    table, rows, columns = np.empty((n_bins, n_bins), np.int64), np.empty(n_bins, np.int64), np.empty(n_bins, np.int64)
    ratios, logarithms, products = np.ones(CELLS_AT_ONCE), np.empty(CELLS_AT_ONCE), np.empty(CELLS_AT_ONCE)
    samples = np.empty(CELLS_AT_ONCE, np.int64)
    for pair in range(begin, stop):
        x, y, found = weights[first[pair]], weights[second[pair]], out[pair]
        _joint_table(x, y, table, rows, columns)
        total = rows.sum()
        found[:] = 0.0
        n = 0
        for s in range(n_samples):
            of_x, of_y = np.int64(0), np.int64(0)
            for k in range(n_bins):
                of_x += x[k, s]
                of_y += y[k, s]
            if of_x == 0 or of_y == 0:
                found[s] = np.nan
                continue
            taken = np.int64(leave_out)
            rest = np.float64(total - taken * of_x * of_y)
            for k in range(n_bins):
                if not x[k, s]:
                    continue
                row = np.float64(rows[k] - taken * np.int64(x[k, s]) * of_y)
                for m in range(n_bins):
                    if not y[m, s]:
                        continue
                    product = np.int64(x[k, s]) * np.int64(y[m, s])
                    column = np.float64(columns[m] - taken * np.int64(y[m, s]) * of_x)
                    # Where no other sample is in a bin, nothing is known about its partners.
                    if row > 0.0 and column > 0.0:
                        count = np.float64(table[k, m] - taken * product)
                        ratios[n] = (count * rest / row * (rest / column) + prior) / (rest + prior)
                        products[n] = LOG2_E * np.float64(product) / np.float64(of_x * of_y)
                        samples[n] = s
                        n += 1
                        if n == CELLS_AT_ONCE:
                            _add_logarithms(n, ratios, logarithms, products, samples, found)
                            n = 0
        _add_logarithms(n, ratios, logarithms, products, samples, found)
