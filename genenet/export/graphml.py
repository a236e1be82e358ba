r"""GraphML, as Cytoscape, networkx, igraph, Gephi and cytoscape.js read it.

Key ids are the attributes' names, because some readers show the id as the column; characters that an XML name token
does not allow become `_` in the id, never in `attr.name`. When nodes and edges have an attribute of the same name, the
edges' key id gets the prefix `edge_`. The graph's id is the network's name. Each node has its gene as `id` and as the
attribute `name`.

XML cannot hold most control characters: in text values these are written as `\x01` or `\ud800`; in a gene's name they
are an error.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import networkx as nx

from genenet.errors import InputError
from genenet.export.content import Kind, as_text, attribute_kinds, typed_row
from genenet.io import atomic

XML_TYPES: Mapping[Kind, str] = {"boolean": "boolean", "integer": "long", "number": "double", "text": "string"}

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_TOKEN = re.compile(r"[^\w.:-]")
_AS_REFERENCE = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;", '"': "&quot;"}


def write_graphml(graph: "nx.Graph[str]", path: str | os.PathLike[str]) -> Path:
    """Write a graph as GraphML.

    Parameters
    ----------
    graph
        Directed or not; attribute values of any type. `graph.graph["name"]` becomes the id of the graph.
    path
        The file to write.

    Returns
    -------
    The path.

    Raises
    ------
    InputError
        If the name of a node has a character that XML cannot hold.
    """
    path = Path(path)
    _check_names(graph, path)
    node_kinds = attribute_kinds(data for _, data in graph.nodes(data=True))
    edge_kinds = attribute_kinds(data for _, _, data in graph.edges(data=True))
    node_keys = _keys({"name": "text", **node_kinds}, "node", taken=())
    edge_keys = _keys(edge_kinds, "edge", taken=node_keys.values())
    graph_keys = _keys(attribute_kinds([graph.graph]), "graph", taken=[*node_keys.values(), *edge_keys.values()])
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_HEAD)
        _write_keys(file, {"name": "text", **node_kinds}, node_keys, "node")
        _write_keys(file, edge_kinds, edge_keys, "edge")
        _write_keys(file, attribute_kinds([graph.graph]), graph_keys, "graph")
        default = "directed" if graph.is_directed() else "undirected"
        name = str(graph.graph.get("name", "network"))
        file.write(f'<graph id="{_attribute(name)}" edgedefault="{default}">\n')
        file.write("".join(_data(graph.graph, attribute_kinds([graph.graph]), graph_keys)) + "\n")
        file.writelines(_nodes(graph, node_kinds, node_keys))
        file.writelines(_edges(graph, edge_kinds, edge_keys))
        file.write("</graph>\n</graphml>\n")
    return path


def _check_names(graph: "nx.Graph[str]", path: Path) -> None:
    for node in graph.nodes:
        if found := _NOT_XML.search(str(node)):
            raise InputError(
                f"gene {str(node)!r} cannot be written to {path.name}: XML does not allow the character"
                f" U+{ord(found[0]):04X}; rename the gene in the input"
            )


def _keys(kinds: Iterable[str], prefix: str, *, taken: Iterable[str]) -> dict[str, str]:
    """Key id of each attribute: its name as far as XML allows, unique in the document."""
    used = set(taken)
    keys = {}
    for name in kinds:
        key = _NOT_TOKEN.sub("_", name) or "_"
        while key in used:
            key = f"{prefix}_{key}"
        used.add(key)
        keys[name] = key
    return keys


def _write_keys(file: IO[str], kinds: Mapping[str, Kind], keys: Mapping[str, str], domain: str) -> None:
    for name, kind in kinds.items():
        shown = _attribute(name)
        file.write(f'<key id="{keys[name]}" for="{domain}" attr.name="{shown}" attr.type="{XML_TYPES[kind]}"/>\n')


def _nodes(graph: "nx.Graph[str]", kinds: Mapping[str, Kind], keys: Mapping[str, str]) -> Iterator[str]:
    for node, data in graph.nodes(data=True):
        named = data if "name" in data else {"name": str(node), **data}
        yield f'<node id="{_attribute(str(node))}">{"".join(_data(named, {"name": "text", **kinds}, keys))}</node>\n'


def _edges(graph: "nx.Graph[str]", kinds: Mapping[str, Kind], keys: Mapping[str, str]) -> Iterator[str]:
    shown = {node: _attribute(str(node)) for node in graph.nodes}
    for source, target, data in graph.edges(data=True):
        content = "".join(_data(data, kinds, keys))
        yield f'<edge source="{shown[source]}" target="{shown[target]}">{content}</edge>\n'


def _data(row: Mapping[str, Any], kinds: Mapping[str, Kind], keys: Mapping[str, str]) -> Iterator[str]:
    for name, value in typed_row(row, kinds).items():
        text = _text(value) if kinds[name] == "text" else as_text(value)
        yield f'<data key="{keys[name]}">{text}</data>'


def _visible(text: str) -> str:
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _text(text: str) -> str:
    # A bare carriage return would come back as a line feed.
    return escape(_visible(text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    # Tabs and line feeds would come back as spaces.
    return escape(_visible(text), _AS_REFERENCE)
