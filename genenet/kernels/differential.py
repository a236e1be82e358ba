"""Deviance between groups of samples for all pairs of genes: its moments, histograms and tails.

The deviance of a pair is D = sum_g 2 n_g I_g - 2 n I, with I_g its MI (nats) in a group and I that of all samples. If
the pair is independent and the groups do not differ, D is to second order a weighted sum of chi-squares, whose
cumulants are the sums of those of the groups less those of all samples. How the dependence of the pair changes them is
a function of I, given in cells of equal width in the square root of I.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genenet.kernels.pearson3 import log_pearson3_tails
from genenet.kernels.threads import parallel

N_PARTS = 16
"""Sums and histograms are kept apart for so many parts of the rows, whatever the number of threads."""
N_CELLS = 256
"""Cells of the MI of all samples, between 0 and its largest possible value."""
PIVOTS_PER_UNIT, N_PIVOTS = 128, 5_120
"""Cells of the log pivot in a histogram: so many in a natural logarithm, down to -40."""
RATIOS_PER_UNIT, N_RATIOS = 256, 2_048
"""Cells of D over its expectation in a histogram, from 0 to 8."""
AT_ONCE = 256
SMALLEST_SHARE = 1e-3
"""Where margins differ between groups the variance may come out near 0: it is at least this share of the groups'."""
SMALLEST_SKEWNESS = 1e-3


class Tables(NamedTuple):
    """MI (bits) of a stripe of row genes with all column genes from `first_column` on.

    within: (n_groups, n_rows, width); pooled: (n_rows, width), of all samples; rows: int64 (n_rows,), the row genes.
    """

    within: NDArray[np.float32] | NDArray[np.float64]
    pooled: NDArray[np.float32] | NDArray[np.float64]
    rows: NDArray[np.int64]
    first_column: int


class Design(NamedTuple):
    """What D needs beside MI.

    sizes: float64 (n_groups + 1,), 2 ln 2 times the number of samples of each group, and of all. factors: float64
    (n_groups + 1, n_genes, 3): the products of two genes' factors are the first three cumulants of 2 n I of an
    independent pair in the group, and in all samples. regulator, target: bool (n_genes,), which pairs are tested.
    scale: 1 / the largest possible MI (bits).
    """

    sizes: NDArray[np.float64]
    factors: NDArray[np.float64]
    regulator: NDArray[np.bool_]
    target: NDArray[np.bool_]
    scale: float


