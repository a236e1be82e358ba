"""Values of one attribute of all nodes or of all edges, and their texts, a part of the rows at a time."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.files.plain_values import plain_column
from genenet.writers.kinds import EXACT_INTEGER, Kind, kind_of, typed
from genenet.writers.number_texts import number_texts

if TYPE_CHECKING:
    import pyarrow as pa

Texts: TypeAlias = "str | pa.Array"
"""A text that all rows have, or an Arrow array with the text of each row; a missing one is as an empty one."""


class Column(Protocol):
    """Values of an attribute."""

    @property
    def kind(self) -> Kind:
        """Kind of the attribute."""

    @property
    def values(self) -> Sequence[Any] | NDArray[Any]:
        """The values, None or NaN where there is none."""

    @property
    def first(self) -> int | None:
        """The first row that has a value; None if no row has one."""

    def texts(self, write: Callable[[Any], str], start: int, n: int, *, keep: bool) -> Texts:
        """Write the values of `n` rows.

        Parameters
        ----------
        write
            Function that writes a value of this kind; finite numbers are written by `repr`.
        start, n
            The first row, and the number of rows.
        keep
            Whether texts of numbers are kept for the next format.
        """


class Numbers(NamedTuple):
    """Numbers as text, as `repr` writes them."""

    texts: Any
    """Arrow array of texts, missing where the number is."""
    infinite: dict[int, float]
    """Infinite numbers by row, which each format writes in its own way."""

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "Numbers":
        """Write numbers."""
        rows = np.flatnonzero(np.isinf(values))
        return cls(number_texts(values), dict(zip(rows.tolist(), values[rows].tolist(), strict=True)))

    def slice(self, start: int, n: int) -> "Numbers":
        """Take `n` rows."""
        inside = {row - start: value for row, value in self.infinite.items() if start <= row < start + n}
        return Numbers(self.texts.slice(start, n), inside)

    def spelled(self, write: Callable[[float], str]) -> "pa.Array":
        """Texts of the numbers, the infinite ones as a format writes them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.infinite:
            return self.texts
        mask = np.zeros(len(self.texts), bool)
        mask[list(self.infinite)] = True
        return pc.replace_with_mask(self.texts, pa.array(mask), pa.array(list(map(write, self.infinite.values()))))


class AnyColumn:
    """Values of any types in a list, None where there is none."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self._kept: dict[int, Numbers] = {}

    @cached_property
    def kind(self) -> Kind:
        """Kind of the attribute."""
        return kind_of(self.values)

    @property
    def first(self) -> int | None:
        """The first row that has a value; None if no row has one."""
        return next((row for row, value in enumerate(self.values) if value is not None), None)

    def texts(self, write: Callable[[Any], str], start: int, n: int, *, keep: bool) -> Texts:
        """Write the values of `n` rows; see `Column`."""
        values = typed(self.values[start : start + n], self.kind)
        if self.kind != "number":
            return texts_of(values, write)
        numbers = self._kept.get(start) or Numbers.of(np.array(values, np.float64))
        if keep:
            self._kept[start] = numbers
        return numbers.spelled(write)

    def own_texts(self, write: Callable[[Any], str]) -> Texts:
        """Write each value as what it is, whatever the kind of the attribute."""
        import pyarrow as pa

        if len(set(map(type, self.values)) - {type(None)}) <= 1:
            # Millions of rows have few different values.
            return texts_of(self.values, write)
        return pa.array([None if value is None else write(value) for value in self.values], pa.string())


class NumberColumn:
    """Numbers, NaN where there is none."""

    kind: Kind = "number"

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values = values

    @property
    def first(self) -> int | None:
        """The first row that has a value; None if no row has one."""
        return _first(~np.isnan(self.values))

    @cached_property
    def numbers(self) -> Numbers:
        """All numbers as text."""
        return Numbers.of(self.values)

    @property
    def known_texts(self) -> "pa.Array | None":
        """Texts of all numbers, if they were kept and none is infinite."""
        numbers = self.__dict__.get("numbers")
        return None if numbers is None or numbers.infinite else numbers.texts

    def texts(self, write: Callable[[Any], str], start: int, n: int, *, keep: bool) -> Texts:
        """Write the values of `n` rows; see `Column`."""
        part = self.numbers.slice(start, n) if keep else Numbers.of(self.values[start : start + n])
        return part.spelled(write)


class IntegerColumn:
    """Integers that every program can hold, none of them missing."""

    kind: Kind = "integer"

    def __init__(self, values: NDArray[np.integer[Any]]) -> None:
        self.values = values

    @property
    def first(self) -> int | None:
        """The first row that has a value; None if no row has one."""
        return 0 if len(self.values) else None

    def texts(self, write: Callable[[Any], str], start: int, n: int, *, keep: bool) -> Texts:
        """Write the values of `n` rows; see `Column`. All formats write integers alike."""
        import pyarrow as pa

        return pa.array(self.values[start : start + n]).cast(pa.string())


class LevelColumn:
    """Few different values, truth values or texts, by their numbers; -1 where there is none."""

    def __init__(self, codes: NDArray[np.integer[Any]], levels: Sequence[Any], kind: Kind) -> None:
        self.codes, self.levels, self.kind = codes, levels, kind

    @property
    def values(self) -> list[Any]:
        """The values, None where there is none."""
        return [*map([*self.levels, None].__getitem__, self.codes.tolist())]

    @property
    def first(self) -> int | None:
        """The first row that has a value; None if no row has one."""
        return _first(self.codes >= 0)

    def texts(self, write: Callable[[Any], str], start: int, n: int, *, keep: bool) -> Texts:
        """Write the values of `n` rows; see `Column`."""
        import pyarrow as pa

        used, places = np.unique(self.codes[start : start + n], return_inverse=True)
        texts = [None if code < 0 else write(self.levels[code]) for code in used.tolist()]
        if len(texts) == 1 and texts[0] is not None:
            return texts[0]
        return pa.array(texts, pa.string()).take(pa.array(places.astype(np.int32)))


def _first(has_value: NDArray[np.bool_]) -> int | None:
    return int(has_value.argmax()) if has_value.any() else None


def column_of(column: "pd.Series[Any]") -> Column:
    """Values of a column of a table, as `genenet.files.plain_values` gives them.

    Examples
    --------
    >>> column_of(pd.Series([0.5, None])).kind, column_of(pd.Series([True, False])).kind
    ('number', 'boolean')
    """
    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels = dtype.categories.tolist()
        if set(map(type, levels)) == {str}:
            return LevelColumn(column.cat.codes.to_numpy(), levels, "text")
    if isinstance(dtype, np.dtype):
        values = column.to_numpy()
        if dtype.kind == "b":
            return LevelColumn(values.view(np.int8), [False, True], "boolean")
        if dtype.kind == "f" and dtype.itemsize <= 8:
            return NumberColumn(values.astype(np.float64))
        if dtype.kind in "iu" and max(-int(values.min(initial=0)), int(values.max(initial=0))) <= EXACT_INTEGER:
            return IntegerColumn(values)
    plain, missing = plain_column(column)
    return AnyColumn([None if gone else value for value, gone in zip(plain, missing, strict=True)])


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
