"""Findings about the kind of values: counts, linear values, z-scores, or counts of single cells."""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import count
from genenet.expression.look.profile import Profile
from genenet.expression.look.shares import shares
from genenet.readers.extras import LOG_MAX
from genenet.readers.findings import Finding
from genenet.readers.thousands import among_numbers

# Depth is unequal from this ratio on between the 90th and the 10th percentile of the sums of samples.
UNEQUAL_DEPTH = 1.5
# Depth is judged only if there are at least this many genes.
MANY_GENES = 30
# From this share of zeros and this number of samples on, counts are those of single cells.
MANY_ZEROS, MANY_CELLS = 0.8, 200
# Values have a long tail if their 95th percentile is this many times the median; it is 1.9 times the median for values
# that are spread evenly from 0 to a maximum.
LONG_TAIL = 2.2
# Linear values may be negative in at most this share, and to at most this share of the largest value.
FEW_NEGATIVE, SMALL_NEGATIVE = 0.4, 0.1
# No gene has so many reads in a sample: larger whole numbers are intensities.
LARGEST_COUNT = 1e9
# Half of the intensities of mass spectra are larger than this, and nearly all larger than that.
LARGE, SMALL = 1e4, 100
# So many different whole numbers, none of which is larger than that, are classes; those of counts have more zeros.
MOST_CLASSES, FEW_ZEROS, FEWEST_VALUES = 6, 0.3, 100


def kind_of_values(found: Profile, settings: Prepare) -> list[Finding]:
    """Findings about the kind of values (counts, linear, z-scores, shares), with the normalisation that suits them."""
    if not found.n_values or settings.normalisation != "none":
        return []
    few = _classes(found)
    if few is not None:
        return [few]
    counts = _counts(found)
    if counts is not None and settings.aggregate != "none":
        return []  # `aggregate` says how the sums of counts are normalised
    if counts is not None:
        return counts
    if are_linear(found):
        return [_linear(found)]
    if found.n_standard > 0.9 * found.n_genes and found.n_genes >= 4:
        return [
            Finding(
                "noted",
                "scaled",
                "every gene has mean 0 and variance 1: z-scores, to which bins and MI are indifferent",
            )
        ]
    return shares(found)


def _classes(found: Profile) -> Finding | None:
    """Note values that are a few whole numbers: calls of copy number, mutations, genotypes."""
    assert found.sampled is not None
    if not found.is_whole or found.n_values < FEWEST_VALUES or max(-found.smallest, found.largest) > MOST_CLASSES:
        return None
    numbers = np.unique(found.sampled)
    if not 2 <= len(numbers) <= MOST_CLASSES:
        return None
    if len(numbers) > 2 and found.share_zero >= (FEW_ZEROS if found.largest > 2 else MANY_ZEROS):
        return None  # counts
    if found.n_negative:
        like = f"from {numbers[0]:g} to {numbers[-1]:g}, as calls of copy number (GISTIC) are"
    elif list(numbers) == [0, 1]:
        like = f"({float(np.mean(found.sampled)):.1%} are 1), as tables of mutations and of presence have"
    else:
        like = f"from {numbers[0]:g} to {numbers[-1]:g}, as classes and genotypes are"
    is_binary = list(numbers) == [0, 1]
    which = "0 and 1" if is_binary else f"{len(numbers)} whole numbers"
    rare = "; genes that are rarely 1 tell little of each other" if is_binary else ""
    return Finding(
        "noted", "classes", f"all values are {which} {like}: discretise.method: codes makes a bin of each{rare}"
    )


