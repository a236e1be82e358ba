"""The numbers of TSV and CSV files.

They are parsed by pyarrow: fast, strict, and to the same double as Python's `float`. A file it refuses is read again by
a slow parser that knows where it is and has the last word on what is a number, so that the message can name the cell.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from genenet.errors import InputError
from genenet.readers.opening import compression_of, open_binary, open_text, readable
from genenet.readers.sparse_pieces import Matrix, gather
from genenet.readers.text_layout import SEPARATORS, Layout, is_number, look, n_fields, shorten

MISSING = ("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None", "<NA>", "#N/A")
MIN_BLOCK_BYTES, MAX_BLOCK_BYTES = 4 << 20, 1 << 30
ROWS_PER_BLOCK = 64


class Table(NamedTuple):
    """Numbers with the names of their rows and columns, as they stand in the file."""

    numbers: Matrix  # (n_rows, n_columns)
    rows: pd.DataFrame  # index: names; columns: what the file tells about rows
    columns: pd.DataFrame


class Axes(NamedTuple):
    """What the rows and the columns of a file are, for messages."""

    row: str
    column: str


def read_table(path: Path, axes: Axes, annotation_columns: Sequence[str] = ()) -> Table:
    """Read a table of numbers with a header and a column of names."""
    with readable(path):
        layout = look(path, annotation_columns)
        found = _parse_fast(path, layout) or _parse_slow(path, layout, axes)
    names = [name.strip() for name in found.names]
    rows = pd.DataFrame({name: found.notes[number] for number, name in layout.note_fields.items()}, dtype=object)
    rows.index = pd.Index(names, dtype=object)
    columns = layout.column_notes if len(layout.column_notes.columns) else pd.DataFrame(index=layout.columns)
    return Table(found.numbers, rows, columns)


class _Parsed(NamedTuple):
    numbers: Matrix
    names: list[str]
    notes: dict[int, list[str]]


def _parse_fast(path: Path, layout: Layout) -> _Parsed | None:
    """Let pyarrow parse a file block by block; None when there is anything it does not like."""
    texts = [0, *layout.note_fields]
    types = {str(number): pa.float64() for number in layout.value_fields} | {str(n): pa.string() for n in texts}
    notes: dict[int, list[str]] = {number: [] for number in texts}

    def pieces(reader: Any) -> Iterator[NDArray[np.float64]]:
        for batch in reader:
            piece = np.empty((len(layout.value_fields), batch.num_rows))
            for number, column in enumerate(batch.columns[len(texts) :]):
                piece[number] = column.to_numpy(zero_copy_only=False)
            for number, column in zip(texts, batch.columns, strict=False):
                notes[number] += column.to_pylist()
            yield piece.T

    try:
        with _stream(path, layout) as stream:
            reader = pa.csv.open_csv(
                stream,
                pa.csv.ReadOptions(
                    skip_rows=0 if layout.end else layout.n_skip,
                    column_names=[str(number) for number in range(layout.n_fields)],
                    block_size=min(max(MIN_BLOCK_BYTES, ROWS_PER_BLOCK * layout.longest), MAX_BLOCK_BYTES),
                ),
                pa.csv.ParseOptions(delimiter=layout.separator),
                pa.csv.ConvertOptions(
                    column_types=types,
                    include_columns=[*map(str, texts), *map(str, layout.value_fields)],
                    null_values=MISSING,
                    strings_can_be_null=False,
                ),
            )
            numbers = gather(pieces(reader), len(layout.value_fields))
    except pa.ArrowInvalid:
        return None
    return _Parsed(numbers, notes[0], notes)


def _stream(path: Path, layout: Layout) -> Any:
    """Open a file for pyarrow; of one with lines below its table, the table's rows alone.

    Nothing of Python may be in what pyarrow gets (no handler of rows, no file object, no bytes): its threads would wait
    for the interpreter when that has gone already, which ends the process with an abort.
    """
    if not layout.end:
        return pa.input_stream(str(path), compression=compression_of(path))
    with open_binary(path) as file:
        for _ in range(layout.n_skip):
            file.readline()
        table, below, _ = file.read().partition(f"\n{layout.end}".encode())
    rows = table + b"\n" if below else table
    buffer = pa.allocate_buffer(len(rows))
    np.frombuffer(buffer, np.uint8)[:] = np.frombuffer(rows, np.uint8)
    return pa.BufferReader(buffer)


@dataclass
class _BadCells:
    """Cells that are no numbers, by field."""

    total: int = 0
    first: dict[int, tuple[int, str, str]] = field(default_factory=dict)  # field -> line, row name, cell
    by_field: dict[int, int] = field(default_factory=dict)
    decimal_commas: int = 0

    def add(self, line: int, number: int, row: str, cell: str) -> None:
        self.total += 1
        self.first.setdefault(number, (line, row, cell))
        self.by_field[number] = self.by_field.get(number, 0) + 1
        self.decimal_commas += cell.count(",") == 1 and is_number(cell.replace(",", "."))


def _parse_slow(path: Path, layout: Layout, axes: Axes) -> _Parsed:
    notes: dict[int, list[str]] = {number: [] for number in (0, *layout.note_fields)}
    bad = _BadCells()

    def pieces() -> Iterator[NDArray[np.float64]]:
        for line, fields in _rows(path, layout):
            numbers = np.zeros((1, len(layout.value_fields)))
            for position, number in enumerate(layout.value_fields):
                value = _number(fields[number])
                if value is None:
                    bad.add(line, number, fields[0], fields[number])
                else:
                    numbers[0, position] = value
            for number, texts in notes.items():
                texts.append(fields[number])
            yield numbers

    numbers = gather(pieces(), len(layout.value_fields))
    if bad.total:
        raise InputError(f"{path}: {_describe(bad, layout, axes, len(notes[0]))}")
    return _Parsed(numbers, notes[0], notes)


def _rows(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    with open_text(path, newline="", errors="replace" if layout.end else "strict") as lines:
        for _ in range(layout.n_skip):
            next(lines)
        reader = csv.reader(lines, delimiter=layout.separator)
        line = layout.n_skip + 1
        while True:
            try:
                fields = next(reader, None)
            except csv.Error:
                raise InputError(_open_quote(path, line)) from None
            if fields is None or (layout.end and fields and fields[0].startswith(layout.end)):
                return
            if any(fields):
                _check_row(path, layout, line, fields)
                yield line, fields
            line = layout.n_skip + reader.line_num + 1


def _check_row(path: Path, layout: Layout, line: int, fields: list[str]) -> None:
    if len(fields) == layout.n_fields:
        return
    if any("\n" in cell or "\r" in cell for cell in fields):
        raise InputError(_open_quote(path, line))
    raise InputError(
        f"{path}: line {line:,} has {n_fields(len(fields))}, but line {layout.first_row:,} has "
        f"{layout.n_fields:,} (separator: {SEPARATORS[layout.separator]}); every line needs the same number"
    )


def _open_quote(path: Path, line: int) -> str:
    return f"{path}: a quote opened in line {line:,} is not closed in that line; close it or remove it"


def _describe(bad: _BadCells, layout: Layout, axes: Axes, n_rows: int) -> str:
    number, (line, row, cell) = min(bad.first.items(), key=lambda item: (item[1][0], item[0]))
    column = dict(zip(layout.value_fields, layout.columns, strict=True))[number]
    commas = bad.decimal_commas == bad.total
    if (
        not commas
        and bad.by_field[number] == n_rows
        and bad.total == sum(n for n in bad.by_field.values() if n == n_rows)
    ):
        return (
            f"column {number + 1:,} ({column}) holds text ({shorten(cell)} in line {line:,}), not values; "
            "name such columns in prepare.annotation_columns, or remove them"
        )
    many = "" if bad.total == 1 else f"{bad.total:,} cells are not numbers, the first is "
    verb = " is not a number" if bad.total == 1 else ""
    where = f"({axes.row} {row}, {axes.column} {column}: line {line:,}, column {number + 1:,})"
    advice = "write a number, or NA where a value is missing"
    if commas:
        advice = "the file seems to use decimal commas, write decimal points"
    return f"{many}{shorten(cell)}{verb} {where}; {advice}"


def _number(cell: str) -> float | None:
    cell = cell.strip()
    if cell in MISSING:
        return float("nan")
    return float(cell) if is_number(cell) else None
