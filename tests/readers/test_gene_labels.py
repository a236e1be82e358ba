"""Labels of genes from a column beside the values."""

import anndata
import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.readers import load
from genenet.readers.findings import from_frame
from genenet.steps.prepare import prepare
from tests.readers.brought import GENES, LOGS, with_columns

IDS = [f"ENSG{number:011d}" for number in range(30)]
SAID = (
    "noted (tables): genes are shown by the column gene_name (30 genes of 30 have another name there, such as TP53);"
    " lists name them as before"
)


def test_labels__of_a_column_that_is_set_aside(tmp_path):
    table = with_columns(LOGS.set_axis(IDS), gene_name=GENES)
    table.to_csv(tmp_path / "m.csv", index_label="gene_id")
    data = load(tmp_path / "m.csv", Prepare(annotation_columns=("gene_name",)))
    ready = prepare(data, Prepare(annotation_columns=("gene_name",)), [IDS[3]])
    assert (list(ready.var_names), list(ready.var["gene_label"])) == (IDS, GENES)
    assert ready.var_names[ready.var["regulator"]].tolist() == [IDS[3]]
    assert [str(one) for one in from_frame(ready.uns["genenet"]["findings"])] == [SAID]


@pytest.mark.parametrize(
    "texts", [IDS, ["x"] * 30, [*GENES[:10], *[""] * 20]], ids=["ids again", "one text", "mostly empty"]
)
def test_labels__not_of_a_column_without_other_names(texts):
    var = pd.DataFrame({"gene_name": texts}, index=IDS)
    data = anndata.AnnData(LOGS.T.to_numpy(), obs=pd.DataFrame(index=LOGS.columns), var=var)
    assert "gene_label" not in load(data, Prepare()).var


def test_labels__an_anndata_is_not_changed():
    var = pd.DataFrame({"feature_name": [*GENES[:29], np.nan]}, index=IDS)
    data = anndata.AnnData(LOGS.T.to_numpy(), obs=pd.DataFrame(index=LOGS.columns), var=var)
    assert list(load(data, Prepare()).var["gene_label"]) == [*GENES[:29], IDS[29]]
    assert list(data.var.columns) == ["feature_name"]
