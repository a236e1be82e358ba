"""CX2, as Cytoscape 3.10, Cytoscape Web and NDEx read it: network, attributes, positions and style in one file.

https://cytoscape.org/cx/cx2/specification/cytoscape-exchange-format-specification-(version-2). Ids are numbers, the
gene is the attribute `name`. The key of a missing value is left out; an infinite number is 1e999, as in Cytoscape.js
JSON. CX2 does not say whether a network is directed: the style draws arrows only if it is.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import networkx as nx
import numpy as np

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
from genenet.writers.row_texts import content_of, row_texts
from genenet.writers.style import cx2_style, ranges

if TYPE_CHECKING:
    import pyarrow as pa


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
    with atomic(path) as partial, partial.open("wb") as file:
        file.write(b'[{"CXVersion": "2.0", "hasFragments": false},\n')
        _aspect(file, "metaData", _lines(_counts(elements)))
        _aspect(file, "attributeDeclarations", _lines([_declarations(kinds)]))
        _aspect(file, "networkAttributes", _lines([network]))
        _aspect(file, "nodes", map(content_of, _nodes(elements, positions or {})))
        _aspect(file, "edges", map(content_of, _edges(elements)))
        _aspect(file, "visualProperties", _lines([cx2_style(ranges(graph, elements))]))
        locks = {"nodeSizeLocked": True, "arrowColorMatchesEdge": False}
        _aspect(file, "visualEditorProperties", _lines([{"properties": locks}]))
        file.write(b'{"status": [{"error": "", "success": true}]}]\n')
    return path


def _kinds(elements: Elements) -> dict[str, dict[str, Kind]]:
    return {
        "networkAttributes": {"name": "text", **attribute_kinds([elements.graph.graph])},
        "nodes": {"name": "text", **elements.named_nodes.kinds},
        "edges": elements.edges.kinds,
    }


def _declarations(kinds: Mapping[str, Mapping[str, Kind]]) -> dict[str, Any]:
    return {
        aspect: {name: {"d": ATTRIBUTE_TYPES[kind]} for name, kind in attributes.items()}
        for aspect, attributes in kinds.items()
    }


def _counts(elements: Elements) -> list[dict[str, Any]]:
    single = ("attributeDeclarations", "networkAttributes", "visualProperties", "visualEditorProperties")
    counts = {"nodes": len(elements.nodes.rows), "edges": len(elements.edges.rows)} | dict.fromkeys(single, 1)
    return [{"name": name, "elementCount": count} for name, count in sorted(counts.items())]


def _aspect(file: IO[bytes], name: str, elements: Iterable[bytes | memoryview]) -> None:
    file.write(f'{{"{name}": ['.encode("ascii"))
    write_list(file, elements, before="\n")
    file.write(b"]},\n")


def _lines(elements: Iterable[Any]) -> Iterator[bytes]:
    for element in elements:
        yield f"{json_text(element)},\n".encode("ascii")


def _nodes(elements: Elements, positions: Mapping[str, Position]) -> "Iterator[pa.Array]":
    import pyarrow as pa

    ids = pa.array(map(str, range(len(elements.graph))), pa.string())
    places = pa.array([_place(positions.get(node)) for node in elements.graph], pa.string())
    before = ['{"id": ', ids, places, ', "v": {']
    return row_texts(elements.named_nodes, json_attribute, before=before, behind=["}},\n"], cut=len(", "))


def _place(position: Position | None) -> str:
    return "" if position is None else f', "x": {json_text(position[0])}, "y": {json_text(position[1])}'


def _edges(elements: Elements) -> "Iterator[pa.Array]":
    import pyarrow as pa

    source, target = elements.ends
    numbers = [pa.array(values).cast(pa.string()) for values in (np.arange(len(source)), source, target)]
    before = ['{"id": ', numbers[0], ', "s": ', numbers[1], ', "t": ', numbers[2], ', "v": {']
    return row_texts(elements.edges, json_attribute, before=before, behind=["}},\n"], cut=len(", "))
