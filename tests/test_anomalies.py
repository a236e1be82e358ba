"""Samples that break the network: pointwise MI by a plain loop, by theory, and planted anomalies."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

import genenet
from genenet.anomalies import anomalies, odd_samples, pointwise_information
from genenet.config import Discretise, Information
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.kernels.threads import set_threads
from genenet.products.bins import Bins
from genenet.report.summary_text import describe
from genenet.steps.discretise import discretise
from tests.matrices import bins, counts, expression, related

PAIRS = pd.DataFrame({"gene_a": ["g0", "g1", "g2"], "gene_b": ["g1", "g4", "g3"]})
MATRICES = {
    "soft": lambda: bins(related(5, 60)),
    "hard": lambda: bins(related(5, 60), method="equal_frequency", n_bins=4),
    "counts": lambda: bins(counts(5, 60), method="zero_inflated"),
}


def named(table: Bins) -> pd.DataFrame:
    """The pairs, by the names that the genes of the matrix have."""
    return PAIRS.replace({f"g{i}": str(gene) for i, gene in enumerate(table.genes)})


def by_loop(x: np.ndarray, y: np.ndarray, *, leave_out: bool) -> np.ndarray:
    """Pointwise MI of each sample; x, y: shares of each sample in the bins, shape (n_bins, n_samples)."""
    n = x.shape[1]
    found = np.empty(n)
    for s in range(n):
        others = np.delete(np.arange(n), s) if leave_out else np.arange(n)
        joint = x[:, others] @ y[:, others].T
        p_x, p_y = x[:, others].sum(axis=1) / len(others), y[:, others].sum(axis=1) / len(others)
        prior = 1.0 if leave_out else 0.0
        p = (joint + prior * np.outer(p_x, p_y)) / (len(others) + prior)
        found[s] = sum(
            x[k, s] * y[m, s] * math.log2(p[k, m] / (p_x[k] * p_y[m]))
            for k in range(len(x))
            for m in range(len(y))
            if x[k, s] * y[m, s] > 0 and p_x[k] > 0 and p_y[m] > 0
        )
    return found


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("leave_out", [False, True])
def test_pointwise__as_a_plain_loop(name, leave_out):
    table = MATRICES[name]()
    found = pointwise_information(table, named(table), leave_out=leave_out)
    shares = table.weights / table.total
    tolerance = {"rtol": 1e-6, "atol": 1e-6} if leave_out else {"rtol": 1e-10, "atol": 1e-12}
    for row, (a, b) in zip(found, [(0, 1), (1, 4), (2, 3)], strict=True):
        np.testing.assert_allclose(row, by_loop(shares[a], shares[b], leave_out=leave_out), **tolerance)


@pytest.mark.parametrize("name", MATRICES)
def test_pointwise__mean_over_the_samples_is_the_mi(name):
    table = MATRICES[name]()
    mi = mutual_information_matrix(table)
    found = pointwise_information(table, named(table)).mean(axis=1)
    np.testing.assert_allclose(found, [mi[0, 1], mi[1, 4], mi[2, 3]], atol=1e-12)


def test_pointwise__hard_bins_are_those_of_two_discrete_variables():
    table = MATRICES["hard"]()
    labels = table.weights.argmax(axis=1)
    expected = genenet.pointwise_mutual_information(labels[0], labels[1]).to_numpy()[labels[0], labels[1]]
    np.testing.assert_allclose(pointwise_information(table, named(table))[0], expected, atol=1e-12)


@pytest.mark.parametrize(("n", "least"), [(200, 0.99), (800, 0.997)])
def test_pointwise__is_lioness_to_first_order(n, least):
    """The jackknife's pseudo-values, n I - (n - 1) I(without the sample), but for the bias and terms of order 1 / n."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=n)
    values = np.vstack([x, 0.6 * x + 0.8 * rng.normal(size=n)])
    table = bins(values)
    shares = table.weights / table.total

    def mi(samples: np.ndarray) -> float:
        joint = shares[0][:, samples] @ shares[1][:, samples].T / len(samples)
        outer = np.outer(joint.sum(axis=1), joint.sum(axis=0))
        return float(np.sum(joint[joint > 0] * np.log2(joint[joint > 0] / outer[joint > 0])))

    everything = np.arange(n)
    whole = mi(everything)
    lioness = np.array([n * whole - (n - 1) * mi(np.delete(everything, s)) for s in range(n)])
    edge = pd.DataFrame({"gene_a": [table.genes[0]], "gene_b": [table.genes[1]]})
    found = pointwise_information(table, edge)[0]
    assert np.corrcoef(lioness, found)[0, 1] > least
    # Their means differ by the bias of MI, which the jackknife removes.
    assert 0 < found.mean() - lioness.mean() < 0.1


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_pointwise__symmetric_and_gene_by_gene_order_does_not_matter(seed):
    table = bins(np.random.default_rng(seed).normal(size=(5, 40)).cumsum(axis=0))
    pairs = named(table)
    turned = pairs.rename(columns={"gene_a": "gene_b", "gene_b": "gene_a"})
    np.testing.assert_allclose(pointwise_information(table, turned), pointwise_information(table, pairs), atol=1e-12)


