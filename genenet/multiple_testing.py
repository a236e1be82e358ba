"""Correction for multiple testing, when only the smallest p-values are at hand, perhaps a hundred million of them."""

import numpy as np
from numpy.typing import NDArray

from genenet.config import Correction
from genenet.kernels.tail import log
from genenet.permutation import Null

PIVOTS_AT_ONCE = 1 << 22


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
    # Any order among equal p-values will do: all get what the last of them has.
    order = np.argsort(pvalues)
    adjusted = np.empty(len(pvalues))
    adjusted[order] = _step_up(pvalues[order], np.arange(1, len(pvalues) + 1), n_tests, correction)
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

    Counted p-values take few different values, one for each number of draws that are as extreme; so pairs are counted
    by that number, and only the pivots of extrapolated p-values are sorted.

    Parameters
    ----------
    null
        The null distribution.
    log_pivots
        Natural logarithm of the pivots, shape (n,), of all pairs up to some cut-off.
    n_tests
        Number of pairs tested.
    correction
        As `adjust`.
    """

    def __init__(self, null: Null, log_pivots: NDArray[np.float64], n_tests: int, correction: Correction) -> None:
        self._null = null
        counts = np.zeros(null.n_draws + 1, np.int64)
        for start in range(0, len(log_pivots), PIVOTS_AT_ONCE):
            found = np.bincount(null.n_more_extreme(log_pivots[start : start + PIVOTS_AT_ONCE]))
            counts[: len(found)] += found
        # Pivots beyond all draws, in order, then one level for each number of draws: ascending p-values altogether.
        self._beyond = np.empty(counts[0] if null.extrapolate else 0)
        if null.extrapolate:
            counts[0] = 0
            self._fill_beyond(log_pivots)
        ranks = len(self._beyond) + np.cumsum(counts)
        occupied = np.flatnonzero(counts)
        levels = (1.0 + occupied.astype(np.float64)) / (1.0 + null.n_draws)
        steps = _step_up(levels, ranks[occupied], n_tests, correction)
        # Levels where no pair is are never asked for.
        self._levels = np.full(null.n_draws + 1, np.nan)
        self._levels[occupied] = steps
        self._adjusted = np.empty(len(self._beyond))
        above = float(steps[0]) if len(steps) else 1.0
        for end in range(len(self._beyond), 0, -PIVOTS_AT_ONCE):
            start = max(end - PIVOTS_AT_ONCE, 0)
            pvalues = null.pvalues(self._beyond[start:end])
            adjusted = _step_up(pvalues, np.arange(start + 1, end + 1), n_tests, correction, most=above)
            self._adjusted[start:end], above = adjusted, float(adjusted[0])

    def _fill_beyond(self, log_pivots: NDArray[np.float64]) -> None:
        """Pivots beyond all draws, ascending; piece by piece, since they can be most of what is in memory."""
        at = 0
        for start in range(0, len(log_pivots), PIVOTS_AT_ONCE):
            part = log_pivots[start : start + PIVOTS_AT_ONCE]
            part = part[part < self._null.log_tails[0]]
            self._beyond[at : at + len(part)] = part
            at += len(part)
        self._beyond.sort()

    def qvalues(self, log_pivots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Adjusted p-values of some of the pivots that this was made of."""
        more_extreme = self._null.n_more_extreme(log_pivots)
        qvalues = self._levels[more_extreme]
        if len(self._beyond):
            beyond = np.flatnonzero(more_extreme == 0)
            # Looked up in ascending order: many times faster.
            beyond = beyond[np.argsort(log_pivots[beyond])]
            qvalues[beyond] = self._adjusted[np.searchsorted(self._beyond, log_pivots[beyond], side="right") - 1]
        return qvalues

    def largest_log_pivot(self, alpha: float) -> float:
        """Largest log pivot whose adjusted p-value is at most `alpha`, minus infinity if there is none."""
        levels = np.flatnonzero(self._levels <= alpha)
        if len(levels):
            last = int(levels[-1])
            return float(np.nextafter(self._null.log_tails[last], -np.inf)) if last < self._null.n_draws else 0.0
        beyond = np.flatnonzero(self._adjusted <= alpha)
        return float(self._beyond[beyond[-1]]) if len(beyond) else -np.inf


def _step_up(
    pvalues: NDArray[np.float64], ranks: NDArray[np.int64], n_tests: int, correction: Correction, most: float = 1.0
) -> NDArray[np.float64]:
    """Adjusted values of ascending p-values, `ranks` of which are as small; `most` is the next one's adjusted value."""
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
    return np.minimum(adjusted, most, out=adjusted)
