"""Tables of MI of pairs, as one array: the upper triangle of all pairs row by row, or a row for each of some genes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
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


class ListedPairs(NamedTuple):
    """Arrays that the pairs of a triangle are listed in, each of shape (n_pairs,)."""

    cell: NDArray[np.int64]
    """Positions in the triangle."""
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    mi: NDArray[np.float64]


@inner(inline="always")
def triangle_cell(n_genes, a, b):
    """Position of the pair of genes a < b in a triangle; with b = 0 the number to which any b of this row is added."""
    return a * (2 * n_genes - a - 1) // 2 + b - a - 1


@parallel(lambda starts: len(starts) - 1)
def list_triangle(begin, stop, table, n_genes, first_row, starts, pairs):
    """List the pairs in some rows of a triangle.

    starts: int64 (n_rows + 1,), where the pairs of each row begin in `pairs`, the `ListedPairs`; the last is the end.
    """
    for row in range(begin, stop):
        i, at, end = first_row + row, starts[row], starts[row + 1]
        base = triangle_cell(n_genes, i, 0)
        j = i + 1
        # A cell without a pair is overwritten by the next one: there is no branch to predict, and none after the last
        # pair of the row is written.
        while at < end:
            value = table[base + j]
            pairs.cell[at], pairs.first[at], pairs.second[at], pairs.mi[at] = base + j, i, j, value
            at += value >= 0.0
            j += 1


@parallel(lambda n_genes: n_genes)
def count_triangle(begin, stop, table, n_genes, counts):
    """Number of pairs in each row of a triangle. counts: int64 (n_genes,)."""
    for i in range(begin, stop):
        base, number = triangle_cell(n_genes, i, 0), 0
        for cell in range(base + i + 1, base + n_genes):
            number += table[cell] >= 0.0
        counts[i] = number


@compiled()
def is_ordered(first, second):
    """Whether pairs come in the order of their first, then their second gene. first, second: int32 (n_pairs,)."""
    for k in range(1, first.shape[0]):
        if first[k] < first[k - 1] or (first[k] == first[k - 1] and second[k] < second[k - 1]):
            return False
    return True


@inner(inline="always")
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
