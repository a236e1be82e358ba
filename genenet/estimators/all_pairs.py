"""Mutual information of all pairs: the pass over the pairs, by the plug-in estimator or another one."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.pair_estimators import PairEstimator, pair_estimator
from genenet.kernels.packing import LANES, Packed, in_lanes, pack, pack_bits
from genenet.kernels.screen import screen_rows
from genenet.kernels.survivors import collect_listed, collect_rows, collect_triangle, gather_columns, gather_rows
from genenet.kernels.thresholds import mark_rows
from genenet.kernels.weights import LOG2_E
from genenet.products.bins import Bins
from genenet.products.pairs import Collector, Pairs
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import threshold_polynomial

# Pairs worked on at a time: their MI stays in the last level of cache.
PAIRS_AT_ONCE = 1 << 20
# Bytes of row genes worked on at a time: they stay in a core's own cache while all column genes pass by.
ROW_BYTES_AT_ONCE = 512 << 10
# Values of the table of MI that a screen of the pairs works on at a time.
CELLS_AT_ONCE = 1 << 20

Data = TypeVar("Data")


def _screen(bins: Bins, null: Null, alpha: float) -> "Screen[Any]":
    """Make the pass over the pairs for the estimator that the bins are for."""
    if bins.estimator == "plugin":
        return PluginScreen(bins, null, alpha)
    from genenet.estimators.all_pairs import PairScreen

    return PairScreen(bins, null, alpha)


class Screen(ABC, Generic[Data]):
    """The pass over the pairs: MI of all, and those that can reach the threshold."""

    bins: Bins
    null: Null
    log_pivot: float

    @abstractmethod
    def prepared(self, bins: Bins) -> Data:
        """Make what the pass works on of bins with these margins."""

    @abstractmethod
    def rows_at_once(self, data: Data) -> int:
        """Number of row genes to go through at a time."""

    @abstractmethod
    def values(
        self, data: Data, rows: NDArray[np.int64], first_group: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int32]]:
        """Compute MI in bits of row genes with all genes from a group of 16 on (`genenet.kernels.screen.screen_rows`).

        Roughly, of shape (n_rows, n_groups * 16); exactly, where the third, of shape (n_rows, n_groups), is not 0:
        which of a group may reach the threshold.
        """

    def run(
        self,
        data: Data,
        rows: NDArray[np.int64],
        sums: NDArray[np.int64],
        found: Collector,
        progress: Callable[[int], None] | None,
    ) -> float:
        """Add the surviving pairs of these rows to `found` and all to sums; returns the largest MI."""
        at_once = self.rows_at_once(data)
        largest, n_before = 0.0, int(sums[:, 0].sum())
        for start in range(0, len(rows), at_once):
            largest = max(largest, self._stripe(data, rows[start : start + at_once], sums, found))
            n_pairs = int(sums[:, 0].sum())
            if progress:
                progress((n_pairs - n_before) // 2)
            n_before = n_pairs
        return largest

    def _stripe(self, data: Data, rows: NDArray[np.int64], sums: NDArray[np.int64], found: Collector) -> float:
        """Do the same for as many rows as are worked on at a time.

        The screen lets a little too much through; the exact rule, on the pivot, is the same on every machine.
        """
        bins, null = self.bins, self.null
        first_group = int(rows[0]) // LANES if bins.all_pairs else 0
        screen, exact, masks = self.values(data, rows, first_group)
        if bins.partners is not None:
            starts, partners = bins.partners
            pairs = Pairs.room(int((starts[rows + 1] - starts[rows]).sum()))
            n, most = collect_listed(
                rows, starts, partners, screen, exact, masks, sums, pairs.first, pairs.second, pairs.mi
            )
            pairs = pairs.take(slice(0, n))
            found.add(pairs.take(null.are_extreme(pairs.mi, pairs.first, pairs.second, self.log_pivot)))
            return float(most)
        n_survivors, largest = np.empty(len(rows), np.int64), np.empty(len(rows), np.float32)
        tested = rows, *self.tested, first_group
        gather_rows(*tested, screen, masks, sums, n_survivors, largest.view(np.int32))
        gather_columns(*tested, screen, masks, sums)
        if found.triangle is not None:
            collect_triangle(
                rows, bins.n_genes, first_group, exact, masks, null.factors, null.curve(self.log_pivot), self.log_pivot,
                found.triangle.mi, n_survivors,
            )  # fmt: skip
        else:
            starts, n_kept = np.concatenate([[0], np.cumsum(n_survivors)]), np.empty(len(rows), np.int64)
            pairs = Pairs.room(int(starts[-1]))
            collect_rows(
                rows, bins.regulator, bins.target, bins.n_genes, first_group, exact, masks,
                null.factors, null.curve(self.log_pivot), self.log_pivot,
                starts, pairs.first, pairs.second, pairs.mi, n_kept,
            )  # fmt: skip
            place = np.arange(len(pairs)) - np.repeat(starts[:-1], n_survivors)
            found.add(pairs.take(place < np.repeat(n_kept, n_survivors)))
        return float(largest.max())

    @cached_property
    def tested(self) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """Genes that have a row and targets, as many as there are lanes: those that fill up are neither."""
        return in_lanes(self.bins.regulator).ravel(), in_lanes(self.bins.target).ravel()


class PluginScreen(Screen[Packed]):
    """The plug-in from joint counts: what depends on the margins and the threshold only, ready for the kernels."""

    def __init__(self, bins: Bins, null: Null, alpha: float) -> None:
        self.bins = bins
        self.null = null
        self.log_pivot = null.log_pivot_at(alpha)
        # A bin's total times what the other gene's weights add up to in each sample is its margin in the joint counts.
        self.margins = (bins.margins * bins.total).astype(np.int32)
        self.column_margins, self.column_entropies = in_lanes(self.margins), in_lanes(bins.entropies)
        factors = np.column_stack([bins.entropies, null.factors]).astype(np.float32)
        self.factors, self.column_factors = factors, in_lanes(factors)
        self.threshold = threshold_polynomial(self.log_pivot, null.factors)

    def prepared(self, bins: Bins) -> Packed:
        """See `Screen`."""
        return pack_bits(bins.weights) if bins.total == 1 else pack(bins.weights)

    def rows_at_once(self, data: Packed) -> int:
        """See `Screen`."""
        return max(16, min(PAIRS_AT_ONCE // self.bins.n_genes, ROW_BYTES_AT_ONCE // data.x[0].nbytes))

    def values(
        self, data: Packed, rows: NDArray[np.int64], first_group: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int32]]:
        """See `Screen`."""
        bins = self.bins
        n_groups = data.y.shape[0]
        screen = np.empty((len(rows), n_groups * LANES), np.float32)
        exact = np.empty((len(rows), n_groups * LANES))
        masks = np.empty((len(rows), n_groups), np.int32)
        screen_rows(
            data.x, data.y, data.tile_x, data.tile_y,
            bins.n_bins, self.margins, self.column_margins, 1.0 / bins.total_count,
            self.factors, self.column_factors, bins.entropies, self.column_entropies, self.threshold,
            rows, first_group, screen, exact, masks,
        )  # fmt: skip
        return screen, exact, masks


def mutual_information_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs as a symmetric matrix, in bits, shape (n_genes, n_genes); the diagonal is each gene with itself.

    Needs 16 bytes a cell while it works; for many genes use `information`, which keeps what matters, or
    `mutual_information_rows`.
    """
    if bins.estimator != "plugin":
        from genenet.estimators.all_pairs import estimated_matrix

        return estimated_matrix(bins)
    matrix = mutual_information_rows(bins, np.arange(bins.n_genes))
    # Sums over rows then columns and the other way round differ in the last bit; one of them stands for both.
    return np.triu(matrix) + np.triu(matrix, 1).T


