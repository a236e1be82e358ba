"""Findings about groups of samples whose values are shifted or multiplied as a whole, as those of batches are."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import FEWEST_IN_STRATUM, Prepare
from genenet.errors import count, quote_some
from genenet.expression.look.breaks import FEWEST, separated_groups
from genenet.expression.look.kinds import LONG_TAIL
from genenet.readers.extras import LOG_MAX
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense
from genenet.statistics.robust import known_median

# Samples are compared by at least so many genes, with values in this share of the samples, and by about so many values;
# those of more zeros are not.
FEWEST_GENES, FEWEST_SAMPLES, LEAST_KNOWN, VALUES_LOOKED_AT, MOST_ZEROS = 20, 10, 0.5, 1_000_000, 0.5
# The differences of all genes are one shift, or one factor, if what is left (root mean square, without noise) is at
# most this share of them. A factor is told where it leaves less than this share of what a shift leaves.
ALIKE, BETTER_FACTOR = 0.35, 0.7
# Deviations of a gene up to which a value counts in the mean level of a sample.
FAR = 3.0
# A shift is told from this share of the standard deviation of a gene on.
LEAST_SHIFT = 0.25
# Genes have levels of their own, of which a factor can be told, if these vary so many times as much as the values of
# a gene (less where some samples lack them), and not many values are 0. A group of samples has lost them if its slope
# over those of the others is below this.
HAVE_LEVELS, HAVE_SOME, FEW_ZEROS, CENTRED = 2.0, 0.5, 0.1, 0.15
# The standard deviation over genes in shifted samples is within this factor of that in the others; they correlate with
# the means of the others by at least this share of what these do, if that is at least so much.
SPREAD, SHARE_OF_CORRELATION, HAS_PROFILE = 2.0, 0.25, 0.4
# So many samples are named, fewer if that were so many characters.
SHOWN, LONG = 10, 120

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How a group of samples differs from the largest one: a shift or a factor; genes without levels have factor 0."""

    members: NDArray[np.int64]
    shift: float = 0.0
    factor: float = 1.0


class Shifted(NamedTuple):
    """Groups of samples that are shifted or multiplied, the finding about them, and the names of their samples."""

    groups: Sequence[Difference] = ()
    findings: Sequence[Finding] = ()
    samples: Collection[str] = frozenset()


_Explain = Callable[[Values, Values], Difference | None]


def shifted_samples(values: Matrix, samples: Sequence[str], settings: Prepare) -> Shifted:
    """Find groups of samples that differ from the others by one shift, or one factor, of all genes.

    Each sample has a level (the median over genes of its differences from the medians of the genes) and a slope (of its
    values over the means of the genes). Groups of samples whose levels or slopes are well apart are compared gene by
    gene: the differences of a batch are nearly the same for all genes, those of tissues or treatments are not.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes); some of the genes are looked at. Linear values are compared as logarithms.
    samples
        Names of the samples.
    settings
        Normalisation, and strata that are given already.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(8, 2, 60) + rng.normal(0, 0.7, (40, 60))
    >>> values[20:30] -= 3.0
    >>> print(shifted_samples(values, [f"P{n}" for n in range(40)], Prepare()).findings[0])
    warned (shifted): 10 of 40 samples (P20, P21, P22, P23, P24, P25, P26, P27, P28, P29) are lower than the others by \
about 3 (in units of the matrix) in nearly all genes: this may be a batch or another scale, and relates all genes to \
each other; bring all samples to one level and scale beforehand, or name the group of each sample in a column of a \
table (--table) and set prepare.strata: 'COLUMN'
    """
    some, is_linear = compared_values(values, settings)
    if some is None:
        return Shifted()
    explain = shift if is_linear else shift_or_factor
    centred = some - known_median(some, axis=0)
    deviations = np.nanstd(centred, axis=0)
    if not deviations.any():  # nothing varies, or squares of the values underflow
        return Shifted()
    groups = _differences(some, separated_groups(known_median(centred, axis=1)), explain)
    if not groups:
        groups = _differences(some, separated_groups(_mean_levels(centred, deviations)), explain)
    if not groups and not is_linear and np.mean(some == 0) < FEW_ZEROS:
        groups = _differences(some, separated_groups(_slopes(some), most=2), _by_slope)
    if not groups:
        return Shifted()
    names = {samples[place] for group in groups for place in group.members.tolist()}
    return Shifted(groups, [_finding(groups, samples, settings, is_linear=is_linear)], names)


