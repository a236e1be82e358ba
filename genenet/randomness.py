"""Random numbers as a function of the seed and of what they are for.

Two purposes never share a number, so that what is random in one place has nothing to do with what is random in another.
A number is never given to another purpose, as results with the same seed would then change.
"""

from enum import IntEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@unique
class Purpose(IntEnum):
    """What random numbers are for."""

    NULL_GENES = 0
    """Which genes are permuted together in the draws of the null."""
    NULL_DRAWS = 1
    """Permutations of the draws of the null."""
    PERMUTED_CONTROL = 2
    """Permutations of the matrix in which every edge is false."""
    NULL_PAIRS = 3
    """Pairs that are drawn where the null is estimated."""
    ASSOCIATION = 4
    """Permutations of a phenotype, for each gene on its own."""
    CONTRAST = 7
    """Permutations of the labels of two groups, for activities."""
    HALVES = 12
    """Splits of the samples into halves."""
    TIES = 13
    """Order of tied samples within groups."""
    DIFFERENCES = 14
    """Permutations of the labels of groups, for differences between networks."""
    SELECTION = 15
    """Permutations of a phenotype among samples that are alike in the selected genes."""


@unique
class Shown(IntEnum):
    """What is drawn by lot to be shown on a page."""

    TRUST_GENES = 10
    TRUST_PERMUTATIONS = 11
    REMOVED_EDGES = 12
    SAMPLES = 13
    POWER = 14


def generator(seed: int, purpose: Purpose, *more: int) -> "np.random.Generator":
    """Make a generator of random numbers for one purpose, or a numbered part of it.

    Examples
    --------
    >>> draws = [generator(1, purpose).integers(1_000_000) for purpose in (Purpose.HALVES, Purpose.TIES)]
    >>> draws[0] == draws[1], draws[0] == generator(1, Purpose.HALVES).integers(1_000_000)
    (np.False_, np.True_)
    """
    import numpy as np

    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, *more)))


def shown_generator(seed: int, shown: Shown) -> "np.random.Generator":
    """Make a generator of random numbers for what a page shows; its numbers are others than those of any `Purpose`."""
    import numpy as np

    return np.random.default_rng([seed, shown])


def stream_key(seed: int, purpose: Purpose) -> "np.uint64":
    """Key of the random streams of `genenet.kernels.shuffling` for one purpose."""
    import numpy as np

    return np.uint64(np.random.SeedSequence(seed, spawn_key=(purpose,)).generate_state(1, np.uint64)[0])
