"""Mutual information of all pairs between a run of row genes and all column genes, and of permuted pairs for the null.

Weights come packed in two ways (see `genenet.kernels.packing`): `x` (n_genes, n_planes_x, n_steps) for the row gene,
and `y` (n_groups, n_steps, n_planes_y, 16), the same words with 16 genes side by side, for the column genes. Words are
int32 and hold four samples, or, of hard bins, uint64 and hold the bits of 64. `tile_x` and `tile_y` are empty arrays
with as many dimensions as planes of x and of y are counted in one go: as part of a type the compiler knows these
numbers, and makes code for them alone.
"""

import numpy as np
from numba import njit, types
from numba.extending import overload

from genenet.kernels.shuffling import below, next_bits, shuffle
from genenet.kernels.tail import is_extreme, log_pearson3_tail
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import count_bits, count_tile, exact_lanes, lowest_bit, screen_lanes

LANES = 16
# Sums of MI and of its square are kept as integers in this unit (bits), so that they do not depend on the order of
# pairs.
MOMENT_UNIT = 2.0**-20


# Row genes that share a run over the samples, and words of the column genes in one run: these then stay in a core's own
# cache.
ROWS_AT_ONCE = 16
CHUNK_WORDS = 64_000


def count(x, x_at, y, y_at, n_steps, first_step, last_step, planes_x, planes_y, tile_x, tile_y, counts, start):
    """Joint counts of one row gene (its plane 0 at x_at) with one group of 16 genes (its step 0 at y_at).

    Over the steps from first_step to last_step, added to what is there already unless first_step is 0; counts from
    `start` on. Compiled for what the words hold: four samples (int32) or the bits of 64 (uint64).
    """


def _count_octets(x, x_at, y, y_at, n_steps, first_step, last_step, planes_x, planes_y, tile_x, tile_y, counts, start):
    rows, columns = tile_x.ndim, tile_y.ndim
    stride = planes_y * LANES
    n, add = last_step - first_step, first_step > 0
    for r in range(0, planes_x, rows):
        for c in range(0, planes_y, columns):
            at_x, at_y = x_at + r * n_steps + first_step, y_at + first_step * stride + c * LANES
            at = start + r * stride + c * LANES
            count_tile(x, at_x, n_steps, y, at_y, stride, n, tile_x, tile_y, counts, at, stride, add)


def _count_bits(x, x_at, y, y_at, n_steps, first_step, last_step, planes_x, planes_y, tile_x, tile_y, counts, start):
    rows, stride = tile_x.ndim, planes_y * LANES
    n, add = last_step - first_step, first_step > 0
    for r in range(0, planes_x, rows):
        for c in range(planes_y):
            at_x, at_y = x_at + r * n_steps + first_step, y_at + first_step * stride + c * LANES
            at = start + r * stride + c * LANES
            count_bits(x, at_x, n_steps, y, at_y, stride, n, tile_x, counts, at, stride, add)


# Inlined: a call would pass every field of every array, which takes as long as the counts of some hundred samples.
@overload(count, inline="always")
def _count(x, x_at, y, y_at, n_steps, first_step, last_step, planes_x, planes_y, tile_x, tile_y, counts, start):
    return _count_bits if x.dtype == types.uint64 else _count_octets


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


@njit(cache=True, inline="always")
def _is_tested_here(i, is_target_i, j, is_row_j, is_target_j):
    """Whether the pair of row gene i and gene j is tested, and not in the row of j: two row genes meet in the first."""
    return (j != i) & ~(is_row_j & (j < i)) & (is_target_j | (is_target_i & is_row_j))


@njit(cache=True, inline="always")
def _moment(value):
    return np.int64(np.float64(value) / MOMENT_UNIT + 0.5)


