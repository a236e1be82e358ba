"""CX2, the view, the style and positions: read by ndex2, by cytoscape.js in Node, and by an XML parser."""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pytest

from genenet.errors import InputError
from genenet.steps.export import export_network
from genenet.writers.cx2 import write_cx2
from genenet.writers.cyjs import write_cyjs
from genenet.writers.node_positions import MAX_NODES, layout
from genenet.writers.style import cx2_style, ranges, write_vizmap
from genenet.writers.view import cut_view
from tests.example_network import GENES, content, network

SCRIPT = Path(__file__).parent / "export_js" / "load.js"


def in_cytoscape_js(path: Path) -> dict:
    """Load a file in cytoscape.js, without a browser, and return what it holds then."""
    node = shutil.which("node")
    folder = Path(os.environ.get("GENENET_TEST_NODE_MODULES", SCRIPT.parent / "node_modules"))
    if node is None or not (folder / "cytoscape").is_dir():
        pytest.skip("needs Node.js and cytoscape.js (npm install in tests/writers/export_js)")
    environment = {**os.environ, "NODE_PATH": str(folder)}
    command = [node, str(SCRIPT), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def read_cx2(path: Path):
    cx2 = pytest.importorskip("ndex2.cx2")
    read = cx2.CX2Network()
    read.create_from_raw_cx2(str(path))
    return read


def finite(data: dict) -> dict:
    """JSON from Node has no infinity: the script writes it as text."""
    infinite = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return {name: infinite.get(value, value) if isinstance(value, float) else value for name, value in data.items()}


@pytest.mark.parametrize("directed", [False, True])
def test_cx2__ndex2_reads_back_every_value_and_type(tmp_path, directed):
    graph = network(directed=directed)
    places = layout(graph)
    read = read_cx2(write_cx2(graph, tmp_path / "network.cx2", positions=places))
    assert read.get_name() == "my net"
    nodes, edges = read.get_nodes(), read.get_edges()
    assert [node["v"]["name"] for node in nodes.values()] == GENES
    for node in nodes.values():
        expected = {"name": node["v"]["name"], **graph.nodes[node["v"]["name"]]}
        assert node["v"] == expected
        assert {key: type(value) for key, value in node["v"].items()} == {k: type(v) for k, v in expected.items()}
        assert (node["x"], node["y"]) == places[node["v"]["name"]]
    found = {(GENES[edge["s"]], GENES[edge["t"]]): edge["v"] for edge in edges.values()}
    assert found == dict(graph.edges.items())
    assert {"mi", "sign", "interaction"} <= set(read.get_attribute_declarations()["edges"])


def test_cx2__ndex2_writes_it_again(tmp_path):
    graph = network(directed=True)
    read = read_cx2(write_cx2(graph, tmp_path / "network.cx2"))
    (tmp_path / "again.cx2").write_text(json.dumps(read.to_cx2()))
    again = read_cx2(tmp_path / "again.cx2")
    assert again.get_nodes() == read.get_nodes()
    assert again.get_edges() == read.get_edges()
    assert again.get_visual_properties() == cx2_style(ranges(graph))


def test_cx2__structure_of_the_specification(tmp_path):
    aspects = json.loads(write_cx2(network(), tmp_path / "network.cx2").read_text(encoding="ascii"))
    assert aspects[0] == {"CXVersion": "2.0", "hasFragments": False}
    assert aspects[-1] == {"status": [{"error": "", "success": True}]}
    counts = {entry["name"]: entry["elementCount"] for entry in aspects[1]["metaData"]}
    parts = {name: elements for aspect in aspects[2:-1] for name, elements in aspect.items()}
    assert counts == {name: len(elements) for name, elements in parts.items()}
    declared = parts["attributeDeclarations"][0]
    assert declared["nodes"]["regulator"] == {"d": "boolean"}
    assert declared["nodes"]["degree"] == {"d": "long"}
    assert declared["edges"]["mi"] == {"d": "double"}


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("write", [write_cx2, write_cyjs])
def test_cytoscape_js__holds_every_element_and_attribute(tmp_path, write, directed):
    graph = network(directed=directed)
    places = layout(graph)
    held = in_cytoscape_js(write(graph, tmp_path / f"x.{write.__name__[6:]}", positions=places))
    assert len(held["nodes"]) == graph.number_of_nodes()
    assert len(held["edges"]) == graph.number_of_edges()
    for node in held["nodes"]:
        data = node["data"]
        name = data["name"]
        assert (node["position"]["x"], node["position"]["y"]) == places[name]
        assert {key: data[key] for key in data if key not in ("id", "value", "name")} == finite(graph.nodes[name])
    for edge in held["edges"]:
        data = {key: value for key, value in edge["data"].items() if key not in ("id", "source", "target")}
        assert data == finite(graph.edges[tuple(edge["ends"])])


def test_style__maps_width_color_size_shape_and_label():
    graph = network(directed=True)
    style = cx2_style(ranges(graph))
    width = style["edgeMapping"]["EDGE_WIDTH"]["definition"]
    assert width["attribute"] == "mi"
    mi = [value for *_, value in graph.edges(data="mi")]
    assert (width["map"][1]["min"], width["map"][1]["max"]) == (min(mi), max(mi))
    assert style["edgeMapping"]["EDGE_LINE_COLOR"]["definition"]["attribute"] == "sign"
    assert style["nodeMapping"]["NODE_WIDTH"]["definition"]["attribute"] == "degree"
    assert style["nodeMapping"]["NODE_SHAPE"]["definition"]["attribute"] == "regulator"
    assert style["nodeMapping"]["NODE_LABEL"]["definition"] == {"attribute": "name", "type": "string"}
    assert style["default"]["edge"]["EDGE_TARGET_ARROW_SHAPE"] == "triangle"
    assert cx2_style(ranges(network()))["default"]["edge"]["EDGE_TARGET_ARROW_SHAPE"] == "none"


def test_style__equal_values_are_not_mapped():
    graph = nx.Graph([("A", "B", {"mi": 0.5})])
    assert "EDGE_WIDTH" not in cx2_style(ranges(graph))["edgeMapping"]
    assert "NODE_WIDTH" not in cx2_style(ranges(nx.Graph()))["nodeMapping"]


def test_cyjs__has_the_style_and_the_layout(tmp_path):
    graph = network(directed=True)
    written = json.loads(write_cyjs(graph, tmp_path / "network.cyjs", positions=layout(graph)).read_text())
    style = {part["selector"]: part["css"] for part in written["style"]}
    degrees = [data["degree"] for _, data in graph.nodes(data=True)]
    assert style["node"]["width"] == f"mapData(degree, {min(degrees)}.0, {max(degrees)}.0, 25.0, 70.0)"
    assert style["edge"]["target-arrow-shape"] == "triangle"
    assert style["edge[sign = 1]"]["line-color"] == "#B2182B"
    assert (
        style["node[module = 1]"]["background-color"]
        == cx2_style(ranges(graph))["nodeMapping"]["NODE_BACKGROUND_COLOR"]["definition"]["map"][0]["vp"]
    )
    assert written["layout"] == {"name": "preset"}
    assert json.loads(write_cyjs(graph, tmp_path / "plain.cyjs").read_text())["layout"] == {"name": "cose"}


def test_vizmap__is_xml_with_the_same_mappings(tmp_path):
    root = ElementTree.parse(write_vizmap(network(directed=True), tmp_path / "style.xml")).getroot()
    assert root.find("visualStyle").get("name") == "genenet"
    mapped = {element.get("name"): element[0] for element in root.iter("visualProperty") if len(element)}
    assert mapped["EDGE_WIDTH"].get("attributeName") == "mi"
    assert [point.get("equalValue") for point in mapped["EDGE_WIDTH"]] == ["0.8", "4.0"]
    assert mapped["NODE_LABEL"].tag == "passthroughMapping"
    assert mapped["NODE_SHAPE"].get("attributeName") == "regulator"
    assert {entry.get("attributeValue") for entry in mapped["EDGE_STROKE_UNSELECTED_PAINT"]} == {"1", "-1", "0"}


def test_layout__every_node_has_its_own_place():
    graph = nx.disjoint_union_all([nx.star_graph(20), nx.path_graph(9), nx.complete_graph(2), nx.empty_graph(3)])
    places = layout(graph)
    assert list(places) == list(graph)
    points = np.array(list(places.values()))
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert distance[np.triu_indices(len(points), 1)].min() > 5
    assert (points >= 0).all()


def test_layout__neighbours_are_nearer_than_others():
    graph = nx.path_graph(30)
    points = np.array(list(layout(graph).values()))
    neighbours = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert neighbours.max() < np.linalg.norm(points[0] - points[-1])


def test_layout__does_not_depend_on_direction_or_repetition():
    graph = nx.gnp_random_graph(40, 0.1, seed=1)
    assert layout(graph) == layout(graph.to_directed()) == layout(graph.copy())


def test_layout__large_networks_have_none():
    assert layout(nx.empty_graph(MAX_NODES + 1)) == {}
    assert layout(nx.Graph()) == {}


def weighted(**kwargs) -> nx.Graph:
    graph = nx.gnp_random_graph(60, 0.2, seed=2, **kwargs)
    for rank, (source, target) in enumerate(graph.edges):
        graph.edges[source, target]["mi"] = 1 / (1 + rank * 7 % 101)
    return nx.relabel_nodes(graph, {node: f"G{node}" for node in graph})


def test_view__strongest_edges_by_hand():
    graph = nx.Graph([("A", "B", {"mi": 5}), ("C", "D", {"mi": 4}), ("B", "C", {"mi": 3}), ("D", "E", {"mi": 2})])
    assert set(cut_view(graph, max_nodes=4).edges) == {("A", "B"), ("B", "C"), ("C", "D")}
    assert set(cut_view(graph, max_nodes=3).edges) == {("A", "B")}
    assert cut_view(graph, max_nodes=4, max_objects=6).number_of_edges() == 2


@pytest.mark.parametrize("directed", [False, True])
def test_view__limits_hold(directed):
    graph = weighted(directed=directed)
    view = cut_view(graph, max_nodes=20, max_objects=60)
    assert type(view) is type(graph)
    assert view.number_of_nodes() <= 20
    assert view.number_of_nodes() + view.number_of_edges() <= 60
    assert all(view.edges[edge] == graph.edges[edge] for edge in view.edges)


def test_view__neighbourhood_takes_near_before_far_and_strong_before_weak():
    edges = [("A", "B", 1), ("A", "C", 3), ("A", "D", 2), ("C", "E", 9), ("X", "Y", 99)]
    graph = nx.Graph([(a, b, {"mi": mi}) for a, b, mi in edges])
    assert set(cut_view(graph, genes=["A"], max_nodes=3)) == {"A", "C", "D"}
    assert set(cut_view(graph, genes=["A"], max_nodes=5)) == {"A", "B", "C", "D", "E"}
    assert set(cut_view(graph, genes=["A", "nothing"], max_nodes=100)) == {"A", "B", "C", "D", "E"}


def test_view__unknown_genes():
    graph = nx.Graph([("TP53", "MDM2", {"mi": 1})])
    message = r"none of the genes to show has an edge in the network: TP54; did you mean TP53\?"
    with pytest.raises(InputError, match=message):
        cut_view(graph, genes=["TP54"])


def test_view__files(tmp_path):
    given = content(directed=True)
    export_network(given.graph, given.edges, given.expression, tmp_path, ["view"], view_genes=["NA"], view_nodes=2)
    elements = json.loads((tmp_path / "view.cyjs").read_text())["elements"]
    assert {node["data"]["id"] for node in elements["nodes"]} == {"SEPT1", "NA"}  # the largest score
    assert all("position" in node for node in elements["nodes"])
    assert len(read_cx2(tmp_path / "view.cx2").get_edges()) == len(elements["edges"]) == 1
