"""Settings that are for another kind of matrix than the one that is read, and so have no effect."""

from typing import Literal

from genenet.config.keys import KEYS, text_of
from genenet.config.sections import Prepare

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


def unsuited(settings: Prepare, kind: MatrixKind) -> list[str]:
    """Name the settings that were given but have no effect on a matrix of this kind.

    Examples
    --------
    >>> unsuited(Prepare(decimal="comma"), "other")
    ['prepare.decimal (comma) does nothing here: it is for text tables']
    >>> unsuited(Prepare(decimal="comma"), "text")
    []
    """
    return [
        f"prepare.{name} ({text_of(getattr(settings, name))}) does nothing here: it is for {of}"
        for name, (kinds, of) in SUITED.items()
        if kind not in kinds and getattr(settings, name) != KEYS[f"prepare.{name}"].default
    ]
