"""Mean, variance and detection rate of each gene, the same bits for dense and sparse matrices and on every machine.

Sums run over one gene's samples in memory order by numpy's pairwise summation, whose order depends on the number of
samples only; nothing here uses BLAS.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, shorten
from genenet.readers.sparse_pieces import Matrix, is_sparse, slices


def as_float64(values: Any, samples: pd.Index, genes: pd.Index) -> Matrix:
    """Convert X of any kind to a float64 array or CSC matrix; the input is not changed."""
    if is_sparse(values):
        return values.tocsc().astype(np.float64, copy=False)
    values = np.asarray(values)
    if values.dtype.kind in "fiub":
        return values.astype(np.float64, copy=False)
    if values.dtype.kind == "O":
        for row, column in np.ndindex(values.shape):
            if not isinstance(values[row, column], int | float | np.number):
                raise InputError(
                    f"{shorten(values[row, column])} is no number (gene {genes[column]}, sample {samples[row]}); "
                    "convert X to float"
                )
        return values.astype(np.float64)
    raise InputError(f"X holds {values.dtype}, not numbers; convert it to float")


def not_finite(values: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find missing and infinite values: their rows and columns."""
    if is_sparse(values):
        at = np.flatnonzero(~np.isfinite(values.data))
        return values.indices[at].astype(np.int64), np.searchsorted(values.indptr, at, side="right") - 1
    finite = np.isfinite(values)
    rows, columns = (np.empty(0, np.int64),) * 2 if finite.all() else np.nonzero(~finite)
    return rows, columns


def gene_blocks(values: Matrix) -> Iterator[NDArray[np.float64]]:
    """Yield dense blocks of the genes in their order, each of shape (n_genes_of_block, n_samples)."""
    n_samples, n_genes = values.shape
    for columns in slices(n_genes, n_samples):
        block = values[:, columns]
        yield np.ascontiguousarray((block.toarray() if is_sparse(block) else block).T)


def gene_statistics(values: Matrix) -> dict[str, NDArray[np.float64]]:
    """Mean, variance (n - 1) and detection rate (share of values that are not 0) of each gene.

    Missing values (NaN) are left out: the statistics of a gene are those of the samples in which it has a value.

    Parameters
    ----------
    values
        Expression, shape (n_samples, n_genes).

    Returns
    -------
    Arrays of shape (n_genes,), called mean, variance and detection_rate.

    Examples
    --------
    >>> gene_statistics(np.array([[1.0, 0.1], [0.0, 0.1], [5.0, 0.1]]))["variance"].tolist()
    [7.0, 0.0]
    """
    parts: dict[str, list[NDArray[np.float64]]] = {"mean": [], "variance": [], "detection_rate": []}
    n_samples = values.shape[0]
    for block in gene_blocks(values):
        with np.errstate(over="ignore", invalid="ignore"):  # `prepare` refuses genes of infinite variance
            mean = np.add.reduce(block, axis=1) / n_samples
            deviation = block - mean[:, None]
            deviation *= deviation
            variance = np.add.reduce(deviation, axis=1) / max(1, n_samples - 1)
        # The mean of equal values can miss them by a rounding error.
        variance[block.min(axis=1) == block.max(axis=1)] = 0.0
        detected = np.count_nonzero(block, axis=1) / n_samples
        for row in np.flatnonzero(np.isnan(block).any(axis=1)):
            known = block[row][~np.isnan(block[row])][None]
            one = gene_statistics(known.T)
            mean[row], variance[row], detected[row] = (one[name][0] for name in parts)
        parts["mean"].append(mean)
        parts["variance"].append(variance)
        parts["detection_rate"].append(detected)
    return {name: np.concatenate(arrays) if arrays else np.empty(0) for name, arrays in parts.items()}
