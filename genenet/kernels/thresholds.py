"""Which pairs belong to a row of the table of all pairs, and which of them reach their threshold."""

from numba import njit

from genenet.kernels.threads import parallel

# Pieces that a row is cut into, so that few rows keep many threads busy.
PARTS = 8
LANES = 16


@njit(cache=True, inline="always")
def tested(row, column, is_row):
    """Tell whether a pair is computed in this row: not a gene with itself, and not in the row of the later of two.

    is_row: bool (n_genes,), genes that have a row.
    """
    return column != row and not (is_row[column] and column < row)


@parallel(lambda rows: len(rows))
def mark_rows(begin, stop, mi, factors, threshold, rows, first_group, masks):
    """Mark the pairs whose MI reaches the threshold, 16 columns a number.

    mi: float64 (n_rows, n_groups * 16), bits; factors: float64 (n_genes, 3), of a pair's null mean, standard deviation
    and skewness; threshold: float32 (n_powers,), polynomial in the skewness, highest power first, in standard
    deviations; rows: int64 (n_rows,); masks: int32 (n_rows, n_groups), written from first_group on.
    """
    n_genes = factors.shape[0]
    for k in range(begin, stop):
        own = factors[rows[k]]
        for group in range(first_group, masks.shape[1]):
            mask = 0
            for lane in range(min(LANES, n_genes - group * LANES)):
                j = group * LANES + lane
                skewness, height = own[2] * factors[j, 2], 0.0
                for coefficient in threshold:
                    height = height * skewness + coefficient
                if mi[k, j] >= own[0] * factors[j, 0] + own[1] * factors[j, 1] * height:
                    mask |= 1 << lane
            masks[k, group] = mask
