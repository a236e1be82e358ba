"""Whitening: related samples (cell lines of one screen) are made exchangeable, as permutation p-values require."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.errors import InputError, count, quote_some
from genenet.expression.draft import Draft
from genenet.readers.sparse_pieces import fits_dense, is_sparse

Matrix = NDArray[np.float64]

FEWEST_SAMPLES = 60
"""Matrices of fewer samples are not whitened."""
FEW_GENES = 5
"""With fewer genes for each sample than this, relations of genes are a large part of the samples' covariance."""
DIGITS = 6
"""Significant digits to which results of LAPACK and BLAS are rounded, so that they are the same on all machines."""


def in_order_of_names(draft: Draft) -> None:
    """Sort the samples by their names, so that sums over them do not depend on the order of the columns."""
    order = np.argsort(draft.obs.index.to_numpy(str), kind="stable")
    matrix = draft.values  # noqa: PD011
    draft.values, draft.obs = matrix[order], draft.obs.iloc[order]


def whiten(draft: Draft, settings: Prepare, control: Sequence[str] | None = None) -> None:
    """Remove the principal components of control genes, then the covariance of the samples, and note both.

    Each gene's mean is subtracted first. The covariance of the samples is that of the genes scaled to a variance of 1,
    so that each gene counts the same, with the shrinkage of Ledoit & Wolf (2004), doi:10.1016/S0047-259X(03)00096-4.
    The matrix is multiplied by the symmetric inverse square root of the covariance, which unlike a Cholesky factor does
    not depend on the order of the samples.

    Raises
    ------
    InputError
        If values are missing, there are too few samples or genes, or the components cannot be told from the others.
    """
    from genenet.kernels.matrix_functions import inverse_root, multiply

    _check(draft, settings)
    values = np.ascontiguousarray(_dense(draft).T)
    values -= values.mean(axis=1, keepdims=True)
    values[draft.var["variance"].to_numpy() == 0] = 0.0
    note: dict[str, Any] = {"n_control_genes": 0, "control_components": 0, "shrinkage": 0.0}
    if control is not None:
        rows = values[draft.var.index.get_indexer(pd.Index(list(control)))]
        values -= multiply(values, _components(rows, settings.control_components))
        note |= {"n_control_genes": len(rows), "control_components": settings.control_components}
    if settings.whiten == "samples":
        covariance, shrinkage = _covariance(values)
        values = multiply(values, inverse_root(covariance))
        note["shrinkage"] = shrinkage
    draft.values = np.ascontiguousarray(values.T)
    draft.note["whitening"] = note


def _check(draft: Draft, settings: Prepare) -> None:
    asked = "prepare.whiten: samples" if settings.whiten == "samples" else "prepare.control_components"
    if draft.n_samples < FEWEST_SAMPLES:
        raise InputError(
            f"{asked} learns from the genes how samples are related, and needs at least {FEWEST_SAMPLES} samples, got "
            f"{draft.n_samples:,}; leave it out (prepare.whiten: none, no control genes)"
        )
    if draft.n_genes <= draft.n_samples:
        raise InputError(
            f"{asked} learns from the genes how samples are related, and needs more genes than samples, got "
            f"{count(draft.n_genes, 'gene')} x {count(draft.n_samples, 'sample')}; whiten the whole matrix, and choose "
            "genes by prepare.n_top_variable or a list of pairs"
        )
    if settings.whiten == "samples" and draft.n_genes < FEW_GENES * draft.n_samples:
        few = (
            f"prepare.whiten: samples learns from {count(draft.n_genes, 'gene')} how {draft.n_samples:,} samples are"
            f" related, and takes out what the genes themselves have in common; give it at least {FEW_GENES} times as"
            " many genes as samples, or compare with prepare.whiten: none"
        )
        draft.find("warned", "whitening", few)
    matrix = draft.values  # noqa: PD011
    if is_sparse(matrix) and not fits_dense(matrix.shape):
        raise InputError(f"{asked}: the sparse matrix is too large to be made dense; choose samples or genes first")


def _dense(draft: Draft) -> Matrix:
    """Values of all genes, shape (n_samples, n_genes); refuse missing ones and probabilities."""
    matrix = draft.values  # noqa: PD011
    values: Matrix = matrix.toarray() if is_sparse(matrix) else np.asarray(matrix)
    incomplete = np.asarray(np.isnan(values).any(axis=0))
    if incomplete.any():
        genes = list(draft.var.index[incomplete])
        raise InputError(
            f"{len(genes):,} of {draft.n_genes:,} genes have missing values ({quote_some(genes, 3)}), and whitening "
            "needs complete genes; set prepare.missing: impute_mean or drop_genes"
        )
    if values.min() >= 0 and values.max() <= 1:
        raise InputError(
            f"all values lie between 0 and 1 (from {values.min():.3g} to {values.max():.3g}): these are probabilities, "
            "and whitening needs effects (DepMap: CRISPRGeneEffect.csv); give the gene effects, or set "
            "prepare.whiten: none"
        )
    return values


def _scaled(values: Matrix) -> Matrix:
    """Genes of mean 0 divided by their standard deviation; genes without variance are left out."""
    deviation = np.sqrt((values * values).mean(axis=1))
    varies = deviation > 0
    return values[varies] / deviation[varies, None]


def _covariance(values: Matrix) -> tuple[Matrix, float]:
    """Shrunken covariance of the samples over scaled genes, shape (n_samples, n_samples), and the shrinkage."""
    from sklearn.covariance import ledoit_wolf_shrinkage

    from genenet.kernels.matrix_functions import multiply

    scaled = _scaled(values)
    shrinkage = float(f"{ledoit_wolf_shrinkage(scaled, assume_centered=True):.{DIGITS}g}")
    matrix = multiply(scaled.T, scaled) / len(scaled)
    matrix = (1.0 - shrinkage) * 0.5 * (matrix + matrix.T)
    matrix[np.diag_indices(len(matrix))] += shrinkage * np.trace(matrix) / (1.0 - shrinkage) / len(matrix)
    return matrix, shrinkage


def _components(rows: Matrix, n: int) -> Matrix:
    """Projector on the first principal components of control genes, shape (n_samples, n_samples)."""
    from genenet.kernels.matrix_functions import multiply, projector

    if len(rows) < 2 * n:
        raise InputError(
            f"{count(n, 'component')} of {count(len(rows), 'control gene')} (prepare.control_components) cannot be "
            f"told from noise: give at least {2 * n:,} control genes that are in the matrix, or fewer components"
        )
    matrix = multiply(rows.T, rows)
    largest = np.linalg.eigvalsh(matrix)[::-1]
    threshold = float(f"{0.5 * (largest[n - 1] + largest[n]):.{DIGITS}g}")
    found = projector(matrix / threshold, 1.0) if largest[n] < threshold < largest[n - 1] else None
    if found is None:
        raise InputError(
            f"component {n} of the control genes has about the same variance as the next "
            f"({largest[n - 1]:.6g}, {largest[n]:.6g}); change prepare.control_components"
        )
    return found
