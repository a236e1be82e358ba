"""Estimators that are not the plug-in: mutual information of all pairs, and its null distribution.

They enter the data path in two places, and everything after is the same: `genenet.permutation.permutation_null` takes
the null of the pivot from `estimated_null`, and `genenet.information.information` goes through the pairs with
`PairScreen`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.config import Permutation
from genenet.discretise import Bins
from genenet.errors import InputError
from genenet.estimators.neighbours import Algorithm, psi_table
from genenet.information import Screen, threshold_polynomial
from genenet.kernels import corrected, gaussian, neighbours, partitioning
from genenet.kernels.packing import LANES
from genenet.kernels.rows import mark_rows
from genenet.kernels.weights import mid_ranks, z_scores
from genenet.permutation import DRAWS_AT_ONCE, LOG2_E, Null, default_draws, margin_moments, stream_key

# Chi-square with 3 degrees of freedom is above this with a probability of 0.05 (ARACNe's limit).
CHI_SQUARE_LIMIT = 7.815
# Values of the table of MI that a screen of the pairs works on at a time.
CELLS_AT_ONCE = 1 << 20
SMALLEST_SKEWNESS = 0.05


@dataclass(frozen=True)
class PairEstimator:
    """MI of pairs of genes, in nats; may be below 0.

    Attributes
    ----------
    row_kernel, draw_kernel
        Compiled loops over the pairs of rows of the table of all pairs, and over pairs with permuted samples.
    data
        Their first arguments: the genes, prepared.
    """

    row_kernel: Callable[..., None]
    draw_kernel: Callable[..., None]
    data: tuple[Any, ...]

    def rows(
        self, rows: NDArray[np.int64], is_row: NDArray[np.bool_], first_column: int, mi: NDArray[np.float64]
    ) -> None:
        """Fill the table of row genes x all genes, from first_column on, where the pair belongs to the row."""
        self.row_kernel(*self.data, rows, is_row, first_column, mi)

    def draws(
        self,
        first: NDArray[np.int64],
        second: NDArray[np.int64],
        key: np.uint64,
        start: int,
        mi: NDArray[np.float64],
        strata: "Strata",
    ) -> None:
        """Compute pairs with one gene's samples permuted; pair p uses the random stream start + p."""
        self.draw_kernel(*self.data, first, second, key, start, strata.members, strata.starts, mi)


@dataclass(frozen=True)
class Strata:
    """Groups that samples stay in when they are permuted.

    Attributes
    ----------
    members
        int64, shape (n_samples,): the samples, stratum by stratum.
    starts
        int64, shape (n_strata + 1,): where each stratum starts in members.
    """

    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, codes: NDArray[np.int64]) -> "Strata":
        """Make strata of the number of each sample's stratum, 0 .. n_strata - 1.

        Examples
        --------
        >>> strata = Strata.of(np.array([1, 0, 1]))
        >>> strata.members.tolist(), strata.starts.tolist()
        ([1, 0, 2], [0, 1, 3])
        """
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
        return cls(np.argsort(codes, kind="stable").astype(np.int64), starts.astype(np.int64))


def gaussian_estimator(positions: NDArray[np.float64]) -> PairEstimator:
    """Estimate MI as -1/2 ln(1 - r^2), that of two normal variables with this correlation.

    What r is follows from the coordinate: Pearson's of `value` (clipped to 3 standard deviations), Spearman's of
    `rank`, that of the Gaussian copula of `normal_score`. Derived from correlation: blind to all that is not monotone.
    At most 20 bits.
    """
    scores = np.empty_like(positions)
    z_scores(positions, scores)
    return PairEstimator(gaussian.gaussian_rows, gaussian.gaussian_draws, (scores,))


def ksg_estimator(positions: NDArray[np.float64], n_neighbours: int, algorithm: Algorithm = 1) -> PairEstimator:
    """Estimate MI by nearest neighbours, algorithm 1 or 2 of Kraskov et al. (2004), doi:10.1103/PhysRevE.69.066138.

    Ties are counted as cells (`genenet.kernels.neighbours`); nothing is random.
    """
    n_samples = positions.shape[1]
    if n_neighbours >= n_samples:
        raise InputError(
            f"information.n_neighbours is {n_neighbours:,}, but there are {n_samples:,} samples; it must be less"
        )
    order = np.argsort(positions, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(n_samples)[None], axis=1)
    tables = positions, np.take_along_axis(positions, order, axis=1), order, place
    options = n_neighbours, algorithm, psi_table(n_samples)
    return PairEstimator(neighbours.ksg_rows, neighbours.ksg_draws, (*tables, *options))


