"""`genenet infer`: all steps in one process."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.clock import so_far
from genenet.cli.common_options import DATA
from genenet.cli.compiling import compile_beside
from genenet.cli.options import (
    ConfigFile,
    GeneSets,
    GroupBy,
    MatrixArgument,
    MatrixFiles,
    Name,
    OutputFolder,
    RareTruth,
    Threads,
    set_threads,
    with_settings,
)
from genenet.cli.panels import INFER
from genenet.cli.step_order import steps_of
from genenet.cli.terminal import print_lines
from genenet.config.checking import settings_from, settings_from_keywords
from genenet.config.keys import KEYS
from genenet.config.presets import beside_preset
from genenet.config.sections import Settings
from genenet.errors import ConfigError, InputError, count, logger_of, shorten
from genenet.progress import Progress

if TYPE_CHECKING:
    from genenet.groups.levels import Group
    from genenet.pipeline import Inputs
    from genenet.result import Begun, Result

logger = logger_of(__name__)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=INFER)(infer)


@with_settings(*KEYS.values())
def infer(
    matrix: MatrixArgument,
    *,
    output: OutputFolder,
    files: MatrixFiles,
    gene_sets: GeneSets = None,
    truth: RareTruth = None,
    group_by: GroupBy = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="With --group-by: infer the network of this level only, right into the output folder.",
            show_default=False, rich_help_panel=DATA, hidden=True,
        ),
    ] = None,
    name: Name = None,
    config: ConfigFile = None,
    all_files: Annotated[
        bool,
        typer.Option(
            "--all-files",
            help="Write also what each step hands on to the next (bins.h5ad, null.npz, mi/BLOCK.parquet,"
            " edges.parquet), as the workflow does; files of these names in the output folder are replaced.",
            hidden=True,
        ),
    ] = False,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:  # fmt: skip
    """Infer the network of one matrix: all steps, with a summary at the end."""
    settings = settings_from_keywords(base=read_settings(config) if config else None, **given)
    if group is not None and group_by is None:
        raise ConfigError("--group names a group of --group-by; give the attribute that makes the groups too")
    n_threads = set_threads(threads)
    compile_beside(n_threads)
    options: dict[str, Any] = {**files.by_role, "gene_sets": gene_sets, "truth": truth, "name": name}
    options["settings"] = settings
    from genenet.files.manifest import files_of
    from genenet.files.run_folder import run_folder, telling

    inputs = files_of(matrix=matrix, gene_sets=gene_sets, truth=truth, **files.by_role)
    _warn_of_memory(matrix, files.regulators, settings, n_threads)
    with (
        run_folder(output, inputs, of_workflow=all_files, replace=not all_files),
        progress.show_steps(steps_of(settings), of_workflow=all_files) as step,
    ):
        options["progress"] = step if all_files else telling(output, step)
        from genenet.pipeline import infer_inputs, read_inputs

        start, begin = so_far(), time.perf_counter()
        read = read_inputs(matrix, **options)
        if group_by is not None:
            _infer_groups(read, group_by, group, output, all_files=all_files)
            return
        seconds = {"start": round(start, 3), "prepare": time.perf_counter() - begin}
        result = _written(partial(infer_inputs, read, seconds=seconds), output, step, all_files=all_files)
    _describe(result, output)


def _written(infer: "Callable[..., Result]", output: Path, step: Progress, *, all_files: bool) -> "Result":
    """Infer a network and write its files; `infer` is told where to write what the steps hand on, if anywhere."""
    from genenet.files.atomic import staged
    from genenet.files.run_folder import replaced

    with replaced(output) if all_files else staged(output) as stage:
        return _write_all(infer, stage, step, all_files=all_files)


def _write_all(infer: "Callable[..., Result]", folder: Path, step: Progress, *, all_files: bool = True) -> "Result":
    """Infer a network and write its files, and those that the steps hand on, without a look at what is there."""
    folder.mkdir(exist_ok=True)
    begun: list[Begun] = []
    result = infer(
        step_files=folder if all_files else None,
        meanwhile=lambda result: begun.append(result.begin_files(folder)),
        only_files=True,
    )
    result.write_files(folder, progress=step, begun=begun[0] if begun else None)
    return result


def _describe(result: "Result", folder: Path, place: Path | None = None) -> None:
    """Print what was found and where the files are, or will be when they are moved from `place`."""
    from genenet.report.summary_text import describe

    print_lines([*describe(result.summary), *_files(folder, place or folder)])


def _warn_of_memory(matrix: Path, regulators: Path | None, settings: Settings, threads: int) -> None:
    """Say how much memory the run needs if there is less: the system ends a job that takes too much without a word."""
    from genenet.readers.limits import available_memory, size
    from genenet.workflow.plan import infer_cost, problem_of

    problem = problem_of(str(matrix), None if regulators is None else str(regulators), settings)
    needed, available = infer_cost(problem, threads=threads).memory_mb * 1e6, available_memory()
    if matrix.exists() and available is not None and needed > available:
        logger.warning(
            "this run needs about %s of memory, and %s are left to it (genenet plan MATRIX says more): use a machine or"
            " a limit with more, or fewer genes (prepare.n_top_variable)",
            size(needed), size(available),
        )  # fmt: skip


def _files(folder: Path, place: Path) -> list[tuple[str, str]]:
    """Say where the files are, and which one to look at first."""
    first = [("look first", f"open {folder / 'report.html'}")] if (place / "report.html").exists() else []
    return [("files", str(folder)), *first]


def _infer_groups(inputs: "Inputs", group_by: str, only: str | None, output: Path, *, all_files: bool) -> None:
    """Write the network of each group, and then their comparison; or one group's network."""
    from genenet.files.run_folder import replaced
    from genenet.groups.infer import infer_group
    from genenet.groups.levels import LEVELS, write_levels
    from genenet.groups.split import find_groups

    groups = find_groups(inputs.matrix.obs, group_by, inputs.settings.prepare)
    used = [group for group in groups if group.used and only in (None, group.name)]
    if not used:
        raise InputError(f"--group: {group_by} has no group {shorten(str(only))} with enough samples")
    if only is not None:
        infer = partial(infer_group, inputs, group_by, used[0])
        _describe(_written(infer, output, inputs.progress, all_files=all_files), output)
        return
    if not all_files:
        _infer_each(used, inputs, group_by, output, output)
        _compare(groups, inputs, group_by, output, output)
        return
    with replaced(output) as stage:
        write_levels(groups, stage / LEVELS)
        _infer_each(used, inputs, group_by, stage, output)
        _compare(groups, inputs, group_by, stage, output)


