"""Tables in parquet and feather files: a column of names, the others numbers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from genenet.errors import InputError, count, quote_some, shorten, suggest
from genenet.readers.delimited import Table
from genenet.readers.guarded import check_survives


def read_parquet(path: Path, annotation_columns: Sequence[str] = ()) -> Table:
    """Read a parquet file."""
    return _table(path, _read(path, "parquet", pa.parquet.read_table), annotation_columns)


def read_feather(path: Path, annotation_columns: Sequence[str] = ()) -> Table:
    """Read a feather (Arrow) file."""
    return _table(path, _read(path, "feather", pa.feather.read_table), annotation_columns)


def _read(path: Path, kind: str, read: Any) -> pa.Table:
    check_survives(path, lambda path: _look(read, path))
    try:
        table = read(path)
        table.validate(full=True)  # offsets of a damaged file point into memory that is not its own
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = shorten(str(error).split("\n")[0].rstrip("."), quoted=False)
        raise InputError(f"{path}: cannot be read as {kind} ({reason}); copy or write it again") from None
    return table


def _look(read: Any, path: Path) -> None:
    read(path, use_threads=False).validate(full=True)


def _table(path: Path, table: pa.Table, annotation_columns: Sequence[str]) -> Table:
    for name in annotation_columns:
        if name not in table.column_names:
            raise InputError(
                f"{path}: prepare.annotation_columns: no column {name}; "
                f"the columns begin with {quote_some(table.column_names)}{suggest(name, table.column_names)}"
            )
    names = _name_column(path, table)
    values = [number for number in range(table.num_columns) if number != names]
    notes = [number for number in values if table.column_names[number] in annotation_columns]
    values = [number for number in values if number not in notes]
    numbers = np.empty((len(values), table.num_rows))
    for position, number in enumerate(values):
        numbers[position] = _numbers(path, table, number)
    rows = pd.DataFrame({table.column_names[number]: table.column(number).to_pylist() for number in notes})
    rows.index = pd.Index([_text(name) for name in table.column(names).to_pylist()], dtype=object)
    columns = pd.DataFrame(index=pd.Index([table.column_names[number] for number in values], dtype=object))
    return Table(numbers.T, rows, columns)


def _name_column(path: Path, table: pa.Table) -> int:
    """Find the column of names: the index that pandas wrote, else the first column if it is text."""
    metadata = table.schema.metadata or {}
    try:
        index = dict(json.loads(metadata.get(b"pandas", b"{}"))).get("index_columns", [])
    except (ValueError, TypeError):
        raise InputError(f"{path}: what pandas wrote about its index is damaged; copy or write it again") from None
    if isinstance(index, list) and index and isinstance(index[0], str) and index[0] in table.column_names:
        return int(table.column_names.index(index[0]))
    if table.num_columns and _is_text(table.schema.field(0).type):
        return 0
    raise InputError(
        f"{path}: has no column of names (the columns begin with {quote_some(table.column_names, 3)}); "
        "put the names in the first column as text, or write a pandas frame with the names as index"
    )


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _numbers(path: Path, table: pa.Table, number: int) -> Any:
    column, name = table.column(number), table.column_names[number]
    kind = column.type
    if pa.types.is_null(kind):
        return np.nan
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise InputError(
            f"{path}: column {number + 1:,} ({name}) of {count(table.num_columns, 'column')} holds {kind}, "
            "not numbers; name such columns in prepare.annotation_columns, or remove them"
        )
    return column.cast(pa.float64(), safe=False).to_numpy()


def _text(name: object) -> str:
    return "" if name is None else str(name).strip()
