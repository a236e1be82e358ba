"""Names that look alike: letters of other scripts, typographic dashes, case, versions of ids."""

import re
import unicodedata
from collections.abc import Sequence

LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТХҮаеѕіјорсхуԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϹϲ"
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d",
    "ABESIJKMHOPCTXYaesijopcxydhqwABEZHIKMNOPTYXoCc"
    "----------",
)  # fmt: skip
"""Cyrillic and Greek letters, and dashes, that look like those of ASCII."""
VERSIONED = re.compile(r"(ENS[A-Z]{0,4}[GTP]\d{11}|[NX][MRP]_\d{6,9})\.\d+")
FLY_GENE = re.compile(r"CG\d{3,5}")
"""Genes of the fly, of which some differ by case only (dl and Dl)."""
FEWEST_FLY_GENES = 3


def as_latin(name: str) -> str:
    """Write a name with the letters of ASCII that it looks like; full-width forms and ligatures too.

    Examples
    --------
    >>> as_latin("\u04101BG"), as_latin("NKX2\u20115"), as_latin("TNF-\u03b1"), as_latin("\uff34P53")
    ('A1BG', 'NKX2-5', 'TNF-α', 'TP53')
    """
    return unicodedata.normalize("NFKC", name).translate(LATIN)


def look_alikes(names: Sequence[str]) -> dict[str, str]:
    """Find names with letters that only look like those of ASCII: each with what it looks like.

    Examples
    --------
    >>> look_alikes(["\u04221", "TP53", "\u03b2-actin"])
    {'Т1': 'T1'}
    """
    found = {name: as_latin(name) for name in dict.fromkeys(names) if not name.isascii()}
    return {name: latin for name, latin in found.items() if latin.isascii()}


def by_case(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Find names that differ by case only; none among genes of the fly.

    Examples
    --------
    >>> by_case(["TP53", "tp53", "MYC"])
    [('TP53', 'tp53')]
    """
    groups: dict[str, dict[str, None]] = {}
    for name in names:
        groups.setdefault(name.casefold(), {})[name] = None
    found = [tuple(group) for group in groups.values() if len(group) > 1]
    is_fly = found and sum(1 for name in names if FLY_GENE.fullmatch(name)) >= FEWEST_FLY_GENES
    return [] if is_fly else found


def by_version(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Find ids of Ensembl or RefSeq that are there in several versions.

    Examples
    --------
    >>> by_version(["ENSG00000141510.17", "ENSG00000141510.18", "ENSG00000136997.4"])
    [('ENSG00000141510.17', 'ENSG00000141510.18')]
    """
    groups: dict[str, dict[str, None]] = {}
    for name in names:
        match = VERSIONED.fullmatch(name)
        if match:
            groups.setdefault(match[1], {})[name] = None
    return [tuple(group) for group in groups.values() if len(group) > 1]
