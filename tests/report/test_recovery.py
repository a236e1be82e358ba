import networkx as nx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.report.recovery import compare, known_pairs

KNOWN = pd.DataFrame({"regulator": ["A", "B", "A"], "target": ["B", "A", "C"], "sign": [1, 1, -1]})


def expression(genes="ABCD", regulators=None):
    data = AnnData(np.zeros((2, len(genes))), uns={"genenet": {"directed": regulators is not None}})
    data.var_names = list(genes)
    data.var["regulator"] = [regulators is None or gene in regulators for gene in genes]
    return data


def test_compare__pairs_count_once_whatever_their_direction():
    graph = nx.DiGraph([("B", "A"), ("A", "B"), ("B", "C"), ("C", "D")])
    recovery = compare(graph, KNOWN, expression())
    assert recovery.to_dict() == {"n_listed": 2, "n_known": 2, "n_edges": 3, "n_found": 1}
    assert str(recovery) == "1 of 2 found (50%); 33% of the network's edges are among them"


def test_compare__no_edge_is_no_division_by_zero():
    assert str(compare(nx.Graph(), KNOWN, expression())) == "0 of 2 found (0%)"


def test_compare__nothing_known():
    assert str(compare(nx.Graph([("A", "B")]), KNOWN[:0], expression())) == "none known"


def test_compare__names_like_numbers():
    graph, known = nx.Graph([("1", "2")]), pd.DataFrame({"regulator": [1], "target": [2]})
    assert compare(graph, known, expression("12")).n_found == 1


@pytest.mark.parametrize(
    ("genes", "regulators", "words"),
    [
        ("AB", None, "1 of 1 found (100%); 100% of the network's edges are among them; 1 more is not between two genes"
         " that were tested"),
        ("ABC", "B", "1 of 1 found (100%); 100% of the network's edges are among them; 1 more is not between two genes"
         " that were tested"),
        ("XY", None, "none of the 2 is between two genes that were tested"),
    ],
)  # fmt: skip
def test_compare__only_pairs_that_were_tested_can_be_found(genes, regulators, words):
    assert str(compare(nx.Graph([("A", "B")]), KNOWN, expression(genes, regulators))) == words


def test_known_pairs__a_gene_with_itself_is_none():
    known = pd.DataFrame({"regulator": ["A", "D"], "target": ["A", "B"]})
    assert known_pairs(known, expression()).tolist() == [1 * 4 + 3]
