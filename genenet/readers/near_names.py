"""Names that nearly match: which separator, part or spelling would make two lists of names match."""

import re
from collections.abc import Callable, Iterable, Sequence

from genenet.errors import closest

Spelling = tuple[Callable[[str], str], str]
"""Function that takes a difference of spelling out of a name, and what to say if names match without it."""

JOINED: tuple[tuple[str, re.Pattern[str] | None], ...] = (
    (" (", re.compile(r"[^()]+ \([^()]+\)")),
    (" /// ", re.compile(r".+ /// .+")),
    ("///", re.compile(r".+///.+")),
    ("|", re.compile(r"[^|]+(\|[^|]*)+")),
    (
        "_",
        re.compile(r"ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?_\S+|[A-Za-z]\w+_ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?"),
    ),
    (":", re.compile(r"ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?:\S+|[^:\s]+:ENS[A-Z]{0,4}[GTP]\d{11}(\.\d+)?")),
    (";", re.compile(r"[^;]+;[^;]+")),
    ("/", None),
    (" ", None),
)
"""Ways in which programs join names, the most usual first: the separator, and the pattern by which a joined name is
recognised on its own; without one it is only recognised by a part that matches another list."""
MOST_PARTS = 3


def without_version(name: str) -> str:
    """Take off the version of an Ensembl or RefSeq id.

    Examples
    --------
    >>> without_version("ENSG00000141510.18"), without_version("H2-K1")
    ('ENSG00000141510', 'H2-K1')
    """
    return re.sub(r"(?<=\d)\.\d+$", "", name)


def plain(name: str) -> str:
    """Reduce a name to its letters and digits, in lower case.

    Examples
    --------
    >>> plain("TCGA-01.a") == plain("tcga_01 A")
    True
    """
    return re.sub(r"[\W_]+", "", name.casefold())


OF_GENES: tuple[Spelling, ...] = (
    (without_version, "without the version after the point: take it off in both"),
    (str.upper, "if case did not count: another species, or write them as the matrix does"),
)
OF_SAMPLES: tuple[Spelling, ...] = (
    (plain, "if case and characters other than letters and digits did not count; write them alike"),
)


def separator_of(names: Sequence[str], share: float = 0.5) -> str | None:
    """Find the separator of joined names, if more than this share of the names is joined.

    Examples
    --------
    >>> separator_of(["TP53 (7157)", "MYC (4609)"]), separator_of(["TP53|7157", "?|10"]), separator_of(["MT-CO1"])
    (' (', '|', None)
    """
    for separator, form in JOINED:
        if form and sum(1 for name in names if form.fullmatch(name)) > share * len(names):
            return separator
    return None


def joined(wanted: Sequence[str], names: Sequence[str], least: int) -> str:
    """Say how to split joined names of genes, if at least this many wanted names are one of their parts.

    Examples
    --------
    >>> joined(["TP53"], ["TP53 (7157)", "MYC (4609)"], 1)
    "1 would match part 1 of the genes' names: set prepare.name_separator: ' (' and prepare.name_part: 1"
    """
    for separator, _ in JOINED:
        parts = [name.split(separator) for name in names if separator in name]
        for part in range(MOST_PARTS):
            found = {split[part].strip().rstrip(")]") for split in parts if len(split) > part}
            hits = len(found.intersection(wanted))
            if hits >= least:
                return (
                    f"{hits:,} would match part {part + 1} of the genes' names: set prepare.name_separator: "
                    f"{separator!r} and prepare.name_part: {part + 1}"
                )
    return ""


def alike(wanted: Sequence[str], names: Iterable[str], spellings: Sequence[Spelling], least: int = 1) -> str:
    """Say without which difference of spelling at least this many wanted names would match.

    Examples
    --------
    >>> alike(["s1", "s2"], ["S-1", "S-2"], OF_SAMPLES)
    '2 would match if case and characters other than letters and digits did not count; write them alike'
    """
    names = list(names)
    for spelling, how in spellings:
        known = {spelling(name) for name in names}
        hits = sum(spelling(name) in known for name in wanted)
        # A single name that differs by its case is shown with its match instead.
        if hits >= (max(2, least) if spelling is str.upper else least):
            return f"{hits:,} would match {how}"
    return ""


def closest_of(wanted: Sequence[str], names: Iterable[str]) -> str:
    """List the closest name of each of the first few wanted ones; empty if none is close.

    Examples
    --------
    >>> closest_of(["MYCC"], ["MYC", "TP53"]), closest_of(["zzz"], ["MYC"])
    ('closest: MYCC -> MYC', '')
    """
    near = closest(wanted, names)
    return f"closest: {near}" if near else ""
