"""Mutual information of all pairs between a run of row genes and all column genes, and of permuted pairs for the null.

Weights come packed in two ways (see `genenet.kernels.packing`): `x`, int32 (n_genes, n_planes_x, n_steps), four samples a word, for the row gene;
`y`, int32 (n_groups, n_steps, n_planes_y, 16), the same words with 16 genes side by side, for the column genes.
`tile` is the numbers of planes of x and of y that are counted in one go.
"""

import numpy as np
from numba import njit, prange

from genenet.kernels.shuffling import below, next_bits, shuffle
from genenet.kernels.tail import log_pearson3_tail
from genenet.kernels.vectors import count_tile, exact_lanes, screen_lanes

LANES = 16
# Sums of MI and of its square are kept as integers in this unit (bits), so that they do not depend on the order of pairs.
MOMENT_UNIT = 2.0**-20


# Shapes of a tile as the compiler sees them: the lengths of two tuples.
TILE_1_1 = ((0,) * 1, (0,) * 1)
TILE_2_2 = ((0,) * 2, (0,) * 2)
TILE_3_3 = ((0,) * 3, (0,) * 3)
TILE_4_4 = ((0,) * 4, (0,) * 4)
TILE_5_5 = ((0,) * 5, (0,) * 5)
TILE_6_3 = ((0,) * 6, (0,) * 3)
TILE_7_4 = ((0,) * 7, (0,) * 4)
TILE_9_3 = ((0,) * 9, (0,) * 3)


@njit(cache=True)
def count(x, x_at, y, y_at, n_steps, planes_x, planes_y, tile, counts):
    """Joint counts of one row gene (its plane 0 at x_at) with one group of 16 genes (its step 0 at y_at)."""
    rows, columns = tile
    stride = planes_y * LANES
    for r in range(0, planes_x, rows):
        for c in range(0, planes_y, columns):
            at_x, at_y, at = x_at + r * n_steps, y_at + c * LANES, r * stride + c * LANES
            if rows == 1 and columns == 1:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_1_1, counts, at, stride)
            elif rows == 2 and columns == 2:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_2_2, counts, at, stride)
            elif rows == 3 and columns == 3:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_3_3, counts, at, stride)
            elif rows == 4 and columns == 4:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_4_4, counts, at, stride)
            elif rows == 5 and columns == 5:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_5_5, counts, at, stride)
            elif rows == 6 and columns == 3:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_6_3, counts, at, stride)
            elif rows == 7 and columns == 4:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_7_4, counts, at, stride)
            elif rows == 9 and columns == 3:
                count_tile(x, at_x, n_steps, y, at_y, stride, n_steps, TILE_9_3, counts, at, stride)


@njit(parallel=True, cache=True)
def screen_rows(
    x, y, tile, n_bins, row_margins, column_margins, scale,
    row_factors, column_factors, entropies, column_entropies, threshold,
    rows, first_group, screen, exact, masks,
):  # fmt: skip
    """MI of the row genes `rows` with all genes of the groups from first_group on.

    row_margins: int32 (n_genes, n_bins); column_margins: int32 (n_groups, n_bins, 16); scale: 1 / total count.
    row_factors: float32 (n_genes, 4); column_factors: float32 (n_groups, 4, 16): entropy, mean, standard deviation, skewness.
    entropies: float64 (n_genes,); column_entropies: float64 (n_groups, 16); threshold: float32 (n_powers,).
    rows: int64 (n_rows,), indices of genes.
    Out: screen float32 (n_rows, n_groups * 16), MI in bits; masks int32 (n_rows, n_groups): lanes that reach the threshold;
    exact float64 like screen, written only in groups where masks is not 0.
    """
    n_groups, n_steps, planes_y = y.shape[0], y.shape[1], y.shape[2]
    planes_x = x.shape[1]
    flat_x, flat_y = x.ravel(), y.ravel()
    flat_screen, flat_exact = screen.ravel(), exact.ravel()
    width = screen.shape[1]
    single = np.float32(scale)
    for group in prange(first_group, n_groups):
        counts = np.empty(planes_x * planes_y * LANES, np.int32)
        columns, factors, column_entropy = column_margins[group], column_factors[group], column_entropies[group]
        for k in range(rows.shape[0]):
            i = rows[k]
            count(
                flat_x, i * planes_x * n_steps, flat_y, group * n_steps * planes_y * LANES,
                n_steps, planes_x, planes_y, tile, counts,
            )  # fmt: skip
            at = k * width + group * LANES
            mask = screen_lanes(
                counts, planes_y * LANES, n_bins, row_margins[i], columns, single, row_factors[i], factors, threshold, flat_screen, at
            )
            masks[k, group] = mask
            if mask != 0:
                exact_lanes(
                    counts, planes_y * LANES, n_bins, row_margins[i], columns, scale, entropies[i], column_entropy, flat_exact, at
                )


