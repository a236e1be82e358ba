"""The smallest difference that groups of these sizes can show."""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Discretise
from genenet.estimators.binning import rank_bins
from genenet.kernels.differential import Design
from genenet.statistics.pearson3 import critical_z

LATTICE = 100
"""Values of each gene in the lattice that stands for its distribution."""
LARGEST = 0.999
HALVINGS = 12


def smallest_difference(design: Design, binning: Discretise, pvalue: float) -> float | None:
    """Correlation that half of the time is told from none in the other group, for normally distributed genes.

    The expected deviance, that of independent genes plus what the correlation adds to it, reaches the critical one. Of
    both ways round (which of two groups has the correlation) the larger correlation is given, and of several groups
    that of the two smallest.

    Parameters
    ----------
    design
        Of the comparison.
    binning
        Of the ranks.
    pvalue
        P-value that a pair needs.

    Returns
    -------
    The correlation, or None if even 0.999 is not enough.
    """
    n_groups = len(design.sizes) - 1
    small = np.sort(design.sizes[:n_groups])[:2]
    variance = float(design.second_of @ np.median(design.second, axis=0) ** 2)
    third = float(design.third_of @ np.median(design.third, axis=0) ** 2)
    skewness = third / variance**1.5
    critical = np.sqrt(variance) * float(critical_z(float(np.log(pvalue)), np.array([skewness]))[0])
    found = [_correlation_of(critical, related, other, binning) for related, other in (small, small[::-1])]
    return None if None in found else max(value for value in found if value is not None)


def _correlation_of(excess: float, related: float, other: float, binning: Discretise) -> float | None:
    if _expected(LARGEST, related, other, binning) < excess:
        return None
    low, high = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _expected(middle, related, other, binning) >= excess else (middle, high)
    return high


def _expected(correlation: float, related: float, other: float, binning: Discretise) -> float:
    """Deviance beyond chance, with the correlation in one group and none in the other; sizes: 2 ln 2 n of each."""
    share = related / (related + other)
    within, without = _joint(correlation, binning), _joint(0.0, binning)
    return related * _information(within) - (related + other) * _information(share * within + (1 - share) * without)


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