@pytest.fixture(scope="module")
def network() -> genenet.Result:
    """A network in which ten samples have half of their genes from another sample."""
    truth = genenet.simulate_expression(n_genes=100, n_regulators=15, n_samples=150, seed=4)
    rng = np.random.default_rng(0)
    values = truth.expression.X.copy()
    for sample in range(10):
        genes = rng.permutation(100)[:50]
        values[sample, genes] = truth.expression.X[50 + sample, genes]
    data = AnnData(values, obs=truth.expression.obs.copy(), var=pd.DataFrame(index=truth.expression.var_names))
    data.obs["batch"] = ["a"] * 60 + ["b"] * 90
    return genenet.infer_network(data, seed=1, n_draws=100_000)


def bins_of(result: genenet.Result) -> Bins:
    return discretise(result.expression, result.settings.discretise, result.settings.information)


def test_anomalies__find_planted_chimeras(network):
    table = anomalies(network.edges, network.expression, bins_of(network))
    chimeras = list(network.expression.obs_names[:10])
    assert roc_auc_score(table["sample"].isin(chimeras), table["score"]) > 0.85
    assert len(set(table["sample"][:10]) & set(chimeras)) >= 7
    assert table["pvalue"].is_monotonic_increasing
    assert table["pvalue"].iloc[0] == pytest.approx(1 / 150)
    assert table["z"].iloc[0] > 3
    # They are as ordinary as the others, each gene on its own.
    assert table.set_index("sample").loc[chimeras, "extremeness"].abs().median() < 2
    genes = set(network.expression.var_names)
    assert all(set(names.split(", ")) <= genes for names in table["genes"])
    assert all(len(names.split(", ")) == 3 for names in table["edges"])


def test_anomalies__an_extreme_sample_that_obeys_is_extreme_only(network):
    """A sample at the end of every relation: large values, in agreement with all edges."""
    rng = np.random.default_rng(2)
    common = np.append(rng.normal(size=99), 6.0)
    values = common[:, None] * np.ones(30) + 0.4 * rng.normal(size=(100, 30))
    result = genenet.infer_network(
        AnnData(values, obs=pd.DataFrame(index=[f"s{i}" for i in range(100)])), n_draws=20_000, prune_method="none"
    )
    table = anomalies(result.edges, result.expression, bins_of(result)).set_index("sample")
    assert table["extremeness"].idxmax() == "s99"
    assert table.loc["s99", "pvalue"] > 0.2


def test_anomalies__same_bytes_for_all_threads(network):
    tables = []
    for number in (1, 3):
        set_threads(number)
        tables.append(anomalies(network.edges, network.expression, bins_of(network)))
    set_threads(0)
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_anomalies__pieces_of_any_size_give_the_same(network, monkeypatch):
    whole = anomalies(network.edges, network.expression, bins_of(network))
    monkeypatch.setattr("genenet.anomalies.PAIRS_AT_ONCE", 17)
    pieces = anomalies(network.edges, network.expression, bins_of(network))
    pd.testing.assert_frame_equal(whole, pieces, check_exact=True)


