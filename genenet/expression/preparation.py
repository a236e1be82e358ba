"""The step `prepare`: check a matrix, drop what was asked for, and describe each gene."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config import Prepare
from genenet.errors import InputError, quote_some
from genenet.expression import checks
from genenet.expression.frames import from_frame
from genenet.expression.select import select
from genenet.expression.statistics import Matrix, as_float64, gene_statistics, is_sparse, not_finite
from genenet.expression.words import count

logger = logging.getLogger(__name__)

# A sparse matrix of at most this size is made dense: faster in every later step.
MAX_DENSE_BYTES = 1 << 30


def prepare(
    data: AnnData | pd.DataFrame, settings: Prepare | None = None, regulators: Sequence[str] | None = None
) -> AnnData:
    """Check an expression matrix and bring it into the form that the next steps trust.

    Parameters
    ----------
    data
        AnnData with obs = samples and var = genes, or a DataFrame whose rows are genes (`settings.orientation` turns
        it). It is not modified.
    settings
        What to take, to tolerate and to drop.
    regulators
        Names of genes that may regulate; with them the network is directed. Names that are not in the matrix are
        recorded and warned about; it is an error when none is.

    Returns
    -------
    AnnData
        X in float64 (dense, or CSC when a sparse matrix would take more than 1 GB), the `obs` and `var` of the input,
        and

        - `var`: `mean`, `variance` (of the sample, n - 1), `detection_rate` (share of samples with a value that is not
          0), `regulator`
        - `uns["genenet"]`: `dropped` (frame of gene, reason), `dropped_samples` (frame of sample, reason), `directed`,
          `missing_regulators`, `source`

    Raises
    ------
    InputError
        If something is wrong with the matrix or the regulators.

    Examples
    --------
    >>> frame = pd.DataFrame([[1.0, 2.0, 3.0, 6.0], [0.0, 1.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0]], index=["A", "B", "C"])
    >>> ready = prepare(frame, Prepare(min_samples=4, min_variance=0), regulators=["A"])
    >>> ready.var
       mean  variance  detection_rate  regulator
    A   3.0  4.666667             1.0       True
    B   0.5  0.333333             0.5      False
    >>> ready.uns["genenet"]["dropped"]
      gene       reason
    0    C  no variance
    """
    settings = settings or Prepare()
    draft = _draft(data, settings)
    checks.check_names(draft.var.index, "gene")
    checks.check_names(draft.obs.index, "sample")
    missing = _mark_regulators(draft, regulators)
    _drop_missing(draft, settings)
    checks.check_size(*draft.shape, settings.min_samples)
    _describe_genes(draft)
    _drop_constant(draft, settings)
    checks.check_size(*draft.shape, settings.min_samples)
    if regulators is not None and not draft.var["regulator"].any():
        raise InputError(
            f"all {count(draft.n_found, 'regulator')} of the matrix were dropped ({draft.reasons()}); "
            "drop fewer genes or name other regulators"
        )
    return draft.finish(directed=regulators is not None, missing_regulators=missing)


@dataclass
class _Draft:
    """A matrix on its way: what is left of it, and what was dropped."""

    values: Matrix  # (n_samples, n_genes)
    obs: pd.DataFrame
    var: pd.DataFrame
    note: dict[str, Any]
    how_to_turn: str
    n_found: int = 0
    dropped: list[tuple[str, str]] = field(default_factory=list)
    dropped_samples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.var), len(self.obs)

    def keep_genes(self, keep: NDArray[np.bool_], reason: str) -> None:
        if keep.all():
            return
        gone = list(self.var.index[~keep])
        logger.warning(
            "dropped %s of %s (%s): %s", f"{len(gone):,}", count(len(keep), "gene"), reason, quote_some(gone)
        )
        self.dropped += [(name, reason) for name in gone]
        self.values, self.var = self.values[:, keep], self.var[keep]

    def keep_samples(self, keep: NDArray[np.bool_], reason: str) -> None:
        if keep.all():
            return
        gone = list(self.obs.index[~keep])
        logger.warning(
            "dropped %s of %s (%s): %s", f"{len(gone):,}", count(len(keep), "sample"), reason, quote_some(gone)
        )
        self.dropped_samples += [(name, reason) for name in gone]
        self.values, self.obs = self.values[keep], self.obs[keep]

    def reasons(self) -> str:
        return ", ".join(dict.fromkeys(reason for _, reason in self.dropped))

    def finish(self, *, directed: bool, missing_regulators: list[str]) -> AnnData:
        values: Any = self.values
        if is_sparse(values):
            n_genes, n_samples = self.shape
            values = values.toarray() if 8 * n_genes * n_samples <= MAX_DENSE_BYTES else values.tocsc()
        if isinstance(values, np.ndarray):
            values = np.ascontiguousarray(values)
        note = self.note | {
            "directed": directed,
            "missing_regulators": np.array(missing_regulators, dtype=object),
            "dropped": pd.DataFrame(self.dropped, columns=["gene", "reason"], dtype=object),
            "dropped_samples": pd.DataFrame(self.dropped_samples, columns=["sample", "reason"], dtype=object),
        }
        return AnnData(values, obs=self.obs.copy(), var=self.var.copy(), uns={"genenet": note})


def _draft(data: AnnData | pd.DataFrame, settings: Prepare) -> _Draft:
    if isinstance(data, pd.DataFrame):
        data = from_frame(data, settings.orientation)
    elif not isinstance(data, AnnData):
        raise InputError(
            f"the matrix is a {type(data).__name__}; give a pandas DataFrame or an AnnData (see read_matrix)"
        )
    else:
        data = select(data, settings)
    done = data.uns.get("genenet", {})
    note = {"source": str(done.get("source", "")), "layer": settings.layer or "", "obs_query": settings.obs_query or ""}
    orientation = done.get("orientation")
    how_to_turn = "obs must be samples and var genes: turn it with adata.T"
    if orientation:
        other = "samples_by_genes" if orientation == "genes_by_samples" else "genes_by_samples"
        how_to_turn = f"set prepare.orientation: {other}"
    values = as_float64(data.X, data.obs_names, data.var_names)
    return _Draft(values, data.obs, data.var, note, how_to_turn)


def _mark_regulators(draft: _Draft, regulators: Sequence[str] | None) -> list[str]:
    """Flag regulators in `var`; return the names that are not there."""
    genes, samples = draft.var.index, draft.obs.index
    if regulators is None:
        checks.check_direction(samples, draft.how_to_turn)
        draft.var = draft.var.assign(regulator=False)
        return []
    found, missing = checks.match_regulators(regulators, genes, samples, draft.how_to_turn)
    if missing:
        logger.warning(checks.missing_regulators(missing, len(missing) + int(found.sum()), genes))
    draft.var = draft.var.assign(regulator=found)
    draft.n_found = int(found.sum())
    return missing


def _drop_missing(draft: _Draft, settings: Prepare) -> None:
    rows, columns = not_finite(draft.values)
    if not len(rows):
        return
    genes, samples = draft.var.index, draft.obs.index
    text = checks.describe_gaps(draft.values, genes, samples, rows, columns)
    match settings.missing:
        case "error":
            raise InputError(f"{text}; set prepare.missing: drop_genes or drop_samples, or fill them in yourself")
        case "drop_genes":
            if len(np.unique(columns)) == len(genes):
                raise InputError(
                    f"{text}; no gene is complete, so prepare.missing: drop_genes leaves none: drop samples before"
                )
            draft.keep_genes(~np.isin(np.arange(len(genes)), columns), "missing values")
        case "drop_samples":
            if len(np.unique(rows)) == len(samples):
                raise InputError(
                    f"{text}; no sample is complete, so prepare.missing: drop_samples leaves none: drop genes before"
                )
            draft.keep_samples(~np.isin(np.arange(len(samples)), rows), "missing values")


def _describe_genes(draft: _Draft) -> None:
    draft.var = draft.var.assign(**gene_statistics(draft.values))
    ours = ["mean", "variance", "detection_rate", "regulator"]
    draft.var = draft.var[[*(name for name in draft.var.columns if name not in ours), *ours]]


def _drop_constant(draft: _Draft, settings: Prepare) -> None:
    variance = draft.var["variance"].to_numpy()
    constant = variance == 0
    if settings.min_variance is None:
        if constant.any():
            raise InputError(checks.describe_constant(list(draft.var.index[constant]), len(constant)))
        return
    if not (variance > settings.min_variance).any():
        raise InputError(
            f"none of the {count(len(variance), 'gene')} has a variance above prepare.min_variance "
            f"({settings.min_variance:g}), the largest is {variance.max():.3g}; lower it"
        )
    draft.keep_genes(~constant, "no variance")
    low = draft.var["variance"].to_numpy() <= settings.min_variance
    draft.keep_genes(~low, f"variance not above {settings.min_variance:g}")
