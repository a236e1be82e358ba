"""Parquet files of the steps: reading their metadata, and writing tables in pieces."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.files.atomic import atomic
from genenet.paths import PathLike

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


METADATA_KEY = b"genenet"
SUMS_KEY = b"genenet.sums"
ALL_PAIRS_KEY = b"genenet.all_pairs"
ORIGIN, MATRIX = "origin", "matrix"
"""Entry of the metadata with the fingerprints of all that a file was made from (`genenet.products.origin`). Earlier
versions wrote that of the matrix alone, or none."""
ROWS_AT_ONCE = 1 << 20


def _metadata(schema: "pa.Schema", *, step: str) -> dict[str, Any]:
    """Read the metadata that a step wrote with its table; fail if another step wrote it."""
    content: dict[str, Any] = json.loads((schema.metadata or {})[METADATA_KEY])
    if ("kept" in schema.names) != (step == "prune"):
        raise ValueError(f"it has {'a' if 'kept' in schema.names else 'no'} column kept")
    return content


def _origin_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Read the fingerprints from the metadata, as far as they are there."""
    found: dict[str, str] = content.get(ORIGIN, {MATRIX: content.get(MATRIX, "")})
    return found


def _dump(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


def arrow_array(values: "NDArray[Any]", *, with_missing: bool = False) -> "pa.Array":
    """Make an arrow array of numbers or truth values; unlike `pyarrow.array` it does not import pandas.

    Parameters
    ----------
    values
        The values.
    with_missing
        Whether NaN is a missing value, as in tables of pandas.

    Examples
    --------
    >>> arrow_array(np.array([True, False])).to_pylist(), arrow_array(np.array([0.5])).to_pylist()
    ([True, False], [0.5])
    """
    import pyarrow as pa

    stored = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    valid = None
    if with_missing and values.dtype.kind == "f" and np.isnan(values).any():
        valid = pa.py_buffer(np.packbits(~np.isnan(values), bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, pa.py_buffer(stored)])


def numbers_of(column: "pa.ChunkedArray") -> "NDArray[Any]":
    """Copy a column of numbers, none of them missing, to an array; unlike its `to_numpy` this does not import pandas.

    Examples
    --------
    >>> import pyarrow
    >>> numbers_of(pyarrow.chunked_array([arrow_array(np.arange(2)), arrow_array(np.arange(3))])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.concatenate([np.from_dlpack(chunk) for chunk in column.chunks])


def truths_of(column: "pa.ChunkedArray") -> "NDArray[np.bool_]":
    """Copy a column of truth values, none of them missing, to an array, without pandas.

    Examples
    --------
    >>> import pyarrow
    >>> truths_of(pyarrow.chunked_array([pyarrow.array([True, False, True]).slice(1), pyarrow.array([False])])).tolist()
    [False, True, False]
    """
    bits = [
        np.unpackbits(np.frombuffer(chunk.buffers()[1], np.uint8), bitorder="little")[chunk.offset :][: len(chunk)]
        for chunk in column.chunks
    ]
    return np.concatenate(bits).view(np.bool_)


def arrow_texts(texts: "Sequence[str]") -> "pa.Array":
    """Make an arrow array of texts, without pandas.

    Examples
    --------
    >>> arrow_texts(["TP53", "β-actin"]).to_pylist()
    ['TP53', 'β-actin']
    """
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def arrow_table(columns: "Mapping[str, NDArray[Any]]", levels: "Mapping[str, pa.Array]") -> "pa.Table":
    """Make an arrow table as `pyarrow.Table.from_pandas` makes it of the same table in pandas, without pandas.

    Parameters
    ----------
    columns
        Columns of numbers; of a categorical column the number of each row's level.
    levels
        The levels of the categorical columns.
    """
    import pyarrow as pa

    arrays, described = [], []
    for name, values in columns.items():
        if name in levels:
            codes = values.astype(_smallest(len(levels[name])))
            arrays.append(pa.DictionaryArray.from_arrays(arrow_array(codes), levels[name]))
            more = {"num_categories": len(levels[name]), "ordered": False}
            described.append(_described(name, "categorical", str(codes.dtype), more))
        else:
            arrays.append(arrow_array(values, with_missing=True))
            described.append(_described(name, str(values.dtype), str(values.dtype), None))
    content = {
        "index_columns": [],
        "column_indexes": [],
        "columns": described,
        "attributes": {},
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": version("pandas"),
    }
    return pa.table(arrays, list(columns)).replace_schema_metadata({b"pandas": json.dumps(content).encode()})


def _described(name: str, pandas_type: str, numpy_type: str, metadata: dict[str, Any] | None) -> dict[str, Any]:
    """Describe a column for pandas."""
    return {
        "name": name,
        "field_name": name,
        "pandas_type": pandas_type,
        "numpy_type": numpy_type,
        "metadata": metadata,
    }


def _smallest(n_levels: int) -> "type[np.signedinteger[Any]]":
    """The integers that pandas keeps the numbers of so many levels in."""
    kinds = (kind for kind in (np.int8, np.int16) if n_levels < np.iinfo(kind).max)
    return next(kinds, np.int32)


def _write_tables(tables: "Iterable[pa.Table]", schema: "pa.Schema", path: PathLike) -> None:
    """Write tables of one schema, one below the other, to a parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Hardly two numbers are the same: a dictionary of them takes longer, and a sixth more space.
    others = [column.name for column in schema if not pa.types.is_floating(column.type)]
    options = {"compression": "zstd", "use_dictionary": others, "write_page_checksum": True}
    with atomic(path) as partial, pq.ParquetWriter(partial, schema, **options) as writer:
        for table in tables:
            for start in range(0, len(table), ROWS_AT_ONCE):
                writer.write_table(table.slice(start, ROWS_AT_ONCE).replace_schema_metadata(schema.metadata))
