"""Discretised expression: the weight of every sample in every bin of a gene.

Weights are integers: sample s of gene g has weight `weights[g, b, s]` in bin b, and its weights over the bins add
up to `total` (1 for hard bins). Joint counts are sums of products of weights and therefore exact integers, whatever the
order of summation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Estimator
from genenet.digests import digest
from genenet.kernels import sparse_weights as sparse_kernels
from genenet.kernels import weights as weight_kernels
from genenet.kernels.shuffling import permute_samples, permute_within
from genenet.products.fingerprint import origin_within, sums_of_samples
from genenet.products.origin import Origin, fingerprint_of_samples
from genenet.products.sparse_weights import SparseWeights
from genenet.products.strata import Strata

if TYPE_CHECKING:
    import pandas as pd

# Names that were read from bins.h5ad are a plain array: pandas takes longer to import than the null to draw.
Names: TypeAlias = "pd.Index[Any] | NDArray[np.object_]"


@dataclass(frozen=True)
class Bins:
    """Discretised expression.

    Attributes
    ----------
    genes, samples
        Names.
    weights
        uint8, shape (n_genes, n_bins, n_samples); of a matrix that is mostly zeros `SparseWeights` of this shape.
    total
        Sum of the weights of each sample.
    regulator
        bool, shape (n_genes,): genes that may regulate; all True when there is no list of regulators.
    estimator
        Estimator of a pair's MI (`information.estimator`).
    positions
        For an estimator without bins of a gene (gaussian, ksg, adaptive) the coordinate of each sample, float64, shape
        (n_genes, n_samples); there are no weights then (n_bins 0).
    n_neighbours
        Number of neighbours of ksg.
    only_targets
        bool, shape (n_genes,): genes that may be regulated; None when there is no list of targets. Pairs of a regulator
        and a target are tested.
    only_pairs
        int32, shape (n_listed, 2): the genes of the listed pairs that are of a regulator and a target, the earlier gene
        first, in order; only these are tested. None when there is no list of pairs.
    strata
        Stratum of each sample; None without strata. With strata each gene is discretised within strata, and its MI with
        another gene is the mean of that within strata, weighted by their numbers of samples: MI given the stratum.
    matrix
        Fingerprint of the matrix (see `genenet.products.fingerprint`); empty if it is not known.
    """

    genes: Names
    samples: Names
    weights: NDArray[np.uint8] | SparseWeights
    total: int
    regulator: NDArray[np.bool_]
    estimator: Estimator = "plugin"
    positions: NDArray[np.float64] | None = None
    n_neighbours: int = 3
    only_targets: NDArray[np.bool_] | None = None
    only_pairs: NDArray[np.int32] | None = None
    strata: Strata | None = None
    matrix: str = ""

    @property
    def n_genes(self) -> int:
        """Number of genes."""
        return self.weights.shape[0]

    @property
    def n_bins(self) -> int:
        """Largest number of bins of a gene."""
        return self.weights.shape[1]

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.weights.shape[2]

    @property
    def dense_weights(self) -> NDArray[np.uint8]:
        """The weights as an array, shape (n_genes, n_bins, n_samples)."""
        return self.weights.dense() if isinstance(self.weights, SparseWeights) else self.weights

    def weights_of(self, genes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The weights of some genes as an array, shape (len(genes), n_bins, n_samples)."""
        return self.weights.dense(genes) if isinstance(self.weights, SparseWeights) else self.weights[genes]

    @property
    def total_count(self) -> int:
        """Sum over all cells of the joint counts of any pair: n_samples * total**2."""
        return self.n_samples * self.total**2

    @property
    def target(self) -> NDArray[np.bool_]:
        """Genes that may be regulated, shape (n_genes,)."""
        return np.ones(self.n_genes, bool) if self.only_targets is None else self.only_targets

    @property
    def all_pairs(self) -> bool:
        """Whether every pair of genes is tested."""
        return self.only_pairs is None and bool(self.regulator.all() and self.target.all())

    @cached_property
    def partners(self) -> tuple[NDArray[np.int64], NDArray[np.int32]] | None:
        """Where each gene's later partners in the list of pairs start, shape (n_genes + 1,), and the partners."""
        if self.only_pairs is None:
            return None
        starts = np.searchsorted(self.only_pairs[:, 0], np.arange(self.n_genes + 1))
        return starts.astype(np.int64), np.ascontiguousarray(self.only_pairs[:, 1])

    @cached_property
    def n_partners(self) -> NDArray[np.int64]:
        """Number of tested pairs of each gene, shape (n_genes,)."""
        if self.only_pairs is not None:
            return np.bincount(self.only_pairs.ravel(), minlength=self.n_genes)
        regulator, target = self.regulator, self.target
        either, both = int((regulator | target).sum()), regulator & target
        return np.where(both, either - 1, np.where(regulator, target.sum(), np.where(target, regulator.sum(), 0)))

    @property
    def n_pairs(self) -> int:
        """Number of pairs that are tested, each unordered pair once."""
        return int(self.n_partners.sum()) // 2

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row genes of the table of pairs: the regulators, or the first genes of a list of pairs."""
        if self.partners is not None:
            return np.flatnonzero(np.diff(self.partners[0]))
        return np.flatnonzero(self.regulator)

    @property
    def n_pairs_of_rows(self) -> NDArray[np.int64]:
        """Number of pairs that are tested in each of `rows`: a pair of two regulators belongs to the first."""
        if self.partners is not None:
            return np.diff(self.partners[0])[self.rows]
        both = self.regulator & self.target
        # Pairs with an earlier regulator are in the row of that regulator.
        regulators: NDArray[np.int64] = np.cumsum(self.regulator) - self.regulator
        targets: NDArray[np.int64] = np.cumsum(both) - both
        return (self.n_partners - np.where(self.target, regulators, targets))[self.rows]

    @cached_property
    def margins(self) -> NDArray[np.int64]:
        """Sum of the weights in each bin, shape (n_genes, n_bins)."""
        if isinstance(self.weights, SparseWeights):
            return self.weights.margins
        sums = np.empty((self.n_genes, self.n_bins), np.int64)
        weight_kernels.margins(self.weights, sums)
        return sums

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of the matrix, the bins and the pairs to test; empty if that of the matrix is not known."""
        if not self.matrix:
            return ""
        content: list[object] = [(self.matrix, self.estimator, self.n_neighbours, self.total)]
        content.append(self.margins.astype("<i8").tobytes())
        if self.positions is not None:
            content.append(sums_of_samples(self.positions.T).astype("<u8").tobytes())
        content += [flags.tobytes() for flags in (self.regulator, self.target)]
        for numbers in (self.only_pairs, None if self.strata is None else self.strata.codes):
            content.append(b"none" if numbers is None else numbers.astype("<i8").tobytes())
        return digest(content)

    @cached_property
    def origin(self) -> Origin:
        """Of which run the bins are: fingerprints of samples, matrix, strata and bins, and the names."""
        found = {"samples": fingerprint_of_samples(self.samples)}
        if self.matrix:
            within = origin_within(Origin("matrix", {"matrix": self.matrix}), self.strata)
            found |= {**within.fingerprints, "bins": self.fingerprint}
        return Origin("bins", found, self.genes, self.samples, self.n_genes)

    @cached_property
    def has_missing(self) -> bool:
        """Whether values are missing: their weights are all 0, and MI is computed from samples that both genes have."""
        return self.positions is None and bool((self.margins.sum(axis=1) < self.n_samples * self.total).any())

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which samples each gene has, shape (n_genes, n_samples)."""
        found, weights = np.zeros((self.n_genes, self.n_samples), bool), self.dense_weights
        for b in range(self.n_bins):
            found |= weights[:, b] > 0
        return found

    @cached_property
    def entropies(self) -> NDArray[np.float64]:
        """Entropy of each gene's margin in bits, shape (n_genes,); given the stratum with strata, NaN without bins."""
        if self.positions is not None:
            return np.full(self.n_genes, np.nan)
        if self.strata is not None:
            shares = self.strata.sizes / self.n_samples
            return np.sum(
                [share * part.entropies for share, part in zip(shares, self.by_stratum(), strict=True)], axis=0
            )
        return weight_kernels.entropies(self.margins)

    def by_stratum(self) -> "Iterator[Bins]":
        """The bins of the samples of each stratum, one after another."""
        assert self.strata is not None
        for samples in self.strata.parts():
            weights = np.ascontiguousarray(self.dense_weights[:, :, samples])
            yield replace(self, samples=self.samples[samples], weights=weights, strata=None)

    def permuted(self, key: int) -> "Bins":
        """The same bins with each gene's samples permuted independently (within strata); the margins stay the same."""
        if isinstance(self.weights, SparseWeights):
            return replace(self, weights=self.weights.permuted(key))
        weights = np.empty_like(self.weights)
        if self.strata is not None:
            permute_within(self.weights, np.uint64(key), self.strata.members, self.strata.starts, weights)
            return replace(self, weights=weights)
        permute_samples(self.weights, np.uint64(key), weights)
        positions = None
        if self.positions is not None:
            positions = np.empty_like(self.positions)
            permute_samples(self.positions[:, None], np.uint64(key), positions[:, None])
        return replace(self, weights=weights, positions=positions)


def margin_moments(bins: Bins) -> NDArray[np.float64]:
    """Traces of the first three powers of each gene's matrix C, shape (n_genes, 3).

    C_ab is the covariance over samples of the weights in bins a and b, divided by sqrt(p_a p_b), p the margin. For hard
    bins C is a projection and all three traces are the number of occupied bins less one.

    Examples
    --------
    >>> from anndata import AnnData
    >>> from genenet.config import Discretise
    >>> from genenet.steps.discretise import discretise
    >>> adata = AnnData(np.array([[0.0], [0.0], [0.0], [1.0], [2.0]]))
    >>> margin_moments(discretise(adata, Discretise(method="codes"))).round(12).tolist()
    [[2.0, 2.0, 2.0]]
    """
    moments = np.empty((bins.n_genes, 3))
    if isinstance(bins.weights, SparseWeights):
        stored = bins.weights.by_gene
        sparse_kernels.margin_moments(stored, bins.n_samples, bins.margins, bins.total, moments)
        return moments
    weight_kernels.margin_moments(bins.weights, bins.margins, bins.total, moments)
    return moments
