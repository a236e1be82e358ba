"""Preparing a matrix: checks, drops, and what is remembered of them."""

import logging

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from anndata import AnnData

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.steps.prepare import prepare

SMALL = Prepare(min_samples=4)


def frame(n_genes: int = 6, n_samples: int = 8) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(n_genes, n_samples)).round(2)
    return pd.DataFrame(values, [f"G{n}" for n in range(n_genes)], [f"s{n}" for n in range(n_samples)])


def message(data, settings=SMALL, regulators=None) -> str:
    with pytest.raises(InputError) as caught:
        prepare(data, settings, regulators)
    return str(caught.value)


def test_prepare__describes_genes():
    data = frame()
    data.iloc[0, :2] = 0
    ready = prepare(data, SMALL, ["G1", "G4"])
    values = data.to_numpy()
    np.testing.assert_allclose(ready.var["mean"], values.mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(ready.var["variance"], values.var(axis=1, ddof=1), rtol=1e-14)
    np.testing.assert_array_equal(ready.var["detection_rate"], (values != 0).mean(axis=1))
    assert list(ready.var_names[ready.var["regulator"]]) == ["G1", "G4"]
    assert ready.X.dtype == np.float64
    assert ready.X.flags.c_contiguous
    assert ready.uns["genenet"]["directed"] is True
    assert list(ready.uns["genenet"]["missing_regulators"]) == []
    assert ready.uns["genenet"]["dropped"].empty


def test_prepare__without_regulators_all_flags_are_false():
    ready = prepare(frame(), SMALL)
    assert not ready.var["regulator"].any()
    assert ready.uns["genenet"]["directed"] is False


def test_prepare__frame_of_samples_by_genes():
    ready = prepare(frame().T, Prepare(min_samples=4, orientation="samples_by_genes"))
    assert ready.shape == (8, 6)
    np.testing.assert_array_equal(ready.X, prepare(frame(), SMALL).X)


def test_prepare__input_stays_as_it_is():
    data = AnnData(frame().T)
    data.X[2, 3] = np.nan
    data.var["symbol"] = "x"
    before, frame_before = data.copy(), frame()
    ready = prepare(data, Prepare(min_samples=4, missing="drop_genes"))
    ready.X[:] = 0
    ready.obs["new"] = 1
    np.testing.assert_array_equal(data.X, before.X)
    assert list(data.var.columns) == ["symbol"]
    assert list(ready.var.columns) == ["symbol", "mean", "variance", "detection_rate", "regulator"]
    assert list(data.obs.columns) == []
    assert dict(data.uns) == {}
    given = frame()
    prepare(given, SMALL, ["G1"])
    pd.testing.assert_frame_equal(given, frame_before)


@pytest.mark.parametrize("make", [sp.csr_matrix, sp.csc_matrix, sp.csr_array, np.asarray])
def test_prepare__same_from_sparse_and_dense(make):
    counts = np.random.default_rng(1).poisson(1.0, size=(40, 9)).astype(np.float32)
    names = {"obs": pd.DataFrame(index=[f"c{n}" for n in range(40)]), "var": pd.DataFrame(index=list("ABCDEFGHI"))}
    data = AnnData(make(counts), **names)
    ready = prepare(data)
    np.testing.assert_array_equal(ready.X, counts)
    np.testing.assert_allclose(ready.var["variance"], counts.astype(float).var(axis=0, ddof=1), rtol=1e-14)


def test_prepare__big_sparse_stays_sparse(monkeypatch):
    monkeypatch.setattr("genenet.readers.sparse_pieces.MAX_DENSE_BYTES", 100)
    counts = sp.csr_matrix(np.random.default_rng(1).poisson(1.0, size=(40, 9)))
    ready = prepare(AnnData(counts.astype(np.float32)))
    assert ready.X.format == "csc"
    assert ready.X.dtype == np.float64


def test_prepare__missing_values_by_policy(tmp_path, caplog):
    data = frame()
    data.loc["G2", "s5"] = np.nan
    data.loc["G4", "s1"] = np.inf
    assert message(data) == (
        "2 values are missing or infinite, in 2 of 6 genes (G2, G4) and 2 of 8 samples (s1, s5); "
        "the first (missing) is gene G2, sample s5; "
        "4.17% of the values are missing here and there, few enough to be filled in; "
        "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
        "genes takes the samples that both have; slower), drop_genes (leaves 4 of 6 genes) or drop_samples (leaves "
        "6 of 8 samples)"
    )
    with caplog.at_level(logging.WARNING):
        ready = prepare(data, Prepare(min_samples=4, missing="drop_genes"))
    assert list(ready.var_names) == ["G0", "G1", "G3", "G5"]
    assert ready.uns["genenet"]["dropped"].to_dict("list") == {"gene": ["G2", "G4"], "reason": ["missing values"] * 2}
    assert caplog.messages[:-1] == ["dropped 2 of 6 genes (missing values): G2, G4"]
    ready = prepare(data, Prepare(min_samples=4, missing="drop_samples"))
    assert list(ready.obs_names) == ["s0", "s2", "s3", "s4", "s6", "s7"]
    assert ready.uns["genenet"]["dropped_samples"].to_dict("list") == {
        "sample": ["s1", "s5"],
        "reason": ["missing values"] * 2,
    }
    ready.write_h5ad(tmp_path / "e.h5ad")
    again = anndata.read_h5ad(tmp_path / "e.h5ad")
    pd.testing.assert_frame_equal(
        again.uns["genenet"]["dropped_samples"].reset_index(drop=True), ready.uns["genenet"]["dropped_samples"]
    )


def test_prepare__infinite_value_in_sparse():
    values = frame().T.to_numpy()
    values[0, 0] = -np.inf
    assert message(AnnData(sp.csr_matrix(values))) == (
        "1 value is missing or infinite, in 1 of 6 genes (0) and 1 of 8 samples (0); "
        "the first (-inf) is gene 0, sample 0; "
        "-inf is the logarithm of 0: take log2(x + 1), or "
        "set prepare.missing: impute_median or impute_mean (the gene's average in the gaps), pairwise (each pair of "
        "genes takes the samples that both have; slower), drop_genes (leaves 5 of 6 genes) or drop_samples (leaves "
        "7 of 8 samples)"
    )


def test_prepare__nothing_complete():
    data = frame()
    data["s3"] = np.nan
    assert message(data, Prepare(min_samples=4, missing="drop_genes")) == (
        "6 values are missing or infinite, in 6 of 6 genes (G0, G1, G2 and 3 more) and 1 of 8 samples (s3); "
        "the first (missing) is gene G0, sample s3; "
        "no gene is complete, so prepare.missing: drop_genes leaves none: set it to pairwise or impute_median, "
        "or raise prepare.max_missing"
    )
    assert message(data.T.set_axis(list("abcdef"), axis=1), Prepare(min_samples=4, missing="drop_samples")) == (
        "6 values are missing or infinite, in 1 of 8 genes (s3) and 6 of 6 samples (a, b, c and 3 more); "
        "the first (missing) is gene s3, sample a; "
        "prepare.missing: drop_samples leaves 0 of 6 samples: 1 gene has no value at all (s3); set prepare.missing: "
        "drop_genes (leaves 7 of 8 genes), pairwise (each pair of genes takes the samples that both have; slower) or "
        "impute_median or impute_mean (the gene's average in the gaps)"
    )


def test_prepare__constant_genes():
    data = frame(1204, 8)
    data.loc[["G7", "G900"]] = 0.1
    assert message(data) == (
        "2 of 1,204 genes have no variance (G7, G900); drop them with prepare.min_variance: 0 or filter the input"
    )
    data.loc["G900"] = frame().loc["G1"]
    assert message(data) == (
        "1 of 1,204 genes has no variance (G7); drop it with prepare.min_variance: 0 or filter the input"
    )
    ready = prepare(data, Prepare(min_samples=4, min_variance=0))
    assert ready.n_vars == 1203
    assert ready.uns["genenet"]["dropped"].to_dict("list") == {"gene": ["G7"], "reason": ["no variance"]}
    assert ready.var["variance"].min() > 0


def test_prepare__min_variance():
    data = frame()
    data.loc["G1"] = 1.0
    data.loc["G3"] *= 0.01
    ready = prepare(data, Prepare(min_samples=4, min_variance=0.01))
    assert ready.uns["genenet"]["dropped"].to_dict("list") == {
        "gene": ["G1", "G3"],
        "reason": ["no variance", "variance not above 0.01"],
    }
    largest = frame().var(axis=1).max()
    assert message(frame(), Prepare(min_samples=4, min_variance=50)) == (
        f"none of the 6 genes has a variance above prepare.min_variance (50), the largest is {largest:.3g}; lower it"
    )


def test_prepare__too_small():
    assert message(frame(), None) == (
        "8 samples (of 6 genes) are too few, prepare.min_samples is 20; "
        "bring more samples, check prepare.orientation, or lower prepare.min_samples"
    )
    assert message(frame(1)) == "1 gene cannot make a network; bring at least 2 genes"
    assert message(frame(0)) == "0 genes cannot make a network; bring at least 2 genes"
    assert message(frame(5, 0)).startswith("0 samples (of 5 genes) are too few")


def test_prepare__names_that_occur_twice():
    data = frame()
    data.index = ["A", "B", "A", "C", "B", "A"]
    assert message(data) == (
        "2 gene names occur more than once (A 3 times, B 2 times); "
        "set prepare.duplicates: mean, max_variance or make_unique"
    )
    data = frame()
    data.columns = ["a", "b", "c", "d", "e", "f", "g", "a"]
    assert message(data) == (
        "1 sample name occurs more than once (a 2 times); every sample needs a name of its own: rename or merge them"
    )


def test_prepare__names_that_are_none():
    assert message(frame().rename(index={"G1": "", "G3": "  "})) == (
        "2 genes without a name (number 2, 4); give every gene a name; prepare.duplicates: max_variance or mean drops"
        " such genes"
    )
    assert message(frame().rename(columns={"s0": "a\tb"})) == (
        "sample name 'a\\tb' has a character that cannot be printed; the file may be damaged: rename the sample"
    )


def test_prepare__transposed():
    data = frame(6, 8)
    data.columns = [*frame(8, 1).index]
    data.index = [f"sample{n}" for n in range(6)]
    assert message(data, regulators=["G1", "G2", "nope"]) == (
        "none of the 3 regulators is among the 6 genes, but 2 are among the sample names: "
        "the matrix looks transposed; give frame.T, or set prepare.orientation: samples_by_genes"
    )
    assert message(data.T, Prepare(min_samples=4, orientation="samples_by_genes"), ["G1", "G2"]) == (
        "none of the 2 regulators is among the 6 genes, but 2 are among the sample names: "
        "the matrix looks transposed; give frame.T, or set prepare.orientation: genes_by_samples"
    )
    assert message(AnnData(data.T), regulators=["G1", "G2"]) == (
        "none of the 2 regulators is among the 6 genes, but 2 are among the sample names: "
        "the matrix looks transposed; obs must be samples and var genes: turn it with adata.T"
    )
    data.columns = [f"ENSG0000000000{n}.3" for n in range(8)]
    assert message(data) == (
        "8 of the 8 sample names are names of genes "
        "(ENSG00000000000.3, ENSG00000000001.3, ENSG00000000002.3 and 5 more): "
        "the matrix looks transposed; give frame.T, or set prepare.orientation: samples_by_genes"
    )


def test_prepare__regulators_not_in_the_matrix(caplog):
    data = frame().rename(index={"G2": "MYC"})
    assert message(data, regulators=["myc2", "TP53"]) == (
        "none of the 2 regulators is among the 6 genes (myc2, TP53); "
        "the genes are named like G0, G1, MYC: use the same kind of names"
    )
    assert message(data, regulators=["myc", "TP53"]) == (
        "none of the 2 regulators is among the 6 genes (myc, TP53; closest: myc -> MYC); "
        "the genes are named like G0, G1, MYC: use the same kind of names"
    )
    assert message(data, regulators=[]) == ("the list of regulators is empty; name at least one, or give no list")
    ready = prepare(data, SMALL, ["MYC", "MYCL", "TP53", "MYC"])
    assert list(ready.uns["genenet"]["missing_regulators"]) == ["MYCL", "TP53"]
    assert caplog.messages[:-1] == ["2 of 3 regulators are not in the matrix (MYCL, TP53; closest: MYCL -> MYC)"]


@pytest.mark.parametrize("header", ["x", "V1", "Symbol", "TF"])
def test_prepare__the_header_of_a_list_is_said(caplog, header):
    ready = prepare(frame(), SMALL, [header, "G1", "G2"])
    assert list(ready.var_names[ready.var["regulator"]]) == ["G1", "G2"]
    assert list(ready.uns["genenet"]["missing_regulators"]) == []
    found = ready.uns["genenet"]["findings"]
    assert list(found["message"][found["kind"] == "lists"]) == [
        f"'{header}', the first line of the list of regulators, is read as its header"
    ]
    own = frame().rename(index={"G0": header})
    assert list(prepare(own, SMALL, [header, "G1"]).var["regulator"]) == [True, True, False, False, False, False]
    prepare(frame(), SMALL, ["G1", header])
    assert f"1 of 2 regulators is not in the matrix ({header}" in caplog.text


def test_prepare__components_of_no_control_genes(caplog):
    prepare(frame(), Prepare(min_samples=4, control_components=3))
    line = "prepare.control_components (3) does nothing here: it is used by control genes (control_genes)"
    assert line in caplog.messages


def test_prepare__all_regulators_dropped():
    data = frame()
    data.loc["G1"] = 2.0
    assert message(data, Prepare(min_samples=4, min_variance=0), ["G1"]) == (
        "the only regulator of the matrix was dropped (genes dropped: 1 for no variance); "
        "loosen the filters, or name them in the list of kept genes"
    )


def test_prepare__frame_with_text():
    data = frame().astype(object)
    data.loc["G3", "s2"] = "high"
    assert message(data) == (
        "1 cell of sample s2 is no number, the first is 'high' (gene G3); convert with frame.astype(float)"
    )
    assert message(frame().reset_index(names="gene")) == (
        "column gene of the frame holds text ('G0'), not numbers; "
        "if it holds names make it the index (frame.set_index), else remove it"
    )
    day = np.datetime64("2020-01-01", "s")
    assert message(frame().assign(day=day)) == (
        "column day of the frame holds datetime64[s], not numbers; convert or remove it before"
    )
    assert message([[1, 2]]) == "the matrix is a list; give a pandas DataFrame or an AnnData (see read_matrix)"


def test_prepare__frame_of_objects_and_nullable_numbers():
    expected = prepare(frame(), SMALL).X
    np.testing.assert_array_equal(prepare(frame().astype(object), SMALL).X, expected)
    np.testing.assert_array_equal(prepare(frame().astype("Float64"), SMALL).X, expected)
    gap = frame().astype("Float64")
    gap.loc["G1", "s1"] = pd.NA
    assert message(gap).startswith("1 value is missing or infinite, in 1 of 6 genes (G1)")


def h5ad(folder, **changes):
    data = AnnData(frame(6, 30).T)
    data.obs["cell_type"] = ["B", "T"] * 15
    data.layers["counts"] = np.arange(180.0).reshape(30, 6) % 7
    path = folder / "cells.h5ad"
    data.write_h5ad(path)
    return path


def test_read_matrix__h5ad_layer_and_query(tmp_path):
    path = h5ad(tmp_path)
    settings = Prepare(layer="counts", obs_query="cell_type == 'B'", min_samples=10)
    data = read_matrix(path, settings)
    np.testing.assert_array_equal(data.X, (np.arange(180.0).reshape(30, 6) % 7)[::2])
    ready = prepare(data, settings)
    np.testing.assert_array_equal(ready.X, data.X)
    assert ready.uns["genenet"]["source"] == "cells.h5ad"
    assert list(ready.obs["cell_type"].unique()) == ["B"]
    straight = prepare(anndata.read_h5ad(path), settings)
    np.testing.assert_array_equal(straight.X, ready.X)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"layer": "count"}, "prepare.layer: no layer count; layers: counts; did you mean counts?"),
        (
            {"obs_query": "cell_type == 'Q'"},
            "prepare.obs_query: none of the 30 samples fulfils cell_type == 'Q'; cell_type is B, T",
        ),
        (
            {"obs_query": "celltype == 'B'"},
            "prepare.obs_query: celltype == 'B' does not work (there is no column celltype; did you mean cell_type?); "
            "obs has the columns cell_type",
        ),
    ],
)
def test_read_matrix__h5ad_says_what_is_wrong(tmp_path, settings, text):
    path = h5ad(tmp_path)
    with pytest.raises(InputError) as caught:
        read_matrix(path, Prepare(**settings))
    assert str(caught.value) == f"{path}: {text}"


