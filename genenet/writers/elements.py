"""Nodes and edges of a network with their attributes, from a graph or from tables, as the writers of graphs take them.

Millions of edges are written from tables without a Python object for each; a graph of networkx, which anybody may have
made or changed, is written with the same bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.writers.columns import AnyColumn, Column, NumberColumn, Texts, column_of
from genenet.writers.kinds import Kind, Piece, typed_row
from genenet.writers.network_tables import NetworkTables

if TYPE_CHECKING:
    import networkx as nx
    import pyarrow as pa

_ROWS_AT_ONCE = 1_000
"""Rows that stay in the cache of a processor while their values are taken, attribute by attribute."""

MOST_KEPT = 2_000_000
"""Numbers whose texts are kept for the next format; a million take some 25 MB."""


class Attributes(ABC):
    """Attributes of nodes or of edges: what the writers of several formats need of them is computed once."""

    n_rows: int
    """Number of nodes or edges."""

    @cached_property
    @abstractmethod
    def columns(self) -> Mapping[str, Column]:
        """Values of each attribute; names are in the order of their first occurrence."""

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kind of each attribute."""
        return {name: column.kind for name, column in self.columns.items()}

    @abstractmethod
    def texts(self, pieces: Mapping[str, Piece], start: int, n: int) -> list[Texts]:
        """Write the attributes of `n` rows, as `genenet.writers.row_texts.row_texts` joins them."""

    def _by_column(self, names: Iterable[str], pieces: Mapping[str, Piece], start: int, n: int) -> list[Texts]:
        """Texts of each attribute: what is before a value, the value, and what is behind it."""
        keep = self.n_rows * sum(kind == "number" for kind in self.kinds.values()) <= MOST_KEPT
        found: list[Texts] = []
        for name in names:
            before, write, behind = pieces[name]
            texts = self.columns[name].texts(write, start, n, keep=keep)
            is_whole = isinstance(texts, str) or not texts.null_count
            found += [before, texts, behind] if is_whole else [_around(before, texts, behind)]
        return found


class RowAttributes(Attributes):
    """Attributes as a dict of each row.

    Examples
    --------
    >>> edges = RowAttributes([{"mi": 0.5, "sign": 1}, {"mi": 0.25}])
    >>> edges.columns["sign"].values
    [1, None]
    >>> edges.kinds
    {'mi': 'number', 'sign': 'integer'}
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows, self.n_rows = rows, len(rows)

    @cached_property
    def _names(self) -> list[tuple[str, ...]]:
        """The different lists of names that rows have; millions of rows have few."""
        return list(dict.fromkeys(map(tuple, self.rows)))

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Values of each attribute; names are in the order of their first occurrence."""
        found: dict[str, list[Any]] = {name: [] for name in chain.from_iterable(self._names)}
        are_complete = len(self._names) == 1
        for start in range(0, len(self.rows), _ROWS_AT_ONCE):
            rows = self.rows[start : start + _ROWS_AT_ONCE]
            for name, values in found.items():
                values += map(itemgetter(name), rows) if are_complete else [row.get(name) for row in rows]
        return {name: AnyColumn(values) for name, values in found.items()}

    @cached_property
    def _are_ordered(self) -> bool:
        """Whether each row has its attributes in the order of the columns."""
        place = {name: number for number, name in enumerate(self.columns)}
        return all(a < b for names in self._names for a, b in pairwise(place[name] for name in names))

    def texts(self, pieces: Mapping[str, Piece], start: int, n: int) -> list[Texts]:
        """Write the attributes of `n` rows; see `Attributes`."""
        import pyarrow as pa

        if self._are_ordered:
            return self._by_column(self.columns, pieces, start, n)
        texts = []
        for row in self.rows[start : start + n]:
            written = [(pieces[name], value) for name, value in typed_row(row, self.kinds).items()]
            texts.append("".join([f"{before}{write(value)}{behind}" for (before, write, behind), value in written]))
        return [pa.array(texts, pa.string())]