def test_anomalies__within_strata(network, caplog):
    table = anomalies(network.edges, network.expression, bins_of(network), strata="batch")
    assert table["stratum"].value_counts().to_dict() == {"b": 90, "a": 60}
    for _, group in table.groupby("stratum"):
        assert group["pvalue"].min() == pytest.approx(1 / len(group))
        assert group["z"].median() == pytest.approx(0)
    assert not caplog.messages
    network.expression.obs["few"] = ["a"] * 5 + ["b"] * 145
    anomalies(network.edges, network.expression, bins_of(network), strata="few")
    assert caplog.messages == ["1 group of few have fewer than 30 samples (a): their p-values cannot be small"]


def test_pvalues__are_uniform_among_exchangeable_samples():
    values = pd.DataFrame(related(40, 200))
    result = genenet.infer_network(values, n_draws=20_000, prune_method="none", correction="none")
    table = anomalies(result.edges, result.expression, bins_of(result))
    assert sorted(table["pvalue"]) == pytest.approx(np.arange(1, 201) / 200)


@pytest.mark.parametrize(
    ("n_samples", "n_edges", "message"),
    [
        (25, 60, "25 samples are too few to tell an odd one; at least 30 are needed"),
        (40, 9, "the network has 9 edges; at least 50 are needed to tell an odd sample"),
    ],
)
def test_anomalies__too_little_to_say_anything(n_samples, n_edges, message):
    table = bins(related(20, n_samples))
    first, second = np.triu_indices(20, 1)
    edges = pd.DataFrame({"gene_a": table.genes[first], "gene_b": table.genes[second], "score": 1.0, "kept": False})
    edges.loc[: n_edges - 1, "kept"] = True
    with pytest.raises(InputError, match=message):
        anomalies(edges, expression(related(20, n_samples)), table)
    with pytest.raises(InputError, match="the matrix has no sample attribute batch"):
        anomalies(edges.assign(kept=True), expression(related(20, 40)), bins(related(20, 40)), strata="batch")


def test_anomalies__of_an_estimator_without_bins(network):
    table, edges = discretise(network.expression, Discretise(), Information(estimator="gaussian")), network.edges.copy()
    edges.attrs = {}  # of no run
    with pytest.raises(InputError, match="the estimator gaussian has no bins"):
        anomalies(edges, network.expression, table)


def test_anomalies__command_gives_what_the_result_gives(network, run_cli, tmp_path):
    network.write(tmp_path)
    status, out, _ = run_cli("anomalies", tmp_path, "--strata", "batch", "--sample-edges")
    assert status == 0
    assert out.splitlines()[0] == (f"1 of 150 samples is more than 3 robust deviations off: {tmp_path}/anomalies.tsv")
    table = pd.read_csv(tmp_path / "anomalies.tsv", sep="\t")
    assert table.pop("fingerprint").unique().tolist() == [network.graph.graph["fingerprint"]]
    pd.testing.assert_frame_equal(table, network.anomalies(strata="batch"), check_dtype=False)
    per_edge = read_h5ad(tmp_path / "sample_edges.h5ad")
    kept = network.edges[network.edges["kept"]]
    assert per_edge.shape == (150, len(kept))
    np.testing.assert_allclose(per_edge.X.mean(axis=0), kept["mi"], atol=1e-5)
    assert per_edge.obs["batch"].tolist() == network.expression.obs["batch"].tolist()


def test_anomalies__without_a_manifest(run_cli, tmp_path):
    status, _, err = run_cli("anomalies", tmp_path)
    assert status == 2
    assert err.startswith(f"ERROR: {tmp_path} is not the folder of a finished run: expression.h5ad, pruned.parquet mis")
    for name in ("expression.h5ad", "pruned.parquet"):
        (tmp_path / name).touch()
    status, _, err = run_cli("anomalies", tmp_path)
    message = f"ERROR: {tmp_path}/manifest.json is not there; only the folder of a finished run has a manifest\n"
    assert (status, err) == (2, message)


