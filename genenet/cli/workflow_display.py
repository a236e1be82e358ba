"""The display of `genenet run`: the step that each data set is at, errors, and results."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genenet.cli.clock import clock, so_far
from genenet.cli.job_logs import ERROR, WARNING, inner_step, marked, no_reason, reason
from genenet.cli.progress import new_progress
from genenet.cli.step_order import ALL_STEPS, FILES, OF_GROUPS, OF_NETWORKS, OPTIONAL
from genenet.cli.terminal import print_lines, wrapped
from genenet.cli.workflow_jobs import DataSet, Job
from genenet.errors import count
from genenet.files.atomic import GROUPS
from genenet.workflow.fuse import all_handed_on
from genenet.workflow.other_folders import note_of, other_folders

if TYPE_CHECKING:
    from rich.progress import Progress

EXAMPLE = "example"
"""Data set of a rule without a data set in its wildcards."""
LOOK_SECONDS = 1.0
"""How often the logs of jobs of all steps are looked at."""
SLOW_SECONDS = 20.0
"""A job of all steps that takes longer than this says its steps also where there is no terminal."""
INTERRUPT_SECONDS = 1.0
"""An interrupt from the keyboard may end a job before this process knows of it, but not by more than this."""


class Display:
    """Shows the progress of the workflow: by bars on a terminal, else by a line when a step begins."""

    def __init__(self) -> None:
        self.datasets: dict[str, DataSet] = {}
        self._planned: Mapping[str, int] = dict.fromkeys((*OF_NETWORKS, *OF_GROUPS), 1)
        self._results: dict[str, Job] = {}
        self._said: set[str] = set()
        self._bars = Bars() if sys.stderr.isatty() else None
        self.is_interrupted = False
        """Whether the user stopped the run; jobs that end then have not failed by themselves."""
        self.is_refused = False
        """Whether the run was not begun for a mistake of the user, which was said."""
        self.is_dry = False
        """Whether jobs are only listed, not run."""
        self._lock = threading.RLock()
        self._looks: threading.Timer | None = None

    def say(self, text: str) -> None:
        """Print a message, once, above the bars."""
        if text not in self._said:
            self._said.add(text)
            self._print(text)

    @staticmethod
    def _print(text: str) -> None:
        for line in text.splitlines():
            print(wrapped(line, sys.stderr), file=sys.stderr, flush=True)

    def plan(self, n_jobs: Mapping[str, int]) -> None:
        """Remember the number of jobs of each rule; steps are counted among these rules."""
        # The jobs of the groups follow when the groups are known.
        of_groups = {rule: 1 for rule in OF_NETWORKS if rule not in OPTIONAL} if "levels" in n_jobs else {}
        self._planned = {**of_groups, **n_jobs}

    def _look(self) -> None:
        """Look again and again at which steps the jobs of all steps are, while there are any."""
        with self._lock:
            self._looks = None
            at_work = [(data, job) for data in self.datasets.values() for job in data.at_work.values()]
            at_work = [(data, job) for data, job in at_work if job.step == ALL_STEPS]
            for dataset, job in at_work:
                self._look_at(dataset, job)
            if at_work:
                self._look_later()

    def _look_at(self, dataset: DataSet, job: Job) -> None:
        inner = _inner_step(job)
        if inner == job.inner:
            return
        job.inner = inner
        if self._bars is not None:
            self._show(dataset)
        elif inner and time.monotonic() - job.began > SLOW_SECONDS:
            self.say(f"{dataset.name}: {inner}")

    def _look_later(self) -> None:
        if self._looks is None:
            self._looks = threading.Timer(LOOK_SECONDS, self._look)
            self._looks.daemon = True
            self._looks.start()

    def begin(self, number: Any, job: Job) -> bool:
        """Show that a job has begun; return whether it failed before, and this is another attempt."""
        with self._lock:
            return self._begin(number, job)

    def _begin(self, number: Any, job: Job) -> bool:
        if job.dataset not in self.datasets:
            self.datasets[job.dataset] = DataSet(job.dataset, self._rules(job))
        dataset = self.datasets[job.dataset]
        if self.is_dry:
            dataset.n_done[job.step] = dataset.n_done.get(job.step, 0) + 1
            return False
        dataset.at_work[number] = job
        is_retried = number in dataset.failed  # Snakemake gives a job several attempts if it is asked to
        if is_retried:
            dataset.failed.remove(number)
            self._print(f"{dataset.name}: {job.step} failed and is tried again")
        elif self._bars is None and job.step != FILES:
            self.say(f"{dataset.name}: {dataset.place(job.step)}")
        self._show(dataset)
        if job.step == ALL_STEPS:
            self._look_later()
        return is_retried

    def _rules(self, job: Job) -> tuple[str, ...]:
        rules = OF_GROUPS if job.step in OF_GROUPS else OF_NETWORKS
        planned = [rule for rule in rules if rule in self._planned and (rule != "simulate" or job.dataset == EXAMPLE)]
        # The example is run alone: after it is simulated, it is one job or one for each step.
        if job.step == ALL_STEPS or planned == ["simulate"]:
            return tuple(rule for rule in ("simulate", ALL_STEPS) if rule in [*planned, ALL_STEPS])
        return tuple(planned)

    def finish(self, number: Any) -> None:
        """Show that a job has finished, and its warnings."""
        with self._lock:
            self._finish(number)

    def _finish(self, number: Any) -> None:
        for dataset in self._with(number):
            job = dataset.at_work.pop(number)
            dataset.n_done[job.step] = dataset.n_done.get(job.step, 0) + 1
            if job.step in ("summary", "compare", ALL_STEPS):
                self._results[dataset.name] = job
            for warning in marked(job.logs, WARNING):
                self.say(f"WARNING: {dataset.name}: {warning}")
            if dataset.is_done:
                self.say(f"{dataset.name}: done in {clock(time.perf_counter() - dataset.began)}")
            self._show(dataset)

    def fail(self, numbers: Sequence[Any], logs: Sequence[str] = ()) -> None:
        """Show that a job has failed, or a group of jobs of which one has, and why."""
        with self._lock:
            self._fail(numbers, logs)

    def _fail(self, numbers: Sequence[Any], logs: Sequence[str]) -> None:
        failed = {number: dataset for number in numbers for dataset in self._with(number)}
        jobs = [dataset.at_work.pop(number) for number, dataset in failed.items()]
        with_reason = [job for job in jobs if reason(job.logs)]
        if all(reason(job.logs) == "interrupted" for job in with_reason):
            self._wait_for_interrupt()
        if self.is_interrupted:
            return
        for job in with_reason or jobs[:1]:
            for line in _failure(job, logs):
                self.say(f"ERROR: {line}")
        for number, dataset in failed.items():
            dataset.failed.add(number)
            self._show(dataset)

    def refuse(self, text: str) -> None:
        """Say why the run is not begun."""
        self.is_refused = True
        self.say(text)

    def _wait_for_interrupt(self) -> None:
        until = time.monotonic() + INTERRUPT_SECONDS
        while not self.is_interrupted and time.monotonic() < until:
            time.sleep(INTERRUPT_SECONDS / 20)

    def terminate(self) -> None:
        """Show that no more jobs are begun, since the user stopped the run from outside."""
        self.is_interrupted = True
        self.say("Interrupted: the jobs that are at work are ended first")

    def _with(self, number: Any) -> Iterator[DataSet]:
        yield from [dataset for dataset in self.datasets.values() if number in dataset.at_work]

    def _show(self, dataset: DataSet) -> None:
        if self._bars is not None:
            self._bars.show(dataset)

    def stop(self) -> None:
        """Stop the bars."""
        if self._bars is not None:
            self._bars.stop()

    @property
    def failed(self) -> list[str]:
        """Data sets with a job that failed, and was not tried again."""
        return [dataset.name for dataset in self.datasets.values() if dataset.failed]

    def close(self, *, is_right: bool, log: str) -> None:
        """Stop the bars, and print how the run ended and its results."""
        self.stop()
        if self.is_dry and is_right and self.datasets:
            self._list()
            self._name_other_folders()
            return
        where = f"; Snakemake's own text is in {log}" if log else ""
        if self.is_interrupted:
            self.say(f"Interrupted; the same command goes on from here{where}")
        elif self.failed:
            n_failed = len({name.partition("/")[0] for name in self.failed})
            self.say(
                f"{n_failed:,} of {count(self._n_datasets(), 'data set')} failed: {', '.join(self.failed)}."
                f" When the cause is mended, the same command goes on from here{where}"
            )
        elif not is_right:
            self.say(f"Not finished{where}")
        elif not self.datasets:
            self.say("Nothing to be done: all files are there and up to date")
        else:
            self.say(f"{count(self._n_begun(), 'data set')} in {clock(so_far())}{where}")
        self._name_other_folders()
        for name in self.datasets:
            if name in self._results and name.partition("/")[0] not in {*self._results} - {name}:
                _print_result(name, self._results[name])

    def _name_other_folders(self) -> None:
        """Say which folders of the results belong to no data set of the configuration."""
        if folders := other_folders(all_handed_on()):
            self.say(note_of(folders))

    def _n_datasets(self) -> int:
        """Count the data sets of the configuration, also those that nothing was to be done for."""
        return max(len(all_handed_on()), self._n_begun())

    def _n_begun(self) -> int:
        """Count the data sets that something is or was done for; groups are parts of one."""
        return len({name.partition("/")[0] for name in self.datasets})

    def _list(self) -> None:
        """Print which jobs would be run."""
        for dataset in self.datasets.values():
            steps = [rule for rule in dataset.rules if rule in dataset.n_done]
            steps += sorted({*dataset.n_done} - {*steps})
            times = {rule: f" ({dataset.n_done[rule]:,} jobs)" if dataset.n_done[rule] > 1 else "" for rule in steps}
            print_lines([(dataset.name, ", ".join(f"{rule}{times[rule]}" for rule in steps))])
        n_jobs = sum(sum(dataset.n_done.values()) for dataset in self.datasets.values())
        groups = "; the jobs of groups follow when the groups are known" if "levels" in self._planned else ""
        print(
            f"{count(n_jobs, 'job')} of {count(self._n_begun(), 'data set')} would be run{groups}; --verbose shows"
            " Snakemake's own list",
            flush=True,
        )


class Bars:
    """Progress bars on a terminal, one line for each data set that is being processed."""

    def __init__(self) -> None:
        self._progress: Progress = new_progress()
        self._waiting: Any = self._progress.add_task("reading the workflow", total=None)
        self._tasks: dict[str, Any] = {}
        self._progress.start()

    def show(self, dataset: DataSet) -> None:
        """Draw the line of a data set; it vanishes when the data set is done."""
        if self._waiting is not None:
            self._progress.remove_task(self._waiting)
            self._waiting = None
        if dataset.is_done or (dataset.failed and not dataset.at_work):
            if dataset.name in self._tasks:
                self._progress.remove_task(self._tasks.pop(dataset.name))
        elif dataset.current:  # between two steps the last one stays
            shown: dict[str, Any] = {"completed": dataset.n_finished, "total": len(dataset.rules)}
            if dataset.name in self._tasks:
                self._progress.update(self._tasks[dataset.name], description=str(dataset), **shown)
            else:
                self._tasks[dataset.name] = self._progress.add_task(str(dataset), began=dataset.began, **shown)

    def stop(self) -> None:
        """Remove the bars."""
        self._progress.stop()


def _failure(job: Job, logs: Sequence[str]) -> list[str]:
    """Say why a job failed, and in which log there is more."""
    if job.step == FILES:
        return [*marked(job.logs, ERROR)]
    at = f" at {inner}" if (inner := _inner_step(job)) else ""
    why = reason(job.logs) or f"it left no message{at}; {no_reason(job.logs)}"
    where = " and ".join(dict.fromkeys([*job.logs, *logs]))
    return [f"{job.dataset}, {job.step}: {why}{f' (see {where})' if where else ''}"]


def _inner_step(job: Job) -> str:
    """Say which step a job of all steps is at; nothing if that is not known, or the job is another."""
    return inner_step(job.logs) if job.step == ALL_STEPS else ""


def _print_result(name: str, job: Job) -> None:
    made = Path(job.outputs[0])
    if made.name == GROUPS:
        from genenet.groups.compare import describe_groups, read_overview

        lines = describe_groups(read_overview(made))
    else:
        from genenet.report.summary_text import describe

        lines = describe(json.loads(made.read_text(encoding="utf-8")))
    report = made.parent / "report.html"
    first = [("look first", f"open {report}")] if report.exists() else []
    print(f"\n{name}")
    print_lines([*lines, ("files", str(made.parent)), *first])
