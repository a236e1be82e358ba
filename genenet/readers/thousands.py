"""Points that may separate thousands (4.500 for 4500): told by the cells of a text table, or by the numbers themselves.

The two tests see different things. A cell that ends in 0 (4.500) has lost it as a number (4.5), so only text shows
tables that are rounded to hundreds. Only the numbers show the whole of a large table, of which the text of the first
rows is looked at, and tables that are no text (parquet, h5ad).
"""

import numpy as np
from numpy.typing import NDArray

from genenet.errors import quote_some
from genenet.readers.findings import Finding
from genenet.readers.notation import readings_of

# At least so many numbers with a point are needed, and so many different whole numbers from 100 to 999 without one.
FEWEST_GROUPED, FEWEST_HUNDREDS = 20, 3
# Of the numbers with a point this share has a third decimal that is not 0.
THREE_DECIMALS = 0.5


def among_cells(cells: list[str], others: set[str], *, semicolons: bool) -> Finding | None:
    """Find points between thousands in the text of a table.

    Parameters
    ----------
    cells
        Numbers with a point or a comma.
    others
        The other numbers.
    semicolons
        Whether the table is separated by semicolons, as where commas are decimal signs and points separate thousands.

    Examples
    --------
    >>> cells = [f"{n}.{100 * (n % 9)}" for n in range(1, 30) if n % 9]
    >>> among_cells(cells, {"800", "700", "950"}, semicolons=False).message[:72]
    'all numbers with a point have three digits behind it (1.100, 2.200, 3.30'
    """
    if len(cells) < FEWEST_GROUPED or ("comma", "point") not in readings_of(cells):
        return None
    if not semicolons and not _are_rounded(cells, others):
        return None
    return _finding(f"all numbers with a point have three digits behind it ({quote_some(cells, 3)})")


def _are_rounded(cells: list[str], others: set[str]) -> bool:
    """Tell whether most numbers with a point end in 0 beside whole numbers of three digits: 4.500 and 800."""
    hundreds = {cell for cell in others if len(cell) == 3}
    are_small = all(cell.isdecimal() and len(cell) <= 3 for cell in others)
    return are_small and len(hundreds) >= FEWEST_HUNDREDS and sum(cell[-1] == "0" for cell in cells) > len(cells) / 2


def among_numbers(positive: NDArray[np.float64]) -> Finding | None:
    """Find points between thousands by numbers alone: 4.512 beside 800, and none of 1,000 or more.

    Parameters
    ----------
    positive
        Numbers above 0 of a matrix that has none below 0.

    Examples
    --------
    >>> numbers = np.array([112.0, 800.0, 950.0, *(n + 0.512 for n in range(1, 31))])
    >>> among_numbers(numbers).message[:83]
    'whole numbers up to 950 stand beside numbers with three decimals up to 30.512: poin'
    """
    is_whole = positive == np.floor(positive)
    whole, broken = positive[is_whole], positive[~is_whole]
    hundreds = np.unique(whole[whole >= 100])
    if len(hundreds) < FEWEST_HUNDREDS or len(broken) < FEWEST_GROUPED or positive.max() >= 1000 or broken.min() < 1:
        return None
    if np.any(np.abs(broken * 1000 - np.rint(broken * 1000)) > 1e-6):
        return None
    if np.mean(np.abs(broken * 100 - np.rint(broken * 100)) > 1e-4) < THREE_DECIMALS:
        return None
    return _finding(
        f"whole numbers up to {whole.max():g} stand beside numbers with three decimals up to {broken.max():g}"
    )


def _finding(what: str) -> Finding:
    return Finding(
        "warned",
        "thousands",
        f"{what}: points may separate thousands (4.500 for 4500): set prepare.thousands: point, or, if they are "
        "decimal points, prepare.decimal: point",
    )
