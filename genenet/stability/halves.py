"""Random splits of the samples into two halves, by single samples or by donors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Stability
from genenet.errors import InputError, count, logger_of, quote_some
from genenet.products.expression import Notes
from genenet.products.sample_attributes import sample_attribute
from genenet.products.strata import FEWEST_SAMPLES as FEWEST_OF_STRATUM
from genenet.products.strata import Strata, strata_of
from genenet.randomness import Purpose, generator

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

Samples: TypeAlias = NDArray[np.int64]

FEWEST_SAMPLES = 20
"""Smallest number of samples of a half: networks from fewer samples have hardly any edges."""
MOST_UNEQUAL = 2.0
"""Ratio of the largest half to the smallest from which on unequal halves are warned of."""
FEWEST_SPLITS, USUAL_SPLITS = 10, 50
"""Number of splits below which a warning is given, and the number that it recommends."""
FEWEST_DONORS = 10
"""Smallest number of donors: fewer can be split in too few ways."""

logger = logger_of(__name__)


@dataclass(frozen=True)
class Splits:
    """Splits of the samples into two disjoint halves.

    Attributes
    ----------
    units
        For each sample the number of the donor that it is of, or of itself, shape (n_samples,).
    n_splits
        Number of splits.
    seed
        Seed of the splits.
    by_donor
        Whether units are donors.
    strata
        Number of each unit's stratum, shape (n_units,): each is split into halves. None without strata. The strata of a
        donor are all those of its samples, taken together.
    """

    units: NDArray[np.int64]
    n_splits: int
    seed: int
    by_donor: bool = False
    strata: NDArray[np.int64] | None = None

    @property
    def n_units(self) -> int:
        """Number of donors, or of samples."""
        return int(self.units.max()) + 1

    def __iter__(self) -> Iterator[tuple[Samples, Samples]]:
        """The samples of the two halves of each split, ascending; of an odd number of units one is left out.

        Units in random order, stratum by stratum, go to the two halves alternately, so that the numbers of each stratum
        differ by one at most.
        """
        rng = generator(self.seed, Purpose.HALVES)
        strata = np.zeros(self.n_units, np.int64) if self.strata is None else self.strata
        half = np.full(self.n_units, -1)
        for _ in range(self.n_splits):
            order = rng.permutation(self.n_units)
            order = order[np.argsort(rng.permutation(int(strata.max()) + 1)[strata[order]], kind="stable")]
            half[order] = np.arange(self.n_units) % 2
            half[order[self.n_units // 2 * 2 :]] = -1
            yield np.flatnonzero(half[self.units] == 0), np.flatnonzero(half[self.units] == 1)

    def sizes(self) -> tuple[int, int]:
        """Number of samples of the smallest and of the largest half."""
        found = [len(half) for split in self for half in split]
        return min(found), max(found)


def split_samples(expression: "AnnData", settings: Stability, *, seed: int) -> Splits:
    """Check that the samples can be split into halves, and make the splits.

    Parameters
    ----------
    expression
        The prepared matrix.
    settings
        Number of splits, and the column of donors.
    seed
        Seed of the splits.

    Raises
    ------
    InputError
        If there are fewer than 40 samples; with strata, if a half would have fewer than 8 samples of one; with donors,
        if a half would have fewer than 20 samples, there are fewer than 10 donors, no such column, or samples without a
        donor.

    Examples
    --------
    >>> from anndata import AnnData
    >>> splits = split_samples(AnnData(np.zeros((41, 2))), Stability(stability=3), seed=1)
    >>> [(len(a), len(b), len({*a} & {*b})) for a, b in splits]
    [(20, 20, 0), (20, 20, 0), (20, 20, 0)]
    """
    n = expression.n_obs
    if n < 2 * FEWEST_SAMPLES:
        raise InputError(
            f"stability needs {2 * FEWEST_SAMPLES} samples, for halves of {FEWEST_SAMPLES}, and there are {n:,};"
            " leave stability.stability at 0, or bring more samples"
        )
    if settings.stability < FEWEST_SPLITS:
        logger.warning(
            "stability: shares of %s of %s are coarse; %s splits are usual",
            f"{2 * settings.stability:,} halves", count(settings.stability, "split"), USUAL_SPLITS,
        )  # fmt: skip
    strata = strata_of(expression)
    if settings.donor_column is None:
        _warn_of_copies(expression)
        splits = Splits(np.arange(n), settings.stability, seed, strata=None if strata is None else strata.codes)
        _check_strata(splits, strata)
        return splits
    units = _donors(expression.obs, settings.donor_column)
    splits = Splits(units, settings.stability, seed, by_donor=True, strata=_strata_of_donors(units, strata))
    _check_strata(splits, strata)
    smallest, largest = splits.sizes()
    if smallest < FEWEST_SAMPLES:
        raise InputError(
            f"halves by stability.donor_column {settings.donor_column} have down to {smallest:,} of {n:,} samples, and"
            f" {FEWEST_SAMPLES} are needed: donors are too unequal; leave out the largest (prepare.obs_query), or split"
            " single samples (without stability.donor_column)"
        )
    if largest > MOST_UNEQUAL * smallest:
        logger.warning(
            "stability: halves by %s have %s to %s samples, since donors are unequal: edges must be found in small"
            " halves as well, which have less power",
            settings.donor_column, f"{smallest:,}", f"{largest:,}",
        )  # fmt: skip
    return splits


def _strata_of_donors(units: NDArray[np.int64], strata: Strata | None) -> NDArray[np.int64] | None:
    """Number of the set of strata that each donor's samples are of, shape (n_donors,)."""
    if strata is None:
        return None
    occurs = np.zeros((int(units.max()) + 1, strata.n), bool)
    occurs[units, strata.codes] = True
    return np.unique(occurs, axis=0, return_inverse=True)[1].astype(np.int64).ravel()


