"""Which edges of a network are indirect, and through whom: the data processing inequality, strongest neighbours first.

Edges come ordered by (first, second). MI values of the edges of genes that may mediate are looked up in one of two
forms, by `_value`: a table when most pairs are edges, sorted lists of neighbours when few are. Both hold the values
themselves, so that no comparison is ever blurred.

A table holds the upper triangle when every gene may mediate (`slot` is empty), else one row for each mediator (`slot`
gives its number, -1 for other genes); pairs without an edge are -1.
"""

import numpy as np
from numba import njit, prange

# Neighbours that are sorted at first; few edges look further.
FEW = 256
ABSENT = -1.0


@njit(cache=True, inline="always")
def _cell(n_genes, slot, mediator, gene):
    """Position in the table of the edge between a mediator and another gene."""
    if slot.shape[0] > 0:
        return slot[mediator] * n_genes + gene
    a, b = min(mediator, gene), max(mediator, gene)
    return a * (2 * n_genes - a - 1) // 2 + b - a - 1


@njit(parallel=True, cache=True)
def fill_table(first, second, mi, n_genes, slot, table):
    """Write each edge into the table. first, second: int32, mi: float64 (n_edges,); table: float64, full of -1."""
    for e in prange(first.shape[0]):
        i, j = np.int64(first[e]), np.int64(second[e])
        if slot.shape[0] == 0 or slot[i] >= 0:
            table[_cell(n_genes, slot, i, j)] = mi[e]
        if slot.shape[0] > 0 and slot[j] >= 0:
            table[_cell(n_genes, slot, j, i)] = mi[e]


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
def _value(n_genes, slot, table, starts, neighbour, value, mediator, gene):
    """MI of the edge between a mediator and another gene, -1 where there is none."""
    if table.shape[0] > 0:
        return table[_cell(n_genes, slot, mediator, gene)]
    low, high = starts[gene], starts[gene + 1]
    while low < high:
        middle = (low + high) // 2
        if neighbour[middle] < mediator:
            low = middle + 1
        else:
            high = middle
    return value[low] if low < starts[gene + 1] and neighbour[low] == mediator else ABSENT


@njit(cache=True)
def _gather(n_genes, slot, table, starts, neighbour, value, mediator_genes, gene, genes, values):
    """Mediators among a gene's neighbours, in gene order; returns their number."""
    number = 0
    if table.shape[0] > 0:
        for m in mediator_genes:
            if m != gene:
                found = table[_cell(n_genes, slot, m, gene)]
                if found >= 0.0:
                    genes[number], values[number] = m, found
                    number += 1
        return number
    for k in range(starts[gene], starts[gene + 1]):
        genes[number], values[number] = neighbour[k], value[k]
        number += 1
    return number


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


@njit(parallel=True, cache=True)
def find_mediators(
    row_starts, second, mi, is_protected, n_genes, slot, table, starts, neighbour, value, mediator_genes, scale, shift,
    via,
):  # fmt: skip
    """First mediator of each edge on a walk over its first gene's neighbours, strongest first; -1 where there is none.

    row_starts: int64 (n_genes + 1,), where each gene's edges start; second: int32, mi: float64, is_protected: bool
    (n_edges,), or empty. An edge is indirect if it is below min(mi_ik, mi_jk) * scale - shift. Out: via int32
    (n_edges,).
    """
    for turn in prange(n_genes):
        # Genes with many edges come first; taken from both ends in turn, every thread has its share of them.
        i = turn // 2 if turn % 2 == 0 else n_genes - 1 - turn // 2
        if row_starts[i] == row_starts[i + 1]:
            continue
        room = mediator_genes.shape[0]
        genes, values = np.empty(room, np.int32), np.empty(room)
        sorted_genes, sorted_values = np.empty(room, np.int32), np.empty(room)
        number = _gather(n_genes, slot, table, starts, neighbour, value, mediator_genes, i, genes, values)
        n_sorted = _strongest_first(genes, values, number, FEW, sorted_genes, sorted_values)
        # Edges whose verdict is open. All of them are held against one neighbour before the next one: their look-ups do
        # not wait for each other.
        open_edges = np.empty(row_starts[i + 1] - row_starts[i], np.int64)
        n_open = 0
        for e in range(row_starts[i], row_starts[i + 1]):
            via[e] = -1
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
                # Later neighbours are weaker still.
                if bound > mi[e]:
                    if second[e] != mediator:
                        other = _value(n_genes, slot, table, starts, neighbour, value, mediator, second[e])
                        if other >= 0.0 and other * scale - shift > mi[e]:
                            via[e] = mediator
                            continue
                    open_edges[n_left] = e
                    n_left += 1
            n_open = n_left
            k += 1


@njit(parallel=True, cache=True)
def edge_values(row_starts, second, mi, a, b, values):
    """MI of given edges. row_starts: int64 (n_genes + 1,); second, mi: all edges; a, b: int32, values: float64."""
    for k in prange(a.shape[0]):
        i, j = min(a[k], b[k]), max(a[k], b[k])
        low, high = row_starts[i], row_starts[i + 1]
        while low < high:
            middle = (low + high) // 2
            if second[middle] < j:
                low = middle + 1
            else:
                high = middle
        values[k] = mi[low]
