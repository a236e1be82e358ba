"""Correlation coefficients of genes that are mostly zeros, from the samples in which neither gene is 0.

With x = excess over the value of a zero, r = (mean(x y) - mean(x) mean(y)) / (sd(x) sd(y)). Sums of ranks are exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.correlation import sparse_moments
from genenet.kernels.sparse_products import Vectors, sparse_products, vectors
from genenet.products.sparse_values import SparseValues


@dataclass(frozen=True)
class SparseScores:
    """Values, or ranks, of genes that are mostly zeros, as their excess over those of a zero.

    Attributes
    ----------
    excess
        The excess; 0 in most samples.
    means, deviations
        Mean and standard deviation of each gene's excess over all samples, shape (n_genes,).
    """

    excess: Vectors
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]


def sparse_scores(values: SparseValues, *, ranks: bool) -> SparseScores:
    """Prepare the values of genes, or their mid-ranks, for `correlate`; every gene varies."""
    if ranks:
        own, zeros = values.ranks()
        excess = own - np.repeat(zeros, np.diff(values.starts))
    else:
        # A power of two keeps squares from overflow and underflow, and changes no digit.
        _, exponents = np.frexp([np.abs(own).max(initial=0.0) for own in values.of_genes()])
        excess = np.ldexp(values.values, -np.repeat(exponents, np.diff(values.starts)))
    means, deviations = np.empty(values.n_genes), np.empty(values.n_genes)
    sparse_moments(values.starts, excess, values.n_samples, means, deviations)
    return SparseScores(vectors(values.starts, values.samples, excess, values.n_samples), means, deviations)


def correlate(scores: SparseScores, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
    """Correlation of pairs of genes; fastest where pairs of one first gene are together.

    Examples
    --------
    >>> from scipy.sparse import csc_matrix
    >>> values = SparseValues.of(csc_matrix(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [0.0, 0.0]])))
    >>> scores = sparse_scores(values, ranks=False)
    >>> correlate(scores, np.array([0], np.int32), np.array([1], np.int32)).round(6).tolist()
    [-0.333333]
    """
    n_samples, means, deviations = scores.excess.n_samples, scores.means, scores.deviations
    found = sparse_products(scores.excess, first, second)
    found /= n_samples
    found -= means[first] * means[second]
    found /= deviations[first] * deviations[second]
    return np.clip(found, -1.0, 1.0, out=found)
