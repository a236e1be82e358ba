"""Multiple testing against scipy, CLR against a dense version and another program, the certificate, every message."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import normalized_mutual_info_score

from genenet.config import Permutation, Significance
from genenet.config.sections import Correction
from genenet.errors import ConfigError
from genenet.estimators import all_pairs
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files.intermediate import read_block, write_block
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock
from genenet.products.edges import normalised
from genenet.products.pairs import Pairs
from genenet.statistics.clr import clr
from genenet.statistics.multiple_testing import Adjustment, adjust, harmonic
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import critical_z
from genenet.statistics.permuted_control import like_noise
from genenet.steps import information as information_step
from genenet.steps import significance as significance_step
from genenet.steps.information import information
from genenet.steps.permutation import null_factors, permutation_null
from genenet.steps.significance import count_classes, count_possible, significance, single_cutoff
from tests import oracles
from tests.matrices import bins, related

PVALUES = st.lists(st.floats(1e-12, 1.0) | st.sampled_from([0.01, 0.02, 0.5]), min_size=1, max_size=40)


def null_of(table: Bins, *, n_draws: int = 10_000, extrapolate: bool = True) -> Null:
    """A null whose draws are exactly uniform: p is the pivot."""
    return Null(null_factors(table), np.log(np.arange(1, n_draws + 1) / (n_draws + 1)), extrapolate)


def blocks_of(table: Bins, null: Null, *, alpha: float = 0.05, n_blocks: int = 1, seed: int = 0) -> list[PairBlock]:
    """All blocks."""
    return [information(table, null, alpha=alpha, block=k, n_blocks=n_blocks, seed=seed) for k in range(n_blocks)]


# Pairs that are left out


def many_genes(kind: str) -> Bins:
    """A thousand genes: independent, half of them counts, or a part of them related."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(1_000, 60))
    if kind == "counts":
        values[:500] = rng.poisson(1.0, (500, 60))
    if kind == "related":
        values[:300] += rng.normal(size=60)
    return bins(values)


