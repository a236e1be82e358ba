"""Attributes of nodes and edges: written attribute by attribute as row by row."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genenet.writers import content, row_texts
from genenet.writers.content import Numbers, attribute_kinds, json_attribute, typed_row

VALUES = (
    st.sampled_from([None, math.nan, math.inf, -math.inf, 0.1, 1e300, True, False, 2**60, 'é"<', ""])
    | st.integers(-9, 9)
    | st.floats()
)
ROWS = st.lists(
    st.lists(st.sampled_from("abcd"), unique=True).flatmap(
        lambda names: st.fixed_dictionaries(dict.fromkeys(names, VALUES))
    ),
    max_size=8,
)


@settings(deadline=None)
@given(ROWS, st.sampled_from([1, 3, 100]))
def test_row_texts__as_json_of_each_row(rows: list[dict[str, Any]], at_once: int) -> None:
    kinds = attribute_kinds(rows)
    known: dict[tuple[int, str], Numbers] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_texts, "_ROWS_AT_ONCE", at_once)
        found = list(row_texts.row_texts(rows, kinds, json_attribute, known))
        again = list(row_texts.row_texts(rows, kinds, json_attribute, known))
        few = list(row_texts.row_texts(rows, kinds, lambda name, kind: (f"{name}%", str, "%s"), known))
    assert [f"{{{text[:-2]}}}" for text in found] == [content.json_text(typed_row(row, kinds)) for row in rows]
    assert again == found
    assert few == ["".join(f"{name}%{value}%s" for name, value in typed_row(row, kinds).items()) for row in rows]


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, -(2**53)], "integer"), ([1, 2**53 + 1], "text"), ([True, 1], "text"), ([1, 0.5], "number")],
)
def test_attribute_kinds__large_integers_are_text(values: list[Any], kind: str) -> None:
    assert attribute_kinds([{"a": value} for value in values]) == {"a": kind}
