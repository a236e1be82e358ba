"""Rows of a few different values among genes whose values all differ: doses, groups and other attributes of samples."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.readers.clinical_names import is_perhaps_clinical
from genenet.readers.extras import Suspect

# Genes are looked at in about so many samples first. In the median gene at least this share of them has a value of its
# own; a row with at most so many different values, each of them there again, is none.
SAMPLES_LOOKED_AT, FEWEST_SAMPLES, OWN_VALUES, MOST_VALUES = 40, 12, 0.5, 6
# A value is frequent in other genes, as 0 and logarithms of small counts are, from this share of their values on.
FREQUENT = 0.005
# Values of genes that vary little, and small counts, lie beside each other at the step to which the matrix is rounded:
# those of a row lie so many times as far apart.
APART = 2
# Where more rows than so many, and than this share, are such, the genes are so.
MOST, SHARE = 3, 0.05


def of_few_values(values: NDArray[np.float64], genes: Sequence[str]) -> list[Suspect]:
    """Find the few genes of a few different values, where nearly all samples have values of their own in the others.

    A gene at a limit of measurement has one value that is there again, and others once; genes of small counts have
    values that many of them have.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    genes
        Names of the genes.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(7, 1, (30, 4))
    >>> values[:, 2] = np.tile([0, 0.5, 1], 10)
    >>> [suspect.name for suspect in of_few_values(values, ["TP53", "MYC", "x6", "EGFR"])]
    ['x6']
    """
    if len(values) < FEWEST_SAMPLES or not len(genes):
        return []
    some = np.sort(values[:: -(-len(values) // SAMPLES_LOOKED_AT) or 1], axis=0)  # missing values last
    n_values = np.isfinite(some).sum(axis=0)
    n_different = 1 + ((np.diff(some, axis=0) != 0) & np.isfinite(some[1:])).sum(axis=0)
    varies = (n_different > 1) & (n_values > 1)
    if not varies.any() or np.median(n_different[varies] / n_values[varies]) < OWN_VALUES:
        return []
    few = np.flatnonzero(varies & (n_different <= MOST_VALUES) & (4 * n_different <= n_values))
    if len(few) > max(MOST, SHARE * len(genes)):
        return []
    is_other = np.ones(len(genes), dtype=bool)
    is_other[few] = False
    others = np.sort(some[:, is_other][np.isfinite(some[:, is_other])])
    steps = np.diff(others)
    step = float(steps.min(where=steps > 0, initial=np.inf))
    names = [genes[place] for place in few.tolist() if _is_unlike(values[:, place], others, step)]
    return [Suspect(name, "a few different values only", is_perhaps_clinical(name)) for name in names]


def _is_unlike(own: NDArray[np.float64], others: NDArray[np.float64], step: float) -> bool:
    """Tell whether all values of a row are there again, and at most one of them is frequent in others (ascending)."""
    numbers, times = np.unique(own[np.isfinite(own)], return_counts=True)
    if len(numbers) > MOST_VALUES or times.min() < 2 or np.ptp(numbers) < APART * len(numbers) * step:
        return False
    start, end = (np.searchsorted(others, numbers, side) for side in ("left", "right"))
    return bool(np.count_nonzero(end - start >= FREQUENT * len(others)) <= 1)
