"""Estimators of a pair's mutual information other than the plug-in, with the compiled loops over many pairs.

They are used in two places: `genenet.steps.permutation.estimated_null` draws their null, and
`genenet.estimators.estimated_pairs.EstimatedPass` computes all pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.errors import InputError
from genenet.estimators.corrections import pseudo_counts
from genenet.estimators.neighbours import Algorithm, psi_table
from genenet.kernels import corrected, gaussian, ksg, pairwise_complete, partitioning
from genenet.kernels.ranks import mid_ranks
from genenet.kernels.shuffling import PermutedPairs
from genenet.kernels.thresholds import Rows
from genenet.kernels.weights import z_scores
from genenet.products.bins import Bins, margin_moments
from genenet.products.strata import Strata

# Critical value of chi-square with 3 degrees of freedom at a level of 0.05 (ARACNe's limit).
CHI_SQUARE_LIMIT = 7.815
# Samples that two genes need in common.
FEWEST_COMMON = 10


@dataclass(frozen=True)
class PairEstimator:
    """MI of pairs of genes, in nats; may be below 0.

    Attributes
    ----------
    row_kernel, draw_kernel
        Compiled loops over rows of the table of all pairs, and over pairs with permuted samples.
    genes
        First argument of both: the prepared genes.
    """

    row_kernel: Callable[..., None]
    draw_kernel: Callable[..., None]
    genes: Any

    def rows(
        self, rows: NDArray[np.int64], is_row: NDArray[np.bool_], first_column: int, mi: NDArray[np.float64]
    ) -> None:
        """Fill the table of row genes x all genes, from first_column on, where the pair belongs to the row."""
        self.row_kernel(self.genes, Rows(rows, is_row, first_column), mi)

    def draws(
        self,
        first: NDArray[np.int64],
        second: NDArray[np.int64],
        key: np.uint64,
        start: int,
        mi: NDArray[np.float64],
        strata: Strata,
    ) -> None:
        """Compute pairs with one gene's samples permuted; pair p uses the random stream start + p."""
        pairs = PermutedPairs(first, second, key, start, strata.members, strata.starts)
        self.draw_kernel(self.genes, pairs, mi)


def gaussian_estimator(positions: NDArray[np.float64]) -> PairEstimator:
    """Estimate MI as -1/2 ln(1 - r^2), that of two normal variables with this correlation.

    The coordinate decides which correlation r is: Pearson's with `value` (clipped to 3 standard deviations), Spearman's
    with `rank`, that of the Gaussian copula with `normal_score`. Relations that are not monotone are not seen. MI is at
    most 20 bits.
    """
    scores = np.empty_like(positions)
    z_scores(positions, scores)
    return PairEstimator(gaussian.gaussian_rows, gaussian.gaussian_draws, scores)


def ksg_estimator(positions: NDArray[np.float64], n_neighbours: int, algorithm: Algorithm = 1) -> PairEstimator:
    """Estimate MI by nearest neighbours, algorithm 1 or 2 of Kraskov et al. (2004), doi:10.1103/PhysRevE.69.066138.

    Ties are counted as cells (`genenet.kernels.ksg`); nothing is random.
    """
    n_samples = positions.shape[1]
    if n_neighbours >= n_samples:
        raise InputError(
            f"information.n_neighbours is {n_neighbours:,}, but there are {n_samples:,} samples; it must be less"
        )
    order = np.argsort(positions, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(n_samples)[None], axis=1)
    ordered = np.take_along_axis(positions, order, axis=1)
    genes = ksg.SortedGenes(positions, ordered, order, place, n_neighbours, algorithm, psi_table(n_samples))
    return PairEstimator(ksg.ksg_rows, ksg.ksg_draws, genes)


def ross_estimator(codes: NDArray[np.int64], positions: NDArray[np.float64], n_neighbours: int) -> PairEstimator:
    """Estimate MI of a discrete variable with genes by nearest neighbours.

    Ross (2014), doi:10.1371/journal.pone.0087357.

    Parameters
    ----------
    codes
        Label of each sample, 0 .. n_labels - 1, each at least twice.
    positions
        Shape (n_genes + 1, n_samples); the last row stands for the discrete variable and is not used.
    """
    order = np.argsort(positions, axis=1, kind="stable")
    ordered = np.take_along_axis(positions, order, axis=1)
    genes = ksg.LabelledGenes(codes, np.bincount(codes), ordered, order, n_neighbours, psi_table(len(codes)))
    return PairEstimator(ksg.ross_rows, ksg.ross_draws, genes)


