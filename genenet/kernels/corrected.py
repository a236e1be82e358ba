"""Mutual information from joint counts with a correction of its bias (see `genenet.estimators.corrections`)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.pearson3 import log
from genenet.kernels.shuffling import permutation_of
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import PARTS, tested

# Kinds of correction, as numbers for the compiled code.
NONE, MILLER_MADOW, SHRINK, PSEUDO_COUNTS = 0, 1, 2, 3


@compiled()
def count(x, y, joint):
    """Joint counts. x, y: uint8 (n_bins, n_samples); joint: int64 (n_bins, n_bins), overwritten."""
    for a in range(x.shape[0]):
        for b in range(y.shape[0]):
            total = np.uint32(0)
            for s in range(x.shape[1]):
                total += np.uint32(x[a, s]) * np.uint32(y[b, s])
            joint[a, b] = total


@inner()
def _entropy(p):
    return -p * log(p) if p > 0.0 else 0.0


@inner()
def _uniform_share(joint, total, n_samples, n_cells, kind, per_cell, in_all):
    """Weight of the uniform distribution that a joint distribution is mixed with, 0 to 1.

    It follows from per_cell * n_cells + in_all pseudo-counts, or from the James-Stein estimate (Hausser & Strimmer
    2009).
    """
    if kind == PSEUDO_COUNTS:
        added = per_cell * n_cells + in_all
        return added / (n_samples + added)
    if kind != SHRINK:
        return 0.0
    squares = 0.0
    for count in joint.flat:
        squares += (count / total) ** 2
    excess = squares - 1.0 / n_cells
    if n_samples == 1 or excess <= 1e-15:
        return 1.0
    return min(1.0, (1.0 - squares) / ((n_samples - 1) * excess))


@compiled()
def corrected(joint, row_margin, column_margin, total, n_samples, kind, per_cell, in_all, bias):
    """MI in nats of a table of counts, hard or soft.

    joint: int64 (n_bins, n_bins); row_margin, column_margin: int64 (n_bins,); total: sum of the counts; kind,
    per_cell, in_all: see `_uniform_share`; bias: what Miller-Madow subtracts from soft counts, in nats, or NaN for
    hard counts: then it follows from the occupied cells. Bins without samples are left out.
    """
    n_rows, n_columns, n_occupied = 0, 0, 0
    for a in range(row_margin.shape[0]):
        n_rows += row_margin[a] > 0
        n_columns += column_margin[a] > 0
    n_cells = n_rows * n_columns
    share = _uniform_share(joint, total, n_samples, n_cells, kind, per_cell, in_all)
    information = 0.0
    for a in range(row_margin.shape[0]):
        if row_margin[a] > 0:
            information += _entropy((1.0 - share) * (row_margin[a] / total) + share / n_rows)
        if column_margin[a] > 0:
            information += _entropy((1.0 - share) * (column_margin[a] / total) + share / n_columns)
    joint_entropy = 0.0
    for a in range(row_margin.shape[0]):
        for b in range(column_margin.shape[0]):
            if row_margin[a] > 0 and column_margin[b] > 0:
                n_occupied += joint[a, b] > 0
                joint_entropy += _entropy((1.0 - share) * (joint[a, b] / total) + share / n_cells)
    information -= joint_entropy
    if kind == MILLER_MADOW:
        information -= bias if bias == bias else (n_occupied - n_rows - n_columns + 1) / (2.0 * n_samples)
    return information


class CountedGenes(NamedTuple):
    """Genes in bins, and the correction of the bias of their MI."""

    weights: NDArray[np.uint8]
    """Shape (n_genes, n_bins, n_samples)."""
    margins: NDArray[np.int64]
    """Margins of the joint counts, shape (n_genes, n_bins)."""
    total: int
    """The sum of the joint counts of a pair."""
    biases: NDArray[np.float64]
    """Shape (n_genes,): the product of two genes' values is the bias of their MI in nats; NaN for hard bins."""
    kind: int
    per_cell: float
    """Pseudo-count of each cell."""
    in_all: float
    """Pseudo-counts of all cells together."""


@parallel(lambda rows: len(rows.genes) * PARTS)
def corrected_rows(begin, stop, counted, rows, mi):
    """MI in nats of each row gene with the genes from first_column on; a pair of two row genes is computed once.

    counted: `CountedGenes`; rows: `genenet.kernels.thresholds.Rows`; mi: float64 (n_rows, n_genes), of which only
    `tested` pairs are written.
    """
    weights, margins, total, biases, kind, per_cell, in_all = counted
    genes, is_row, first_column = rows
    n_genes, n_bins, n = weights.shape
    for task in range(begin, stop):
        joint = np.empty((n_bins, n_bins), np.int64)
        k = task // PARTS
        i = genes[k]
        for j in range(first_column + task % PARTS, n_genes, PARTS):
            if tested(i, j, is_row):
                count(weights[i], weights[j], joint)
                bias = biases[i] * biases[j]
                mi[k, j] = corrected(joint, margins[i], margins[j], total, n, kind, per_cell, in_all, bias)


@parallel(lambda pairs: len(pairs.first))
def corrected_draws(begin, stop, counted, pairs, mi):
    """MI in nats of pairs with the samples of each first gene permuted.

    pairs: `genenet.kernels.shuffling.PermutedPairs`; mi: float64 (n_pairs,).
    """
    weights, margins, total, biases, kind, per_cell, in_all = counted
    n_bins, n = weights.shape[1], weights.shape[2]
    for p in range(begin, stop):
        joint, permuted = np.empty((n_bins, n_bins), np.int64), np.empty((n_bins, n), np.uint8)
        order = permutation_of(pairs, p)
        i, j = pairs.first[p], pairs.second[p]
        for a in range(n_bins):
            for s in range(n):
                permuted[a, s] = weights[i, a, order[s]]
        count(permuted, weights[j], joint)
        bias = biases[i] * biases[j]
        mi[p] = corrected(joint, margins[i], margins[j], total, n, kind, per_cell, in_all, bias)
