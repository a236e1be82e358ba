"""Findings about samples of two scales in one matrix: logarithms beside linear values, other bases, centred values."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.expression.look.kinds import LONG_TAIL
from genenet.readers.extras import LOG_MAX, Facts
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense

# Two scales are mixed if at least this share of the samples, and so many, are of each, and nearly all are of one of
# them; samples of fewer values are not judged.
FEWEST_OF_A_SCALE, FEWEST_SAMPLES, SHARE_OF_SCALES, MIN_IN_SAMPLE = 0.05, 3, 0.9, 20
# The median of a sample of centred values is within this share of its range (percentiles 5 to 95) of 0.
NEAR_ZERO = 0.25
# Ratios between logarithms of the same numbers; how near to one of them two groups of samples are; and the share of
# their distance in which there is no sample. About so many values are looked at.
BASES = {"ln beside log2": np.log2(math.e), "log10 beside ln": np.log(10), "log10 beside log2": np.log2(10)}
NEAR_RATIO, SHARE_OF_GAP, VALUES_LOOKED_AT = 0.05, 0.4, 500_000
# How near to one of them a factor is that is known well.
NEARER = 0.02


def logarithms_among(facts: Facts, samples: Sequence[str]) -> list[Finding]:
    """Find samples that look like logarithms beside others that look like linear values.

    Parameters
    ----------
    facts
        Percentiles of each sample.
    samples
        Their names.

    Examples
    --------
    >>> from genenet.readers.extras import facts_of
    >>> logs = np.random.default_rng(0).normal(6, 1.5, (400, 8))
    >>> logs[:, 4:] = 2 ** logs[:, 4:]
    >>> logarithms_among(facts_of(logs), list("abcdefgh"))[0].message
    '4 of 8 samples look like logarithms (a, b, c and 1 more), the others like linear values (e, f, g and 1 more): \
bring all to one scale before they are compared'
    """
    return _finding(_logarithms(facts, samples))


def centred_among(facts: Facts, samples: Sequence[str]) -> list[Finding]:
    """Find samples of values around 0 beside others of values above 0; `facts` and `samples` as `logarithms_among`."""
    return _finding(_centred(facts, samples))


def _finding(what: str) -> list[Finding]:
    return [Finding("warned", "linear", f"{what}: bring all to one scale before they are compared")] if what else []


def _logarithms(facts: Facts, samples: Sequence[str]) -> str:
    """Find samples that look like logarithms beside others that look like linear values."""
    usable = (facts.n_values >= MIN_IN_SAMPLE) & (facts.low >= 0) & (facts.median > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        has_tail = facts.high > LONG_TAIL * facts.median
    logs, linear = usable & ~has_tail & (facts.high <= LOG_MAX), usable & has_tail & (facts.high > LOG_MAX)
    if not _are_two_groups(logs, linear):
        return ""
    return f"{_of(logs, samples)} look like logarithms ({_some(logs, samples)}), the others like linear values " + (
        f"({_some(linear, samples)})"
    )


def _centred(facts: Facts, samples: Sequence[str]) -> str:
    """Find samples of values around 0, as of ratios or centred genes, beside others of values above 0."""
    usable = facts.n_values >= MIN_IN_SAMPLE
    ranges = facts.high - facts.low
    around = usable & (facts.low < 0) & (facts.high > 0) & (np.abs(facts.median) < NEAR_ZERO * ranges)
    above = usable & (facts.low >= 0) & (facts.median > NEAR_ZERO * ranges)
    if not _are_two_groups(around, above):
        return ""
    return (
        f"{_of(around, samples)} have values around 0, as ratios and centred genes have ({_some(around, samples)}), "
        f"and the others have none below 0 ({_some(above, samples)})"
    )


def other_bases(values: Matrix, samples: Sequence[str]) -> list[Finding]:
    """Find samples whose values are those of the others in another base of the logarithm.

    Each sample is fitted to the mean of all by a factor. The factors are of two groups then, whose ratio is that of two
    bases, and between which there is none.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes); some of the genes are looked at.
    samples
        Their names.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logs = rng.gamma(4.0, 2.0, 100) + rng.normal(0, 1, (9, 100))
    >>> logs[6:] *= np.log(2)
    >>> other_bases(logs, list("abcdefghi"))[0].message
    'the values of 3 of 9 samples (g, h, i) are those of the others divided by 1.44, as ln beside log2: bring all to \
one scale before they are compared'
    """
    n_samples, n_genes = values.shape
    some = values[:, :: -(-n_genes * n_samples // VALUES_LOOKED_AT) or 1]
    some = dense(some)
    has = np.isfinite(some)
    if len(some) < 2 * FEWEST_SAMPLES or (has.sum(axis=1) < MIN_IN_SAMPLE).any() or some[has].max() > LOG_MAX:
        return []
    filled = np.where(has, some, 0.0)
    profile = filled.sum(axis=0) / np.maximum(has.sum(axis=0), 1)
    factors = (filled @ profile) / (has @ (profile * profile))
    if not (factors > 0).all():
        return []
    logs = np.log(factors)
    ordered = np.sort(logs)
    at = int(np.argmax(np.diff(ordered)))
    small = logs <= ordered[at]
    apart = float(np.median(logs[~small]) - np.median(logs[small])) if ordered[at] < ordered[at + 1] else 0.0
    names = [name for name, ratio in BASES.items() if abs(apart - np.log(ratio)) < NEAR_RATIO]
    if not names or ordered[at + 1] - ordered[at] < SHARE_OF_GAP * apart or not _are_two_groups(small, ~small):
        return []
    of_others = f"the values of {_of(small, samples)} ({_some(small, samples)}) are those of the others"
    low, high = (filled[which].sum(axis=0) / np.maximum(has[which].sum(axis=0), 1) for which in (small, ~small))
    known = has[small].any(axis=0) & has[~small].any(axis=0)
    shift = _shift(low[known], high[known])
    if shift is not None:
        return _finding(f"{of_others} less {shift:.3g}")
    return _finding(f"{of_others} divided by {BASES[names[0]]:.3g}, as {names[0]}")


def is_of_bases(factor: float) -> bool:
    """Tell whether a factor turns logarithms of one base into those of another.

    Examples
    --------
    >>> is_of_bases(0.693), is_of_bases(1.5)
    (True, False)
    """
    return factor > 0 and any(abs(abs(np.log(factor)) - np.log(ratio)) < NEARER for ratio in BASES.values())


def _shift(low: NDArray[np.float64], high: NDArray[np.float64]) -> float | None:
    """Difference of two groups of samples, from the means of genes; None where a factor explains them better."""
    shift, factor = float(np.mean(high - low)), float(low @ high / (low @ low))
    unlike_by_shift, unlike_by_factor = (float(np.sum((high - fit) ** 2)) for fit in (low + shift, low * factor))
    return shift if unlike_by_shift < unlike_by_factor else None


def _are_two_groups(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Tell whether each is large enough, and both together are nearly all samples."""
    least = max(FEWEST_SAMPLES, FEWEST_OF_A_SCALE * len(one))
    return bool(min(one.sum(), other.sum()) >= least and (one | other).sum() >= SHARE_OF_SCALES * len(one))


def _of(which: NDArray[np.bool_], samples: Sequence[str]) -> str:
    return f"{which.sum():,} of {count(len(samples), 'sample')}"


def _some(which: NDArray[np.bool_], samples: Sequence[str]) -> str:
    return quote_some([samples[place] for place in np.flatnonzero(which).tolist()], 3)
