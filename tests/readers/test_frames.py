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
