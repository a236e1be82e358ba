"""Where nodes are drawn: connected parts by their forces, side by side, the largest first."""

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csgraph

MAX_NODES = 2_000
"""Beyond this no positions are given: forces would take long, and no picture would come of it."""

SPACING = 60.0
"""Ideal length of an edge, in the units of Cytoscape (pixels)."""

N_STEPS = 150

Position = tuple[float, float]
Points = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def layout(graph: "nx.Graph[str]") -> dict[str, Position]:
    """Place the nodes of a graph; the same graph gets the same places.

    Parameters
    ----------
    graph
        Edges with `mi` attract more the larger it is.

    Returns
    -------
    x and y (downwards) of each node in pixels, to a tenth; empty if the graph has more than `MAX_NODES` nodes.

    Examples
    --------
    >>> places = layout(nx.path_graph(["A", "B", "C"]))
    >>> places["A"] != places["B"]
    True
    """
    n = graph.number_of_nodes()
    if not 0 < n <= MAX_NODES:
        return {}
    pairs, strength = _edges(graph)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    n_parts, label = csgraph.connected_components(links, directed=False)
    parts = sorted(
        (np.flatnonzero(label == part) for part in range(n_parts)), key=lambda nodes: (-len(nodes), nodes[0])
    )
    drawings = []
    for nodes in parts:
        inside = label[pairs[:, 0]] == label[nodes[0]]
        drawings.append(_drawn(np.searchsorted(nodes, pairs[inside]), strength[inside], len(nodes)))
    places = np.empty((n, 2))
    places[np.concatenate(parts)] = _side_by_side(drawings)
    return {node: (round(x, 1), round(y, 1)) for node, (x, y) in zip(graph, places.tolist(), strict=True)}


def _edges(graph: "nx.Graph[str]") -> tuple[Numbers, Points]:
    """Edges as pairs of node numbers, each once, sorted, and how strongly they attract."""
    number = {node: position for position, node in enumerate(graph)}
    strongest: dict[tuple[int, int], float] = {}
    for source, target, mi in graph.edges(data="mi", default=1.0):
        first, second = sorted((number[source], number[target]))
        if first != second:
            strongest[first, second] = float(mi)
    pairs = sorted(strongest)
    strength = np.array([strongest[pair] for pair in pairs])
    largest = strength.max(initial=0)
    relative = np.clip(strength / largest, 0.05, 1) if largest > 0 else np.ones(len(pairs))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2), relative


def _drawn(pairs: Numbers, strength: Points, n: int) -> Points:
    """Draw one connected part, its corner at the origin."""
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    hub = int(np.bincount(pairs.ravel(), minlength=n).argmax())
    # Neighbours begin near each other: on a spiral, in the order of distance from the largest hub.
    order = csgraph.breadth_first_order(links, hub, directed=False, return_predecessors=False)
    number = np.empty(n)
    number[order] = np.arange(n)
    angle, radius = number * np.pi * (3 - np.sqrt(5)), np.sqrt(number)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    if n > 2:
        from genenet.kernels.force_layout import move_apart_and_together  # and numba, which no other format needs

        move_apart_and_together(x, y, pairs[:, 0].copy(), pairs[:, 1].copy(), strength, N_STEPS)
    return SPACING * np.column_stack([x - x.min(), y - y.min()])


def _side_by_side(drawings: list[Points]) -> Points:
    """Put the parts into rows, about half as high as wide."""
    sizes = [drawing.max(axis=0) + 2 * SPACING for drawing in drawings]
    width = max(max(size[0] for size in sizes), np.sqrt(2 * sum(size[0] * size[1] for size in sizes)))
    left = top = height = 0.0
    corners = []
    for size in sizes:
        if left > 0 and left + size[0] > width:
            left, top, height = 0.0, top + height, 0.0
        corners.append((left, top))
        left, height = left + size[0], max(height, size[1])
    return np.concatenate([drawing + corner for drawing, corner in zip(drawings, corners, strict=True)])
