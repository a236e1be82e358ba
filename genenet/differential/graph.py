"""The networks of the groups and what differs between them as one graph."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from genenet.differential.changes import NO_CHANGE
from genenet.differential.networks import check_networks
from genenet.errors import logger_of
from genenet.files.plain_values import plain_value
from genenet.paths import PathLike
from genenet.products.edges import ends
from genenet.products.expression import Notes

if TYPE_CHECKING:
    from genenet.differential.network import DifferentialNetwork

logger = logger_of("genenet")

MOST_PAIRS = 50_000
"""Largest number of differing pairs in the graph; the table has all of them."""
# Columns of the table of pairs that are not attributes of the edges.
NOT_EDGES = ("gene_a", "gene_b", "regulator", "target")


def differential_graph(
    found: "DifferentialNetwork",
    networks: Mapping[str, pd.DataFrame] | None = None,
    files: Mapping[str, PathLike] | None = None,
) -> "nx.Graph[str]":
    """Make a graph of the pairs that differ, and of the edges of the groups' networks.

    Parameters
    ----------
    found
        The comparison.
    networks
        Edges tables of the groups' networks (`Result.edges`), by the group's name; without, pairs that differ only.
    files
        The files that the networks are from, by the group's name, for messages.

    Returns
    -------
    Undirected, or directed from regulator to target. Edges have the columns of the table of pairs, among them `change`
    (none for an edge of a network that does not differ significantly), and with networks `kept_GROUP`, whether it is
    an edge there. Nodes have the columns of the table of genes, and `degree`.

    Raises
    ------
    InputError
        If the networks are not those of the groups (see `genenet.differential.networks.check_networks`).
    """
    if networks:
        check_networks(found, networks, files)
    directed = Notes.of(found.expression).directed
    graph: nx.Graph[str] = nx.DiGraph(name=found.name) if directed else nx.Graph(name=found.name)
    graph.graph["group_by"] = found.labels.column
    graph.graph["groups"] = ", ".join(group.name for group in found.labels.groups)
    significant = found.significant
    if len(significant) > MOST_PAIRS:
        logger.warning(
            "the graph has the %s pairs of the smallest p-values, of %s that differ; the table has all",
            f"{MOST_PAIRS:,}", f"{len(significant):,}",
        )  # fmt: skip
    _add_pairs(graph, significant.head(MOST_PAIRS), directed=directed)
    if networks:
        for group in found.labels.groups:
            table = networks[group.name]
            _add_network(graph, group.folder, table[table["kept"].to_numpy(bool)], directed=directed)
        for _, _, data in graph.edges(data=True):
            for group in found.labels.groups:
                data.setdefault(f"kept_{group.folder}", False)
    _add_genes(graph, found.genes)
    return _in_gene_order(graph, list(found.expression.var_names))


def _add_pairs(graph: "nx.Graph[str]", pairs: pd.DataFrame, *, directed: bool) -> None:
    source, target = ends(pairs, directed=directed)
    columns = [str(name) for name in pairs if name not in NOT_EDGES]
    for row in pairs.to_dict("records"):
        data = {name: plain_value(row[name]) for name in columns}
        graph.add_edge(str(row[source]), str(row[target]), interaction="differs", **data)


def _add_network(graph: "nx.Graph[str]", folder: str, edges: pd.DataFrame, *, directed: bool) -> None:
    source, target = ends(edges, directed=directed)
    for row in edges.to_dict("records"):
        a, b = str(row[source]), str(row[target])
        if not graph.has_edge(a, b):
            graph.add_edge(a, b, interaction="network", change=NO_CHANGE)
        data: dict[str, Any] = graph.edges[a, b]
        data[f"kept_{folder}"] = True
        for name in ("mi", "spearman"):
            data.setdefault(f"{name}_{folder}", float(row[name]))


def _add_genes(graph: "nx.Graph[str]", genes: pd.DataFrame) -> None:
    degrees = {str(node): int(degree) for node, degree in graph.degree()}
    rows = genes.set_index("gene").to_dict("index")
    for node, data in graph.nodes(data=True):
        data["degree"] = degrees[node]
        data |= {str(name): plain_value(value) for name, value in rows.get(node, {}).items()}


def _in_gene_order(graph: "nx.Graph[str]", genes: list[Any]) -> "nx.Graph[str]":
    place = {str(gene): number for number, gene in enumerate(genes)}
    ordered = graph.__class__()
    ordered.graph |= graph.graph
    last = np.iinfo(np.int64).max
    nodes = sorted(graph.nodes(data=True), key=lambda item: (place.get(item[0], last), item[0]))
    ordered.add_nodes_from(nodes)
    ordered.add_edges_from(graph.edges(data=True))
    return ordered
