"""Which edges of a network are indirect, and through whom: the data processing inequality, strongest neighbours first.

For networks in which many pairs are edges. MI is looked up in a table of float64: the upper triangle, row by row, when
every gene may mediate (`slot` is empty), else one row for each mediator (`slot` gives its number, -1 for other genes);
pairs without an edge are -1.

Beside the table there is a square of octets, one row for each mediator: the level of each value, that is how many
steps of an ascending grid it has reached, from 1 up, and 0 without an edge. A row of levels is compared with what the
edges of a gene need 64 at a time; only where levels are equal are the values themselves looked up. So every verdict is
exact, whatever the grid.
"""

import numpy as np
from numba import njit

from genenet.kernels.sampling_error import raised
from genenet.kernels.threads import parallel
from genenet.kernels.triangle import _cell
from genenet.kernels.vectors import compare_octets, lowest_bit

OCTETS = 64
# Tiles of the triangle whose mirror image is written: both stay in the cache.
TILE = 64
# Level that no value has: the need of what is no edge, or has its verdict.
NEVER = np.uint8(255)
MOST_STEPS = 253


@njit(cache=True, inline="always")
def _n_at_most(steps, value):
    """Number of steps <= value. steps: float64 (256,), ascending; the last is infinite. No branch to guess wrongly."""
    low = 0
    for half in (128, 64, 32, 16, 8, 4, 2, 1):
        low += half if steps[low + half - 1] <= value else 0
    return low


