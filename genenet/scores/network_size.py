"""How many edges a small network should have: as many as genes, and more if partial correlations say that it is dense.

At tolerance 0 the data processing inequality leaves little more than a tree, which has one edge less than there are
genes. That is right for a sparse network, and too few for a small dense one. With many samples for each gene the number
of significant partial correlations tells the two apart.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from genenet.products.pairs import Pairs, Triangle
from genenet.scores.partial_correlation import of_correlations

# So many edges more than there are genes are enough for the densest of networks.
EDGES_BEYOND_GENES = 20
# Partial correlations are asked with at least this many samples for each gene, and up to this many genes: in larger
# networks 20 edges are few.
SAMPLES_PER_GENE = 10
MOST_GENES = 200
# Level of their significance, by Bonferroni's correction for the edges.
LEVEL = 0.05
# Weight of the identity matrix in the matrix of correlations, so that it can be inverted where genes are copies.
SHRINKAGE = 0.01


def are_many_samples(n_genes: int, n_samples: int) -> bool:
    """Whether the partial correlations of all genes can be told from 0 by these samples, and few edges matter.

    >>> are_many_samples(50, 500), are_many_samples(50, 499), are_many_samples(201, 10_000)
    (True, False, False)
    """
    return n_genes <= MOST_GENES and n_samples >= SAMPLES_PER_GENE * n_genes


def n_directly_related(
    pairs: Pairs | Triangle, correlate: Callable[[Pairs], NDArray[np.float64]], n_genes: int, n_samples: int
) -> int:
    """Count the edges whose genes have a significant partial correlation given all other genes.

    Fisher's transform of a partial correlation given g - 2 genes has the standard error 1 / sqrt(n_samples - g - 1).

    Parameters
    ----------
    pairs
        The significant edges.
    correlate
        Correlation of pairs of genes, over the same samples for all.
    n_genes, n_samples
        Numbers of genes and samples; more samples than genes and 1.

    References
    ----------
    Fisher (1924), The distribution of the partial correlation coefficient.

    Examples
    --------
    A chain 0 - 1 - 2, in which 0 and 2 are related through 1 only:

    >>> values = np.cumsum(np.random.default_rng(0).normal(size=(3, 1000)), axis=0)
    >>> first, second = np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32)
    >>> pairs = Pairs(first, second, np.ones(3))
    >>> matrix = np.corrcoef(values)
    >>> n_directly_related(pairs, lambda part: matrix[part.first, part.second], 3, 1000)
    2
    """
    first, second = (genes.astype(np.int32) for genes in np.triu_indices(n_genes, 1))
    matrix = np.eye(n_genes)
    correlations = (1.0 - SHRINKAGE) * correlate(Pairs(first, second, np.zeros(len(first))))
    matrix[first, second] = matrix[second, first] = correlations
    partial = of_correlations(matrix)
    quantile = NormalDist().inv_cdf(1.0 - LEVEL / (2 * len(pairs)))
    critical = math.tanh(quantile / math.sqrt(n_samples - n_genes - 1))
    return sum(int(np.count_nonzero(partial.of(part.first, part.second) > critical)) for _, part in pairs.parts())
