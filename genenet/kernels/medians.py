"""Medians of the rows of a table, by bisection: no values are moved."""

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import parallel

# All bits of an int64 but the sign, and the lowest number.
MAGNITUDE, LOWEST = 0x7FFFFFFFFFFFFFFF, -0x8000000000000000


def medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the median of each row, of its values that are not NaN; NaN where there is none.

    Parameters
    ----------
    values
        Shape (n_rows, n_columns), each row's values side by side in memory.

    Examples
    --------
    >>> medians(np.array([[3.0, 1.0, 2.0], [4.0, np.nan, -1.0]])).tolist()
    [2.0, 1.5]
    """
    is_missing = np.isnan(values)
    n_known = values.shape[1] - is_missing.sum(axis=1)
    if is_missing.any():
        values = np.where(is_missing, np.nan, values)  # of positive sign, behind all numbers
    middle = np.empty((len(values), 2), np.int64)
    find_middle(_turned(values.view(np.int64)), n_known, middle)
    pairs = _turned(middle).view(np.float64)
    result: NDArray[np.float64] = (pairs[:, 0] + pairs[:, 1]) / 2.0
    return result


def _turned(bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn the order of negative integers: the bits of numbers to integers in the same order, and back."""
    turned = bits >> 63
    turned &= MAGNITUDE
    turned ^= bits
    return turned


@parallel(lambda keys: len(keys))
def find_middle(begin, stop, keys, n_known, middle):
    """The two integers in the middle of each row's lowest n_known ones, twice the same if n_known is odd.

    keys: int64 (n_rows, n_columns); n_known: int64 (n_rows,); middle: int64 (n_rows, 2), overwritten.
    """
    for row in range(begin, stop):
        own, n_before = keys[row], n_known[row] // 2
        lowest, highest = np.int64(LOWEST), np.int64(MAGNITUDE)
        is_found = False
        while not is_found:
            # At the end the second number is looked for: the largest one below the first.
            is_found = lowest == highest
            limit = lowest - 1 if is_found else (lowest >> 1) + (highest >> 1) + (lowest & highest & 1)
            n_below, below, above = 0, np.int64(LOWEST), np.int64(MAGNITUDE)
            for s in range(own.shape[0]):
                low, high = own[s] if own[s] <= limit else LOWEST, own[s] if own[s] > limit else MAGNITUDE
                n_below += own[s] <= limit
                below, above = low if low > below else below, high if high < above else above
            if is_found:
                middle[row, 0], middle[row, 1] = lowest, below if 2 * n_below == n_known[row] else lowest
            elif n_below > n_before:
                highest = below
            else:
                lowest = above
