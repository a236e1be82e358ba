"""`genenet infer`: all steps in one process."""

from pathlib import Path
from typing import Any

import typer

from genenet.cli import progress
from genenet.cli.clock import so_far
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
from genenet.cli.terminal import print_lines
from genenet.config.checking import settings_from, settings_from_keywords
from genenet.config.keys import KEYS
from genenet.config.presets import beside_preset
from genenet.config.sections import Settings
from genenet.errors import logger_of
from genenet.steps import STEPS

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
    name: Name = None,
    config: ConfigFile = None,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Infer the network of one matrix: all steps, with a summary at the end."""
    settings = settings_from_keywords(base=read_settings(config) if config else None, **given)
    set_threads(threads)
    options: dict[str, Any] = {**files.by_role, "gene_sets": gene_sets, "truth": truth, "name": name}
    options["settings"] = settings
    from genenet.files.manifest import files_of
    from genenet.files.run_folder import run_folder

    inputs = files_of(matrix=matrix, gene_sets=gene_sets, truth=truth, **files.by_role)
    with run_folder(output, inputs), progress.show_steps(_steps(settings)) as step:
        options["progress"] = step
        if group_by is not None:
            _infer_groups(matrix, group_by, output, options)
            return
        from genenet.pipeline import infer_network
        from genenet.report.summary import describe

        start = so_far()
        result = infer_network(matrix, **options)
        result.summary["seconds"] = {"start": round(start, 3), **result.summary["seconds"]}
        with step("export", 0):
            result.write(output)
    print_lines([*describe(result.summary), *_files(output)])


def _steps(settings: Settings) -> tuple[str, ...]:
    """The steps of a run, in their order."""
    place = STEPS.index("prune") + 1
    stability = ("stability",) if settings.stability.stability else ()
    confounding = ("confounding",) if settings.prepare.strata else ()
    anomalies = ("anomalies",) if "anomalies" in settings.export.formats else ()
    return (*STEPS[:place], *stability, *confounding, *STEPS[place:-1], *anomalies, STEPS[-1])


def _files(folder: Path) -> list[tuple[str, str]]:
    """Say where the files are, and which one to look at first."""
    report = folder / "report.html"
    return [("files", str(folder)), *([("look first", f"open {report}")] if report.exists() else [])]


def _infer_groups(matrix: Path, group_by: str, output: Path, options: dict[str, Any]) -> None:
    """Write the network of each group as soon as it is inferred, and then their comparison."""
    from genenet.files.manifest import REPORT, InputFile, write_manifest
    from genenet.files.run_folder import run_folder
    from genenet.groups.compare import describe_groups, write_comparison
    from genenet.groups.infer import infer_groups
    from genenet.report.summary import describe

    inputs: dict[str, InputFile] = {}
    groups, results = infer_groups(matrix, group_by, **options)
    for group, result in results:
        with run_folder(output / group.folder), options["progress"]("export", 0):
            result.write(output / group.folder)
        inputs = dict(result.inputs)
        print(f"{group_by} {group.name}")
        print_lines([*describe(result.summary), *_files(output / group.folder)])
        print(flush=True)
    paths, table = write_comparison(groups, output)
    manifests = [output / group.folder / "manifest.json" for group in groups if group.used]
    write_manifest(output, settings=options["settings"], inputs=inputs, files=[*paths, *manifests])
    if options["settings"].export.report:
        from genenet.report.groups import read_groups
        from genenet.report.page import write_report

        paths.append(write_report(read_groups(output), output / REPORT))
    files = ("all groups", ", ".join(str(path) for path in paths))
    print_lines([*describe_groups(table), files, ("seconds in all", f"{so_far():.1f}")])


def read_settings(path: Path) -> Settings:
    """Read the settings that a configuration file has for all data sets."""
    from genenet.config.yaml_file import read_yaml

    # The keys of the workflow alone are ignored.
    given = {key: value for key, value in read_yaml(path).items() if key not in ("datasets", "results")}
    return settings_from(beside_preset(given))
