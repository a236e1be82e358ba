"""The layout of a text table: separator, header, columns of names and annotation, and lines above the table."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from genenet.errors import InputError, count, quote_some
from genenet.readers import extras, findings, known_names
from genenet.readers.clinical_names import attributes_among
from genenet.readers.long_tables import refuse_long
from genenet.readers.notation import MISSING, Notation, is_number, readings_of
from genenet.readers.number_forms import is_code
from genenet.readers.opening import not_utf8, open_text

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "space"}
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
MAX_LINE = 1 << 26
"""Characters of the longest line that is read; a million values take about a fifth of it."""
MAX_EMPTY = 10_000
"""Empty lines that may stand above a table."""
GEO_BEGINS = ("!series_matrix_table_begin", "!dataset_table_begin")
GEO_NAMES = ("title", "geo_accession", "source_name_ch1", "characteristics_ch1", "characteristics_ch2")
# Lines below the header that are examined, and lines of one cell (titles) that may stand above it.
PEEKED, MAX_TITLES = 40, 10
# Rows of groups that may stand above the header.
MOST_GROUP_ROWS = 3
# Numbers with three digits behind a point by which points between thousands are told in a file with semicolons.
FEWEST_GROUPED = 20
# Words in the corner of a table, above the names of its rows.
CORNER_WORDS = known_names.set_of(
    """
    gene, id, name, symbol, probe, sample, cell, barcode, feature, transcript, protein, key, ensembl, entrez, locus,
    tag, row, index, patient, accession, orf, ref
    """
)


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


@dataclass
class _Top:
    """The part of a file that was read to find its layout: lines above the header, the header, and the first rows."""

    start: int = 0
    header: str = ""
    rows: list[tuple[int, str]] = field(default_factory=list)
    n_leading: int = 1  # columns before the values that the format prescribes
    leading_names: bool = True  # whether these columns are of text
    end: str = ""
    column_notes: dict[str, list[str]] = field(default_factory=dict)
    n_rows: int | None = None
    n_columns: int | None = None
    n_attribute_rows: int = 0
    is_gct: bool = False

    @property
    def row_number(self) -> int:
        """Line of the first row."""
        return self.rows[0][0] if self.rows else 0

    @property
    def row(self) -> str:
        """The first row."""
        return self.rows[0][1] if self.rows else ""

    def next_header(self) -> None:
        """Take the first row for the header."""
        (self.start, self.header), *self.rows = self.rows


def detect_layout(
    path: Path,
    aside: extras.SetAside = extras.SetAside(),  # noqa: B008
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
    if not (top.end or top.is_gct):
        _take_group_rows(path, top, separator)
    _take_attribute_rows(path, top, separator, notation.na_values)
    layout = _fields(path, top, separator, aside)
    rows = [split(line, separator) for _, line in top.rows]
    return replace(layout, notation=_with_decimal(path, rows, layout.value_fields, notation, separator))


def _read_top(path: Path, lines: Iterator[tuple[int, str]]) -> _Top:
    top = _Top()
    top.start, top.header = next(lines, (0, ""))
    if top.header.startswith(("!", "^")):
        _skip_geo(path, top, lines)
    elif top.header.rstrip() in ("#1.2", "#1.3"):
        _read_gct(path, top, lines)
    top.rows = list(islice(lines, PEEKED + top.n_attribute_rows))
    if top.end:
        top.rows = [row for row in top.rows if not row[1].startswith(top.end)]
    if not (top.end or top.is_gct):
        _skip_above(path, top)
        _find_annotation(path, top)
    return top


def _skip_above(path: Path, top: _Top) -> None:
    """Skip comments and titles above the header."""
    # A comment above the header starts with # and does not have the fields of a table.
    while top.header.startswith("#") and top.row and not _fitting(top.header, top.row, among=_marks(top)):
        top.next_header()
    while _is_blank(top.header) and top.row:  # empty rows, as spreadsheets write them
        top.next_header()
    for _ in range(MAX_TITLES):
        below = [row for row in top.rows if not _is_blank(row[1]) and not _is_comment(row[1])]
        if len(below) < 2 or not _is_title(replace(top, rows=below)):
            return
        top.rows = below
        findings.add(
            "warned",
            "title",
            f"{path}: line {top.start:,} ({shorten(top.header.strip(',;' + chr(9)))}) is taken for a title above the "
            f"table and left out; the header is line {top.row_number:,}",
        )
        top.next_header()


def _is_comment(line: str) -> bool:
    """Tell whether a line with # has no fields, so that it is no header."""
    return line.startswith("#") and not any(mark in line for mark in "\t,;")


