"""The other formats, each read by a program that is not genenet."""

from dataclasses import replace

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.config import Network
from genenet.errors import InputError
from genenet.steps.export import export_network
from genenet.steps.network import build_network
from genenet.writers.content import Content
from genenet.writers.gexf import write_gexf
from genenet.writers.gml import write_gml
from genenet.writers.rankings import DREAM_EDGES
from tests.example_network import GENES, content, edges, expression, network


def write(given: Content, directory, name: str) -> None:
    export_network(given.graph, given.edges, given.expression, directory, [name])


def table(path, **options) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", keep_default_na=False, float_precision="round_trip", **options)


@pytest.mark.parametrize("directed", [False, True])
def test_gexf__networkx_reads_back_every_value_and_type(tmp_path, directed):
    graph = network(directed=directed)
    again = nx.read_gexf(write_gexf(graph, tmp_path / "network.gexf"))
    assert again.is_directed() is directed
    assert list(again) == GENES
    for node, data in graph.nodes(data=True):
        expected = {"label": node, **data}
        assert again.nodes[node] == expected
        assert {k: type(v) for k, v in again.nodes[node].items()} == {k: type(v) for k, v in expected.items()}
    assert set(again.edges) == set(graph.edges)
    for edge, data in graph.edges.items():
        read = dict(again.edges[edge])
        assert read.pop("id").isdigit()
        assert read.pop("weight") == data["mi"]
        assert read == data


def test_gexf__gene_that_xml_cannot_hold(tmp_path):
    with pytest.raises(InputError, match=r"gene 'A\\x00' cannot be written to x.gexf"):
        write_gexf(nx.Graph([("A\0", "B")]), tmp_path / "x.gexf")


