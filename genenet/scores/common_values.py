"""Genes that have one common value in most samples: their z-scores and scalar products, as those of dense arrays."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import sparse_weights as kernels
from genenet.kernels.sparse_products import sparse_products, vectors
from genenet.products.sparse_values import SparseValues

ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class CommonValues:
    """Values of genes; in all samples that are not stored a gene has its common value.

    Attributes
    ----------
    starts
        int64, shape (n_genes + 1,): where each gene's own samples start.
    samples
        int32, shape (n_own,), ascending within a gene.
    own
        float64, shape (n_own,): the values in these samples.
    common
        float64, shape (n_genes,): the value in all others.
    n_samples
        Number of samples.

    Examples
    --------
    >>> from scipy.sparse import csc_matrix
    >>> values = CommonValues.of(SparseValues.of(csc_matrix(np.array([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]))))
    >>> values.products().tolist(), values.z_scores().common.round(3).tolist()
    ([[9.0, 0.0], [0.0, 4.0]], [-0.707, -0.707])
    """

    starts: NDArray[np.int64]
    samples: NDArray[np.int32]
    own: NDArray[np.float64]
    common: NDArray[np.float64]
    n_samples: int

    @classmethod
    def of(cls, values: SparseValues) -> "CommonValues":
        """Take values whose common one is 0."""
        return cls(values.starts, values.samples, values.values, np.zeros(values.n_genes), values.n_samples)

    def z_scores(self) -> "CommonValues":
        """Z-scores of each gene, to the last bit those of `genenet.kernels.weights.z_scores`."""
        own, common = np.empty_like(self.own), np.empty_like(self.common)
        kernels.sparse_z_scores(self.starts, self.samples, self.own, self.common, self.n_samples, own, common)
        return replace(self, own=own, common=common)

    def clipped(self, limit: float) -> "CommonValues":
        """Values between -limit and limit."""
        return replace(self, own=np.clip(self.own, -limit, limit), common=np.clip(self.common, -limit, limit))

    def rounded(self, factor: float) -> "CommonValues":
        """Whole numbers: values times a factor."""
        return replace(self, own=np.rint(self.own * factor), common=np.rint(self.common * factor))

    def largest_squared_norm(self) -> float:
        """Largest sum of squares of a gene, to the last bit that of `genenet.kernels.precision`."""
        found = kernels.largest_squared_norm(self.starts, self.samples, self.own, self.common, self.n_samples)
        return float(found)

    def products(self) -> NDArray[np.float64]:
        """Scalar products of all pairs of genes, exact if values are integers whose squares add up to at most 2**51.

        With x = common + excess, the product of two genes is that of their excess, and three terms that take no sum
        over samples. A gene with more than half of the samples of its own is written out, as if its common value were
        0: so the squares of any excess add up to at most 2**52.
        """
        values = self._written_out()
        excess = values.own - np.repeat(values.common, np.diff(values.starts))
        sums = np.array([excess[a:b].sum() for a, b in zip(values.starts[:-1], values.starts[1:], strict=True)])
        own, n_genes = vectors(values.starts, values.samples, excess, self.n_samples), len(sums)
        # Terms may be larger than their sum: integers that wrap around are exact.
        integers, common = sums.astype(np.int64), values.common.astype(np.int64)
        found = np.empty((n_genes, n_genes))
        for start in range(0, n_genes, ROWS_AT_ONCE):
            rows = np.arange(start, min(start + ROWS_AT_ONCE, n_genes), dtype=np.int32)
            columns = np.arange(start, n_genes, dtype=np.int32)
            part = sparse_products(own, np.repeat(rows, len(columns)), np.tile(columns, len(rows))).astype(np.int64)
            part = part.reshape(len(rows), len(columns))
            part += self.n_samples * common[rows][:, None] * common[columns]
            part += common[rows][:, None] * integers[columns] + integers[rows][:, None] * common[columns]
            found[start : rows[-1] + 1, start:] = part
            found[start:, start : rows[-1] + 1] = part.T
        return found

    def _written_out(self) -> "CommonValues":
        """Store the values of all samples for genes that have their common value in less than half of the samples."""
        numbers = np.diff(self.starts)
        if not (2 * numbers > self.n_samples).any():
            return self
        pieces, every, common = [], np.arange(self.n_samples, dtype=np.int32), self.common.copy()
        for gene, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            samples, own = self.samples[start:end], self.own[start:end]
            if 2 * len(own) > self.n_samples:
                dense = np.full(self.n_samples, common[gene])
                dense[samples] = own
                samples, own, common[gene] = every, dense, 0.0
            pieces.append((samples, own))
        starts = np.concatenate([[0], np.cumsum([len(own) for _, own in pieces])])
        samples, own = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return CommonValues(starts, samples, own, common, self.n_samples)
