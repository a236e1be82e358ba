"""Finding about one or two samples that are shifted in all genes, and so relate these to each other by themselves."""

from collections.abc import Collection, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.expression.look.breaks import FEWEST
from genenet.expression.look.levels import Difference, compared_values, shift, shift_or_factor, told_difference
from genenet.readers.extras_advice import listed
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix
from genenet.statistics.robust import CONSISTENT_MAD, known_median

# The level of a sample is far if it is so many standard errors from the median of all levels (by their median absolute
# deviation, but at least by the error that a median over so many genes has), and so many times as far as that of any
# sample that is not.
FAR_LEVEL, AS_FAR = 8.0, 2.0
# The standard error of a median of normal values, in units of that of their mean.
PER_MEAN = 1.2533
# Shifts are told if the root of their sum of squares is so many standard deviations of a gene, and z, r sqrt(n), of the
# correlation r that they make is so much. Of 300 independent genes, in 20 to 1,000 samples, one sample at 2.5 or two at
# 1.75 made at most 2 pairs significant; one at 3.5 or two at 2.5 made thousands in 30 to 300 samples, and at most 2 in
# 1,000.
LEAST_SHIFTS, LEAST_Z = 2.8, 0.5


def far_samples(
    values: Matrix,
    samples: Sequence[str],
    settings: Prepare,
    known: Collection[str] = (),
    *,
    option: str = "",
    already: Sequence[str] = (),
) -> list[Finding]:
    """Find one or two samples that differ from all others by a shift, or a factor, that makes genes significant.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes); some of the genes are looked at. Linear values are compared as logarithms.
    samples
        Names of the samples.
    settings
        Settings of `prepare`, of which the normalisation brings samples to one level.
    known
        Samples of which it is said already that they may be none.
    option, already
        Setting that sets samples aside, if there is one, and the names that it has already.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(8, 2, 60) + rng.normal(0, 0.7, (40, 60))
    >>> values[7] += 3.0
    >>> print(far_samples(values, [f"P{n}" for n in range(40)], Prepare(), option="prepare.annotation_columns")[0])
    warned (shifted): 1 of 40 samples (P7) is higher than the others by about 3 (in units of the matrix) in \
nearly all genes: this may be the quality of the sample, or another scale, and by itself relates all genes \
to each other (correlation about 0.32); leave it out (prepare.annotation_columns: 'P7'), or bring all \
samples to one level and scale beforehand
    """
    some, is_linear = compared_values(values, settings)
    if some is None:
        return []
    levels = known_median(some - known_median(some, axis=0), axis=1)
    levels -= np.median(levels)
    deviation = float(np.median(np.nanstd(some, axis=0)))
    far = _far(levels, PER_MEAN * deviation / sqrt(some.shape[1]))
    if not len(far) or {samples[place] for place in far.tolist()} & {*known}:
        return []
    others = np.delete(some, far, axis=0)
    usual = float(np.median(np.nanstd(others, axis=0)))
    if not usual:
        return []
    shifts = levels[far] / usual
    correlation = _correlation_by(shifts, len(samples))
    if sqrt(shifts @ shifts) < LEAST_SHIFTS or correlation * sqrt(len(samples)) < LEAST_Z:
        return []
    groups = _differences(some, far, others, is_linear=is_linear)
    return [_finding(groups, samples, correlation, option, already, is_linear=is_linear)] if groups else []


def _far(levels: NDArray[np.float64], error: float) -> NDArray[np.int64]:
    """Samples, fewer than a group has, whose levels (their median is 0) are far from those of all others."""
    distances = np.abs(levels)
    order = np.argsort(-distances, kind="stable")
    least = FAR_LEVEL * max(CONSISTENT_MAD * float(np.median(distances)), error)
    for n_far in range(FEWEST - 1, 0, -1):
        nearest = distances[order[n_far - 1]]
        if nearest > max(least, AS_FAR * distances[order[n_far]]):
            return np.sort(order[:n_far])
    return order[:0]


def _correlation_by(shifts: NDArray[np.float64], n_samples: int) -> float:
    """Correlation that independent genes get if some samples are shifted by so many standard deviations in all genes.

    The shifts are a variance that all genes share: of one sample by d, about d^2 / n beside the variance 1 of a gene.

    Examples
    --------
    >>> round(_correlation_by(np.array([3.0]), 100), 3)
    0.082
    """
    shared = float(shifts @ shifts) / n_samples - (float(shifts.sum()) / n_samples) ** 2
    return shared / (1 + shared)


def _differences(
    some: NDArray[np.float64], far: NDArray[np.int64], others: NDArray[np.float64], *, is_linear: bool
) -> list[Difference]:
    """Explain the differences of far samples from the others one by one; empty if one of them is not explained."""
    found = []
    for place in far.tolist():
        difference = (shift if is_linear else shift_or_factor)(some[[place]], others)
        if difference is None:
            return []
        found.append(Difference(np.array([place]), difference.shift, difference.factor))
    return found


def _finding(
    groups: Sequence[Difference],
    samples: Sequence[str],
    correlation: float,
    option: str,
    already: Sequence[str],
    *,
    is_linear: bool,
) -> Finding:
    """Word the finding: which samples, by how much they differ, what this alone does, and what to do."""
    told = "; ".join(told_difference(group, samples, is_linear=is_linear) for group in groups)
    names = [samples[place] for group in groups for place in group.members.tolist()]
    them = "it" if len(names) == 1 else "them"
    aside = f" ({option}: {listed(names, samples, already)!r})" if option else ""
    level = (
        "set prepare.normalisation: log1p_cpm" if is_linear else "bring all samples to one level and scale beforehand"
    )
    return Finding(
        "warned",
        "shifted",
        f"{told}: this may be the quality of the sample, or another scale, and by itself relates all genes to each"
        f" other (correlation about {correlation:.2g}); leave {them} out{aside}, or {level}",
    )
