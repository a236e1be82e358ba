"""The significant pairs of the permuted matrix, beside those of the matrix itself."""

from collections.abc import Mapping
from typing import Any

from genenet.errors import count

MANY_OF_NOISE = 0.1
"""The permuted matrix has many significant pairs if they are more than this share of those of the matrix."""
ALL_OF_NOISE = 0.8
"""From this share on nearly all edges may be false."""


def like_noise(found: Mapping[str, Any]) -> str:
    """Say that the permuted matrix has many significant pairs too, and what to do; empty if it has few.

    Examples
    --------
    >>> found = {"n_significant": 2_000, "alpha": 0.05, "correction": "none", "certificate": {"n_significant": 500}}
    >>> like_noise(found)
    'the permuted matrix has 500 significant pairs, 25.0% as many as the matrix itself, so that about this share of \
the edges is false: set significance.correction: bh, or lower significance.alpha (0.05)'
    >>> like_noise(found | {"certificate": {"n_significant": 20}})
    ''
    """
    n, n_of_noise = found["n_significant"], found["certificate"]["n_significant"]
    if not n or n_of_noise <= MANY_OF_NOISE * n:
        return ""
    share = n_of_noise / n
    false = "about this share of the edges is" if share < ALL_OF_NOISE else "nearly all edges may be"
    stricter = {"none": "set significance.correction: bh, or ", "bh": "set significance.correction: by, or "}
    return (
        f"the permuted matrix has {count(n_of_noise, 'significant pair')}, {share:.1%} as many as the matrix"
        f" itself, so that {false} false: {stricter.get(found['correction'], '')}lower significance.alpha"
        f" ({found['alpha']:g})"
    )
