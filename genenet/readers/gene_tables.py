"""Tables of gene attributes (symbols, descriptions, chromosomes), and joining them to `var`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some
from genenet.readers import findings, known_names
from genenet.readers.attributes import check_rows, how_to_match, read_attributes
from genenet.readers.bare import BareMatrix, MatrixLike, with_tables
from genenet.readers.near_names import OF_GENES, without_version
from genenet.readers.orientation import refuse_turned
from genenet.readers.select import part_of_name

SYMBOLS = known_names.set_of(
    """
    symbol, gene_symbol, gene symbol, gene_name, gene name, hgnc_symbol, hgnc symbol, genesymbol, gene.symbol,
    external_gene_name, hugo_symbol, approved symbol, gene_symbols, name, label, gene names, gene_names, pg.genes,
    feature_name, gene_short_name, gene.name, gene assignment
    """
)
"""Columns that hold gene symbols; upper and lower case are the same."""

GENERAL = {"name", "label"}
"""Of these, columns that hold symbols in a table of genes, and may hold anything in a matrix."""


def with_gene_table(
    data: MatrixLike,
    table: pd.DataFrame | str | os.PathLike[str],
    *,
    separator: str | None = None,
    part: int = 1,
    na_values: Sequence[str] = (),
) -> MatrixLike:
    """Add the columns of a table of genes, or of a file of it, to `var`; gene symbols become the column `gene_label`.

    The first column of the table (in Python: the index) names the genes as the matrix does, without the version of
    their Ensembl ids (ENSG....12), or, if names are split at `separator`, by this `part` of them (counted from 1); of
    these ways the one that finds most genes is taken. The first of the other columns that is called symbol, gene_name
    or the like gives `gene_label`, where genes without a symbol have their own name. Names of genes do not change.
    Cells of a file with one of `na_values` are missing.

    Raises
    ------
    InputError
        If the table has none of the genes.

    Examples
    --------
    >>> from anndata import AnnData
    >>> data = AnnData(obs=pd.DataFrame(index=["s1"]), var=pd.DataFrame(index=["ENSG1.4", "ENSG2"]))
    >>> with_gene_table(data, pd.DataFrame({"symbol": ["TP53"]}, index=["ENSG1"])).var["gene_label"].to_dict()
    {'ENSG1.4': 'TP53', 'ENSG2': 'ENSG2'}
    """
    if isinstance(table, pd.DataFrame):
        where, names_are = "the table of genes", "the index"
    else:
        where, names_are = str(table), "the first column"
        table = read_attributes(Path(table), na_values)
    genes = pd.Index(data.var_names).map(str)
    keys = _keys(genes, table.index, separator, part)
    known = keys.isin(table.index)
    if not known.any():
        refuse_turned(data, table.index, where, of="sample")
        raise InputError(
            f"{where} has none of the {count(len(genes), 'gene')} ({quote_some(list(genes), 3)}); its rows are named "
            f"{quote_some(list(table.index), 3)}: {how_to_match(genes, table, names_are, OF_GENES, 'gene')}"
        )
    check_rows(where, genes, known, table, "gene")
    added = {str(name): _filled(table[name].reindex(keys)) for name in table.columns}
    symbols = next((name for name in added if name.casefold() in SYMBOLS), None)
    if symbols is not None:
        texts = [str(text).strip() for text in added[symbols]]
        added[known_names.GENE_LABEL] = np.array(
            [text or name for text, name in zip(texts, genes, strict=True)], dtype=object
        )
    return with_tables(data, var=data.var.assign(**added))


def with_labels(data: MatrixLike) -> MatrixLike:
    """Make labels of the genes of a column of `var` that holds their symbols, if the names of the genes are others.

    Names of genes do not change. A column `gene_label` that is there already stays as it is.

    Examples
    --------
    >>> from anndata import AnnData
    >>> var = pd.DataFrame({"gene_name": ["TP53", "MYC", None]}, index=["ENSG1", "ENSG2", "ENSG3"])
    >>> with_labels(AnnData(obs=pd.DataFrame(index=["s1"]), var=var)).var["gene_label"].to_dict()
    {'ENSG1': 'TP53', 'ENSG2': 'MYC', 'ENSG3': 'ENSG3'}
    """
    column = next((name for name in data.var.columns if str(name).casefold() in SYMBOLS - GENERAL), None)
    if column is None or known_names.GENE_LABEL in data.var:
        return data
    names = np.array(list(map(str, data.var_names)), dtype=object)
    texts = np.array(["" if pd.isna(text) else str(text).strip() for text in data.var[column]], dtype=object)
    n = int(np.count_nonzero((texts != "") & (texts != names)))
    if n <= len(names) / 2 or len(set(texts)) <= len(names) / 2:
        return data
    findings.add(
        "noted",
        "tables",
        f"genes are shown by the column {column} ({count(n, 'gene')} of {len(names):,} {'has' if n == 1 else 'have'}"
        f" another name there, such as {texts[texts != names][0]}); lists name them as before",
    )
    labels = np.where(texts == "", names, texts)
    return BareMatrix(data.X, data.obs, data.var.assign(gene_label=labels), dict(data.uns))


def _filled(column: "pd.Series[Any]") -> NDArray[Any]:
    """Values of a column; missing text becomes an empty string, since a column of an .h5ad file holds one type."""
    if column.dtype != object and not isinstance(column.dtype, pd.StringDtype):
        return column.to_numpy()
    return np.array(["" if pd.isna(text) else str(text) for text in column], dtype=object)


def _keys(genes: pd.Index, index: pd.Index, separator: str | None, part: int) -> pd.Index:
    """Names of the genes as the table has them: as they are, without the version of an Ensembl id, or one part."""
    ways = [genes, genes.map(without_version)]
    if separator:
        ways.append(pd.Index([part_of_name(name, separator, part) for name in genes], dtype=object))
    return max(ways, key=lambda names: int(names.isin(index).sum()))
