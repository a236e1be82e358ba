"""The prepared matrix as its file holds it: arrays, of which tables of pandas are made when they are asked for.

Steps that need its values and names only take a `Prepared` as they take an AnnData, without importing pandas or
anndata, which takes longer than most steps compute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from genenet.readers.bare import BareMatrix


MOST_COLUMNS = 5_000
"""Tables with more columns are stored in another way."""


class UnfamiliarError(Exception):
    """A table or an element of a file that only anndata can read or write."""


@dataclass(frozen=True, eq=False)
class Levels:
    """A categorical column.

    Attributes
    ----------
    codes
        Number of each row's level, -1 where it is missing.
    levels
        Names of the levels, distinct.
    ordered
        Whether the levels have an order.
    """

    codes: NDArray[np.signedinteger[Any]]
    levels: NDArray[np.object_]
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.codes)

    def array(self) -> "pd.Categorical":
        """Make the array of pandas."""
        import pandas as pd

        return pd.Categorical.from_codes(self.codes, pd.Index(self.levels), ordered=self.ordered)


@dataclass(frozen=True, eq=False)
class Masked:
    """A column of integers or truth values of which some are missing.

    Attributes
    ----------
    values
        The values.
    mask
        Whether each is missing.
    """

    values: NDArray[Any]
    mask: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.values)

    def array(self) -> "pd.arrays.IntegerArray | pd.arrays.BooleanArray":
        """Make the array of pandas."""
        import pandas as pd

        kind = pd.arrays.BooleanArray if self.values.dtype == bool else pd.arrays.IntegerArray
        return kind(self.values, self.mask)


Column: TypeAlias = NDArray[Any] | Levels | Masked


@dataclass(frozen=True, eq=False)
class Columns:
    """A table of samples or genes, or of notes, whose columns are arrays that do not need pandas.

    Attributes
    ----------
    names
        Names of the rows.
    columns
        Columns by their names, in order.
    """

    names: NDArray[Any]
    columns: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: "pd.DataFrame", *, distinct: bool = False) -> "Columns":
        """Take a table of pandas.

        Parameters
        ----------
        frame
            The table; its index has no name.
        distinct
            Whether all texts of a column must differ, as they do in obs and var, where anndata makes other columns of
            texts categorical.

        Raises
        ------
        UnfamiliarError
            If it has a column of a kind that is not known here.

        Examples
        --------
        >>> import pandas as pd
        >>> Columns.of(pd.DataFrame({"mean": [1.0, 2.0]}, index=["A", "B"])).columns["mean"].tolist()
        [1.0, 2.0]
        """
        names = np.asarray(frame.index, dtype=object)
        columns = {str(name): _column(values, distinct=distinct) for name, values in frame.items()}
        are_names = all(isinstance(name, str) and "/" not in name for name in frame)
        is_known = are_names and _are_texts(names) and frame.index.name is None
        if not is_known or not len(columns) == frame.shape[1] <= MOST_COLUMNS:
            raise UnfamiliarError("table")
        return cls(names, columns)

    def frame(self) -> "pd.DataFrame":
        """Make the table of pandas.

        Examples
        --------
        >>> table = Columns(np.array(["A", "B"], object), {"family": Levels(np.array([0, -1]), np.array(["kinase"]))})
        >>> table.frame()["family"].tolist()
        ['kinase', nan]
        """
        import pandas as pd

        arrays = {
            name: values if isinstance(values, np.ndarray) else values.array() for name, values in self.columns.items()
        }
        if not arrays:
            return pd.DataFrame(index=self.names, columns=pd.Index([], dtype=object))
        return pd.DataFrame(arrays, index=self.names)


def _column(column: "pd.Series[Any]", *, distinct: bool) -> Column:
    """Take a column of pandas as an array, or as `Levels` or `Masked`."""
    import pandas as pd

    values: Any = column.array
    if isinstance(values, pd.Categorical):
        levels = values.categories.to_numpy()
        if _are_texts(levels):
            return Levels(values.codes, levels, bool(values.ordered))
    elif isinstance(values, pd.arrays.IntegerArray | pd.arrays.BooleanArray):
        kind: Any = values.dtype
        return Masked(values.to_numpy(kind.numpy_dtype, na_value=0), np.asarray(values.isna()))
    elif isinstance(column.dtype, np.dtype):
        array = column.to_numpy()
        is_known = array.dtype.kind in "biuf" or (_are_texts(array) and not (distinct and column.duplicated().any()))
        if is_known:
            return array
    raise UnfamiliarError(str(column.name))


def _noted(value: Any) -> Any:
    """Take a note as it is, and a table as `Columns`, whose rows are numbered."""
    if not hasattr(value, "columns") or isinstance(value, Columns):
        return value
    texts = value.set_axis(value.index.astype(str), axis=0)
    return replace(Columns.of(texts), names=value.index.to_numpy())


def _are_texts(values: NDArray[Any]) -> bool:
    return values.dtype.kind == "O" and set(map(type, values.tolist())) <= {str}


class Tables(Mapping[str, Any]):
    """Entries of the notes; tables become those of pandas when they are looked at."""

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Any:
        value = self._entries[name]
        return value.frame() if isinstance(value, Columns) else value

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True, eq=False)
class Prepared:
    """The matrix that `genenet prepare` wrote, with the names of AnnData for what steps use of it.

    Attributes
    ----------
    X
        Values, array or scipy sparse, shape (n_samples, n_genes).
    samples, genes
        Tables of the samples and the genes.
    notes
        Notes of the step (see `genenet.products.expression.Notes`).

    Examples
    --------
    >>> names = np.array(["A", "B"], object)
    >>> matrix = Prepared(np.zeros((2, 2)), Columns(names), Columns(names, {"mean": np.zeros(2)}), {"directed": False})
    >>> matrix.n_vars, matrix.var["mean"].tolist(), matrix.uns["genenet"]["directed"]
    (2, [0.0, 0.0], False)
    """

    X: Any
    samples: Columns
    genes: Columns
    notes: Mapping[str, Any]

    @classmethod
    def of(cls, matrix: "BareMatrix") -> "Prepared":
        """Take a prepared matrix that is in memory.

        Raises
        ------
        UnfamiliarError
            If one of its tables has a column of a kind that is not known here.
        """
        notes = {name: _noted(value) for name, value in matrix.uns["genenet"].items()}
        obs, var = (Columns.of(frame, distinct=True) for frame in (matrix.obs, matrix.var))
        return cls(matrix.X, obs, var, notes)

    @property
    def n_obs(self) -> int:
        """Number of samples."""
        return len(self.samples.names)

    @property
    def n_vars(self) -> int:
        """Number of genes."""
        return len(self.genes.names)

    @property
    def obs_names(self) -> NDArray[np.object_]:
        """Names of the samples."""
        return self.samples.names

    @property
    def var_names(self) -> NDArray[np.object_]:
        """Names of the genes."""
        return self.genes.names

    @cached_property
    def obs(self) -> "pd.DataFrame":
        """Table of the samples."""
        return self.samples.frame()

    @cached_property
    def var(self) -> "pd.DataFrame":
        """Table of the genes."""
        return self.genes.frame()

    @property
    def uns(self) -> Mapping[str, Any]:
        """The notes, under the key genenet."""
        return {"genenet": Tables(self.notes)}
