"""The network as writers get it (graph, table of edges, matrix), and the kind of value of each of its attributes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import networkx as nx
import pandas as pd

from genenet.files.plain_values import Plain, plain_value
from genenet.products.edges import graph_edges
from genenet.products.expression import Expression, Notes
from genenet.writers.node_positions import Position, layout

if TYPE_CHECKING:
    from genenet.products.bins import Bins


Kind = Literal["boolean", "integer", "number", "text"]

EXACT_INTEGER = 2**53
"""Integers beyond this are written as text: most programs hold every number as a double and would change them."""

ATTRIBUTE_TYPES: Mapping[Kind, str] = {"boolean": "boolean", "integer": "long", "number": "double", "text": "string"}
"""Names of the kinds in GraphML, GEXF and CX2."""

TYPES: Mapping[Kind, type] = {"boolean": bool, "integer": int, "number": float, "text": str}


class Numbers(NamedTuple):
    """An attribute's numbers as text: `repr` of each, but of rows in `others`, whose values are infinite or missing."""

    texts: list[str]
    others: dict[int, float | None]


@dataclass(frozen=True)
class Elements:
    """Nodes and edges of a graph as the writers of several formats need them: what takes long is computed once."""

    graph: "nx.Graph[str]"
    numbers: dict[tuple[int, str], Numbers] = field(default_factory=dict)
    """Numbers of the edges as text, by the first row and the attribute; see `genenet.writers.row_texts`."""

    @cached_property
    def ends(self) -> list[tuple[str, str]]:
        """The two nodes of each edge."""
        return list(self.graph.edges)

    @cached_property
    def edges(self) -> list[dict[str, Any]]:
        """Attributes of each edge."""
        return [data for _, _, data in self.graph.edges(data=True)]

    @cached_property
    def node_kinds(self) -> dict[str, Kind]:
        """Kind of every attribute of the nodes."""
        return node_kinds(self.graph)

    @cached_property
    def edge_kinds(self) -> dict[str, Kind]:
        """Kind of every attribute of the edges."""
        return attribute_kinds(self.edges)


@dataclass(frozen=True)
class Content:
    """A network as a graph and as a table of edges, with the matrix that it was inferred from."""

    graph: "nx.Graph[str]"
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

    @cached_property
    def positions(self) -> dict[str, Position]:
        """Position of each node, x and y (downwards) in pixels; empty for a network that is too large to draw."""
        return layout(self.graph)

    @cached_property
    def elements(self) -> Elements:
        """Nodes and edges of the graph as the writers of graphs take them."""
        return Elements(self.graph)

    @property
    def graph_edges(self) -> pd.DataFrame:
        """Table of the edges of the graph; an edge between two regulators is in it in both directions."""
        return graph_edges(self.edges, directed=self.directed)


def attribute_kinds(rows: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Find the kind of every attribute from all its values; names are in the order of their first occurrence.

    Examples
    --------
    >>> attribute_kinds([{"degree": 3, "mean": 1}, {"mean": 0.5, "chromosome": "X"}, {"chromosome": 2}])
    {'degree': 'integer', 'mean': 'number', 'chromosome': 'text'}
    """
    rows = list(rows)
    types: dict[str, set[type]] = {}
    # Millions of rows have few combinations of names and types.
    for names, in_row in dict.fromkeys((tuple(row), tuple(map(type, row.values()))) for row in rows):
        for name, kind in zip(names, in_row, strict=True):
            types.setdefault(name, set()).add(kind)
    for name, found in types.items():
        if found == {int}:
            is_exact = all(abs(row[name]) <= EXACT_INTEGER for row in rows if name in row)
            types[name] = {int if is_exact else str}
        elif found - {bool, float, str}:
            types[name] = {_plain_type(row[name]) for row in rows if name in row}
    return {name: _kind(found - {type(None)}) for name, found in types.items()}


def node_kinds(graph: "nx.Graph[str]") -> dict[str, Kind]:
    """Find the kind of every attribute of the nodes."""
    return attribute_kinds(data for _, data in graph.nodes(data=True))


def edge_kinds(graph: "nx.Graph[str]") -> dict[str, Kind]:
    """Find the kind of every attribute of the edges."""
    return attribute_kinds(data for _, _, data in graph.edges(data=True))


def _plain_type(value: object) -> type:
    plain = plain_value(value)
    return str if type(plain) is int and abs(plain) > EXACT_INTEGER else type(plain)


def _kind(types: set[type]) -> Kind:
    if types == {bool}:
        return "boolean"
    if types == {int}:
        return "integer"
    return "number" if types and types <= {int, float} else "text"


def typed_row(row: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Give each value the one type of its attribute; missing values are left out.

    Examples
    --------
    >>> typed_row({"mean": 1, "chromosome": 2, "note": None}, {"mean": "number", "chromosome": "text", "note": "text"})
    {'mean': 1.0, 'chromosome': '2'}
    """
    typed: dict[str, Any] = {}
    for name, value in row.items():
        if type(value) is not TYPES[kinds[name]] or value != value:
            value = typed_value(value, kinds[name])
            if value is None:
                continue
        typed[name] = value
    return typed


Piece: TypeAlias = tuple[str, Callable[[Any], str], str]
"""How an attribute is written: the text before its value, the function that writes the value, and the text behind."""


def typed_value(value: object, kind: Kind) -> Plain:
    """Convert a value to the type of its attribute; None if it is missing."""
    plain = plain_value(value)
    if plain is None or type(plain) is TYPES[kind]:
        return plain
    return float(plain) if kind == "number" else as_text(plain)


def as_text(value: Plain) -> str:
    """Write a plain value as XML Schema and most programs do: true, false, shortest exact number, Infinity.

    Examples
    --------
    >>> as_text(True), as_text(0.1), as_text(float("-inf"))
    ('true', '0.1', '-Infinity')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    return str(value)


def float_text(value: float) -> str:
    """Write a number so that it is read as the same double; all readers know the spelling Infinity."""
    text = repr(value)
    return text.replace("inf", "Infinity") if text.endswith("inf") else text


_ENCODER = json.JSONEncoder(allow_nan=False)


def json_attribute(name: str, kind: Kind) -> Piece:
    """How an attribute of an object is written in JSON, with the comma behind it, for `row_texts`.

    Examples
    --------
    >>> from genenet.writers.row_texts import row_texts
    >>> list(row_texts([{"mi": float("-inf"), "note": "a"}], {"mi": "number", "note": "text"}, json_attribute))
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
    try:
        return _ENCODER.encode(value)
    except ValueError:
        pass
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {json_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return "1e999" if value > 0 else "-1e999"


_LINES_AT_ONCE = 10_000


def write_list(file: IO[str], elements: Iterable[str], *, before: str = "", behind: str = "") -> None:
    """Write the elements of a list in JSON, one a line; around them two texts, unless there is no element.

    Examples
    --------
    >>> import sys
    >>> write_list(sys.stdout, ["1", "2"], behind="!")
    1,
    2!
    """
    rest = iter(elements)
    between = before
    # Thousands at a time: the call takes longer than the text.
    while part := list(islice(rest, _LINES_AT_ONCE)):
        file.write(between + ",\n".join(part))
        between = ",\n"
    if between != before:
        file.write(behind)