def _is_blank(line: str) -> bool:
    """Tell whether a line has nothing but separators."""
    return not line.strip("\t,; ")


def _marks(top: _Top) -> Iterable[str]:
    """Separators that may show that a line with # is a header; two comments may have the same number of words."""
    return [mark for mark in SEPARATORS if mark != " "] if top.row.startswith("#") else SEPARATORS


def _is_title(top: _Top) -> bool:
    """Tell whether the header is a title: one cell, perhaps followed by empty ones, above lines of several cells."""
    for separator in _fitting(top.rows[0][1], top.rows[1][1]):
        if any(other != separator for other in _fitting(top.header, top.row)):
            return False
        cells = [cell for cell in split(top.header, separator) if cell]
        below = [cell for cell in split(top.rows[0][1], separator) if cell]
        if _n_cells(top.header, separator) >= len(below) - 1:
            return False  # a header with another separator
        if len(cells) == 1 and len(below) >= 3 and not is_number(cells[0]):
            return True
    return False


def _n_cells(line: str, separator: str) -> int:
    """Largest number of cells into which any other separator cuts a line."""
    return max(len(split(line, other)) for other in SEPARATORS if other != separator)


def _find_annotation(path: Path, top: _Top) -> None:
    """Detect the second column of an .exp file (ARACNe, geWorkbench), which annotates the probes."""
    if not path.name.lower().removesuffix(".gz").endswith(".exp"):
        return
    while top.row.startswith("Description"):  # attributes of the samples
        del top.rows[0]
    rows = [split(line, "\t") for _, line in top.rows[:10]]
    header = split(top.header, "\t")
    is_text = rows and all(len(row) > 2 and not is_number(row[1]) and row[1] not in MISSING for row in rows)
    if is_text or (len(header) > 2 and header[1].lower() in ("annotation", "description", "desc")):
        top.n_leading = 2


def _read_gct(path: Path, top: _Top, lines: Iterator[tuple[int, str]]) -> None:
    """Read the size that a GCT file announces, and in version 1.3 the numbers of its annotation columns and rows."""
    _, sizes = next(lines, (0, ""))
    numbers = sizes.split()
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        raise InputError(
            f"{path}: line 2 of a GCT file gives the numbers of rows and columns, but it is {shorten(sizes)}; "
            "download or write the file again"
        )
    top.is_gct, top.n_leading = True, 2
    top.n_rows, top.n_columns = int(numbers[0]), int(numbers[1])
    if top.header.rstrip() == "#1.3":
        about_rows, about_columns = (int(number) for number in [*numbers, "0", "0"][2:4])
        top.n_leading, top.n_attribute_rows = 1 + about_rows, about_columns
    top.start, top.header = next(lines, (0, ""))


def _skip_geo(path: Path, top: _Top, lines: Iterator[tuple[int, str]]) -> None:
    notes: dict[str, list[list[str]]] = {}
    for _, line in lines:
        if line.startswith(GEO_BEGINS):
            top.end = "!"
            top.start, top.header = next(lines, (0, ""))
            samples = split(top.header, "\t")[1:]
            top.column_notes = _geo_notes(notes, samples)
            top.n_rows = _geo_rows(notes, samples)
            if top.header.split("\t")[1:2] == ["IDENTIFIER"]:
                top.n_leading = 2
            return
        name = line.split("\t", 1)[0].removeprefix("!Sample_")
        if name in (*GEO_NAMES, "data_row_count"):
            notes.setdefault(name, []).append(split(line, "\t")[1:])
    raise InputError(
        f"{path}: looks like a GEO file but holds no line {GEO_BEGINS[0]}; "
        "download the series matrix file of the series"
    )


def _geo_rows(notes: dict[str, list[list[str]]], samples: list[str]) -> int | None:
    """Number of rows of the table, if GEO gives the same number for every sample."""
    counts = {cell for row in notes.pop("data_row_count", []) if len(row) == len(samples) for cell in row}
    return int(counts.pop()) if len(counts) == 1 and all(cell.isdecimal() for cell in counts) else None


