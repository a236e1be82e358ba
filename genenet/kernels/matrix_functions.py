"""Functions of a symmetric matrix (inverse root, projector) with every sum in one written order.

LAPACK's eigenvectors depend on the processor and on the number of threads in their last digits. These iterations need
products and inverses only, in loops whose order is fixed, so that the same matrix gives the same bits everywhere.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.precision import cholesky, solve_lower
from genenet.kernels.threads import parallel

Matrix = NDArray[np.float64]

# Rows of the second matrix, and cells of a row of the product, that stay in the processor's L2 cache.
DEPTH, WIDTH = 128, 512
# Terms of the sum over the inner index that are added to a cell while it is in a register.
UNROLLED = 8
MAX_ITERATIONS = 200


@parallel(lambda a: len(a))
def _multiply(begin, stop, a, b, product):
    """Product of two matrices, a b. a: float64 (n, m); b: (m, k); product: (n, k), zeros; m a multiple of 8."""
    for from_row in range(0, b.shape[0], DEPTH):
        to_row = min(from_row + DEPTH, b.shape[0])
        for first in range(0, b.shape[1], WIDTH):
            last = min(first + WIDTH, b.shape[1])
            for i in range(begin, stop):
                row = product[i]
                for t in range(from_row, to_row, UNROLLED):
                    a0, a1, a2, a3 = a[i, t], a[i, t + 1], a[i, t + 2], a[i, t + 3]
                    a4, a5, a6, a7 = a[i, t + 4], a[i, t + 5], a[i, t + 6], a[i, t + 7]
                    b0, b1, b2, b3 = b[t], b[t + 1], b[t + 2], b[t + 3]
                    b4, b5, b6, b7 = b[t + 4], b[t + 5], b[t + 6], b[t + 7]
                    for j in range(first, last):
                        value = row[j] + a0 * b0[j]
                        value += a1 * b1[j]
                        value += a2 * b2[j]
                        value += a3 * b3[j]
                        value += a4 * b4[j]
                        value += a5 * b5[j]
                        value += a6 * b6[j]
                        value += a7 * b7[j]
                        row[j] = value


def multiply(a: Matrix, b: Matrix) -> Matrix:
    """Product of two matrices; each cell adds up in the order of the inner index."""
    product, rest = np.zeros((len(a), b.shape[1])), -a.shape[1] % UNROLLED
    _multiply(np.pad(a, ((0, 0), (0, rest))), np.pad(b, ((0, rest), (0, 0))), product)
    return product


def inverse(matrix: Matrix) -> Matrix:
    """Inverse of a positive definite matrix, shape (n, n), by its Cholesky factor."""
    factor, rows = matrix.copy(), np.eye(len(matrix))
    cholesky(factor)
    solve_lower(factor, rows)
    return multiply(rows, rows.T)


def inverse_root(matrix: Matrix) -> Matrix:
    """Symmetric inverse square root of a positive definite matrix, shape (n, n); NaN if it is not positive definite.

    The iteration of Denman and Beavers in its product form: M <- (2 I + M + M^-1) / 4, Y <- Y (I + M^-1) / 2, from M =
    the matrix and Y = I, ends at M = I and Y = the root. Higham (2008), Functions of Matrices, eq. 6.29.
    """
    scale = float(np.trace(matrix)) / len(matrix)
    identity = np.eye(len(matrix))
    m, root = matrix / scale, identity
    for _ in range(MAX_ITERATIONS):
        inverted = inverse(m)
        root = _symmetric(multiply(root, 0.5 * (identity + inverted)))
        m = _symmetric(0.25 * (2.0 * identity + m + inverted))
        if not np.abs(m - identity).max() > len(m) * np.finfo(float).eps:
            break
    return root / np.sqrt(scale)


def projector(matrix: Matrix, threshold: float) -> Matrix | None:
    """Projector on the eigenvectors of a symmetric matrix whose eigenvalues are above a threshold, shape (n, n).

    (I + sign(matrix - threshold I)) / 2, where the sign is the limit of the Newton-Schulz iteration S <- S (3 I - S^2)
    / 2. Higham (2008), Functions of Matrices, eq. 5.22. None if an eigenvalue is so near to the threshold that the
    iteration does not converge.
    """
    identity = np.eye(len(matrix))
    sign = matrix - threshold * identity
    sign /= np.abs(sign).sum(axis=1).max()
    for _ in range(MAX_ITERATIONS):
        square = multiply(sign, sign)
        if np.abs(square - identity).max() <= len(sign) * np.finfo(float).eps:
            return 0.5 * (identity + sign)
        sign = _symmetric(0.5 * multiply(sign, 3.0 * identity - square))
    return None


def _symmetric(matrix: Matrix) -> Matrix:
    return 0.5 * (matrix + matrix.T)
