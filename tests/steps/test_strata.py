"""Within strata: MI by its definition, the null against enumeration and brute force, shifts, one stratum, files."""

import itertools
import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from anndata import AnnData
from scipy import stats

from genenet.config import Discretise, Permutation, Prepare
from genenet.errors import ConfigError, InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files.intermediate import read_bins, read_null, write_bins, write_null
from genenet.pipeline import infer_network
from genenet.products.bins import Bins
from genenet.products.strata import Strata, standardised
from genenet.statistics.pearson3 import moment_range, pair_moments
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import null_factors, permutation_null
from genenet.steps.prepare import prepare
from tests import oracles
from tests.matrices import bins, counts, in_strata, names, related, within

BATCHES = np.random.default_rng(0).permutation(np.repeat(["a", "b", "c"], [9, 21, 31]))


def table_of(genes: list[list[int]], strata: list[int]) -> Bins:
    """Hard bins of given codes, whatever the size of the strata."""
    codes = np.array(genes)
    weights = (codes[:, None, :] == np.arange(codes.max() + 1)[:, None]).astype(np.uint8)
    samples = np.array(names("s", codes.shape[1]), dtype=object)
    regulator = np.ones(len(codes), bool)
    return Bins(
        np.array(names("G", len(codes)), dtype=object), samples, weights, 1, regulator,
        strata=Strata.of(np.array(strata)),
    )  # fmt: skip


def mi_given_stratum(x: np.ndarray, y: np.ndarray, parts: list[np.ndarray]) -> float:
    """Sum over the strata of their share of the samples times the MI within. x, y: weights (n_bins, n_samples)."""
    wide = x.astype(int), y.astype(int)
    shares = (len(part) / x.shape[1] for part in parts)
    found = (oracles.mutual_information(oracles.joint_counts(wide[0][:, part], wide[1][:, part])) for part in parts)
    return math.fsum(share * mi for share, mi in zip(shares, found, strict=True))


@pytest.mark.parametrize(
    "table",
    [
        within(related(7, 61), BATCHES),
        within(counts(7, 61, mean=2.0), BATCHES, method="equal_frequency", n_bins=4),
        within(counts(7, 61), BATCHES, method="zero_inflated"),
    ],
    ids=["soft", "hard", "zeros"],
)
def test_information__is_that_given_the_stratum(table: Bins) -> None:
    assert table.strata is not None
    found = mutual_information_matrix(table)
    for i, j in itertools.combinations(range(7), 2):
        expected = mi_given_stratum(table.weights[i], table.weights[j], table.strata.parts())
        assert found[i, j] == pytest.approx(expected, abs=1e-12)


def test_information__shifts_and_scales_of_strata_make_no_difference() -> None:
    values = related(12, 61)
    rng = np.random.default_rng(1)
    moved = values.copy()
    for batch in "abc":
        of_batch = batch == BATCHES
        moved[:, of_batch] = moved[:, of_batch] * rng.choice([0.5, 2.0, 4.0], 12)[:, None] + rng.integers(
            -9, 9, (12, 1)
        )
    assert within(moved, BATCHES).weights.tobytes() == within(values, BATCHES).weights.tobytes()
    assert bins(moved).weights.tobytes() != bins(values).weights.tobytes()


def test_discretise__within_strata_as_each_stratum_by_itself() -> None:
    values = related(6, 61)
    table = within(values, BATCHES)
    for batch in "abc":
        alone = bins(values[:, batch == BATCHES])
        np.testing.assert_array_equal(table.weights[:, :, batch == BATCHES], alone.weights)


