"""Edges whose verdict the data processing inequality gives, and the limits by which it does."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """When an edge is indirect: min(mi_ik, mi_jk) * factor - epsilon is above `raised(mi_ij, allowance)` for a gene k.

    `genenet.kernels.sampling_error.raised` adds so many standard deviations to the edge's own MI.
    """

    factor: float
    epsilon: float
    allowance: float


class Edges(NamedTuple):
    """Edges in the order of their genes, the first gene before the second; or all pairs that a triangle has."""

    is_listed: bool
    """If False the edges are those of the triangle, and the arrays are empty."""
    row_starts: NDArray[np.int64]
    """Where the edges of each first gene start, shape (n_genes + 1,)."""
    second: NDArray[np.int32]
    """Second gene of each edge, shape (n_edges,)."""
    mi: NDArray[np.float64]
    """Mutual information of each edge."""
    is_protected: NDArray[np.bool_]
    """Whether an edge stays whatever its mediators are."""


EDGES_OF_TRIANGLE = Edges(False, np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0), np.empty(0, bool))
