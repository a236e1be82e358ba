"""Tables of sample attributes whose rows are not named as the samples: what would make them match."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.errors import InputError
from genenet.readers.attributes import with_attributes

ALIKE = "2 would match if case and characters other than letters and digits did not count; write them alike"


@pytest.mark.parametrize(
    ("samples", "table", "rows", "how"),
    [
        (["S1", "S2"], pd.DataFrame({"a": [1, 2]}, index=["s1", "s2"]), "s1, s2", ALIKE),
        (["TCGA-01", "TCGA-02"], pd.DataFrame({"a": [1, 2]}, index=["TCGA.01", "TCGA.02"]), "TCGA.01, TCGA.02", ALIKE),
        (
            ["S1", "S2"],
            pd.DataFrame({"sample": ["S2", "S1"]}, index=["1", "2"]),
            "1, 2",
            "its column sample has 2 of them, and must be {names}",
        ),
        (
            ["S1", "S2"],  # the first column repeats itself: it is no column of names
            pd.DataFrame({"sample": ["S2", "S1"], "batch": [1, 2]}, index=["a", "a"]),
            "a",
            "its column sample has 2 of them, and must be {names}",
        ),
        (
            ["S1", "S2"],
            pd.DataFrame({"S1": ["a", 1], "S2": ["b", 2]}, index=["group", "batch"]),
            "group, batch",
            "2 of them are names of its columns: transpose it, so that it has a row for each sample",
        ),
        (
            ["S1", "S2"],
            pd.DataFrame({"a": [1]}, index=["x"]),
            "x",
            "{names} must have the names of the samples",
        ),
    ],
)
def test_attributes__of_other_samples(samples, table, rows, how, tmp_path):
    table.to_csv(tmp_path / "table.csv")
    sides = (
        (table, "the table of sample attributes", "the index"),
        (tmp_path / "table.csv",) * 2 + ("the first column",),
    )
    for given, where, names in sides:
        with pytest.raises(InputError) as error:
            with_attributes(AnnData(np.zeros((2, 1)), obs=pd.DataFrame(index=samples)), given)
        assert str(error.value) == (
            f"{where} has none of the 2 samples ({', '.join(samples)}); its rows are named {rows}:"
            f" {how.replace('{names}', names)}"
        )


@pytest.mark.parametrize(
    ("genes", "rows", "message"),
    [
        (
            ["abc1", "abc2", "abc3"],
            ["abc1", "x"],
            "the table of sample attributes has none of the 3 samples, but 1 of the 3 genes: the matrix looks"
            " transposed; obs must be samples and var genes: turn it with adata.T, or if it is a table of genes, give"
            " it with gene_table",
        ),
        (
            [f"ACH-{number:06d}" for number in range(3)],
            ["ACH-000000", "x"],
            "3 of the 3 gene names are ids of samples (ACH-000000, ACH-000001, ACH-000002): the matrix looks"
            " transposed; obs must be samples and var genes: turn it with adata.T",
        ),
    ],
)
def test_attributes__a_transposed_matrix_is_said_first(genes, rows, message):
    data = AnnData(np.zeros((3, 3)), obs=pd.DataFrame(index=["a", "b", "c"]), var=pd.DataFrame(index=genes))
    with pytest.raises(InputError) as error:
        with_attributes(data, pd.DataFrame({"tissue": "liver"}, index=rows))
    assert str(error.value) == message


def test_attributes__a_table_of_genes_is_no_reason_to_turn_the_matrix():
    genes, samples = ["TP53", "MYC", "JUN"], ["GSM123456", "GSM123457", "GSM123458"]
    data = AnnData(np.zeros((3, 3)), obs=pd.DataFrame(index=samples), var=pd.DataFrame(index=genes))
    with pytest.raises(InputError) as error:
        with_attributes(data, pd.DataFrame({"chromosome": [17]}, index=["TP53"]))
    assert str(error.value) == (
        "the table of sample attributes has none of the 3 samples, but 1 of the 3 genes: if it is a table of genes,"
        " give it with gene_table"
    )


def test_gene_table__a_transposed_matrix_is_said_first(tmp_path, run_cli):
    genes = ["TP53", "MYC", "JUN", "FOS"]
    pd.DataFrame(1.5, [f"x{n}" for n in range(40)], genes).to_csv(tmp_path / "m.csv")
    pd.DataFrame({"symbol": genes}, genes).to_csv(tmp_path / "g.csv")
    (tmp_path / "s.csv").write_text("sample,tissue\n" + "".join(f"x{n},liver\n" for n in range(40)))
    for option, name in (("--gene-table", "g.csv"), ("--table", "s.csv")):
        status, out, _ = run_cli("check", tmp_path / "m.csv", option, tmp_path / name)
        assert status == 2
        assert out.splitlines()[1] == (
            "refused          4 of the 4 sample names are names of genes (TP53, MYC, JUN and 1 more): the matrix looks"
            " transposed; set --orientation samples_by_genes"
        )
