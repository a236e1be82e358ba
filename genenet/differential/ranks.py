"""Genes ranked within groups of samples, and their bins.

Each gene is ranked within its group, so that its margin is the same in all groups, and nothing is left of a difference
in mean, variance or depth. Labels are permuted on these ranks, and genes ranked anew within the permuted groups.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Coordinate, Discretise
from genenet.differential.groups import members
from genenet.estimators.binning import soft_bins
from genenet.kernels.weights import mid_ranks
from genenet.products.bins import Bins
from genenet.products.expression import tested

if TYPE_CHECKING:
    from anndata import AnnData

COORDINATE: tuple[Coordinate, ...] = ("rank", "normal_score")
"""The parts of a sample's position that depend on its rank alone."""
GOLDEN_RATIO = 0.5 * (1.0 + 5.0**0.5)
"""Its multiples are spread evenly over the unit interval, modulo 1, and are never a ratio of two sizes of groups."""


def binning_of(n_bins: int, order: int) -> Discretise:
    """Make the settings of soft bins that depend on ranks alone."""
    return Discretise(n_bins=n_bins, order=order, coordinate=COORDINATE)


def ranks_within(values: NDArray[np.float64], codes: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    """Rank each gene within each group: (mid-rank - 1/2) / number of samples, between 0 and 1.

    The ranks of each group are moved by a part of half a rank of its own: values of two groups are never equal, as
    they would be in groups of the same size, and permuted groups have no ties that the groups do not have.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples).
    codes
        Number of each sample's group, shape (n_samples,).

    Examples
    --------
    >>> ranks = ranks_within(np.array([[5.0, 7.0, 100.0, 300.0, 200.0, 100.0]]), np.array([0, 0, 1, 1, 1, 1]), 2)
    >>> ranks.round(3).tolist()
    [[0.279, 0.779, 0.217, 0.842, 0.592, 0.217]]
    """
    ranks = np.empty_like(values)
    for code, rows in enumerate(members(codes, n_groups)):
        own = np.ascontiguousarray(values[:, rows])
        found = np.empty_like(own)
        mid_ranks(own, found)
        ranks[:, rows] = (found - 0.5 + 0.5 * (GOLDEN_RATIO * (code + 1) % 1.0 - 0.5)) / len(rows)
    return ranks


def bins_by_group(
    ranks: NDArray[np.float64], codes: NDArray[np.int64], n_groups: int, expression: "AnnData", binning: Discretise
) -> list[Bins]:
    """Discretise each gene within each group.

    Parameters
    ----------
    ranks
        Of `ranks_within`, shape (n_genes, n_samples).
    codes
        Number of each sample's group: that of `ranks_within`, or a permuted one.
    expression
        The samples of all groups, in the order of codes; which pairs are tested.
    binning
        Of `binning_of`.
    """
    regulator, only_targets, only_pairs = tested(expression)
    found = []
    for rows in members(codes, n_groups):
        weights, total = soft_bins(np.ascontiguousarray(ranks[:, rows]), binning)
        found.append(
            Bins(
                expression.var_names,
                expression.obs_names[rows],
                weights,
                total,
                regulator,
                only_targets=only_targets,
                only_pairs=only_pairs,
            )
        )
    return found
