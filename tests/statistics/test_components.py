"""Connected components, compared with scipy."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from genenet.statistics.components import components


@pytest.mark.parametrize(("n", "n_edges"), [(1, 0), (40, 0), (40, 12), (40, 60), (3_000, 1_500), (3_000, 4_000)])
@pytest.mark.parametrize("seed", range(3))
def test_components__as_scipy_finds_them(n: int, n_edges: int, seed: int) -> None:
    first, second = np.random.default_rng(seed).integers(0, n, (2, n_edges))
    links = sparse.coo_array((np.ones(n_edges), (first, second)), shape=(n, n))
    expected = connected_components(links, directed=False)[1]
    found = components(n, first, second)
    places = np.arange(n)[:, None]
    assert ((found == found[places]) == (expected == expected[places])).all()
    assert (found[found] == found).all()
    assert (found <= np.arange(n)).all()


def test_components__long_chain_in_any_order() -> None:
    order = np.random.default_rng(0).permutation(5_000)
    assert (components(5_000, order[:-1], order[1:]) == 0).all()


def test_components__no_nodes() -> None:
    assert len(components(0, np.empty(0, np.int64), np.empty(0, np.int64))) == 0