def _check_strata(splits: Splits, strata: Strata | None) -> None:
    if strata is None:
        return
    counts = [np.bincount(strata.codes[half], minlength=strata.n) for split in splits for half in split]
    fewest = np.min(counts, axis=0)
    if fewest.min() < FEWEST_OF_STRATUM:
        level = strata.levels[int(fewest.argmin())]
        raise InputError(
            f"halves of the samples have down to {fewest.min():,} samples of stratum {level}, and {FEWEST_OF_STRATUM}"
            f" are needed: strata of at least {2 * FEWEST_OF_STRATUM + 1} samples; join strata in a column of their own"
            " (prepare.strata), or leave small ones out (prepare.obs_query)"
        )


def _donors(obs: "pd.DataFrame", column: str) -> NDArray[np.int64]:
    """Number the donors of the samples."""
    donor = sample_attribute(obs, column, "set stability.donor_column to one that there is, or add it with --table")
    unknown = donor.isna().to_numpy()
    if unknown.any():
        samples = quote_some([str(name) for name in obs.index[unknown]])
        raise InputError(
            f"{count(int(unknown.sum()), 'sample')} of {len(obs):,} have no value of {column}"
            f" (stability.donor_column): {samples}; fill them in, or leave them out (prepare.obs_query)"
        )
    donors, units = np.unique(donor.astype(str).to_numpy(), return_inverse=True)
    if len(donors) < FEWEST_DONORS:
        raise InputError(
            f"stability.donor_column {column} has {count(len(donors), 'donor')}, and {FEWEST_DONORS} are needed to"
            " split them into halves in enough ways; leave stability.stability at 0, or bring more donors"
        )
    if len(donors) == len(obs):
        logger.warning(
            "stability.donor_column %s is different in each of %s: halves are of single samples",
            column, count(len(obs), "sample"),
        )  # fmt: skip
    return units.astype(np.int64)


def _warn_of_copies(expression: "AnnData") -> None:
    """Warn of copies of samples that the look at the matrix has found: in both halves, they make edges stable."""
    findings: Any = Notes.of(expression).findings
    if findings is None:
        return
    for message in findings["message"][findings["kind"] == "duplicate_samples"]:
        logger.warning(
            "stability: %s; copies in both halves make edges come back, drop them or name stability.donor_column",
            str(message).split(":")[0],
        )
