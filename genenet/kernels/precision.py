"""Inverse of a covariance matrix by its Cholesky factor, with every sum in one written order.

LAPACK adds up in an order that depends on the processor and on the number of threads; these loops do not, so that the
same matrix gives the same bits everywhere. Products of matrices are left to BLAS, which is exact for integers
whose sums stay below 2**53 (see `genenet.scores.partial_correlation`).
"""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import is_tested_in_row

# Columns that are factored before the rest of the matrix is updated by them.
PANEL = 64
# Right-hand sides that are solved side by side, in the lanes of vector registers.
LANES = 16
# Cells of a row that are updated at a time: they stay in the processor's L1 cache.
CELLS_AT_ONCE = 1024


@compiled()
def _factor_panel(matrix, start, end):
    """Cholesky factor of columns start to end of the matrix, from which those before have been subtracted."""
    for j in range(start, end):
        pivot = matrix[j, j]
        for p in range(start, j):
            pivot -= matrix[j, p] * matrix[j, p]
        pivot = np.sqrt(pivot)
        matrix[j, j] = pivot
        for i in range(j + 1, end):
            value = matrix[i, j]
            for p in range(start, j):
                value -= matrix[i, p] * matrix[j, p]
            matrix[i, j] = value / pivot


@parallel(lambda matrix, end: len(matrix) - end)
def _solve_panel(begin, stop, matrix, start, end):
    """Cholesky factor in the panel's columns of the rows below the panel."""
    for i in range(end + begin, end + stop):
        for j in range(start, end):
            value = matrix[i, j]
            for p in range(start, j):
                value -= matrix[i, p] * matrix[j, p]
            matrix[i, j] = value / matrix[j, j]


@parallel(lambda matrix, end: len(matrix) - end)
def _subtract_panel(begin, stop, matrix, start, end, panel):
    """Subtract the panel's share from the rest of the lower triangle. panel: its columns, transposed."""
    n = matrix.shape[0] - end
    for iteration in range(begin, stop):
        # Rows grow longer downwards; taken from both ends in alternation, every thread has its share of long ones.
        i = iteration // 2 if iteration % 2 == 0 else n - 1 - iteration // 2
        row = matrix[end + i]
        for first in range(0, i + 1, CELLS_AT_ONCE):
            last = min(first + CELLS_AT_ONCE, i + 1)
            for p in range(end - start):
                factor = row[start + p]
                for j in range(first, last):
                    row[end + j] -= factor * panel[p, j]


def cholesky(matrix: NDArray[np.float64]) -> None:
    """Overwrite the lower triangle of a positive definite matrix with its Cholesky factor. float64 (n, n), C order."""
    n = len(matrix)
    for start in range(0, n, PANEL):
        end = min(start + PANEL, n)
        _factor_panel(matrix, start, end)
        if end < n:
            _solve_panel(matrix, start, end)
            _subtract_panel(matrix, start, end, np.ascontiguousarray(matrix[end:, start:end].T))


@parallel(lambda rows: -(-len(rows) // LANES))
def solve_lower(begin, stop, factor, rows):
    """Overwrite each row b with the solution x of factor x = b. factor: lower triangle (n, n); rows: (n_rows, n)."""
    n = factor.shape[0]
    lanes = np.empty((n, LANES))
    for group in range(begin, stop):
        first = group * LANES
        number = min(LANES, rows.shape[0] - first)
        lanes[:, number:] = 0.0
        for k in range(number):
            for t in range(n):
                lanes[t, k] = rows[first + k, t]
        for t in range(n):
            own = lanes[t]
            for u in range(t):
                value, other = factor[t, u], lanes[u]
                for k in range(LANES):
                    own[k] -= value * other[k]
            pivot = factor[t, t]
            for k in range(LANES):
                own[k] /= pivot
        for k in range(number):
            for t in range(n):
                rows[first + k, t] = lanes[t, k]


# Sums of integers below 2**53 are exact in any order.
@parallel(lambda first: len(first), fastmath={"reassoc", "contract"})
def dots(begin, stop, vectors, first, second, values):
    """Scalar product of two vectors for each pair. vectors: float64 (n_genes, n), integers; values: float64."""
    for e in range(begin, stop):
        one, other, total = vectors[first[e]], vectors[second[e]], 0.0
        for s in range(one.shape[0]):
            total += one[s] * other[s]
        values[e] = total


@compiled()
def add_absolute(products, rows, first_column, is_regulator, is_target, sums, counts):
    """Add the absolute scalar products of tested pairs to the sums of both genes, and count the pairs.

    products: float64 (n_rows, n_columns), of genes `rows` (int64) with genes first_column, first_column + 1, ...; every
    regulator is a row of one of the blocks, so a pair of two regulators counts in the row of the earlier one. A pair is
    tested if one gene is a regulator and the other a target. is_regulator, is_target: bool (n_genes,); sums: float64
    (n_genes,); counts: int64 (n_genes,).
    """
    for i in range(products.shape[0]):
        a = rows[i]
        for j in range(products.shape[1]):
            b = first_column + j
            if is_tested_in_row(a, is_target[a], b, is_regulator[b], is_target[b]):
                value = abs(products[i, j])
                sums[a] += value
                sums[b] += value
                counts[a] += 1
                counts[b] += 1


@compiled()
def largest_squared_norm(vectors):
    """Largest sum of squares of a row. vectors: float64 (n_rows, n)."""
    largest = 0.0
    for i in range(vectors.shape[0]):
        total = 0.0
        for j in range(vectors.shape[1]):
            total += vectors[i, j] * vectors[i, j]
        largest = max(largest, total)
    return largest


@compiled()
def normalise_rows(vectors):
    """Divide each row by its length. vectors: float64 (n_rows, n)."""
    for i in range(vectors.shape[0]):
        total = 0.0
        for j in range(vectors.shape[1]):
            total += vectors[i, j] * vectors[i, j]
        length = np.sqrt(total)
        for j in range(vectors.shape[1]):
            vectors[i, j] /= length


@compiled()
def scale_rows(vectors, shrinkage):
    """Multiply row u by sqrt((1 - s) / (1 - (1 - s) u.u)). vectors: float64 (n_rows, n); s: the shrinkage."""
    for i in range(vectors.shape[0]):
        total = 0.0
        for j in range(vectors.shape[1]):
            total += vectors[i, j] * vectors[i, j]
        factor = np.sqrt((1.0 - shrinkage) / (1.0 - (1.0 - shrinkage) * total))
        for j in range(vectors.shape[1]):
            vectors[i, j] *= factor