class TableAttributes(Attributes):
    """Attributes as columns of a table; a missing value is an attribute that a row does not have.

    Examples
    --------
    >>> edges = TableAttributes(pd.DataFrame({"clr": [None, 2.0], "mi": [0.5, 0.25], "note": [None, None]}))
    >>> edges.kinds
    {'mi': 'number', 'clr': 'number'}
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.n_rows = len(table)
        self._columns = {str(name): column_of(column) for name, column in table.items()}

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Values of each attribute; names are in the order of their first occurrence."""
        first = {name: row for name, column in self._columns.items() if (row := column.first) is not None}
        return {name: self._columns[name] for name in sorted(first, key=first.__getitem__)}

    def texts(self, pieces: Mapping[str, Piece], start: int, n: int) -> list[Texts]:
        """Write the attributes of `n` rows, in the order of the table; see `Attributes`."""
        return self._by_column([name for name in self._columns if name in self.columns], pieces, start, n)

    @property
    def known_texts(self) -> dict[str, "pa.Array"]:
        """Texts of numbers that some format has needed, by attribute."""
        found = {n: c.known_texts for n, c in self._columns.items() if isinstance(c, NumberColumn)}
        return {name: texts for name, texts in found.items() if texts is not None}


class Elements(ABC):
    """Nodes and edges of a network; what takes long is computed once."""

    attributes: Mapping[str, Any]
    """Attributes of the network, the first of them its `name`, if it has one."""
    directed: bool
    """Whether edges point from their first node to their second one."""
    keys: Sequence[Any]
    """The nodes, as a graph has them; their names are these as text."""
    ends: tuple[NDArray[np.int64], NDArray[np.int64]]
    """Positions of the two nodes of each edge among the nodes."""
    edges: Attributes
    """Attributes of the edges."""
    nodes: Attributes
    """Attributes of the nodes."""

    @abstractmethod
    def named(self, first: Sequence[str], last: Sequence[str] = ()) -> Attributes:
        """Attributes of the nodes, before and behind which are others whose values are the nodes' names."""

    @abstractmethod
    def without(self, names: Iterable[str]) -> Attributes:
        """Attributes of the edges but some."""

    @cached_property
    def named_nodes(self) -> Attributes:
        """Attributes of the nodes, the first of them `name`."""
        return self.named(["name"])

    def at_ends(self, write: Callable[[str], str]) -> "tuple[pa.Array, pa.Array]":
        """Texts of the two nodes of each edge, each node written once."""
        import pyarrow as pa

        texts = pa.array([write(str(node)) for node in self.keys], pa.string())
        source, target = self.ends
        return texts.take(pa.array(source)), texts.take(pa.array(target))

    @property
    def known_texts(self) -> dict[str, "pa.Array"]:
        """Texts of numbers that some format has needed, by column of the table of the edges, in its order."""
        return {}


class GraphElements(Elements):
    """Nodes and edges of a graph of networkx."""

    def __init__(self, graph: "nx.Graph[str]") -> None:
        self._graph = graph
        self.attributes, self.directed, self.keys = graph.graph, graph.is_directed(), list(graph)

    @cached_property
    def _edges(self) -> list[tuple[str, str, dict[str, Any]]]:
        return list(self._graph.edges(data=True))

    @cached_property
    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # type: ignore[override]
        """Positions of the two nodes of each edge among the nodes."""
        number = {node: place for place, node in enumerate(self.keys)}
        n = len(self._edges)
        source = np.fromiter((number[node] for node, _, _ in self._edges), np.int64, n)
        target = np.fromiter((number[node] for _, node, _ in self._edges), np.int64, n)
        return source, target

    @cached_property
    def edges(self) -> RowAttributes:  # type: ignore[override]
        """Attributes of the edges."""
        return RowAttributes([data for _, _, data in self._edges])

    @cached_property
    def nodes(self) -> RowAttributes:  # type: ignore[override]
        """Attributes of the nodes."""
        return RowAttributes([data for _, data in self._graph.nodes(data=True)])

    def named(self, first: Sequence[str], last: Sequence[str] = ()) -> RowAttributes:
        """Attributes of the nodes with their names; see `Elements`."""
        nodes = self._graph.nodes(data=True)
        return RowAttributes([dict.fromkeys(first, str(n)) | data | dict.fromkeys(last, str(n)) for n, data in nodes])

    def without(self, names: Iterable[str]) -> RowAttributes:
        """Attributes of the edges but some."""
        left_out = {*names}
        return RowAttributes([{name: row[name] for name in row if name not in left_out} for row in self.edges.rows])


