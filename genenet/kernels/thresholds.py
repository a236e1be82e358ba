"""Rows of the table of all pairs: which pairs belong to a row, and which of them reach their threshold."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES

# Each row is cut into this many parts, so that few rows keep many threads busy.
PARTS = 8


class Rows(NamedTuple):
    """Rows of the table of all pairs that are computed, from a column on."""

    genes: NDArray[np.int64]
    """The gene of each row, shape (n_rows,)."""
    is_row: NDArray[np.bool_]
    """Genes that have a row in this block or in another one, shape (n_genes,)."""
    first_column: int


@compiled(inline="always")
def tested(row, column, is_row):
    """Whether a pair is computed in this row: a pair of two row genes is computed in the row of the earlier one only.

    is_row: bool (n_genes,), genes that have a row.
    """
    return column != row and not (is_row[column] and column < row)


@inner(inline="always")
def is_tested_in_row(i, is_target_i, j, is_row_j, is_target_j):
    """Whether the pair of row gene i and gene j is tested in the row of i; two row genes are in that of the earlier.

    Row genes are the regulators: one of the genes of a tested pair is a regulator, and the other a target. There is no
    branch, so that loops over j are vectorised.
    """
    return (j != i) & ~(is_row_j & (j < i)) & (is_target_j | (is_target_i & is_row_j))


@parallel(lambda stripe: len(stripe.rows))
def mark_rows(begin, stop, stripe, null_factors, threshold):
    """Mark the pairs of a stripe whose exact MI reaches the threshold.

    stripe: `genenet.kernels.screen.Stripe`, of which masks are written; null_factors: float64 (n_genes, 3), of a pair's
    null mean, standard deviation and skewness; threshold: float32 (n_powers,), critical z-score as a polynomial in the
    skewness, highest power first.
    """
    n_genes = null_factors.shape[0]
    for k in range(begin, stop):
        own = null_factors[stripe.rows[k]]
        for tile in range(stripe.first_tile, stripe.masks.shape[1]):
            mask = 0
            for lane in range(min(LANES, n_genes - tile * LANES)):
                j = tile * LANES + lane
                skewness, z_score = own[2] * null_factors[j, 2], 0.0
                for coefficient in threshold:
                    z_score = z_score * skewness + coefficient
                if stripe.exact_mi[k, j] >= own[0] * null_factors[j, 0] + own[1] * null_factors[j, 1] * z_score:
                    mask |= 1 << lane
            stripe.masks[k, tile] = mask
