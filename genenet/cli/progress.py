"""Progress bars: on stderr, if that is a terminal, and only for what takes more than two seconds."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

DELAY = 2.0
"""Seconds before a bar appears."""


@contextmanager
def show(step: str, amount: int = 0) -> Iterator[Callable[[int], None] | None]:
    """Show how far a step is.

    Gives a function to be called with the work done since the last call, of `amount` in all (0 if that is not known),
    or None where no bar can be shown.
    """
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(step, amount)
    try:
        yield bar.advance
    finally:
        bar.stop()


class _Bar:
    """A bar that starts itself after the delay, from a thread of its own."""

    def __init__(self, step: str, amount: int) -> None:
        self._step, self._amount, self._done, self._stopped = step, amount, 0, False
        self._lock = threading.Lock()
        self._progress: Any = None
        self._task: Any = None
        self._timer = threading.Timer(DELAY, self._start)
        self._timer.daemon = True
        self._timer.start()

    def advance(self, work: int) -> None:
        with self._lock:
            self._done += work
            if self._progress:
                self._progress.update(self._task, completed=self._done)

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._stopped = True
            if self._progress:
                self._progress.stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        with self._lock:
            if self._stopped:
                return
            remaining = [TimeRemainingColumn()] if self._amount else []
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                *remaining,
                console=Console(file=sys.stderr),
                transient=True,
            )
            self._task = self._progress.add_task(self._step, total=self._amount or None, completed=self._done)
            self._progress.start()
