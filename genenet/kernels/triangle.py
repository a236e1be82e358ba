"""The upper triangle of the table of all pairs, row by row in one array: fill it, list it, count it."""

import numpy as np
from numba import njit

from genenet.kernels.threads import parallel

ABSENT = -1.0
CELLS_AT_ONCE = 1 << 16


@parallel(lambda first_row, last_row: last_row - first_row)
def list_triangle(begin, stop, table, n_genes, first_row, last_row, starts, cell, first, second, mi):
    """Pairs in some rows of a triangle. starts: int64 (n_rows,), where each row's go in cell (int64) and the others."""
    for i in range(first_row + begin, first_row + stop):
        base, at = i * (2 * n_genes - i - 1) // 2 - i - 1, starts[i - first_row]
        for j in range(i + 1, n_genes):
            if table[base + j] >= 0.0:
                cell[at], first[at], second[at], mi[at] = base + j, i, j, table[base + j]
                at += 1


@parallel(lambda n_genes: n_genes)
def count_triangle(begin, stop, table, n_genes, counts):
    """Number of pairs in each row of a triangle. counts: int64 (n_genes,)."""
    for i in range(begin, stop):
        start = i * (2 * n_genes - i - 1) // 2
        number = 0
        for cell in range(start, start + n_genes - i - 1):
            number += table[cell] >= 0.0
        counts[i] = number


@njit(cache=True)
def is_ordered(first, second):
    """Whether pairs come in the order of their first, then their second gene. first, second: int32 (n_pairs,)."""
    for k in range(1, first.shape[0]):
        if first[k] < first[k - 1] or (first[k] == first[k - 1] and second[k] < second[k - 1]):
            return False
    return True


@njit(cache=True, inline="always")
def _cell(n_genes, slot, mediator, gene):
    """Position in the table of the edge between a mediator and another gene."""
    if slot.shape[0] > 0:
        return slot[mediator] * n_genes + gene
    a, b = min(mediator, gene), max(mediator, gene)
    return a * (2 * n_genes - a - 1) // 2 + b - a - 1


@parallel(lambda table: -(-len(table) // CELLS_AT_ONCE))
def clear_table(begin, stop, table):
    """Set every cell to ABSENT, by all threads: they touch new memory faster than one does."""
    for cell in range(begin * CELLS_AT_ONCE, min(stop * CELLS_AT_ONCE, table.shape[0])):
        table[cell] = ABSENT


@parallel(lambda first: len(first))
def fill_table(begin, stop, first, second, mi, n_genes, slot, table):
    """Write each edge into the table. first, second: int32, mi: float64 (n_edges,); table: float64, full of -1."""
    for e in range(begin, stop):
        i, j = np.int64(first[e]), np.int64(second[e])
        if slot.shape[0] == 0 or slot[i] >= 0:
            table[_cell(n_genes, slot, i, j)] = mi[e]
        if slot.shape[0] > 0 and slot[j] >= 0:
            table[_cell(n_genes, slot, j, i)] = mi[e]
