"""Selection of genes: duplicate names, rows that are no genes, and filters by mean, variance and detection rate."""

import logging
from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import DuplicatePolicy, Prepare
from genenet.errors import InputError, count, quote_some
from genenet.expression.checks import check_underflow
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import gene_statistics
from genenet.readers.findings import Finding
from genenet.readers.known_names import is_summary_row, summaries_among
from genenet.readers.mangled_names import is_mangled, is_placeholder
from genenet.readers.sparse_pieces import Matrix, is_sparse


def merge_duplicates(draft: Draft, policy: DuplicatePolicy) -> None:
    """Merge, select or rename genes of the same name, as the policy says (`error` leaves them to `check_unique`).

    Genes whose name stands for no name (NA, ---) may be different genes, and so may those that share a name made by a
    spreadsheet (1-Mar): the former are dropped rather than merged, the latter are numbered.
    """
    if policy in ("mean", "max_variance"):
        _keep_apart(draft)
    names = draft.var.index
    if not names.has_duplicates or policy == "error":
        return
    _note_duplicates(draft, policy)
    if policy == "make_unique":
        from anndata.utils import make_index_unique  # anndata takes longer to import than a small matrix to prepare

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


def _note_duplicates(draft: Draft, policy: DuplicatePolicy) -> None:
    """Say which genes have several rows, and what becomes of these."""
    times = pd.Series(list(draft.var.index), dtype=object).value_counts(sort=False)
    again = [f"{name} {n} times" for name, n in times[times > 1].items()]
    what = {
        "mean": "each gene is the mean of its rows",
        "max_variance": "of each the row of largest variance is taken",
        "make_unique": "they are numbered",
    }[policy]
    verb = "occurs" if len(again) == 1 else "occur"
    draft.find(
        "noted",
        "duplicates",
        f"{count(len(again), 'gene name')} {verb} more than once ({quote_some(again)}), in "
        f"{int(times[times > 1].sum()):,} rows; {what}",
    )


def _keep_apart(draft: Draft) -> None:
    """Drop genes whose name stands for no name, and number those whose name a spreadsheet made."""
    names = draft.var.index
    nameless = np.array([is_placeholder(str(name)) for name in names], dtype=bool)
    draft.keep_genes(~nameless, "no name", level=logging.WARNING)
    names = draft.var.index
    mangled = np.array([is_mangled(str(name)) for name in names], dtype=bool)
    if names[mangled].has_duplicates:
        from anndata.utils import make_index_unique

        unique = names.to_numpy(dtype=object, copy=True)
        unique[mangled] = make_index_unique(names[mangled])
        draft.var = draft.var.set_axis(pd.Index(unique, dtype=object))


def drop_summary_rows(draft: Draft, settings: Prepare) -> None:
    """Drop rows that programs write beside the genes: reads that belong to no gene, totals, and means."""
    if "summary_rows" in settings.accept:
        return
    names = [str(name) for name in draft.var.index]
    statistics = set(summaries_among(names))
    is_summary = np.array([name in statistics or is_summary_row(name) for name in names], dtype=bool)
    if not is_summary.any():
        return
    gone = list(draft.var.index[is_summary])
    draft.keep_genes(~is_summary, "row of a counting program, no gene", level=logging.DEBUG)
    kinds = "reads of no gene, or totals" if not statistics else "statistics of the genes, or totals"
    rows = "1 row is no gene and left" if len(gone) == 1 else f"{len(gone)} rows are no genes and left"
    draft.findings.append(
        Finding(
            "warned",
            "summary_rows",
            f"{rows} out ({quote_some(gone)}): {kinds}; keep them with prepare.accept: summary_rows",
        )
    )


def _group_means(values: Matrix, group: NDArray[np.int64]) -> Matrix:
    """Average the columns of each group; a group of one stays exactly as it is."""
    import scipy.sparse as sp

    size = np.bincount(group)
    select = sp.csc_matrix((np.ones(len(group)), (np.arange(len(group)), group)))
    sums: Matrix = values @ select
    if is_sparse(sums):
        sums = sums.tocsc()
        sums.data /= np.repeat(size, np.diff(sums.indptr))
        return sums
    return sums / size


def filter_genes(draft: Draft, settings: Prepare, keep: Collection[str]) -> None:
    """Drop genes by their statistics in `var`, one filter after the other.

    Genes named in `keep` stay, unless `min_variance` is set and they have no variance.
    """
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
        _check_variance(draft, settings.min_variance)
        yield column("variance") > 0, "no variance"
        passing = column("variance") > settings.min_variance
        yield passing | always(), f"variance not above {settings.min_variance:g}"
    if settings.n_top_variable is not None:
        top = np.zeros(draft.n_genes, dtype=bool)
        top[np.argsort(-column("variance"), kind="stable")[: settings.n_top_variable]] = True
        yield top | always(), f"not among the {settings.n_top_variable:,} most variable"


def _check_variance(draft: Draft, least: float) -> None:
    variance = draft.var["variance"].to_numpy()
    if not variance.any():
        check_underflow(draft)
    if len(variance) and not (variance > least).any():
        raise InputError(
            f"none of the {count(len(variance), 'gene')} has a variance above prepare.min_variance "
            f"({least:g}), the largest is {variance.max():.3g}; lower it"
        )
