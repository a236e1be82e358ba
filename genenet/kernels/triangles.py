"""Which edges of a network are indirect, and through whom: the data processing inequality on ranks.

Every MI value is replaced by its rank among the distinct values, and every edge gets the smallest rank that a mediator's two
edges must have. Both are exact, so that no comparison is ever blurred by a smaller float type.
"""

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True)
def fill_ranks(first, second, rank, table):
    """Square table of ranks, 0 where there is no edge. rank: uint32 (n_edges,); table: uint32 (n_genes, n_genes)."""
    for e in prange(first.shape[0]):
        table[first[e], second[e]] = rank[e]
        table[second[e], first[e]] = rank[e]


@njit(cache=True)
def fill_neighbours(order, first, second, is_mediator, starts, neighbour, edge):
    """Neighbours of each gene that may mediate, in `order`. starts: int64 (n_genes + 1,), positions in neighbour and edge."""
    at = starts[:-1].copy()
    for k in range(order.shape[0]):
        e = order[k]
        for source, target in ((first[e], second[e]), (second[e], first[e])):
            if is_mediator[target]:
                neighbour[at[source]] = target
                edge[at[source]] = e
                at[source] += 1


@njit(cache=True, inline="always")
def _find(sorted_genes, low, high, gene):
    while low < high:
        middle = (low + high) // 2
        if sorted_genes[middle] < gene:
            low = middle + 1
        else:
            high = middle
    return low


@njit(parallel=True, cache=True)
def mediators_dense(first, second, rank, needed, is_protected, starts, neighbour, edge, table, via, via_rank):
    """First mediator of each edge on a walk over the neighbours of its first gene, strongest first; -1 where there is none.

    rank, needed: uint32 (n_edges,); starts: int64 (n_genes + 1,); neighbour: int32, edge: int64: neighbours of each gene from
    the largest MI down, gene order among equals; table: uint32 (n_genes, n_genes). Out: via int32;
    via_rank uint32, the smaller rank of the mediator's two edges.
    """
    for e in prange(first.shape[0]):
        via[e] = -1
        i, j = first[e], second[e]
        if is_protected[e]:
            continue
        for k in range(starts[i], starts[i + 1]):
            if rank[edge[k]] < needed[e]:
                break
            other = table[j, neighbour[k]]
            if other >= needed[e]:
                via[e], via_rank[e] = neighbour[k], min(rank[edge[k]], other)
                break


@njit(parallel=True, cache=True)
def mediators_sparse(
    first, second, rank, needed, is_protected, starts, neighbour, edge, by_gene_starts, by_gene, by_gene_rank, via, via_rank
):
    """As `mediators_dense`, with the neighbours of each gene in gene order (by_gene, by_gene_rank) in place of the table."""
    for e in prange(first.shape[0]):
        via[e] = -1
        i, j = first[e], second[e]
        if is_protected[e]:
            continue
        for k in range(starts[i], starts[i + 1]):
            if rank[edge[k]] < needed[e]:
                break
            gene = neighbour[k]
            at = _find(by_gene, by_gene_starts[j], by_gene_starts[j + 1], gene)
            if at < by_gene_starts[j + 1] and by_gene[at] == gene and by_gene_rank[at] >= needed[e]:
                via[e], via_rank[e] = gene, min(rank[edge[k]], by_gene_rank[at])
                break
