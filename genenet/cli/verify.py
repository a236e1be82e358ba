"""`genenet verify`: whether the files of a run are still the same."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from genenet.cli.options import GeneSets, MatrixFiles, Truth, with_settings
from genenet.cli.panels import RESULT
from genenet.cli.repair import repair
from genenet.errors import printable, shorten


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RESULT)(verify)


@with_settings()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, with its manifest.json.")],
    *,
    matrix: Annotated[
        Path | None, typer.Option(help="Compare this file with the matrix of the run too.", show_default=False)
    ] = None,
    files: MatrixFiles,
    truth: Truth = None,
    gene_sets: GeneSets = None,
) -> None:
    """Compare the files of a run with its manifest: exit status 0, or 2 with a line for each file that differs.

    The report page is known to be of the run, and unchanged, by checksums in itself.

    Inputs are compared where they are given: the manifest does not know where they are. If files of the run differ, the
    last line is the command that makes them again.
    """
    from genenet.files.atomic import DIFFERENTIAL
    from genenet.files.manifest import files_of, outputs_of, read_manifest
    from genenet.files.verification import has_differences
    from genenet.files.verification import verify as compare

    given = files_of(matrix=matrix, truth=truth, gene_sets=gene_sets, **files.by_role)
    found = compare(folder, inputs=given)
    for line in found.differences:
        typer.echo(f"ERROR: {printable(line)}", err=True)
    manifest = read_manifest(folder)
    in_differences = [name for name in found.of_run if Path(name).parts[0] == DIFFERENTIAL and has_differences(folder)]
    places = [folder] if len(found.of_run) > len(in_differences) else []
    places += [folder / DIFFERENTIAL] if in_differences else []
    for line in dict.fromkeys(repair(place, read_manifest(place), outputs_of(place)) for place in places):
        typer.echo(printable(line), err=True)
    for page in found.pages:
        typer.echo(
            printable(f"to write the page again: {shlex.join(['genenet', 'report', str((folder / page).parent)])}"),
            err=True,
        )
    if not found.ok:
        raise typer.Exit(2)
    typer.echo(printable(f"{found}, made by genenet {shorten(manifest['genenet'], quoted=False)}"))
    left = [role for role in manifest["inputs"] if role not in given]
    if left:
        options = " ".join(f"--{role.replace('_', '-')} FILE" for role in left)
        typer.echo(
            printable(f"not compared: the {'input' if len(left) == 1 else 'inputs'}; to compare, give {options}")
        )
    if found.added:
        typer.echo(printable(f"added later: {', '.join(f'{name} ({made})' for name, made in found.added.items())}"))
    if found.outdated:
        typer.echo(printable(f"of an earlier run in this folder: {', '.join(found.outdated)}"))
    if found.apart:
        own = "with a manifest of its own" if len(found.apart) == 1 else "with manifests of their own"
        typer.echo(printable(f"{own}, to be verified apart: {', '.join(found.apart)}"))
    if found.unlisted:
        typer.echo(printable(f"not in the manifest: {', '.join(found.unlisted)}"))