def test_null__all_permutations_of_two_strata_of_four() -> None:
    """Every one of the (4!)^2 ways to permute a gene within strata, against the draws; both have one margin."""
    table = table_of([[0, 0, 1, 1, 0, 1, 2, 2], [0, 1, 1, 0, 2, 2, 1, 0]], [0, 0, 0, 0, 1, 1, 1, 1])
    assert table.strata is not None
    null = permutation_null(table, Permutation(n_draws=100_000), seed=1)
    exact: Counter[float] = Counter()
    x, y = table.weights
    for first, second in itertools.product(itertools.permutations(range(4)), itertools.permutations(range(4, 8))):
        exact[round(mi_given_stratum(x[:, [*first, *second]], y, table.strata.parts()), 12)] += 1
    values = np.array(sorted(exact))
    assert len(values) == 4
    pivots = null.log_pivots(values, np.zeros(len(values), np.int32), np.ones(len(values), np.int32))
    for value, pivot in zip(values[1:], pivots[1:], strict=True):
        expected = sum(number for mi, number in exact.items() if mi >= value) / 24**2
        counted = int(np.sum(null.log_tails <= pivot + 1e-9))
        assert stats.binomtest(counted, null.n_draws, expected).pvalue > 1e-4


def brute_force(table: Bins, i: int, j: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """MI given the stratum of a pair under n permutations of one gene within strata."""
    assert table.strata is not None
    total = np.zeros(n)
    for part in table.strata.parts():
        x, y = table.weights[i][:, part].astype(float), table.weights[j][:, part].astype(float)
        orders = np.argsort(rng.random((n, len(part))), axis=1)
        joint = np.einsum("anp,bp->nab", x[:, orders], y, optimize=True) / (len(part) * table.total**2)
        margins = joint.sum(axis=2)[:, :, None] * joint.sum(axis=1)[:, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            total += len(part) / table.n_samples * np.nansum(joint * np.log2(joint / margins), axis=(1, 2))
    return total


@pytest.mark.parametrize("kind", [related, counts])
def test_null__brute_force_of_single_pairs(kind: Callable[..., np.ndarray]) -> None:
    """The draws of two genes with the same values within strata are permutations within strata of that pair."""
    rng = np.random.default_rng(3)
    for seed in range(3):
        values = np.tile(kind(1, 61, seed=seed), (2, 1))
        for batch in "abc":
            values[1, batch == BATCHES] = rng.permutation(values[1, batch == BATCHES])
        table = within(values, BATCHES)
        null = permutation_null(table, Permutation(n_draws=20_000), seed=seed)
        expected = brute_force(table, 0, 1, 10_000, rng)
        mi = np.quantile(expected, [0.5, 0.9, 0.99])
        pvalues = null.pvalues(null.log_pivots(mi, np.zeros(3, np.int32), np.ones(3, np.int32)))
        for value, pvalue in zip(mi, pvalues, strict=True):
            p = float(np.mean(expected >= value))
            # Sixteen draws share a permutation of the row gene, but here only the two that there are.
            assert pvalue == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) * (1 / 10_000 + 2 / 20_000)))


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("continuous", Discretise()),
        ("tied", Discretise()),
        ("zeros", Discretise(method="zero_inflated")),
        ("tied", Discretise(method="equal_frequency", n_bins=4)),
    ],
)
def test_pvalues__uniform_where_only_batches_differ(kind: str, method: Discretise) -> None:
    """Independent genes, shifted at random in five strata of 15 to 100 samples."""
    rng, sizes = np.random.default_rng(1), [15, 20, 30, 60, 100]
    codes = rng.permutation(np.repeat(np.arange(5), sizes))
    values = rng.normal(size=(400, 225))
    if kind == "zeros":
        values = np.exp(values) * (rng.random(values.shape) > rng.uniform(0.3, 0.8, (400, 1)))
        values *= rng.lognormal(size=(400, 5))[:, codes]
    else:
        values = (np.round(values) if kind == "tied" else values) + rng.integers(-3, 4, (400, 5))[:, codes]
    table = discretise(in_strata(values, codes), method)
    null = permutation_null(table, Permutation(n_draws=400_000))
    pairs = information(table, null, alpha=1.0).pairs
    pvalues = null.pvalues(null.log_pivots(pairs.mi, pairs.first, pairs.second))
    assert len(pvalues) == 400 * 399 // 2
    for level in (0.05, 0.01, 1e-3, 1e-4):
        expected = level * len(pvalues)
        assert (pvalues <= level).sum() == pytest.approx(expected, abs=0.1 * expected + 4 * math.sqrt(expected))


