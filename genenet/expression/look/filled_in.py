"""Finding about missing values that were filled in with an average of the gene before the matrix came here."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense

GENES_LOOKED_AT = 500
# A gene was filled in if this share of its values, and so many, are its average, so many times as many as
# any other value has, and nearly all others differ.
SHARE_OF_SAMPLES, FEWEST, DISTINCT, TIMES_SECOND = 0.05, 3, 0.9, 2
# The average may be rounded, or be one over several batches: it is this near, in deviations of the gene.
NEAR = 0.02
# So many of the genes are.
FEWEST_GENES, SHARE_OF_GENES = 3, 0.05


def filled_in(values: Matrix, genes: Sequence[str]) -> list[Finding]:
    """Find genes of which one value, their mean or median, is there in many samples, and every other value once.

    Parameters
    ----------
    values
        Shape (n_samples, n_genes); some of the genes are looked at.
    genes
        Names of the genes.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(7.0, 1.0, (40, 5))
    >>> values[:8] = values[8:].mean(axis=0)
    >>> print(filled_in(values, list("ABCDE"))[0])
    warned (missing): in 5 of 5 genes looked at one value, the gene's average, is there again and again (in 20% of \
the samples of A): missing values that were filled in, which draw genes together where the same samples lacked both; \
take the matrix before that, with NA, and set prepare.missing: pairwise
    """
    chosen = range(0, values.shape[1], -(-values.shape[1] // GENES_LOOKED_AT) or 1)
    shares = {gene: share for gene in chosen if (share := _share_filled(_column(values, gene)))}
    if len(shares) < max(FEWEST_GENES, SHARE_OF_GENES * len(chosen)):
        return []
    most = max(shares, key=lambda gene: shares[gene])
    return [
        Finding(
            "warned",
            "missing",
            f"in {len(shares):,} of {count(len(chosen), 'gene')} looked at one value, the gene's average, is there "
            f"again and again (in {shares[most]:.0%} of the samples of {genes[most]}): missing values that were filled "
            "in, which draw genes together where the same samples lacked both; take the matrix before that, with NA, "
            "and set prepare.missing: pairwise",
        )
    ]


def _column(values: Matrix, gene: int) -> NDArray[np.float64]:
    column = values[:, [gene]]
    own = dense(column).ravel()
    return own[np.isfinite(own)]


def _share_filled(own: NDArray[np.float64]) -> float:
    """Share of the values that are the gene's average; 0 if it was not filled in."""
    if not len(own):
        return 0.0
    numbers, times = np.unique(own, return_counts=True)
    at = int(np.argmax(times))
    others = own[own != numbers[at]]
    if times[at] < max(FEWEST, SHARE_OF_SAMPLES * len(own)) or len(others) < FEWEST:
        return 0.0
    distinct = (len(numbers) - 1) / len(others)
    second = int(np.delete(times, at).max(initial=0))
    near = min(abs(numbers[at] - others.mean()), abs(numbers[at] - np.median(others)))
    is_filled = distinct >= DISTINCT and times[at] >= TIMES_SECOND * second and near <= NEAR * _deviation(others)
    return float(times[at] / len(own)) if is_filled else 0.0


def _deviation(values: NDArray[np.float64]) -> float:
    """Standard deviation, or the one that the quartiles tell if a few values are far off."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(min(values.std(), (high - low) / 1.349))
