"""Pointwise mutual information of every sample, for given pairs of genes, and how far samples are below its mean.

The pointwise MI of a cell of the joint table is log2(p_kl / (p_k p_l)). That of a sample is the mean over the cells
that it is in, by its weights; the mean over all samples is the MI of the pair.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log_lanes
from genenet.kernels.threads import parallel
from genenet.kernels.weights import LOG2_E

# Samples whose products of two bytes add up to less than 2**31.
SAMPLES_AT_ONCE = 1 << 15
# Samples that vector instructions take together; their lists are padded to multiples of it.
AT_ONCE = 8


class Deficits(NamedTuple):
    """Sums, over edges, of how far samples are below the mean of the edge.

    of_all: float64 (n_samples,); of_genes: float64 (n_genes, n_samples), over the edges of a gene; of_modules: float64
    (n_modules, n_samples), over the edges within a module.
    """

    of_all: NDArray[np.float64]
    of_genes: NDArray[np.float64]
    of_modules: NDArray[np.float64]


class Largest(NamedTuple):
    """The largest values of each column of a table, in descending order; among equals the one of the earlier row.

    values: float64, rows: int64, both (n_largest, n_columns).
    """

    values: NDArray[np.float64]
    rows: NDArray[np.int64]


@inner(optimised=False)
def _product(x, y):
    """Sum of the products of the weights of two bins, over at most SAMPLES_AT_ONCE samples."""
    total = np.int32(0)
    for s in range(x.shape[0]):
        total += np.int32(x[s]) * np.int32(y[s])
    return total


@inner(optimised=False)
def _joint_table(x, y, table, rows, columns):
    """Joint counts of two genes, and their sums. x, y: uint8 (n_bins, n_samples); others: float64, overwritten."""
    n_bins, n_samples = x.shape
    rows[:], columns[:] = 0.0, 0.0
    for k in range(n_bins):
        for m in range(n_bins):
            count = 0.0
            for start in range(0, n_samples, SAMPLES_AT_ONCE):
                count += _product(x[k, start : start + SAMPLES_AT_ONCE], y[m, start : start + SAMPLES_AT_ONCE])
            table[k, m] = count
            rows[k] += count
            columns[m] += count


@inner(optimised=False)
def _first_bins(weights, first, last, known):
    """First bin of each sample, and the largest number of bins from there to its last one.

    weights: uint8 (n_bins, n_samples); first: uint8 (n_samples,), overwritten, lower where fewer bins would follow than
    that number; last: uint8 (n_samples,), a buffer; known: bool (n_samples,), set to False for samples without weight.
    """
    n_bins, n_samples = weights.shape
    highest = np.uint8(n_bins - 1)
    first[:], last[:] = highest, np.uint8(0)
    # Bin after bin and without a branch, so that the compiler can use vector registers.
    for k in range(n_bins):
        here = np.uint8(k)
        for s in range(n_samples):
            first[s] = min(first[s], here if weights[k, s] > 0 else highest)
            last[s] = here if weights[k, s] > 0 else last[s]
    for s in range(n_samples):
        known[s] &= first[s] <= last[s]
    width = np.int16(1)
    for s in range(n_samples):
        width = max(width, np.int16(last[s]) - np.int16(first[s]) + np.int16(1))
    latest = np.uint8(n_bins - width)
    for s in range(n_samples):
        first[s] = min(first[s], latest)
    return np.int64(width)


@inner(optimised=False)
def _sort_by_bins(first_x, first_y, n_bins, starts, sizes, order):
    """Sort samples by the first bins of two genes.

    starts: int64 (n_bins**2 + 1,), where the samples of each two first bins start in order, which are multiples of
    AT_ONCE; sizes: int64 (n_bins**2,), how many they are; order: int64, as long as `_n_places` says. All are
    overwritten, but for places in order behind the samples of two bins.
    """
    sizes[:] = 0
    for s in range(first_x.shape[0]):
        sizes[first_x[s] * n_bins + first_y[s]] += 1
    at = 0
    for group in range(n_bins * n_bins):
        starts[group] = at
        at += (sizes[group] + AT_ONCE - 1) // AT_ONCE * AT_ONCE
    starts[n_bins * n_bins] = at
    sizes[:] = 0
    for s in range(first_x.shape[0]):
        group = first_x[s] * n_bins + first_y[s]
        order[starts[group] + sizes[group]] = s
        sizes[group] += 1


@inner(optimised=False)
def _n_places(n_samples, n_bins):
    """Largest number of places that samples take if those of each two first bins start at multiples of AT_ONCE."""
    return n_samples + min(n_samples, n_bins * n_bins) * (AT_ONCE - 1)


@inner(optimised=False)
def _take_weights(weights, first, start, size, end, order, taken):
    """Weights of samples with the same first bin in it and those behind it, and 0 behind the samples.

    start, size, end: where these samples start in order, how many they are, and where the next ones start; taken:
    float64 (width, n_places).
    """
    for k in range(taken.shape[0]):
        own, to = weights[first + k], taken[k]
        for i in range(start, start + size):
            to[i] = own[order[i]]
        for i in range(start + size, end):
            to[i] = 0.0


@inner(optimised=False)
def _add_cell(count, row, column, rest, own, prior, x, y, ratios, logarithms, found):
    """Add weight * ln(ratio) of one cell to samples that are in it, their own weight taken from the table by `own`.

    count, row, column: of the joint table; rest: sum of the table without a sample; x, y: float64 (n,), weights of the
    samples; ratios, logarithms: buffers.
    """
    taken = 1.0 if own > 0.0 else 0.0
    for i in range(x.shape[0]):
        margins = (row - own * x[i]) * (column - own * y[i])
        # Where no other sample is in a bin, nothing is known about its partners.
        known = x[i] * y[i] > 0.0 and margins > 0.0
        cell = (count - taken * (x[i] * y[i])) * rest * rest + prior * margins
        ratios[i] = cell / (margins * (rest + prior)) if known else 1.0
    log_lanes(ratios, logarithms)
    for i in range(x.shape[0]):
        found[i] += x[i] * y[i] * logarithms[i]


@parallel(lambda first: len(first))
def pointwise(begin, stop, weights, total, first, second, leave_out, prior, out):
    """Pointwise MI in bits of each sample and pair; NaN for a sample without weight in one of the genes.

    weights: uint8 (n_genes, n_bins, n_samples), a sample's add up to `total`, or to 0 where it has no value; first,
    second: int32 (n_pairs,); out: float64 (n_pairs, n_samples). With leave_out the table is that of the other samples,
    so that no sample supports itself. prior: counts (of weight products) that are added to the table in the proportions
    of the margins, so that an empty cell has a logarithm.
    """
    n_bins, n_samples = weights.shape[1:]
    n_groups, n_places = n_bins * n_bins, _n_places(n_samples, n_bins)
    table, rows, columns = np.empty((n_bins, n_bins)), np.empty(n_bins), np.empty(n_bins)
    first_x, first_y = np.empty(n_samples, np.uint8), np.empty(n_samples, np.uint8)
    last, known = np.empty(n_samples, np.uint8), np.empty(n_samples, np.bool_)
    starts, sizes = np.empty(n_groups + 1, np.int64), np.empty(n_groups, np.int64)
    order, of_x, of_y = np.empty(n_places, np.int64), np.empty((n_bins, n_places)), np.empty((n_bins, n_places))
    ratios, logarithms, sums = np.empty(n_places), np.empty(n_places), np.empty(n_places)
    own = np.float64(leave_out) * total
    for pair in range(begin, stop):
        x, y = weights[first[pair]], weights[second[pair]]
        _joint_table(x, y, table, rows, columns)
        # Added in a loop, since every process that loads a function with `rows.sum()` imports scipy's linear algebra.
        in_all = 0.0
        for k in range(n_bins):
            in_all += rows[k]
        rest = in_all - own * total
        known[:] = True
        width_x, width_y = _first_bins(x, first_x, last, known), _first_bins(y, first_y, last, known)
        # Samples that are in the same bins stand side by side, so that vector instructions can take them together.
        _sort_by_bins(first_x, first_y, n_bins, starts, sizes, order)
        for group in range(n_groups):
            i, size, end = starts[group], sizes[group], starts[group + 1]
            if size == 0:
                continue
            first_k, first_m = group // n_bins, group % n_bins
            _take_weights(x, first_k, i, size, end, order, of_x[:width_x])
            _take_weights(y, first_m, i, size, end, order, of_y[:width_y])
            sums[i:end] = 0.0
            own_ratios, own_logarithms, own_sums = ratios[i:end], logarithms[i:end], sums[i:end]
            for a in range(width_x):
                k, own_x = first_k + a, of_x[a, i:end]
                for b in range(width_y):
                    m = first_m + b
                    _add_cell(
                        table[k, m], rows[k], columns[m], rest, own, prior, own_x, of_y[b, i:end],
                        own_ratios, own_logarithms, own_sums,
                    )  # fmt: skip
            for place in range(i, i + size):
                s = order[place]
                out[pair, s] = sums[place] * (LOG2_E / (total * total)) if known[s] else np.nan


@parallel(lambda found: len(found))
def scaled_deficits(begin, stop, found):
    """Replace pointwise MI by how far it is below the pair's mean, in standard deviations over the samples.

    found: float64 (n_pairs, n_samples); NaN, and a pair that does not vary, become 0.
    """
    for pair in range(begin, stop):
        row = found[pair]
        n, total = 0, 0.0
        for value in row:
            if not np.isnan(value):
                n += 1
                total += value
        mean = total / n if n else 0.0
        squares = 0.0
        for value in row:
            if not np.isnan(value):
                squares += (value - mean) ** 2
        deviation = np.sqrt(squares / n) if n else 0.0
        for s in range(row.shape[0]):
            row[s] = 0.0 if np.isnan(row[s]) or not deviation > 0.0 else (mean - row[s]) / deviation


@parallel(lambda scaled: scaled.shape[1])
def add_deficits(begin, stop, scaled, first, second, module, sums):
    """Add edges to sums (`Deficits`), one edge after another; threads share the samples.

    scaled: float64 (n_edges, n_samples); first, second: int32, genes, module: int64, the module of both genes, or 0,
    each (n_edges,).
    """
    of_all, of_genes, of_modules = sums
    for edge in range(scaled.shape[0]):
        values = scaled[edge, begin:stop]
        _add(values, of_all[begin:stop])
        _add(values, of_genes[first[edge], begin:stop])
        _add(values, of_genes[second[edge], begin:stop])
        _add(values, of_modules[module[edge], begin:stop])


@inner(optimised=False)
def _add(values, to):
    for s in range(values.shape[0]):
        to[s] += values[s]


@parallel(lambda table: table.shape[1])
def keep_largest(begin, stop, table, start, largest):
    """Look for the largest values of each column in more rows, of which the first has the number `start`.

    table: float64 (n_rows, n_columns); largest: `Largest` of the rows before.
    """
    values, rows = largest
    last = values.shape[0] - 1
    for row in range(table.shape[0]):
        for column in range(begin, stop):
            value = table[row, column]
            if value > values[last, column]:
                place = last
                while place > 0 and value > values[place - 1, column]:
                    values[place, column], rows[place, column] = values[place - 1, column], rows[place - 1, column]
                    place -= 1
                values[place, column], rows[place, column] = value, start + row
