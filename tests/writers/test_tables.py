"""TSV as pandas reads it, h5ad as anndata reads it."""

from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest

from genenet.files.h5ad_elements import prepared_matrix
from genenet.files.intermediate import read_expression, write_expression
from genenet.products.edges import graph_edges, node_table
from genenet.steps.export import export_network
from genenet.writers import h5ad
from genenet.writers.content import Content
from genenet.writers.h5ad import with_network, write_h5ad
from genenet.writers.tables import write_tsv
from tests.example_network import GENES, content, edges, var


def write(tmp_path, given: Content, name: str) -> pd.DataFrame:
    export_network(given.graph, given.edges, given.expression, tmp_path, ["tsv"])
    ends = dict.fromkeys(["gene", "gene_a", "gene_b", "regulator", "target", "symbol"], str) if name == "edges" else {}
    na = (
        {"spearman": "", "clr": "", "dpi_margin": "", "dpi_via": ""}
        if name == "edges"
        else {"length": "", "coding": ""}
    )
    return pd.read_csv(
        tmp_path / f"{name}.tsv",
        sep="\t",
        keep_default_na=False,
        na_values=na,
        dtype=ends,
        float_precision="round_trip",
    )


@pytest.mark.parametrize("directed", [False, True])
def test_edges_tsv__pandas_reads_every_value(tmp_path, directed):
    given = content(directed=directed)
    table = write(tmp_path, given, "edges")
    expected = graph_edges(given.edges, directed=directed)
    ends = ["regulator", "target"] if directed else ["gene_a", "gene_b"]
    assert list(table.columns[:3]) == [*ends, "interaction"]
    assert set(table["interaction"]) == {"regulation" if directed else "codependency"}
    assert len(table) == given.graph.number_of_edges()
    for column in expected:
        if expected[column].dtype == "category":
            pd.testing.assert_series_equal(table[column].astype(object), expected[column].astype(object))
        else:
            pd.testing.assert_series_equal(table[column], expected[column], check_dtype=False, check_exact=True)


def test_edges_tsv__has_every_column_of_the_edges_table(tmp_path):
    table = write(tmp_path, content(directed=True), "edges")
    assert set(table.columns) == {*edges(directed=True).columns, "interaction"}


@pytest.mark.parametrize("isolated", [False, True])
def test_nodes_tsv__one_row_for_each_node(tmp_path, isolated):
    given = content(isolated=isolated)
    export_network(given.graph, given.edges, given.expression, tmp_path, ["tsv"])
    table = pd.read_csv(tmp_path / "nodes.tsv", sep="\t", keep_default_na=False, dtype=str)
    assert list(table["gene"]) == list(given.graph)
    for row in table.to_dict("records"):
        data = given.graph.nodes[row.pop("gene")]
        assert float(row["strength"]) == data["strength"]
        assert row["symbol"] == data.get("symbol", "")
        assert row["length"] == str(data.get("length", ""))
        assert row["coding"] == str(data.get("coding", "")).lower()
        assert set(data) <= set(row)


@pytest.mark.parametrize("directed", [False, True])
def test_h5ad__anndata_reads_the_network(tmp_path, directed):
    given = content(directed=directed)
    again = anndata.read_h5ad(write_h5ad(given, tmp_path / "network.h5ad"))
    np.testing.assert_array_equal(again.X, given.expression.X)
    pd.testing.assert_frame_equal(again.obs, given.expression.obs)
    table = node_table(given.edges, given.expression)
    assert list(again.var.columns) == list(table.columns)
    assert list(again.var_names) == GENES
    expected = graph_edges(given.edges, directed=directed)
    for name in ("mi", "nmi", "pvalue", "qvalue", "spearman", "pearson", "sign", "clr"):
        matrix = again.varp[name]
        assert matrix.nnz == len(expected) * (1 if directed else 2)
        for (source, target), data in given.graph.edges.items():
            found = matrix[GENES.index(source), GENES.index(target)]
            assert found == data[name] if name in data else np.isnan(found)
            if not directed:
                assert np.array_equal(found, matrix[GENES.index(target), GENES.index(source)], equal_nan=True)
    stored = again.uns["genenet"]["edges"]
    assert list(stored["mi"]) == list(expected["mi"])
    assert list(stored["gene_a"].astype(str)) == list(expected["gene_a"].astype(str))
    assert again.uns["genenet"]["dropped"]["gene"].tolist() == ["FOO"]


