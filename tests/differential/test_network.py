"""Differences between groups: what they are called, what others do not see, the graph, genes, a global shift."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.differential import differential_graph
from genenet.differential.changes import changes, fisher_z
from genenet.errors import InputError
from genenet.products.origin import fingerprint_of_samples
from tests.differential.conftest import CHANGED, example


def by_pair(table):
    return dict(zip(zip(table["gene_a"], table["gene_b"], strict=True), table["change"], strict=True))


def test_differential_network__finds_and_names_the_pairs_that_differ(compared):
    assert by_pair(compared.significant) == CHANGED
    assert compared.summary["changes"] == {
        "gained": 2, "lost": 1, "stronger": 1, "weaker": 1, "flipped": 1, "shape": 1
    }  # fmt: skip
    assert (compared.pairs["change"][compared.pairs["qvalue"] > 0.05] == "none").all()
    assert 7 < len(compared.pairs) <= 100
    assert (compared.pairs["pvalue"] <= 0.05).all()


def test_differential_network__sees_a_flip_and_a_new_shape_that_others_do_not(compared):
    table = compared.pairs.set_index(["gene_a", "gene_b"])
    flipped, shape = table.loc[("G34", "G35")], table.loc[("G38", "G39")]
    assert abs(flipped["mi_normal"] - flipped["mi_tumour"]) < 0.1
    assert abs(shape["z"]) < 2
    assert max(flipped["pvalue"], shape["pvalue"]) < 1e-9
    assert (flipped["spearman_normal"] > 0.7, flipped["spearman_tumour"] < -0.7) == (True, True)


def test_differential_network__columns_are_right(compared):
    matrix, table = example()
    row = compared.pairs.set_index(["gene_a", "gene_b"]).loc[("G32", "G33")]
    normal = matrix.loc[["G32", "G33"], table["tissue"] == "normal"].T
    assert row["spearman_normal"] == pytest.approx(normal.corr(method="spearman").iloc[0, 1], abs=1e-12)
    spearman = np.array([[row["spearman_normal"]], [row["spearman_tumour"]]])
    assert row["z"] == pytest.approx(fisher_z(spearman, [90, 110])[0], abs=1e-12)
    n = 60 * 59 // 2
    # The largest p-value of the significant pairs is its own rank's.
    last = compared.significant.iloc[-1]
    assert last["qvalue"] == pytest.approx(last["pvalue"] * n / len(compared.significant), rel=1e-12)


def test_differential_network__genes_by_all_of_their_partners():
    rng = np.random.default_rng(0)
    values, tumour = rng.normal(size=(40, 160)), np.arange(160) >= 80
    values[1:12] += np.where(tumour, values[0], 0.0)  # a hub of the second group only
    matrix = pd.DataFrame(values, index=[f"G{i}" for i in range(40)], columns=[f"s{i}" for i in range(160)])
    table = pd.DataFrame({"tissue": np.where(tumour, "tumour", "normal")}, index=matrix.columns)
    found = genenet.differential_network(matrix, "tissue", table=table, progress=False)
    assert found.genes["gene"][0] == "G0"
    assert set(found.genes["gene"][:12]) == {f"G{i}" for i in range(12)}
    assert found.genes["qvalue"][0] < 0.05
    assert (found.genes["qvalue"][12:] > 0.05).all()
    first = found.significant["gene_a"].eq("G0") | found.significant["gene_b"].eq("G0")
    assert found.genes["n_differing"][0] == first.sum() == found.genes["n_gained"][0]


def test_differential_network__genes_of_a_module_do_not_differ_by_chance():
    pvalues = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(50, 100))
        values[:25] += 1.2 * rng.normal(size=100)  # their sums go up and down together
        matrix = pd.DataFrame(values, index=[f"G{i}" for i in range(50)], columns=[f"s{i}" for i in range(100)])
        table = pd.DataFrame({"side": ["left", "right"] * 50}, index=matrix.columns)
        found = genenet.differential_network(matrix, "side", table=table, seed=seed, progress=False)
        pvalues.append(found.genes["pvalue"].to_numpy())
        assert not found.summary["is_global_shift"]
    assert (np.concatenate(pvalues) <= 0.05).mean() < 0.12
    assert 0.3 < np.median(np.concatenate(pvalues)) < 0.7


def test_differential_network__a_global_shift_is_said(caplog):
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 160)) + rng.normal(size=160)
    noisy = np.arange(160) >= 80
    values[:, noisy] += 1.5 * rng.normal(size=(40, 80))
    matrix = pd.DataFrame(values, index=[f"G{i}" for i in range(40)], columns=[f"s{i}" for i in range(160)])
    table = pd.DataFrame({"site": np.where(noisy, "south", "north")}, index=matrix.columns)
    with caplog.at_level(logging.WARNING, logger="genenet"):
        found = genenet.differential_network(matrix, "site", table=table, progress=False)
    share = found.summary["shift"]["strongest"]["north"]
    assert share > 0.9
    assert found.summary["is_global_shift"]
    assert (
        f"{share:.0%} of all pairs are strongest in north of site, and"
        f" {found.summary['shift']['strongest_expected']['north']:.0%} are expected: a global shift is a difference in"
        " noise, depth, purity or how mixed the samples are, and not rewiring; explain it before single pairs are read"
        " as changed regulation"
    ) in caplog.messages


def test_differential_network__few_real_changes_are_no_global_shift(compared):
    assert not compared.summary["is_global_shift"]
    assert compared.summary["shift"]["ratio"] == pytest.approx(1.0, abs=0.05)


def test_differential_network__regulators_are_a_part_of_all_pairs(compared):
    matrix, table = example()
    given = {"table": table, "regulators": ["G31", "G34", "G38"], "alpha": 1.0, "progress": False}
    found = genenet.differential_network(matrix, "tissue", **given)
    assert found.summary["n_pairs"] == 3 * 59 - 3
    everything = genenet.differential_network(matrix, "tissue", table=table, alpha=1.0, progress=False)
    deviance = everything.pairs.set_index(["gene_a", "gene_b"])["deviance"]
    own = found.pairs.set_index(["gene_a", "gene_b"])["deviance"]
    assert own.to_numpy() == pytest.approx(deviance[own.index].to_numpy(), abs=1e-9)
    assert set(found.pairs["regulator"]) == {"G31", "G34", "G38"}
    row = found.pairs[found.pairs["gene_a"].eq("G30") & found.pairs["gene_b"].eq("G31")].iloc[0]
    assert (row["regulator"], row["target"]) == ("G31", "G30")


def test_differential_network__three_groups():
    rng = np.random.default_rng(2)
    groups = np.repeat(["a", "b", "c"], 60)
    values = rng.normal(size=(20, 180))
    values[1] = np.where(groups == "c", values[0], values[1])
    matrix = pd.DataFrame(values, index=[f"G{i}" for i in range(20)], columns=[f"s{i}" for i in range(180)])
    table = pd.DataFrame({"type": groups}, index=matrix.columns)
    found = genenet.differential_network(matrix, "type", table=table, alpha=0.01, progress=False)
    assert found.significant[["gene_a", "gene_b"]].to_numpy().tolist() == [["G0", "G1"]]
    assert "change" not in found.pairs
    assert {"mi_a", "mi_b", "mi_c"} <= set(found.pairs)
    assert found.summary["changes"] == {}


@pytest.mark.parametrize(
    ("present", "spearman", "name"),
    [
        ((False, True), (0.1, 0.6), "gained"),
        ((True, False), (0.6, 0.1), "lost"),
        ((True, True), (0.2, 0.25), "shape"),
        ((True, True), (-0.5, 0.5), "flipped"),
        ((True, True), (-0.05, 0.5), "stronger"),  # the first correlation does not differ from 0
        ((True, True), (-0.8, -0.3), "weaker"),
        ((False, False), (-0.3, 0.3), "flipped"),
    ],
)
def test_changes__by_rule(present, spearman, name):
    values = np.array(spearman)[:, None]
    assert changes(np.array(present)[:, None], values, fisher_z(values, [100, 100]), [100, 100]).tolist() == [name]


def test_power__is_what_is_found_half_of_the_time():
    rng = np.random.default_rng(3)
    matrix, table = example()
    found = genenet.differential_network(matrix, "tissue", table=table, progress=False)
    least = found.summary["smallest_difference"]
    n = 40
    values = rng.normal(size=(2 * n, 200))
    related = np.arange(200) >= 90
    values[1::2] = np.where(related, least * values[::2] + np.sqrt(1 - least**2) * values[1::2], values[1::2])
    matrix = pd.DataFrame(values, index=[f"G{i}" for i in range(2 * n)], columns=table.index)
    again = genenet.differential_network(matrix, "tissue", table=table, alpha=1.0, progress=False)
    needed = 0.05 / found.summary["n_pairs"]
    first, second = (again.pairs[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
    pairs = again.pairs[(second == first + 1) & (first % 2 == 0)]
    assert 0.25 < (pairs["pvalue"] <= needed).mean() < 0.75


def test_power__of_few_samples():
    """Of 30 samples the bins of normal scores are others than those of many: a large correlation is found."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"tissue": ["a"] * 30 + ["b"] * 30}, index=[f"s{i}" for i in range(60)])

    def compared_of(n_genes: int, correlation: float = 0.0, **keywords):
        values = rng.normal(size=(n_genes, 60))
        values[1::2, :30] *= np.sqrt(1 - correlation**2)
        values[1::2, :30] += correlation * values[::2, :30]
        matrix = pd.DataFrame(values, index=[f"G{i:03d}" for i in range(n_genes)], columns=table.index)
        return genenet.differential_network(matrix, "tissue", table=table, progress=False, **keywords)

    summary = compared_of(100).summary
    least = summary["smallest_difference"]
    assert 0.9 < least < 0.96  # 0.944 of 500 pairs
    pairs = compared_of(100, least, alpha=1.0).pairs
    first, second = (pairs[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
    found = pairs["pvalue"].to_numpy()[(second == first + 1) & (first % 2 == 0)] <= 0.05 / summary["n_pairs"]
    assert (len(found), 0.25 < found.mean() < 0.75) == (50, True)
    # As many pairs as a correlation of 0.9 is found among half of the time: its p-values say so.
    pairs = compared_of(100, 0.9, alpha=1.0).pairs
    first, second = (pairs[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
    pvalues = pairs["pvalue"].to_numpy()[(second == first + 1) & (first % 2 == 0)]
    assert 0.25 < np.mean(pvalues <= 0.05 / summary["pairs_for_strong"]) < 0.75


def test_graph__has_both_networks_and_what_differs(compared, caplog):
    matrix, table = example()
    groups, results = genenet.groups.infer_groups(matrix, "tissue", table=table, n_draws=20_000, progress=False)
    networks = {group.name: result.edges for group, result in results}
    graph = differential_graph(compared, networks)
    assert caplog.messages == []
    by_change = {tuple(sorted(ends)): change for *ends, change in graph.edges(data="change")}
    assert {pair: change for pair, change in by_change.items() if change != "none"} == CHANGED
    for name, edges in networks.items():
        kept = edges[edges["kept"]]
        expected = {tuple(sorted(pair)) for pair in zip(kept["gene_a"], kept["gene_b"], strict=True)}
        assert {tuple(sorted(ends)) for *ends, own in graph.edges(data=f"kept_{name}") if own} == expected
    lost = graph.edges["G32", "G33"]
    assert (lost["kept_normal"], lost["kept_tumour"], lost["change"]) == (True, False, "lost")
    assert graph.nodes["G32"]["n_lost"] == 1
    assert [group.name for group in groups] == ["normal", "tumour"]
    changed = replace(compared, expression=compared.expression.copy())
    changed.expression.X[-1, 5] += 1e-9  # of a tumour
    differential_graph(changed, networks)
    assert caplog.messages == [
        "the network of tumour was not inferred from the values that are compared: their matrices differ, in values, in"
        " the order of samples, in regulators or targets"
    ]
    differential_graph(replace(changed, expression=changed.expression[:, 1:]), networks)  # not all genes are compared
    assert len(caplog.messages) == 1
    swapped = {"normal": networks["tumour"], "tumour": networks["normal"]}
    assert refusal(compared, swapped) == (
        "the network of normal was inferred from the samples of tumour; give each group its own"
    )


def refusal(compared, networks, **more) -> str:
    with pytest.raises(InputError) as caught:
        differential_graph(compared, networks, **more)
    return str(caught.value)


def test_graph__networks_that_are_not_those_of_the_groups(compared, caplog):
    table = pd.DataFrame({"gene_a": ["G01"], "gene_b": ["G02"], "kept": [True], "mi": [0.5], "spearman": [0.5]})
    own = {"normal": table, "tumour": table}
    assert differential_graph(compared, own).edges["G01", "G02"]["kept_normal"]
    assert caplog.messages == []
    assert refusal(compared, {"normal": table}) == (
        "there is no network of tumour; give one for each group that is compared"
    )
    foreign = {**own, "tumour": table.assign(gene_a="TP53", gene_b="MYC")}
    assert refusal(compared, foreign, files={"normal": "a/pruned.parquet", "tumour": "b/pruned.parquet"}) == (
        "the network of tumour (b/pruned.parquet) has none of the 60 genes that are compared"
    )
    cohort = table.copy()
    cohort.attrs["genenet"] = {"samples": fingerprint_of_samples(["s1", "s2"])}
    differential_graph(compared, {**own, "tumour": cohort})
    assert caplog.messages == [
        "the network of tumour was not inferred from the 110 samples of tumour that are compared: the graph shows it"
        " beside pairs that differ between other samples"
    ]
    directed = replace(compared, expression=compared.expression.copy())
    directed.expression.uns["genenet"] |= {"directed": True}
    assert refusal(directed, own) == (
        "the network of normal was inferred without a list of regulators, and the comparison was made with one; give"
        " the same list to both"
    )
