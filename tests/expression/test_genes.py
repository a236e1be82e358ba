"""Genes of the same name, filters, normalisation, and lists of genes."""

import logging

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from anndata import AnnData
from hypothesis import given
from hypothesis import strategies as st

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.expression.normalisation import log1p
from genenet.readers import read_pairs
from genenet.steps.prepare import prepare


def settings(**changes) -> Prepare:
    return Prepare(min_samples=4, **changes)


def frame(rows, names="ABCDEFGHIJ") -> pd.DataFrame:
    rows = np.asarray(rows, dtype=float)
    return pd.DataFrame(rows, list(names)[: len(rows)], [f"s{n}" for n in range(rows.shape[1])])


FOUR = frame([[1, 2, 3, 4], [0, 0, 0, 8], [5, 5, 5, 6], [0, 0, 1, 1]])


def names(ready: AnnData) -> list[str]:
    return list(ready.var_names)


def dropped(ready: AnnData) -> dict[str, str]:
    table = ready.uns["genenet"]["dropped"]
    return dict(zip(table["gene"], table["reason"], strict=True))


@pytest.mark.parametrize("sparse", [False, True])
def test_duplicates__mean(sparse):
    data: AnnData | pd.DataFrame = frame([[1, 2, 3, 4], [3, 2, 1, 0], [5, 5, 5, 6], [5, 8, 2, 2]], "ABAA")
    if sparse:
        data = AnnData(sp.csr_matrix(data.T.to_numpy()))
        data.var.index = pd.Index(list("ABAA"))
    ready = prepare(data, settings(duplicates="mean"))
    assert names(ready) == ["A", "B"]
    np.testing.assert_array_equal(ready.X.T, [[11 / 3, 5, 10 / 3, 4], [3, 2, 1, 0]])
    assert list(ready.uns["genenet"]["dropped"]["gene"]) == ["A", "A"]
    assert set(ready.uns["genenet"]["dropped"]["reason"]) == {"same name, in the mean"}


def test_duplicates__max_variance_keeps_the_first_of_equals():
    data = frame([[1, 2, 1, 2], [0, 0, 0, 9], [5, 6, 5, 6], [1, 0, 0, 9], [0, 0, 0, 9]], "ABABB")
    ready = prepare(data, settings(duplicates="max_variance"))
    assert names(ready) == ["A", "B"]
    np.testing.assert_array_equal(ready.X.T, [[1, 2, 1, 2], [0, 0, 0, 9]])
    assert set(ready.uns["genenet"]["dropped"]["reason"]) == {"same name, smaller variance"}


def test_duplicates__make_unique():
    ready = prepare(FOUR.set_axis(["A", "B", "A", "A"]), settings(duplicates="make_unique"), regulators=["A"])
    assert names(ready) == ["A", "B", "A-1", "A-2"]
    assert list(ready.var["regulator"]) == [True, False, False, False]


@pytest.mark.parametrize(
    ("changes", "kept", "reason"),
    [
        ({"min_detection_rate": 0.5}, "ACD", "detection rate below 0.5"),
        ({"min_mean": 2.0}, "ABC", "mean below 2"),
        ({"min_variance": 1.0}, "AB", "variance not above 1"),
        ({"n_top_variable": 3}, "ABD", "not among the 3 most variable"),
    ],
)
def test_filters(changes, kept, reason):
    ready = prepare(FOUR, settings(**changes))
    assert "".join(names(ready)) == kept
    assert dropped(ready) == {gene: reason for gene in "ABCD" if gene not in kept}


def test_filters__together_and_what_is_kept_in_any_case():
    data = frame([[1, 2, 3, 4], [0, 0, 0, 8], [5, 5, 5, 6], [0, 0, 1, 1], [2, 2, 2, 2], [0, 0, 0, 0]])
    ready = prepare(data, settings(min_detection_rate=0.5, min_mean=1, min_variance=0, n_top_variable=2))
    assert names(ready) == ["A", "C"]
    assert dropped(ready) == {
        "B": "detection rate below 0.5",
        "F": "detection rate below 0.5",
        "D": "mean below 1",
        "E": "no variance",
    }
    ready = prepare(data, settings(min_detection_rate=0.5, min_mean=1, min_variance=0), keep=["D", "E"])
    assert names(ready) == ["A", "C", "D"]
    ready = prepare(FOUR, settings(n_top_variable=2), keep=["C"])
    assert names(ready) == ["A", "B", "C"]


def test_filters__genes_without_variance_may_go_by_any_filter():
    data = frame([[1, 2, 3, 4], [0, 0, 0, 8], [0, 0, 0, 0]])
    assert names(prepare(data, settings(min_detection_rate=0.1))) == ["A", "B"]
    assert names(prepare(data, settings(n_top_variable=2))) == ["A", "B"]


def test_filters__ties_in_variance_go_by_gene_order():
    data = frame([[0, 1, 0, 1]] * 5)
    assert names(prepare(data, settings(n_top_variable=3))) == ["A", "B", "C"]