def test_h5ad__writes_again_unchanged(tmp_path):
    first = anndata.read_h5ad(write_h5ad(content(), tmp_path / "first.h5ad"))
    first.write_h5ad(tmp_path / "second.h5ad")
    second = anndata.read_h5ad(tmp_path / "second.h5ad")
    pd.testing.assert_frame_equal(first.var, second.var)
    pd.testing.assert_frame_equal(first.uns["genenet"]["edges"], second.uns["genenet"]["edges"])
    assert all((first.varp[name] != second.varp[name]).nnz == 0 for name in ("mi", "sign", "qvalue"))


def test_h5ad__shares_the_matrix_and_leaves_the_input_alone():
    given = content()
    result = with_network(given)
    assert result.X is given.expression.X
    assert "edges" not in given.expression.uns["genenet"]
    assert list(given.expression.var.columns) == list(var().columns)
    assert not given.expression.varp


def test_write_tsv__texts_that_a_spreadsheet_would_compute(tmp_path):
    table = pd.DataFrame({"gene": ["=1+1", "+A", "-B", "@C", "TP53"], "mi": [-1.0, 2.0, 3.0, 4.0, 5.0]})
    write_tsv(table, tmp_path / "plain.tsv")
    write_tsv(table, tmp_path / "guarded.tsv", guard=True)
    assert (tmp_path / "plain.tsv").read_text() == "gene\tmi\n=1+1\t-1.0\n+A\t2.0\n-B\t3.0\n@C\t4.0\nTP53\t5.0\n"
    assert (tmp_path / "guarded.tsv").read_text() == (
        "gene\tmi\n'=1+1\t-1.0\n'+A\t2.0\n'-B\t3.0\n'@C\t4.0\nTP53\t5.0\n"
    )


def from_file(given: Content, path) -> tuple[Content, Content]:
    """The same content twice, its matrix read from its file by h5py alone, and by anndata."""
    write_expression(given.expression, path)
    stored, whole = prepared_matrix(path), read_expression(path)
    assert stored is not None
    return replace(given, expression=stored), replace(given, expression=whole)


@pytest.mark.parametrize("directed", [False, True])
def test_h5ad__the_same_bytes_without_anndata(tmp_path, directed):
    stored, whole = from_file(content(directed=directed), tmp_path / "expression.h5ad")
    scores = pd.DataFrame({"sample": whole.expression.obs_names, "score": 1.0, "z": 0.5})
    scores = scores.assign(pvalue=1.0, extremeness=0.25, module=2, module_z=[np.nan] * len(scores))
    for odd_samples in (None, scores):
        first, second = (replace(given, odd_samples=odd_samples) for given in (stored, whole))
        assert h5ad._parts(first) is not None
        own = write_h5ad(first, tmp_path / "own.h5ad").read_bytes()
        assert own == write_h5ad(second, tmp_path / "theirs.h5ad").read_bytes()


def test_h5ad__columns_that_only_anndata_writes(tmp_path):
    stored, whole = from_file(content(), tmp_path / "expression.h5ad")
    for given in (stored, whole):
        # Texts that repeat become categories.
        given.expression.var["note"] = "same"
    assert h5ad._parts(stored) is None
    own = write_h5ad(stored, tmp_path / "own.h5ad").read_bytes()
    assert own == write_h5ad(whole, tmp_path / "theirs.h5ad").read_bytes()
    assert anndata.read_h5ad(tmp_path / "own.h5ad").var["note"].dtype == "category"