def ross_estimator(codes: NDArray[np.int64], positions: NDArray[np.float64], n_neighbours: int) -> PairEstimator:
    """Estimate MI of a discrete variable with genes by nearest neighbours.

    Ross (2014), doi:10.1371/journal.pone.0087357.

    Parameters
    ----------
    codes
        Label of each sample, 0 .. n_labels - 1, each at least twice.
    positions
        Shape (n_genes + 1, n_samples); the last row, the place of the discrete variable, is not used.
    """
    order = np.argsort(positions, axis=1, kind="stable")
    tables = codes, np.bincount(codes), np.take_along_axis(positions, order, axis=1), order
    return PairEstimator(neighbours.ross_rows, neighbours.ross_draws, (*tables, n_neighbours, psi_table(len(codes))))


def adaptive_estimator(positions: NDArray[np.float64]) -> PairEstimator:
    """Estimate MI by the adaptive partitioning of Darbellay & Vajda (1999), doi:10.1109/18.761290.

    With ARACNe's limit for a further cut. Depends on ranks only, whatever the coordinate.
    """
    ranks = np.empty_like(positions)
    mid_ranks(positions, ranks)
    doubled = np.rint(2 * ranks).astype(np.int32)
    below = np.zeros((len(doubled), 2 * doubled.shape[1] + 2), np.int32)
    for gene, row in enumerate(doubled):
        below[gene] = np.bincount(row, minlength=below.shape[1]).cumsum()
    return PairEstimator(partitioning.adaptive_rows, partitioning.adaptive_draws, (doubled, below, CHI_SQUARE_LIMIT))


def corrected_estimator(bins: Bins) -> PairEstimator:
    """Estimate MI from the joint counts with a correction of its bias (see `genenet.estimators.corrections`).

    The table of a pair has a cell for each pair of bins that hold samples. Soft counts have no number of occupied
    cells that means anything: there Miller-Madow subtracts what the plug-in is too large by on average if the genes
    are independent, which for hard bins is the same to first order.
    """
    correction = {
        "plugin": (corrected.NONE, 0.0, 0.0),
        "miller_madow": (corrected.MILLER_MADOW, 0.0, 0.0),
        "shrink": (corrected.SHRINK, 0.0, 0.0),
        "jeffreys": (corrected.PSEUDO_COUNTS, 0.5, 0.0),
        "laplace": (corrected.PSEUDO_COUNTS, 1.0, 0.0),
        "perks": (corrected.PSEUDO_COUNTS, 0.0, 1.0),
        "minimax": (corrected.PSEUDO_COUNTS, 0.0, float(np.sqrt(bins.n_samples))),
    }[bins.estimator]
    biases = np.full(bins.n_genes, np.nan)
    if bins.total > 1:
        biases = margin_moments(bins)[:, 0] / np.sqrt(2.0 * (bins.n_samples - 1))
    tables = bins.weights, bins.margins * bins.total, bins.total_count, biases
    return PairEstimator(corrected.corrected_rows, corrected.corrected_draws, (*tables, *correction))


def pair_estimator(bins: Bins) -> PairEstimator:
    """Make the estimator that the bins, or positions, are for."""
    if bins.positions is None:
        return corrected_estimator(bins)
    if bins.estimator == "gaussian":
        return gaussian_estimator(bins.positions)
    if bins.estimator in ("ksg", "ksg2"):
        return ksg_estimator(bins.positions, bins.n_neighbours, 1 if bins.estimator == "ksg" else 2)
    return adaptive_estimator(bins.positions)


def estimated_matrix(bins: Bins) -> NDArray[np.float64]:
    """MI of all pairs in bits, symmetric, not clipped at 0; the diagonal, which is not estimated, is 0."""
    matrix = np.zeros((bins.n_genes, bins.n_genes))
    everything = np.ones(bins.n_genes, bool)
    pair_estimator(bins).rows(np.arange(bins.n_genes), everything, 0, matrix)
    return (matrix + matrix.T) * LOG2_E


