"""Columns and rows that the settings set aside, or choose as values, by names and patterns."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from genenet.errors import InputError, quote_some, suggest


class SetAside(NamedTuple):
    """Rows and columns of a table that hold no values, as named in the settings."""

    columns: Sequence[str] = ()
    rows: Sequence[str] = ()
    names: str | None = None
    """The column that names the rows."""
    value_columns: Sequence[str] = ()
    """Columns that hold the values, by name or pattern; all others are annotation. Empty for all but `columns`."""


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern, in which `*` stands for any text and nothing else has a meaning.

    Examples
    --------
    >>> fits("[1] S1.raw", "[1] *"), fits("S1", "?1")
    (True, False)
    """
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def annotation_among(header: Sequence[str], aside: SetAside, where: str) -> list[int]:
    """Find the columns of a table that hold no values, as the settings name them, or those that do.

    Parameters
    ----------
    header
        Names of all columns.
    aside
        The settings.
    where
        Name of the table, for messages.

    Returns
    -------
    Positions of the columns of annotation; the column that names the rows may be among them.

    Raises
    ------
    InputError
        If there is no column of a name that is given.

    Examples
    --------
    >>> annotation_among(["id", "Length", "TPM a", "TPM b"], SetAside(value_columns=["TPM *"]), "m.tsv")
    [0, 1]
    """
    wanted = [*aside.columns, *([aside.names] if aside.names and aside.names in header else [])]
    noted, missing = chosen(header, wanted)
    _refuse_unknown(where, "annotation_columns", missing, header)
    if not aside.value_columns:
        return noted
    values, missing = chosen(header, aside.value_columns)
    _refuse_unknown(where, "value_columns", missing, header)
    left = set(values) - set(noted)
    return [place for place in range(len(header)) if place not in left]


def _refuse_unknown(where: str, key: str, missing: Sequence[str], header: Sequence[str]) -> None:
    if missing:
        raise InputError(
            f"{where}: prepare.{key}: no column {missing[0]}; "
            f"the header begins with {quote_some(header[:5])}{suggest(missing[0], header[1:])}"
        )


def names_of_values(columns: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Name columns of values by the part that `*` stands for in the first pattern that fits them.

    Examples
    --------
    >>> names_of_values(["LFQ intensity S1", "ctrl", "S3.TPM"], ["ctrl", "LFQ intensity *", "*.TPM"])
    ['S1', 'ctrl', 'S3']
    """
    return [_part(column, patterns) for column in columns]


def _part(column: str, patterns: Sequence[str]) -> str:
    for pattern in patterns:
        start, star, end = pattern.partition("*")
        if column == pattern:
            return column
        if star and "*" not in end and column.startswith(start) and column.endswith(end):
            return column[len(start) : len(column) - len(end)].strip() or column
    return column


def chosen(names: Sequence[str], wanted: Sequence[str]) -> tuple[list[int], list[str]]:
    """Find wanted names, given exactly or as a pattern with `*`: their positions, and the wanted names not found.

    Examples
    --------
    >>> chosen(["S1", "S1 Detection Pval", "S2"], ["*Detection*", "Chr"])
    ([1], ['Chr'])
    """
    exact = set(names)
    patterns = [name for name in wanted if name not in exact and "*" in name]
    found = [
        position
        for position, name in enumerate(names)
        if name in wanted or any(fits(name, pattern) for pattern in patterns)
    ]
    there = [names[position] for position in found]
    missing = [name for name in wanted if name not in exact and not any(fits(other, name) for other in there)]
    return found, missing
