"""Reader of TSV and CSV files.

pyarrow parses the numbers: it is fast and strict, and gives the same double as Python's `float`. A file that pyarrow
refuses is read again by a slower parser in Python, which decides what is a number and can name the cell that is none.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some, suggest
from genenet.readers import extras
from genenet.readers.extras import SetAside
from genenet.readers.number_forms import FORMS, Form, form_of
from genenet.readers.opening import compression_of, has_utf8_name, open_binary, open_text, readable
from genenet.readers.sparse_pieces import Matrix, gather, is_sparse
from genenet.readers.text_layout import GEO_BEGINS, MISSING, SEPARATORS, Layout, detect_layout, is_number, shorten

MIN_BLOCK_BYTES, MAX_BLOCK_BYTES = 4 << 20, 1 << 30
ROWS_PER_BLOCK = 64


class Table(NamedTuple):
    """Numbers with the names of their rows and columns, as they stand in the file."""

    numbers: Matrix  # (n_rows, n_columns)
    rows: pd.DataFrame  # index: names; columns: attributes of the rows
    columns: pd.DataFrame


class Axes(NamedTuple):
    """Whether the rows and the columns of a file are genes or samples; messages use these words."""

    row: extras.Kind
    column: extras.Kind


def read_table(path: Path, axes: Axes, aside: SetAside = SetAside()) -> Table:  # noqa: B008
    """Read a table of numbers with a header and a column of names."""
    with readable(path):
        layout = detect_layout(path, aside.columns, aside.names)
        found = _parse_fast(path, layout)
        found = _without_blank(found) if found else _parse_slow(path, layout, axes, aside.columns)
    _check_size(path, layout, found)
    names = [name.strip() for name in found.names]
    _refuse_numbers_as_names(path, layout, axes, names)
    rows = pd.DataFrame({name: found.notes[number] for number, name in layout.note_fields.items()}, dtype=object)
    rows.index = pd.Index(names, dtype=object)
    columns = layout.column_notes if len(layout.column_notes.columns) else pd.DataFrame(index=layout.columns)
    return without_rows(path, Table(found.numbers, rows, columns), aside.rows)


def without_rows(path: Path, table: Table, annotation_rows: Sequence[str]) -> Table:
    """Move annotation rows, which hold no values, from the matrix to the attributes of its columns.

    Raises
    ------
    InputError
        If the table has no row of one of these names.
    """
    if not annotation_rows:
        return table
    names = list(table.rows.index)
    noted, missing = extras.chosen(names, annotation_rows)
    missing = [name for name in missing if name not in table.columns]  # rows of text are attributes already
    if missing:
        raise InputError(
            f"{path}: prepare.annotation_rows: no row {missing[0]}; the rows begin with {quote_some(names)}"
            f"{suggest(missing[0], names)}"
        )
    keep = np.ones(len(names), dtype=bool)
    keep[noted] = False
    part = table.numbers[noted]
    values = np.asarray(part.toarray() if is_sparse(part) else part)
    columns = table.columns.assign(**{names[number]: row for number, row in zip(noted, values, strict=True)})
    return Table(table.numbers[keep], table.rows[keep], columns)


class _Parsed(NamedTuple):
    numbers: Matrix
    names: list[str]
    notes: dict[int, list[str]]
    has_end: bool


def _without_blank(found: _Parsed) -> _Parsed:
    """Leave out rows of empty cells alone, which spreadsheets write for empty rows; the slow parser skips them."""
    nameless = [place for place, name in enumerate(found.names) if not name.strip()]
    blank = {place for place in nameless if not any(texts[place].strip() for texts in found.notes.values())}
    blank = {place for place in blank if _is_empty(found.numbers[[place]])}
    if not blank:
        return found
    keep = np.array([place for place in range(len(found.names)) if place not in blank], dtype=np.intp)
    notes = {number: [texts[place] for place in keep.tolist()] for number, texts in found.notes.items()}
    return _Parsed(found.numbers[keep], notes[0], notes, found.has_end)


def _is_empty(row: Matrix) -> bool:
    """Tell whether a row has no value at all."""
    return bool(np.isnan(np.asarray(row.toarray() if is_sparse(row) else row)).all())


def _check_size(path: Path, layout: Layout, found: _Parsed) -> None:
    """Refuse a file with fewer or more rows than it announces, or without the line that ends its table."""
    n_rows = len(found.names)
    if layout.n_rows is not None and layout.n_rows != n_rows:
        how = "is cut short" if n_rows < layout.n_rows else "is not one whole file"
        raise InputError(
            f"{path}: says that it has {count(layout.n_rows, 'row')}, but has {n_rows:,}: it {how}; "
            "download or write it again"
        )
    if layout.end and not found.has_end and layout.n_rows is None:
        raise InputError(
            f"{path}: its table of {count(n_rows, 'row')} has no end (a line !series_matrix_table_end or "
            "!dataset_table_end): the file is cut short; download it again"
        )


def _refuse_numbers_as_names(path: Path, layout: Layout, axes: Axes, names: list[str]) -> None:
    """Refuse a table whose first column holds decimals instead of the names of the rows."""
    decimals = [name for name in names if is_number(name) and ("." in name or "e" in name.lower())]
    whole = [name for name in decimals if re.fullmatch(r"\d+\.0", name)]
    if len(names) > 1 and len(whole) > len(names) / 2 and len(set(whole)) == len(whole):
        raise InputError(
            f"{path}: names of the {axes.row}s are whole numbers with .0 ({quote_some(whole[:3])}), as pandas writes "
            "ids where some are missing; write them without, for example with: frame.index.astype(int)"
        )
    if len(names) > 1 and len(decimals) > len(names) / 2 and len(set(decimals)) > len(decimals) / 2:
        raise InputError(
            f"{path}: the first column ({layout.corner or 'without a name'}) holds numbers "
            f"({quote_some(decimals[:3])}), not names; put names of the {axes.row}s before it, with a cell in the "
            "header"
        )


def _parse_fast(path: Path, layout: Layout) -> _Parsed | None:
    """Parse a file block by block with pyarrow; None if pyarrow refuses it."""
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

    stream, has_end = _stream(path, layout)
    try:
        with stream:
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
                    decimal_point=layout.decimal,
                ),
            )
            numbers = gather(pieces(reader), len(layout.value_fields))
    except pa.ArrowInvalid:
        return None
    return _Parsed(numbers, notes[0], notes, has_end)


def _stream(path: Path, layout: Layout) -> tuple[Any, bool]:
    """Open a file for pyarrow, without the lines that may follow its table; also tell whether there are such lines.

    pyarrow gets no Python object (no row handler, file object or bytes): its threads would wait for an interpreter that
    may have ended already, which aborts the process.
    """
    if not layout.end:
        if not has_utf8_name(path):
            with open_binary(path) as file:
                return _in_memory(file.read()), False
        return pa.input_stream(str(path), compression=compression_of(path)), False
    with open_binary(path) as file:
        for _ in range(layout.n_skip):
            file.readline()
        table, below, rest = file.read().partition(f"\n{layout.end}".encode())
    if any(f"\n{begin}".encode() in rest for begin in GEO_BEGINS):
        raise InputError(f"{path}: holds the tables of several series or samples; give each series matrix as a file")
    return _in_memory(table + b"\n" if below else table), bool(below)


def _in_memory(content: bytes) -> Any:
    """Copy bytes to memory of pyarrow, and open them for reading."""
    buffer = pa.allocate_buffer(len(content))
    np.frombuffer(buffer, np.uint8)[:] = np.frombuffer(content, np.uint8)
    return pa.BufferReader(buffer)


@dataclass
class _BadCells:
    """Cells that are not numbers: how many, the first of each field, and counts by field and line."""

    total: int = 0
    first: dict[int, tuple[int, str, str]] = field(default_factory=dict)  # field -> line, row name, cell
    by_field: dict[int, int] = field(default_factory=dict)
    by_line: dict[int, int] = field(default_factory=dict)
    forms: dict[Form | None, int] = field(default_factory=dict)

    def add(self, line: int, number: int, row: str, cell: str) -> None:
        self.total += 1
        self.first.setdefault(number, (line, row, cell))
        self.by_field[number] = self.by_field.get(number, 0) + 1
        self.by_line[line] = self.by_line.get(line, 0) + 1
        form = form_of(cell)
        self.forms[form] = self.forms.get(form, 0) + 1

    @property
    def form(self) -> Form | None:
        """The form of all these cells as numbers, if they have one."""
        forms = set(self.forms)
        # 1,234 separates thousands, unless other cells show that these are decimal commas.
        if forms == set(FORMS[:2]):
            return FORMS[1]
        return forms.pop() if len(forms) == 1 else None

    def text_fields(self, n_rows: int) -> list[int]:
        """Fields with text in most rows."""
        return sorted(number for number, times in self.by_field.items() if times > n_rows / 2)


def _parse_slow(path: Path, layout: Layout, axes: Axes, aside: Sequence[str]) -> _Parsed:
    """Parse a file row by row in Python, and raise an error that names the cells that are not numbers."""
    notes: dict[int, list[str]] = {number: [] for number in (0, *layout.note_fields)}
    bad = _BadCells()
    end: list[bool] = []

    def pieces() -> Iterator[NDArray[np.float64]]:
        for line, fields in _rows(path, layout, end):
            numbers = np.full((1, len(layout.value_fields)), np.nan)
            for position, number in enumerate(layout.value_fields):
                value = _number(fields[number], layout.decimal)
                if value is None:
                    bad.add(line, number, fields[0], fields[number])
                else:
                    numbers[0, position] = value
            for number, texts in notes.items():
                texts.append(fields[number])
            yield numbers

    numbers = gather(pieces(), len(layout.value_fields))
    if bad.total:
        raise InputError(f"{path}: {_describe(bad, layout, axes, notes[0], numbers, aside)}")
    return _Parsed(numbers, notes[0], notes, bool(end))


def _rows(path: Path, layout: Layout, end: list[bool]) -> Iterator[tuple[int, list[str]]]:
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
            if fields is not None and layout.end and fields and fields[0].startswith(layout.end):
                end.append(True)
                return
            if fields is None:
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
    text = f" ({shorten(fields[0])})" if len(fields) == 1 else ""
    raise InputError(
        f"{path}: line {line:,} has {count(len(fields), 'field')}{text}, but line {layout.first_row:,} has "
        f"{layout.n_fields:,} (separator: {SEPARATORS[layout.separator]}); every line needs the same number"
    )


def _open_quote(path: Path, line: int) -> str:
    return f"{path}: a quote opened in line {line:,} is not closed in that line; close it or remove it"


def _describe(
    bad: _BadCells, layout: Layout, axes: Axes, rows: list[str], numbers: Matrix, aside: Sequence[str]
) -> str:
    number, (line, row, cell) = min(bad.first.items(), key=lambda item: (item[1][0], item[0]))
    column = dict(zip(layout.value_fields, layout.columns, strict=True))[number]
    text = bad.text_fields(len(rows))
    # Columns of numbers with decimal commas or units are not columns of text; one column (17p of cytobands) may be.
    form = bad.form if bad.form in FORMS[:2] or len(text) in (0, len(layout.value_fields)) else None
    if text and not form:
        return _describe_columns(text, layout, axes, numbers, rows, aside)
    whole_line = next((number for number, times in bad.by_line.items() if times == len(layout.value_fields) > 2), 0)
    if whole_line and not form:
        if cell == column:
            return (
                f"line {whole_line:,} is the header again: two tables stand one after the other; join them, or give one"
            )
        return (
            f"line {whole_line:,} holds text in all columns of values ({axes.row} {row}, first {shorten(cell)}); "
            "move it below the header, where such rows are attributes of the columns, or remove it"
        )
    many = "" if bad.total == 1 else f"{bad.total:,} cells are not numbers, the first is "
    verb = " is not a number" if bad.total == 1 else ""
    where = f"({axes.row} {row}, {axes.column} {column}: line {line:,}, column {number + 1:,})"
    advice = form.advice(cell.strip()) if form else "write a number, or NA where a value is missing"
    return f"{many}{shorten(cell)}{verb} {where}; {advice}"


def _describe_columns(
    text: list[int], layout: Layout, axes: Axes, numbers: Matrix, rows: list[str], aside: Sequence[str]
) -> str:
    """Word the error about columns that are not samples or genes: text, and numbers unlike the others."""
    names = dict(zip(layout.value_fields, layout.columns, strict=True))
    left = [place for place, number in enumerate(layout.value_fields) if number not in text]
    part = numbers[:, left]
    values = np.asarray(part.toarray() if is_sparse(part) else part)
    found = extras.suspects([layout.columns[place] for place in left], axes.column, extras.facts_of(values))
    problem = extras.finding(
        found, layout.columns, axes.column, "column", [names[number] for number in text], rows, aside
    )
    assert problem is not None
    return problem.message


def _number(cell: str, decimal: str = ".") -> float | None:
    cell = cell.strip()
    if cell in MISSING:
        return float("nan")
    if decimal != ".":
        cell = cell.replace(decimal, ".") if "." not in cell else "x"
    return float(cell) if is_number(cell) else None
