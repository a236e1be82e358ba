"""Pivot MDS: first positions of the nodes of a connected graph, from their distances to some of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

N_PIVOTS = 50
"""Nodes from which distances are computed; more hardly change the positions."""

N_ITERATIONS = 60
"""Iterations of the power method for the two largest axes. Their number is fixed: axes of equal length, as those of a
star, are then the same on every machine."""

APART = 0.1
"""Distance by which nodes are moved out of the way, as a share of an edge: leaves of one hub have the same place."""

GOLDEN_ANGLE = 2.399963
"""Angle in radians of which no multiple comes near another: points at its multiples are spread evenly on a circle."""


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
    squares = _distances(graph) ** 2.0
    centred = -0.5 * (squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean())
    places = centred @ _axes(centred.T @ centred)
    first, second = np.array(graph.get_edgelist()).T
    places /= max(float(np.linalg.norm(places[first] - places[second], axis=1).mean()), 1e-9)
    return np.round(places + APART * _around(len(places)), 6)


def _distances(graph: Any) -> NDArray[np.int64]:
    """Distances of all nodes from pivots: the largest hub, then always the node that is farthest from the others."""
    pivot, nearest = int(np.argmax(graph.degree())), np.full(graph.vcount(), graph.vcount())
    found: list[NDArray[np.int64]] = []
    while len(found) < N_PIVOTS and nearest[pivot] > 0:
        found.append(np.array(graph.distances(source=[pivot])[0], np.int64))
        nearest = np.minimum(nearest, found[-1])
        pivot = int(np.argmax(nearest))
    return np.column_stack(found)


def _axes(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions of the two largest eigenvalues of a positive semidefinite matrix, as columns; one may be 0."""
    longest, second = _around(len(products)).T
    for _ in range(N_ITERATIONS):
        longest = _of_length_1(products @ longest)
        second = products @ second
        second = _of_length_1(second - longest * np.dot(longest, second))
    return np.column_stack([longest, second])


def _of_length_1(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values / max(float(np.linalg.norm(values)), 1e-300)


def _around(n: int) -> NDArray[np.float64]:
    """Points on a circle, no two of them at the same place."""
    angle = GOLDEN_ANGLE * np.arange(n)
    return np.column_stack([np.cos(angle), np.sin(angle)])
