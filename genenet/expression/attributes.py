"""Tables of what is known about the samples."""

import os
from pathlib import Path

import pandas as pd

from genenet.errors import InputError, quote_some
from genenet.expression.files import check_file, open_text, readable, refuse_foreign

SEPARATORS = "\t;,"


def read_attributes(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read a table with a row for each sample, its name in the first column, and a header.

    Tab, comma or semicolon separated, plain or compressed by gzip or bzip2. Empty cells and NA are missing.

    Raises
    ------
    InputError
        If the file cannot be read, has no columns beside the names, or a sample has two rows.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "samples.tsv"
    >>> _ = path.write_text("sample\tage\tsex\ns1\t31\tf\ns2\t\tm\n")
    >>> table = read_attributes(path)
    >>> table.loc["s1", "sex"], int(table["age"].isna().sum())
    ('f', 1)
    """
    path = Path(path)
    check_file(path)
    refuse_foreign(path)
    with readable(path), open_text(path) as stream:
        header = stream.readline()
        separator = max(SEPARATORS, key=header.count)
        stream.seek(0)
        try:
            table = pd.read_csv(stream, sep=separator, index_col=0, dtype={0: str}, skipinitialspace=True)
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{path}: is no table ({reason}); give a header and a row for each sample") from None
    if table.empty:
        raise InputError(
            f"{path}: has no column beside the names of the samples, or no row; the header is {header.strip()!r}"
        )
    table.index = table.index.map(str)
    twice = table.index[table.index.duplicated()].unique()
    if len(twice):
        raise InputError(f"{path}: has two rows for {len(twice):,} samples ({quote_some(list(twice))}); give one")
    return table