def gml_value(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("directed", [False, True])
def test_gml__networkx_reads_back_every_value(tmp_path, directed):
    graph = network(directed=directed)
    again = nx.read_gml(write_gml(graph, tmp_path / "network.gml"))
    assert again.is_directed() is directed
    assert again.name == "my net"
    assert list(again) == GENES
    for node, data in graph.nodes(data=True):
        expected = {key.replace("gene symbol (HGNC)", "gene_symbol__HGNC_"): gml_value(data[key]) for key in data}
        assert again.nodes[node] == expected
    assert set(again.edges) == set(graph.edges)
    for edge, data in graph.edges.items():
        assert again.edges[edge] == {key: gml_value(value) for key, value in data.items()}


def test_gml__igraph_reads_names_and_values(tmp_path):
    graph = network(directed=True)
    # igraph leaves references to characters beyond ASCII as they are in the file.
    names = [gene for gene in GENES if gene.isascii() and gene.isprintable()]
    graph = nx.DiGraph(graph.subgraph(names))
    for gene in names:
        graph.nodes[gene].pop("symbol", None)
    again = igraph.Graph.Read_GML(str(write_gml(graph, tmp_path / "network.gml")))
    assert again.is_directed()
    names = again.vs["label"]
    assert set(names) == set(graph)
    assert again.vs["degree"] == [graph.nodes[gene]["degree"] for gene in names]
    found = {(names[edge.source], names[edge.target]): edge["mi"] for edge in again.es}
    assert found == {(a, b): mi for a, b, mi in graph.edges(data="mi")}


def test_gml__names_that_are_one_after_cleaning(tmp_path):
    graph = nx.Graph()
    graph.add_node("A", **{"a b": 1, "a_b": 2, "2x": 3, "µ": 4, "id": 5, "big": 2**40, "tiny": 1e-300})
    node = nx.read_gml(write_gml(graph, tmp_path / "x.gml")).nodes["A"]
    assert sorted(node.values()) == sorted([1, 2, 3, 4, 5, 2**40, 1e-300])


def test_sif__lines_and_tables(tmp_path):
    given = content(directed=True, plain=True)
    given.graph.add_node("alone")
    write(given, tmp_path, "sif")
    lines = [line.split("\t") for line in (tmp_path / "network.sif").read_text(encoding="utf-8").splitlines()]
    assert [tuple(line[::2]) for line in lines if len(line) == 3] == list(given.graph.edges)
    assert {line[1] for line in lines if len(line) == 3} == {"regulation"}
    assert [line for line in lines if len(line) != 3] == [["alone"]]
    nodes, links = table(tmp_path / "network.sif.nodes.tsv"), table(tmp_path / "network.sif.edges.tsv")
    assert list(nodes["shared name"]) == list(given.graph)
    assert list(links["shared name"]) == [f"{a} (regulation) {b}" for a, b in given.graph.edges]
    assert list(links["mi"]) == [mi for *_, mi in given.graph.edges(data="mi")]


def test_sif__ndex2_reads_it(tmp_path):
    cx2 = pytest.importorskip("ndex2.cx2")
    matrix, pairs = expression(), edges(plain=True)
    # ndex2 strips spaces from names.
    pairs = pairs[pairs["gene_b"] != " lead"]
    graph = build_network(pairs, matrix, Network(), name="x")
    export_network(graph, pairs, matrix, tmp_path, ["sif"])
    read = cx2.SIFToCX2NetworkFactory().get_cx2network(str(tmp_path / "network.sif"))
    assert len(read.get_edges()) == graph.number_of_edges()
    assert {node["v"]["name"] for node in read.get_nodes().values()} == set(graph)


@pytest.mark.parametrize("name", ["sif", "aracne", "gmt", "dream"])
def test_formats_without_quoting__refuse_tabs_in_names(tmp_path, name):
    with pytest.raises(InputError, match=r"gene 'tab\\there' cannot be written to .*: the format does not allow tabs"):
        write(content(directed=True), tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_parquet__has_the_rows_of_the_tsv_with_their_types(tmp_path):
    given = content(directed=True)
    write(given, tmp_path, "parquet")
    read = pd.read_parquet(tmp_path / "edges.parquet")
    assert len(read) == given.graph.number_of_edges()
    assert read["sign"].dtype == np.int8
    assert read["regulator"].dtype == "category"
    assert set(read["interaction"]) == {"regulation"}


def test_viper__columns_and_values_by_hand(tmp_path):
    given = content(directed=True)
    write(given, tmp_path, "viper")
    regulon = table(tmp_path / "viper_regulon.tsv")
    assert list(regulon.columns) == ["regulator", "target", "mor", "likelihood"]
    assert set(zip(regulon["regulator"], regulon["target"], strict=True)) == set(given.graph.edges)
    assert regulon.groupby("regulator")["likelihood"].max().eq(1).all()
    assert regulon["likelihood"].between(0, 1).all()
    for row in regulon.itertuples():
        assert row.mor == given.graph.edges[row.regulator, row.target].get("spearman", 0.0)
    partner = regulon[(regulon["regulator"] == "NA") & (regulon["target"] == "SEPT1")]
    assert partner["likelihood"].item() == pytest.approx(1 / 3)


def test_scenic__columns_and_order(tmp_path):
    given = content(directed=True)
    write(given, tmp_path, "scenic")
    # As pySCENIC reads them.
    adjacencies = table(tmp_path / "adjacencies.tsv", dtype={0: str, 1: str, 2: np.float64})
    assert list(adjacencies.columns) == ["TF", "target", "importance"]
    assert adjacencies["importance"].is_monotonic_decreasing
    found = {(row.TF, row.target): row.importance for row in adjacencies.itertuples()}
    assert found == {(a, b): score for a, b, score in given.graph.edges(data="score")}


def plainly_named() -> Content:
    """Two regulators of ten targets each, 20 samples."""
    names = [f"GENE{number}" for number in range(22)]
    pairs = [(0, number) for number in range(2, 12)] + [(1, number) for number in range(12, 22)]
    codes = np.array(pairs)
    ends = {end: pd.Categorical.from_codes(codes[:, k], names) for k, end in enumerate(("gene_a", "gene_b"))}
    values = {"mi": np.linspace(1, 0.1, 20), "spearman": np.linspace(-0.9, 0.9, 20), "kept": True}
    table = pd.DataFrame({**ends, **values, "regulator": ends["gene_a"], "target": ends["gene_b"], "mutual": False})
    samples = pd.DataFrame(index=[f"s{number}" for number in range(20)])
    X = np.random.default_rng(0).normal(size=(20, 22))
    matrix = AnnData(X, obs=samples, var=pd.DataFrame(index=names), uns={"genenet": {"directed": True}})
    return Content(build_network(table, matrix, Network(), name="x"), table, matrix)


@pytest.mark.filterwarnings("default")
def test_viper__pyviper_infers_activities_with_it(tmp_path):
    pyviper = pytest.importorskip("pyviper", reason="pyviper (viper-in-python) is not installed")
    given = plainly_named()
    write(given, tmp_path, "viper")
    interactome = pyviper.Interactome("test", str(tmp_path / "viper_regulon.tsv"))
    assert len(interactome.net_table) == given.graph.number_of_edges()
    interactome.filter_targets(given.expression.var_names, verbose=False)
    activity = pyviper.viper(gex_data=given.expression, interactome=interactome, enrichment="area", min_targets=5)
    assert set(activity.var_names) == {"GENE0", "GENE1"}
    assert np.isfinite(activity.X).all()


def test_decoupler__takes_the_network_and_scores_with_it(tmp_path):
    decoupler = pytest.importorskip("decoupler")
    given = content(directed=True)
    write(given, tmp_path, "decoupler")
    net = table(tmp_path / "decoupler.tsv", dtype={"source": str, "target": str})
    assert list(net.columns) == ["source", "target", "weight"]
    scores, _ = decoupler.mt.ulm(given.expression.to_df(), net, tmin=1)
    assert set(scores.columns) == {"id", "NA"}
    for row in net.itertuples():
        data = given.graph.edges[row.source, row.target]
        largest = max(score for _, _, score in given.graph.out_edges(row.source, data="score"))
        assert row.weight == (-1 if data["sign"] < 0 else 1) * data["score"] / largest


def test_gmt__decoupler_reads_it(tmp_path):
    given = content(directed=True, plain=True)
    write(given, tmp_path, "gmt")
    lines = [line.split("\t") for line in (tmp_path / "regulons.gmt").read_text(encoding="utf-8").splitlines()]
    assert {line[0]: set(line[2:]) for line in lines} == {g: set(given.graph[g]) for g in ("id", "NA")}
    assert lines[0][2:4] == ["NA", "1e5"]
    decoupler = pytest.importorskip("decoupler")
    net = decoupler.pp.read_gmt(str(tmp_path / "regulons.gmt"))
    # decoupler splits at any space.
    assert set(net["source"]) == {"id", "NA"}
    assert len(net) == given.graph.number_of_edges()


def test_aracne__two_files(tmp_path):
    given = content(directed=True, plain=True)
    write(given, tmp_path, "aracne")
    three = [line.split("\t") for line in (tmp_path / "aracne_3col.tsv").read_text(encoding="utf-8").splitlines()]
    assert {(a, b): float(mi) for a, b, mi in three} == {(a, b): mi for a, b, mi in given.graph.edges(data="mi")}
    four = table(tmp_path / "aracne_network.tsv", quoting=3)
    assert list(four.columns) == ["Regulator", "Target", "MI", "pvalue"]
    assert len(four) == len(three)


def test_aracne__without_regulators_every_pair_in_both_directions(tmp_path):
    given = content(plain=True)
    write(given, tmp_path, "aracne")
    pairs = [tuple(line.split("\t")[:2]) for line in (tmp_path / "aracne_3col.tsv").read_text().splitlines()]
    assert len(pairs) == len(set(pairs)) == 2 * given.graph.number_of_edges()
    assert {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in given.graph.edges}


def test_beeline__as_its_own_outputs(tmp_path, shared_data):
    write(content(plain=True), tmp_path, "beeline")
    other = pd.read_csv(shared_data / "beeline_GSD" / "GSD_2000_0" / "outputs" / "PIDC.rankedEdges.tsv", sep="\t")
    ranked = table(tmp_path / "rankedEdges.csv")
    assert list(ranked.columns) == list(other.columns) == ["Gene1", "Gene2", "EdgeWeight"]
    for read in (other, ranked):
        assert read["EdgeWeight"].is_monotonic_decreasing
        assert list(read.loc[0, ["Gene1", "Gene2"]]) == list(read.loc[1, ["Gene2", "Gene1"]])


@pytest.mark.parametrize("directed", [False, True])
def test_rankings__are_by_score(tmp_path, directed):
    given = content(directed=directed, plain=True)
    ranks = np.random.default_rng(0).permutation(len(given.edges))
    given = replace(given, edges=given.edges.assign(score=1.0 + ranks))  # another order than that of mi
    for name in ("beeline", "dream"):
        write(given, tmp_path, name)
    kept = given.edges[given.edges["kept"]]
    best = kept.loc[kept["score"].idxmax()]
    beeline = table(tmp_path / "rankedEdges.csv")
    assert beeline["EdgeWeight"].max() == kept["score"].max()
    assert {beeline.loc[0, "Gene1"], beeline.loc[0, "Gene2"]} == {best["gene_a"], best["gene_b"]}
    assert sorted(beeline["EdgeWeight"].unique()) == sorted(kept["score"])
    dream = table(tmp_path / "dream.tsv", header=None, quoting=3)
    assert {dream.loc[0, 0], dream.loc[0, 1]} == {best["gene_a"], best["gene_b"]}
    assert dream[2].min() == pytest.approx(kept["score"].min() / kept["score"].max())


def test_dream__scores_and_at_most_100_000_lines(tmp_path):
    write(content(directed=True, plain=True), tmp_path, "dream")
    ranked = table(tmp_path / "dream.tsv", header=None, quoting=3)
    assert ranked.shape[1] == 3
    assert ranked[2].is_monotonic_decreasing
    assert (ranked[2].max(), ranked[2].min() > 0) == (1, True)
    assert DREAM_EDGES == 100_000


def test_h5ad__scanpy_opens_it_and_writes_it_again(tmp_path):
    scanpy = pytest.importorskip("scanpy")
    write(content(directed=True), tmp_path, "h5ad")
    read = scanpy.read_h5ad(tmp_path / "network.h5ad")
    read.write_h5ad(tmp_path / "again.h5ad")
    again = scanpy.read_h5ad(tmp_path / "again.h5ad")
    pd.testing.assert_frame_equal(read.var, again.var)
    assert (read.varp["mi"] != again.varp["mi"]).nnz == 0
