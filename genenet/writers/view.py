"""Cutting the network to a part that can be drawn: the strongest edges, or the neighbourhood of given genes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.errors import InputError, quote_some, suggest
from genenet.writers.strongest_part import EDGES_PER_GENE, strongest_part

if TYPE_CHECKING:
    import networkx as nx

MAX_OBJECTS = 4_000
"""Most nodes and edges, together, that Cytoscape draws in full detail."""


def cut_view(
    graph: "nx.Graph[str]", *, genes: Sequence[str] = (), max_nodes: int = 200, max_objects: int = MAX_OBJECTS
) -> "nx.Graph[str]":
    """Cut the network to a size at which a picture can be read.

    Parameters
    ----------
    graph
        A graph of `genenet.steps.network.build_network`, or of `genenet.differential.graph.differential_graph`.
    genes
        Genes whose neighbourhood is shown: the genes, then their partners from the strongest edge down, then the
        partners' partners. Without genes, `strongest_part` chooses the best edges that make large connected components.
    max_nodes
        Most genes; Cytoscape shows labels of up to 200.
    max_objects
        Most genes and edges together; the weakest edges between the chosen genes are left out first.

    Returns
    -------
    A new graph with at most twice as many edges as genes, those of the largest `score` (`mi` in a graph without scores,
    `deviance` in one of differences between groups). Nodes are in the order of `graph`, and all attributes are those in
    the whole network (also `degree`).

    Raises
    ------
    InputError
        If none of the genes is in the network.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph([("A", "B", {"mi": 0.9}), ("B", "C", {"mi": 0.5}), ("C", "D", {"mi": 0.7})])
    >>> list(cut_view(graph, max_nodes=3).edges)
    [('A', 'B')]
    >>> list(cut_view(graph, genes=["C"], max_nodes=2).edges)
    [('C', 'D')]
    """
    edges = _best_first(graph)
    if genes:
        chosen = _neighbourhood(graph, genes, max_nodes)
        inside = [edge for edge in edges if edge[0] in chosen and edge[1] in chosen]
        inside = inside[: int(EDGES_PER_GENE * len(chosen))]
    else:
        chosen, inside = _strongest(graph, edges, max_nodes)
    inside = inside[: max(0, max_objects - len(chosen))]
    view = type(graph)(**graph.graph)
    view.add_nodes_from((node, dict(data)) for node, data in graph.nodes(data=True) if node in chosen)
    kept = set(inside)
    view.add_edges_from((a, b, dict(data)) for a, b, data in graph.edges(data=True) if (a, b) in kept)
    return view


def _weight(data: Mapping[str, Any]) -> float:
    """Score of an edge, or its MI in a graph that has no scores; deviance in a graph of differences."""
    return float(next((data[name] for name in ("score", "mi", "deviance") if name in data), 0.0))


def _best_first(graph: "nx.Graph[str]") -> list[tuple[str, str]]:
    edges = sorted(graph.edges(data=True), key=lambda edge: -_weight(edge[2]))
    return [(source, target) for source, target, _ in edges]


def _strongest(
    graph: "nx.Graph[str]", edges: list[tuple[str, str]], max_nodes: int
) -> tuple[set[str], list[tuple[str, str]]]:
    nodes = list(graph)
    number = {node: place for place, node in enumerate(nodes)}
    ends = np.array([(number[a], number[b]) for a, b in edges], np.int64).reshape(-1, 2)
    part = strongest_part(ends[:, 0], ends[:, 1], len(nodes), max_genes=max_nodes)
    return {nodes[gene] for gene in part.genes}, [edges[edge] for edge in part.edges]


def _neighbourhood(graph: "nx.Graph[str]", genes: Sequence[str], max_nodes: int) -> set[str]:
    known = [gene for gene in genes if gene in graph]
    if not known:
        hint = suggest(genes[0], graph.nodes)
        raise InputError(f"none of the genes to show has an edge in the network: {quote_some(genes)}{hint}")
    undirected = graph.to_undirected(as_view=True)
    order = {node: number for number, node in enumerate(graph)}
    chosen = set(known[:max_nodes])
    shell = list(known)
    while shell and len(chosen) < max_nodes:
        reached: dict[str, float] = {}
        for gene in shell:
            for partner, data in undirected.adj[gene].items():
                if partner not in chosen:
                    reached[partner] = max(_weight(data), reached.get(partner, 0.0))
        shell = sorted(reached, key=lambda node: (-reached[node], order[node]))[: max_nodes - len(chosen)]
        chosen |= set(shell)
    return chosen
