"""Elements of .h5ad files (arrays, texts, tables, mappings), read and written by h5py alone.

Importing anndata takes longer than most steps compute. The files are the same byte for byte as those that anndata
writes: its elements are made in the same order, with the same attributes (see "On-disk format" in its documentation).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.products.prepared import Columns, Levels, Masked, Prepared, UnfamiliarError
from genenet.readers.sparse_pieces import row_by_row

if TYPE_CHECKING:
    import h5py

    from genenet.paths import PathLike
    from genenet.products.prepared import Column

PARTS = ("obs", "var", "obsm", "varm", "obsp", "varp", "layers", "uns")
"""Parts of a file beside X, in the order in which they are written."""
NULLABLE = ("nullable-integer", "nullable-boolean")


EMPTY_PARTS = ("obsm", "varm", "obsp", "varp", "layers")
"""Parts that are empty in expression.h5ad."""


def write_parts(parts: Mapping[str, Any], file: "h5py.File") -> None:
    """Write an .h5ad file: `X`, if there is one, and `PARTS`; what is not given is empty."""
    root = file["/"]
    root.attrs["encoding-type"], root.attrs["encoding-version"] = "anndata", "0.1.0"
    if "X" in parts:
        values = parts["X"]
        write_element(root, "X", row_by_row(values) if isinstance(values, np.ndarray) else values)
    for name in PARTS:
        write_element(root, name, parts.get(name, {}))


def write_element(group: "h5py.Group", name: str, value: Any) -> None:
    """Write one element into a group.

    Parameters
    ----------
    group
        Group of an open file.
    name
        Name of the element.
    value
        A mapping, a table (`Columns`), a column of it, an array of numbers or of texts, a sparse matrix (CSR or CSC), a
        text, or a number.
    """
    if isinstance(value, Columns):
        _write_columns(group.create_group(name), value)
        _encode(group[name], "dataframe", "0.2.0")
    elif isinstance(value, Levels):
        inside = group.create_group(name)
        inside.attrs["ordered"] = value.ordered
        _write_array(inside, "codes", value.codes)
        _write_array(inside, "categories", value.levels)
        _encode(inside, "categorical", "0.2.0")
    elif isinstance(value, Masked):
        inside = group.create_group(name)
        _write_array(inside, "values", value.values)
        _write_array(inside, "mask", value.mask)
        _encode(inside, NULLABLE[value.values.dtype.kind == "b"], "0.1.0")
    elif isinstance(value, Mapping):
        inside = group.create_group(name)
        for key, each in value.items():
            write_element(inside, key, each)
        _encode(inside, "dict", "0.1.0")
    elif isinstance(value, str):
        import h5py

        group.create_dataset(name, data=np.array(value, dtype=h5py.string_dtype(encoding="utf-8")))
        _encode(group[name], "string", "0.2.0")
    elif np.ndim(value) == 0:
        group.create_dataset(name, data=np.array(value))
        _encode(group[name], "numeric-scalar", "0.2.0")
    elif isinstance(value, np.ndarray):
        _write_array(group, name, value)
    else:
        _write_sparse(group.create_group(name), value)


def _write_columns(group: "h5py.Group", table: Columns) -> None:
    group.attrs["column-order"] = list(table.columns)
    group.attrs["_index"] = "_index"
    _write_array(group, "_index", table.names)
    for name, values in table.columns.items():
        write_element(group, name, values)


def _write_sparse(group: "h5py.Group", matrix: Any) -> None:
    group.attrs["shape"] = matrix.shape
    for name in ("data", "indices", "indptr"):
        part = getattr(matrix, name)
        group.create_dataset(name, data=part, shape=part.shape, dtype=part.dtype, maxshape=(None,))
    _encode(group, f"{matrix.format}_matrix", "0.1.0")


def _write_array(group: "h5py.Group", name: str, values: "np.ndarray[Any, Any]") -> None:
    import h5py

    if values.dtype.kind == "O":
        kind: Any = h5py.special_dtype(vlen=str)
        group.create_dataset(name, data=values.astype(kind), dtype=kind)
        _encode(group[name], "string-array", "0.2.0")
    else:
        group.create_dataset(name, data=values, shape=values.shape, dtype=values.dtype)
        _encode(group[name], "array", "0.2.0")


def _encode(element: Any, kind: str, version: str) -> None:
    element.attrs["encoding-type"], element.attrs["encoding-version"] = kind, version


def read_element(element: Any) -> Any:
    """Read an element as anndata does, but a table as `Columns`.

    Raises
    ------
    UnfamiliarError
        If it is of a kind, or of an older or newer version, that is not read here, or contradicts itself.
    """
    kind = (element.attrs.get("encoding-type"), element.attrs.get("encoding-version"))
    if kind == ("array", "0.2.0") and element.dtype.kind in "biuf":
        return element[()]
    if kind == ("string-array", "0.2.0"):
        return element.asstr()[()]
    if kind == ("string", "0.2.0"):
        return element.asstr()[()]
    if kind == ("numeric-scalar", "0.2.0"):
        return element[()].item()
    if kind == ("dict", "0.1.0"):
        return {name: read_element(element[name]) for name in element}
    if kind == ("dataframe", "0.2.0"):
        return _read_columns(element)
    if kind[0] in ("csr_matrix", "csc_matrix") and kind[1] == "0.1.0":
        return _read_sparse(element, kind[0])
    raise UnfamiliarError(element.name)


def _read_columns(group: "h5py.Group") -> Columns:
    """Read a table; its columns are arrays, or what makes an array of pandas."""
    if group.attrs["_index"] != "_index":
        raise UnfamiliarError(group.name)
    names = read_element(group["_index"])
    columns = {str(name): _read_column(group[name]) for name in group.attrs["column-order"]}
    if names.ndim != 1 or any(len(column) != len(names) for column in columns.values()):
        raise UnfamiliarError(group.name)
    return Columns(names, columns)


def _read_column(element: Any) -> "Column":
    kind, version = element.attrs.get("encoding-type"), element.attrs.get("encoding-version")
    if (kind, version) == ("categorical", "0.2.0"):
        codes, levels = read_element(element["codes"]), read_element(element["categories"])
        fits = codes.ndim == 1 and codes.dtype.kind == "i" and not ((codes < -1) | (codes >= len(levels))).any()
        if not fits or levels.ndim != 1 or levels.dtype.kind != "O" or len({*levels}) < len(levels):
            raise UnfamiliarError(element.name)
        return Levels(codes, levels, bool(element.attrs["ordered"]))
    if kind in NULLABLE and version == "0.1.0":
        values, mask = read_element(element["values"]), read_element(element["mask"])
        if values.ndim != 1 or values.shape != mask.shape or mask.dtype != bool:
            raise UnfamiliarError(element.name)
        if (values.dtype.kind == "b") != (kind == "nullable-boolean") or values.dtype.kind not in "biu":
            raise UnfamiliarError(element.name)
        return Masked(values, mask)
    values = read_element(element)
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise UnfamiliarError(element.name)
    return values


def _read_sparse(group: "h5py.Group", kind: str) -> Any:
    """Read a sparse matrix; scipy checks that its parts belong together."""
    from scipy import sparse

    shape = tuple(int(length) for length in group.attrs["shape"])
    data, indices, indptr = (group[name][()] for name in ("data", "indices", "indptr"))
    make = sparse.csr_matrix if kind == "csr_matrix" else sparse.csc_matrix
    matrix = make(shape, dtype=data.dtype)
    matrix.data, matrix.indices, matrix.indptr = data, indices, indptr
    matrix.check_format(full_check=True)
    return matrix


def prepared_matrix(path: "PathLike") -> Prepared | None:
    """Read expression.h5ad; None if it is not as `genenet prepare` writes it, so that anndata has to read it."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _prepared(file)
    except Exception:  # anything, since the file may be damaged, or changed by another program
        return None


def _prepared(file: "h5py.File") -> Prepared:
    values, obs, var = (read_element(file[name]) for name in ("X", "obs", "var"))
    notes = read_element(file["uns"])["genenet"]
    expected = (
        values.shape == (len(obs.names), len(var.names))
        and all(table.names.dtype.kind == "O" for table in (obs, var))
        and all(var.columns[name].dtype.kind == "b" for name in ("regulator", "target") if name in var.columns)
        and "mean" in var.columns
        and not any(len(file[name]) for name in EMPTY_PARTS)
        and {*file} == {"X", *PARTS}
    )
    if not expected:
        raise UnfamiliarError(file.name)
    return Prepared(values, obs, var, notes)
