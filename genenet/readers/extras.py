"""Detection of columns and rows that are not samples or genes (annotation, totals), by their names and values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.config.keys import text_of
from genenet.config.sections import FindingKind
from genenet.errors import InputError, count, quote_some, suggest
from genenet.readers import clinical_names, control_names, known_names
from genenet.readers.findings import Finding
from genenet.readers.orientation import orientation

Kind = Literal["gene", "sample"]
Axis = Literal["row", "column"]

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
# The highest values among genes are judged without this share of them.
FAR_GENES = 0.05
# Whole numbers among decimals are reported if chance would produce such a column with less than this probability.
CHANCE = 1e-3
# More names than this are listed as patterns with `*`.
MOST_LISTED = 12

# A sum or mean of the others is told among at least so many columns, by nearly all rows, as far as it may be rounded.
FEWEST_FOR_TOTALS, ALL_BUT_FEW, NEARLY, MOST_DIGITS = 4, 0.99, 0.05, 6

SEVERAL = "each sample has"
NO_SAMPLES = "the table has no samples"
NO_KIND: dict[Kind, FindingKind] = {"gene": "no_genes", "sample": "no_samples"}

TOOLS = {
    "Salmon": ("effectivelength", "numreads"),
    "kallisto": ("est_counts", "eff_length"),
    "RSEM": ("expected_count", "fpkm"),
    "DESeq2": ("basemean", "log2foldchange"),
    "limma": ("aveexpr", "logfc"),
    "edgeR": ("logcpm", "logfc"),
    "MAGeCK": ("neg|score", "pos|score"),
    "Seurat": ("p_val_adj", "pct.1"),
}
"""Programs whose tables are about one sample or one comparison, and two columns by which each is recognised."""


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


class SetAside(NamedTuple):
    """Rows and columns of a table that hold no values, as named in the settings."""

    columns: Sequence[str] = ()
    rows: Sequence[str] = ()
    names: str | None = None
    """The column that names the rows."""
    value_columns: Sequence[str] = ()
    """Columns that hold the values, by name or pattern; all others are annotation. Empty for all but `columns`."""


def facts_of(values: NDArray[np.float64]) -> Facts:
    """Describe each column of a table (n_rows, n_columns).

    Examples
    --------
    >>> facts_of(np.array([[1.0, 0.5], [2.0, 0.25], [0.0, np.nan]])).whole.tolist()
    [1.0, 0.0]
    """
    step = -(-len(values) // MAX_VALUES) if len(values) else 1
    part = values[::step]
    finite = np.isfinite(part)
    nonzero = finite & (part != 0)
    n_values = nonzero.sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = (nonzero & (part == np.floor(part))).sum(axis=0) / n_values
        unit = np.min(part, axis=0, where=nonzero & (part > 0), initial=np.inf)
        multiples = part / unit
        even = (np.abs(multiples - np.rint(multiples)) <= UNEVEN).all(axis=0, where=nonzero)
        even &= np.abs(np.log10(unit) - np.rint(np.log10(unit))) > UNEVEN
    low, median, high = _percentiles(np.where(finite, part, np.nan), (5, 50, 95))
    return Facts(n_values, whole, even, low, median, high)


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

    Examples
    --------
    >>> [suspect.name for suspect in suspects(["S1", "Length", "S2"], "sample")]
    ['Length']
    """
    attributes = clinical_names.attributes_among(names) if kind == "gene" else set()
    known = np.array([name in attributes for name in names], dtype=bool)
    odd = _odd_values(facts, kind, known) if facts is not None else {}
    flat = _flat_samples(facts) if facts is not None and kind == "sample" else set()
    empty = _empty(facts) if facts is not None and kind == "sample" else set()
    summaries = set(known_names.summaries_among(names)) if kind == "sample" else set()
    of_groups = set(known_names.summaries_of_groups(names)) if kind == "sample" else set()
    controls = control_names.controls_among(names) if kind == "gene" else {}
    quality = control_names.quality_controls_among(names) if kind == "sample" else set()
    unlike = clinical_names.unlike_genes(names) if kind == "gene" else set()
    between = set(clinical_names.between_attributes(names, attributes, known_names.is_gene_name))
    found = []
    for position, name in enumerate(names):
        if name in summaries:
            found.append(Suspect(name, "a statistic of the others", sure=True))
        elif kind == "sample" and known_names.is_annotation(name):
            found.append(Suspect(name, "annotation", sure=True))
        elif name in attributes:
            found.append(Suspect(name, "an attribute of samples", sure=True))
        elif position in totals:
            found.append(Suspect(name, totals[position], sure=True))
        elif position in empty:
            found.append(Suspect(name, "without any value", sure=False))
        elif name in controls:
            found.append(Suspect(name, controls[name].why, sure=False))
        elif name in quality:
            found.append(Suspect(name, "a pool, a blank or a control", sure=False))
        elif position in flat:
            found.append(Suspect(name, "the same value for nearly all genes", sure=False))
        elif position in odd:
            is_other = known_names.is_perhaps_annotation if kind == "sample" else clinical_names.is_perhaps_clinical
            found.append(Suspect(name, odd[position], sure=is_other(name)))
        elif name in unlike:
            found.append(Suspect(name, "named unlike the others", sure=False))
        elif position in between:
            found.append(Suspect(name, "between attributes of samples", sure=False))
        elif name in of_groups:
            found.append(Suspect(name, "a statistic of a group", sure=False))
        elif kind == "sample" and known_names.is_perhaps_annotation(name) and known_names.is_apart(name, names):
            found.append(Suspect(name, "named unlike the others", sure=False))
    return found


