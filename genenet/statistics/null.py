"""The null distribution of all pairs of a matrix, and p-values from it.

The statistic of a pair is its pivot: the Pearson III tail probability of its MI, with the mean, variance and skewness
that its two genes' margins give. The pivot is comparable between all pairs. It is calibrated by permutation:
p-values count how often permuted pairs of this matrix have a pivot as small.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import DRAWS_BEYOND
from genenet.digests import digest
from genenet.kernels.pairwise_complete import common_samples
from genenet.kernels.pearson3 import (
    Extrapolation,
    PivotBound,
    are_extreme,
    class_pvalues,
    find_classes,
    log,
    log_tails,
)
from genenet.statistics.hill import tail_exponent
from genenet.statistics.pearson3 import critical_curve, critical_z, pair_moments

# P-values below the resolution are extrapolated from a tail that is fitted to the most extreme draws: to TAIL_SHARE of
# all draws, at least 10 and at most TAIL_DRAWS.
TAIL_DRAWS = 1_000
TAIL_SHARE = 0.001
SMALLEST_PVALUE = 1e-300
# Extrapolated p-values are rounded up to a multiple of this, as natural logarithms.
EXTRAPOLATED_STEP = 1e-3
# By a null of more draws a pivot has another p-value, by less than this factor (where there are draws enough).
SPREAD = 1.25
# Points of the grid in which the search for a pivot among the draws starts.
INDEX_SIZE = 1 << 16


@dataclass(frozen=True)
class Null:
    """Null distribution of all pairs of one matrix.

    Attributes
    ----------
    factors
        float64, shape (n_genes, 3). A pair's null mean and standard deviation (bits) and skewness are the products of
        its two genes' factors. With strata of shape (n_genes, 3, n_strata): a pair's null mean, variance and third
        central moment are the sums over the strata of the products (cumulants of independent strata add).
    log_tails
        float64, ascending: natural logarithm of the pivot of each draw, of those up to `known_to`.
    extrapolate
        Whether p-values go on below the resolution.
    present
        Where values are missing, which samples each gene has, bool, shape (n_genes, n_samples); else None.
    max_draws
        Number of draws up to which the null may be continued (see `genenet.estimators.null_draws`).
    seed
        Seed of the draws.
    bins
        Fingerprint of the bins that were permuted (`genenet.products.bins.Bins.fingerprint`); empty if not known.
    known_to
        Log pivot up to which the draws are kept; the null knows the p-values of pivots up to this one alone.
    n_beyond
        Number of draws with a larger log pivot, which are only counted; 0 if all draws are kept.
    """

    factors: NDArray[np.float64]
    log_tails: NDArray[np.float64]
    extrapolate: bool = True
    present: NDArray[np.bool_] | None = field(default=None, repr=False, compare=False)
    max_draws: int = 0
    seed: int = 0
    bins: str = ""
    known_to: float = 0.0
    n_beyond: int = 0

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of the null, with any number of draws if it may be continued; empty if the bins are not known."""
        if not self.bins:
            return ""
        numbers = [self.factors] if self.max_draws else [self.factors, self.log_tails]
        content = (part.astype("<f8").tobytes() for part in numbers)
        return digest([(self.bins, self.extrapolate, self.max_draws, self.seed), *content])

    def of_present(self, present: NDArray[np.bool_] | None) -> "Null":
        """The same null for a matrix with missing values, which has `present`; itself if that is None."""
        return self if present is None else replace(self, present=present)

    def common_share(self, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
        """Share of the samples that both genes of each pair have; 1 where no value is missing."""
        if self.present is None:
            return np.ones(len(first))
        n_common = np.empty(len(first), np.int64)
        common_samples(self.present, first, second, n_common)
        return n_common / self.present.shape[1]

    def unscaled(
        self, scaled: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """MI (bits) of pairs, from MI times the share of common samples; 0 without a common sample."""
        if self.present is None:
            return scaled
        share = self.common_share(first, second)
        return np.divide(scaled, share, out=np.zeros_like(scaled), where=share > 0)

    def _scaled(
        self, mi: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """The statistic whose null the factors describe: MI times the share of samples that both genes have."""
        return mi if self.present is None else mi * self.common_share(first, second)

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.log_tails) + self.n_beyond

    @property
    def resolution(self) -> float:
        """Smallest empirical p-value, 1 / (1 + n_draws)."""
        return 1.0 / (1 + self.n_draws)

    @property
    def n_tail(self) -> int:
        """Number of most extreme draws that the tail is fitted to."""
        return min(TAIL_DRAWS, max(10, int(self.n_draws * TAIL_SHARE)))

    @cached_property
    def _excesses(self) -> NDArray[np.float64]:
        """Differences in log pivot between the tail's anchor and each of the most extreme draws."""
        return self.log_tails[self.n_tail] - self.log_tails[: self.n_tail]

    @cached_property
    def tail_exponent(self) -> float:
        """Exponent of the extrapolated tail: below the resolution p is proportional to pivot ** tail_exponent.

        It is Hill's estimate from the most extreme draws (`genenet.statistics.hill`), at most 1.
        """
        return tail_exponent(float(np.mean(self._excesses)))

    @cached_property
    def tail_fit_pvalue(self) -> float:
        """Goodness of fit of the extrapolated tail: Kolmogorov-Smirnov p-value of the most extreme draws against it.

        By the limiting distribution with the correction for the number of draws of Stephens (1970), J. R. Stat. Soc. B
        32: 115-122: scipy.stats, which has the exact one, takes longer to import than a small matrix to analyse.
        """
        from scipy.special import expm1, kolmogorov  # numpy's expm1 differs between processors

        tail = -expm1(-np.sort(self._excesses * self.tail_exponent))
        n = len(tail)
        places = np.arange(n + 1) / n
        distance = max(float(np.max(places[1:] - tail)), float(np.max(tail - places[:-1])))
        return float(kolmogorov((np.sqrt(n) + 0.12 + 0.11 / np.sqrt(n)) * distance))

    def log_pivots(
        self, mi: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Natural logarithm of the pivot of pairs with this MI (bits)."""
        out = np.empty(len(mi))
        log_tails(self._scaled(mi, first, second), first, second, self.factors, out)
        return out

    def are_extreme(
        self, mi: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32], log_pivot: float
    ) -> NDArray[np.bool_]:
        """Whether pairs with this MI (bits) have at most this log pivot; it is computed only near the bound."""
        out = np.empty(len(mi), bool)
        are_extreme(self._scaled(mi, first, second), first, second, self.bound(log_pivot), out)
        return out

    def bound(self, log_pivot: float) -> PivotBound:
        """Upper bound of the log pivot in the form that kernels take; it is computed once for each value."""
        if log_pivot not in self._bounds:
            self._bounds[log_pivot] = PivotBound(self.factors, critical_curve(log_pivot, self.factors), log_pivot)
        return self._bounds[log_pivot]

    @cached_property
    def _bounds(self) -> dict[float, PivotBound]:
        return {}

    def pvalue_classes(self, log_pivots: NDArray[np.float64]) -> NDArray[np.int32]:
        """Number pivots by their p-values, from the smallest p-value up: one class for each p-value that can occur.

        Class `n_extrapolated` + c is for c draws that are at least as extreme. Classes below `n_extrapolated` are those
        of extrapolated p-values, which are rounded up to powers of exp(-0.001).

        Raises
        ------
        ValueError
            If draws as large as a pivot are only counted.
        """
        if self.n_beyond and np.max(log_pivots, initial=-np.inf) > self.known_to:
            raise ValueError(f"the draws of this null are known up to a log pivot of {self.known_to:.6g}")
        classes = np.empty(len(log_pivots), np.int32)
        find_classes(log_pivots, self.log_tails, self._index, self._tail, classes)
        return classes

    @property
    def n_extrapolated(self) -> int:
        """Number of classes of extrapolated p-values, down to 1e-300."""
        return int(-log(SMALLEST_PVALUE) / EXTRAPOLATED_STEP) + 2

    @property
    def n_classes(self) -> int:
        """Number of p-value classes."""
        return self.n_extrapolated + self.n_draws + 1

    @property
    def _tail(self) -> Extrapolation:
        return Extrapolation(
            is_wanted=self.extrapolate,
            log_anchor=log((self.n_tail + 1) * self.resolution),
            anchor=float(self.log_tails[self.n_tail]),
            exponent=self.tail_exponent,
            step=EXTRAPOLATED_STEP,
            n_classes=self.n_extrapolated,
        )

    def pvalues(self, log_pivots: NDArray[np.float64]) -> NDArray[np.float64]:
        """P-values of pivots.

        p = (1 + c) / (1 + n_draws) with c the number of draws at least as extreme (Phipson & Smyth 2010,
        doi:10.2202/1544-6115.1585). Where no draw is as extreme and `extrapolate` is set, the fitted tail goes on from
        the anchor, the (n_tail + 1)-th most extreme draw: p = p_anchor * (pivot / pivot_anchor) ** tail_exponent, at
        most the resolution, rounded up to a power of exp(-0.001). Not below 1e-300.

        Examples
        --------
        >>> null = Null(np.ones((1, 3)), np.log(np.arange(1, 1000) / 1000))
        >>> p = null.pvalues(np.log([0.5, 0.0105, 0.0001]))
        >>> [round(value, 6) for value in p.tolist()], null.is_extrapolated(p).tolist()
        ([0.501, 0.011, 0.0001], [False, False, True])
        """
        return self.class_pvalues(self.pvalue_classes(log_pivots))

    def class_pvalues(self, classes: NDArray[np.int32]) -> NDArray[np.float64]:
        """P-value of each class."""
        pvalues = np.empty(len(classes))
        class_pvalues(classes, self.n_draws, EXTRAPOLATED_STEP, self.n_extrapolated, SMALLEST_PVALUE, pvalues)
        return pvalues

    def largest_log_pivot_of(self, pvalue_class: int) -> float:
        """Largest log pivot of this p-value class or a more extreme one, at most `known_to`."""
        counted = pvalue_class - self.n_extrapolated
        if counted >= len(self.log_tails):
            return self.known_to
        bound = float(np.nextafter(self.log_tails[max(counted, 0)], -np.inf))
        if counted >= 0:
            return bound
        return largest_float(lambda x: bool(self.pvalue_classes(np.array([x]))[0] <= pvalue_class), -np.inf, bound)

    def is_extrapolated(self, pvalues: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each p-value is extrapolated: below 2 * resolution, that of a pivot which one draw reaches."""
        return (pvalues < 1.5 * self.resolution) & self.extrapolate

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        """Number of draws below each point of an even grid: the search for a pivot starts there."""
        grid = np.linspace(self.log_tails[0], self.log_tails[-1], INDEX_SIZE)
        return np.searchsorted(self.log_tails, grid, side="left")

    def needed_up_to(self, pvalue: float) -> float:
        """Log pivot up to which draws have to be kept for p-values up to this one, also when the null is continued.

        Those that the tail is fitted to are among them.
        """
        if len(self.log_tails) <= TAIL_DRAWS:
            return self.known_to
        return max(self.log_pivot_at(SPREAD * pvalue), float(self.log_tails[TAIL_DRAWS]))

    def log_pivot_at(self, pvalue: float) -> float:
        """Upper bound of the log pivots whose p-value is `pvalue` or less."""
        # p = (1 + c) / (1 + n_draws) <= pvalue if c, the number of draws at least as extreme, is at most n_allowed.
        n_allowed = int(pvalue * (1 + self.n_draws) + 1e-9) - 1
        return self.largest_log_pivot_of(self.n_extrapolated + max(n_allowed, 0))


def draws_wanted(pvalue: float) -> int:
    """Number of draws that lets DRAWS_BEYOND of them be expected to be as extreme as this p-value.

    Examples
    --------
    >>> draws_wanted(1e-4)
    1000000
    """
    return int(np.ceil(DRAWS_BEYOND / pvalue - 1e-9))


def draws_needed(pvalue: float) -> int:
    """Number of draws whose resolution reaches this p-value.

    Examples
    --------
    >>> draws_needed(1e-4)
    9999
    """
    return int(np.ceil(1.0 / pvalue - 1e-9)) - 1


def samples_needed(mi: float, null: Null, n_samples: int, pvalue: float) -> int:
    """Roughly how many samples an MI (bits) needs to reach a p-value, for two genes with this null's median margins.

    Parameters
    ----------
    mi
        Mutual information in bits.
    null, n_samples
        A null and the number of samples that it was made from.
    pvalue
        P-value to reach.

    Examples
    --------
    >>> hard_bins = Null(np.array([[1.0, 0.5, 0.8]]), np.zeros(1))
    >>> samples_needed(0.2, hard_bins, 50, 1e-3) > samples_needed(0.4, hard_bins, 50, 1e-3)
    True
    """
    typical = np.median(null.factors, axis=0, keepdims=True)
    mean, deviation, skewness = (float(value[0]) for value in pair_moments(typical, np.zeros(1, int), np.zeros(1, int)))
    z_score = float(critical_z(float(np.log(pvalue)), np.array([skewness]))[0])
    # Mean and standard deviation both fall as 1 / n.
    return int(np.ceil(n_samples * (mean + z_score * deviation) / mi))


def largest_float(fulfils: Callable[[float], bool], low: float, high: float) -> float:
    """Largest float64 from `low` to `high` that fulfils a condition which holds up to some number and not above it.

    The search bisects the ranks of the floats, not their values: it needs at most 64 calls, whatever the range.

    Parameters
    ----------
    fulfils
        The condition.
    low, high
        Range; `low` is assumed to fulfil the condition.

    Examples
    --------
    >>> largest_float(lambda x: x * x <= 2.0, 0.0, np.inf)
    1.414213562373095
    >>> largest_float(lambda x: x <= -1e-300, -np.inf, -1.0)
    -1.0
    """
    first, last = _place(low), _place(high)
    while first < last:
        middle = (first + last + 1) // 2
        if fulfils(_float_at(middle)):
            first = middle
        else:
            last = middle - 1
    return _float_at(first)


def _place(number: float) -> int:
    """Rank of a float64 among all: 0 for 0.0, negative below it."""
    bits = int(np.float64(number).view(np.int64))
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def _float_at(place: int) -> float:
    """Give the float64 of a rank (see `_place`)."""
    size = float(np.int64(abs(place)).view(np.float64))
    return size if place >= 0 else -size
