"""Matrices without anndata: the same as with it, in memory and in the file."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy.sparse import csc_matrix

from genenet.config import Prepare
from genenet.files.intermediate import read_prepared, write_expression
from genenet.readers.bare import BareMatrix, as_anndata, bare, is_anndata, with_tables
from genenet.steps.prepare import prepare, prepared


def matrix() -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(6, 12))
    return pd.DataFrame(values, [f"G{i}" for i in range(6)], [f"S{i}" for i in range(12)])


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"age": range(12), "is_old": [True, False] * 6},
        {"donor": [f"D{i}" for i in range(12)]},
        {"tissue": ["liver", "heart", "liver"] * 4},  # anndata makes it categorical
        {"tissue": ["liver", None, "heart"] * 4, "dose": [1.0, np.nan, 3.0] * 4},
    ],
    ids=lambda columns: " ".join(columns) or "none",
)
@pytest.mark.parametrize("lists", [{}, {"regulators": ["G1", "absent"], "pairs": [("G1", "G2"), ("G1", "G4")]}])
def test_write_expression__same_bytes_with_and_without_anndata(tmp_path, columns, lists):
    data = AnnData(matrix().T.to_numpy(), pd.DataFrame(columns, matrix().columns), pd.DataFrame(index=matrix().index))
    found = {}
    for name, function in (("with", prepare), ("without", prepared)):
        ready = function(data, Prepare(min_samples=4), **lists)
        write_expression(ready, tmp_path / name)
        found[name] = (tmp_path / name).read_bytes()
        again = read_prepared(tmp_path / name)
        assert list(again.obs.columns) == list(columns)
        assert again.uns["genenet"]["directed"] is bool(lists)
    assert found["with"] == found["without"]


def test_write_expression__sparse_values(tmp_path):
    values = csc_matrix(np.array([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]))
    data = bare(values, pd.DataFrame(index=["s1", "s2", "s3"]), pd.DataFrame({"mean": [2 / 3, 1 / 3]}, ["A", "B"]), {})
    write_expression(data, tmp_path / "bare.h5ad")
    write_expression(as_anndata(data), tmp_path / "anndata.h5ad")
    assert (tmp_path / "bare.h5ad").read_bytes() == (tmp_path / "anndata.h5ad").read_bytes()


def test_bare__is_read_as_an_anndata_is():
    data = bare(
        matrix().T.to_numpy(), pd.DataFrame({"age": range(12)}), pd.DataFrame(index=matrix().index), {"source": "m"}
    )
    same = as_anndata(data)
    assert is_anndata(same)
    assert not is_anndata(data)
    assert data.shape == same.shape == (12, 6)
    assert list(data.obs_names) == list(same.obs_names) == [str(i) for i in range(12)]
    assert list(data.var_names) == list(same.var_names)
    part, same_part = data[2:5, [0, 3]], same[2:5, [0, 3]]
    assert np.array_equal(part.X, same_part.X)
    assert part.obs["age"].tolist() == same_part.obs["age"].tolist() == [2, 3, 4]
    assert part.uns == {"genenet": {"source": "m"}}
    copied = data.copy()
    copied.X[0, 0] = 7.0
    assert data.X[0, 0] != 7.0


def test_with_tables__keeps_the_rest_of_an_anndata():
    full = AnnData(
        np.ones((2, 1)), pd.DataFrame(index=["s1", "s2"]), pd.DataFrame(index=["A"]), layers={"raw": np.zeros((2, 1))}
    )
    obs = pd.DataFrame({"age": [1, 2]}, ["s1", "s2"])
    found = with_tables(full, obs=obs)
    assert is_anndata(found)
    assert list(found.layers) == ["raw"]
    assert found.obs["age"].tolist() == [1, 2]
    full.raw = full
    assert with_tables(full, obs=obs).raw.shape == (2, 1)
    light = with_tables(BareMatrix(full.X, full.obs, full.var, {}), obs=obs)
    assert isinstance(light, BareMatrix)
    assert light.obs["age"].tolist() == [1, 2]
    assert "age" not in full.obs
