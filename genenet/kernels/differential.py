"""Deviance between groups of samples for all pairs of genes: its moments, histograms and tails.

The deviance of a pair is D = sum_g 2 n_g I_g - 2 n I, with I_g its MI (nats) in a group and I that of all samples. With
equal margins it is to second order a quadratic form: with Z_g the deviations of the joint table of group g from
independence, w_g its share of the samples and P = 1 - sqrt(w) sqrt(w)', D = sum_gh P_gh Z_g' Z_h. The covariance V_g of
Z_g is the product of those of the two genes, C_g(x) and C_g(y), so that for an independent pair the cumulants of D are

    k1 = sum_g P_gg tr V_g,  k2 = 2 sum_gh P_gh^2 tr V_g V_h,  k3 = 8 sum_ghl P_gh P_hl P_lg tr V_g V_h V_l,

with tr V_g V_h = tr C_g(x) C_h(x) * tr C_g(y) C_h(y): each cumulant is a sum of products of a number of gene x and one
of gene y. If the pair is dependent, the cumulants change as a function of I, which is tabulated in cells of equal width
of the square root of I.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import inner
from genenet.kernels.pearson3 import log_pearson3_tails
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import is_tested_in_row

N_PARTS = 16
"""Parts of the rows that have sums and histograms of their own, so that results do not depend on the threads."""
N_CELLS = 256
"""Cells into which the MI of all samples, between 0 and its largest possible value, is divided."""
PIVOTS_PER_UNIT, N_PIVOTS = 128, 5_120
"""Bins of the histogram of log pivots: number in each unit of the natural logarithm, and number from 0 down to -40."""
RATIOS_PER_UNIT, N_RATIOS = 256, 2_048
"""Bins of the histogram of D over its expectation: number in each unit, and number from 0 to 8."""
AT_ONCE = 256
"""Pairs whose tail probabilities are computed together."""
SMALLEST_SKEWNESS = 1e-3
"""Lower bound of the skewness of D, as a Pearson III distribution needs a positive one."""


class Tables(NamedTuple):
    """MI (bits) of a stripe of row genes with all column genes from `first_column` on.

    within: (n_groups, n_rows, width); pooled: (n_rows, width), of all samples; rows: int64 (n_rows,), the row genes.
    """

    within: NDArray[np.float32] | NDArray[np.float64]
    pooled: NDArray[np.float32] | NDArray[np.float64]
    rows: NDArray[np.int64]
    first_column: int


class Design(NamedTuple):
    """The constants of D, the difference statistic, that do not depend on the pair.

    sizes: float64 (n_groups + 1,), 2 ln 2 times the number of samples of each group, and of all. first, second, third:
    float64 (n_genes, n_terms), traces (see `traces`). first_of, second_of, third_of: float64 (n_terms,), coefficients:
    the sum over the terms of coefficient * trace of one gene * trace of the other is a cumulant of D of an independent
    pair. chance: float64 (n_groups,), the factor by which the product of two genes' first traces is the expected MI
    (bits) of an independent pair in each group. regulator, target: bool (n_genes,), which pairs are tested. scale: 1 /
    the largest possible MI (bits).
    """

    sizes: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    third: NDArray[np.float64]
    first_of: NDArray[np.float64]
    second_of: NDArray[np.float64]
    third_of: NDArray[np.float64]
    chance: NDArray[np.float64]
    regulator: NDArray[np.bool_]
    target: NDArray[np.bool_]
    scale: float


class Curves(NamedTuple):
    """Null distribution of D, standardised as for an independent pair, in each cell of the MI of all samples.

    mean, deviation: of the standardised D if the groups do not differ; skewness: as a multiple of that of an
    independent pair; classes: int64, the class of MI that each cell is in. All of shape (N_CELLS,).
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    skewness: NDArray[np.float64]
    classes: NDArray[np.int64]


