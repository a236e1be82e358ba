"""The layout of a text table: separator, header, columns of names, of values and of annotation."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from genenet.errors import InputError, count
from genenet.readers import findings, known_names
from genenet.readers.fields import SEPARATORS, split, without_end
from genenet.readers.header_rows import is_corner, take_attribute_rows, take_group_rows, unique_names
from genenet.readers.long_tables import refuse_long
from genenet.readers.notation import MISSING, Notation, is_number, readings_of
from genenet.readers.number_forms import is_code
from genenet.readers.opening import not_utf8, open_text
from genenet.readers.separators import find_separator, mismatch
from genenet.readers.set_aside import SetAside, annotation_among, names_of_values
from genenet.readers.text_top import Top, read_top, table_lines
from genenet.readers.thousands import among_cells

UNREADABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Layout:
    """Which fields and lines of a text table hold names, values and annotation; fields count from 0, lines from 1."""

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
    notation: Notation = field(default_factory=Notation)
    n_rows: int | None = None  # as the file announces
    corner: str = ""


def detect_layout(
    path: Path,
    aside: SetAside = SetAside(),  # noqa: B008
    notation: Notation = Notation(),  # noqa: B008
) -> Layout:
    """Detect the layout of a text table from its first lines.

    Parameters
    ----------
    path
        The file.
    aside
        Columns that hold no values, or those that hold them, and the column that names the rows.
    notation
        Notation of the numbers, as far as it is known.

    Raises
    ------
    InputError
        If the file is empty, has no separator, header or values, or is of another kind (one value a line, ...).
    """
    # Lines above a GEO table are often not UTF-8, which does no harm there.
    with open_text(path, errors="replace") as lines:
        top = read_top(path, table_lines(path, lines))
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
    separator = "\t" if top.end or top.n_leading > 1 else find_separator(path, top)
    if not (top.end or top.is_gct):
        take_group_rows(path, top, separator)
    take_attribute_rows(path, top, separator, notation.na_values)
    layout = _fields(path, top, separator, aside)
    rows = [split(line, separator) for _, line in top.rows]
    return replace(layout, notation=_with_decimal(path, rows, layout.value_fields, notation, separator))


def _fields(path: Path, top: Top, separator: str, aside: SetAside) -> Layout:
    rows = [split(line, separator) for _, line in top.rows]
    header, width = split(top.header, separator), len(rows[0])
    if len(header) == width - 1 and top.n_leading == 1:
        _refuse_trailing(path, top, rows, header)
        _refuse_shifted(path, top, rows, header)
        header = ["", *header]
    if len(header) <= top.n_leading:
        raise InputError(
            f"{path}: the header (line {top.start:,}) has {count(len(header), 'field')} separated by "
            f"{SEPARATORS[separator]}; such a file has {top.n_leading} columns before the values, separated by tabs"
        )
    _check_leading(path, top, header)
    n_values = len(header) - top.n_leading
    step = 1
    if top.n_leading == 2 and width == top.n_leading + 2 * n_values and not top.is_gct:
        step = 2  # ARACNe: each value is followed by its p-value or call
    elif len(header) != width:
        raise InputError(mismatch(path, top, len(header), width, separator))
    noted = annotation_among(header, aside, str(path))
    notes = {number: header[number] for number in range(1, top.n_leading)}
    notes |= {number: header[number] for number in noted if number}
    fields = list(range(top.n_leading, width, step))
    named = dict(zip(fields, header[top.n_leading :], strict=True))
    values = [number for number in fields if number not in notes]
    columns = names_of_values([named[number] for number in values], aside.value_columns)
    _refuse_numbers_as_header(path, top, header[0], columns, rows)
    sep = "\\t" if separator == "\t" else separator
    refuse_long(path, f"pd.read_csv('{path.name}', sep='{sep}')", header, rows)
    column_notes = _column_notes(top, columns, [number - top.n_leading for number in values], step)
    return Layout(
        separator=separator,
        columns=columns,
        value_fields=values,
        note_fields=unique_names(notes),
        n_fields=width,
        n_skip=top.row_number - 1,
        first_row=top.row_number,
        longest=max(len(top.header), len(top.row)),
        end=top.end,
        column_notes=column_notes,
        n_rows=top.n_rows,
        corner=header[0],
    )


def _column_notes(top: Top, columns: list[str], places: list[int], step: int) -> pd.DataFrame:
    """Attributes from the rows above the values, for the columns that hold values."""
    if not top.column_notes or step != 1:
        return pd.DataFrame(index=columns)
    table = {
        name: _numbers_of([cells[place] if place < len(cells) else "" for place in places])
        for name, cells in top.column_notes.items()
    }
    return pd.DataFrame(table, index=columns)


def _numbers_of(cells: list[str]) -> Any:
    """Convert the cells of an attribute to numbers, if they are numbers or missing and none begins with a 0 (001)."""
    numbers = [cell for cell in cells if cell not in MISSING]
    if not numbers or not all(is_number(cell) and not re.match(r"[-+]?0\d", cell) for cell in numbers):
        return pd.array(cells, dtype=object)
    return pd.to_numeric(pd.Series([None if cell in MISSING else cell for cell in cells], dtype=object)).to_numpy()


def _refuse_trailing(path: Path, top: Top, rows: list[list[str]], header: list[str]) -> None:
    """Refuse rows that all end with a separator where the header does not: the names would shift by one column."""
    if all(not row[-1] for row in rows if len(row) == len(header) + 1):
        raise InputError(
            f"{path}: the rows end with a separator (line {top.row_number:,}), but the header (line {top.start:,}) "
            "does not; take the separator off the ends of the lines"
        )


def _refuse_shifted(path: Path, top: Top, rows: list[list[str]], header: list[str]) -> None:
    """Refuse a header that names the first column and is one short: every sample would get its neighbour's values.

    R writes a header without a cell for the names of the rows; its first cell then names the first column of values.
    """
    if not known_names.names_rows(header[0]) or not all(is_number(row[1]) or row[1] in MISSING for row in rows):
        return
    raise InputError(
        f"{path}: the header (line {top.start:,}) has {count(len(header), 'field')} and the rows have {len(rows[0]):,}"
        f"; its first ({header[0]}) seems to name the first column, so that the name of one column is missing: add it, "
        f"or, if {header[0]} names the second column, put an empty cell before it"
    )


def _check_leading(path: Path, top: Top, header: list[str]) -> None:
    """Refuse a GCT file whose header has another number of columns than the file announces."""
    if top.n_columns is not None and len(header) != top.n_leading + top.n_columns:
        raise InputError(
            f"{path}: line 2 says {count(top.n_columns, 'column')} of values, but the header has "
            f"{max(len(header) - top.n_leading, 0):,}; download or write the file again"
        )


def _refuse_numbers_as_header(path: Path, top: Top, corner: str, columns: list[str], rows: list[list[str]]) -> None:
    if not columns:
        raise InputError(f"{path}: has no columns of values; give names in the first column and values in the others")
    if not columns[-1]:
        if all(not row[-1] for row in rows):
            raise InputError(
                f"{path}: the header (line {top.start:,}) and the rows end with a separator; take it off the ends of "
                "all lines"
            )
        n = len(columns) - len(without_end(columns))
        if n > 1 and any(row[-1] for row in rows):
            raise InputError(
                f"{path}: the last {n:,} columns have no name in the header (line {top.start:,}); give each a name, or "
                "remove them"
            )
        raise InputError(f"{path}: the header ends with a separator, so its last column has no name; remove it")
    numbers = [float(name) for name in columns if is_number(name)]
    if known_names.is_summary_row(corner) and numbers:
        raise InputError(
            f"{path}: is the output of a counting program for one sample, without a header ({corner} in line "
            f"{top.start:,}); join the samples to one table with a header of their names"
        )
    if len(numbers) <= len(columns) / 2 or is_corner(corner):
        return
    if not _are_ascending(columns) and _are_like_values(numbers, rows):
        first = ", ".join(columns[:3])
        raise InputError(f"{path}: the first line holds numbers ({first}), not names; add a header line with names")


def _are_like_values(numbers: list[float], rows: list[list[str]]) -> bool:
    """Tell whether most of these numbers lie in the range of the values below."""
    values = [float(cell) for row in rows for cell in row[1:] if is_number(cell)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    reach = (high - low) / 2
    return sum(low - reach <= number <= high + reach for number in numbers) > len(numbers) / 2


def _are_ascending(columns: list[str]) -> bool:
    """Tell whether names are ascending whole numbers, as the names of numbered samples are."""
    if not all(name.isdecimal() for name in columns):
        return False
    numbers = [int(name) for name in columns]
    return len(numbers) > 1 and all(a < b for a, b in pairwise(numbers))


def _with_decimal(path: Path, rows: list[list[str]], values: list[int], notation: Notation, separator: str) -> Notation:
    """Detect the decimal sign from the first rows: a comma if all cells are numbers with it and in no other notation.

    A comma before three digits may separate thousands: the table is then refused by the parser, with the settings that
    say what is meant.
    """
    if notation.decimal or notation.thousands:
        return notation
    numbers = [row[place].strip() for row in rows for place in values if place < len(row)]
    numbers = [cell for cell in numbers if cell not in notation.na_values and not is_code(cell)]
    cells = [cell for cell in numbers if re.search("[.,]", cell)]
    readings = readings_of(cells)
    points = among_cells(cells, set(numbers) - set(cells), semicolons=separator == ";")
    if points:
        findings.add(points.weight, points.kind, f"{path}: {points.message}")
    if not cells or readings != [("comma", None)]:
        return notation
    findings.add("noted", "decimal_commas", f"{path}: decimal commas are read as decimal points")
    return notation._replace(decimal="comma")
