"""Mutual information of all pairs in each group of samples and in all samples, by stripes of row genes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.differential import Design, Tables, covariances, traces
from genenet.kernels.packing import Genes, Packed, gene_tables, pack, pack_bits
from genenet.kernels.screen import empty_stripe, screen_all
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins

# Pairs in a stripe: their MI in all groups stays in the last level of cache.
PAIRS_AT_ONCE = 1 << 19
# Critical z-scores of the screen that every pair reaches, and that none reaches.
ALL, NONE = np.array([-1e30], np.float32), np.array([1e30], np.float32)


def pooled(groups: Sequence[Bins]) -> Bins:
    """Bins of all samples, one group after another: joint counts are the sums of those of the groups."""
    return replace(
        groups[0],
        samples=np.concatenate([np.asarray(bins.samples, object) for bins in groups]),
        weights=np.concatenate([bins.dense_weights for bins in groups], axis=2),
    )


def design_of(groups: Sequence[Bins]) -> Design:
    """Compute the constants of the deviance from the margins of all genes (see `genenet.kernels.differential`)."""
    n_genes, n_groups = groups[0].n_genes, len(groups)
    matrices = np.empty((n_groups, n_genes, groups[0].n_bins, groups[0].n_bins))
    for bins, out in zip(groups, matrices, strict=True):
        covariances(bins.dense_weights, bins.margins, bins.total, out)
    first, second, third = (np.empty((n_genes, n_groups**power)) for power in (1, 2, 3))
    traces(matrices, first, second, third)
    n = np.array([bins.n_samples for bins in groups], float)
    root = np.sqrt(n / n.sum())
    p = np.eye(n_groups) - np.outer(root, root)
    third_of = 8.0 * p[:, :, None] * p[None, :, :] * p[:, None, :]
    second, second_of = _merged(second, 2.0 * (p**2).ravel(), n_groups, 2)
    third, third_of = _merged(third, third_of.ravel(), n_groups, 3)
    return Design(
        sizes=2.0 * log(2.0) * np.append(n, n.sum()),
        first=first,
        second=second,
        third=third,
        # Under permutation the mean of 2 n MI is larger by the factor n / (n - 1).
        first_of=np.diag(p) * n / (n - 1.0),
        second_of=second_of,
        third_of=third_of,
        chance=1.0 / (2.0 * log(2.0) * (n - 1.0)),
        regulator=groups[0].regulator,
        target=groups[0].target,
        scale=1.0 / log2(groups[0].n_bins),
    )


def _merged(
    values: NDArray[np.float64], coefficients: NDArray[np.float64], n_groups: int, power: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Merge terms that are equal, as the trace of a product does not depend on the order: add up their coefficients.

    A product of three matrices and the one in the opposite order have the same trace too, as each matrix is symmetric
    in the metric of the margins.
    """
    orders = np.sort(np.indices((n_groups,) * power).reshape(power, -1), axis=0)
    number = np.ravel_multi_index(list(orders), (n_groups,) * power)
    kept, place = np.unique(number, return_inverse=True)
    return np.ascontiguousarray(values[:, kept]), np.bincount(place, coefficients).astype(np.float64)


class GroupTables:
    """MI of all pairs in each group of samples and in all of them.

    Parameters
    ----------
    groups
        Bins of each group, with the same genes.
    exact
        Whether MI is computed in float64 too, and not only in the screen's float32.
    """

    def __init__(self, groups: Sequence[Bins], *, exact: bool) -> None:
        self.exact = exact
        self.parts = [_laid_out(bins) for bins in (*groups, pooled(groups))]
        self.all_pairs = groups[0].all_pairs
        self.rows = groups[0].rows
        self.n_genes = groups[0].n_genes

    def stripes(self) -> Iterator[tuple[Tables, Tables | None]]:
        """Yield MI for one stripe of row genes after another, in float32, and in float64 if `exact` (else None)."""
        at_once = max(16, PAIRS_AT_ONCE // self.n_genes)
        for start in range(0, len(self.rows), at_once):
            rows = self.rows[start : start + at_once]
            yield self._stripe(rows, int(rows[0]) // LANES if self.all_pairs else 0)

    def _stripe(self, rows: NDArray[np.int64], first_tile: int) -> tuple[Tables, Tables | None]:
        found = []
        for packed, genes in self.parts:
            stripe = empty_stripe(rows, first_tile, len(packed.tiles))
            screen_all(packed, genes, ALL if self.exact else NONE, stripe)
            found.append(stripe)
        first = first_tile * LANES
        single = _tables([stripe.mi for stripe in found], rows, first)
        return single, _tables([stripe.exact_mi for stripe in found], rows, first) if self.exact else None


def _tables(values: Sequence[NDArray[Any]], rows: NDArray[np.int64], first: int) -> Tables:
    cut = [np.ascontiguousarray(mi[:, first:]) for mi in values]
    within: NDArray[Any] = np.stack(cut[:-1])
    return Tables(within, cut[-1], rows, first)


def _laid_out(bins: Bins) -> tuple[Packed, Genes]:
    # The null's mean, deviation and skewness are 0, 1 and 0: the screen compares MI with its threshold.
    factors = np.tile([0.0, 1.0, 0.0], (bins.n_genes, 1))
    packed = pack_bits(bins.dense_weights) if bins.total == 1 else pack(bins.dense_weights)
    return packed, gene_tables(bins.margins * bins.total, bins.entropies, factors, bins.total_count)
