"""From a file to AnnData, whatever the format."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from anndata import AnnData

from genenet.config.sections import Prepare
from genenet.errors import InputError
from genenet.readers.attributes import with_attributes
from genenet.readers.columnar import read_feather, read_parquet
from genenet.readers.delimited import Axes, Table, read_table
from genenet.readers.frames import from_frame
from genenet.readers.hdf5 import read_hdf5
from genenet.readers.market import is_market, read_folder, read_market
from genenet.readers.opening import FEATHER, HDF5, PARQUET, check_file, first_bytes, refuse_foreign
from genenet.readers.select import bare, select
from genenet.readers.zarr import is_zarr, read_zarr

PathLike = str | os.PathLike[str]

AXES = {"genes_by_samples": Axes("gene", "sample"), "samples_by_genes": Axes("sample", "gene")}


def read_matrix(
    path: PathLike, settings: Prepare | None = None, table: pd.DataFrame | PathLike | None = None
) -> AnnData:
    r"""Read an expression matrix, obs = samples and var = genes.

    The format is told by the content of the file:

    - text (TSV, CSV; plain, gzip or bzip2) with a header and a first column of names; the header may lack the corner
      cell, as R writes it. Empty cells, NA and NaN are missing values. The separator is found by looking.
      `settings.orientation` says what the rows are. Also GEO series matrix files, GCT, and the `.exp` of ARACNe;
    - parquet and feather, as text;
    - `.h5ad`, `.zarr`, `.loom`, 10x `.h5`; a layer or the raw values on request;
    - MatrixMarket (`.mtx`) with its files of names beside it, or a 10x folder.

    A table of sample attributes (or its file) is added to `obs`. Values are not judged here: `prepare` does that.

    Raises
    ------
    InputError
        If the file is no matrix: the message names the line and the column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "m.tsv"
    >>> _ = path.write_text("gene\ts1\ts2\nACTB\t1\t2\nSEPT1\t0.5\tNA\n")
    >>> read_matrix(path).to_df()
        ACTB  SEPT1
    s1   1.0    0.5
    s2   2.0    NaN
    """
    settings = settings or Prepare()
    path = Path(path)
    data = _reader(path)(path, settings)
    if table is not None:
        data = with_attributes(data, table)
    try:
        data = select(data, settings)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    data.uns["genenet"]["source"] = path.name
    return data


def load(
    data: AnnData | pd.DataFrame | PathLike, settings: Prepare, table: pd.DataFrame | PathLike | None = None
) -> AnnData:
    """Bring a matrix of any kind into the form that `prepare` starts from: what the settings choose of it.

    Parameters
    ----------
    data
        A file, AnnData, or a DataFrame, as for `prepare`.
    settings
        What to take.
    table
        Sample attributes, or a file of them; see `with_attributes`.
    """
    if isinstance(data, str | os.PathLike):
        return read_matrix(data, settings, table)
    if isinstance(data, pd.DataFrame):
        data = from_frame(data, settings.orientation)
    elif not isinstance(data, AnnData):
        raise InputError(
            f"the matrix is a {type(data).__name__}; give a pandas DataFrame or an AnnData (see read_matrix)"
        )
    return select(data if table is None else with_attributes(data, table), settings)


def _reader(path: Path) -> Callable[[Path, Prepare], AnnData]:
    check_file(path, or_folder=True)
    if path.is_dir():
        return read_zarr if is_zarr(path) else read_folder
    start = first_bytes(path)
    if start.startswith(HDF5):
        return read_hdf5
    if start.startswith(PARQUET):
        return lambda path, settings: _as_anndata(read_parquet(path, settings.annotation_columns), settings)
    if start.startswith(FEATHER):
        return lambda path, settings: _as_anndata(read_feather(path, settings.annotation_columns), settings)
    refuse_foreign(path)
    return read_market if is_market(path) else _read_text


def _read_text(path: Path, settings: Prepare) -> AnnData:
    return _as_anndata(read_table(path, AXES[settings.orientation], settings.annotation_columns), settings)


def _as_anndata(table: Table, settings: Prepare) -> AnnData:
    note = {"orientation": settings.orientation}
    if settings.orientation == "genes_by_samples":
        return bare(table.numbers.T, table.columns, table.rows, note)
    return bare(table.numbers, table.rows, table.columns, note)
