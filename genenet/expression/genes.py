"""Which genes are used: those of the same name merged, filters, and the genes that are kept in any case."""

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata.utils import make_index_unique
from numpy.typing import NDArray

from genenet.config.sections import DuplicatePolicy, Prepare
from genenet.errors import InputError, count
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import gene_statistics
from genenet.readers.sparse_pieces import Matrix, is_sparse


def merge_duplicates(draft: Draft, policy: DuplicatePolicy) -> None:
    """Leave one gene of each name."""
    names = draft.var.index
    if not names.has_duplicates or policy == "error":
        return
    if policy == "make_unique":
        draft.var = draft.var.set_axis(make_index_unique(names))
        return
    group, _ = pd.factorize(names)
    if policy == "mean":
        draft.values = _group_means(draft.values, group)
        first = ~names.duplicated()
        draft.dropped += [(name, "same name, in the mean") for name in names[~first]]
        draft.var = draft.var[first]
        return
    variance = gene_statistics(draft.values)["variance"]
    # Largest variance first; of equal ones the first in the matrix.
    order = np.lexsort((np.arange(len(names)), -variance, group))
    best = np.zeros(len(names), dtype=bool)
    best[order[np.r_[True, np.diff(group[order]) > 0]]] = True
    draft.keep_genes(best, "same name, smaller variance")


def _group_means(values: Matrix, group: NDArray[np.int64]) -> Matrix:
    """Average the columns of each group; a group of one stays exactly as it is."""
    size = np.bincount(group)
    select = sp.csc_matrix((np.ones(len(group)), (np.arange(len(group)), group)))
    sums: Matrix = values @ select
    if is_sparse(sums):
        sums = sums.tocsc()
        sums.data /= np.repeat(size, np.diff(sums.indptr))
        return sums
    return sums / size


def filter_genes(draft: Draft, settings: Prepare, keep: Collection[str]) -> None:
    """Drop genes by their statistics in `var`, one filter after the other; genes named in `keep` stay."""
    draft.var = draft.var.assign(keep_always=draft.var.index.isin(list(keep)))
    for passing, reason in _filters(draft, settings):
        draft.keep_genes(passing, reason)
    draft.var = draft.var.drop(columns="keep_always")


def _filters(draft: Draft, settings: Prepare) -> Iterator[tuple[NDArray[np.bool_], str]]:
    """Each filter sees the genes that the ones before it left."""

    def column(name: str) -> NDArray[np.float64]:
        return draft.var[name].to_numpy()

    def always() -> NDArray[np.bool_]:
        return draft.var["keep_always"].to_numpy()

    if settings.min_detection_rate > 0:
        passing = column("detection_rate") >= settings.min_detection_rate
        yield passing | always(), f"detection rate below {settings.min_detection_rate:g}"
    if settings.min_mean is not None:
        yield (column("mean") >= settings.min_mean) | always(), f"mean below {settings.min_mean:g}"
    if settings.min_variance is not None:
        _check_variance(column("variance"), settings.min_variance)
        yield column("variance") > 0, "no variance"
        passing = column("variance") > settings.min_variance
        yield passing | always(), f"variance not above {settings.min_variance:g}"
    if settings.n_top_variable is not None:
        top = np.zeros(draft.n_genes, dtype=bool)
        top[np.argsort(-column("variance"), kind="stable")[: settings.n_top_variable]] = True
        yield top | always(), f"not among the {settings.n_top_variable:,} most variable"


def _check_variance(variance: NDArray[np.float64], least: float) -> None:
    if len(variance) and not (variance > least).any():
        raise InputError(
            f"none of the {count(len(variance), 'gene')} has a variance above prepare.min_variance "
            f"({least:g}), the largest is {variance.max():.3g}; lower it"
        )