def test_normalisation__same_for_dense_and_sparse_and_close_to_numpy():
    counts = np.random.default_rng(0).negative_binomial(1, 0.1, size=(50, 30)).astype(np.float32)
    counts[:, 0] += 1
    obs, var = pd.DataFrame(index=[f"c{n}" for n in range(50)]), pd.DataFrame(index=[f"g{n}" for n in range(30)])
    dense = AnnData(counts.copy(), obs, var)
    sparse = AnnData(sp.csc_matrix(counts.astype(np.float64)), obs, var)
    ready = prepare(dense, settings(normalisation="log1p_cp10k"))
    expected = np.log1p(counts / counts.sum(axis=1, keepdims=True, dtype=float) * 1e4)
    np.testing.assert_allclose(ready.X, expected, rtol=1e-15, atol=0)
    np.testing.assert_array_equal(prepare(sparse, settings(normalisation="log1p_cp10k")).X, ready.X)
    np.testing.assert_array_equal(sparse.X.toarray(), counts)
    np.testing.assert_array_equal(dense.X, counts)
    assert ready.uns["genenet"]["normalisation"] == "log1p_cp10k"


def test_normalisation__sums_are_over_all_genes_also_those_dropped_later():
    ready = prepare(FOUR, settings(normalisation="log1p_cp10k", n_top_variable=2))
    totals = FOUR.sum()
    np.testing.assert_allclose(ready.to_df().T, np.log1p(FOUR.loc[names(ready)] / totals * 1e4), rtol=1e-15)


@given(st.floats(min_value=0, max_value=1e300))
def test_log1p__within_two_units_in_the_last_place(x):
    # numpy is off by one itself, now and then.
    assert abs(log1p(np.array([x]))[0] - np.log1p(x)) <= 2 * np.spacing(np.log1p(x))


def error(*arguments, **lists) -> str:
    with pytest.raises(InputError) as caught:
        prepare(*arguments, **lists)
    return str(caught.value)


def test_normalisation__says_what_is_wrong(caplog):
    data = FOUR.copy()
    data.loc["C", "s1"] = -0.5
    expected = (
        "prepare.normalisation: log1p_cp10k needs counts, but the matrix has negative values "
        "(the first is -0.5, gene C, sample s1); it may be normalised already: set prepare.normalisation: none"
    )
    assert error(data, settings(normalisation="log1p_cp10k")) == expected
    sparse = AnnData(sp.csr_matrix(data.T.to_numpy()), data.T[[]], data[[]])
    assert error(sparse, settings(normalisation="log1p_cp10k")) == expected
    prepare(FOUR / 3, settings(normalisation="log1p_cp10k"))
    assert caplog.messages[:-1] == [
        "prepare.normalisation: the matrix has no value above 30 and not only whole numbers: "
        "are these counts, or logarithms already?"
    ]


def test_filters__say_what_is_wrong():
    assert error(FOUR, settings(min_mean=4)) == (
        "1 gene (dropped: 3 for mean below 4) cannot make a network; bring at least 2 genes"
    )
    assert error(FOUR, settings(min_mean=2), ["D"]) == (
        "the only regulator of the matrix was dropped (genes dropped: 1 for mean below 2); "
        "loosen the filters, or name them in the list of kept genes"
    )
    assert error(FOUR, settings(n_top_variable=2), targets=["C", "D"]) == (
        "all 2 targets of the matrix were dropped (genes dropped: 2 for not among the 2 most variable); "
        "loosen the filters, or name them in the list of kept genes"
    )
    assert error(FOUR, settings(), keep=["x"]) == (
        "none of the 1 kept gene is among the 4 genes (x); the genes are named like A, B, C: use the same kind of names"
    )


def test_lists__advice_on_names():
    table = AnnData(FOUR.T)
    table.var_names = [f"ENSG0000000000{n}.{n}" for n in range(4)]
    table.var["symbol"] = ["Trp53", "Myc", "Fos", "Jun"]
    like = (
        "the genes are named like ENSG00000000000.0, ENSG00000000001.1, ENSG00000000002.2: use the same kind of names"
    )
    assert error(table, settings(), ["ENSG00000000000", "ENSG00000000002.7", "x"]) == (
        "none of the 3 regulators is among the 4 genes (ENSG00000000000, ENSG00000000002.7, x; "
        f"2 would match without the version after the point: take it off in both); {like}"
    )
    assert error(table, settings(), ["Myc", "Jun"]) == (
        f"none of the 2 regulators is among the 4 genes (Myc, Jun; 2 are in column symbol: "
        f"set prepare.name_column: 'symbol'); {like}"
    )
    assert list(prepare(table, settings(name_column="symbol"), ["Myc"]).var_names) == ["Trp53", "Myc", "Fos", "Jun"]
    assert error(table, settings(name_column="symbol"), ["MYC", "JUN", "TP53"]) == (
        "none of the 3 regulators is among the 4 genes (MYC, JUN, TP53; 2 would match if case did not count: "
        "another species, or write them as the matrix does); "
        "the genes are named like Trp53, Myc, Fos: use the same kind of names"
    )
    twice = AnnData(FOUR.T)
    twice.var["gene_ids"] = ["i0", "i1", "i2", "i3"]
    twice.var_names = pd.Index(["A", "B", "C", "D"])
    twice = twice[:, [0, 1, 2, 3]].copy()
    twice.var.index = pd.Index(["A", "A", "C", "D"])
    assert error(twice, settings()) == (
        "1 gene name occurs more than once (A 2 times); set prepare.duplicates: mean, max_variance or make_unique, "
        "or take other names by prepare.name_column: 'gene_ids'"
    )


