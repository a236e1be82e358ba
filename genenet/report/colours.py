"""Colours of figures: of modules, of signs, and those that differ between a light and a dark page."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from genenet.writers.style import MODULES, NEGATIVE, NEITHER, POSITIVE

OTHER = "#9a9a9a"
"""Colour of all modules of which fewer genes are shown, and of genes in none."""

INK, PAPER, GRID, ACCENT, SECOND = "#1b1c1d", "#fdfefe", "#d7d8d9", "#2b6ca3", "#c8641e"
"""Text and lines, background, lines of a grid, first and second colour of a chart."""

THEMED: Mapping[str, str] = {
    INK: "var(--ink)",
    PAPER: "var(--paper)",
    GRID: "var(--line)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
}
"""Variables of the page that replace these colours in its figures, so that figures follow its theme."""


def module_colours(shown: NDArray[np.integer]) -> dict[int, str]:
    """Colours of the modules that have most genes in a picture; all others are `OTHER`.

    Parameters
    ----------
    shown
        Module of each gene of the picture; 0 for none.

    Examples
    --------
    >>> module_colours(np.array([7, 3, 7, 0]))
    {7: '#4477aa', 3: '#ee6677'}
    """
    modules, sizes = np.unique(shown[shown > 0], return_counts=True)
    by_size = modules[np.lexsort([modules, -sizes])].tolist()
    return dict(zip(by_size, MODULES, strict=False))


def sign_colours(signs: NDArray[np.integer]) -> list[str]:
    """Colour of each edge by the sign of its correlation, as in Cytoscape."""
    return [{1: POSITIVE, -1: NEGATIVE}.get(int(sign), NEITHER) for sign in signs]
