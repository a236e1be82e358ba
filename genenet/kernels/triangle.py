"""Tables of MI of pairs, as one array: the upper triangle of all pairs row by row, or a row for each of some genes."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genenet.kernels.threads import parallel

ABSENT = -1.0
CELLS_AT_ONCE = 1 << 16


class PairTable(NamedTuple):
    """MI of pairs of which at least one gene has a row: float64, ABSENT where there is no pair.

    The table of all pairs is the upper triangle, row by row. A table of the pairs of some genes has a full row for each
    of these genes.
    """

    mi: NDArray[np.float64]
    n_genes: int
    is_triangle: bool
    row_of: NDArray[np.int64]
    """Row of each gene, -1 for genes without, shape (n_genes,); each gene's own number in a triangle."""
    gene_of: NDArray[np.int64]
    """Gene of each row."""


def triangle_table(mi: NDArray[np.float64], n_genes: int) -> PairTable:
    """Make the `PairTable` of all pairs from the cells of their triangle."""
    genes = np.arange(n_genes)
    return PairTable(mi, n_genes, True, genes, genes)


@parallel(lambda first_row, last_row: last_row - first_row)
def list_triangle(begin, stop, table, n_genes, first_row, last_row, starts, cell, first, second, mi):
    """List the pairs in some rows of a triangle.

    starts: int64 (n_rows,), where the pairs of each row begin in the output: cell: int64, positions in the triangle;
    first, second: int32, genes; mi: float64.
    """
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
def triangle_cell(n_genes, a, b):
    """Position of the pair of genes a < b in a triangle."""
    return a * (2 * n_genes - a - 1) // 2 + b - a - 1


@njit(cache=True, inline="always")
def table_cell(n_genes, is_triangle, row, gene_of_row, gene):
    """Position in a `PairTable` of the pair of a row's gene and another gene."""
    if is_triangle:
        return triangle_cell(n_genes, min(gene_of_row, gene), max(gene_of_row, gene))
    return row * n_genes + gene


@parallel(lambda table: -(-len(table) // CELLS_AT_ONCE))
def clear_table(begin, stop, table):
    """Set every cell to ABSENT, by all threads: they touch new memory faster than one does."""
    for cell in range(begin * CELLS_AT_ONCE, min(stop * CELLS_AT_ONCE, table.shape[0])):
        table[cell] = ABSENT


@parallel(lambda first: len(first))
def fill_table(begin, stop, first, second, mi, table):
    """Write each pair into a `PairTable`. first, second: int32, first < second, mi: float64 (n_pairs,)."""
    cells, n_genes, is_triangle, row_of, _ = table
    for e in range(begin, stop):
        i, j = np.int64(first[e]), np.int64(second[e])
        if is_triangle:
            cells[triangle_cell(n_genes, i, j)] = mi[e]
            continue
        if row_of[i] >= 0:
            cells[row_of[i] * n_genes + j] = mi[e]
        if row_of[j] >= 0:
            cells[row_of[j] * n_genes + i] = mi[e]
