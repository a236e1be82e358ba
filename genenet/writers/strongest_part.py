"""Choosing the part of a network that a picture can show: the best edges that make large connected components."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMALL = 6
"""Connected components of fewer genes are left out of a picture, if there are larger ones."""

EDGES_PER_GENE = 2.0
"""A picture shows at most this many edges a gene: with more, lines hide each other and the labels."""


class Part(NamedTuple):
    """Genes and edges that are shown."""

    genes: NDArray[np.int64]
    """Positions of the shown genes, ascending."""
    edges: NDArray[np.int64]
    """Positions of the shown edges among those given, ascending."""
    n_inside: int
    """Number of edges between the shown genes, shown or not."""


def strongest_part(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    n_genes: int,
    *,
    max_genes: int,
    edges_per_gene: float = EDGES_PER_GENE,
    fewest_edges: int = 0,
    small: int = SMALL,
) -> Part:
    """Choose the genes and edges that a picture of a network shows.

    Edges are added from the best one down for as long as connected components of at least `small` genes have no more
    than `max_genes` genes together. The picture shows the genes of these components (of all components if none is so
    large), the edges that connect them, and then the best of the other edges between them, up to `edges_per_gene` edges
    a gene, or up to `fewest_edges` if that is more.

    Parameters
    ----------
    first, second
        Genes of each edge, the best edge first, shape (n_edges,).
    n_genes
        Number of all genes.
    max_genes, edges_per_gene, fewest_edges, small
        Limits; see above.

    Examples
    --------
    >>> first, second = np.array([0, 2, 1, 2, 0]), np.array([1, 3, 2, 4, 4])
    >>> part = strongest_part(first, second, 5, max_genes=4)
    >>> part.genes.tolist(), part.edges.tolist(), part.n_inside
    ([0, 1, 2, 3], [0, 1, 2], 3)
    """
    label, joins = _grown(first, second, n_genes, max_genes, small)
    sizes = np.bincount(label, minlength=n_genes)
    touched = np.zeros(n_genes, bool)
    touched[first[joins]] = touched[second[joins]] = True
    shown = touched & (sizes[label] >= small)
    if not shown.any():
        shown = touched
    inside = np.flatnonzero(shown[first] & shown[second])
    connecting = np.isin(inside, joins)
    most = max(int(edges_per_gene * shown.sum()), fewest_edges)
    n_more = max(0, most - int(connecting.sum()))
    others = inside[~connecting][:n_more]
    edges = np.sort(np.concatenate([inside[connecting], others]))
    return Part(np.flatnonzero(shown), edges, len(inside))


def _grown(
    first: NDArray[np.integer], second: NDArray[np.integer], n_genes: int, max_genes: int, small: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Connected components by union-find: the label of each gene, and the edges that joined two components."""
    parent, size = list(range(n_genes)), [1] * n_genes

    def root(gene: int) -> int:
        while parent[gene] != gene:
            parent[gene] = parent[parent[gene]]
            gene = parent[gene]
        return gene

    shown, n_touched, joins = 0, 0, []
    for edge, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        a, b = root(a), root(b)
        if a == b:
            continue
        both = size[a] + size[b]
        shown_then = shown + (both if both >= small else 0) - sum(n for n in (size[a], size[b]) if n >= small)
        touched = n_touched + (size[a] == 1) + (size[b] == 1)
        if shown_then > max_genes or (shown_then == 0 and touched > max_genes):
            break
        shown, n_touched = shown_then, touched
        parent[max(a, b)], size[min(a, b)] = min(a, b), both
        joins.append(edge)
    return np.array([root(gene) for gene in range(n_genes)], np.int64), np.array(joins, np.int64)
