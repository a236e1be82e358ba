"""Values that stand out by how often they occur or how far they lie: codes for missing values, limits, outliers.

This is the one place that decides which of these a smallest or largest value is.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some
from genenet.expression.look.extremes import Cells, Extreme, beyond, cells_of, extremes
from genenet.expression.look.kinds import are_linear, points_between_thousands
from genenet.expression.look.limits import has_a_meaning, is_logarithm_of_zero, limit, plainly
from genenet.expression.look.profile import Profile, profile
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, is_sparse

# Sentinels: values that programs write for a missing one.
SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, -999999.0, 9999.0, 99999.0, 999999.0, 1e30, -1e30, 1e99)
# Those that stand out as the only negative number.
NEGATIVE_CODES = (-1.0, -9.0, *SENTINELS)
# A whole number is a code if it occurs so often, in so many genes, and is this many times the range of the others away
# from them.
FEWEST_CELLS, FEWEST_GENES, RANGES = 5, 3, 3.0
# A frequent number is one if it is this far from the others of its genes: in interquartile ranges from the median, of
# the median gene.
FAR_FROM_GENES = 5.0
# A value is off the scale if it is this many times the range of the others (percentiles 0.5 to 99.5) beyond it; so many
# values are needed to know that.
FAR, FEWEST_VALUES = 20.0, 100


class StandingOut(NamedTuple):
    """Findings about values that stand out."""

    codes: list[Finding]
    """Numbers that look like codes for missing values."""
    outliers: list[Finding]
    """Other values far off the scale."""
    limits: list[Finding]
    """Limits of measurement at which values pile up."""


def standing_out(found: Profile, values: Matrix, genes: Sequence[str], samples: Sequence[str]) -> StandingOut:
    """Find codes for missing values, values far off the scale, and limits of measurement.

    Parameters
    ----------
    found
        Summary of the matrix.
    values
        Shape (n_samples, n_genes).
    genes, samples
        Their names.

    Examples
    --------
    >>> from genenet.expression.look.profile import profile
    >>> values = np.arange(1.0, 401.0).reshape(20, 20)
    >>> values[0, :3] = -1.0
    >>> names = list("ABCDEFGHIJKLMNOPQRST")
    >>> print(standing_out(profile(values), values, names, names).codes[0])
    warned (off_scale): 3 values, in 3 of 20 genes, are exactly -1 (the first: gene A, sample A), and no other is \
negative: it looks like a code for a missing value: read it so with prepare.na_values: '-1'
    """
    ends = extremes(found, values)
    reasons = _codes_at_ends(ends, found, values)
    scale = _usual_range(found, list(reasons))
    far = _far_values(found, values, scale, list(reasons))
    reasons |= dict.fromkeys([code for code in SENTINELS if code in far[2]], _off_scale(scale))
    known = {end.value: end for end in ends}
    codes = {code: known[code].cells if code in known else cells_of(values, code) for code in reasons}
    at_limits = [limit(end, found, genes) for end in ends if end.value not in codes]
    return StandingOut(
        _told_codes(codes, reasons, genes, samples),
        _outliers(far, scale, codes, genes, samples),
        [one for one in at_limits if one is not None],
    )


def _codes_at_ends(ends: Sequence[Extreme], found: Profile, values: Matrix) -> dict[float, str]:
    """Codes that are the smallest or largest value, and those that are it without these: each with the reason."""
    reasons: dict[float, str] = {}
    while new := {end.value: reason for end in ends if (reason := _why_code(end, found))}:
        reasons |= new
        values = _without(values, [*new])
        found = profile(values)
        ends = extremes(found, values)
    return reasons


def _without(values: Matrix, codes: Sequence[float]) -> Matrix:
    """Make a copy in which codes are missing values."""
    others = values.copy()
    numbers = others.data if is_sparse(others) else others
    numbers[np.isin(numbers, codes)] = np.nan
    return others


def lone_code(found: Profile, values: Matrix) -> float | None:
    """Find a number that is the largest (or smallest) value of several genes, far from all others; None without one.

    Examples
    --------
    >>> from genenet.expression.look.profile import profile
    >>> values = np.random.default_rng(0).normal(7, 2, (30, 20))
    >>> values[::5, ::4] = 100.0
    >>> lone_code(profile(values), values)
    100.0
    >>> lone_code(profile(np.where(values == 100, 12.5, values)), values) is None
    True
    """
    return next((end.value for end in reversed(extremes(found, values)) if _is_alone(end)), None)


def _why_code(end: Extreme, found: Profile) -> str:
    """Why the smallest or largest value is a code for a missing one; empty if it is none."""
    if _is_alone(end):
        return _off_scale(tuple(np.quantile(end.others, [0.005, 0.995])))
    if _is_only_negative(end, found):
        return "and no other is negative"
    if not end.is_frequent or has_a_meaning(end, found) or end.cells.are_of_whole_samples:
        return ""
    if end.distance > FAR_FROM_GENES:
        return "far from all other values of these genes"
    return ""


def _off_scale(scale: Sequence[float]) -> str:
    return f"far off the scale of the others ({scale[0]:.3g} to {scale[1]:.3g})"


def _is_alone(end: Extreme) -> bool:
    """Tell whether it is a whole number in several genes, and far from all others: a scale of no gene."""
    if end.value != np.floor(end.value) or end.gap <= RANGES * (end.others[-1] - end.others[0]):
        return False
    middle = (end.value + end.next) / 2
    numbers = beyond(end.values, *((-np.inf, middle) if end.is_upper else (middle, np.inf)))[2]
    cells = end.cells
    return bool(
        (numbers == end.value).all()  # not only of those that were sampled
        and cells.n >= FEWEST_CELLS
        and cells.n_genes >= FEWEST_GENES
        and np.count_nonzero(cells.shares == 1) == 0
    )


def _is_only_negative(end: Extreme, found: Profile) -> bool:
    """Tell whether it is a known code, such as -1, and among measured values no number but codes is negative."""
    beside = np.unique(end.others[end.others < 0]).tolist()
    if not {end.value, *beside} <= {*NEGATIVE_CODES}:
        return False
    if found.n_negative != end.cells.n + sum(cells_of(end.values, code).n for code in beside):
        return False
    return end.value != -1 or not is_logarithm_of_zero(end, found)


def _usual_range(found: Profile, codes: Sequence[float]) -> tuple[float, float]:
    """Percentiles 0.5 and 99.5 of the values that are no codes."""
    assert found.sampled is not None
    usual = found.sampled[~np.isin(found.sampled, [*SENTINELS, *codes])]  # a code may be more than 0.5% of the values
    if not len(usual):
        return -np.inf, np.inf
    low, high = np.quantile(usual, [0.005, 0.995])
    return float(low), float(high)


_Places = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Samples, genes and values of some cells."""


