"""`genenet differential`: pairs of genes that depend on each other differently in groups of samples."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.common_options import COMMON, of_strata
from genenet.cli.options import (
    GeneTable,
    MatrixArgument,
    Name,
    OutputFolder,
    Regulators,
    Table,
    Targets,
    Threads,
    set_threads,
    with_settings,
)
from genenet.cli.panels import OTHER
from genenet.cli.terminal import print_lines
from genenet.config.checking import differential_from_keywords
from genenet.config.keys import DIFFERENTIAL_KEYWORDS, names_in

if TYPE_CHECKING:
    from genenet.differential import DifferentialNetwork

SHOWN = 10
WITHIN = {"prepare.strata": of_strata("the groups of samples are permuted within batches only")}
"""Settings that --help shows here in other words."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(differential)


@with_settings(*DIFFERENTIAL_KEYWORDS.values(), common={**COMMON, **WITHIN})
def differential(
    matrix: MatrixArgument,
    *,
    group_by: Annotated[
        str, typer.Option(metavar="COLUMN", help="Sample attribute whose groups are compared, for example tissue.")
    ],
    levels: Annotated[
        str | None,
        typer.Option(
            metavar="GROUP,...",
            help="Groups to compare, the reference first; by default all, in order.",
            show_default=False,
        ),
    ] = None,
    networks: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of genenet infer --group-by: the graph then has the edges of these networks too.",
            show_default=False,
        ),
    ] = None,
    regulators: Regulators = None,
    targets: Targets = None,
    table: Table = None,
    gene_table: GeneTable = None,
    output: OutputFolder,
    name: Name = None,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Find pairs of genes that depend on each other differently in groups of samples: tables, a graph, a report."""
    settings, options = differential_from_keywords(**given)
    set_threads(threads)
    from genenet.differential import differential_network, write_differential
    from genenet.differential.writing import refuse_network
    from genenet.files.manifest import files_of
    from genenet.files.run_folder import run_folder, telling
    from genenet.report.differences_text import describe

    chosen = names_in(levels) if levels else None
    files: dict[str, Any] = {"regulators": regulators, "targets": targets, "table": table, "gene_table": gene_table}
    steps = ("permutation", "information")
    refuse_network(output)
    with run_folder(output, files_of(matrix=matrix, **files)), progress.show_steps(steps) as step:
        found = differential_network(
            matrix, group_by, levels=chosen, **files, name=name, settings=settings, options=options,
            progress=telling(output, step),
        )  # fmt: skip
        paths = write_differential(found, output, networks)
    print_lines([*describe(found.summary), ("files", ", ".join(str(path) for path in paths))])
    _show(found)


def _show(found: "DifferentialNetwork") -> None:
    columns = [name for name in found.pairs if name not in ("regulator", "target", "pvalue_kind", "mi_pooled")]
    typer.echo(found.pairs[columns].head(SHOWN).to_string(index=False, float_format=lambda value: f"{value:.3g}"))
