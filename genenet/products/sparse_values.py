"""Values of a matrix that is mostly zeros, gene by gene, without the zeros."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import FEWEST_VALUES, MOST_NONZERO
from genenet.kernels.sparse_weights import sparse_ranks, sparse_z_scores
from genenet.products.expression import Expression
from genenet.readers.sparse_pieces import is_sparse

# Values that are worked on together: about 100 bytes of each are needed meanwhile.
VALUES_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class SparseValues:
    """Values of genes that are mostly zeros.

    Attributes
    ----------
    starts
        int64, shape (n_genes + 1,): where each gene's values start.
    samples
        int32, shape (n_own,): the sample of each value, ascending within a gene.
    values
        float64, shape (n_own,), none of them 0.
    n_samples
        Number of samples.

    Examples
    --------
    >>> from scipy.sparse import csc_matrix
    >>> values = SparseValues.of(csc_matrix(np.array([[0.0, 3.0], [0.0, -1.0], [5.0, 0.0]])))
    >>> values.starts.tolist(), values.ranks()[0].tolist(), values.ranks()[1].tolist()
    ([0, 1, 3], [3.0, 3.0, 1.0], [1.5, 2.0])
    """

    starts: NDArray[np.int64]
    samples: NDArray[np.int32]
    values: NDArray[np.float64]
    n_samples: int

    @classmethod
    def of(cls, matrix: Any) -> "SparseValues":
        """Take the values of a scipy sparse matrix of shape (n_samples, n_genes), which stays as it is."""
        matrix = matrix.tocsc()
        if not matrix.has_sorted_indices or (matrix.data == 0).any():
            matrix = matrix.sorted_indices() if not matrix.has_sorted_indices else matrix.copy()
            matrix.eliminate_zeros()
        indices, values = matrix.indices.astype(np.int32, copy=False), matrix.data.astype(np.float64, copy=False)
        return cls(matrix.indptr.astype(np.int64), indices, values, matrix.shape[0])

    @property
    def n_genes(self) -> int:
        """Number of genes."""
        return len(self.starts) - 1

    def of_genes(self) -> Iterator[NDArray[np.float64]]:
        """Values of each gene, one after another."""
        return (self.values[first:last] for first, last in zip(self.starts[:-1], self.starts[1:], strict=True))

    def parts(self) -> "Iterator[tuple[slice, SparseValues]]":
        """Cut into parts of about VALUES_AT_ONCE values: which genes, and their values."""
        first = 0
        while first < self.n_genes:
            end = int(np.searchsorted(self.starts, self.starts[first] + VALUES_AT_ONCE, side="right")) - 1
            genes = slice(first, max(first + 1, end))
            own = slice(self.starts[genes.start], self.starts[genes.stop])
            starts = self.starts[genes.start : genes.stop + 1] - self.starts[genes.start]
            yield genes, SparseValues(starts, self.samples[own], self.values[own], self.n_samples)
            first = genes.stop

    def constant_genes(self) -> NDArray[np.int64]:
        """Genes that have one value only."""
        found = [not own.size or (own.size == self.n_samples and own.min() == own.max()) for own in self.of_genes()]
        return np.flatnonzero(found)

    def ranks(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mid-ranks of the values, shape (n_own,), and of the zeros of each gene, shape (n_genes,)."""
        ranks, zero_ranks = np.empty(len(self.values)), np.empty(self.n_genes)
        order = [np.argsort(own) for own in self.of_genes()]
        sparse_ranks(self.starts, self.values, np.concatenate(order), self.n_samples, ranks, zero_ranks)
        return ranks, zero_ranks

    def z_scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Z-scores of the values, shape (n_own,), and of the zeros of each gene, shape (n_genes,)."""
        scores, zero_scores = np.empty(len(self.values)), np.empty(self.n_genes)
        zeros = np.zeros(self.n_genes)
        sparse_z_scores(self.starts, self.samples, self.values, zeros, self.n_samples, scores, zero_scores)
        return scores, zero_scores


def sparse_values(expression: Expression) -> SparseValues | None:
    """Values of a matrix that is mostly zeros and complete; None of any other, or a small one."""
    matrix: Any = expression.X
    n_values = matrix.shape[0] * matrix.shape[1]
    if n_values < FEWEST_VALUES:
        return None
    stored = matrix.data if is_sparse(matrix) else matrix
    if np.count_nonzero(stored) > MOST_NONZERO * n_values or np.isnan(stored).any():
        return None
    from scipy.sparse import csc_matrix

    return SparseValues.of(csc_matrix(matrix))
