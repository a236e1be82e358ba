"""Pairs of genes with their MI: a list if there are few, a table of all pairs (triangle) if there are many."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.dpi_lists import edge_values
from genenet.kernels.threads import in_threads, n_threads
from genenet.kernels.triangle import (
    ABSENT,
    ListedPairs,
    clear_table,
    count_triangle,
    fill_table,
    is_ordered,
    list_triangle,
    triangle_table,
)

T = TypeVar("T")

# Pairs are stored as a list (16 bytes a pair) or as a full upper triangle (8 bytes a cell). Both take the same memory
# if half of the cells are filled (HALF). Random look-up is faster in the triangle from 5 % on (DENSE_SHARE). Tables
# below 16 M cells stay lists; above 500 M cells (4 GB) the triangle is used only where it is also the smaller one.
# Of the pairs that a pass over the matrix gathers most are no edges in the end, and 5 % are below alpha by chance: they
# stay a list up to GATHERED_SHARE.
DENSE_SHARE = 0.05
GATHERED_SHARE = 0.15
HALF = 0.5
SMALL_TRIANGLE, LARGE_TRIANGLE = 1 << 24, 500_000_000
PAIRS_AT_ONCE = 1 << 20
# Threads take at least so many pairs of a list at a time, and so many chunks of it are worked on at once.
FEWEST_PAIRS, MOST_CHUNKS = 1 << 16, 8
# The bits of a cell without a pair, as a whole number.
ABSENT_BITS = np.float64(ABSENT).view(np.uint64)


def dense_limit(n_cells: int, share: float) -> float:
    """Number of pairs above which a triangle of this many cells is better than a list: this share of a small one."""
    return (share if n_cells <= LARGE_TRIANGLE else HALF) * n_cells


@dataclass(frozen=True)
class Pairs:
    """List of pairs of genes, ordered by first and second gene.

    Attributes
    ----------
    first, second
        int32, shape (n_pairs,): indices of the two genes, first < second.
    mi
        float64, shape (n_pairs,): mutual information in bits.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    mi: NDArray[np.float64]

    @staticmethod
    def empty(n: int) -> "Pairs":
        """Allocate n pairs, like `numpy.empty` without setting them."""
        return Pairs(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n))

    def __len__(self) -> int:
        return len(self.mi)

    @property
    def n_positions(self) -> int:
        """Number of positions, here that of pairs; they ascend in gene order."""
        return len(self)

    def parts(self) -> Iterator[tuple[NDArray[np.int64], "Pairs"]]:
        """All pairs, chunk by chunk, with their positions."""
        for start in range(0, len(self), PAIRS_AT_ONCE):
            end = min(start + PAIRS_AT_ONCE, len(self))
            yield np.arange(start, end), self.take(slice(start, end))

    def take(self, which: NDArray[np.generic] | slice) -> "Pairs":
        """Pairs at these positions or where a mask is True."""
        if isinstance(which, np.ndarray) and which.dtype == bool:
            which = np.flatnonzero(which)  # numpy looks a mask up anew for each array, and slowly
        return Pairs(self.first[which], self.second[which], self.mi[which])

    def values(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.float64]:
        """MI of some of the pairs, given by their genes."""
        row_starts = np.searchsorted(self.first, np.arange(int(self.first.max(initial=-1)) + 2, dtype=np.int32))
        values = np.empty(len(a))
        edge_values(row_starts, self.second, self.mi, a, b, values)
        return values

    def smallest_mi(self) -> float | None:
        """Smallest MI of all pairs; None if there is no pair."""
        return float(self.mi.min()) if len(self) else None

    def keep(self, chosen: Callable[["Pairs"], NDArray[np.bool_]], *, in_place: bool = False) -> "Pairs":
        """Keep chosen pairs; with in_place they overwrite this list, which must not be used afterwards."""
        # Arrays that were read from a file as a single chunk are read-only.
        if in_place and all(array.flags.writeable for array in (self.first, self.second, self.mi)):
            to = self
        else:
            to = Pairs(np.empty_like(self.first), np.empty_like(self.second), np.empty_like(self.mi))
        n = 0
        for kept in each_part(self, lambda part: part.take(chosen(part))):
            for name in ("first", "second", "mi"):
                getattr(to, name)[n : n + len(kept)] = getattr(kept, name)
            n += len(kept)
        return to.take(slice(0, n))

    def ordered(self) -> "Pairs":
        """Put the pairs in order, if they are not."""
        if is_ordered(self.first, self.second):
            return self
        return self.take(np.argsort(self.first.astype(np.int64) << 32 | self.second, kind="stable"))


