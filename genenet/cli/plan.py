"""`genenet plan`: time, memory and disk that a run will take."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli.options import ConfigFile, Regulators, Table, Threads, set_threads, with_settings
from genenet.cli.panels import INFER
from genenet.config.checking import settings_from_keywords
from genenet.config.faces import spelled
from genenet.config.keys import KEYS
from genenet.config.sections import Settings
from genenet.errors import count
from genenet.workflow.plan import EXPECTED_SHARE, Cost, Problem, costs, infer_cost, request, suggested_blocks
from genenet.workflow.plan import with_settings as with_settings_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=INFER)(plan)


@with_settings(*KEYS.values())
def plan(
    matrix: Annotated[Path, typer.Argument(metavar="MATRIX", help="Expression matrix, as for genenet infer.")],
    *,
    regulators: Regulators = None,
    table: Table = None,
    config: ConfigFile = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="Only glance at the file; otherwise it is read, and some of its genes are tried out."
        ),
    ] = False,
    share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of the pairs that is significant, instead of trying it out."),
    ] = None,
    memory: Annotated[
        int | None, typer.Option(min=1, help="Memory in MB that a job can have; by default this machine's.")
    ] = None,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Say what a run will take: time, memory and disk of each step, number of blocks, options for Slurm.

    Nothing is computed but a trial on a thousand genes. No model knows beforehand how many edges are left.
    """
    from genenet.cli.infer import read_settings

    settings = settings_from_keywords(base=read_settings(config) if config else None, **given)
    threads = set_threads(threads)
    if quick:
        problem, basis = _from_file_size(matrix, regulators, settings, share)
    else:
        problem, basis = _from_trial(matrix, regulators, table, settings, share, threads)
    limit = memory or _memory_mb()
    one_job = _is_one_job(matrix, regulators, settings)
    for line in describe(problem, settings, basis=basis, threads=threads, memory_mb=limit, one_job=one_job):
        print(spelled(line))


def _is_one_job(matrix: Path, regulators: Path | None, settings: Settings) -> bool:
    """Whether the workflow runs the matrix as one job, for which it looks at the size of the file only."""
    from genenet.workflow.datasets import Dataset, DatasetFiles
    from genenet.workflow.fuse import is_small
    from genenet.workflow.plan import problem_of

    files = DatasetFiles(matrix=str(matrix), regulators=None if regulators is None else str(regulators))
    return is_small(problem_of(files.matrix, files.regulators, settings), Dataset(files, settings))


def _from_file_size(
    matrix: Path, regulators: Path | None, settings: Settings, share: float | None
) -> tuple[Problem, str]:
    """Estimate the problem from the size of the file; also return what the estimate is based on."""
    from dataclasses import replace

    from genenet.readers.opening import check_file
    from genenet.workflow.plan import problem_of

    check_file(matrix, or_folder=True)
    problem = problem_of(str(matrix), None if regulators is None else str(regulators), settings)
    basis = "share of significant pairs given" if share is not None else "share of significant pairs assumed"
    return replace(problem, share=EXPECTED_SHARE if share is None else share), f"{basis}; matrix not read"


def _from_trial(
    matrix: Path,
    regulators: Path | None,
    table: Path | None,
    settings: Settings,
    share: float | None,
    threads: int,
) -> tuple[Problem, str]:
    """Read the matrix and measure the problem in a trial; also return what the estimate is based on."""
    from genenet.readers import read_names
    from genenet.readers.matrix import load
    from genenet.steps.prepare import prepare
    from genenet.workflow.trial import FEW_GENES, MOST_GENES, trial

    names = None if regulators is None else read_names(regulators)
    expression = prepare(load(matrix, settings.prepare, table), settings.prepare, names)
    found = trial(expression, settings, threads=threads)
    n_regulators = None if names is None else int(expression.var["regulator"].sum())
    chosen = found.share if share is None else share
    problem = Problem(
        expression.n_vars, expression.n_obs, n_regulators=n_regulators, share=chosen, speed=found.speed,
        pair_factor=found.pair_factor, share_nonzero=found.share_nonzero, n_strata=found.n_strata,
    )  # fmt: skip
    problem = with_settings_of(problem, settings, found.n_bins)
    n_tried = min(expression.n_vars, MOST_GENES if found.pair_factor == 1 else FEW_GENES)
    return problem, f"tried on {n_tried:,} genes, {found.speed:.2g} times the speed of the model's machine"


