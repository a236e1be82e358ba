"""Columns of `obs` by name."""

import pandas as pd
import pytest

from genenet.errors import InputError
from genenet.products.sample_attributes import sample_attribute


@pytest.mark.parametrize(
    ("obs", "advice", "message"),
    [
        (
            pd.DataFrame({"batch": ["a"], "age": [1]}),
            "",
            "the matrix has no sample attribute bach; it has batch, age; did you mean batch?",
        ),
        (pd.DataFrame(index=["s"]), "", "the matrix has no sample attribute bach"),
        (
            pd.DataFrame(index=["s"]),
            "add it with --table",
            "the matrix has no sample attribute bach; add it with table",
        ),
    ],
)
def test_sample_attribute__none_of_this_name(obs, advice, message):
    with pytest.raises(InputError) as error:
        sample_attribute(obs, "bach", advice)
    assert str(error.value) == message
