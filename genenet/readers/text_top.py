"""The first lines of a text table: titles, comments, and the headers of GCT and GEO files above the table."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from genenet.config.keys import text_of
from genenet.errors import InputError, shorten
from genenet.readers import findings
from genenet.readers.fields import SEPARATORS, fitting, split
from genenet.readers.notation import MISSING, is_number

MAX_LINE = 1 << 26
"""Characters of the longest line that is read; a million values take about a fifth of it."""

MAX_EMPTY = 10_000
"""Empty lines that may stand above a table."""

GEO_BEGINS = ("!series_matrix_table_begin", "!dataset_table_begin")

GEO_NAMES = ("title", "geo_accession", "source_name_ch1", "characteristics_ch1", "characteristics_ch2")

# Lines below the header that are examined, and lines of one cell (titles) that may stand above it.
PEEKED, MAX_TITLES = 40, 10

# Lines of text above a table are told from titles if there are so many, above rows of so many fields.
FEWEST_TEXTS, FEWEST_FIELDS, CHECKED_ROWS = 2, 4, 5


@dataclass
class Top:
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


def read_top(path: Path, lines: Iterator[tuple[int, str]]) -> Top:
    """Read the lines above a table, its header and its first rows."""
    top = Top()
    top.start, top.header = next(lines, (0, ""))
    if top.header.startswith(("!", "^")):
        _skip_geo(path, top, lines)
    elif top.header.rstrip() in ("#1.2", "#1.3"):
        _read_gct(path, top, lines)
    top.rows = list(islice(lines, PEEKED + top.n_attribute_rows))
    if top.end:
        top.rows = [row for row in top.rows if not row[1].startswith(top.end)]
    if not (top.end or top.is_gct):
        _refuse_olink(path, top)
        _skip_above(path, top)
        _find_annotation(path, top)
    return top


def _skip_above(path: Path, top: Top) -> None:
    """Skip comments and titles above the header."""
    while top.header.startswith("#") and top.row and not _has_fields(top):
        top.next_header()
    while _is_blank(top.header) and top.row:  # empty rows, as spreadsheets write them
        top.next_header()
    _skip_texts(path, top)
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


def _refuse_olink(path: Path, top: Top) -> None:
    """Refuse the wide table of NPX Signature, which has lines about the proteins above and below the samples."""
    lines = [(top.start, top.header), *top.rows[:CHECKED_ROWS]]
    named = {re.split("[,;\t]", line, maxsplit=1)[0].strip('" '): (number, line) for number, line in lines}
    if not {"Panel", "Assay", "OlinkID"} <= named.keys():
        return
    header = named["Assay"][0]
    aside = [name for name in ("Plate ID", "QC Warning") if any(name in line for _, line in named.values())]
    name_them = "" if not aside or aside[0] in named["Assay"][1] else f", name its last columns {' and '.join(aside)}"
    also = f" and prepare.annotation_columns: {text_of(aside)!r}" if aside else ""
    raise InputError(
        f"{path}: is a wide table of Olink (Panel, Assay, OlinkID): delete the lines above line {header:,} (Assay), "
        "the header, those between it and the first sample, and those below the last sample (LOD, Missing "
        f"Data freq.){name_them}; then set prepare.orientation: samples_by_genes{also}"
    )


def _has_fields(top: Top) -> bool:
    """Tell whether a line with # has the fields of the table below, so that it is no comment.

    Comments may have as many commas as each other, so that the lines without # tell how the table is separated.
    """
    table = [line for _, line in top.rows if not (line.startswith("#") or _is_blank(line))]
    if len(table) < 2:
        return bool(fitting(top.header, top.row, among=_marks(top)))
    marks = fitting(table[0], table[1])
    return bool(fitting(top.header, table[1], among=[mark for mark in marks if mark != " "] or marks))


def _skip_texts(path: Path, top: Top) -> None:
    """Skip several lines of text above a table that has far more cells, as programs of instruments write them."""
    lines = [(top.start, top.header), *top.rows]
    places = (place for mark in "\t,;" if (place := _first_of_table([line for _, line in lines], mark)))
    place = next(places, 0)
    if sum(not _is_blank(line) for _, line in lines[:place]) < FEWEST_TEXTS:
        return
    first = shorten(top.header.strip("\t,;"))
    findings.add(
        "warned",
        "title",
        f"{path}: lines {top.start:,} to {lines[place][0] - 1:,} (the first is {first}) are taken for text above the "
        f"table and left out; the header is line {lines[place][0]:,}",
    )
    for _ in range(place):
        top.next_header()


def _first_of_table(lines: list[str], mark: str) -> int:
    """Place of the first line of a table, if all lines above it are text and those below have its fields; else 0."""
    rows = [split(line, mark) for line in lines]
    place = next((place for place, row in enumerate(rows) if not _is_text(row)), 0)
    sizes = {len(row) for row in rows[place + 1 : place + 1 + CHECKED_ROWS]}
    if place > MAX_TITLES or len(rows) < place + 3 or len(sizes) != 1:
        return 0
    width = sizes.pop()
    return place if width >= FEWEST_FIELDS and len(rows[place]) in (width, width - 1) else 0


def _is_text(row: list[str]) -> bool:
    """Tell whether a line is one text, or a name with its value."""
    cells = [cell for cell in row if cell]
    return not cells or (not is_number(row[0]) and row[0] != "" and (len(cells) == 1 or len(row) == 2))


def _is_comment(line: str) -> bool:
    """Tell whether a line with # has no fields, so that it is no header."""
    return line.startswith("#") and not any(mark in line for mark in "\t,;")


def _is_blank(line: str) -> bool:
    """Tell whether a line has nothing but separators."""
    return not line.strip("\t,; ")


def _marks(top: Top) -> Iterable[str]:
    """Separators that may show that a line with # is a header; two comments may have the same number of words."""
    return [mark for mark in SEPARATORS if mark != " "] if top.row.startswith("#") else SEPARATORS


def _is_title(top: Top) -> bool:
    """Tell whether the header is a title: one cell, perhaps followed by empty ones, above lines of several cells."""
    for separator in fitting(top.rows[0][1], top.rows[1][1]):
        if any(other != separator for other in fitting(top.header, top.row)):
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


def _find_annotation(path: Path, top: Top) -> None:
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


def _read_gct(path: Path, top: Top, lines: Iterator[tuple[int, str]]) -> None:
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


def _skip_geo(path: Path, top: Top, lines: Iterator[tuple[int, str]]) -> None:
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


def table_lines(path: Path, lines: TextIO) -> Iterator[tuple[int, str]]:
    """Number the lines of a file from 1, without those that are empty; refuse lines and gaps that are too long."""
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
