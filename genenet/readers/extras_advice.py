"""Findings about columns and rows that are not samples or genes, with the options that set them aside."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from genenet.config.keys import text_of
from genenet.config.sections import FindingKind
from genenet.errors import count, quote_some
from genenet.readers import clinical_names, control_names, known_names, quantity_names
from genenet.readers.extras import Facts, Kind, Suspect, suspects
from genenet.readers.findings import Finding
from genenet.readers.orientation import orientation
from genenet.readers.quantities import MOST_LISTED, Axis, flag_query, value_patterns
from genenet.readers.set_aside import fits

NO_SAMPLES = "the table has no samples"

NO_KIND: dict[Kind, FindingKind] = {"gene": "no_genes", "sample": "no_samples"}

TOOLS = {
    "Salmon": ("effectivelength", "numreads"),
    "kallisto": ("est_counts", "eff_length"),
    "RSEM": ("expected_count", "fpkm"),
    "GDC (STAR)": ("unstranded", "stranded_first"),
    "DESeq2": ("basemean", "log2foldchange"),
    "limma": ("aveexpr", "logfc"),
    "edgeR": ("logcpm", "logfc"),
    "MAGeCK": ("neg|score", "pos|score"),
    "Seurat": ("p_val_adj", "pct.1"),
}
"""Programs whose tables are about one sample or one comparison, and two columns by which each is recognised."""


def finding(
    found: Sequence[Suspect],
    names: Sequence[str],
    kind: Kind,
    axis: Axis | None,
    text: Sequence[str] = (),
    rows: Sequence[str] = (),
    already: Sequence[str] = (),
    unique: Sequence[str] = (),
    classes: Sequence[str] = (),
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
    classes
        Columns of text with few different texts, which may be groups of the rows.
    """
    sure = [suspect.name for suspect in found if suspect.sure]
    unsure = [suspect.name for suspect in found if not suspect.sure]
    away = [name for name in dict.fromkeys(names) if name in {*sure, *unsure, *text}]
    if not away:
        return None
    surely_away = {*sure, *text, *(unsure if len(sure) > 1 else ())}
    if kind == "sample" and (sure or text) and _are_all_annotation(names, surely_away):
        return Finding("refused", "no_samples", no_samples(away, only_text=not sure))
    reasons = _reasons(found, text)
    n = sum(name in set(away) for name in names)
    verb = _verb(n) if sure or text else "may be"
    what = f"{count(n, axis or kind)} {verb} no {kind}{'' if n == 1 else 's'}"
    weight: Literal["refused", "warned"] = "refused" if sure or text else "warned"
    side = _Side(names, kind, axis, text, rows, already, unique, classes)
    return Finding(weight, NO_KIND[kind], f"{what}: {reasons}; {_how_to_settle(side, away)}")


class _Side(NamedTuple):
    """The axis of a table that a finding is about; the fields are the parameters of `finding`."""

    names: Sequence[str]
    kind: Kind
    axis: Axis | None
    text: Sequence[str]
    rows: Sequence[str]
    already: Sequence[str]
    unique: Sequence[str]
    classes: Sequence[str]


def _how_to_settle(side: _Side, away: Sequence[str]) -> str:
    """Say which settings make a matrix of the table: other orientation, names from a column, columns set aside."""
    names, kind, axis, text, rows, already, unique, classes = side
    unnamed = _unnamed(rows) if axis == "column" else ""
    turned = orientation([name for name in names if name not in away], rows, TURN) if kind == "sample" else None
    is_turned = turned is not None and turned.weight == "refused"
    if unnamed and text and turned and is_turned:
        return f"{turned.message}{_names_column(list(unique or text), away, 'gene', already, '')}"
    if unnamed and text:
        return _names_column(list(unique or text), away, kind, already, unnamed)
    if text and turned and is_turned:
        attributes = clinical_names.attributes_among(names)
        aside = [name for name in dict.fromkeys(names) if name in {*away, *attributes}]
        return f"{turned.message} and prepare.annotation_columns: {listed(aside, names, already)!r}"
    advice = _advice(away, names, kind, axis, text, already)
    if kind == "sample" and (groups := _groups(classes, rows)):
        shown = f"{quote_some(groups)} may group the rows ({quote_some(rows, 3)})"
        return f"{advice}; {shown}: if these are samples, {TURN} too"
    return advice + (_names_of_rows(away, kind) if unnamed else "")


TURN = "set prepare.orientation: samples_by_genes"

GROUPS = re.compile(r"(sample|subject)?[ ._-]?(type|group|class|label|phenotype)s?|plate[ ._-]?id", re.IGNORECASE)
"""Columns of text that group samples, beside those that are known as attributes."""


def _groups(classes: Sequence[str], rows: Sequence[str]) -> list[str]:
    """Columns of few texts that are called as groups of samples are, where the rows are not called as genes are."""
    if known_names.count_fitting(rows, known_names.is_gene_name) > SHARE_OF_GENES * len(rows):
        return []
    attributes = clinical_names.attributes_among(classes)
    return [name for name in classes if name in attributes or GROUPS.fullmatch(name)]


SHARE_OF_GENES = 0.05
"""Rows are genes if more than this share of them has known names of genes."""


def with_aside(turned: Finding, columns: Sequence[str], facts: Facts, already: Sequence[str]) -> Finding:
    """Add the columns that are no genes to the finding about a transposed table, so that both are settled at once."""
    found = suspects(columns, "gene", facts)
    if not found:
        return turned
    sure, unsure = ([one for one in found if one.sure is which] for which in (True, False))
    aside = listed([one.name for one in (*sure, *unsure)], columns, already)
    told = [_reasons(sure, []) if sure else "", f"{_reasons(unsure, [])}, which may be no genes," if unsure else ""]
    return replace(
        turned,
        message=f"{turned.message}, and set aside {' and '.join(filter(None, told))} with "
        f"prepare.annotation_columns: {aside!r}",
    )


FIRST_NAMES = (
    *("symbol", "gene", "name", "modelid", "sample", "cell", "barcode", "probe", "protein", "accession", "feature"),
    "id",
)
"""Words in the names of columns that may name the rows, the best first."""


# Rows have the names of classes, and not their own, if there are at most so many names for one row.
SHARE_OF_CLASSES = 0.1

CHROMOSOME = re.compile(r"chr(\d{1,2}|[XYM]|MT|Un\w*|\d+_\w+)")

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
    if rows and all(CHROMOSOME.fullmatch(name) for name in rows):
        return "the first column holds chromosomes"
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
    key = _key_of_names(kind)
    if unnamed == VALUES_FIRST:
        return f"{unnamed}: put the column of the names ({best}) before it"
    others = [name for name in away if name != best]
    option = f" and set the others aside with prepare.annotation_columns: {listed(others, (), already)!r}"
    begin = f"{unnamed}: name them with" if unnamed else " and"
    either = f" (or {quote_some(more, 3)})" if more else ""
    return f"{begin} {key}: {best!r}{either}{option if others else ''}"


def _key_of_names(kind: Kind) -> str:
    """Setting that names the rows, where the columns are of this kind."""
    return "prepare.name_column" if kind == "sample" else "prepare.sample_column"


def _names_of_rows(away: Sequence[str], kind: Kind) -> str:
    """Say how the rows, which are numbered, get names of one of these columns."""
    key = _key_of_names(kind)
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
    quantity = quantity_names.quantity_of_all(left) if axis == "column" else ""
    patterns = value_patterns({quantity: left}, names) if quantity else []
    if patterns:
        aside = f"choose the others with prepare.value_columns: {patterns[0]!r}{flag_query(names)}"
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
