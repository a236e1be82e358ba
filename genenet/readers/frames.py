"""Conversion of a pandas DataFrame, given in Python, to a matrix of samples and genes."""

import math
from collections import Counter
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.keys import text_of
from genenet.config.sections import Orientation
from genenet.errors import InputError, count, quote_some, shorten, suggest
from genenet.readers.bare import BareMatrix, bare
from genenet.readers.codes import note_codes, without_codes
from genenet.readers.notation import is_number
from genenet.readers.number_forms import is_code
from genenet.readers.set_aside import SetAside, annotation_among, chosen, names_of_values

MOST_CODES = 12
"""Codes of missing values that a message shows."""


def from_frame(
    frame: pd.DataFrame,
    orientation: Orientation,
    aside: SetAside = SetAside(),  # noqa: B008
    na_values: Sequence[str] = (),
) -> BareMatrix:
    """Convert a DataFrame to a matrix (obs = samples, var = genes); the frame is not changed.

    Columns and rows that are set aside become attributes of the others; cells with one of `na_values` are missing.
    """
    frame, about_rows, about_columns = _set_aside(frame, aside)
    for name, axis in (("index", frame.index), ("columns", frame.columns)):
        if isinstance(axis, pd.MultiIndex):
            raise InputError(
                f"the {name} of the frame has {axis.nlevels} levels ({quote_some(list(map(str, axis.names)))}), and one"
                f" name each is needed; take one level (frame.{name}.get_level_values) or join them"
            )
    _refuse_codes(frame, na_values)
    by_gene = orientation == "genes_by_samples"
    row_kind, column_kind = ("gene", "sample") if by_gene else ("sample", "gene")
    values = np.empty(frame.shape)
    codes: Counter[str] = Counter()
    for number in range(frame.shape[1]):
        column, n_codes = without_codes(frame.iloc[:, number], na_values)
        values[:, number] = _numbers(column, row_kind, column_kind)
        codes += n_codes
    note_codes("the frame", na_values, codes)
    rows, columns = frame.index.map(str), frame.columns.map(str)
    about_rows, about_columns = about_rows.set_axis(rows), about_columns.set_axis(columns)
    if by_gene:
        values, about_rows, about_columns = values.T, about_columns, about_rows
    return bare(np.ascontiguousarray(values), about_rows, about_columns, {"orientation": orientation})


def _refuse_codes(frame: pd.DataFrame, na_values: Sequence[str]) -> None:
    """Refuse codes of missing values among the numbers of a frame, all of them at once."""
    codes: Counter[str] = Counter()
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if not pd.api.types.is_object_dtype(column.dtype):
            continue
        texts = [cell for cell in column if isinstance(cell, str) and cell not in na_values]
        if 0 < len(texts) < len(frame) and all(map(is_code, texts)):
            codes.update(texts)
    if codes:
        total = codes.total()
        shown = ", ".join(f"{shorten(text)} ({times:,})" for text, times in codes.most_common(MOST_CODES))
        hold = "holds" if total == 1 else "hold"
        raise InputError(
            f"{count(total, 'cell')} of the frame {hold} a text for a missing value: {shown}; "
            f"read {'it' if total == 1 else 'them'} as missing with prepare.na_values: "
            f"{text_of((*na_values, *(text for text, _ in codes.most_common())))!r}"
        )


def _set_aside(frame: pd.DataFrame, aside: SetAside) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Split a frame into values, attributes of its rows, and attributes of its columns."""
    places = []
    sides = (
        ("columns", "prepare.annotation_columns", frame.columns, aside.columns),
        ("rows", "prepare.annotation_rows", frame.index, aside.rows),
    )
    for side, key, axis, wanted in sides:
        names = [str(name) for name in axis]
        found, missing = chosen(names, wanted)
        if missing:
            raise InputError(
                f"{key}: the frame has no {side[:-1]} {missing[0]}; the {side} begin with "
                f"{quote_some(names)}{suggest(missing[0], names)}"
            )
        places.append(found)
    columns, rows = places
    if aside.value_columns:
        columns = annotation_among([str(name) for name in frame.columns], aside, "the frame")
        frame = frame.set_axis(names_of_values([str(name) for name in frame.columns], aside.value_columns), axis=1)
    keep_columns = [place for place in range(frame.shape[1]) if place not in set(columns)]
    keep_rows = [place for place in range(frame.shape[0]) if place not in set(rows)]
    about_rows, about_columns = frame.iloc[keep_rows, columns], frame.iloc[rows, keep_columns].T
    return (
        frame.iloc[keep_rows, keep_columns],
        about_rows.rename(columns=str),
        about_columns.rename(columns=str).infer_objects(),
    )


def _numbers(column: "pd.Series[Any]", row_kind: str, column_kind: str) -> NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if not pd.api.types.is_object_dtype(column.dtype) and not pd.api.types.is_string_dtype(column.dtype):
        raise InputError(
            f"column {column.name} of the frame holds {column.dtype}, not numbers; convert or remove it before"
        )
    cells = [_number(cell) for cell in column]
    bad = [row for row, cell in enumerate(cells) if cell is None]
    if bad and len(bad) == len(cells) and is_number(str(column.iloc[0])):
        raise InputError(
            f"column {column.name} of the frame holds numbers as text ({shorten(column.iloc[0])}); convert with"
            " frame.astype(float)"
        )
    if bad and len(bad) == len(cells):
        raise InputError(
            f"column {column.name} of the frame holds text ({shorten(column.iloc[0])}), not numbers; "
            "if it holds names make it the index (frame.set_index), else remove it"
        )
    if bad:
        raise InputError(
            f"{count(len(bad), 'cell')} of {column_kind} {column.name} {'is' if len(bad) == 1 else 'are'} no number, "
            f"the first is {shorten(column.iloc[bad[0]])} ({row_kind} {column.index[bad[0]]}); "
            f"convert with frame.astype(float)"
        )
    return np.array(cells, dtype=np.float64)


def _number(cell: object) -> float | None:
    if cell is None or cell is pd.NA:
        return math.nan
    return float(cell) if isinstance(cell, Real) else None
