"""DataFrames given in Python: what is said about them is about frames, not about files."""

import pandas as pd
import pytest

import genenet
from genenet.config import Prepare
from genenet.config.faces import speaking
from genenet.errors import InputError
from genenet.steps.prepare import prepare
from tests.readers.brought import LOGS


def said(frame, **keywords):
    with pytest.raises(InputError) as caught:
        genenet.infer_network(frame, progress=False, **keywords)
    return caught.value


def test_frame__advice_is_about_a_frame():
    turned = said(LOGS.T)
    numbers = (
        "30 of the 30 sample names are names of genes (TP53, MYC, JUN and 27 more): the matrix looks transposed;"
        " give frame.T, or set "
    )
    with speaking("python"):
        assert str(turned) == numbers + 'orientation="samples_by_genes"'
        assert str(said(LOGS.astype(str))) == (
            "column S01 of the frame holds numbers as text ('4.797'); convert with frame.astype(float)"
        )
        assert str(said(LOGS.set_axis(pd.MultiIndex.from_product([["a"], LOGS.index])))) == (
            "the index of the frame has 2 levels (None, gene), and one name each is needed; take one level"
            " (frame.index.get_level_values) or join them"
        )


def test_frame__running_numbers_are_named_by_the_index():
    found = prepare(LOGS.reset_index(drop=True), Prepare()).uns["genenet"]["findings"]
    assert list(found["message"]) == [
        "the genes are called 0, 1, 2, ...: running numbers, no names; name them by the index or the columns of the"
        " frame (frame.set_index)"
    ]


def test_frame__codes_of_missing_values_are_named_and_read():
    frame = LOGS.astype(object)
    frame.iloc[0, 0], frame.iloc[1, 1], frame.iloc[2, 1] = "ND", "ND", "Filtered"
    with speaking("python"):
        assert str(said(frame)) == (
            "3 cells of the frame hold a text for a missing value: 'ND' (2), 'Filtered' (1); read them as missing with "
            'na_values="ND,Filtered"'
        )
    ready = prepare(frame, Prepare(na_values=("ND", "Filtered"), missing="pairwise"))
    assert int(ready.var["n_missing"].sum()) == 3
    messages = list(ready.uns["genenet"]["findings"]["message"])
    assert messages.count(
        "the frame: 3 cells read as missing by prepare.na_values: 'ND' (2), 'Filtered' (1); values below a limit of "
        "detection ('ND') are not missing at random: what is computed without them is of the samples with more of "
        "a gene"
    ) == 1  # fmt: skip