def estimated_null(
    bins: Bins, settings: Permutation, *, seed: int = 0, progress: Callable[[int], None] | None = None
) -> Null:
    """Draw the null distribution of an estimator that is not the plug-in.

    Each draw is a random tested gene and a random other one, with the samples of one of them permuted. A pair's null
    mean and standard deviation are taken as products of its genes' numbers, as for the plug-in. For `gaussian` these
    follow from n alone: under permutation r^2 has the mean 1 / (n - 1) whatever the margins. Otherwise each gene's are
    estimated from a quarter as many draws of their own, as far as genes differ by more than chance.
    """
    n_draws = settings.n_draws or default_draws(bins.n_pairs)
    # Draws that factors are estimated from are no null for these: they come on top.
    n_more = 0 if bins.estimator == "gaussian" else n_draws // 4
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(3,)))
    rows, tested = bins.rows, np.flatnonzero(bins.n_partners)
    first = rows[rng.integers(len(rows), size=n_draws + n_more)]
    second = tested[rng.integers(len(tested), size=n_draws + n_more)]
    estimator, key = pair_estimator(bins), stream_key(seed, 1)
    strata = Strata.of(np.zeros(bins.n_samples, np.int64))
    mi = np.empty(n_draws + n_more)
    for start in range(0, len(mi), DRAWS_AT_ONCE):
        part = slice(start, start + DRAWS_AT_ONCE)
        estimator.draws(first[part], second[part], key, start, mi[part], strata)
        if progress:
            progress(len(mi[part]))
    mi = np.maximum(mi, 0.0) * LOG2_E
    if bins.estimator == "gaussian":
        n = bins.n_samples
        chi_square = [np.sqrt(LOG2_E / (2 * (n - 1))), np.sqrt(LOG2_E / (n * np.sqrt(2))), 8**0.25]
        factors = np.tile(chi_square, (bins.n_genes, 1))
    else:
        factors = estimated_factors(mi[n_draws:], first[n_draws:], second[n_draws:], bins.n_genes)
    genes = first[:n_draws].astype(np.int32), second[:n_draws].astype(np.int32)
    pivots = Null(factors, np.zeros(1)).log_pivots(mi[:n_draws], *genes)
    return Null(factors, np.sort(pivots), settings.extrapolate)


def estimated_factors(
    mi: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64], n_genes: int
) -> NDArray[np.float64]:
    """Estimate each gene's factors of a pair's null mean, standard deviation and skewness, shape (n_genes, 3).

    A gene's mean over its draws, of random partners, is its factor times the mean factor; so are the squared
    differences from the products of the means for the variance. Both are shrunk towards the mean of all genes by what
    their spread owes to chance (empirical Bayes). Skewness is one number for all.

    Parameters
    ----------
    mi
        MI of draws, not negative, shape (n_draws,).
    first, second
        Genes of each draw.
    """
    grand_mean = float(mi.mean())
    if grand_mean <= 0:
        raise InputError(
            "the estimator finds no information in any permuted pair, so nothing can be compared with it;"
            " choose another information.estimator"
        )
    means = _shrunk_means(mi, first, second, n_genes, float(mi.var())) / np.sqrt(grand_mean)
    squares = (mi - means[first] * means[second]) ** 2
    variance = float(squares.mean())
    variances = _shrunk_means(squares, first, second, n_genes, float(squares.var()))
    deviations = np.sqrt(np.maximum(variances, 0.01 * variance) / np.sqrt(variance))
    z = (mi - means[first] * means[second]) / (deviations[first] * deviations[second])
    skewness = max(float(np.mean(z**3)), SMALLEST_SKEWNESS)
    return np.column_stack([means, deviations, np.full(n_genes, np.sqrt(skewness))])


def _shrunk_means(
    values: NDArray[np.float64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    n_genes: int,
    variance: float,
) -> NDArray[np.float64]:
    """Mean of the values of each gene's draws, shrunk towards the mean of all; variance: of single values."""
    counts = np.bincount(first, minlength=n_genes) + np.bincount(second, minlength=n_genes)
    sums = np.bincount(first, values, n_genes) + np.bincount(second, values, n_genes)
    mean = float(values.mean())
    own = np.divide(sums, counts, where=counts > 0, out=np.full(n_genes, mean))
    chance = variance / np.maximum(counts, 1)
    between = max(float(np.var(own)) - float(chance.mean()), 0.0)
    return mean + between / (between + chance) * (own - mean)


class PairScreen(Screen[PairEstimator]):
    """The pass over the pairs with a `PairEstimator`: exact MI of all, marked where it reaches the threshold."""

    def __init__(self, bins: Bins, null: Null, alpha: float) -> None:
        self.bins = bins
        self.null = null
        self.log_pivot = null.log_pivot_at(alpha)
        self.threshold = threshold_polynomial(self.log_pivot, null.factors)

    def prepared(self, bins: Bins) -> PairEstimator:
        """See `Screen`."""
        return pair_estimator(bins)

    def rows_at_once(self, data: PairEstimator) -> int:
        """See `Screen`."""
        return max(16, CELLS_AT_ONCE // self.bins.n_genes)

    def values(
        self, data: PairEstimator, rows: NDArray[np.int64], first_group: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int32]]:
        """See `Screen`."""
        n_groups = -(-self.bins.n_genes // LANES)
        exact = np.zeros((len(rows), n_groups * LANES))
        is_row = np.zeros(self.bins.n_genes, bool)
        is_row[self.bins.rows] = True
        data.rows(rows, is_row, first_group * LANES, exact)
        np.maximum(exact, 0.0, out=exact)
        exact *= LOG2_E
        masks = np.empty((len(rows), n_groups), np.int32)
        mark_rows(exact, self.null.factors, self.threshold, rows, first_group, masks)
        return exact.astype(np.float32), exact, masks
