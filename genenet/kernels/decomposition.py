"""Partial information decomposition summed over all third genes, by sorting instead of by triples."""

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True)
def specific_information(joint, margins, target_margin, total, out):
    """What each gene tells about each bin of a target, times the bin's probability, in nats.

    p(b) * sum_a p(a | b) ln(p(b | a) / p(b)); its sum over the bins b is the MI (DeWeese & Meister 1999). joint:
    float64 (n_genes, n_bins, n_bins_target), joint counts; margins: float64 (n_genes, n_bins), target_margin: float64
    (n_bins_target,): counts of the bins; total: sum of a pair's joint counts; out: float64 (n_genes, n_bins_target).
    """
    for gene in prange(joint.shape[0]):
        for b in range(joint.shape[2]):
            value = 0.0
            for a in range(joint.shape[1]):
                count = joint[gene, a, b]
                if count > 0:
                    value += count * np.log(count * total / (margins[gene, a] * target_margin[b]))
            out[gene, b] = max(value / total, 0.0)


@njit(parallel=True, cache=True)
def sum_of_minima(values, target, out):
    """Sum over the bins b and all other genes z of min(values[x, b], values[z, b]), for each gene x.

    z is neither x nor the target. values: float64 (n_genes, n_bins), >= 0; out: float64 (n_genes,), overwritten.
    Values in ascending order and their cumulated sums give all sums at once.
    """
    n_genes, n_bins = values.shape
    parts = np.empty((n_bins, n_genes))
    for b in prange(n_bins):
        order = np.argsort(values[:, b])
        below, n_above = 0.0, n_genes - 1
        for gene in order:
            if gene != target:
                n_above -= 1
                parts[b, gene] = below + values[gene, b] * n_above
                below += values[gene, b]
    out[:] = 0.0
    for b in range(n_bins):
        for gene in range(n_genes):
            if gene != target:
                out[gene] += parts[b, gene]
