"""Cytoscape.js JSON (.cyjs), as Cytoscape, cytoscape.js and networkx read it.

Ids are strings (Cytoscape takes all numeric ids for one), and those of edges differ from those of nodes, as
cytoscape.js requires. The key of a missing value is left out: Cytoscape would read null as the text "null" or as 0. An
infinite number is written as 1e999, which is valid JSON and is read as infinity. Everything is ASCII with escapes, so
that no reader can mistake the encoding. Cytoscape itself takes every edge of this format as directed; GraphML keeps
edges undirected.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import networkx as nx

from genenet.files.atomic import atomic
from genenet.writers.content import (
    Kind,
    attribute_kinds,
    edge_kinds,
    json_attribute,
    json_text,
    node_kinds,
    row_texts,
    typed_row,
)
from genenet.writers.node_positions import Position
from genenet.writers.style import cyjs_style, ranges


def write_cyjs(
    graph: "nx.Graph[str]", path: str | os.PathLike[str], *, positions: Mapping[str, Position] | None = None
) -> Path:
    """Write a graph as Cytoscape.js JSON with style and layout, one element a line.

    Parameters
    ----------
    graph
        Directed or not; attribute values of any type.
    path
        The file to write.
    positions
        x and y (downwards) of each node, as of `genenet.writers.node_positions.layout`.

    Returns
    -------
    The path.
    """
    path = Path(path)
    head = {
        "format_version": "1.0",
        "generated_by": "genenet",
        "target_cytoscapejs_version": "~2.1",
        "directed": graph.is_directed(),
        "multigraph": False,
        "data": {"name": "network"} | typed_row(graph.graph, attribute_kinds([graph.graph])),
        "style": cyjs_style(ranges(graph)),
        "layout": {"name": "preset" if positions else "cose"},
    }
    with atomic(path) as partial, partial.open("w", encoding="ascii", newline="\n") as file:
        file.write(json_text(head)[:-1] + ', "elements": {"nodes": [\n')
        _write_list(file, map(json_text, _nodes(graph, positions or {})))
        file.write('], "edges": [\n')
        _write_list(file, _edges(graph))
        file.write("]}}\n")
    return path


def _write_list(file: IO[str], elements: Iterable[str]) -> None:
    between = ""
    for element in elements:
        file.write(between + element)
        between = ",\n"
    file.write("\n" if between else "")


def _nodes(graph: "nx.Graph[str]", positions: Mapping[str, Position]) -> Iterator[dict[str, Any]]:
    kinds = node_kinds(graph)
    for node, data in graph.nodes(data=True):
        # networkx takes the node from "value".
        own = {"name": str(node)} | typed_row(data, kinds) | {"id": str(node), "value": str(node)}
        place = {"position": dict(zip("xy", positions[node], strict=True))} if node in positions else {}
        yield {"data": own, **place}


def _edges(graph: "nx.Graph[str]") -> Iterator[str]:
    kinds = edge_kinds(graph)
    own = {name: kind for name, kind in kinds.items() if name not in ("id", "source", "target")}
    shown = {node: json_text(str(node)) for node in graph}
    rows = [data for *_, data in graph.edges(data=True)]
    if own != kinds:
        rows = [{name: row[name] for name in row if name in own} for row in rows]
    texts = row_texts(rows, own, json_attribute)
    for (source, target), name, data in zip(graph.edges, _edge_names(graph, rows, kinds), texts, strict=True):
        yield f'{{"data": {{{data}"id": {json_text(name)}, "source": {shown[source]}, "target": {shown[target]}}}}}'


def _edge_names(graph: "nx.Graph[str]", rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Yield a name of each edge that no node has."""
    for (source, target), row in zip(graph.edges, rows, strict=True):
        interaction = row.get("interaction")
        if type(interaction) is not str and "interaction" in row:
            interaction = typed_row({"interaction": interaction}, kinds).get("interaction")
        name = f"{source} ({'-' if interaction is None else interaction}) {target}"
        while name in graph:
            name += " "
        yield name