class Curves(NamedTuple):
    """How D, standardised for an independent pair, is distributed without a difference, in each cell of MI.

    mean, deviation: of the standardised D; skewness: as a multiple of that of an independent pair; classes: int64, the
    class of MI that each cell is in. All of shape (N_CELLS,).
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    skewness: NDArray[np.float64]
    classes: NDArray[np.int64]


@njit(cache=True, inline="always")
def _is_tested(i, j, regulator, target):
    """Whether the pair of row gene i and gene j is tested, and belongs to this row (see `Bins.n_pairs_of_rows`)."""
    if j == i or (regulator[j] and j < i):
        return False
    return target[j] or (regulator[j] and target[i])


@njit(cache=True, inline="always", error_model="numpy")
def _deviance(tables, k, column, sizes):
    """D of a pair."""
    n_groups = tables.within.shape[0]
    deviance = -sizes[n_groups] * np.float64(tables.pooled[k, column])
    for g in range(n_groups):
        deviance += sizes[g] * np.float64(tables.within[g, k, column])
    return deviance


@njit(cache=True, inline="always", error_model="numpy")
def _independent(i, j, factors):
    """Mean, standard deviation and skewness of D if the pair is independent and the groups do not differ."""
    n_groups = factors.shape[0] - 1
    mean, variance, third = 0.0, 0.0, 0.0
    for g in range(n_groups):
        mean += factors[g, i, 0] * factors[g, j, 0]
        variance += factors[g, i, 1] * factors[g, j, 1]
        third += factors[g, i, 2] * factors[g, j, 2]
    least = SMALLEST_SHARE * variance
    mean -= factors[n_groups, i, 0] * factors[n_groups, j, 0]
    variance = max(variance - factors[n_groups, i, 1] * factors[n_groups, j, 1], least)
    third -= factors[n_groups, i, 2] * factors[n_groups, j, 2]
    deviation = np.sqrt(variance)
    return mean, deviation, max(third / (variance * deviation), SMALLEST_SKEWNESS)


@njit(cache=True, inline="always", error_model="numpy")
def _cell(mi, scale):
    return min(int(np.sqrt(max(np.float64(mi), 0.0) * scale) * N_CELLS), N_CELLS - 1)


@parallel(lambda sums: len(sums), error_model="numpy")
def add_moments(begin, stop, tables, design, sums):
    """Add up the moments of the standardised D by cells of MI.

    sums: float64 (N_PARTS, N_CELLS, 6), added to: number of pairs, MI, first three powers of the standardised D, and
    skewness of the pair if it is independent.
    """
    sizes, factors, regulator, target = design.sizes, design.factors, design.regulator, design.target
    n_rows, width = tables.pooled.shape
    n_genes = regulator.shape[0]
    for part in range(begin, stop):
        for k in range(part, n_rows, N_PARTS):
            i = tables.rows[k]
            for column in range(min(width, n_genes - tables.first_column)):
                j = tables.first_column + column
                if not _is_tested(i, j, regulator, target):
                    continue
                mean, deviation, skewness = _independent(i, j, factors)
                z = (_deviance(tables, k, column, sizes) - mean) / deviation
                mi = np.float64(tables.pooled[k, column])
                own = sums[part, _cell(mi, design.scale)]
                own[0] += 1.0
                own[1] += mi
                own[2] += z
                own[3] += z * z
                own[4] += z * z * z
                own[5] += skewness


@parallel(lambda histogram: len(histogram), error_model="numpy")
def add_counts(begin, stop, tables, design, curves, histogram, ratios, gene_sums, group_sums):
    """Count the pairs by class and log pivot, and by D over its expectation; add up what is summed over pairs.

    histogram: int64 (N_PARTS, n_classes, N_PIVOTS); ratios: int64 (N_PARTS, N_RATIOS); gene_sums: float64 (N_PARTS,
    n_genes), the standardised D of the pairs of a gene; group_sums: float64 (N_PARTS, n_groups), MI of each group (bits)
    beyond that of independent pairs. All are added to.
    """
    sizes, factors, regulator, target = design.sizes, design.factors, design.regulator, design.target
    n_rows, width = tables.pooled.shape
    n_genes, n_groups = regulator.shape[0], sizes.shape[0] - 1
    z_scores, skewnesses, tails = np.empty(AT_ONCE), np.empty(AT_ONCE), np.empty(AT_ONCE)
    classes = np.empty(AT_ONCE, np.int64)
    for part in range(begin, stop):
        for k in range(part, n_rows, N_PARTS):
            i = tables.rows[k]
            n, row_sum = 0, 0.0
            last = min(width, n_genes - tables.first_column)
            for column in range(last):
                j = tables.first_column + column
                if _is_tested(i, j, regulator, target):
                    mean, deviation, skewness = _independent(i, j, factors)
                    cell = _cell(tables.pooled[k, column], design.scale)
                    expected = mean + deviation * curves.mean[cell]
                    deviance = _deviance(tables, k, column, sizes)
                    z = (deviance - expected) / (deviation * curves.deviation[cell])
                    ratio = deviance / expected * RATIOS_PER_UNIT if expected > 0.0 else 0.0
                    ratios[part, int(min(max(ratio, 0.0), N_RATIOS - 1.0))] += 1
                    row_sum += z
                    gene_sums[part, j] += z
                    for g in range(n_groups):
                        chance = factors[g, i, 0] * factors[g, j, 0] / sizes[g]
                        group_sums[part, g] += np.float64(tables.within[g, k, column]) - chance
                    z_scores[n], skewnesses[n], classes[n] = z, skewness * curves.skewness[cell], curves.classes[cell]
                    n += 1
                if n == AT_ONCE or (column == last - 1 and n > 0):
                    log_pearson3_tails(z_scores[:n], skewnesses[:n], tails[:n])
                    for at in range(n):
                        pivot = int(min(-tails[at] * PIVOTS_PER_UNIT, N_PIVOTS - 1.0))
                        histogram[part, classes[at], pivot] += 1
                    n = 0
            gene_sums[part, i] += row_sum


@parallel(lambda tables: len(tables.rows), error_model="numpy")
def write_log_pivots(begin, stop, tables, design, curves, log_pivots, classes):
    """Write the log pivot and the class of each pair of a stripe that is tested; NaN for the others.

    log_pivots: float64, classes: int64, (n_rows, width).
    """
    n_genes = design.regulator.shape[0]
    width = tables.pooled.shape[1]
    for k in range(begin, stop):
        i = tables.rows[k]
        z_scores, skewnesses, tails = np.zeros(width), np.ones(width), np.empty(width)
        for column in range(min(width, n_genes - tables.first_column)):
            j = tables.first_column + column
            if _is_tested(i, j, design.regulator, design.target):
                mean, deviation, skewness = _independent(i, j, design.factors)
                cell = _cell(tables.pooled[k, column], design.scale)
                z = (_deviance(tables, k, column, design.sizes) - mean) / deviation
                z_scores[column] = (z - curves.mean[cell]) / curves.deviation[cell]
                skewnesses[column] = skewness * curves.skewness[cell]
                classes[k, column] = curves.classes[cell]
        for first in range(0, width, AT_ONCE):
            some = slice(first, min(first + AT_ONCE, width))
            log_pearson3_tails(z_scores[some], skewnesses[some], tails[some])
        for column in range(width):
            j = tables.first_column + column
            tested = j < n_genes and _is_tested(i, j, design.regulator, design.target)
            log_pivots[k, column] = tails[column] if tested else np.nan
