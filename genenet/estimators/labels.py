"""Discrete variables: labels of any kind as integer codes, and counts of the combinations of codes."""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genenet.errors import InputError


@dataclass(frozen=True)
class Labels:
    """A discrete variable.

    Attributes
    ----------
    codes
        int64, shape (n_samples,): position of each sample's label in `levels`.
    levels
        The labels that occur, sorted if they can be compared, else in order of appearance.
    """

    codes: NDArray[np.int64]
    levels: list[Any]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class JointCounts:
    """Counts of the combinations of labels of one or more discrete variables.

    Attributes
    ----------
    cells
        int64, shape (n_occupied, n_variables): codes of the combinations that occur.
    counts
        int64, shape (n_occupied,): how often.
    sizes
        Number of levels of each variable; their product is the number of cells of the full table.
    """

    cells: NDArray[np.int64]
    counts: NDArray[np.int64]
    sizes: tuple[int, ...]

    @property
    def n_samples(self) -> int:
        """Sum of all counts."""
        return int(self.counts.sum())

    @property
    def n_cells(self) -> int:
        """Number of cells of the full table, empty ones included."""
        return int(np.prod(self.sizes, dtype=float))

    def margin(self, *variables: int) -> "JointCounts":
        """Sum the counts over all other variables; without any variable, one cell that holds all samples."""
        sizes = tuple(self.sizes[v] for v in variables)
        cells, where = np.unique(self.cells[:, variables], axis=0, return_inverse=True)
        counts = np.zeros(len(cells), np.int64)
        np.add.at(counts, where.ravel(), self.counts)
        return JointCounts(cells, counts, sizes)

    def margin_at_cells(self, *variables: int) -> NDArray[np.int64]:
        """Count of the margin over some of the variables that each occupied cell belongs to, shape (n_occupied,)."""
        _, where = np.unique(self.cells[:, variables], axis=0, return_inverse=True)
        sums = np.bincount(where.ravel(), weights=self.counts)
        return sums[where.ravel()].astype(np.int64)


def read_labels(values: ArrayLike | Sequence[Hashable], name: str = "x") -> Labels:
    """Read a discrete variable.

    Parameters
    ----------
    values
        Labels, shape (n_samples,), any hashable values.
    name
        Its name in messages.

    Raises
    ------
    InputError
        If there is no label, a label is missing (None, NaN), or the values are not one row.

    Examples
    --------
    >>> labels = read_labels(["b", "a", "b"])
    >>> labels.codes.tolist(), labels.levels
    ([1, 0, 1], ['a', 'b'])
    """
    array = _one_row(values, name)
    missing = _missing(array)
    if missing.any():
        raise InputError(
            f"{name} has no label for {missing.sum():,} of {len(array):,} samples, the first at position"
            f" {int(missing.argmax()):,}; leave them out or give them a label of their own"
        )
    if array.dtype == object:
        return _from_objects(array)
    levels, codes = np.unique(array, return_inverse=True)
    return Labels(codes.astype(np.int64).ravel(), levels.tolist())


def joint_counts(*variables: Labels, names: Sequence[str] = ("x", "y", "z")) -> JointCounts:
    """Count the combinations of labels of variables that belong to the same samples.

    Raises
    ------
    InputError
        If the variables are not of one length.

    Examples
    --------
    >>> table = joint_counts(read_labels([0, 0, 1]), read_labels(["u", "u", "v"]))
    >>> table.cells.tolist(), table.counts.tolist()
    ([[0, 0], [1, 1]], [2, 1])
    """
    lengths = [len(variable) for variable in variables]
    if len(set(lengths)) > 1:
        listed = ", ".join(f"{name} {length:,}" for name, length in zip(names, lengths, strict=False))
        raise InputError(f"the variables must have one label a sample each, got different lengths ({listed})")
    cells, counts = np.unique(np.column_stack([variable.codes for variable in variables]), axis=0, return_counts=True)
    return JointCounts(cells, counts.astype(np.int64), tuple(len(variable.levels) for variable in variables))


def _one_row(values: Any, name: str) -> NDArray[Any]:
    if not isinstance(values, np.ndarray):
        values = values.to_numpy() if hasattr(values, "to_numpy") else _from_sequence(values)
    if values.ndim != 1:
        raise InputError(f"{name} must be one row of labels, got an array of shape {values.shape}")
    if not len(values):
        raise InputError(f"{name} is empty; give one label a sample")
    return np.asarray(values)


def _from_sequence(values: Any) -> NDArray[Any]:
    """Labels as an array of objects: numpy would turn [1, "a"] into text and [(0, 1), (1, 1)] into a table."""
    items = list(values)
    if items and all(isinstance(item, type(items[0])) and np.isscalar(item) for item in items):
        return np.array(items)
    return np.fromiter(items, dtype=object, count=len(items))


def _missing(array: NDArray[Any]) -> NDArray[np.bool_]:
    if array.dtype.kind in "fc":
        return np.asarray(np.isnan(array))
    if array.dtype.kind in "mM":
        return np.asarray(np.isnat(array))
    if array.dtype != object:
        return np.zeros(array.shape, bool)
    return np.array([_is_missing(item) for item in array], bool)


def _is_missing(item: Any) -> bool:
    # pandas' NA cannot be compared, NaN and NaT differ from themselves.
    return item is None or type(item).__name__ == "NAType" or (not isinstance(item, tuple) and bool(item != item))


def _from_objects(array: NDArray[Any]) -> Labels:
    try:
        levels = list(dict.fromkeys(array))
    except TypeError as error:
        raise InputError(f"labels must be hashable ({error}); give text, numbers or tuples") from None
    with suppress(TypeError):  # labels of different types stay in order of appearance
        levels = sorted(levels)
    code = {level: k for k, level in enumerate(levels)}
    return Labels(np.fromiter((code[item] for item in array), np.int64, len(array)), levels)
