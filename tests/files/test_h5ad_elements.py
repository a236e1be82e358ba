"""Reading and writing .h5ad without anndata: the same bytes, the same values, and what is left to anndata."""

from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from anndata import AnnData

import genenet
from genenet.config import Discretise, Information
from genenet.files import intermediate as io
from genenet.files.h5ad_elements import prepared_matrix
from genenet.files.hdf5 import write_h5ad
from genenet.products import expression as products
from genenet.products import sparse_values
from genenet.products.bins import Bins
from genenet.products.expression import Notes, dense_values
from genenet.products.sparse_weights import SparseWeights
from genenet.products.strata import strata_of
from genenet.steps.discretise import discretise
from genenet.steps.prepare import prepare


def matrix(make=np.asarray, n_samples: int = 40) -> AnnData:
    """Twelve genes, with columns of all kinds in obs and var."""
    random = np.random.default_rng(5)
    values = np.round(random.normal(size=(n_samples, 12)), 2)
    obs = pd.DataFrame(
        {
            "batch": pd.Categorical(random.choice(["x", "y"], n_samples), ["y", "x"], ordered=True),
            "age": pd.array([None, *range(n_samples - 1)], dtype="Int16"),
            "smokes": pd.array([None, *([True, False] * n_samples)][:n_samples], dtype="boolean"),
            "code": [f"π{sample}" for sample in range(n_samples)],
        },
        index=[f"S{sample}" for sample in range(n_samples)],
    )
    var = pd.DataFrame(
        {"family": pd.Categorical(["kinase", None] * 6), "length": np.arange(12, dtype=np.int32)},
        index=[f"gène {gene}|β" for gene in range(12)],
    )
    return AnnData(make(values), obs=obs, var=var)


def prepared(**options) -> AnnData:
    lists = {"regulators": [f"gène {gene}|β" for gene in range(4)], "targets": [f"gène {gene}|β" for gene in range(9)]}
    return prepare(matrix(**options), genenet.config.Prepare(strata=["batch"], small_strata="pool"), **lists)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    io.write_expression(prepared(), tmp_path / "expression.h5ad")
    return tmp_path / "expression.h5ad"


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix, sp.csc_matrix])
def test_expression__as_anndata_reads_it(tmp_path, make):
    io.write_expression(prepared(make=make), tmp_path / "e.h5ad")
    by_anndata, found = io.read_expression(tmp_path / "e.h5ad"), prepared_matrix(tmp_path / "e.h5ad")
    assert found is not None
    assert type(found.X) is type(by_anndata.X)
    np.testing.assert_array_equal(dense_values(found), dense_values(by_anndata))
    pd.testing.assert_frame_equal(found.obs, by_anndata.obs)
    pd.testing.assert_frame_equal(found.var, by_anndata.var)
    assert (found.n_obs, found.n_vars) == by_anndata.shape
    notes, expected = found.uns["genenet"], by_anndata.uns["genenet"]
    assert list(notes) == list(expected)
    for name, value in expected.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(notes[name], value)
        else:
            np.testing.assert_array_equal(notes[name], value)


def test_expression__the_same_pairs_and_strata(path):
    by_anndata, found = io.read_expression(path), io.read_prepared(path)
    for one, other in zip(products.tested(found), products.tested(by_anndata), strict=True):
        np.testing.assert_array_equal(one, other)
    assert strata_of(found).levels == strata_of(by_anndata).levels == ("x", "y")
    assert Notes.of(found, tables=False).directed
    assert Notes.of(found, tables=False).dropped is None
    assert len(Notes.of(found).dropped) == 0


