"""Connected components of a network. Importing scipy's own takes longer than finding them."""

import numpy as np
from numpy.typing import NDArray


def components(n_nodes: int, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.int64]:
    """Find the connected component of each node: the position of its first node.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    first, second
        The two nodes of each edge, shape (n_edges,); the direction is not used.

    References
    ----------
    Shiloach & Vishkin (1982), doi:10.1016/0196-6774(82)90008-6.

    Examples
    --------
    >>> components(5, np.array([3, 1]), np.array([1, 0])).tolist()
    [0, 0, 2, 0, 4]
    """
    label = np.arange(n_nodes)
    while True:
        # Each label is a node that has itself as label; a smaller one at the other end of an edge takes its place.
        ends = label[first], label[second]
        least = np.minimum(*ends)
        if all((end == least).all() for end in ends):
            return label
        for end in ends:
            np.minimum.at(label, end, least)
        while (label[label] != label).any():
            label = label[label]
