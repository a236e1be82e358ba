"""Pivot MDS: first positions of the nodes of a connected graph, from their distances to some of them.

Sums are added one row after another, and angles avoided: the forces that come next would blow up a difference in the
last digit, and linear algebra and cosines have one between processors.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

N_PIVOTS = 50
"""Nodes from which distances are computed; more hardly change the positions."""

N_ITERATIONS = 60
"""Iterations of the power method for the two largest axes. Their number is fixed: axes of equal length, as those of a
star, come out as the same ones each time."""

APART = 0.2
"""Distance by which nodes are moved out of the way, as a share of an edge: leaves of one hub have the same place."""

SPREAD = (0.7548776662466927, 0.5698402909980532)
"""Fractional parts of their multiples fill a square evenly (Roberts 2018, from the plastic number)."""


def pivot_mds(graph: Any) -> NDArray[np.float64]:
    """Place the nodes of a connected graph so that distances in the plane resemble distances in the graph.

    Parameters
    ----------
    graph
        An undirected igraph graph with at least one edge.

    Returns
    -------
    x and y of each node, shape (n_nodes, 2), rounded to 6 digits; an edge is 1 long on average.

    References
    ----------
    Brandes & Pich (2007), doi:10.1007/978-3-540-70904-6_6.

    Examples
    --------
    >>> import igraph
    >>> x, y = pivot_mds(igraph.Graph(n=4, edges=[(0, 1), (1, 2), (2, 3)])).T
    >>> bool(abs(x[0] - x[3]) > abs(x[1] - x[2]))
    True
    """
    centred = _centred(_distances(graph))
    of_pivots = np.ascontiguousarray(centred.T)
    places = np.column_stack([_sum_of(of_pivots, axis) for axis in _axes(centred)])
    first, second = np.array(graph.get_edgelist()).T
    x, y = (places[first] - places[second]).T
    places /= max(float(np.sqrt(x * x + y * y).mean()), 1e-9)
    return np.round(places + APART * _evenly(len(places)), 6)


def _distances(graph: Any) -> NDArray[np.int64]:
    """Distances of all nodes from pivots: the largest hub, then always the node that is farthest from the others."""
    pivot, nearest = int(np.argmax(graph.degree())), np.full(graph.vcount(), graph.vcount())
    found: list[NDArray[np.int64]] = []
    while len(found) < N_PIVOTS and nearest[pivot] > 0:
        found.append(np.array(graph.distances(source=[pivot])[0], np.int64))
        nearest = np.minimum(nearest, found[-1])
        pivot = int(np.argmax(nearest))
    return np.column_stack(found)


def _centred(distances: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distances without the means of their rows and columns, from exact sums."""
    squares = distances**2
    n, n_pivots = squares.shape
    of_pivots, of_nodes = squares.sum(axis=0) / n, squares.sum(axis=1, keepdims=True) / n_pivots
    centred: NDArray[np.float64] = -0.5 * (squares - of_pivots - of_nodes + squares.sum() / squares.size)
    return centred


def _axes(centred: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Directions of the two largest singular values; the second may be 0."""
    products = np.array([_sum_of(centred, column) for column in centred.T])
    longest, second = _evenly(len(products)).T
    for _ in range(N_ITERATIONS):
        longest = _of_length_1(_sum_of(products, longest))
        second = _sum_of(products, second)
        second = _of_length_1(second - longest * (longest * second).sum())
    return longest, second


def _sum_of(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted sum of rows, added one after another."""
    total: NDArray[np.float64] = np.add.reduce(rows * weights[:, None], axis=0)
    return total


def _of_length_1(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values / max(float(np.sqrt((values * values).sum())), 1e-300)


def _evenly(n: int) -> NDArray[np.float64]:
    """Points that fill a square of side 1 around 0, no two of them at the same place."""
    return np.arange(1, n + 1)[:, None] * np.array(SPREAD) % 1.0 - 0.5
