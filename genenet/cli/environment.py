"""The environment of the program: standard streams, encodings, variables and limits, checked before a command runs."""

import contextlib
import os
import sys
from typing import Any, TextIO

from genenet.cli.terminal import wrapped
from genenet.errors import InputError, count, printable, shorten

BUG = "This is a bug in genenet. Please report it, with the lines above and the command you gave."
"""Last line of a command that failed for no reason of the user's."""
LEAST_ADDRESS_SPACE = 2_100_000_000
"""Bytes of address space that Python, numpy, numba and pyarrow take before there is any data."""
FOR_A_THREAD = 100_000_000
"""Bytes of address space that each thread takes."""


def set_up() -> None:
    """Make closed streams, encodings that lack letters of names, and wrong variables harmless."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a stream that a test put in its place
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    _check_variables()


def check_address_space(n_threads: int) -> None:
    """Refuse a limit of address space in which the libraries cannot be loaded without a crash.

    Raises
    ------
    InputError
        If `ulimit -v` is too small.
    """
    from genenet.readers.limits import address_space, size

    limit = address_space()
    least = LEAST_ADDRESS_SPACE + FOR_A_THREAD * n_threads
    if limit is not None and limit < least:
        raise InputError(
            f"the address space is limited to {size(limit)} (ulimit -v), but libraries alone take {size(least)} with"
            f" {count(n_threads, 'thread')}; allow more, or use fewer threads (--threads)"
        )


def check_python() -> None:
    """Refuse `python -OO`, which removes docstrings: anndata cannot be imported without its own.

    Raises
    ------
    InputError
        If Python was started with -OO.
    """
    if sys.flags.optimize >= 2:
        raise InputError(
            "python -OO takes away docstrings, without which anndata does not work; use python or python -O"
        )


def out_of_memory(error: BaseException) -> str:
    """Say what did not fit into memory."""
    from genenet.readers.limits import available_memory, size

    wanted = shorten(str(error), 120, quoted=False).rstrip(".") if str(error) else "out of memory"
    available = available_memory()
    there = "" if available is None else f"; {size(available)} are left to this process"
    return (
        f"not enough memory ({wanted}{there}); genenet plan MATRIX says what a run takes: use a machine or a limit with"
        " more, or fewer genes (prepare.n_top_variable)"
    )


def say(line: str) -> None:
    """Write a message to stderr as one line; an error of writing is ignored."""
    with contextlib.suppress(OSError, ValueError):
        print(wrapped(printable(line), sys.stderr), file=sys.stderr, flush=True)


def give_up(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to the null device, since flushing it at exit would raise an error."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _open_streams() -> None:
    """Open closed standard streams on the null device, so that no other file gets their numbers and their text."""
    with contextlib.suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(mode))


def _nowhere(mode: str) -> Any:
    return open(os.devnull, mode, encoding="utf-8")


def _check_variables() -> None:
    """Remove a number of threads that numba would refuse, with a warning."""
    threads = os.environ.get("NUMBA_NUM_THREADS")
    if threads is not None and not (threads.isdecimal() and threads.isascii() and 1 <= int(threads[:9]) <= 4096):
        say(f"WARNING: NUMBA_NUM_THREADS is {shorten(threads)}, which is no number of threads; it is not used")
        del os.environ["NUMBA_NUM_THREADS"]
