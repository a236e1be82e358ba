"""Tests of the choice of genes and edges for a picture."""

import networkx as nx
import numpy as np
import pytest

from genenet.writers.strongest_part import strongest_part


def random_edges(n: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    graph = nx.gnm_random_graph(n, m, seed=seed)
    edges = np.array(list(graph.edges))
    np.random.default_rng(seed).shuffle(edges)
    return edges[:, 0], edges[:, 1]


@pytest.mark.parametrize("seed", range(5))
def test_strongest_part__limits_hold_and_what_is_shown_hangs_together(seed):
    first, second = random_edges(200, 500, seed)
    part = strongest_part(first, second, 200, max_genes=60)
    assert len(part.genes) <= 60
    assert len(part.edges) <= 2 * len(part.genes)
    shown = nx.Graph(list(zip(first[part.edges], second[part.edges], strict=True)))
    assert set(shown) == set(part.genes)
    assert min(map(len, nx.connected_components(shown))) >= 6
    inside = [edge for edge in range(500) if {first[edge], second[edge]} <= set(part.genes)]
    assert part.n_inside == len(inside)


def test_strongest_part__edges_beside_those_that_connect_are_the_best():
    first, second = np.array([0, 0, 1, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 3, 3, 4])
    part = strongest_part(first, second, 5, max_genes=5, edges_per_gene=1.0)
    # Needed to connect: 0-1, 0-2, 0-3, 3-4; one more of five, the best: 1-2.
    assert part.edges.tolist() == [0, 1, 2, 3, 6]


def test_strongest_part__small_parts_are_left_out_only_beside_large_ones():
    first, second = np.array([0, 10, 1, 2, 3, 4]), np.array([1, 11, 2, 3, 4, 5])
    assert strongest_part(first, second, 12, max_genes=10).genes.tolist() == [0, 1, 2, 3, 4, 5]
    assert strongest_part(first[:2], second[:2], 12, max_genes=10).genes.tolist() == [0, 1, 10, 11]


def test_strongest_part__no_edges():
    none = np.empty(0, int)
    part = strongest_part(none, none, 3, max_genes=10)
    assert (part.genes.tolist(), part.edges.tolist(), part.n_inside) == ([], [], 0)
