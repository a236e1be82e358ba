"""Partial correlation of two genes given all others, from a shrunken covariance matrix, as a score of pairs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.errors import ConfigError, InputError
from genenet.kernels import precision
from genenet.kernels.weights import z_scores
from genenet.products.sparse_values import SparseValues
from genenet.scores.common_values import CommonValues

Matrix = NDArray[np.float64]
Genes = NDArray[np.bool_] | None

# Z-scores are clipped at this many standard deviations.
CLIP = 3.0
# Weight of the identity matrix in the correlation matrix.
SHRINKAGE = 0.5
# Integers below 2**EXACT_BITS are exact in float64.
EXACT_BITS = 53
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class PartialCorrelations:
    """Partial correlations of all pairs of genes as scalar products of a vector of each gene.

    Attributes
    ----------
    vectors
        Shape (n_genes, min(n_genes, n_samples)): integers, small enough that scalar products are exact.
    unit
        A scalar product times this is a partial correlation, but for its sign.
    """

    vectors: Matrix
    unit: float

    def of(self, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
        """Absolute partial correlation of pairs of different genes."""
        values = np.empty(len(first))
        precision.dots(self.vectors, first, second, values)
        return np.abs(values) * self.unit

    def means(self, regulators: NDArray[np.bool_], targets: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Mean absolute partial correlation of each gene's tested pairs; 0 for a gene without one."""
        n_genes, rows = len(self.vectors), np.flatnonzero(regulators)
        sums, counts = np.zeros(n_genes), np.zeros(n_genes, np.int64)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            block = rows[start : start + ROWS_AT_ONCE]
            first = int(block[0]) if len(rows) == n_genes else 0
            # Integers: exact in every order of summation.
            products = self.vectors[block] @ self.vectors[first:].T
            precision.add_absolute(products, block, first, regulators, targets, sums, counts)
        return sums * self.unit / np.maximum(counts, 1)

    def means_of(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """`means` where only listed pairs are tested, int32, shape (n_pairs, 2)."""
        first, second = (np.ascontiguousarray(pairs[:, end]) for end in (0, 1))
        values, n_genes = np.tile(self.of(first, second), 2), len(self.vectors)
        genes = np.concatenate([first, second])
        counts = np.bincount(genes, minlength=n_genes)
        return np.bincount(genes, weights=values, minlength=n_genes) / np.maximum(counts, 1)


def partial_correlations(values: Matrix, *, shrinkage: float = SHRINKAGE) -> PartialCorrelations:
    """Factor the inverse of the shrunken correlation matrix (see `partial_correlation`).

    Parameters
    ----------
    values
        Expression, shape (n_genes, n_samples); every gene varies.
    shrinkage
        Weight of the identity matrix, above 0, at most 1.
    """
    if not 0 < shrinkage <= 1:
        raise ConfigError(f"shrinkage must be above 0 and at most 1, got {shrinkage!r}")
    scores = _clipped_scores(values)
    n_genes, n_samples = scores.shape
    if n_genes <= n_samples:
        return of_correlations(_shrunken(*_products(scores), n_samples, shrinkage))
    factor = _shrunken(*_products(np.ascontiguousarray(scores.T)), n_samples, shrinkage)
    precision.cholesky(factor)
    vectors = scores / math.sqrt(n_samples)
    precision.solve_lower(factor, vectors)
    precision.scale_rows(vectors, shrinkage)
    integers, unit = _to_integers(vectors)
    return PartialCorrelations(integers, unit * unit)


def sparse_partial_correlations(values: SparseValues, *, shrinkage: float = SHRINKAGE) -> PartialCorrelations:
    """`partial_correlations` of genes that are mostly zeros, at most as many as samples; the same to the last bit."""
    scores = CommonValues.of(values).z_scores().clipped(CLIP).z_scores()
    bits = _bits(scores.largest_squared_norm())
    products = scores.rounded(math.ldexp(1.0, bits)).products()
    return of_correlations(_shrunken(products, math.ldexp(1.0, -bits), values.n_samples, shrinkage))


def of_correlations(matrix: Matrix) -> PartialCorrelations:
    """Factor the inverse of a correlation matrix, positive definite, which is overwritten."""
    np.fill_diagonal(matrix, 1.0)
    precision.cholesky(matrix)
    vectors = np.eye(len(matrix))
    precision.solve_lower(matrix, vectors)
    precision.normalise_rows(vectors)
    integers, unit = _to_integers(vectors)
    return PartialCorrelations(integers, unit * unit)


def partial_correlation(
    values: Matrix, *, shrinkage: float = SHRINKAGE, regulators: Genes = None, targets: Genes = None
) -> Matrix:
    """Absolute partial correlation of pairs of genes given all others, relative to the mean of the two genes.

    The z-scores of each gene are clipped at 3 and scaled again. Their correlation matrix C is shrunken to (1 - s) C + s
    I, which is inverted to P; the partial correlation is abs(P_ij) / sqrt(P_ii P_jj). It is divided by the mean of its
    two genes' means over all pairs that are tested, so that genes with few and with many dependencies are comparable,
    and is 1 for a pair that is like the average of its genes.

    Where there are more genes than samples, the inverse is that of a matrix of n_samples x n_samples (Woodbury's
    identity): with A the z-scores over sqrt(n_samples), P = (I - (1 - s) A (s I + (1 - s) A'A)^-1 A') / s.

    Parameters
    ----------
    values
        Expression, shape (n_genes, n_samples); every gene varies.
    shrinkage
        Weight s of the identity matrix, above 0, at most 1. The score changes little between 0.2 and 0.8.
    regulators, targets
        Genes that regulate and genes that are regulated, bool, shape (n_genes,), all if None: a pair that is not of a
        regulator and a target has the score 0.

    Returns
    -------
    Symmetric, shape (n_genes, n_genes), the diagonal 0.

    Raises
    ------
    InputError
        If the matrix has fewer than 2 genes.
    ConfigError
        If the shrinkage is out of range.

    References
    ----------
    Schaefer & Strimmer (2005), doi:10.2202/1544-6115.1175 (shrinkage); Woodbury (1950), Inverting modified matrices.

    Examples
    --------
    A chain 0 - 1 - 2, in which 0 and 2 are related through 1 only:

    >>> rng = np.random.default_rng(0)
    >>> first, second, third = rng.normal(size=(3, 1000))
    >>> chain = np.array([first, first + second, first + second + third])
    >>> partial_correlation(chain, shrinkage=0.01).round(1).tolist()
    [[0.0, 1.2, 0.1], [1.2, 0.0, 1.5], [0.1, 1.5, 0.0]]
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or len(values) < 2:
        raise InputError(f"partial_correlation needs a matrix of at least 2 genes, got shape {values.shape}")
    found, n_genes = partial_correlations(values, shrinkage=shrinkage), len(values)
    every = np.ones(n_genes, bool)
    is_regulator, is_target = (every if genes is None else np.asarray(genes, bool) for genes in (regulators, targets))
    first, second = (array.astype(np.int32) for array in np.triu_indices(n_genes, 1))
    is_tested = (is_regulator[first] & is_target[second]) | (is_regulator[second] & is_target[first])
    first, second = first[is_tested], second[is_tested]
    scores = np.zeros((n_genes, n_genes))
    scores[first, second] = relative(found.of(first, second), found.means(is_regulator, is_target), first, second)
    return scores + scores.T


def relative(
    values: NDArray[np.float64], means: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Values of pairs over the mean of their two genes' means; 0 where that is 0."""
    both = 0.5 * (means[first] + means[second])
    return np.divide(values, both, out=np.zeros(len(values)), where=both > 0)


def _clipped_scores(values: Matrix) -> Matrix:
    values = np.ascontiguousarray(values, np.float64)
    scores, clipped = np.empty_like(values), np.empty_like(values)
    z_scores(values, scores)
    np.clip(scores, -CLIP, CLIP, out=clipped)
    z_scores(clipped, scores)
    return scores


def _products(vectors: Matrix) -> tuple[Matrix, float]:
    """Scalar products of rounded vectors, which are exact, and their unit."""
    integers, unit = _to_integers(vectors)
    return integers @ integers.T, unit


def _shrunken(products: Matrix, unit: float, n_samples: int, shrinkage: float) -> Matrix:
    """(1 - s) V V' / n_samples + s I, in the memory of the products V V' of vectors in this unit."""
    products *= (1.0 - shrinkage) * unit * unit / n_samples
    products[np.diag_indices(len(products))] += shrinkage
    return products


def _to_integers(vectors: Matrix) -> tuple[Matrix, float]:
    """Round vectors to multiples of a unit so that all their scalar products are exact; return multiples and unit."""
    bits = _bits(precision.largest_squared_norm(vectors))
    return np.rint(vectors * math.ldexp(1.0, bits)), math.ldexp(1.0, -bits)


def _bits(largest_squared_norm: float) -> int:
    """Number of binary digits after the point to which vectors are rounded so that their scalar products are exact.

    By the inequality of Cauchy and Schwarz no partial sum of a scalar product exceeds the largest squared norm.
    """
    _, exponent = math.frexp(largest_squared_norm)
    return (EXACT_BITS - exponent) // 2 - 1
