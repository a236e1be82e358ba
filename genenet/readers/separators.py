"""The separator of a text table, and what is wrong where header and rows differ in the number of fields."""

from itertools import pairwise
from pathlib import Path

from genenet.errors import InputError, count, shorten
from genenet.readers.fields import SEPARATORS, fitting, split, without_end
from genenet.readers.text_top import Top


def find_separator(path: Path, top: Top) -> str:
    """Find the separator by which the header and the rows have as many fields; refuse a table without one."""
    _refuse_markup(path, top)
    fit = fitting(top.header, top.row)
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
            raise InputError(mismatch(path, top, above_n, below_n, separator))
    if top.header.count("|") == top.row.count("|") > 1:
        raise InputError(
            f"{path}: columns are separated by | (line {top.start:,}), which is not read; separate them by tabs, for "
            "example with: tr '|' '\\t' < OLD > NEW"
        )
    raise InputError(
        f"{path}: found no separator: line {top.row_number:,} is {shorten(top.row)}; "
        "separate the columns by tab or comma (semicolon and space are understood too)"
    )


def _refuse_spaces(path: Path, top: Top) -> None:
    """Refuse a table of columns that are aligned by spaces."""
    if "  " in top.header.strip() or "  " in top.row.strip():
        raise InputError(
            f"{path}: columns are separated by several spaces (line {top.start:,}); "
            "separate them by one tab, for example with: sed -E 's/ +/\\t/g' OLD > NEW"
        )


def _refuse_markup(path: Path, top: Top) -> None:
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


def mismatch(path: Path, top: Top, above: int, below: int, separator: str) -> str:
    """Say why the header and a row differ in the number of their fields."""
    if top.header.count('"') % 2:
        return f"{path}: a quote opened in line {top.start:,} is not closed in that line; close it or remove it"
    header, row = split(top.header, separator), split(top.row, separator)
    triangle = _triangle(top, separator)
    if triangle:
        return f"{path}: {triangle}"
    if len(without_end(header)) - len(without_end(row)) in (0, -1):
        where = "header" if len(header) > len(without_end(header)) else "rows"
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


def _triangle(top: Top, separator: str) -> str:
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
