"""Detection of columns and rows that are not samples or genes (annotation, totals), by their names and values."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.readers import clinical_names, companions, control_names, known_names
from genenet.readers.sparse_pieces import MANY_VALUES

Kind = Literal["gene", "sample"]

# A column is described by at most MAX_VALUES of its values, and judged if at least MIN_VALUES of them are not 0.
MAX_VALUES, MIN_VALUES = 2_000, 10

# A table holds decimals if, in its median column, more than this share of the values is not whole.
DECIMALS = 0.5

# Multiples of a number differ from whole ones by at most this, after rounding to single precision.
UNEVEN = 0.01

# At most this share of the samples (a quarter of it of the genes) can be exceptions.
MAX_SHARE = 0.2

# A sample is on another scale only if its median is more than this many median absolute deviations from the others'.
UNUSUAL = 8.0

# Largest value that logarithms of measurements can have: 2^40 is 10^12.
LOG_MAX = 40.0

OTHER_SCALE = "on another scale than the others"

# The highest values among genes are judged without this share of them.
FAR_GENES = 0.05

# Whole numbers among decimals are reported if chance would produce such a column with less than this probability.
CHANCE = 1e-3

COLUMNS_AT_ONCE = 512
# Rows by which most columns are known not to be multiples of a number.
FIRST_ROWS = 20
# A sum or mean of the others is told among at least so many columns, by nearly all rows, as far as it may be rounded.
FEWEST_FOR_TOTALS, ALL_BUT_FEW, NEARLY, MOST_DIGITS = 4, 0.99, 0.05, 6


@dataclass(frozen=True)
class Facts:
    """Summary statistics of the columns of a table, from at most 2,000 rows of it; arrays of shape (n_columns,).

    Attributes
    ----------
    n_values
        Values that are not missing and not 0.
    whole
        Share of these that are whole numbers; NaN without any.
    even
        Whether all of these are multiples of the smallest, as counts of a cell divided by its depth are (not of 1, 0.1,
        0.01 and so on, to which numbers are rounded).
    low, median, high
        Percentiles 5, 50 and 95 of the values that are not missing.
    """

    n_values: NDArray[np.float64]
    whole: NDArray[np.float64]
    even: NDArray[np.bool_]
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]


class Suspect(NamedTuple):
    """A column or a row that may be no sample or no gene."""

    name: str
    why: str  # for messages
    sure: bool  # refused rather than warned of


def facts_of(values: NDArray[np.float64]) -> Facts:
    """Describe each column of a table (n_rows, n_columns).

    Examples
    --------
    >>> facts_of(np.array([[1.0, 0.5], [2.0, 0.25], [0.0, np.nan]])).whole.tolist()
    [1.0, 0.0]
    """
    step = -(-len(values) // MAX_VALUES) if len(values) else 1
    part = values[::step]
    # A few columns at a time: intermediate results then stay in the processor's cache.
    parts = [part[:, start : start + COLUMNS_AT_ONCE] for start in _starts(part)]
    if part.size < MANY_VALUES:
        pieces = [_facts_of(each) for each in parts]
    else:
        from genenet.kernels.threads import in_threads

        pieces = in_threads(_facts_of, parts)
    return Facts(*(np.concatenate(each) for each in zip(*(astuple(piece) for piece in pieces), strict=True)))


def _starts(values: NDArray[np.float64]) -> range:
    """First columns of pieces; one piece of a table without columns."""
    return range(0, max(values.shape[1], 1), COLUMNS_AT_ONCE)


def _facts_of(part: NDArray[np.float64]) -> Facts:
    finite = np.isfinite(part)
    nonzero = finite & (part != 0)
    n_values = nonzero.sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        whole = (nonzero & (part == np.floor(part))).sum(axis=0) / n_values
        unit = np.where(finite & (part > 0), part, np.inf).min(axis=0, initial=np.inf)
        even = np.abs(np.log10(unit) - np.rint(np.log10(unit))) > UNEVEN
        even &= _are_multiples(part[:FIRST_ROWS], nonzero[:FIRST_ROWS], unit)
        perhaps = np.flatnonzero(even)
        even[perhaps] = _are_multiples(part[:, perhaps], nonzero[:, perhaps], unit[perhaps])
    low, median, high = _percentiles(np.where(finite, part, np.nan), (5, 50, 95))
    return Facts(n_values, whole, even, low, median, high)


def _are_multiples(
    part: NDArray[np.float64], nonzero: NDArray[np.bool_], unit: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether all values of a column that count are multiples of its unit."""
    multiples = part / unit
    return np.logical_and.reduce((np.abs(multiples - np.rint(multiples)) <= UNEVEN) | ~nonzero, axis=0)


