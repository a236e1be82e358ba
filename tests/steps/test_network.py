"""The graph: its nodes, edges, directions and attributes."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.config import Network
from genenet.products.edges import free_names, graph_edges, node_table
from genenet.report.summary import summarise_network
from genenet.steps.network import build_network, network_of
from tests.example_network import GENES, PAIRS, edges, expression


def small(**columns: object) -> pd.DataFrame:
    table = {"gene_a": ["A", "A", "B"], "gene_b": ["B", "C", "C"], "mi": [1.0, 0.5, 0.25], "kept": [True, True, False]}
    return pd.DataFrame(table | columns)


def matrix(*, directed: bool = False, **var: object) -> AnnData:
    table = pd.DataFrame(var, index=["A", "B", "C", "D"])
    return AnnData(np.zeros((4, 4)), var=table, uns={"genenet": {"directed": directed}})


def test_build_network__only_kept_edges():
    graph = build_network(small(), matrix(), Network(), name="mine")
    assert type(graph) is nx.Graph
    assert graph.name == "mine"
    assert list(graph.edges(data="mi")) == [("A", "B", 1.0), ("A", "C", 0.5)]
    assert {data["interaction"] for _, _, data in graph.edges(data=True)} == {"codependency"}


def test_build_network__degree_and_strength_by_hand():
    graph = build_network(small(), matrix(mean=[1.0, 2.0, 3.0, 4.0]), Network(), name="x")
    assert graph.nodes["A"] == {"degree": 2, "strength": 1.5, "module": 1, "mean": 1.0}
    assert graph.nodes["C"] == {"degree": 1, "strength": 0.5, "module": 1, "mean": 3.0}


def test_build_network__degree_as_networkx_counts():
    graph = build_network(edges(), expression(), Network(), name="x")
    assert dict(graph.nodes(data="degree")) == dict(graph.degree())
    assert dict(graph.nodes(data="strength")) == pytest.approx(dict(graph.degree(weight="mi")))


def test_build_network__isolated_genes_on_request():
    assert list(build_network(small(), matrix(), Network(), name="x")) == ["A", "B", "C"]
    with_isolated = build_network(small(), matrix(), Network(isolated=True), name="x")
    assert list(with_isolated) == ["A", "B", "C", "D"]
    assert with_isolated.nodes["D"] == {"degree": 0, "strength": 0.0}


def test_build_network__no_edges():
    nothing = small(kept=[False] * 3)
    graph = build_network(nothing, matrix(), Network(), name="x")
    assert graph.number_of_nodes() == graph.number_of_edges() == 0
    summary = summarise_network(network_of(nothing, matrix(), Network(), name="x"))
    assert summary == dict.fromkeys(list(summary)[:-1], 0) | {"hubs": []}
    empty = build_network(edges(directed=True).iloc[:0], expression(directed=True), Network(), name="x")
    assert empty.is_directed()
    assert empty.number_of_nodes() == 0


def test_build_network__directed_from_regulator_to_target():
    roles = {"regulator": ["B", "A", "B"], "target": ["A", "C", "C"], "mutual": [False, False, True]}
    table = small(kept=[True] * 3, **roles)
    graph = build_network(table, matrix(directed=True), Network(), name="x")
    assert type(graph) is nx.DiGraph
    assert sorted(graph.edges) == [("A", "C"), ("B", "A"), ("B", "C"), ("C", "B")]
    assert graph.edges["B", "C"] == graph.edges["C", "B"]
    assert graph.edges["B", "A"]["interaction"] == "regulation"
    # A pair of regulators counts once as a partner.
    assert graph.nodes["B"] == {"degree": 2, "strength": 1.25, "out_degree": 2, "in_degree": 1, "module": 1}
    assert dict(graph.out_degree()) == dict(graph.nodes(data="out_degree"))
    assert dict(graph.in_degree()) == dict(graph.nodes(data="in_degree"))


def test_graph_edges__mutual_pair_keeps_its_other_columns():
    table = graph_edges(edges(directed=True), directed=True)
    first, second = table.iloc[0], table.iloc[1]
    assert (first["regulator"], first["target"]) == (second["target"], second["regulator"]) == ("id", "NA")
    assert first["mi"] == second["mi"]
    assert list(table["regulator"].cat.categories) == GENES


def test_build_network__attributes_are_plain_and_missing_ones_absent():
    graph = build_network(edges(), expression(), Network(), name="x")
    values = [value for _, data in graph.nodes(data=True) for value in data.values()]
    values += [value for *_, data in graph.edges(data=True) for value in data.values()]
    assert {type(value) for value in values} == {bool, int, float, str}
    assert all(value == value for value in values)
    first, second = graph.nodes["id"], graph.nodes["NA"]
    assert "length" not in first
    assert second["length"] == 1
    assert "coding" not in first
    assert second["coding"] is True
    assert first["log_mean"] == -np.inf
    assert "variance" not in second
    assert "symbol" not in second
    assert first["symbol"] == ""
    assert "spearman" not in graph.edges["NA", "SEPT1"]


def test_build_network__columns_of_pruned_edges_are_not_attributes():
    graph = build_network(edges(), expression(), Network(), name="x")
    expected = ["interaction", "mi", "nmi", "pvalue", "pvalue_kind", "qvalue", "spearman", "pearson", "sign"]
    expected += ["clr", "score"]
    assert list(graph.edges["id", "NA"]) == expected


def test_build_network__further_columns_come_along():
    graph = build_network(small(frequency=[1.0, 0.5, 0.1], weight=[1, 2, 3], name=list("xyz")), matrix(), name="x")
    assert graph.edges["A", "C"] == {
        "interaction": "codependency",
        "mi": 0.5,
        "frequency": 0.5,
        "weight": 2,
        "edge_name": "y",
    }


def test_build_network__reserved_names_are_prefixed():
    graph = build_network(edges(), expression(), Network(), name="x")
    node = graph.nodes["1e5"]
    assert node["var_id"] == "ENSG002"
    assert node["var_name"] == "other & <more>"
    assert node["var_Degree"] == 2
    assert node["var_mi"] == 4
    assert node["degree"] == 1


def test_free_names__prefix_until_free():
    assert free_names(["id", "var_id", 3], taken=[], prefix="var_") == ["var_id", "var_var_id", "3"]


def test_build_network__table_read_back_from_parquet(tmp_path):
    edges(directed=True).to_parquet(tmp_path / "pruned.parquet")
    again = pd.read_parquet(tmp_path / "pruned.parquet")
    matrix = expression(directed=True)
    before, after = (build_network(table, matrix, Network(), name="x") for table in (edges(directed=True), again))
    assert list(before.nodes(data=True)) == list(after.nodes(data=True))
    assert list(before.edges(data=True)) == list(after.edges(data=True))


def test_node_table__all_genes_in_order():
    table = node_table(edges(), expression())
    assert list(table.index) == GENES
    assert table["degree"].sum() == 2 * edges()["kept"].sum()


def test_summarise_network__by_hand():
    found = network_of(edges(), expression(), Network(isolated=True), name="x")
    kept = [pair for pair, row in zip(PAIRS, edges()["kept"], strict=True) if row]
    summary = summarise_network(found, n_hubs=2)
    assert (summary["nodes"], summary["edges"]) == (len(GENES), len(kept))
    assert summary["hubs"][0]["gene"] == "id"
    assert [hub["gene"] for hub in summary["hubs"]] == ["id", "NA"]
    assert summary["negative_edges"] == (edges()["kept"] & (edges()["sign"] == -1)).sum()
    assert summary["largest_component"] + summary["components"] - 1 == len(GENES)
