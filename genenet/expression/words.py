"""Words that many messages need."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def count(number: int, noun: str, plural: str = "") -> str:
    """Say how many.

    Examples
    --------
    >>> count(1, "gene"), count(1204, "gene"), count(2, "matrix", "matrices")
    ('1 gene', '1,204 genes', '2 matrices')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def closest(names: Sequence[str], known: Iterable[str], most: int = 3) -> str:
    """Give the closest known name of the first few names, for a message.

    Examples
    --------
    >>> closest(["Tp53", "xx", "MYCC"], ["TP53", "MYC"])
    'Tp53 -> TP53, MYCC -> MYC'
    """
    known = list(known)
    by_upper = {name.upper(): name for name in reversed(known)}
    pairs = []
    for name in names[: 4 * most]:
        near = by_upper.get(name.upper()) or next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), None)
        if near:
            pairs.append(f"{name} -> {near}")
    return ", ".join(pairs[:most])
