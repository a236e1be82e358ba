"""First positions of nodes, held to graphs that fit into the plane."""

import hashlib

import igraph
import numpy as np
import pytest

from genenet.writers import pivot_mds as module
from genenet.writers.pivot_mds import APART, N_PIVOTS, pivot_mds


@pytest.mark.parametrize("n", [2, 3, 10, 4 * N_PIVOTS])
def test_pivot_mds__a_path_lies_on_a_line_in_its_order(n):
    places = pivot_mds(igraph.Graph.Ring(n, circular=False))
    x = places - places[0]
    along = x @ (x[-1] / np.linalg.norm(x[-1]))
    assert along == pytest.approx(np.arange(n), abs=2 * APART + 0.05)
    assert np.linalg.norm(x, axis=1) == pytest.approx(np.arange(n), abs=2 * APART + 0.05)


def test_pivot_mds__a_ring_is_round():
    places = pivot_mds(igraph.Graph.Ring(40))
    radius = np.linalg.norm(places - places.mean(axis=0), axis=1)
    assert radius == pytest.approx(np.full(40, 40 / (2 * np.pi)), rel=0.05)


def test_pivot_mds__distances_of_a_lattice_come_out_also_with_fewer_pivots_than_nodes():
    graph = igraph.Graph.Lattice([12, 20], circular=False)
    places, found = pivot_mds(graph), np.array(graph.distances(), float)
    wide = np.linalg.norm(places[:, None] - places[None], axis=-1)
    above = np.triu_indices(len(places), 1)
    assert np.corrcoef(wide[above], found[above])[0, 1] > 0.95


def test_pivot_mds__nodes_that_nothing_tells_apart_are_not_in_the_same_place():
    places = pivot_mds(igraph.Graph.Star(300))
    assert len(np.unique(places, axis=0)) == 300
    assert np.array_equal(places, np.round(places, 6))


@pytest.mark.parametrize(
    "graph",
    [igraph.Graph.Star(300), igraph.Graph.Ring(100), igraph.Graph.Full(60), igraph.Graph.Tree(200, 3)],
    ids=["star", "ring", "all", "tree"],
)
def test_pivot_mds__the_last_digit_of_a_product_does_not_matter(graph, monkeypatch):
    """Axes of equal length would be any pair of directions, if they were not found by a fixed number of iterations."""
    places, distances = pivot_mds(graph), module._distances(graph)
    noise = 1 + 1e-14 * np.random.default_rng(0).standard_normal(distances.shape)
    monkeypatch.setattr(module, "_distances", lambda graph: distances * noise)
    assert pivot_mds(graph) == pytest.approx(places, abs=2e-6)


def test_pivot_mds__same_bits_on_any_processor():
    """The forces that follow would make another picture of the smallest difference."""
    places = pivot_mds(igraph.Graph.Tree(200, 3))
    assert places[:2].tolist() == [[-2.093165, -0.158617], [1.16333, -0.308503]]
    digest = hashlib.sha256(places.astype("<f8").tobytes()).hexdigest()
    assert digest == "cc1faf8fae688ec7463fda4a261a14210355570d16b23bc7c6894ae80fcdd63d"
