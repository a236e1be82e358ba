"""Evidence for a pair of genes, held to the edges table, scikit-learn and the definition."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mutual_info_score

import genenet
from genenet.errors import InputError
from genenet.report.evidence import pair_evidence, table_information
from genenet.result import Result


@pytest.fixture(scope="module")
def result() -> Result:
    truth = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=80, seed=3)
    return genenet.infer_network(truth.expression, seed=1, n_draws=20_000)


def pairs(result: Result, kept: bool) -> list[tuple[str, str]]:
    rows = result.edges[result.edges["kept"] == kept]
    return list(zip(rows["gene_a"], rows["gene_b"], strict=True))


def test_evidence__is_what_the_edges_table_says(result):
    for kept, verdict in ((True, "kept"), (False, "removed")):
        chosen = pairs(result, kept)[:20]
        for evidence, (a, b) in zip(pair_evidence(result._run(), chosen), chosen, strict=True):
            row = result.edges[(result.edges["gene_a"] == a) & (result.edges["gene_b"] == b)].iloc[0]
            assert evidence.verdict == verdict
            assert table_information(evidence.counts) == pytest.approx(row["mi"], abs=1e-9)
            assert evidence.pearson == pytest.approx(row["pearson"], abs=1e-9)
            assert evidence.spearman == pytest.approx(row["spearman"], abs=1e-9)
            assert evidence.counts.sum() == pytest.approx(80)


def test_evidence__the_order_of_the_names_turns_the_table(result):
    a, b = pairs(result, True)[0]
    there, back = pair_evidence(result._run(), [(a, b), (b, a)])
    assert np.array_equal(there.counts, back.counts.T)
    assert there.mi == back.mi
    assert np.array_equal(there.ranks, back.ranks[::-1])


def test_evidence__pointwise_mi_has_mi_as_its_mean(result):
    evidence = pair_evidence(result._run(), pairs(result, True)[:1])[0]
    p = evidence.counts / evidence.counts.sum()
    assert np.nansum(p * evidence.pointwise) == pytest.approx(evidence.mi, abs=1e-9)


def test_evidence__hard_bins_against_scikit_learn_and_scipy():
    values = np.random.default_rng(4).normal(size=(6, 90))
    values[1] += values[0] ** 2
    frame = pd.DataFrame(values, index=list("abcdef"), columns=[f"s{i}" for i in range(90)])
    found = genenet.infer_network(frame, discretise_method="equal_frequency", n_bins=5, n_draws=20_000)
    evidence = pair_evidence(found._run(), [("a", "b")])[0]
    codes = np.argsort(np.argsort(values[:2], axis=1), axis=1) * 5 // 90
    assert evidence.mi == pytest.approx(mutual_info_score(*codes) / np.log(2), abs=1e-12)
    assert np.array_equal(
        evidence.counts, np.array([[np.sum((codes[0] == i) & (codes[1] == j)) for j in range(5)] for i in range(5)])
    )
    assert evidence.borders[0] == [18.5, 36.5, 54.5, 72.5]
    assert evidence.pearson == pytest.approx(pearsonr(values[0], values[1]).statistic)
    assert evidence.spearman == pytest.approx(spearmanr(values[0], values[1]).statistic)


def test_evidence__null_is_that_of_permuted_samples(result):
    a, b = pairs(result, True)[0]
    evidence = pair_evidence(result._run(), [(a, b)])[0]
    rng = np.random.default_rng(0)
    from genenet.steps.discretise import discretise

    bins = discretise(result.expression[:, [a, b]].copy())
    x, y = bins.weights.astype(float)
    drawn = [table_information(x @ y[:, rng.permutation(80)].T) for _ in range(3_000)]
    mean, deviation, _ = evidence.null
    assert np.mean(drawn) == pytest.approx(mean, rel=0.1)
    assert np.std(drawn) == pytest.approx(deviation, rel=0.2)


def test_evidence__density_has_the_null_s_moments(result):
    evidence = pair_evidence(result._run(), pairs(result, True)[:1])[0]
    x, height = evidence.density
    area = np.trapezoid(height, x)
    mean = np.trapezoid(x * height, x) / area
    assert mean == pytest.approx(evidence.null[0], rel=0.02)
    assert np.sqrt(np.trapezoid((x - mean) ** 2 * height, x) / area) == pytest.approx(evidence.null[1], rel=0.05)


def test_evidence__pairs_that_are_in_no_table():
    truth = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=60, seed=3)
    found = genenet.infer_network(truth.expression, regulators=truth.regulators, seed=1, n_draws=20_000, alpha=1e-6)
    in_table = {frozenset(pair) for pair in zip(found.edges["gene_a"], found.edges["gene_b"], strict=True)}
    targets = [gene for gene in found.expression.var_names if gene not in truth.regulators]
    weak = next((r, t) for r in truth.regulators for t in targets if frozenset((r, t)) not in in_table)
    tested, untested = pair_evidence(found._run(), [weak, (targets[0], targets[1])])
    assert tested.verdict == "not significant"
    assert untested.verdict == "not tested"
    assert 0 < tested.null_pvalue <= 1
    assert dict(tested.describe())["p-value"].endswith("(by the null's curve, not calibrated by the draws)")


def test_evidence__verdict_names_mediator_and_margin(result):
    rows = result.edges[result.edges["dpi_via"].notna()]
    row = rows.iloc[0]
    evidence = pair_evidence(result._run(), [(row["gene_a"], row["gene_b"])])[0]
    assert dict(evidence.describe())["verdict"] == (
        f"removed: indirect through {row['dpi_via']}, by {row['dpi_margin']:.4f} bits"
    )
    named = result.expression.copy()
    named.var["symbol"] = [f"S{name}" for name in named.var_names]
    run = replace(result._run(), expression=named)
    evidence = pair_evidence(run, [(row["gene_a"], row["gene_b"])])[0]
    assert f"through S{row['dpi_via']}, by" in dict(evidence.describe())["verdict"]


@pytest.mark.parametrize(("method", "selected"), [("none", ""), ("mrnet", ", or not selected by mrnet")])
def test_evidence__verdict_of_edges_that_are_not_kept(method, selected):
    truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=100, seed=3)
    found = genenet.infer_network(truth.expression, n_draws=20_000, prune_method=method, max_edges=3)
    row = found.edges[~found.edges["kept"]].iloc[0]
    evidence = pair_evidence(found._run(), [(row["gene_a"], row["gene_b"])])[0]
    assert dict(evidence.describe())["verdict"] == (
        f"removed: not among the edges of the largest score, as many as were to be kept{selected}"
    )


@pytest.mark.parametrize("estimator", ["gaussian", "ksg", "miller_madow"])
def test_evidence__other_estimators_keep_their_mi(estimator):
    truth = genenet.simulate_expression(n_genes=12, n_regulators=4, n_samples=60, seed=3)
    found = genenet.infer_network(truth.expression, estimator=estimator, n_draws=2_000, alpha=0.2)
    row = found.edges.iloc[0]
    evidence = pair_evidence(found._run(), [(row["gene_a"], row["gene_b"])])[0]
    assert evidence.mi == row["mi"]
    assert evidence.null is None
    assert evidence.counts.sum() == pytest.approx(60)


def test_evidence__symbols_and_unknown_genes(result):
    run = result._run()
    named = result.expression.copy()
    named.var["symbol"] = ["twin", "twin", *[f"S{i}" for i in range(2, 30)]]
    with_symbols = type(run)(run.name, named, run.edges, run.summary, run.settings)
    a, b = named.var_names[2], named.var_names[3]
    assert pair_evidence(with_symbols, [("S2", "S3")])[0].genes == (a, b)
    messages = {
        ("S2", "S2"): f"the two genes of a pair must differ, got {a} twice",
        ("twin", "S2"): f"2 genes have the symbol twin: {named.var_names[0]}, {named.var_names[1]}; name one of them",
        (a + "x", b): f"{a}x is not among the 30 genes of the run; did you mean {a}?",
    }
    for pair, message in messages.items():
        with pytest.raises(InputError) as caught:
            pair_evidence(with_symbols, [pair])
        assert str(caught.value) == message
