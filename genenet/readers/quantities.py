"""Tables with several quantities for each sample, such as counts, abundances and lengths: which columns to choose."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from genenet.config.keys import text_of
from genenet.errors import quote_some
from genenet.readers import quantity_names
from genenet.readers.findings import Finding
from genenet.readers.set_aside import fits

Axis = Literal["row", "column"]

# More names than this are listed as patterns with `*`.
MOST_LISTED = 12

SEVERAL = "each sample has"

STATISTICS = re.compile(f"{quantity_names.STATISTICS.pattern}|sd|s\\.d\\.|se|sem|cv|var(iance)?|n", re.IGNORECASE)
"""Statistics, and measures of spread beside them, which are chosen only where a table has nothing else."""


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
    blocks = quantity_names.blocks_of(names)
    if not blocks:
        return None
    shown = quote_some([columns[0] for columns in blocks.values()], 6)
    what = f"{SEVERAL} {len(blocks)} {axis or 'entrie'}s ({shown})"
    if axis is None:
        message = f"{what}: keep one kind of them: leave out the others (adata[...])"
    elif axis == "column" and (best := value_patterns(blocks, header or names)):
        others = f" (or {', '.join(map(repr, best[1:4]))})" if best[1:] else ""
        message = f"{what}: choose one kind of them with prepare.value_columns: {best[0]!r}{others}{flag_query(header)}"
    else:
        others = _set_aside(blocks, names, already)
        key = "prepare.annotation_columns" if axis == "column" else "prepare.annotation_rows"
        message = f"{what}: keep one kind of them, and set the others aside, for example with {key}: {others!r}"
    return Finding("refused", "no_samples", message)


def value_patterns(blocks: Mapping[str, Sequence[str]], header: Sequence[str]) -> list[str]:
    """Patterns of the kinds of columns, those that suit a network first; those that fit other columns are left out."""
    order = sorted(blocks, key=lambda word: _rank(word.casefold()))
    order = [word for word in order if not STATISTICS.fullmatch(word)] or order
    patterns = [_blocks([blocks[word]], header) for word in order]
    return [found[0] for found in patterns if len(found) == 1 and "*" in found[0]]


def _rank(word: str) -> int:
    return quantity_names.PREFERRED.index(word) if word in quantity_names.PREFERRED else len(quantity_names.PREFERRED)


def _set_aside(blocks: Mapping[str, Sequence[str]], names: Sequence[str], already: Sequence[str]) -> str:
    """Columns of all kinds but the first, as the text of a list."""
    others = list(blocks.values())[1:]
    away = [name for columns in others for name in columns]
    return text_of((*already, *(_blocks(others, names) if len(away) > MOST_LISTED else away)))


def flag_query(header: Sequence[str]) -> str:
    """Say how proteins that are flagged as decoys or contaminants are left out."""
    flags = [name for name in header if name.casefold() in quantity_names.FLAGS]
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


def _common_start(names: Sequence[str]) -> str:
    """Longest beginning that all names share."""
    first, last = min(names), max(names)
    n = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:n]
