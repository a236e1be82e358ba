"""Splitting samples into groups by the levels of a sample attribute; each group gets a network of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, logger_of, quote_some, shorten, suggest
from genenet.expression.whitening import FEWEST_SAMPLES
from genenet.groups.levels import Group, folder_names
from genenet.readers.bare import BareMatrix, MatrixLike, bare
from genenet.readers.matrix import read_bare
from genenet.readers.opening import HDF5, check_file, first_bytes

logger = logger_of(__name__)


def find_groups(obs: pd.DataFrame, column: str, settings: Prepare) -> list[Group]:
    """List the groups of a sample attribute; those with too few samples for a network are warned about.

    Raises
    ------
    InputError
        If there is no such attribute, or no group has `settings.min_samples` samples, or the 60 that whitening needs.

    Examples
    --------
    >>> obs = pd.DataFrame({"tissue": ["left lung", "heart"] * 3})
    >>> find_groups(obs, "tissue", Prepare(min_samples=4))
    Traceback (most recent call last):
    genenet.errors.InputError: none of the 2 groups of tissue has min_samples (4) samples; the largest is heart with 3
    >>> [group.folder for group in find_groups(pd.concat([obs, obs]), "tissue", Prepare(min_samples=4))]
    ['heart', 'left_lung']
    """
    names = _levels(obs, column)
    sizes = names.value_counts()
    folders = folder_names(sizes.index)
    least, needed = _least(settings)
    groups = [
        Group(name, folders[name], int(sizes[name]), bool(sizes[name] >= least))
        for name in _in_order(obs[column], list(sizes.index))
    ]
    if not any(group.used for group in groups):
        largest = max(groups, key=lambda group: group.n_samples)
        raise InputError(
            f"none of the {count(len(groups), 'group')} of {column} has {needed};"
            f" the largest is {largest.name} with {largest.n_samples:,}"
        )
    small = [f"{group.name} ({group.n_samples:,})" for group in groups if not group.used]
    if small:
        logger.warning(
            "%s of %s of %s %s fewer than %s and get%s no network: %s",
            f"{len(small):,}", count(len(groups), "group"), column, "has" if len(small) == 1 else "have",
            needed, "s" if len(small) == 1 else "", quote_some(small, 10),
        )  # fmt: skip
    n_without = len(obs) - int(sizes.sum())
    if n_without:
        logger.warning("%s of %s without %s: in no group", f"{n_without:,}", count(len(obs), "sample"), column)
    return groups


def _least(settings: Prepare) -> tuple[int, str]:
    """Give the number of samples that a group needs for a network, and say by which setting."""
    if settings.whiten == "samples" and settings.min_samples < FEWEST_SAMPLES:
        return FEWEST_SAMPLES, f"the {FEWEST_SAMPLES} samples that prepare.whiten: samples needs"
    return settings.min_samples, f"prepare.min_samples ({settings.min_samples}) samples"


def take_group(data: MatrixLike, column: str, name: str) -> BareMatrix:
    """Take the samples of one group; the values of the others are not copied.

    Parameters
    ----------
    data
        A matrix of `genenet.expression.load`.
    column, name
        The attribute and the group's name.

    Raises
    ------
    InputError
        If there is no such attribute or group.
    """
    names = _levels(data.obs, column)
    rows = np.flatnonzero(sample_groups(data.obs, column) == name)
    if not len(rows):
        known = quote_some(sorted(names.unique()), 10)
        raise InputError(f"no sample has {column} {shorten(name)}; the groups of {column} are {known}")
    note = {**data.uns["genenet"], "group_by": column, "group": name}
    return bare(data.X[rows], data.obs.iloc[rows].copy(), data.var.copy(), note)


@contextmanager
def of_group(column: str | None, name: str | None) -> Iterator[None]:
    """Put the attribute and the group before the messages of InputErrors that are raised inside."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{column} {name}: {error.message}" if column else error.message) from None


def read_samples(
    path: str | os.PathLike[str], settings: Prepare, table: pd.DataFrame | str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Read the attributes of the samples that the settings choose; of an .h5ad file nothing else is read."""
    path = Path(path)
    check_file(path, or_folder=True)
    if not path.is_dir() and first_bytes(path).startswith(HDF5):
        import anndata
        import h5py

        with h5py.File(path, "r") as file:
            if file.attrs.get("encoding-type") == "anndata":
                obs = anndata.io.read_elem(file["obs"])
                empty = bare(np.empty((len(obs), 0)), obs, pd.DataFrame(index=[]), {})
                return _chosen(empty, settings, table)
    return read_bare(path, settings, table).obs


def _chosen(data: MatrixLike, settings: Prepare, table: Any) -> pd.DataFrame:
    from genenet.readers.attributes import with_attributes
    from genenet.readers.select import select

    if table is not None:
        data = with_attributes(data, table)
    return select(data, Prepare(obs_query=settings.obs_query)).obs


def _levels(obs: pd.DataFrame, column: str) -> "pd.Series[str]":
    """Name of the group of each sample that is in one."""
    if column not in obs:
        known = quote_some(list(obs.columns), 20)
        there = (
            f"the samples have {known}"
            if known
            else "nothing is known about the samples: give a table of them (--table)"
        )
        raise InputError(
            f"--group-by: no column {quote_some([column])}; {there}{suggest(column, map(str, obs.columns))}"
        )
    texts = sample_groups(obs, column)
    names = pd.Series(texts, index=obs.index, dtype=object).dropna()
    if names.empty:
        raise InputError(f"--group-by: no sample has a value of {column}")
    odd = [name for name in names.unique() if not name.isprintable()]
    if odd:
        raise InputError(
            f"group {shorten(odd[0])} of {column} has a character that cannot be printed; rename the group"
        )
    return names


def sample_groups(obs: pd.DataFrame, column: str) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Name of the group that each sample is in, None where it is in none.

    Whole numbers are written without the decimal point that they have in a column with missing values.
    """
    values = obs[column].astype(object)
    missing = values.isna() | (values.astype(str).str.strip() == "")
    return np.array([None if gone else _text(value) for value, gone in zip(values, missing, strict=True)], dtype=object)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _in_order(column: "pd.Series[Any]", names: list[str]) -> list[str]:
    """Sort groups in the order of the categories, or else by number or the alphabet."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        place = {_text(value): number for number, value in enumerate(column.cat.categories)}
        return sorted(names, key=lambda name: place[name])
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)
