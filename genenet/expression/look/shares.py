"""Findings about values between 0 and 1, and about shares of a whole."""

import numpy as np

from genenet.expression.look.profile import Profile
from genenet.readers.findings import Finding

# Samples add up to a whole if they miss it by at most this share of it; taxa may be there at up to so many ranks.
NEAR_WHOLE, MOST_RANKS = 0.01, 9


def compositional(found: Profile) -> list[Finding]:
    """Find shares of a whole: samples whose values add up to 1 or to 100 (several times, with ranks of taxa).

    Examples
    --------
    >>> from genenet.expression.look.profile import profile
    >>> compositional(profile(np.random.default_rng(0).dirichlet(np.ones(8), 30)))[0].message
    'the values of each sample add up to 1: shares of a whole, of which one grows where others shrink, so that pairs \
depend on each other by this alone; take centred logarithms of ratios (clr) of the counts'
    """
    assert found.totals is not None
    if len(found.totals) < 4 or found.n_genes < 3 or found.n_negative or found.is_whole or not found.totals.all():
        return []
    low, high = float(found.totals.min()), float(found.totals.max())
    whole = 1.0 if found.largest <= 1 else 100.0
    times = round((low + high) / 2 / whole)
    if not 1 <= times <= MOST_RANKS or high - low > 2 * NEAR_WHOLE * whole * times:
        return []
    if abs((low + high) / 2 - times * whole) > NEAR_WHOLE * whole * times or found.largest > whole * (1 + NEAR_WHOLE):
        return []
    return [
        Finding(
            "warned",
            "compositional",
            f"the values of each sample add up to {whole * times:g}: shares of a whole, of which one grows where "
            "others shrink, so that pairs depend on each other by this alone; take centred logarithms of ratios (clr) "
            "of the counts",
        )
    ]


def shares(found: Profile) -> list[Finding]:
    """Findings about values between 0 and 1: they are probabilities if many of them are close to 0 or 1."""
    if found.smallest < 0 or found.largest > 1 or found.is_whole:
        return []
    assert found.sampled is not None
    at_ends = np.mean((found.sampled < 0.02) | (found.sampled > 0.98)) - np.mean(found.sampled == 0)
    if at_ends > 0.25:
        return [
            Finding(
                "warned",
                "probabilities",
                f"the values are probabilities or shares (from {found.smallest:.2g} to {found.largest:.2g}, "
                f"{at_ends:.0%} of them within 0.02 of 0 or 1): MI of what a cut-off made; take the measured values "
                "(gene effects, not dependency probabilities; intensities, not detection p-values)",
            )
        ]
    return [Finding("noted", "probabilities", "all values lie between 0 and 1")]
