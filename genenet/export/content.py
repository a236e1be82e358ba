"""What the writers write: the network in its three forms, and its attributes with one kind for each name."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import networkx as nx
import pandas as pd

from genenet.network import graph_edges, is_directed
from genenet.values import Plain, plain_value

if TYPE_CHECKING:
    from anndata import AnnData

Kind = Literal["boolean", "integer", "number", "text"]

EXACT_INTEGER = 2**53
"""Integers beyond this are written as text: most programs hold every number as a double and would change them."""

_PLAIN = frozenset({bool, int, str})


@dataclass(frozen=True)
class Content:
    """A network as graph, as edges table, and with the matrix it came from."""

    graph: "nx.Graph[str]"
    edges: pd.DataFrame
    expression: "AnnData"

    @property
    def directed(self) -> bool:
        """Whether edges point from regulator to target."""
        return is_directed(self.expression)

    @property
    def graph_edges(self) -> pd.DataFrame:
        """Table of the edges that the graph has, in both directions for two regulators."""
        return graph_edges(self.edges, directed=self.directed)


def attribute_kinds(rows: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Find the kind of every attribute from all its values; names in the order in which they turn up.

    Examples
    --------
    >>> attribute_kinds([{"degree": 3, "mean": 1}, {"mean": 0.5, "chromosome": "X"}, {"chromosome": 2}])
    {'degree': 'integer', 'mean': 'number', 'chromosome': 'text'}
    """
    types: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            kind = type(value)
            if kind not in _PLAIN or (kind is int and abs(value) > EXACT_INTEGER):
                value = plain_value(value)
                kind = str if isinstance(value, int) and abs(value) > EXACT_INTEGER else type(value)
            types.setdefault(name, set()).add(kind)
    return {name: _kind(found - {type(None)}) for name, found in types.items()}


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
        plain = value if type(value) in _PLAIN else plain_value(value)
        if plain is None:
            continue
        kind = kinds[name]
        if kind == "text" and type(plain) is not str:
            plain = as_text(plain)
        elif kind == "number":
            plain = float(plain)
        typed[name] = plain
    return typed


def typed_rows(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
    """Apply `typed_row` to each."""
    return (typed_row(row, kinds) for row in rows)


def as_text(value: Plain) -> str:
    """Write a plain value as XML Schema and most programs do: true, false, shortest exact number, Infinity.

    Examples
    --------
    >>> as_text(True), as_text(0.1), as_text(float("-inf"))
    ('true', '0.1', '-Infinity')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(value)
