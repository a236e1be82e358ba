"""Pointwise mutual information of every sample, for given pairs of genes.

The pointwise MI of a cell of the joint table is log2(p_kl / (p_k p_l)). That of a sample is the mean over the cells
that it is in, by its weights; the mean over all samples is the MI of the pair.
"""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log
from genenet.kernels.pointwise_lanes import LOG2_UNIT, SAMPLES_AT_ONCE, add_cells, sum_of_products
from genenet.kernels.threads import parallel
from genenet.kernels.weights import LOG2_E
from genenet.kernels.windows import BINS_AT_ONCE, MISSING

# Samples whose products of two bytes add up to less than 2**31.
SAMPLES_OF_SUM = 1 << 15


@inner(optimised=False)
def _joint_count(x, y):
    """Sum of the products of the weights of two bins. x, y: uint8 (n_samples,), up to 127."""
    count, n_samples = 0, x.shape[0]
    for start in range(0, n_samples, SAMPLES_OF_SUM):
        end = min(start + SAMPLES_OF_SUM, n_samples)
        found, left = sum_of_products(x, y, start, end)
        count += found
        for s in range(left, end):
            count += np.int64(x[s]) * np.int64(y[s])
    return count


@inner(optimised=False)
def _joint_table(x, y, table, rows, columns):
    """Joint counts of two genes, and their sums; returns the sum of all.

    x, y: uint8 (n_bins, n_samples); table, rows, columns: float32 or float64, with cells behind those of the bins, that
    are not touched.
    """
    n_bins, in_all = x.shape[0], 0
    for k in range(n_bins):
        of_row = 0
        for m in range(n_bins):
            count = _joint_count(x[k], y[m])
            table[k, m] = count
            of_row += count
        rows[k] = of_row
        in_all += of_row
    for m in range(n_bins):
        of_column = 0.0
        for k in range(n_bins):
            of_column += table[k, m]
        columns[m] = of_column
    return in_all


@parallel(lambda first: len(first))
def pointwise(begin, stop, weights, windows, total, first, second, out):
    """Pointwise MI in bits of each sample and pair; NaN for a sample without weight in one of the genes.

    weights: uint8 (n_genes, n_bins, n_samples), a sample's add up to `total`, up to 127, or to 0 where it has no value;
    windows: `genenet.kernels.windows.Windows` of these; first, second: int32 (n_pairs,); out: float64 (n_pairs,
    n_samples).
    """
    n_bins, n_samples = weights.shape[1:]
    n_windows = windows.weights.shape[1]
    size = n_bins + n_windows * BINS_AT_ONCE
    table, rows, columns = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    unit = LOG2_E / (total * total)
    for pair in range(begin, stop):
        a, b = first[pair], second[pair]
        in_all = _joint_table(weights[a], weights[b], table, rows, columns)
        for k in range(n_bins):
            for m in range(n_bins):
                count = table[k, m]
                table[k, m] = log(count * in_all / (rows[k] * columns[m])) * unit if count > 0.0 else 0.0
        of_x, of_y, first_x, first_y = windows.weights[a], windows.weights[b], windows.first[a], windows.first[b]
        for s in range(n_samples):
            if first_x[s] == MISSING or first_y[s] == MISSING:
                out[pair, s] = np.nan
                continue
            value = 0.0
            for v in range(n_windows):
                for i in range(BINS_AT_ONCE):
                    k, of_bin = first_x[s] + v * BINS_AT_ONCE + i, 0.0
                    for w in range(n_windows):
                        for j in range(BINS_AT_ONCE):
                            of_bin += of_y[w, s, j] * table[k, first_y[s] + w * BINS_AT_ONCE + j]
                    value += of_x[v, s, i] * of_bin
            out[pair, s] = value


@parallel(lambda first: len(first))
def leave_one_out(begin, stop, weights, windows, total, first, second, out):
    """Pointwise MI in bits of each sample and pair, by the joint table of the other samples.

    No sample supports itself. A prior of the weight of one sample is added to the table in the proportions of the
    margins, so that an empty cell has a logarithm. Bins in which no other sample is add nothing.

    weights, windows, total, first, second: as for `pointwise`; out: float32 (n_pairs, n_places), NaN for a sample
    without weight in one of the genes, and beyond the last sample.
    """
    n_bins = weights.shape[1]
    n_windows, n_places = windows.weights.shape[1:3]
    size = n_bins + n_windows * BINS_AT_ONCE
    table, rows, columns = np.zeros((size, size), np.float32), np.zeros(size, np.float32), np.zeros(size, np.float32)
    of_bins, scales = windows.weights, np.empty(4, np.float32)
    prior, unit = np.float64(total * total), np.float32(LOG2_UNIT / (total * total))
    for pair in range(begin, stop):
        a, b = np.int64(first[pair]), np.int64(second[pair])
        others = _joint_table(weights[a], weights[b], table, rows, columns) - prior
        # With margins r and s the ratio is (count * others / (r * s) + prior / others) / (1 + prior / others).
        scales[0], scales[1], scales[2], scales[3] = total, others / (others + prior), others, prior / (others + prior)
        sums, first_x, first_y = out[pair], windows.first[a], windows.first[b]
        sums[:] = 0.0
        for v in range(n_windows):
            for w in range(n_windows):
                at_x, at_y = (a * n_windows + v) * n_places, (b * n_windows + w) * n_places
                for s in range(0, n_places, SAMPLES_AT_ONCE):
                    add_cells(
                        of_bins, (at_x + s) * BINS_AT_ONCE, first_x, v * BINS_AT_ONCE,
                        of_bins, (at_y + s) * BINS_AT_ONCE, first_y, w * BINS_AT_ONCE,
                        rows, columns, table, size, scales, sums, s,
                    )  # fmt: skip
        for s in range(n_places):
            sums[s] = sums[s] * unit if (first_x[s] | first_y[s]) < MISSING else np.float32(np.nan)
