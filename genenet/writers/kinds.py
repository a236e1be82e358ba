"""The kind of value that each attribute of a network has, and values as the type of their attribute."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from genenet.files.plain_values import Plain, plain_value

Kind = Literal["boolean", "integer", "number", "text"]

EXACT_INTEGER = 2**53
"""Integers beyond this are written as text: most programs hold every number as a double and would change them."""

ATTRIBUTE_TYPES: Mapping[Kind, str] = {"boolean": "boolean", "integer": "long", "number": "double", "text": "string"}
"""Names of the kinds in GraphML, GEXF and CX2."""

TYPES: Mapping[Kind, type] = {"boolean": bool, "integer": int, "number": float, "text": str}


def kind_of(values: Sequence[Any]) -> Kind:
    """Kind of an attribute; None is no value."""
    types = set(map(type, values)) - {type(None)}
    if types == {int}:
        is_exact = max(abs(value) for value in set(values) - {None}) <= EXACT_INTEGER
        types = {int if is_exact else str}
    elif types - {bool, float, str}:
        types = set(map(_plain_type, values))
    return _kind(types - {type(None)})


def _plain_type(value: object) -> type:
    plain = plain_value(value)
    return str if type(plain) is int and abs(plain) > EXACT_INTEGER else type(plain)


def _kind(types: set[type]) -> Kind:
    if types == {bool}:
        return "boolean"
    if types == {int}:
        return "integer"
    return "number" if types and types <= {int, float} else "text"


def typed_row(row: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Give each value the one type of its attribute; missing values are left out.

    Examples
    --------
    >>> typed_row({"mean": 1, "chromosome": 2, "note": None}, {"mean": "number", "chromosome": "text", "note": "text"})
    {'mean': 1.0, 'chromosome': '2'}
    """
    found: dict[str, Any] = {}
    for name, value in row.items():
        if type(value) is not TYPES[kinds[name]] or value != value:
            value = typed_value(value, kinds[name])
            if value is None:
                continue
        found[name] = value
    return found


Piece: TypeAlias = tuple[str, Callable[[Any], str], str]
"""How an attribute is written: the text before its value, the function that writes the value, and the text behind."""


def typed_value(value: object, kind: Kind) -> Plain:
    """Convert a value to the type of its attribute; None if it is missing."""
    plain = plain_value(value)
    if plain is None or type(plain) is TYPES[kind]:
        return plain
    return float(plain) if kind == "number" else as_text(plain)


def as_text(value: Plain) -> str:
    """Write a plain value as XML Schema and most programs do: true, false, shortest exact number, Infinity.

    Examples
    --------
    >>> as_text(True), as_text(0.1), as_text(float("-inf"))
    ('true', '0.1', '-Infinity')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    return str(value)


def float_text(value: float) -> str:
    """Write a number so that it is read as the same double; all readers know the spelling Infinity."""
    text = repr(value)
    return text.replace("inf", "Infinity") if text.endswith("inf") else text


def typed(values: list[Any], kind: Kind) -> list[Any]:
    """Give each value the one type of its attribute; None if it is missing.

    Examples
    --------
    >>> typed([1, 0.5, None], "number")
    [1.0, 0.5, None]
    """
    if set(map(type, values)) - {TYPES[kind], type(None)}:
        return [typed_value(value, kind) for value in values]
    return values
