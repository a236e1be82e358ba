"""The logs of the workflow's jobs: why a job failed, its warnings, and the step that it is at."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from genenet.cli.environment import BUG
from genenet.cli.progress import StepLines
from genenet.errors import printable

ERROR, WARNING = "ERROR: ", "WARNING: "
"""Beginnings of the messages of genenet."""
OF_MEMORY = re.compile(r"not enough memory|need .* of memory")
"""A message about memory, which another attempt of the job may have more of."""
FULL_BYTES = 65_536
"""A disk with less room is full: not even a message may fit."""
TAIL_BYTES = 4_096
"""So much of the end of a log is read to find the step."""


def reason(logs: Sequence[str]) -> str:
    """Say why a job failed: the message of genenet in its logs, or else the last line there."""
    lines = _lines(logs)
    if lines and lines[-1] == BUG:
        return f"{_exception(lines)}this is a bug in genenet: please report it, with the log and the command you gave"
    found = [*marked(logs, ERROR)] or lines
    return found[-1] if found else ""


def is_mistake(logs: Sequence[str]) -> bool:
    r"""Whether a job failed by a mistake of the user, which another attempt would only repeat.

    Examples
    --------
    >>> import tempfile
    >>> log = Path(tempfile.mkdtemp()) / "infer.log"
    >>> for line in ("ERROR: m.tsv: is empty", "ERROR: not enough memory (...)", "Killed"):
    ...     _ = log.write_text(f"STEP: prepare\n{line}\n")
    ...     print(is_mistake([str(log)]))
    True
    False
    False
    """
    lines = _lines(logs)
    return bool(lines) and lines[-1].startswith(ERROR) and not OF_MEMORY.search(lines[-1])


def no_reason(logs: Sequence[str]) -> str:
    """Say what may have ended a job that has left no message."""
    for log in logs:
        try:
            if shutil.disk_usage(Path(log).parent).free < FULL_BYTES:
                return "the disk is full"
        except OSError:
            continue
    return "was it killed, or out of memory or time?"


def inner_step(logs: Sequence[str]) -> str:
    """Say which step a job of all steps is at, by the end of its log; nothing if that is not known."""
    try:
        with Path(next(iter(logs), "")).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    found = [line.removeprefix(StepLines.MARK) for line in lines if line.startswith(StepLines.MARK)]
    return printable(found[-1]) if found else ""


def marked(logs: Sequence[str], mark: str) -> Iterator[str]:
    """Yield the lines of logs that begin with a mark, without the mark."""
    for log in logs:
        try:
            text = Path(log).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        yield from (line.removeprefix(mark) for line in text.splitlines() if line.strip() and line.startswith(mark))


def _lines(logs: Sequence[str]) -> list[str]:
    return [line for line in marked(logs, "") if not line.startswith(StepLines.MARK)]


def _exception(lines: Sequence[str]) -> str:
    """Find the line of the exception, which follows the indented lines of the last traceback."""
    begins = [number for number, line in enumerate(lines) if line.startswith("Traceback (")]
    after = [line for line in lines[begins[-1] + 1 : -1] if not line.startswith(" ")] if begins else []
    return f"{printable(after[0])}; " if after else ""
