"""Cytoscape.js JSON (.cyjs), as Cytoscape, cytoscape.js and networkx read it.

Ids are strings (Cytoscape takes all numeric ids for one), and those of edges differ from those of nodes, as
cytoscape.js requires. The key of a missing value is left out: Cytoscape would read null as the text "null" or as 0. An
infinite number is written as 1e999, which is valid JSON and is read as infinity. Everything is ASCII with escapes, so
that no reader can mistake the encoding. Cytoscape itself takes every edge of this format as directed; GraphML keeps
edges undirected.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx

from genenet.files.atomic import atomic
from genenet.writers.content import (
    Attributes,
    Elements,
    attribute_kinds,
    json_attribute,
    json_text,
    typed_row,
    write_list,
)
from genenet.writers.node_positions import Position
from genenet.writers.row_texts import Texts, content_of, row_texts, texts_of, typed
from genenet.writers.style import cyjs_style, ranges

if TYPE_CHECKING:
    import pyarrow as pa


def write_cyjs(
    graph: "nx.Graph[str]",
    path: str | os.PathLike[str],
    *,
    positions: Mapping[str, Position] | None = None,
    elements: Elements | None = None,
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
    elements
        The graph's elements, if they are written in several formats.

    Returns
    -------
    The path.
    """
    path = Path(path)
    elements = elements or Elements(graph)
    head = {
        "format_version": "1.0",
        "generated_by": "genenet",
        "target_cytoscapejs_version": "~2.1",
        "directed": graph.is_directed(),
        "multigraph": False,
        "data": {"name": "network"} | typed_row(graph.graph, attribute_kinds([graph.graph])),
        "style": cyjs_style(ranges(graph, elements)),
        "layout": {"name": "preset" if positions else "cose"},
    }
    with atomic(path) as partial, partial.open("wb") as file:
        file.write(f'{json_text(head)[:-1]}, "elements": {{"nodes": [\n'.encode("ascii"))
        write_list(file, map(content_of, _nodes(elements, positions or {})), behind="\n")
        file.write(b'], "edges": [\n')
        write_list(file, map(content_of, _edges(elements)), behind="\n")
        file.write(b"]}}\n")
    return path


def _nodes(elements: Elements, positions: Mapping[str, Position]) -> "Iterator[pa.Array]":
    import pyarrow as pa

    nodes = elements.graph.nodes(data=True)
    # networkx takes the node from "value".
    rows = [{"name": str(node)} | data | {"id": str(node), "value": str(node)} for node, data in nodes]
    places = pa.array([_place(positions.get(node)) for node in elements.graph], pa.string())
    behind = ["}", places, "},\n"]
    return row_texts(Attributes(rows), json_attribute, before=['{"data": {'], behind=behind, cut=len(", "))


def _place(position: Position | None) -> str:
    return "" if position is None else f', "position": {json_text(dict(zip("xy", position, strict=True)))}'


def _edges(elements: Elements) -> "Iterator[pa.Array]":
    own = elements.edges
    if taken := {"id", "source", "target"} & own.kinds.keys():
        own = Attributes([{name: row[name] for name in row if name not in taken} for row in own.rows])
    source, target = elements.at_ends(lambda node: json_text(str(node)))
    behind = ['"id": ', *_edge_names(elements), ', "source": ', source, ', "target": ', target, "}},\n"]
    return row_texts(own, json_attribute, before=['{"data": {'], behind=behind)


def _edge_names(elements: Elements) -> "list[Texts]":
    """Names in quotes of the edges, which no node has."""
    import pyarrow as pa

    columns, kinds = elements.edges.columns, elements.edges.kinds
    given = (
        typed(columns["interaction"], kinds["interaction"])
        if "interaction" in columns
        else [None] * len(elements.edges.rows)
    )
    interactions = ["-" if value is None or value != value else str(value) for value in given]
    if any(" (" in str(node) for node in elements.graph):
        names = [
            f"{a} ({interaction}) {b}" for (a, b), interaction in zip(elements.graph.edges, interactions, strict=True)
        ]
        return [pa.array([json_text(_free(name, elements.graph)) for name in names], pa.string())]
    source, target = elements.at_ends(lambda node: json_text(str(node))[1:-1])
    return ['"', source, " (", texts_of(interactions, lambda text: json_text(text)[1:-1]), ") ", target, '"']


def _free(name: str, graph: "nx.Graph[str]") -> str:
    """Add spaces to a name until no node has it."""
    while name in graph:
        name += " "
    return name