class Triangle:
    """Pairs of genes as a table of all pairs, row by row.

    Attributes
    ----------
    mi
        float64, shape (n_genes * (n_genes - 1) / 2,): mutual information in bits; -1 where there is no pair.
    n_genes
        Number of genes.
    """

    def __init__(self, n_genes: int, mi: NDArray[np.float64] | None = None) -> None:
        self.n_genes = n_genes
        if mi is None:
            mi = np.empty(n_genes * (n_genes - 1) // 2)
            clear_table(mi)
        self.mi = mi
        self._counts: NDArray[np.int64] | None = None

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of pairs of each first gene; counted once, and again after pairs were added or left out."""
        if self._counts is None:
            self._counts = np.empty(self.n_genes, np.int64)
            count_triangle(self.mi, self.n_genes, self._counts)
        return self._counts

    def __len__(self) -> int:
        return int(self.counts.sum())

    @property
    def n_positions(self) -> int:
        """Number of positions, here that of cells, with or without a pair; they ascend in gene order."""
        return len(self.mi)

    def add(self, pairs: Pairs) -> None:
        """Write pairs into the table."""
        self._counts = None
        fill_table(pairs.first, pairs.second, pairs.mi, triangle_table(self.mi, self.n_genes))

    def parts(self) -> Iterator[tuple[NDArray[np.int64], Pairs]]:
        """All pairs, chunk by chunk, with their positions."""
        counts = self.counts
        ends = np.cumsum(counts)
        row = 0
        while row < self.n_genes:
            before = ends[row] - counts[row]
            last = max(row + 1, int(np.searchsorted(ends, before + PAIRS_AT_ONCE, side="right")))
            n = int(ends[last - 1] - before)
            cells, pairs = np.empty(n, np.int64), Pairs.empty(n)
            starts = np.concatenate([[0], ends[row:last] - before])
            listed = ListedPairs(cells, pairs.first, pairs.second, pairs.mi)
            list_triangle(self.mi, self.n_genes, row, starts, listed)
            if n:
                yield cells, pairs
            row = last

    def take(self, which: NDArray[np.int64]) -> Pairs:
        """Pairs at these positions."""
        starts = self._starts
        first = np.searchsorted(starts, which, side="right") - 1
        second = which - starts[first] + first + 1
        return Pairs(first.astype(np.int32), second.astype(np.int32), self.mi[which])

    def values(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.float64]:
        """MI of some of the pairs, given by their genes."""
        first, second = np.minimum(a, b), np.maximum(a, b)
        return self.mi[self._starts[first] + second - first - 1]

    def smallest_mi(self) -> float | None:
        """Smallest MI of all pairs; None if there is no pair."""
        smallest = ABSENT_BITS
        for start in range(0, len(self.mi), PAIRS_AT_ONCE):
            # As whole numbers the bits of a negative number are larger than those of any other; 0.0 takes -0.0's place.
            part = self.mi[start : start + PAIRS_AT_ONCE] + 0.0
            smallest = min(smallest, part.view(np.uint64).min())
        return float(smallest.view(np.float64)) if smallest < ABSENT_BITS else None

    def ranks(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many pairs come before each of these positions, which ascend."""
        ranks, n, at = np.empty(len(which), np.int64), 0, 0
        for start in range(0, len(self.mi), PAIRS_AT_ONCE):
            present = self.mi[start : start + PAIRS_AT_ONCE] >= 0
            end = int(np.searchsorted(which, start + len(present)))
            before: NDArray[np.int64] = np.cumsum(present) - present
            ranks[at:end] = n + before[which[at:end] - start]
            n, at = n + int(present.sum()), end
        return ranks

    def keep(self, chosen: Callable[[Pairs], NDArray[np.bool_]], *, in_place: bool = False) -> "Triangle":
        """Keep chosen pairs; with in_place the others are deleted from this triangle."""
        kept = self if in_place else Triangle(self.n_genes, self.mi.copy())
        for cells, part in self.parts():
            kept.mi[cells[~chosen(part)]] = ABSENT
        kept._counts = None
        return kept

    @property
    def _starts(self) -> NDArray[np.int64]:
        """Position of the first cell of each row."""
        rows = np.arange(self.n_genes, dtype=np.int64)
        return rows * (2 * self.n_genes - rows - 1) // 2


def each_part(pairs: Pairs | Triangle, function: Callable[[Pairs], T]) -> Iterator[T]:
    """Call a function with each chunk of pairs, and yield the results in order.

    Threads share the chunks of a list, a few at a time; those of a triangle come one by one, since threads share in
    listing each of them.
    """
    if isinstance(pairs, Triangle):
        yield from (function(part) for _, part in pairs.parts())
        return
    number = min(n_threads(), MOST_CHUNKS)
    size = min(max(-(-len(pairs) // number), FEWEST_PAIRS), PAIRS_AT_ONCE)
    for first in range(0, len(pairs), number * size):
        starts = range(first, min(first + number * size, len(pairs)), size)
        yield from in_threads(function, [pairs.take(slice(start, start + size)) for start in starts])


class Collector:
    """Gathers pairs into a list, and into a triangle once there are very many (`dense_limit`).

    Parameters
    ----------
    n_genes
        Number of genes.
    all_pairs
        Whether every pair of genes may be added; if not, a list is always the smaller one.
    look_up
        Whether pairs will be looked up in random order; if not, a triangle is used only where it is smaller.
    """

    def __init__(self, n_genes: int, *, all_pairs: bool, look_up: bool = True) -> None:
        n_cells = n_genes * (n_genes - 1) // 2
        limit = dense_limit(n_cells, GATHERED_SHARE if look_up else HALF)
        self._list_limit = limit if all_pairs and n_cells > SMALL_TRIANGLE else np.inf
        self._n_genes = n_genes
        self._parts: list[Pairs] = []
        self._n = 0
        self.triangle: Triangle | None = None

    def add(self, pairs: Pairs) -> None:
        """Add pairs, in any order, none twice."""
        if self.triangle is not None:
            self.triangle.add(pairs)
            return
        self._parts.append(pairs)
        self._n += len(pairs)
        if self._n > self._list_limit:
            self.triangle = Triangle(self._n_genes)
            while self._parts:
                self.triangle.add(self._parts.pop())
            release_freed_memory()

    def result(self) -> Pairs | Triangle:
        """Return all pairs, in order; nothing can be added afterwards."""
        if self.triangle is not None:
            return self.triangle
        if len(self._parts) == 1:
            return self._parts.pop().ordered()
        gathered = Pairs.empty(self._n)
        n = self._n
        # The parts are removed one by one, so that memory holds little more than one copy.
        while self._parts:
            part = self._parts.pop()
            for name in ("first", "second", "mi"):
                getattr(gathered, name)[n - len(part) : n] = getattr(part, name)
            n -= len(part)
        release_freed_memory()
        return gathered.ordered()


def release_freed_memory() -> None:
    """Return memory that was freed in many small pieces to the system, if the C library can do that (glibc)."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