def _geo_notes(notes: dict[str, list[list[str]]], samples: list[str]) -> dict[str, list[str]]:
    """Turn GEO's lines about samples into columns; `tissue: liver` becomes liver in the column tissue."""
    table: dict[str, list[str]] = {}
    for name, rows in notes.items():
        for row in rows:
            if len(row) != len(samples) or name == "data_row_count":
                continue
            if not name.startswith("characteristics"):
                table[name] = row
                continue
            for position, cell in enumerate(row):
                key, colon, value = cell.partition(":")
                if colon:
                    table.setdefault(key.strip(), [""] * len(samples))[position] = value.strip()
    return table


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


def _fitting(header: str, row: str, among: Iterable[str] = SEPARATORS) -> list[str]:
    """Find the separators that cut header and row into matching numbers of fields, those with most fields first."""
    sizes = {separator: (len(split(header, separator)), len(split(row, separator))) for separator in among}
    fit = [separator for separator, (top, below) in sizes.items() if below >= 2 and top in (below, below - 1)]
    return sorted(fit, key=lambda separator: sizes[separator][1] < 3)


def _separator(path: Path, top: _Top) -> str:
    _refuse_markup(path, top)
    fit = _fitting(top.header, top.row)
    if fit:
        if fit[0] == " ":
            _refuse_spaces(path, top)
        return fit[0]
    above, below = _commonest(top.header), _commonest(top.row)
    if above and below and above != below:
        raise InputError(
            f"{path}: the header (line {top.start:,}) is separated by {SEPARATORS[above]}s and line "
            f"{top.row_number:,} by {SEPARATORS[below]}s; write all lines with one separator"
        )
    for separator in SEPARATORS:
        above_n, below_n = len(split(top.header, separator)), len(split(top.row, separator))
        if above_n >= 2 and below_n >= 2:
            if separator == " ":
                _refuse_spaces(path, top)
            raise InputError(_mismatch(path, top, above_n, below_n, separator))
    if top.header.count("|") == top.row.count("|") > 1:
        raise InputError(
            f"{path}: columns are separated by | (line {top.start:,}), which is not read; separate them by tabs, for "
            "example with: tr '|' '\\t' < OLD > NEW"
        )
    raise InputError(
        f"{path}: found no separator: line {top.row_number:,} is {shorten(top.row)}; "
        "separate the columns by tab or comma (semicolon and space are understood too)"
    )


def _refuse_spaces(path: Path, top: _Top) -> None:
    """Refuse a table of columns that are aligned by spaces."""
    if "  " in top.header.strip() or "  " in top.row.strip():
        raise InputError(
            f"{path}: columns are separated by several spaces (line {top.start:,}); "
            "separate them by one tab, for example with: sed -E 's/ +/\\t/g' OLD > NEW"
        )


def _refuse_markup(path: Path, top: _Top) -> None:
    """Refuse tables of Markdown and LaTeX."""
    lines = [top.header, top.row]
    for kind, is_kind in (
        ("Markdown", lambda line: line.lstrip().startswith("|") and line.rstrip().endswith("|")),
        ("LaTeX", lambda line: " & " in line and line.rstrip().endswith("\\\\")),
    ):
        if all(map(is_kind, lines)):
            raise InputError(
                f"{path}: is a table of {kind} (line {top.start:,}: {shorten(top.header)}); write it as text with tabs"
            )


def _commonest(line: str) -> str:
    """Find the most frequent separator of a line; empty if none occurs twice."""
    times = {separator: line.count(separator) for separator in "\t,;"}
    best = max(times, key=lambda separator: times[separator])
    return best if times[best] >= 2 else ""


