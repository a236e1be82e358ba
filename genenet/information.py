"""Mutual information of all pairs, in blocks that can be computed in any order on any machine."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.discretise import Bins
from genenet.errors import ConfigError
from genenet.kernels.packing import LANES, Packed, in_lanes, pack, pack_bits
from genenet.kernels.pairs import (
    collect_listed,
    collect_rows,
    collect_triangle,
    gather_columns,
    gather_rows,
    screen_rows,
)
from genenet.pairs import Collector, Pairs, Triangle
from genenet.permutation import Null, fitted_deviation, stream_key

Data = TypeVar("Data")

# Pairs worked on at a time: their MI stays in the last level of cache.
PAIRS_AT_ONCE = 1 << 20
# Bytes of row genes worked on at a time: they stay in a core's own cache while all column genes pass by.
ROW_BYTES_AT_ONCE = 512 << 10
# The float32 screen is within 1e-5 bits of the exact MI (tests/test_information.py); what comes this close is
# recomputed.
SCREEN_MARGIN = 2e-5


@dataclass(frozen=True)
class PairBlock:
    """One block of the pairs.

    Attributes
    ----------
    pairs
        Those whose p-value can reach `alpha`.
    noise
        The same from the matrix with each gene's samples permuted.
    sums
        int64, shape (n_genes, 3): for each gene the number of its pairs in this block, the sum of their MI, and of its
        square (in units of 2**-20 bits and its square; whole numbers, so that blocks add up to the same in any order).
    n_pairs
        Number of pairs tested.
    alpha
        P-value that the pairs can reach.
    largest_mi, largest_noise_mi
        Largest MI of all pairs tested, in bits.
    """

    pairs: Pairs | Triangle
    noise: Pairs | Triangle
    sums: NDArray[np.int64]
    n_pairs: int
    alpha: float
    largest_mi: float
    largest_noise_mi: float


def block_rows(bins: Bins, block: int, n_blocks: int) -> NDArray[np.int64]:
    """Indices of the row genes of one block; blocks have about the same number of pairs and together every pair once.

    Raises
    ------
    ConfigError
        If the block is not one of 0 .. n_blocks - 1.
    """
    if not 0 <= block < n_blocks:
        raise ConfigError(f"block must be one of 0 .. {n_blocks - 1:,} with {n_blocks:,} blocks, got {block:,}")
    rows = bins.rows
    pairs_before = np.concatenate([[0], np.cumsum(bins.n_pairs_of_rows)])
    cuts = np.searchsorted(pairs_before, [pairs_before[-1] * k // n_blocks for k in (block, block + 1)])
    if block == n_blocks - 1:
        cuts[1] = len(rows)
    return rows[cuts[0] : cuts[1]]


def information(
    bins: Bins,
    null: Null,
    *,
    alpha: float = 0.05,
    block: int = 0,
    n_blocks: int = 1,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> PairBlock:
    """MI of one block of pairs, of the matrix and of its permuted copy, keeping what can reach a p-value of `alpha`.

    MI is the plug-in estimate from the joint counts, H(x) + H(y) - H(x, y) (Cover & Thomas 2006, eq. 2.45), in bits.
    With soft bins the joint counts are those of Daub et al. 2004 (doi:10.1186/1471-2105-5-118): sums over samples of
    products of weights.

    Parameters
    ----------
    bins
        Discretised expression.
    null
        Its null distribution.
    alpha
        Pairs whose p-value is surely above this are not kept.
    block, n_blocks
        Which piece of the pairs.
    seed
        Seed of the permuted copy.
    progress
        Called with the number of pairs done since the last call (of 2 n_pairs: the matrix and its permuted copy).
    """
    rows = block_rows(bins, block, n_blocks)
    screen = _screen(bins, null, alpha)
    sums = np.zeros((bins.n_genes, 3), np.int64)
    # A block of many goes to a file, as a list.
    pairs, noise = _collectors(bins.n_genes, all_pairs=bins.all_pairs and n_blocks == 1)
    largest_mi = screen.run(screen.prepared(bins), rows, sums, pairs, progress)
    permuted = bins.permuted(int(stream_key(seed, 2)))
    largest_noise_mi = screen.run(screen.prepared(permuted), rows, np.zeros_like(sums), noise, progress)
    n_pairs = int(sums[:, 0].sum()) // 2
    return PairBlock(pairs.result(), noise.result(), sums, n_pairs, alpha, largest_mi, largest_noise_mi)


def _screen(bins: Bins, null: Null, alpha: float) -> "Screen[Any]":
    """Make the pass over the pairs for the estimator that the bins are for."""
    if bins.estimator == "plugin":
        return PluginScreen(bins, null, alpha)
    from genenet.pairwise import PairScreen

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
        """Compute MI in bits of row genes with all genes from a group of 16 on (`genenet.kernels.pairs.screen_rows`).

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


