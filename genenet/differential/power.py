"""The smallest difference between groups of samples that a comparison can find."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Discretise
from genenet.estimators.binning import rank_bins
from genenet.kernels.differential import N_CELLS, Curves, Design
from genenet.statistics.pearson3 import critical_z

LATTICE = 100
"""Number of quantiles of each gene in the lattice that represents the joint distribution."""
LARGEST, HALVINGS = 0.999, 12
"""Largest correlation of the search by bisection, and its number of iterations."""


def smallest_difference(design: Design, curves: Curves, binning: Discretise, pvalue: float) -> float | None:
    """Smallest correlation in one group that is found with a power of 1/2 if the other group has none.

    Genes are taken to be normally distributed. At this correlation its contribution to the deviance equals the distance
    of the critical deviance from the mean of the null distribution, at the MI that the pair then has. Either of the two
    groups can have the correlation: the larger of both results is given. Of several groups the two smallest count.

    Parameters
    ----------
    design
        Constants of the deviance.
    curves
        Null distribution of the deviance.
    binning
        Settings of the bins of ranks.
    pvalue
        P-value that a pair needs to be significant.

    Returns
    -------
    The correlation, or None if even 0.999 is not enough.
    """
    small = np.sort(design.sizes[:-1])[:2]
    found = [
        _correlation_of(_Power(design, curves, binning, pvalue, *sizes))
        for sizes in (small.tolist(), small[::-1].tolist())
    ]
    return None if None in found else max(value for value in found if value is not None)


@dataclass(frozen=True)
class _Power:
    """A comparison of two groups; `related` and `other` are 2 ln 2 times their numbers of samples."""

    design: Design
    curves: Curves
    binning: Discretise
    pvalue: float
    related: float
    other: float

    def suffices(self, correlation: float) -> bool:
        """Whether a correlation in one group and none in the other is found half of the time."""
        share = self.related / (self.related + self.other)
        within, without = _joint(correlation, self.binning), _joint(0.0, self.binning)
        pooled = _information(share * within + (1 - share) * without)
        excess = self.related * _information(within) - (self.related + self.other) * pooled
        return excess >= self._distance(pooled)

    def _distance(self, mi: float) -> float:
        """Distance of the critical deviance from the mean, for genes with the median traces and this MI (bits)."""
        design = self.design
        cell = min(int(np.sqrt(mi * design.scale) * N_CELLS), N_CELLS - 1)
        variance = float(design.second_of @ np.median(design.second, axis=0) ** 2)
        third = float(design.third_of @ np.median(design.third, axis=0) ** 2)
        skewness = third / variance**1.5 * self.curves.skewness[cell]
        critical = float(critical_z(float(np.log(self.pvalue)), np.array([skewness]))[0])
        return float(np.sqrt(variance) * self.curves.deviation[cell] * critical)


def _correlation_of(power: _Power) -> float | None:
    if not power.suffices(LARGEST):
        return None
    low, high = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if power.suffices(middle) else (middle, high)
    return high


def _joint(correlation: float, binning: Discretise) -> NDArray[np.float64]:
    """Joint table of two genes with this correlation, as shares."""
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(LATTICE) + 0.5) / LATTICE)
    x, rest = (values.ravel() for values in np.meshgrid(quantiles, quantiles, indexing="ij"))
    y = correlation * x + np.sqrt(1.0 - correlation**2) * rest
    weights = rank_bins(np.vstack([x, y]), binning)[0].astype(np.float64)
    table = weights[0] @ weights[1].T
    return np.asarray(table / table.sum())


def _information(table: NDArray[np.float64]) -> float:
    """MI of a joint table in bits."""
    independent = table.sum(axis=1)[:, None] * table.sum(axis=0)
    used = table > 0
    return float((table[used] * np.log2(table[used] / independent[used])).sum())
