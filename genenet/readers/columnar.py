"""Reader of tables in parquet and feather files: one column holds names, the others hold numbers."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some, shorten
from genenet.readers.codes import drop_codes, note_codes
from genenet.readers.delimited import Axes, Table
from genenet.readers.extras import facts_of, suspects
from genenet.readers.extras_advice import finding
from genenet.readers.guarded import check_survives
from genenet.readers.long_tables import refuse_long
from genenet.readers.notation import is_number
from genenet.readers.opening import has_utf8_name
from genenet.readers.set_aside import SetAside, annotation_among, names_of_values

LOOKED_AT = 1_000
"""Rows of columns of text that are looked at for numbers."""


def read_parquet(path: Path, axes: Axes, aside: SetAside, na_values: Sequence[str] = ()) -> Table:
    """Read a parquet file."""
    return _table(path, "parquet", _read(path, "parquet", pa.parquet.read_table), axes, aside, na_values)


def read_feather(path: Path, axes: Axes, aside: SetAside, na_values: Sequence[str] = ()) -> Table:
    """Read a feather (Arrow) file."""
    return _table(path, "feather", _read(path, "feather", pa.feather.read_table), axes, aside, na_values)


def _read(path: Path, kind: str, read: Any) -> pa.Table:
    if not has_utf8_name(path):
        raise InputError(f"{path}: the name of the file is not UTF-8 text, which pyarrow needs; rename it")
    check_survives(path, lambda path: _look(read, path))
    try:
        table = read(path)
        table.validate(full=True)  # the offsets in a damaged file may point outside of its buffers
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = shorten(str(error).split("\n")[0].rstrip("."), quoted=False)
        raise InputError(f"{path}: cannot be read as {kind} ({reason}); copy or write it again") from None
    return table


def _look(read: Any, path: Path) -> None:
    read(path, use_threads=False).validate(full=True)


def _table(path: Path, kind: str, table: pa.Table, axes: Axes, aside: SetAside, na_values: Sequence[str]) -> Table:
    header = list(table.column_names)
    noted = annotation_among(header, aside, str(path))
    names = _name_column(path, table)
    notes = [number for number in noted if number != names]
    values = [number for number in range(table.num_columns) if number != names and number not in notes]
    numbers = np.empty((len(values), table.num_rows))
    text = [number for number in values if not _is_numeric(table.column(number).type)]
    for position, number in enumerate(values):
        numbers[position] = np.nan if number in text else _numbers(table, number)
    if text:
        _refuse_numbers_as_text(path, table, text)
        first = [[_text(cell) for cell in row.values()] for row in table.slice(0, LOOKED_AT).to_pylist()]
        refuse_long(path, f"pd.read_{kind}('{path.name}')", header, first)
        raise InputError(f"{path}: {_describe_columns(table, axes, values, text, numbers)}")
    codes: Counter[str] = Counter()
    drop_codes(numbers, na_values, codes)
    note_codes(str(path), na_values, codes)
    rows = pd.DataFrame({header[number]: table.column(number).to_pylist() for number in notes})
    rows.index = pd.Index([_text(name) for name in table.column(names).to_pylist()], dtype=object)
    value_names = names_of_values([header[number] for number in values], aside.value_columns)
    columns = pd.DataFrame(index=pd.Index(value_names, dtype=object))
    return Table(numbers.T, rows, columns)


def _refuse_numbers_as_text(path: Path, table: pa.Table, text: list[int]) -> None:
    """Refuse a table whose columns of text hold numbers."""
    cells = [cell for number in text for cell in table.column(number)[:LOOKED_AT].to_pylist() if cell is not None]
    numbers = [cell for cell in cells if isinstance(cell, str) and is_number(cell.strip())]
    if len(numbers) > len(cells) / 2:
        names = quote_some([table.column_names[number] for number in text], 3)
        others = quote_some(list(dict.fromkeys(shorten(cell) for cell in cells if cell not in set(numbers))), 3)
        beside = f" beside {others}" if others else ""
        raise InputError(
            f"{path}: {count(len(text), 'column')} ({names}) {'holds' if len(text) == 1 else 'hold'} numbers as text "
            f"({shorten(numbers[0])}){beside}; convert them before writing the file, with frame."
            + ("apply(pandas.to_numeric, errors='coerce')" if others else "astype(float)")
        )


def _describe_columns(
    table: pa.Table, axes: Axes, values: list[int], text: list[int], numbers: NDArray[np.float64]
) -> str:
    """Word the error about columns that are not samples or genes: text, dates, and numbers unlike the others."""
    header = table.column_names
    left = [place for place, number in enumerate(values) if number not in text]
    facts = facts_of(numbers[left].T)
    found = suspects([header[values[place]] for place in left], axes.column, facts)
    names = [header[number] for number in values]
    problem = finding(found, names, axes.column, "column", [header[number] for number in text])
    assert problem is not None
    return problem.message


def _is_numeric(kind: pa.DataType) -> bool:
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(is_number or pa.types.is_null(kind) or pa.types.is_boolean(kind))


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


def _numbers(table: pa.Table, number: int) -> Any:
    column = table.column(number)
    if pa.types.is_null(column.type):
        return np.nan
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return column.cast(pa.float64(), safe=False).to_numpy()


def _text(name: object) -> str:
    return "" if name is None else str(name).strip()
