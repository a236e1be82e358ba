"""Tables of text: separator, header and numbers of TSV and CSV files.

The numbers are parsed by pyarrow: fast, strict, and to the same double as Python's `float`. A file it refuses is read
again by a slow parser that knows where it is and has the last word on what is a number, so that the message can name
the cell.
"""

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from genenet.errors import InputError
from genenet.expression.files import compression_of, open_text, readable

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "space"}
MISSING = ("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None", "<NA>", "#N/A")
MIN_BLOCK_BYTES = 4 << 20


class Table(NamedTuple):
    """Numbers with the names of their rows and columns, as they stand in the file."""

    columns: list[str]
    rows: list[str]
    numbers: NDArray[np.float64]  # (n_columns, n_rows): one contiguous row for each column of the file


class Axes(NamedTuple):
    """What the rows and the columns of a file are, for messages."""

    row: str
    column: str


@dataclass(frozen=True)
class _Layout:
    separator: str
    columns: list[str]
    n_fields: int
    n_skip: int
    first_row: int  # line number, from 1
    longest: int  # length of the longer of header and first row


def read_table(path: Path, axes: Axes) -> Table:
    """Read a table of numbers with a header and a column of names."""
    with readable(path):
        layout = _look(path)
        table = _parse_fast(path, layout)
        if table is None:
            table = _parse_slow(path, layout, axes)
    return Table(table.columns, [name.strip() for name in table.rows], table.numbers)


def _look(path: Path) -> _Layout:
    with open_text(path) as lines:
        numbered = _content(lines)
        start, header = next(numbered, (0, ""))
        row_number, row = next(numbered, (0, ""))
        # A comment above the header starts with # and does not have the fields of a table.
        while header.startswith("#") and row and not _fitting(header, row):
            start, header = row_number, row
            row_number, row = next(numbered, (0, ""))
    if not header:
        raise InputError(f"{path}: is empty")
    if not row:
        raise InputError(f"{path}: has a header but no rows below it")
    separator = _separator(path, (start, header), (row_number, row))
    names, fields = _split(header, separator), _split(row, separator)
    columns = names if len(names) == len(fields) - 1 else names[1:]
    _refuse_numbers_as_header(path, columns)
    return _Layout(separator, columns, len(fields), start, row_number, max(len(header), len(row)))


