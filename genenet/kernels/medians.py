"""Medians of rows and their median absolute deviations, by bisection: no values are moved."""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.threads import parallel

# All bits of an int64 but the sign, and the lowest number.
MAGNITUDE, LOWEST = 0x7FFFFFFFFFFFFFFF, -0x8000000000000000


@inner(optimised=False)
def _middle_keys(keys, n):
    """The two numbers in the middle of n integers, n > 0; twice the same if n is odd. keys: int64, n of which count."""
    lowest, highest = np.int64(LOWEST), np.int64(MAGNITUDE)
    while True:
        # At the end the second number is looked for: the largest one below the first.
        is_found = lowest == highest
        limit = lowest - 1 if is_found else (lowest >> 1) + (highest >> 1) + (lowest & highest & 1)
        n_below, below, above = 0, np.int64(LOWEST), np.int64(MAGNITUDE)
        for s in range(n):
            key = keys[s]
            n_below += key <= limit
            low, high = key if key <= limit else LOWEST, key if key > limit else MAGNITUDE
            below, above = low if low > below else below, high if high < above else above
        if is_found:
            return lowest, below if 2 * n_below == n else lowest
        if n_below > n // 2:
            highest = below
        else:
            lowest = above


@parallel(lambda values: len(values))
def medians(begin, stop, values, found, deviations):
    """Median of each row, and the median of the distances from it, both of the values that are not NaN; 0 without any.

    values: float64 (n_rows, n_columns); found, deviations: float64 (n_rows,).
    """
    n_columns = values.shape[1]
    known, keys, pair = np.empty(n_columns), np.empty(n_columns, np.int64), np.empty(2, np.int64)
    bits, middle = known.view(np.int64), pair.view(np.float64)
    for row in range(begin, stop):
        n = 0
        for s in range(n_columns):
            known[n] = values[row, s]
            n += known[n] == known[n]
        found[row], deviations[row] = 0.0, 0.0
        for step in range(2 if n else 0):
            if step == 1:
                for s in range(n):
                    known[s] = abs(known[s] - found[row])
            for s in range(n):
                # Integers in the order of the numbers: those of negative numbers are turned.
                keys[s] = bits[s] ^ ((bits[s] >> 63) & MAGNITUDE)
            upper, lower = _middle_keys(keys, n)
            pair[0], pair[1] = upper ^ ((upper >> 63) & MAGNITUDE), lower ^ ((lower >> 63) & MAGNITUDE)
            to = deviations if step == 1 else found
            to[row] = (middle[0] + middle[1]) / 2.0
