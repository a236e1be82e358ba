"""The smallest and the largest value of a matrix: how often each occurs, and how far it lies from all others."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.expression.gene_statistics import gene_blocks
from genenet.expression.look.profile import Profile
from genenet.readers.sparse_pieces import Matrix, dense

# Values of fewer different numbers than this are codes, or classes, of which each may be frequent.
FEWEST_DISTINCT = 30
# A number is frequent if it holds this share of so many values, and this many times those at the value next to it.
LEAST_SHARE, FEWEST_VALUES, TIMES_NEXT = 0.01, 100, 5
# Cells are of whole samples if these have it in this share of the genes, and hold this share of the cells.
NEARLY_ALL = 0.9
# Counts are recognised by this many samples, and by this share of single reads among their values that are not 0.
SAMPLES_FOR_COUNTS, OF_ONE_READ = 50, 0.02
# The distance from the values of the same gene is taken from at most this many genes.
GENES_LOOKED_AT = 500


class Cells(NamedTuple):
    """The cells of a matrix that hold one number."""

    n: int
    shares: NDArray[np.float64]
    """Share of the values of each gene, shape (n_genes,)."""
    in_samples: NDArray[np.int64]
    """How many each sample has, shape (n_samples,)."""
    gene: int
    """Gene of the first of them."""
    sample: int

    @property
    def are_of_whole_samples(self) -> bool:
        """Whether nearly all are in samples that have hardly any other number."""
        full = self.in_samples >= NEARLY_ALL * len(self.shares)
        return bool(self.in_samples[full].sum() >= NEARLY_ALL * self.n)

    @property
    def n_genes(self) -> int:
        """Number of genes that have any."""
        return int(np.count_nonzero(self.shares))


@dataclass(frozen=True)
class Extreme:
    """The smallest or the largest value of a matrix.

    Attributes
    ----------
    value
        The number itself.
    is_upper
        Whether it is the largest.
    share
        Share of the values that are equal to it, from those that were sampled.
    others
        The other values that were sampled, ascending.
    values
        The matrix, shape (n_samples, n_genes).
    """

    value: float
    is_upper: bool
    share: float
    others: NDArray[np.float64]
    values: Matrix

    @property
    def next(self) -> float:
        """The value next to it."""
        return float(self.others[-1 if self.is_upper else 0])

    @property
    def gap(self) -> float:
        """Distance from the value next to it."""
        return abs(self.next - self.value)

    @property
    def is_frequent(self) -> bool:
        """Whether many values are equal to it, and far fewer to the value next to it."""
        n_values = len(self.others) / (1 - self.share)
        at_next = np.searchsorted(self.others, self.next, "right") - np.searchsorted(self.others, self.next, "left")
        is_alone = self.share * n_values >= TIMES_NEXT * at_next
        return self.share >= LEAST_SHARE and n_values >= FEWEST_VALUES and bool(is_alone)

    @cached_property
    def cells(self) -> Cells:
        """The cells that hold it."""
        return cells_of(self.values, self.value)

    @cached_property
    def is_natural_zero(self) -> bool:
        """Whether it is the 0 of counts: the smallest value above it is frequent, as that of a single read is."""
        if self.value != 0 or self.is_upper:
            return False
        chosen = self.values[:: -(-self.values.shape[0] // SAMPLES_FOR_COUNTS)]
        rows = dense(chosen)
        positive = [row[np.isfinite(row) & (row > 0)] for row in rows]
        frequent = [
            np.count_nonzero(row == row.min()) >= max(2, OF_ONE_READ * len(row)) for row in positive if len(row)
        ]
        return bool(frequent) and float(np.mean(frequent)) > 0.5

    @cached_property
    def distance(self) -> float:
        """Distance from the other values of its genes, in interquartile ranges from their median.

        It is that of the median gene, of those that have it in at most half of their samples: a limit of detection is
        near the values of the genes that it cuts off.
        """
        rare = np.flatnonzero((self.cells.shares > 0) & (self.cells.shares <= 0.5))
        distances = []
        for gene in rare[:: -(-len(rare) // GENES_LOOKED_AT) or 1]:
            column = self.values[:, [gene]]
            own = dense(column).ravel()
            others = own[np.isfinite(own) & (own != self.value)]
            distances.append(_in_ranges(self.value, others))
            if self.value > 0 and (others > 0).all():  # linear values have long tails, in which a limit may be far away
                distances[-1] = min(distances[-1], _in_ranges(np.log(self.value), np.log(others)))
        return float(np.median(distances)) if distances else 0.0


def extremes(found: Profile, values: Matrix) -> list[Extreme]:
    """Describe the smallest and the largest value, unless the values are few different numbers.

    Parameters
    ----------
    found
        Summary of the matrix.
    values
        Shape (n_samples, n_genes).

    Examples
    --------
    >>> from genenet.expression.look.profile import profile
    >>> values = np.arange(1.0, 401.0).reshape(20, 20)
    >>> values[0, :5] = 1000.0
    >>> [(one.value, one.is_upper, one.share, one.gap, one.cells.n) for one in extremes(profile(values), values)]
    [(6.0, False, 0.0025, 1.0, 1), (1000.0, True, 0.0125, 600.0, 5)]
    """
    assert found.sampled is not None
    described = []
    for value, is_upper in ((found.smallest, False), (found.largest, True)):
        others = found.sampled[found.sampled != value]
        if np.isfinite(value) and n_distinct(others) >= FEWEST_DISTINCT - 1:
            share = (len(found.sampled) - len(others)) / len(found.sampled)
            described.append(Extreme(value, is_upper, share, others, values))
    return described


def n_distinct(ascending: NDArray[np.float64]) -> int:
    """Count the different numbers among ascending ones."""
    return int(np.count_nonzero(np.diff(ascending))) + min(len(ascending), 1)


def cells_of(values: Matrix, number: float) -> Cells:
    """Find the cells of a matrix, shape (n_samples, n_genes), that hold a number.

    Examples
    --------
    >>> cells_of(np.array([[0.0, 1.0], [2.0, 9.0], [3.0, 9.0]]), 9.0)
    Cells(n=2, shares=array([0.        , 0.66666667]), in_samples=array([0, 1, 1]), gene=1, sample=1)
    """
    n, shares, first = 0, [], (-1, -1)
    in_samples = np.zeros(values.shape[0], np.int64)
    start = 0
    for block in gene_blocks(values):
        at = block == number
        if n == 0 and at.any():
            gene, sample = np.unravel_index(int(np.argmax(at)), at.shape)
            first = (start + int(gene), int(sample))
        in_genes = np.count_nonzero(at, axis=1)
        shares.append(in_genes / np.maximum(np.isfinite(block).sum(axis=1), 1))
        in_samples += np.count_nonzero(at, axis=0)
        n += int(in_genes.sum())
        start += len(block)
    return Cells(n, np.concatenate(shares) if shares else np.empty(0), in_samples, *first)


def beyond(values: Matrix, low: float, high: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the values outside of these limits: positions of their samples and genes, and the values."""
    rows, columns, numbers = [], [], []
    start = 0
    for block in gene_blocks(values):
        gene, sample = np.nonzero((block < low) | (block > high))
        bad = np.isfinite(block[gene, sample])
        rows.append(sample[bad])
        columns.append(gene[bad] + start)
        numbers.append(block[gene, sample][bad])
        start += len(block)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(numbers)


def _in_ranges(number: float, others: NDArray[np.float64]) -> float:
    """Distance of a number from the median of others, in their interquartile ranges."""
    low, middle, high = np.quantile(others, [0.25, 0.5, 0.75])
    return float(abs(number - middle) / max(high - low, 1e-12))