def _far_values(found: Profile, values: Matrix, scale: tuple[float, float], codes: Sequence[float]) -> _Places:
    """Find the values far off the scale of the others but for codes that are known already."""
    low, high = scale
    reach = FAR * max(high - low, 1e-12)
    none = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    if found.n_values < FEWEST_VALUES or (found.smallest >= low - reach and found.largest <= high + reach):
        return none
    if are_linear(found) or points_between_thousands(found):
        return none
    rows, columns, numbers = beyond(values, low - reach, high + reach)
    others = ~np.isin(numbers, codes)
    return rows[others], columns[others], numbers[others]


def _told_codes(
    codes: Mapping[float, Cells], reasons: Mapping[float, str], genes: Sequence[str], samples: Sequence[str]
) -> list[Finding]:
    """Word the finding about codes, with the setting that reads them as missing."""
    if not codes:
        return []
    cells = [_cells_in_words(code, codes[code], genes, samples) for code in codes]
    same = {reasons[code] for code in codes}
    what = " and ".join(cells) + f", {same.pop()}" if len(same) == 1 else ""
    what = what or "; ".join(f"{each}, {reasons[code]}" for each, code in zip(cells, codes, strict=True))
    option = ",".join(map(plainly, codes))
    one = "it looks like a code for a missing value: read it so"
    meaning = one if len(codes) == 1 else "they look like codes for missing values: read them so"
    return [Finding("warned", "off_scale", f"{what}: {meaning} with prepare.na_values: '{option}'")]


def _cells_in_words(code: float, cells: Cells, genes: Sequence[str], samples: Sequence[str]) -> str:
    """Say how many values are a code, and which is the first."""
    number, where = plainly(code), f"gene {genes[cells.gene]}, sample {samples[cells.sample]}"
    if cells.n == 1:
        return f"1 value is exactly {number} ({where})"
    in_genes = f"in {cells.n_genes:,} of {count(len(genes), 'gene')}"
    return f"{cells.n:,} values, {in_genes}, are exactly {number} (the first: {where})"


def _outliers(
    far: _Places,
    scale: tuple[float, float],
    codes: Mapping[float, Cells],
    genes: Sequence[str],
    samples: Sequence[str],
) -> list[Finding]:
    """Word the finding about values far off the scale that are no codes, such as those of misplaced decimal points."""
    keep = ~np.isin(far[2], list(codes))
    rows, columns, numbers = (part[keep] for part in far)
    n = len(numbers)
    if not n:
        return []
    first = f"{'' if n == 1 else 'the first is '}{numbers[0]:g} (gene {genes[columns[0]]}, sample {samples[rows[0]]})"
    named = [genes[column] for column in dict.fromkeys(columns.tolist())]
    look_at = f"gene{'' if len(named) == 1 else 's'} {quote_some(named, 3)}"
    what = f"{count(n, 'value')} {'is' if n == 1 else 'are'} {_off_scale(scale)}"
    return [Finding("warned", "off_scale", f"{what}: {first}; look at {look_at}")]
