"""Known edges and gene sets against the genes of the matrix: without any gene in common they would show nothing."""

from collections.abc import Mapping, Sequence

import pandas as pd

from genenet.errors import InputError, count, quote_some
from genenet.expression.list_matching import none_found


def check_known_edges(known: pd.DataFrame, var: pd.DataFrame) -> None:
    """Refuse known edges none of which is between two genes of the matrix.

    Parameters
    ----------
    known
        Known edges: the first two columns are names of genes.
    var
        Genes of the matrix, with their attributes.

    Raises
    ------
    InputError
        If no known edge is between two genes of the matrix.

    Examples
    --------
    >>> genes = pd.DataFrame(index=["A", "B"])
    >>> check_known_edges(pd.DataFrame({"regulator": ["A"], "target": ["C"]}), genes)
    Traceback (most recent call last):
    genenet.errors.InputError: none of the 1 known edge is between two genes of the matrix (C is not among them)
    """
    ends = [known.iloc[:, column].astype(str) for column in (0, 1)]
    if (ends[0].isin(var.index) & ends[1].isin(var.index)).any():
        return
    names = list(dict.fromkeys(known.iloc[:, :2].astype(str).to_numpy().ravel()))
    missing = [name for name in names if name not in var.index]
    if len(missing) == len(names):
        raise none_found(f"{count(len(names), 'gene')} of known edges", missing, var)
    verb = "is" if len(missing) == 1 else "are"
    raise InputError(
        f"none of the {count(len(known), 'known edge')} is between two genes of the matrix"
        f" ({quote_some(missing, 3)} {verb} not among them)"
    )


def check_gene_sets(gene_sets: Mapping[str, Sequence[str]], var: pd.DataFrame) -> None:
    """Refuse gene sets that have no gene of the matrix, by its name or by an attribute such as its symbol.

    Parameters
    ----------
    gene_sets
        Genes of each set.
    var
        Genes of the matrix, with their attributes.

    Raises
    ------
    InputError
        If no set has a gene of the matrix.

    Examples
    --------
    >>> genes = pd.DataFrame({"symbol": ["ACTB"]}, index=["ENSG00000075624"])
    >>> check_gene_sets({"cytoskeleton": ["ACTB", "TUBB"]}, genes)
    """
    members = {str(gene) for genes in gene_sets.values() for gene in genes}
    names = [var.index, *(var[column].dropna() for column in var.columns)]
    if members and not any(members & set(map(str, column)) for column in names):
        raise none_found(f"{count(len(members), 'gene')} of gene sets", sorted(members), var)


def check_references(
    var: pd.DataFrame, *, known: pd.DataFrame | None = None, gene_sets: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Check the known edges and the gene sets that were given (see `check_known_edges` and `check_gene_sets`)."""
    if known is not None:
        check_known_edges(known, var)
    if gene_sets:
        check_gene_sets(gene_sets, var)