def threshold_polynomial(log_pivot: float, factors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Threshold of the screen, in standard deviations, as a polynomial in a pair's skewness, highest power first.

    A lower bound over the skewnesses that pairs of these genes can have, so that the screen loses nothing: by
    SCREEN_MARGIN bits for the pair with the smallest standard deviation, and by what float32 blurs.
    """
    if log_pivot >= 0.0:
        return np.full(1, -1e30, np.float32)
    nodes, heights, fit = fitted_deviation(log_pivot, factors)
    fitted = fit.coef[::-1]
    polynomial = fitted.astype(np.float32)
    excess = np.max(np.polyval(polynomial, nodes.astype(np.float32)) - heights)
    margin = SCREEN_MARGIN / factors[:, 1].min() ** 2 + 1e-4 + 1e-6 * np.abs(heights).max()
    polynomial[-1] -= np.float32(max(excess, 0.0) * 1.01 + margin)
    return polynomial


def mutual_information_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs as a symmetric matrix, in bits, shape (n_genes, n_genes); the diagonal is each gene with itself.

    Needs 16 bytes a cell while it works; for many genes use `information`, which keeps what matters, or
    `mutual_information_rows`.
    """
    if bins.estimator != "plugin":
        from genenet.pairwise import estimated_matrix

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


def _collectors(n_genes: int, *, all_pairs: bool) -> tuple[Collector, Collector]:
    """For the pairs of the matrix and for those of its permuted copy."""
    return tuple(Collector(n_genes, all_pairs=all_pairs, look_up=look_up) for look_up in (True, False))  # type: ignore[return-value]


def gather(blocks: Iterable[PairBlock], *, all_pairs: bool = False) -> PairBlock:
    """All blocks as one: the same for every number of blocks and in every order.

    Parameters
    ----------
    blocks
        Blocks of one matrix; read one by one.
    all_pairs
        Whether together they are of all pairs of genes, which may then be most of what is in memory.

    Raises
    ------
    ConfigError
        If there is no block, or blocks were made with different alpha or of different matrices.
    """
    remaining = iter(blocks)
    whole = next(remaining, None)
    if whole is None:
        raise ConfigError("there is no block of pairs; give those of genenet information")
    block = next(remaining, None)
    if block is None:
        return whole
    pairs, noise = _collectors(len(whole.sums), all_pairs=all_pairs)
    _move(whole.pairs, pairs)
    _move(whole.noise, noise)
    whole = replace(whole, pairs=Pairs.room(0), noise=Pairs.room(0))
    while block is not None:
        if block.alpha != whole.alpha or block.sums.shape != whole.sums.shape:
            what = "different significance.alpha" if block.alpha != whole.alpha else "different numbers of genes"
            raise ConfigError(f"blocks of pairs made with {what} do not belong together; make them again")
        _move(block.pairs, pairs)
        _move(block.noise, noise)
        whole = replace(
            whole,
            sums=whole.sums + block.sums,
            n_pairs=whole.n_pairs + block.n_pairs,
            largest_mi=max(whole.largest_mi, block.largest_mi),
            largest_noise_mi=max(whole.largest_noise_mi, block.largest_noise_mi),
        )
        block = next(remaining, None)
    return replace(whole, pairs=pairs.result(), noise=noise.result())


def _move(pairs: Pairs | Triangle, to: Collector) -> None:
    for _, part in pairs.parts():
        to.add(part)
