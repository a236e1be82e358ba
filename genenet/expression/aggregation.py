"""Aggregation of single cells to samples: pseudobulk of each donor and cell type, or metacells of similar cells.

Every cell is in one group only, so that the number of groups is the sample size of all that follows.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import ConfigError, InputError, quote_some, suggest
from genenet.expression.draft import Draft
from genenet.expression.normalisation import scaled_log1p
from genenet.readers.sparse_pieces import Matrix, is_sparse

Codes = NDArray[np.int64]

# Metacells are clusters in the space of the first N_COMPONENTS principal components of the N_GENES most variable genes.
N_GENES, N_COMPONENTS = 2_000, 30
# Counts of each cell are scaled to this sum before they are clustered.
CELLS_SUM = 10_000.0
MOST_ITERATIONS = 30
SEED = 0
SEPARATOR = "|"
N_CELLS = "n_cells"
"""Column of obs: how many cells a sample was made of."""


def aggregate(draft: Draft, settings: Prepare) -> None:
    """Replace cells by groups of cells (pseudobulk or metacells), and note what was done.

    Counts are summed, other values averaged. Attributes are kept if in every group all cells have the same value.

    Raises
    ------
    ConfigError
        If pseudobulk is asked for without attributes to group by.
    InputError
        If an attribute is absent, values are missing, or no group has enough cells.
    """
    if settings.aggregate == "none":
        return
    _check(draft, settings)
    _drop_cells(draft, settings)
    names = _group_names(draft.obs, settings.aggregate_by)
    codes, levels = pd.factorize(names, sort=True)
    groups = list(map(str, levels))
    values = draft.values  # noqa: PD011
    counts = _are_counts(values)
    n_cells = draft.n_samples
    if settings.aggregate == "metacells":
        codes, groups = _metacells(values, codes.astype(np.int64), groups, settings, counts=counts)
    size = np.bincount(codes, minlength=len(groups))
    draft.values = _sums_or_means(values, codes, size, counts=counts)
    draft.obs = _attributes(draft.obs, codes, pd.Index(groups, dtype=object)).assign(**{N_CELLS: size})
    draft.note["aggregation"] = {
        "method": settings.aggregate,
        "by": list(settings.aggregate_by),
        "n_cells": n_cells,
        "n_groups": len(groups),
        "smallest": int(size.min()),
        "largest": int(size.max()),
        "values": "sums" if counts else "means",
    }
    if counts and settings.normalisation == "none":
        draft.find(
            "warned",
            "counts",
            f"prepare.aggregate: the sums of counts of {size.min():,} to {size.max():,} cells are not comparable; set "
            "prepare.normalisation: log1p_cpm",
        )


def _check(draft: Draft, settings: Prepare) -> None:
    by, known = settings.aggregate_by, list(map(str, draft.obs.columns))
    if not by and settings.aggregate == "pseudobulk":
        raise ConfigError(
            f"prepare.aggregate: {settings.aggregate} needs to know whose cells belong together: set "
            "prepare.aggregate_by, for example donor,cell_type"
        )
    for column in by:
        if column not in draft.obs:
            has = f"the cells have {quote_some(known, 10)}" if known else "the cells have no attributes"
            hint = f"{has}{suggest(column, known)}; add it with --table"
            raise InputError(f"prepare.aggregate_by: no attribute {quote_some([column])}; {hint}")
    values = draft.values  # noqa: PD011
    numbers = values.data if is_sparse(values) else values
    if np.isnan(numbers).any():
        raise InputError(
            f"prepare.aggregate: {settings.aggregate} needs cells without missing values; set prepare.missing: "
            "drop_genes, drop_samples, impute_mean or impute_median"
        )


def _drop_cells(draft: Draft, settings: Prepare) -> None:
    """Drop cells that cannot be in a group: no attribute, no counts, a group that is too small."""
    by = list(settings.aggregate_by)
    if by:
        draft.keep_samples(draft.obs[by].notna().all(axis=1).to_numpy(), f"no {' or '.join(by)}")
    values = draft.values  # noqa: PD011
    if _are_counts(values):
        draft.keep_samples(_totals(values) > 0, "no counts")
    names = pd.Series(_group_names(draft.obs, settings.aggregate_by))
    enough = names.map(names.value_counts()).to_numpy() >= settings.min_cells
    if not enough.any():
        largest = int(names.value_counts().max()) if len(names) else 0
        group = f"group of cells (by {', '.join(by)})" if by else "group of cells"
        raise InputError(
            f"no {group} has {settings.min_cells} cells, the largest has {largest:,}; "
            "lower prepare.min_cells, or group by fewer attributes"
        )
    draft.keep_samples(enough, f"a group of fewer than {settings.min_cells} cells")


def _group_names(obs: pd.DataFrame, by: tuple[str, ...]) -> NDArray[Any]:
    """Name of each cell's group, its attributes joined by |; without attributes all cells are one group."""
    texts = [obs[column].astype(str).to_numpy(object) for column in by] or [np.full(len(obs), "cells", object)]
    return np.array([SEPARATOR.join(parts) for parts in zip(*texts, strict=True)], dtype=object)


