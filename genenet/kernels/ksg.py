"""Mutual information by nearest neighbours (Kraskov, Stoegbauer & Grassberger 2004; Ross 2014), without adding noise.

Neighbours are found by a walk outwards from each sample in the order of x. The samples within a distance in x or y are
counted by bisection; it compares the same differences as the walk, so that rounding cannot move a sample across the
limit.

Ties: if more than k samples lie within the distance of the k-th neighbour, or that distance is 0, all samples in the
closed ball around the sample are counted, as in a cell of a table: psi of their number replaces psi(k), and the samples
within the same distance in x and in y are counted. With many ties this becomes the plug-in estimate with psi in place
of log (Grassberger 1988; the same idea as Gao et al. 2017, arXiv:1709.06212); without ties it is the published formula.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.shuffling import permutation_of
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import PARTS, tested

# Samples on one side that are looked at before those on the other side.
STEPS = 4


@compiled()
def within(ordered, position, distance, closed):
    """How many values lie within a distance of the value at `position`, itself included.

    ordered: float64, ascending; closed: whether values at that very distance count.
    """
    return _n_behind(ordered, position, distance, closed) + _n_before(ordered, position, distance, closed) + 1


# The compiler turns the choice in these loops into instructions without a branch, which no processor could predict.
@inner(inline="always")
def _n_behind(ordered, position, distance, closed):
    value, first, size = ordered[position], position + 1, ordered.shape[0] - position - 1
    while size > 0:
        half = (size + 1) // 2
        gap = ordered[first + half - 1] - value
        first += half if (gap < distance) | (closed & (gap == distance)) else 0
        size -= half
    return first - position - 1


@inner(inline="always")
def _n_before(ordered, position, distance, closed):
    value, last, size = ordered[position], position, position
    while size > 0:
        half = (size + 1) // 2
        gap = value - ordered[last - half]
        last -= half if (gap < distance) | (closed & (gap == distance)) else 0
        size -= half
    return position - last


@inner()
def _insert(gap, gap_y, found, tied, k, distances, gaps):
    """Put a sample, by its differences in x and y, among the found ones of the k nearest; returns the tied ones."""
    distance = max(gap, gap_y)
    at, dropped = min(found, k - 1), distances[k - 1]
    while at > 0 and distances[at - 1] > distance:
        distances[at] = distances[at - 1]
        gaps[at, 0], gaps[at, 1] = gaps[at - 1, 0], gaps[at - 1, 1]
        at -= 1
    distances[at], gaps[at, 0], gaps[at, 1] = distance, gap, gap_y
    return tied + 1 if found >= k and distances[k - 1] == dropped else 0


@inner()
def neighbourhood(ordered_x, y, start, k, distances, gaps):
    """Find the k nearest neighbours of the sample at `start` in order of x, by the larger difference in x or y.

    ordered_x: x in ascending order; y: of the samples in that order; distances: float64 (k,); gaps: float64 (k, 2):
    differences in x and y; both overwritten, nearest first. Returns how many more samples are as far away as the k-th,
    and the window of all samples whose x is at most that far away: the first one, and the one behind the last.
    """
    n = ordered_x.shape[0]
    x_here, y_here = ordered_x[start], y[start]
    # The window of samples that were looked at, and how far it may grow.
    first, behind, lowest, highest = start, start + 1, 0, n
    found, tied, limit = 0, 0, np.inf
    distances[k - 1] = limit
    # Some steps to one side, some to the other, until x alone is farther away than the k-th neighbour.
    while first > lowest or behind < highest:
        last = max(first - STEPS, lowest)
        while first > last:
            gap, gap_y = x_here - ordered_x[first - 1], abs(y[first - 1] - y_here)
            if gap > limit:
                lowest = first
                break
            first -= 1
            if gap < limit and gap_y < limit:
                tied = _insert(gap, gap_y, found, tied, k, distances, gaps)
                found += 1
                limit = distances[k - 1]
            else:
                tied += gap_y <= limit
        last = min(behind + STEPS, highest)
        while behind < last:
            gap, gap_y = ordered_x[behind] - x_here, abs(y[behind] - y_here)
            if gap > limit:
                highest = behind
                break
            behind += 1
            if gap < limit and gap_y < limit:
                tied = _insert(gap, gap_y, found, tied, k, distances, gaps)
                found += 1
                limit = distances[k - 1]
            else:
                tied += gap_y <= limit
    return tied, first, behind


@inner()
def _within_window(window, value, distance, closed):
    """How many values of a window, which holds all that are near, lie within a distance of one of them."""
    number = 0
    for other in window:
        gap = abs(other - value)
        number += (gap < distance) | (closed & (gap == distance))
    return number


@compiled()
def ksg(ordered_x, order_x, y, ordered_y, place_y, k, algorithm, psi):
    """MI in nats of two continuous variables, not clipped at 0 (Kraskov et al. 2004).

    ordered_x, order_x: x ascending and the samples in that order; y: float64 (n,); ordered_y: y ascending; place_y:
    int64 (n,), where each sample is in ordered_y; algorithm: 1 or 2 (Kraskov et al. 2004, eq. 8 and 9); psi: float64
    (n + 1,), digamma.
    """
    n = ordered_x.shape[0]
    distances, gaps = np.empty(k), np.empty((k, 2))
    y_in_order = y[order_x]
    total = 0.0
    for start in range(n):
        sample = order_x[start]
        tied, first, behind = neighbourhood(ordered_x, y_in_order, start, k, distances, gaps)
        distance, window, value = distances[k - 1], ordered_x[first:behind], ordered_x[start]
        if tied > 0 or distance == 0.0:
            n_x = _within_window(window, value, distance, True)
            n_y = within(ordered_y, place_y[sample], distance, True)
            total += psi[k + tied + 1] - psi[n_x] - psi[n_y]
        elif algorithm == 1:
            n_x = _within_window(window, value, distance, False)
            n_y = within(ordered_y, place_y[sample], distance, False)
            total += psi[k] - psi[n_x] - psi[n_y]
        else:
            width_x, width_y = 0.0, 0.0
            for neighbour in range(k):
                width_x, width_y = max(width_x, gaps[neighbour, 0]), max(width_y, gaps[neighbour, 1])
            n_x = _within_window(window, value, width_x, True)
            n_y = within(ordered_y, place_y[sample], width_y, True)
            total += psi[k] - 1.0 / k - psi[n_x - 1] - psi[n_y - 1]
    return psi[n] + total / n


class SortedGenes(NamedTuple):
    """Values of genes, in the order of the samples and sorted, and the estimator's settings."""

    values: NDArray[np.float64]
    """Shape (n_genes, n_samples)."""
    ordered: NDArray[np.float64]
    """The values of each gene in ascending order."""
    order: NDArray[np.int64]
    """The samples of each gene in ascending order."""
    place: NDArray[np.int64]
    """Position of each sample in this order."""
    k: int
    algorithm: int
    psi: NDArray[np.float64]
    """Digamma of 0 .. n_samples, of which 0 is not used."""


