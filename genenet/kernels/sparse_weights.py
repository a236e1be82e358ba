"""Weights of matrices that are mostly zeros: a gene's samples of value 0 all have the same weights, its *common* ones.

Only the other samples, the *own* ones of a gene, are stored. All sums are integers, so that they are those of the dense
weights to the last bit.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.shuffling import shuffle
from genenet.kernels.threads import parallel
from genenet.kernels.weights import traces

# Bytes behind the last weight of a sample list: vectors of at most so many are loaded.
SPARE = 64


class ByGene(NamedTuple):
    """Weights gene by gene.

    starts: int64 (n_genes + 1,), where the own samples of each gene start; samples: int32 (n_own,), any order within a
    gene; own: uint8 (n_own, n_bins), their weights; common: uint8 (n_genes, n_bins), the weights of all other samples.
    """

    starts: NDArray[np.int64]
    samples: NDArray[np.int32]
    own: NDArray[np.uint8]
    common: NDArray[np.uint8]


class BySample(NamedTuple):
    """What the own weights are above the common ones, in all bins but the last, sample by sample.

    starts: int64 (n_samples + 1,); genes: int32 (n_own,), ascending within a sample; excess: int8, flat: n_planes for
    each, and SPARE bytes at the end.
    """

    starts: NDArray[np.int64]
    genes: NDArray[np.int32]
    excess: NDArray[np.int8]


@parallel(lambda sums: len(sums))
def margins(begin, stop, weights, n_samples, sums):
    """Sum of each bin's weights. weights: `ByGene`; sums: int64 (n_genes, n_bins)."""
    starts, _, own, common = weights
    for i in range(begin, stop):
        n_common = n_samples - (starts[i + 1] - starts[i])
        for b in range(sums.shape[1]):
            sums[i, b] = n_common * np.int64(common[i, b])
        for k in range(starts[i], starts[i + 1]):
            for b in range(sums.shape[1]):
                sums[i, b] += np.int64(own[k, b])


@parallel(lambda moments: len(moments))
def margin_moments(begin, stop, weights, n_samples, sums, total, moments):
    """Traces of the first three powers of each gene's matrix C, as `genenet.kernels.weights.margin_moments`.

    weights: `ByGene`; sums: int64 (n_genes, n_bins); moments: float64 (n_genes, 3).
    """
    starts, _, own, common = weights
    n_bins = sums.shape[1]
    products = np.empty((n_bins, n_bins), np.int64)
    for i in range(begin, stop):
        n_common = n_samples - (starts[i + 1] - starts[i])
        for a in range(n_bins):
            for b in range(n_bins):
                products[a, b] = n_common * np.int64(common[i, a]) * np.int64(common[i, b])
        for k in range(starts[i], starts[i + 1]):
            for a in range(n_bins):
                for b in range(a, n_bins):
                    products[a, b] += np.int64(own[k, a]) * np.int64(own[k, b])
        traces(products, sums[i], total, moments[i])


@parallel(lambda starts: len(starts) - 1)
def permute_samples(begin, stop, starts, samples, n_samples, key, permuted):
    """Each gene's samples in a random order of its own, that of `genenet.kernels.shuffling.permute_samples`.

    starts: int64 (n_genes + 1,); samples, permuted: int32 (n_own,).
    """
    order, place = np.empty(n_samples, np.int64), np.empty(n_samples, np.int32)
    for i in range(begin, stop):
        shuffle(key, i, order)
        for s in range(n_samples):
            place[order[s]] = s
        for k in range(starts[i], starts[i + 1]):
            permuted[k] = place[samples[k]]


@parallel(lambda dense: len(dense))
def fill_dense(begin, stop, weights, genes, dense):
    """Write out the weights of some genes. weights: `ByGene`; genes: int64; dense: uint8 (len(genes), n_bins, n)."""
    starts, samples, own, common = weights
    for row in range(begin, stop):
        i = genes[row]
        for b in range(dense.shape[1]):
            dense[row, b] = common[i, b]
        for k in range(starts[i], starts[i + 1]):
            for b in range(dense.shape[1]):
                dense[row, b, samples[k]] = own[k, b]


@compiled()
def _count(samples, starts):
    for sample in samples:
        starts[sample + 1] += 1
    for s in range(starts.shape[0] - 1):
        starts[s + 1] += starts[s]


