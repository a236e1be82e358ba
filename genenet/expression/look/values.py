"""Findings in the values: counts, logarithms, linear values, z-scores or shares; and values far off the scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import count, quote_some
from genenet.expression.gene_statistics import gene_blocks
from genenet.readers.extras import LOG_MAX, Facts
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix

# The distribution of the values is estimated from about this many of them.
MAX_SAMPLED = 500_000
# Depth is unequal from this ratio on between the 90th and the 10th percentile of the sums of samples.
UNEQUAL_DEPTH = 1.5
# Depth is judged only if there are at least this many genes.
MANY_GENES = 30
# From this share of zeros and this number of samples on, counts are those of single cells.
MANY_ZEROS, MANY_CELLS = 0.8, 200
# Sentinels: values that programs write for a missing one.
SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, -999999.0, 9999.0, 99999.0, 999999.0, 1e30, -1e30, 1e99)
# Two scales are mixed if at least this share of the samples is of each, and nearly all are of one of them; samples of
# fewer values are not judged.
FEWEST_OF_A_SCALE, SHARE_OF_SCALES, MIN_IN_SAMPLE = 0.05, 0.9, 20
# -1 may be the logarithm of a constant from this share of the values on, if others are as low as that of one read.
LEAST_OF_OFFSET, LOG_OF_ONE = 0.01, 0.6
# Values of fewer different numbers than this are codes, of which one may be negative.
FEWEST_DISTINCT = 30
# A value is off the scale if it is this many times the range of the others (percentiles 0.5 to 99.5) beyond it.
FAR = 20.0
# Values have a long tail if their 95th percentile is this many times the median; it is 1.9 times the median for values
# that are spread evenly from 0 to a maximum.
LONG_TAIL = 2.2
# Samples add up to a whole if they miss it by at most this share of it; taxa may be there at up to so many ranks.
NEAR_WHOLE, MOST_RANKS = 0.01, 9
# No gene has so many reads in a sample: larger whole numbers are intensities.
LARGEST_COUNT = 1e9


@dataclass
class Profile:
    """Summary statistics of a whole matrix, from one pass over it."""

    n_values: int = 0  # finite
    n_zero: int = 0
    n_whole: int = 0  # zeros included
    n_negative: int = 0
    smallest: float = np.inf
    largest: float = -np.inf
    n_standard: int = 0  # genes of mean 0 and variance 1
    n_genes: int = 0
    totals: NDArray[np.float64] | None = None  # of each sample
    sampled: NDArray[np.float64] | None = None  # some of the finite values, ascending
    hashes: NDArray[np.uint64] | None = None  # of each sample's values

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers."""
        return self.n_whole == self.n_values

    @property
    def share_zero(self) -> float:
        """Share of zeros."""
        return self.n_zero / max(1, self.n_values)

    @property
    def depth_ratio(self) -> float:
        """Ratio between the 90th and the 10th percentile of the sums of samples."""
        assert self.totals is not None
        low, high = np.quantile(self.totals, [0.1, 0.9])
        return float(high / low) if low > 0 else np.inf