def test_read_matrix__h5ad_that_is_none(tmp_path):
    path = tmp_path / "cells.h5ad"
    whole = h5ad(tmp_path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert str(caught.value).startswith(f"{path}: cannot be read as HDF5 (Unable to synchronously open file (truncated")
    assert str(caught.value).endswith("); copy or write it again")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("real_ecoli_PRECISE278/expression.tsv.gz", (278, 3923)),
        ("beeline_GSD/GSD_2000_0/ExpressionData.csv.gz", (2000, 19)),
        ("grndata_toy/expression.tsv.gz", (64, 64)),
        ("real_pbmc68k_reduced/10x_pbmc68k_reduced.h5ad", (700, 765)),
    ],
)
def test_prepare__real_matrices(shared_data, name, shape):
    ready = prepare(read_matrix(shared_data / name), Prepare(min_variance=0))
    assert ready.shape == shape
    assert np.isfinite(ready.X).all()


def test_prepare__a_large_table_is_arranged_by_samples_as_a_small_one(monkeypatch):
    data = frame(n_genes=40, n_samples=30)
    small = prepare(data, SMALL).X
    monkeypatch.setattr("genenet.readers.sparse_pieces.MANY_VALUES", 0)
    large = prepare(data, SMALL).X
    assert large.flags.c_contiguous
    assert np.array_equal(large, small)
