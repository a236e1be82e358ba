"""Edges by the sign of their correlation: one ranking of all, one of each sign, or one sign only."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import EdgeSign
from genenet.products.pairs import Pairs, Triangle
from genenet.scores.strongest import Chooser, Scorer, choose

Signs = NDArray[np.int8]


@dataclass(frozen=True)
class Selection:
    """Positions of kept and of removed edges, and the number of candidates.

    Attributes
    ----------
    kept, removed
        Positions.
    n_direct
        Number of direct edges.
    n_of_other_sign
        How many of these have a sign that is not wanted.
    """

    kept: NDArray[np.int64]
    removed: NDArray[np.int64]
    n_direct: int
    n_of_other_sign: int = 0


def signs_of(pairs: Pairs | Triangle, correlate: Callable[[Pairs], NDArray[np.float64]]) -> Signs:
    """Sign of the correlation of each pair, by its position."""
    signs = np.zeros(pairs.n_positions, np.int8)
    for positions, part in pairs.parts():
        signs[positions] = np.sign(correlate(part))
    return signs


def select(
    pairs: Pairs | Triangle,
    direct: Chooser,
    score: Scorer,
    signs: Signs | None,
    sign: EdgeSign,
    *,
    max_edges: int | None,
    max_pruned: int,
) -> Selection:
    """Choose the direct edges with the largest scores, by sign, and the strongest of all others.

    Parameters
    ----------
    pairs, direct, score, max_pruned
        As of `genenet.scores.strongest.choose`.
    signs
        Sign of each pair, by its position; None where it does not matter.
    sign
        `together`: at most `max_edges` edges in all; `apart`: at most that many positive ones, and as many others;
        `positive`, `negative`: edges of this sign only.
    """
    if sign == "together" or signs is None:
        return Selection(*choose(pairs, direct, score, max_edges=max_edges, max_pruned=max_pruned))
    groups = {"positive": [signs > 0], "negative": [signs < 0], "apart": [signs > 0, signs <= 0]}[sign]
    is_kept, n_wanted = np.zeros(pairs.n_positions, bool), 0
    for group in groups:
        kept, _, n = choose(pairs, _both(direct, group), score, max_edges=max_edges, max_pruned=0)
        is_kept[kept] = True
        n_wanted += n
    kept, removed, _ = choose(pairs, _among(is_kept), score, max_edges=None, max_pruned=max_pruned)
    n_direct = sum(int(direct(positions, part).sum()) for positions, part in pairs.parts())
    return Selection(kept, removed, n_direct, n_direct - n_wanted)


def _among(group: NDArray[np.bool_]) -> Chooser:
    """Choose the pairs of a group."""
    return lambda positions, part: group[positions]


def _both(direct: Chooser, group: NDArray[np.bool_]) -> Chooser:
    """Choose the direct pairs of a group."""
    return lambda positions, part: direct(positions, part) & group[positions]
