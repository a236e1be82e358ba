"""Checks of a matrix after reading; each raises an InputError with a complete message."""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, quote_some, shorten
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import gene_blocks
from genenet.readers.mangled_names import is_mangled, is_placeholder

SEEN = ("Zs", "Zl", "Zp", "Cf")
"""Categories of Unicode of blanks and of marks that take no room, which text that was copied has."""


@contextmanager
def all_at_once() -> Iterator[Callable[..., None]]:
    """Make checks that do not depend on each other, and raise one error for all that fail.

    Examples
    --------
    >>> with all_at_once() as each:
    ...     each(check_unique, pd.Index(["A", "A"]), "sample")
    ...     each(check_printable, pd.Index(["A", ""]), "sample")
    Traceback (most recent call last):
    genenet.errors.InputError: 1 sample name occurs more than once (A 2 times); every sample needs a name of its own: \
rename or merge them | 1 sample without a name (number 2); give every sample a name
    """
    messages: list[str] = []

    def each(check: Callable[..., object], *arguments: Any, **keywords: Any) -> None:
        try:
            check(*arguments, **keywords)
        except InputError as error:
            messages.append(error.message)

    yield each
    if messages:
        raise InputError(" | ".join(messages))


def check_printable(names: pd.Index, kind: str, *, may_be_empty: bool = False) -> None:
    """Refuse names that are empty (unless they `may_be_empty`) or cannot be written to a file."""
    texts = list(names)
    empty = [number for number, name in enumerate(texts, start=1) if not name.strip()]
    if empty and not may_be_empty:
        drop = "; prepare.duplicates: max_variance or mean drops such genes" if kind == "gene" else ""
        raise InputError(
            f"{count(len(empty), kind)} without a name (number {quote_some(empty)}); give every {kind} a name{drop}"
        )
    odd = [name for name in texts if not name.isprintable()]
    if odd:
        raise InputError(_not_printable(odd, kind))