@pytest.mark.parametrize("correction", ["bh", "by", "bonferroni"])
@pytest.mark.parametrize("kind", ["independent", "counts", "related"])
def test_information__fewer_pairs_give_the_same_edges_and_control(
    kind: str, correction: Correction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(information_step, "MANY_PAIRS", 1)
    # Pairs on both sides of the diagonal are counted in a stripe, which are few if it has few rows.
    monkeypatch.setattr(all_pairs, "PAIRS_AT_ONCE", 1)
    table = many_genes(kind)
    null = permutation_null(table, Permutation(n_draws=300_000))
    every, fewer = (information(table, null, correction=given) for given in (None, correction))
    for pairs_of in (lambda block: block.pairs, lambda block: block.noise):
        assert 0 < len(pairs_of(fewer)) < len(pairs_of(every)) / 2 or kind == "related"
        assert set(pairs_of(fewer).mi.tolist()) <= set(pairs_of(every).mi.tolist())
    assert fewer.sums.tolist() == every.sums.tolist()
    assert (fewer.n_pairs, fewer.largest_mi) == (every.n_pairs, every.largest_mi)
    chosen = Significance(correction=correction)
    expected, found = (significance([block], table, null, chosen) for block in (every, fewer))
    assert found.statistics == expected.statistics
    pd.testing.assert_frame_equal(found.table, expected.table)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_information__whatever_share_is_estimated_no_edge_is_lost(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(information_step, "MANY_PAIRS", 1)
    monkeypatch.setattr(all_pairs.LimitedPass, "share_reached", lambda *_: share)
    table = many_genes("related")
    null = permutation_null(table, Permutation(n_draws=300_000))
    every, found = (information(table, null, correction=given) for given in (None, "bh"))
    # Both the estimate that is too low and the one above which nothing is left out keep all pairs.
    assert found.pairs.mi.tolist() == every.pairs.mi.tolist()
    assert found.sums.tolist() == every.sums.tolist()


def test_information__permuted_copy_that_does_not_fit_the_null_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(information_step, "MANY_PAIRS", 1)
    monkeypatch.setattr(all_pairs, "PAIRS_AT_ONCE", 1)
    table = many_genes("independent")
    # By this null a twelfth of the pairs have p-values up to 0.05, in the matrix more than the estimate says.
    null = replace(null_of(table, n_draws=300_000), factors=null_factors(table) * [0.8, 1.0, 1.0])
    monkeypatch.setattr(all_pairs.LimitedPass, "share_reached", lambda *_: 0.0)
    every, fewer = (information(table, null, correction=given) for given in (None, "bh"))
    assert len(every.noise) > information_step.SURELY * 0.05 * every.n_pairs
    assert fewer.pairs.mi.tolist() == every.pairs.mi.tolist()
    # The share of the matrix, which is known by then, is about that of its copy.
    assert len(fewer.noise) < len(every.noise)
    monkeypatch.setattr(information_step, "largest_needed_pvalue", lambda *_: 2 * information_step.SURELY * 0.05**2)
    fewer = information(table, null, correction="bh")
    assert fewer.noise.mi.tolist() == every.noise.mi.tolist()


def test_significance__refuses_pairs_that_were_chosen_for_another_correction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(information_step, "MANY_PAIRS", 1)
    table = many_genes("independent")
    null = permutation_null(table, Permutation(n_draws=300_000))
    block = information(table, null, correction="bh")
    write_block(block, tmp_path / "0.parquet")
    for one in (block, read_block(tmp_path / "0.parquet")):
        with pytest.raises(ConfigError, match=r"correction is none, .* significant by bh; run information again"):
            significance([one], table, null, Significance(correction="none"))


# Multiple testing


def test_adjust__benjamini_hochberg_by_hand() -> None:
    # 4 tests: 0.01 * 4 / 1, 0.03 * 4 / 2 = 0.06 but 0.04 * 4 / 3 = 0.0533 is smaller, 0.2 * 4 / 4.
    found = adjust(np.array([0.2, 0.01, 0.04, 0.03]), 4, "bh")
    assert found.tolist() == pytest.approx([0.2, 0.04, 0.16 / 3, 0.16 / 3])


@settings(deadline=None)
@given(PVALUES)
def test_adjust__as_scipy(pvalues: list[float]) -> None:
    p = np.array(pvalues)
    for method in ("bh", "by"):
        expected = stats.false_discovery_control(p, method=method)
        np.testing.assert_allclose(adjust(p, len(p), method), expected, rtol=1e-12)
    np.testing.assert_allclose(adjust(p, len(p), "bh"), oracles.benjamini_hochberg(pvalues, len(p)), rtol=1e-12)
    assert adjust(p, len(p), "bonferroni").tolist() == np.minimum(p * len(p), 1).tolist()
    assert adjust(p, len(p), "none").tolist() == pvalues


@settings(deadline=None)
@given(PVALUES, st.floats(0.001, 0.6), st.integers(0, 1000))
def test_adjust__the_smallest_pvalues_are_enough(pvalues: list[float], cutoff: float, larger: int) -> None:
    p = np.array(pvalues)
    small = p <= cutoff
    for method in ("bh", "by", "bonferroni"):
        everything = adjust(np.concatenate([p, np.ones(larger)]), len(p) + larger, method)[: len(p)]
        some = adjust(p[small], len(p) + larger, method)
        exact = everything[small] <= cutoff
        np.testing.assert_allclose(some[exact], everything[small][exact], rtol=1e-12)
        # A value that is not exact is not called significant either.
        assert (some[~exact] > cutoff * (1 - 1e-12)).all()
        assert (some >= everything[small] * (1 - 1e-12)).all()


def test_adjust__leaves_its_input_alone() -> None:
    p = np.array([0.5, 0.1])
    for method in ("bh", "by", "bonferroni", "none"):
        result = adjust(p, 2, method)
        result[:] = 0
        assert p.tolist() == [0.5, 0.1]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([-14.0, -11.5, -9.3, -9.2, -5.0, -2.0, -1.0, -0.1]) | st.floats(-30, 0), min_size=1, max_size=40
    ),
    st.sampled_from(["bh", "by", "bonferroni", "none"]),
    st.booleans(),
    st.sampled_from([0.001, 0.05, 0.5, 1.0]),
)
def test_adjustment__as_adjust_on_all_p_values(
    pivots: list[float], method: str, extrapolate: bool, alpha: float
) -> None:
    null = Null(np.ones((1, 3)), np.log(np.arange(1, 10_000) / 10_000), extrapolate)
    log_pivots = np.array(pivots)
    expected = adjust(null.pvalues(log_pivots), 2 * len(pivots), method)
    counts = np.bincount(null.pvalue_classes(log_pivots), minlength=null.n_classes)
    found = Adjustment(null, counts, 2 * len(pivots), method)
    np.testing.assert_allclose(found.qvalues(log_pivots), expected, rtol=1e-12)
    significant = found.qvalues(log_pivots) <= alpha
    last = found.last_class(alpha)
    assert ((null.pvalue_classes(log_pivots) <= last) == significant).all()
    if last >= 0:
        assert ((log_pivots <= null.largest_log_pivot_of(last)) == significant).all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-25, 0) | st.integers(-40, 0).map(lambda k: k / 4), max_size=60),
    st.sampled_from(["bh", "by", "bonferroni", "none"]),
    st.booleans(),
    st.integers(0, 100),
    st.floats(0.0001, 1),
)
def test_adjustment__as_adjust(
    pivots: list[float], correction: str, extrapolate: bool, larger: int, alpha: float
) -> None:
    # Draws with ties, some of which are pivots as well.
    draws = np.sort(np.concatenate([np.arange(-40, 0) / 4, np.log(np.arange(1, 1000) / 1000)]))
    null = Null(np.ones((1, 3)), draws, extrapolate)
    log_pivots, n_tests = np.array(pivots), len(pivots) + larger
    counts = np.bincount(null.pvalue_classes(log_pivots), minlength=null.n_classes)
    adjustment = Adjustment(null, counts, n_tests, correction)
    expected = adjust(null.pvalues(log_pivots), n_tests, correction)
    np.testing.assert_allclose(adjustment.qvalues(log_pivots), expected, rtol=1e-14)
    significant = (adjustment.qvalues(log_pivots) <= alpha).tolist()
    last = adjustment.last_class(alpha)
    assert (null.pvalue_classes(log_pivots) <= last).tolist() == significant
    assert last < 0 or (log_pivots <= null.largest_log_pivot_of(last)).tolist() == significant


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-12, 0) | st.integers(-40, 0).map(lambda k: k / 4), max_size=80),
    st.sampled_from(["bh", "by", "bonferroni", "none"]),
    st.booleans(),
    st.sampled_from([1, 2, 20]),
    st.floats(0.001, 1),
    st.sampled_from([0.0, 0.25, 0.6]),
)
def test_count_possible__enough_for_the_edges(
    log_pivots: list[float], correction: str, extrapolate: bool, times: int, alpha: float, few: float
) -> None:
    null = Null(np.ones((2, 3)), np.log(np.arange(1, 1000) / 1000), extrapolate)
    mi = 1.0 + np.array([critical_z(value, np.ones(1))[0] if value < 0 else -3.0 for value in log_pivots])
    pairs = Pairs(np.zeros(len(mi), np.int32), np.ones(len(mi), np.int32), mi)
    options = Significance(correction=correction, alpha=alpha)
    n_tests = max(times * len(mi), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(significance_step, "FEW", few)
        counts = count_possible(pairs, null, n_tests, options)
    everything = count_classes(pairs, null)
    expected, found = (Adjustment(null, each, n_tests, options.correction) for each in (everything, counts))
    last = expected.last_class(alpha)
    assert found.last_class(alpha) == last
    assert counts[: last + 1].tolist() == everything[: last + 1].tolist()
    edges = np.flatnonzero(counts[: last + 1]).astype(np.int32)
    assert found.of_classes(edges).tolist() == expected.of_classes(edges).tolist()


@pytest.mark.parametrize("n", [1, 2, 999, 1000, 1001, 1_000_000])
def test_harmonic__as_a_sum(n: int) -> None:
    assert harmonic(n) == pytest.approx(float(np.sum(1.0 / np.arange(n, 0, -1))), rel=1e-14)


@pytest.mark.parametrize("correction", ["bh", "by", "bonferroni", "none"])
def test_single_cutoff__is_what_one_pvalue_needs(correction: str) -> None:
    options = Significance(correction=correction, alpha=0.1)
    cutoff = single_cutoff(4950, options)
    assert adjust(np.array([cutoff * 0.999]), 4950, correction)[0] <= 0.1
    assert adjust(np.array([cutoff * 1.001]), 4950, correction)[0] > 0.1


# The step


@pytest.mark.parametrize("correction", ["bh", "by", "bonferroni", "none"])
def test_significance__as_from_all_pairs(correction: str) -> None:
    table = bins(related(50, 60), coordinate=["rank"])
    null = null_of(table)
    options = Significance(correction=correction, alpha=0.03)
    found = significance(blocks_of(table, null, alpha=0.03), table, null, options)
    matrix = mutual_information_matrix(table)
    first, second = np.triu_indices(50, 1)
    mi = matrix[first, second]
    p = null.pvalues(null.log_pivots(mi, first.astype(np.int32), second.astype(np.int32)))
    q = {
        "bh": lambda: stats.false_discovery_control(p),
        "by": lambda: stats.false_discovery_control(p, method="by"),
        "bonferroni": lambda: np.minimum(p * len(p), 1),
        "none": lambda: p,
    }[correction]()
    chosen = q <= 0.03
    assert 20 < chosen.sum() < len(p)
    edges = found.table
    assert edges["gene_a"].cat.codes.tolist() == first[chosen].tolist()
    assert edges["gene_b"].cat.codes.tolist() == second[chosen].tolist()
    np.testing.assert_allclose(edges["mi"], mi[chosen], atol=1e-13)
    np.testing.assert_allclose(edges["pvalue"], p[chosen], rtol=1e-9)
    np.testing.assert_allclose(edges["qvalue"], q[chosen], rtol=1e-9)
    kinds = np.where(p[chosen] < 1.5 / 10_001, "extrapolated", "empirical")
    assert edges["pvalue_kind"].tolist() == kinds.tolist()
    np.testing.assert_allclose(edges["clr"], oracles.clr(matrix)[first, second][chosen], atol=1e-3)
    statistics = found.statistics
    assert statistics["n_significant"] == chosen.sum() == len(found)
    assert statistics["n_pairs"] == 1225
    assert statistics["threshold_mi"] == edges["mi"].min()
    assert statistics["cutoff_pvalue"] == edges["pvalue"].max()
    assert statistics["smallest_pvalue"] == edges["pvalue"].min()
    assert statistics["n_extrapolated"] == (kinds == "extrapolated").sum()
    assert statistics["largest_mi"] == pytest.approx(mi.max(), abs=1e-5)
    assert statistics["diagnosis"] is None
    json.dumps(statistics, allow_nan=False)


def test_significance__columns_and_types() -> None:
    table = bins(related(20, 60))
    null = null_of(table)
    edges = significance(blocks_of(table, null), table, null).table
    numbers = ["mi", "nmi", "pvalue", "qvalue", "clr", "clr_squared"]
    assert edges.columns.tolist() == ["gene_a", "gene_b", *numbers[:3], "pvalue_kind", *numbers[3:]]
    assert list(edges["gene_a"].cat.categories) == list(edges["gene_b"].cat.categories) == list(table.genes)
    assert list(edges["pvalue_kind"].cat.categories) == ["empirical", "extrapolated"]
    assert {str(edges[name].dtype) for name in numbers} == {"float64"}


def test_significance__min_mi() -> None:
    table = bins(related(30, 60))
    null = null_of(table)
    everything = significance(blocks_of(table, null), table, null).table
    strong = significance(blocks_of(table, null), table, null, Significance(min_mi=0.2)).table
    pd.testing.assert_frame_equal(strong, everything[everything["mi"] >= 0.2].reset_index(drop=True))


def test_significance__rows_are_those_of_the_table() -> None:
    table = bins(related(30, 60))
    null = null_of(table)
    found = significance(blocks_of(table, null), table, null)
    which = np.array([0, 3, 4, len(found) - 1])
    pd.testing.assert_frame_equal(found.rows(which), found.table.iloc[which].reset_index(drop=True))


def test_significance__blocks_in_any_order() -> None:
    table = bins(related(40, 60), regulators=[1, 5, 6, 30])
    null = null_of(table)
    one = significance(blocks_of(table, null), table, null)
    many = significance(blocks_of(table, null, n_blocks=3)[::-1], table, null)
    pd.testing.assert_frame_equal(one.table, many.table, check_exact=True)
    assert one.statistics == many.statistics


def test_nmi__as_scikit_learn() -> None:
    values = np.random.default_rng(0).integers(0, 4, size=(6, 100))
    table = bins(values, method="codes")
    first, second = (array.astype(np.int32) for array in np.triu_indices(6, 1))
    found = normalised(first, second, mutual_information_matrix(table)[first, second], table.entropies)
    expected = [normalized_mutual_info_score(values[i], values[j]) for i, j in zip(first, second, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


# CLR


def sums_of(mi: np.ndarray) -> np.ndarray:
    """Each gene's number, sum and sum of squares, in the units of a block."""
    others = ~np.eye(len(mi), dtype=bool)
    units = np.where(others, np.rint(mi * 2**20), 0).astype(np.int64)
    return np.column_stack([others.sum(axis=1), units.sum(axis=1), (units**2).sum(axis=1)])


def test_clr__as_dense() -> None:
    mi = np.abs(np.random.default_rng(0).normal(size=(30, 30)))
    mi = mi + mi.T
    first, second = (array.astype(np.int32) for array in np.triu_indices(30, 1))
    found = clr(first, second, mi[first, second], sums_of(mi))
    np.testing.assert_allclose(found, oracles.clr(mi)[first, second], atol=1e-5)


def test_clr__same_mi_with_all_is_nothing_special() -> None:
    mi = np.full((4, 4), 0.3)
    first, second = (array.astype(np.int32) for array in np.triu_indices(4, 1))
    assert clr(first, second, mi[first, second], sums_of(mi)).tolist() == [0.0] * 6


def test_clr__as_network_inference_jl(shared_data: Path) -> None:
    folder = shared_data / "peer_NetworkInference.jl"
    mi, expected = (square(folder / name) for name in ("mi.txt", "clr.txt"))
    first, second = (array.astype(np.int32) for array in np.triu_indices(10, 1))
    np.testing.assert_allclose(clr(first, second, mi[first, second], sums_of(mi)), expected[first, second], atol=1e-4)


def square(path: Path) -> np.ndarray:
    table = pd.read_csv(path, sep=r"\s+", header=None, names=["a", "b", "value"], dtype={"a": str, "b": str})
    return table.pivot_table(index="a", columns="b", values="value").fillna(0.0).to_numpy()


# Certificate


def test_certificate__by_hand() -> None:
    table = bins(related(16, 60, seed=1))
    null = null_of(table, n_draws=999)
    block = blocks_of(table, null, alpha=0.5)[0]
    # Five permuted pairs. BH at 0.3 of 120 pairs takes those with p <= 0.3 k / 120 = 0.0025 k: the first two.
    pvalues = np.array([0.002, 0.005, 0.008, 0.1, 0.4])
    at = np.arange(5, dtype=np.int32)
    mean, deviation, skewness = (null.factors[at] * null.factors[at + 5]).T
    heights = [critical_z(float(np.log(p - 0.0005)), skewness[[k]])[0] for k, p in enumerate(pvalues)]
    noise = Pairs(at, at + 5, mean + deviation * heights)
    fake = PairBlock(block.pairs, noise, block.sums, block.n_pairs, 0.5, block.largest_mi, 0.5)
    log_pivots = null.log_pivots(noise.mi, noise.first, noise.second)
    np.testing.assert_allclose(null.pvalues(log_pivots), pvalues, rtol=1e-12)
    found = significance([fake], table, null, Significance(alpha=0.3))
    certificate, cutoff = found.statistics["certificate"], found.statistics["cutoff_pvalue"]
    assert certificate["n_significant"] == 2
    assert certificate["largest_mi"] == 0.5
    assert certificate["n_beyond_cutoff"] == (pvalues <= cutoff).sum() > 0
    assert certificate["share_of_significant"] == certificate["n_beyond_cutoff"] / len(found)
    # Only pairs that have the MI count.
    found = significance([fake], table, null, Significance(alpha=0.3, min_mi=noise.mi[:2].mean()))
    assert found.statistics["certificate"]["n_significant"] == 1


def test_certificate__of_independent_genes_is_what_the_matrix_itself_gives(caplog: pytest.LogCaptureFixture) -> None:
    table = bins(np.random.default_rng(0).normal(size=(200, 60)))
    null = null_of(table)
    found = significance(blocks_of(table, null), table, null, Significance(correction="none"))
    n = found.statistics["n_significant"]
    assert found.statistics["certificate"]["n_significant"] == pytest.approx(n, rel=0.2)
    assert found.statistics["certificate"]["share_of_significant"] == pytest.approx(1, abs=0.2)
    assert [message for message in caplog.messages if "permuted" in message] == [like_noise(found.statistics)]
    assert like_noise(found.statistics).startswith("the permuted matrix has ")


# Messages


def test_diagnosis__says_why_there_is_nothing() -> None:
    table = bins(np.random.default_rng(0).normal(size=(20, 30)))
    null = null_of(table)
    found = significance(blocks_of(table, null), table, null)
    assert len(found) == 0
    assert found.statistics["threshold_mi"] is found.statistics["cutoff_pvalue"] is None
    statistics = found.statistics
    text = statistics["diagnosis"]
    parts = text.split("; ")
    assert parts[0] == "no edge reaches bh 0.05 among 190 pairs"
    largest, permuted = statistics["largest_mi"], statistics["certificate"]["largest_mi"]
    assert parts[1] == f"largest MI {largest:.4f} bits (after permuting the samples: {permuted:.4f})"
    smallest = f"smallest p-value {statistics['smallest_pvalue']:.3g}"
    assert statistics["smallest_qvalue"] is None
    assert parts[2] == f"{smallest}, no adjusted p-value below 0.075"
    assert parts[3] == "resolution of the null 0.0001 (10,000 draws)"
    assert parts[4].startswith("a single edge needs p 0.00026, about ")
    assert parts[4].endswith(" for 0.2 bits; there are 30") or parts[5] == "there are 30"
    json.dumps(statistics, allow_nan=False)


def test_diagnosis__min_mi_is_to_blame() -> None:
    table = bins(related(20, 60))
    null = null_of(table)
    n = len(significance(blocks_of(table, null), table, null))
    found = significance(blocks_of(table, null), table, null, Significance(min_mi=3.0))
    assert f"; {n:,} pairs are significant without significance.min_mi 3; " in found.statistics["diagnosis"]


def test_diagnosis__no_pair_at_all() -> None:
    table = bins(np.random.default_rng(0).normal(size=(4, 30)))
    null = null_of(table)
    found = significance(blocks_of(table, null, alpha=1e-4), table, null, Significance(alpha=1e-4))
    assert "; no pair has a p-value up to 0.0001; " in found.statistics["diagnosis"]
    assert found.statistics["smallest_pvalue"] is None
    assert found.table.empty


def test_blocks__missing_or_twice() -> None:
    table = bins(related(4, 30))
    null = null_of(table)
    a, b, c = (only(table, null, pairs) for pairs in ([(0, 1), (2, 3)], [(0, 2), (1, 3)], [(0, 1), (0, 2)]))
    # The last one holds the right number of pairs.
    for parts, n in (([a, b], 4), ([a, a, b, b], 8), ([a, b, c], 6)):
        with pytest.raises(ConfigError) as caught:
            significance(parts, table, null)
        assert str(caught.value) == (
            f"the blocks hold {n} pairs and not each of the 6 once; give every block of this data set exactly once"
        )


def only(table: Bins, null: Null, pairs: list[tuple[int, int]]) -> PairBlock:
    """A block of these pairs."""
    whole = information(table, null)
    sums = np.zeros((table.n_genes, 3), np.int64)
    for gene in np.ravel(pairs):
        sums[gene, 0] += 1
    return PairBlock(whole.pairs.take(np.array([], int)), whole.noise, sums, len(pairs), whole.alpha, 0.0, 0.0)


def test_blocks__made_for_a_smaller_alpha() -> None:
    table = bins(related(6, 30))
    null = null_of(table)
    with pytest.raises(ConfigError) as caught:
        significance(blocks_of(table, null, alpha=0.01), table, null, Significance(alpha=0.05))
    assert str(caught.value) == (
        "significance.alpha is 0.05, but the blocks keep pairs up to p = 0.01 only;"
        " run information again with this alpha"
    )


def test_guard__refuses_what_no_edge_can_reach() -> None:
    table = bins(related(30, 40))
    null = null_of(table, n_draws=1000, extrapolate=False)
    with pytest.raises(ConfigError) as caught:
        significance(blocks_of(table, null), table, null, Significance(correction="bonferroni"))
    assert str(caught.value) == (
        "the null resolves p-values down to 0.001 (1,000 draws), but the cut-off (bonferroni, alpha 0.05, 435 pairs) is"
        " 0.00011: no edge is possible; set permutation.n_draws to 8,699 or more, or permutation.extrapolate: true"
    )


def test_guard__no_number_of_draws_would_do() -> None:
    table = bins(related(30, 40))
    null = null_of(table, n_draws=1000, extrapolate=False)
    options = Significance(correction="none", alpha=1e-10)
    with pytest.raises(ConfigError) as caught:
        significance(blocks_of(table, null, alpha=1e-10), table, null, options)
    assert str(caught.value).endswith("is 1e-10: no edge is possible; set permutation.extrapolate: true")


def test_guard__warns_when_edges_rest_on_extrapolation(caplog: pytest.LogCaptureFixture) -> None:
    table = bins(related(30, 40))
    null = null_of(table, n_draws=1000)
    with caplog.at_level(logging.WARNING, "genenet"):
        significance(blocks_of(table, null), table, null, Significance(correction="bonferroni"))
    assert caplog.messages[0] == (
        "the null resolves p-values down to 0.001 (1,000 draws), but the cut-off (bonferroni, alpha 0.05, 435 pairs) is"
        " 0.00011: edges rest on extrapolated p-values; 8,699 draws would reach it (permutation.n_draws)"
    )


@pytest.mark.parametrize(("correction", "fewest", "needed"), [("bh", "9", "8,699"), ("by", "58", "57,887")])
def test_guard__warns_how_many_edges_it_takes(
    correction: str, fewest: str, needed: str, caplog: pytest.LogCaptureFixture
) -> None:
    table = bins(related(30, 40))
    null = null_of(table, n_draws=1000, extrapolate=False)
    with caplog.at_level(logging.WARNING, "genenet"):
        significance(blocks_of(table, null), table, null, Significance(correction=correction))
    assert caplog.messages == [
        f"the null resolves p-values down to 0.001 (1,000 draws): fewer than {fewest} edges cannot be significant"
        f" ({correction}, alpha 0.05, 435 pairs); {needed} draws would resolve a single edge (permutation.n_draws)"
    ]


def test_guard__says_nothing_when_there_is_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    table = bins(related(30, 40))
    null = null_of(table)
    for correction in ("bh", "by", "bonferroni"):
        significance(blocks_of(table, null, alpha=0.5), table, null, Significance(correction=correction, alpha=0.5))
    significance(blocks_of(table, null), table, null, Significance(correction="none", alpha=1e-3))
    assert not caplog.messages


def test_tail__a_bad_fit_is_said_when_it_matters(caplog: pytest.LogCaptureFixture) -> None:
    values = np.random.default_rng(0).normal(size=(12, 60))
    values[1] = values[0]
    table = bins(values)
    draws = np.log(np.arange(1, 10_001) / 10_001)
    draws[:10] -= 12
    null = Null(null_factors(table), draws)
    assert null.tail_fit_pvalue < 1e-3
    found = significance(blocks_of(table, null), table, null)
    assert found.statistics["cutoff_pvalue"] < null.resolution
    message = caplog.messages[-1]
    assert message.startswith(
        "all edges rest on extrapolated p-values, and the extrapolated tail fits the null poorly"
        " (Kolmogorov-Smirnov p = "
    )
    assert message.endswith("use discretise.coordinate: [rank]")


def test_largest_log_pivot__ties_of_the_draws_put_it_far_from_the_tail():
    # All of the most extreme draws are equal, as with binary genes: the tail is anchored among them.
    tails = np.sort(np.concatenate([np.full(2_000, -9.0), np.linspace(-8.0, 0.0, 98_000)]))
    null = Null(np.ones((1, 3)), tails)
    for level in (0, 1, null.n_extrapolated - 7_000, null.n_extrapolated - 2, null.n_extrapolated - 1):
        largest = null.largest_log_pivot_of(level)
        assert null.pvalue_classes(np.array([largest]))[0] <= level
        above = np.nextafter(largest, np.inf)
        assert above == -9.0 or null.pvalue_classes(np.array([above]))[0] > level


def test_significance__draws_more_until_a_hundred_are_as_extreme_as_the_cut_off() -> None:
    # 30 of 79,800 pairs are related: BH's cut-off is near 0.05 * 30 / 79,800 = 2e-5, 100 draws of 5 million.
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 40))
    values[1:60:2] = values[0:60:2] + 0.2 * rng.normal(size=(30, 40))
    table = bins(values)
    few = replace(permutation_null(table, Permutation(n_draws=20_000)), max_draws=300_000)
    found = significance([information(table, few)], table, few)
    assert found.statistics["n_draws"] == found.null.n_draws == 300_000
    assert np.array_equal(found.null.log_tails, permutation_null(table, Permutation(n_draws=300_000)).log_tails)
    # Without p-values of pairs that are in no block most of the draws are only counted, and nothing else changes.
    without = significance([information(table, few)], table, few, whole_null=False)
    assert without.null.n_draws == 300_000
    assert 0.05 < len(without.null.log_tails) / 300_000 < 0.1
    assert without.statistics == found.statistics
    assert without.table.equals(found.table)
    # A third of all pairs related: 20,000 draws count the cut-off well, and stay.
    many = bins(rng.normal(size=(3, 40)).repeat(30, axis=0) + 0.5 * rng.normal(size=(90, 40)))
    null = replace(permutation_null(many, Permutation(n_draws=20_000)), max_draws=300_000)
    assert significance([information(many, null)], many, null).statistics["n_draws"] == 20_000


@pytest.mark.parametrize("correction", ["bh", "by", "bonferroni"])
@pytest.mark.parametrize("first", ["as it is", "more extreme than the rest"])
def test_significance__a_list_of_candidates_gives_the_same_as_all_pairs(
    first: str, correction: Correction, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = bins(related(60, 40))
    null = replace(permutation_null(table, Permutation(n_draws=20_000)), max_draws=300_000)
    block = information(table, null)
    if first != "as it is":
        # By all draws pairs of larger pivots are significant than by the first draws: the candidates are listed anew.
        null = replace(null, log_tails=null.log_tails - 1.0)
    found = {}
    for few, beyond in ((0.0, 1.25), (0.999, 1.25), (0.999, 1.0), (0.999, 1e9)):
        monkeypatch.setattr(significance_step, "FEW", few)
        monkeypatch.setattr(significance_step, "SPREAD", beyond)
        found[few, beyond] = significance([block], table, null, Significance(correction=correction))
    expected = found.pop((0.0, 1.25))
    assert expected.statistics["n_draws"] > 20_000
    assert len(expected) > 10
    for edges in found.values():
        assert edges.statistics == expected.statistics
        assert edges.table.equals(expected.table)
