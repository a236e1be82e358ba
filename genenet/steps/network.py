"""The edges table as a networkx graph, with attributes that every file format and program can hold.

Names of attributes. Programs that open networks keep some names for themselves, and Cytoscape takes `Mean` and `mean`
for one column. A column of `var` whose name, case aside, is one of `RESERVED` or already in use gets the prefix `var_`,
a column of the edges table `edge_`; the prefix is repeated until the name is free. No column is left out.

Values are plain Python values (`genenet.files.plain_values`); a missing value is an attribute that is not there.
"""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from genenet.config.sections import Network
from genenet.files.plain_values import plain_column
from genenet.products.edges import DIRECTED, UNDIRECTED, _edge_names, ends, graph_edges, node_table
from genenet.products.expression import Expression, Notes
from genenet.products.fingerprint import origin_of
from genenet.products.origin import FINGERPRINT, check_one_run, origin_of_table

DEFAULTS = Network()


def build_network(
    edges: pd.DataFrame,
    expression: Expression,
    settings: Network = DEFAULTS,
    *,
    name: str = "network",
) -> "nx.Graph[str]":
    """Make the graph of the kept edges.

    Parameters
    ----------
    edges
        The edges table, one row per unordered pair.
    expression
        The prepared matrix: `var` gives node attributes, `uns["genenet"]["directed"]` whether edges have a direction.
    settings
        Whether genes without an edge are nodes.
    name
        Name of the network, shown by the programs that open it.

    Returns
    -------
    Undirected, or directed from regulator to target; two regulators are joined in both directions.
    Nodes are in gene order and have `degree` (number of partners), `strength` (sum of the edges' mi, bits), with
    regulators also `out_degree` and `in_degree`, then the columns of `var`. Edges have `interaction`, then the columns
    of the edges table. The graph itself has `name`, and the `fingerprint` of the edges, if they are of a run.

    Raises
    ------
    InputError
        If the edges were not inferred from this matrix.

    Examples
    --------
    >>> from anndata import AnnData
    >>> genes = pd.DataFrame({"mean": [1.0, 2.0, 3.0]}, index=["A", "B", "C"])
    >>> edges = pd.DataFrame({"gene_a": ["A"], "gene_b": ["C"], "mi": [0.5], "kept": [True]})
    >>> graph = build_network(edges, AnnData(np.zeros((4, 3)), var=genes))
    >>> graph.nodes(data="strength"), graph.edges(data="mi")
    (NodeDataView({'A': 0.5, 'C': 0.5}, data='strength'), EdgeDataView([('A', 'C', 0.5)]))
    """
    origin = origin_of_table(edges)
    if origin.kind:
        check_one_run({"the table of edges": origin, "the matrix": origin_of(expression)}, warn=False)
    return network_of(edges, expression, settings, name=name)


def network_of(edges: pd.DataFrame, expression: Expression, settings: Network, *, name: str) -> "nx.Graph[str]":
    """Make the graph of edges and a matrix that are known to be of one run; see `build_network`."""
    directed = Notes.of(expression, tables=False).directed
    table = graph_edges(edges, directed=directed)
    names = [str(gene) for gene in expression.var_names]
    nodes = node_table(edges, expression)
    shown = np.arange(len(names)) if settings.isolated else np.flatnonzero(nodes["degree"].to_numpy())
    graph: nx.Graph[str] = nx.DiGraph(name=name) if directed else nx.Graph(name=name)
    graph.graph |= _fingerprint_of(edges)
    records = _records(nodes.iloc[shown], list(nodes.columns))
    graph.add_nodes_from((names[gene], record) for gene, record in zip(shown, records, strict=True))
    source, target = (plain_column(table[column])[0] for column in ends(table, directed=directed))
    graph.add_edges_from(zip(source, target, _edge_records(table, directed=directed), strict=True))
    return graph


def _fingerprint_of(edges: pd.DataFrame) -> dict[str, str]:
    """The attribute of a graph that says of which edges it is, if that is known."""
    found = origin_of_table(edges).fingerprints.get("pruned")
    return {FINGERPRINT: found} if found else {}


def _edge_records(table: pd.DataFrame, *, directed: bool) -> list[dict[str, Any]]:
    columns, names = _edge_names(table)
    attributes = table[columns].copy(deep=False)
    attributes.insert(0, "", DIRECTED if directed else UNDIRECTED)
    return _records(attributes, ["interaction", *names])


def _records(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Make a dict of every row without its missing values; column by column, as there may be millions of rows."""
    columns = [plain_column(table.iloc[:, position]) for position in range(table.shape[1])]
    values = zip(*(column for column, _ in columns), strict=True)
    records = [dict(zip(names, row, strict=True)) for row in values] if columns else [{} for _ in range(len(table))]
    for name, (_, missing) in zip(names, columns, strict=True):
        for row in np.flatnonzero(missing):
            del records[row][name]
    return records
