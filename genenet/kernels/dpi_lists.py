"""Which edges of a network are indirect, and through whom, where few pairs are edges: sorted lists of neighbours.

The same verdicts as from a table of all pairs (`genenet.kernels.dpi_table`).
"""

import numpy as np
from numba import njit

from genenet.kernels.sampling_error import raised
from genenet.kernels.threads import parallel

# Neighbours that are sorted at first; few edges look further.
FEW = 256
ABSENT = -1.0


@njit(cache=True)
def fill_lists(first, second, mi, is_mediator, starts, neighbour, value):
    """Mediators among each gene's neighbours, in gene order.

    starts: int64 (n_genes + 1,), where each gene's neighbours start; neighbour: int32; value: float64.
    """
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


@njit(cache=True, inline="always")
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


@njit(cache=True)
def _kth_largest(values, n, k, room):
    """The k-th largest of the first n values (quickselect); numpy's partition takes numba seconds to compile."""
    room[:n] = values[:n]
    low, high, wanted = 0, n - 1, n - k
    while low < high:
        pivot = room[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while room[i] < pivot:
                i += 1
            while room[j] > pivot:
                j -= 1
            if i <= j:
                room[i], room[j] = room[j], room[i]
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return room[wanted]


@njit(cache=True)
def _strongest_first(genes, values, number, most, sorted_genes, sorted_values):
    """The strongest `most` neighbours from the largest MI down, gene order among equals; returns their number."""
    least = -1.0
    if most < number:
        least = _kth_largest(values, number, most, sorted_values)
    n_chosen = 0
    for k in range(number):
        # All that equal the last one are taken: the order among them is known only then.
        if values[k] >= least:
            sorted_genes[n_chosen], sorted_values[n_chosen] = genes[k], -values[k]
            n_chosen += 1
    order = np.argsort(sorted_values[:n_chosen], kind="mergesort")
    ordered = sorted_genes[:n_chosen][order]
    sorted_values[:n_chosen] = -sorted_values[:n_chosen][order]
    sorted_genes[:n_chosen] = ordered
    return n_chosen


@parallel(lambda row_starts: len(row_starts) - 1)
def find_in_lists(
    begin, stop, row_starts, second, mi, is_protected, starts, neighbour, value, scale, shift, allowance, via
):  # fmt: skip
    """First mediator of each edge on a walk over its first gene's neighbours, strongest first; -1 where there is none.

    row_starts: int64 (n_genes + 1,), where each gene's edges start; second: int32, mi: float64, is_protected: bool
    (n_edges,), or empty; starts, neighbour, value: as from `fill_lists`. An edge is indirect if
    min(mi_ik, mi_jk) * scale - shift is above `raised(mi_ij, allowance)`. Out: via int32 (n_edges,).
    """
    n_genes = row_starts.shape[0] - 1
    for turn in range(begin, stop):
        # Genes with many edges come first; taken from both ends in turn, every thread has its share of them.
        i = turn // 2 if turn % 2 == 0 else n_genes - 1 - turn // 2
        if row_starts[i] == row_starts[i + 1]:
            continue
        genes, values = neighbour[starts[i] : starts[i + 1]], value[starts[i] : starts[i + 1]]
        number = genes.shape[0]
        sorted_genes, sorted_values = np.empty(number, np.int32), np.empty(number)
        n_sorted = _strongest_first(genes, values, number, FEW, sorted_genes, sorted_values)
        # Edges whose verdict is open. All of them are held against one neighbour before the next one: their look-ups do
        # not wait for each other.
        open_edges = np.empty(row_starts[i + 1] - row_starts[i], np.int64)
        # What a mediator's edges must exceed.
        limits = np.empty(row_starts[i + 1] - row_starts[i])
        n_open = 0
        for e in range(row_starts[i], row_starts[i + 1]):
            via[e] = -1
            limits[e - row_starts[i]] = raised(mi[e], allowance)
            if is_protected.shape[0] == 0 or not is_protected[e]:
                open_edges[n_open] = e
                n_open += 1
        k = 0
        while n_open > 0:
            if k == n_sorted and n_sorted < number:
                n_sorted = _strongest_first(genes, values, number, number, sorted_genes, sorted_values)
            if k == n_sorted:
                break
            mediator, bound = sorted_genes[k], sorted_values[k] * scale - shift
            n_left = 0
            for at in range(n_open):
                e = open_edges[at]
                limit = limits[e - row_starts[i]]
                # Later neighbours are weaker still.
                if bound > limit:
                    if second[e] != mediator:
                        other = _value(starts, neighbour, value, mediator, second[e])
                        if other >= 0.0 and other * scale - shift > limit:
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
