"""`genenet manifest` and `genenet verify`: what a run was made of, and whether its files are still the same."""

from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli.options import Expression, Matrix, MatrixFiles, with_settings
from genenet.cli.steps import PANEL
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYS

Truth = Annotated[Path | None, typer.Option(help="Known edges, as for genenet summary.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(verify)
    app.command(rich_help_panel=PANEL)(manifest)


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
    output: Annotated[Path, typer.Option("--output", "-o", help="manifest.json, in the folder of the run.")],
    given: dict[str, Any],
) -> None:
    """Write what a run was made of: version, settings, libraries, checksums of its inputs and outputs."""
    from genenet.files.intermediate import read_expression
    from genenet.files.manifest import files_of, write_manifest

    write_manifest(
        output.parent,
        settings=settings_from_keywords(**given),
        inputs=files_of(matrix=matrix, truth=truth, **files.by_role),
        expression=read_expression(expression),
        files=file,
    )


@with_settings()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, with its manifest.json.")],
    *,
    matrix: Annotated[
        Path | None, typer.Option(help="Compare this file with the matrix of the run too.", show_default=False)
    ] = None,
    files: MatrixFiles,
    truth: Truth = None,
) -> None:
    """Compare the files of a run with its manifest: exit status 0, or 2 with a line for each file that differs.

    Inputs are compared where they are given: the manifest does not know where they are.
    """
    from genenet.files.manifest import files_of, read_manifest
    from genenet.files.manifest import verify as compare

    found = compare(folder, inputs=files_of(matrix=matrix, truth=truth, **files.by_role))
    for line in found.differences:
        typer.echo(f"ERROR: {line}", err=True)
    if not found.ok:
        raise typer.Exit(2)
    typer.echo(f"{found}, made by genenet {read_manifest(folder)['genenet']}")
    if found.unlisted:
        typer.echo(f"not in the manifest: {', '.join(found.unlisted)}")
