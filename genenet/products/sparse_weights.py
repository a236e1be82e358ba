"""Weights of genes that are mostly zeros: stored for the other samples only."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import sparse_weights as kernels
from genenet.kernels.sparse_weights import ByGene


@dataclass(frozen=True)
class SparseWeights:
    """Weights of each sample in each bin of a gene, where most samples of a gene have the same ones.

    Attributes
    ----------
    by_gene
        The stored weights.
    n_samples
        Number of samples.

    Examples
    --------
    >>> weights = np.array([[[9, 9, 2, 9], [0, 0, 7, 0]]], np.uint8)
    >>> sparse = SparseWeights.of(weights)
    >>> sparse.by_gene.samples.tolist(), sparse.dense().tolist() == weights.tolist()
    ([2], True)
    """

    by_gene: ByGene
    n_samples: int

    @classmethod
    def of(cls, weights: NDArray[np.uint8]) -> "SparseWeights":
        """Store weights of shape (n_genes, n_bins, n_samples); those of a gene's first sample are its common ones."""
        common = np.ascontiguousarray(weights[:, :, 0])
        gene, sample = np.nonzero((weights != common[:, :, None]).any(axis=1))
        starts = np.searchsorted(gene, np.arange(len(weights) + 1)).astype(np.int64)
        own = np.ascontiguousarray(weights[gene, :, sample])
        return cls(ByGene(starts, sample.astype(np.int32), own, common), weights.shape[2])

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of genes, bins and samples."""
        return (*self.by_gene.common.shape, self.n_samples)

    @cached_property
    def margins(self) -> NDArray[np.int64]:
        """Sum of the weights in each bin, shape (n_genes, n_bins)."""
        sums = np.empty(self.by_gene.common.shape, np.int64)
        kernels.margins(self.by_gene, self.n_samples, sums)
        return sums

    def permuted(self, key: int) -> "SparseWeights":
        """The same weights with each gene's samples permuted independently."""
        starts, samples = self.by_gene.starts, np.empty_like(self.by_gene.samples)
        kernels.permute_samples(starts, self.by_gene.samples, self.n_samples, np.uint64(key), samples)
        return replace(self, by_gene=self.by_gene._replace(samples=samples))

    def dense(self, genes: NDArray[np.int64] | None = None) -> NDArray[np.uint8]:
        """The weights of these genes, or of all, as an array of shape (n_genes, n_bins, n_samples)."""
        genes = np.arange(self.shape[0]) if genes is None else np.asarray(genes, np.int64)
        weights = np.empty((len(genes), *self.shape[1:]), np.uint8)
        kernels.fill_dense(self.by_gene, genes, weights)
        return weights