def _content(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line.rstrip("\n")


def _split(line: str, separator: str) -> list[str]:
    with suppress(csv.Error):
        return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    return [name.strip() for name in line.split(separator)]


def _fitting(header: str, row: str) -> list[str]:
    """Find the separators by which a header and a row have fields that go together, the most usual first."""
    sizes = {separator: (len(_split(header, separator)), len(_split(row, separator))) for separator in SEPARATORS}
    fit = [separator for separator, (top, below) in sizes.items() if below >= 2 and top in (below, below - 1)]
    return sorted(fit, key=lambda separator: sizes[separator][1] < 3)


def _separator(path: Path, header: tuple[int, str], row: tuple[int, str]) -> str:
    fit = _fitting(header[1], row[1])
    if fit:
        return fit[0]
    for separator, name in SEPARATORS.items():
        top, below = len(_split(header[1], separator)), len(_split(row[1], separator))
        if top >= 2 and below >= 2:
            raise InputError(
                f"{path}: the header (line {header[0]:,}) has {top:,} fields and line {row[0]:,} has {below:,} "
                f"(separator: {name}); the header needs as many fields as the rows, or one fewer"
            )
    raise InputError(
        f"{path}: found no separator: line {row[0]:,} is {_shorten(row[1])}; "
        "separate the columns by tab or comma (semicolon and space are understood too)"
    )


def _refuse_numbers_as_header(path: Path, columns: list[str]) -> None:
    unnamed = [number for number, name in enumerate(columns, start=1) if not name]
    if unnamed and unnamed[-1] == len(columns):
        raise InputError(f"{path}: the header ends with a separator, so its last column has no name; remove it")
    if sum("." in name and _is_number(name) for name in columns) > len(columns) / 2:
        raise InputError(
            f"{path}: the first line holds numbers ({', '.join(columns[:3])}), not names; add a header line with names"
        )


def _parse_fast(path: Path, layout: _Layout) -> Table | None:
    names = [str(number) for number in range(layout.n_fields)]
    types = dict.fromkeys(names, pa.float64()) | {"0": pa.string()}
    try:
        with pa.input_stream(str(path), compression=compression_of(path)) as stream:
            table = pa.csv.read_csv(
                stream,
                pa.csv.ReadOptions(
                    skip_rows=layout.n_skip,
                    column_names=names,
                    block_size=max(MIN_BLOCK_BYTES, 16 * layout.longest),
                ),
                pa.csv.ParseOptions(delimiter=layout.separator),
                pa.csv.ConvertOptions(column_types=types, null_values=MISSING, strings_can_be_null=False),
            )
    except pa.ArrowInvalid:
        return None
    values = np.empty((layout.n_fields - 1, table.num_rows))
    for number, column in enumerate(table.columns[1:]):
        values[number] = column.to_numpy()
    return Table(layout.columns, table.column(0).to_pylist(), values)


@dataclass
class _BadCells:
    """Cells that are no numbers."""

    total: int = 0
    first: dict[int, tuple[int, str, str]] = field(default_factory=dict)  # column -> line, row name, cell
    by_column: dict[int, int] = field(default_factory=dict)
    decimal_commas: int = 0

    def add(self, line: int, column: int, row: str, cell: str) -> None:
        self.total += 1
        self.first.setdefault(column, (line, row, cell))
        self.by_column[column] = self.by_column.get(column, 0) + 1
        self.decimal_commas += cell.count(",") == 1 and _is_number(cell.replace(",", "."))


def _parse_slow(path: Path, layout: _Layout, axes: Axes) -> Table:
    names: list[str] = []
    rows: list[NDArray[np.float64]] = []
    bad = _BadCells()
    for line, fields in _rows(path, layout):
        numbers = np.empty(len(fields) - 1)
        for number, cell in enumerate(fields[1:]):
            value = _number(cell)
            if value is None:
                bad.add(line, number, fields[0], cell)
            else:
                numbers[number] = value
        names.append(fields[0])
        rows.append(numbers)
    if bad.total:
        raise InputError(f"{path}: {_describe(bad, layout, axes, len(names))}")
    return Table(layout.columns, names, np.ascontiguousarray(np.array(rows).T))


def _rows(path: Path, layout: _Layout) -> Iterator[tuple[int, list[str]]]:
    with open_text(path, newline="") as lines:
        for _ in range(layout.n_skip):
            next(lines)
        reader = csv.reader(lines, delimiter=layout.separator)
        line = layout.n_skip + 1
        while True:
            try:
                fields = next(reader, None)
            except csv.Error:
                raise InputError(_open_quote(path, line)) from None
            if fields is None:
                return
            if len(fields) != layout.n_fields and any(fields):
                if any("\n" in cell or "\r" in cell for cell in fields):
                    raise InputError(_open_quote(path, line))
                raise InputError(
                    f"{path}: line {line:,} has {_fields(len(fields))}, but line {layout.first_row:,} has "
                    f"{layout.n_fields:,} (separator: {SEPARATORS[layout.separator]}); every line needs the same number"
                )
            if any(fields):
                yield line, fields
            line = layout.n_skip + reader.line_num + 1


def _open_quote(path: Path, line: int) -> str:
    return f"{path}: a quote opened in line {line:,} is not closed in that line; close it or remove it"


def _describe(bad: _BadCells, layout: _Layout, axes: Axes, n_rows: int) -> str:
    column, (line, row, cell) = min(bad.first.items(), key=lambda item: (item[1][0], item[0]))
    if bad.by_column[column] == n_rows and bad.total == sum(n for n in bad.by_column.values() if n == n_rows):
        return (
            f"column {column + 2:,} ({layout.columns[column]}) holds text ({_shorten(cell)} in line {line:,}), "
            "not values; remove columns of text from the matrix"
        )
    many = "" if bad.total == 1 else f"{bad.total:,} cells are not numbers, the first is "
    verb = " is not a number" if bad.total == 1 else ""
    where = f"({axes.row} {row}, {axes.column} {layout.columns[column]}: line {line:,}, column {column + 2:,})"
    advice = "write a number, or NA where a value is missing"
    if bad.decimal_commas == bad.total:
        advice = "the file seems to use decimal commas, write decimal points"
    return f"{many}{_shorten(cell)}{verb} {where}; {advice}"


def _number(cell: str) -> float | None:
    cell = cell.strip()
    if cell in MISSING:
        return float("nan")
    return float(cell) if _is_number(cell) else None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell and cell.isascii()


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count:,} fields"


def _shorten(text: str, most: int = 40) -> str:
    return repr(text if len(text) <= most else text[:most] + "...")
