"""Properties of every format, and GraphML and Cytoscape.js JSON as other programs read them."""

import json
import math
from dataclasses import replace
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from genenet.config import FORMATS as NAMES
from genenet.config import Network
from genenet.errors import ConfigError, InputError
from genenet.steps.export import export_network
from genenet.steps.network import build_network
from genenet.writers.cyjs import write_cyjs
from genenet.writers.formats import FORMATS, need_bins, need_samples
from genenet.writers.graphml import write_graphml
from tests.example_network import GENES, content, edges, expression, network
from tests.matrices import bins, related


def write_all(directory: Path, *, directed: bool = False) -> list[Path]:
    given = content(directed=directed, plain=True)
    formats = [name for name, found in FORMATS.items() if found.needs in ("nothing", "regulators" if directed else "")]
    return export_network(given.graph, given.edges, given.expression, directory, formats)


def same(left: dict, right: dict) -> bool:
    """Equal names, values and types."""
    return left == right and {k: type(v) for k, v in left.items()} == {k: type(v) for k, v in right.items()}


def test_formats__one_for_each_format_of_the_settings():
    assert tuple(FORMATS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_formats__write_the_files_that_they_name(tmp_path, name):
    given = content(directed=True, plain=True)
    of_pairs = bins(related(5, 40)) if need_bins([name]) else None
    scores = pd.DataFrame({"sample": given.expression.obs_names, "score": 0.0}) if need_samples([name]) else None
    options = {"bins": of_pairs, "odd_samples": scores}
    paths = export_network(given.graph, given.edges, given.expression, tmp_path, [name], **options)
    assert [path.name for path in paths] == list(FORMATS[name].files)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FORMATS[name].files)


@pytest.mark.parametrize("name", [name for name, found in FORMATS.items() if found.needs == "regulators"])
def test_export_network__regulons_without_regulators_are_refused_before_anything_is_written(tmp_path, name):
    given = content()
    with pytest.raises(ConfigError, match=f"export.formats has '{name}', .* without a regulator list; give one with"):
        export_network(given.graph, given.edges, given.expression, tmp_path, ["tsv", name])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("directed", [False, True])
def test_export_network__same_bytes_twice_and_nothing_else_left(tmp_path, directed):
    first = write_all(tmp_path / "a", directed=directed)
    second = write_all(tmp_path / "b", directed=directed)
    assert sorted(first) == sorted((tmp_path / "a").iterdir())
    for left, right in zip(first, second, strict=True):
        assert left.name == right.name
        assert left.read_bytes() == right.read_bytes(), left.name


def test_export_network__many_edges_are_warned_about_before_they_are_written(tmp_path, monkeypatch, caplog):
    given = content()
    monkeypatch.setattr("genenet.steps.export.MANY_EDGES", 5)
    silent = {name: replace(format, write=lambda *_: None) for name, format in FORMATS.items()}
    monkeypatch.setattr("genenet.steps.export.FORMATS", silent)
    export_network(given.graph, given.edges, given.expression, tmp_path, ["tsv", "parquet"])
    assert caplog.messages == []
    export_network(given.graph, given.edges, given.expression, tmp_path, ["gexf", "tsv", "cyjs"])
    n_edges = given.graph.number_of_edges()
    assert caplog.messages == [
        f"{n_edges} edges: writing cyjs, gexf takes about a minute, and Cytoscape, Gephi and their like hardly open so"
        " many; for all edges take parquet, tsv or h5ad, for a picture the format view, or fewer edges"
        " (prune.max_edges)"
    ]


def test_export_network__without_edges_every_file_is_there(tmp_path):
    table = edges().iloc[:0]
    graph = build_network(table, expression(), Network(), name="empty")
    formats = [name for name, found in FORMATS.items() if found.needs == "nothing"]
    for path in export_network(graph, table, expression(), tmp_path, formats):
        assert path.name in ("network.sif", "aracne_3col.tsv", "dream.tsv") or path.stat().st_size > 0
    assert nx.read_graphml(tmp_path / "network.graphml").number_of_nodes() == 0
    assert json.loads((tmp_path / "network.cyjs").read_text())["elements"] == {"nodes": [], "edges": []}
    assert pd.read_csv(tmp_path / "edges.tsv", sep="\t").shape == (0, 16)