def mutual_information_rows(bins: Bins, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Some rows of the matrix of MI, in bits, shape (n_rows, n_genes), for the plug-in estimate.

    A pair's value is that of the earlier gene's row: below the diagonal the last bit may differ.
    """
    screen = PluginScreen(bins, Null(np.ones((bins.n_genes, 3)), np.zeros(1)), 1.0)
    _, exact, _ = screen.values(screen.prepared(bins), rows, 0)
    return exact[:, : bins.n_genes]


def estimated_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs in bits, symmetric, not clipped at 0; the diagonal, which is not estimated, is 0."""
    matrix = np.zeros((bins.n_genes, bins.n_genes))
    everything = np.ones(bins.n_genes, bool)
    pair_estimator(bins).rows(np.arange(bins.n_genes), everything, 0, matrix)
    return (matrix + matrix.T) * LOG2_E


class PairScreen(Screen[PairEstimator]):
    """The pass over the pairs with a `PairEstimator`: exact MI of all, marked where it reaches the threshold."""

    def __init__(self, bins: Bins, null: Null, alpha: float) -> None:
        self.bins = bins
        self.null = null
        self.log_pivot = null.log_pivot_at(alpha)
        self.threshold = threshold_polynomial(self.log_pivot, null.factors)

    def prepared(self, bins: Bins) -> PairEstimator:
        """See `Screen`."""
        return pair_estimator(bins)

    def rows_at_once(self, data: PairEstimator) -> int:
        """See `Screen`."""
        return max(16, CELLS_AT_ONCE // self.bins.n_genes)

    def values(
        self, data: PairEstimator, rows: NDArray[np.int64], first_group: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int32]]:
        """See `Screen`."""
        n_groups = -(-self.bins.n_genes // LANES)
        exact = np.zeros((len(rows), n_groups * LANES))
        is_row = np.zeros(self.bins.n_genes, bool)
        is_row[self.bins.rows] = True
        data.rows(rows, is_row, first_group * LANES, exact)
        np.maximum(exact, 0.0, out=exact)
        exact *= LOG2_E
        masks = np.empty((len(rows), n_groups), np.int32)
        mark_rows(exact, self.null.factors, self.threshold, rows, first_group, masks)
        return exact.astype(np.float32), exact, masks
