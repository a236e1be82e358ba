"""Mutual information of all pairs: the plug-in estimate from joint counts, and the choice of another estimator."""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.pair_pass import Data, PairPass
from genenet.estimators.within_strata import BITS_IN_WORD, WEIGHTS_IN_WORD, tables_within
from genenet.kernels.packing import Packed, gene_tables, pack, pack_bits
from genenet.kernels.screen import Stripe, empty_stripe, screen_all, screen_rows
from genenet.kernels.sparse_screen import SparsePacked, pack_sparse, screen_sparse_rows
from genenet.kernels.strata import StrataGenes, in_words, screen_rows_within
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.sparse_weights import SparseWeights
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import threshold_polynomial

# Pairs in a stripe: their MI stays in the last-level cache.
PAIRS_AT_ONCE = 1 << 20
# Bytes of the row genes of a stripe: they stay in a core's own cache while all column genes are read.
ROW_BYTES_AT_ONCE = 512 << 10


def pair_pass(bins: Bins, null: Null, alpha: float) -> PairPass[Any]:
    """Make the pass over the pairs for the estimator of these bins.

    Parameters
    ----------
    bins, null
        Discretised expression and its null.
    alpha
        Pairs whose p-value is surely above this are not kept.
    """
    if bins.strata is not None:
        return StrataPass(bins, null, alpha)
    if bins.estimator == "plugin" and isinstance(bins.weights, SparseWeights):
        return SparsePass(bins, null, alpha)
    if bins.estimator == "plugin" and not bins.has_missing:
        return PluginPass(bins, null, alpha)
    # Each estimator has kernels of its own, which the plug-in need not load.
    from genenet.estimators.estimated_pairs import EstimatedPass

    return EstimatedPass(bins, null.of_present(bins.present if bins.has_missing else None), alpha)


class CountingPass(PairPass[Data]):
    """A pass with the plug-in estimate; tables of genes and the threshold of the screen are computed once."""

    def __init__(self, bins: Bins, null: Null, alpha: float) -> None:
        self.bins = bins
        self.null = null
        self.log_pivot = null.log_pivot_at(alpha)
        self.genes = self._tables()
        self.threshold = threshold_polynomial(self.log_pivot, null.factors)

    def _tables(self) -> Any:
        """Lay out the genes for the kernel; a margin of joint counts is the gene's own times `total`."""
        bins = self.bins
        return gene_tables(bins.margins * bins.total, bins.entropies, self.null.factors, bins.total_count)