def _are_counts(values: Matrix) -> bool:
    numbers = values.data if is_sparse(values) else values
    return bool(numbers.size) and bool((numbers >= 0).all()) and bool((numbers == np.floor(numbers)).all())


def _totals(values: Matrix) -> NDArray[np.float64]:
    """Sum of each cell; sums of whole numbers are exact."""
    return np.asarray(values.sum(axis=1), np.float64).ravel()


def _sums_or_means(values: Matrix, codes: Codes, size: Codes, *, counts: bool) -> Matrix:
    """Sums or means of the cells of each group."""
    import scipy.sparse as sp

    cells = np.arange(len(codes))
    select = sp.csr_matrix((np.ones(len(codes)), (codes, cells)), shape=(len(size), len(codes)))
    sums = select @ values
    if is_sparse(sums):
        sums = sums.toarray()
    gathered: NDArray[np.float64] = np.asarray(sums)
    return gathered if counts else gathered / size[:, None]


def _attributes(obs: pd.DataFrame, codes: Codes, groups: pd.Index) -> pd.DataFrame:
    """Attributes that are the same in all cells of every group."""
    first = np.full(len(groups), len(codes))
    np.minimum.at(first, codes, np.arange(len(codes)))
    kept = {}
    for column in obs.columns:
        level = pd.factorize(obs[column], use_na_sentinel=False)[0]
        if (level == level[first][codes]).all():
            kept[column] = obs[column].iloc[first].to_numpy()
    return pd.DataFrame(kept, index=groups)


def _metacells(
    values: Matrix, codes: Codes, groups: Sequence[str], settings: Prepare, *, counts: bool
) -> tuple[Codes, list[str]]:
    """Cut each group into metacells: the number of the metacell of each cell, and their names."""
    comparable = scaled_log1p(values, _totals(values), CELLS_SUM) if counts else values
    chosen = comparable[:, _most_variable(comparable)]
    chosen = chosen.tocsr() if is_sparse(chosen) else chosen
    found = np.empty(len(codes), np.int64)
    names: list[str] = []
    for group, name in enumerate(groups):
        cells = np.flatnonzero(codes == group)
        part = chosen[cells]
        own = _clusters(part.toarray() if is_sparse(part) else part, settings)
        found[cells] = len(names) + own
        names += [f"{name}{SEPARATOR}{number}" for number in range(1, 2 + int(own.max()))]
    return found, names


def _most_variable(values: Matrix) -> Codes:
    """Positions, ascending, of the genes with the largest variance."""
    squares = values.multiply(values) if is_sparse(values) else values * values
    mean, square = (np.asarray(part.mean(axis=0)).ravel() for part in (values, squares))
    return np.sort(np.argsort(mean * mean - square, kind="stable")[:N_GENES])


def _clusters(cells: NDArray[np.float64], settings: Prepare) -> Codes:
    """Groups of similar cells of about the wanted size, numbered from 0, by k-means on principal components."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    n = max(1, len(cells) // settings.cells_per_metacell)
    if n == 1:
        return np.zeros(len(cells), np.int64)
    # Sums that are shared among threads would differ in the last digit between numbers of threads.
    with threadpool_limits(1):
        n_components = min(N_COMPONENTS, *(side - 1 for side in cells.shape))
        space = PCA(n_components, svd_solver="randomized", random_state=SEED).fit_transform(cells.astype(np.float32))
        means = KMeans(n, init="random", n_init=1, max_iter=MOST_ITERATIONS, random_state=SEED).fit(space)
        return _without_small(space, means.labels_, means.cluster_centers_, settings.min_cells)


def _without_small(
    space: NDArray[np.float32], labels: NDArray[np.int32], centres: NDArray[np.float32], least: int
) -> Codes:
    """Give the cells of clusters that are too small to the nearest of the others."""
    size = np.bincount(labels, minlength=len(centres))
    large = np.flatnonzero(size >= min(least, size.max()))
    lost = np.flatnonzero(~np.isin(labels, large))
    new = np.full(len(centres), -1)
    new[large] = np.arange(len(large))
    found = new[labels]
    for start in range(0, len(lost), 1_000):
        some = lost[start : start + 1_000]
        distance = ((space[some, None] - centres[None, large]) ** 2).sum(axis=2)
        found[some] = distance.argmin(axis=1)
    return found.astype(np.int64)
