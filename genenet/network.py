"""The edges table as a networkx graph, with attributes that every file format and program can hold.

Names of attributes. Programs that open networks keep some names for themselves, and Cytoscape takes `Mean` and `mean`
for one column. A column of `var` whose name, case aside, is one of `RESERVED` or already in use gets the prefix `var_`,
a column of the edges table `edge_`; the prefix is repeated until the name is free. Nothing is left out.

Values are plain Python values (`genenet.values`); a missing value is an attribute that is not there.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from genenet.config import Network
from genenet.values import plain_column, plain_value

if TYPE_CHECKING:
    from anndata import AnnData

DEFAULTS = Network()

UNDIRECTED = "codependency"
DIRECTED = "regulation"

RESERVED = frozenset(
    {"id", "name", "shared name", "suid", "selected", "source", "target", "key", "value", "label", "gene"}
    | {"interaction", "shared interaction", "parent", "position", "classes", "group"}
)
"""Names, in lower case, to which Cytoscape, cytoscape.js, networkx, igraph, Gephi or the TSV files give a meaning."""

NOT_ATTRIBUTES = ("gene_a", "gene_b", "regulator", "target", "kept", "dpi_via", "dpi_margin")
"""Columns of the edges table that are the edge's ends, or that say nothing about an edge that was kept."""


def is_directed(expression: "AnnData") -> bool:
    """Whether regulators were given, so that edges point from regulator to target."""
    return bool(expression.uns.get("genenet", {}).get("directed", False))


def graph_edges(edges: pd.DataFrame, *, directed: bool) -> pd.DataFrame:
    """Table of the graph's edges: the kept ones; a pair of two regulators twice, once in each direction.

    Examples
    --------
    >>> edges = pd.DataFrame({"gene_a": ["A", "A"], "gene_b": ["B", "C"], "kept": [True, True]})
    >>> edges = edges.assign(regulator=["A", "A"], target=["B", "C"], mutual=[True, False])
    >>> graph_edges(edges, directed=True)[["regulator", "target"]].to_numpy().tolist()
    [['A', 'B'], ['B', 'A'], ['A', 'C']]
    """
    kept = edges.loc[edges["kept"].to_numpy(dtype=bool)].reset_index(drop=True)
    if not directed or not kept["mutual"].any():
        return kept
    rows = np.repeat(np.arange(len(kept)), 1 + kept["mutual"].to_numpy(dtype=np.intp))
    second = np.r_[False, rows[1:] == rows[:-1]]
    doubled = kept.iloc[rows].reset_index(drop=True)
    regulator, target = doubled["regulator"].astype(object), doubled["target"].astype(object)
    doubled["regulator"] = target.where(second, regulator).astype(kept["regulator"].dtype)
    doubled["target"] = regulator.where(second, target).astype(kept["target"].dtype)
    return doubled


def ends(table: pd.DataFrame, *, directed: bool) -> tuple[str, str]:
    """Columns of the edges table that hold the two ends of an edge."""
    return ("regulator", "target") if directed else ("gene_a", "gene_b")


def free_names(columns: Iterable[object], *, taken: Iterable[str], prefix: str) -> list[str]:
    """Give each column a name that no program, and no other column, has a meaning for.

    Examples
    --------
    >>> free_names(["mean", "id", "Mean"], taken=["degree"], prefix="var_")
    ['mean', 'var_id', 'var_Mean']
    """
    used = RESERVED | {name.lower() for name in taken}
    names = []
    for column in columns:
        name = str(column)
        while name.lower() in used:
            name = prefix + name
        used |= {name.lower()}
        names.append(name)
    return names


