"""Attributes of millions of nodes or edges as text, attribute by attribute and not row by row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from genenet.writers.content import TYPES, Kind, Numbers, Piece, typed_row, typed_value

_ROWS_AT_ONCE = 10_000
MOST_KEPT = 2_000_000
"""Numbers whose texts are kept for the next format; a million take some 70 MB."""

# A pattern for the operator %, and the text of each row that takes the place of its %s.
Column = tuple[str, Sequence[str]]


def row_texts(
    rows: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, Kind],
    piece: Callable[[str, Kind], Piece],
    known: dict[tuple[int, str], Numbers] | None = None,
) -> Iterator[str]:
    """Write the attributes of each row, as `typed_row` gives them, one after the other.

    Parameters
    ----------
    rows
        Attributes of nodes or edges.
    kinds
        Kind of each attribute, as `attribute_kinds` finds them.
    piece
        Function that says how an attribute is written, given its name and kind; finite numbers are written by `repr`.
    known
        Numbers of these rows as text, by the first row of a part and the attribute. Those that are not known yet are
        added, up to `MOST_KEPT` of them.

    Examples
    --------
    >>> from genenet.writers.content import attribute_kinds
    >>> rows = [{"mi": 1, "note": "strong"}, {"mi": 0.5, "note": None}]
    >>> list(row_texts(rows, attribute_kinds(rows), lambda name, kind: (f"{name}=", str, ";")))
    ['mi=1.0;note=strong;', 'mi=0.5;']
    """
    pieces = {name: piece(name, kind) for name, kind in kinds.items()}
    n_numbers = len(rows) * sum(kind == "number" for kind in kinds.values())
    kept = known if known is not None and n_numbers <= MOST_KEPT else {}
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        if kinds and _are_ordered(part, kinds):
            columns = []
            for name, kind in kinds.items():
                if kind != "number":
                    columns.append(_texts(_values(part, name, kind), pieces[name]))
                    continue
                if (start, name) not in kept:
                    kept[start, name] = _numbers(_values(part, name, kind))
                columns.append(_number_texts(kept[start, name], pieces[name]))
            pattern = "".join([pattern for pattern, _ in columns])
            yield from map(pattern.__mod__, zip(*[texts for _, texts in columns], strict=True))
            continue
        for row in part:
            written = [(pieces[name], value) for name, value in typed_row(row, kinds).items()]
            yield "".join([f"{before}{write(value)}{behind}" for (before, write, behind), value in written])


def _are_ordered(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> bool:
    """Whether all rows have their attributes in this order."""
    place = {name: number for number, name in enumerate(kinds)}
    for names in dict.fromkeys(map(tuple, rows)):
        places = [place[name] for name in names]
        if places != sorted(places):
            return False
    return True


def _values(rows: Iterable[Mapping[str, Any]], name: str, kind: Kind) -> list[Any]:
    """Values of one attribute, all of its type, or None."""
    values = [row.get(name) for row in rows]
    if set(map(type, values)) - {TYPES[kind], type(None)}:
        return [typed_value(value, kind) for value in values]
    return values


def _numbers(values: list[float | None]) -> Numbers:
    others = {row: value for row, value in enumerate(values) if value is None or not isfinite(value)}
    missing = {row: None if value is None or value != value else value for row, value in others.items()}
    return Numbers(list(map(repr, values)), missing)


def _number_texts(numbers: Numbers, piece: Piece) -> Column:
    texts: list[str | None] = [*numbers.texts]
    for row, value in numbers.others.items():
        texts[row] = None if value is None else piece[1](value)
    return _column(texts, piece, has_missing=None in numbers.others.values())


def _texts(values: list[Any], piece: Piece) -> Column:
    texts = {value: None if value is None else piece[1](value) for value in dict.fromkeys(values)}
    return _column([texts[value] for value in values], piece, has_missing=None in texts)


def _column(texts: list[Any], piece: Piece, *, has_missing: bool) -> Column:
    before, _, behind = piece
    if has_missing:
        return "%s", ["" if text is None else f"{before}{text}{behind}" for text in texts]
    return f"{before.replace('%', '%%')}%s{behind.replace('%', '%%')}", texts
