r"""GEXF 1.2, as Gephi and networkx read it.

Attributes have numbers as ids and their names as titles. Text that XML cannot hold is written as in GraphML. There is
no date in the file, so that it is the same for the same network. Nodes have positions when the network is small enough
for a layout.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genenet.files.atomic import atomic
from genenet.readers.known_names import GENE_LABEL
from genenet.writers.elements import edge_kinds, node_kinds
from genenet.writers.graphml import check_xml_names, xml_attribute
from genenet.writers.kinds import ATTRIBUTE_TYPES, Kind, as_text, typed_row
from genenet.writers.node_positions import Position

if TYPE_CHECKING:
    import networkx as nx

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">
<meta><creator>genenet</creator></meta>
"""


def write_gexf(
    graph: "nx.Graph[str]", path: str | os.PathLike[str], *, positions: Mapping[str, Position] | None = None
) -> Path:
    """Write a graph as GEXF.

    Parameters
    ----------
    graph
        Directed or not; attribute values of any type. `mi` is also the weight of the edges.
    path
        The file to write.
    positions
        x and y (downwards) of each node, as of `genenet.writers.node_positions.layout`.

    Returns
    -------
    The path.

    Raises
    ------
    InputError
        If the name of a node has a character that XML cannot hold.
    """
    path = Path(path)
    check_xml_names(graph.nodes, path)
    nodes = node_kinds(graph)
    edges = edge_kinds(graph)
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_HEAD)
        default = "directed" if graph.is_directed() else "undirected"
        name = xml_attribute(str(graph.graph.get("name", "network")))
        file.write(f'<graph defaultedgetype="{default}" mode="static" name="{name}">\n')
        file.writelines(_declarations("node", nodes))
        file.writelines(_declarations("edge", edges))
        file.write("<nodes>\n")
        file.writelines(_nodes(graph, nodes, positions or {}))
        file.write("</nodes>\n<edges>\n")
        file.writelines(_edges(graph, edges))
        file.write("</edges>\n</graph>\n</gexf>\n")
    return path


def _declarations(domain: str, kinds: Mapping[str, Kind]) -> Iterator[str]:
    yield f'<attributes class="{domain}" mode="static">\n'
    for number, (attribute, kind) in enumerate(kinds.items()):
        yield f'<attribute id="{number}" title="{xml_attribute(attribute)}" type="{ATTRIBUTE_TYPES[kind]}"/>\n'
    yield "</attributes>\n"


def _nodes(graph: "nx.Graph[str]", kinds: Mapping[str, Kind], positions: Mapping[str, Position]) -> Iterator[str]:
    numbers = {attribute: number for number, attribute in enumerate(kinds)}
    for node, data in graph.nodes(data=True):
        shown = xml_attribute(str(node))
        place = ""
        if node in positions:
            x, y = positions[node]
            # Gephi's y grows upwards.
            place = f'<viz:position x="{x}" y="{-y}" z="0.0"/>'
        label = xml_attribute(str(data.get(GENE_LABEL, node)))
        yield f'<node id="{shown}" label="{label}">{_values(data, kinds, numbers)}{place}</node>\n'


def _edges(graph: "nx.Graph[str]", kinds: Mapping[str, Kind]) -> Iterator[str]:
    numbers = {attribute: number for number, attribute in enumerate(kinds)}
    shown = {node: xml_attribute(str(node)) for node in graph}
    for number, edge in enumerate(graph.edges):
        source, target = edge
        data = graph.edges[edge]
        weight = f' weight="{as_text(float(data["mi"]))}"' if "mi" in data else ""
        ends = f'source="{shown[source]}" target="{shown[target]}"'
        yield f'<edge id="{number}" {ends}{weight}>{_values(data, kinds, numbers)}</edge>\n'


def _values(data: Mapping[str, Any], kinds: Mapping[str, Kind], numbers: Mapping[str, int]) -> str:
    values = "".join(
        f'<attvalue for="{numbers[attribute]}" value="{xml_attribute(as_text(value))}"/>'
        for attribute, value in typed_row(data, kinds).items()
    )
    return f"<attvalues>{values}</attvalues>"