def _not_printable(names: list[str], kind: str) -> str:
    """Word the error about names with characters that cannot be seen or written."""
    letters = dict.fromkeys(letter for name in names for letter in name if not letter.isprintable())
    invisible = {letter: unicodedata.name(letter).lower() for letter in letters if unicodedata.category(letter) in SEEN}
    shown = ", ".join(shorten(name) for name in names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    if len(invisible) == len(letters):
        which = quote_some([f"U+{ord(letter):04X} {name}" for letter, name in invisible.items()], 3)
        has = f"{kind} name has" if len(names) == 1 else f"{kind} names have"
        return f"{len(names):,} {has} an invisible character ({shown}: {which}); take it out"
    if len(names) == 1:
        return f"{kind} name {shown} has a character that cannot be printed; the file may be damaged: rename the {kind}"
    return (
        f"{len(names):,} {kind} names ({shown}) have characters that cannot be printed; the file may be damaged: "
        f"rename the {kind}s"
    )


def check_unique(names: pd.Index, kind: str, *, duplicates: bool = False, var: pd.DataFrame | None = None) -> None:
    """Refuse names that occur twice (unless `duplicates`)."""
    if not names.has_duplicates or duplicates:
        return
    times = pd.Series(list(names)).value_counts(sort=False)
    again = times[times > 1]
    twice = [f"{name} {n} times" for name, n in again.items()]
    verb = "occurs" if len(twice) == 1 else "occur"
    advice = f"every {kind} needs a name of its own: rename or merge them"
    if kind == "gene":
        advice = "set prepare.duplicates: mean, max_variance or make_unique" + _other_names(var)
        advice += _never_merged(list(map(str, again.index)))
    raise InputError(f"{count(len(twice), f'{kind} name')} {verb} more than once ({quote_some(twice)}); {advice}")


def _never_merged(names: list[str]) -> str:
    """Say which duplicate names are not merged: those that stand for no name, and those that a spreadsheet made."""
    nameless, mangled = [name for name in names if is_placeholder(name)], [name for name in names if is_mangled(name)]
    parts = []
    if nameless:
        parts.append(f"{quote_some(nameless)} stands for no name: mean and max_variance drop such genes")
    if mangled:
        parts.append(f"{quote_some(mangled)} was made of several names by a spreadsheet: such genes are numbered")
    return f" ({'; '.join(parts)}, none of them is merged)" if parts else ""


def _other_names(var: pd.DataFrame | None) -> str:
    """Suggest a column whose texts are all different."""
    if var is None:
        return ""
    for column in var.columns:
        texts = var[column]
        if (texts.dtype == object or isinstance(texts.dtype, pd.StringDtype)) and texts.is_unique and len(texts) > 1:
            return f", or take other names by prepare.name_column: {str(column)!r}"
    return ""


def check_size(draft: Draft, min_samples: int) -> None:
    """Refuse a matrix that is too small for any statistics."""
    n_genes, n_samples = draft.n_genes, draft.n_samples
    if n_samples < min_samples:
        left = f" left of {n_samples + len(draft.dropped_samples):,}" if draft.dropped_samples else ""
        verb = "is" if n_samples == 1 else "are"
        how = _more_groups(draft) or "bring more samples, check prepare.orientation"
        raise InputError(
            f"{count(n_samples, 'sample')}{left} (of {count(n_genes, 'gene')}) {verb} too few, "
            f"prepare.min_samples is {min_samples}; {how}, or lower prepare.min_samples"
        )
    if n_genes < 2:
        why = f" (dropped: {draft.reasons()})" if draft.dropped else ""
        raise InputError(f"{count(n_genes, 'gene')}{why} cannot make a network; bring at least 2 genes")


def _more_groups(draft: Draft) -> str:
    """Say how cells make more samples; empty if no cells were aggregated."""
    note = draft.note.get("aggregation")
    if not note:
        return ""
    begin = f"{count(note['n_cells'], 'cell')} made {count(note['n_groups'], note['method'].removesuffix('s'))}"
    if note["method"] == "metacells":
        return f"{begin}: lower prepare.cells_per_metacell and prepare.min_cells, bring more cells"
    by = " and ".join(note["by"])
    more = "group by more attributes (prepare.aggregate_by), take prepare.aggregate: metacells"
    return f"{begin}, one for each {by}: {more}"


def describe_gaps(values: Any, genes: pd.Index, samples: pd.Index, rows: NDArray[Any], columns: NDArray[Any]) -> str:
    """Say where values are missing or infinite; `rows` (samples) and `columns` (genes) locate them."""
    first = np.lexsort((rows, columns))[0]
    row, column = int(rows[first]), int(columns[first])
    bad_genes, bad_samples = genes[np.unique(columns)], samples[np.unique(rows)]
    value = float(values[row, column])
    kind = "missing" if np.isnan(value) else f"{value}"
    return (
        f"{count(len(rows), 'value')} {'is' if len(rows) == 1 else 'are'} missing or infinite, "
        f"in {len(bad_genes):,} of {count(len(genes), 'gene')} ({quote_some(list(bad_genes), 3)}) "
        f"and {len(bad_samples):,} of {count(len(samples), 'sample')} ({quote_some(list(bad_samples), 3)}); "
        f"the first ({kind}) is gene {genes[column]}, sample {samples[row]}"
    )


def check_constant(draft: Draft) -> None:
    """Refuse genes without variance."""
    check_underflow(draft)
    constant = list(draft.var.index[draft.var["variance"] == 0])
    if constant:
        verb, them = ("has", "it") if len(constant) == 1 else ("have", "them")
        raise InputError(
            f"{len(constant):,} of {count(draft.n_genes, 'gene')} {verb} no variance ({quote_some(constant)}); "
            f"drop {them} with prepare.min_variance: 0 or filter the input"
        )


def check_underflow(draft: Draft) -> None:
    """Refuse genes that vary by so little that the squares of their differences are 0."""
    constant = np.flatnonzero(draft.var["variance"] == 0)
    values = draft.values[:, constant]  # noqa: PD011
    vary = [np.fmin.reduce(block, axis=1) < np.fmax.reduce(block, axis=1) for block in gene_blocks(values)]
    genes = constant[np.concatenate([np.zeros(0, bool), *vary])]
    if genes.size:
        verb = "varies" if genes.size == 1 else "vary"
        raise InputError(
            f"{genes.size:,} of {count(draft.n_genes, 'gene')} {verb} by too little to compute with"
            f" ({quote_some(list(draft.var.index[genes]))}; the squares of differences below about 1e-162 are 0);"
            " multiply the values by a constant, or filter the input"
        )


def check_range(draft: Draft, variance: NDArray[np.float64]) -> None:
    """Refuse values so large that the sums of their squares overflow."""
    genes = np.flatnonzero(~np.isfinite(variance))
    if genes.size:
        largest = float(abs(draft.values[:, genes[:1]]).max())  # noqa: PD011
        verb = "has" if genes.size == 1 else "have"
        raise InputError(
            f"{genes.size:,} of {count(draft.n_genes, 'gene')} {verb} values too large to compute with"
            f" ({quote_some(list(draft.var.index[genes]))}; up to {largest:.3g} in the first, and squares end at"
            " 1.8e+308); take logarithms, divide by a constant, or filter the input"
        )
