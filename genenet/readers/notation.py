"""The notation of numbers and missing values in text tables: decimal sign, separators of thousands, codes."""

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from genenet.config.sections import DecimalSign, Prepare, ThousandsSign

MISSING = ("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "null", "NULL", "None", "<NA>", "#N/A")
"""Cells that are missing values in every table."""
MARKS: dict[ThousandsSign, str] = {
    "comma": ",",
    "point": r"\.",
    "space": "[ \u00a0\u2009\u202f]",
    "apostrophe": "['\u2019]",
}
"""Patterns of the separators of thousands; spaces and apostrophes have several characters."""
MINUS = "\N{MINUS SIGN}"
"""The typographic minus sign, which R's and Python's formatters and word processors write."""
DECIMALS: dict[DecimalSign, str] = {"point": r"\.", "comma": ","}


class Notation(NamedTuple):
    """The notation of numbers and missing values in a text table, as the settings give it.

    Attributes
    ----------
    decimal
        Decimal sign; None where the table tells it.
    thousands
        Separator of thousands; None for none.
    na_values
        Texts that stand for a missing value, beside `MISSING`.
    is_treated
        Whether the settings say how missing values are treated.
    """

    decimal: DecimalSign | None = None
    thousands: ThousandsSign | None = None
    na_values: tuple[str, ...] = ()
    is_treated: bool = False

    @property
    def texts(self) -> list[str]:
        """Values of `na_values` that are no numbers."""
        return [text for text in self.na_values if not is_number(text)]

    @property
    def numbers(self) -> dict[float, str]:
        """Values of `na_values` that are numbers, such as -999, with the text that was given."""
        return {float(text): text for text in self.na_values if is_number(text)}

    @property
    def decimal_sign(self) -> DecimalSign:
        """The decimal sign; if only the separator of thousands is known, the other of point and comma."""
        return self.decimal or ("comma" if self.thousands == "point" else "point")

    def number(self, cell: str) -> float | None:
        """Read one cell: NaN for a missing value, None for what is no number.

        Examples
        --------
        >>> Notation("comma", "point").number("2.458.905,12"), Notation(na_values=("ND",)).number("ND")
        (2458905.12, nan)
        >>> Notation(thousands="comma").number("1,23") is None
        True
        """
        cell = cell.strip()
        if cell in MISSING or cell in self.na_values:
            return float("nan")
        text = plain(cell, self.decimal_sign, self.thousands)
        return None if text is None else float(text)


def notation_of(settings: Prepare) -> Notation:
    """The notation that the settings give."""
    return Notation(settings.decimal, settings.thousands, settings.na_values, settings.missing != "error")


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number for Python's `float`, without the forms that only Python knows (1_000)."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell and cell.isascii()


@functools.cache
def grouped(decimal: DecimalSign, thousands: ThousandsSign) -> str:
    """Pattern of numbers with separators of thousands, at least one; the groups of India (12,34,567) are allowed."""
    mark = MARKS[thousands]
    return rf"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}(?:{DECIMALS[decimal]}\d*)?"


def plain(cell: str, decimal: DecimalSign, thousands: ThousandsSign | None) -> str | None:
    r"""Write a number as Python's `float` reads it; None if the cell is no number in this notation.

    Examples
    --------
    >>> plain("1'234,5", "comma", "apostrophe"), plain("1.5", "comma", None), plain("\u22121.5", "point", None)
    ('1234.5', None, '-1.5')
    """
    cell = cell.replace(MINUS, "-")
    if thousands and re.search(MARKS[thousands], cell):
        if not re.fullmatch(grouped(decimal, thousands), cell):
            return None
        cell = re.sub(MARKS[thousands], "", cell)
    if decimal == "comma":
        if "." in cell:
            return None
        cell = cell.replace(",", ".")
    return cell if is_number(cell) else None


Reading = tuple[DecimalSign, ThousandsSign | None]
READINGS: tuple[Reading, ...] = (
    ("point", None),
    ("comma", None),
    *(("point", mark) for mark in ("comma", "space", "apostrophe")),
    *(("comma", mark) for mark in ("point", "space", "apostrophe")),
)
"""Decimal signs with separators of thousands, in which people write numbers."""


def readings_of(cells: Iterable[str]) -> list[Reading]:
    """Find the notations in which all these cells are numbers; none with separators of thousands that no cell has.

    Examples
    --------
    >>> readings_of(["1,234"]), readings_of(["1,234", "0,5"])
    ([('comma', None), ('point', 'comma')], [('comma', None)])
    """
    cells = [cell.strip() for cell in cells]
    found = []
    for decimal, thousands in READINGS:
        if thousands and not any(map(re.compile(MARKS[thousands]).search, cells)):
            continue
        if all(plain(cell, decimal, thousands) is not None for cell in cells):
            found.append((decimal, thousands))
    # Without a decimal in any cell, the first of several decimal signs for one separator of thousands suffices.
    return [one for place, one in enumerate(found) if one[1] is None or one[1] not in {two[1] for two in found[:place]}]
