"""Data sets that a run is at work on: another one, from another folder or configuration, must not write there then.

Snakemake locks its working folder, not the results, which several folders may share. The lock is of the operating
system and ends with the process, even if that is killed.
"""

import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from genenet.errors import OutputError
from genenet.locks import lock

_held: list[IO[str]] = []
"""Open files of the locks; they are held until this process ends."""


def hold(paths: Iterable[Path]) -> None:
    """Lock these files, one for each data set, until this process ends.

    Raises
    ------
    OutputError
        If another run holds one of them.

    Examples
    --------
    >>> import tempfile
    >>> lock = Path(tempfile.mkdtemp()) / "logs" / "tumour" / ".at_work"
    >>> hold([lock])
    >>> hold([lock])
    Traceback (most recent call last):
    genenet.errors.OutputError: tumour: another run (process ... on ...) is at work on ...
    >>> release()
    """
    for path in paths:
        with suppress(OSError):  # of a folder that cannot be written the first job tells
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+", encoding="utf-8")
            held = lock(file)
            if held is False:
                raise _refusal(path, file)
            if not held:
                file.close()
                continue
            file.truncate(0)
            os.write(file.fileno(), f"{os.getpid()} on {platform.node()}\n".encode())
            _held.append(file)


def release() -> None:
    """Give up the locks of this process."""
    while _held:
        _held.pop().close()


def _refusal(path: Path, file: IO[str]) -> OutputError:
    file.seek(0)
    holder = file.read().strip() or "unknown"
    file.close()
    return OutputError(
        f"{path.parent.name}: another run (process {holder}) is at work on this data set in the same results; wait for"
        " it, or set results to another folder"
    )
