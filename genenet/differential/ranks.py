"""Genes ranked within groups of samples, and their bins.

Each gene is ranked within its group, so that its margin is the same in all groups, and differences in mean, variance or
sequencing depth have no influence. Tied samples share the weights of their ranks, so that this also holds for genes
with many zeros. Labels are permuted on these ranks, with ties in random order. Genes are ranked anew within the
permuted groups, each of which gets the weights, and so the ties, of the group that it stands for.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Coordinate, Discretise
from genenet.differential.groups import members
from genenet.kernels.weights import weights_in_order
from genenet.randomness import Purpose, generator

COORDINATE: tuple[Coordinate, ...] = ("rank", "normal_score")
"""The parts of a sample's position that depend on its rank alone."""
GOLDEN_RATIO = 0.5 * (1.0 + 5.0**0.5)
"""Its multiples are spread evenly over the unit interval, modulo 1, and are never a ratio of two sizes of groups."""


def binning_of(n_bins: int, order: int) -> Discretise:
    """Make the settings of soft bins that depend on ranks alone."""
    return Discretise(n_bins=n_bins, order=order, coordinate=COORDINATE)


def ranks_within(
    values: NDArray[np.float64], codes: NDArray[np.int64], n_groups: int, seed: int = 0
) -> NDArray[np.float64]:
    """Rank each gene within each group: (rank - 1/2) / number of samples, between 0 and 1, ties in random order.

    The ranks of each group are shifted by at most a quarter of a rank, each group by an offset of its own, so that
    values of two groups are never equal, as they would be in groups of the same size.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples).
    codes
        Number of each sample's group, shape (n_samples,).
    seed
        Seed of the order of ties.

    Examples
    --------
    >>> ranks = ranks_within(np.array([[5.0, 7.0, 200.0, 400.0, 300.0, 100.0]]), np.array([0, 0, 1, 1, 1, 1]), 2)
    >>> ranks.round(3).tolist()
    [[0.28, 0.78, 0.342, 0.842, 0.592, 0.092]]
    """
    ranks = np.empty_like(values)
    for code, rows in enumerate(members(codes, n_groups)):
        rng = generator(seed, Purpose.TIES, code)
        shuffled = np.argsort(rng.random((len(values), len(rows))), axis=1)
        own = np.take_along_axis(values[:, rows], shuffled, axis=1)
        order = np.take_along_axis(shuffled, np.argsort(own, axis=1, kind="stable"), axis=1)
        offset = 0.5 * (GOLDEN_RATIO * (code + 1) % 1.0 - 0.5)
        placed = np.empty(own.shape)
        np.put_along_axis(placed, order, (np.arange(len(rows)) + 0.5 + offset)[None] / len(rows), axis=1)
        ranks[:, rows] = placed
    return ranks


def ordered(values: NDArray[np.float64], weights: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Weights of a group, uint8 (n_genes, n_bins, n_samples), in the order of each gene's values."""
    return np.take_along_axis(weights, np.argsort(values, axis=1, kind="stable")[:, None, :], axis=2)


def in_order_of(ranks: NDArray[np.float64], in_order: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the sample of each rank the weights of this rank.

    Parameters
    ----------
    ranks
        Ranks from `ranks_within` of the samples of a permuted group, shape (n_genes, n_samples).
    in_order
        Weights from `ordered`, uint8 (n_genes, n_bins, n_samples).
    """
    weights = np.empty_like(in_order)
    weights_in_order(np.argsort(ranks, axis=1), in_order, weights)
    return weights