@parallel(lambda weights: len(weights))
def covariances(begin, stop, weights, sums, total, out):
    """Covariance over the samples of a gene's weights in bins a and b, divided by the share of bin b.

    If two groups have the same margins, traces of products of these matrices equal those of the matrices C. weights:
    uint8 (n_genes, n_bins, n_samples); sums: int64 (n_genes, n_bins); out: float64 (n_genes, n_bins, n_bins).
    """
    n_bins, n_samples = weights.shape[1], weights.shape[2]
    for i in range(begin, stop):
        for a in range(n_bins):
            for b in range(a, n_bins):
                product = 0
                for s in range(n_samples):
                    product += np.int64(weights[i, a, s]) * np.int64(weights[i, b, s])
                covariance = (np.float64(product) * n_samples - np.float64(sums[i, a]) * sums[i, b]) / n_samples
                out[i, a, b] = covariance / total / sums[i, b] if sums[i, b] > 0 else 0.0
                out[i, b, a] = covariance / total / sums[i, a] if sums[i, a] > 0 else 0.0


@parallel(lambda first: len(first))
def traces(begin, stop, matrices, first, second, third):
    """Traces of the matrices of the groups, and of the products of two and three of them.

    matrices: float64 (n_groups, n_genes, n_bins, n_bins). first: float64 (n_genes, n_groups); second: (n_genes,
    n_groups**2), for groups g, h at g * n_groups + h; third: (n_genes, n_groups**3), in the same order of the indices.
    """
    n_groups, _, n_bins, _ = matrices.shape
    product = np.empty((n_bins, n_bins))
    for i in range(begin, stop):
        for g in range(n_groups):
            first[i, g] = 0.0
            for a in range(n_bins):
                first[i, g] += matrices[g, i, a, a]
            for h in range(n_groups):
                pair = g * n_groups + h
                second[i, pair] = 0.0
                for a in range(n_bins):
                    for b in range(n_bins):
                        product[a, b] = 0.0
                        for c in range(n_bins):
                            product[a, b] += matrices[g, i, a, c] * matrices[h, i, c, b]
                    second[i, pair] += product[a, a]
                for k in range(n_groups):
                    triple = pair * n_groups + k
                    third[i, triple] = 0.0
                    for a in range(n_bins):
                        for b in range(n_bins):
                            third[i, triple] += product[a, b] * matrices[k, i, b, a]


@inner(inline="always")
def _deviance(tables, k, column, sizes):
    """D of a pair."""
    n_groups = tables.within.shape[0]
    deviance = -sizes[n_groups] * np.float64(tables.pooled[k, column])
    for g in range(n_groups):
        deviance += sizes[g] * np.float64(tables.within[g, k, column])
    return deviance


@inner(inline="always")
def _sum_of_products(i, j, values, coefficients):
    total = 0.0
    for term in range(coefficients.shape[0]):
        total += coefficients[term] * values[i, term] * values[j, term]
    return total


@inner(inline="always")
def _independent(i, j, design):
    """Mean, standard deviation and skewness of D if the pair is independent and the groups do not differ."""
    mean = _sum_of_products(i, j, design.first, design.first_of)
    variance = _sum_of_products(i, j, design.second, design.second_of)
    third = _sum_of_products(i, j, design.third, design.third_of)
    deviation = np.sqrt(variance)
    return mean, deviation, max(third / (variance * deviation), SMALLEST_SKEWNESS)


@inner(inline="always")
def _cell(mi, scale):
    return min(int(np.sqrt(max(np.float64(mi), 0.0) * scale) * N_CELLS), N_CELLS - 1)


