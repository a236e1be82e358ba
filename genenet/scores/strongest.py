"""Select the strongest of many pairs: edges that are kept, and removed edges that are written."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import largest
from genenet.products.pairs import Pairs, Triangle

# The score of some pairs, and whether each is direct, given their positions and themselves.
Scorer = Callable[[NDArray[np.int64], Pairs], NDArray[np.float64]]
Chooser = Callable[[NDArray[np.int64], Pairs], NDArray[np.bool_]]


@dataclass(frozen=True)
class _Scored:
    """Pairs by their positions, with their scores."""

    positions: NDArray[np.int64]
    scores: NDArray[np.float64]

    def split(self, n: int) -> tuple["_Scored", "_Scored"]:
        """Separate the n with the largest scores, the earlier one of equals, from the others."""
        order = np.lexsort((self.positions, -self.scores))
        first, others = (_Scored(self.positions[part], self.scores[part]) for part in (order[:n], order[n:]))
        return first, others


def choose(
    pairs: Pairs | Triangle, direct: Chooser, score: Scorer, *, max_edges: int | None, max_pruned: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Choose the direct pairs with the largest scores, and the strongest of all others; the earlier of equals.

    The top k of up to 10^8 scores are selected without sorting all: pass 1 builds a histogram over the leading bits of
    the score; pass 2 keeps everything above the bin that contains rank k, and sorts that bin only.

    Returns
    -------
    Positions of at most `max_edges` direct pairs and of at most `max_pruned` others; number of direct pairs.
    """
    counts = np.zeros((2, largest.N_CLASSES), np.int64)
    for positions, part in pairs.parts():
        largest.count_classes(score(positions, part).view(np.int64), direct(positions, part), counts)
    others, chosen = counts
    limit, n_open = _limit(chosen, max_edges)
    # Direct pairs that are not kept compete with the others: all below the limit, and the rest of its bin.
    others[: max(limit, 0)] += chosen[: max(limit, 0)]
    if limit >= 0:
        others[limit] += chosen[limit] - n_open
    limits = np.array([_limit(others, max_pruned)[0], limit])
    found = _sort_out(pairs, direct, score, limits)
    kept, rest = found[largest.OPEN].split(n_open)
    removed, close = [found[largest.REMOVED].positions], found[largest.CLOSE]
    if limits[1] > limits[0]:
        removed.append(rest.positions)
    elif limits[1] == limits[0]:
        both = zip((close.positions, close.scores), (rest.positions, rest.scores), strict=True)
        close = _Scored(*(np.concatenate(columns) for columns in both))
    removed.append(close.split(max_pruned - sum(map(len, removed)))[0].positions)
    all_kept = np.concatenate([found[largest.KEPT].positions, kept.positions])
    return all_kept, np.concatenate(removed), int(chosen.sum())


def _sort_out(pairs: Pairs | Triangle, direct: Chooser, score: Scorer, limits: NDArray[np.int64]) -> dict[int, _Scored]:
    """All pairs that are not dropped, by their verdict from `genenet.kernels.largest.sort_out`."""
    verdicts = (largest.KEPT, largest.OPEN, largest.REMOVED, largest.CLOSE)
    positions = {verdict: [np.empty(0, np.int64)] for verdict in verdicts}
    scores = {verdict: [np.empty(0)] for verdict in verdicts}
    for places, part in pairs.parts():
        values, found = score(places, part), np.empty(len(part), np.uint8)
        largest.sort_out(values.view(np.int64), direct(places, part), limits, found)
        for verdict in verdicts:
            which = found == verdict
            positions[verdict].append(places[which])
            scores[verdict].append(values[which])
    return {
        verdict: _Scored(np.concatenate(positions[verdict]), np.concatenate(scores[verdict])) for verdict in verdicts
    }


def _limit(counts: NDArray[np.int64], n_wanted: int | None) -> tuple[int, int]:
    """Bin of the histogram that contains rank n_wanted, and how many of its scores are wanted; -1 if all are wanted."""
    if n_wanted is None or counts.sum() <= n_wanted:
        return -1, 0
    from_top = np.cumsum(counts[::-1])[::-1]
    limit = int(np.flatnonzero(from_top > n_wanted)[-1])
    return limit, n_wanted - int(from_top[limit] - counts[limit])
