"""Errors that are the user's to mend: one line, no traceback, exit status 2."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class GenenetError(Exception):
    """A mistake in the input or the settings.

    The message says what was wrong, the value, where, and what to do about it. The command line prints it in one line
    and exits with status 2; anything else that is raised is a bug.
    """


class InputError(GenenetError):
    """The data cannot be used as given."""


class ConfigError(GenenetError):
    """A setting is unknown, out of range or contradicts another."""


def quote_some(names: Sequence[object], most: int = 5) -> str:
    """Name the first few of many things for a message.

    Examples
    --------
    >>> quote_some(["ACTB", "FOO"])
    'ACTB, FOO'
    >>> quote_some(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def suggest(name: str, known: Iterable[str]) -> str:
    """Ask about the closest known name, or say nothing.

    Examples
    --------
    >>> suggest("n_bin", ["n_bins", "order"])
    '; did you mean n_bins?'
    >>> suggest("zzz", ["n_bins", "order"])
    ''
    """
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


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
