"""Kernels against scipy and against plain arithmetic."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special, stats

from genenet.kernels import correlation, ranks, weights
from genenet.kernels import pearson3 as tail
from genenet.kernels.correlation import correlations
from genenet.kernels.entropy_lanes import LOG2_FLOAT32
from genenet.kernels.packing import BIT_ROWS, REGISTER_BLOCKS, in_tiles, pack, pack_bits, register_block
from genenet.kernels.shuffling import permute_samples, shuffle
from genenet.kernels.threads import set_threads
from genenet.kernels.vectors import LANES
from tests import oracles

WITH_TIES = arrays.arrays(float, (3, 25), elements=st.integers(-4, 4).map(float))


def ranks_of(values: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    ranks.mid_ranks(values, found)
    return found


def spline(positions: np.ndarray, n_bins: int, order: int, total: int = 127) -> np.ndarray:
    out = np.empty((1, n_bins, len(positions)), np.uint8)
    weights.spline_weights(positions[None], order, total, out)
    return out[0].astype(int)


@settings(deadline=None)
@given(WITH_TIES)
def test_mid_ranks__as_scipy(values: np.ndarray) -> None:
    assert ranks_of(values).tolist() == stats.rankdata(values, axis=1).tolist()


def test_mid_ranks__negative_zero_ties_with_zero_and_extremes_are_ordered() -> None:
    values = np.array([[0.0, -0.0, 5e-324, -1e308, 1e308, 0.0]])
    assert ranks_of(values).tolist() == [[3.0, 3.0, 5.0, 1.0, 6.0, 3.0]]


@pytest.mark.parametrize("n_samples", [1, 2, 1_000, 1_024, 1_025, ranks.MOST_KEYED, ranks.MOST_KEYED + 1])
@pytest.mark.parametrize("shape", ["normal", "long tail", "counts", "one far off", "widest", "infinite"])
def test_mid_ranks__of_any_number_of_samples_and_scale_as_scipy(n_samples: int, shape: str) -> None:
    rng = np.random.default_rng(n_samples)
    values = rng.normal(size=(2, n_samples))
    if shape == "long tail":  # most values share the upper bits of their keys
        values = np.exp(30.0 * values)
    elif shape == "counts":
        values = np.floor(np.exp(values))
    elif shape != "normal":
        values[0, 0] = {"one far off": 1e30, "widest": 1.7e308, "infinite": np.inf}[shape]
        values[:, -1] = {"one far off": 0.0, "widest": -1.7e308, "infinite": -np.inf}[shape]
    assert ranks_of(values).tolist() == stats.rankdata(values, axis=1).tolist()


def test_rank_scores__as_scipy_for_any_number_of_threads() -> None:
    values = np.random.default_rng(0).integers(0, 9, size=(2 * ranks.ROWS_AT_ONCE + 3, 12)).astype(float)
    found = []
    try:
        for number in (1, 3):
            set_threads(number)
            found.append(np.empty_like(values))
            ranks.rank_scores(values, found[-1])
    finally:
        set_threads(0)
    assert found[0].tobytes() == found[1].tobytes()
    expected = stats.zscore(stats.rankdata(values, axis=1), axis=1)
    np.testing.assert_allclose(found[0], expected, rtol=1e-12, atol=1e-12)


def test_z_scores__as_scipy() -> None:
    values = np.random.default_rng(0).lognormal(3, 2, size=(5, 83))
    scores = np.empty_like(values)
    weights.z_scores(values, scores)
    np.testing.assert_allclose(scores, stats.zscore(values, axis=1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("n_bins", "order"), [(2, 1), (2, 2), (3, 2), (6, 4), (6, 6), (10, 3), (16, 16), (64, 4), (64, 1)]
)
def test_spline_weights__within_a_unit_of_scipy_and_add_up(n_bins: int, order: int) -> None:
    knots = np.arange(n_bins - order + 2) / (n_bins - order + 1)
    positions = np.concatenate([knots, np.nextafter(knots[1:], 0), np.random.default_rng(0).random(500)])
    found = spline(positions, n_bins, order)
    exact = oracles.bspline_basis(positions, n_bins, order) * 127
    # At a knot the basis is not unique for order 1 (a jump); scipy takes the interval on the right, and so do we.
    assert np.abs(found - exact).max() < 1.0
    assert (found.sum(axis=0) == 127).all()


@pytest.mark.parametrize(("n_bins", "order"), [(6, 4), (5, 1), (7, 2), (4, 4), (30, 5)])
@pytest.mark.parametrize("n_samples", [3, 200])
def test_spline_weights__largest_remainders_are_rounded_up(n_bins: int, order: int, n_samples: int) -> None:
    positions = np.random.default_rng(order).random(n_samples)
    exact_weights = oracles.bspline_basis(positions, n_bins, order).T * 127
    for exact, found in zip(exact_weights, spline(positions, n_bins, order).T, strict=True):
        expected = np.floor(exact + 1e-9).astype(int)
        remainders = exact - expected
        expected[np.argsort(-remainders, kind="stable")[: 127 - expected.sum()]] += 1
        assert found.tolist() == expected.tolist()


def test_spline_weights__by_hand() -> None:
    # Order 2 over 3 bins: hats centred at 0, 1/2 and 1. A quarter of the way up 63.5 each; the first gets the odd one.
    hats = spline(np.array([0.0, 0.25, 0.5, 1.0]), 3, 2).T.tolist()
    assert hats == [[127, 0, 0], [64, 63, 0], [0, 127, 0], [0, 0, 127]]
    # Order 4 over 4 bins is Bernstein's basis: at 1/2 it is 1/8, 3/8, 3/8, 1/8, and 127/8 = 15.875, 3 * 127/8 = 47.625.
    assert spline(np.array([0.5]), 4, 4).T.tolist() == [[16, 48, 47, 16]]
    # Positions are computed, and may be outside by a rounding error.
    assert spline(np.array([-1e-13, 1 + 1e-13]), 6, 4).T.tolist() == [[127, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 127]]


def test_entropies_and_margins__as_oracle() -> None:
    table = np.random.default_rng(0).integers(0, 128, size=(4, 6, 30)).astype(np.uint8)
    table[:, 2] = 0
    sums = np.empty((4, 6), np.int64)
    weights.margins(table, sums)
    assert sums.tolist() == table.astype(int).sum(axis=2).tolist()
    expected = [oracles.entropy(margin) for margin in sums.tolist()]
    np.testing.assert_allclose(weights.entropies(sums), expected, rtol=0, atol=1e-14)


def test_pack__holds_every_weight_once() -> None:
    table = np.random.default_rng(0).integers(0, 128, size=(LANES + 3, 8, 13)).astype(np.uint8)
    packed = pack(table)
    rows, columns = packed.register_block
    assert packed.rows.shape[1] % rows == 0
    assert packed.tiles.shape[2] % columns == 0
    x = packed.rows.view(np.uint8).reshape(len(packed.rows), -1, 16)
    assert (x[:, :7, :13] == table[:, :7]).all()
    assert x.sum(dtype=int) == table[:, :7].sum(dtype=int)
    # y: tile, word, plane, lane, sample of the word.
    values = packed.tiles.view(np.uint8).reshape(*packed.tiles.shape, 4)
    y = values.transpose(0, 3, 2, 1, 4).reshape(2 * LANES, -1, 16)
    assert (y[: len(table), :7, :13] == table[:, :7]).all()
    assert values.sum(dtype=int) == table[:, :7].sum(dtype=int)


@pytest.mark.parametrize("n_bins", [2, 5, 8, 12])
@pytest.mark.parametrize("n_samples", [13, 64, 65])
def test_pack_bits__holds_every_sample_once(n_bins: int, n_samples: int) -> None:
    codes = np.random.default_rng(0).integers(0, n_bins, size=(LANES + 3, n_samples))
    table = (codes[:, None] == np.arange(n_bins)[:, None]).astype(np.uint8)
    packed = pack_bits(table)
    assert packed.register_block[0] in BIT_ROWS
    assert packed.rows.shape[1] % packed.register_block[0] == 0
    x = np.unpackbits(packed.rows.view(np.uint8), axis=2, bitorder="little")
    assert (x[:, : n_bins - 1, :n_samples] == table[:, :-1]).all()
    assert x.sum() == table[:, :-1].sum()
    y = packed.tiles.transpose(0, 3, 2, 1).reshape(2 * LANES, n_bins - 1, -1)
    y = np.unpackbits(np.ascontiguousarray(y).view(np.uint8), axis=2, bitorder="little")
    assert (y[: len(table), :, :n_samples] == table[:, :-1]).all()
    assert y.sum() == table[:, :-1].sum()


def test_register_block__every_block_is_of_use() -> None:
    chosen = {register_block(n_planes) for n_planes in range(1, 64)}
    assert chosen <= set(REGISTER_BLOCKS)


def test_in_tiles__puts_genes_side_by_side() -> None:
    values = np.arange(20 * 3).reshape(20, 3)
    lanes = in_tiles(values)
    assert all(lanes[g // LANES, k, g % LANES] == values[g, k] for g, k in itertools.product(range(20), range(3)))
    assert not lanes[1, :, 4:].any()


def test_log2_of_the_screen__within_what_its_comment_says() -> None:
    m = np.linspace(math.sqrt(0.5), math.sqrt(2), 100_001, dtype=np.float32)
    polynomial = np.zeros_like(m)
    for coefficient in LOG2_FLOAT32:
        polynomial = polynomial * (m - 1) + np.float32(coefficient)
    assert polynomial.dtype == np.float32
    assert np.abs((m - 1) * polynomial - np.log2(m.astype(float))).max() < 3.7e-7


def test_tail_log__as_math() -> None:
    edges = [1.0, np.nextafter(1, 0), 0.7071067811865476, 1e-308, 1e308]
    values = [*np.random.default_rng(0).uniform(0.5, 2, 1000), *edges]
    for value in values:
        assert tail.log(value) == pytest.approx(math.log(value), rel=1e-15, abs=1e-300)


def test_tail_exp__as_math_down_to_nothing() -> None:
    values = np.concatenate([-np.random.default_rng(0).uniform(0, 708, 2000), [0.0, -1e-300, -708.3]])
    np.testing.assert_allclose([tail.exp(value) for value in values], np.exp(values), rtol=1e-14)
    assert [tail.exp(value) for value in (-744.0, -746.0, -1e9)] == [math.exp(-744.0), 0.0, 0.0]


def test_tail_log_gamma__as_scipy() -> None:
    values = np.concatenate([np.geomspace(1e-3, 1e6, 500), [0.5, 1.0, 2.0, 10.0]])
    found = [tail.log_gamma(value) for value in values]
    np.testing.assert_allclose(found, special.gammaln(values), rtol=1e-14, atol=2e-14)


@pytest.mark.parametrize("a", [0.5, 1.0, 1.5, 7.3, 25.0, 400.0, 2000.0])
def test_tail_log_gamma_tail__as_scipy(a: float) -> None:
    x = np.concatenate([np.geomspace(1e-6, a, 60), np.linspace(a, a + 40 * math.sqrt(a) + 300, 200), [a + 1]])
    expected = special.gammaincc(a, x)
    found = np.array([tail.log_gamma_tail(a, value) for value in x])
    inside = expected > 1e-290
    np.testing.assert_allclose(found[inside], np.log(expected[inside]), rtol=1e-10, atol=1e-13)
    assert (np.diff(found[np.argsort(x)]) <= 1e-13).all()


@pytest.mark.parametrize("a", [1, 2, 5, 40])
def test_tail_log_gamma_tail__beyond_the_smallest_double(a: int) -> None:
    # Q(a, x) = exp(-x) * sum of x^k / k! for whole a.
    for x in (800.0, 5e3, 1e6):
        expected = -x + special.logsumexp([k * math.log(x) - math.lgamma(k + 1) for k in range(a)])
        assert tail.log_gamma_tail(float(a), x) == pytest.approx(expected, rel=1e-12)


def test_tail_log_gamma_tail__below_zero_is_certain() -> None:
    assert tail.log_gamma_tail(3.0, 0.0) == tail.log_gamma_tail(3.0, -2.0) == 0.0


@pytest.mark.parametrize("skewness", [0.05, 0.4, 1.0, 2.0, 2.8])
def test_log_pearson3_tail__as_scipy(skewness: float) -> None:
    deviations = np.linspace(-2 / skewness + 1e-9, 40, 300)
    found = np.array([tail.log_pearson3_tail(deviation, skewness) for deviation in deviations])
    expected = stats.pearson3.sf(deviations, skewness)
    inside = expected > 1e-280
    np.testing.assert_allclose(np.exp(found[inside]), expected[inside], rtol=1e-9)


def test_log_pearson3_tail__two_degrees_of_freedom_by_hand() -> None:
    # Skewness 2 is the exponential distribution shifted to mean 0: P(Z >= z) = exp(-(1 + z)).
    for deviation in (-0.5, 0.0, 3.0, 600.0):
        assert tail.log_pearson3_tail(deviation, 2.0) == pytest.approx(-(1 + deviation), rel=1e-13)


@pytest.mark.parametrize("n_samples", [4, 8, 77])
def test_correlations__as_numpy(n_samples: int) -> None:
    values = np.random.default_rng(0).normal(size=(6, n_samples))
    first, second = np.triu_indices(6, 1)
    found = np.empty(len(first))
    correlations(stats.zscore(values, axis=1), first.astype(np.int32), second.astype(np.int32), found)
    np.testing.assert_allclose(found, np.corrcoef(values)[first, second], atol=1e-12)


def test_correlations__the_same_bits_in_any_order_and_block(monkeypatch: pytest.MonkeyPatch) -> None:
    values = stats.zscore(np.random.default_rng(0).normal(size=(9, 77)), axis=1)
    first, second = (genes.astype(np.int32) for genes in np.triu_indices(9, 1))
    expected, found = np.empty((2, len(first)))
    correlations(values, first, second, expected)
    order = np.random.default_rng(1).permutation(len(first))
    monkeypatch.setattr(correlation, "VALUES_AT_ONCE", 2 * 77)
    for places in (slice(None), order):
        correlations(values, first[places], second[places], found)
        np.testing.assert_array_equal(found, expected[places])


def test_shuffle__every_order_equally_often() -> None:
    order, seen = np.empty(4, np.int64), dict.fromkeys(itertools.permutations(range(4)), 0)
    for stream in range(24_000):
        shuffle(np.uint64(1), stream, order)
        seen[tuple(order.tolist())] += 1
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3


def test_shuffle__long_orders_are_permutations_without_a_memory_of_the_start() -> None:
    orders = np.empty((2000, 50), np.int64)
    for stream, order in enumerate(orders):
        shuffle(np.uint64(7), stream, order)
    assert (np.sort(orders, axis=1) == np.arange(50)).all()
    correlation = np.corrcoef(orders.ravel(), np.tile(np.arange(50), len(orders)))[0, 1]
    assert abs(correlation) < 4 / math.sqrt(orders.size)
    neighbours = np.corrcoef(orders[:-1].ravel(), orders[1:].ravel())[0, 1]
    assert abs(neighbours) < 4 / math.sqrt(orders.size)


def test_permute_samples__keeps_each_samples_weights_together() -> None:
    table = np.random.default_rng(0).integers(0, 128, size=(5, 3, 40)).astype(np.uint8)
    permuted = np.empty_like(table)
    permute_samples(table, np.uint64(3), permuted)
    for gene, shuffled in zip(table, permuted, strict=True):
        assert sorted(map(tuple, gene.T.tolist())) == sorted(map(tuple, shuffled.T.tolist()))
        assert (gene != shuffled).any()