def test_export_network__unknown_format_writes_nothing(tmp_path):
    with pytest.raises(ConfigError, match=r"export.formats must be among .*, got 'cyj'; did you mean cyjs\?"):
        export_network(network(), edges(), expression(), tmp_path, ["tsv", "cyj"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("directed", [False, True])
def test_graphml__networkx_reads_back_every_value_and_type(tmp_path, directed):
    graph = network(directed=directed)
    again = nx.read_graphml(write_graphml(graph, tmp_path / "network.graphml"))
    assert again.is_directed() is directed
    assert again.name == "my net"
    assert list(again) == list(graph) == GENES
    assert all(same(again.nodes[node], {"name": node, **data}) for node, data in graph.nodes(data=True))
    assert set(again.edges) == set(graph.edges)
    assert all(same(again.edges[edge], data) for edge, data in graph.edges.items())


@pytest.mark.parametrize("directed", [False, True])
def test_graphml__igraph_reads_every_value(tmp_path, directed):
    graph = network(directed=directed)
    again = igraph.Graph.Read_GraphML(str(write_graphml(graph, tmp_path / "network.graphml")))
    assert again.is_directed() is directed
    assert again["name"] == "my net"
    # Of the id igraph keeps the escape of an ampersand (as "&#38;"): hence the attribute "name".
    assert again.vs["name"] == GENES
    pairs = {(GENES[edge.source], GENES[edge.target]) for edge in again.es}
    assert {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in graph.edges}
    assert pairs == set(graph.edges) or not directed
    for vertex in again.vs:
        for name, value in graph.nodes[vertex["name"]].items():
            assert vertex[name] == value, name
    for edge in again.es:
        for name, value in graph.edges[GENES[edge.source], GENES[edge.target]].items():
            assert edge[name] == value, name
    assert math.isnan(again.vs.find(name="id")["length"])


def test_graphml__what_cytoscape_wants(tmp_path):
    text = write_graphml(network(), tmp_path / "network.graphml").read_text(encoding="utf-8")
    assert '<graph id="my net" edgedefault="undirected">' in text
    assert '<key id="mi" for="edge" attr.name="mi" attr.type="double"/>' in text
    assert '<key id="degree" for="node" attr.name="degree" attr.type="long"/>' in text
    assert '<key id="gene_symbol__HGNC_" for="node" attr.name="gene symbol (HGNC)" attr.type="string"/>' in text
    assert '<data key="interaction">codependency</data>' in text
    assert "NaN" not in text
    assert "<default>" not in text


def test_graphml__values_a_user_adds(tmp_path):
    graph = network()
    values = [np.float32(0.5), np.int64(3), np.bool_(True), None, math.nan, pd.NA, pd.Timestamp("2024-01-05"), [1, "a"]]
    for node, value in zip(graph, values, strict=False):
        graph.nodes[node]["mixed"] = value
        graph.nodes[node]["module"] = np.int32(7)
        graph.nodes[node]["mi"] = np.float64(0.25)
        graph.nodes[node]["big"] = 2**60
    again = nx.read_graphml(write_graphml(graph, tmp_path / "network.graphml"))
    mixed = [again.nodes[node].get("mixed") for node in GENES[:8]]
    assert mixed == ["0.5", "3", "true", None, None, None, "2024-01-05T00:00:00", '[1, "a"]']
    assert again.nodes["id"]["module"] == 7
    assert again.nodes["id"]["big"] == str(2**60)
    # Nodes and edges have an attribute of this name.
    assert again.nodes["id"]["mi"] == 0.25
    assert again.edges["id", "NA"]["mi"] == 1.0


def test_graphml__characters_that_xml_does_not_allow(tmp_path):
    graph = nx.Graph([("A", "B", {"note": "bell \a, null \0, half \ud800, &#1;"})], name="x\0")
    again = nx.read_graphml(write_graphml(graph, tmp_path / "network.graphml"))
    assert again.edges["A", "B"]["note"] == r"bell \x07, null \x00, half \ud800, &#1;"
    graph.add_edge("A", "B\x01")
    message = r"gene 'B\\x01' cannot be written to bad.graphml: .* character U\+0001; rename the gene in the input"
    with pytest.raises(InputError, match=message):
        write_graphml(graph, tmp_path / "bad.graphml")
    assert not (tmp_path / "bad.graphml").exists()


@pytest.mark.parametrize("directed", [False, True])
def test_cyjs__networkx_reads_back_every_value_and_type(tmp_path, directed):
    graph = network(directed=directed)
    again = nx.cytoscape_graph(json.loads(write_cyjs(graph, tmp_path / "network.cyjs").read_text(encoding="utf-8")))
    assert again.is_directed() is directed
    assert again.name == "my net"
    assert list(again) == GENES
    for node, data in graph.nodes(data=True):
        assert same(again.nodes[node], {"name": node, "id": node, "value": node, **data})
    assert set(again.edges) == set(graph.edges)
    for (source, target), data in graph.edges.items():
        ends = {"source": source, "target": target}
        assert same(again.edges[source, target], {**data, **ends, "id": f"{source} ({data['interaction']}) {target}"})


def test_cyjs__what_cytoscape_wants(tmp_path):
    text = write_cyjs(network(directed=True), tmp_path / "network.cyjs").read_text(encoding="utf-8")
    elements = json.loads(text, parse_constant=pytest.fail)["elements"]
    ids = [element["data"]["id"] for kind in ("nodes", "edges") for element in elements[kind]]
    assert all(isinstance(own, str) for own in ids)
    assert len(set(ids)) == len(ids)
    assert "null" not in text.replace('"null"', "").replace("(regulation) null", "")
    assert "NaN" not in text
    assert elements["nodes"][0]["data"]["log_mean"] == -math.inf


def test_cyjs__edge_id_is_never_a_gene(tmp_path):
    graph = nx.Graph([("A", "B", {"interaction": "pp"}), ("A", "A (pp) B", {"interaction": "pp"})])
    elements = json.loads(write_cyjs(graph, tmp_path / "x.cyjs").read_text())["elements"]
    ids = [element["data"]["id"] for kind in ("nodes", "edges") for element in elements[kind]]
    assert len(set(ids)) == len(ids) == 5
