"""Cells that a person reads as numbers and a program does not: with units, thousands separators, quotes, limits."""

import re
from collections.abc import Callable
from typing import NamedTuple

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_GROUPS = r"[+-]?\d{{1,3}}({0}\d{{3}})+(\.\d+)?"


class Form(NamedTuple):
    """A way to write numbers that is not read."""

    pattern: re.Pattern[str]
    advice: Callable[[str], str]
    """Says for one cell how to write the number instead."""


def _thousands(cell: str) -> str:
    plain = cell.replace(",", "")
    either = f" (or {cell.replace(',', '.')}, if these are decimal commas)" if cell.count(",") == 1 else ""
    return f"the file seems to separate thousands by commas, write {plain}{either}"


FORMS = (
    Form(re.compile(_GROUPS.format(",")), _thousands),
    Form(
        re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?"),
        lambda _: "the file seems to use decimal commas, write decimal points",
    ),
    Form(
        re.compile(r"[+-]?\d{1,3}([ '\u2019\u00a0\u202f\u2009]\d{3})+([.,]\d+)?"),
        lambda cell: f"the file separates thousands, write {re.sub(r'[^0-9.,+-]', '', cell).replace(',', '.')}",
    ),
    Form(
        re.compile(rf"(['\u2018\u2019\u201c\u201d]){_NUMBER}['\u2018\u2019\u201c\u201d]"),
        lambda cell: f"numbers stand in quotes that are no double quotes, write {cell[1:-1]}",
    ),
    Form(
        re.compile(r"[\u2212\u2013\u2014](\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
        lambda cell: f"minus signs are typographic ones (U+{ord(cell[0]):04X}), write -{cell[1:]}",
    ),
    Form(re.compile(rf"{_NUMBER} ?%"), lambda cell: f"write numbers without a percent sign: {cell.rstrip(' %')}"),
    Form(
        re.compile(r"\((\d+\.?\d*|\.\d+)\)"),
        lambda cell: f"brackets seem to stand for a minus sign, write -{cell[1:-1]}",
    ),
    Form(
        re.compile(rf"[<>\u2264\u2265]=? ?{_NUMBER}"),
        lambda _: "a limit of detection is no measured value: write NA, or the limit as a number",
    ),
    Form(
        re.compile(r"[+-]?\d+(\.\d*)?[dD][+-]?\d+"),
        lambda cell: f"powers of ten are written with D, write {re.sub('[dD]', 'e', cell)}",
    ),
    Form(
        re.compile(rf"{_NUMBER} ?[A-Za-z\u00b5\u03bc][A-Za-z/\u00b5\u03bc]*"),
        lambda _: "write numbers without units",
    ),
)
"""Forms of numbers, of which the first that fits counts."""


def form_of(cell: str) -> Form | None:
    """Find the form of a cell that is a number for people, but not for a program.

    Examples
    --------
    >>> [form.advice(cell) for cell in ("1'234.5", "3.5 nM", "<0.01") if (form := form_of(cell))]
    ['the file separates thousands, write 1234.5', 'write numbers without units', \
'a limit of detection is no measured value: write NA, or the limit as a number']
    >>> form_of("n.d.") is None
    True
    """
    cell = cell.strip()
    return next((form for form in FORMS if form.pattern.fullmatch(cell)), None)