def _mismatch(path: Path, top: _Top, above: int, below: int, separator: str) -> str:
    if top.header.count('"') % 2:
        return f"{path}: a quote opened in line {top.start:,} is not closed in that line; close it or remove it"
    header, row = split(top.header, separator), split(top.row, separator)
    triangle = _triangle(top, separator)
    if triangle:
        return f"{path}: {triangle}"
    if len(_without_end(header)) - len(_without_end(row)) in (0, -1):
        where = "header" if len(header) > len(_without_end(header)) else "rows"
        number = top.start if where == "header" else top.row_number
        return (
            f"{path}: the {where} {'ends' if where == 'header' else 'end'} with separators (line {number:,}), after "
            "which there is nothing; take them off the ends of the lines"
        )
    n_values = above - 1 if header[0] else above
    if separator == "," and below in (2 * above - 1, 2 * above, 2 * n_values + 1) and above > 2:
        return (
            f"{path}: line {top.row_number:,} has {below:,} fields, twice as many values as the header (line "
            f"{top.start:,}): the decimal commas are taken for separators; separate the columns by tabs or semicolons,"
            " or put the numbers in quotes"
        )
    last = ""
    if below < above <= below + 3:
        last = f" (the last {'is' if above == below + 1 else 'are'} {', '.join(map(shorten, header[below:]))})"
    return (
        f"{path}: the header (line {top.start:,}) has {count(above, 'field')}{last} and line {top.row_number:,} has "
        f"{below:,} (separator: {SEPARATORS[separator]}); the header needs as many fields as the rows, or one fewer"
    )


def _triangle(top: _Top, separator: str) -> str:
    """Message about rows that grow or shrink by one value each, as those of a triangle of distances; empty if not."""
    sizes = [len(split(line, separator)) for _, line in top.rows]
    steps = {after - before for before, after in pairwise(sizes)}
    if len(sizes) < 3 or len(steps) != 1 or not steps & {1, -1}:
        return ""
    return (
        f"each row has one field {'more' if steps == {1} else 'fewer'} than the one above (lines {top.row_number:,} to "
        f"{top.rows[-1][0]:,}), as in a triangle of correlations or distances: give the expression matrix that it was "
        "computed from"
    )


def _without_end(cells: list[str]) -> list[str]:
    """Leave out the empty cells at the end of a line."""
    n = len(cells)
    while n and not cells[n - 1]:
        n -= 1
    return cells[:n]


def _take_group_rows(path: Path, top: _Top, separator: str) -> None:
    """Take the first of two header rows for an attribute, if it repeats names (groups) and the second does not.

    pandas writes such a header (columns of two levels), with a row below it that has the name of the first column only.
    """
    lines = [(top.start, split(top.header, separator))]
    lines += [(line, split(text, separator)) for line, text in top.rows[: MOST_GROUP_ROWS + 2]]
    width = len(lines[0][1])
    place = next((n for n, (_, row) in enumerate(lines) if len(row) != width or _are_names(row[1:])), 0)
    if width < 4 or not 0 < place <= MOST_GROUP_ROWS or len(lines[place][1]) != width or len(lines) < place + 2:
        return
    header, above, below = lines[place], lines[:place], lines[place + 1]
    if all(len(set(row)) == width for _, row in above) and (not _is_corner(header[1][0]) or _is_corner(above[0][1][0])):
        return  # samples may be numbered
    more = (
        " (empty cells are taken for merged ones, of the group before)"
        if any("" in row[2:] for _, row in above)
        else ""
    )
    for _ in above:
        top.next_header()
    if len(below[1]) == width and below[1][0] and not any(below[1][1:]):
        top.header = separator.join([below[1][0], *top.header.split(separator)[1:]])
        more += f"; line {below[0]:,} ({below[1][0]}) has no values: taken for the name of the first column"
        del top.rows[0]
    labels = _unique(dict(enumerate(row[0].lstrip("#") or "group" for _, row in above)))
    top.column_notes |= {labels[number]: _filled(row[1:]) for number, (_, row) in enumerate(above)}
    told = [_told(line, labels[number], row[1:]) for number, (line, row) in enumerate(above)]
    taken = "that is taken for an attribute" if len(told) == 1 else "those are taken for attributes"
    findings.add(
        "warned",
        "attribute_rows",
        f"{path}: line {header[0]:,} ({quote_some(header[1][1:], 3)}) is taken for the header, since "
        f"{' and '.join(told)}: {taken} of the columns, as those of --table{more}",
    )


def _told(line: int, label: str, groups: list[str]) -> str:
    """Say why a line above the header is none."""
    shown = quote_some(list(dict.fromkeys(filter(None, groups))), 3)
    return f"line {line:,} ({label}: {shown}) {'repeats names' if len(set(groups)) < len(groups) else 'holds numbers'}"


def _is_corner(cell: str) -> bool:
    return any(word in cell.casefold() for word in CORNER_WORDS)


