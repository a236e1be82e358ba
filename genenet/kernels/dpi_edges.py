"""Edges to which the data processing inequality is applied, and how much weaker than its mediator an edge must be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """Edge ij is indirect if min(mi_ik, mi_jk) * factor - epsilon > mi_ij for some gene k."""

    factor: float
    epsilon: float


class Edges(NamedTuple):
    """Edges in the order of their first, then their second gene; or all pairs that are stored in a triangle."""

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
