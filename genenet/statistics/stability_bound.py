"""Bounds of stability selection with complementary halves (Shah & Samworth 2013, doi:10.1111/j.1467-9868.2011.01034.x).

A selector picks some of p pairs on each half of the samples, q of them on average. A pair is stable if it is picked in
at least a share tau (the threshold) of the halves. The bounds are on the expected number of stable pairs that are
picked *rarely*: with a probability of at most q / p, as if pairs were picked at random. They say nothing of pairs that
are picked often for a bad reason.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

# Exponents of the concavity that Shah & Samworth assume of the shares of halves and of pairs of halves (section 3.3).
OF_BOTH, OF_HALVES = -1 / 2, -1 / 4
# The parameter of the extremal distributions is searched in this range, on a logarithmic scale.
SMALLEST_SHIFT, LARGEST_SHIFT = 1e-12, 1e6
BISECTIONS = 100
GOLDEN_STEPS = 60


@dataclass(frozen=True)
class Bounds:
    """Upper bounds of the expected number of stable pairs that are rarely selected.

    Attributes
    ----------
    no_assumption
        q^2 / (p (2 tau - 1)), without an assumption on the distribution of the shares.
    unimodal
        If the shares of halves that select such a pair are unimodally distributed; `no_assumption` where the theorem
        does not hold (q / p above 0.577, or a threshold close to 1/2).
    r_concave
        If they are r-concave, which is stronger.
    """

    no_assumption: float
    unimodal: float
    r_concave: float


def stability_bounds(threshold: float, n_selected: float, n_pairs: int, n_splits: int) -> Bounds:
    """Bounds on the number of stable pairs that are rarely selected.

    Parameters
    ----------
    threshold
        Smallest share of the 2 n_splits halves in which a stable pair is selected: above 1/2, at most 1.
    n_selected
        Mean number of pairs that are selected on a half, q.
    n_pairs
        Number of pairs that can be selected, p.
    n_splits
        Number of splits of the samples into two halves, B.

    References
    ----------
    Shah & Samworth (2013): theorem 1 and equations (7), (8) and (10). Theorem 1 with theta = q / p is the bound of
    Meinshausen & Buehlmann (2010), doi:10.1111/j.1467-9868.2010.00740.x.

    Examples
    --------
    >>> bounds = stability_bounds(0.9, 100_000, 200_000_000, 50)
    >>> round(bounds.no_assumption, 1), round(bounds.unimodal, 1), round(bounds.r_concave, 1)
    (62.5, 21.6, 3.1)
    """
    theta = n_selected / n_pairs
    plain = n_selected * theta / (2 * threshold - 1)
    unimodal = unimodal_bound(threshold, n_selected, n_pairs, n_splits)
    return Bounds(plain, unimodal, min(_r_concave(threshold, theta, n_splits) * n_pairs, unimodal))


def unimodal_bound(threshold: float, n_selected: float, n_pairs: int, n_splits: int) -> float:
    """The bound `unimodal` of `stability_bounds` alone, which is fast to compute.

    Examples
    --------
    >>> round(unimodal_bound(0.6, 10, 100, 50), 6)  # stabsel_parameters(p=100, q=10, cutoff=0.6) of the R package stabs
    2.631579
    """
    theta = n_selected / n_pairs
    factor = min(_unimodal(threshold, theta, n_splits), 1 / (2 * threshold - 1))
    return factor * n_selected * theta


def _unimodal(threshold: float, theta: float, n_splits: int) -> float:
    """The factor C(tau, B) of Shah & Samworth, equation (7); infinite where their conditions do not hold."""
    smallest = min(0.5 + theta**2, 0.5 + 1 / (2 * n_splits) + 0.75 * theta**2)
    if theta > 1 / np.sqrt(3) or threshold <= smallest or threshold < 0.5 + 1 / n_splits:
        return float("inf")
    if threshold <= 0.75:
        return 1 / (2 * (2 * threshold - 1 - 1 / (2 * n_splits)))
    return 4 * (1 - threshold + 1 / (2 * n_splits)) / (1 + 1 / n_splits)


def _r_concave(threshold: float, theta: float, n_splits: int) -> float:
    """Largest probability that a pair with selection probability theta is stable: their equation (10).

    Both halves select it in at least a share 2 tau - 1 of the splits, each with a probability of at most theta^2.
    """
    in_both, in_halves = round((2 * threshold - 1) * n_splits), round(threshold * 2 * n_splits)
    return min(
        largest_tail(theta**2, in_both, n_splits, OF_BOTH),
        largest_tail(theta, in_halves, 2 * n_splits, OF_HALVES),
    )


@lru_cache(maxsize=4096)
def largest_tail(mean: float, at_least: int, n: int, r: float) -> float:
    """Largest probability of at least `at_least` out of n, over all r-concave distributions on 0..n with this share.

    The largest is reached by a distribution whose r-th power is linear up to some k, with a smaller mass at k + 1:
    f(i) = c (a + i)^(1/r) for i = 0..k, such that the mean is right (Shah & Samworth 2013, appendix A.4).

    Parameters
    ----------
    mean
        Mean of the distribution as a share of n.
    at_least
        Number out of n.
    n
        Largest number.
    r
        Concavity, below 0.

    Examples
    --------
    >>> round(largest_tail(0.05, 60, 100, -0.25), 6)
    0.002937
    """
    first = int(np.ceil(2 * mean * n)) + 1
    if at_least < first or first > n or mean <= 0:
        return 1.0 if mean > 0 else 0.0
    # A linear part on 0..k is possible for shifts a between those at which the mass at k + 1, and at k, vanishes.
    shifts = {k: _shift_of(mean * n, k, 1 / r) for k in range(max(first, at_least - 1), n + 1)}

    def tail(k: int, a: float) -> float:
        return _tail(a, k, at_least, mean * n, 1 / r)

    tails = [_largest(partial(tail, k), shifts[k + 1], shifts[k]) for k in shifts if k < n]
    return max([*tails, tail(n, shifts[n])])


def _powers(a: float, k: int, exponent: float) -> NDArray[np.float64]:
    """(a + i)^exponent for i = 0..k, relative to the first."""
    return (1 + np.arange(k + 1) / a) ** exponent


def _shift_of(mean: float, k: int, exponent: float) -> float:
    """The shift a with which (a + i)^exponent on 0..k has this mean, which grows with a."""
    low, high, places = math.log(SMALLEST_SHIFT), math.log(LARGEST_SHIFT), np.arange(k + 1)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        powers = _powers(math.exp(middle), k, exponent)
        if places @ powers < mean * powers.sum():
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _tail(a: float, k: int, at_least: int, mean: float, exponent: float) -> float:
    powers = _powers(a, k, exponent)
    below = powers[:at_least].sum() / ((k + 1 - np.arange(k + 1)) @ powers)
    return float(1 - (k + 1 - mean) * below)


def _largest(function: Callable[[float], float], low: float, high: float) -> float:
    """Largest value of a function with one peak between two positive numbers, by golden sections of the logarithm."""
    start, end, ratio = math.log(low), math.log(high), (math.sqrt(5) - 1) / 2
    a, b = end - ratio * (end - start), start + ratio * (end - start)
    of_a, of_b = function(math.exp(a)), function(math.exp(b))
    for _ in range(GOLDEN_STEPS):
        if of_a > of_b:
            end, b, of_b = b, a, of_a
            a = end - ratio * (end - start)
            of_a = function(math.exp(a))
        else:
            start, a, of_a = a, b, of_b
            b = start + ratio * (end - start)
            of_b = function(math.exp(b))
    return max(of_a, of_b, function(math.exp(start)), function(math.exp(end)))
