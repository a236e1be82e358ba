"""Tables of sample attributes (age, batch, tissue, ...): reading them, and joining them to `obs`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some, shorten
from genenet.readers import findings, near_names
from genenet.readers.bare import MatrixLike, with_tables
from genenet.readers.near_names import OF_SAMPLES, Spelling
from genenet.readers.opening import check_file, open_text, readable, refuse_foreign
from genenet.readers.orientation import refuse_turned

SEPARATORS = "\t;,"


def read_attributes(path: str | os.PathLike[str], na_values: Sequence[str] = ()) -> pd.DataFrame:
    r"""Read a table of sample attributes: a header, and a row for each sample with its name in the first column.

    The columns are separated by tab, comma or semicolon; the file is plain or compressed by gzip or bzip2. Empty cells
    and NA are missing values, and so are the cells with one of `na_values`.

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
    return _checked(_read(path, na_values), str(path))


def _read(path: Path, na_values: Sequence[str]) -> pd.DataFrame:
    """Read a table whose rows may have the same name twice."""
    check_file(path)
    refuse_foreign(path)
    with readable(path), open_text(path) as stream:
        header = stream.readline()
        separator = max(SEPARATORS, key=header.count)
        stream.seek(0)
        try:
            table = pd.read_csv(
                stream, sep=separator, index_col=0, dtype={0: str}, skipinitialspace=True, na_values=list(na_values)
            )
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{path}: is no table ({reason}); give a header and a row for each sample") from None
    if table.empty:
        raise InputError(
            f"{path}: has no column beside the names of the samples, or no row; the header is {shorten(header.strip())}"
        )
    return table


def _stripped(table: pd.DataFrame) -> pd.DataFrame:
    """Remove blanks around the names, as they are removed from the names of a matrix."""
    return table.set_axis(pd.Index([str(name).strip() for name in table.index], dtype=object), axis=0)


def _checked(table: pd.DataFrame, where: str) -> pd.DataFrame:
    table = _stripped(table)
    twice = table.index[table.index.duplicated()].unique()
    if len(twice):
        raise InputError(
            f"{where}: has two rows for {count(len(twice), 'sample')} ({quote_some(list(twice))}); give one"
        )
    return table


def how_to_match(
    wanted: pd.Index, table: pd.DataFrame, names_are: str, spellings: Sequence[Spelling], kind: str
) -> str:
    """Advise how a table none of whose rows has a wanted name (of a gene or a sample) could be made to match."""
    names = set(map(str, wanted))
    for column in table:
        n = int(table[column].astype(str).str.strip().isin(names).sum())
        if n:
            return f"its column {column} has {n:,} of them, and must be {names_are}"
    across = sum(str(column).strip() in names for column in table)
    if across:
        return f"{across:,} of them are names of its columns: transpose it, so that it has a row for each {kind}"
    found = near_names.alike(list(map(str, table.index)), names, spellings)
    return found or f"{names_are} must have the names of the {kind}s"


def check_rows(where: str, wanted: pd.Index, known: NDArray[np.bool_], table: pd.DataFrame, kind: str) -> None:
    """Warn of genes or samples for which a table has no row, with rows of similar names."""
    if known.all():
        return
    missing = list(map(str, wanted[~known]))
    others = sorted(set(map(str, table.index)) - set(map(str, wanted)))
    near = near_names.closest_of(missing, others)
    findings.add(
        "warned",
        "tables",
        f"{where} has no row for {len(missing):,} of {count(len(wanted), kind)} ({quote_some(missing)}"
        f"{f'; {near}' if near else ''})",
    )


def with_attributes(
    data: MatrixLike, table: pd.DataFrame | str | os.PathLike[str], na_values: Sequence[str] = ()
) -> MatrixLike:
    """Add the columns of a table of sample attributes, or of a file of it, to `obs`.

    A column of the table replaces a column of the same name in `obs`. Samples that the table does not have get missing
    values, with a warning; rows for other samples are ignored. Cells of a file with one of `na_values` are missing.

    Raises
    ------
    InputError
        If the table has none of the samples.

    Examples
    --------
    >>> from anndata import AnnData
    >>> data = AnnData(obs=pd.DataFrame(index=["s1", "s2"]), var=pd.DataFrame(index=["ACTB"]))
    >>> with_attributes(data, pd.DataFrame({"tissue": ["liver", "heart"]}, index=["s2", "s1"])).obs
       tissue
    s1  heart
    s2  liver
    """
    if isinstance(table, pd.DataFrame):
        where, names_are = "the table of sample attributes", "the index"
        table = _stripped(table)
    else:
        where, names_are, table = str(table), "the first column", _stripped(_read(Path(table), na_values))
    samples = data.obs_names
    known = samples.isin(table.index)
    if not known.any():
        refuse_turned(data, table.index, where, of="gene")
        advice = how_to_match(samples, table, names_are, OF_SAMPLES, "sample")
        raise InputError(
            f"{where} has none of the {count(len(samples), 'sample')} ({quote_some(list(samples), 3)}); its rows are"
            f" named {quote_some(list(table.index.unique()), 3)}: {advice}"
        )
    table = _checked(table, where)
    check_rows(where, samples, known, table, "sample")
    columns = {str(name): _one_kind(table[name]) for name in table.columns}
    obs = data.obs.drop(columns=list(columns), errors="ignore").join(pd.DataFrame(columns, index=table.index))
    return with_tables(data, obs=obs)


def _one_kind(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Convert a column of mixed types to text, since a column of an .h5ad file holds one type."""
    if column.dtype != object:
        return column
    texts = column.map(str).where(column.notna())
    return texts.astype("category") if texts.isna().any() else texts
