"""Modules of a network: groups of genes with more and heavier edges among themselves than chance would give."""

import hashlib
import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.statistics import graph_library

T = TypeVar("T")

_ALONE = threading.RLock()
"""Held while igraph has a generator of ours: it has one for all threads."""

N_ITERATIONS = 5
"""Iterations of the Leiden algorithm; each starts from the result of the one before."""


def communities(
    n_nodes: int,
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    weights: NDArray[np.float64],
    *,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Divide a network into modules by the Leiden algorithm, which maximises modularity.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    first, second
        The two nodes of each edge, shape (n_edges,); the direction is not used.
    weights
        Weight of each edge, not negative. If all are 0 every edge counts alike.
    seed
        Seed of the random order in which nodes are moved.

    Returns
    -------
    Module of each node, shape (n_nodes,): 1 is the largest, modules of one size are in the order of their first node; 0
    for a node without an edge.

    References
    ----------
    Traag, Waltman & van Eck (2019), doi:10.1038/s41598-019-41695-z; modularity: Newman & Girvan (2004),
    doi:10.1103/PhysRevE.69.026113. Computed by igraph.

    Examples
    --------
    >>> first, second = np.array([0, 0, 1, 3]), np.array([1, 2, 2, 4])
    >>> communities(6, first, second, np.ones(4)).tolist()
    [1, 1, 1, 2, 2, 0]
    """
    modules = np.zeros(n_nodes, np.int64)
    if not len(first):
        return modules
    nodes = np.unique(np.concatenate([first, second]))
    ends = np.column_stack([np.searchsorted(nodes, first), np.searchsorted(nodes, second)])
    modules[nodes] = _modules(len(nodes), ends, weights, seed)
    return modules


_last: dict[bytes, NDArray[np.int64]] = {}
"""Modules of the last network, by a digest of what they follow from: several tables of a run tell them."""


def _modules(n: int, ends: NDArray[np.int64], weights: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    digest = hashlib.sha256(b"%d %d" % (n, seed))
    for values in (ends, weights):
        digest.update(values.tobytes())
    key = digest.digest()
    if key not in _last:
        found = _by_size(_leiden(n, ends, weights, seed))
        _last.clear()
        _last[key] = found
    return _last[key]


def _leiden(n: int, ends: NDArray[np.integer], weights: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    igraph = graph_library.igraph()

    # igraph takes pairs of Python integers in a third of the time that an array takes.
    graph = igraph.Graph(n=n, edges=list(zip(*ends.T.tolist(), strict=True)))
    used = weights if np.any(weights > 0) else None
    found = seeded(
        lambda: graph.community_leiden("modularity", weights=used, n_iterations=N_ITERATIONS).membership, seed
    )
    return np.array(found, np.int64)


def seeded(call: Callable[[], T], seed: int) -> T:
    """Call igraph with a random generator of its own, so that the state of the module `random` does not change."""
    import random

    igraph = graph_library.igraph()

    with _ALONE:
        igraph.set_random_number_generator(random.Random(seed))
        try:
            return call()
        finally:
            igraph.set_random_number_generator(random)


def _by_size(membership: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number modules from 1, the largest first; among equals by first node."""
    _, start, inverse, sizes = np.unique(membership, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort([start, -sizes])] = np.arange(1, len(sizes) + 1)
    return rank[inverse]
