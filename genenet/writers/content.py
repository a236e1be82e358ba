"""The network as writers get it (graph, table of edges, matrix), and the kind of value of each of its attributes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.files.plain_values import Plain, plain_value
from genenet.products.edges import graph_edges
from genenet.products.expression import Expression, Notes
from genenet.writers.node_positions import Position, layout

if TYPE_CHECKING:
    import pyarrow as pa

    from genenet.products.bins import Bins


Kind = Literal["boolean", "integer", "number", "text"]

EXACT_INTEGER = 2**53
"""Integers beyond this are written as text: most programs hold every number as a double and would change them."""

ATTRIBUTE_TYPES: Mapping[Kind, str] = {"boolean": "boolean", "integer": "long", "number": "double", "text": "string"}
"""Names of the kinds in GraphML, GEXF and CX2."""

_ROWS_AT_ONCE = 1_000
"""Rows that stay in the cache of a processor while their values are taken, attribute by attribute."""

TYPES: Mapping[Kind, type] = {"boolean": bool, "integer": int, "number": float, "text": str}


class Numbers(NamedTuple):
    """An attribute's numbers as text, as `repr` writes them."""

    texts: Any
    """Arrow array of texts, missing where the number is."""
    infinite: dict[int, float]
    """Infinite numbers by row, which each format writes in its own way."""


@dataclass(frozen=True)
class Attributes:
    """Attributes of nodes or of edges: what the writers of several formats need of them is computed once.

    Examples
    --------
    >>> edges = Attributes([{"mi": 0.5, "sign": 1}, {"mi": 0.25}])
    >>> edges.columns
    {'mi': [0.5, 0.25], 'sign': [1, None]}
    >>> edges.kinds
    {'mi': 'number', 'sign': 'integer'}
    """

    rows: Sequence[Mapping[str, Any]]
    numbers: dict[tuple[int, str], Numbers] = field(default_factory=dict)
    """Numbers as text, by the first row of a part and the attribute; see `genenet.writers.row_texts`."""

    @cached_property
    def _names(self) -> list[tuple[str, ...]]:
        """The different lists of names that rows have; millions of rows have few."""
        return list(dict.fromkeys(map(tuple, self.rows)))

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """Values of each attribute, None in rows without it; names are in the order of their first occurrence."""
        found: dict[str, list[Any]] = {name: [] for name in chain.from_iterable(self._names)}
        are_complete = len(self._names) == 1
        for start in range(0, len(self.rows), _ROWS_AT_ONCE):
            rows = self.rows[start : start + _ROWS_AT_ONCE]
            for name, values in found.items():
                values += map(itemgetter(name), rows) if are_complete else [row.get(name) for row in rows]
        return found

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of each attribute."""
        return {name: _kind_of(values) for name, values in self.columns.items()}

    @cached_property
    def are_ordered(self) -> bool:
        """Whether each row has its attributes in the order of the columns."""
        place = {name: number for number, name in enumerate(self.columns)}
        return all(a < b for names in self._names for a, b in pairwise(place[name] for name in names))


@dataclass(frozen=True)
class Elements:
    """Nodes and edges of a graph as the writers of several formats need them: what takes long is computed once."""

    graph: "nx.Graph[str]"

    @cached_property
    def _edges(self) -> list[tuple[str, str, dict[str, Any]]]:
        return list(self.graph.edges(data=True))

    @cached_property
    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of the two nodes of each edge among the nodes."""
        number = {node: place for place, node in enumerate(self.graph)}
        n = len(self._edges)
        source = np.fromiter((number[node] for node, _, _ in self._edges), np.int64, n)
        target = np.fromiter((number[node] for _, node, _ in self._edges), np.int64, n)
        return source, target

    def at_ends(self, write: Callable[[str], str]) -> "tuple[pa.Array, pa.Array]":
        """Texts of the two nodes of each edge, each node written once."""
        import pyarrow as pa

        texts = pa.array(map(write, self.graph), pa.string())
        source, target = self.ends
        return texts.take(pa.array(source)), texts.take(pa.array(target))

    @cached_property
    def edges(self) -> Attributes:
        """Attributes of the edges."""
        return Attributes([data for _, _, data in self._edges])

    @cached_property
    def nodes(self) -> Attributes:
        """Attributes of the nodes."""
        return Attributes([data for _, data in self.graph.nodes(data=True)])

    @cached_property
    def named_nodes(self) -> Attributes:
        """Attributes of the nodes, the first of them `name`."""
        return Attributes([{"name": str(node), **data} for node, data in self.graph.nodes(data=True)])


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
    return Attributes(list(rows)).kinds


def _kind_of(values: Sequence[Any]) -> Kind:
    """Kind of an attribute; None is no value."""
    types = set(map(type, values)) - {type(None)}
    if types == {int}:
        is_exact = max(abs(value) for value in set(values) - {None}) <= EXACT_INTEGER
        types = {int if is_exact else str}
    elif types - {bool, float, str}:
        types = set(map(_plain_type, values))
    return _kind(types - {type(None)})


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
    >>> [texts] = row_texts(Attributes([{"mi": float("-inf"), "note": "a"}]), json_attribute)
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
