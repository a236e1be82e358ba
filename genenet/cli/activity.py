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
    from anndata import AnnData

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
    from genenet.activity import Contrast, master_regulators, read_regulons
    from genenet.activity import activity as score
    from genenet.files.added import record_added
    from genenet.files.atomic import REPORT
    from genenet.files.checksums import checksum
    from genenet.files.intermediate import read_expression, write_expression
    from genenet.files.run_folder import check_run
    from genenet.readers.attributes import with_attributes
    from genenet.writers.tables import write_tsv

    groups = None if contrast is None else Contrast.parse(contrast)
    check_run(directory, ["expression.h5ad", *(["pruned.parquet"] if regulons is None else [])])
    with progress.show("activity"):
        matrix = directory / "expression.h5ad"
        expression = read_expression(matrix)
        targets = _own_regulons(directory, matrix, expression) if regulons is None else read_regulons(regulons)
        if table is not None:
            expression = with_attributes(expression, table)
        if groups is not None:
            groups.samples(expression.obs)  # a mistake in the contrast is reported before anything is written
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
        edges = checksum(directory / "pruned.parquet") if regulons is None else ""
        found.uns["genenet"] |= {"edges": edges, "contrast": contrast or ""}
        write_expression(found, folder / "activity.h5ad")
        record_added([folder / "activity.h5ad"], "activity")
    typer.echo(f"{found.n_vars:,} regulators x {found.n_obs:,} samples: {folder / 'activity.h5ad'}")
    if compared is not None:
        write_tsv(compared, folder / "master_regulators.tsv")
        record_added([folder / "master_regulators.tsv"], "activity")
        _show(compared, folder)
        if regulons is None and folder == directory and (directory / REPORT).is_file():
            typer.echo(f"genenet report {directory} shows them on the page")


def _own_regulons(directory: Path, matrix: Path, expression: "AnnData") -> "pd.DataFrame":
    """Read the regulons of the network of a run; refuse edges of another matrix."""
    from genenet.activity import regulons_of
    from genenet.files.edges import read_edges
    from genenet.files.manifest import check_folder
    from genenet.products.fingerprint import origin_of
    from genenet.products.origin import check_one_run, origin_of_table

    edges = read_edges(directory / "pruned.parquet")[0]
    check_one_run({directory / "pruned.parquet": origin_of_table(edges), matrix: origin_of(expression)})
    check_folder(directory, ["pruned.parquet"])
    return regulons_of(edges)


def _show(compared: "pd.DataFrame", folder: Path) -> None:
    n_found = int((compared["qvalue"] <= 0.05).sum())
    of = f"{n_found:,} of {len(compared):,} regulators"
    typer.echo(f"{of} differ at a false discovery rate of 5 %: {folder / 'master_regulators.tsv'}")
    columns = ["regulator", "n_targets", "difference", "t", "pvalue", "qvalue", "expression_t", "expression_pvalue"]
    typer.echo(compared[columns].head(SHOWN).to_string(index=False, float_format=lambda value: f"{value:.4g}"))
