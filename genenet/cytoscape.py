"""Send a network to a running Cytoscape, through its REST interface (CyREST).

Python's own HTTP client does it: py4cytoscape asks a relay on the internet when there is no Cytoscape on this machine,
begins a folder `logs` in the working directory, and on any port but 1234 needs a further Cytoscape app.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import networkx as nx

from genenet.errors import InputError, shorten
from genenet.files.run_folder import check_run
from genenet.writers.cx2 import write_cx2
from genenet.writers.graphml import write_graphml
from genenet.writers.node_positions import layout
from genenet.writers.style import style_name, write_vizmap
from genenet.writers.view import cut_view

URL = "http://127.0.0.1:1234/v1"

CX2_SINCE = (3, 10)
"""First version of Cytoscape that reads CX2; older ones get GraphML and the style as a file of its own."""

TIMEOUT = 600.0
"""Seconds to wait for one command; a large network takes minutes to load."""

DIFFERENCES = "differential.graphml"
"""The graph in the folder of a comparison of groups."""

MAX_OBJECTS = 200_000
"""Nodes and edges up to which a layout is asked for; beyond, Cytoscape would compute for a long time."""


def send_to_cytoscape(
    graph: "nx.Graph[str]", *, url: str = URL, view_genes: tuple[str, ...] = (), view_nodes: int | None = None
) -> dict[str, Any]:
    """Open a network in the Cytoscape that runs on this machine, with style and layout.

    Parameters
    ----------
    graph
        A graph of `genenet.steps.network.build_network`, of `genenet.differential.graph.differential_graph`, or of
        `read_network`.
    url
        Address of CyREST.
    view_genes, view_nodes
        Send only the neighbourhood of these genes, or the strongest part of this many; see
        `genenet.writers.view.cut_view`. Everything is sent if neither is given.

    Returns
    -------
    `cytoscape` (its version), `name`, `nodes` and `edges` of what was sent.

    Raises
    ------
    InputError
        If Cytoscape does not answer or refuses the network.
    """
    if view_genes or view_nodes is not None:
        graph = cut_view(graph, genes=view_genes, max_nodes=view_nodes or 200)
    version = _version(url)
    places = layout(graph)
    with tempfile.TemporaryDirectory() as folder:
        if version >= CX2_SINCE:
            network = write_cx2(graph, Path(folder, "network.cx2"), positions=places)
            _run(url, "network", "load file", file=str(network))
        else:
            network = write_graphml(graph, Path(folder, "network.graphml"))
            _run(url, "network", "load file", file=str(network))
            _run(url, "vizmap", "load file", file=str(write_vizmap(graph, Path(folder, "style.xml"))))
            _run(url, "vizmap", "apply", styles=style_name(graph))
    n_objects = graph.number_of_nodes() + graph.number_of_edges()
    if n_objects <= MAX_OBJECTS and (version < CX2_SINCE or not places):
        _run(url, "layout", "force-directed")
    return {
        "cytoscape": ".".join(map(str, version)),
        "name": str(graph.graph.get("name", "network")),
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
    }


def read_network(path: str | os.PathLike[str]) -> "nx.Graph[str]":
    """Read a network that genenet has written: the folder of a run or of a comparison of groups, or a file of one.

    Files are network.graphml, differential.graphml and network.cyjs.

    Raises
    ------
    InputError
        If it is none of these.
    """
    path = Path(path)
    if path.is_dir():
        differences = path / DIFFERENCES
        if not differences.is_file():
            check_run(path, ["network.graphml"])
        path = differences if differences.is_file() else path / "network.graphml"
    if not path.is_file():
        raise InputError(
            f"{path} does not exist; give the folder of a run or of genenet differential, or its .graphml or .cyjs file"
        )
    readers: dict[str, Callable[[Path], nx.Graph[str]]] = {".graphml": nx.read_graphml, ".cyjs": _read_cyjs}
    if path.suffix not in readers:
        raise InputError(
            f"{path} is not read here; give the folder of a run or of genenet differential, a .graphml or a .cyjs file,"
            " or open it in Cytoscape"
            " with File > Import > Network from File"
        )
    try:
        graph: nx.Graph[str] = readers[path.suffix](path)
    except Exception as error:  # libraries raise anything at a damaged file
        reason = shorten(str(error), 200, quoted=False) if str(error) else type(error).__name__
        raise InputError(f"{path} is not a network that genenet has written, or is damaged ({reason})") from None
    for name in ("node_default", "edge_default"):
        graph.graph.pop(name, None)
    for _, data in graph.nodes(data=True):
        data.pop("name", None)
    return graph


def _read_cyjs(path: Path) -> "nx.Graph[str]":
    content = json.loads(path.read_text(encoding="utf-8"))
    graph: nx.Graph[str] = nx.cytoscape_graph({**content, "data": list(content.get("data", {}).items())})
    for _, data in graph.nodes(data=True):
        for name in ("id", "value"):
            data.pop(name, None)
    for _, _, data in graph.edges(data=True):
        for name in ("id", "source", "target"):
            data.pop(name, None)
    return graph


def _version(url: str) -> tuple[int, ...]:
    try:
        answer = _request(f"{url}/version", timeout=10)
    except (OSError, ValueError):
        raise InputError(
            f"no Cytoscape answers at {url}; start Cytoscape on this machine and try again, or open the .cx2 or"
            " .graphml file there with File > Import > Network from File"
        ) from None
    numbers = str(answer.get("cytoscapeVersion", "")).split("-")[0].split(".")
    return tuple(int(number) for number in numbers if number.isdigit())


def _run(url: str, namespace: str, command: str, **arguments: str) -> None:
    try:
        _request(f"{url}/commands/{namespace}/{quote(command)}", arguments)
    except HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        raise InputError(f"Cytoscape at {url} refused {namespace} {command}: {_reason(text) or error.reason}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"Cytoscape at {url} broke off at {namespace} {command}: {error}; try again") from None


def _reason(text: str) -> str:
    try:
        return "; ".join(str(error.get("message", error)) for error in json.loads(text)["errors"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return text.strip()[:200]


def _request(url: str, content: dict[str, str] | None = None, timeout: float = TIMEOUT) -> dict[str, Any]:
    """Send a request to CyREST, without the proxies of the environment, as the server is on this machine."""
    body = None if content is None else json.dumps(content).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    with build_opener(ProxyHandler({})).open(Request(url, data=body, headers=headers), timeout=timeout) as answer:
        read: dict[str, Any] = json.loads(answer.read() or b"{}")
    return read
