"""The sample attribute that genes are compared with, and the strata: of a table, or of the matrix itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def phenotype_and_strata(phenotype: str, strata: Sequence[str], table: Path | None) -> tuple[Any, Any]:
    """Find both in the table, or leave it at their names: they are then columns of `obs`."""
    if table is None:
        return phenotype, strata or None
    import pandas as pd

    from genenet.phenotype.reading import column_of
    from genenet.readers.attributes import read_attributes

    attributes = read_attributes(table)
    given = column_of(attributes, phenotype, str(table))
    columns = [column_of(attributes, name, str(table)) for name in strata]
    return given, pd.concat(columns, axis=1) if columns else None
