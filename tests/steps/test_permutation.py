"""The null: moments against eigenvalues and true permutations, p-values by hand, the tail, calibration."""

import math
from dataclasses import replace

import numpy as np
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from genenet.config import Discretise, Permutation
from genenet.config.sections import default_draws
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.null_draws import drawn
from genenet.products.bins import Bins, margin_moments
from genenet.statistics.null import Null, draws_needed, samples_needed
from genenet.statistics.pearson3 import critical_z
from genenet.steps import permutation as module
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import n_first_draws, null_factors, permutation_null
from genenet.steps.significance import significance
from tests import oracles
from tests.matrices import bins, codes, counts, related


def permuted_mi(table: Bins, first: int, second: int, n: int, seed: int) -> np.ndarray:
    """MI of one pair under n true permutations, by matrix products of many permuted copies."""
    rng = np.random.default_rng(seed)
    x, y = table.weights[first].astype(float), table.weights[second].astype(float)
    orders = np.argsort(rng.random((n, table.n_samples)), axis=1)
    joint = np.einsum("anp,bp->nab", x[:, orders], y, optimize=True) / table.total_count
    margins = joint.sum(axis=2)[:, :, None] * joint.sum(axis=1)[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nansum(joint * np.log2(joint / margins), axis=(1, 2))


# Margin moments and factors


@pytest.mark.parametrize(
    "given_settings", [{}, {"coordinate": ["rank"]}, {"n_bins": 9, "order": 2}, {"n_bins": 2, "order": 2}]
)
def test_margin_moments__sums_of_powers_of_eigenvalues(given_settings: dict[str, object]) -> None:
    values = np.vstack([related(4, 50), counts(4, 50), related(2, 50, decimals=0)])
    table = bins(values, **given_settings)
    expected = [oracles.margin_traces(weights) for weights in table.weights.astype(float)]
    np.testing.assert_allclose(margin_moments(table), expected, rtol=1e-9)


def test_margin_moments__hard_bins_are_a_projection() -> None:
    # Occupied bins less one, however uneven, whatever the power.
    table = codes([[0] * 9 + [1], [0, 0, 1, 1, 2, 2, 2, 2, 2, 2], range(10)])
    np.testing.assert_allclose(margin_moments(table), [[1] * 3, [2] * 3, [9] * 3], rtol=1e-12)


def test_margin_moments__same_multiset_same_bits() -> None:
    values = related(3, 80)
    values[1] = np.random.default_rng(0).permutation(values[0])
    moments = margin_moments(bins(values))
    assert moments[0].tobytes() == moments[1].tobytes()


def test_null_factors__products_are_the_moments_of_the_docstring() -> None:
    table = bins(related(2, 50))
    (s1x, s2x, s3x), (s1y, s2y, s3y) = margin_moments(table)
    mean, deviation, skewness = np.prod(null_factors(table), axis=0)
    n, bit = 50, 1 / math.log(2)
    assert mean == pytest.approx(s1x * s1y / (2 * (n - 1)) * bit)
    variance = s2x * s2y / (2 * n**2)
    assert deviation == pytest.approx(math.sqrt(variance) * bit)
    assert skewness == pytest.approx(s3x * s3y / n**3 / variance**1.5)


def test_null_factors__a_gene_in_one_bin_only(caplog: pytest.LogCaptureFixture) -> None:
    table = codes(np.round(related(4, 40)))
    weights = table.weights.copy()
    weights[1] = 0
    weights[1, 0] = 1
    one = Bins(table.genes, table.samples, weights, 1, table.regulator)
    null = permutation_null(one, Permutation(n_draws=2_000))
    assert caplog.messages == [
        "1 of 4 genes fall into one bin only (G001): they have no information about any other gene"
    ]
    block = information(one, null, alpha=1.0)
    with_it = (block.pairs.first == 1) | (block.pairs.second == 1)
    pvalues = null.pvalues(null.log_pivots(block.pairs.mi, block.pairs.first, block.pairs.second))
    assert (block.pairs.mi[with_it] == 0).all()
    assert pvalues[with_it].tolist() == [1.0] * 3
    assert (pvalues[~with_it] < 1).any()
    with pytest.raises(InputError) as caught:
        null_factors(Bins(table.genes, table.samples, weights[[1] * 4], 1, table.regulator))
    assert str(caught.value) == (
        "4 of 4 genes fall into one bin only (G000, G001, G002, G003); use more bins (discretise.n_bins), or another"
        " discretise.method"
    )


KINDS = {
    "continuous": lambda n: related(2, n, seed=3),
    "counts": lambda n: counts(2, n, seed=3, mean=0.6),
    "rounded": lambda n: related(2, n, seed=3, decimals=0),
    "skewed": lambda n: np.exp(1.5 * related(2, n, seed=3)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "given_settings", [{"coordinate": ["rank"]}, {}, {"method": "equal_frequency", "n_bins": 4}], ids=str
)
def test_null_moments__of_many_true_permutations(kind: str, given_settings: dict[str, object]) -> None:
    n_samples = 200
    table = bins(KINDS[kind](n_samples), **given_settings)
    mi = permuted_mi(table, 0, 1, 4000, seed=1)
    mean, deviation, skewness = np.prod(null_factors(table), axis=0)
    # Second order theory: exact as n grows; standard errors are 1.5 % of the mean and 3 % of the deviation.
    # With outliers in the value coordinate a few samples make the statistic, and the theory is further off.
    far = kind == "skewed" and not given_settings
    assert mi.mean() == pytest.approx(mean, rel=0.15 if far else 0.08)
    assert mi.std() == pytest.approx(deviation, rel=0.15)
    assert stats.skew(mi) == pytest.approx(skewness, rel=0.35)


def test_null_mean__of_two_by_two_tables_by_theory() -> None:
    # Two balanced binary genes of n samples: the cell is hypergeometric, MI follows.
    n = 60
    table = codes([[0, 1] * (n // 2), [0] * (n // 2) + [1] * (n // 2)])
    cells = np.arange(n // 2 + 1)
    probability = stats.hypergeom(n, n // 2, n // 2).pmf(cells)
    mi = [oracles.mutual_information([[c, n // 2 - c], [n // 2 - c, c]]) for c in cells.tolist()]
    mean = np.prod(null_factors(table), axis=0)[0]
    assert np.sum(probability * mi) == pytest.approx(mean, rel=0.02)


# The draws


def pivots_of_true_permutations(table: Bins, n_pairs: int, n: int) -> np.ndarray:
    factors, rng = null_factors(table), np.random.default_rng(5)
    found = []
    for k in range(n_pairs):
        first, second = rng.integers(table.n_genes, size=2)
        mi = permuted_mi(table, first, second, n, seed=k)
        mean, deviation, skewness = factors[first] * factors[second]
        found.append(stats.pearson3(skewness).sf((mi - mean) / deviation))
    return np.concatenate(found)


@pytest.mark.parametrize("name", ["default", "counts", "hard"])
def test_draws__distributed_as_true_permutations(name: str) -> None:
    table = {
        "default": lambda: bins(related(20, 60)),
        "counts": lambda: bins(counts(20, 60)),
        "hard": lambda: bins(related(20, 60), method="equal_frequency", n_bins=3),
    }[name]()
    null = permutation_null(table, Permutation(n_draws=40_000))
    expected = pivots_of_true_permutations(table, 200, 100)
    # Hard bins have few different values; the last bits of the two programs differ.
    found, expected = np.exp(null.log_tails).round(9), expected.round(9)
    # 20,000 permutations of 200 random pairs: the pairs are what varies.
    assert stats.ks_2samp(found, expected).statistic < 0.04
    for level in (0.1, 0.01):
        assert (found <= level).mean() == pytest.approx((expected <= level).mean(), rel=0.35)


def test_draws__sorted_and_as_many_as_asked_for() -> None:
    null = permutation_null(bins(related(20, 30)), Permutation(n_draws=1_003))
    assert null.n_draws == 1_003
    assert (np.diff(null.log_tails) >= 0).all()
    assert null.log_tails[-1] <= 0
    assert null.resolution == 1 / 1004


def test_draws__seed_decides() -> None:
    table = bins(related(20, 30))
    one, same, other = (permutation_null(table, Permutation(n_draws=2_000), seed=seed) for seed in (1, 1, 2))
    assert one.log_tails.tobytes() == same.log_tails.tobytes()
    assert one.log_tails.tobytes() != other.log_tails.tobytes()


def test_draws__pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table, steps = bins(related(20, 30)), []
    whole = permutation_null(table, Permutation(n_draws=3_000))
    monkeypatch.setattr(module, "DRAWS_AT_ONCE", 160)
    pieces = permutation_null(table, Permutation(n_draws=3_000), progress=steps.append)
    assert pieces.log_tails.tobytes() == whole.log_tails.tobytes()
    assert 3_000 <= sum(steps) < 3_016


def test_draws__gene_order_changes_the_draws_but_not_their_distribution() -> None:
    values = related(30, 40)
    forward, backward = (permutation_null(bins(order), Permutation(n_draws=20_000)) for order in (values, values[::-1]))
    assert stats.ks_2samp(forward.log_tails, backward.log_tails).statistic < 0.02


@pytest.mark.parametrize("n_genes", [2, 3, 15])
def test_draws__few_genes_are_not_drawn_twice_from_one_permutation(n_genes: int) -> None:
    null = permutation_null(bins(related(n_genes, 50)), Permutation(n_draws=5_000))
    # With soft bins no two permutations give the same MI; a gene against itself aside, nothing should repeat.
    assert len(np.unique(null.log_tails)) > 0.98 * null.n_draws


def test_draws__only_regulators_are_permuted() -> None:
    # Gene 0 has two levels, all others are continuous: with gene 0 as the only regulator all draws are its.
    values = related(12, 60)
    values[0] = values[0] > 0
    table = bins(values, regulators=[0], method="equal_frequency", n_bins=4)
    null = permutation_null(table, Permutation(n_draws=5_000))
    own = np.concatenate([permuted_mi(table, 0, other, 300, seed=other) for other in range(12)])
    mean, deviation, skewness = null_factors(table)[0] * null_factors(table)[1]
    other_genes = np.exp(null.log_tails)
    expected = stats.pearson3(skewness).sf((own - mean) / deviation)
    assert np.quantile(other_genes, 0.1) == pytest.approx(np.quantile(expected, 0.1), rel=0.3)


# P-values


def test_pvalues__by_hand() -> None:
    null = Null(np.ones((1, 3)), np.log([0.1, 0.2, 0.2, 0.2, 0.5] + [0.9] * 994), extrapolate=False)
    found = null.pvalues(np.log([0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.95]))
    # 999 draws; ties count as at least as extreme.
    assert found.tolist() == pytest.approx([1 / 1000, 2 / 1000, 2 / 1000, 5 / 1000, 5 / 1000, 6 / 1000, 1.0], rel=1e-15)
    assert not null.is_extrapolated(found).any()


NULLS = st.lists(st.integers(-60, 0), min_size=1000, max_size=1200).map(
    lambda draws: Null(np.ones((1, 3)), np.sort(np.array(draws) / 4.0))
)


@settings(deadline=None, max_examples=25)
@given(NULLS, st.lists(st.floats(-30, 0), min_size=1, max_size=30))
def test_pvalues__as_counted(null: Null, log_pivots: list[float]) -> None:
    # Some of the pivots are exactly draws.
    pivots = np.array([*log_pivots, *null.log_tails[:: len(null.log_tails) // 20]])
    found = null.pvalues(pivots)
    counted = np.array([oracles.pvalue(pivot, null.log_tails.tolist()) for pivot in pivots])
    beyond = pivots < null.log_tails[0]
    assert found[~beyond].tolist() == counted[~beyond].tolist()
    assert (found[beyond] <= null.resolution).all()
    assert (null.is_extrapolated(found) == beyond).all()
    order = np.argsort(pivots)
    assert (np.diff(found[order]) >= 0).all()
    assert (found > 0).all()


@settings(deadline=None, max_examples=25)
@given(NULLS, st.floats(1e-6, 1))
def test_log_pivot_at__bounds_what_pvalues_allow(null: Null, pvalue: float) -> None:
    bound = null.log_pivot_at(pvalue)
    beside = np.concatenate([null.log_tails, np.nextafter(null.log_tails, 0), np.nextafter(null.log_tails, -np.inf)])
    beside = np.minimum(beside, 0.0)
    small = null.pvalues(beside) <= pvalue
    assert (beside[small] <= bound).all()
    if pvalue >= null.resolution:
        # Sharp, up to rounding: everything within the bound has such a p-value, too.
        assert (null.pvalues(beside)[beside <= bound] <= pvalue * (1 + 1e-8)).all()


def test_log_pivot_at__one_keeps_everything() -> None:
    null = Null(np.ones((1, 3)), np.log(np.arange(1, 1001) / 1001))
    assert null.log_pivot_at(1.0) == 0.0


def test_tail__continues_a_correct_pivot_with_itself() -> None:
    # Uniform pivots: the null is right, so p = pivot far beyond the draws.
    draws = np.sort(np.log(np.random.default_rng(0).random(1_000_000)))
    null = Null(np.ones((1, 3)), draws)
    assert null.tail_exponent == pytest.approx(1, abs=0.1)
    assert null.tail_fit_pvalue > 0.01
    pivots = np.log([1e-7, 1e-9, 1e-12])
    np.testing.assert_allclose(np.log(null.pvalues(pivots)) / pivots, 1, atol=0.06)


def test_tail__heavier_than_the_pivot_says_is_followed() -> None:
    # True p = pivot^0.6: Hill's estimate must find the exponent.
    draws = np.sort(np.log(np.random.default_rng(0).random(200_000)) / 0.6)
    null = Null(np.ones((1, 3)), draws)
    assert null.tail_exponent == pytest.approx(0.6, abs=0.12)
    assert null.tail_fit_pvalue > 0.01
    assert null.pvalues(np.array([-30.0]))[0] == pytest.approx(math.exp(-30 * 0.6), rel=5)


def test_tail__lighter_is_not_trusted() -> None:
    # True p = pivot^2 would make p-values smaller; the exponent stays 1.
    draws = np.sort(np.log(np.random.default_rng(0).random(100_000)) / 2)
    assert Null(np.ones((1, 3)), draws).tail_exponent == 1.0


def test_tail__a_bad_fit_is_noticed() -> None:
    draws = np.sort(np.log(np.random.default_rng(0).random(100_000)))
    draws[:50] -= 10
    assert Null(np.ones((1, 3)), draws).tail_fit_pvalue < 1e-3


@pytest.mark.parametrize("scale", [1.0, 1.08, 1.2])
@pytest.mark.parametrize("n_draws", [200, 20_000, 1_000_000])
def test_tail_fit_pvalue__against_the_exact_distribution(n_draws: int, scale: float) -> None:
    """Tails of 10, 20 and 1,000 draws, exponential and stretched."""
    excesses = np.sort(np.random.default_rng(n_draws).exponential(size=n_draws))[::-1] ** scale
    null = Null(np.ones((1, 3)), -excesses)
    tail = (null.log_tails[null.n_tail] - null.log_tails[: null.n_tail]) * null.tail_exponent
    exact = stats.kstest(tail, "expon").pvalue
    assert null.tail_fit_pvalue == pytest.approx(exact, rel=0.1, abs=0.01)


def test_tail__identical_draws_break_nothing() -> None:
    null = Null(np.ones((1, 3)), np.full(1000, -1.0))
    assert null.pvalues(np.array([-1.0, -0.5, -2.0])).tolist()[:2] == [1.0, 1.0]
    assert 0 < null.pvalues(np.array([-2.0]))[0] <= null.resolution
    assert 0 <= null.tail_fit_pvalue <= 1


def test_tail__never_zero() -> None:
    null = Null(np.ones((1, 3)), np.sort(np.log(np.random.default_rng(0).random(1000))))
    assert null.pvalues(np.array([-1e4, -1e9])).tolist() == [1e-300, 1e-300]


def test_log_pivots__as_scipy() -> None:
    table = bins(related(6, 60))
    null = Null(null_factors(table), np.log(np.arange(1, 1001) / 1001))
    matrix = mutual_information_matrix(table)
    first, second = np.triu_indices(6, 1)
    mean, deviation, skewness = (null_factors(table)[first] * null_factors(table)[second]).T
    expected = stats.pearson3.sf((matrix[first, second] - mean) / deviation, skewness)
    found = null.log_pivots(matrix[first, second], first.astype(np.int32), second.astype(np.int32))
    np.testing.assert_allclose(np.exp(found), expected, rtol=1e-9)


# Small functions


def test_critical_z__inverse_of_the_tail() -> None:
    skewness = np.array([0.1, 0.5, 1.0, 2.0, 2.8])
    for pvalue in (0.9, 0.05, 1e-6):
        expected = stats.pearson3.isf(pvalue, skewness)
        np.testing.assert_allclose(critical_z(math.log(pvalue), skewness), expected, rtol=1e-8)


def test_draws_needed__reaches_the_pvalue() -> None:
    for pvalue in (0.05, 1e-3, 3.7e-5, 0.05 / 4950):
        needed = draws_needed(pvalue)
        assert 1 / (1 + needed) <= pvalue * (1 + 1e-9) < 1 / needed


def test_default_draws__resolve_one_edge_within_limits() -> None:
    for n_pairs in (1, 60_000, 400_000, 10**8):
        assert default_draws(n_pairs) == min(max(20 * n_pairs, 1_000_000), 10_000_000)


@pytest.mark.parametrize("given_settings", [{}, {"method": "equal_frequency", "n_bins": 4}], ids=str)
def test_samples_needed__that_many_reach_the_pvalue(given_settings: dict[str, object]) -> None:
    rng = np.random.default_rng(0)
    table = bins(rng.normal(size=(5, 100)), **given_settings)
    needed = samples_needed(0.1, Null(null_factors(table), np.zeros(1)), 100, 1e-4)
    table = bins(rng.normal(size=(2, needed)), **given_settings)
    mean, deviation, skewness = np.prod(null_factors(table), axis=0)
    # Margins differ a little from gene to gene.
    assert 2e-5 < stats.pearson3(skewness).sf((0.1 - mean) / deviation) < 5e-4


# Calibration: independent genes have uniform p-values

DATA = {
    "continuous": lambda rng: rng.normal(size=(250, 100)),
    "Poisson, 70 % zeros": lambda rng: rng.poisson(0.357, size=(250, 100)),
    "rounded": lambda rng: np.round(rng.normal(size=(250, 100)) * 1.5),
}


@pytest.mark.parametrize("kind", DATA)
def test_calibration__independent_genes(kind: str) -> None:
    pvalues = []
    for seed in range(3):
        values = np.asarray(DATA[kind](np.random.default_rng(seed)), float)
        values = values[values.min(axis=1) < values.max(axis=1)]
        table = discretise(AnnData(values.T), Discretise())
        null = permutation_null(table, Permutation(n_draws=200_000), seed=seed)
        block = information(table, null, alpha=1.0)
        assert len(block.pairs) == table.n_pairs
        pvalues.append(null.pvalues(null.log_pivots(block.pairs.mi, block.pairs.first, block.pairs.second)))
    p = np.concatenate(pvalues)
    assert stats.kstest(p, "uniform").statistic < 0.02
    for level, tolerance in ((0.1, 0.05), (1e-2, 0.15), (1e-3, 0.35)):
        assert (p <= level).mean() == pytest.approx(level, rel=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATA)
def test_calibration__runs_with_any_edge(kind: str) -> None:
    # On independent genes Benjamini-Hochberg at 0.05 gives an edge in one run of twenty; ten of sixty is 1 in 10,000.
    n_runs = 0
    for seed in range(60):
        values = np.asarray(DATA[kind](np.random.default_rng(seed)), float)[:40, :60]
        values = values[values.min(axis=1) < values.max(axis=1)]
        table = discretise(AnnData(values.T), Discretise())
        null = permutation_null(table, Permutation(n_draws=20_000), seed=seed)
        n_runs += len(significance([information(table, null, seed=seed)], table, null)) > 0
    assert n_runs < 10


@pytest.mark.parametrize("log_pivot", [0.0, math.log(0.999), math.log(0.3), math.log(1e-3), -40.0, -600.0, -math.inf])
@pytest.mark.parametrize("given_settings", [{}, {"method": "equal_frequency", "n_bins": 5}], ids=str)
def test_are_extreme__as_the_pivots(log_pivot: float, given_settings: dict[str, object]) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 60))
    values[::3] = np.maximum(values[::3], rng.uniform(-1, 1.5, size=(10, 1)))
    null = Null(null_factors(bins(values, **given_settings)), np.zeros(1))
    first, second = (np.repeat(index.astype(np.int32), 40) for index in np.triu_indices(30, 1))
    mean, deviation, skewness = (null.factors[first] * null.factors[second]).T
    # Around the bound, and all over.
    bound = critical_z(min(max(log_pivot, -700.0), math.log(0.9999)), skewness)
    heights = np.where(rng.random(len(first)) < 0.5, bound + rng.normal(size=len(first)) * 1e-3, rng.uniform(-1, 60))
    mi = mean + deviation * heights
    expected = null.log_pivots(mi, first, second) <= log_pivot
    assert (null.are_extreme(mi, first, second, log_pivot) == expected).all()


def test_drawn__continues_a_null_to_the_same_draws_as_at_once() -> None:
    for n_genes in (9, 37):
        table = bins(related(n_genes, 60))
        start = permutation_null(table, Permutation(n_draws=1_003), seed=5)
        continued = drawn(table, drawn(table, start, 1_700), 5_001)
        assert np.array_equal(
            continued.log_tails, permutation_null(table, Permutation(n_draws=5_001), seed=5).log_tails
        )


@pytest.mark.parametrize("n_genes", [9, 37])
@pytest.mark.parametrize("given_settings", [{}, {"n_bins": 10}, {"method": "equal_frequency", "n_bins": 4}], ids=str)
def test_drawn__up_to_a_pivot_keeps_the_same_draws(n_genes: int, given_settings: dict[str, object]) -> None:
    table = bins(related(n_genes, 61), **given_settings)
    whole = permutation_null(table, Permutation(n_draws=20_001))
    first = replace(whole, log_tails=np.empty(0))
    some = drawn(table, first, 9_007, up_to=math.log(0.3))
    for known_to in (math.log(0.3), math.log(0.07)):
        found = drawn(table, some, 20_001, up_to=known_to)
        assert found.known_to == known_to
        assert found.n_draws == 20_001
        assert np.array_equal(found.log_tails, whole.log_tails[whole.log_tails <= known_to])
        assert (found.resolution, found.n_tail) == (whole.resolution, whole.n_tail)
        pivots = np.concatenate([found.log_tails, found.log_tails - 0.01, [-50.0, known_to]])
        assert np.array_equal(found.pvalues(pivots), whole.pvalues(pivots))
        assert found.log_pivot_at(0.01) == whole.log_pivot_at(0.01) < known_to == found.log_pivot_at(0.9)
        with pytest.raises(ValueError, match=r"^the draws of this null are known up to a log pivot of -\d\.\d+$"):
            found.pvalues(np.array([known_to / 2]))


def test_permutation_null__of_small_pvalues_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    table = bins(related(37, 60))
    options = Permutation(n_draws=50_000)
    whole, some = (permutation_null(table, options, whole=whole) for whole in (True, False))
    assert whole.n_beyond == 0
    assert some.n_draws == 50_000
    assert np.array_equal(some.log_tails, whole.log_tails[: len(some.log_tails)])
    assert 0.05 < len(some.log_tails) / 50_000 < 0.2
    assert some.fingerprint == whole.fingerprint
    # Too few draws are kept where pivots are much smaller than p-values, and too few for the tail.
    monkeypatch.setattr(module, "KEPT_PVALUES", 1.1)
    assert permutation_null(table, options, whole=False).n_beyond == 0
    monkeypatch.undo()
    assert permutation_null(table, Permutation(n_draws=5_000), whole=False).n_beyond == 0
    assert permutation_null(table, options, alpha=0.6, whole=False).n_beyond == 0


def test_permutation_null__draws_a_million_and_more_for_a_small_alpha_or_without_extrapolation() -> None:
    table = bins(related(400, 20))
    assert table.n_pairs == 79_800
    null = permutation_null(table)
    assert (null.n_draws, null.max_draws) == (1_000_000, 1_596_000)
    assert n_first_draws(table, Permutation(), alpha=8e-5) == 1_250_000
    assert n_first_draws(table, Permutation(), alpha=1e-9) == 1_596_000
    assert n_first_draws(table, Permutation(extrapolate=False)) == 1_596_000
    assert n_first_draws(table, Permutation(n_draws=2_000), alpha=1e-9) == 2_000
