"""Attributes of millions of nodes or edges as text, attribute by attribute and not row by row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from genenet.writers.content import TYPES, Attributes, Kind, Numbers, Piece, typed_row, typed_value
from genenet.writers.number_texts import number_texts

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 10_000
MOST_KEPT = 2_000_000
"""Numbers whose texts are kept for the next format; a million take some 25 MB."""

Texts: TypeAlias = "str | pa.Array"
"""A text that all rows have, or an Arrow array with the text of each row; a missing one is as an empty one."""


def row_texts(
    attributes: Attributes,
    piece: Callable[[str, Kind], Piece],
    *,
    before: Sequence[Texts] = (),
    behind: Sequence[Texts] = (),
    cut: int = 0,
) -> "Iterator[pa.Array]":
    """Write the attributes of each row, as `typed_row` gives them, one after the other.

    Parameters
    ----------
    attributes
        Attributes of nodes or edges.
    piece
        Function that says how an attribute is written, given its name and kind; finite numbers are written by `repr`.
    before, behind
        Texts before and behind the attributes of each row.
    cut
        Number of characters that are left out at the end of a row's attributes.

    Yields
    ------
    pyarrow.Array
        The texts of some thousand rows.

    Examples
    --------
    >>> rows = Attributes([{"mi": 1, "note": "strong"}, {"mi": 0.5, "note": None}])
    >>> [texts] = row_texts(rows, lambda name, kind: (f"{name}=", str, ";"), before=["<"], behind=[">"])
    >>> texts.to_pylist()
    ['<mi=1.0;note=strong;>', '<mi=0.5;>']
    """
    import pyarrow.compute as pc

    pieces = {name: piece(name, kind) for name, kind in attributes.kinds.items()}
    for start in range(0, len(attributes.rows), _ROWS_AT_ONCE):
        n = min(_ROWS_AT_ONCE, len(attributes.rows) - start)
        texts = (
            _by_column(attributes, pieces, start, n) if attributes.are_ordered else _by_row(attributes, pieces, start)
        )
        if cut:
            texts = [pc.utf8_slice_codeunits(joined(texts, n), 0, -cut)]
        yield joined([*_part(before, start, n), *texts, *_part(behind, start, n)], n)


def joined(texts: Iterable[Texts], n: int) -> "pa.Array":
    """Join the texts of each of `n` rows.

    Examples
    --------
    >>> import pyarrow as pa
    >>> joined(["a", "b", pa.array(["1", None])], 2).to_pylist()
    ['ab1', 'ab']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # Beside scalars alone, an array gives the number of rows.
    parts: list[Any] = [pa.nulls(n, pa.string())]
    constant = ""
    for text in texts:
        if isinstance(text, str):
            constant += text
        else:
            parts += [pa.scalar(constant), text] if constant else [text]
            constant = ""
    return pc.binary_join_element_wise(*parts, pa.scalar(constant), pa.scalar(""), null_handling="replace")


def content_of(texts: "pa.Array") -> memoryview:
    """The texts of all rows, one after the other, as bytes.

    Examples
    --------
    >>> import pyarrow as pa
    >>> bytes(content_of(pa.array(["a", "bc", ""])))
    b'abc'
    """
    _, ends, content = texts.buffers()
    first, *_, last = np.frombuffer(ends, np.int32)[texts.offset :][[0, len(texts)]].tolist()
    return memoryview(b"") if content is None else memoryview(content)[first:last]


def texts_of(values: Iterable[Any], write: Callable[[Any], str]) -> Texts:
    """Write values of one type, None where there is none; each different one once.

    Examples
    --------
    >>> texts_of(["a", None, "a"], str.upper).to_pylist()
    ['A', None, 'A']
    """
    import pyarrow as pa

    values = list(values)
    number = {value: place for place, value in enumerate(dict.fromkeys(values))}
    texts = [None if value is None else write(value) for value in number]
    if len(texts) == 1 and texts[0] is not None:
        return texts[0]
    places = np.fromiter(map(number.__getitem__, values), np.int32, len(values))
    return pa.array(texts, pa.string()).take(pa.array(places))


def _part(texts: Iterable[Texts], start: int, n: int) -> list[Texts]:
    return [text if isinstance(text, str) else text.slice(start, n) for text in texts]


def _by_row(attributes: Attributes, pieces: Mapping[str, Piece], start: int) -> list[Texts]:
    """Texts of a part whose rows have their attributes in different orders."""
    import pyarrow as pa

    texts = []
    for row in attributes.rows[start : start + _ROWS_AT_ONCE]:
        written = [(pieces[name], value) for name, value in typed_row(row, attributes.kinds).items()]
        texts.append("".join([f"{before}{write(value)}{behind}" for (before, write, behind), value in written]))
    return [pa.array(texts, pa.string())]


def _by_column(attributes: Attributes, pieces: Mapping[str, Piece], start: int, n: int) -> list[Texts]:
    """Texts of a part, by column: what is before a value, the value, and what is behind it."""
    n_numbers = len(attributes.rows) * sum(kind == "number" for kind in attributes.kinds.values())
    kept = attributes.numbers if n_numbers <= MOST_KEPT else {}
    columns: list[Texts] = []
    for name, kind in attributes.kinds.items():
        before, write, behind = pieces[name]
        values = attributes.columns[name][start : start + n]
        if kind != "number":
            texts = texts_of(typed(values, kind), write)
        else:
            if (start, name) not in kept:
                kept[start, name] = _numbers(typed(values, kind))
            texts = _spelled(kept[start, name], write)
        columns += (
            [before, texts, behind]
            if isinstance(texts, str) or not texts.null_count
            else [_whole(before, texts, behind)]
        )
    return columns


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


def _numbers(values: list[float | None]) -> Numbers:
    numbers = np.array(values, np.float64)
    infinite = {row: float(numbers[row]) for row in np.flatnonzero(np.isinf(numbers)).tolist()}
    return Numbers(number_texts(numbers), infinite)


def _spelled(numbers: Numbers, write: Callable[[float], str]) -> "pa.Array":
    """Texts of numbers, the infinite ones as the format writes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not numbers.infinite:
        return numbers.texts
    mask = np.zeros(len(numbers.texts), bool)
    mask[list(numbers.infinite)] = True
    return pc.replace_with_mask(numbers.texts, pa.array(mask), pa.array(list(map(write, numbers.infinite.values()))))


def _whole(before: str, texts: "pa.Array", behind: str) -> "pa.Array":
    """Texts with what is around them, where there are any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(pa.scalar(before), texts, pa.scalar(behind), pa.scalar(""))
