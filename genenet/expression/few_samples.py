"""Finding about matrices of few samples: which p-values and which correlations can be expected of them."""

from math import factorial, sqrt

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.readers.findings import Finding

ENOUGH = 20
"""From this many samples on nothing is said."""
ALPHA = 0.05


def few_samples(n_samples: int, n_pairs: int) -> Finding | None:
    """Warn of few samples; None where there are `ENOUGH`.

    The samples of one gene can be ordered in n! ways, and an order and its reverse have the same MI, so that permuting
    one pair of genes cannot give a smaller p-value than 2 / n!. Smaller ones come from the permutations of other genes,
    whose values lie otherwise, and from the fitted tail.

    Parameters
    ----------
    n_samples
        Number of samples.
    n_pairs
        Number of pairs to test.

    Examples
    --------
    >>> print(few_samples(6, 780))
    warned (few_samples): 6 samples are few: a single edge among 780 pairs needs a correlation above 0.99, so that \
weaker relations, and the ones that are not monotone, will not be found; p-values below 0.0028 (2 / 6!) rest on other \
genes' permutations and on extrapolation
    """
    if n_samples >= ENOUGH or n_pairs < 1:
        return None
    floor = 2 / factorial(n_samples)
    needed = _correlation_needed(n_samples, n_pairs)
    correlation = "above 0.99" if needed > 0.985 else f"of about {needed:.2f} or more"
    rest = ""
    if floor > ALPHA / n_pairs:
        rest = f"; p-values below {floor:.2g} (2 / {n_samples}!) rest on other genes' permutations and on extrapolation"
    return Finding(
        "warned",
        "few_samples",
        f"{count(n_samples, 'sample')} are few: a single edge among {count(n_pairs, 'pair')} needs a correlation "
        f"{correlation}, so that weaker relations, and the ones that are not monotone, will not be found{rest}",
    )


def few_in_strata(sizes: NDArray[np.int64], levels: list[str]) -> Finding | None:
    """Warn of strata of few samples; None where all have `ENOUGH`.

    Examples
    --------
    >>> print(few_in_strata(np.array([8, 40]), ["a", "b"]))
    warned (few_samples): 1 of 2 strata has fewer than 20 samples (a: 8): so few samples tell little about relations \
within them; coarser strata have more
    """
    few = np.flatnonzero(sizes < ENOUGH)
    if not len(few):
        return None
    shown = quote_some([f"{levels[place]}: {sizes[place]:,}" for place in few.tolist()], 3)
    return Finding(
        "warned",
        "few_samples",
        f"{len(few):,} of {count(len(sizes), 'stratum', 'strata')} {'has' if len(few) == 1 else 'have'} fewer than "
        f"{ENOUGH} samples ({shown}): so few samples tell little about relations within them; coarser strata have more",
    )


def _correlation_needed(n_samples: int, n_pairs: int) -> float:
    """Correlation of two normal variables whose two-sided p-value is ALPHA / n_pairs, by Student's t."""
    from scipy.stats import t

    statistic = float(t.isf(ALPHA / n_pairs / 2, n_samples - 2))
    return statistic / sqrt(statistic * statistic + n_samples - 2)
