"""Mutual information of all pairs by an estimator that is not the plug-in."""

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.pair_estimators import PairEstimator, inverse_shares, pair_estimator
from genenet.estimators.pair_pass import PairPass
from genenet.kernels.screen import Stripe
from genenet.kernels.thresholds import mark_rows
from genenet.kernels.vectors import LANES
from genenet.kernels.weights import LOG2_E
from genenet.products.bins import Bins
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import threshold_polynomial

# Pairs in a stripe.
CELLS_AT_ONCE = 1 << 20


class EstimatedPass(PairPass[PairEstimator]):
    """The pass over the pairs with a `PairEstimator`: exact MI of all pairs, without a screen in float32."""

    def __init__(self, bins: Bins, null: Null, alpha: float) -> None:
        self.bins = bins
        self.null = null
        self.log_pivot = null.log_pivot_at(alpha)
        self.threshold = threshold_polynomial(self.log_pivot, null.factors)

    def prepared(self, bins: Bins) -> PairEstimator:
        """See `PairPass`."""
        return pair_estimator(bins)

    def rows_at_once(self, data: PairEstimator) -> int:
        """See `PairPass`."""
        return max(16, CELLS_AT_ONCE // self.bins.n_genes)

    def stripe(self, data: PairEstimator, rows: NDArray[np.int64], first_tile: int) -> Stripe:
        """See `PairPass`."""
        n_tiles = -(-self.bins.n_genes // LANES)
        exact = np.zeros((len(rows), n_tiles * LANES))
        is_row = np.zeros(self.bins.n_genes, bool)
        is_row[self.bins.rows] = True
        data.rows(rows, is_row, first_tile * LANES, exact)
        np.maximum(exact, 0.0, out=exact)
        exact *= LOG2_E
        stripe = Stripe(rows, first_tile, exact.astype(np.float32), exact, np.empty((len(rows), n_tiles), np.int32))
        mark_rows(stripe, self.null.factors, self.threshold)
        if self.bins.has_missing:
            stripe.mi[:, : self.bins.n_genes] *= inverse_shares(self.bins, rows)
        return stripe


def estimated_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs in bits, symmetric, may be below 0; the diagonal, which is not estimated, is 0."""
    matrix = np.zeros((bins.n_genes, bins.n_genes))
    everything = np.ones(bins.n_genes, bool)
    pair_estimator(bins).rows(np.arange(bins.n_genes), everything, 0, matrix)
    if bins.has_missing:
        matrix *= inverse_shares(bins, np.arange(bins.n_genes))
    return (matrix + matrix.T) * LOG2_E
