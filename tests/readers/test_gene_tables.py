"""Tables of genes: symbols become labels, names stay; through to the files and the summary."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.errors import InputError
from genenet.readers.gene_tables import with_gene_table
from genenet.report.summary_text import describe
from genenet.writers.style import cx2_style, cyjs_style, ranges


def matrix(*genes: str) -> AnnData:
    return AnnData(np.zeros((2, len(genes))), var=pd.DataFrame(index=list(genes)))


@pytest.mark.parametrize("column", ["symbol", "Gene name", "hgnc_symbol", "external_gene_name"])
def test_gene_table__symbols_are_labels_and_names_stay(column):
    table = pd.DataFrame({"chromosome": ["17", "1"], column: ["TP53", None]}, index=["ENSG1", "ENSG2"])
    var = with_gene_table(matrix("ENSG1.4", "ENSG2.1"), table).var
    assert var.index.tolist() == ["ENSG1.4", "ENSG2.1"]
    assert var["gene_label"].tolist() == ["TP53", "ENSG2.1"]
    assert var["chromosome"].tolist() == ["17", "1"]


def test_gene_table__without_symbols_has_no_labels():
    var = with_gene_table(matrix("a"), pd.DataFrame({"chromosome": ["17"]}, index=["a"])).var
    assert list(var) == ["chromosome"]


def test_gene_table__genes_that_it_does_not_have(caplog):
    with caplog.at_level(logging.WARNING):
        var = with_gene_table(matrix("a", "b"), pd.DataFrame({"symbol": ["X"]}, index=["a"])).var
    assert caplog.messages == ["the table of genes has no row for 1 of 2 genes (b)"]
    assert var["gene_label"].tolist() == ["X", "b"]


def test_gene_table__of_other_genes(tmp_path):
    path = tmp_path / "genes.csv"
    path.write_text("id,symbol\nx,X\n")
    with pytest.raises(InputError) as error:
        with_gene_table(matrix("a", "b"), path)
    assert str(error.value) == (
        f"{path} has none of the 2 genes (a, b); its rows are named x: the first column must have the names of the"
        " genes"
    )


def test_gene_table__labels_reach_the_files_and_the_summary(tmp_path):
    values = np.random.default_rng(1).normal(size=(60, 1)) + np.random.default_rng(2).normal(size=(60, 4)) / 4
    data = pd.DataFrame(values, index=[f"s{s}" for s in range(60)], columns=["ENSG1", "ENSG2", "ENSG3", "ENSG4"])
    table = pd.DataFrame({"symbol": ["AAA", "BBB", "CCC", "DDD"]}, index=data.columns)
    result = genenet.infer_network(
        AnnData(data), gene_table=table, n_draws=2_000, formats=["cx2", "gexf"], report=False
    )
    result.write(tmp_path / "run")
    assert dict(result.graph.nodes(data="gene_label")) == {
        "ENSG1": "AAA",
        "ENSG2": "BBB",
        "ENSG3": "CCC",
        "ENSG4": "DDD",
    }
    labels = cx2_style(ranges(result.graph))["nodeMapping"]["NODE_LABEL"]["definition"]
    assert labels == {"attribute": "gene_label", "type": "string"}
    assert cyjs_style(ranges(result.graph))[0]["css"]["label"] == "data(gene_label)"
    assert '<node id="ENSG1" label="AAA">' in (tmp_path / "run/export/network.gexf").read_text()
    hubs = json.loads((tmp_path / "run/summary.json").read_text())["network"]["hubs"]
    assert {hub["gene"]: hub["gene_label"] for hub in hubs}["ENSG1"] == "AAA"
    assert any("AAA (" in text for _, text in describe(json.loads((tmp_path / "run/summary.json").read_text())))
