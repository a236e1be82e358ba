"""Finding about a matrix of similarities or distances that was given in place of expression."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.errors import quote_some
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense

FEWEST = 3
# Symmetry is judged by at most this many names, evenly chosen.
MOST = 1_000
# Largest difference of the two values of a pair, as a share of the largest value: programs round them apart.
TOLERANCE = 1e-6
# A triangle has values for more than this share of the pairs of one side.
MOSTLY = 0.5


def similarities(values: Matrix, samples: Sequence[str], genes: Sequence[str]) -> Finding | None:
    """Refuse a symmetric matrix, a triangle of one, or a directed network, whose rows and columns have the same names.

    Matrices of correlations, distances and networks are such. A triangle may lack the first or last name on one axis.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes).
    samples, genes
        Names of the samples, and of the genes.

    Examples
    --------
    >>> print(similarities(np.corrcoef([[1, 2, 3], [1, 3, 2], [3, 1, 2]]), list("abc"), list("abc")))
    refused (no_samples): rows and columns have the same 3 names (a, b, c) and the matrix is symmetric, as those of \
correlations, distances and networks are: give the expression matrix that it was computed from, or \
keep it with prepare.accept: no_samples
    """
    places = {name: place for place, name in enumerate(samples)}
    if len(genes) < FEWEST or len(samples) != len(genes) or len(places) != len(genes):
        return None
    if places.keys() != set(genes):
        return _shifted(values, samples, genes)
    chosen = range(0, len(genes), -(-len(genes) // MOST))
    part = values[np.ix_([places[genes[place]] for place in chosen], list(chosen))]
    square = np.asarray(dense(part), np.float64)
    largest = float(np.abs(square[np.isfinite(square)]).max(initial=0.0))
    if not largest or np.ptp(square[np.isfinite(square)]) == 0:
        return None
    if _is_symmetric(square, TOLERANCE * largest):
        what = "the matrix is symmetric"
    elif _is_triangle(square):
        what = "the matrix is a triangle"
    elif _is_adjacency(square):
        what = "the diagonal is 0"
    elif _are_values_of_genes(square):
        return None  # genes that were knocked out, one a sample
    else:
        names = f"rows and columns have the same {len(genes):,} names ({quote_some(genes, 3)})"
        return Finding("warned", "no_samples", f"{names}: if {IF_NETWORK}")
    return _finding(f"rows and columns have the same {len(genes):,} names ({quote_some(genes, 3)}) and {what}")


def _shifted(values: Matrix, samples: Sequence[str], genes: Sequence[str]) -> Finding | None:
    """Refuse a triangle without its diagonal, which has no row for the last name and no column for the first."""
    n = len(genes)
    if list(genes[1:]) != list(samples[:-1]) and list(samples[1:]) != list(genes[:-1]):
        return None
    chosen = range(0, n, -(-n // MOST))
    part = values[np.ix_(list(chosen), list(chosen))]
    if not _is_triangle(np.asarray(dense(part), np.float64)):
        return None
    return _finding(
        f"rows and columns have {n - 1:,} names in common ({quote_some(genes, 3)}) and the matrix is a triangle"
    )


IF_NETWORK = (
    "these are similarities or weights of a network, give the expression matrix that they were computed from, or if "
    "these are genes that were knocked out, one a sample, go on"
)


def _finding(what: str) -> Finding:
    return Finding(
        "refused",
        "no_samples",
        f"{what}, as those of correlations, distances and networks are: give the expression matrix that it was "
        "computed from, or keep it with prepare.accept: no_samples",
    )


def _is_symmetric(square: NDArray[np.float64], tolerance: float) -> bool:
    off_diagonal = square[np.triu_indices(len(square), 1)]
    return bool(
        np.isfinite(off_diagonal).any() and np.allclose(square, square.T, rtol=0.0, atol=tolerance, equal_nan=True)
    )


def _is_adjacency(square: NDArray[np.float64]) -> bool:
    """Tell whether cells hold directed edges: 0 or nothing on the diagonal, and values that are not those of genes.

    Where each sample lacks the gene that it is called by, the diagonal may be 0 too, but all others have nearly the
    values of the gene in the other samples.
    """
    diagonal, off = np.diag(square), square[~np.eye(len(square), dtype=bool)].reshape(len(square), -1)
    if (np.isfinite(diagonal) & (diagonal != 0)).any() or not (np.isfinite(off) & (off != 0)).any():
        return False
    return not _are_values_of_genes(square)


def _are_values_of_genes(square: NDArray[np.float64]) -> bool:
    """Tell whether each gene has values of its own size in all samples, those on the diagonal aside."""
    filled = np.where(np.isfinite(square), square, 0.0)
    np.fill_diagonal(filled, np.nan)
    means = np.nanmean(filled, axis=0)
    return bool(np.nanmean((filled - means) ** 2) <= MOSTLY * np.nanvar(filled))


def _is_triangle(square: NDArray[np.float64]) -> bool:
    """Tell whether one side of the diagonal is empty (missing or 0), and most of the other is not."""
    filled = np.isfinite(square) & (square != 0)
    sides = [filled[np.tril_indices(len(square), -1)].mean(), filled[np.triu_indices(len(square), 1)].mean()]
    return min(sides) == 0 and max(sides) > MOSTLY
