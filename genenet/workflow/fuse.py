"""Which data sets the workflow runs as one job: those that take less time than starting a process for each step costs.

The decision is made before Snakemake plans its jobs: from the settings and a glance at the matrix, never from values.
Nothing heavy is imported here.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path

from genenet.config.sections import Simulate
from genenet.files.atomic import COMPLETE
from genenet.workflow.datasets import Dataset, WorkflowConfig
from genenet.workflow.plan import Problem, Request, expected_bins, infer_cost, with_settings

SMALL_SECONDS = 60.0
"""A data set is small if one thread is expected to take less than this."""
MOST_GROUPS = 10
"""So many groups of samples are expected at most: who they are is not known beforehand."""
FASTEST_NETWORK = 1.0
"""Seconds for another network in the same process, at least; most of it is for its report."""
SLOW_PAIR = 1_000.0
"""How much longer a pair may take with an estimator that the forecast has no time of."""
VARIABLE = "GENENET_FUSED"
"""The decisions of the process that plans the jobs, for those that run them: they read the rules again."""


def fused(config: WorkflowConfig, problems: Mapping[str, Problem], begun: Mapping[str, bool]) -> list[str]:
    """Name the data sets that are run as one job.

    Parameters
    ----------
    problems
        What is expected of each data set, from its files.
    begun
        Whether a data set has been run rule by rule before: it then goes on so.
    """
    if config.fuse != "auto":
        return list(config.datasets) if config.fuse == "always" else []
    return [
        name
        for name, dataset in config.datasets.items()
        if not begun[name]
        and (config.is_example or Path(dataset.files.matrix).exists())  # otherwise its size is not known
        and is_small(_example(dataset) if config.is_example else problems[name], dataset)
    ]


def is_small(problem: Problem, dataset: Dataset) -> bool:
    """Whether all steps of a data set, with all its groups, are expected to take less than a minute on one core.

    Examples
    --------
    >>> from genenet.config import Settings
    >>> from genenet.workflow.datasets import DatasetFiles
    >>> dataset = Dataset(DatasetFiles(matrix="expression.tsv"), Settings())
    >>> is_small(Problem(1_000, 200), dataset), is_small(Problem(20_000, 1_000), dataset)
    (True, False)
    """
    return expected_seconds(problem, dataset) < SMALL_SECONDS


def expected_seconds(problem: Problem, dataset: Dataset) -> float:
    """Time that all steps of a data set take in one process and one thread."""
    settings = dataset.settings
    if settings.information.estimator != "plugin" or settings.prepare.missing == "pairwise":
        problem = replace(problem, pair_factor=SLOW_PAIR)
    n_groups = 1
    if dataset.files.group_by:
        n_groups = min(max(problem.n_samples // settings.prepare.min_samples, 1), MOST_GROUPS)
        problem = replace(problem, n_samples=max(problem.n_samples // n_groups, 1))
    first = infer_cost(problem).seconds
    start = infer_cost(Problem(2, 2)).seconds  # libraries and compiled code are loaded once
    return first + (n_groups - 1) * max(first - start, FASTEST_NETWORK)


def request_of_all(problem: Problem, dataset: Dataset, *, threads: int, attempt: int = 1) -> Request:
    """Ask for what all steps of a data set are expected to take in one process, and some more; see `request`."""
    more = 2 ** (attempt - 1)
    memory = infer_cost(problem, threads=threads).memory_mb
    return Request(ceil(more * (300 + 1.2 * memory)), ceil(more * (5 + 3 * expected_seconds(problem, dataset) / 60)))


def _example(dataset: Dataset) -> Problem:
    """The built-in example, whose files are not there before the first run."""
    size = Simulate()
    problem = Problem(size.n_genes, size.n_samples, n_regulators=size.n_regulators)
    return with_settings(problem, dataset.settings, expected_bins(dataset.settings.discretise, size.n_samples))


def was_run_by_rules(of_first_rule: Path, of_one_job: Path) -> bool:
    """Whether the last run of a data set was rule by rule, told by the benchmark files that Snakemake has left."""
    if not of_first_rule.exists():
        return False
    return not of_one_job.exists() or of_first_rule.stat().st_mtime_ns > of_one_job.stat().st_mtime_ns


def is_unfinished(folder: Path) -> bool:
    """Whether the last run of a data set that is one job was stopped, and files are there.

    Where one job makes all files, those of an earlier run stay until the new ones are complete, also if the new run
    fails. Snakemake would take them for the files of the last run.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> is_unfinished(folder)
    False
    >>> (folder / "network.graphml").touch()
    >>> is_unfinished(folder)
    True
    >>> (folder / COMPLETE).touch()
    >>> is_unfinished(folder)
    False
    """
    return not (folder / COMPLETE).exists() and any(path.is_file() for path in folder.glob("*"))


def hand_on(results: str, names: Iterable[str], *, all_names: Iterable[str]) -> None:
    """Leave the decisions to the processes that run the jobs."""
    known = json.loads(os.environ.get(VARIABLE, "{}"))
    chosen = {*names}
    known |= {f"{results}/{name}": name in chosen for name in all_names}
    os.environ[VARIABLE] = json.dumps(known)


def all_handed_on() -> list[str]:
    """List the folders of the data sets of the configuration, RESULTS/NAME; none before the workflow was read."""
    return [*json.loads(os.environ.get(VARIABLE, "{}"))]


def handed_on(results: str, all_names: Iterable[str]) -> list[str] | None:
    """Read the decisions of the process that planned the jobs; None where they were not handed on."""
    known = json.loads(os.environ.get(VARIABLE, "{}"))
    keys = {name: f"{results}/{name}" for name in all_names}
    return [name for name, key in keys.items() if known[key]] if known.keys() >= {*keys.values()} else None
