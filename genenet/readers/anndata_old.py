"""Parts of AnnData files written before version 0.7: obs and var are compound HDF5 tables, categories are in uns."""

from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError
from genenet.readers.sparse_pieces import Matrix
from genenet.readers.structure import check_chunks, sparse_from


def old_frame(file: h5py.Group, name: str) -> pd.DataFrame:
    """Read `obs` or `var` from its compound table; codes of categories are replaced by the names of the categories.

    Raises
    ------
    InputError
        If it has no index.
    """
    check_chunks(file[name])
    table = file[name][:]
    fields = list(table.dtype.names or ())
    index = next((field for field in ("index", "_index") if field in fields), None)
    if index is None:
        raise InputError(f"{name} has no column index; write the file again with anndata 0.7 or later")
    columns = {field: _column(file, field, table[field]) for field in fields if field != index}
    return pd.DataFrame(columns, index=pd.Index(texts(table[index]), dtype=object))


def _column(file: h5py.Group, field: str, values: NDArray[Any]) -> Any:
    uns = file.get("uns", {})
    categories = uns.get(f"{field}_categories")
    if categories is None:
        return texts(values) if values.dtype.kind in "SO" else values
    # A single category was written as a scalar.
    names = np.atleast_1d(np.asarray(categories[()]))
    names = texts(names) if names.dtype.kind in "SO" else names
    codes = values.astype(np.int64)
    if codes.min(initial=0) < -1 or codes.max(initial=-1) >= len(names):
        return values  # these are not codes of the categories
    return pd.Categorical.from_codes(codes, pd.Index(names).astype(str))


def old_matrix(values: h5py.Group) -> Matrix:
    """Read a sparse matrix whose format and shape are in the attributes h5sparse_format and h5sparse_shape.

    Raises
    ------
    InputError
        If the group does not have these attributes.
    """
    kind, shape = values.attrs.get("h5sparse_format"), values.attrs.get("h5sparse_shape")
    if kind is None or shape is None:
        raise InputError("the matrix is neither dense nor sparse as anndata wrote it; write the file again")
    kind = kind if isinstance(kind, str) else kind.decode()
    return sparse_from(values, (int(shape[0]), int(shape[1])), by_row=kind == "csr")


def texts(values: NDArray[Any]) -> NDArray[np.object_]:
    """Decode an array of texts or bytes, as h5py reads it, to an array of Python strings."""
    return np.array([text.decode() if isinstance(text, bytes) else str(text) for text in values], dtype=object)
