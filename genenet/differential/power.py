"""The smallest difference between groups of samples that a comparison can find, by simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Discretise
from genenet.estimators.binning import rank_bins
from genenet.kernels.differential import N_CELLS, Design
from genenet.kernels.pearson3 import log_pearson3_tail
from genenet.randomness import Shown, shown_generator
from genenet.statistics.differential_null import DifferentialNull

MOST_PAIRS, FEWEST_PAIRS, VALUES_AT_MOST = 400, 50, 100_000
"""Number of simulated pairs: so many that they have this number of values, within these limits."""
LARGEST, HALVINGS = 0.999, 9
"""Largest correlation of the search by bisection, and its number of iterations."""
STRONG = 0.9
"""Correlation of two genes that are as strongly related as members of one complex or operon."""
MOST_TESTED = 2**31
"""Largest number of pairs that is told."""
TWICE_LN_2 = 2.0 * np.log(2.0)
"""The sizes of a design are the numbers of samples times this."""

Tables = NDArray[np.float64]
"""Joint tables of simulated pairs, shape (n_pairs, n_bins, n_bins)."""


def smallest_difference(
    design: Design, null: DifferentialNull, binning: Discretise, pvalue: float, *, seed: int = 0
) -> float | None:
    """Smallest correlation in one group that is found with a power of 1/2 if the other groups have none.

    Pairs of normally distributed genes are simulated with the sizes of the groups, and their p-values computed as those
    of the matrix are. Each of the two smallest groups can have the correlation: the larger of both results is given.

    Parameters
    ----------
    design
        Constants of the deviance.
    null
        Null distribution of the deviance.
    binning
        Settings of the bins of ranks.
    pvalue
        P-value that a pair needs to be significant.
    seed
        Seed of the simulated values.

    Returns
    -------
    The correlation, or None if even 0.999 is not enough.
    """
    found = [_correlation_of(one, pvalue) for one in _simulations(design, null, binning, seed)]
    return None if None in found else max(value for value in found if value is not None)


def most_pairs(
    design: Design,
    null: DifferentialNull,
    binning: Discretise,
    alpha: float,
    *,
    correlation: float = STRONG,
    seed: int = 0,
) -> int:
    """Largest number of tested pairs in which such a correlation in one group, against none, has a power of 1/2.

    Parameters
    ----------
    design, null, binning, seed
        As in `smallest_difference`.
    alpha
        False discovery rate.
    correlation
        Correlation in one of the groups.
    """
    medians = [float(np.median(one.pvalues_of(correlation))) for one in _simulations(design, null, binning, seed)]
    return int(min(alpha / max(medians), MOST_TESTED))


def _simulations(design: Design, null: DifferentialNull, binning: Discretise, seed: int) -> "list[_Simulation]":
    """Simulations in which each of the two smallest groups has the correlation."""
    sizes = sorted(np.rint(design.sizes[:-1] / TWICE_LN_2).astype(int).tolist())
    orders = {tuple(sizes), (sizes[1], sizes[0], *sizes[2:])}
    return [_Simulation(design, null, binning, order, seed) for order in sorted(orders)]


@dataclass(frozen=True)
class _Simulation:
    """Simulated pairs in groups of these sizes, of which the first may have a correlation."""

    design: Design
    null: DifferentialNull
    binning: Discretise
    sizes: Sequence[int]
    seed: int

    @property
    def n_pairs(self) -> int:
        """Number of simulated pairs."""
        return min(max(VALUES_AT_MOST // sum(self.sizes), FEWEST_PAIRS), MOST_PAIRS)

    @cached_property
    def values(self) -> list[NDArray[np.float64]]:
        """Independent normal values of the two genes in each group, shape (2, n_pairs, n_samples)."""
        rng = shown_generator(self.seed, Shown.POWER)
        return [rng.normal(size=(2, self.n_pairs, size)) for size in self.sizes]

    @cached_property
    def unrelated(self) -> list[Tables]:
        """Joint tables of the groups without a correlation."""
        return [self.tables(*values) for values in self.values[1:]]

    def tables(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Tables:
        """Joint tables of pairs, from values of shape (n_pairs, n_samples)."""
        first, second = (
            rank_bins(values, self.binning, n_in_all=sum(self.sizes))[0].astype(np.float64) for values in (x, y)
        )
        return first @ second.transpose(0, 2, 1)

    def pvalues_of(self, correlation: float) -> NDArray[np.float64]:
        """P-values of pairs with this correlation in the first group."""
        x, rest = self.values[0]
        related = self.tables(x, correlation * x + np.sqrt(1.0 - correlation**2) * rest)
        groups = [related, *self.unrelated]
        deviance = sum(TWICE_LN_2 * n * _information(table) for n, table in zip(self.sizes, groups, strict=True))
        pooled = _information(np.sum(groups, axis=0))
        return self.pvalues(deviance - TWICE_LN_2 * sum(self.sizes) * pooled, pooled)

    def pvalues(self, deviance: NDArray[np.float64], pooled: NDArray[np.float64]) -> NDArray[np.float64]:
        """P-values of pairs of genes with the median traces, by their deviance and the MI of all samples (bits)."""
        design, curves = self.design, self.null.curves
        cell = np.minimum(np.sqrt(np.maximum(pooled, 0.0) * design.scale) * N_CELLS, N_CELLS - 1).astype(int)
        mean, variance, third = (
            float(of @ np.median(traces, axis=0) ** 2)
            for of, traces in (
                (design.first_of, design.first), (design.second_of, design.second), (design.third_of, design.third)
            )
        )  # fmt: skip
        z = ((deviance - mean) / np.sqrt(variance) - curves.mean[cell]) / curves.deviation[cell]
        skewness = third / variance**1.5 * curves.skewness[cell]
        log_pivots = np.vectorize(log_pearson3_tail, otypes=[float])(z, skewness)
        return self.null.pvalues(np.minimum(log_pivots, 0.0), curves.classes[cell])[0]


def _correlation_of(simulation: _Simulation, pvalue: float) -> float | None:
    """Smallest correlation of which at least half of the pairs have such a p-value; None if there is none."""

    def suffices(correlation: float) -> bool:
        return bool(np.mean(simulation.pvalues_of(correlation) <= pvalue) >= 0.5)

    if not suffices(LARGEST):
        return None
    low, high = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def _information(tables: Tables) -> NDArray[np.float64]:
    """MI of joint tables in bits, shape (n_pairs,)."""
    shares = tables / tables.sum(axis=(1, 2), keepdims=True)
    independent = shares.sum(axis=2, keepdims=True) * shares.sum(axis=1, keepdims=True)
    ratios = np.divide(shares, independent, out=np.ones_like(shares), where=shares > 0)
    return np.asarray((shares * np.log2(ratios)).sum(axis=(1, 2)))
