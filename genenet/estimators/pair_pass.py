"""The pass over all pairs of a matrix: MI of every pair, of which those are collected that may be significant.

The pass goes through the table of all pairs in stripes of row genes. How the MI of a stripe is computed is left to the
estimator (`genenet.estimators.all_pairs`, `genenet.estimators.estimated_pairs`).
"""

import threading
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
from genenet.kernels.threads import n_threads, share
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.statistics.null import Null

Data = TypeVar("Data")

FEWEST_ROWS = 16
# Each thread works on stripes of its own if there are so many for each: then none of them waits long at the end.
ENOUGH_STRIPES = 4


class _Total:
    """Adds up the stripes of a pass; threads finish them in any order, and pairs are added in that of the stripes."""

    def __init__(self, sums: NDArray[np.int64], found: Collector, progress: Callable[[int], None] | None) -> None:
        self.largest = 0.0
        self._sums, self._found, self._progress = sums, found, progress
        self._waiting: dict[int, Pairs | None] = {}
        self._n_added = 0
        self._lock = threading.Lock()

    def add(self, number: int, sums: NDArray[np.int64], pairs: Pairs | None, largest: float) -> None:
        """Add a stripe: its number, sums of MI, surviving pairs (None if they are in the triangle) and largest MI."""
        with self._lock:
            self._sums += sums
            self.largest = max(self.largest, largest)
            self._waiting[number] = pairs
            while self._n_added in self._waiting:
                ready = self._waiting.pop(self._n_added)
                self._n_added += 1
                if ready is not None:
                    self._found.add(ready)
            if self._progress:
                self._progress(int(sums[:, 0].sum()) // 2)


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
        # With many threads stripes are smaller: all that are worked on at once take the memory of two large ones.
        at_once = max(FEWEST_ROWS, self.rows_at_once(data) // max(1, n_threads() // 2))
        stripes = [rows[start : start + at_once] for start in range(0, len(rows), at_once)]
        total = _Total(sums, found, progress)

        def work(first: int, last: int) -> None:
            for number in range(first, last):
                some = stripes[number]
                stripe = self.stripe(data, some, int(some[0]) // LANES if self.bins.all_pairs else 0)
                own = np.zeros_like(sums)
                pairs, largest = self._collect(stripe, own, found.triangle)
                total.add(number, own, pairs, largest)

        if len(stripes) < ENOUGH_STRIPES * n_threads():
            # Threads share the pairs of a stripe instead.
            work(0, len(stripes))
        else:
            share(len(stripes), work, at_once=1)
        return total.largest

    def _collect(
        self, stripe: Stripe, sums: NDArray[np.int64], triangle: Triangle | None
    ) -> tuple[Pairs | None, float]:
        """Return the surviving pairs of a stripe, None if they are in the triangle, and the largest MI (see `run`).

        The threshold of the screen is a little too low, and how much depends on the processor; the exact rule on the
        pivot gives the same pairs on every machine.
        """
        if self.bins.partners is not None:
            return self._collect_listed(stripe, sums)
        n_survivors, largest = np.empty(len(stripe.rows), np.int64), np.empty(len(stripe.rows), np.float32)
        gather_rows(stripe, self.roles, sums, n_survivors, largest.view(np.int32))
        gather_columns(stripe, self.roles, sums)
        pairs = None
        if triangle is not None and self.null.present is None:
            self._collect_into(triangle, stripe)
        else:
            pairs = self._collect_as_list(stripe, n_survivors)
        return pairs, float(largest.max())

    def _collect_listed(self, stripe: Stripe, sums: NDArray[np.int64]) -> tuple[Pairs, float]:
        assert self.bins.partners is not None
        starts, partners = self.bins.partners
        pairs = Pairs.empty(int((starts[stripe.rows + 1] - starts[stripe.rows]).sum()))
        n, largest = collect_listed(stripe, starts, partners, sums, _arrays(pairs))
        pairs = self._unscaled(pairs.take(slice(0, n)))
        pairs = pairs.take(self.null.are_extreme(pairs.mi, pairs.first, pairs.second, self.log_pivot))
        return pairs, float(largest)

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
