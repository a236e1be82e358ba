"""Rows below or above the header of a text table that hold groups or other attributes of the columns."""

import re
from collections.abc import Sequence
from pathlib import Path

from genenet.errors import InputError, quote_some
from genenet.readers import findings
from genenet.readers.clinical_names import attributes_among
from genenet.readers.fields import split
from genenet.readers.known_names import set_of
from genenet.readers.notation import MISSING, is_number
from genenet.readers.number_forms import is_code
from genenet.readers.text_top import Top

# Rows of groups that may stand above the header.
MOST_GROUP_ROWS = 3

# Words in the corner of a table, above the names of its rows.
CORNER_WORDS = set_of(
    """
    gene, id, name, symbol, probe, sample, cell, barcode, feature, transcript, protein, key, ensembl, entrez, locus,
    tag, row, index, patient, accession, orf, ref
    """
)


def take_group_rows(path: Path, top: Top, separator: str) -> None:
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
    if all(len(set(row)) == width for _, row in above) and (not is_corner(header[1][0]) or is_corner(above[0][1][0])):
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
    labels = unique_names(dict(enumerate(row[0].lstrip("#") or "group" for _, row in above)))
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


def is_corner(cell: str) -> bool:
    """Tell whether a cell names the names below it, as the corner of a table does."""
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


def take_attribute_rows(path: Path, top: Top, separator: str, na_values: Sequence[str]) -> None:
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


def unique_names(notes: dict[int, str]) -> dict[int, str]:
    """Make the names of annotation columns unique by appending numbers."""
    seen: dict[str, int] = {}
    unique = {}
    for number, name in sorted(notes.items()):
        times = seen[name] = seen.get(name, 0) + 1
        unique[number] = name if times == 1 else f"{name}.{times - 1}"
    return unique