@njit(parallel=True, cache=True)
def gather_rows(rows, is_row, n_genes, first_group, screen, masks, sums, n_survivors, largest):
    """Count what reached the threshold and add up each gene's MI, over the pairs that are tested.

    A pair (row i, column j) is tested here unless j is i, or j is a row gene that comes before i (then it is tested there).
    is_row: bool (n_genes,); sums: int64 (n_genes, 3), number of pairs, sum of MI and of its square in MOMENT_UNIT, added to;
    n_survivors: int64 (n_rows,), largest: float32 (n_rows,), both overwritten.
    """
    start = first_group * LANES
    for k in prange(rows.shape[0]):
        i = rows[k]
        number, total, squares, survivors, most = 0, 0, 0, 0, np.float32(0.0)
        for j in range(start, n_genes):
            if not (j == i or (is_row[j] and j < i)):
                value = np.int64(np.float64(screen[k, j]) / MOMENT_UNIT + 0.5)
                number += 1
                total += value
                squares += value * value
                survivors += (masks[k, j // LANES] >> (j % LANES)) & 1
                most = max(most, screen[k, j])
        sums[i, 0] += number
        sums[i, 1] += total
        sums[i, 2] += squares
        n_survivors[k], largest[k] = survivors, most
    for group in prange(first_group, masks.shape[1]):
        for k in range(rows.shape[0]):
            i = rows[k]
            for j in range(group * LANES, min((group + 1) * LANES, n_genes)):
                if not (j == i or (is_row[j] and j < i)):
                    value = np.int64(np.float64(screen[k, j]) / MOMENT_UNIT + 0.5)
                    sums[j, 0] += 1
                    sums[j, 1] += value
                    sums[j, 2] += value * value


@njit(parallel=True, cache=True)
def collect_rows(rows, is_row, n_genes, first_group, exact, masks, starts, first, second, mi):
    """Write the surviving pairs of each row, in gene order of the column, from starts[k] on.

    first, second: int32; mi: float64; first is the earlier gene of the pair.
    """
    for k in prange(rows.shape[0]):
        i = rows[k]
        at = starts[k]
        for group in range(first_group, masks.shape[1]):
            mask = masks[k, group]
            if mask != 0:
                for lane in range(LANES):
                    j = group * LANES + lane
                    if (mask >> lane) & 1 and j < n_genes and not (j == i or (is_row[j] and j < i)):
                        first[at], second[at], mi[at] = min(i, j), max(i, j), exact[k, j]
                        at += 1


@njit(parallel=True, cache=True)
def draw_null(
    x, y, tile, n_bins, row_margins, column_margins, scale, entropies, column_entropies, moments, column_moments,
    rows, n_samples, key, start, mi, log_tails,
):  # fmt: skip
    """Draws of the null: a random row gene with its samples permuted, against a random group of 16 column genes.

    rows: int64, genes to draw the row gene from; moments: float64 (n_genes, 3), column_moments: float64 (n_groups, 3, 16):
    factors of the null's mean, standard deviation (bits) and skewness; start: number of the first draw of 16, the stream of
    random numbers that it uses. Out: mi, log_tails: float64 (n_draws, 16).
    """
    n_groups, n_steps, planes_y = y.shape[0], y.shape[1], y.shape[2]
    planes_x = x.shape[1]
    flat_y = y.ravel()
    for d in prange(mi.shape[0]):
        order = np.empty(n_samples, np.int64)
        shuffle(key, start + d, order)
        _, bits = next_bits(key + np.uint64(start + d) * np.uint64(0x2545F4914F6CDD1D))
        i = rows[below(bits, rows.shape[0])]
        _, bits = next_bits(bits)
        group = below(bits, n_groups)
        octets = x[i].view(np.uint8)
        shuffled = np.zeros((planes_x, n_steps * 4), np.uint8)
        for r in range(planes_x):
            for s in range(n_samples):
                shuffled[r, s] = octets[r, order[s]]
        counts = np.empty(planes_x * planes_y * LANES, np.int32)
        count(
            shuffled.view(np.int32).ravel(), 0, flat_y, group * n_steps * planes_y * LANES,
            n_steps, planes_x, planes_y, tile, counts,
        )  # fmt: skip
        values = np.empty(LANES)
        exact_lanes(
            counts, planes_y * LANES, n_bins, row_margins[i], column_margins[group], scale, entropies[i], column_entropies[group], values, 0
        )
        factors = column_moments[group]
        for lane in range(LANES):
            mi[d, lane] = values[lane]
            deviation = (values[lane] - moments[i, 0] * factors[0, lane]) / (moments[i, 1] * factors[1, lane])
            log_tails[d, lane] = log_pearson3_tail(deviation, moments[i, 2] * factors[2, lane])
