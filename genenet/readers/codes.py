"""Codes of missing values that the settings name (`na_values`): replacing them, and noting how many there were."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.keys import text_of
from genenet.errors import InputError, count, shorten
from genenet.readers import findings
from genenet.readers.bare import MatrixLike, bare
from genenet.readers.notation import Notation
from genenet.readers.number_forms import is_below_limit
from genenet.readers.sparse_pieces import fits_dense, is_sparse


def drop_codes(values: NDArray[np.float64], na_values: Sequence[str], codes: Counter[str]) -> None:
    """Replace numbers that stand for missing values, such as -999, by NaN, and count them.

    Examples
    --------
    >>> values, codes = np.array([1.0, -999.0]), Counter()
    >>> drop_codes(values, ["-999"], codes)
    >>> values, codes
    (array([ 1., nan]), Counter({'-999': 1}))
    """
    for number, text in Notation(na_values=tuple(na_values)).numbers.items():
        is_code = values == number
        codes[text] += int(np.count_nonzero(is_code))
        values[is_code] = np.nan


def without_numbers(data: MatrixLike, na_values: Sequence[str]) -> MatrixLike:
    """Replace numbers of `na_values` in a matrix that is no table, and note how many there were, once.

    Raises
    ------
    InputError
        If 0 is among them and the matrix is sparse, and too large to be dense.
    """
    note = data.uns.get("genenet", {})
    codes = Counter(dict.fromkeys(Notation(na_values=tuple(na_values)).numbers.values(), 0))
    if note.get("orientation") or not codes or note.get("na_values") == text_of(na_values):
        return data  # tables are read without them
    values = data.X
    if is_sparse(values) and "0" in {f"{float(text):g}" for text in codes}:
        if not fits_dense(values.shape):
            raise InputError("prepare.na_values: 0 is the value of most cells of this sparse matrix; leave it out")
        values = values.toarray()
    values = values.astype(np.float64) if is_sparse(values) else np.array(values, np.float64)
    cells: Any = values.data if is_sparse(values) else values
    drop_codes(cells, na_values, codes)
    note_codes(str(note.get("source") or "the matrix"), list(codes), codes)
    return bare(values, data.obs, data.var, {**note, "na_values": text_of(na_values)})


def without_codes(column: "pd.Series[Any]", na_values: Sequence[str]) -> "tuple[pd.Series[Any], Counter[str]]":
    """Replace texts and numbers of a column of a DataFrame that stand for missing values, and count them."""
    codes: Counter[str] = Counter()
    for text in na_values:
        numbers = [float(number) for number in Notation(na_values=(text,)).numbers]
        found = column.isin([text, *numbers])
        codes[text] += int(found.sum())
        column = column.mask(found)
    return column, codes


def note_codes(where: str, na_values: Sequence[str], codes: Counter[str]) -> None:
    """Note how many cells were read as missing values because of `na_values`."""
    if not na_values:
        return
    total = sum(codes.values())
    shown = ", ".join(f"{shorten(text)} ({codes[text]:,})" for text in na_values)
    message = f"{where}: {count(total, 'cell')} read as missing by prepare.na_values: {shown}"
    below = [text for text in na_values if codes[text] and is_below_limit(text)]
    if below:
        message += (
            f"; values below a limit of detection ({shorten(below[0])}) are not missing at random: what is computed "
            "without them is of the samples with more of a gene"
        )
    findings.add("noted", "missing", message)
