"""Errors that a user can mend, and the words of messages: one line, no traceback, exit status 2."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

MAX_SHOWN = 80
"""Largest number of characters of a value that a message repeats."""
MAX_COMPARED = 200
"""Characters of a name that are compared with known names: the time this takes grows with their square."""
SHORTEST_MISTYPED, FEWEST_OF_SEVERAL, SIMILAR_BUT_FOR_ONE = 4, 8, 0.75
"""Characters of a name from which on one, and from which on several, may be wrong; similarity of four but for one."""
LONG_WORD = re.compile(r"\S{400,}")
"""A name or a path that no message repeats whole, wherever it comes from."""

_spelled: Callable[[str], str] = str


def spell_settings_by(function: Callable[[str], str]) -> None:
    """Set what names the settings in messages as the user wrote them (`genenet.config.faces`, which sets itself)."""
    global _spelled
    _spelled = function


class GenenetError(Exception):
    """A mistake in the input or the settings.

    The message says what was wrong, the value, where, and what to do about it. The command line prints it in one line
    and exits with status 2; anything else that is raised is a bug. As text it names settings as the user does:
    `--missing` on the command line, `missing` in Python, `prepare.missing` in the workflow.

    Parameters
    ----------
    message
        One line, with dotted keys (`prepare.missing: pairwise`).
    as_written
        Whether these keys stay, since the message is about a configuration file.

    Examples
    --------
    >>> issubclass(InputError, GenenetError) and issubclass(ConfigError, GenenetError)
    True
    >>> len(str(InputError("x" * 5000 + ": no such file")))
    93
    """

    def __init__(self, message: str = "", *, as_written: bool = False) -> None:
        message = LONG_WORD.sub(lambda word: shorten(word[0], quoted=False), message)
        super().__init__(message)
        self.message = message
        self.as_written = as_written

    def __str__(self) -> str:
        return self.message if self.as_written else _spelled(self.message)


class InputError(GenenetError):
    """The data cannot be used as given.

    Examples
    --------
    >>> import genenet
    >>> genenet.infer_network("nowhere.tsv")
    Traceback (most recent call last):
    genenet.errors.InputError: nowhere.tsv: no such file
    """


class ConfigError(GenenetError):
    """A setting is unknown, out of range or contradicts another.

    Examples
    --------
    >>> import genenet
    >>> genenet.infer_network("nowhere.tsv", alpha=2)
    Traceback (most recent call last):
    genenet.errors.ConfigError: alpha must be a number > 0 and <= 1, got 2
    """


class OutputError(GenenetError):
    """A file cannot be written: a full disk, no permission, something else in its place."""


class _Spelling(logging.Filter):
    """Names the settings in what is logged as the user does."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _spelled(record.getMessage()), None
        return True


_SPELLING = _Spelling()


def logger_of(name: str) -> logging.Logger:
    """Give a logger whose messages name settings as the user does; every module takes its logger here.

    Examples
    --------
    >>> logger_of("genenet.steps.prune").name
    'genenet.steps.prune'
    """
    logger = logging.getLogger(name)
    logger.addFilter(_SPELLING)
    return logger


def quote_some(names: Sequence[object], most: int = 5) -> str:
    """Name the first few of many things for a message, each in at most 80 characters.

    Examples
    --------
    >>> quote_some(["ACTB", "FOO"])
    'ACTB, FOO'
    >>> quote_some(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(shorten(str(name), quoted=False) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def shorten(value: object, most: int = MAX_SHOWN, *, quoted: bool = True) -> str:
    r"""Show a value in one line of at most `most` characters; text is put in quotes unless `quoted` is False.

    Examples
    --------
    >>> shorten("TP53"), shorten([1, 2]), shorten("a\tb", quoted=False)
    ("'TP53'", '[1, 2]', 'a\\tb')
    >>> shorten("x" * 100, most=10)
    "'xxxxxxx...'"
    >>> shorten(10**5000)
    'an integer of 16,610 bits'
    """
    if isinstance(value, str):
        text = value if len(value) <= most else value[: most - 3] + "..."
        return repr(text) if quoted else printable(text)
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no integer of more than 4,300 digits
        return f"an integer of {value.bit_length():,} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return printable(text if len(text) <= most else text[: most - 3] + "...")


def first_line(error: BaseException) -> str:
    r"""Show the first line of a library's error in at most 80 characters, or the name of its type if it has no text.

    Examples
    --------
    >>> first_line(ValueError("bad magic number\nat byte 3")), first_line(KeyError())
    ('bad magic number', 'KeyError')
    """
    lines = str(error).splitlines()
    return shorten(lines[0], quoted=False) if lines else type(error).__name__


def printable(text: str) -> str:
    r"""Write control characters, and all else that does not print, as escapes.

    Examples
    --------
    >>> print(printable("a\x1b[31mb\nc"))
    a\x1b[31mb\nc
    """
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def suggest(name: str, known: Iterable[str]) -> str:
    """Suggest the closest known name at the end of a message; nothing if none is close.

    Examples
    --------
    >>> suggest("n_bin", ["n_bins", "order"])
    '; did you mean n_bins?'
    >>> suggest("G9", ["g90", "g9"])
    '; did you mean g9?'
    >>> suggest("zzz", ["n_bins", "order"])
    ''
    """
    close = nearest(name, known)
    return f"; did you mean {shorten(close, quoted=False)}?" if close else ""


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Find the known name that is nearest to one, if it is near; empty if none is.

    Names that differ by case are the nearest. Of names of at most three characters hardly any other is a mistyped one:
    only one character more or less at the end is near them. Names of up to seven characters differ by one of them.

    Parameters
    ----------
    name
        The name.
    known
        Names that could be meant.
    cutoff
        Smallest similarity of longer names, by `difflib`.

    Examples
    --------
    >>> nearest("tp53", ["TP63", "TP53"]), nearest("TP5", ["TP63", "TP53"]), nearest("batsch", ["batch"])
    ('TP53', 'TP53', 'batch')
    >>> nearest("x", ["xy", "MX1"]), nearest("AR", ["A1", "ARG1"]), nearest("lag", ["log"])
    ('', '', '')
    """
    names, folded = list(known), name.casefold()
    same = next((other for other in names if other.casefold() == folded), "")
    if same or len(name) < SHORTEST_MISTYPED:
        longer = (other for other in names if len(name) > 2 and other[:-1].casefold() == folded)
        return same or next(longer, "")
    if len(name) < FEWEST_OF_SEVERAL:
        cutoff = max(cutoff, SIMILAR_BUT_FOR_ONE)
    long_enough = [other for other in names if len(other) >= SHORTEST_MISTYPED - 1]
    return next(iter(get_close_matches(name[:MAX_COMPARED], long_enough, n=1, cutoff=cutoff)), "")


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun, singular or plural.

    Examples
    --------
    >>> count(1, "gene"), count(1204, "gene"), count(2, "matrix", "matrices")
    ('1 gene', '1,204 genes', '2 matrices')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def closest(names: Sequence[str], known: Iterable[str], most: int = 3) -> str:
    """List the closest known name of each of the first few names, for a message.

    Examples
    --------
    >>> closest(["Tp53", "xx", "MYCC"], ["TP53", "MYC"])
    'Tp53 -> TP53, MYCC -> MYC'
    """
    known = list(known)
    by_upper = {name.upper(): name for name in reversed(known)}
    pairs = []
    for name in names[: 4 * most]:
        near = by_upper.get(name.upper()) or nearest(name, known, cutoff=0.75)
        if near:
            pairs.append(f"{name} -> {near}")
    return ", ".join(pairs[:most])