def by_anndata(bins: Bins, path: Path) -> Path:
    """Write bins as anndata writes them."""
    data = AnnData(
        obs=pd.DataFrame({} if bins.strata is None else {"stratum": bins.strata.codes}, index=bins.samples),
        var=pd.DataFrame(
            {"regulator": bins.regulator} | ({} if bins.only_targets is None else {"target": bins.only_targets}),
            index=bins.genes,
        ),
    )
    notes = {name: getattr(bins, name) for name in ("total", "n_bins", "estimator", "n_neighbours", "matrix")}
    if isinstance(bins.weights, SparseWeights):
        own = bins.weights.by_gene
        data.varm["common"] = own.common
        notes["own"] = {"starts": own.starts, "samples": own.samples, "weights": own.own}
    else:
        for k in range(bins.n_bins):
            data.layers[f"bin_{k}"] = bins.weights[:, k].T
    if bins.strata is not None:
        notes["strata"] = np.array(bins.strata.levels, dtype=object)
    if bins.only_pairs is not None:
        notes["pairs"] = bins.only_pairs
    if bins.positions is not None:
        data.X = bins.positions.T
    data.uns["genenet"] = notes
    write_h5ad(data, path)
    return path


def of_pairs() -> Bins:
    data = prepare(matrix(), pairs=[("gène 0|β", "gène 5|β")])
    return discretise(data, Discretise(method="equal_frequency"))


def mostly_zeros() -> Bins:
    random = np.random.default_rng(0)
    values = random.poisson(3, (200, 30)) * (random.random((200, 30)) < 0.03)
    return discretise(AnnData(sp.csr_matrix(values.astype(float))), Discretise(method="zero_inflated"))


@pytest.mark.parametrize(
    ("make", "is_sparse"),
    [
        (lambda: discretise(prepared()), False),
        (of_pairs, False),
        (lambda: discretise(matrix(), information=Information(estimator="gaussian")), False),
        (mostly_zeros, True),
    ],
    ids=["strata, lists", "pairs", "no bins", "mostly zeros"],
)
def test_bins__the_same_bytes_as_by_anndata(tmp_path, monkeypatch, make, is_sparse):
    monkeypatch.setattr(sparse_values, "FEWEST_VALUES", 1000)
    bins = make()
    assert isinstance(bins.weights, SparseWeights) == is_sparse
    io.write_bins(bins, tmp_path / "bins.h5ad")
    assert (tmp_path / "bins.h5ad").read_bytes() == by_anndata(bins, tmp_path / "theirs.h5ad").read_bytes()
    assert "regulator" in anndata.read_h5ad(tmp_path / "bins.h5ad").var


def add_layer(file):
    file["layers/raw"] = file["X"][()]
    file["layers/raw"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def of_an_older_version(file):
    file["var"].attrs["encoding-version"] = "0.1.0"


def name_the_index(file):
    file["var"].move("_index", "symbol")
    file["var"].attrs["_index"] = "symbol"


def numbers_as_levels(file):
    del file["var/family/categories"]
    file["var/family"]["categories"] = np.array([3])
    file["var/family/categories"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


@pytest.mark.parametrize("change", [add_layer, of_an_older_version, name_the_index, numbers_as_levels])
def test_expression__changed_files_are_read_by_anndata(path, change):
    with h5py.File(path, "r+") as file:
        change(file)
    assert prepared_matrix(path) is None
    assert isinstance(io.read_prepared(path), AnnData)


def code_beyond_the_levels(file):
    file["var/family/codes"][0] = 7


def short_column(file):
    del file["var/mean"]
    file["var"]["mean"] = np.zeros(3)
    file["var/mean"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def no_notes(file):
    del file["uns/genenet"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (code_beyond_the_levels, "codes need to be between -1 and len(categories)-1"),
        (short_column, "Length of values (3) does not match length of index (12)"),
        (no_notes, "it has no uns['genenet']"),
    ],
)
def test_expression__damaged_files_end_in_one_line(path, change, reason):
    with h5py.File(path, "r+") as file:
        change(file)
    assert prepared_matrix(path) is None
    with pytest.raises(genenet.errors.InputError) as raised:
        io.read_prepared(path)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)
