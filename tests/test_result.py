"""Representations of a result, and the network that it puts into an AnnData."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import anndata
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

import genenet
from genenet.errors import InputError
from genenet.result import Result
from genenet.simulate import Simulation

DRAWS = 20_000


@pytest.fixture(scope="module")
def truth() -> Simulation:
    return genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=100, seed=2)


def full(truth: Simulation) -> AnnData:
    """An AnnData with something in every part; one gene is constant."""
    adata = truth.expression.copy()
    adata.X[:, 7] = 1.0
    adata.layers["counts"] = np.round(adata.X)
    adata.obsm["X_pca"] = adata.X[:, :2].copy()
    adata.varm["loadings"] = np.ones((40, 2))
    adata.obsp["distances"] = sparse.csr_matrix(np.eye(100))
    adata.varp["own"] = sparse.csr_matrix(np.eye(40))
    adata.uns["own"] = {"colours": np.array(["red"], dtype=object)}
    adata.raw = adata.copy()
    adata.obs["batch"] = ["a", "b"] * 50
    return adata


@pytest.fixture(scope="module")
def adata(truth: Simulation) -> AnnData:
    return full(truth)


@pytest.fixture(scope="module")
def result(adata: AnnData) -> Result:
    return genenet.infer_network(adata, n_draws=DRAWS, seed=1, min_variance=0, name="a<b>", progress=False)


@pytest.fixture(scope="module")
def directed(adata: AnnData, truth: Simulation) -> Result:
    return genenet.infer_network(adata, regulators=truth.regulators, n_draws=DRAWS, min_variance=0)


def test_repr__is_one_line(result: Result) -> None:
    n_edges, n_pairs = result.graph.number_of_edges(), len(result.edges)
    assert repr(result) == f"<genenet.Result 'a<b>': 39 genes, {n_edges} edges of {n_pairs} significant pairs>"


def test_repr_html__has_summary_and_strongest_edges(result: Result, directed: Result) -> None:
    text = result._repr_html_()
    assert "genenet.Result &#x27;a&lt;b&gt;&#x27;" in text
    assert "a<b>" not in text
    first = result.edges.iloc[0]
    shown = f"<tr><td>{first.gene_a}</td><td>{first.gene_b}</td><td>{first.mi:.4f}</td><td>{first.score:.2f}</td>"
    assert shown in text
    assert text.count("<tr>") == 1 + 10 + len(str(result).splitlines())
    assert f"<caption>The 10 strongest of {result.graph.number_of_edges()} edges</caption>" in text
    assert "regulator</th>" in directed._repr_html_()


def test_repr_html__without_edges(truth: Simulation) -> None:
    noise = AnnData(np.random.default_rng(0).normal(size=(20, 5)), var=pd.DataFrame(index=list("ABCDE")))
    found = genenet.infer_network(noise, n_draws=DRAWS)
    assert repr(found) == "<genenet.Result 'network': 5 genes, 0 edges of 0 significant pairs>"
    assert "no edges" in found._repr_html_()


def same(one: AnnData, two: AnnData) -> None:
    """The original contents of an AnnData are still there."""
    assert (one.X == two.X).all()
    assert (one.raw.X == two.raw.X).all()
    pd.testing.assert_frame_equal(one.obs, two.obs[one.obs.columns])
    pd.testing.assert_frame_equal(one.var, two.var[one.var.columns])
    assert (one.layers["counts"] == two.layers["counts"]).all()
    assert (one.obsm["X_pca"] == two.obsm["X_pca"]).all()
    assert (one.varm["loadings"] == two.varm["loadings"]).all()
    assert (one.obsp["distances"] != two.obsp["distances"]).nnz == 0
    assert (one.varp["own"] != two.varp["own"]).nnz == 0
    assert two.uns["own"]["colours"].tolist() == ["red"]


def test_to_anndata__loses_nothing_and_leaves_the_own_one_alone(adata: AnnData, result: Result) -> None:
    before = adata.copy()
    found = result.to_anndata()
    same(adata, found)
    same(before, adata)
    assert set(adata.varp) == {"own"}
    assert set(adata.uns) == {"own"}


def test_to_anndata__matrices_are_the_edges(result: Result) -> None:
    found = result.to_anndata(key_added="net")
    assert set(found.varp) == {"own", "net_mi", "net_score", "net_spearman"}
    for name in ("mi", "score", "spearman"):
        frame = pd.DataFrame(found.varp[f"net_{name}"].toarray(), found.var_names, found.var_names)
        assert (frame.to_numpy() == frame.to_numpy().T).all()
        for a, b, value in result.graph.edges(data=name):
            assert frame.loc[a, b] == value
        assert found.varp[f"net_{name}"].nnz == 2 * result.graph.number_of_edges()
    degree = found.var["net_degree"]
    assert degree.to_dict() == {gene: dict(result.graph.degree).get(gene, 0) for gene in found.var_names}
    kept = result.edges[result.edges["kept"]]
    assert found.uns["net"]["edges"]["gene_a"].tolist() == kept["gene_a"].tolist()
    assert found.uns["net"]["params"]["n_draws"] == DRAWS
    assert found.uns["net"]["n_edges"] == len(kept)


def test_to_anndata__scores_of_samples_are_those_of_the_file(adata: AnnData, result: Result, tmp_path: Path) -> None:
    result.write(tmp_path)
    written = anndata.read_h5ad(tmp_path / "export" / "network.h5ad").obs
    names = [name for name in written if name.startswith("anomaly_")]
    assert len(names) == 5
    assert written["anomaly_z"].notna().all()
    more = AnnData(np.vstack([adata.X, adata.X[:1]]), obs=pd.DataFrame(index=[*adata.obs_names, "one more"]))
    more.var_names = adata.var_names
    for given in (None, more):
        obs = result.to_anndata(given).obs
        for name in names:
            np.testing.assert_array_equal(obs[f"genenet_{name}"][: len(written)], written[name])
    assert np.isnan(obs["genenet_anomaly_z"]["one more"])


def test_to_anndata__dropped_gene_has_an_empty_row(result: Result) -> None:
    found = result.to_anndata()
    assert not found.var["genenet_used"].iloc[7]
    assert found.var["genenet_used"].sum() == 39
    assert found.var["genenet_degree"].iloc[7] == 0
    assert found.varp["genenet_mi"][7].nnz == found.varp["genenet_mi"][:, 7].nnz == 0
    assert found.uns["genenet"]["dropped"].to_numpy().tolist() == [[found.var_names[7], "no variance"]]


def test_to_anndata__regulators_are_rows(directed: Result, truth: Simulation) -> None:
    found = directed.to_anndata()
    frame = pd.DataFrame(found.varp["genenet_mi"].toarray(), found.var_names, found.var_names)
    assert {(a, b) for a in frame for b in frame if frame.loc[a, b]} == set(directed.graph.edges)
    assert list(found.var_names[found.var["genenet_regulator"]]) == truth.regulators
    assert (found.var["genenet_out_degree"] == (frame > 0).sum(axis=1)).all()
    assert (found.var["genenet_in_degree"] == (frame > 0).sum(axis=0)).all()


def test_to_anndata__can_be_written_and_used_again(result: Result, tmp_path: Path) -> None:
    found = result.to_anndata()
    found.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert (again.varp["genenet_mi"] != found.varp["genenet_mi"]).nnz == 0
    # The notes of the network are not taken for those of the new run: the layer is used.
    counts = genenet.infer_network(again, n_draws=DRAWS, min_variance=0, layer="counts")
    assert (np.delete(again.layers["counts"], 7, axis=1) == counts.expression.X).all()


def test_to_anndata__names_from_a_column(adata: AnnData) -> None:
    named = adata.copy()
    named.var["symbol"] = [f"S{number}" for number in range(40)]
    found = genenet.infer_network(named, n_draws=DRAWS, min_variance=0, name_column="symbol")
    own = found.to_anndata()
    numbers = {f"S{number}": number for number in range(40)}
    for a, b, mi in found.graph.edges(data="mi"):
        assert own.varp["genenet_mi"][numbers[a], numbers[b]] == mi
    assert own.varp["genenet_mi"].nnz == 2 * found.graph.number_of_edges()


def test_to_anndata__of_some_genes(result: Result, adata: AnnData, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = result.to_anndata(adata[:, 3:].copy())
    assert "3 of 39 genes of the network are not in the AnnData (TF01, TF02, TF03)" in caplog.text
    assert len(found.uns["genenet"]["edges"]) == result.graph.number_of_edges()
    inside = result.graph.subgraph(adata.var_names[3:])
    assert found.varp["genenet_mi"].nnz == 2 * inside.number_of_edges()


def test_to_anndata__of_other_genes(result: Result, adata: AnnData) -> None:
    other = adata.copy()
    other.var_names = [f"X{number}" for number in range(40)]
    with pytest.raises(InputError) as caught:
        result.to_anndata(other)
    assert str(caught.value) == (
        "none of the 39 genes of the network (TF01, TF02, TF03 and 36 more) is among the 40 genes of the AnnData (X0,"
        " X1, X2 and 37 more); give the AnnData that the network was inferred from"
    )


def told(result: Result, other: AnnData, caplog: pytest.LogCaptureFixture) -> str:
    caplog.clear()
    result.add_to(other)
    return caplog.text


def test_add_to__warns_of_other_values_under_the_same_names(result, adata, caplog) -> None:
    rng = np.random.default_rng(0)
    others = [adata.copy() for _ in range(3)]
    others[0].X = rng.normal(size=adata.shape)
    others[1].X = np.asarray(adata.X)[rng.permutation(adata.n_obs)]
    others[2].obs_names = rng.permutation(adata.obs_names)
    for other in others:
        other.layers.clear()
        other.raw = None
        assert re.search(
            "the values of the AnnData have nothing to do with those that the network was inferred from: over 100"
            r" samples of the same names the rank correlation of a gene with itself is -?0\.[01]\d in the median of 39"
            " genes; give the AnnData that it was inferred from",
            told(result, other, caplog),
        )


def test_add_to__takes_other_treatments_of_the_same_measurements(adata, caplog) -> None:
    rng = np.random.default_rng(1)
    depths = rng.lognormal(0, 1, (adata.n_obs, 1))
    counts = AnnData(rng.poisson(depths * 2.0 ** np.asarray(adata.X)).astype(float), obs=adata.obs, var=adata.var)
    counts.X[:, 5] = 0.0
    found = genenet.infer_network(counts, n_draws=DRAWS, normalisation="log1p_cpm", min_variance=0)
    logs = AnnData(np.log1p(counts.X), obs=adata.obs, var=adata.var)
    centred = AnnData(logs.X - logs.X.mean(axis=1, keepdims=True), obs=adata.obs, var=adata.var)
    gaps = AnnData(np.where(rng.random(counts.shape) < 0.2, np.nan, counts.X), obs=adata.obs, var=adata.var)
    scaled = AnnData(rng.normal(size=counts.shape), obs=adata.obs, var=adata.var, layers={"counts": counts.X})
    of_raw = AnnData(rng.normal(size=counts.shape), obs=adata.obs, var=adata.var)
    of_raw.raw = AnnData(sparse.csr_matrix(counts.X), obs=adata.obs, var=adata.var)
    foreign = AnnData(rng.normal(size=counts.shape), obs=adata.obs.set_axis(map(str, range(100))), var=adata.var)
    for other in (counts, counts[::-1].copy(), counts[:40].copy(), logs, centred, gaps, scaled, of_raw, foreign):
        assert told(found, other, caplog) == ""


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_to_anndata__name_that_occurs_twice(result: Result, adata: AnnData) -> None:
    other = adata.copy()
    other.var_names = ["TF01", "TF01", *adata.var_names[2:]]
    with pytest.raises(InputError) as caught:
        result.to_anndata(other)
    assert str(caught.value) == (
        "1 gene of the network is in the AnnData more than once (TF01): there is no telling which one is meant; make"
        " names unique first (adata.var_names_make_unique())"
    )


def test_to_anndata__of_a_table_is_the_prepared_matrix(truth: Simulation) -> None:
    found = genenet.infer_network(truth.expression.to_df().T, n_draws=DRAWS)
    assert found.data is None
    assert found.to_anndata().varp["genenet_mi"].nnz == 2 * found.graph.number_of_edges()


def test_tl__writes_into_the_own_anndata(adata: AnnData, result: Result) -> None:
    own = adata.copy()
    assert genenet.tl.infer_network(own, n_draws=DRAWS, seed=1, min_variance=0) is None
    same(adata, own)
    assert (own.varp["genenet_mi"] != result.to_anndata().varp["genenet_mi"]).nnz == 0


def test_tl__copy_layer_and_key(adata: AnnData) -> None:
    before = adata.copy()
    found = genenet.tl.infer_network(
        adata, n_draws=DRAWS, min_variance=0, layer="counts", key_added="counts_network", copy=True
    )
    same(before, adata)
    assert list(adata.uns) == ["own"]
    expected = genenet.infer_network(adata, n_draws=DRAWS, min_variance=0, layer="counts")
    assert found.varp["counts_network_mi"].nnz == 2 * expected.graph.number_of_edges()
    assert found.uns["counts_network"]["params"]["layer"] == "counts"


def test_tl__again_takes_the_place_of_the_first(adata: AnnData) -> None:
    own = adata.copy()
    for alpha in (0.05, 1e-6):
        genenet.tl.infer_network(own, n_draws=DRAWS, min_variance=0, alpha=alpha)
    assert own.uns["genenet"]["params"]["alpha"] == 1e-6
    assert set(own.varp) == {"own", "genenet_mi", "genenet_score", "genenet_spearman"}


def test_regulons__decoupler_scores_with_them(directed: Result) -> None:
    decoupler = pytest.importorskip("decoupler")
    net = directed.regulons()
    assert set(zip(net["source"], net["target"], strict=True)) == set(directed.graph.edges)
    assert net["weight"].abs().max() == 1
    scores, _ = decoupler.mt.ulm(directed.expression.to_df(), net, tmin=5)
    assert set(scores.columns) <= set(net["source"])
    assert len(scores) == 100


def test_regulons__without_regulators(result: Result) -> None:
    with pytest.raises(InputError) as caught:
        result.regulons()
    assert str(caught.value) == (
        "the network was inferred without a list of regulators, so it has no regulons; infer it with regulators, or"
        " give regulons"
    )


def test_write__warns_of_a_graph_with_other_edges(
    result: Result, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = replace(result, network=replace(result.network))
    name = next(iter(own.graph))
    own.graph.nodes[name]["mine"] = 1
    with caplog.at_level(logging.WARNING):
        own.write(tmp_path / "attribute")
        assert "were changed" not in caplog.text
        own.graph.remove_node(name)
        own.write(tmp_path / "node")
    assert "network.graphml and the files of networks in export/ have them as they are now" in caplog.text
    assert name not in nx.read_graphml(tmp_path / "node" / "network.graphml")
    assert name in nx.read_graphml(tmp_path / "attribute" / "network.graphml")