@njit(cache=True)
def _gather_row(i, is_target_i, is_row, is_target, values, masks, sums):
    """Sums of the pairs of row gene i with genes from 0 on, added to sums (3,); returns survivors and largest."""
    # Without branches, over whole arrays from 0 on, and floats compared as integers (which order them alike from 0 up):
    # so that the compiler can do it in lanes.
    ordered = values.view(np.int32)
    number, total, squares, survivors, most = 0, 0, 0, 0, np.int32(0)
    for j in range(values.shape[0]):
        tested = _is_tested_here(i, is_target_i, j, is_row[j], is_target[j])
        value = _moment(values[j]) * tested
        number += tested
        total += value
        squares += value * value
        most = max(most, ordered[j] * np.int32(tested))
    for j in range(values.shape[0]):
        tested = _is_tested_here(i, is_target_i, j, is_row[j], is_target[j])
        survivors += (masks[j // LANES] >> (j % LANES)) & np.int32(tested)
    sums[0] += number
    sums[1] += total
    sums[2] += squares
    return survivors, most


@njit(cache=True)
def _gather_group(rows, first, all_targets, is_row, is_target, screen, sums):
    """Sums of the pairs of 16 column genes, the first of them `first`, added to sums (at most 16, 3)."""
    some = np.zeros((3, LANES), np.int64)
    for k in range(rows.shape[0]):
        i, is_target_i, values = rows[k] - first, all_targets[rows[k]], screen[k, first : first + LANES]
        for lane in range(LANES):
            tested = _is_tested_here(i, is_target_i, lane, is_row[lane], is_target[lane])
            value = _moment(values[lane]) * tested
            some[0, lane] += tested
            some[1, lane] += value
            some[2, lane] += value * value
    for lane in range(sums.shape[0]):
        for moment in range(3):
            sums[lane, moment] += some[moment, lane]


@parallel(lambda rows: len(rows))
def gather_rows(begin, stop, rows, is_row, is_target, first_group, screen, masks, sums, n_survivors, largest):
    """Count what reached the threshold and add up each row gene's MI, over the pairs that are tested.

    A pair is tested if one of its genes is a row gene and the other a target. is_row, is_target: bool (n_groups * 16,);
    sums: int64 (n_genes, 3), number of pairs, sum of MI and of its square in MOMENT_UNIT, added to; n_survivors: int64
    (n_rows,), largest: int32 (n_rows,), the bits of a float32, both overwritten.
    """
    start = first_group * LANES
    for k in range(begin, stop):
        i = rows[k]
        n_survivors[k], largest[k] = _gather_row(
            i - start, is_target[i], is_row[start:], is_target[start:],
            screen[k, start:], masks[k, first_group:], sums[i],
        )  # fmt: skip


@parallel(lambda first_group, masks: masks.shape[1] - first_group)
def gather_columns(begin, stop, rows, is_row, is_target, first_group, screen, masks, sums):
    """Add up each column gene's MI, over the pairs that are tested; arguments as `gather_rows`."""
    for group in range(first_group + begin, first_group + stop):
        first = group * LANES
        last = first + LANES
        _gather_group(rows, first, is_target, is_row[first:last], is_target[first:last], screen, sums[first:last])


@parallel(lambda rows: len(rows), error_model="numpy")
def collect_rows(
    begin, stop, rows, is_row, is_target, n_genes, first_group, exact, masks, moments, curve, most,
    starts, first, second, mi, n_kept,
):  # fmt: skip
    """Write the surviving pairs of each row, in gene order of the column, from starts[k] on.

    A pair survives if its log pivot is at most `most`; moments, curve: as `genenet.kernels.tail.are_extreme`. first,
    second: int32, the earlier gene first; mi: float64; n_kept: int64 (n_rows,), how many were written of each row.
    """
    for k in range(begin, stop):
        i = rows[k]
        at = starts[k]
        for group in range(first_group, masks.shape[1]):
            mask = masks[k, group]
            if mask != 0:
                for lane in range(LANES):
                    j = group * LANES + lane
                    if (
                        not (mask >> lane) & 1
                        or j >= n_genes
                        or not _is_tested_here(i, is_target[i], j, is_row[j], is_target[j])
                    ):
                        continue
                    if is_extreme(exact[k, j], i, j, moments, curve, most):
                        first[at], second[at], mi[at] = min(i, j), max(i, j), exact[k, j]
                        at += 1
        n_kept[k] = at - starts[k]


@njit(cache=True)
def collect_listed(rows, starts, partners, screen, exact, masks, sums, first, second, mi):
    """Surviving pairs among those of a list; adds to sums as `gather_rows`.

    starts: int64 (n_genes + 1,), where the later partners of each gene start in partners, int32. first, second, mi: as
    `collect_rows`, room for all pairs of these rows. Returns the number of survivors and the largest MI.
    """
    at, most = 0, np.float32(0.0)
    for k in range(rows.shape[0]):
        i = rows[k]
        for j in partners[starts[i] : starts[i + 1]]:
            value = _moment(screen[k, j])
            for gene in (i, np.int64(j)):
                sums[gene, 0] += 1
                sums[gene, 1] += value
                sums[gene, 2] += value * value
            most = max(most, screen[k, j])
            if (masks[k, j // LANES] >> (j % LANES)) & 1:
                first[at], second[at], mi[at] = i, j, exact[k, j]
                at += 1
    return at, most


@parallel(lambda rows: len(rows), error_model="numpy")
def collect_triangle(begin, stop, rows, n_genes, first_group, exact, masks, moments, curve, most, table, n_kept):
    """Write the surviving pairs of each row into a triangle of all pairs, -1 for the others.

    A pair survives if its log pivot is at most `most`; moments, curve: as `genenet.kernels.tail.are_extreme`. table:
    float64, row by row; n_kept: int64 (n_rows,), overwritten.
    """
    for k in range(begin, stop):
        i = rows[k]
        base, number = i * (2 * n_genes - i - 1) // 2 - i - 1, 0
        for j in range(i + 1, n_genes):
            value = -1.0
            if (masks[k, j // LANES] >> (j % LANES)) & 1 and is_extreme(exact[k, j], i, j, moments, curve, most):
                value = exact[k, j]
                number += 1
            table[base + j] = value
        n_kept[k] = number


@parallel(lambda first_row, last_row: last_row - first_row)
def list_triangle(begin, stop, table, n_genes, first_row, last_row, starts, cell, first, second, mi):
    """Pairs in some rows of a triangle. starts: int64 (n_rows,), where each row's go in cell (int64) and the others."""
    for i in range(first_row + begin, first_row + stop):
        base, at = i * (2 * n_genes - i - 1) // 2 - i - 1, starts[i - first_row]
        for j in range(i + 1, n_genes):
            if table[base + j] >= 0.0:
                cell[at], first[at], second[at], mi[at] = base + j, i, j, table[base + j]
                at += 1


@parallel(lambda n_genes: n_genes)
def count_triangle(begin, stop, table, n_genes, counts):
    """Number of pairs in each row of a triangle. counts: int64 (n_genes,)."""
    for i in range(begin, stop):
        start = i * (2 * n_genes - i - 1) // 2
        number = 0
        for cell in range(start, start + n_genes - i - 1):
            number += table[cell] >= 0.0
        counts[i] = number


@njit(cache=True)
def is_ordered(first, second):
    """Whether pairs come in the order of their first, then their second gene. first, second: int32 (n_pairs,)."""
    for k in range(1, first.shape[0]):
        if first[k] < first[k - 1] or (first[k] == first[k - 1] and second[k] < second[k - 1]):
            return False
    return True


@njit(cache=True)
def _draw(
    x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    entropies, column_entropies, moments, column_moments, rows, n_samples, key, draw, mi, log_tails,
):  # fmt: skip
    """One draw of `draw_null`: its number is that of its stream. Out: mi, log_tails: float64 (16,)."""
    n_groups, n_steps, planes_y = y.shape[0], y.shape[1], y.shape[2]
    planes_x = x.shape[1]
    flat_y = y.ravel()
    order = np.empty(n_samples, np.int64)
    shuffle(key, draw, order)
    _, bits = next_bits(key + np.uint64(draw) * np.uint64(0x2545F4914F6CDD1D))
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
        n_steps, 0, n_steps, planes_x, planes_y, tile_x, tile_y, counts, 0,
    )  # fmt: skip
    row_entropies, margins = np.empty(LANES), np.empty((n_bins, LANES), np.int32)
    for lane in range(LANES):
        row_entropies[lane] = entropies[i]
        for b in range(n_bins):
            margins[b, lane] = row_margins[i, b]
    exact_lanes(
        counts, planes_y * LANES, n_bins, margins, column_margins[group], scale,
        row_entropies, column_entropies[group], mi, 0,
    )  # fmt: skip
    factors = column_moments[group]
    for lane in range(LANES):
        deviation = (mi[lane] - moments[i, 0] * factors[0, lane]) / (moments[i, 1] * factors[1, lane])
        log_tails[lane] = log_pearson3_tail(deviation, moments[i, 2] * factors[2, lane])


@parallel(lambda mi: len(mi))
def draw_null(
    begin, stop, x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
    entropies, column_entropies, moments, column_moments, rows, n_samples, key, start, mi, log_tails,
):  # fmt: skip
    """Draws of the null: a random row gene with its samples permuted, against a random group of 16 column genes.

    rows: int64, genes to draw the row gene from; moments: float64 (n_genes, 3), column_moments: float64 (n_groups, 3,
    16): factors of the null's mean, standard deviation (bits) and skewness; start: number of the first draw of 16, the
    stream of random numbers that it uses. Out: mi, log_tails: float64 (n_draws, 16).
    """
    for d in range(begin, stop):
        _draw(
            x, y, tile_x, tile_y, n_bins, row_margins, column_margins, scale,
            entropies, column_entropies, moments, column_moments, rows, n_samples, key, start + d, mi[d], log_tails[d],
        )  # fmt: skip
