"""Settings of another kind of matrix are warned of: they would be overlooked otherwise."""

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import findings, read_matrix
from genenet.readers.matrix import load
from tests.readers import brought

TABLE = pd.DataFrame(np.arange(12.0).reshape(3, 4), ["ACTB", "MYC", "TP53"], ["s1", "s2", "s3", "s4"])
TABLES = "it is for text, parquet and feather tables"
GIVEN: dict[str, tuple[Any, str]] = {
    "orientation": ("samples_by_genes", f"prepare.orientation (samples_by_genes) does nothing here: {TABLES}"),
    "value_columns": (("s*",), f"prepare.value_columns (s*) does nothing here: {TABLES}"),
    "annotation_columns": (("s1",), f"prepare.annotation_columns (s1) does nothing here: {TABLES}"),
    "annotation_rows": (("MYC",), f"prepare.annotation_rows (MYC) does nothing here: {TABLES}"),
    "decimal": ("comma", "prepare.decimal (comma) does nothing here: it is for text tables"),
    "thousands": ("space", "prepare.thousands (space) does nothing here: it is for text tables"),
    "modality": ("rna", "prepare.modality (rna) does nothing here: it is for .h5mu files"),
}


def told(data: anndata.AnnData) -> list[tuple[str, str, str]]:
    found = findings.from_frame(data.uns.get("genenet", {}).get("findings"))
    return [(finding.weight, finding.kind, finding.message) for finding in found]


def test_read_matrix__texts_for_missing_values_are_for_tables(tmp_path):
    data = anndata.AnnData(TABLE.T)
    data.write_h5ad(tmp_path / "m.h5ad")
    settings = Prepare(na_values=("NA", "-9", "none"))
    message = "prepare.na_values (NA,none) does nothing here: all values are numbers, and missing ones NaN"
    read = [read_matrix(tmp_path / "m.h5ad", settings), load(data, settings)]
    assert [one for found in read for one in told(found) if one[1] == "settings"] == 2 * [
        ("warned", "settings", message)
    ]
    attributes = pd.DataFrame({"age": [1, 2, 3, 4]}, index=TABLE.columns)
    assert "settings" not in {kind for _, kind, _ in told(load(data, settings, attributes))}
    assert "settings" not in {kind for _, kind, _ in told(load(TABLE, settings))}


@pytest.mark.parametrize("name", GIVEN)
def test_read_matrix__warns_of_settings_that_an_h5ad_has_no_use_for(tmp_path, name):
    anndata.AnnData(TABLE.T).write_h5ad(tmp_path / "m.h5ad")
    value, message = GIVEN[name]
    data = read_matrix(tmp_path / "m.h5ad", Prepare(**{name: value}))
    assert told(data) == [("warned", "settings", message)]
    assert data.to_df().T.equals(TABLE)


def test_read_matrix__warns_of_notation_in_parquet_and_of_a_modality_in_text(tmp_path):
    TABLE.rename_axis("gene").reset_index().to_parquet(tmp_path / "m.parquet")
    TABLE.to_csv(tmp_path / "m.tsv", sep="\t")
    messages = {name: [("warned", "settings", message)] for name, (_, message) in GIVEN.items()}
    assert told(read_matrix(tmp_path / "m.parquet", Prepare(decimal="comma"))) == messages["decimal"]
    assert told(read_matrix(tmp_path / "m.tsv", Prepare(modality="rna"))) == messages["modality"]
    assert told(load(TABLE, Prepare(thousands="space"))) == messages["thousands"]


def test_read_matrix__a_modality_of_an_h5mu_file_is_used(tmp_path):
    brought.mudata("rna", "atac")(tmp_path / "m.h5mu")
    assert not told(read_matrix(tmp_path / "m.h5mu", Prepare(modality="rna")))


def test_load__what_was_read_with_a_setting_is_not_told_again(tmp_path):
    TABLE.T.to_csv(tmp_path / "m.tsv", sep="\t")
    settings = Prepare(orientation="samples_by_genes")
    assert not told(load(read_matrix(tmp_path / "m.tsv", settings), settings))


@pytest.mark.parametrize("name", ["layer", "name_column", "sample_column"])
def test_read_matrix__shortens_a_name_that_is_not_there(tmp_path, name):
    TABLE.to_csv(tmp_path / "m.tsv", sep="\t")
    with pytest.raises(InputError) as caught:
        read_matrix(tmp_path / "m.tsv", Prepare(**{name: "x" * 5000}))
    assert f" {'x' * 77}...; " in str(caught.value)
