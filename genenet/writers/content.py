"""The network as writers get it (graph, table of edges, matrix), and values as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from genenet.products.edges import graph_edges
from genenet.products.expression import Expression, Notes
from genenet.writers.elements import Elements, elements_of
from genenet.writers.kinds import Kind, Piece
from genenet.writers.network_tables import NetworkTables
from genenet.writers.node_positions import Position, positions_of

if TYPE_CHECKING:
    import networkx as nx

    from genenet.products.bins import Bins


@dataclass(frozen=True)
class Content:
    """A network as a graph and as a table of edges, with the matrix that it was inferred from."""

    network: "nx.Graph[str] | NetworkTables"
    edges: pd.DataFrame
    expression: Expression
    view_genes: Sequence[str] = ()
    """Genes whose neighbourhood the format `view` shows; without any, it shows the strongest edges."""
    view_nodes: int = 200
    """Most genes of the format `view`."""
    guard_formulas: bool = False
    """Whether texts in tables are guarded against being computed by a spreadsheet."""
    bins: "Bins | None" = None
    """The discretised genes from which MI was computed; only the formats of all pairs need them."""
    odd_samples: pd.DataFrame | None = None
    """How badly each sample obeys the network, the table of `genenet.anomalies.anomalies`, if it was asked for."""

    @property
    def directed(self) -> bool:
        """Whether edges point from regulator to target."""
        return Notes.of(self.expression, tables=False).directed

    @property
    def graph(self) -> "nx.Graph[str]":
        """The network as a graph, which is made only if a format needs it."""
        return self.network.graph if isinstance(self.network, NetworkTables) else self.network

    @cached_property
    def positions(self) -> dict[str, Position]:
        """Position of each node, x and y (downwards) in pixels; empty for a network that is too large to draw."""
        return positions_of(self.elements.keys, *self.elements.ends)

    @cached_property
    def elements(self) -> Elements:
        """Nodes and edges of the network as the writers of graphs take them."""
        return elements_of(self.network)

    @property
    def graph_edges(self) -> pd.DataFrame:
        """Table of the edges of the graph; an edge between two regulators is in it in both directions."""
        return graph_edges(self.edges, directed=self.directed)


json_string = json.encoder.encode_basestring_ascii
"""Writes a text as JSON in ASCII."""
_ENCODER = json.JSONEncoder(allow_nan=False)


def json_attribute(name: str, kind: Kind) -> Piece:
    """How an attribute of an object is written in JSON, with the comma behind it, for `row_texts`.

    Examples
    --------
    >>> from genenet.writers.elements import RowAttributes
    >>> from genenet.writers.row_texts import row_texts
    >>> [texts] = row_texts(RowAttributes([{"mi": float("-inf"), "note": "a"}]), json_attribute)
    >>> texts.to_pylist()
    ['"mi": -1e999, "note": "a", ']
    """
    return f"{_ENCODER.encode(name)}: ", json_text, ", "


def json_text(value: Any) -> str:
    """Write JSON in ASCII, and an infinite number, which JSON does not have, as 1e999, which readers take for infinity.

    Examples
    --------
    >>> json_text({"mi": 0.5, "log": float("-inf")})
    '{"mi": 0.5, "log": -1e999}'
    """
    if type(value) is str:
        return json_string(value)
    try:
        return _ENCODER.encode(value)
    except ValueError:
        pass
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {json_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return "1e999" if value > 0 else "-1e999"


def write_list(file: IO[bytes], parts: Iterable[bytes | memoryview], *, before: str = "", behind: str = "") -> None:
    r"""Write a list in JSON, one element a line; around it two texts, unless there is no element.

    Parameters
    ----------
    file
        The file.
    parts
        One or more elements each; a comma and a line feed are behind every element.
    before, behind
        The two texts.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> write_list(file, [b"1,\n2,\n", b"3,\n"], behind="!")
    >>> file.getvalue()
    b'1,\n2,\n3!'
    """
    between = before.encode("ascii")
    is_empty = True
    for part in parts:
        file.write(between)
        file.write(memoryview(part)[:-2])
        between, is_empty = b",\n", False
    if not is_empty:
        file.write(behind.encode("ascii"))
