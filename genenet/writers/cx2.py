"""CX2, as Cytoscape 3.10, Cytoscape Web and NDEx read it: network, attributes, positions and style in one file.

https://cytoscape.org/cx/cx2/specification/cytoscape-exchange-format-specification-(version-2). Ids are numbers, the
gene is the attribute `name`. The key of a missing value is left out; an infinite number is 1e999, as in Cytoscape.js
JSON. CX2 does not say whether a network is directed: the style draws arrows only if it is.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import IO, Any

import networkx as nx

from genenet.files.atomic import atomic
from genenet.writers.content import (
    ATTRIBUTE_TYPES,
    Elements,
    Kind,
    attribute_kinds,
    json_attribute,
    json_text,
    typed_row,
    write_list,
)
from genenet.writers.node_positions import Position
from genenet.writers.row_texts import row_texts
from genenet.writers.style import cx2_style, ranges


def write_cx2(
    graph: "nx.Graph[str]",
    path: str | os.PathLike[str],
    *,
    positions: Mapping[str, Position] | None = None,
    elements: Elements | None = None,
) -> Path:
    """Write a graph as CX2, with a style, one element a line.

    Parameters
    ----------
    graph
        Directed or not; attribute values of any type.
    path
        The file to write.
    positions
        x and y (downwards) of each node, as of `genenet.writers.node_positions.layout`; without, Cytoscape lays the
        network out.
    elements
        The graph's elements, if they are written in several formats.

    Returns
    -------
    The path.
    """
    path = Path(path)
    elements = elements or Elements(graph)
    kinds = _kinds(elements)
    network = {"name": "network"} | typed_row(graph.graph, kinds["networkAttributes"])
    with atomic(path) as partial, partial.open("w", encoding="ascii", newline="\n") as file:
        file.write('[{"CXVersion": "2.0", "hasFragments": false},\n')
        _aspect(file, "metaData", map(json_text, _counts(graph)))
        _aspect(file, "attributeDeclarations", [json_text(_declarations(kinds))])
        _aspect(file, "networkAttributes", [json_text(network)])
        _aspect(file, "nodes", map(json_text, _nodes(graph, kinds["nodes"], positions or {})))
        _aspect(file, "edges", _edges(elements, kinds["edges"]))
        _aspect(file, "visualProperties", [json_text(cx2_style(ranges(graph, elements.edges)))])
        locks = {"nodeSizeLocked": True, "arrowColorMatchesEdge": False}
        _aspect(file, "visualEditorProperties", [json_text({"properties": locks})])
        file.write('{"status": [{"error": "", "success": true}]}]\n')
    return path


def _kinds(elements: Elements) -> dict[str, dict[str, Kind]]:
    return {
        "networkAttributes": {"name": "text", **attribute_kinds([elements.graph.graph])},
        "nodes": {"name": "text", **elements.node_kinds},
        "edges": elements.edge_kinds,
    }


def _declarations(kinds: Mapping[str, Mapping[str, Kind]]) -> dict[str, Any]:
    return {
        aspect: {name: {"d": ATTRIBUTE_TYPES[kind]} for name, kind in attributes.items()}
        for aspect, attributes in kinds.items()
    }


def _counts(graph: "nx.Graph[str]") -> list[dict[str, Any]]:
    single = ("attributeDeclarations", "networkAttributes", "visualProperties", "visualEditorProperties")
    counts = {"nodes": graph.number_of_nodes(), "edges": graph.number_of_edges()} | dict.fromkeys(single, 1)
    return [{"name": name, "elementCount": count} for name, count in sorted(counts.items())]


def _aspect(file: IO[str], name: str, elements: Iterable[str]) -> None:
    file.write(f'{{"{name}": [')
    write_list(file, elements, before="\n")
    file.write("]},\n")


def _nodes(
    graph: "nx.Graph[str]", kinds: Mapping[str, Kind], positions: Mapping[str, Position]
) -> Iterator[dict[str, Any]]:
    numbers = count()
    for node, data in graph.nodes(data=True):
        place = dict(zip("xy", positions[node], strict=True)) if node in positions else {}
        yield {"id": next(numbers), **place, "v": {"name": str(node), **typed_row(data, kinds)}}


def _edges(elements: Elements, kinds: Mapping[str, Kind]) -> Iterator[str]:
    ids = {node: number for number, node in enumerate(elements.graph)}
    texts = row_texts(elements.edges, kinds, json_attribute, elements.numbers)
    for number, ((source, target), data) in enumerate(zip(elements.ends, texts, strict=True)):
        yield f'{{"id": {number}, "s": {ids[source]}, "t": {ids[target]}, "v": {{{data[:-2]}}}}}'
