"""Mutual information of all pairs in each group of samples and in all samples, by stripes of row genes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log, log2

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.differential import Design, Tables
from genenet.kernels.packing import Genes, Packed, gene_tables, pack, pack_bits
from genenet.kernels.screen import empty_stripe, screen_rows
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins, margin_moments

# Pairs in a stripe: their MI in all groups stays in the last level of cache.
PAIRS_AT_ONCE = 1 << 19
# Critical z-scores of the screen that every pair reaches, and that none reaches.
ALL, NONE = np.array([-1e30], np.float32), np.array([1e30], np.float32)


def pooled(groups: Sequence[Bins]) -> Bins:
    """Bins of all samples, one group after another: joint counts are the sums of those of the groups."""
    return replace(
        groups[0],
        samples=np.concatenate([np.asarray(bins.samples, object) for bins in groups]),
        weights=np.concatenate([bins.weights for bins in groups], axis=2),
    )


def design_of(groups: Sequence[Bins]) -> Design:
    """Make what the deviance needs beside MI (see `genenet.kernels.differential.Design`)."""
    factors, sizes = [], []
    for bins in (*groups, pooled(groups)):
        n = bins.n_samples
        traces = margin_moments(bins)
        factors.append(traces * np.sqrt([n / (n - 1), 2.0, 8.0]))
        sizes.append(2.0 * n * log(2.0))
    scale = 1.0 / log2(groups[0].n_bins)
    return Design(np.array(sizes), np.array(factors), groups[0].regulator, groups[0].target, scale)


class GroupTables:
    """MI of all pairs in each group of samples and in all of them.

    Parameters
    ----------
    groups
        Bins of each group, with the same genes.
    exact
        Whether MI is in float64; the screen's float32 otherwise.
    """

    def __init__(self, groups: Sequence[Bins], *, exact: bool) -> None:
        self.exact = exact
        self.parts = [_laid_out(bins) for bins in (*groups, pooled(groups))]
        self.all_pairs = groups[0].all_pairs
        self.rows = groups[0].rows
        self.n_genes = groups[0].n_genes

    def stripes(self) -> Iterator[tuple[Tables, Tables | None]]:
        """Give the MI of some row genes after another, in float32, and in float64 if that was asked for."""
        at_once = max(16, PAIRS_AT_ONCE // self.n_genes)
        for start in range(0, len(self.rows), at_once):
            rows = self.rows[start : start + at_once]
            yield self._stripe(rows, int(rows[0]) // LANES if self.all_pairs else 0)

    def _stripe(self, rows: NDArray[np.int64], first_tile: int) -> tuple[Tables, Tables | None]:
        found = []
        for packed, genes in self.parts:
            stripe = empty_stripe(rows, first_tile, len(packed.tiles))
            screen_rows(packed, genes, ALL if self.exact else NONE, stripe)
            found.append(stripe)
        first = first_tile * LANES
        single = _tables([stripe.mi for stripe in found], rows, first)
        return single, _tables([stripe.exact_mi for stripe in found], rows, first) if self.exact else None


def _tables(values: Sequence[NDArray[np.float32]] | Sequence[NDArray[np.float64]], rows: NDArray[np.int64], first: int) -> Tables:
    cut = [np.ascontiguousarray(mi[:, first:]) for mi in values]
    return Tables(np.stack(cut[:-1]), cut[-1], rows, first)


def _laid_out(bins: Bins) -> tuple[Packed, Genes]:
    # The null's mean, deviation and skewness are 0, 1 and 0: the screen compares MI with its threshold.
    factors = np.tile([0.0, 1.0, 0.0], (bins.n_genes, 1))
    packed = pack_bits(bins.weights) if bins.total == 1 else pack(bins.weights)
    return packed, gene_tables(bins.margins * bins.total, bins.entropies, factors, bins.total_count)
