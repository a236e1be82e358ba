"""A part of the network that can be drawn: the strongest edges, or the neighbourhood of given genes."""

from collections.abc import Sequence

import networkx as nx

from genenet.errors import InputError, quote_some, suggest

MAX_OBJECTS = 4_000
"""Nodes and edges that Cytoscape draws in full detail."""


def cut_view(
    graph: "nx.Graph[str]", *, genes: Sequence[str] = (), max_nodes: int = 200, max_objects: int = MAX_OBJECTS
) -> "nx.Graph[str]":
    """Cut the network to a size at which a picture can be read.

    Parameters
    ----------
    graph
        A graph of `genenet.steps.network.build_network`.
    genes
        The neighbourhood of these: the genes, then their partners from the strongest edge down, then the partners'
        partners. Without genes the strongest edges of the network.
    max_nodes
        Most genes; Cytoscape shows labels of up to 200.
    max_objects
        Most genes and edges together; the weakest edges between the chosen genes go first.

    Returns
    -------
    A graph of its own, nodes in the order of `graph`, all attributes as in the whole network (also `degree`).

    Raises
    ------
    InputError
        If none of the genes is in the network.

    Examples
    --------
    >>> graph = nx.Graph([("A", "B", {"mi": 0.9}), ("B", "C", {"mi": 0.5}), ("C", "D", {"mi": 0.7})])
    >>> list(cut_view(graph, max_nodes=3).edges)
    [('A', 'B')]
    >>> list(cut_view(graph, genes=["C"], max_nodes=2).edges)
    [('C', 'D')]
    """
    edges = _strongest_first(graph)
    chosen = _neighbourhood(graph, genes, max_nodes) if genes else _strongest(edges, max_nodes)
    inside = [edge for edge in edges if edge[0] in chosen and edge[1] in chosen][: max(0, max_objects - len(chosen))]
    view = type(graph)(**graph.graph)
    view.add_nodes_from((node, dict(data)) for node, data in graph.nodes(data=True) if node in chosen)
    kept = set(inside)
    view.add_edges_from((a, b, dict(data)) for a, b, data in graph.edges(data=True) if (a, b) in kept)
    return view


def _strength(data: dict[str, float]) -> float:
    return float(data.get("mi", 0.0))


def _strongest_first(graph: "nx.Graph[str]") -> list[tuple[str, str]]:
    edges = sorted(graph.edges(data=True), key=lambda edge: -_strength(edge[2]))
    return [(source, target) for source, target, _ in edges]


def _strongest(edges: list[tuple[str, str]], max_nodes: int) -> set[str]:
    chosen: set[str] = set()
    for edge in edges:
        if len(chosen | set(edge)) > max_nodes:
            break
        chosen |= set(edge)
    return chosen


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
                    reached[partner] = max(_strength(data), reached.get(partner, 0.0))
        shell = sorted(reached, key=lambda node: (-reached[node], order[node]))[: max_nodes - len(chosen)]
        chosen |= set(shell)
    return chosen
