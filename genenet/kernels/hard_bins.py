"""Bins that follow the values of a gene: k-means and Bayesian blocks, the exact optimum by dynamic programming."""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log
from genenet.kernels.threads import parallel


@inner()
def _distinct(row, values, counts):
    """Write the distinct values of a row, ascending, and how often each occurs; return their number."""
    ordered = np.sort(row)
    number = 0
    for value in ordered:
        if number == 0 or value != values[number - 1]:
            values[number], counts[number] = value, 0
            number += 1
        counts[number - 1] += 1
    return number


@inner()
def _write_codes(row, values, number, ends, codes):
    """Give each sample the number of its cluster or block. ends: where each of them ends in the distinct values."""
    for s in range(row.shape[0]):
        place = np.searchsorted(values[:number], row[s])
        codes[s] = np.searchsorted(ends, place, side="right")


@inner()
def _within_squares(weights, sums, squares, first, last):
    """Sum of squared distances from their mean of the distinct values first .. last, from cumulated sums."""
    weight = weights[last + 1] - weights[first]
    total = sums[last + 1] - sums[first]
    return max(squares[last + 1] - squares[first] - total * total / weight, 0.0)


@inner()
def _best_starts(previous, current, starts, weights, sums, squares, part, low, high, start_low, start_high):
    """Fill current[low .. high]: the least sum of squares of the first values in part + 1 clusters.

    The start of the last cluster never moves back as values are added, so the middle one bounds both halves.
    """
    stack = [(low, high, start_low, start_high)]
    while len(stack) > 0:
        low, high, start_low, start_high = stack.pop()
        middle = (low + high) // 2
        least, best = np.inf, start_low
        for start in range(max(start_low, part), min(start_high, middle) + 1):
            cost = previous[start - 1] + _within_squares(weights, sums, squares, start, middle)
            if cost < least:
                least, best = cost, start
        current[middle], starts[part, middle] = least, best
        if low < middle:
            stack.append((low, middle - 1, start_low, best))
        if middle < high:
            stack.append((middle + 1, high, best, start_high))


@parallel(lambda rows: len(rows))
def kmeans(begin, stop, rows, n_clusters, codes):
    """Cluster each gene's values so that the sum of squared distances from the clusters' means is smallest.

    rows: float64 (n_genes, n_samples); codes: int64 of the same shape, overwritten with 0 .. n_clusters - 1 in order
    of the values. A gene with fewer distinct values has one cluster for each.
    """
    n = rows.shape[1]
    for i in range(begin, stop):
        values, counts = np.empty(n), np.empty(n, np.int64)
        number = _distinct(rows[i], values, counts)
        k = min(n_clusters, number)
        centre = values[number // 2]
        weights, sums, squares = np.zeros(number + 1), np.zeros(number + 1), np.zeros(number + 1)
        for v in range(number):
            x = values[v] - centre
            weights[v + 1] = weights[v] + counts[v]
            sums[v + 1] = sums[v] + counts[v] * x
            squares[v + 1] = squares[v] + counts[v] * x * x
        starts = np.zeros((k, number), np.int64)
        previous, current = np.empty(number), np.full(number, np.inf)
        for v in range(number):
            previous[v] = _within_squares(weights, sums, squares, 0, v)
        for part in range(1, k):
            current[:part] = np.inf
            _best_starts(previous, current, starts, weights, sums, squares, part, part, number - 1, part, number - 1)
            previous, current = current, previous
        ends = np.empty(k, np.int64)
        last = number
        for part in range(k - 1, -1, -1):
            ends[part] = last
            last = starts[part, last - 1]
        _write_codes(rows[i], values, number, ends[: k - 1], codes[i])


@parallel(lambda rows: len(rows))
def bayesian_blocks(begin, stop, rows, prior, codes):
    """Best partition of each gene's values into blocks of constant density (Scargle et al. 2013, section 2.6).

    The fitness of a block of N samples and width T is N ln(N / T) - prior (eq. 19), its edges lie half way between
    values. rows: float64 (n_genes, n_samples); prior: float64 (n_samples,), entry k for a block that ends with the k-th
    distinct value; codes: int64 of the shape of rows, overwritten with 0 .. n_blocks - 1 in order of the values.
    """
    n = rows.shape[1]
    for i in range(begin, stop):
        values, counts = np.empty(n), np.empty(n, np.int64)
        number = _distinct(rows[i], values, counts)
        edges = np.empty(number + 1)
        edges[0], edges[number] = values[0], values[number - 1]
        for v in range(1, number):
            edges[v] = 0.5 * (values[v - 1] + values[v])
        best, starts = np.zeros(number), np.zeros(number, np.int64)
        for last in range(number):
            samples, highest, at = 0, -np.inf, 0
            for first in range(last, -1, -1):
                samples += counts[first]
                fitness = samples * log(samples / (edges[last + 1] - edges[first])) - prior[last]
                if first > 0:
                    fitness += best[first - 1]
                # The longest of equally good blocks is taken.
                if fitness >= highest:
                    highest, at = fitness, first
            best[last], starts[last] = highest, at
        ends = np.empty(number, np.int64)
        n_blocks, last = 0, number
        while last > 0:
            n_blocks += 1
            ends[number - n_blocks] = last
            last = starts[last - 1]
        _write_codes(rows[i], values, number, ends[number - n_blocks : number - 1], codes[i])
