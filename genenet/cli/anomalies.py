"""`genenet anomalies`: samples that do not follow the relations of a run's network."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from genenet.cli import progress
from genenet.cli.options import RunOutput, Table, Threads, set_threads, with_settings
from genenet.cli.panels import OTHER
from genenet.config.keys import names_in

SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(anomalies)


@with_settings()
def anomalies(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, as genenet infer writes it.")],
    *,
    strata: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN,...",
            help="Sample attributes (tissue, batch) within whose groups the samples are compared; by default those"
            " within which the network was inferred, if any.",
            show_default=False,
        ),
    ] = None,
    table: Table = None,
    sample_edges: Annotated[
        bool,
        typer.Option(
            "--sample-edges",
            help="Also write sample_edges.h5ad: the pointwise mutual information of each sample and kept edge.",
        ),
    ] = False,
    output: RunOutput = None,
    threads: Threads = 0,
) -> None:
    """Find samples that break the relations of the network: anomalies.tsv."""
    set_threads(threads)
    from genenet.anomalies import odd_among, scores_of_samples
    from genenet.anomalies import sample_edges as of_samples
    from genenet.files.added import record_added
    from genenet.files.atomic import MANIFEST
    from genenet.files.edges import read_edges
    from genenet.files.intermediate import read_expression, write_expression
    from genenet.files.manifest import check_folder, settings_of_run
    from genenet.files.run_folder import check_run
    from genenet.products.origin import check_one_run, origin_of_table, with_fingerprint
    from genenet.readers.attributes import with_attributes
    from genenet.steps.discretise import discretise
    from genenet.writers.tables import write_tsv

    folder = output or directory
    check_run(directory, ["expression.h5ad", "pruned.parquet"])
    with progress.show("anomalies"):
        settings = settings_of_run(directory)
        pruned, matrix = directory / "pruned.parquet", directory / "expression.h5ad"
        expression, edges = read_expression(matrix), read_edges(pruned)[0]
        bins = discretise(expression, settings.discretise, settings.information)
        of_matrix, of_settings = replace(bins.origin, kind="strata"), bins.origin
        check_one_run({pruned: origin_of_table(edges), matrix: of_matrix, directory / MANIFEST: of_settings})
        check_folder(directory, [pruned.name])
        if table is not None:
            expression = with_attributes(expression, table)
        found = scores_of_samples(edges, expression, bins, strata=names_in(strata) if strata is not None else None)
        write_tsv(with_fingerprint(found, edges), folder / "anomalies.tsv")
        record_added([folder / "anomalies.tsv"], "anomalies")
        if sample_edges:
            write_expression(of_samples(edges, expression, bins), folder / "sample_edges.h5ad")
            record_added([folder / "sample_edges.h5ad"], "anomalies")
    n_odd = odd_among(found)["n_odd"]
    verb = "is" if n_odd == 1 else "are"
    where = folder / "anomalies.tsv"
    typer.echo(f"{n_odd:,} of {len(found):,} samples {verb} more than 3 robust deviations off: {where}")
    shown = found.drop(columns="edges").head(SHOWN)
    typer.echo(shown.to_string(index=False, float_format=lambda value: f"{value:.3g}"))
