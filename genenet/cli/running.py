"""The mark of a folder in which `genenet run` is at work: it tells a run that is alive from one that was killed."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from genenet.files.atomic import cannot_write
from genenet.locks import lock

MARK = Path(".snakemake", "genenet.running")
"""File beside Snakemake's own that is locked and marked while `genenet run` runs in a folder."""


@contextmanager
def mark_of(path: Path) -> Iterator[tuple[IO[str] | None, bool]]:
    """Mark a folder as in use; yield the open file of the mark, and whether the last run in the folder was killed.

    Snakemake locks a folder while it works and leaves the lock behind when it is killed. The mark tells such a lock
    from that of a run which is alive: the system unlocks the mark's file when the last process of the run ends, but the
    content of the file stays.

    Raises
    ------
    OutputError
        If the folder cannot be written to, or the disk is full.
    """
    with _opened(path) as mark:
        if not lock(mark):  # another run is at work here, of which Snakemake will tell; or a file system without locks
            yield None, False
            return
        mark.seek(0)
        was_killed = mark.read() != ""
        note_process(mark, os.getpid())
        yield mark, was_killed


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from None


def note_process(mark: IO[str], number: int) -> None:
    """Write into the mark which process does the work, and on which machine."""
    try:
        mark.truncate(0)
        os.write(mark.fileno(), f"running\n{number} {platform.node()}\n".encode())  # nothing may wait for its closing
    except OSError as error:
        raise cannot_write(mark.name, error) from None


def other_run(path: Path = MARK) -> str:
    """Name the other run that is at work in a folder, with the number of its process if it is on this machine.

    The process that has marked the folder, and those that it starts, are no other run.

    Returns
    -------
    "a run" or "a run (process id 1234)"; nothing if no other run holds the mark.
    """
    try:
        with path.open(encoding="utf-8") as mark:
            process, _, machine = mark.read().partition("\n")[2].strip().partition(" ")
            is_here = machine == platform.node()
            is_own = is_here and process in (str(os.getpid()), str(os.getppid()))
            if is_own or lock(mark, shared=True) is not False:
                return ""
    except OSError:
        return ""
    return f"a run (process id {process})" if process and is_here else "a run"
