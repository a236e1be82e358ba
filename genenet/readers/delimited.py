"""Reader of TSV and CSV files.

pyarrow parses the numbers: it is fast and strict, and gives the same double as Python's `float`. A file that pyarrow
refuses is read again by a slower parser in Python, which decides what is a number and can name the cell that is none.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some, shorten, suggest
from genenet.readers import findings
from genenet.readers.bad_cells import BadCells, Place, describe
from genenet.readers.codes import drop_codes, note_codes
from genenet.readers.extras import Kind
from genenet.readers.fields import SEPARATORS
from genenet.readers.notation import MARKS, MINUS, MISSING, Notation, grouped, is_number
from genenet.readers.opening import compression_of, has_utf8_name, open_binary, open_text, readable
from genenet.readers.set_aside import SetAside, chosen
from genenet.readers.sparse_pieces import Matrix, dense, gather
from genenet.readers.text_layout import Layout, detect_layout
from genenet.readers.text_top import GEO_BEGINS

MIN_BLOCK_BYTES, MAX_BLOCK_BYTES = 4 << 20, 1 << 30
ROWS_PER_BLOCK = 64


class Table(NamedTuple):
    """Numbers with the names of their rows and columns, as they stand in the file."""

    numbers: Matrix  # (n_rows, n_columns)
    rows: pd.DataFrame  # index: names; columns: attributes of the rows
    columns: pd.DataFrame


class Axes(NamedTuple):
    """Whether the rows and the columns of a file are genes or samples; messages use these words."""

    row: Kind
    column: Kind


def read_table(
    path: Path,
    axes: Axes,
    aside: SetAside = SetAside(),  # noqa: B008
    notation: Notation = Notation(),  # noqa: B008
) -> Table:
    """Read a table of numbers with a header and a column of names."""
    with readable(path):
        layout = detect_layout(path, aside, notation)
        found = _parse_fast(path, layout)
        found = _without_blank(found) if found else _parse_slow(path, layout, axes, aside.columns)
    note_codes(str(path), notation.na_values, found.codes)
    _check_size(path, layout, found)
    names = [name.strip() for name in found.names]
    if aside.names not in layout.note_fields.values():
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
    noted, missing = chosen(names, annotation_rows)
    missing = [name for name in missing if name not in table.columns]  # rows of text are attributes already
    if missing:
        raise InputError(
            f"{path}: prepare.annotation_rows: no row {missing[0]}; the rows begin with {quote_some(names)}"
            f"{suggest(missing[0], names)}"
        )
    keep = np.ones(len(names), dtype=bool)
    keep[noted] = False
    part = table.numbers[noted]
    values = dense(part)
    columns = table.columns.assign(**{names[number]: row for number, row in zip(noted, values, strict=True)})
    return Table(table.numbers[keep], table.rows[keep], columns)


class _Parsed(NamedTuple):
    numbers: Matrix
    names: list[str]
    notes: dict[int, list[str]]
    has_end: bool
    codes: Counter[str]
    """Cells that are missing values by `na_values`: how many of each."""


def _without_blank(found: _Parsed) -> _Parsed:
    """Leave out rows of empty cells alone, which spreadsheets write for empty rows; the slow parser skips them."""
    nameless = [place for place, name in enumerate(found.names) if not name.strip()]
    blank = {place for place in nameless if not any(texts[place].strip() for texts in found.notes.values())}
    blank = {place for place in blank if _is_empty(found.numbers[[place]])}
    if not blank:
        return found
    keep = np.array([place for place in range(len(found.names)) if place not in blank], dtype=np.intp)
    notes = {number: [texts[place] for place in keep.tolist()] for number, texts in found.notes.items()}
    return found._replace(numbers=found.numbers[keep], names=notes[0], notes=notes)


def _is_empty(row: Matrix) -> bool:
    """Tell whether a row has no value at all."""
    return bool(np.isnan(dense(row)).all())


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
    stems = {re.sub(r"\d+", "0", name) for name in [layout.corner, *layout.columns]}
    if len(names) > 1 and len(stems) == 1 and layout.corner and all(map(is_number, names)):
        raise InputError(
            f"{path}: the first column ({layout.corner}) is named like the others and holds numbers "
            f"({quote_some(names[:3])}), not names; put names of the {axes.row}s before it, with a cell in the header"
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
    notation = layout.notation
    as_text = bool(notation.texts or notation.thousands)
    kind = pa.string() if as_text else pa.float64()
    types = {str(number): kind for number in layout.value_fields} | {str(n): pa.string() for n in texts}
    notes: dict[int, list[str]] = {number: [] for number in texts}
    codes: Counter[str] = Counter()

    def pieces(reader: Any) -> Iterator[NDArray[np.float64]]:
        for batch in _ahead(reader):
            piece = np.empty((len(layout.value_fields), batch.num_rows))
            for number, column in enumerate(batch.columns[len(texts) :]):
                numbers = _numbers_of(column, notation, codes) if as_text else column
                piece[number] = numbers.to_numpy(zero_copy_only=False)
            drop_codes(piece, notation.na_values, codes)
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
                    decimal_point="," if notation.decimal_sign == "comma" else ".",
                ),
            )
            numbers = gather(pieces(reader), len(layout.value_fields))
    except pa.ArrowInvalid:
        return None
    return _Parsed(numbers, notes[0], notes, has_end, codes)


def _ahead(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield batches while a thread parses the next one."""
    rest = iter(batches)
    with ThreadPoolExecutor(1, thread_name_prefix="genenet-reader") as thread:
        coming = thread.submit(next, rest, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, rest, None)
            yield batch