def describe(
    problem: Problem, settings: Settings, *, basis: str, threads: int, memory_mb: float, one_job: bool
) -> list[str]:
    """Describe the plan in words, one line for each item."""
    n_blocks = suggested_blocks(problem, threads=threads, memory_mb=memory_mb)
    n_blocks = max(n_blocks, settings.information.n_blocks)
    steps = costs(problem, threads=threads, n_blocks=n_blocks)
    whole = infer_cost(problem, threads=threads)
    blocks = f"{n_blocks:,} {'block' if n_blocks == 1 else 'blocks'} of pairs; {count(threads, 'thread')} a job:"
    size = f"{problem.n_genes:,} genes x {problem.n_samples:,} samples"
    if problem.n_regulators is not None:
        size += f", {problem.n_regulators:,} regulators"
    if problem.n_strata > 1:
        size += f", {problem.n_strata:,} strata"
    if problem.mostly_zeros:
        size += f", {problem.share_nonzero:.1%} of the values not 0"
    lines = [
        f"matrix           {size}",
        f"pairs            {problem.n_pairs:,}, of {problem.n_bins} x {problem.n_bins} cells each",
        f"significant      {problem.share:.1%} of them, {problem.significant:,.0f} ({basis})",
        f"genenet infer    {_line(whole)}",
        f"the workflow     {'one job, as genenet infer (fuse: auto); with fuse: never ' if one_job else ''}{blocks}",
    ]
    for step, cost in steps.items():
        each = f"  (each of {n_blocks:,} blocks)" if step == "information" and n_blocks > 1 else ""
        lines.append(f"  {step:14} {_line(cost)}{each}")
    lines += _too_large(problem, steps, whole, memory_mb)
    return lines + _for_slurm(problem, steps, n_blocks, threads)


def _line(cost: Cost) -> str:
    return f"{_time(cost.seconds):>10}  {_size(cost.memory_mb):>9} memory  {_size(cost.disk_mb):>9} disk"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(mb: float) -> str:
    return f"{mb:,.0f} MB" if mb < 10_000 else f"{mb / 1000:,.0f} GB"


def _too_large(problem: Problem, steps: dict[str, Cost], whole: Cost, memory_mb: float) -> list[str]:
    """Say which jobs need more memory than there is, and what to do."""
    lines = []
    too_large = [step for step, cost in steps.items() if cost.memory_mb > memory_mb]
    if whole.memory_mb > memory_mb and not too_large:
        lines.append(
            f"DOES NOT FIT     genenet infer needs {_size(whole.memory_mb)} of memory, there are {_size(memory_mb)};"
            " use genenet run"
        )
    if too_large:
        need = max(steps[step].memory_mb for step in too_large)
        lines.append(
            f"DOES NOT FIT     {', '.join(too_large)}: up to {_size(need)} of memory, there are {_size(memory_mb)};"
            " use a larger machine, or fewer genes (prepare.n_top_variable) or a list of regulators"
            + (", or a smaller significance.alpha" if problem.share > 0.01 else "")
        )
    return lines


def _for_slurm(problem: Problem, steps: dict[str, Cost], n_blocks: int, threads: int) -> list[str]:
    asked = {step: request(problem, step, threads=threads, n_blocks=n_blocks) for step in steps}
    options = " ".join(f"{step}:mem_mb={wanted.mem_mb}" for step, wanted in asked.items())
    return [
        "on Slurm         "
        f"genenet run --executor slurm --max-threads {threads} --config 'information={{n_blocks: {n_blocks}}}'"
        " --configfile FILE",
        f"                 with what this matrix takes: --set-resources {options}",
    ]


def _memory_mb() -> float:
    """Memory in MB of this machine, or what the control group (a job, a container) leaves of it."""
    from genenet.readers.limits import of_cgroups

    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    left = of_cgroups()
    return (machine if left is None else min(machine, left)) / 1e6