def several_a_sample(
    names: Sequence[str], axis: Axis | None, already: Sequence[str] = (), header: Sequence[str] = ()
) -> Finding | None:
    """Refuse a table that has several columns for each sample, such as counts.S1, abundance.S1 and length.S1.

    Parameters
    ----------
    names
        Columns that may be samples.
    axis
        Axis of the table that they are; None where the matrix is no table.
    already
        Names that the settings set aside.
    header
        Names of all columns, with flags of proteins that are to be left out among them.

    Examples
    --------
    >>> several_a_sample(["counts.S1", "counts.S2", "length.S1", "length.S2"], "column").message
    "each sample has 2 columns (counts.S1, length.S1): choose one kind of them with prepare.value_columns: 'counts.*' \
(or 'length.*')"
    """
    blocks = known_names.blocks_of(names)
    if not blocks:
        return None
    shown = quote_some([columns[0] for columns in blocks.values()], 6)
    what = f"{SEVERAL} {len(blocks)} {axis or 'entrie'}s ({shown})"
    if axis is None:
        message = f"{what}: keep one kind of them: leave out the others (adata[...])"
    elif axis == "column" and (best := _best(blocks, header or names)):
        others = f" (or {', '.join(map(repr, best[1:4]))})" if best[1:] else ""
        message = f"{what}: choose one kind of them with prepare.value_columns: {best[0]!r}{others}{_flags(header)}"
    else:
        others = _set_aside(blocks, names, already)
        key = "prepare.annotation_columns" if axis == "column" else "prepare.annotation_rows"
        message = f"{what}: keep one kind of them, and set the others aside, for example with {key}: {others!r}"
    return Finding("refused", "no_samples", message)


def _best(blocks: Mapping[str, Sequence[str]], header: Sequence[str]) -> list[str]:
    """Patterns of the kinds of columns, those that suit a network first; those that fit other columns are left out."""
    order = sorted(blocks, key=lambda word: _rank(word.casefold()))
    order = [word for word in order if not known_names.STATISTICS.fullmatch(word)] or order
    patterns = [_blocks([blocks[word]], header) for word in order]
    return [found[0] for found in patterns if len(found) == 1 and "*" in found[0]]


def _rank(word: str) -> int:
    return known_names.PREFERRED.index(word) if word in known_names.PREFERRED else len(known_names.PREFERRED)


def _set_aside(blocks: Mapping[str, Sequence[str]], names: Sequence[str], already: Sequence[str]) -> str:
    """Columns of all kinds but the first, as the text of a list."""
    others = list(blocks.values())[1:]
    away = [name for columns in others for name in columns]
    return text_of((*already, *(_blocks(others, names) if len(away) > MOST_LISTED else away)))


def _flags(header: Sequence[str]) -> str:
    """Say how proteins that are flagged as decoys or contaminants are left out."""
    flags = [name for name in header if name.casefold() in known_names.FLAGS]
    query = " and ".join(f'{name if name.isidentifier() else f"`{name}`"} != "+"' for name in flags)
    return f", and leave out decoys and contaminants with prepare.var_query: {query!r}" if flags else ""


