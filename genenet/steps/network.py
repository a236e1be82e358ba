"""The edges table as a networkx graph, with attributes that every file format and program can hold.

Names of attributes. Programs that open networks keep some names for themselves, and Cytoscape takes `Mean` and `mean`
for one column. A column of `var` whose name, case aside, is one of `RESERVED` or already in use gets the prefix `var_`,
a column of the edges table `edge_`; the prefix is repeated until the name is free. No column is left out.

Values are plain Python values (`genenet.files.plain_values`); a missing value is an attribute that is not there.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genenet.config.sections import Network
from genenet.products.edges import DIRECTED, UNDIRECTED, _edge_names, ends, gene_positions, graph_edges, node_table
from genenet.products.expression import Expression, Notes
from genenet.products.fingerprint import origin_of
from genenet.products.origin import FINGERPRINT, check_one_run, origin_of_table
from genenet.writers.network_tables import NetworkTables

if TYPE_CHECKING:
    import networkx as nx

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
    return network_of(edges, expression, settings, name=name).graph


def network_of(edges: pd.DataFrame, expression: Expression, settings: Network, *, name: str) -> NetworkTables:
    """Make the network of edges and a matrix that are known to be of one run, as tables; see `build_network`."""
    directed = Notes.of(expression, tables=False).directed
    table = graph_edges(edges, directed=directed)
    columns, names = _edge_names(table)
    attributes = table[columns].set_axis(names, axis=1)
    kind = pd.Index([DIRECTED if directed else UNDIRECTED])
    attributes.insert(0, "interaction", pd.Series(pd.Categorical.from_codes(np.zeros(len(table), np.int8), kind)))
    nodes = node_table(edges, expression)
    shown = np.arange(len(nodes)) if settings.isolated else np.flatnonzero(nodes["degree"].to_numpy())
    place = np.zeros(len(nodes), np.int64)
    place[shown] = np.arange(len(shown))
    genes = pd.Index(expression.var_names)
    source, target = (place[gene_positions(table[column], genes)] for column in ends(table, directed=directed))
    return NetworkTables(
        {"name": name} | _fingerprint_of(edges),
        directed,
        nodes.iloc[shown],
        attributes,
        (source, target),
        dict(zip(columns, names, strict=True)),
    )


def _fingerprint_of(edges: pd.DataFrame) -> dict[str, str]:
    """The attribute of a graph that says of which edges it is, if that is known."""
    found = origin_of_table(edges).fingerprints.get("pruned")
    return {FINGERPRINT: found} if found else {}
