"""Mutual information of all pairs between a run of row genes and all column genes, and of permuted pairs for the null.

Weights come packed in two ways (see `genenet.kernels.packing`): `x` (n_genes, n_planes_x, n_steps) for the row gene,
and `y` (n_groups, n_steps, n_planes_y, 16), the same words with 16 genes side by side, for the column genes. Words are
int32 and hold four samples, or, of hard bins, uint64 and hold the bits of 64. `tile_x` and `tile_y` are empty arrays
with as many dimensions as planes of x and of y are counted in one go: as part of a type the compiler knows these
numbers, and makes code for them alone.
"""

import numpy as np
from numba import njit

from genenet.kernels.entropy_lanes import exact_lanes, screen_lanes
from genenet.kernels.joint_counts import LANES, count
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import lowest_bit

# Row genes that share a run over the samples, and words of the column genes in one run: these then stay in a core's own
# cache.
ROWS_AT_ONCE = 16
CHUNK_WORDS = 64_000


@njit(cache=True)
def _screen_group(
    x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    row_factors, column_factors, entropies, column_entropies, threshold,
    rows, group, screen, exact, masks,
):  # fmt: skip
    """`screen_rows` for one group of column genes."""
    n_steps, planes_y, planes_x = y.shape[1], y.shape[2], x.shape[1]
    flat_x, flat_y, flat_screen = x.ravel(), y.ravel(), screen.ravel()
    width, cells, stride = screen.shape[1], planes_x * planes_y * LANES, planes_y * LANES
    chunk = max(8, CHUNK_WORDS // stride)
    single = np.float32(scale)
    counts = np.empty(ROWS_AT_ONCE * cells, np.int32)
    columns, factors, column_entropy = column_margins[group], column_factors[group], column_entropies[group]
    # Pairs that reach their threshold wait here until all lanes of the exact pass are in use.
    n_waiting = 0
    waiting = np.empty(cells, np.int32)
    waiting_rows, waiting_columns = np.empty((n_bins, LANES), np.int32), np.empty((n_bins, LANES), np.int32)
    row_entropy, waiting_entropy, values = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    waiting_at = np.empty((LANES, 2), np.int64)
    for first in range(0, rows.shape[0], ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, rows.shape[0])
        for step in range(0, n_steps, chunk):
            for k in range(first, last):
                count(
                    flat_x, rows[k] * planes_x * n_steps, flat_y, group * n_steps * stride,
                    n_steps, step, min(step + chunk, n_steps), planes_x, planes_y, tile_x, tile_y,
                    counts, (k - first) * cells,
                )  # fmt: skip
        for k in range(first, last):
            i = rows[k]
            part = counts[(k - first) * cells : (k - first + 1) * cells]
            mask = screen_lanes(
                part, stride, n_bins, row_margins[i], columns, single, row_factors[i], factors, threshold,
                flat_screen, k * width + group * LANES,
            )  # fmt: skip
            masks[k, group] = mask
            while mask != 0:
                lane = lowest_bit(mask)
                mask &= mask - np.int32(1)
                for cell in range(0, cells, LANES):
                    waiting[cell + n_waiting] = part[cell + lane]
                for b in range(n_bins):
                    waiting_rows[b, n_waiting] = row_margins[i, b]
                    waiting_columns[b, n_waiting] = columns[b, lane]
                row_entropy[n_waiting], waiting_entropy[n_waiting] = entropies[i], column_entropy[lane]
                waiting_at[n_waiting, 0], waiting_at[n_waiting, 1] = k, group * LANES + lane
                n_waiting += 1
                if n_waiting == LANES:
                    exact_lanes(
                        waiting, stride, n_bins, waiting_rows, waiting_columns, scale,
                        row_entropy, waiting_entropy, values, 0,
                    )  # fmt: skip
                    for w in range(LANES):
                        exact[waiting_at[w, 0], waiting_at[w, 1]] = values[w]
                    n_waiting = 0
    if n_waiting > 0:
        exact_lanes(
            waiting, stride, n_bins, waiting_rows, waiting_columns, scale, row_entropy, waiting_entropy, values, 0
        )
        for w in range(n_waiting):
            exact[waiting_at[w, 0], waiting_at[w, 1]] = values[w]


@parallel(lambda y, first_group: len(y) - first_group)
def screen_rows(
    begin, stop, x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    row_factors, column_factors, entropies, column_entropies, threshold,
    rows, first_group, screen, exact, masks,
):  # fmt: skip
    """MI of the row genes `rows` with all genes of the groups from first_group on.

    row_margins: int32 (n_genes, n_bins); column_margins: int32 (n_groups, n_bins, 16); scale: 1 / total count.
    row_factors: float32 (n_genes, 4); column_factors: float32 (n_groups, 4, 16): entropy, mean, standard deviation,
    skewness. entropies: float64 (n_genes,); column_entropies: float64 (n_groups, 16); threshold: float32 (n_powers,).
    rows: int64 (n_rows,), indices of genes. Out: screen float32 (n_rows, n_groups * 16), MI in bits; masks int32
    (n_rows, n_groups): lanes that reach the threshold; exact float64 like screen, written only where masks has a 1.
    """
    for group in range(first_group + begin, first_group + stop):
        _screen_group(
            x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
            row_factors, column_factors, entropies, column_entropies, threshold,
            rows, group, screen, exact, masks,
        )  # fmt: skip