# With every run


def test_infer__scores_samples_and_writes_them(network, tmp_path):
    network.write(tmp_path)
    table = pd.read_csv(tmp_path / "export" / "anomalies.tsv", sep="\t", float_precision="round_trip")
    assert table.pop("fingerprint").unique().tolist() == [network.graph.graph["fingerprint"]]
    pd.testing.assert_frame_equal(table, network.anomalies(), check_dtype=False)
    obs = read_h5ad(tmp_path / "export" / "network.h5ad").obs
    by_sample = table.set_index("sample").loc[obs.index]
    for name in ("score", "z", "pvalue", "extremeness", "module_z"):
        np.testing.assert_array_equal(obs[f"anomaly_{name}"], by_sample[name])
    assert "anomaly_z" not in read_h5ad(tmp_path / "expression.h5ad").obs


def test_export__of_the_steps_is_that_of_the_run(network, tmp_path, run_cli):
    network.write(tmp_path / "run")
    run_cli("discretise", "--expression", tmp_path / "run" / "expression.h5ad", "-o", tmp_path / "bins.h5ad")
    parts = ("--edges", tmp_path / "run" / "pruned.parquet", "--expression", tmp_path / "run" / "expression.h5ad")
    options = ("--formats", "tsv,anomalies", "-o", tmp_path / "export")
    status, _, err = run_cli("export", *parts, "--bins", tmp_path / "bins.h5ad", *options)
    assert (status, err) == (0, "")
    written = (tmp_path / "export" / "anomalies.tsv").read_bytes()
    assert written == (tmp_path / "run" / "export" / "anomalies.tsv").read_bytes()
    (tmp_path / "export" / "anomalies.tsv").unlink()
    status, _, err = run_cli("export", *parts, *options)
    assert (status, err) == (
        0,
        "WARNING: samples are not scored, which takes the bins: give them with --bins for anomalies.tsv\n",
    )
    assert not (tmp_path / "export" / "anomalies.tsv").exists()


def test_summary__names_the_odd_samples(network, tmp_path, run_cli):
    found = network.summary["odd_samples"]
    table = network.odd_samples
    odd = table["sample"][table["z"] > 3].tolist()
    assert found == {"n_samples": 150, "n_odd": len(odd), "samples": odd[:10]}
    assert len(odd) >= 1
    assert "odd samples" in dict(describe(network.summary))


def test_summary__of_the_steps_counts_odd_samples_as_the_run_does(network, tmp_path, run_cli):
    network.expression.write_h5ad(tmp_path / "m.h5ad")
    status, out, _ = run_cli("infer", tmp_path / "m.h5ad", "-o", tmp_path / "run", "--n-draws", 100_000, "--all-files")
    assert status == 0
    run = tmp_path / "run"
    parts = [
        item
        for name in ("expression.h5ad", "edges.parquet", "pruned.parquet")
        for item in (f"--{name.split('.')[0]}", run / name)
    ]
    status, again, err = run_cli("summary", *parts, "--exported", run / "export", "-o", tmp_path / "s.json")
    assert (status, err) == (0, "")
    lines = [[line for line in text.splitlines() if line.startswith("odd samples")] for text in (out, again)]
    assert lines[0] == lines[1] != []
    summaries = [json.loads(path.read_text()) for path in (run / "summary.json", tmp_path / "s.json")]
    assert summaries[0]["odd_samples"] == summaries[1]["odd_samples"]
    assert summaries[0]["odd_samples"]["n_odd"] > 0


