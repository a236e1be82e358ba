"""Settings that are for another kind of matrix than the one that is read, and so have no effect."""

from typing import Literal

from genenet.config.keys import KEYS, text_of
from genenet.config.sections import Prepare
from genenet.readers.notation import Notation

MatrixKind = Literal["text", "columns", "frame", "mudata", "hdf5", "other"]
"""A text table; parquet or feather; a DataFrame; .h5mu; other HDF5; others, which also define their axes themselves."""

TABLES: tuple[MatrixKind, ...] = ("text", "columns", "frame")
OF_TABLES = (TABLES, "text, parquet and feather tables")
OF_TEXT: tuple[tuple[MatrixKind, ...], str] = (("text",), "text tables")
SUITED: dict[str, tuple[tuple[MatrixKind, ...], str]] = {
    "orientation": OF_TABLES,
    "value_columns": OF_TABLES,
    "annotation_columns": OF_TABLES,
    "annotation_rows": OF_TABLES,
    "decimal": OF_TEXT,
    "thousands": OF_TEXT,
    "modality": (("mudata",), ".h5mu files"),
}
"""The kinds of matrix that a setting of `prepare` is for, and their name in a message."""


def unsuited(settings: Prepare, kind: MatrixKind, *, with_tables: bool = False) -> list[str]:
    """Name the settings that were given but have no effect on a matrix of this kind.

    Parameters
    ----------
    settings
        Settings of `prepare`.
    kind
        Kind of the matrix.
    with_tables
        Whether tables of attributes are given, to which `na_values` applies too.

    Examples
    --------
    >>> unsuited(Prepare(decimal="comma"), "other")
    ['prepare.decimal (comma) does nothing here: it is for text tables']
    >>> unsuited(Prepare(decimal="comma"), "text")
    []
    >>> unsuited(Prepare(na_values=["NA", "-9"]), "hdf5")
    ['prepare.na_values (NA) does nothing here: all values are numbers, and missing ones NaN']
    """
    found = [
        f"prepare.{name} ({text_of(getattr(settings, name))}) does nothing here: it is for {of}"
        for name, (kinds, of) in SUITED.items()
        if kind not in kinds and getattr(settings, name) != KEYS[f"prepare.{name}"].default
    ]
    texts = Notation(na_values=settings.na_values).texts
    if texts and kind not in TABLES and not with_tables:
        what = f"prepare.na_values ({text_of(texts)}) does nothing here: all values are numbers, and missing ones NaN"
        found.append(what)
    return found