@parallel(lambda sums: len(sums))
def add_moments(begin, stop, tables, design, sums):
    """Add up the moments of the standardised D by cells of MI.

    sums: float64 (N_PARTS, N_CELLS, 6), added to: number of pairs, MI, first three powers of the standardised D, and
    skewness of the pair if it is independent.
    """
    sizes, regulator, target = design.sizes, design.regulator, design.target
    n_rows, width = tables.pooled.shape
    n_genes = regulator.shape[0]
    for part in range(begin, stop):
        for k in range(part, n_rows, N_PARTS):
            i = tables.rows[k]
            for column in range(min(width, n_genes - tables.first_column)):
                j = tables.first_column + column
                if not is_tested_in_row(i, target[i], j, regulator[j], target[j]):
                    continue
                mean, deviation, skewness = _independent(i, j, design)
                z = (_deviance(tables, k, column, sizes) - mean) / deviation
                mi = np.float64(tables.pooled[k, column])
                own = sums[part, _cell(mi, design.scale)]
                own[0] += 1.0
                own[1] += mi
                own[2] += z
                own[3] += z * z
                own[4] += z * z * z
                own[5] += skewness


@parallel(lambda histogram: len(histogram))
def add_counts(begin, stop, tables, design, curves, histogram, ratios, gene_sums, group_sums, strongest):
    """Add the pairs to the histograms of the log pivot and of D over its expectation, and to sums over pairs.

    histogram: int64 (N_PARTS, n_classes, N_PIVOTS); ratios: int64 (N_PARTS, N_RATIOS); gene_sums: float64 (N_PARTS,
    n_genes), the standardised D of the pairs of a gene; group_sums: float64 (N_PARTS, n_groups), MI of each group
    (bits) beyond that of independent pairs; strongest: int64 (N_PARTS, n_groups), pairs for which this is largest in
    the group. All are added to.
    """
    sizes, regulator, target = design.sizes, design.regulator, design.target
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
                if is_tested_in_row(i, target[i], j, regulator[j], target[j]):
                    mean, deviation, skewness = _independent(i, j, design)
                    cell = _cell(tables.pooled[k, column], design.scale)
                    expected = mean + deviation * curves.mean[cell]
                    deviance = _deviance(tables, k, column, sizes)
                    z = (deviance - expected) / (deviation * curves.deviation[cell])
                    ratio = deviance / expected * RATIOS_PER_UNIT if expected > 0.0 else 0.0
                    ratios[part, int(min(max(ratio, 0.0), N_RATIOS - 1.0))] += 1
                    row_sum += z
                    gene_sums[part, j] += z
                    group, largest = 0, -np.inf
                    for g in range(n_groups):
                        beyond = np.float64(tables.within[g, k, column])
                        beyond -= design.chance[g] * design.first[i, g] * design.first[j, g]
                        group_sums[part, g] += beyond
                        if beyond > largest:
                            group, largest = g, beyond
                    strongest[part, group] += 1
                    z_scores[n], skewnesses[n], classes[n] = z, skewness * curves.skewness[cell], curves.classes[cell]
                    n += 1
                if n == AT_ONCE or (column == last - 1 and n > 0):
                    log_pearson3_tails(z_scores[:n], skewnesses[:n], tails[:n])
                    for at in range(n):
                        pivot = int(min(-tails[at] * PIVOTS_PER_UNIT, N_PIVOTS - 1.0))
                        histogram[part, classes[at], pivot] += 1
                    n = 0
            gene_sums[part, i] += row_sum


@parallel(lambda tables: len(tables.rows))
def write_log_pivots(begin, stop, tables, design, curves, log_pivots, classes):
    """Write the log pivot and the class of each pair of a stripe that is tested; NaN for the others.

    log_pivots: float64, classes: int64, (n_rows, width).
    """
    regulator, target = design.regulator, design.target
    n_genes, width = regulator.shape[0], tables.pooled.shape[1]
    for k in range(begin, stop):
        i = tables.rows[k]
        z_scores, skewnesses, tails = np.zeros(width), np.ones(width), np.empty(width)
        for column in range(min(width, n_genes - tables.first_column)):
            j = tables.first_column + column
            if is_tested_in_row(i, target[i], j, regulator[j], target[j]):
                mean, deviation, skewness = _independent(i, j, design)
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
            tested = j < n_genes and is_tested_in_row(i, target[i], j, regulator[j], target[j])
            log_pivots[k, column] = tails[column] if tested else np.nan
