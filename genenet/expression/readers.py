"""From a file to AnnData, whatever the format."""

import os
import warnings
from pathlib import Path

import anndata
import pandas as pd
from anndata import AnnData

from genenet.config import Orientation, Prepare
from genenet.errors import InputError
from genenet.expression.delimited import Axes, read_table
from genenet.expression.files import HDF5, check_file, refuse_foreign
from genenet.expression.select import select


def read_matrix(path: str | os.PathLike[str], settings: Prepare | None = None) -> AnnData:
    r"""Read an expression matrix, obs = samples and var = genes.

    Text tables (TSV, CSV; plain, gzip or bzip2) have a header with names and a first column of names; the header may
    lack the corner cell, as R writes it. Empty cells, NA and NaN are missing values. The separator is found by looking.
    `.h5ad` files are read with `settings.layer` and `settings.obs_query`.

    Values are not judged here: `prepare` does that.

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
    check_file(path)
    with path.open("rb") as stream:
        start = stream.read(len(HDF5))
    data = _read_h5ad(path, settings) if start == HDF5 else _read_text(path, settings.orientation)
    data.uns["genenet"] = {**data.uns.get("genenet", {}), "source": path.name}
    return data


def _read_text(path: Path, orientation: Orientation) -> AnnData:
    refuse_foreign(path)
    by_gene = orientation == "genes_by_samples"
    table = read_table(path, Axes("gene", "sample") if by_gene else Axes("sample", "gene"))
    values, genes, samples = table.numbers, table.rows, table.columns
    if not by_gene:
        values, genes, samples = values.T, samples, genes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that occur twice: `prepare` has words for them
        data = AnnData(values, obs=pd.DataFrame(index=samples), var=pd.DataFrame(index=genes))
    data.uns["genenet"] = {"orientation": orientation}
    return data


def _read_h5ad(path: Path, settings: Prepare) -> AnnData:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions of the format are read all the same
            data = anndata.read_h5ad(path)
    except Exception as error:
        # anndata raises whatever its parts raise on a file that is HDF5 but not AnnData.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: cannot be read as AnnData ({reason}); write it with anndata's write_h5ad") from None
    try:
        return select(data, settings)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
