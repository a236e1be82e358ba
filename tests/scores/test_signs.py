"""Selection by sign against plain sorting."""

import numpy as np
import pytest

from genenet.config import EdgeSign
from genenet.products.pairs import Pairs
from genenet.scores.signs import select, signs_of

N = 200


@pytest.fixture
def pairs() -> Pairs:
    first, second = np.triu_indices(21, 1)
    rng = np.random.default_rng(0)
    return Pairs(first[:N].astype(np.int32), second[:N].astype(np.int32), np.round(rng.uniform(1, 2, N), 2))


SIGNS = np.random.default_rng(1).integers(-1, 2, N).astype(np.int8)
DIRECT = np.random.default_rng(2).uniform(size=N) < 0.8


def best(pairs: Pairs, among: np.ndarray, n: int) -> set[int]:
    places = np.flatnonzero(among)
    return set(places[np.lexsort((places, -pairs.mi[places]))][:n])


EXPECTED = {"positive": [SIGNS > 0], "negative": [SIGNS < 0], "apart": [SIGNS > 0, SIGNS <= 0]}


@pytest.mark.parametrize("sign", EXPECTED)
@pytest.mark.parametrize("max_edges", [None, 10, 1000])
def test_select__against_sorting(pairs: Pairs, sign: EdgeSign, max_edges: int | None) -> None:
    found = select(
        pairs, lambda places, part: DIRECT[places], lambda places, part: part.mi, SIGNS, sign,
        max_edges=max_edges, max_pruned=30,
    )  # fmt: skip
    kept = set.union(*(best(pairs, group & DIRECT, max_edges or N) for group in EXPECTED[sign]))
    assert set(found.kept) == kept
    others = ~np.isin(np.arange(N), list(kept))
    assert set(found.removed) == best(pairs, others, 30)
    assert found.n_direct == DIRECT.sum()
    assert found.n_of_other_sign == (DIRECT & ~np.logical_or.reduce(EXPECTED[sign])).sum()


def test_select__together_does_not_look_at_signs(pairs: Pairs) -> None:
    found = select(
        pairs, lambda places, part: DIRECT[places], lambda places, part: part.mi, None, "together",
        max_edges=10, max_pruned=0,
    )  # fmt: skip
    assert set(found.kept) == best(pairs, DIRECT, 10)
    assert found.n_of_other_sign == 0


def test_signs_of__by_position(pairs: Pairs) -> None:
    assert signs_of(pairs, lambda part: part.mi - 1.5).tolist() == np.sign(pairs.mi - 1.5).tolist()
