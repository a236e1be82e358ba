"""`genenet select`: genes that together tell a phenotype."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genenet.cli import progress
from genenet.cli.common_options import COMMON, of_strata
from genenet.cli.options import Output, Threads, set_threads, with_settings
from genenet.cli.panels import OTHER
from genenet.cli.phenotype import PhenotypeTable, phenotype_and_strata, prepared
from genenet.config.checking import checked, settings_from_keywords
from genenet.config.keys import KEYS, SELECT_KEYS
from genenet.config.sections import Select, Settings
from genenet.config.step_options import option_name
from genenet.errors import ConfigError, count
from genenet.files.atomic import GROUPS

if TYPE_CHECKING:
    from anndata import AnnData

PREPARE = {key.name: key for key in KEYS.values() if key.section == "prepare"}
SHOWN = {
    "method": (
        None,
        "Criterion for the next gene: the most information together with those selected (jmi), or the most that it does"
        " not share with them (mrmr).",
    ),
    "n_genes": (None, "Select at most this many genes. Without it, as many as tell more than those before them."),
    "alpha": (None, "Stop where no gene's p-value is at most this."),
    "prepare.strata": of_strata(
        "genes are put into bins, and samples permuted, within batches only, so that differences between batches select"
        " no genes"
    ),
}
"""Settings that --help shows here in other words, or not at all elsewhere."""
OF_SAMPLES = ("strata", "small_strata", "min_samples")
"""Settings of `prepare` that are used with the folder of a run too."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OTHER)(select)


@with_settings(*SELECT_KEYS.values(), *PREPARE.values(), common={**COMMON, **SHOWN})
def select(
    matrix: Annotated[
        Path,
        typer.Argument(
            metavar="MATRIX_OR_DIR",
            help="Expression matrix: TSV or CSV, plain or gzipped, or .h5ad; or the folder of a run.",
        ),
    ],
    *,
    phenotype: Annotated[str, typer.Option(metavar="COLUMN", help="Sample attribute that the genes are to tell.")],
    table: PhenotypeTable = None,
    output: Output,
    threads: Threads = 0,
    given: dict[str, Any],
) -> None:
    """Select genes that together tell a phenotype, each beside those selected before it (TSV)."""
    own = {name: SELECT_KEYS[name].parse(given.pop(name)) for name in SELECT_KEYS if name in given}
    options = checked(Select, own, SELECT_KEYS)
    settings = settings_from_keywords(**given)
    set_threads(threads)
    from genenet.files.added import record_added
    from genenet.phenotype.selection import select_genes
    from genenet.writers.tables import write_tsv

    expression = _expression(matrix, table, settings, given)
    given_phenotype, given_strata = phenotype_and_strata(phenotype, settings.prepare.strata, table)
    with progress.show("select", options.n_genes or 0) as advance:
        found = select_genes(
            expression, given_phenotype, strata=given_strata, settings=settings, options=options, progress=advance
        )
    write_tsv(found, output)
    record_added([output], "select")
    typer.echo(f"{count(len(found), 'gene')} of {expression.n_vars:,} selected by {options.method}: {output}")
    if len(found):
        typer.echo(found.to_string(index=False, float_format=lambda value: f"{value:.4g}"))


def _expression(matrix: Path, table: Path | None, settings: Settings, given: dict[str, Any]) -> "AnnData":
    """Read the prepared matrix of a run, or prepare one."""
    if (matrix / GROUPS).is_file():
        from genenet.files.run_folder import check_run

        check_run(matrix, ["expression.h5ad"])
    if (matrix / "expression.h5ad").is_file():
        from genenet.files.intermediate import read_expression

        for name in given:
            if name in PREPARE and name not in OF_SAMPLES:
                raise ConfigError(
                    f"{option_name(PREPARE[name])} does nothing here: {matrix} is a run, whose matrix is prepared;"
                    " leave it out, or give the matrix itself"
                )
        return read_expression(matrix / "expression.h5ad")
    return prepared(matrix, settings, table)
