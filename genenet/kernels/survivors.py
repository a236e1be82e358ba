"""Gather the pairs of a stripe that survive the screen, and add up the MI of each gene."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.pearson3 import is_extreme
from genenet.kernels.threads import parallel
from genenet.kernels.thresholds import is_tested_in_row
from genenet.kernels.triangle import triangle_cell
from genenet.kernels.vectors import LANES, lowest_bit

# Sums of MI are integers in this unit (bits), sums of squares in its square: they do not depend on the order of pairs.
MOMENT_UNIT = 2.0**-20


class Roles(NamedTuple):
    """Genes that may regulate and genes that may be targets: bool (n_tiles * 16,), False where the last tile is padded.

    A pair is tested if one of its genes may regulate and the other may be a target.
    """

    is_regulator: NDArray[np.bool_]
    is_target: NDArray[np.bool_]


class PairArrays(NamedTuple):
    """Arrays that pairs are written to. first, second: int32, the earlier gene first; mi: float64, bits."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    mi: NDArray[np.float64]


@inner(inline="always")
def _moment(value):
    return np.int64(np.float64(value) / MOMENT_UNIT + 0.5)


@inner(optimised=False)
def _gather_row(i, is_target_i, is_row, is_target, values, masks, sums):
    """Add the tested pairs of row gene i to sums (3,); return the survivors' number and the largest MI's bits."""
    # The compiler vectorises these loops: they have no branches and run over all of an array, and floats are
    # compared as integers, whose order is the same from 0 up.
    ordered = values.view(np.int32)
    number, total, squares, survivors, largest = 0, 0, 0, 0, np.int32(0)
    for j in range(values.shape[0]):
        tested = is_tested_in_row(i, is_target_i, j, is_row[j], is_target[j])
        value = _moment(values[j]) * tested
        number += tested
        total += value
        squares += value * value
        largest = max(largest, ordered[j] * np.int32(tested))
    for j in range(values.shape[0]):
        tested = is_tested_in_row(i, is_target_i, j, is_row[j], is_target[j])
        survivors += (masks[j // LANES] >> (j % LANES)) & np.int32(tested)
    sums[0] += number
    sums[1] += total
    sums[2] += squares
    return survivors, largest


@inner(optimised=False)
def _gather_tile(rows, first, all_targets, is_row, is_target, screen, sums):
    """Add the pairs of 16 column genes, the first of them `first`, to sums (at most 16, 3)."""
    lanes = np.zeros((3, LANES), np.int64)
    for k in range(rows.shape[0]):
        i, is_target_i, values = rows[k] - first, all_targets[rows[k]], screen[k, first : first + LANES]
        for lane in range(LANES):
            tested = is_tested_in_row(i, is_target_i, lane, is_row[lane], is_target[lane])
            value = _moment(values[lane]) * tested
            lanes[0, lane] += tested
            lanes[1, lane] += value
            lanes[2, lane] += value * value
    for lane in range(sums.shape[0]):
        for moment in range(3):
            sums[lane, moment] += lanes[moment, lane]


@parallel(lambda stripe: len(stripe.rows))
def gather_rows(begin, stop, stripe, roles, sums, n_survivors, largest):
    """Count the survivors of each row, and add up the MI of each row gene over its tested pairs.

    stripe: `genenet.kernels.screen.Stripe`; sums: int64 (n_genes, 3), number of pairs, sum of MI and of its square in
    MOMENT_UNIT, added to; n_survivors: int64 (n_rows,), largest: int32 (n_rows,), the bits of a float32, both
    overwritten.
    """
    start = stripe.first_tile * LANES
    for k in range(begin, stop):
        i = stripe.rows[k]
        n_survivors[k], largest[k] = _gather_row(
            i - start, roles.is_target[i], roles.is_regulator[start:], roles.is_target[start:],
            stripe.mi[k, start:], stripe.masks[k, stripe.first_tile :], sums[i],
        )  # fmt: skip


@parallel(lambda stripe: stripe.masks.shape[1] - stripe.first_tile)
def gather_columns(begin, stop, stripe, roles, sums):
    """Add up the MI of each column gene over its tested pairs; arguments as `gather_rows`."""
    for tile in range(stripe.first_tile + begin, stripe.first_tile + stop):
        first = tile * LANES
        last = first + LANES
        is_row, is_target = roles.is_regulator[first:last], roles.is_target[first:last]
        _gather_tile(stripe.rows, first, roles.is_target, is_row, is_target, stripe.mi, sums[first:last])


@parallel(lambda stripe: len(stripe.rows))
def collect_rows(begin, stop, stripe, roles, bound, starts, pairs, n_kept):
    """Write the surviving pairs of each row as a list, in gene order of the column, from starts[k] on.

    A pair survives if its log pivot is within `bound` (`genenet.kernels.pearson3.PivotBound`). pairs: `PairArrays`;
    n_kept: int64 (n_rows,), how many were written of each row.
    """
    # Local names: each look-up of an array in a tuple counts its references, which is slow in a loop.
    rows, exact_mi, masks = stripe.rows, stripe.exact_mi, stripe.masks
    is_row, is_target = roles.is_regulator, roles.is_target
    null_factors, curve, log_pivot = bound
    first, second, mi = pairs
    for k in range(begin, stop):
        i = rows[k]
        at = starts[k]
        for tile in range(stripe.first_tile, masks.shape[1]):
            mask = masks[k, tile]
            while mask != 0:
                j = tile * LANES + lowest_bit(mask)
                mask &= mask - np.int32(1)
                value = exact_mi[k, j]
                if is_tested_in_row(i, is_target[i], j, is_row[j], is_target[j]) and is_extreme(
                    value, i, j, null_factors, curve, log_pivot
                ):
                    first[at], second[at], mi[at] = min(i, j), max(i, j), value
                    at += 1
        n_kept[k] = at - starts[k]


@parallel(lambda stripe: len(stripe.rows))
def collect_triangle(begin, stop, stripe, n_genes, bound, triangle, n_kept):
    """Write the surviving pairs of each row into a triangle of all pairs, -1 for the others.

    A pair survives if its log pivot is within `bound` (`genenet.kernels.pearson3.PivotBound`). triangle: float64, row
    by row; n_kept: int64 (n_rows,), how many survived in each row.
    """
    rows, exact_mi, masks = stripe.rows, stripe.exact_mi, stripe.masks
    null_factors, curve, log_pivot = bound
    for k in range(begin, stop):
        i = rows[k]
        base, number = triangle_cell(n_genes, i, 0), 0
        for j in range(i + 1, n_genes):
            value = -1.0
            if (masks[k, j // LANES] >> (j % LANES)) & 1 and is_extreme(
                exact_mi[k, j], i, j, null_factors, curve, log_pivot
            ):
                value = exact_mi[k, j]
                number += 1
            triangle[base + j] = value
        n_kept[k] = number


@compiled()
def collect_listed(stripe, starts, partners, sums, pairs):
    """Write the pairs of a user's list that reach the threshold of the screen; add all of them to sums.

    starts: int64 (n_genes + 1,), where the later partners of each gene start in partners, int32; sums: as
    `gather_rows`; pairs: `PairArrays` for all listed pairs of these rows. Returns the number of pairs written and the
    largest MI.
    """
    at, largest = 0, np.float32(0.0)
    for k in range(stripe.rows.shape[0]):
        i = stripe.rows[k]
        for j in partners[starts[i] : starts[i + 1]]:
            value = _moment(stripe.mi[k, j])
            for gene in (i, np.int64(j)):
                sums[gene, 0] += 1
                sums[gene, 1] += value
                sums[gene, 2] += value * value
            largest = max(largest, stripe.mi[k, j])
            if (stripe.masks[k, j // LANES] >> (j % LANES)) & 1:
                pairs.first[at], pairs.second[at], pairs.mi[at] = i, j, stripe.exact_mi[k, j]
                at += 1
    return at, largest
