"""Tables of a result, read back from its folder for the page."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from genenet.errors import InputError


def read_result_table(
    path: Path, columns: set[str], *, kind: str, folder: str, dtype: type[str] | Mapping[str, type[str]] = str
) -> pd.DataFrame:
    """Read a TSV file that genenet has written.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that it has at least.
    kind, folder
        For messages: what the table is, and which folders have it.
    dtype
        Types of columns, as pandas takes them; text by default.

    Raises
    ------
    InputError
        If it is missing, damaged, or another table.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype=dtype, keep_default_na=False)
        if columns <= set(table):
            return table
    except FileNotFoundError:
        raise InputError(f"{path} is missing; only the folder of {folder} has it") from None
    except (OSError, ValueError):
        pass
    raise InputError(f"{path} is not a table {kind}, or is damaged; make it again")
