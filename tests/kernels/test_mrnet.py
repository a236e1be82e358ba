"""MRNET by both kernels, to the last bit, against the plain selection in numpy."""

import numpy as np
import pytest

from genenet.kernels import mrnet as kernels
from genenet.kernels.threads import set_threads
from genenet.products.pairs import Pairs, Triangle
from genenet.scores.matrix_scores import mrnet, mrnet_of_pairs


def weights_by_selection(mi: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Weights of neighbours for each target; redundancies are added up in the order of the selections."""
    weights = np.zeros_like(mi)
    for target in range(len(mi)):
        free, redundancy = candidates.copy(), np.zeros(len(mi))
        free[target] = False
        for n_selected in range(len(mi) - 1):
            scores = np.where(free, mi[target] - redundancy / max(n_selected, 1), -np.inf)
            best = int(np.argmax(scores))
            if scores[best] <= 0:
                break
            weights[target, best] = scores[best]
            free[best] = False
            redundancy = redundancy + mi[best]
    return weights


def symmetric(upper: np.ndarray) -> np.ndarray:
    upper = np.triu(upper, 1)
    return upper + upper.T


def continuous(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.exponential(size=(n, n))


def with_ties(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.integers(0, 4, (n, n)) / 3


def weakly_redundant(rng: np.random.Generator, n: int) -> np.ndarray:
    """A target selects nearly all of its neighbours."""
    return rng.uniform(0.5, 1, (n, n)) * (rng.random((n, n)) < 0.15)


def with_copies(rng: np.random.Generator, n: int) -> np.ndarray:
    """Pairs of genes have the same MI with every other gene; the last five have none with any."""
    of = np.arange(n) // 2
    mi = rng.exponential(size=(n, n))[np.ix_(of, of)]
    mi[:, -5:] = 0
    return mi


KINDS = {function.__name__: function for function in (continuous, with_ties, weakly_redundant, with_copies)}


def listed(mi: np.ndarray) -> Pairs:
    first, second = (places.astype(np.int32) for places in np.nonzero(np.triu(mi, 1)))
    return Pairs(first, second, mi[first, second])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [1.0, 0.6])
@pytest.mark.parametrize(("seed", "n"), [(0, 2), (1, 17), (2, 150)])
def test_mrnet__same_bytes_as_the_plain_selection(kind, share, seed, n):
    rng = np.random.default_rng(seed)
    mi = symmetric(KINDS[kind](rng, n))
    candidates = rng.random(n) <= share
    expected = weights_by_selection(mi, candidates)
    assert expected.any() == (mi[:, candidates] > 0).any()
    weights = np.zeros_like(mi)
    kernels.mrnet(mi, candidates, weights)
    assert weights.tobytes() == expected.tobytes()
    pairs = listed(mi)
    larger = np.maximum(expected, expected.T)
    assert mrnet(mi, regulators=candidates).tobytes() == larger.tobytes()
    found = mrnet_of_pairs(pairs, n, regulators=candidates)
    assert found.tobytes() == larger[pairs.first, pairs.second].tobytes()
    triangle = Triangle(n)
    triangle.add(pairs)
    assert mrnet_of_pairs(triangle, n, regulators=candidates).tobytes() == found.tobytes()


def test_mrnet__many_neighbours_are_selected_and_many_can_never_be():
    """The cases that the kernels have shortcuts for are among those above."""
    rng = np.random.default_rng(2)
    mi = symmetric(weakly_redundant(rng, 150))
    assert (weights_by_selection(mi, np.ones(150, bool)) > 0).sum(axis=1).max() > kernels.STEPS_BETWEEN_REMOVALS
    mi = symmetric(continuous(rng, 150))
    n_selected = (weights_by_selection(mi, np.ones(150, bool)) > 0).sum(axis=1)
    assert kernels.STEPS_BETWEEN_REMOVALS < n_selected.min() <= n_selected.max() < 149


def test_mrnet__negative_values_of_corrected_estimates():
    rng = np.random.default_rng(4)
    mi = symmetric(rng.normal(0.3, 0.5, (40, 40)))
    weights, candidates = np.zeros_like(mi), np.ones(40, bool)
    kernels.mrnet(mi, candidates, weights)
    assert weights.tobytes() == weights_by_selection(mi, candidates).tobytes()


def test_mrnet_of_pairs__same_bytes_for_any_number_of_threads():
    mi = symmetric(weakly_redundant(np.random.default_rng(5), 120))
    found = []
    try:
        for number in (1, 3):
            set_threads(number)
            found.append(mrnet_of_pairs(listed(mi), 120).tobytes())
    finally:
        set_threads(0)
    assert found[0] == found[1]


def test_mrnet_of_pairs__no_pair():
    assert mrnet_of_pairs(Pairs.empty(0), 3).shape == (0,)
