"""The data processing inequality for sparse networks: indirect edges and mediators, by sorted lists of neighbours.

The same verdicts as from a table of all pairs (`genenet.kernels.dpi_table`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.threads import parallel
from genenet.kernels.triangle import ABSENT

# Strongest neighbours that are sorted at first; the others are sorted only if an edge then has no verdict yet.
SORTED_FIRST = 256


class Neighbours(NamedTuple):
    """Mediators among each gene's neighbours, in gene order."""

    starts: NDArray[np.int64]
    """Where each gene's neighbours start, shape (n_genes + 1,)."""
    gene: NDArray[np.int32]
    mi: NDArray[np.float64]


@compiled()
def fill_lists(first, second, mi, is_mediator, neighbours):
    """Fill the genes and MI of `Neighbours`. first, second: int32, mi: float64 (n_edges,), in gene order."""
    starts, neighbour, value = neighbours
    at = starts[:-1].copy()
    # Two passes: edges come ordered by (first, second), and all neighbours before a gene precede those after it.
    for e in range(first.shape[0]):
        if is_mediator[first[e]]:
            neighbour[at[second[e]]], value[at[second[e]]] = first[e], mi[e]
            at[second[e]] += 1
    for e in range(first.shape[0]):
        if is_mediator[second[e]]:
            neighbour[at[first[e]]], value[at[first[e]]] = second[e], mi[e]
            at[first[e]] += 1


@inner(inline="always")
def _value(starts, neighbour, value, mediator, gene):
    """MI of the edge between a mediator and another gene, -1 where there is none."""
    low, high = starts[gene], starts[gene + 1]
    while low < high:
        middle = (low + high) // 2
        if neighbour[middle] < mediator:
            low = middle + 1
        else:
            high = middle
    return value[low] if low < starts[gene + 1] and neighbour[low] == mediator else ABSENT


@inner()
def _kth_largest(values, n, k, buffer):
    """The k-th largest of the first n values (quickselect); numba needs seconds to compile numpy's partition."""
    buffer[:n] = values[:n]
    low, high, wanted = 0, n - 1, n - k
    while low < high:
        pivot = buffer[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while buffer[i] < pivot:
                i += 1
            while buffer[j] > pivot:
                j -= 1
            if i <= j:
                buffer[i], buffer[j] = buffer[j], buffer[i]
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return buffer[wanted]


@inner()
def _strongest_first(genes, values, number, n_wanted, sorted_genes, sorted_values):
    """Sort the n_wanted strongest neighbours by descending MI, gene order among equals; return how many were sorted."""
    least = -1.0
    if n_wanted < number:
        least = _kth_largest(values, number, n_wanted, sorted_values)
    n_chosen = 0
    for k in range(number):
        # All that equal the last one are taken, as their order is known only when all are there.
        if values[k] >= least:
            sorted_genes[n_chosen], sorted_values[n_chosen] = genes[k], -values[k]
            n_chosen += 1
    order = np.argsort(sorted_values[:n_chosen], kind="mergesort")
    ordered = sorted_genes[:n_chosen][order]
    sorted_values[:n_chosen] = -sorted_values[:n_chosen][order]
    sorted_genes[:n_chosen] = ordered
    return n_chosen


@parallel(lambda edges: len(edges.row_starts) - 1)
def find_in_lists(begin, stop, edges, neighbours, limits, via):
    """First mediator of each edge on a walk over its first gene's neighbours, strongest first; -1 where there is none.

    edges, limits: those of `genenet.kernels.dpi_edges`, the edges listed; neighbours: `Neighbours`. Out: via int32
    (n_edges,).
    """
    _, row_starts, second, mi, is_protected = edges
    starts, neighbour, value = neighbours
    factor, epsilon = limits
    n_genes = row_starts.shape[0] - 1
    for iteration in range(begin, stop):
        # Genes with many edges come first; taken from both ends in alternation, every thread has its share of them.
        i = iteration // 2 if iteration % 2 == 0 else n_genes - 1 - iteration // 2
        if row_starts[i] == row_starts[i + 1]:
            continue
        genes, values = neighbour[starts[i] : starts[i + 1]], value[starts[i] : starts[i + 1]]
        number = genes.shape[0]
        sorted_genes, sorted_values = np.empty(number, np.int32), np.empty(number)
        n_sorted = _strongest_first(genes, values, number, SORTED_FIRST, sorted_genes, sorted_values)
        # Edges without a verdict. All of them are compared with one neighbour before the next one, so that their
        # look-ups do not wait for each other.
        open_edges = np.empty(row_starts[i + 1] - row_starts[i], np.int64)
        n_open = 0
        for e in range(row_starts[i], row_starts[i + 1]):
            via[e] = -1
            if not is_protected[e]:
                open_edges[n_open] = e
                n_open += 1
        k = 0
        while n_open > 0:
            if k == n_sorted and n_sorted < number:
                n_sorted = _strongest_first(genes, values, number, number, sorted_genes, sorted_values)
            if k == n_sorted:
                break
            mediator, bound = sorted_genes[k], sorted_values[k] * factor - epsilon
            n_left = 0
            for at in range(n_open):
                e = open_edges[at]
                limit = mi[e]
                # An edge for which this neighbour is too weak is direct: the later ones are weaker still.
                if bound > limit:
                    if second[e] != mediator:
                        other = _value(starts, neighbour, value, mediator, second[e])
                        if other >= 0.0 and other * factor - epsilon > limit:
                            via[e] = mediator
                            continue
                    open_edges[n_left] = e
                    n_left += 1
            n_open = n_left
            k += 1


@parallel(lambda a: len(a))
def edge_values(begin, stop, row_starts, second, mi, a, b, values):
    """MI of given edges. row_starts: int64 (n_genes + 1,); second, mi: all edges; a, b: int32, values: float64."""
    for k in range(begin, stop):
        i, j = min(a[k], b[k]), max(a[k], b[k])
        low, high = row_starts[i], row_starts[i + 1]
        while low < high:
            middle = (low + high) // 2
            if second[middle] < j:
                low = middle + 1
            else:
                high = middle
        values[k] = mi[low]
