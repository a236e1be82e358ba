"""`genenet manifest`: what a run was made of."""

from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli.options import Expression, GeneSets, Matrix, MatrixFiles, Name, Truth, with_settings
from genenet.cli.panels import STEPS
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS
from genenet.files.atomic import REPORT


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=STEPS)(manifest)


@with_settings(*KEYS.values())
def manifest(
    *,
    file: Annotated[
        list[Path], typer.Option(help="Output of the run, in the folder of the manifest; once for each file or folder.")
    ],
    expression: Expression,
    matrix: Matrix,
    files: MatrixFiles,
    truth: Truth = None,
    gene_sets: GeneSets = None,
    name: Name = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="manifest.json, in the folder of the run.")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Remove files of an earlier run that are not given here: those that its manifest lists and that were"
            " not changed since, blocks of MI, and the report if export.report is off.",
        ),
    ] = False,
    given: dict[str, Any],
) -> None:
    """Write what a run was made of: version, settings, libraries, checksums of its inputs and outputs."""
    from genenet.files.intermediate import read_prepared
    from genenet.files.manifest import files_of, outputs_of, write_manifest
    from genenet.files.run_folder import remove_blocks, remove_left

    folder, settings = output.parent, settings_from_keywords(**given)
    before = outputs_of(folder)
    write_manifest(
        folder,
        settings=settings,
        inputs=files_of(matrix=matrix, truth=truth, gene_sets=gene_sets, **files.by_role),
        expression=read_prepared(expression),
        files=file,
        given={} if name is None else {"name": name},
    )
    if replace:
        remove_left(folder, before)
        remove_blocks(folder)
        if not settings.export.report:
            (folder / REPORT).unlink(missing_ok=True)
