"""Gather the pairs that survive the screen, and sum up the MI of each gene."""

import numpy as np
from numba import njit

from genenet.kernels.joint_counts import LANES
from genenet.kernels.pearson3 import is_extreme
from genenet.kernels.threads import parallel

# Sums of MI and of its square are kept as integers in this unit (bits), so that they do not depend on the order of
# pairs.
MOMENT_UNIT = 2.0**-20


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

    A pair survives if its log pivot is at most `most`; moments, curve: as `genenet.kernels.pearson3.are_extreme`.
    first, second: int32, the earlier gene first; mi: float64; n_kept: int64 (n_rows,), how many were written of each
    row.
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

    A pair survives if its log pivot is at most `most`; moments, curve: as `genenet.kernels.pearson3.are_extreme`.
    table: float64, row by row; n_kept: int64 (n_rows,), overwritten.
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