def _linear(found: Profile) -> Finding:
    ratio = found.depth_ratio
    intense = found.largest > LARGEST_COUNT
    unequal = found.n_genes >= MANY_GENES and ratio >= UNEQUAL_DEPTH and not intense
    option = ("log1p_cp10k" if found.share_zero > 0.5 else "log1p_cpm") if unequal else "log1p"
    depth = f", and the sums of samples differ {_fold(ratio)}" if unequal else ""
    missing = intense and found.n_zero
    zeros = (
        f"; zeros ({found.n_zero:,}) of intensities are usually missing values: prepare.na_values: '0'"
        if missing
        else ""
    )
    what = "the values are linear ones, such as TPM or intensities"
    if found.n_negative:
        n = count(found.n_negative, "value")
        return Finding(
            "warned",
            "linear",
            f"{what} of which a background was subtracted (from {found.smallest:.4g} to {found.largest:.4g}; {n} "
            f"{'is' if found.n_negative == 1 else 'are'} negative): logarithms cannot be taken of negative values; "
            "transform them beforehand, by arcsinh or a logarithm that raises values below 1 to 1",
        )
    return Finding(
        "warned",
        "linear",
        f"{what} (up to {found.largest:.4g}, half of those above 0 below {float(np.median(_positive(found))):.3g})"
        f"{depth}: take logarithms with prepare.normalisation: {option}{zeros}",
    )


def _are_intensities(found: Profile) -> bool:
    """Tell whether whole numbers are intensities of mass spectra: large, with missing values and no 0."""
    assert found.totals is not None
    if found.n_zero or found.n_values in (0, found.n_genes * len(found.totals)):
        return False
    positive = _positive(found)
    return bool(np.median(positive) > LARGE and np.quantile(positive, 0.01) > SMALL)


def _fold(ratio: float) -> str:
    return f"{ratio:.1f}-fold" if np.isfinite(ratio) else "without bound"


def _positive(found: Profile) -> NDArray[np.float64]:
    assert found.sampled is not None
    return found.sampled[found.sampled > 0]


def _counts(found: Profile) -> list[Finding] | None:
    """Findings about counts; None if the values are not counts."""
    whole = found.n_whole / found.n_values
    nonzero_whole = (found.n_whole - found.n_zero) / max(1, found.n_values - found.n_zero)
    if found.n_negative or not 3 <= found.largest <= LARGEST_COUNT or _are_intensities(found):
        return None
    estimated = not found.is_whole and whole > 0.5 and nonzero_whole > 0.3 and found.largest > 100
    if not (found.is_whole or estimated):
        return None
    if found.is_whole and found.largest <= 20 and found.share_zero < FEW_ZEROS:
        return None  # codes, or classes
    ratio = found.depth_ratio
    what = "whole numbers" if found.is_whole else "mostly whole numbers"
    if found.n_genes >= MANY_GENES and ratio >= UNEQUAL_DEPTH:
        return [
            Finding(
                "warned",
                "counts",
                f"the values are raw counts ({what}, up to {found.largest:,.0f}) of unequal depth: the sums of samples "
                f"differ {_fold(ratio)}, which relates all genes; normalise them with prepare.normalisation: "
                "log1p_cp10k (for bulk samples log1p_cpm)",
            )
        ]
    return [Finding("noted", "counts", f"the values are counts ({what}, up to {found.largest:,.0f})")]


def single_cells(found: Profile, settings: Prepare) -> list[Finding]:
    """Find counts of single cells, and name the options for them."""
    assert found.totals is not None
    n_cells = len(found.totals)
    if not found.is_whole or found.share_zero < MANY_ZEROS or n_cells < MANY_CELLS or settings.aggregate != "none":
        return []
    return [
        Finding(
            "noted",
            "cells",
            f"{found.share_zero:.0%} of the values of {n_cells:,} samples are 0, as in counts of single cells: cells of"
            " one donor are not independent samples; prepare.aggregate: pseudobulk or metacells, with"
            " prepare.aggregate_by: 'donor,cell_type' for instance, makes samples of them",
        )
    ]


def are_linear(found: Profile) -> bool:
    """Tell whether values have the long tail of TPM, FPKM and intensities, which their logarithms do not have.

    Those of which a background was subtracted have a few small negative ones.
    """
    positive = _positive(found)
    if len(positive) < 100 or found.largest <= LOG_MAX:
        return False
    if found.n_negative > FEW_NEGATIVE * found.n_values or -found.smallest > SMALL_NEGATIVE * found.largest:
        return False
    middle, high, top = np.quantile(positive, [0.5, 0.95, 0.999])
    return bool(top > LOG_MAX and high > LONG_TAIL * middle)


def points_between_thousands(found: Profile) -> Finding | None:
    """Find points that separate thousands: 4.500 beside 800 is 4,500."""
    return None if found.n_negative or found.largest >= 1000 else among_numbers(_positive(found))
