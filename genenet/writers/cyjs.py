"""Cytoscape.js JSON (.cyjs), as Cytoscape, cytoscape.js and networkx read it.

Ids are strings (Cytoscape takes all numeric ids for one), and those of edges differ from those of nodes, as
cytoscape.js requires. The key of a missing value is left out: Cytoscape would read null as the text "null" or as 0. An
infinite number is written as 1e999, which is valid JSON and is read as infinity. Everything is ASCII with escapes, so
that no reader can mistake the encoding. Cytoscape itself takes every edge of this format as directed; GraphML keeps
edges undirected.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from genenet.files.atomic import atomic
from genenet.writers.columns import Texts, texts_of
from genenet.writers.content import json_attribute, json_text, write_list
from genenet.writers.elements import Elements, Network, attribute_kinds, elements_of
from genenet.writers.kinds import typed, typed_row
from genenet.writers.node_positions import Position
from genenet.writers.row_texts import content_of, row_texts
from genenet.writers.style import cyjs_style, ranges

if TYPE_CHECKING:
    import pyarrow as pa


def write_cyjs(
    network: Network,
    path: str | os.PathLike[str],
    *,
    positions: Mapping[str, Position] | None = None,
) -> Path:
    """Write a network as Cytoscape.js JSON with style and layout, one element a line.

    Parameters
    ----------
    network
        A graph, directed or not, with attribute values of any type, or its elements if they are written in several
        formats.
    path
        The file to write.
    positions
        x and y (downwards) of each node, as of `genenet.writers.node_positions.layout`.

    Returns
    -------
    The path.
    """
    path = Path(path)
    elements = elements_of(network)
    head = {
        "format_version": "1.0",
        "generated_by": "genenet",
        "target_cytoscapejs_version": "~2.1",
        "directed": elements.directed,
        "multigraph": False,
        "data": {"name": "network"} | typed_row(elements.attributes, attribute_kinds([elements.attributes])),
        "style": cyjs_style(ranges(elements)),
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

    # networkx takes the node from "value".
    nodes = elements.named(["name"], ["id", "value"])
    places = pa.array([_place(positions.get(node)) for node in elements.keys], pa.string())
    behind = ["}", places, "},\n"]
    return row_texts(nodes, json_attribute, before=['{"data": {'], behind=behind, cut=len(", "))


def _place(position: Position | None) -> str:
    return "" if position is None else f', "position": {json_text(dict(zip("xy", position, strict=True)))}'


def _edges(elements: Elements) -> "Iterator[pa.Array]":
    own = elements.edges
    if taken := {"id", "source", "target"} & own.kinds.keys():
        own = elements.without(taken)
    source, target = elements.at_ends(json_text)
    behind = ['"id": ', *_edge_names(elements), ', "source": ', source, ', "target": ', target, "}},\n"]
    return row_texts(own, json_attribute, before=['{"data": {'], behind=behind)


def _edge_names(elements: Elements) -> "list[Texts]":
    """Names in quotes of the edges, which no node has."""
    import pyarrow as pa

    column = elements.edges.columns.get("interaction")
    given = [None] * elements.edges.n_rows if column is None else typed(list(column.values), column.kind)
    interactions = ["-" if value is None or value != value else str(value) for value in given]
    nodes = {str(node) for node in elements.keys}
    if any(" (" in node for node in nodes):
        first, second = ([str(elements.keys[place]) for place in end.tolist()] for end in elements.ends)
        names = [f"{a} ({kind}) {b}" for a, kind, b in zip(first, interactions, second, strict=True)]
        return [pa.array([json_text(_free(name, nodes)) for name in names], pa.string())]
    source, target = elements.at_ends(lambda node: json_text(node)[1:-1])
    return ['"', source, " (", texts_of(interactions, lambda text: json_text(text)[1:-1]), ") ", target, '"']


def _free(name: str, nodes: Collection[str]) -> str:
    """Add spaces to a name until no node has it."""
    while name in nodes:
        name += " "
    return name
