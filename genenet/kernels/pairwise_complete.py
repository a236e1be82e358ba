"""Mutual information of pairs of genes from the samples that both have: a sample without a value has no weight."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.corrected import count
from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log
from genenet.kernels.shuffling import permutation_of
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import PARTS, tested


@inner()
def _weighted_log(number):
    return number * log(number) if number > 0.0 else 0.0


@inner()
def scaled_information(joint, full):
    """n_common / n_samples times the plug-in MI, in nats, of the samples that both genes have.

    joint: int64 (n_bins, n_bins), joint counts; full: their sum for a pair without missing values. With N the sum of
    the counts, N I = sum J ln J - sum R ln R - sum C ln C + N ln N, R and C the margins of the table itself.
    """
    n_bins = joint.shape[0]
    information, everything = 0.0, 0
    for a in range(n_bins):
        row, column = 0, 0
        for b in range(n_bins):
            row += joint[a, b]
            column += joint[b, a]
            information += _weighted_log(float(joint[a, b]))
        everything += row
        information -= _weighted_log(float(row)) + _weighted_log(float(column))
    return (information + _weighted_log(float(everything))) / full


@inner()
def _table_total(joint):
    everything = 0
    for a in range(joint.shape[0]):
        for b in range(joint.shape[1]):
            everything += joint[a, b]
    return everything


class PresentGenes(NamedTuple):
    """Genes in bins, in which a missing value has no weight."""

    weights: NDArray[np.uint8]
    """Shape (n_genes, n_bins, n_samples)."""
    full: int
    """The sum of the joint counts of a pair without missing values."""
    fewest: int
    """A pair whose joint counts have a smaller sum has too few samples in common, and MI 0."""


@parallel(lambda rows: len(rows.genes) * PARTS)
def pairwise_rows(begin, stop, present, rows, mi):
    """`scaled_information` of each row gene with the genes from first_column on; a pair of two row genes once.

    present: `PresentGenes`; rows: `genenet.kernels.thresholds.Rows`; mi: float64 (n_rows, n_genes), of which only
    `tested` pairs are written.
    """
    weights, full, fewest = present
    genes, is_row, first_column = rows
    n_genes, n_bins, _ = weights.shape
    for task in range(begin, stop):
        joint = np.empty((n_bins, n_bins), np.int64)
        k = task // PARTS
        i = genes[k]
        for j in range(first_column + task % PARTS, n_genes, PARTS):
            if tested(i, j, is_row):
                count(weights[i], weights[j], joint)
                mi[k, j] = scaled_information(joint, full) if _table_total(joint) >= fewest else 0.0


@parallel(lambda pairs: len(pairs.first))
def pairwise_draws(begin, stop, present, pairs, mi):
    """`scaled_information` of pairs with the samples of each first gene permuted, its missing values among them.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    weights, full, fewest = present
    n_bins, n = weights.shape[1], weights.shape[2]
    for p in range(begin, stop):
        joint, permuted = np.empty((n_bins, n_bins), np.int64), np.empty((n_bins, n), np.uint8)
        order = permutation_of(pairs, p)
        i, j = pairs.first[p], pairs.second[p]
        for a in range(n_bins):
            for s in range(n):
                permuted[a, s] = weights[i, a, order[s]]
        count(permuted, weights[j], joint)
        mi[p] = scaled_information(joint, full) if _table_total(joint) >= fewest else 0.0


@parallel(lambda first: len(first))
def common_samples(begin, stop, present, first, second, n_common):
    """Number of samples that both genes of a pair have.

    present: bool (n_genes, n_samples); first, second: int32 (n_pairs,); n_common: int64 (n_pairs,).
    """
    for p in range(begin, stop):
        number = 0
        for s in range(present.shape[1]):
            number += present[first[p], s] & present[second[p], s]
        n_common[p] = number


@parallel(lambda first: len(first))
def pairwise_correlations(begin, stop, values, first, second, correlation):
    """Pearson correlation of pairs over the samples that both genes have; NaN where one of them does not vary there.

    values: float64 (n_genes, n_samples), NaN where missing; first, second: int32 (n_pairs,).
    """
    n = values.shape[1]
    for p in range(begin, stop):
        x, y = values[first[p]], values[second[p]]
        number, mean_x, mean_y = 0, 0.0, 0.0
        for s in range(n):
            if x[s] == x[s] and y[s] == y[s]:
                number += 1
                mean_x += x[s]
                mean_y += y[s]
        mean_x /= max(number, 1)
        mean_y /= max(number, 1)
        xx, yy, xy = 0.0, 0.0, 0.0
        for s in range(n):
            if x[s] == x[s] and y[s] == y[s]:
                xx += (x[s] - mean_x) ** 2
                yy += (y[s] - mean_y) ** 2
                xy += (x[s] - mean_x) * (y[s] - mean_y)
        correlation[p] = xy / np.sqrt(xx * yy) if xx > 0.0 and yy > 0.0 else np.nan
