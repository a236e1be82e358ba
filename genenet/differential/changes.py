"""Kinds of change of the relation of two genes between two groups of samples."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Permutation
from genenet.differential.groups import members
from genenet.kernels.correlation import correlations
from genenet.kernels.ranks import mid_ranks
from genenet.kernels.weights import z_scores
from genenet.steps.permutation import permutation_null

if TYPE_CHECKING:
    from genenet.differential.passes import Comparison, Found

CHANGES = ("gained", "lost", "stronger", "weaker", "flipped", "shape")
"""The kinds of change of a relation from the first group to the second."""
NO_CHANGE = "none"
CRITICAL_Z = 2.0
"""Critical value of differences of correlations, in standard errors."""
SPEARMAN_VARIANCE = 1.06
"""Variance of Fisher's transform of Spearman's correlation, times n - 3 (Fieller, Hartley & Pearson 1957)."""
LARGEST_CORRELATION = 1.0 - 1e-12
"""Correlations are clipped at this, as Fisher's transform of 1 is infinite."""
WITHIN_DRAWS = 100_000
"""Draws of the permutation null of each group."""


def spearman_within(comparison: "Comparison", found: "Found") -> NDArray[np.float64]:
    """Spearman's correlation of pairs in each group, shape (n_groups, n_pairs)."""
    labels = comparison.labels
    values = np.empty((len(labels.groups), len(found.first)))
    for number, rows in enumerate(members(labels.codes, len(labels.groups))):
        own = np.ascontiguousarray(comparison.values[:, rows])
        ranks, scores = np.empty_like(own), np.empty_like(own)
        mid_ranks(own, ranks)
        z_scores(ranks, scores)
        correlations(scores, found.first, found.second, values[number])
    return values


def fisher_z(spearman: NDArray[np.float64], sizes: list[int]) -> NDArray[np.float64]:
    """Difference of Fisher's transforms of two groups' Spearman correlations, in standard errors, second less first.

    Parameters
    ----------
    spearman
        Shape (2, n_pairs).
    sizes
        Number of samples of the two groups.

    Examples
    --------
    >>> fisher_z(np.array([[0.0, -0.5], [0.6, -0.5]]), [50, 50]).round(2).tolist()
    [3.26, 0.0]
    """
    first, second = _transformed(spearman)
    return np.asarray((second - first) / np.sqrt(sum(SPEARMAN_VARIANCE / (n - 3) for n in sizes)))


def _transformed(spearman: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.arctanh(np.clip(spearman, -LARGEST_CORRELATION, LARGEST_CORRELATION)))


def present_within(comparison: "Comparison", found: "Found", alpha: float) -> NDArray[np.bool_]:
    """Whether the two genes of a pair depend on each other in each group, shape (n_groups, n_pairs).

    They do if the p-value of their MI, by the permutation null of the group, is at most alpha.
    """
    present = np.empty(found.within.shape, bool)
    for number, bins in enumerate(comparison.bins):
        null = permutation_null(bins, Permutation(n_draws=WITHIN_DRAWS), seed=comparison.seed)
        log_pivots = null.log_pivots(found.within[number], found.first, found.second)
        present[number] = null.pvalues(log_pivots) <= alpha
    return present


def changes(
    present: NDArray[np.bool_], spearman: NDArray[np.float64], z: NDArray[np.float64], sizes: list[int]
) -> NDArray[np.object_]:
    """Name the change of pairs whose relation differs between two groups.

    - `gained`, `lost`: the genes depend on each other in one of the groups only.
    - `shape`: in both or neither, and the correlations do not differ (|z| below 2).
    - `flipped`: the correlations differ, each of them from 0, and have opposite signs.
    - `stronger`, `weaker`: the correlations differ, and the second group's has the larger or smaller absolute value.

    Parameters
    ----------
    present
        Of `present_within`, shape (2, n_pairs).
    spearman
        Shape (2, n_pairs).
    z
        Of `fisher_z`.
    sizes
        Number of samples of the two groups.

    Examples
    --------
    >>> present = np.array([[False, True, True, True, True], [True, False, True, True, True]])
    >>> spearman = np.array([[0.0, 0.7, 0.3, -0.6, 0.1], [0.6, 0.1, 0.9, 0.7, 0.1]])
    >>> changes(present, spearman, fisher_z(spearman, [100, 100]), [100, 100]).tolist()
    ['gained', 'lost', 'stronger', 'flipped', 'shape']
    """
    own = _transformed(spearman) * np.sqrt((np.array(sizes)[:, None] - 3) / SPEARMAN_VARIANCE)
    correlated = (np.abs(own) >= CRITICAL_Z).all(axis=0)
    return np.select(
        [
            present[1] & ~present[0],
            present[0] & ~present[1],
            np.abs(z) < CRITICAL_Z,
            correlated & (spearman[0] * spearman[1] < 0),
            np.abs(spearman[1]) > np.abs(spearman[0]),
        ],
        np.array(["gained", "lost", "shape", "flipped", "stronger"], object),
        "weaker",
    ).astype(object)
