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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from genenet.errors import InputError
from genenet.files.atomic import atomic
from genenet.writers.columns import Texts
from genenet.writers.elements import Attributes, Elements, Network, RowAttributes, elements_of
from genenet.writers.kinds import ATTRIBUTE_TYPES, Kind, Piece, as_text, float_text
from genenet.writers.row_texts import content_of, row_texts

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_TOKEN = re.compile(r"[^\w.:-]")
_PLAIN = re.compile(r"[\w .,:;|()/+*-]*")
"""Texts that are written as they are, which most names of genes are."""
_AS_REFERENCE = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;", '"': "&quot;"}


def write_graphml(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network as GraphML.

    Parameters
    ----------
    network
        A graph, directed or not, with attribute values of any type, or its elements if they are written in several
        formats. The attribute `name` of a graph becomes its id.
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
    elements = elements_of(network)
    check_xml_names(elements.keys, path)
    nodes = _Domain("node", elements.named_nodes, [])
    edges = _Domain("edge", elements.edges, [nodes])
    whole = _Domain("graph", RowAttributes([elements.attributes]), [nodes, edges])
    name = xml_attribute(str(elements.attributes.get("name", "network")))
    with atomic(path) as partial, partial.open("wb") as file:
        head = [_HEAD, *nodes.keys(), *edges.keys(), *whole.keys()]
        head.append(f'<graph id="{name}" edgedefault="{"directed" if elements.directed else "undirected"}">\n')
        file.write("".join(head).encode())
        for texts in chain(whole.data(behind=["\n"]), _nodes(elements, nodes), _edges(elements, edges)):
            file.write(content_of(texts))
        file.write(b"</graph>\n</graphml>\n")
    return path


def check_xml_names(nodes: Iterable[Any], path: Path) -> None:
    """Refuse genes with a character that XML cannot hold."""
    for node in nodes:
        if found := _NOT_XML.search(str(node)):
            raise InputError(
                f"gene {str(node)!r} cannot be written to {path.name}: XML does not allow the character"
                f" U+{ord(found[0]):04X}; rename the gene in the input"
            )


class _Domain:
    """Attributes of the nodes, of the edges, or of the graph."""

    def __init__(self, name: str, attributes: Attributes, others: Iterable["_Domain"]) -> None:
        self.name = name
        self.attributes = attributes
        taken = {key for other in others for key in other.ids.values()}
        self.ids: dict[str, str] = _key_ids(attributes.kinds, name, taken=taken)
        self.open = {attribute: f'<data key="{key}">' for attribute, key in self.ids.items()}

    def keys(self) -> Iterator[str]:
        """Yield the declaration of each attribute."""
        for attribute, kind in self.attributes.kinds.items():
            described = f'attr.name="{xml_attribute(attribute)}" attr.type="{ATTRIBUTE_TYPES[kind]}"'
            yield f'<key id="{self.ids[attribute]}" for="{self.name}" {described}/>\n'

    def data(self, *, before: Sequence[Texts] = (), behind: Sequence[Texts]) -> "Iterator[pa.Array]":
        """Yield the attributes of nodes, of edges, or of the graph, with texts before and behind them."""

        def piece(name: str, kind: Kind) -> Piece:
            return self.open[name], _FORMATS[kind], "</data>"

        return row_texts(self.attributes, piece, before=before, behind=behind)


def _key_ids(attributes: Iterable[str], prefix: str, *, taken: set[str]) -> dict[str, str]:
    """Make the key id of each attribute: its name as far as XML allows, unique in the document."""
    ids = {}
    for attribute in attributes:
        key = _NOT_TOKEN.sub("_", attribute) or "_"
        while key in taken:
            key = f"{prefix}_{key}"
        taken.add(key)
        ids[attribute] = key
    return ids


def _nodes(elements: Elements, domain: _Domain) -> "Iterator[pa.Array]":
    import pyarrow as pa

    ids = pa.array([xml_attribute(str(node)) for node in elements.keys], pa.string())
    return domain.data(before=['<node id="', ids, '">'], behind=["</node>\n"])


def _edges(elements: Elements, domain: _Domain) -> "Iterator[pa.Array]":
    source, target = elements.at_ends(xml_attribute)
    before = ['<edge source="', source, '" target="', target, '">']
    return domain.data(before=before, behind=["</edge>\n"])


def visible(text: str) -> str:
    r"""Replace characters that XML cannot hold by Python's escapes, such as \x01."""
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _text(text: str) -> str:
    # A bare carriage return would come back as a line feed.
    return text if _PLAIN.fullmatch(text) else escape(visible(text), {"\r": "&#13;"})


def xml_attribute(text: str) -> str:
    """Escape text that goes between double quotes."""
    # Tabs and line feeds would come back as spaces.
    return text if _PLAIN.fullmatch(text) else escape(visible(text), _AS_REFERENCE)


_FORMATS: Mapping[Kind, Callable[[Any], str]] = {
    "boolean": as_text,
    "integer": str,
    "number": float_text,
    "text": _text,
}
