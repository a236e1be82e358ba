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
from typing import Any

import networkx as nx

from genenet.files.atomic import atomic
from genenet.writers.content import (
    Elements,
    attribute_kinds,
    json_attribute,
    json_text,
    typed_row,
    write_list,
)
from genenet.writers.node_positions import Position
from genenet.writers.row_texts import row_texts
from genenet.writers.style import cyjs_style, ranges


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
        "style": cyjs_style(ranges(graph, elements.edges)),
        "layout": {"name": "preset" if positions else "cose"},
    }
    with atomic(path) as partial, partial.open("w", encoding="ascii", newline="\n") as file:
        file.write(json_text(head)[:-1] + ', "elements": {"nodes": [\n')
        write_list(file, map(json_text, _nodes(elements, positions or {})), behind="\n")
        file.write('], "edges": [\n')
        write_list(file, _edges(elements), behind="\n")
        file.write("]}}\n")
    return path


def _nodes(elements: Elements, positions: Mapping[str, Position]) -> Iterator[dict[str, Any]]:
    for node, data in elements.graph.nodes(data=True):
        # networkx takes the node from "value".
        own = {"name": str(node)} | typed_row(data, elements.node_kinds) | {"id": str(node), "value": str(node)}
        place = {"position": dict(zip("xy", positions[node], strict=True))} if node in positions else {}
        yield {"data": own, **place}


def _edges(elements: Elements) -> Iterator[str]:
    kinds, rows = elements.edge_kinds, elements.edges
    own = {name: kind for name, kind in kinds.items() if name not in ("id", "source", "target")}
    shown = {node: json_text(str(node)) for node in elements.graph}
    if own != kinds:
        rows = [{name: row[name] for name in row if name in own} for row in rows]
    texts = row_texts(rows, own, json_attribute, elements.numbers)
    for (source, target), name, data in zip(elements.ends, _edge_names(elements), texts, strict=True):
        yield f'{{"data": {{{data}"id": {json_text(name)}, "source": {shown[source]}, "target": {shown[target]}}}}}'


def _edge_names(elements: Elements) -> Iterator[str]:
    """Yield a name of each edge that no node has."""
    for (source, target), row in zip(elements.ends, elements.edges, strict=True):
        interaction = row.get("interaction")
        if type(interaction) is not str and "interaction" in row:
            interaction = typed_row({"interaction": interaction}, elements.edge_kinds).get("interaction")
        name = f"{source} ({'-' if interaction is None else interaction}) {target}"
        while name in elements.graph:
            name += " "
        yield name
