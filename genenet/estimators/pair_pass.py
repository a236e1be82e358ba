"""The pass over all pairs of a matrix: MI of every pair, of which those are collected that may be significant.

The pass goes through the table of all pairs in stripes of row genes. How the MI of a stripe is computed is left to the
estimator (`genenet.estimators.all_pairs`, `genenet.estimators.estimated_pairs`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.packing import in_tiles
from genenet.kernels.screen import Stripe
from genenet.kernels.survivors import (
    PairArrays,
    Roles,
    collect_listed,
    collect_rows,
    collect_triangle,
    gather_columns,
    gather_rows,
)
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.statistics.null import Null

Data = TypeVar("Data")


class PairPass(ABC, Generic[Data]):
    """The pass over the pairs with one estimator; `Data` is the form in which it needs the bins."""

    bins: Bins
    null: Null
    log_pivot: float

    @abstractmethod
    def prepared(self, bins: Bins) -> Data:
        """Convert bins with the margins of `self.bins` (these, or their permuted copy) to what the estimator takes."""

    @abstractmethod
    def rows_at_once(self, data: Data) -> int:
        """Number of row genes in a stripe."""

    @abstractmethod
    def stripe(self, data: Data, rows: NDArray[np.int64], first_tile: int) -> Stripe:
        """Compute the MI (bits) of row genes with all genes from a tile of 16 on."""

    def run(
        self,
        data: Data,
        rows: NDArray[np.int64],
        sums: NDArray[np.int64],
        found: Collector,
        progress: Callable[[int], None] | None,
    ) -> float:
        """Add the surviving pairs of these rows to `found` and the MI of all to sums; return the largest MI."""
        at_once = self.rows_at_once(data)
        largest, n_before = 0.0, int(sums[:, 0].sum())
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            stripe = self.stripe(data, some, int(some[0]) // LANES if self.bins.all_pairs else 0)
            largest = max(largest, self._collect(stripe, sums, found))
            n_pairs = int(sums[:, 0].sum())
            if progress:
                progress((n_pairs - n_before) // 2)
            n_before = n_pairs
        return largest

    def _collect(self, stripe: Stripe, sums: NDArray[np.int64], found: Collector) -> float:
        """Collect the surviving pairs of one stripe, and add up the MI of all (see `run`).

        The threshold of the screen is a little too low, and how much depends on the processor; the exact rule on the
        pivot gives the same pairs on every machine.
        """
        if self.bins.partners is not None:
            return self._collect_listed(stripe, sums, found)
        n_survivors, largest = np.empty(len(stripe.rows), np.int64), np.empty(len(stripe.rows), np.float32)
        gather_rows(stripe, self.roles, sums, n_survivors, largest.view(np.int32))
        gather_columns(stripe, self.roles, sums)
        if found.triangle is not None and self.null.present is None:
            self._collect_into(found.triangle, stripe)
        else:
            found.add(self._collect_as_list(stripe, n_survivors))
        return float(largest.max())

    def _collect_listed(self, stripe: Stripe, sums: NDArray[np.int64], found: Collector) -> float:
        assert self.bins.partners is not None
        starts, partners = self.bins.partners
        pairs = Pairs.empty(int((starts[stripe.rows + 1] - starts[stripe.rows]).sum()))
        n, largest = collect_listed(stripe, starts, partners, sums, _arrays(pairs))
        pairs = self._unscaled(pairs.take(slice(0, n)))
        found.add(pairs.take(self.null.are_extreme(pairs.mi, pairs.first, pairs.second, self.log_pivot)))
        return float(largest)

    def _collect_into(self, triangle: Triangle, stripe: Stripe) -> None:
        n_kept = np.empty(len(stripe.rows), np.int64)
        collect_triangle(stripe, self.bins.n_genes, self.null.bound(self.log_pivot), triangle.mi, n_kept)

    def _collect_as_list(self, stripe: Stripe, n_survivors: NDArray[np.int64]) -> Pairs:
        starts, n_kept = np.concatenate([[0], np.cumsum(n_survivors)]), np.empty(len(stripe.rows), np.int64)
        pairs = Pairs.empty(int(starts[-1]))
        collect_rows(stripe, self.roles, self.null.bound(self.log_pivot), starts, _arrays(pairs), n_kept)
        place = np.arange(len(pairs)) - np.repeat(starts[:-1], n_survivors)
        return self._unscaled(pairs.take(place < np.repeat(n_kept, n_survivors)))

    def _unscaled(self, pairs: Pairs) -> Pairs:
        """Undo the factor of missing values: the pass works on MI times the share of samples that both genes have."""
        if self.null.present is None:
            return pairs
        return replace(pairs, mi=self.null.unscaled(pairs.mi, pairs.first, pairs.second))

    @cached_property
    def roles(self) -> Roles:
        """Genes that may regulate and that may be targets, padded to a multiple of 16."""
        return Roles(in_tiles(self.bins.regulator).ravel(), in_tiles(self.bins.target).ravel())


def _arrays(pairs: Pairs) -> PairArrays:
    return PairArrays(pairs.first, pairs.second, pairs.mi)
