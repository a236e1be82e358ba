"""GML, as igraph, networkx, Gephi and Cytoscape read it.

The gene is the `label`; ids are numbers. A key may have letters, digits and `_` only: other characters of an
attribute's name become `_`, and a number is added where two names become the same. Booleans are written as 1 and 0, and
all numbers so that they can be read as doubles. Text is ASCII with character references, as the format demands (igraph
does not decode these, so that GraphML is better there), and control characters are written as in GraphML.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genenet.files.atomic import atomic
from genenet.writers.elements import edge_kinds, node_kinds
from genenet.writers.graphml import visible
from genenet.writers.kinds import Kind, float_text, typed_row

if TYPE_CHECKING:
    import networkx as nx

_OWN = ("id", "label", "source", "target")
_LARGEST_INTEGER = 2**31 - 1


def write_gml(graph: "nx.Graph[str]", path: str | os.PathLike[str]) -> Path:
    """Write a graph as GML.

    Parameters
    ----------
    graph
        Directed or not; attribute values of any type.
    path
        The file to write.

    Returns
    -------
    The path.
    """
    path = Path(path)
    of_nodes = node_kinds(graph)
    of_edges = edge_kinds(graph)
    node_keys, edge_keys = _keys(of_nodes), _keys(of_edges)
    ids = {node: number for number, node in enumerate(graph)}
    with atomic(path) as partial, partial.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"graph [\n  directed {int(graph.is_directed())}\n")
        file.write(f'  name "{_text(str(graph.graph.get("name", "network")))}"\n')
        for node, data in graph.nodes(data=True):
            file.write(f'  node [\n    id {ids[node]}\n    label "{_text(str(node))}"\n')
            file.write(_values(data, of_nodes, node_keys) + "  ]\n")
        for source, target, data in graph.edges(data=True):
            file.write(f"  edge [\n    source {ids[source]}\n    target {ids[target]}\n")
            file.write(_values(data, of_edges, edge_keys) + "  ]\n")
        file.write("]\n")
    return path


def _keys(attributes: Iterable[str]) -> dict[str, str]:
    used = set(_OWN)
    keys = {}
    for attribute in attributes:
        clean = re.sub(r"[^A-Za-z0-9_]", "_", attribute)
        key = stem = clean if clean[:1].isalpha() else f"a_{clean}"
        number = 2
        while key in used:
            key, number = f"{stem}_{number}", number + 1
        used.add(key)
        keys[attribute] = key
    return keys


def _values(row: Mapping[str, Any], kinds: Mapping[str, Kind], keys: Mapping[str, str]) -> str:
    typed = typed_row(row, kinds)
    return "".join(f"    {keys[attribute]} {_value(value)}\n" for attribute, value in typed.items())


def _value(value: bool | int | float | str) -> str:
    if isinstance(value, str):
        return f'"{_text(value)}"'
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return str(int(value))
    text = float_text(float(value)).upper()
    # A real has a point, also before an exponent; infinity has a sign.
    text = text.replace("INFINITY", "INF" if text.startswith("-") else "+INF")
    return text if "." in text or "INF" in text else text.replace("E", ".0E")


def _text(text: str) -> str:
    escaped = visible(text).replace("&", "&amp;").replace('"', "&quot;")
    return "".join(c if " " <= c <= "~" else f"&#{ord(c)};" for c in escaped)
