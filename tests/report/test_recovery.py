import networkx as nx
import pandas as pd

from genenet.report.recovery import compare

KNOWN = pd.DataFrame({"regulator": ["A", "B", "A"], "target": ["B", "A", "C"], "sign": [1, 1, -1]})


def test_compare__pairs_count_once_whatever_their_direction():
    graph = nx.DiGraph([("B", "A"), ("A", "B"), ("B", "C"), ("C", "D")])
    recovery = compare(graph, KNOWN)
    assert recovery.to_dict() == {"n_known": 2, "n_edges": 3, "n_found": 1}
    assert str(recovery) == "1 of 2 found (50%); 33% of the network's edges are among them"


def test_compare__no_edge_is_no_division_by_zero():
    assert str(compare(nx.Graph(), KNOWN)) == "0 of 2 found (0%)"


def test_compare__nothing_known():
    assert str(compare(nx.Graph([("A", "B")]), KNOWN[:0])) == "none known"


def test_compare__names_like_numbers():
    graph = nx.Graph([("1", "2")])
    assert compare(graph, pd.DataFrame({"regulator": [1], "target": [2]})).n_found == 1