def _are_names(cells: list[str]) -> bool:
    """Tell whether cells can be names of columns: all of them texts, no two the same."""
    return len(set(cells)) == len(cells) and "" not in cells and not any(map(is_number, cells))


def _filled(cells: list[str]) -> list[str]:
    """Fill each empty cell with the one before it, as of merged cells."""
    filled: list[str] = []
    for cell in cells:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def _take_attribute_rows(path: Path, top: _Top, separator: str, na_values: Sequence[str]) -> None:
    """Take rows of text between header and values as attributes of the columns (conditions, types of columns)."""
    rows = [split(line, separator) for _, line in top.rows]
    n_taken = top.n_attribute_rows if top.is_gct else _n_text_rows(rows, top.n_leading, na_values)
    if not n_taken:
        return
    if n_taken >= len(rows):
        raise InputError(f"{path}: has a header but no rows of values below it")
    width = len(rows[n_taken])
    header = split(top.header, separator)
    shift = width - len(header)
    names = header[top.n_leading - shift :] if shift in (0, 1) else []
    for cells in rows[:n_taken]:
        if names and len(cells) in (width, width - shift):
            top.column_notes[_attribute_name(cells[0])] = cells[len(cells) - len(names) :]
    if not top.is_gct:
        shown = quote_some([_attribute_name(cells[0]) for cells in rows[:n_taken]])
        lines = (
            f"line {top.row_number:,}" if n_taken == 1 else f"lines {top.row_number:,} to {top.rows[n_taken - 1][0]:,}"
        )
        findings.add(
            "warned",
            "attribute_rows",
            f"{path}: {lines} ({shown}) {'holds' if n_taken == 1 else 'hold'} {_what_they_hold(rows[:n_taken])}: taken "
            "for attributes of the columns, as those of --table",
        )
    del top.rows[:n_taken]


def _attribute_name(cell: str) -> str:
    """Name of a row of attributes; Perseus writes #!{Type} or #!{C:Grouping}."""
    match = re.match(r"#!\{(?:[A-Z]:)?([^}]*)\}", cell)
    return match.group(1) if match else cell or "attribute"


def _what_they_hold(rows: list[list[str]]) -> str:
    """Say what rows of attributes hold, numeric ones among them being known by their names."""
    named = [row[0] for row in rows if _is_named_attribute(row) and any(map(is_number, row[1:]))]
    return (
        f"text in all columns of values, or attributes of samples ({quote_some(named)})"
        if named
        else ("text in all columns of values")
    )


def _is_named_attribute(row: list[str]) -> bool:
    """Tell whether a row is called as an attribute of samples is, and as no gene."""
    return bool(attributes_among([cell.strip() for cell in row[:1]]))


def _n_text_rows(rows: list[list[str]], n_leading: int, na_values: Sequence[str]) -> int:
    """Number of rows above the first row with numbers, if all of them have text where that row has numbers, else 0.

    Rows of numbers that are called as attributes of samples are (Age) count as text beside rows of text; on their own
    they are left to the checks of the matrix.
    """
    for number, row in enumerate(rows):
        numeric = [place for place in range(n_leading, len(row)) if is_number(row[place].replace(",", "."))]
        if numeric and not _is_named_attribute(row):
            text = [_is_all_text(above, row, numeric, na_values) for above in rows[:number]]
            fit = all(is_text or _is_named_attribute(above) for is_text, above in zip(text, rows, strict=False))
            return number if fit and any(text) else 0
    return 0


def _is_all_text(above: list[str], row: list[str], numeric: list[int], na_values: Sequence[str]) -> bool:
    shift = len(row) - len(above)
    if shift not in (0, 1):
        return False
    cells = [above[place - shift] for place in numeric if place - shift > 0]
    text = [cell for cell in cells if cell not in MISSING and cell not in na_values and not is_code(cell)]
    return len(text) > len(cells) / 2 and not any(is_number(cell) for cell in text)


