"""Attributes of nodes and edges: written attribute by attribute as row by row."""

import math
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genenet.writers import content, row_texts
from genenet.writers.content import json_attribute
from genenet.writers.elements import RowAttributes, attribute_kinds
from genenet.writers.kinds import typed_row

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
    attributes = RowAttributes(rows)
    kinds = attributes.kinds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_texts, "_ROWS_AT_ONCE", at_once)
        found = _texts(row_texts.row_texts(attributes, json_attribute))
        again = _texts(row_texts.row_texts(attributes, json_attribute, before=["{"], behind=["}"], cut=2))
        few = _texts(row_texts.row_texts(attributes, lambda name, kind: (f"{name}%", str, "%s")))
    assert [f"{{{text[:-2]}}}" for text in found] == [content.json_text(typed_row(row, kinds)) for row in rows]
    assert again == [f"{{{text[:-2]}}}" for text in found]
    assert few == ["".join(f"{name}%{value}%s" for name, value in typed_row(row, kinds).items()) for row in rows]


def _texts(parts: Iterable[Any]) -> list[str]:
    """Texts of all rows; their bytes, which files get, are the same."""
    parts = list(parts)
    texts = [text for part in parts for text in part.to_pylist()]
    assert b"".join(map(row_texts.content_of, parts)).decode() == "".join(texts)
    return texts


def test_content_of__part_of_an_array() -> None:
    texts = pa.array(["a", "bc", "d"])
    assert [bytes(row_texts.content_of(texts.slice(start, 2))) for start in (0, 1, 3)] == [b"abc", b"bcd", b""]


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, -(2**53)], "integer"), ([1, 2**53 + 1], "text"), ([True, 1], "text"), ([1, 0.5], "number")],
)
def test_attribute_kinds__large_integers_are_text(values: list[Any], kind: str) -> None:
    assert attribute_kinds([{"a": value} for value in values]) == {"a": kind}
