"""How a table of text is laid out: separator, header, columns of names and notes, and what stands above the table."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

import pandas as pd

from genenet.errors import InputError, quote_some, suggest
from genenet.readers.opening import not_utf8, open_text

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "space"}
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
MAX_LINE = 1 << 26
"""Characters of a line: a million values take a fifth of it."""
MAX_EMPTY = 10_000
GEO_BEGINS = ("!series_matrix_table_begin", "!dataset_table_begin")
GEO_NAMES = ("title", "geo_accession", "source_name_ch1", "characteristics_ch1", "characteristics_ch2")


@dataclass(frozen=True)
class Layout:
    """Where what is in a table of text; fields count from 0, lines from 1."""

    separator: str
    columns: list[str]  # names of the columns with values
    value_fields: list[int]
    note_fields: dict[int, str]  # columns of text: field and name
    n_fields: int
    n_skip: int  # lines above the first row
    first_row: int  # line
    longest: int  # characters of the longer of header and first row
    end: str = ""  # start of the line below the table, if there is one
    column_notes: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass
class _Top:
    """What was read of a file: what stands above the header, the header, and the first row."""

    start: int = 0
    header: str = ""
    row_number: int = 0
    row: str = ""
    n_leading: int = 1  # columns before the values that the format prescribes
    end: str = ""
    column_notes: pd.DataFrame = field(default_factory=pd.DataFrame)


def look(path: Path, annotation_columns: Sequence[str] = ()) -> Layout:
    """Find out the layout from the first lines of a file."""
    # What stands above a GEO table is often not UTF-8, and does no harm.
    with open_text(path, errors="replace") as lines:
        top = _read_top(path, _content(path, lines))
    if UNREADABLE in top.header + top.row:
        raise InputError(not_utf8(path))
    if not top.header:
        raise InputError(f"{path}: is empty")
    if not top.row:
        if top.end:
            raise InputError(
                f"{path}: this GEO file has no values in its table (usual for sequencing data); "
                "take the table of counts from the supplementary files of the series"
            )
        raise InputError(f"{path}: has a header but no rows below it")
    separator = "\t" if top.end or top.n_leading > 1 else _separator(path, top)
    return _fields(path, top, separator, annotation_columns)


def _read_top(path: Path, lines: Iterator[tuple[int, str]]) -> _Top:
    top = _Top()
    top.start, top.header = next(lines, (0, ""))
    if top.header.startswith(("!", "^")):
        _skip_geo(path, top, lines)
    elif top.header.rstrip() in ("#1.2", "#1.3"):
        next(lines, None)  # the dimensions
        top.start, top.header = next(lines, (0, ""))
        top.n_leading = 2
    elif path.name.lower().removesuffix(".gz").endswith(".exp"):
        top.n_leading = 2
    top.row_number, top.row = next(lines, (0, ""))
    while top.n_leading == 2 and top.row.startswith("Description"):  # ARACNe: about the samples
        top.row_number, top.row = next(lines, (0, ""))
    # A comment above the header starts with # and does not have the fields of a table.
    while top.header.startswith("#") and top.row and not _fitting(top.header, top.row):
        top.start, top.header = top.row_number, top.row
        top.row_number, top.row = next(lines, (0, ""))
    if top.end and top.row.startswith(top.end):
        top.row = ""
    return top


def _skip_geo(path: Path, top: _Top, lines: Iterator[tuple[int, str]]) -> None:
    notes: dict[str, list[list[str]]] = {}
    for _, line in lines:
        if line.startswith(GEO_BEGINS):
            top.end = "!"
            top.start, top.header = next(lines, (0, ""))
            samples = split(top.header, "\t")[1:]
            top.column_notes = _geo_notes(notes, samples)
            if top.header.split("\t")[1:2] == ["IDENTIFIER"]:
                top.n_leading = 2
            return
        name = line.split("\t", 1)[0].removeprefix("!Sample_")
        if name in GEO_NAMES:
            notes.setdefault(name, []).append(split(line, "\t")[1:])
    raise InputError(
        f"{path}: looks like a GEO file but holds no line {GEO_BEGINS[0]}; "
        "download the series matrix file of the series"
    )


def _geo_notes(notes: dict[str, list[list[str]]], samples: list[str]) -> pd.DataFrame:
    """Make columns of what GEO tells about samples; `tissue: liver` becomes liver in the column tissue."""
    table: dict[str, list[str]] = {}
    for name, rows in notes.items():
        for row in rows:
            if len(row) != len(samples):
                continue
            if not name.startswith("characteristics"):
                table[name] = row
                continue
            for position, cell in enumerate(row):
                key, colon, value = cell.partition(":")
                if colon:
                    table.setdefault(key.strip(), [""] * len(samples))[position] = value.strip()
    return pd.DataFrame(table, index=samples, dtype=object)


def _content(path: Path, lines: TextIO) -> Iterator[tuple[int, str]]:
    n_empty = 0
    for number, line in enumerate(iter(lambda: lines.readline(MAX_LINE), ""), start=1):
        if len(line) == MAX_LINE:
            raise InputError(f"{path}: line {number:,} has more than {MAX_LINE:,} characters; is it a table of text?")
        if line.strip():
            yield number, line.rstrip("\n")
            continue
        n_empty += 1
        if n_empty > MAX_EMPTY:
            raise InputError(f"{path}: has more than {MAX_EMPTY:,} empty lines above its table; is it the right file?")


def split(line: str, separator: str) -> list[str]:
    """Cut a line at the separators outside of quotes."""
    with suppress(csv.Error):
        return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    return [name.strip() for name in line.split(separator)]


def _fitting(header: str, row: str) -> list[str]:
    """Find the separators by which a header and a row have fields that go together, the most usual first."""
    sizes = {separator: (len(split(header, separator)), len(split(row, separator))) for separator in SEPARATORS}
    fit = [separator for separator, (top, below) in sizes.items() if below >= 2 and top in (below, below - 1)]
    return sorted(fit, key=lambda separator: sizes[separator][1] < 3)


def _separator(path: Path, top: _Top) -> str:
    fit = _fitting(top.header, top.row)
    if fit:
        return fit[0]
    for separator in SEPARATORS:
        above, below = len(split(top.header, separator)), len(split(top.row, separator))
        if above >= 2 and below >= 2:
            raise InputError(_mismatch(path, top, above, below, separator))
    raise InputError(
        f"{path}: found no separator: line {top.row_number:,} is {shorten(top.row)}; "
        "separate the columns by tab or comma (semicolon and space are understood too)"
    )


def _mismatch(path: Path, top: _Top, above: int, below: int, separator: str) -> str:
    return (
        f"{path}: the header (line {top.start:,}) has {n_fields(above)} and line {top.row_number:,} has {below:,} "
        f"(separator: {SEPARATORS[separator]}); the header needs as many fields as the rows, or one fewer"
    )


def _fields(path: Path, top: _Top, separator: str, annotation_columns: Sequence[str]) -> Layout:
    header, width = split(top.header, separator), len(split(top.row, separator))
    if len(header) == width - 1 and top.n_leading == 1:
        header = ["", *header]
    if len(header) <= top.n_leading:
        raise InputError(
            f"{path}: the header (line {top.start:,}) has {n_fields(len(header))} separated by {SEPARATORS[separator]};"
            f" such a file has {top.n_leading} columns before the values, separated by tabs"
        )
    n_values = len(header) - top.n_leading
    step = 1
    if path.name.lower().removesuffix(".gz").endswith(".exp") and width == top.n_leading + 2 * n_values:
        step = 2  # ARACNe: each value is followed by its p-value or call
    elif len(header) != width:
        raise InputError(_mismatch(path, top, len(header), width, separator))
    notes = {number: header[number] for number in range(1, top.n_leading)}
    notes |= {number: name for number, name in enumerate(header) if number and name in annotation_columns}
    _check_annotation(path, annotation_columns, header)
    fields = list(range(top.n_leading, width, step))
    named = dict(zip(fields, header[top.n_leading :], strict=True))
    values = [number for number in fields if number not in notes]
    columns = [named[number] for number in values]
    _refuse_numbers_as_header(path, columns)
    return Layout(
        separator=separator,
        columns=columns,
        value_fields=values,
        note_fields=notes,
        n_fields=width,
        n_skip=top.row_number - 1,
        first_row=top.row_number,
        longest=max(len(top.header), len(top.row)),
        end=top.end,
        column_notes=top.column_notes,
    )


def _check_annotation(path: Path, annotation_columns: Sequence[str], header: list[str]) -> None:
    for name in annotation_columns:
        if name not in header[1:]:
            raise InputError(
                f"{path}: prepare.annotation_columns: no column {name}; "
                f"the header begins with {quote_some(header[:5])}{suggest(name, header[1:])}"
            )


def _refuse_numbers_as_header(path: Path, columns: list[str]) -> None:
    if not columns:
        raise InputError(f"{path}: has no columns of values; give names in the first column and values in the others")
    if not columns[-1]:
        raise InputError(f"{path}: the header ends with a separator, so its last column has no name; remove it")
    if sum("." in name and is_number(name) for name in columns) > len(columns) / 2:
        first = ", ".join(islice(columns, 3))
        raise InputError(f"{path}: the first line holds numbers ({first}), not names; add a header line with names")


def is_number(cell: str) -> bool:
    """Tell whether Python reads a cell as a number, the forms that no other program writes left aside."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell and cell.isascii()


def n_fields(count: int) -> str:
    """Say how many fields."""
    return "1 field" if count == 1 else f"{count:,} fields"


def shorten(text: str, most: int = 40) -> str:
    """Quote a cell or a line for a message."""
    return repr(text if len(text) <= most else text[:most] + "...")
