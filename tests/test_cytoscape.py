"""Sending to Cytoscape: a server that answers as CyREST does, and records what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import networkx as nx
import pytest

from genenet.cytoscape import read_network, send_to_cytoscape
from genenet.errors import InputError
from genenet.writers.cyjs import write_cyjs
from genenet.writers.graphml import write_graphml
from tests.example_network import network


def differences() -> nx.Graph:
    """Three edges as in the graph of a comparison of groups; the last is one of a network only."""
    graph: nx.Graph = nx.Graph(name="tissue", group_by="tissue", groups="normal, tumour")
    graph.add_nodes_from("ABCD", degree=1)
    graph.add_edge("A", "B", interaction="differs", change="flipped", deviance=20.0)
    graph.add_edge("B", "C", interaction="differs", change="lost", deviance=80.0)
    graph.add_edge("C", "D", interaction="network", change="none", mi_normal=0.5)
    return graph


class CyRest(ThreadingHTTPServer):
    """Answers every request, and keeps the files that it was asked to load."""

    def __init__(self, version: str, refuse: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.version, self.refuse = version, refuse
        self.commands: list[str] = []
        self.files: dict[str, str] = {}
        self.arguments: dict[str, dict[str, str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: CyRest

    def do_GET(self) -> None:
        self._answer({"apiVersion": "v1", "cytoscapeVersion": self.server.version})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        command = unquote(self.path).removeprefix("/v1/commands/")
        self.server.commands.append(command)
        self.server.arguments[command] = body
        if isinstance(body, dict) and "file" in body:
            file = Path(body["file"])
            self.server.files[file.name] = file.read_text(encoding="utf-8")
        if self.server.refuse and command == self.server.refuse:
            self._answer({"data": {}, "errors": [{"message": "cannot"}]}, status=500)
        else:
            self._answer({"data": {}, "errors": []})

    def _answer(self, content: dict, status: int = 200) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve():
    servers = []

    def start(version: str, refuse: str = "") -> CyRest:
        server = CyRest(version, refuse)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_send_to_cytoscape__cx2_with_positions(serve, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = serve("3.10.3")
    graph = network(directed=True)
    sent = send_to_cytoscape(graph, url=server.url)
    assert sent == {
        "cytoscape": "3.10.3",
        "name": "my net",
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
    }
    assert server.commands == ["network/load file"]
    aspects = json.loads(server.files["network.cx2"])
    assert [len(aspect["edges"]) for aspect in aspects if "edges" in aspect] == [graph.number_of_edges()]
    assert list(tmp_path.iterdir()) == []


def test_send_to_cytoscape__older_versions_get_graphml_and_the_style(serve):
    server = serve("3.9.1")
    send_to_cytoscape(network(), url=server.url)
    assert server.commands == ["network/load file", "vizmap/load file", "vizmap/apply", "layout/force-directed"]
    assert set(server.files) == {"network.graphml", "style.xml"}


@pytest.mark.parametrize(("version", "file"), [("3.10.0", "network.cx2"), ("3.9.1", "style.xml")])
def test_send_to_cytoscape__modules_and_their_colours(serve, version, file):
    graph = network()
    for number, (_, data) in enumerate(graph.nodes(data=True)):
        data["module"] = 1 + number % 2
    server = serve(version)
    send_to_cytoscape(graph, url=server.url)
    if file == "style.xml":
        assert '<discreteMapping attributeType="long" attributeName="module">' in server.files[file]
        return
    aspects = {name: part for aspect in json.loads(server.files[file]) for name, part in aspect.items()}
    mapping = aspects["visualProperties"][0]["nodeMapping"]["NODE_BACKGROUND_COLOR"]
    assert mapping["definition"]["attribute"] == "module"
    assert {entry["v"] for entry in mapping["definition"]["map"]} >= {1, 2}
    assert {node["v"]["module"] for node in aspects["nodes"]} == {1, 2}


@pytest.mark.parametrize(("version", "file"), [("3.10.0", "network.cx2"), ("3.9.1", "style.xml")])
def test_send_to_cytoscape__differences_are_coloured_by_their_change(serve, tmp_path, run_cli, version, file):
    server = serve(version)
    write_graphml(differences(), tmp_path / "differential.graphml")
    status, out, err = run_cli("cytoscape", tmp_path, "--url", server.url)
    assert (status, out, err) == (0, f"Cytoscape {version} shows tissue: 4 nodes, 3 edges\n", "")
    if file == "style.xml":
        style = server.files[file]
        assert '<visualStyle name="genenet change">' in style
        assert server.arguments["vizmap/apply"] == {"styles": "genenet change"}
        assert '<discreteMapping attributeType="string" attributeName="change">' in style
        assert '<discreteMappingEntry value="#762A83" attributeValue="flipped"/>' in style
        assert '<continuousMapping attributeType="float" attributeName="deviance">' in style
        return
    aspects = {name: part for aspect in json.loads(server.files[file]) for name, part in aspect.items()}
    mapping = aspects["visualProperties"][0]["edgeMapping"]
    assert mapping["EDGE_LINE_COLOR"]["definition"]["attribute"] == "change"
    assert mapping["EDGE_WIDTH"]["definition"]["attribute"] == "deviance"
    assert [edge["v"]["change"] for edge in aspects["edges"]] == ["flipped", "lost", "none"]


def test_send_to_cytoscape__part_of_the_differences_by_deviance(serve):
    server = serve("3.10.0")
    send_to_cytoscape(differences(), url=server.url, view_nodes=2)
    aspects = {name: part for aspect in json.loads(server.files["network.cx2"]) for name, part in aspect.items()}
    assert [node["v"]["name"] for node in aspects["nodes"]] == ["B", "C"]


def test_send_to_cytoscape__a_part(serve):
    server = serve("3.10.0")
    assert send_to_cytoscape(network(), url=server.url, view_nodes=5)["nodes"] == 5
    assert send_to_cytoscape(network(), url=server.url, view_genes=("SEPT1",))["nodes"] > 2


def test_send_to_cytoscape__not_running():
    with pytest.raises(InputError, match=r"no Cytoscape answers at http://127.0.0.1:9/v1; start Cytoscape"):
        send_to_cytoscape(network(), url="http://127.0.0.1:9/v1")


def test_send_to_cytoscape__refused(serve):
    server = serve("3.10.0", refuse="network/load file")
    with pytest.raises(InputError, match=r"Cytoscape at .* refused network load file: cannot"):
        send_to_cytoscape(network(), url=server.url)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("suffix", ["graphml", "cyjs"])
def test_read_network__gives_back_what_was_written(tmp_path, directed, suffix):
    graph = network(directed=directed)
    path = (write_graphml if suffix == "graphml" else write_cyjs)(graph, tmp_path / f"network.{suffix}")
    found = read_network(path)
    assert found.is_directed() == directed
    assert list(found.nodes) == list(graph.nodes)
    assert {frozenset(edge) for edge in found.edges} == {frozenset(edge) for edge in graph.edges}
    for one, other in ((found.nodes[node], graph.nodes[node]) for node in graph):
        assert one.get("degree") == other["degree"]
        assert "value" not in one
    assert [data["mi"] for *_, data in found.edges(data=True)] == [data["mi"] for *_, data in graph.edges(data=True)]
    assert found.graph["name"] == graph.graph["name"]


def test_command__sends_a_folder_or_a_file(serve, tmp_path, run_cli):
    server = serve("3.10.3")
    graph = network()
    path = write_graphml(graph, tmp_path / "network.graphml")
    said = f"Cytoscape 3.10.3 shows my net: {graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges\n"
    for given in (tmp_path, path):
        assert run_cli("cytoscape", given, "--url", server.url) == (0, said, "")
    status, out, _ = run_cli("cytoscape", path, "--url", server.url, "--view-nodes", 4)
    assert (status, out.split(": ")[1][:8]) == (0, "4 nodes,")


def test_command__messages(tmp_path, run_cli):
    (tmp_path / "a.cx2").write_text("[]")
    (tmp_path / "bad.graphml").write_text("<graphml")
    (tmp_path / "bad.cyjs").write_text("{}")
    (tmp_path / "groups").mkdir()
    (tmp_path / "groups" / "groups.tsv").touch()
    path = write_graphml(network(), tmp_path / "network.graphml")
    for given, words in {
        path: "no Cytoscape answers at http://127.0.0.1:9/v1; start Cytoscape on this machine",
        tmp_path / "none": "does not exist; give the folder of a run or of genenet differential, or its",
        tmp_path / "a.cx2": "is not read here; give the folder of a run or of genenet differential, a",
        tmp_path / "bad.graphml": "is not a network that genenet has written, or is damaged (unclosed token",
        tmp_path / "bad.cyjs": "is not a network that genenet has written, or is damaged (",
        tmp_path / "groups": "groups has a network for each group of samples; name the folder of one\n",
    }.items():
        status, out, err = run_cli("cytoscape", given, "--url", "http://127.0.0.1:9/v1")
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert words in err