def _blocks(blocks: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """Write each block of columns as one pattern, or by its names if a pattern fits other names too."""
    patterns: list[str] = []
    for columns in blocks:
        start = re.sub(r"[A-Za-z0-9]+$", "", _common_start(columns))
        end = re.sub(r"^[A-Za-z0-9]+", "", _common_start([name[::-1] for name in columns])[::-1])
        found = [
            pattern
            for pattern in sorted((f"{start}*", f"*{end}"), key=len, reverse=True)
            if {name for name in names if fits(name, pattern)} == set(columns)
        ]
        patterns += found[:1] or columns
    return patterns


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern, in which `*` stands for any text and nothing else has a meaning.

    Examples
    --------
    >>> fits("[1] S1.raw", "[1] *"), fits("S1", "?1")
    (True, False)
    """
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def _common_start(names: Sequence[str]) -> str:
    """Longest beginning that all names share."""
    first, last = min(names), max(names)
    n = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:n]


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
        other = (total - filled) / divisor
        with np.errstate(invalid="ignore", divide="ignore"):
            away = np.nanmedian(np.abs(filled - other) / np.abs(np.where(other == 0, np.nan, other)), axis=0)
        places = np.flatnonzero(away < NEARLY).tolist()
        near = [place for place in places if _is_rounded(filled[:, place], other[:, place])]
        if 0 < len(near) <= 2:
            found |= dict.fromkeys(near, what)
    return found


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
    whole = usable & (facts.whole == 1) & _beyond_chance(facts, usable)
    are_decimals = np.median(facts.whole[usable]) < 1 - DECIMALS and not np.median(facts.even[usable])
    if whole.any() and are_decimals and _are_few(whole, usable, kind, known):
        odd |= {int(position): "whole numbers beside decimals" for position in np.flatnonzero(whole)}
    far = usable & (_far_samples(facts, usable) if kind == "sample" else _far_genes(facts, usable))
    if far.any() and _are_few(far, usable, kind, known):
        for position in np.flatnonzero(far):
            odd.setdefault(int(position), "on another scale than the others")
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


def finding(
    found: Sequence[Suspect],
    names: Sequence[str],
    kind: Kind,
    axis: Axis | None,
    text: Sequence[str] = (),
    rows: Sequence[str] = (),
    already: Sequence[str] = (),
    unique: Sequence[str] = (),
) -> Finding | None:
    """Make one finding about all suspects of an axis; it is refused if any suspect is sure.

    Parameters
    ----------
    found
        The suspects.
    names
        All names of the axis, those of columns of text included.
    kind
        Whether they should be genes or samples.
    axis
        Which axis of a table it is, None where the matrix is no table.
    text
        Names of columns that hold text.
    rows
        Names of the rows of the table, whose names may be in one of these columns.
    already
        Names that the settings set aside on this axis already. The suggested option repeats them, since an option that
        is given again replaces its earlier value.
    unique
        Columns of text in which no text occurs twice, which may name the rows.
    """
    sure = [suspect.name for suspect in found if suspect.sure]
    unsure = [suspect.name for suspect in found if not suspect.sure]
    away = [name for name in dict.fromkeys(names) if name in {*sure, *unsure, *text}]
    if not away:
        return None
    if kind == "sample" and (sure or text) and _are_all_annotation(names, {*sure, *text}):
        return Finding("refused", "no_samples", no_samples(away, only_text=not sure))
    reasons = _reasons(found, text)
    n = sum(name in set(away) for name in names)
    verb = _verb(n) if sure or text else "may be"
    what = f"{count(n, axis or kind)} {verb} no {kind}{'' if n == 1 else 's'}"
    weight: Literal["refused", "warned"] = "refused" if sure or text else "warned"
    unnamed = _unnamed(rows) if axis == "column" else ""
    turned = orientation([name for name in names if name not in away], rows, TURN) if kind == "sample" else None
    if unnamed and text and turned and turned.weight == "refused":
        advice = f"{turned.message}{_names_column(list(unique or text), away, 'gene', already, '')}"
    elif unnamed and text:
        advice = _names_column(list(unique or text), away, kind, already, unnamed)
    else:
        advice = _advice(away, names, kind, axis, text, already) + (_names_of_rows(away, kind) if unnamed else "")
    return Finding(weight, NO_KIND[kind], f"{what}: {reasons}; {advice}")


TURN = "set prepare.orientation: samples_by_genes"
FIRST_NAMES = ("symbol", "gene", "name", "sample", "cell", "barcode", "probe", "protein", "accession", "feature", "id")
"""Words in the names of columns that may name the rows, the best first."""


# Rows have the names of classes, and not their own, if there are at most so many names for one row.
SHARE_OF_CLASSES = 0.1
VALUES_FIRST = "the first column holds values in place of names"


def _unnamed(rows: Sequence[str]) -> str:
    """Say how rows are named that have no names: by numbers, by classes, or not at all; empty if they have names."""
    if known_names.is_running_number([name.removesuffix(".0") for name in rows]):
        return "the rows are only numbered (0, 1, 2, ...)"
    if rows and not any(name.strip() for name in rows):
        return "the first column is empty"
    numbers = [name for name in rows if re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", name)]
    if len(numbers) > len(rows) / 2:
        return VALUES_FIRST
    classes = list(dict.fromkeys(rows))
    if rows and len(classes) <= SHARE_OF_CLASSES * len(rows):
        return f"the {len(rows):,} rows have {count(len(classes), 'name')} only ({quote_some(classes, 3)})"
    return ""


def names_advice(text: Sequence[str], rows: Sequence[str], kind: Kind) -> str:
    """Say which column of text can name rows that have no names of their own; empty if they have.

    Examples
    --------
    >>> names_advice(["Description", "Accession"], ["0", "1", "2"], "sample")
    "; the rows are only numbered (0, 1, 2, ...): name them with prepare.name_column: 'Accession'"
    """
    unnamed = _unnamed(rows)
    return f"; {_names_column(text, (), kind, (), unnamed)}" if unnamed and text else ""


def _names_column(text: Sequence[str], away: Sequence[str], kind: Kind, already: Sequence[str], unnamed: str) -> str:
    """Say that rows without names are named by a column of text, and that the others are set aside."""
    plain = [name.casefold() for name in text]
    found = [text[place] for word in FIRST_NAMES for place, name in enumerate(plain) if word in name]
    best, *more = dict.fromkeys([*found, *(() if found else text)])
    key = "prepare.name_column" if kind == "sample" else "prepare.sample_column"
    if unnamed == VALUES_FIRST:
        return f"{unnamed}: put the column of the names ({best}) before it"
    others = [name for name in away if name != best]
    option = f" and set the others aside with prepare.annotation_columns: {listed(others, (), already)!r}"
    begin = f"{unnamed}: name them with" if unnamed else " and"
    either = f" (or {quote_some(more, 3)})" if more else ""
    return f"{begin} {key}: {best!r}{either}{option if others else ''}"


def _names_of_rows(away: Sequence[str], kind: Kind) -> str:
    """Say how the rows, which are numbered, get names of one of these columns."""
    key = "prepare.name_column" if kind == "sample" else "prepare.sample_column"
    example = away[0] if len(away) == 1 else "NAME"
    return f"; the rows are only numbered (0, 1, 2, ...): if one of these names them, set {key}: {example!r}"


def _are_all_annotation(names: Sequence[str], away: set[str]) -> bool:
    """Tell whether every column is annotation, or may be, so that no sample is left."""
    return all(name in away or known_names.is_perhaps_annotation(name) for name in names)


def no_samples(names: Sequence[str], *, only_text: bool = False) -> str:
    """Word the error about a table without samples, with the program that may have written it."""
    if only_text:
        hold = f"column ({names[0]}) holds" if len(names) == 1 else f"columns ({quote_some(list(names), 6)}) hold"
        return f"{NO_SAMPLES}: its {hold} text; give the matrix of values, one column a sample"
    plain = {name.casefold() for name in names}
    tool = next((tool for tool, marks in TOOLS.items() if plain.issuperset(marks)), "")
    whose = f"as {tool} writes it" if tool else "of one sample or of one comparison"
    return (
        f"{NO_SAMPLES}: its columns ({quote_some(list(names), 6)}) are those of a table {whose}; "
        "give the matrix of values, one column a sample"
    )


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"


def _reasons(found: Sequence[Suspect], text: Sequence[str]) -> str:
    by_reason: dict[str, list[str]] = {"text": list(text)} if text else {}
    for suspect in found:
        by_reason.setdefault(suspect.why, []).append(suspect.name)
    return ", ".join(f"{quote_some(list(dict.fromkeys(names)))} ({why})" for why, names in by_reason.items())


def _advice(
    away: Sequence[str],
    names: Sequence[str],
    kind: Kind,
    axis: Axis | None,
    text: Sequence[str],
    already: Sequence[str],
) -> str:
    if axis is None:
        part = "adata[:, ...]" if kind == "gene" else "adata[...]"
        return f"leave them out of the matrix ({part}), or say that they are {kind}s by prepare.accept: no_{kind}s"
    them = "it" if len(away) == 1 else "them"
    key = "prepare.annotation_columns" if axis == "column" else "prepare.annotation_rows"
    left = [name for name in names if name not in set(away)]
    quantity = known_names.quantity_of_all(left) if axis == "column" else ""
    patterns = _best({quantity: left}, names) if quantity else []
    if patterns:
        aside = f"choose the others with prepare.value_columns: {patterns[0]!r}{_flags(names)}"
    else:
        aside = f"set {them} aside with {key}: {listed(away, names, already)!r}"
    return aside if text else f"{aside}, or keep {them} with prepare.accept: no_{kind}s"


def listed(away: Sequence[str], names: Sequence[str], already: Sequence[str] = ()) -> str:
    """Write names as the text of a list; many of a kind by a pattern with `*`.

    Examples
    --------
    >>> listed(["Chr", "Gene, symbol"], [])
    'Chr,"Gene, symbol"'
    """
    patterns: list[str] = list(away)
    if len(away) > MOST_LISTED:
        patterns = _patterns(away, names)
    return text_of((*already, *patterns))


def _patterns(away: Sequence[str], names: Sequence[str]) -> list[str]:
    """Patterns that fit these names and no others."""
    others = [name for name in names if name not in set(away)]
    controls = control_names.controls_among(names)
    kept: dict[str, None] = {}
    for name in away:
        if any(fits(name, pattern) for pattern in kept):
            continue
        match = known_names.DETECTION.search(re.sub(r"\.\d+$", "", name))
        patterns = [f"*{match.group(0).lstrip(' ._-')}*"] if match and match.group(0).strip(" ._-") else []
        patterns += controls[name].patterns if name in controls else ()
        fitting = [pattern for pattern in patterns if fits(name, pattern)]
        kept[next((one for one in fitting if not any(fits(other, one) for other in others)), name)] = None
    return list(kept)


def annotation_among(header: Sequence[str], aside: SetAside, where: str) -> list[int]:
    """Find the columns of a table that hold no values, as the settings name them, or those that do.

    Parameters
    ----------
    header
        Names of all columns.
    aside
        The settings.
    where
        Name of the table, for messages.

    Returns
    -------
    Positions of the columns of annotation; the column that names the rows may be among them.

    Raises
    ------
    InputError
        If there is no column of a name that is given.

    Examples
    --------
    >>> annotation_among(["id", "Length", "TPM a", "TPM b"], SetAside(value_columns=["TPM *"]), "m.tsv")
    [0, 1]
    """
    wanted = [*aside.columns, *([aside.names] if aside.names and aside.names in header else [])]
    noted, missing = chosen(header, wanted)
    _refuse_unknown(where, "annotation_columns", missing, header)
    if not aside.value_columns:
        return noted
    values, missing = chosen(header, aside.value_columns)
    _refuse_unknown(where, "value_columns", missing, header)
    left = set(values) - set(noted)
    return [place for place in range(len(header)) if place not in left]


def _refuse_unknown(where: str, key: str, missing: Sequence[str], header: Sequence[str]) -> None:
    if missing:
        raise InputError(
            f"{where}: prepare.{key}: no column {missing[0]}; "
            f"the header begins with {quote_some(header[:5])}{suggest(missing[0], header[1:])}"
        )


def names_of_values(columns: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Name columns of values by the part that `*` stands for in the first pattern that fits them.

    Examples
    --------
    >>> names_of_values(["LFQ intensity S1", "ctrl", "S3.TPM"], ["ctrl", "LFQ intensity *", "*.TPM"])
    ['S1', 'ctrl', 'S3']
    """
    return [_part(column, patterns) for column in columns]


def _part(column: str, patterns: Sequence[str]) -> str:
    for pattern in patterns:
        start, star, end = pattern.partition("*")
        if column == pattern:
            return column
        if star and "*" not in end and column.startswith(start) and column.endswith(end):
            return column[len(start) : len(column) - len(end)].strip() or column
    return column


def chosen(names: Sequence[str], wanted: Sequence[str]) -> tuple[list[int], list[str]]:
    """Find wanted names, given exactly or as a pattern with `*`: their positions, and the wanted names not found.

    Examples
    --------
    >>> chosen(["S1", "S1 Detection Pval", "S2"], ["*Detection*", "Chr"])
    ([1], ['Chr'])
    """
    exact = set(names)
    patterns = [name for name in wanted if name not in exact and "*" in name]
    found = [
        position
        for position, name in enumerate(names)
        if name in wanted or any(fits(name, pattern) for pattern in patterns)
    ]
    there = [names[position] for position in found]
    missing = [name for name in wanted if name not in exact and not any(fits(other, name) for other in there)]
    return found, missing
