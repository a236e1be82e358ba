"""Upload to NDEx: a server that answers as NDEx does, and keeps what it was sent."""

import base64
import json
import sys
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import networkx as nx
import pytest

from genenet.errors import InputError
from genenet.ndex import upload_to_ndex
from genenet.writers.graphml import write_graphml
from tests.example_network import network

pytest.importorskip("ndex2")


class Ndex(ThreadingHTTPServer):
    """Takes networks of one account."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: list[tuple[str, list[dict]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Ndex

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        account = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if account != "me:secret":
            self._answer(401, json.dumps({"message": "Invalid password for user me."}), "application/json")
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        (file,) = message_from_bytes(head + body).get_payload()
        assert file.get_param("name", header="Content-Disposition") == "CXNetworkStream"
        self.server.sent.append((self.path, json.loads(file.get_payload(decode=True))))
        self._answer(201, "", "text/plain")

    def _answer(self, status: int, text: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Location", f"{self.server.url}/v3/networks/0f1e")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NDEX_USERNAME", "me")
    monkeypatch.setenv("NDEX_PASSWORD", "secret")
    server = Ndex()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("public", "visibility"), [(False, "PRIVATE"), (True, "PUBLIC")])
def test_upload_to_ndex__network_with_style(server, public, visibility):
    graph = network(directed=True)
    address = upload_to_ndex(graph, server=server.url, public=public)
    assert address.endswith("/v3/networks/0f1e")
    ((path, content),) = server.sent
    assert path == f"/v3/networks?visibility={visibility}"
    aspects = {name: part for aspect in content for name, part in aspect.items()}
    assert aspects["CXVersion"] == "2.0"
    assert [node["v"]["name"] for node in aspects["nodes"]] == list(graph)
    assert len(aspects["edges"]) == graph.number_of_edges()
    assert aspects["visualProperties"][0]["nodeMapping"]


def test_upload_to_ndex__wrong_password(server, monkeypatch):
    monkeypatch.setenv("NDEX_PASSWORD", "guessed")
    with pytest.raises(InputError) as error:
        upload_to_ndex(network(), server=server.url)
    assert str(error.value).startswith(f"NDEx at {server.url} did not take the network: ")
    assert "Invalid password for user me." in str(error.value)
    assert "guessed" not in str(error.value)
    assert server.sent == []


def test_upload_to_ndex__no_server(server):
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match=rf"^NDEx at {server.url} did not take the network: "):
        upload_to_ndex(network(), server=server.url)


def test_upload_to_ndex__no_account(monkeypatch):
    monkeypatch.delenv("NDEX_USERNAME", raising=False)
    with pytest.raises(InputError) as error:
        upload_to_ndex(network())
    assert str(error.value) == (
        "NDEx needs an account: set the environment variables NDEX_USERNAME and NDEX_PASSWORD (https://www.ndexbio.org)"
    )


def test_upload_to_ndex__package_is_not_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "ndex2.client", None)
    with pytest.raises(InputError) as error:
        upload_to_ndex(network())
    assert str(error.value) == "uploading to NDEx needs the package ndex2: pip install 'genenet-mi[ndex]'"


def test_ndex__command(server, tmp_path, run_cli):
    graph = network()
    write_graphml(graph, tmp_path / "network.graphml")
    status, out, err = run_cli("ndex", tmp_path, "--server", server.url)
    n_nodes, n_edges = graph.number_of_nodes(), graph.number_of_edges()
    assert (status, err) == (0, "")
    assert out == f"{n_nodes} nodes, {n_edges} edges, private: {server.url}/v3/networks/0f1e\n"
    assert len(server.sent) == 1


def test_ndex__command_takes_differences_between_groups(server, tmp_path, run_cli):
    graph: nx.Graph = nx.Graph([("A", "B", {"change": "lost", "deviance": 9.0})], name="tissue")
    write_graphml(graph, tmp_path / "differential.graphml")
    assert run_cli("ndex", tmp_path, "--server", server.url)[0] == 0
    ((_, content),) = server.sent
    aspects = {name: part for aspect in content for name, part in aspect.items()}
    mapping = aspects["visualProperties"][0]["edgeMapping"]["EDGE_LINE_COLOR"]
    assert mapping["definition"]["attribute"] == "change"
