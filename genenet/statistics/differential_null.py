"""The null distribution of the deviance between groups, from permuted group labels, and p-values from it.

How the deviance of a pair is distributed without a difference depends on how strongly the two genes depend on each
other. Pairs are therefore put into classes of about equal MI of all samples. The statistic of a pair is its pivot: the
Pearson III tail probability of its deviance, with mean, variance and skewness as a function of that MI. P-values count
how often pairs of the same class have a pivot as small under permuted labels.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.differential import N_CELLS, N_PIVOTS, PIVOTS_PER_UNIT, Curves
from genenet.statistics.hill import tail_exponent

N_CLASSES = 20
"""Largest number of classes of MI."""
FEWEST_DRAWS = 2_000
"""Smallest number of draws in a class, unless all classes together have fewer."""
SHARE_ABOVE = np.concatenate(
    [np.linspace(1.0, 0.1, 10), [0.075, 0.05, 0.025, 0.01, 5e-3, 2.5e-3, 1e-3, 5e-4, 2.5e-4, 1e-4]]
)
"""Share of the pairs whose MI is above the lower end of each class: classes are narrow where few pairs are."""
FEWEST_IN_TAIL, MOST_IN_TAIL, TAIL_SHARE = 50, 2_000, 1e-3
"""The tail is fitted to this share of the draws of a class, but to at least 50 and at most 2,000 of them."""
SMALLEST_LOG_PVALUE = float(np.log(1e-300))


def fit_curves(sums: NDArray[np.float64], largest_mi: float) -> Curves:
    """Fit mean, deviation and skewness of the standardised deviance as functions of the MI of all samples.

    The functions are interpolated linearly between the means of the classes.

    Parameters
    ----------
    sums
        Shape (N_CELLS, 6), of `genenet.kernels.differential.add_moments`.
    largest_mi
        The largest possible MI, in bits: the upper end of the last cell.
    """
    classes = classes_of_cells(sums[:, 0])
    n = int(classes.max()) + 1
    totals = np.zeros((n, sums.shape[1]))
    np.add.at(totals, classes, sums)
    count, mi, first, second, third, skewness = totals.T
    mi, first, second, third, skewness = (values / count for values in (mi, first, second, third, skewness))
    variance = np.maximum(second - first**2, 1e-6)
    deviation = np.sqrt(variance)
    own = (third - 3.0 * first * second + 2.0 * first**3) / (variance * deviation)
    centres = ((np.arange(N_CELLS) + 0.5) / N_CELLS) ** 2 * largest_mi
    at = np.divide(sums[:, 1], sums[:, 0], out=centres, where=sums[:, 0] > 0)
    return Curves(
        np.interp(at, mi, first),
        np.interp(at, mi, deviation),
        np.interp(at, mi, np.maximum(own, 0.05 * skewness) / skewness),
        classes,
    )


def classes_of_cells(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Group the cells of MI into classes, which are narrow where MI is large.

    Parameters
    ----------
    counts
        Number of draws in each cell, shape (n_cells,).

    Examples
    --------
    >>> counts = np.zeros(6)
    >>> counts[[1, 2, 4]] = 50_000, 45_000, 5_000
    >>> classes_of_cells(counts).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    total = counts.sum()
    above = total - np.concatenate([[0.0], np.cumsum(counts)[:-1]])
    classes = np.zeros(len(counts), np.int64)
    current, wanted, in_class = 0, 1, 0.0
    for cell, number in enumerate(counts):
        is_lower = wanted < N_CLASSES and above[cell] <= SHARE_ABOVE[wanted] * total
        if number > 0 and is_lower and in_class >= FEWEST_DRAWS and above[cell] >= FEWEST_DRAWS:
            current, in_class = current + 1, 0.0
            while wanted < N_CLASSES and above[cell] <= SHARE_ABOVE[wanted] * total:
                wanted += 1
        classes[cell] = current
        in_class += number
    return classes


@dataclass(frozen=True)
class DifferentialNull:
    """Null distribution of the deviance of all pairs.

    Attributes
    ----------
    curves
        Mean, deviation and skewness of the standardised deviance by cells of MI, and the classes.
    counts
        Number of draws of each class in each cell of the log pivot, int64, shape (n_classes, N_PIVOTS).
    """

    curves: Curves = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)

    @cached_property
    def at_least(self) -> NDArray[np.int64]:
        """Number of draws of each class whose pivot is in this cell or in a more extreme one."""
        return np.cumsum(self.counts[:, ::-1], axis=1)[:, ::-1]

    @property
    def n_draws(self) -> NDArray[np.int64]:
        """Number of draws of each class."""
        return self.at_least[:, 0]

    @cached_property
    def _tails(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Of each class: log pivot of the anchor, log of its p-value, and exponent of the tail beyond."""
        found = [self._tail(number) for number in range(len(self.counts))]
        anchors, log_pvalues, exponents = (np.array(values) for values in zip(*found, strict=True))
        return anchors, log_pvalues, exponents

    def _tail(self, number: int) -> tuple[float, float, float]:
        """Fit the tail of a class to its most extreme draws, by Hill's estimate (`genenet.statistics.hill`)."""
        at_least, counts = self.at_least[number], self.counts[number]
        n_draws = int(at_least[0])
        wanted = min(max(int(n_draws * TAIL_SHARE), FEWEST_IN_TAIL), MOST_IN_TAIL, max(n_draws // 4, 1))
        cell = int(np.flatnonzero(at_least >= wanted)[-1])
        anchor = -cell / PIVOTS_PER_UNIT
        beyond = counts[cell:]
        excess = float(((np.arange(len(beyond)) + 0.5) / PIVOTS_PER_UNIT * beyond).sum() / max(beyond.sum(), 1))
        log_pvalue = float(np.log((1.0 + at_least[cell]) / (1.0 + n_draws)))
        return anchor, log_pvalue, tail_exponent(excess)

    def pvalues(
        self, log_pivots: NDArray[np.float64], classes: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """P-values of pairs, and whether they are extrapolated.

        p = (1 + c) / (1 + n_draws) with c the number of draws of the class at least as extreme, to within the width of
        a cell (1 / 128 in the logarithm). Where no draw is as extreme, the tail that is fitted to the most extreme
        draws goes on: p falls as the pivot to the power of the fitted exponent, which is at most 1.
        """
        cells = np.minimum((-log_pivots * PIVOTS_PER_UNIT).astype(np.int64), N_PIVOTS - 1)
        n_draws = self.n_draws[classes]
        beyond = self.at_least[classes, cells]
        pvalues = (1.0 + beyond) / (1.0 + n_draws)
        anchors, log_anchors, exponents = self._tails
        log_tails = log_anchors[classes] + exponents[classes] * (log_pivots - anchors[classes])
        tails = np.exp(np.clip(log_tails, SMALLEST_LOG_PVALUE, 0.0))
        extrapolated = beyond == 0
        return np.where(extrapolated, np.minimum(tails, pvalues), pvalues), extrapolated

    def histogram(self, counts: NDArray[np.int64], n_bins: int = 20) -> NDArray[np.int64]:
        """Number of pairs with p-values in bins of equal width, given their number in each class and cell."""
        pvalues = (1.0 + self.at_least) / (1.0 + self.n_draws[:, None])
        bins = np.minimum((pvalues * n_bins).astype(np.int64), n_bins - 1)
        return np.bincount(bins.ravel(), counts.ravel(), n_bins).astype(np.int64)

    def log_pivot_at(self, pvalue: float) -> NDArray[np.float64]:
        """Of each class, a log pivot above which all p-values are above `pvalue`."""
        allowed = np.maximum(pvalue * (1.0 + self.n_draws) - 1.0, 0.0)
        first = np.array([np.searchsorted(-row, -limit) for row, limit in zip(self.at_least, allowed, strict=True)])
        return -np.minimum(first, N_PIVOTS) / PIVOTS_PER_UNIT