def _percentiles(values: NDArray[np.float64], percents: Sequence[float]) -> Any:
    """Percentiles of each column without its missing values; between two ranks, the lower value is taken."""
    if not values.size:
        return np.full((len(percents), values.shape[1]), np.nan)
    ordered = np.sort(values, axis=0)  # NaN last
    n = np.isfinite(ordered).sum(axis=0)
    at = [np.clip((n - 1) * percent // 100, 0, None) for percent in percents]
    return [np.take_along_axis(ordered, place[None], axis=0)[0] for place in at]


def suspects(
    names: Sequence[str],
    kind: Kind,
    facts: Facts | None = None,
    totals: Mapping[int, str] = {},
    shifted: Collection[str] = (),
) -> list[Suspect]:
    """Find the columns (or rows) of one axis that may be no samples, or no genes.

    Parameters
    ----------
    names
        Names of the axis.
    kind
        Whether they should be genes or samples.
    facts
        Statistics of their values; without them only the names are judged.
    totals
        Positions of those that are the sum, the mean or another statistic of the others, and which it is; see
        `totals_among`.
    shifted
        Samples that are known to be shifted as a whole: their scale is no sign that they are none.

    Examples
    --------
    >>> [suspect.name for suspect in suspects(["S1", "Length", "S2"], "sample")]
    ['Length']
    """
    all_reasons = (
        _unlike_samples(names, facts, totals, shifted) if kind == "sample" else _unlike_genes(names, facts, totals)
    )
    found: dict[int, Suspect] = {}
    for reasons in all_reasons:
        for place, suspect in reasons.items():
            found.setdefault(place, suspect)
    return [found[place] for place in sorted(found)]


_Reasons = dict[int, Suspect]
"""Suspects by their positions, all for one reason."""


def _unlike_samples(
    names: Sequence[str], facts: Facts | None, totals: Mapping[int, str], shifted: Collection[str]
) -> Iterator[_Reasons]:
    """Yield the columns that may be no samples, one reason after the other, the surest first."""
    annotation = _annotation_among(names)
    yield _named(names, set(known_names.summaries_among(names)), "a statistic of the others", sure=True)
    yield _named(names, annotation, "annotation", sure=True)
    if annotation:
        yield _named(names, companions.beside_annotation(names, annotation), "beside annotation", sure=True)
    yield {place: Suspect(names[place], why, sure=True) for place, why in totals.items()}
    yield _placed(names, _empty(facts) if facts is not None else (), "without any value")
    yield _named(names, control_names.quality_controls_among(names), "a pool, a blank or a control")
    if facts is not None:
        yield _placed(names, _flat_samples(facts), "the same value for nearly all genes")
        odd = _odd_values(facts, "sample", np.array([name in shifted for name in names], dtype=bool))
        yield {at: Suspect(names[at], why, known_names.is_perhaps_annotation(names[at])) for at, why in odd.items()}
    yield _named(names, set(known_names.summaries_of_groups(names)), "a statistic of a group")
    perhaps = {name for name in names if known_names.is_perhaps_annotation(name)}
    apart = {name for name in perhaps if known_names.is_apart(name, names)}
    yield _named(names, apart, "named unlike the others")


def _unlike_genes(names: Sequence[str], facts: Facts | None, totals: Mapping[int, str]) -> Iterator[_Reasons]:
    """Yield the rows that may be no genes, one reason after the other, the surest first."""
    attributes = clinical_names.attributes_among(names)
    known = np.array([name in attributes for name in names], dtype=bool)
    yield {at: _attribute(names[at], at, attributes, facts) for at in np.flatnonzero(known).tolist()}
    yield {place: Suspect(names[place], why, sure=True) for place, why in totals.items()}
    controls = control_names.controls_among(names)
    yield {at: Suspect(name, controls[name].why, sure=False) for at, name in enumerate(names) if name in controls}
    if facts is not None:
        odd = _odd_values(facts, "gene", known)
        yield {at: Suspect(names[at], why, clinical_names.is_perhaps_clinical(names[at])) for at, why in odd.items()}
    yield _named(names, clinical_names.unlike_genes(names), "named unlike the others")
    between = clinical_names.between_attributes(names, attributes, known_names.is_gene_name)
    yield _placed(names, between, "between attributes of samples")
    if attributes:
        yield _named(names, companions.beside_attributes(names, attributes), "beside attributes of samples")


def _named(names: Sequence[str], found: Collection[str], why: str, *, sure: bool = False) -> _Reasons:
    """Suspects of these names."""
    return {at: Suspect(name, why, sure) for at, name in enumerate(names) if name in found} if found else {}


def _placed(names: Sequence[str], places: Iterable[int], why: str) -> _Reasons:
    """Suspects at these positions."""
    return {place: Suspect(names[place], why, sure=False) for place in places}


def _attribute(name: str, position: int, attributes: set[str], facts: Facts | None) -> Suspect:
    """Judge a name of an attribute: a single one in capitals (AGE), with values like those of genes, may be a gene."""
    if facts is None or len(attributes) > 1 or name != name.upper() or not _is_among(facts, position):
        return Suspect(name, "an attribute of samples", sure=True)
    return Suspect(name, "called as an attribute of samples is", sure=False)


def _is_among(facts: Facts, position: int) -> bool:
    """Tell whether a column has values of the kind and size of most others: decimals within their usual range."""
    others = np.arange(len(facts.low)) != position
    low, high = np.nanmin(facts.low[others], initial=np.inf), np.nanmax(facts.high[others], initial=-np.inf)
    are_decimals = np.nanmedian(np.append(facts.whole[others], 1.0)) < DECIMALS
    is_inside = low <= facts.low[position] < facts.high[position] <= high
    return bool(is_inside and are_decimals and facts.whole[position] < DECIMALS)


def _annotation_among(names: Sequence[str]) -> set[str]:
    return {name for name in names if known_names.is_annotation(name)} | companions.statistics_among(names)


def totals_among(values: NDArray[np.float64]) -> dict[int, str]:
    """Find columns (of samples or genes) that are the sum or the mean of all others: position, and what it is.

    Parameters
    ----------
    values
        Shape (n_rows, n_columns).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> counts = rng.poisson(20, (30, 5)).astype(float)
    >>> totals_among(np.column_stack([counts, counts.sum(axis=1)]))
    {5: 'the sum of the others'}
    """
    n = values.shape[1]
    filled = np.where(np.isfinite(values), values, 0.0)
    total = filled.sum(axis=1, keepdims=True)
    if n < FEWEST_FOR_TOTALS or np.count_nonzero(total) < MIN_VALUES:
        return {}
    found: dict[int, str] = {}
    for divisor, what in ((1.0, "the sum of the others"), (n - 1.0, "the mean of the others")):
        places = [
            start + int(place)
            for start in _starts(filled)
            for place in _near(filled[:, start : start + COLUMNS_AT_ONCE], total, divisor)
        ]
        near = [place for place in places if _is_rounded(filled[:, place], (total[:, 0] - filled[:, place]) / divisor)]
        if 0 < len(near) <= 2:
            found |= dict.fromkeys(near, what)
    return found


def _near(filled: NDArray[np.float64], total: NDArray[np.float64], divisor: float) -> NDArray[np.intp]:
    """Columns whose median distance from the sum (or mean) of the others, as a share of that, is below `NEARLY`."""
    other = (total - filled) / divisor
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.abs(filled - other) / np.abs(np.where(other == 0, np.nan, other))
    # A median takes long; it can only be that low where half of the values are.
    half = 2 * np.count_nonzero(away < NEARLY, axis=0) >= np.count_nonzero(~np.isnan(away), axis=0)
    some = np.flatnonzero(half & ~np.isnan(away).all(axis=0))
    return some[np.nanmedian(away[:, some], axis=0) < NEARLY]


def _is_rounded(values: NDArray[np.float64], exact: NDArray[np.float64]) -> bool:
    """Tell whether nearly all values are the exact ones, as far as they are rounded, and vary more than that."""
    digits = next(
        (n for n in range(MOST_DIGITS) if np.allclose(values, values.round(n), rtol=0, atol=1e-9)), MOST_DIGITS
    )
    tolerance = 0.51 * 10.0**-digits + 1e-9 * np.abs(exact)
    return bool(np.mean(np.abs(values - exact) <= tolerance) > ALL_BUT_FEW and np.ptp(values) > 20 * tolerance.max())


def _odd_values(facts: Facts, kind: Kind, known: NDArray[np.bool_]) -> dict[int, str]:
    """Find columns unlike nearly all others (whole numbers beside decimals, another scale): position and reason.

    Columns that are `known` to be others by their names are not compared.
    """
    n = len(facts.whole)
    usable = (facts.n_values >= MIN_VALUES) & ~known
    if n < 4 or usable.sum() < 4:
        return {}
    odd: dict[int, str] = {}
    varies = facts.low < facts.high if kind == "gene" else np.ones(n, bool)  # genes without variance are dropped
    whole = usable & varies & (facts.whole == 1) & _beyond_chance(facts, usable)
    are_decimals = np.median(facts.whole[usable]) < 1 - DECIMALS and not np.median(facts.even[usable])
    if whole.any() and are_decimals and _are_few(whole, usable, kind, known):
        odd |= {int(position): "whole numbers beside decimals" for position in np.flatnonzero(whole)}
    far = usable & varies & (_far_samples(facts, usable) if kind == "sample" else _far_genes(facts, usable))
    if far.any() and _are_few(far, usable, kind, known):
        for position in np.flatnonzero(far):
            odd.setdefault(int(position), OTHER_SCALE)
    return odd


def _empty(facts: Facts) -> set[int]:
    """Find columns without any value, where others have some; genes without one are missing values like others."""
    empty = ~np.isfinite(facts.median)
    return set() if empty.all() else {int(position) for position in np.flatnonzero(empty)}


def _flat_samples(facts: Facts) -> set[int]:
    """Find samples in which at least nine tenths of the genes have the same value, where hardly any other is so."""
    flat = facts.low == facts.high
    if len(flat) < 4 or flat.sum() > MAX_SHARE * len(flat) or np.median(facts.n_values) < 2 * MIN_VALUES:
        return set()
    return {int(position) for position in np.flatnonzero(flat)}


def _beyond_chance(facts: Facts, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell in which columns all values would hardly be whole by chance (Bonferroni correction for the columns)."""
    usual = max(float(np.append(facts.whole[usable & (facts.whole < 1)], 0.0).mean()), 0.01)
    return facts.n_values * np.log(usual) + np.log(max(usable.sum(), 1)) < np.log(CHANCE)


def _are_few(found: NDArray[np.bool_], usable: NDArray[np.bool_], kind: Kind, known: NDArray[np.bool_]) -> bool:
    """Tell whether these are exceptions; of a table with columns that are `known` as others, as many more may be."""
    most = MAX_SHARE if kind == "sample" else MAX_SHARE / 4
    return bool(found.sum() <= max(2 + known.sum(), most * usable.sum()) and found.sum() < usable.sum() / 2)


def _far_samples(facts: Facts, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find samples whose range of values does not overlap the usual one and lies far from it.

    All samples measure the same genes, so that their ranges should be alike.
    """
    lows, medians, highs = facts.low, facts.median, facts.high
    if (lows[usable] > 0).all():  # positive values, such as intensities, are compared on a logarithmic scale
        with np.errstate(invalid="ignore", divide="ignore"):
            lows, medians, highs = np.log(lows), np.log(medians), np.log(highs)
    low, high = np.median(lows[usable]), np.median(highs[usable])
    beside = (lows > high) | (highs < low)
    away = np.abs(medians - np.median(medians[usable]))
    # Samples may differ by a common factor, such as sequencing depth.
    usual = UNUSUAL * float(np.median(away[usable]))
    return beside & (away > max(high - low, usual, 1e-12))


def _far_genes(facts: Facts, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find genes, in a table of logarithms, whose values are far above the highest of the others, or too high for one.

    The 5th percentile is over twice as high as those, or the 95th is over three times as high and above `LOG_MAX`.
    """
    top = np.sort(facts.high[usable])
    ceiling = top[int((1 - FAR_GENES) * (len(top) - 1))] if len(top) < 100 else top[-3]
    if not 1 < ceiling < 30:
        return np.zeros(len(facts.low), dtype=bool)
    return (facts.low > 2 * ceiling) | ((facts.high > 3 * ceiling) & (facts.high > LOG_MAX))
