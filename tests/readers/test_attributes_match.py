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
