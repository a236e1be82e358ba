"""Progress of the Python functions: a bar in a terminal or a notebook, for what takes more than a second.

Nothing is shown if stderr is no terminal and the code does not run in a notebook.
"""

import html
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]
"""Function of a step's name and its amount of work: opens a context in which progress is reported in the same unit."""

DELAY = 1.0
"""Seconds before a bar appears."""
INTERVAL = 0.2
"""Seconds between two updates in a notebook: each is a message to the browser."""


class Display(Protocol):
    """A bar on the screen."""

    def update(self, done: int) -> None:
        """Show how much is done."""

    def remove(self) -> None:
        """Remove the bar."""


@contextmanager
def show(step: str, amount: int = 0) -> Iterator[Callable[[int], None] | None]:
    """Show the progress of a step.

    The context gives a function to be called with the work done since the last call, of `amount` in all (0 if that is
    not known), or None where no bar can be shown.
    """
    kind = _Notebook if in_notebook() else _Terminal if sys.stderr.isatty() else None
    if kind is None:
        yield None
        return
    bar = _Bar(lambda: kind(step, amount))
    try:
        yield bar.advance
    finally:
        bar.stop()


@contextmanager
def quiet(step: str, amount: int = 0) -> Iterator[None]:
    """Show nothing."""
    yield None


def chosen(progress: Progress | bool | None) -> Progress:
    """Choose the function that shows progress: bars if True, nothing if False or None, or the function given."""
    if progress is True:
        return show
    return progress or quiet


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel, which shows HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


class _Bar:
    """A bar that appears after the delay, by a thread of its own."""

    def __init__(self, appear: Callable[[], Display]) -> None:
        self._appear, self._done, self._stopped = appear, 0, False
        self._display: Display | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(DELAY, self._start)
        self._timer.daemon = True
        self._timer.start()

    def _start(self) -> None:
        with self._lock:
            if not self._stopped:
                self._display = self._appear()
                self._display.update(self._done)

    def advance(self, work: int) -> None:
        with self._lock:
            self._done += work
            if self._display:
                self._display.update(self._done)

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._stopped = True
            if self._display:
                self._display.remove()


class _Terminal:
    """A bar of rich on stderr."""

    def __init__(self, step: str, amount: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = [TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
        columns += [TimeRemainingColumn()] if amount else []
        self._progress = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self._task = self._progress.add_task(step, total=amount or None)
        self._progress.start()

    def update(self, done: int) -> None:
        self._progress.update(self._task, completed=done)

    def remove(self) -> None:
        self._progress.stop()


class _Notebook:
    """A progress element of HTML, which needs no widgets (those of rich and tqdm need ipywidgets)."""

    def __init__(self, step: str, amount: int) -> None:
        display: Any = sys.modules["IPython"].display.display
        self._step, self._amount, self._shown = step, amount, time.monotonic()
        self._handle: Any = display(self._content(0), raw=True, display_id=True)

    def update(self, done: int) -> None:
        if time.monotonic() - self._shown >= INTERVAL:
            self._shown = time.monotonic()
            self._handle.update(self._content(done), raw=True)

    def remove(self) -> None:
        self._handle.update({"text/html": "", "text/plain": ""}, raw=True)

    def _content(self, done: int) -> dict[str, str]:
        share = min(done / self._amount, 1.0) if self._amount else None
        value = "" if share is None else f' value="{share:.3f}"'
        percent = "" if share is None else f" {share:.0%}"
        bar = f'<progress max="1"{value}></progress>'
        return {
            "text/html": f"<div>{html.escape(self._step)} {bar}{percent}</div>",
            "text/plain": f"{self._step}{percent}",
        }