def test_null_factors__moments_are_sums_over_strata() -> None:
    # Second order theory: exact as strata grow (see the same test without strata).
    values, batches = related(2, 600, seed=4), np.repeat(["a", "b", "c"], [100, 200, 300])
    table = within(values, batches)
    (mean,), (deviation,), (skewness,) = pair_moments(null_factors(table), np.array([0]), np.array([1]))
    drawn = brute_force(table, 0, 1, 4_000, np.random.default_rng(0))
    assert drawn.mean() == pytest.approx(mean, rel=0.08)
    assert drawn.std() == pytest.approx(deviation, rel=0.15)
    assert stats.skew(drawn) == pytest.approx(skewness, rel=0.35)


def test_null_factors__of_one_stratum_are_those_of_none() -> None:
    table = bins(related(3, 40))
    one = Bins(
        table.genes, table.samples, table.weights, table.total, table.regulator, strata=Strata.of(np.zeros(40, int))
    )
    first, second = np.array([0, 0, 1]), np.array([1, 2, 2])
    for found, expected in zip(
        pair_moments(null_factors(one), first, second), pair_moments(null_factors(table), first, second), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_moment_range__holds_for_all_pairs() -> None:
    table = within(np.vstack([related(6, 61), counts(6, 61)]), BATCHES)
    factors = null_factors(table)
    first, second = np.triu_indices(12, 1)
    _, deviation, skewness = pair_moments(factors, first, second)
    found = moment_range(factors)
    assert found.smallest_deviation <= deviation.min()
    assert found.smallest_skewness <= skewness.min() <= skewness.max() <= found.largest_skewness


def test_null__genes_that_vary_in_different_strata_only(caplog) -> None:
    values = np.random.default_rng(0).normal(size=(4, 40))
    values[0, :20] = values[1, 20:] = values[3, :20] = 0.0
    values[3, 20:] = 1.0
    table = within(values, ["a"] * 20 + ["b"] * 20)
    null = permutation_null(table, Permutation(n_draws=2_000))
    assert caplog.messages[-2:] == [
        "1 of 4 genes vary within no stratum (G003): they have no information about any other gene",
        "2 of 4 genes vary within one stratum only (G000, G001): they are compared with other genes there alone",
    ]
    block = information(table, null, alpha=1.0)
    assert len(block.pairs) == 6
    pvalues = null.pvalues(null.log_pivots(block.pairs.mi, block.pairs.first, block.pairs.second))
    of_pair = dict(zip(zip(block.pairs.first, block.pairs.second, strict=True), pvalues, strict=True))
    assert all(of_pair[pair] == 1.0 for pair in ((0, 1), (0, 3), (1, 3), (2, 3)))
    assert of_pair[0, 2] < 1.0
    assert of_pair[1, 2] < 1.0


def test_permuted__within_strata() -> None:
    table = within(related(5, 61), BATCHES)
    permuted = table.permuted(7)
    assert table.strata is not None
    for part in table.strata.parts():
        for own, other in zip(table.weights[:, :, part], permuted.weights[:, :, part], strict=True):
            assert sorted(map(tuple, own.T)) == sorted(map(tuple, other.T))
    assert permuted.weights.tobytes() != table.weights.tobytes()


def test_standardised__correlation_is_the_mean_of_those_within() -> None:
    values = related(2, 61)
    ranks = standardised(values, Strata.of(np.unique(BATCHES, return_inverse=True)[1]), ranks=True)
    expected = sum(
        (batch == BATCHES).sum() / 61 * stats.spearmanr(*values[:, batch == BATCHES]).statistic for batch in "abc"
    )
    assert np.mean(ranks[0] * ranks[1]) == pytest.approx(expected, abs=1e-12)


def test_files__bins_and_null_come_back(tmp_path) -> None:
    table = within(related(5, 61), BATCHES)
    null = permutation_null(table, Permutation(n_draws=1_000))
    write_bins(table, tmp_path / "bins.h5ad")
    write_null(null, tmp_path / "null.npz")
    found = read_bins(tmp_path / "bins.h5ad")
    assert found.strata is not None
    assert table.strata is not None
    assert found.strata.levels == ("a", "b", "c")
    assert found.strata.codes.tolist() == table.strata.codes.tolist()
    assert found.weights.tobytes() == table.weights.tobytes()
    assert read_null(tmp_path / "null.npz").factors.tobytes() == null.factors.tobytes()


def test_infer__one_stratum_gives_the_bytes_of_none(tmp_path, caplog) -> None:
    data = in_strata(related(20, 40), ["a"] * 40)
    data.uns.clear()
    for folder, strata in (("with", "batch"), ("without", ())):
        infer_network(data, strata=strata, seed=1, n_draws=10_000, report=False, name="x").write(tmp_path / folder)
    for name in ("pruned.parquet", "network.graphml", "export/edges.tsv"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()
    assert "all 40 samples are of one stratum (batch a): the network is the one without strata" in caplog.messages


def test_infer__a_batch_makes_edges_only_without_strata() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(80, 30))
    batch = np.repeat(["a", "b"], 40)
    values[:40, :15] += 2.5
    values[:, 29] = values[:, 28] + 0.5 * rng.normal(size=80)
    data = AnnData(values)
    data.obs["batch"] = batch
    without, with_strata = (
        infer_network(data, strata=strata, seed=1, n_draws=100_000, score="mi", report=False)
        for strata in ((), "batch")
    )
    assert without.summary["significance"]["n_significant"] >= 15 * 14 // 2
    kept = with_strata.edges.loc[with_strata.edges["kept"], ["gene_a", "gene_b"]].astype(str).to_numpy().tolist()
    assert ["28", "29"] in kept
    assert len(kept) <= 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"estimator": "ksg"},
            "prepare.strata needs information.estimator: plugin, got ksg: the null within strata is made for it alone",
        ),
        (
            {"missing": "pairwise"},
            "prepare.strata needs complete genes; set prepare.missing to something else than pairwise",
        ),
        ({"score": "pidc"}, "prune.score pidc is not made for strata; choose another score, or no strata"),
    ],
)
def test_settings__not_with_strata(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        infer_network(related(5, 40), strata="batch", **settings)
    assert message in str(error.value)


def test_discretise__nothing_varies_within_strata() -> None:
    values = np.repeat([[0.0, 1.0], [2.0, 5.0]], 20, axis=1)
    with pytest.raises(InputError) as error:
        within(values, ["a"] * 20 + ["b"] * 20)
    assert str(error.value) == (
        "none of the 2 genes varies within a stratum: what there is, is between strata; choose other strata"
        " (prepare.strata), or none"
    )


def test_prepare__notes_the_strata() -> None:
    data = in_strata(related(5, 61), BATCHES)
    assert list(data.uns["genenet"]["strata"]) == ["batch"]
    with pytest.raises(
        InputError, match=r"^the matrix has no sample attribute bach; it has batch; did you mean batch\?"
    ):
        prepare(AnnData(data.X, obs=data.obs), Prepare(min_samples=4, strata="bach"))


def test_discretise__a_rule_goes_by_the_smallest_stratum() -> None:
    assert (
        discretise(in_strata(related(5, 61), BATCHES), Discretise(n_bins="sqrt", min_expected=0.0, order=2)).n_bins == 3
    )
