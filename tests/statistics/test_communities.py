"""Modules: against cliques by hand, against modularity by networkx, and the same for any order."""

import random
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from genenet.statistics.communities import communities


def ends(graph: nx.Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, second = np.array(list(graph.edges)).T
    return first, second, np.array([data.get("weight", 1.0) for *_, data in graph.edges(data=True)])


def planted(seed: int = 0) -> nx.Graph:
    graph = nx.planted_partition_graph(5, 30, 0.4, 0.01, seed=seed)
    rng = np.random.default_rng(seed)
    nx.set_edge_attributes(
        graph, {edge: float(w) for edge, w in zip(graph.edges, rng.random(len(graph.edges)), strict=True)}, "weight"
    )
    return graph


def test_communities__cliques_joined_by_single_edges():
    graph = nx.ring_of_cliques(4, 6)
    found = communities(24, *ends(graph))
    assert found.tolist() == [1] * 6 + [2] * 6 + [3] * 6 + [4] * 6


def test_communities__planted_parts_are_found_and_numbered_by_size():
    graph = planted()
    graph.remove_nodes_from(range(20, 30))
    found = communities(150, *ends(graph))
    assert found[20:30].tolist() == [0] * 10
    for start in range(30, 150, 30):
        assert len(set(found[start : start + 30])) == 1
    assert set(found[:20]) == {5}


def test_communities__modularity_is_that_of_networkx_and_not_below_louvain():
    graph = planted(3)
    found = communities(150, *ends(graph))
    parts = [set(np.flatnonzero(found == module)) for module in range(1, found.max() + 1)]
    louvain = nx.community.louvain_communities(graph, weight="weight", seed=1)
    assert nx.community.modularity(graph, parts) >= nx.community.modularity(graph, louvain) - 1e-9


def test_communities__weights_decide():
    # A square of two heavy and two light edges falls apart at the light ones.
    first, second = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0])
    assert communities(4, first, second, np.array([9.0, 1, 9, 1])).tolist() == [1, 1, 2, 2]
    assert communities(4, first, second, np.array([1.0, 9, 1, 9])).tolist() == [1, 2, 2, 1]


def test_communities__all_weights_zero_counts_every_edge_alike():
    first, second, weights = ends(nx.ring_of_cliques(3, 5))
    assert (communities(15, first, second, 0 * weights) == communities(15, first, second, weights)).all()


def test_communities__no_edges():
    none = np.empty(0, int)
    assert communities(3, none, none, np.empty(0)).tolist() == [0, 0, 0]


def test_communities__leave_the_random_numbers_of_others_alone():
    random.seed(5)
    expected = random.random()
    random.seed(5)
    communities(24, *ends(nx.ring_of_cliques(4, 6)))
    assert random.random() == expected


@pytest.mark.slow
def test_communities__the_same_in_another_process():
    code = (
        "from tests.statistics.test_communities import *\n"
        "print(communities(150, *ends(planted(7))).tolist(), communities(150, *ends(planted(8))).tolist())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in "ab"
    }
    assert runs == {f"{communities(150, *ends(planted(7))).tolist()} {communities(150, *ends(planted(8))).tolist()}\n"}


def test_communities__do_not_depend_on_those_found_before():
    first, second = np.array([0, 1, 2, 3, 4, 5, 2]), np.array([1, 2, 0, 4, 5, 3, 3])
    weights = {"weak": np.array([1.0, 1, 1, 1, 1, 1, 0.1]), "strong": np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 9])}
    found = {name: communities(6, first, second, values) for name, values in weights.items()}
    again = {name: communities(6, first, second, values) for name, values in weights.items()}
    assert {name: modules.tolist() for name, modules in again.items()} == {
        "weak": [1, 1, 1, 2, 2, 2],
        "strong": found["strong"].tolist(),
    }
    assert found["weak"].tolist() != found["strong"].tolist()