class LabelledGenes(NamedTuple):
    """A discrete variable and sorted genes; if the variable has a row among the genes, that row is not used."""

    codes: NDArray[np.int64]
    """Label of each sample."""
    sizes: NDArray[np.int64]
    """How often each label occurs, at least twice."""
    ordered: NDArray[np.float64]
    order: NDArray[np.int64]
    k: int
    psi: NDArray[np.float64]


@parallel(lambda rows: len(rows.genes) * PARTS)
def ksg_rows(begin, stop, genes, rows, mi):
    """MI in nats of each row gene with the genes from first_column on; a pair of two row genes is computed once.

    genes: `SortedGenes`; rows: `genenet.kernels.thresholds.Rows`; mi: float64 (n_rows, n_genes), of which only
    `tested` pairs are written.
    """
    values, ordered, order, place, k, algorithm, psi = genes
    row_genes, is_row, first_column = rows
    n_genes = values.shape[0]
    for task in range(begin, stop):
        row = task // PARTS
        i = row_genes[row]
        for j in range(first_column + task % PARTS, n_genes, PARTS):
            if tested(i, j, is_row):
                mi[row, j] = ksg(ordered[i], order[i], values[j], ordered[j], place[j], k, algorithm, psi)


@parallel(lambda pairs: len(pairs.first))
def ksg_draws(begin, stop, genes, pairs, mi):
    """MI in nats of pairs with the samples of each second gene permuted.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    values, ordered, order, place, k, algorithm, psi = genes
    for p in range(begin, stop):
        i, j = pairs.first[p], pairs.second[p]
        permutation = permutation_of(pairs, p)
        mi[p] = ksg(ordered[i], order[i], values[j][permutation], ordered[j], place[j][permutation], k, algorithm, psi)


@compiled()
def ross(codes, sizes, ordered, order, k, psi):
    """MI in nats of a discrete and a continuous variable, not clipped at 0 (Ross 2014).

    codes: int64 (n,), label of each sample; sizes: int64 (n_labels,), how often each occurs, at least 2; ordered,
    order: the continuous variable ascending and the samples in that order; psi: float64 (n + 1,), digamma.
    """
    n = codes.shape[0]
    inside = np.empty(sizes.max())
    places = np.empty(sizes.max(), np.int64)
    total = 0.0
    for label in range(sizes.shape[0]):
        size = sizes[label]
        at = 0
        for position in range(n):
            if codes[order[position]] == label:
                inside[at], places[at] = ordered[position], position
                at += 1
        near = min(k, size - 1)
        for position in range(size):
            distance = _nth_distance(inside[:size], position, near)
            same = within(inside[:size], position, distance, True)
            tied = same > near + 1 or distance == 0.0
            n_all = within(ordered, places[position], distance, tied)
            total += psi[same if tied else near] - psi[size] - psi[n_all]
    return psi[n] + total / n


@parallel(lambda labelled, rows: len(labelled.ordered) - rows.first_column)
def ross_rows(begin, stop, labelled, rows, mi):
    """MI in nats of a discrete variable, which is the only row, with the genes from first_column on.

    labelled: `LabelledGenes`; rows, mi: as `ksg_rows`.
    """
    codes, sizes, ordered, order, k, psi = labelled
    for j in range(rows.first_column + begin, rows.first_column + stop):
        if tested(rows.genes[0], j, rows.is_row):
            mi[0, j] = ross(codes, sizes, ordered[j], order[j], k, psi)


@parallel(lambda pairs: len(pairs.second))
def ross_draws(begin, stop, labelled, pairs, mi):
    """MI in nats of the discrete variable, its samples permuted, and each second gene.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    codes, sizes, ordered, order, k, psi = labelled
    for p in range(begin, stop):
        j = pairs.second[p]
        mi[p] = ross(codes[permutation_of(pairs, p)], sizes, ordered[j], order[j], k, psi)


@inner()
def _nth_distance(ordered, position, k):
    """Distance of the k-th nearest other value, 1 <= k < len(ordered)."""
    left, right = position - 1, position + 1
    distance = 0.0
    for _ in range(k):
        gap_left = ordered[position] - ordered[left] if left >= 0 else np.inf
        gap_right = ordered[right] - ordered[position] if right < ordered.shape[0] else np.inf
        if gap_left <= gap_right:
            distance, left = gap_left, left - 1
        else:
            distance, right = gap_right, right + 1
    return distance