def profile(values: Matrix) -> Profile:
    """Summarise a matrix, shape (n_samples, n_genes), dense or CSC, in one pass."""
    n_samples, n_genes = values.shape
    found = Profile(totals=np.zeros(n_samples), hashes=np.zeros(n_samples, np.uint64), n_genes=n_genes)
    rng = np.random.default_rng(0)
    stride = max(1, n_samples * n_genes // MAX_SAMPLED)
    sampled = []
    for block in gene_blocks(values):
        finite = np.isfinite(block)
        inside = block[finite] if not finite.all() else block.ravel()
        if inside.size:
            found.smallest = min(found.smallest, float(inside.min()))
            found.largest = max(found.largest, float(inside.max()))
        found.n_values += inside.size
        found.n_zero += inside.size - int(np.count_nonzero(inside))
        found.n_whole += int(np.count_nonzero(np.floor(inside) == inside))
        found.n_negative += int(np.count_nonzero(inside < 0))
        sampled.append(inside[::stride].copy())  # a view would keep the block
        with np.errstate(all="ignore"):
            found.totals += np.where(finite, block, 0.0).sum(axis=0)
            found.n_standard += _n_standard(block, finite)
        keys = rng.integers(1, 2**64 - 1, size=(len(block), 1), dtype=np.uint64) | np.uint64(1)
        found.hashes += _mixed(block + 0.0, keys).sum(axis=0, dtype=np.uint64)
    found.sampled = np.sort(np.concatenate(sampled)) if sampled else np.empty(0)
    return found


def _mixed(block: NDArray[np.float64], keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash each value with the key of its gene, so that all bits of the hash depend on the value.

    The lower 50 bits of small whole numbers, as float64, are 0, and would be 0 in the product with a key too.
    """
    half = np.uint64(32)
    bits = block.view(np.uint64)
    products: NDArray[np.uint64] = (bits ^ (bits >> half)) * keys
    return products ^ (products >> half)


def _n_standard(block: NDArray[np.float64], finite: NDArray[np.bool_]) -> int:
    """Count genes whose mean is 0 and whose variance is 1, by n or by n - 1."""
    n = finite.sum(axis=1)
    filled = np.where(finite, block, 0.0)
    mean = filled.sum(axis=1) / n
    variance = (filled * filled).sum(axis=1) / n - mean * mean
    return int(np.count_nonzero((np.abs(mean) < 0.01) & (np.abs(variance - 1) < 2 / np.maximum(n, 2) + 0.01)))


def kind_of_values(found: Profile, settings: Prepare) -> list[Finding]:
    """Findings about the kind of values (counts, linear, z-scores, shares), with the normalisation that suits them."""
    if not found.n_values or settings.normalisation != "none":
        return []
    thousands = None if settings.decimal == "point" else _thousands(found)
    counts = None if thousands else _counts(found)
    if counts is not None and settings.aggregate != "none":
        return []  # `aggregate` says how the sums of counts are normalised
    if counts is not None:
        return counts
    if thousands:
        return [thousands]
    if found.n_negative == 0 and _are_linear(found):
        return [_linear(found)]
    if found.n_standard > 0.9 * found.n_genes and found.n_genes >= 4:
        return [
            Finding(
                "noted",
                "scaled",
                "every gene has mean 0 and variance 1: z-scores, to which bins and MI are indifferent",
            )
        ]
    return _shares(found)


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
    return Finding(
        "warned",
        "linear",
        f"the values are linear ones, such as TPM or intensities (up to {found.largest:.4g}, "
        f"half of those above 0 below {float(np.median(_positive(found))):.3g}){depth}: take logarithms "
        f"with prepare.normalisation: {option}{zeros}",
    )


THREE_DECIMALS = 0.5
"""Of the numbers with a point this share has a third decimal that is not 0, if points separate thousands."""


def _thousands(found: Profile) -> Finding | None:
    """Find points that separate thousands: 4.500 beside 800 is 4,500."""
    positive = _positive(found)
    is_whole = positive == np.floor(positive)
    whole, broken = positive[is_whole], positive[~is_whole]
    hundreds = np.unique(whole[whole >= 100])
    if found.n_negative or len(hundreds) < 3 or len(broken) < 20 or found.largest >= 1000 or broken.min() < 1:
        return None
    if np.any(np.abs(broken * 1000 - np.rint(broken * 1000)) > 1e-6) or broken.max() >= 1000:
        return None
    if np.mean(np.abs(broken * 100 - np.rint(broken * 100)) > 1e-4) < THREE_DECIMALS:
        return None
    return Finding(
        "warned",
        "thousands",
        f"the values are whole numbers up to {whole.max():g} and numbers with three decimals up to {broken.max():g}: "
        "points may separate thousands here (4.500 for 4500): set prepare.thousands: point, or, if they are decimal "
        "points, prepare.decimal: point",
    )


def _fold(ratio: float) -> str:
    return f"{ratio:.1f}-fold" if np.isfinite(ratio) else "without bound"


def _positive(found: Profile) -> NDArray[np.float64]:
    assert found.sampled is not None
    return found.sampled[found.sampled > 0]


def _counts(found: Profile) -> list[Finding] | None:
    """Findings about counts; None if the values are not counts."""
    whole = found.n_whole / found.n_values
    nonzero_whole = (found.n_whole - found.n_zero) / max(1, found.n_values - found.n_zero)
    if found.n_negative or not 3 <= found.largest <= LARGEST_COUNT:
        return None
    estimated = not found.is_whole and whole > 0.5 and nonzero_whole > 0.3 and found.largest > 100
    if not (found.is_whole or estimated):
        return None
    if found.is_whole and found.largest <= 20 and found.share_zero < 0.3:
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


def mixed_scales(facts: Facts, samples: Sequence[str]) -> list[Finding]:
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
    >>> mixed_scales(facts_of(logs), list("abcdefgh"))[0].message
    '4 of 8 samples look like logarithms (a, b, c and 1 more), the others like linear values (e, f, g and 1 more): \
bring all to one scale before they are compared'
    """
    usable = (facts.n_values >= MIN_IN_SAMPLE) & (facts.low >= 0) & (facts.median > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        has_tail = facts.high > LONG_TAIL * facts.median
    logs, linear = usable & ~has_tail & (facts.high <= LOG_MAX), usable & has_tail & (facts.high > LOG_MAX)
    least = max(3, FEWEST_OF_A_SCALE * len(samples))
    if min(logs.sum(), linear.sum()) < least or (logs | linear).sum() < SHARE_OF_SCALES * len(samples):
        return []
    first, second = ([samples[place] for place in np.flatnonzero(which).tolist()] for which in (logs, linear))
    return [
        Finding(
            "warned",
            "linear",
            f"{len(first):,} of {count(len(samples), 'sample')} look like logarithms ({quote_some(first, 3)}), the "
            "others "
            f"like linear values ({quote_some(second, 3)}): bring all to one scale before they are compared",
        )
    ]


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


def compositional(found: Profile) -> list[Finding]:
    """Find shares of a whole: samples whose values add up to 1 or to 100 (several times, with ranks of taxa).

    Examples
    --------
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


def _are_linear(found: Profile) -> bool:
    """Tell whether values have the long tail of TPM, FPKM and intensities, which their logarithms do not have."""
    positive = _positive(found)
    if len(positive) < 100 or found.largest <= LOG_MAX:
        return False
    middle, high, top = np.quantile(positive, [0.5, 0.95, 0.999])
    return bool(top > LOG_MAX and high > LONG_TAIL * middle)


def _shares(found: Profile) -> list[Finding]:
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


def off_scale(found: Profile, values: Matrix, genes: list[str], samples: list[str]) -> list[Finding]:
    """Find single values far from all others: codes for missing values (-999), misplaced decimal points."""
    if not found.n_values or found.n_values < 100:
        return []
    assert found.sampled is not None
    usual = found.sampled[~np.isin(found.sampled, SENTINELS)]  # a code may stand for more than 0.5% of the values
    if not len(usual):
        return []
    low, high = np.quantile(usual, [0.005, 0.995])
    reach = FAR * max(high - low, 1e-12)
    if found.smallest >= low - reach and found.largest <= high + reach:
        return []
    if (found.n_negative == 0 and _are_linear(found)) or _thousands(found):
        return []
    rows, columns, numbers = beyond(values, low - reach, high + reach)
    if not len(numbers):
        return []
    codes = [code for code in SENTINELS if np.count_nonzero(numbers == code) > len(numbers) / 2]
    first = f"{numbers[0]:g} (gene {genes[columns[0]]}, sample {samples[rows[0]]})"
    size = f"{count(len(numbers), 'value')} {'is' if len(numbers) == 1 else 'are'} far off the scale of the others "
    size += f"({low:.3g} to {high:.3g}): {'' if len(numbers) == 1 else 'the first is '}{first}"
    if codes:
        return [
            Finding(
                "warned",
                "off_scale",
                f"{size}; {codes[0]:g} looks like a code for a missing value: read it so with prepare.na_values: "
                f"'{codes[0]:g}'",
            )
        ]
    return [Finding("warned", "off_scale", f"{size}; look at {_where(genes, columns)}")]


def are_logarithms_with_offset(found: Profile, share: float) -> bool:
    """Tell whether -1 may be log2(0 + 0.5) or log10(0 + 0.1): in many values, and others as low as log2(1 + 0.5)."""
    assert found.sampled is not None
    others = found.sampled[found.sampled > -1]
    is_near = len(others) > 0 and bool(others[0] < LOG_OF_ONE)
    decimals = 1 - found.n_whole / max(1, found.n_values)
    return share >= LEAST_OF_OFFSET and decimals > 0.5 and found.largest <= LOG_MAX and is_near


def code_below_zero(found: Profile) -> list[Finding]:
    """Find -1 as the only negative number among measured values: a code for a missing one.

    Examples
    --------
    >>> values = np.arange(1.0, 401.0).reshape(20, 20)
    >>> values[0, :3] = -1.0
    >>> print(code_below_zero(profile(values))[0].message)
    3 values are -1, and no other is negative: -1 looks like a code for a missing value: read it so with \
prepare.na_values: '-1'
    """
    assert found.sampled is not None
    negative = found.sampled[found.sampled < 0]
    if found.smallest != -1 or not (negative == -1).all() or len(np.unique(found.sampled)) < FEWEST_DISTINCT:
        return []
    if are_logarithms_with_offset(found, found.n_negative / found.n_values):
        return []  # the check of limits names it
    size = f"{count(found.n_negative, 'value')} {'is' if found.n_negative == 1 else 'are'} -1"
    code = "-1 looks like a code for a missing value: read it so with prepare.na_values: '-1'"
    return [Finding("warned", "off_scale", f"{size}, and no other is negative: {code}")]


def _where(genes: list[str], columns: NDArray[np.int64]) -> str:
    names = [genes[column] for column in dict.fromkeys(columns.tolist())]
    return f"gene{'' if len(names) == 1 else 's'} {quote_some(names, 3)}"


def beyond(values: Matrix, low: float, high: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the values outside of these limits: positions of their samples and genes, and the values."""
    rows, columns, numbers = [], [], []
    start = 0
    for block in gene_blocks(values):
        gene, sample = np.nonzero((block < low) | (block > high))
        bad = np.isfinite(block[gene, sample])
        rows.append(sample[bad])
        columns.append(gene[bad] + start)
        numbers.append(block[gene, sample][bad])
        start += len(block)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(numbers)
