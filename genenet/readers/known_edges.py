"""Known edges: a table whose first two columns are the genes of an edge."""

import os
from typing import TYPE_CHECKING

from genenet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def given_known_edges(given: "pd.DataFrame | str | os.PathLike[str] | None") -> "pd.DataFrame | None":
    """Return known edges given as a table as they are, read them from a file, or return None for None."""
    return read_known_edges(given) if isinstance(given, str | os.PathLike) else given


def read_known_edges(path: str | os.PathLike[str]) -> "pd.DataFrame":
    """Read known edges from a tab-separated table with a header; its first two columns are regulator and target.

    Raises
    ------
    InputError
        If the file cannot be read, or has fewer than two columns.
    """
    import pandas as pd

    try:
        known = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the known edges in {path}: {error}") from None
    if known.shape[1] < 2:
        raise InputError(
            f"{path} must have two columns, regulator and target, separated by a tab; it has {known.shape[1]}"
        )
    return known