def test_summary__is_silent_where_no_sample_is_odd(network):
    none = {"n_samples": 150, "n_odd": 0, "samples": []}
    assert "odd samples" not in dict(describe({**network.summary, "odd_samples": none}))
    some = {"n_samples": 150, "n_odd": 12, "samples": [f"S{number}" for number in range(10)]}
    assert dict(describe({**network.summary, "odd_samples": some}))["odd samples"] == (
        "12 of 150 do not follow the network (S0, S1, S2 and 9 more), as mixtures and swapped labels do not: look into"
        " export/anomalies.tsv"
    )
    one = {"n_samples": 150, "n_odd": 1, "samples": ["S1"]}
    assert dict(describe({**network.summary, "odd_samples": one}))["odd samples"].startswith(
        "1 of 150 does not follow the network (S1), as"
    )


def test_infer__of_few_samples_has_an_empty_table(tmp_path, caplog):
    caplog.set_level("DEBUG", "genenet")
    result = genenet.infer_network(pd.DataFrame(related(8, 25), [f"g{k}" for k in range(8)]), n_draws=10_000)
    assert "samples are not scored (genenet anomalies): 25 samples are too few to tell an odd one" in caplog.text
    result.write(tmp_path)
    header = "sample\tscore\tz\tpvalue\textremeness\tmodule\tmodule_z\tgenes\tedges\tfingerprint\n"
    assert (tmp_path / "export" / "anomalies.tsv").read_text() == header
    assert read_h5ad(tmp_path / "export" / "network.h5ad").obs["anomaly_z"].isna().all()


def test_odd_samples__of_too_many_genes_and_samples_have_an_empty_table(network, caplog, monkeypatch):
    caplog.set_level("DEBUG", "genenet")
    bins, kept = bins_of(network), network.edges.head(60)
    monkeypatch.setattr("genenet.anomalies.MOST_VALUES", 60 * 150)
    assert bins.n_genes > 60
    assert odd_samples(kept, network.expression, bins).empty
    assert f"not scored (genenet anomalies): {bins.n_genes} genes in 150 samples take much memory" in caplog.text


def test_anomalies__of_a_network_within_strata_are_within_strata(network):
    data = network.expression.copy()
    result = genenet.infer_network(data, seed=1, n_draws=20_000, strata="batch")
    assert result.odd_samples["stratum"].value_counts().to_dict() == {"b": 90, "a": 60}
    pd.testing.assert_frame_equal(result.odd_samples, result.anomalies(strata="batch"))


def test_anomalies__strata_are_read_as_everywhere(network):
    data = network.expression.copy()
    data.obs["sex"] = ["f", "m"] * 75
    table = anomalies(network.edges, data, bins_of(network), strata=["batch", "sex"])
    assert set(table["stratum"]) == {"a, f", "a, m", "b, f", "b, m"}
    data.obs["age"] = np.linspace(20, 80, 150)
    with pytest.raises(InputError, match=r"prepare.strata: age holds numbers of 150 different values"):
        anomalies(network.edges, data, bins_of(network), strata="age")
    data.obs["gaps"] = [None, *["x"] * 149]
    with pytest.raises(InputError, match=r"prepare.strata: 1 of 150 samples has no gaps"):
        anomalies(network.edges, data, bins_of(network), strata="gaps")


def test_anomalies__with_values_missing_pair_by_pair(network):
    values = np.asarray(network.expression.X).copy()
    values[np.random.default_rng(0).random(values.shape) < 0.02] = np.nan
    data = AnnData(values, obs=network.expression.obs[["batch"]], var=pd.DataFrame(index=network.expression.var_names))
    result = genenet.infer_network(data, seed=1, n_draws=100_000, missing="pairwise")
    complete = network.anomalies().set_index("sample")
    found = result.odd_samples.set_index("sample").loc[complete.index]
    assert found[["score", "z", "extremeness"]].notna().all(axis=None)
    assert np.corrcoef(found["score"], complete["score"])[0, 1] > 0.8
    odd = np.isin(complete.index, network.expression.obs_names[:10])
    assert roc_auc_score(odd, found["score"]) > 0.8


def test_anomalies__within_strata_the_highest_z_comes_first(network):
    table = network.anomalies(strata="batch")
    assert table["z"].is_monotonic_decreasing
    assert not table["score"].is_monotonic_decreasing
