"""Fields of a line of a text table."""

import csv
from collections.abc import Iterable
from contextlib import suppress

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "space"}


def split(line: str, separator: str) -> list[str]:
    """Cut a line at the separators outside of quotes."""
    with suppress(csv.Error):
        return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    return [name.strip() for name in line.split(separator)]


def fitting(header: str, row: str, among: Iterable[str] = SEPARATORS) -> list[str]:
    """Find the separators that cut header and row into matching numbers of fields, those with most fields first."""
    sizes = {separator: (len(split(header, separator)), len(split(row, separator))) for separator in among}
    fit = [separator for separator, (top, below) in sizes.items() if below >= 2 and top in (below, below - 1)]
    return sorted(fit, key=lambda separator: sizes[separator][1] < 3)


def without_end(cells: list[str]) -> list[str]:
    """Leave out the empty cells at the end of a line."""
    n = len(cells)
    while n and not cells[n - 1]:
        n -= 1
    return cells[:n]
