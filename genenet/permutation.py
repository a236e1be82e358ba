"""The permutation null of mutual information, and p-values from it.

Under permutation of one gene's samples, 2 n MI of a pair behaves to second order as a weighted sum of chi-squares whose
weights are products of the two genes' own eigenvalues. So three numbers a gene give every pair's null mean, variance
and skewness, and with a Pearson III (shifted gamma) distribution a tail probability: the pivot. The pivot is comparable
between all pairs, whatever their margins, and it alone is calibrated by permutation: p-values count how often permuted
pairs of this matrix have a pivot as extreme.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from genenet.config import Permutation
from genenet.discretise import Bins
from genenet.errors import InputError, quote_some
from genenet.kernels import weights as kernels
from genenet.kernels.packing import LANES, in_lanes, pack
from genenet.kernels.pairs import draw_null
from genenet.kernels.tail import are_extreme, find_levels, level_pvalues, log, log_pearson3_tail, log_tails

logger = logging.getLogger("genenet")

LOG2_E = 1.4426950408889634
# What stands for a standard deviation of 0, as a share of that of other genes.
NO_DEVIATION = 1e-3
# Draws that the tail below the resolution is fitted to: the most extreme ones, at most this many and at most this
# share.
TAIL_DRAWS = 1_000
TAIL_SHARE = 0.001
SMALLEST_PVALUE = 1e-300
# Extrapolated p-values are rounded up to a multiple of this, as natural logarithms.
EXTRAPOLATED_STEP = 1e-3
# Degree of the curve of deviations that have one pivot, and what is added to the largest error that was seen.
CURVE_DEGREE = 7
CURVE_MARGIN = 1e-3
INDEX_SIZE = 1 << 16
DRAWS_AT_ONCE = 1 << 18
# Draws by default: what resolves one significant edge at 0.05, within limits of precision and of time.
DRAWS_PER_PAIR = 20
FEWEST_DRAWS, MOST_DRAWS = 1_000_000, 10_000_000


@dataclass(frozen=True)
class Null:
    """Null distribution of all pairs of one matrix.

    Attributes
    ----------
    factors
        float64, shape (n_genes, 3). A pair's null mean and standard deviation (bits) and skewness are the products of
        its two genes' factors.
    log_tails
        float64, shape (n_draws,), ascending: natural logarithm of the pivot of each draw.
    extrapolate
        Whether p-values go on below the resolution.
    """

    factors: NDArray[np.float64]
    log_tails: NDArray[np.float64]
    extrapolate: bool = True

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.log_tails)

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
        """How far beyond the tail's anchor the most extreme draws lie (natural logarithm of the pivot)."""
        return self.log_tails[self.n_tail] - self.log_tails[: self.n_tail]

    @cached_property
    def tail_exponent(self) -> float:
        """How fast p-values fall with the pivot beyond the draws: p is proportional to pivot ** tail_exponent.

        1 where the pivot is right. Below 1 (Hill's estimate from the most extreme draws) where the null's tail is
        heavier than Pearson III; never above 1, which could only make p-values smaller.
        """
        return min(1.0, 1.0 / max(float(np.mean(self._excesses)), 1e-12))

    @cached_property
    def tail_fit_pvalue(self) -> float:
        """Goodness of fit of the extrapolated tail: Kolmogorov-Smirnov p-value of the most extreme draws against it."""
        from scipy.stats import kstest  # slow to import, and one step needs it only

        return float(kstest(self._excesses * self.tail_exponent, "expon").pvalue)

    def log_pivots(
        self, mi: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Natural logarithm of the pivot of pairs with this MI (bits)."""
        out = np.empty(len(mi))
        log_tails(mi, first, second, self.factors, out)
        return out

    def are_extreme(
        self, mi: NDArray[np.float64], first: NDArray[np.int32], second: NDArray[np.int32], most: float
    ) -> NDArray[np.bool_]:
        """Whether the log pivot of pairs with this MI (bits) is at most `most`; computed only where it is close."""
        out = np.empty(len(mi), bool)
        are_extreme(mi, first, second, self.factors, self.curve(most), most, out)
        return out

    def curve(self, log_pivot: float) -> NDArray[np.float64]:
        """See `deviation_curve`; asked for again and again for the same bound, and made once."""
        if log_pivot not in self._curves:
            self._curves[log_pivot] = deviation_curve(log_pivot, self.factors)
        return self._curves[log_pivot]

    @cached_property
    def _curves(self) -> dict[float, NDArray[np.float64]]:
        return {}

    def levels(self, log_pivots: NDArray[np.float64]) -> NDArray[np.int32]:
        """Number pivots by their p-values: pivots of the same level have the same p-value, and none is in between.

        Level `n_extrapolated` + c is for c draws that are at least as extreme. Levels below `n_extrapolated` are those
        of extrapolated p-values, which are rounded up to a grid of a thousandth.
        """
        levels = np.empty(len(log_pivots), np.int32)
        find_levels(log_pivots, self.log_tails, self._index, self.extrapolate, *self._tail, levels)
        return levels

    @property
    def n_extrapolated(self) -> int:
        """Number of levels of extrapolated p-values, down to 1e-300."""
        return int(-log(SMALLEST_PVALUE) / EXTRAPOLATED_STEP) + 2

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return self.n_extrapolated + self.n_draws + 1

    @property
    def _tail(self) -> tuple[float, float, float, float, int]:
        """Anchor of the extrapolated tail (logarithms of p-value and pivot), its exponent, its levels."""
        log_anchor = log((self.n_tail + 1) * self.resolution)
        return (
            log_anchor,
            float(self.log_tails[self.n_tail]),
            self.tail_exponent,
            EXTRAPOLATED_STEP,
            self.n_extrapolated,
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
        return self.level_pvalues(self.levels(log_pivots))

    def level_pvalues(self, levels: NDArray[np.int32]) -> NDArray[np.float64]:
        """P-value of each level."""
        pvalues = np.empty(len(levels))
        level_pvalues(levels, self.n_draws, EXTRAPOLATED_STEP, self.n_extrapolated, SMALLEST_PVALUE, pvalues)
        return pvalues

    def largest_log_pivot_of(self, level: int) -> float:
        """Largest log pivot of this level or a more extreme one."""
        counted = level - self.n_extrapolated
        if counted >= self.n_draws:
            return 0.0
        bound = float(np.nextafter(self.log_tails[max(counted, 0)], -np.inf))
        if counted >= 0:
            return bound
        log_anchor, anchor, exponent, *_ = self._tail
        guess = anchor + ((counted + 1) * EXTRAPOLATED_STEP - log_anchor) / exponent
        # Rounding may put the bound a little to either side.
        steps = np.array([guess])
        while self.levels(steps)[0] > level:
            steps = np.nextafter(steps, -np.inf)
        while steps[0] < bound and self.levels(np.nextafter(steps, np.inf))[0] <= level:
            steps = np.nextafter(steps, np.inf)
        return min(float(steps[0]), bound)

    def is_extrapolated(self, pvalues: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which p-values are below all that were counted (a count of 1 gives twice the resolution)."""
        return (pvalues < 1.5 * self.resolution) & self.extrapolate

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        """Number of draws below each point of an even grid over them: where to start looking."""
        grid = np.linspace(self.log_tails[0], self.log_tails[-1], INDEX_SIZE)
        return np.searchsorted(self.log_tails, grid, side="left")

    def log_pivot_at(self, pvalue: float) -> float:
        """Largest log pivot whose p-value can still be `pvalue` or less (a bound: pairs above it are not needed)."""
        # p = (1 + c) / (1 + n_draws) <= pvalue where c, the number of draws at least as extreme, is at most `most`.
        most = int(pvalue * (1 + self.n_draws) + 1e-9) - 1
        return self.largest_log_pivot_of(self.n_extrapolated + max(most, 0))


def margin_moments(bins: Bins) -> NDArray[np.float64]:
    """Traces of the first three powers of each gene's matrix C, shape (n_genes, 3).

    C_ab is the covariance over samples of the weights in bins a and b, divided by sqrt(p_a p_b), p the margin. For hard
    bins C is a projection and all three traces are the number of occupied bins less one.

    Examples
    --------
    >>> from anndata import AnnData
    >>> from genenet.config import Discretise
    >>> from genenet.discretise import discretise
    >>> adata = AnnData(np.array([[0.0], [0.0], [0.0], [1.0], [2.0]]))
    >>> margin_moments(discretise(adata, Discretise(method="codes"))).round(12).tolist()
    [[2.0, 2.0, 2.0]]
    """
    moments = np.empty((bins.n_genes, 3))
    kernels.margin_moments(bins.weights, bins.margins, bins.total, moments)
    return moments


def null_factors(bins: Bins) -> NDArray[np.float64]:
    """Each gene's factors of a pair's null mean (bits), standard deviation (bits) and skewness, shape (n_genes, 3).

    With S1, S2, S3 the traces of `margin_moments`, MI of a pair under permutation has mean S1x S1y / (2 (n - 1)),
    variance S2x S2y / (2 n^2) and third central moment S3x S3y / n^3 (nats), each a product of two genes' numbers.

    A gene in one bin, as Bayesian blocks can put it, has MI 0 with all. It gets factors by which 0 is far below what
    chance gives: p is 1.

    Raises
    ------
    InputError
        If all genes are in one bin.
    """
    traces = margin_moments(bins)
    one_bin = ~(traces[:, 1] > 0)
    if one_bin.any():
        genes = list(bins.genes[one_bin])
        some = f"{len(genes):,} of {bins.n_genes:,} genes fall into one bin only ({quote_some(genes)})"
        if one_bin.all():
            raise InputError(f"{some}; use more bins (discretise.n_bins), or another discretise.method")
        logger.warning("%s: they have no information about any other gene", some)
        traces[one_bin] = np.median(traces[~one_bin], axis=0)
    n = bins.n_samples
    mean = traces[:, 0] * sqrt(LOG2_E / (2 * (n - 1)))
    deviation = np.sqrt(traces[:, 1]) * sqrt(LOG2_E / (n * sqrt(2)))
    deviation[one_bin] *= NO_DEVIATION
    skewness = traces[:, 2] / (traces[:, 1] * np.sqrt(traces[:, 1])) * sqrt(sqrt(8))
    return np.column_stack([mean, deviation, skewness])


def permutation_null(
    bins: Bins, settings: Permutation | None = None, *, seed: int = 0, progress: Callable[[int], None] | None = None
) -> Null:
    """Draw the null distribution of the pivot.

    Each draw takes a random tested gene with its samples permuted and another random gene as it is; sixteen draws share
    a permutation. The random numbers of a draw follow from the seed and the draw's number alone.

    Parameters
    ----------
    bins
        Discretised expression.
    settings
        Number of draws; whether to extrapolate.
    seed
        Seed of the draws.
    progress
        Called with the number of draws done since the last call.
    """
    settings = settings or Permutation()
    if bins.estimator != "plugin":
        from genenet.pairwise import estimated_null

        return estimated_null(bins, settings, seed=seed, progress=progress)
    factors = null_factors(bins)
    # Neighbours in the matrix are often related (operons, probes of one gene): sixteen random genes share a
    # permutation, not neighbours. Genes that no list has are in no pair.
    tested = np.flatnonzero(bins.n_partners)
    shuffled = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))).permutation(tested)
    # Whole groups: genes that fill up the last one are drawn more often, no draw is lost. Fewer genes than that fill
    # one group, and a gene's second draw from the same permutation would be no draw.
    order = np.resize(shuffled, -(-len(tested) // LANES) * LANES)
    n_distinct = min(LANES, len(tested))
    packed = pack(bins.weights[order])
    row_of_gene = np.empty(bins.n_genes, np.int64)
    row_of_gene[order[: len(tested)]] = np.arange(len(tested))
    rows = row_of_gene[bins.rows]
    margins = bins.margins * bins.total
    n_draws = settings.n_draws or default_draws(bins.n_pairs)
    tails = np.empty((-(-n_draws // n_distinct), LANES))
    for start in range(0, len(tails), DRAWS_AT_ONCE // LANES):
        part = tails[start : start + DRAWS_AT_ONCE // LANES]
        draw_null(
            packed.x, packed.y, packed.tile_x, packed.tile_y, bins.n_bins,
            margins[order].astype(np.int32), in_lanes(margins[order].astype(np.int32)), 1.0 / bins.total_count,
            bins.entropies[order], in_lanes(bins.entropies[order]), factors[order], in_lanes(factors[order]),
            rows, bins.n_samples, stream_key(seed, 1), start, np.empty_like(part), part,
        )  # fmt: skip
        if progress:
            progress(len(part) * n_distinct)
    return Null(factors, np.sort(tails[:, :n_distinct].ravel()[:n_draws]), settings.extrapolate)


def default_draws(n_pairs: int) -> int:
    """Number of draws where the settings leave it open: 20 a pair tested, between 1 and 10 million.

    Examples
    --------
    >>> default_draws(4_950), default_draws(100_000), default_draws(200_000_000)
    (1000000, 2000000, 10000000)
    """
    return min(max(DRAWS_PER_PAIR * n_pairs, FEWEST_DRAWS), MOST_DRAWS)


def stream_key(seed: int, purpose: int) -> np.uint64:
    """Key of the random numbers for one purpose."""
    return np.uint64(np.random.SeedSequence(seed, spawn_key=(purpose,)).generate_state(1, np.uint64)[0])


def deviation_at(log_pivot: float, skewness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations above its mean at which a Pearson III variable has this log tail probability (bisection)."""
    low, high = -2.0 / skewness, np.full(len(skewness), 10.0)
    tail = np.vectorize(log_pearson3_tail, otypes=[float])
    while (tail(high, skewness) > log_pivot).any():
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        above = tail(middle, skewness) > log_pivot
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def deviation_curve(log_pivot: float, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations above its mean at which a pair's log pivot is `log_pivot`, as a function of its skewness.

    A margin, and a polynomial, highest power first, that is within it for the skewnesses that pairs of these genes can
    have.
    """
    if log_pivot >= 0.0 or log_pivot == -np.inf:
        return np.array([0.0, -np.inf if log_pivot >= 0.0 else np.inf])
    nodes, heights, fitted = fitted_deviation(log_pivot, factors)
    margin = 1.5 * float(np.max(np.abs(heights - fitted(nodes)))) + CURVE_MARGIN
    return np.array([margin, *fitted.coef[::-1]])


def fitted_deviation(
    log_pivot: float, factors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], np.polynomial.Polynomial]:
    """Skewnesses over the range of the pairs of these genes, `deviation_at` them, and a polynomial fitted to that."""
    # Genes with the same margins have one skewness; powers of it are told apart on a range only, so it is made wide.
    nodes = np.linspace(factors[:, 2].min() ** 2 / 1.5, factors[:, 2].max() ** 2 * 1.5, 200)
    heights = deviation_at(log_pivot, nodes)
    return nodes, heights, np.polynomial.Polynomial.fit(nodes, heights, CURVE_DEGREE).convert()


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
        What to reach.

    Examples
    --------
    >>> hard_bins = Null(np.array([[1.0, 0.5, 0.8]]), np.zeros(1))
    >>> samples_needed(0.2, hard_bins, 50, 1e-3) > samples_needed(0.4, hard_bins, 50, 1e-3)
    True
    """
    mean, deviation, skewness = np.median(null.factors, axis=0) ** 2
    height = float(deviation_at(float(np.log(pvalue)), np.array([skewness]))[0])
    # Mean and standard deviation both fall as 1 / n.
    return int(np.ceil(n_samples * (mean + height * deviation) / mi))
