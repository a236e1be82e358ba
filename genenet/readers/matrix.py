"""Reading an expression matrix of any supported format into AnnData."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from anndata import AnnData

from genenet.config.sections import Prepare
from genenet.errors import InputError, printable
from genenet.paths import PathLike
from genenet.readers import findings
from genenet.readers.attributes import with_attributes
from genenet.readers.bare import BareMatrix, MatrixLike, as_anndata, bare, is_anndata
from genenet.readers.codes import without_numbers
from genenet.readers.delimited import Axes, Table, read_table, without_rows
from genenet.readers.frames import from_frame
from genenet.readers.gene_lists import read_lists
from genenet.readers.gene_tables import with_gene_table, with_labels
from genenet.readers.notation import notation_of
from genenet.readers.opening import FEATHER, HDF5, PARQUET, check_file, first_bytes, refuse_foreign
from genenet.readers.select import select
from genenet.readers.set_aside import SetAside
from genenet.readers.unsuited import MatrixKind, unsuited

AXES = {"genes_by_samples": Axes("gene", "sample"), "samples_by_genes": Axes("sample", "gene")}


def read_matrix(
    path: PathLike,
    settings: Prepare | None = None,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
) -> "AnnData":
    r"""Read an expression matrix from a file into AnnData, with obs = samples and var = genes.

    The format is told by the content of the file:

    - text (TSV, CSV; plain, gzip or bzip2) with a header and a first column of names; the header may lack the corner
      cell, as R writes it. Empty cells, NA and NaN are missing values. The separator is detected.
      `settings.orientation` says whether rows are genes or samples. GEO series matrix files, GCT, and the `.exp` of
      ARACNe are text as well;
    - parquet and feather, with the same columns as text;
    - `.h5ad`, `.h5mu`, `.zarr`, `.loom`, 10x `.h5`; a layer or the raw values on request;
    - MatrixMarket (`.mtx`) with its files of names beside it, or a 10x folder.

    Values are not checked here but by `prepare`, together with the findings about the file that are kept in
    `uns["genenet"]["findings"]`.

    Parameters
    ----------
    path
        The file, or the folder of a zarr store or of 10x Cell Ranger.
    settings
        Orientation, layer, samples, names and columns to set aside; the section `prepare` of the configuration.
    table
        Sample attributes, or a file of them, which are added to `obs`; see `with_attributes`.
    gene_table
        Gene attributes, or a file of them, which are added to `var`; see `with_gene_table`.

    Returns
    -------
    AnnData whose X has the shape (n_samples, n_genes).

    Raises
    ------
    InputError
        If the file cannot be read or is no matrix; for text the message names the line and the column.

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
    return as_anndata(read_bare(path, settings or Prepare(), table, gene_table))


def read_bare(
    path: PathLike,
    settings: Prepare,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
) -> MatrixLike:
    """Read a matrix as `read_matrix` does, without anndata if the file is none of its own."""
    path = Path(path)
    with findings.collected() as found:
        kind, read = _reader(path)
        data = read(path, settings)
        _warn_unsuited(settings, _mudata_or(kind, path) if settings.modality else kind, table, gene_table)
        data.uns["genenet"] = {**data.uns.get("genenet", {}), "source": printable(path.name)}
        data = _with_tables(data, table, gene_table, settings)
        try:
            data = without_numbers(with_labels(select(data, settings)), settings.na_values)
        except InputError as error:
            raise InputError(f"{path}: {error.message}") from None
    return noted(data, found)


def load_with_lists(
    data: "MatrixLike | pd.DataFrame | PathLike",
    settings: Prepare,
    lists: Mapping[str, Any],
    *,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
) -> tuple[MatrixLike, dict[str, Any]]:
    """Read the lists of genes that are files, then the matrix as `load_bare` does, and keep the findings about both.

    Parameters
    ----------
    data, settings, table, gene_table
        As for `load`.
    lists
        Lists of `genenet.readers.gene_lists.LISTS`: names, files of names, or None.

    Returns
    -------
    The matrix, and the lists as names.

    Raises
    ------
    InputError
        If a list, a table or the matrix cannot be read.
    """
    with findings.collected() as found:
        read = read_lists(**lists)
    return noted(load_bare(data, settings, table, gene_table), found), read


def noted(data: MatrixLike, found: list[findings.Finding]) -> MatrixLike:
    """Keep the findings about a file, its tables or lists for `prepare`, which weighs and tells them."""
    if found:
        note = data.uns.get("genenet", {})
        earlier = findings.from_frame(note.get("findings"))
        data.uns["genenet"] = {**note, "findings": findings.to_frame([*earlier, *found])}
    return data