def compared_values(values: Matrix, settings: Prepare) -> tuple[Values | None, bool]:
    """Values of some genes, and whether they were linear ones and are log2 now.

    There are none (None) if they are too few, or linear ones whose samples the normalisation brings to one level.
    """
    n_samples, n_genes = values.shape
    if n_samples < FEWEST_SAMPLES or n_genes < FEWEST_GENES:
        return None, False
    step = max(1, min(-(-n_genes * n_samples // VALUES_LOOKED_AT), n_genes // FEWEST_GENES))
    some = np.array(dense(values[:, ::step]), np.float64)
    some[~np.isfinite(some)] = np.nan
    if np.mean(some == 0) > MOST_ZEROS or np.isnan(some).all(axis=1).any():
        return None, False
    is_linear = _is_linear(some)
    if is_linear and settings.normalisation in ("log1p_cp10k", "log1p_cpm"):
        return None, True
    if is_linear:
        some = np.log2(np.where(some > 0, some, np.nan))
    some = some[:, np.isfinite(some).mean(axis=0) >= LEAST_KNOWN]
    is_usable = some.shape[1] >= FEWEST_GENES and 2 * np.isfinite(some).sum(axis=1).min() >= FEWEST_GENES
    return (some if is_usable else None), is_linear


def _is_linear(values: Values) -> bool:
    """Tell whether values have the long tail of counts, TPM and intensities in most samples."""
    if np.nanmin(values) < 0 or np.nanmax(values) <= LOG_MAX:
        return False
    positive = np.where(values > 0, values, np.nan)
    middle, high = np.nanquantile(positive, [0.5, 0.95], axis=1)
    return bool(np.nanmedian(high / middle) > LONG_TAIL)


def _mean_levels(centred: Values, deviations: Values) -> Values:
    """Level of each sample by the mean over genes, which is more exact than the median where genes are few.

    Each gene counts in units of its standard deviation, and up to FAR of these; one of them is above 0.
    """
    scaled = centred[:, deviations > 0] / deviations[deviations > 0]
    levels: Values = np.nanmean(np.clip(scaled, -FAR, FAR), axis=1)
    return levels


def _slopes(values: Values) -> Values:
    """Slope of each sample over the means of the genes; 0 for all where genes have no levels of their own."""
    profile = np.nanmean(values, axis=0)
    if profile.var() < HAVE_SOME * np.nanvar(values - profile):
        return np.zeros(len(values))
    has = np.isfinite(values)
    centred = np.where(has, profile - profile.mean(), 0.0)
    own = np.where(has, values - np.nanmean(values, axis=1, keepdims=True), 0.0)
    slopes: Values = (own * centred).sum(axis=1) / (centred * centred).sum(axis=1)
    return slopes


def _differences(values: Values, groups: NDArray[np.int64] | None, explain: _Explain) -> list[Difference]:
    """Explain how each group of samples differs from the largest one; empty if one of them is not explained."""
    if groups is None:
        return []
    sizes = np.bincount(groups[groups >= 0])
    largest = int(sizes.argmax())
    found = []
    for group in np.flatnonzero(sizes).tolist():
        if group != largest:
            members = np.flatnonzero(groups == group)
            difference = explain(values[members], values[groups == largest])
            if difference is None:
                return []
            found.append(replace(difference, members=members[difference.members]))
    return found


def shift_or_factor(some: Values, others: Values) -> Difference | None:
    """Explain the differences of two groups by a shift or, where that is much better, by a factor."""
    low, high, noise = _means(some, others)
    factor = float(low @ high / (high @ high))
    left = float(np.mean((low - factor * high) ** 2))
    if left > BETTER_FACTOR**2 * float(np.var(low - high)):
        return shift(some, others)
    return _factor(some, others, left - noise, factor, high)


def shift(some: Values, others: Values) -> Difference | None:
    """Explain the differences of two groups by a shift of those in the first that are like the others otherwise."""
    members = _like_samples(some, others)
    if len(members) < max(min(FEWEST, len(some)), len(some) / 2):
        return None
    low, high, noise = _means(some[members], others)
    apart = float(np.mean(low - high))
    is_large = abs(apart) > LEAST_SHIFT * float(np.median(np.nanstd(others, axis=0)))
    is_alike = float(np.var(low - high)) - noise < (ALIKE * apart) ** 2
    return Difference(members, shift=apart) if is_large and is_alike else None


def _by_slope(some: Values, others: Values) -> Difference | None:
    """Explain the differences of two groups of one level by a factor of the differences between genes."""
    low, high, noise = _means(some, others)
    low, high = low - low.mean(), high - high.mean()
    if np.mean(high**2) < HAVE_LEVELS * np.mean(np.nanvar(others, axis=0)):
        return None
    factor = float(low @ high / (high @ high))
    return _factor(some, others, float(np.mean((low - factor * high) ** 2)) - noise, factor, high)


def _factor(some: Values, others: Values, left: float, factor: float, levels: Values) -> Difference | None:
    """Take a factor of the levels of genes (0 if they are lost) that leaves little, and of samples that are alike."""
    spreads = np.nanstd(some, axis=1)
    are_alike = spreads.max() < SPREAD * spreads.min()
    if not are_alike or factor < -CENTRED or left > ALIKE**2 * float(np.mean(((factor - 1) * levels) ** 2)):
        return None
    if factor >= CENTRED:
        return Difference(np.arange(len(some)), factor=factor)
    noises = [float(np.median(np.nanstd(part, axis=0))) for part in (some, others)]
    return (
        Difference(np.arange(len(some)), factor=0.0) if noises[1] < SPREAD * noises[0] < SPREAD**2 * noises[1] else None
    )


def _means(some: Values, others: Values) -> tuple[Values, Values, float]:
    """Means of genes in two groups, and the mean variance of their differences by chance.

    A sample by itself is taken to vary as the others do.
    """
    known = np.isfinite(some).any(axis=0) & np.isfinite(others).any(axis=0)
    parts = some[:, known], others[:, known]
    alone = len(some) == 1
    noise = sum(
        float(np.mean(np.nanvar(parts[1 if alone else place], axis=0))) / max(len(part) - 1, 1)
        for place, part in enumerate(parts)
    )
    return np.nanmean(parts[0], axis=0), np.nanmean(parts[1], axis=0), noise


def _like_samples(some: Values, others: Values) -> NDArray[np.int64]:
    """Find columns that spread as samples do, and go with the means of the genes in these, where these do."""
    spreads, usual = np.nanstd(some, axis=1), float(np.median(np.nanstd(others, axis=1)))
    profile = np.nanmean(others, axis=0)
    own, of_others = (np.array([_correlation(sample, profile) for sample in part]) for part in (some, others))
    least = SHARE_OF_CORRELATION * np.median(of_others) if np.median(of_others) >= HAS_PROFILE else -1.0
    return np.flatnonzero((usual / SPREAD < spreads) & (spreads < SPREAD * usual) & (own >= least))


def _correlation(sample: Values, profile: Values) -> float:
    known = np.isfinite(sample) & np.isfinite(profile)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nan_to_num(np.corrcoef(sample[known], profile[known])[0, 1]))


def _finding(groups: Sequence[Difference], samples: Sequence[str], settings: Prepare, *, is_linear: bool) -> Finding:
    """Word the finding: which samples, how they differ, what a network of them shows, and what to do."""
    n = len(samples)
    told = "; ".join(told_difference(group, samples, is_linear=is_linear) for group in groups)
    what = f"{told}: this may be a batch or another scale, and relates all genes to each other"
    if settings.strata:
        return Finding("noted", "shifted", f"{what}; see that prepare.strata tells these samples from the others")
    sizes = [len(group.members) for group in groups]
    strata = "name the group of each sample in a column of a table (--table) and set prepare.strata: 'COLUMN'"
    if min(*sizes, n - sum(sizes)) < FEWEST_IN_STRATUM:
        strata = f"prepare.strata, which compares within groups, needs {FEWEST_IN_STRATUM} samples in each"
    do = "set prepare.normalisation: log1p_cpm" if is_linear else "bring all samples to one level and scale beforehand"
    return Finding("warned", "shifted", f"{what}; {do}, or {strata}")


def told_difference(group: Difference, samples: Sequence[str], *, is_linear: bool) -> str:
    """Say which samples differ, and how."""
    names = [samples[place] for place in group.members.tolist()]
    shown = SHOWN if sum(map(len, names[:SHOWN])) < LONG else 3
    one = f"{len(names):,} of {count(len(samples), 'sample')} ({quote_some(names, shown)})"
    factor = float(2.0**group.shift) if is_linear else group.factor
    if group.shift and not is_linear:
        side = "higher" if group.shift > 0 else "lower"
        apart = f"about {abs(group.shift):.2g} (in units of the matrix) in nearly all genes"
        be = "is" if len(names) == 1 else "are"
        return f"{one} {be} {side} than the others by {apart}"
    if factor == 0:
        return f"{one} lack the differences between genes that the others have, as if genes were centred in these alone"
    return f"the values of {one} are about {factor:.2g} times those of the others in nearly all genes"
