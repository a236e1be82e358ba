"""CX2, as Cytoscape 3.10, Cytoscape Web and NDEx read it: network, attributes, positions and style in one file.

https://cytoscape.org/cx/cx2/specification/cytoscape-exchange-format-specification-(version-2). Ids are numbers, the
gene is the attribute `name`. The key of a missing value is left out; an infinite number is 1e999, as in Cytoscape.js
JSON. CX2 does not say whether a network is directed: the style draws arrows only if it is.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from genenet.files.atomic import atomic
from genenet.writers.content import json_attribute, json_text, write_list
from genenet.writers.elements import Elements, Network, attribute_kinds, elements_of
from genenet.writers.kinds import ATTRIBUTE_TYPES, Kind, typed_row
from genenet.writers.node_positions import Position
from genenet.writers.row_texts import content_of, row_texts
from genenet.writers.style import cx2_style, ranges

if TYPE_CHECKING:
    import pyarrow as pa


def write_cx2(
    network: Network,
    path: str | os.PathLike[str],
    *,
    positions: Mapping[str, Position] | None = None,
) -> Path:
    """Write a network as CX2, with a style, one element a line.

    Parameters
    ----------
    network
        A graph, directed or not, with attribute values of any type, or its elements if they are written in several
        formats.
    path
        The file to write.
    positions
        x and y (downwards) of each node, as of `genenet.writers.node_positions.layout`; without, Cytoscape lays the
        network out.

    Returns
    -------
    The path.
    """
    path = Path(path)
    elements = elements_of(network)
    kinds = _kinds(elements)
    whole = {"name": "network"} | typed_row(elements.attributes, kinds["networkAttributes"])
    with atomic(path) as partial, partial.open("wb") as file:
        file.write(b'[{"CXVersion": "2.0", "hasFragments": false},\n')
        _aspect(file, "metaData", _lines(_counts(elements)))
        _aspect(file, "attributeDeclarations", _lines([_declarations(kinds)]))
        _aspect(file, "networkAttributes", _lines([whole]))
        _aspect(file, "nodes", map(content_of, _nodes(elements, positions or {})))
        _aspect(file, "edges", map(content_of, _edges(elements)))
        _aspect(file, "visualProperties", _lines([cx2_style(ranges(elements))]))
        locks = {"nodeSizeLocked": True, "arrowColorMatchesEdge": False}
        _aspect(file, "visualEditorProperties", _lines([{"properties": locks}]))
        file.write(b'{"status": [{"error": "", "success": true}]}]\n')
    return path


def _kinds(elements: Elements) -> dict[str, dict[str, Kind]]:
    return {
        "networkAttributes": {"name": "text", **attribute_kinds([elements.attributes])},
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
    counts = {"nodes": elements.nodes.n_rows, "edges": elements.edges.n_rows} | dict.fromkeys(single, 1)
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

    ids = pa.array(map(str, range(len(elements.keys))), pa.string())
    places = pa.array([_place(positions.get(node)) for node in elements.keys], pa.string())
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
