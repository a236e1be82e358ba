"""Whether the files that a step is given are of one run: of the same genes, samples and values.

Files carry the fingerprint of the matrix (`genenet.products.fingerprint`), or of the bins, that they were made from.
Those of earlier versions do not; of them the names or numbers of genes and samples are compared.
"""

from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from genenet.errors import InputError, quote_some
from genenet.paths import PathLike
from genenet.products.fingerprint import fingerprint

if TYPE_CHECKING:
    from genenet.products.bins import Bins
    from genenet.products.blocks import PairBlock
    from genenet.products.expression import Expression
    from genenet.products.stability import Stability
    from genenet.statistics.null import Null

ADVICE = "give the files of one run"


def check_same(kind: str, file: PathLike, names: Iterable[Any], other: PathLike, others: Iterable[Any]) -> None:
    """Refuse files whose genes or samples are not the same.

    Parameters
    ----------
    kind
        `genes` or `samples`.
    file, names
        A file and the names in it.
    other, others
        Another file and the names in that.

    Raises
    ------
    InputError
        If they differ; the message says how many there are, and the first that differs.

    Examples
    --------
    >>> check_same("genes", "p.parquet", ["A", "B"], "e.h5ad", ["A", "C"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    genenet.errors.InputError: p.parquet is of another run than e.h5ad: its genes are not the same (2 and 2, ...
    """
    ours, theirs = [*map(str, names)], [*map(str, others)]
    if ours == theirs:
        return
    first = next(pair for pair in zip_longest(ours, theirs, fillvalue="none") if pair[0] != pair[1])
    raise InputError(
        f"{_another_run(file, other)} its {kind} are not the same ({len(ours):,} and {len(theirs):,}, the first that"
        f" differs is {quote_some(first[:1])} and {quote_some(first[1:])}); {ADVICE}"
    )


def check_edges(edges: PathLike, expression: PathLike, matrix: "Expression", *, step: str = "prune") -> None:
    """Refuse edges that were not computed from this matrix.

    Parameters
    ----------
    edges
        pruned.parquet, or edges.parquet.
    expression, matrix
        expression.h5ad, and its content.
    step
        The step that made the edges: prune, or significance.

    Raises
    ------
    InputError
        If genes differ, or anything that the fingerprint of the matrix is of.
    """
    from genenet.files.edges import read_origin

    genes, found = read_origin(edges, step=step)
    check_same("genes", edges, genes, expression, matrix.var_names)
    _check_matrix(edges, found, expression, matrix, "genes with other samples, values")


def check_bins(bins: PathLike, data: "Bins", expression: PathLike, matrix: "Expression") -> None:
    """Refuse bins that were not made from this matrix.

    Raises
    ------
    InputError
        If genes or samples differ, or anything that the fingerprint of the matrix is of.
    """
    check_same("genes", bins, data.genes, expression, matrix.var_names)
    check_same("samples", bins, data.samples, expression, matrix.obs_names)
    _check_matrix(bins, data.matrix, expression, matrix, "genes and samples with other values")


def check_stability(file: PathLike, stability: "Stability", expression: PathLike, matrix: "Expression") -> None:
    """Refuse counts of halves that were not made from this matrix.

    Raises
    ------
    InputError
        If the numbers of genes differ, or anything that the fingerprint of the matrix is of.
    """
    _check_number(file, stability.n_genes, expression, matrix.n_vars)
    _check_matrix(file, stability.matrix, expression, matrix, "genes with other samples, values")


def check_null(file: PathLike, null: "Null", bins: PathLike, data: "Bins") -> None:
    """Refuse a null distribution that was not drawn from these bins.

    Raises
    ------
    InputError
        If the numbers of genes differ, or the fingerprints of the bins.
    """
    _check_bins_of(file, len(null.factors), null.bins, bins, data)


def check_block(file: PathLike, block: "PairBlock", bins: PathLike, data: "Bins") -> None:
    """Refuse a block of pairs that was not computed from these bins.

    Raises
    ------
    InputError
        If the numbers of genes differ, or the fingerprints of the bins.
    """
    _check_bins_of(file, len(block.sums), block.bins, bins, data)


def _check_number(file: PathLike, n_found: int, other: PathLike, n_genes: int) -> None:
    if n_found != n_genes:
        raise InputError(f"{_another_run(file, other)} it is of {n_found:,} genes and not of {n_genes:,}; {ADVICE}")


def _check_matrix(file: PathLike, found: str, expression: PathLike, matrix: "Expression", what: str) -> None:
    """Compare fingerprints of a matrix; files of earlier versions have none."""
    if found and found != fingerprint(matrix):
        same = f"it was made from a matrix of the same {what}, regulators or targets"
        raise InputError(f"{_another_run(file, expression)} {same}; {ADVICE}")


def _check_bins_of(file: PathLike, n_genes: int, found: str, bins: PathLike, data: "Bins") -> None:
    """Compare the number of genes and the fingerprint of bins; files of earlier versions have no fingerprint."""
    _check_number(file, n_genes, bins, data.n_genes)
    if found and data.fingerprint and found != data.fingerprint:
        raise InputError(f"{_another_run(file, bins)} it was made from other bins of as many genes; {ADVICE}")


def _another_run(file: PathLike, other: PathLike) -> str:
    return f"{file} is of another run than {other}:"
