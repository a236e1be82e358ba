"""Checks of the structure of matrices in HDF5 and zarr files, before they are used.

scipy trusts the parts of a sparse matrix: an index out of range makes it write outside of its memory. HDF5 and zarr
read a missing chunk as zeros. So every array is checked before it is read, and every sparse matrix before it is used.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from genenet.errors import InputError, count, shorten
from genenet.readers.limits import check_memory

SPARSE_KINDS = {"csr_matrix": True, "csr": True, "csc_matrix": False, "csc": False}
"""Encodings of a sparse group, and whether its slices are rows."""
MOST_DIMENSION = 2**31 - 1
"""Largest number of rows or columns; also the largest index of 32 bits."""
WRITE_AGAIN = "copy or write the file again"


def sparse_matrix(
    data: NDArray[Any], indices: NDArray[Any], indptr: NDArray[Any], shape: tuple[int, int], *, by_row: bool
) -> Any:
    """Make a CSR (`by_row`) or CSC matrix of its arrays, after checking them.

    Parameters
    ----------
    data, indices
        Values, and the column (for CSC: the row) of each; shape (n_values,).
    indptr
        Position of the first value of each row (for CSC: column); ascending, shape (n_rows + 1,).
    shape
        Numbers of rows and columns.

    Raises
    ------
    InputError
        If they do not make a matrix of real numbers.

    Examples
    --------
    >>> ones, where = np.ones(2), np.array([0, 1])
    >>> sparse_matrix(ones, where, np.array([0, 1, 2]), (2, 2), by_row=True).toarray().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    >>> sparse_matrix(ones, where, np.array([0, 2, 1]), (2, 2), by_row=True)
    Traceback (most recent call last):
    genenet.errors.InputError: sparse matrix: indptr ends at 1, but there are 2 values; the file is damaged: copy or \
