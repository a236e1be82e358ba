"""Conversion of any value of a table or a graph to a plain Python value, which every file format can write.

The rule is the same for all files: booleans, integers, floats and text do not change; a missing value (None, NaN,
pandas NA, NaT) is None and is left out of a file; a date is ISO 8601 text; a list, array or dict is JSON text; any
other value is its text.
"""

import json
from datetime import date, time
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Plain: TypeAlias = bool | int | float | str | None


def plain_value(value: object) -> Plain:
    """Turn any value into a plain one, None if it is missing.

    Examples
    --------
    >>> import numpy as np
    >>> plain_value(np.float32(0.5)), plain_value(np.nan), plain_value(np.bool_(True)), plain_value([1, 2])
    (0.5, None, True, '[1, 2]')
    """
    if isinstance(value, np.datetime64 | np.timedelta64):
        value = pd.Timestamp(value) if isinstance(value, np.datetime64) else pd.Timedelta(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return None if value != value else float(value)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=plain_value, ensure_ascii=False, sort_keys=True)
    return str(value)


def plain_column(column: "pd.Series[Any]") -> tuple[list[Any], npt.NDArray[np.bool_]]:
    """Plain values of a column, and a mask of those that are missing; values under the mask are undefined.

    Examples
    --------
    >>> import pandas as pd
    >>> values, missing = plain_column(pd.Series(["a", None, "b"], dtype="category"))
    >>> values[0], values[2], missing.tolist()
    ('a', 'b', [False, True, False])
    """
    missing = column.isna().to_numpy(dtype=bool)
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return column.to_numpy().tolist(), missing
    if isinstance(dtype, pd.CategoricalDtype):
        plain: list[Plain] = dtype.categories.tolist()
        if set(map(type, plain)) != {str}:
            plain = list(map(plain_value, dtype.categories))
        # One more at the end, because a missing value has the code -1.
        categories = np.array([*plain, None], dtype=object)
        return categories[column.cat.codes.to_numpy()].tolist(), missing
    values = column.astype(object).tolist()
    # Millions of names are looked at by type alone.
    if not missing.any() and set(map(type, values)) <= {str, int, bool}:
        return values, missing
    return [None if gone else plain_value(value) for value, gone in zip(values, missing, strict=True)], missing
