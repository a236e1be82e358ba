"""Rows of a name and of plain numbers, parsed by compiled code: a block of whole lines of a text table at a time.

What is not that simple (quotes, other line ends, blanks around numbers) is left to other parsers.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.readers.notation import MISSING
from genenet.readers.text_layout import Layout

BLOCK_BYTES = 4 << 20
# Cells that compiled code leaves over are parsed one by one, if they are at most one of so many.
ONE_OF = 50
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class NotPlainError(Exception):
    """A block is not one of names and plain numbers."""


def may_be_plain(layout: Layout) -> bool:
    """Whether a table has one column of names, the first, and numbers with a decimal point in all others."""
    notation = layout.notation
    is_special = layout.end or layout.note_fields or notation.texts or notation.thousands
    has_points = notation.decimal_sign == "point"
    return not is_special and has_points and layout.value_fields == list(range(1, layout.n_fields))


def whole_lines(stream: Any, n_skip: int) -> Iterator[bytes]:
    r"""Yield the lines of a stream in blocks of whole lines, each with its end, but for the first ones.

    Examples
    --------
    >>> import io
    >>> list(whole_lines(io.BytesIO(b"gene\tS1\nA\t1\nB\t2"), 1))
    [b'A\t1\n', b'B\t2\n']
    """
    rest = b""
    while part := stream.read(BLOCK_BYTES):
        lines, end, part = (rest + part).rpartition(b"\n")
        rest = part
        block = lines + end
        while n_skip and block:
            block = block.partition(b"\n")[2]
            n_skip -= 1
        if block:
            yield block
    if rest and not n_skip:
        yield rest + b"\n"


def parse(block: bytes, layout: Layout) -> tuple[NDArray[np.float64], list[str]]:
    """Parse a block of whole lines: its numbers, shape (n_rows, n_columns), and the names of its rows.

    Raises
    ------
    NotPlainError
        If the block holds anything else.
    """
    from genenet.kernels.number_cells import NOT_PLAIN, parse_rows  # compiled code

    if b'"' in block or b"\r" in block:
        raise NotPlainError
    numbers = np.empty((block.count(b"\n"), len(layout.value_fields)))
    places = np.empty((len(numbers), 2), np.int64)
    others = np.empty((numbers.size // ONE_OF + 1, 4), np.int64)
    n_others = parse_rows(np.frombuffer(block, np.uint8), ord(layout.separator), numbers, places, others)
    if n_others == NOT_PLAIN:
        raise NotPlainError
    try:
        names = [block[begin:end].decode() for begin, end in places.tolist()]
        for row, column, begin, end in others[:n_others].tolist():
            numbers[row, column] = _number(block[begin:end].decode())
    except UnicodeDecodeError:
        raise NotPlainError from None
    return numbers, names


def _number(cell: str) -> float:
    """Parse a cell as pyarrow does where both take it."""
    if cell in MISSING:
        return float("nan")
    if not NUMBER.fullmatch(cell):
        raise NotPlainError
    return float(cell)