@compiled()
def _distribute(weights, n_planes, places, genes, excess):
    """Write each gene's own samples into the lists of the samples; places: int64 (n_samples,), moved on."""
    starts, samples, own, common = weights
    for i in range(starts.shape[0] - 1):
        for k in range(starts[i], starts[i + 1]):
            at = places[samples[k]]
            places[samples[k]] += 1
            genes[at] = i
            for b in range(n_planes):
                excess[at * n_planes + b] = np.int16(own[k, b]) - np.int16(common[i, b])


def by_sample(weights: ByGene, n_samples: int) -> BySample:
    """Turn weights gene by gene into those sample by sample, with all bins but the last."""
    starts, n_planes = np.zeros(n_samples + 1, np.int64), weights.own.shape[1] - 1
    _count(weights.samples, starts)
    genes = np.empty(len(weights.samples), np.int32)
    excess = np.zeros(len(genes) * n_planes + SPARE, np.int8)
    _distribute(weights, n_planes, starts[:-1].copy(), genes, excess)
    return BySample(starts, genes, excess)


@parallel(lambda starts: len(starts) - 1)
def sparse_ranks(begin, stop, starts, values, order, n_samples, ranks, zero_ranks):
    """Mid-ranks 1 .. n_samples of genes whose zeros are not stored.

    starts: int64 (n_genes + 1,); values: float64 (n_own,), none of them 0; order: int64 (n_own,), each gene's in
    ascending order, from 0 for its first; ranks: float64 (n_own,); zero_ranks: float64 (n_genes,), those of the zeros.
    """
    for i in range(begin, stop):
        first, n = starts[i], starts[i + 1] - starts[i]
        n_zeros, n_negative, start = n_samples - n, 0, 0
        while start < n:
            end, value = start + 1, values[first + order[first + start]]
            while end < n and values[first + order[first + end]] == value:
                end += 1
            before = n_zeros if value > 0.0 else 0
            if value < 0.0:
                n_negative = end
            for k in range(start, end):
                ranks[first + order[first + k]] = 0.5 * (start + 1 + end) + before
            start = end
        zero_ranks[i] = n_negative + 0.5 * (n_zeros + 1)


@inner()
def _sum_in_order(samples, terms, common, n_samples):
    """Sum over all samples in their order. terms: those of the own samples, ascending; common: that of all others."""
    total, sample = 0.0, 0
    for k in range(len(samples)):
        if common != 0.0:
            for _ in range(sample, samples[k]):
                total += common
        total += terms[k]
        sample = samples[k] + 1
    if common != 0.0:
        for _ in range(sample, n_samples):
            total += common
    return total


@parallel(lambda starts: len(starts) - 1)
def sparse_z_scores(begin, stop, starts, samples, values, common, n_samples, scores, common_scores):
    """`genenet.kernels.weights.z_scores` of genes that have one value in all samples that are not stored.

    The same numbers are added in the same order, so that scores are the same to the last bit. starts: int64
    (n_genes + 1,); samples: int32 (n_own,), ascending within a gene; values, scores: float64 (n_own,); common,
    common_scores: float64 (n_genes,), of all other samples.
    """
    for i in range(begin, stop):
        first, last = starts[i], starts[i + 1]
        largest = abs(common[i]) if last - first < n_samples else 0.0
        for k in range(first, last):
            largest = max(largest, abs(values[k]))
        _, exponent = math.frexp(largest)
        other = math.ldexp(common[i], -exponent)
        for k in range(first, last):
            scores[k] = math.ldexp(values[k], -exponent)
        mean = _sum_in_order(samples[first:last], scores[first:last], other, n_samples) / n_samples
        squares = (scores[first:last] - mean) ** 2
        squares = _sum_in_order(samples[first:last], squares, (other - mean) ** 2, n_samples)
        deviation = np.sqrt(squares / n_samples)
        for k in range(first, last):
            scores[k] = (scores[k] - mean) / deviation if deviation > 0.0 else 0.0
        common_scores[i] = (other - mean) / deviation if deviation > 0.0 else 0.0


@compiled()
def largest_squared_norm(starts, samples, values, common, n_samples):
    """`genenet.kernels.precision.largest_squared_norm` of genes as `sparse_z_scores` takes them, to the last bit."""
    largest = 0.0
    for i in range(len(common)):
        own = values[starts[i] : starts[i + 1]]
        squares = _sum_in_order(samples[starts[i] : starts[i + 1]], own * own, common[i] * common[i], n_samples)
        largest = max(largest, squares)
    return largest
