"""Parquet files of the steps: reading their metadata, and writing tables in pieces."""

import json
from collections.abc import Iterable
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
ROWS_AT_ONCE = 1 << 20


def _metadata(schema: "pa.Schema", *, step: str) -> dict[str, Any]:
    """Read the metadata that a step wrote with its table; fail if another step wrote it."""
    content: dict[str, Any] = json.loads((schema.metadata or {})[METADATA_KEY])
    if ("kept" in schema.names) != (step == "prune"):
        raise ValueError(f"it has {'a' if 'kept' in schema.names else 'no'} column kept")
    return content


def _dump(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


def arrow_array(values: "NDArray[Any]") -> "pa.Array":
    """Make an arrow array of numbers or truth values; unlike `pyarrow.array` it does not import pandas.

    Examples
    --------
    >>> arrow_array(np.array([True, False])).to_pylist(), arrow_array(np.array([0.5])).to_pylist()
    ([True, False], [0.5])
    """
    import pyarrow as pa

    stored = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(stored)])


def _write_tables(tables: "Iterable[pa.Table]", schema: "pa.Schema", path: PathLike) -> None:
    """Write tables of one schema, one below the other, to a parquet file."""
    import pyarrow.parquet as pq

    with (
        atomic(path) as partial,
        pq.ParquetWriter(partial, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for table in tables:
            for start in range(0, len(table), ROWS_AT_ONCE):
                writer.write_table(table.slice(start, ROWS_AT_ONCE).replace_schema_metadata(schema.metadata))