def _infer_each(used: "list[Group]", inputs: "Inputs", group_by: str, place: Path, output: Path) -> None:
    """Infer the networks of groups, each right into the output folder, or all in a temporary place for it."""
    from genenet.files.run_folder import run_folder
    from genenet.groups.infer import infer_group

    for number, group in enumerate(used, start=1):
        logger.info("%s %s (%s of %s)", group_by, group.name, number, count(len(used), "group"))
        if isinstance(inputs.progress, progress.StepLines):
            inputs.progress.part = f"{group.name} ({number:,} of {len(used):,})"
        infer = partial(infer_group, inputs, group_by, group)
        if place == output:
            with run_folder(output / group.folder):
                result = _written(infer, output / group.folder, inputs.progress, all_files=False)
        else:
            result = _write_all(infer, place / group.folder, inputs.progress)
        print(f"{group_by} {group.name}")
        _describe(result, output / group.folder, place / group.folder)
        print(flush=True)


def _compare(groups: "list[Group]", inputs: "Inputs", group_by: str, place: Path, output: Path) -> None:
    """Write what the networks of the groups have in common; the files are in `place`, and at last in `output`."""
    from genenet.files.atomic import REPORT
    from genenet.files.manifest import write_manifest
    from genenet.groups.compare import describe_groups, files_of_groups, write_comparison

    paths, table = write_comparison(groups, place)
    files = files_of_groups(groups, place)
    given = {"name": inputs.name, "group_by": group_by}
    write_manifest(place, settings=inputs.settings, inputs=inputs.files, files=files, given=given)
    if inputs.settings.export.report:
        from genenet.report.groups import read_groups
        from genenet.report.page import write_report

        paths.append(write_report(read_groups(place, name=output.resolve().name), place / REPORT))
    shown = ("all groups", ", ".join(str(output / path.relative_to(place)) for path in paths))
    print_lines([*describe_groups(table), shown, ("seconds in all", f"{so_far():.1f}")])


def read_settings(path: Path) -> Settings:
    """Read the settings that a configuration file has for all data sets."""
    from genenet.config.yaml_file import read_yaml
    from genenet.workflow.datasets import other_levels

    # The keys of the workflow alone are ignored.
    given = {key: value for key, value in read_yaml(path).items() if key not in ("datasets", "results", "fuse")}
    return settings_from(beside_preset(given), others=other_levels())
