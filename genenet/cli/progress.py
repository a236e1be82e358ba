"""Progress on stderr, if that is a terminal: one line with the step, its bar and the time so far."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from genenet.cli.clock import STARTED, clock
from genenet.progress import Progress as Shown
from genenet.progress import quiet

if TYPE_CHECKING:
    from rich.progress import Progress

DELAY = 0.5
"""Seconds before the bar of a single step appears."""


@contextmanager
def show(step: str, amount: int = 0) -> Iterator[Callable[[int], None] | None]:
    """Show the progress of a single step.

    Yields a function to be called with the work done since the last call, of `amount` in all (0 if that is not known),
    or None where no bar can be shown.
    """
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar((step,))
    timer = threading.Timer(DELAY, bar.start)
    timer.daemon = True
    timer.start()
    try:
        with bar.step(step, amount) as advance:
            yield advance
    finally:
        timer.cancel()
        bar.stop()


@contextmanager
def show_steps(steps: Sequence[str], *, of_workflow: bool = False) -> Iterator[Shown]:
    """Show one bar for several steps, with the number of the current one; yields the function that begins a step.

    Where no bar can be shown, a job of the workflow (`of_workflow`) prints a line for each step.
    """
    if not sys.stderr.isatty():
        yield StepLines(steps) if of_workflow else quiet
        return
    bar = _Bar(steps)
    bar.start()
    try:
        yield bar.step
    finally:
        bar.stop()


class StepLines:
    """Prints a line when a step begins, for a log: `genenet run` shows the last one of each job.

    Attributes
    ----------
    part
        The part of the run that the steps are of, with its number: `liver (1 of 2)`.
    """

    MARK = "STEP: "
    """Beginning of such a line."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = steps
        self.part = ""

    @contextmanager
    def __call__(self, name: str, amount: int = 0) -> Iterator[None]:
        """Print the line of a step."""
        part = f"{self.part}, " if self.part else ""
        print(f"{self.MARK}{part}{numbered(name, self._steps)}", file=sys.stderr, flush=True)
        yield None


def numbered(name: str, steps: Sequence[str]) -> str:
    """Name a step, with its number if there are several.

    Examples
    --------
    >>> numbered("prune", ["network", "prune"]), numbered("prune", ["prune"])
    ('step 2 of 2: prune', 'prune')
    """
    if len(steps) == 1 or name not in steps:
        return name
    return f"step {steps.index(name) + 1} of {len(steps)}: {name}"


class _Bar:
    """A bar that may be started from another thread at any time; until a step begins it shows the first one."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = steps
        self._step, self._amount, self._done, self._stopped = steps[0], 0, 0, False
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._task: Any = None

    @contextmanager
    def step(self, name: str, amount: int = 0) -> Iterator[Callable[[int], None]]:
        with self._lock:
            self._step, self._amount, self._done = name, amount, 0
            if self._progress:
                self._progress.reset(self._task, total=amount or None, description=numbered(name, self._steps))
        yield self._advance

    def _advance(self, work: int) -> None:
        with self._lock:
            self._done += work
            if self._progress:
                self._progress.update(self._task, completed=self._done)

    def start(self) -> None:
        progress = new_progress()
        with self._lock:
            if self._stopped:
                return
            self._progress = progress
            self._task = progress.add_task(
                numbered(self._step, self._steps), total=self._amount or None, completed=self._done
            )
            progress.start()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._progress:
                self._progress.stop()


def new_progress() -> "Progress":
    """Make bars that fit into the terminal and vanish at the end, with the time since the command or task began."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.text import Text

    class Elapsed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(clock(time.perf_counter() - task.fields.get("began", STARTED)))

    console = Console(file=sys.stderr, highlight=False)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=max(8, min(40, console.width - 40))),
        Elapsed(),
        console=console,
        transient=True,
        # Otherwise what is printed for a file or a pipe would go to the terminal.
        redirect_stdout=sys.stdout.isatty(),
    )
