"""`genenet levels` and `genenet compare`: the groups of samples of the workflow, and what their networks share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli.options import GeneSets, Matrix, MatrixFiles, Name, Output, Table, Truth, with_settings
from genenet.cli.panels import STEPS
from genenet.cli.terminal import print_lines
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS
from genenet.config.step_options import STEP_KEYS

Attribute = Annotated[str, typer.Option("--group-by", metavar="COLUMN", help="Sample attribute that makes the groups.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (levels, compare):
        app.command(rich_help_panel=STEPS)(command)


@with_settings(*(KEYS[dotted] for dotted in STEP_KEYS["levels"]))
def levels(*, matrix: Matrix, table: Table = None, group_by: Attribute, output: Output, given: dict[str, Any]) -> None:
    """List the groups of samples, and the names of their folders: levels.tsv."""
    settings = settings_from_keywords(**given).prepare
    from genenet.groups.levels import write_levels
    from genenet.groups.split import find_groups, read_samples

    write_levels(find_groups(read_samples(matrix, settings, table), group_by, settings), output)


@with_settings(*KEYS.values())
def compare(
    *,
    levels: Annotated[Path, typer.Option(help="levels.tsv, from genenet levels.")],
    matrix: Matrix,
    files: MatrixFiles,
    truth: Truth = None,
    gene_sets: GeneSets = None,
    group_by: Attribute,
    name: Name = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder with the folders of the groups; written to.")],
    given: dict[str, Any],
) -> None:
    """Compare the networks of the groups: groups.tsv, edges_by_group.tsv, manifest.json.

    Files of groups that the manifest had before, and that are no more, are removed unless they were changed.
    """
    from genenet.files.manifest import files_of, outputs_of, write_manifest
    from genenet.files.run_folder import remove_left
    from genenet.groups.compare import describe_groups, files_of_groups, write_comparison
    from genenet.groups.levels import read_levels

    groups, before = read_levels(levels), outputs_of(output)
    _, found = write_comparison(groups, output)
    write_manifest(
        output,
        settings=settings_from_keywords(**given),
        inputs=files_of(matrix=matrix, truth=truth, gene_sets=gene_sets, **files.by_role),
        files=files_of_groups(groups, output),
        given={"group_by": group_by, **({} if name is None else {"name": name})},
    )
    remove_left(output, before)
    print_lines(describe_groups(found))
