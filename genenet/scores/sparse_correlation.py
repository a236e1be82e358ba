"""Correlation coefficients of genes that are mostly zeros, from the samples in which neither gene is 0.

With x = excess over the value of a zero, r = (mean(x y) - mean(x) mean(y)) / (sd(x) sd(y)). Sums of ranks are exact.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import correlation as kernels
from genenet.kernels.correlation import SparseScores
from genenet.products.sparse_values import SparseValues


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
    kernels.sparse_moments(values.starts, excess, values.n_samples, means, deviations)
    return SparseScores(values.starts, values.samples, excess, means, deviations, values.n_samples)


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
    runs = np.concatenate([[0], np.flatnonzero(np.diff(first)) + 1, [len(first)]]) if len(first) else np.zeros(1, int)
    found = np.empty(len(first))
    kernels.sparse_correlations(scores, runs.astype(np.int64), first, second, found)
    return found
