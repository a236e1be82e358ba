"""Findings about samples that have the same values under several names."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense

# Samples with fewer different values than this (other than 0) may be equal by chance.
MIN_DISTINCT = 8
SHOWN = 3
# Samples are compared with each other if there are at most this many, by at most so many genes, and at least so many.
MOST_SAMPLES, MOST_GENES, FEWEST_GENES = 2_000, 1_000, 50
# 1 - r of two samples that are copies: technical replicates are a hundred times further apart.
MOST_APART = 1e-7
# Smallest Spearman correlation of copies, which rounding lowers a little.
SAME_ORDER = 0.999


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


def nearly_equal_samples(values: Matrix, hashes: NDArray[np.uint64], samples: Sequence[str]) -> list[Finding]:
    """Find samples that are copies of others but for their scale or the rounding of their values.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    hashes
        Hash of each sample's values, by which equal ones are left out: `duplicate_samples` finds them.
    samples
        Names of the samples.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(4, 200))
    >>> values[3] = 2.0 * values[0].round(4)
    >>> print(nearly_equal_samples(values, np.arange(4, dtype=np.uint64), ["a", "b", "c", "a.2"])[0])
    warned (duplicate_samples): 1 of 4 samples has the values of another but for scale or rounding (a.2 = a): copies \
count as evidence of their own and make p-values too small; keep one of each
    """
    some = some_genes(values)
    if some is None:
        return []
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        scaled = some - some.mean(axis=1, keepdims=True)
        scaled /= np.sqrt((scaled * scaled).sum(axis=1, keepdims=True))
    scaled = np.nan_to_num(scaled, nan=0.0, posinf=0.0, neginf=0.0)
    near = np.nonzero(np.tril(scaled @ scaled.T > 1.0 - MOST_APART, -1))
    firsts: dict[int, int] = {}
    for copy, of in zip(*(part.tolist() for part in near), strict=True):
        apart = scaled[copy] - scaled[of]  # 1 - r itself is not exact enough
        if hashes[copy] != hashes[of] and apart @ apart < 2 * MOST_APART and _are_copies(some[copy], some[of]):
            firsts.setdefault(copy, of)
    if not firsts:
        return []
    pairs = [f"{samples[copy]} = {samples[of]}" for copy, of in sorted(firsts.items())]
    n, has = len(pairs), "has" if len(pairs) == 1 else "have"
    return [
        Finding(
            "warned",
            "duplicate_samples",
            f"{n:,} of {count(len(samples), 'sample')} {has} the values of another but for scale or rounding "
            f"({quote_some(pairs, SHOWN)}): copies count as evidence of their own and make p-values too small; "
            "keep one of each",
        )
    ]


def some_genes(values: Matrix) -> NDArray[np.float64] | None:
    """Complete genes by which samples are compared, shape (n_samples, n_chosen); None if there are too few or many."""
    n_samples, n_genes = values.shape
    if not 3 <= n_samples <= MOST_SAMPLES or n_genes < FEWEST_GENES:
        return None
    chosen = values[:, :: -(-n_genes // MOST_GENES)]
    complete = np.asarray(dense(chosen), np.float64)
    complete = complete[:, np.isfinite(complete).all(axis=0)]
    return complete if complete.shape[1] >= FEWEST_GENES else None


def _are_copies(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Tell whether two correlated samples rank their genes alike: one large value makes any two samples correlate."""
    if len(np.unique(one[one != 0])) < MIN_DISTINCT:
        return False
    first, second = (np.argsort(np.argsort(sample, kind="stable"), kind="stable") for sample in (one, other))
    return bool(np.corrcoef(first, second)[0, 1] > SAME_ORDER)


def _are_equal(values: Matrix, first: int, second: int) -> bool:
    one, other = _row(values, first), _row(values, second)
    if not np.array_equal(one, other, equal_nan=True):
        return False
    return len(np.unique(one[np.isfinite(one) & (one != 0)])) >= MIN_DISTINCT


def _row(values: Matrix, number: int) -> NDArray[np.float64]:
    row = values[[number]]
    return dense(row).ravel()
