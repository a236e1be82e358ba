"""Correction for multiple testing of all pairs, of which only the smallest p-values need to be known."""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Correction
from genenet.kernels.pearson3 import log
from genenet.statistics.null import Null


def adjust(pvalues: NDArray[np.float64], n_tests: int, correction: Correction) -> NDArray[np.float64]:
    """Adjusted p-values of the smallest of `n_tests` p-values.

    Parameters
    ----------
    pvalues
        Shape (n,): all p-values up to some cut-off; the n_tests - n others are larger. Adjusted values up to that
        cut-off are then exact, larger ones are upper bounds.
    n_tests
        Number of tests.
    correction
        `bh` (Benjamini & Hochberg 1995), `by` (Benjamini & Yekutieli 2001), `bonferroni` or `none`.

    Examples
    --------
    >>> adjust(np.array([0.01, 0.04, 0.03]), 4, "bh").round(4).tolist()
    [0.04, 0.0533, 0.0533]
    >>> adjust(np.array([0.01, 0.5]), 4, "bonferroni").tolist()
    [0.04, 1.0]
    """
    # The order among equal p-values makes no difference: all get the adjusted value of the last of them.
    order = np.argsort(pvalues)
    adjusted = np.empty(len(pvalues))
    adjusted[order] = step_up(pvalues[order], np.arange(1, len(pvalues) + 1), n_tests, correction)
    return adjusted


def harmonic(n: int) -> float:
    """Sum of 1 / k for k from 1 to n, to double precision (Euler-Maclaurin above a thousand).

    Examples
    --------
    >>> round(harmonic(3), 6), round(harmonic(100_000), 6)
    (1.833333, 12.090146)
    """
    if n <= 1_000:
        return float(np.sum(1.0 / np.arange(1, n + 1)))
    return float(log(float(n)) + np.euler_gamma + 1 / (2 * n) - 1 / (12 * n**2))


class Adjustment:
    """Adjusted p-values as a function of the pivot: the same numbers as `adjust`, without an array of all p-values.

    P-values take few different values, the p-value classes of the null; the number of pairs in each class is enough.

    Parameters
    ----------
    null
        The null distribution.
    counts
        Number of pairs in each p-value class (`genenet.statistics.null.Null.pvalue_classes`), shape (n_classes,); the
        pairs that are not counted are in higher classes.
    n_tests
        Number of pairs tested.
    correction
        As `adjust`.
    """

    def __init__(self, null: Null, counts: NDArray[np.int64], n_tests: int, correction: Correction) -> None:
        self._null = null
        occupied = np.flatnonzero(counts)
        pvalues = null.class_pvalues(occupied.astype(np.int32))
        # Classes without a pair stay NaN.
        self._adjusted = np.full(len(counts), np.nan)
        self._adjusted[occupied] = step_up(pvalues, np.cumsum(counts[occupied]), n_tests, correction)

    def qvalues(self, log_pivots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Adjusted p-values of pivots (natural logarithms) that were counted."""
        return self.of_classes(self._null.pvalue_classes(log_pivots))

    def of_classes(self, classes: NDArray[np.int32]) -> NDArray[np.float64]:
        """Adjusted p-values of classes that have pairs."""
        return self._adjusted[classes]

    def last_class(self, alpha: float) -> int:
        """Largest class whose adjusted p-value is at most `alpha`, -1 if there is none."""
        significant = np.flatnonzero(self._adjusted <= alpha)
        return int(significant[-1]) if len(significant) else -1


def step_up(
    pvalues: NDArray[np.float64], ranks: NDArray[np.int64], n_tests: int, correction: Correction
) -> NDArray[np.float64]:
    """Adjust ascending p-values; ranks: int64, number of p-values that are at most as large as each of them."""
    match correction:
        case "none":
            return pvalues.copy()
        case "bonferroni":
            return np.minimum(pvalues * n_tests, 1.0)
        case "by":
            adjusted = pvalues * (n_tests * harmonic(n_tests)) / ranks
        case "bh":
            adjusted = pvalues * n_tests / ranks
    np.minimum.accumulate(adjusted[::-1], out=adjusted[::-1])
    return np.minimum(adjusted, 1.0, out=adjusted)


def largest_class(null: Null, rank: int, n_tests: int, correction: Correction, alpha: float) -> int:
    """Largest p-value class of the null that is significant if `rank` pairs are in it or below; -1 if there is none.

    Examples
    --------
    >>> null = Null(np.ones((1, 3)), np.log(np.arange(1, 100) / 100), extrapolate=False)
    >>> last = largest_class(null, 20, 100, "bh", 0.05)  # p <= 0.05 * 20 / 100
    >>> null.class_pvalues(np.array([last, last + 1], np.int32)).round(3).tolist()
    [0.01, 0.02]
    """
    first, last = -1, null.n_classes - 1
    while first < last:
        middle = (first + last + 1) // 2
        pvalue = null.class_pvalues(np.array([middle], np.int32))
        if step_up(pvalue, np.array([rank]), n_tests, correction)[0] <= alpha:
            first = middle
        else:
            last = middle - 1
    return first
