"""Cells that a person reads as numbers or as missing values and a program does not: units, quotes, limits, codes."""

import re
from collections.abc import Callable
from typing import NamedTuple

from genenet.readers import mangled_names

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


class Form(NamedTuple):
    """A way to write numbers that is not read."""

    pattern: re.Pattern[str]
    advice: Callable[[str], str]
    """Says for one cell how to write the number instead."""
    is_sure: bool = False
    """Whether cells of no annotation have this form; some columns of units, flags and lists are no samples."""


FORMS = (
    Form(
        re.compile(rf"(['\u2018\u2019\u201c\u201d]){_NUMBER}['\u2018\u2019\u201c\u201d]"),
        lambda cell: f"numbers stand in quotes that are no double quotes, write {cell[1:-1]}",
    ),
    Form(
        re.compile(r"[\u2212\u2013\u2014](\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
        lambda cell: f"minus signs are typographic ones (U+{ord(cell[0]):04X}), write -{cell[1:]}",
        is_sure=True,
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
        is_sure=True,
    ),
    Form(
        mangled_names.DATES,
        lambda _: "a spreadsheet seems to have made dates of numbers; export the values again, with columns as text",
        is_sure=True,
    ),
    Form(re.compile(r"=.*"), lambda _: "the cells hold formulas, write their values"),
    Form(
        re.compile(r"(\d+\.?\d*|\.\d+)-"),
        lambda cell: f"minus signs stand behind the numbers, write -{cell[:-1]}",
        is_sure=True,
    ),
    Form(
        re.compile(rf"{_NUMBER} ?[A-Za-z\u00b5\u03bc][A-Za-z/\u00b5\u03bc]*"),
        lambda _: "write numbers without units",
    ),
    Form(
        re.compile(r"(?=.*[^\x00-\x7f])[+-]?\d+([.,\u066b]\d+)?"),
        lambda _: "the digits are not those of ASCII; write numbers with 0 to 9",
    ),
    Form(
        re.compile(r"\d+\u00b7\d+"),
        lambda cell: f"the decimal sign is a middle dot, write {cell.replace(chr(0xB7), '.')}",
    ),
    Form(
        re.compile(rf"{_NUMBER} ?(\u00b1|\+/-|\+-) ?{_NUMBER}|{_NUMBER} ?\({_NUMBER}%?\)"),
        lambda cell: f"a value and its error stand in one cell, write the value alone: {_first(cell)}",
    ),
    Form(
        re.compile(rf"{_NUMBER}( ?[;/|:] ?{_NUMBER})+|\d+\.?\d* ?[-\u2013] ?\d+\.?\d*"),
        lambda cell: f"several numbers stand in one cell; write one, for example {_first(cell)}",
    ),
    Form(
        re.compile(rf"{_NUMBER}(,{_NUMBER}){{4}}"),
        lambda cell: (
            "five numbers stand in each cell, as Expression Atlas writes minimum, quartiles and maximum: give its "
            f"table of TPM or FPKM, or write the median alone: {cell.split(',')[2]}"
        ),
        is_sure=True,
    ),
    Form(
        re.compile(rf"{_NUMBER} ?[*\u2020\u2021\u00a7^#]+"),
        lambda cell: f"numbers have marks behind them, write {_first(cell)}",
    ),
    Form(
        re.compile(rf"[$\u20ac\u00a3\u00a5'=] ?{_NUMBER}"),
        lambda cell: f"numbers have a sign before them, write {cell[1:].strip()}",
    ),
    Form(
        re.compile(rf"{_NUMBER} ?[x*\u00d7] ?10\^?[+-]?\d+"),
        lambda cell: f"powers of ten are written out, write {_first(cell)}e{re.split('10[^0-9+-]?', cell)[-1]}",
    ),
    Form(
        re.compile(r"TRUE|FALSE|true|false|True|False"),
        lambda _: "the cells hold truth values, write 1 and 0, or give measured values",
    ),
)
"""Forms of numbers, of which the first that fits counts."""

_CODES = re.compile(
    r"[-\u2013\u2014]{1,4}|\.{1,3}|\?+|\*+|_|x"
    r"|[<>\u2264]?\s*(l\.?o\.?[dq]|lloq|uloq|blo[dq]|bdl|bql|blq|alq|llod|mdl)\.?"
    r"|n\.?\s?[adqmcsr]\.?|n/[adm]|#n/?[adv]|#\w+[!?/0]*[!?]|nq|nil|void|empty|blank|missing|miss|unknown|null|no data"
    r"|(un|not[ _-]?)(detected|determined|det|quantified|measured|available|applicable|analy[sz]ed|tested|found)"
    r"|filtered|filter|outlier|excluded|failed|fail|flagged|masked|removed|bad|error|err|invalid|absent|saturated"
    r"|no[ _-]?(call|data|ct|value|signal|result)|nocall|below (detection|lod|loq|limit)( limit)?|below detection limit"
    r"|[+-]?1\.#(inf|qnan|snan|ind)\d*|err:\d{3}|trace|undef(ined)?|none|na|nan|inf(inity)?|nd",
    re.IGNORECASE,
)
_BELOW_LIMIT = re.compile(
    r"[<>\u2264]?\s*(l\.?o\.?[dq]|lloq|blo[dq]|bdl|bql|blq|llod|mdl)\.?|n\.?\s?d\.?|nq|n\.?q\.?|trace|absent|no[ _-]?ct"
    r"|(un|not[ _-]?)(detected|determined|det|quantified|found)|below .*|<.*",
    re.IGNORECASE,
)


def _first(cell: str) -> str:
    """The first number of a cell."""
    found = re.search(_NUMBER, cell)
    return found[0] if found else cell


def is_code(cell: str) -> bool:
    """Tell whether a text is one that programs and people write in place of a missing value.

    Examples
    --------
    >>> [is_code(cell) for cell in ("Filtered", "< LOD", "n.d.", "--", "#DIV/0!", "liver")]
    [True, True, True, True, True, False]
    """
    return bool(_CODES.fullmatch(cell.strip()))


def is_limit(cell: str) -> bool:
    """Tell whether a cell holds a limit of measurement with its number, as <0.01."""
    return bool(re.fullmatch(rf"[<>\u2264\u2265]=? ?{_NUMBER}", cell.strip()))


def is_below_limit(cell: str) -> bool:
    """Tell whether such a text says that the value was too small to be measured.

    Examples
    --------
    >>> [is_below_limit(cell) for cell in ("<LOD", "Undetermined", "Filtered")]
    [True, True, False]
    """
    return bool(_BELOW_LIMIT.fullmatch(cell.strip()))


def form_of(cell: str) -> Form | None:
    """Find the form of a cell that is a number for people, but not for a program.

    Examples
    --------
    >>> [form.advice(cell) for cell in ("3.5 nM", "<0.01") if (form := form_of(cell))]
    ['write numbers without units', 'a limit of detection is no measured value: write NA, or the limit as a number']
    >>> form_of("n.d.") is None
    True
    """
    cell = cell.strip()
    return next((form for form in FORMS if form.pattern.fullmatch(cell)), None)
