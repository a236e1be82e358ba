"""Text for people: wrapped at words where it goes to a terminal, one line each where it goes to a file or a pipe."""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import IO

from genenet.config.faces import spelled


def width_of(stream: IO[str]) -> int | None:
    """Columns of a terminal; None if the stream is no terminal."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def wrapped(line: str, stream: IO[str]) -> str:
    """Wrap a message at words for a terminal; a path or another long word stays whole."""
    width = width_of(stream)
    return line if width is None else textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)


def print_lines(lines: Sequence[tuple[str, str]]) -> None:
    """Print labels and texts in two columns."""
    from genenet.report.summary_text import as_text

    lines = [(label, spelled(text)) for label, text in lines]
    print(as_text(lines, width_of(sys.stdout)), flush=True)
