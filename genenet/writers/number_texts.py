"""Numbers as text, as `repr` writes them, a column at once."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

LEAST, MOST = 1e-4, 1e16
"""Numbers that `repr` writes without an exponent are from here to there."""


def number_texts(values: NDArray[np.float64]) -> "pa.Array":
    """Write each number as `repr` does, so that it is read as the same double; NaN is missing.

    Parameters
    ----------
    values
        The numbers, shape (n,).

    Examples
    --------
    >>> number_texts(np.array([0.1, 2.0, 1.5e-7, -3e-5, np.inf, np.nan])).to_pylist()
    ['0.1', '2.0', '1.5e-07', '-3e-05', 'inf', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # Both write the fewest digits that tell a number from all others.
    texts = pa.array(values, from_pandas=True).cast(pa.string())
    size = np.abs(values)
    if (size < LEAST).any():
        # Python gives an exponent two digits at least.
        texts = pc.replace_substring_regex(texts, r"e-(\d)$", r"e-0\1")
    has_exponent = pc.match_substring(texts, "e").fill_null(False).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):  # of a signalling NaN
        is_whole = values == np.rint(values)
    alike = np.where(has_exponent, (size > 0) & (size < LEAST), (size >= LEAST) & (size < MOST) & ~is_whole)
    other = ~alike & ~np.isnan(values)
    if other.any():
        texts = pc.replace_with_mask(texts, pa.array(other), pa.array(list(map(repr, values[other].tolist()))))
    return texts
