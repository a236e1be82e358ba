"""AnnData in zarr stores, as anndata writes them."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from anndata import AnnData

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import read_matrix
from genenet.steps.prepare import prepare

zarr = pytest.importorskip("zarr")


@pytest.fixture
def store(tmp_path):
    values = np.arange(24.0).reshape(6, 4)
    obs = pd.DataFrame({"batch": list("aabbcc")}, index=[f"s{i}" for i in range(6)])
    data = AnnData(sp.csr_matrix(values), obs=obs, var=pd.DataFrame(index=list("ABCD")), layers={"log": values * 2})
    data.raw = AnnData(values + 1, var=pd.DataFrame(index=list("WXYZ")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which version of zarr it will write one day
        data.write_zarr(tmp_path / "m.zarr")
    return tmp_path / "m.zarr"


def test_read_matrix__what_the_settings_choose(store):
    values = np.arange(24.0).reshape(6, 4)
    read = read_matrix(store)
    assert sp.issparse(read.X)
    np.testing.assert_array_equal(read.X.toarray(), values)
    assert read.uns["genenet"]["source"] == "m.zarr"
    np.testing.assert_array_equal(read_matrix(store, Prepare(layer="log")).X, values * 2)
    raw = read_matrix(store, Prepare(use_raw=True, obs_query="batch != 'a'"))
    assert (raw.shape, list(raw.var_names)) == ((4, 4), list("WXYZ"))
    ready = prepare(read_matrix(store), Prepare(min_samples=4))
    assert list(ready.var["mean"]) == [10, 11, 12, 13]


def test_read_matrix__messages(store, tmp_path):
    with pytest.raises(InputError, match=r"m.zarr: prepare.layer: no layer lag; layers: log$"):
        read_matrix(store, Prepare(layer="lag"))
    zarr.open_group(str(tmp_path / "other.zarr"), mode="w").create_group("things")
    with pytest.raises(InputError, match=r"other.zarr: is a zarr store but not of AnnData \(it holds things\)"):
        read_matrix(tmp_path / "other.zarr")
    for file in (store / "X").rglob("*"):
        if file.is_file() and file.name not in ("zarr.json", ".zarray", ".zgroup", ".zattrs"):
            file.write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"m.zarr: cannot be read as zarr \("):
        read_matrix(store)
