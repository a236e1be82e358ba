"""Finding about a matrix of similarities or distances that was given in place of expression."""

from collections.abc import Sequence

import numpy as np

from genenet.errors import quote_some
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, is_sparse

FEWEST = 3
# Symmetry is judged by at most this many names, evenly chosen.
MOST = 1_000
# Largest difference of the two values of a pair, as a share of the largest value: programs round them apart.
TOLERANCE = 1e-6


def similarities(values: Matrix, samples: Sequence[str], genes: Sequence[str]) -> Finding | None:
    """Refuse a symmetric matrix of which rows and columns have the same names, such as one of correlations.

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
    if len(genes) < FEWEST or len(samples) != len(genes) or len(places) != len(genes) or places.keys() != set(genes):
        return None
    chosen = range(0, len(genes), -(-len(genes) // MOST))
    part = values[np.ix_([places[genes[place]] for place in chosen], list(chosen))]
    square = np.asarray(part.toarray() if is_sparse(part) else part, np.float64)
    largest = float(np.abs(square[np.isfinite(square)]).max(initial=0.0))
    off_diagonal = square[np.triu_indices(len(square), 1)]
    if not largest or not np.isfinite(off_diagonal).any() or np.ptp(square[np.isfinite(square)]) == 0:
        return None
    if not np.allclose(square, square.T, rtol=0.0, atol=TOLERANCE * largest, equal_nan=True):
        return None
    return Finding(
        "refused",
        "no_samples",
        f"rows and columns have the same {len(genes):,} names ({quote_some(genes, 3)}) and the matrix is symmetric, as "
        "those of correlations, distances and networks are: give the expression matrix that it was computed from, or "
        "keep it with prepare.accept: no_samples",
    )
