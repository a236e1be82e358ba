"""One whole number, far from all other values and in several genes: a code for a missing value (100, 9999)."""

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count
from genenet.expression.look.values import FEWEST_DISTINCT, Profile, beyond, profile
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix

# A code occurs so often, in so many genes, and is this many times the range of the others away from them.
FEWEST_CELLS, FEWEST_GENES, RANGES = 5, 3, 3.0


def far_code(found: Profile, values: Matrix) -> float | None:
    """Find the number that is the largest (or smallest) value of several genes, far from all others; None without one.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(7, 2, (30, 20))
    >>> values[::5, ::4] = 100.0
    >>> far_code(profile(values), values)
    100.0
    >>> far_code(profile(np.where(values == 100, 12.5, values)), values) is None
    True
    """
    assert found.sampled is not None
    for code in (found.largest, found.smallest):
        others = found.sampled[found.sampled != code]
        if not len(others) or not np.isfinite(code) or code != np.floor(code):
            continue
        low, high = float(others[0]), float(others[-1])
        gap = max(low - code, code - high)
        if gap <= RANGES * (high - low) or len(np.unique(others)) < FEWEST_DISTINCT:
            continue
        _, genes, numbers = beyond(values, low - gap / 2, high + gap / 2)
        in_genes = np.unique(genes, return_counts=True)[1]
        if (numbers == code).all() and len(numbers) >= FEWEST_CELLS and len(in_genes) >= FEWEST_GENES:
            return code if in_genes.max() < values.shape[0] else None
    return None


def far_codes(found: Profile, values: Matrix, genes: list[str], samples: list[str]) -> list[Finding]:
    """Finding about such a number, with the setting that reads it as missing."""
    code = far_code(found, values)
    if code is None:
        return []
    assert found.sampled is not None
    low, high = np.quantile(found.sampled[found.sampled != code], [0.005, 0.995])
    middle = (code + (low if code < low else high)) / 2
    rows, columns, numbers = beyond(values, *((middle, np.inf) if code < low else (-np.inf, middle)))
    return [
        Finding(
            "warned",
            "off_scale",
            f"{count(len(numbers), 'value')} are far off the scale of the others ({low:.3g} to {high:.3g}): the first "
            f"is {code:g} (gene {genes[columns[0]]}, sample {samples[rows[0]]}); {code:g} looks like a code for a "
            f"missing value: read it so with prepare.na_values: '{code:g}'",
        )
    ]


def without_code(block: NDArray[np.float64], values: Matrix) -> NDArray[np.float64] | None:
    """Make such numbers missing in a part of the values, to compare genes without them; None if there are none."""
    code = far_code(profile(values), values)
    return None if code is None else np.where(block == code, np.nan, block)
