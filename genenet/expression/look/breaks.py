"""Groups of numbers with hardly any between them: natural breaks (Jenks), if the groups are well separated."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# So many groups are looked for, of at least so many numbers and this share of them, or without that share if there are
# no such groups.
MOST_GROUPS, FEWEST, SHARE = 5, 3, 0.05
# The means of two neighbouring groups are so many standard deviations (within groups) apart, more among few numbers,
# and the middle fifth between the means has at most this share of the numbers.
SEPARATION, FOR_FEW, MOST_BETWEEN, FIFTH = 4.5, 25.0, 0.02, 0.1
# A gap between groups is at least this share of the widest one inside its two groups.
NARROWER = 0.7
# Breaks are found among at most so many numbers.
LOOKED_AT = 1_000


def separated_groups(numbers: NDArray[np.float64], most: int = MOST_GROUPS) -> NDArray[np.int64] | None:
    """Group numbers by gaps between them: the group of each number, the lowest first; None if all are one group.

    Of the numbers of groups that leave all of them well apart the largest is taken. A few numbers far from all others
    belong to no group (-1).

    Examples
    --------
    >>> low, high = np.linspace(0, 1, 20), np.linspace(5, 6, 10)
    >>> separated_groups(np.concatenate([high, low])).tolist() == [1] * 10 + [0] * 20
    True
    >>> separated_groups(np.linspace(0, 6, 30)) is None
    True
    """
    ordered = _without_far(np.sort(numbers))
    if ordered[0] == ordered[-1]:
        return None
    some = ordered[:: -(-len(ordered) // LOOKED_AT) or 1]
    for fewest in sorted({max(FEWEST, int(np.ceil(SHARE * len(some)))), FEWEST}, reverse=True):
        for breaks in reversed(_natural_breaks(some, fewest, most)):
            edges = (some[breaks - 1] + some[breaks]) / 2
            groups = np.searchsorted(edges, numbers)
            sizes = np.bincount(groups, minlength=len(edges) + 1)
            if sizes.min() >= FEWEST and _are_separated(some, np.searchsorted(some, edges)):
                return np.where((numbers < ordered[0]) | (numbers > ordered[-1]), -1, groups)
    return None


def _without_far(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out the few largest and smallest numbers that are further from the others than these from each other."""
    for _ in range(2):
        for n_far in range(1, min(FEWEST, len(ordered) - 2)):
            if ordered[-n_far] - ordered[-n_far - 1] > ordered[-n_far - 1] - ordered[0]:
                ordered = ordered[:-n_far]
                break
        ordered = -ordered[::-1]
    return ordered


def _natural_breaks(ordered: NDArray[np.float64], fewest: int, most: int) -> list[NDArray[np.int64]]:
    """First members of all groups but the lowest, for 2, 3, ... groups with the least sum of squares within them."""
    n = len(ordered)
    sums, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (ordered, ordered**2))

    def within(starts: NDArray[np.int64], end: int) -> NDArray[np.float64]:
        n_inside = end - starts
        total = sums[end] - sums[starts]
        return squares[end] - squares[starts] - total * total / n_inside

    zero = np.zeros(1, np.int64)
    best = np.array([np.inf] * fewest + [within(zero, end)[0] for end in range(fewest, n + 1)])
    last: list[NDArray[np.int64]] = []
    found = []
    for n_groups in range(2, most + 1):
        if n < n_groups * fewest:
            break
        costs, from_where = np.full(n + 1, np.inf), np.zeros(n + 1, np.int64)
        for end in range(n_groups * fewest, n + 1):
            starts = np.arange((n_groups - 1) * fewest, end - fewest + 1)
            all_costs = best[starts] + within(starts, end)
            at = int(np.argmin(all_costs))
            costs[end], from_where[end] = all_costs[at], starts[at]
        best = costs
        last.append(from_where)
        breaks, end = [], n
        for choices in reversed(last):
            end = int(choices[end])
            breaks.append(end)
        found.append(np.array(breaks[::-1]))
    return found


def _are_separated(ordered: NDArray[np.float64], breaks: NDArray[np.int64]) -> bool:
    groups = np.split(ordered, breaks)
    if min(map(len, groups)) == 0:  # of equal numbers
        return False
    n = len(ordered)
    # A group that was filled up with numbers of its neighbour has a wider gap inside than beside it.
    widest = [float(np.diff(group).max(initial=0.0)) for group in groups]
    if any(
        high[0] - low[-1] < NARROWER * max(pair)
        for (low, high), pair in zip(pairwise(groups), pairwise(widest), strict=True)
    ):
        return False
    deviation = float(np.sqrt(sum(((group - group.mean()) ** 2).sum() for group in groups) / (n - len(groups))))
    for low, high in pairwise(groups):
        apart = float(high.mean() - low.mean())
        middle = (high.mean() + low.mean()) / 2
        n_between = np.count_nonzero(np.abs(ordered - middle) < FIFTH * apart)
        if apart <= (SEPARATION + FOR_FEW / n) * deviation or n_between > MOST_BETWEEN * n:
            return False
    return True
