"""Networks are written from tables, which a run has, with the same bytes as from their graph."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genenet.config import Network
from genenet.files.plain_values import plain_column
from genenet.steps.network import network_of
from genenet.writers import elements, row_texts
from genenet.writers.content import Content, json_attribute
from genenet.writers.cx2 import write_cx2
from genenet.writers.cyjs import write_cyjs
from genenet.writers.elements import RowAttributes, TableAttributes, elements_of
from genenet.writers.graphml import write_graphml
from genenet.writers.network_tables import NetworkTables
from genenet.writers.node_positions import layout
from genenet.writers.style import write_vizmap
from genenet.writers.tables import write_tables
from tests.example_network import edges, expression

FLOATS = st.sampled_from([math.nan, math.inf, -math.inf, 1e-5, 1e300, 3.0]) | st.floats()
TEXTS = st.sampled_from([None, "", 'é"<&', "a\tb", "NA"])


def column(values: st.SearchStrategy[Any], kind: Any) -> Callable[[int], st.SearchStrategy[Any]]:
    return lambda n: st.lists(values, min_size=n, max_size=n).map(lambda found: pd.Series(found, dtype=kind))


COLUMNS = [
    column(FLOATS, float),
    column(FLOATS.filter(lambda value: not abs(value) > 3e38), np.float32),
    column(st.integers(-9, 9), np.int8),
    column(st.sampled_from([1, 2**53, 2**53 + 1, -(2**63)]), np.int64),
    column(st.sampled_from([0, 2**64 - 1]), np.uint64),
    column(st.booleans(), bool),
    column(st.sampled_from([None, True, False]), "boolean"),
    column(st.sampled_from([None, 1, 2**60]), "Int64"),
    column(TEXTS, object),
    column(TEXTS, "category"),
    column(st.sampled_from([1, 2, None]), "category"),
    column(st.sampled_from([None, 1, 0.5, "a", True, [1], math.nan]), object),
    column(st.sampled_from([None, pd.Timestamp(2020, 1, 2)]), "datetime64[ns]"),
]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(0, 6))
    kinds = draw(st.lists(st.sampled_from(COLUMNS), max_size=5))
    return pd.DataFrame({name: draw(kind(n)) for name, kind in zip("dbcae", kinds, strict=False)}, index=range(n))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row without its missing values, one by one."""
    rows: list[dict[str, Any]] = [{} for _ in range(len(table))]
    for name in table:
        for row, value, gone in zip(rows, *plain_column(table[name]), strict=True):
            if not gone:
                row[name] = value
    return rows


@settings(deadline=None, max_examples=300)
@given(tables(), st.sampled_from([1, 2, 100]), st.sampled_from([0, 1_000]))
def test_attributes__of_a_table_as_of_its_rows(table: pd.DataFrame, at_once: int, most_kept: int) -> None:
    of_rows, of_table = RowAttributes(records(table)), TableAttributes(table)
    assert list(of_table.kinds.items()) == list(of_rows.kinds.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_texts, "_ROWS_AT_ONCE", at_once)
        patch.setattr(elements, "MOST_KEPT", most_kept)
        for _ in range(2):  # the second time with texts that were kept
            found = [
                [text for part in row_texts.row_texts(each, json_attribute) for text in part.to_pylist()]
                for each in (of_table, of_rows)
            ]
            assert found[0] == found[1]


def tables_of(*, directed: bool, isolated: bool) -> NetworkTables:
    table, matrix = edges(directed=directed), expression(directed=directed)
    return network_of(table, matrix, Network(isolated=isolated), name="my net")


@pytest.mark.parametrize("write", [write_graphml, write_cx2, write_cyjs, write_vizmap])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("isolated", [False, True])
def test_graph_formats__of_tables_as_of_the_graph(
    tmp_path: Path, write: Callable[..., Path], directed: bool, isolated: bool
) -> None:
    network = tables_of(directed=directed, isolated=isolated)
    found = write(network, tmp_path / "tables").read_bytes()
    assert not network.has_graph
    assert found == write(network.graph, tmp_path / "graph").read_bytes()


def test_elements_of__a_graph_that_was_asked_for() -> None:
    network = tables_of(directed=False, isolated=False)
    network.graph.add_edge("id", "new")
    assert "new" in elements_of(network).keys
    assert "new" not in elements_of(tables_of(directed=False, isolated=False)).keys


def test_positions__as_of_the_graph() -> None:
    network = tables_of(directed=True, isolated=True)
    found = Content(network, edges(directed=True), expression(directed=True)).positions
    assert found == layout(network.graph) != {}


@pytest.mark.parametrize("directed", [False, True])
def test_tables__texts_that_another_format_has_made(tmp_path: Path, directed: bool) -> None:
    table, matrix = edges(directed=directed), expression(directed=directed)
    content = Content(tables_of(directed=directed, isolated=False), table, matrix)
    assert content.elements.known_texts == {}
    write_tables(content, tmp_path / "edges.tsv", tmp_path / "nodes.tsv")
    expected = (tmp_path / "edges.tsv").read_bytes()
    write_cyjs(content.elements, tmp_path / "network.cyjs")
    assert "mi" in content.elements.known_texts
    write_tables(content, tmp_path / "edges.tsv", tmp_path / "nodes.tsv")
    assert (tmp_path / "edges.tsv").read_bytes() == expected


def test_graph__order_of_edges_is_that_of_networkx() -> None:
    rng = np.random.default_rng(0)
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, 30, (80, 2)) if a != b]
    for directed, kind in ((False, nx.Graph), (True, nx.DiGraph)):
        distinct = list(dict.fromkeys(pairs if directed else [(min(pair), max(pair)) for pair in pairs]))
        source, target = np.array(distinct).T
        nodes = pd.DataFrame(index=[f"G{i}" for i in range(30)])
        network = NetworkTables({}, directed, nodes, pd.DataFrame(index=range(len(source))), (source, target), {})
        found = elements_of(network)
        order = list(zip(*(end.tolist() for end in found.ends), strict=True))
        assert isinstance(network.graph, kind)
        assert [(f"G{a}", f"G{b}") for a, b in order] == list(network.graph.edges)