def _fields(path: Path, top: _Top, separator: str, aside: extras.SetAside) -> Layout:
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
        raise InputError(_mismatch(path, top, len(header), width, separator))
    noted = extras.annotation_among(header, aside, str(path))
    notes = {number: header[number] for number in range(1, top.n_leading)}
    notes |= {number: header[number] for number in noted if number}
    fields = list(range(top.n_leading, width, step))
    named = dict(zip(fields, header[top.n_leading :], strict=True))
    values = [number for number in fields if number not in notes]
    columns = extras.names_of_values([named[number] for number in values], aside.value_columns)
    _refuse_numbers_as_header(path, top, header[0], columns, rows)
    refuse_long(path, separator, header, rows)
    column_notes = _column_notes(top, columns, [number - top.n_leading for number in values], step)
    return Layout(
        separator=separator,
        columns=columns,
        value_fields=values,
        note_fields=_unique(notes),
        n_fields=width,
        n_skip=top.row_number - 1,
        first_row=top.row_number,
        longest=max(len(top.header), len(top.row)),
        end=top.end,
        column_notes=column_notes,
        n_rows=top.n_rows,
        corner=header[0],
    )


def _column_notes(top: _Top, columns: list[str], places: list[int], step: int) -> pd.DataFrame:
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


def _unique(notes: dict[int, str]) -> dict[int, str]:
    """Make the names of annotation columns unique by appending numbers."""
    seen: dict[str, int] = {}
    unique = {}
    for number, name in sorted(notes.items()):
        times = seen[name] = seen.get(name, 0) + 1
        unique[number] = name if times == 1 else f"{name}.{times - 1}"
    return unique


def _refuse_trailing(path: Path, top: _Top, rows: list[list[str]], header: list[str]) -> None:
    """Refuse rows that all end with a separator where the header does not: the names would shift by one column."""
    if all(not row[-1] for row in rows if len(row) == len(header) + 1):
        raise InputError(
            f"{path}: the rows end with a separator (line {top.row_number:,}), but the header (line {top.start:,}) "
            "does not; take the separator off the ends of the lines"
        )


def _refuse_shifted(path: Path, top: _Top, rows: list[list[str]], header: list[str]) -> None:
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


def _check_leading(path: Path, top: _Top, header: list[str]) -> None:
    """Refuse a GCT file whose header has another number of columns than the file announces."""
    if top.n_columns is not None and len(header) != top.n_leading + top.n_columns:
        raise InputError(
            f"{path}: line 2 says {count(top.n_columns, 'column')} of values, but the header has "
            f"{max(len(header) - top.n_leading, 0):,}; download or write the file again"
        )


def _refuse_numbers_as_header(path: Path, top: _Top, corner: str, columns: list[str], rows: list[list[str]]) -> None:
    if not columns:
        raise InputError(f"{path}: has no columns of values; give names in the first column and values in the others")
    if not columns[-1]:
        if all(not row[-1] for row in rows):
            raise InputError(
                f"{path}: the header (line {top.start:,}) and the rows end with a separator; take it off the ends of "
                "all lines"
            )
        n = len(columns) - len(_without_end(columns))
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
    if len(numbers) <= len(columns) / 2 or _is_corner(corner):
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


# Points separate thousands only if at least so many different whole numbers from 100 to 999 have none.
FEWEST_HUNDREDS = 3


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
    grouped = len(cells) >= FEWEST_GROUPED and ("comma", "point") in readings
    if grouped and (separator == ";" or _are_rounded_thousands(cells, set(numbers) - set(cells))):
        findings.add(
            "warned",
            "thousands",
            f"{path}: all numbers with a point have three digits behind it ({quote_some(cells, 3)}): the points may "
            "separate thousands: set prepare.thousands: point, or, if they are decimal points, prepare.decimal: point",
        )
    if not cells or readings != [("comma", None)]:
        return notation
    findings.add("noted", "decimal_commas", f"{path}: decimal commas are read as decimal points")
    return notation._replace(decimal="comma")


def _are_rounded_thousands(cells: list[str], others: set[str]) -> bool:
    """Tell whether most numbers with a point end in 0 beside whole numbers of three digits: 4.500 and 800.

    As numbers they no longer have the third decimal; others are found by their values (`genenet.expression.look`).
    """
    hundreds = {cell for cell in others if len(cell) == 3}
    are_small = all(cell.isdecimal() and len(cell) <= 3 for cell in others)
    return are_small and len(hundreds) >= FEWEST_HUNDREDS and sum(cell[-1] == "0" for cell in cells) > len(cells) / 2


def shorten(text: str, most: int = 40) -> str:
    """Quote a cell or a line for a message."""
    return repr(text if len(text) <= most else text[:most] + "...")