def adaptive_estimator(positions: NDArray[np.float64]) -> PairEstimator:
    """Estimate MI by the adaptive partitioning of Darbellay & Vajda (1999), doi:10.1109/18.761290.

    A box is cut further above ARACNe's limit. The estimate depends on ranks only, whatever the coordinate.
    """
    ranks = np.empty_like(positions)
    mid_ranks(positions, ranks)
    doubled = np.rint(2 * ranks).astype(np.int32)
    below = np.zeros((len(doubled), 2 * doubled.shape[1] + 2), np.int32)
    for gene, row in enumerate(doubled):
        below[gene] = np.bincount(row, minlength=below.shape[1]).cumsum()
    genes = partitioning.RankedGenes(doubled, below, CHI_SQUARE_LIMIT)
    return PairEstimator(partitioning.adaptive_rows, partitioning.adaptive_draws, genes)


def corrected_estimator(bins: Bins) -> PairEstimator:
    """Estimate MI from the joint counts with a correction of its bias (see `genenet.estimators.corrections`).

    The table of a pair has a cell for each pair of bins that hold samples. The number of occupied cells has no meaning
    for soft counts: there Miller-Madow subtracts the mean of the plug-in estimate of independent genes, which for hard
    bins is the same to first order.
    """
    kinds = {"plugin": corrected.NONE, "miller_madow": corrected.MILLER_MADOW, "shrink": corrected.SHRINK}
    kind = kinds.get(bins.estimator, corrected.PSEUDO_COUNTS)
    biases = np.full(bins.n_genes, np.nan)
    if bins.total > 1:
        biases = margin_moments(bins)[:, 0] / np.sqrt(2.0 * (bins.n_samples - 1))
    margins = bins.margins * bins.total
    added = pseudo_counts(bins.estimator, bins.n_samples)
    genes = corrected.CountedGenes(bins.dense_weights, margins, bins.total_count, biases, kind, *added)
    return PairEstimator(corrected.corrected_rows, corrected.corrected_draws, genes)


def pairwise_complete_estimator(bins: Bins) -> PairEstimator:
    """Estimate MI by the plug-in from the samples that both genes of a pair have, times their share of all samples.

    With this factor all pairs have the null of a matrix without missing values: it is n_common times MI that behaves as
    a weighted sum of chi-squares, whose weights follow from the two genes. MI itself is n_samples / n_common times
    the estimate (`Null.unscaled`). Pairs with fewer than 10 samples in common (or half of all, if these are fewer) have
    MI 0.
    """
    fewest = min(FEWEST_COMMON, bins.n_samples // 2) * bins.total**2
    genes = pairwise_complete.PresentGenes(bins.dense_weights, bins.total_count, fewest)
    return PairEstimator(pairwise_complete.pairwise_rows, pairwise_complete.pairwise_draws, genes)


def inverse_shares(bins: Bins, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 / share of the samples that both genes have, shape (n_rows, n_genes); 0 without any in common."""
    present = bins.present.astype(np.float32)
    n_common = (present[rows] @ present.T).astype(np.float64)  # integers, exact in float32
    return np.divide(bins.n_samples, n_common, out=np.zeros_like(n_common), where=n_common > 0)


def pair_estimator(bins: Bins) -> PairEstimator:
    """Make the estimator that `bins.estimator` names."""
    if bins.has_missing:
        return pairwise_complete_estimator(bins)
    if bins.positions is None:
        return corrected_estimator(bins)
    if bins.estimator == "gaussian":
        return gaussian_estimator(bins.positions)
    if bins.estimator in ("ksg", "ksg2"):
        return ksg_estimator(bins.positions, bins.n_neighbours, 1 if bins.estimator == "ksg" else 2)
    return adaptive_estimator(bins.positions)
