"""Sending to Cytoscape: a server that answers as CyREST does, and records what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from example_network import network

from genenet.cytoscape import send_to_cytoscape
from genenet.errors import InputError


class CyRest(ThreadingHTTPServer):
    """Answers every request, and keeps the files that it was asked to load."""

    def __init__(self, version: str, refuse: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.version, self.refuse = version, refuse
        self.commands: list[str] = []
        self.files: dict[str, str] = {}

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