class PluginPass(CountingPass[Packed]):
    """The pass with the plug-in estimate, from packed weights."""

    def prepared(self, bins: Bins) -> Packed:
        """See `PairPass`."""
        weights = bins.dense_weights
        return pack_bits(weights) if bins.total == 1 else pack(weights)

    def rows_at_once(self, data: Packed) -> int:
        """See `PairPass`."""
        return max(16, min(PAIRS_AT_ONCE // self.bins.n_genes, ROW_BYTES_AT_ONCE // data.rows[0].nbytes))

    def stripe(self, data: Packed, rows: NDArray[np.int64], first_tile: int) -> Stripe:
        """See `PairPass`."""
        stripe = empty_stripe(rows, first_tile, len(data.tiles))
        self.screen(data, stripe)
        return stripe

    def screen(self, data: Packed, stripe: Stripe) -> None:
        """Fill a stripe."""
        screen_all(data, self.genes, self.threshold, stripe)


class LimitedPass(PluginPass):
    """A pass that keeps pairs up to a p-value that is smaller than alpha, and counts those up to alpha.

    Attributes
    ----------
    n_reached
        Number of pairs whose p-value may be at most alpha, kept or not, in the stripes so far; a few pairs near the
        diagonal are counted twice.
    """

    def __init__(self, full: PluginPass, pvalue: float) -> None:
        self.bins, self.null, self.genes, self.threshold = full.bins, full.null, full.genes, full.threshold
        self.log_pivot = self.null.log_pivot_at(pvalue)
        self.kept = threshold_polynomial(self.log_pivot, self.null.factors)
        self.n_reached = 0
        self._lock = threading.Lock()

    def screen(self, data: Packed, stripe: Stripe) -> None:
        """See `PluginPass`."""
        n_reached = np.zeros(len(data.tiles), np.int64)
        screen_rows(data, self.genes, self.threshold, self.kept, n_reached, stripe)
        with self._lock:
            self.n_reached += int(n_reached.sum())

    def share_reached(self, data: Packed, rows: NDArray[np.int64]) -> float:
        """Share of the pairs of these genes with all genes whose p-value may be at most alpha: of an unused pass."""
        self.stripe(data, rows, 0)
        return self.n_reached / (len(rows) * (self.bins.n_genes - 1))


class SparsePass(CountingPass[SparsePacked]):
    """The pass over a matrix that is mostly zeros, by the samples in which neither gene is 0."""

    def prepared(self, bins: Bins) -> SparsePacked:
        """See `PairPass`."""
        assert isinstance(bins.weights, SparseWeights)
        return pack_sparse(bins.weights.by_gene, bins.n_samples, bins.margins)

    def rows_at_once(self, data: SparsePacked) -> int:
        """See `PairPass`."""
        return max(16, PAIRS_AT_ONCE // self.bins.n_genes)

    def stripe(self, data: SparsePacked, rows: NDArray[np.int64], first_tile: int) -> Stripe:
        """See `PairPass`."""
        stripe = empty_stripe(rows, first_tile, -(-self.bins.n_genes // LANES))
        screen_sparse_rows(data, self.genes, self.threshold, stripe)
        return stripe


class StrataPass(PluginPass):
    """The pass with the plug-in estimate of MI given the stratum; each stratum fills words of its own."""

    def screen(self, data: Packed, stripe: Stripe) -> None:
        """See `PluginPass`."""
        screen_rows_within(data, self.genes, self.threshold, stripe)

    def _tables(self) -> StrataGenes:
        return tables_within(self.bins, self.null.factors, _per_word(self.bins))

    def prepared(self, bins: Bins) -> Packed:
        """See `PairPass`."""
        assert bins.strata is not None
        words = in_words(bins.dense_weights, bins.strata.parts(), _per_word(bins))
        return pack_bits(words) if bins.total == 1 else pack(words)


def _per_word(bins: Bins) -> int:
    """Number of samples in a word: a bit each for hard bins, a byte each for soft ones."""
    return BITS_IN_WORD if bins.total == 1 else WEIGHTS_IN_WORD


def mutual_information_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs as a symmetric matrix, in bits, shape (n_genes, n_genes); the diagonal is each gene with itself.

    It needs 16 bytes a cell while it works; for many genes use `information`, which keeps the pairs that may be
    significant, or `mutual_information_rows`.
    """
    if bins.estimator != "plugin" or bins.has_missing:
        from genenet.estimators.estimated_pairs import estimated_matrix

        return estimated_matrix(bins)
    matrix = mutual_information_rows(bins, np.arange(bins.n_genes))
    # The sums of (i, j) and (j, i) are added in different orders and may differ in the last bit: one is used for both.
    return np.triu(matrix) + np.triu(matrix, 1).T


def mutual_information_rows(bins: Bins, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Some rows of the matrix of MI, in bits, shape (n_rows, n_genes), for the plug-in estimate.

    A pair's value is that of the earlier gene's row: below the diagonal the last bit may differ.
    """
    nothing = Null(np.ones((bins.n_genes, 3) if bins.strata is None else (bins.n_genes, 3, bins.strata.n)), np.zeros(1))
    everything = pair_pass(bins, nothing, alpha=1.0)
    return everything.stripe(everything.prepared(bins), rows, 0).exact_mi[:, : bins.n_genes]
