"""The jobs of the workflow and the progress of the data sets that they are for."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from genenet.cli.step_order import ALL_STEPS
from genenet.errors import count

INNER = re.compile(r"(?:\((\d+) of (\d+)\), )?step (\d+) of (\d+): ")
"""The numbers in the line of a step (`genenet.cli.progress.StepLines`)."""


@dataclass
class Job:
    """A job of Snakemake that runs or has run."""

    dataset: str
    step: str
    logs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    began: float = field(default_factory=time.monotonic)
    inner: str = ""
    """The step that a job of all steps is at, as it has told in its log."""

    @property
    def share(self) -> float:
        """Share of its steps that a job of all steps has done, with groups of those of all groups."""
        found = INNER.search(self.inner)
        if not found:
            return 0.0
        group, n_groups, step, n_steps = (int(number or 1) for number in found.groups())
        return (group - 1 + (step - 1) / n_steps) / n_groups


@dataclass
class DataSet:
    """The progress of one data set."""

    name: str
    rules: tuple[str, ...]
    """Rules that are to be run for it."""
    at_work: dict[Any, Job] = field(default_factory=dict)
    n_done: dict[str, int] = field(default_factory=dict)
    """Number of finished jobs of each rule."""
    failed: set[Any] = field(default_factory=set)
    """Jobs that failed and have not begun again."""
    began: float = field(default_factory=time.perf_counter)

    @property
    def current(self) -> list[str]:
        """Rules that are running, in their order."""
        rules = {job.step for job in self.at_work.values()}
        return [rule for rule in self.rules if rule in rules] + sorted(rules - {*self.rules})

    @property
    def finished(self) -> list[str]:
        """Rules that seem to be done: those with finished jobs of which no job is running."""
        return [rule for rule in self.rules if rule in self.n_done and rule not in self.current]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.at_work and len(self.finished) == len(self.rules)

    @property
    def n_finished(self) -> float:
        """Number of finished rules, with the finished share of a job of all steps."""
        return len(self.finished) + sum(job.share for job in self.at_work.values())

    def place(self, rule: str) -> str:
        """Say which step a rule is, and of how many."""
        if rule == ALL_STEPS and len(self.rules) == 1:
            return "all steps in one job"
        if rule not in self.rules:  # a rule that a user has added
            return rule
        return f"step {self.rules.index(rule) + 1} of {len(self.rules)}: {rule}"

    def __str__(self) -> str:
        if not self.current:
            return self.name
        inner = [job.inner for job in self.at_work.values() if job.inner]
        if inner:
            return f"{self.name}  {inner[0]}"
        first, *others = self.current
        last = f" to {others[-1]}" if others else ""
        blocks = f" ({count(self.n_done[first], 'block')} done)" if first in self.n_done else ""
        return f"{self.name}  {self.place(first)}{last}{blocks}"
