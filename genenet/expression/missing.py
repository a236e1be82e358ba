"""Missing values: drop genes or samples, fill in, or leave them out pair by pair."""

import logging

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import InputError, count
from genenet.expression import checks
from genenet.expression.draft import Draft
from genenet.expression.gene_statistics import not_finite
from genenet.readers.sparse_pieces import Matrix, fits_dense, is_sparse

# Share of missing values up to which a gene is kept, where prepare.max_missing is not set.
TOLERATED = 0.2


def check_missing(draft: Draft, settings: Prepare) -> None:
    """Refuse missing and infinite values, if the settings do not say how to treat them."""
    if settings.missing != "error":
        return
    rows, columns = not_finite(draft.values)
    if len(rows):
        text = checks.describe_gaps(draft.values, draft.var.index, draft.obs.index, rows, columns)
        raise InputError(f"{text}; {_advice(draft, rows, columns)}")


def treat_missing(draft: Draft, settings: Prepare) -> None:
    """Treat missing and infinite values as the settings say, and note how many there were.

    Raises
    ------
    InputError
        If nothing would be left.
    """
    rows, columns = not_finite(draft.values)
    if not len(rows):
        return
    text = checks.describe_gaps(draft.values, draft.var.index, draft.obs.index, rows, columns)
    match settings.missing:
        case "drop_samples":
            _drop_samples(draft, rows, text)
        case "drop_genes" if not settings.max_missing:
            _drop_genes(draft, columns, 0.0, settings.missing, text)
        case _:
            _keep_some(draft, settings, columns, text)


def _advice(draft: Draft, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> str:
    """Say which policies there are, and what dropping would leave."""
    genes = draft.n_genes - len(np.unique(columns))
    samples = draft.n_samples - len(np.unique(rows))
    return (
        "set prepare.missing: pairwise (each pair of genes takes the samples that both have), impute_median, "
        f"impute_mean, drop_genes ({count(genes, 'gene')} would be left) or drop_samples "
        f"({count(samples, 'sample')} would be left)"
    )


def _drop_samples(draft: Draft, rows: NDArray[np.int64], text: str) -> None:
    keep = ~np.isin(np.arange(draft.n_samples), rows)
    if not keep.any():
        raise InputError(
            f"{text}; no sample is complete, so prepare.missing: drop_samples leaves none: set it to pairwise or "
            "impute_median"
        )
    draft.keep_samples(keep, "missing values")


def _drop_genes(draft: Draft, columns: NDArray[np.int64], share: float, policy: str, text: str) -> None:
    """Drop genes with a larger share of missing values than this."""
    missing = np.bincount(columns, minlength=draft.n_genes)
    keep = missing <= share * draft.n_samples
    if not keep.any():
        what = "no gene is complete" if not share else f"no gene has at most {share:.0%} missing values"
        raise InputError(
            f"{text}; {what}, so prepare.missing: {policy} leaves none: set it to pairwise or impute_median, "
            "or raise prepare.max_missing"
        )
    reason = "missing values" if not share else f"more than {share:.0%} missing values"
    draft.keep_genes(keep, reason, level=logging.WARNING)


def _keep_some(draft: Draft, settings: Prepare, columns: NDArray[np.int64], text: str) -> None:
    """Drop genes with too many missing values; fill in the others, or leave them to be left out pair by pair."""
    share = TOLERATED if settings.max_missing is None else settings.max_missing
    _drop_genes(draft, columns, share, settings.missing, text)
    draft.values = _dense(draft.values)
    empty = ~np.isfinite(draft.values).any(axis=1)
    draft.keep_samples(~empty, "no values")
    gaps = ~np.isfinite(draft.values)
    n_values, per_gene = int(gaps.sum()), gaps.sum(axis=0)
    if not n_values:
        return
    draft.var = draft.var.assign(n_missing=per_gene.astype(np.int64))
    where = (
        f"{count(n_values, 'missing value')} ({n_values / gaps.size:.2%}) of {count(int((per_gene > 0).sum()), 'gene')}"
    )
    draft.values = draft.values.copy()
    if settings.missing.startswith("impute"):
        average = settings.missing.removeprefix("impute_")
        _impute(draft.values, gaps, average)
        how = f"{where}: filled in with the gene's {average}"
    else:
        draft.values[gaps] = np.nan
        how = f"{where}: each pair of genes is judged by the samples that both have"
    draft.note["missing"] = {"policy": settings.missing, "n_values": n_values, "n_genes": int((per_gene > 0).sum())}
    draft.find("noted", "missing", how)


def _dense(values: Matrix) -> NDArray[np.float64]:
    if not is_sparse(values):
        return np.asarray(values)
    if not fits_dense(values.shape):
        raise InputError(
            "a sparse matrix this large with missing values: only prepare.missing: drop_genes or drop_samples can be "
            "used"
        )
    return np.asarray(values.toarray())


def _impute(values: NDArray[np.float64], gaps: NDArray[np.bool_], average: str) -> None:
    """Fill gaps with the mean or the median of the gene's other values."""
    for gene in np.flatnonzero(gaps.any(axis=0)):
        known = values[~gaps[:, gene], gene]
        values[gaps[:, gene], gene] = known.mean() if average == "mean" else np.median(known)