def test_lists__targets_and_pairs(caplog):
    pairs = [("C", "A"), ("A", "C"), ("B", "x"), ("D", "B")]
    ready = prepare(FOUR, settings(), ["A"], targets=["B", "C", "x"], pairs=pairs)
    assert list(ready.var["target"]) == [False, True, True, False]
    assert list(ready.uns["genenet"]["missing_targets"]) == ["x"]
    assert ready.uns["genenet"]["pairs"].to_dict("list") == {"gene_a": ["A", "B"], "gene_b": ["C", "D"]}
    assert caplog.messages[:-1] == [
        "1 of 3 targets is not in the matrix (x)",
        "1 of 3 pairs is not of two genes that are left in the matrix (x)",
    ]
    assert error(FOUR, settings(), pairs=[("A", "x"), ("y", "B")]) == (
        "none of the 2 pairs is of two genes of the matrix (x, y are not among the 4 genes); use the same kind of names"
    )


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("largest", [1e160, 1.7e308])
def test_prepare__values_whose_squares_are_infinite(sparse, largest):
    values = np.arange(32.0).reshape(4, 8)
    values[2, 3] = largest
    values[2, 4] = -largest
    data = AnnData(sp.csr_matrix(values.T) if sparse else values.T, var=pd.DataFrame(index=list("ABCD")))
    assert error(data, settings()) == (
        f"1 of 4 genes has values too large to compute with (C; up to {largest:.3g} in the first, and squares end at"
        " 1.8e+308); take logarithms, divide by a constant, or filter the input"
    )


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("min_variance", [None, 0.0])
def test_prepare__values_whose_squares_are_zero(recwarn, sparse, min_variance):
    values = np.random.default_rng(0).uniform(1, 9, (30, 12)) * 1e-300
    data = AnnData(sp.csr_matrix(values.T) if sparse else values.T)
    assert error(data, settings(min_variance=min_variance)) == (
        "30 of 30 genes vary by too little to compute with (0, 1, 2, 3, 4 and 25 more; the squares of differences below"
        " about 1e-162 are 0); multiply the values by a constant, or filter the input"
    )
    assert not [str(warning.message) for warning in recwarn if issubclass(warning.category, RuntimeWarning)]


def test_prepare__only_genes_that_vary_are_said_to_be_too_small():
    values = np.random.default_rng(0).uniform(1, 9, (4, 12))
    values[2] *= 1e-300
    values[3] = 1e-300
    data = AnnData(values.T, var=pd.DataFrame(index=list("ABCD")))
    assert error(data, settings()).startswith("1 of 4 genes varies by too little to compute with (C; ")
    dropped = prepare(data, settings(min_variance=0.0)).uns["genenet"]["dropped"]
    assert dropped.to_numpy().tolist() == [["C", "no variance"], ["D", "no variance"]]


def test_log__says_what_filters_dropped(caplog):
    with caplog.at_level(logging.INFO):
        prepare(FOUR, settings(n_top_variable=2))
    assert caplog.messages[:-1] == ["dropped 2 of 4 genes (not among the 2 most variable): C, D"]


@pytest.mark.parametrize(
    "content",
    [
        "TP53\tMDM2\nMYC\tFOS\n",
        "regulator\ttarget\tmor\nTP53\tMDM2\t1\nMYC\tFOS\t-1\n",
        '"TF","gene"\r\n"TP53","MDM2"\r\n"MYC","FOS"\r\n',
        "# motifs\nTP53 MDM2\n\nMYC  FOS\nTP53 MDM2\n",
        "gene_a;gene_b\nTP53;MDM2\nMYC;FOS\n",
    ],
)
def test_read_pairs__every_dress(tmp_path, content):
    path = tmp_path / "pairs.txt"
    path.write_bytes(content.encode())
    assert read_pairs(path) == [("TP53", "MDM2"), ("MYC", "FOS")]


def test_read_pairs__genes_called_like_a_header_are_kept_below_it(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("regulator\ttarget\nTF\tgene\n")
    assert read_pairs(path) == [("TF", "gene")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("A\tB\nC\n", "{path}: line 2 is no pair: 'C'; give two names a line, separated by a tab"),
        ("source\ttarget\n", "{path}: holds no pairs; give two names a line, separated by a tab"),
    ],
)
def test_read_pairs__says_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "pairs.txt"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_pairs(path)
    assert str(caught.value) == message.format(path=path)
