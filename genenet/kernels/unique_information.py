"""Partial information decomposition (as in PIDC), summed over all third genes by sorting instead of a triple loop."""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.threads import parallel


@inner()
def specific_information(joint, column, margins, target_margin, total, out):
    """Information of each gene about each bin of a target (specific information), times the bin's probability, in nats.

    p(b) * sum_a p(a | b) ln(p(b | a) / p(b)); its sum over the bins b is the MI (DeWeese & Meister 1999). joint:
    float64 (n_genes, n_bins, n_columns), joint counts, the target's bins from `column` on; margins: float64 (n_genes,
    n_bins), target_margin: float64 (n_bins,): counts of the bins; total: sum of a pair's joint counts; out: float64
    (n_genes, n_bins).
    """
    for gene in range(joint.shape[0]):
        for b in range(target_margin.shape[0]):
            value = 0.0
            for a in range(joint.shape[1]):
                count = joint[gene, a, column + b]
                if count > 0:
                    value += count * np.log(count * total / (margins[gene, a] * target_margin[b]))
            out[gene, b] = max(value / total, 0.0)


@inner()
def sum_of_minima(values, target, out):
    """Sum over the bins b and all other genes z of min(values[x, b], values[z, b]), for each gene x.

    z is neither x nor the target. values: float64 (n_genes, n_bins), >= 0; out: float64 (n_genes,), overwritten.
    Values in ascending order and their cumulated sums give all sums at once.
    """
    out[:] = 0.0
    for b in range(values.shape[1]):
        below, n_above = 0.0, values.shape[0] - 1
        for gene in np.argsort(values[:, b]):
            if gene != target:
                n_above -= 1
                out[gene] += below + values[gene, b] * n_above
                below += values[gene, b]


@parallel(lambda joint, margins: joint.shape[2] // margins.shape[1])
def unique_shares(begin, stop, joint, margins, first, total, shares):
    """Share of each gene's MI with a target that is unique to the gene, summed over all third genes.

    joint: float64 (n_genes, n_bins, n_targets * n_bins), joint counts with the targets first, first + 1, ...; margins:
    float64 (n_genes, n_bins); total: sum of a pair's joint counts; shares: float64 (n_genes, n_genes), column t is
    written for each target t.
    """
    n_genes, n_bins = margins.shape
    for k in range(begin, stop):
        target = first + k
        specific, redundancy = np.empty((n_genes, n_bins)), np.empty(n_genes)
        specific_information(joint, k * n_bins, margins, margins[target], total, specific)
        sum_of_minima(specific, target, redundancy)
        for gene in range(n_genes):
            mi = specific[gene].sum()
            if gene != target and mi > 0:
                shares[gene, target] = max(n_genes - 2 - redundancy[gene] / mi, 0.0)
            else:
                shares[gene, target] = 0.0
