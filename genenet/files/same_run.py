"""Whether the files that a step is given can be of one run: they have the same genes and samples in one order."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from genenet.errors import InputError, quote_some
from genenet.paths import PathLike


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
        f"{file} is of another run than {other}: its {kind} are not the same ({len(ours):,} and {len(theirs):,}, the"
        f" first that differs is {quote_some(first[:1])} and {quote_some(first[1:])}); give the files of one run"
    )


def check_null(file: PathLike, n_null: int, bins: PathLike, n_genes: int) -> None:
    """Refuse a null distribution that is of another number of genes than the bins.

    Raises
    ------
    InputError
        If the numbers differ.
    """
    if n_null != n_genes:
        raise InputError(
            f"{file} is of another run than {bins}: it is of {n_null:,} genes and not of {n_genes:,}; give the files of"
            " one run"
        )