class TableElements(Elements):
    """Nodes and edges of a network in tables, in the order in which its graph has them."""

    def __init__(self, network: NetworkTables) -> None:
        self._network = network
        self.attributes, self.directed = network.attributes, network.directed
        self.keys = network.names
        source, target = network.ends
        self.ends = source[network.order], target[network.order]

    @cached_property
    def _edge_table(self) -> pd.DataFrame:
        return self._network.edges.iloc[self._network.order]

    @cached_property
    def edges(self) -> TableAttributes:  # type: ignore[override]
        """Attributes of the edges."""
        return TableAttributes(self._edge_table)

    @cached_property
    def nodes(self) -> TableAttributes:  # type: ignore[override]
        """Attributes of the nodes."""
        return TableAttributes(self._network.nodes)

    def named(self, first: Sequence[str], last: Sequence[str] = ()) -> TableAttributes:
        """Attributes of the nodes with their names; see `Elements`."""
        names = pd.Series(self.keys, dtype=object)
        own = {str(name): column for name, column in self._network.nodes.reset_index(drop=True).items()}
        return TableAttributes(pd.DataFrame(dict.fromkeys(first, names) | own | dict.fromkeys(last, names), copy=False))

    def without(self, names: Iterable[str]) -> TableAttributes:
        """Attributes of the edges but some."""
        left_out = {*names}
        return TableAttributes(self._edge_table[[name for name in self._edge_table if name not in left_out]])

    @property
    def known_texts(self) -> dict[str, "pa.Array"]:
        """Texts of numbers that some format has needed, by column of the table of the edges, in its order."""
        import pyarrow as pa

        known = self.__dict__["edges"].known_texts if "edges" in self.__dict__ else {}
        back = pa.array(np.argsort(self._network.order))
        names = self._network.columns
        return {column: known[name].take(back) for column, name in names.items() if name in known}


Network: TypeAlias = "nx.Graph[str] | NetworkTables | Elements"
"""A network as the writers of graphs take it."""


def elements_of(network: Network) -> Elements:
    """Nodes and edges of a network; of its graph where there is one, which somebody may have changed.

    Examples
    --------
    >>> import networkx as nx
    >>> elements_of(nx.Graph([("A", "B", {"mi": 0.5})])).edges.kinds
    {'mi': 'number'}
    """
    if isinstance(network, Elements):
        return network
    if isinstance(network, NetworkTables):
        return GraphElements(network.graph) if network.has_graph else TableElements(network)
    return GraphElements(network)


def attribute_kinds(rows: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Find the kind of every attribute from all its values; names are in the order of their first occurrence.

    Examples
    --------
    >>> attribute_kinds([{"degree": 3, "mean": 1}, {"mean": 0.5, "chromosome": "X"}, {"chromosome": 2}])
    {'degree': 'integer', 'mean': 'number', 'chromosome': 'text'}
    """
    return RowAttributes(list(rows)).kinds


def node_kinds(graph: "nx.Graph[str]") -> dict[str, Kind]:
    """Find the kind of every attribute of the nodes."""
    return attribute_kinds(data for _, data in graph.nodes(data=True))


def edge_kinds(graph: "nx.Graph[str]") -> dict[str, Kind]:
    """Find the kind of every attribute of the edges."""
    return attribute_kinds(data for _, _, data in graph.edges(data=True))


def _around(before: str, texts: "pa.Array", behind: str) -> "pa.Array":
    """Texts with what is around them, where there are any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(pa.scalar(before), texts, pa.scalar(behind), pa.scalar(""))