def build_network(
    edges: pd.DataFrame,
    expression: "AnnData",
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
    of the edges table.

    Examples
    --------
    >>> from anndata import AnnData
    >>> genes = pd.DataFrame({"mean": [1.0, 2.0, 3.0]}, index=["A", "B", "C"])
    >>> edges = pd.DataFrame({"gene_a": ["A"], "gene_b": ["C"], "mi": [0.5], "kept": [True]})
    >>> graph = build_network(edges, AnnData(np.zeros((4, 3)), var=genes))
    >>> graph.nodes(data="strength"), graph.edges(data="mi")
    (NodeDataView({'A': 0.5, 'C': 0.5}, data='strength'), EdgeDataView([('A', 'C', 0.5)]))
    """
    directed = is_directed(expression)
    table = graph_edges(edges, directed=directed)
    names = [str(gene) for gene in expression.var_names]
    nodes = node_table(edges, expression)
    shown = np.arange(len(names)) if settings.isolated else np.flatnonzero(nodes["degree"].to_numpy())
    graph: nx.Graph[str] = nx.DiGraph(name=name) if directed else nx.Graph(name=name)
    records = _records(nodes.iloc[shown], list(nodes.columns))
    graph.add_nodes_from((names[gene], record) for gene, record in zip(shown, records, strict=True))
    source, target = (plain_column(table[column])[0] for column in ends(table, directed=directed))
    graph.add_edges_from(zip(source, target, _edge_records(table, directed=directed), strict=True))
    return graph


def node_table(edges: pd.DataFrame, expression: "AnnData") -> pd.DataFrame:
    """Attributes of every gene, in gene order, with or without an edge; the columns have their final names."""
    directed = is_directed(expression)
    kept = edges.loc[edges["kept"].to_numpy(dtype=bool)]
    computed = _connections(kept, expression.var_names)
    if directed:
        table = graph_edges(edges, directed=True)
        for column, end in (("out_degree", "regulator"), ("in_degree", "target")):
            computed[column] = np.bincount(_positions(table[end], expression.var_names), minlength=expression.n_vars)
    taken = [*computed, *_edge_names(edges)[1]]
    var: pd.DataFrame = expression.var.set_axis(free_names(expression.var.columns, taken=taken, prefix="var_"), axis=1)
    return pd.concat([pd.DataFrame(computed, index=var.index), var], axis=1)


def _connections(kept: pd.DataFrame, genes: pd.Index) -> dict[str, npt.NDArray[Any]]:
    positions = np.concatenate([_positions(kept["gene_a"], genes), _positions(kept["gene_b"], genes)])
    mi = np.tile(kept["mi"].to_numpy(dtype=float), 2)
    return {
        "degree": np.bincount(positions, minlength=len(genes)),
        "strength": np.bincount(positions, weights=mi, minlength=len(genes)),
    }


def _positions(column: "pd.Series[Any]", genes: pd.Index) -> npt.NDArray[np.intp]:
    codes = column.astype("category").cat
    return genes.get_indexer(codes.categories)[codes.codes.to_numpy()]


def _edge_names(edges: pd.DataFrame) -> tuple[list[str], list[str]]:
    columns = [column for column in edges.columns if column not in NOT_ATTRIBUTES]
    return columns, free_names(columns, taken=(), prefix="edge_")


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


def summarise_network(graph: "nx.Graph[str]", *, n_hubs: int = 10) -> dict[str, Any]:
    """Numbers that describe a network, ready for JSON.

    Parameters
    ----------
    graph
        A graph of `build_network`.
    n_hubs
        How many genes to list: those with most partners; among equals by strength, then gene order.

    Returns
    -------
    `nodes`, `edges`, `components` and `largest_component` (of the undirected graph), `negative_edges`
    (Spearman below 0), and `hubs`, a list of `gene`, `degree`, `strength`.

    Examples
    --------
    >>> graph = nx.Graph([("A", "B", {"sign": -1}), ("A", "C", {"sign": 1})])
    >>> nx.set_node_attributes(graph, {"A": 2, "B": 1, "C": 1}, "degree")
    >>> nx.set_node_attributes(graph, {"A": 0.75, "B": 0.5, "C": 0.25}, "strength")
    >>> summarise_network(graph, n_hubs=1)["hubs"]
    [{'gene': 'A', 'degree': 2, 'strength': 0.75}]
    """
    signs: list[tuple[str, str, Any]] = list(graph.edges(data="sign"))
    sizes = [len(part) for part in nx.connected_components(graph.to_undirected(as_view=True))]
    nodes = [
        {"gene": gene, "degree": data["degree"], "strength": data["strength"]} for gene, data in graph.nodes.items()
    ]
    hubs = sorted(nodes, key=lambda node: (-node["degree"], -node["strength"]))[:n_hubs]
    return {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "components": len(sizes),
        "largest_component": max(sizes, default=0),
        "negative_edges": sum(plain_value(sign) == -1 for _, _, sign in signs),
        "hubs": hubs,
    }