write the file again
    """
    n_slices, n_places = shape if by_row else shape[::-1]
    _check_parts(data, indices, indptr)
    _check_indptr(indptr, n_slices, len(data))
    _check_indices(indices, n_places, len(data))
    make = sp.csr_matrix if by_row else sp.csc_matrix
    wide = max(*shape, len(data)) > MOST_DIMENSION
    places, starts = (part.astype(np.int64 if wide else np.int32, copy=False) for part in (indices, indptr))
    matrix = make((data, places, starts), shape=shape)
    matrix.sort_indices()
    _check_unique(matrix)
    return matrix


def checked(matrix: Any) -> Any:
    """Check a CSR or CSC matrix that a library has read as `sparse_matrix` does; others are returned as they are."""
    if not sp.issparse(matrix) or matrix.format not in ("csr", "csc"):
        return matrix
    parts = matrix.data, matrix.indices, matrix.indptr
    return sparse_matrix(*parts, matrix.shape, by_row=matrix.format == "csr")


def _check_unique(matrix: Any) -> None:
    """Refuse two values for one cell; the indices of a slice are in order."""
    twice = np.flatnonzero(matrix.indices[1:] == matrix.indices[:-1])
    slices = np.searchsorted(matrix.indptr, twice, side="right")
    wrong = twice[matrix.indptr[slices] > twice + 1]
    if wrong.size:
        where = np.searchsorted(matrix.indptr, wrong[0], side="right") - 1
        raise _damaged(
            f"{count(len(wrong), 'cell')} with two values, the first in slice {where:,} at {matrix.indices[wrong[0]]:,}"
        )


def _check_parts(*parts: NDArray[Any]) -> None:
    for name, part in zip(("data", "indices", "indptr"), parts, strict=True):
        kinds = "fiub" if name == "data" else "iu"
        if part.ndim != 1:
            raise _damaged(f"{name} has {part.ndim} dimensions, not 1")
        if part.dtype.kind not in kinds:
            raise InputError(
                f"sparse matrix: {name} holds {part.dtype}, not {'real numbers' if name == 'data' else 'integers'};"
                " write it again with a matrix of real or integer values"
            )


def _check_indptr(indptr: NDArray[Any], n_slices: int, n_values: int) -> None:
    if len(indptr) != n_slices + 1:
        raise _damaged(f"indptr has {len(indptr):,} entries where {n_slices + 1:,} are due")
    if indptr[0] != 0:
        raise _damaged(f"indptr begins with {indptr[0]:,}, not 0")
    if indptr[-1] != n_values:
        raise _damaged(f"indptr ends at {indptr[-1]:,}, but there are {count(n_values, 'value')}")
    falls = np.flatnonzero(indptr[1:] < indptr[:-1])
    if falls.size:
        raise _damaged(f"indptr falls from {indptr[falls[0]]:,} to {indptr[falls[0] + 1]:,} at entry {falls[0] + 1:,}")


def _check_indices(indices: NDArray[Any], n_places: int, n_values: int) -> None:
    if len(indices) != n_values:
        raise _damaged(f"there are {count(n_values, 'value')} but {len(indices):,} indices")
    if n_values and (int(indices.min()) < 0 or int(indices.max()) >= n_places):
        wrong = int(np.flatnonzero((indices < 0) | (indices >= n_places))[0])
        raise _damaged(f"index {indices[wrong]:,} (entry {wrong:,}) is not between 0 and {n_places - 1:,}")


def _damaged(what: str) -> InputError:
    return InputError(f"sparse matrix: {what}; the file is damaged: {WRITE_AGAIN}")


def check_shape(shape: tuple[int, int], names: tuple[int, int], kinds: str) -> None:
    """Refuse a matrix whose numbers of rows and columns are not those of their names."""
    if tuple(shape) != names:
        raise InputError(
            f"the matrix is {shape[0]:,} x {shape[1]:,}, but there are names of {names[0]:,} and {names[1]:,} {kinds};"
            f" {WRITE_AGAIN}"
        )


def check_dense(array: Any, names: tuple[int, int]) -> None:
    """Refuse a dense matrix that is incomplete, not real, too large for memory, or of another shape than its names."""
    if len(array.shape) != 2:
        raise InputError(f"the matrix has {len(array.shape)} dimensions; it needs 2")
    check_shape(array.shape, names, "rows and columns")
    if array.dtype.kind not in "fiub":
        raise InputError(
            f"{shown(array)} holds {shorten(str(array.dtype), quoted=False)}, not real numbers; write real or integer"
            " values"
        )
    check_chunks(array)
    check_memory(n_bytes(array), f"the values of {shown(array)}")


def read_sparse(group: Any, names: tuple[int, int]) -> Any:
    """Read the sparse matrix of an AnnData group of HDF5 or zarr, which has a row and a column for each name."""
    by_row = SPARSE_KINDS.get(str(group.attrs.get("encoding-type", group.attrs.get("h5sparse_format", ""))))
    if by_row is None:
        kind = shorten(str(group.attrs.get("encoding-type", "")))
        raise InputError(f"the matrix is stored as {kind}, which is not read here; write it dense, or as CSR or CSC")
    shape = group.attrs.get("shape", group.attrs.get("h5sparse_shape", ()))
    check_shape(_shape(shape), names, "rows and columns")
    return sparse_from(group, names, by_row=by_row)


def sparse_from(group: Any, shape: tuple[int, int], *, by_row: bool) -> Any:
    """Read a sparse matrix whose parts are arrays of a group."""
    parts = [array_in(group, name, dimensions=1) for name in ("data", "indices", "indptr")]
    check_memory(sum(n_bytes(part) for part in parts), "the values of the sparse matrix")
    data, indices, indptr = (part[:] for part in parts)
    return sparse_matrix(data, indices, indptr, shape, by_row=by_row)


def _shape(given: Any) -> tuple[int, int]:
    try:
        n_rows, n_columns = (int(number) for number in given)
    except (TypeError, ValueError):
        raise _damaged(f"its shape is {shorten(str(given))}, not two numbers") from None
    if not (0 <= n_rows <= MOST_DIMENSION and 0 <= n_columns <= MOST_DIMENSION):
        raise _damaged(f"its shape is {n_rows:,} x {n_columns:,}")
    return n_rows, n_columns


def shape_in(group: Any) -> tuple[int, int] | None:
    """Shape of a sparse matrix from its array `shape`, which 10x writes; None without one."""
    return _shape(array_in(group, "shape", dimensions=1)[:2]) if "shape" in group else None


def array_in(group: Any, name: str, *, dimensions: int) -> Any:
    """Find an array of a group, and check its number of dimensions and that no chunk is missing."""
    if name not in group:
        raise InputError(f"{shown(group)} has no {name}; {WRITE_AGAIN}")
    array = group[name]
    if not hasattr(array, "dtype") or not hasattr(array, "shape"):
        raise InputError(f"{shown(array)} is a group, not an array; {WRITE_AGAIN}")
    if len(array.shape) != dimensions:
        raise InputError(f"{shown(array)} has {len(array.shape)} dimensions, not {dimensions}; {WRITE_AGAIN}")
    check_chunks(array)
    return array


def check_chunks(array: Any) -> None:
    """Refuse an array with chunks that were never written or are in another file; they would be read as 0."""
    n_chunks, n_there = _zarr_chunks(array) if hasattr(array, "nchunks_initialized") else _hdf5_chunks(array)
    if n_there < n_chunks:
        how = "write them too (zarr.config.set({'array.write_empty_chunks': True}))"
        advice = how if hasattr(array, "nchunks_initialized") else "write it again"
        raise InputError(
            f"{shown(array)} has only {n_there:,} of its {count(n_chunks, 'chunk')}: the others would be read as 0;"
            f" copy the file again, or if they are zeros, {advice}"
        )


def _zarr_chunks(array: Any) -> tuple[int, int]:
    return (int(array.nchunks), int(array.nchunks_initialized)) if array.size else (0, 0)


def _hdf5_chunks(array: Any) -> tuple[int, int]:
    if array.external or array.is_virtual:
        raise InputError(f"{shown(array)} is kept in another file; copy it into this one")
    if not array.size or array.id.get_space_status() == h5_allocated():
        return 0, 0
    if array.chunks is None:
        # Small arrays are kept in the header, and take no space of their own.
        return (0, 0) if array.id.get_storage_size() else (1, 0)
    per_axis = [-(-n // size) for n, size in zip(array.shape, array.chunks, strict=True)]
    return int(np.prod(per_axis, dtype=np.float64)), int(array.id.get_num_chunks())


def h5_allocated() -> int:
    """HDF5's status of an array whose space is allocated completely."""
    import h5py

    return int(h5py.h5d.SPACE_STATUS_ALLOCATED)


def n_bytes(array: Any) -> int:
    """Bytes that an array takes when it is read."""
    return int(np.prod(array.shape, dtype=np.float64)) * int(array.dtype.itemsize)


def check_tree(group: Any) -> None:
    """Check that all arrays below a group of HDF5 are complete and fit into memory."""
    arrays = list(_arrays(group))
    for array in arrays:
        check_chunks(array)
    check_memory(sum(map(n_bytes, arrays)), f"the arrays of {shown(group)}")


def _arrays(item: Any, depth: int = 0) -> Iterator[Any]:
    if depth > 6:
        raise InputError(f"{shown(item)} is nested too deeply; {WRITE_AGAIN}")
    if not hasattr(item, "keys"):
        yield item
        return
    for name in item:
        yield from _arrays(item[name], depth + 1)


def shown(item: Any) -> str:
    """Name of an array or a group, for messages."""
    return shorten(str(item.name).strip("/") or "the file", quoted=False)
