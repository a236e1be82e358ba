"""A matrix gathered piece by piece: dense when it is small, sparse when it is large and mostly zeros.

A table of 58,000 genes and 10,000 cells takes 4.6 GB dense, and a tenth of that when only the values that are not 0 are
kept; so pieces that are mostly zeros are made sparse as they are read.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genenet.readers.limits import MAX_DENSE_BYTES

Matrix: TypeAlias = Any  # float64 ndarray, or scipy sparse

PIECE_BYTES = 16 << 20
PIECES_AT_ONCE = 4
"""Pieces that threads copy at a time."""

MANY_VALUES = 4_000_000
"""Matrices of at least so many values are worked on in threads: to import these takes as long as a small matrix."""


def is_sparse(values: Any) -> bool:
    """Tell whether values are a scipy sparse matrix or array."""
    if isinstance(values, np.ndarray):  # an array is recognised without importing scipy
        return False
    from scipy.sparse import issparse

    return bool(issparse(values))


def dense(values: Any) -> NDArray[Any]:
    """Give a matrix, or a part of one, as an array; one that is an array is not copied.

    Examples
    --------
    >>> import scipy.sparse
    >>> dense(scipy.sparse.csr_array([[0.0, 2.0]]))
    array([[0., 2.]])
    """
    return np.asarray(values.toarray() if is_sparse(values) else values)


def fits_dense(shape: tuple[int, int]) -> bool:
    """Tell whether a matrix of float64 is small enough to be dense."""
    return 8 * shape[0] * shape[1] <= MAX_DENSE_BYTES


def gather(pieces: Iterable[NDArray[Any]], n_columns: int) -> Matrix:
    """Stack pieces of rows to one float64 matrix: CSR if it is large and every piece is mostly zeros, else an array.

    Examples
    --------
    >>> gather([np.array([[1, 2]]), np.array([[3, 4]])], 2)
    array([[1., 2.],
           [3., 4.]])
    """
    kept: list[Any] = []
    n_rows = 0
    packed = True
    for piece in pieces:
        n_rows += len(piece)
        # A value takes 12 bytes with its index in a sparse matrix, 8 in a dense one.
        worth = 2 * int(np.count_nonzero(piece)) < piece.size
        packed &= worth
        kept.append(_packed(piece) if worth else np.asarray(piece, dtype=np.float64))
    if packed and not fits_dense((n_rows, n_columns)):
        from scipy.sparse import vstack

        return vstack(kept, format="csr")
    return _stacked(kept, n_rows, n_columns)


def _stacked(pieces: list[Any], n_rows: int, n_columns: int) -> NDArray[np.float64]:
    """Stack pieces to an array; they are removed from the list, so that memory holds little more than one copy."""
    whole = np.empty((n_rows, n_columns))
    row = 0
    while pieces:
        some, places = [pieces.pop(0) for _ in range(min(len(pieces), PIECES_AT_ONCE))], []
        for piece in some:
            places.append(whole[row : row + piece.shape[0]])
            row += piece.shape[0]
        work = list(zip(places, some, strict=True))
        if whole.size < MANY_VALUES:
            for each in work:
                _copy(each)
        else:
            from genenet.kernels.threads import in_threads

            in_threads(_copy, work)
    return whole


def _copy(both: tuple[NDArray[np.float64], Any]) -> None:
    """Copy a piece to its place."""
    place, piece = both
    place[:] = piece.toarray() if is_sparse(piece) else piece


def _packed(piece: NDArray[Any]) -> Any:
    from scipy.sparse import csr_matrix  # takes longer to import than a small table to read

    return csr_matrix(piece, dtype=np.float64)


def slices(n_rows: int, n_columns: int) -> Iterable[slice]:
    """Cut rows into slices of about 16 MB of float64."""
    step = max(1, PIECE_BYTES // (8 * max(1, n_columns)))
    return (slice(start, min(start + step, n_rows)) for start in range(0, n_rows, step))


def row_by_row(values: NDArray[Any]) -> NDArray[Any]:
    """Arrange a matrix row by row in memory; a large one that was read column by column is turned in threads."""
    if values.size < MANY_VALUES or values.dtype != np.float64 or not values.T.flags.c_contiguous:
        return np.ascontiguousarray(values)
    from genenet.kernels.threads import transposed  # with compiled code

    return transposed(values.T)
