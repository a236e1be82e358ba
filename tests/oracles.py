"""Slow, obvious re-implementations that the fast ones are held against. Nothing here is clever or imports genenet."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from scipy.interpolate import BSpline


def bspline_basis(positions: np.ndarray, n_bins: int, order: int) -> np.ndarray:
    """All B-splines of the clamped uniform knot vector on [0, 1], shape (n_bins, n_positions)."""
    inner = np.linspace(0, 1, n_bins - order + 2)
    knots = np.concatenate([np.zeros(order - 1), inner, np.ones(order - 1)])
    return BSpline.design_matrix(np.asarray(positions, float), knots, order - 1).toarray().T


def equal_frequency_bin(rank: Fraction, n_samples: int, n_bins: int) -> int:
    """Bin of a mid-rank (1 .. n_samples) in exact arithmetic."""
    return math.floor((rank - Fraction(1, 2)) * n_bins / n_samples)


def joint_counts(x: np.ndarray, y: np.ndarray) -> list[list[int]]:
    """Sum over samples of products of weights. x, y: (n_bins, n_samples)."""
    return [[sum(int(a) * int(b) for a, b in zip(row, column, strict=True)) for column in y] for row in x]


def mutual_information(joint: Sequence[Sequence[int]]) -> float:
    """Mutual information in bits from the definition, sum of p log2(p / (p_x p_y))."""
    total = sum(map(sum, joint))
    rows = [sum(row) for row in joint]
    columns = [sum(column) for column in zip(*joint, strict=True)]
    return math.fsum(
        count / total * math.log2(count * total / (rows[r] * columns[c]))
        for r, row in enumerate(joint)
        for c, count in enumerate(row)
        if count
    )


def entropy(margin: Sequence[int]) -> float:
    """Entropy in bits."""
    total = sum(margin)
    return -math.fsum(count / total * math.log2(count / total) for count in margin if count)


def mutual_information_matrix(weights: np.ndarray) -> np.ndarray:
    """All pairs. weights: (n_genes, n_bins, n_samples)."""
    wide = weights.astype(np.int64)
    matrix = np.empty((len(wide), len(wide)))
    for i, x in enumerate(wide):
        for j, y in enumerate(wide):
            matrix[i, j] = mutual_information((x @ y.T).tolist())
    return matrix


def margin_traces(weights: np.ndarray) -> list[float]:
    """Sums of the eigenvalues of a gene's matrix C, of their squares and cubes. weights: (n_bins, n_samples)."""
    share = weights / weights.sum(axis=0)
    margin = share.mean(axis=1)
    used = margin > 0
    covariance = np.cov(share[used], bias=True)
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(covariance) / np.sqrt(np.outer(margin[used], margin[used])))
    return [float(np.sum(eigenvalues**power)) for power in (1, 2, 3)]


def pvalue(statistic: float, null: Sequence[float]) -> float:
    """Share of the null that is as small, the observed one counted in."""
    return (1 + sum(value <= statistic for value in null)) / (1 + len(null))


def benjamini_hochberg(pvalues: Sequence[float], n_tests: int, factor: float = 1.0) -> list[float]:
    """Adjusted p-value of i: the smallest factor * p_j * n_tests / rank_j among all p_j >= p_i, at most 1."""
    rank = [sum(other <= p for other in pvalues) for p in pvalues]
    return [
        min(1.0, *(factor * q * n_tests / r for q, r in zip(pvalues, rank, strict=True) if q >= p)) for p in pvalues
    ]


def clr(mi: np.ndarray) -> np.ndarray:
    """Context likelihood of relatedness from a full symmetric matrix whose diagonal is left out."""
    n = len(mi)
    others = ~np.eye(n, dtype=bool)
    z = np.zeros((n, n))
    for i in range(n):
        mean, deviation = mi[i, others[i]].mean(), mi[i, others[i]].std(ddof=1)
        z[i] = np.maximum(0, (mi[i] - mean) / deviation) if deviation > 0 else 0
    return np.sqrt(z**2 + z.T**2)


Edge = tuple[int, int]


def indirect(
    mi: dict[Edge, float],
    n_genes: int,
    *,
    tolerance: float = 0.0,
    epsilon: float = 0.0,
    mediators: set[int] | None = None,
    protected: set[Edge] = frozenset(),
) -> dict[Edge, list[int]]:
    """For each edge (i < j) that is indirect, all genes that it is indirect through."""

    def value(i: int, j: int) -> float | None:
        return mi.get((min(i, j), max(i, j)))

    found: dict[Edge, list[int]] = {}
    for (i, j), own in mi.items():
        if (i, j) in protected:
            continue
        for k in range(n_genes):
            one, other = value(i, k), value(j, k)
            if k in (i, j) or one is None or other is None or (mediators is not None and k not in mediators):
                continue
            if min(one, other) * (1 - tolerance) - epsilon > own:
                found.setdefault((i, j), []).append(k)
    return found


def first_mediator(edge: Edge, through: list[int], mi: dict[Edge, float]) -> int:
    """Mediator with the largest MI to the edge's first gene, the first in gene order among equals."""
    i = edge[0]
    return min(through, key=lambda k: (-mi[min(i, k), max(i, k)], k))