def _numbers_of(column: Any, notation: Notation, codes: Counter[str]) -> Any:
    """Convert a column of text to numbers, with null for missing values, as `Notation.number` does cell by cell.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a cell is no number.
    """
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(column)
    for text in notation.texts:
        codes[text] += pc.sum(pc.equal(cells, text)).as_py() or 0
    cells = pc.if_else(pc.is_in(cells, value_set=pa.array([*MISSING, *notation.na_values])), None, cells)
    if notation.thousands is not None:
        mark = MARKS[notation.thousands]
        fits = pc.match_substring_regex(cells, f"^(?:{grouped(notation.decimal_sign, notation.thousands)})$")
        if pc.any(pc.and_not(pc.match_substring_regex(cells, mark), fits)).as_py():
            raise pa.ArrowInvalid("separators of thousands in the wrong places")
        cells = pc.replace_substring_regex(cells, mark, "")
    if notation.decimal_sign == "comma":
        if pc.any(pc.match_substring(cells, ".")).as_py():
            raise pa.ArrowInvalid("a decimal point")
        cells = pc.replace_substring(cells, ",", ".")
    return pc.cast(cells, pa.float64())


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


def _parse_slow(path: Path, layout: Layout, axes: Axes, aside: Sequence[str]) -> _Parsed:
    """Parse a file row by row in Python, and raise an error that names the cells that are not numbers."""
    notes: dict[int, list[str]] = {number: [] for number in (0, *layout.note_fields)}
    bad = BadCells()
    end: list[bool] = []
    codes: Counter[str] = Counter()
    n_minus = 0
    notation = layout.notation
    is_code = set(notation.texts)

    def pieces() -> Iterator[NDArray[np.float64]]:
        nonlocal n_minus
        for line, fields in _rows(path, layout, end):
            numbers = np.full((1, len(layout.value_fields)), np.nan)
            for position, number in enumerate(layout.value_fields):
                value = notation.number(fields[number])
                if value is None:
                    bad.add(line, number, fields[0], fields[number])
                    continue
                bad.see(fields[number])
                n_minus += MINUS in fields[number]
                numbers[0, position] = value
                if is_code and (text := fields[number].strip()) in is_code:
                    codes[text] += 1
            drop_codes(numbers, notation.na_values, codes)
            for number, texts in notes.items():
                texts.append(fields[number])
            yield numbers

    numbers = gather(pieces(), len(layout.value_fields))
    if bad.total:
        place = Place(layout, axes.row, axes.column, notes[0], numbers, aside)
        raise InputError(f"{path}: {describe(bad, place)}")
    if n_minus:
        have = "has a minus sign" if n_minus == 1 else "have minus signs"
        message = f"{path}: {count(n_minus, 'cell')} {have} of typography (U+2212), read as -"
        findings.add("noted", "minus_signs", message)
    return _Parsed(numbers, notes[0], notes, bool(end), codes)


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
