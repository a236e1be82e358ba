"""Findings about samples that have the same values under several names."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, is_sparse

# Samples with fewer different values than this (other than 0) may be equal by chance.
MIN_DISTINCT = 8
SHOWN = 3


def duplicate_samples(values: Matrix, hashes: NDArray[np.uint64], samples: Sequence[str]) -> list[Finding]:
    """Find samples whose values are all the same, gene by gene.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    hashes
        Hash of each sample's values (`Profile.hashes`), shape (n_samples,).
    samples
        Names of the samples.

    Examples
    --------
    >>> values = np.arange(30.0).reshape(3, 10)[[0, 1, 0]]
    >>> print(duplicate_samples(values, values[:, 0].astype(np.uint64), ["a", "b", "a.1"])[0])
    warned (duplicate_samples): 1 of 3 samples has the values of another, gene by gene (a.1 = a): copies count as \
evidence of their own and make p-values too small; keep one of each
    """
    order = np.argsort(hashes, kind="stable")
    same = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    copies: list[tuple[int, int]] = []
    for place in same.tolist():
        first, second = sorted((int(order[place]), int(order[place + 1])))
        if _are_equal(values, first, second):
            copies.append((second, first))
    if not copies:
        return []
    copies.sort()
    pairs = [f"{samples[copy]} = {samples[of]}" for copy, of in copies]
    n, has = len(copies), "has" if len(copies) == 1 else "have"
    return [
        Finding(
            "warned",
            "duplicate_samples",
            f"{n:,} of {count(len(samples), 'sample')} {has} the values of another, gene by gene "
            f"({quote_some(pairs, SHOWN)}): copies count as evidence of their own and make p-values too small; "
            "keep one of each",
        )
    ]


def _are_equal(values: Matrix, first: int, second: int) -> bool:
    one, other = _row(values, first), _row(values, second)
    if not np.array_equal(one, other, equal_nan=True):
        return False
    return len(np.unique(one[np.isfinite(one) & (one != 0)])) >= MIN_DISTINCT


def _row(values: Matrix, number: int) -> NDArray[np.float64]:
    row = values[[number]]
    return np.asarray(row.toarray() if is_sparse(row) else row).ravel()
