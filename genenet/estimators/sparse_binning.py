"""Bins of a matrix that is mostly zeros: the weights of `genenet.estimators.binning`, without a dense matrix.

All zeros of a gene have one mid-rank and one z-score, and so the same weights: these are computed once for a gene, and
beside them those of the values that are not 0.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Discretise
from genenet.estimators.binning import _n_bins, coordinates, positions_of, soft_total
from genenet.kernels.sparse_weights import ByGene
from genenet.kernels.weights import spline_weights
from genenet.products.sparse_values import SparseValues
from genenet.products.sparse_weights import SparseWeights

# Samples side by side in a row of the kernel of B-splines, whose threads share rows.
ROW = 4096
Weights: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Of the values, shape (n_own, n_bins), and of each gene's zeros, shape (n_genes, n_bins)."""


def can_be_sparse(settings: Discretise) -> bool:
    """Tell whether there is a way to these bins that does not need the zeros."""
    return settings.method in _METHODS and settings.n_bins != "freedman_diaconis"


def sparse_bins(values: SparseValues, settings: Discretise) -> tuple[SparseWeights, int]:
    """Discretise genes that are mostly zeros.

    Parameters
    ----------
    values
        Values of genes that vary.
    settings
        Method, number of bins (no rule) and the rest.

    Returns
    -------
    Weights, and their sum for each sample.

    Examples
    --------
    >>> from scipy.sparse import csc_matrix
    >>> values = SparseValues.of(csc_matrix(np.array([[0.0], [0.0], [5.0], [9.0]])))
    >>> weights, total = sparse_bins(values, Discretise(method="equal_frequency", n_bins=2))
    >>> weights.by_gene.samples.tolist(), weights.dense()[0].tolist()
    ([2, 3], [[1, 1, 0, 0], [0, 0, 1, 1]])
    """
    hard = settings.method in ("equal_frequency", "equal_width")
    hard |= settings.method == "zero_inflated" and settings.order == 1
    total = 1 if hard else soft_total(values.n_samples, settings.order)
    own = np.empty((len(values.values), _n_bins(settings)), np.uint8)
    common = np.empty((values.n_genes, _n_bins(settings)), np.uint8)
    for genes, part in values.parts():
        first = values.starts[genes.start]
        own[first : first + len(part.values)], common[genes] = _METHODS[settings.method](part, settings, total)
    return SparseWeights(ByGene(values.starts, values.samples, own, common), values.n_samples), total


def _bspline(part: SparseValues, settings: Discretise, total: int) -> Weights:
    ranks = np.concatenate(part.ranks()) if settings.coordinate != ("value",) else None
    scores = np.concatenate(part.z_scores()) if "value" in settings.coordinate else None
    positions = positions_of(ranks, scores, part.n_samples, settings.coordinate)
    weights = _spline(positions, settings.order, _n_bins(settings), total)
    return weights[: len(part.values)], weights[len(part.values) :]


def _spline(positions: NDArray[np.float64], order: int, n_bins: int, total: int) -> NDArray[np.uint8]:
    """B-spline weights of positions, shape (n, n_bins)."""
    n_rows = -(-len(positions) // ROW)
    padded = np.zeros(n_rows * ROW)
    # The zeros of a gene that has none may be placed outside; no sample gets these weights.
    padded[: len(positions)] = np.clip(positions, 0.0, 1.0)
    weights = np.empty((n_rows, n_bins, ROW), np.uint8)
    spline_weights(padded.reshape(n_rows, ROW), order, total, weights)
    return weights.transpose(0, 2, 1).reshape(-1, n_bins)[: len(positions)]


def _equal_frequency(part: SparseValues, settings: Discretise, total: int) -> Weights:
    own, zeros = (
        (np.rint(2.0 * ranks).astype(np.int64) - 1) * _n_bins(settings) // (2 * part.n_samples)
        for ranks in part.ranks()
    )
    return _one_hot(own, settings), _one_hot(zeros, settings)


def _equal_width(part: SparseValues, settings: Discretise, total: int) -> Weights:
    n_bins = _n_bins(settings)
    bins, zeros = [], np.empty(part.n_genes, np.int64)
    for gene, own in enumerate(part.of_genes()):
        values = np.append(own, 0.0)
        inside = own if len(own) == part.n_samples else values
        low, high = inside.min(), inside.max()
        found = np.clip(((values - low) / (high - low) * n_bins).astype(np.int64), 0, n_bins - 1)
        bins.append(found[:-1])
        zeros[gene] = found[-1]
    return _one_hot(np.concatenate(bins), settings), _one_hot(zeros, settings)


def _zero_inflated(part: SparseValues, settings: Discretise, total: int) -> Weights:
    own = np.zeros((len(part.values), _n_bins(settings)), np.uint8)
    common = np.zeros((part.n_genes, _n_bins(settings)), np.uint8)
    common[:, 0] = total
    # A gene with one value beside 0 has it in one bin.
    varying = [
        coordinates(values[None], settings.coordinate)[0] if values.min() < values.max() else np.zeros(len(values))
        for values in part.of_genes()
    ]
    own[:, 1:] = _spline(np.concatenate(varying), settings.order, _n_bins(settings) - 1, total)
    return own, common


def _one_hot(codes: NDArray[np.int64], settings: Discretise) -> NDArray[np.uint8]:
    return (codes[:, None] == np.arange(_n_bins(settings))).astype(np.uint8)


_METHODS: dict[str, Callable[[SparseValues, Discretise, int], Weights]] = {
    "bspline": _bspline,
    "equal_frequency": _equal_frequency,
    "equal_width": _equal_width,
    "zero_inflated": _zero_inflated,
}
