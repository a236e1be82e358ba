"""Normalisation of counts: counts per 10,000 or per million, and log(1 + x).

Only operations that are exactly rounded on every machine are used: a library's logarithm differs in the last digit
between processors, and results must not.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, quote_some
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import gene_blocks
from genenet.readers.sparse_pieces import Matrix, is_sparse, slices

TARGET_SUMS = {"log1p_cp10k": 10_000.0, "log1p_cpm": 1_000_000.0}
# ln 2 in two parts; the first has trailing zeros, so that its product with an exponent is exact.
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")


def normalise(draft: Draft, settings: Prepare) -> None:
    """Normalise as the settings say.

    Raises
    ------
    InputError
        If a value is negative, or a sample has no counts and is not to be dropped.
    """
    draft.note["normalisation"] = settings.normalisation
    if settings.normalisation == "none":
        return
    doubt = _check_counts(draft.values, draft.obs.index, draft.var.index, settings.normalisation)
    if doubt:
        draft.find("warned", "counts", doubt)
    if settings.normalisation == "log1p":
        draft.values = _log1p_of(draft.values)
        return
    totals = _totals(draft.values)
    empty = list(draft.obs.index[totals == 0])
    if empty and settings.missing != "drop_samples":
        raise InputError(
            f"{count(len(empty), 'sample')} without any counts ({quote_some(empty)}) cannot be normalised; "
            "set prepare.missing: drop_samples, or remove them from the input"
        )
    draft.keep_samples(totals > 0, "no counts")
    draft.values = scaled_log1p(draft.values, totals[totals > 0], TARGET_SUMS[settings.normalisation])


def _log1p_of(values: Matrix) -> Matrix:
    """Take log(1 + x) of all values; the input is not changed, missing values stay missing."""
    result = values.copy()
    numbers = result.data if is_sparse(values) else result
    for at in slices(len(numbers), 1 if is_sparse(values) else values.shape[1]):
        numbers[at] = log1p(numbers[at])
    return result


def scaled_log1p(values: Matrix, totals: NDArray[np.float64], target_sum: float) -> Matrix:
    """Scale each sample to this sum and take log(1 + x); the input is not changed."""
    result = values.copy()
    if is_sparse(values):
        numbers, samples = result.data, result.indices
        for at in slices(len(numbers), 1):
            numbers[at] = log1p(numbers[at] / totals[samples[at]] * target_sum)
    else:
        for at in slices(*values.shape):
            result[at] = log1p(values[at] / totals[at, None] * target_sum)
    return result


def _check_counts(values: Matrix, obs_names: pd.Index, var_names: pd.Index, how: str) -> str:
    """Refuse values that cannot be counts, and give a warning about those that hardly are."""
    numbers = values.data if is_sparse(values) else values
    if how in TARGET_SUMS and np.isnan(numbers).any():
        raise InputError(
            f"prepare.normalisation: {how} needs the sums of samples, and the matrix has missing values; set "
            "prepare.missing: drop_genes with prepare.max_missing: 0, or impute_median"
        )
    if numbers.size and (numbers < 0).any():
        at: Any = values.tocoo() if is_sparse(values) else None
        if at is None:
            row, column = np.argwhere(values < 0)[0]
        else:
            first = int(np.argmax(at.data < 0))
            row, column = at.row[first], at.col[first]
        raise InputError(
            f"prepare.normalisation: {how} needs counts, but the matrix has negative values (the first is "
            f"{values[row, column]:g}, gene {var_names[column]}, sample {obs_names[row]}); "
            "it may be normalised already: set prepare.normalisation: none"
        )
    if numbers.size and np.nanmax(numbers) < 30 and (numbers != np.floor(numbers)).any():
        return (
            "prepare.normalisation: the matrix has no value above 30 and not only whole numbers: "
            "are these counts, or logarithms already?"
        )
    return ""


def _totals(values: Matrix) -> NDArray[np.float64]:
    """Sum each sample, gene after gene, which is the same for dense and sparse."""
    if is_sparse(values):
        return np.bincount(values.indices, weights=values.data, minlength=values.shape[0]).astype(np.float64)
    totals = np.zeros(values.shape[0])
    for block in gene_blocks(values):
        for gene in block:
            totals += gene
    return totals


def log1p(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm of 1 + x for x >= 0, to about one unit in the last place.

    With 1 + x = m 2^e and s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...); the rounding error of 1 + x is
    added at the end, to first order.

    Examples
    --------
    >>> log1p(np.array([0.0, 1.0, 1e-20])).tolist()
    [0.0, 0.6931471805599453, 1e-20]
    """
    whole = 1.0 + x
    m, e = np.frexp(whole)
    low = m < np.sqrt(0.5)
    m = np.where(low, 2.0 * m, m)
    e = e - low
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = np.zeros_like(z)
    for k in range(25, 1, -2):
        series = (series + 1.0 / k) * z
    tail = 2.0 * s * series + e * LN2_LOW + (x - (whole - 1.0)) / whole
    result: NDArray[np.float64] = e * LN2_HIGH + (2.0 * s + tail)
    return result
