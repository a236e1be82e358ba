"""Stability of pairs: the share of random halves of the samples in which each was selected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.products.origin import Origin

UNKNOWN = Origin("edges")
"""The origin of significant edges of which nothing is known."""


@dataclass(frozen=True)
class Stability:
    """Pairs that were selected on at least one half of the samples, and how often.

    Attributes
    ----------
    first, second
        int32, shape (n,): the two genes of each pair, the earlier one first; in gene order.
    n_halves
        uint16, shape (n,): on how many of the 2 n_splits halves it was selected.
    n_both
        uint16, shape (n,): in how many splits it was selected on both halves.
    n_genes
        Number of genes.
    n_splits
        Number of splits of the samples into two halves.
    statistics
        n_pairs (tested), n_selected (mean on a half), smallest_half and largest_half (samples), n_donors (or None),
        in_common (mean share of the edges of either half of a split that both have; None if no half has any),
        samples_needed (approximate number of samples for one significant edge of 0.1 and of 0.2 bits),
        permuted (of the permuted matrix: n_splits that were made, n_selected, and n_by_halves: how many pairs were
        selected on 1, 2, ... halves).
    origin
        Of which run it is: that of the significant edges on all samples.
    prune
        Settings of pruning on the halves, with the names of those that `auto` chose.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    n_halves: NDArray[np.uint16]
    n_both: NDArray[np.uint16]
    n_genes: int
    n_splits: int
    statistics: dict[str, Any] = field(repr=False)
    origin: Origin = UNKNOWN
    prune: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.first)

    def of(
        self, first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """On how many halves, and in how many splits on both, pairs of genes were selected; first < second."""
        known, wanted = (pair_codes(a, b, self.n_genes) for a, b in ((self.first, self.second), (first, second)))
        if not len(known):
            return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        there = known[place] == wanted
        return tuple(np.where(there, counts[place], 0).astype(np.int64) for counts in (self.n_halves, self.n_both))  # type: ignore[return-value]


def pair_codes(first: NDArray[np.integer[Any]], second: NDArray[np.integer[Any]], n_genes: int) -> NDArray[np.int64]:
    """One number for each pair, which ascends in gene order.

    Examples
    --------
    >>> pair_codes(np.array([0, 0, 1]), np.array([1, 2, 2]), 3).tolist()
    [1, 2, 5]
    """
    return first.astype(np.int64) * n_genes + second
