"""Names that are none: what spreadsheets made of the names of genes, and placeholders for missing names."""

import re
from collections.abc import Sequence

from genenet.readers.known_names import set_of

MONTHS = (
    "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|"
    "january|february|march|april|june|july|august|september|october|november|december|"
    "januar|februar|märz|juni|juli|oktober|dezember|"  # German
    "janv|févr|fév|mars|avr|juin|juil|août|déc|"  # French
    "ene|abr|ago|dic|marzo|septiembre|diciembre|"  # Spanish
    "gen|mag|giu|lug|set|ott|settembre|dicembre|"  # Italian
    "fev|out|março|setembro|dezembro|"  # Portuguese
    "mrt|mei|maart|maj|des|desember|"  # Dutch, Scandinavian
    "sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|"  # Polish
    "oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|"  # Turkish
    "márc|szept|"  # Hungarian
    "янв|фев|мар|апр|май|июн|июл|авг|сен|сент|окт|ноя|дек"  # Russian
)
# Forms that Excel gives to SEPT1, MARCH1, DEC1 and of RIKEN clones such as 2310009E13 (Ziemann et al. 2016,
# doi:10.1186/s13059-016-1044-7).
DATES = re.compile(
    rf"\d{{1,2}}[-. /]+({MONTHS})\.?|({MONTHS})[-. /]+\d{{1,2}}|\d{{1,2}}[-. /]({MONTHS})[-. /]\d{{2,4}}"
    r"|(19|20)\d\d-\d\d-\d\d([ T]00:00(:00(\.0+)?)?)?|\d{1,2}/\d{1,2}/(\d\d|\d{4})|\d{1,2}\.\d{1,2}\.(19|20)\d\d"
    r"|((19|20)\d\d[年년] ?)?\d{1,2}[月월] ?\d{1,2}[日일]",
    re.IGNORECASE,
)
WORM_GENES = re.compile(r"[a-z]{3,4}-([1-9]|[1-9]\d)")
"""Names of genes of C. elegans, some of which read as dates (jun-1, sep-1, set-17); Excel writes 01 or capitals."""
POWERS = re.compile(r"\d([.,]\d+)?E\+\d{1,3}")
SERIAL_DATES = range(36_526, 51_502)
"""Days since 1900 of the dates 2000 to 2040, as Excel numbers them."""

PLACEHOLDERS = set_of(
    """
    -, --, ---, ----, ., ?, na, n/a, #n/a, nan, null, none, unknown, unnamed, noname, no name, not available,
    not annotated, no symbol, undefined, nil, <na>, no_symbol, no_name, not_annotated
    """
)
SHEET_ERRORS = re.compile(r"#\S{2,12}[!?]|#N/?[ADV]", re.IGNORECASE)
"""Errors of a spreadsheet in any language: #NAME?, #REF!, #WERT!, #NOM?, #N/A, #NV."""


def is_mangled(name: str) -> bool:
    """Tell whether a spreadsheet made this name of the name of a gene.

    Examples
    --------
    >>> [is_mangled(name) for name in ("1-Mar", "2001-09-01", "2.31E+13", "SEPT1", "44256", "sep-1")]
    [True, True, True, False, False, False]
    """
    name = name.strip()
    return bool((DATES.fullmatch(name) and not WORM_GENES.fullmatch(name)) or POWERS.fullmatch(name))


def mangled(names: Sequence[str]) -> list[str]:
    """Names that a spreadsheet made of names of genes; a day number counts where few other names are numbers.

    Examples
    --------
    >>> mangled(["TP53", "1-Mar", "44256"]), mangled(["7157", "44256", "672"])
    (['1-Mar', '44256'], [])
    """
    found = [name for name in names if is_mangled(name)]
    numbers = [name for name in names if name.isdecimal()]
    if numbers and len(numbers) <= 0.05 * len(names) + 1:
        found += [name for name in numbers if int(name) in SERIAL_DATES]
    return found


def is_placeholder(name: str) -> bool:
    """Tell whether a text such as NA or --- stands in place of a missing name.

    Examples
    --------
    >>> is_placeholder("---"), is_placeholder("NA"), is_placeholder("TP53")
    (True, True, False)
    """
    name = name.strip()
    return not name or name.casefold() in PLACEHOLDERS or bool(SHEET_ERRORS.fullmatch(name))