def _with_tables(
    data: MatrixLike,
    table: pd.DataFrame | PathLike | None,
    gene_table: pd.DataFrame | PathLike | None,
    settings: Prepare,
) -> MatrixLike:
    if table is not None:
        data = with_attributes(data, table, settings.na_values)
    if gene_table is None:
        return data
    return with_gene_table(
        data, gene_table, separator=settings.name_separator, part=settings.name_part, na_values=settings.na_values
    )


def load(
    data: "AnnData | pd.DataFrame | PathLike",
    settings: Prepare,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
) -> "AnnData":
    """Load a matrix from a file, a DataFrame or an AnnData, and select the part of it that the settings choose.

    Parameters
    ----------
    data
        A file, AnnData, or a DataFrame, as for `prepare`.
    settings
        Orientation, layer, samples, names and columns to set aside.
    table
        Sample attributes, or a file of them; see `with_attributes`.
    gene_table
        Attributes of genes, or a file of them; see `with_gene_table`.

    Returns
    -------
    AnnData whose X has the shape (n_samples, n_genes); obs = samples, var = genes.

    Raises
    ------
    InputError
        If it is no matrix, or has not what the settings choose.
    """
    return as_anndata(load_bare(data, settings, table, gene_table))


def load_bare(
    data: "MatrixLike | pd.DataFrame | PathLike",
    settings: Prepare,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
) -> MatrixLike:
    """Load a matrix as `load` does, without anndata if it is none of its own."""
    if isinstance(data, str | os.PathLike):
        return read_bare(data, settings, table, gene_table)
    with findings.collected() as found:
        if isinstance(data, pd.DataFrame):
            _warn_unsuited(settings, "frame", table, gene_table)
            data = from_frame(data, settings.orientation, _set_aside(settings), settings.na_values)
        elif not isinstance(data, BareMatrix) and not is_anndata(data):
            raise InputError(
                f"the matrix is a {type(data).__name__}; give a pandas DataFrame or an AnnData (see read_matrix)"
            )
        elif "genenet" not in data.uns:  # what was read before had its kind then
            _warn_unsuited(settings, "other", table, gene_table)
        data = without_numbers(
            with_labels(select(_with_tables(data, table, gene_table, settings), settings)), settings.na_values
        )
    return noted(data, found)


def _warn_unsuited(settings: Prepare, kind: MatrixKind, *tables: pd.DataFrame | PathLike | None) -> None:
    for message in unsuited(settings, kind, with_tables=any(table is not None for table in tables)):
        findings.add("warned", "settings", message)


def _reader(path: Path) -> tuple[MatrixKind, Callable[[Path, Prepare], MatrixLike]]:
    """Tell the kind of a file by its content, and how it is read."""
    check_file(path, or_folder=True)
    if path.is_dir():
        from genenet.readers.market import read_folder
        from genenet.readers.zarr import is_zarr, read_zarr

        return "other", read_zarr if is_zarr(path) else read_folder
    start = first_bytes(path)
    if start.startswith(HDF5):
        from genenet.readers.hdf5 import read_hdf5

        return "hdf5", read_hdf5
    if start.startswith(PARQUET):
        from genenet.readers.columnar import read_parquet

        return "columns", lambda path, settings: _read_columnar(read_parquet, path, settings)
    if start.startswith(FEATHER):
        from genenet.readers.columnar import read_feather

        return "columns", lambda path, settings: _read_columnar(read_feather, path, settings)
    refuse_foreign(path)
    from genenet.readers.market import is_market, read_market

    return ("other", read_market) if is_market(path) else ("text", _read_text)


def _mudata_or(kind: MatrixKind, path: Path) -> MatrixKind:
    if kind == "hdf5":
        from genenet.readers.hdf5 import is_mudata

        return "mudata" if is_mudata(path) else kind
    return kind


def _read_text(path: Path, settings: Prepare) -> BareMatrix:
    aside = _set_aside(settings)
    return _as_matrix(read_table(path, AXES[settings.orientation], aside, notation_of(settings)), settings)


def _read_columnar(
    read: Callable[[Path, Axes, SetAside, Sequence[str]], Table], path: Path, settings: Prepare
) -> BareMatrix:
    aside = _set_aside(settings)
    table = read(path, AXES[settings.orientation], aside, settings.na_values)
    return _as_matrix(without_rows(path, table, settings.annotation_rows), settings)


def _set_aside(settings: Prepare) -> SetAside:
    """Collect what the settings say of the columns and rows of a table."""
    names = settings.name_column if settings.orientation == "genes_by_samples" else settings.sample_column
    return SetAside(settings.annotation_columns, settings.annotation_rows, names, settings.value_columns)


def _as_matrix(table: Table, settings: Prepare) -> BareMatrix:
    note = {"orientation": settings.orientation}
    if settings.orientation == "genes_by_samples":
        return bare(table.numbers.T, table.columns, table.rows, note)
    return bare(table.numbers, table.rows, table.columns, note)
