"""Rows that rise or fall from the first sample to the last: times and doses of samples that are in their order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.readers.extras import Suspect
from genenet.readers.known_names import is_gene_name

# So many samples, and different values, are needed; independent genes have such an order with less than this
# probability (Bonferroni correction for the genes). Where more genes than that have it, samples are in an order.
FEWEST_SAMPLES, DISTINCT, CHANCE, MOST = 12, 5, 1e-6, 2


def in_order_of_samples(values: NDArray[np.float64], genes: Sequence[str]) -> list[Suspect]:
    """Find one or two genes whose values are in the order of the samples, and whose names are of no gene.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    genes
        Names of the genes.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(7, 1, (30, 4))
    >>> values[:, 2] = np.linspace(0, 24, 30)
    >>> [suspect.name for suspect in in_order_of_samples(values, ["TP53", "MYC", "x6", "EGFR"])]
    ['x6']
    """
    n_samples, n_genes = values.shape
    if n_samples < FEWEST_SAMPLES:
        return []
    perhaps = np.flatnonzero(_are_ordered(values[:FEWEST_SAMPLES]))  # hardly any
    ordered = perhaps[_are_ordered(values[:, perhaps])]
    found = [place for place in ordered.tolist() if _is_beyond_chance(values[:, place], n_genes)]
    if not 0 < len(found) <= MOST:
        return []
    why = "rising or falling from the first sample to the last"
    return [Suspect(genes[place], why, sure=False) for place in found if not is_gene_name(genes[place])]


def _are_ordered(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which columns rise or fall from the first row to the last."""
    steps = np.diff(values, axis=0)
    return np.logical_and.reduce(steps >= 0, axis=0) | np.logical_and.reduce(steps <= 0, axis=0)


def _is_beyond_chance(values: NDArray[np.float64], n_genes: int) -> bool:
    """Tell whether a gene would hardly be in order in one of so many independent genes."""
    from scipy.special import gammaln

    times = np.unique(values, return_counts=True)[1]
    log_chance = np.log(2.0 * n_genes) + float(gammaln(times + 1).sum() - gammaln(len(values) + 1))
    return len(times) >= DISTINCT and log_chance < np.log(CHANCE)