@parallel(lambda n_genes, slot, levels: len(levels) if len(slot) else -(-n_genes // TILE))
def fill_levels(begin, stop, table, n_genes, slot, grid, levels):
    """Level of each value of the table, 1 + the number of steps of the grid that it has reached.

    grid: as `_n_at_most`; levels: uint8 (n_rows, width), full of 0; width: n_genes or more, a multiple of 64.
    """
    if slot.shape[0] > 0:
        for row in range(begin, stop):
            for j in range(n_genes):
                value = table[row * n_genes + j]
                if value >= 0.0:
                    levels[row, j] = 1 + _n_at_most(grid, value)
        return
    n_tiles = (n_genes + TILE - 1) // TILE
    for turn in range(begin, stop):
        # Rows of the triangle are long at first and short at last: every thread has its share of both.
        tile = turn // 2 if turn % 2 == 0 else n_tiles - 1 - turn // 2
        for start in range(tile * TILE, n_genes, TILE):
            for i in range(tile * TILE, min((tile + 1) * TILE, n_genes)):
                base = i * (2 * n_genes - i - 1) // 2 - i - 1
                for j in range(max(start, i + 1), min(start + TILE, n_genes)):
                    value = table[base + j]
                    if value >= 0.0:
                        levels[i, j] = levels[j, i] = 1 + _n_at_most(grid, value)


@njit(cache=True)
def _sort_by_value(genes, values, n):
    """Put the first n genes in order of their values, the largest first, gene order among equals (Shell's sort)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, n):
            gene, value = genes[k], values[k]
            at = k
            while at >= gap and (values[at - gap] < value or (values[at - gap] == value and genes[at - gap] > gene)):
                genes[at], values[at] = genes[at - gap], values[at - gap]
                at -= gap
            genes[at], values[at] = gene, value
        gap //= 3


@njit(cache=True)
def _find_of_gene(
    i, table, n_genes, slot, mediator_genes, flat, width, reach, scale, shift, allowance,
    row_starts, second, mi, is_protected, none, via,
):  # fmt: skip
    """`find_in_table` for the edges of first gene i. flat: levels, row by row."""
    listed, n_mediators = row_starts.shape[0] > 0, mediator_genes.shape[0]
    base = i * (2 * n_genes - i - 1) // 2 - i - 1
    start, end = (row_starts[i], row_starts[i + 1]) if listed else (base + i + 1, base + n_genes)
    if start == end:
        return
    # For each second gene: the level that a mediator's edges have at least, what they must exceed, the edge's number.
    need, own, number = np.full(width, NEVER, np.uint8), np.empty(width), np.empty(width, np.int64)
    for e in range(start, end):
        via[e] = none
        j = np.int64(second[e]) if listed else e - base
        value = mi[e] if listed else table[e]
        if value >= 0.0 and (is_protected.shape[0] == 0 or not is_protected[e]):
            limit = raised(value, allowance)
            # The lowest level of which a value can be above the edge's limit; NEVER if there is none.
            need[j] = _n_at_most(reach, limit)
            own[j], number[j] = limit, e
    open_runs, n_open = np.empty(width // OCTETS, np.int32), 0
    for run in range(width // OCTETS):
        # Only the second answer counts, for which it does not matter what need is compared with.
        _, still = compare_octets(need, run * OCTETS, flat, 0, np.uint8(NEVER - 1))
        if still != 0:
            open_runs[n_open] = run
            n_open += 1
    # Neighbours by level.
    own_levels = np.empty(n_mediators, np.uint8)
    for m in range(n_mediators):
        own_levels[m] = flat[m * width + i] if slot.shape[0] > 0 else flat[i * width + m]
    ends = np.zeros(257, np.int64)
    for m in range(n_mediators):
        ends[own_levels[m] + 1] += 1
    for level in range(256):
        ends[level + 1] += ends[level]
    places, neighbours = ends[:256].copy(), np.empty(n_mediators, np.int32)
    for m in range(n_mediators):
        level = own_levels[m]
        neighbours[places[level]] = m
        places[level] += 1
    values = np.empty(n_mediators)
    for level in range(NEVER - 1, 0, -1):
        if n_open == 0:
            break
        n_left = 0
        for at in range(n_open):
            run = open_runs[at]
            _, still = compare_octets(need, run * OCTETS, flat, 0, np.uint8(level))
            # Edges of lower need stay open for lower levels; those of higher need have met no mediator.
            if still != 0:
                open_runs[n_left] = run
                n_left += 1
        n_open = n_left
        n = ends[level + 1] - ends[level]
        members = neighbours[ends[level] : ends[level + 1]]
        for k in range(n):
            values[k] = table[_cell(n_genes, slot, mediator_genes[members[k]], i)]
        _sort_by_value(members, values, n)
        for k in range(n):
            row, mediator = np.int64(members[k]), mediator_genes[members[k]]
            bound = values[k] * scale - shift
            for at in range(n_open):
                run = np.int64(open_runs[at])
                hits, _ = compare_octets(need, run * OCTETS, flat, row * width + run * OCTETS, np.uint8(level))
                while hits != 0:
                    j = run * OCTETS + lowest_bit(hits)
                    hits &= hits - np.uint64(1)
                    if need[j] == level and not bound > own[j]:
                        # Later neighbours are weaker still.
                        need[j] = NEVER
                        continue
                    if need[j] == flat[row * width + j]:
                        other = table[_cell(n_genes, slot, mediator, j)]
                        if not other * scale - shift > own[j]:
                            continue
                    via[number[j]] = mediator
                    need[j] = NEVER


@parallel(lambda n_genes: n_genes)
def find_in_table(
    begin, stop, table, n_genes, slot, mediator_genes, levels, reach, scale, shift, allowance,
    row_starts, second, mi, is_protected, none, via,
):  # fmt: skip
    """First mediator of each edge on a walk over its first gene's neighbours, strongest first; `none` without one.

    An edge is indirect if min(mi_ik, mi_jk) * scale - shift is above `raised(mi_ij, allowance)`. reach: float64
    (256,), what a value of each level is times scale less shift at most, minus infinity for level 0, infinity above the
    highest; levels as from `fill_levels`.
    The edges are those of the triangle itself if row_starts is empty, and via is like the table. Else row_starts: int64
    (n_genes + 1,), where each first gene's edges start; second: int32, mi: float64, is_protected: bool (n_edges,), or
    empty; via: (n_edges,).
    """
    flat, width = levels.ravel(), levels.shape[1]
    for turn in range(begin, stop):
        # Genes with many edges come first; taken from both ends in turn, every thread has its share of them.
        i = turn // 2 if turn % 2 == 0 else n_genes - 1 - turn // 2
        _find_of_gene(
            i, table, n_genes, slot, mediator_genes, flat, width, reach, scale, shift, allowance,
            row_starts, second, mi, is_protected, none, via,
        )  # fmt: skip
