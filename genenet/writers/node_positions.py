"""Positions of nodes: igraph lays out each connected component; they stand side by side, the largest first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.statistics import graph_library
from genenet.statistics.communities import seeded
from genenet.writers.pivot_mds import pivot_mds

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES = 2_000
"""Larger networks get no positions: computing them takes long, and nobody could read the picture."""

SPACING = 60.0
"""Typical length of an edge, in the units of Cytoscape (pixels)."""

N_FIRST_STEPS = 40
"""Iterations of the first layout by forces, which separates the modules."""

FIRST_EDGE = 3.0
"""Length of an edge from which it starts, and the largest movement in its first iteration (in the end an edge is about
1 long)."""

N_STEPS = 170
"""Iterations of the second layout, which spreads crowded nodes; large components get fewer, as each iteration takes
longer."""

STEP_BUDGET = 33_000_000
"""Pairs of nodes that all its iterations of a component together may compute (there are at least 15 iterations)."""

CHARGE, MASS, MOVEMENT = 0.02, 10.0, 15.0
"""Repulsion of nodes, how slowly they follow forces, and their largest movement in an iteration: igraph's
`node_charge`, `node_mass` and `max_sa_movement`. With a third of its default mass and three times its movement, a third
of the iterations makes the same picture."""

SPREAD = 50.0
"""Factor on the positions from which it starts; closer together, the modules would be mixed up again."""

N_WIDTHS = 50
"""Widths of the whole that are tried."""

Position = tuple[float, float]


def layout(graph: "nx.Graph[str]") -> dict[str, Position]:
    """Lay out a graph; the same graph always gets the same positions.

    Returns
    -------
    x and y (downwards) of each node in pixels, to a tenth; empty if the graph has more than `MAX_NODES` nodes.

    Examples
    --------
    >>> import networkx as nx
    >>> places = layout(nx.path_graph(["A", "B", "C"]))
    >>> places["A"] != places["B"]
    True
    """
    if graph.number_of_nodes() > MAX_NODES:
        return {}
    number = {node: place for place, node in enumerate(graph)}
    ends = np.array([(number[a], number[b]) for a, b in graph.edges], np.int64).reshape(-1, 2)
    return positions_of(list(graph), ends[:, 0], ends[:, 1])


def positions_of(nodes: Sequence[str], first: NDArray[np.integer], second: NDArray[np.integer]) -> dict[str, Position]:
    """Lay out a network whose edges are given by the positions of their nodes; see `layout`."""
    if not 0 < len(nodes) <= MAX_NODES:
        return {}
    places = node_places(len(nodes), first, second)
    return {node: (round(x, 1), round(y, 1)) for node, (x, y) in zip(nodes, places.tolist(), strict=True)}


def node_places(n_nodes: int, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.float64]:
    """Lay out a network: by the distances of nodes in the graph, then by forces, at last by forces of longer range.

    The random numbers of igraph have a fixed seed, and each stage starts from rounded positions, so that the last digit
    of a cosine does not matter.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    first, second
        The two nodes of each edge, shape (n_edges,); neither their direction nor their order matters.

    Returns
    -------
    x and y (downwards) of each node, shape (n_nodes, 2), in pixels; a typical edge is `SPACING` long. Each connected
    component is turned so that it is wider than high.

    References
    ----------
    Pivot MDS (`genenet.writers.pivot_mds`); Fruchterman & Reingold (1991), doi:10.1002/spe.4380211102, and graphopt
    (Schmuhl 2003), both by igraph.

    Examples
    --------
    >>> places = node_places(5, np.array([0, 1, 3]), np.array([1, 2, 4]))
    >>> bool(np.linalg.norm(places[0] - places[2]) > np.linalg.norm(places[0] - places[1]))
    True
    """
    igraph = graph_library.igraph()

    ends = np.unique(np.sort(np.column_stack([first, second]), axis=1), axis=0)
    graph = igraph.Graph(n=n_nodes, edges=ends[ends[:, 0] != ends[:, 1]])
    parts = sorted(graph.connected_components(), key=lambda nodes: (-len(nodes), nodes[0]))
    drawings = [_drawn(graph.induced_subgraph(part)) for part in parts]
    places = np.empty((n_nodes, 2))
    places[[node for part in parts for node in part]] = _side_by_side(drawings)
    return places


def _drawn(part: Any) -> NDArray[np.float64]:
    """Lay out one connected component, an igraph graph, with its corner at the origin."""
    n = part.vcount()
    if n < 3:
        return SPACING * np.column_stack([np.arange(n), np.zeros(n)])
    apart = np.round(seeded(lambda: _by_forces(part), 0), 6)
    places = _turned(seeded(lambda: _spread(part, apart), 0))
    first, second = np.array(part.get_edgelist()).T
    lengths = np.linalg.norm(places[first] - places[second], axis=1)
    places *= SPACING / max(float(np.median(lengths)), 1e-9)
    return places - places.min(axis=0)


def _by_forces(part: Any) -> NDArray[np.float64]:
    """Lay out by forces between all nodes, from positions that resemble the distances in the graph."""
    start = (FIRST_EDGE * pivot_mds(part)).tolist()
    found = part.layout_fruchterman_reingold(seed=start, niter=N_FIRST_STEPS, start_temp=FIRST_EDGE, grid="nogrid")
    return np.array(found.coords)


def _spread(part: Any, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread crowded nodes, such as the leaves of a hub."""
    n_steps = int(np.clip(STEP_BUDGET // part.vcount() ** 2, 15, N_STEPS))
    start = (SPREAD * places).tolist()
    forces = {"node_charge": CHARGE, "node_mass": MASS, "max_sa_movement": MOVEMENT}
    return np.array(part.layout_graphopt(seed=start, niter=n_steps, **forces).coords)


def _turned(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn positions so that their longest extent is horizontal, since pictures are wider than high."""
    x, y = (places - places.mean(axis=0)).T
    angle = 0.5 * np.arctan2(2 * np.dot(x, y), np.dot(x, x) - np.dot(y, y))
    cos, sin = np.cos(angle), np.sin(angle)
    return np.round(np.column_stack([cos * x + sin * y, cos * y - sin * x]), 6)


def _side_by_side(drawings: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Arrange drawings in rows, in all about twice as wide as high; return their points one below the other.

    Examples
    --------
    >>> corner = np.array([[0.0, 0.0], [480.0, 480.0]])
    >>> _side_by_side([corner] * 8).max(axis=0).tolist()
    [2280.0, 1080.0]
    """
    if not drawings:
        return np.empty((0, 2))
    sizes = [drawing.max(axis=0) + 2 * SPACING for drawing in drawings]
    widths = np.linspace(max(size[0] for size in sizes), sum(size[0] for size in sizes), N_WIDTHS)
    rows = [_in_rows(sizes, width) for width in widths]
    # The largest scale at which all fit into a picture that is twice as wide as high.
    needed = [max(np.max(corners + sizes, axis=0) / (2, 1)) for corners in rows]
    corners = rows[int(np.argmin(np.round(needed, 3)))]
    return np.concatenate([drawing + corner for drawing, corner in zip(drawings, corners, strict=True)])


def _in_rows(sizes: list[NDArray[np.float64]], width: float) -> NDArray[np.float64]:
    """Corners of rectangles that are set side by side in rows of at most this width."""
    left = top = height = 0.0
    corners = []
    for size in sizes:
        if left > 0 and left + size[0] > width + 1e-6:
            left, top, height = 0.0, top + height, 0.0
        corners.append((left, top))
        left, height = left + size[0], max(height, size[1])
    return np.array(corners)
