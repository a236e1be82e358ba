"""Samples that were computed from the others and are called so: their median, deviation, smallest or largest value."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.readers import known_names

# A sample is computed if it differs from the statistic by this share of its own deviation, in so many genes; samples of
# such names are compared if there are at most so many.
CLOSE, FEWEST_GENES, FEWEST_SAMPLES, MOST_NAMED = 0.002, 10, 5, 20

STATISTICS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "median": lambda others: np.median(others, axis=0),
    "standard deviation": lambda others: others.std(axis=0, ddof=1),
    "variance": lambda others: others.var(axis=0, ddof=1),
    "smallest value": lambda others: others.min(axis=0),
    "largest value": lambda others: others.max(axis=0),
}
"""Statistics of samples, shape (n_samples, n_genes)."""


def statistics_among(values: NDArray[np.float64], samples: Sequence[str]) -> dict[int, str]:
    """Find samples that may be called so and are a statistic of the others: position, and which it is.

    The mean and the sum are found under any name, by `genenet.readers.extras.totals_among`.

    Parameters
    ----------
    values
        Some genes, shape (n_samples, n_genes); genes with missing values are left out.
    samples
        Names of the samples.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(7, 1, (9, 40))
    >>> values[8] = values[:8].std(axis=0, ddof=1).round(3)
    >>> statistics_among(values, [f"S{n}" for n in range(8)] + ["SD"])
    {8: 'the standard deviation of the others'}
    """
    named = [place for place, name in enumerate(samples) if known_names.is_perhaps_annotation(name)]
    if not 0 < len(named) <= MOST_NAMED:
        return {}
    complete = values[:, np.isfinite(values).all(axis=0)]
    others = np.delete(complete, named, axis=0)
    if len(others) < FEWEST_SAMPLES or complete.shape[1] < FEWEST_GENES:
        return {}
    statistics = {what: function(others) for what, function in STATISTICS.items()}
    found = {}
    for place in named:
        own = complete[place]
        for what, statistic in statistics.items():
            if np.sqrt(np.mean((own - statistic) ** 2)) < CLOSE * own.std():
                found[place] = f"the {what} of the others"
    return found
