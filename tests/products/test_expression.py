"""The prepared matrix as later steps see it."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.config import Prepare
from genenet.files.intermediate import read_expression, write_expression
from genenet.products.expression import Notes
from genenet.steps.prepare import prepare

GENES = [f"g{i}" for i in range(8)]


@pytest.fixture
def prepared() -> AnnData:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(8, 30)), index=GENES).add_prefix("s")
    frame.loc["g7"] = 1.0
    lists = {"targets": ["g1", "g2", "gone"], "keep": ["g3"], "pairs": [("g1", "g0"), ("g2", "g0"), ("g1", "nowhere")]}
    return prepare(frame, Prepare(min_variance=0), ["g0", "missing"], **lists)


def test_notes__have_a_field_for_all_that_prepare_notes(prepared):
    assert set(prepared.uns["genenet"]) <= {field.name for field in fields(Notes)}


def test_notes__are_the_same_from_memory_and_file(prepared, tmp_path):
    write_expression(prepared, tmp_path / "expression.h5ad")
    for expression in (prepared, read_expression(tmp_path / "expression.h5ad")):
        notes = Notes.of(expression)
        assert notes.directed is True
        assert notes.has_targets
        assert (notes.missing_regulators, notes.missing_targets, notes.missing_keep) == (("missing",), ("gone",), ())
        assert notes.dropped_by_reason() == {"no variance": ["g7"]}
        assert notes.pairs.to_numpy().tolist() == [["g0", "g1"], ["g0", "g2"]]
        assert (notes.orientation, notes.normalisation) == ("genes_by_samples", "none")


def test_notes__of_a_matrix_that_was_not_prepared():
    assert Notes.of(AnnData(np.zeros((3, 2)))) == Notes()
