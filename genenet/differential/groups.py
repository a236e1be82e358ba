"""The groups of samples that are compared, and the permutations of their labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import ConfigError, InputError, count, logger_of, quote_some, shorten, suggest
from genenet.groups.levels import Group
from genenet.groups.split import find_groups, sample_groups
from genenet.kernels.shuffling import shuffle_within
from genenet.products.strata import Strata, check_crossed
from genenet.randomness import Purpose, stream_key

logger = logger_of("genenet")

MOST_GROUPS = 8
"""Largest number of groups in one comparison."""


@dataclass(frozen=True)
class Labels:
    """Group of each sample that is compared.

    Attributes
    ----------
    column
        Sample attribute.
    groups
        The groups, in order.
    rows
        Positions of the samples in the matrix.
    codes
        Number of each sample's group, from 0, int64.
    strata
        Strata of the samples, within which labels are permuted.
    """

    column: str
    groups: tuple[Group, ...]
    rows: NDArray[np.intp] = field(repr=False)
    codes: NDArray[np.int64] = field(repr=False)
    strata: Strata = field(repr=False)

    @property
    def sizes(self) -> list[int]:
        """Number of samples of each group."""
        return np.bincount(self.codes, minlength=len(self.groups)).tolist()

    def permuted(self, seed: int, number: int) -> NDArray[np.int64]:
        """Codes with the labels of whole samples permuted within strata; the same for the same seed and number."""
        order = np.empty(len(self.codes), np.int64)
        key = stream_key(seed, Purpose.DIFFERENCES)
        shuffle_within(key, number, self.strata.members, self.strata.starts, order)
        return self.codes[order]


def members(codes: NDArray[np.int64], n_groups: int) -> Iterator[NDArray[np.intp]]:
    """Positions of the samples of each group."""
    for code in range(n_groups):
        yield np.flatnonzero(codes == code)


def find_labels(
    obs: pd.DataFrame,
    column: str,
    settings: Prepare,
    *,
    levels: Sequence[str] | None = None,
    strata: Strata | None = None,
) -> Labels:
    """Find the groups that are compared; samples of no group, and of groups that are too small, are left out.

    Parameters
    ----------
    obs
        Table of sample attributes.
    column
        Sample attribute whose levels are the groups.
    settings
        `min_samples` of a group.
    levels
        Groups to compare, the first one being the reference; all if None.
    strata
        Strata of all samples, within which labels are permuted.

    Raises
    ------
    ConfigError
        If a group is named twice, or only one is named.
    InputError
        If there is no such attribute or group, fewer than two groups have enough samples, there are more groups than
        can be compared at once, or the strata leave nothing to permute.
    """
    least = settings.min_samples
    chosen = _chosen(
        find_groups(obs, column, settings.model_copy(update={"min_samples": 1, "whiten": "none"})), column, levels
    )
    used = [group for group in chosen if group.n_samples >= least]
    small = [f"{group.name} ({group.n_samples:,})" for group in chosen if group.n_samples < least]
    if not used and len(small) > MOST_GROUPS:
        raise InputError(
            f"{column} has {len(small):,} different values ({quote_some([group.name for group in chosen], 3)}), none of"
            f" which {least} or more samples share; name an attribute that groups of samples share, or cut it into"
            " groups in a column of their own"
        )
    if len(used) < 2:
        raise InputError(
            f"{column} has {count(len(used), 'group')} with prepare.min_samples ({least}) or more samples, and a"
            " comparison needs two" + (f"; too small: {quote_some(small, 10)}" if small else "")
        )
    if len(used) > MOST_GROUPS:
        raise InputError(
            f"{column} has {len(used)} groups with {least} or more samples, and at most {MOST_GROUPS} are compared at"
            f" once; name those to compare with --levels, for example {used[0].name},{used[1].name}"
        )
    if small:
        logger.warning(
            "%s of %s left out, with fewer than prepare.min_samples (%s) samples: %s",
            count(len(small), "group"), column, least, quote_some(small, 10),
        )  # fmt: skip
    names = sample_groups(obs, column)
    place = {group.name: number for number, group in enumerate(used)}
    codes = np.array([place.get(name, -1) for name in names], np.int64)
    rows = np.flatnonzero(codes >= 0)
    labels = Labels(column, tuple(used), rows, codes[rows], _compared(strata, rows))
    if strata is not None:
        check_crossed(labels.strata, labels.codes, strata_name=" and ".join(settings.strata), group_name=column)
    _warn_of_few(labels)
    return labels


def _compared(strata: Strata | None, rows: NDArray[np.intp]) -> Strata:
    """Strata of the samples that are compared; strata without any of them are dropped."""
    codes = np.zeros(len(rows), np.int64) if strata is None else strata.codes[rows]
    return Strata.of(np.unique(codes, return_inverse=True)[1].astype(np.int64))


def _chosen(groups: Sequence[Group], column: str, levels: Sequence[str] | None) -> list[Group]:
    if levels is None:
        return list(groups)
    known = {group.name: group for group in groups}
    for level in levels:
        if level not in known:
            raise InputError(
                f"no sample has {column} {shorten(level, quoted=False)}; the groups of {column} are"
                f" {quote_some(list(known), 10)}{suggest(level, known)}"
            )
    if len(set(levels)) != len(levels):
        raise ConfigError(f"--levels names a group twice: {', '.join(levels)}")
    if len(levels) < 2:
        raise ConfigError(f"--levels names one group ({levels[0]}), and a comparison needs two")
    return [known[level] for level in levels]


def _warn_of_few(labels: Labels) -> None:
    """Warn of strata in which little can be permuted."""
    n_mixed = sum(len(part) for part in labels.strata.parts() if len(set(labels.codes[part].tolist())) > 1)
    if 2 * n_mixed < len(labels.codes):
        logger.warning(
            "only %s of %s are in strata that have more than one group of %s: little can be permuted, and p-values"
            " rest on these samples",
            f"{n_mixed:,}", count(len(labels.codes), "sample"), labels.column,
        )  # fmt: skip
