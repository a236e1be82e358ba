"""`genenet activity`: how active each regulator of a network is in each sample, and whose activity differs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.options import RunOutput, Table, with_settings
from genenet.cli.panels import OTHER
from genenet.config.checking import checked
from genenet.config.keys import ACTIVITY_KEYS, names_in
from genenet.config.sections import Activity

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(activity)


@with_settings(*ACTIVITY_KEYS.values())
def activity(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of a run with regulators, as genenet infer writes it.")
    ],
    *,
    regulons: Annotated[
        Path | None,
        typer.Option(
            help="Other regulons than the network's: a table with the columns source, target and perhaps weight, or a"
            " .gmt file.",
            show_default=False,
        ),
    ] = None,
    contrast: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN:LEVEL:REFERENCE",
            help="Compare two groups of samples, for example tissue:tumour:normal: master_regulators.tsv.",
            show_default=False,
        ),
    ] = None,
    strata: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN,...",
            help="Sample attributes (batch, donor) within whose groups the labels of the contrast are permuted.",
            show_default=False,
        ),
    ] = None,
    table: Table = None,
    output: RunOutput = None,
    given: dict[str, Any],
) -> None:
    """Score the activity of each regulator in each sample: activity.h5ad; with --contrast, who drives a difference."""
    own = {name: ACTIVITY_KEYS[name].parse(value) for name, value in given.items()}
    options = checked(Activity, own, ACTIVITY_KEYS)
    from genenet.activity import Contrast, master_regulators, read_regulons, regulons_of
    from genenet.activity import activity as score
    from genenet.files.added import record_added
    from genenet.files.atomic import REPORT
    from genenet.files.checksums import checksum
    from genenet.files.edges import read_edges, read_origin
    from genenet.files.intermediate import read_expression, write_expression
    from genenet.files.run_folder import check_run
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run
    from genenet.readers.attributes import with_attributes
    from genenet.writers.tables import write_tsv

    groups = None if contrast is None else Contrast.parse(contrast)
    check_run(directory, ["expression.h5ad", *(["pruned.parquet"] if regulons is None else [])])
    with progress.show("activity"):
        own_edges, matrix = directory / "pruned.parquet", directory / "expression.h5ad"
        expression = read_expression(matrix)
        if regulons is None:
            check_one_run({own_edges: read_origin(own_edges, step="prune"), matrix: origin_of(expression)})
        if table is not None:
            expression = with_attributes(expression, table)
        if groups is not None:
            groups.samples(expression.obs)  # a mistake in the contrast is reported before anything is written
        targets = regulons_of(read_edges(own_edges)[0]) if regulons is None else read_regulons(regulons)
        found = score(expression, targets, method=options.method, min_targets=options.min_targets)
        compared = None
        if groups is not None:
            compared = master_regulators(
                found, expression, targets, groups,
                strata=None if strata is None else names_in(strata),
                n_permutations=options.n_permutations, seed=options.seed,
            )  # fmt: skip
        folder = output or directory
        # The report checks by these that the activities are those of its network.
        edges = checksum(own_edges) if own_edges.is_file() else ""
        found.uns["genenet"] |= {"edges": edges, "contrast": contrast or ""}
        write_expression(found, folder / "activity.h5ad")
        record_added([folder / "activity.h5ad"], "activity")
    typer.echo(f"{found.n_vars:,} regulators x {found.n_obs:,} samples: {folder / 'activity.h5ad'}")
    if compared is not None:
        write_tsv(compared, folder / "master_regulators.tsv")
        record_added([folder / "master_regulators.tsv"], "activity")
        _show(compared, folder)
        if folder == directory and (directory / REPORT).is_file():
            typer.echo(f"genenet report {directory} shows them on the page")


def _show(compared: "pd.DataFrame", folder: Path) -> None:
    n_found = int((compared["qvalue"] <= 0.05).sum())
    of = f"{n_found:,} of {len(compared):,} regulators"
    typer.echo(f"{of} differ at a false discovery rate of 5 %: {folder / 'master_regulators.tsv'}")
    columns = ["regulator", "n_targets", "difference", "t", "pvalue", "qvalue", "expression_t", "expression_pvalue"]
    typer.echo(compared[columns].head(SHOWN).to_string(index=False, float_format=lambda value: f"{value:.4g}"))
