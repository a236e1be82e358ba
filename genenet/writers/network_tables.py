"""The network as tables: its nodes, its edges, and their attributes under their final names.

A graph of networkx has a Python object for each value: it is made when somebody asks for it, and files are written from
the tables as long as nobody has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.files.plain_values import plain_column

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class NetworkTables:
    """Nodes and edges of a network in tables; a missing value is an attribute that is not there.

    Attributes
    ----------
    attributes
        Attributes of the network, the first of them its `name`.
    directed
        Whether edges point from their first node to their second one.
    nodes
        Attributes of the nodes, whose names are the index.
    edges
        Attributes of the edges, in the order of the edges table.
    ends
        Positions of the two nodes of each edge among the nodes, shape (n_edges,) each.
    columns
        Attribute of the edges by the column of the edges table that it is made of.

    Examples
    --------
    >>> nodes = pd.DataFrame({"degree": [1, 2, 1]}, index=["A", "B", "C"])
    >>> edges = pd.DataFrame({"mi": [0.5, 0.25]})
    >>> network = NetworkTables({"name": "n"}, False, nodes, edges, (np.array([1, 0]), np.array([2, 1])), {"mi": "mi"})
    >>> network.graph.edges(data="mi")
    EdgeDataView([('A', 'B', 0.25), ('B', 'C', 0.5)])
    """

    attributes: Mapping[str, Any]
    directed: bool
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ends: tuple[NDArray[np.int64], NDArray[np.int64]]
    columns: Mapping[str, str]

    @cached_property
    def names(self) -> list[str]:
        """Names of the nodes."""
        return [str(name) for name in self.nodes.index]

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Rows of the edges in the order in which the graph has them: by their first node, then as in the table."""
        source, target = self.ends
        return np.argsort(source if self.directed else np.minimum(source, target), kind="stable")

    @property
    def has_graph(self) -> bool:
        """Whether the graph has been made, so that somebody may have changed it."""
        return "graph" in self.__dict__

    @property
    def has_other_edges(self) -> bool:
        """Whether somebody has added nodes or edges to the graph, or removed some."""
        if not self.has_graph:
            return False
        graph, names = self.graph, self.names
        own = [
            (names[first], names[second]) for first, second in zip(*(end.tolist() for end in self.ends), strict=True)
        ]
        is_same = graph.number_of_edges() == len(own) and all(graph.has_edge(*pair) for pair in own)
        return not is_same or set(graph) != set(names)

    @cached_property
    def graph(self) -> "nx.Graph[str]":
        """The network as a graph of networkx, directed or not, with plain Python values as attributes."""
        import networkx as nx

        graph: nx.Graph[str] = nx.DiGraph() if self.directed else nx.Graph()
        graph.graph |= self.attributes
        graph.add_nodes_from(zip(self.names, _records(self.nodes), strict=True))
        source, target = (map(self.names.__getitem__, end.tolist()) for end in self.ends)
        graph.add_edges_from(zip(source, target, _records(self.edges), strict=True))
        return graph


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Make a dict of every row without its missing values; column by column, as there may be millions of rows."""
    names: Sequence[str] = list(table.columns)
    columns = [plain_column(table.iloc[:, position]) for position in range(table.shape[1])]
    values = zip(*(column for column, _ in columns), strict=True)
    records = [dict(zip(names, row, strict=True)) for row in values] if columns else [{} for _ in range(len(table))]
    for name, (_, missing) in zip(names, columns, strict=True):
        for row in np.flatnonzero(missing):
            del records[row][name]
    return records
