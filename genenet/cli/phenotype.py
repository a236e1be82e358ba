"""The phenotype of a command: the sample attribute that genes are compared with, and the strata."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from genenet.config.sections import Settings

if TYPE_CHECKING:
    from anndata import AnnData

PhenotypeTable: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Table of sample attributes: names of the samples in the first column, a header. Without it, those in"
        " the matrix file (obs).",
        show_default=False,
    ),
]


def prepared(matrix: Path, settings: Settings, table: Path | None) -> "AnnData":
    """Read and prepare a matrix; its samples can be chosen by the attributes of the table."""
    from genenet.readers import load
    from genenet.steps.prepare import prepare

    # Strata are those of the samples that have the phenotype, and may be in the table.
    rules = settings.prepare.model_copy(update={"strata": ()})
    return prepare(load(matrix, rules, table=table if rules.obs_query else None), rules)


def phenotype_and_strata(phenotype: str, strata: Sequence[str], table: Path | None) -> tuple[Any, Any]:
    """Read the phenotype and the strata from a table; without one, give their names, which are columns of `obs`."""
    if table is None:
        return phenotype, strata or None
    import pandas as pd

    from genenet.phenotype.reading import column_of
    from genenet.readers.attributes import read_attributes

    attributes = read_attributes(table)
    given = column_of(attributes, phenotype, str(table))
    columns = [column_of(attributes, name, str(table)) for name in strata]
    return given, pd.concat(columns, axis=1) if columns else None
