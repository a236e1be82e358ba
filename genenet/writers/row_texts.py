"""Attributes of millions of nodes or edges as text, attribute by attribute and not row by row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.writers.columns import Texts
from genenet.writers.elements import Attributes
from genenet.writers.kinds import Kind, Piece

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 10_000


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
    >>> from genenet.writers.elements import RowAttributes
    >>> rows = RowAttributes([{"mi": 1, "note": "strong"}, {"mi": 0.5, "note": None}])
    >>> [texts] = row_texts(rows, lambda name, kind: (f"{name}=", str, ";"), before=["<"], behind=[">"])
    >>> texts.to_pylist()
    ['<mi=1.0;note=strong;>', '<mi=0.5;>']
    """
    import pyarrow.compute as pc

    pieces = {name: piece(name, kind) for name, kind in attributes.kinds.items()}
    for start in range(0, attributes.n_rows, _ROWS_AT_ONCE):
        n = min(_ROWS_AT_ONCE, attributes.n_rows - start)
        texts = attributes.texts(pieces, start, n)
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


def _part(texts: Iterable[Texts], start: int, n: int) -> list[Texts]:
    return [text if isinstance(text, str) else text.slice(start, n) for text in texts]
