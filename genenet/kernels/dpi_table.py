"""The data processing inequality: indirect edges and their mediators, found by testing the strongest neighbours first.

This module serves networks in which many pairs are edges. MI is looked up in a `genenet.kernels.triangle.PairTable`
with a row for each gene that may mediate.

A second table holds the level of each value, the value quantised to one byte: 1 + the number of values of an ascending
grid that are at most as large, or 0 where there is no edge. A mediator's row of levels is compared with the levels that
the edges of a gene need, 64 at a time; the values themselves are looked up only where both levels are equal. So every
verdict is exact, whatever the grid.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import inner
from genenet.kernels.threads import parallel
from genenet.kernels.triangle import table_cell, triangle_cell
from genenet.kernels.vectors import compare_bytes, lowest_bit

# Levels that are compared at a time; such a group of 64 is called a run.
RUN = 64
# The triangle is mirrored by squares of this many rows and columns: a square and its mirror image stay in the cache.
TILE = 64
# Sentinel, a level that no value has: it is needed where there is no edge, or where an edge has its verdict.
NEVER = np.uint8(255)
# Largest number of values in the grid: levels 1 to 254 remain beside 0 and NEVER.
MAX_GRID_VALUES = 253


class Levels(NamedTuple):
    """The level of each value of a `PairTable`."""

    rows: NDArray[np.uint8]
    """Shape (n_rows, width); the width is the number of genes, rounded up to a multiple of 64."""
    grid: NDArray[np.float64]
    """At most MAX_GRID_VALUES values in ascending order, filled up with infinity; shape (256,)."""
    reach: NDArray[np.float64]
    """Upper bound of value * factor - epsilon (see `Limits`) over the values of each level, shape (256,), ascending.

    It is minus infinity for level 0 and infinity for NEVER; levels that no value has repeat that of the highest level.
    """


@inner(inline="always")
def _n_at_most(steps, value):
    """Number of steps <= value. steps: float64 (256,), ascending; the last is infinite.

    The search has no branch that a processor could predict wrongly.
    """
    low = 0
    for half in (128, 64, 32, 16, 8, 4, 2, 1):
        low += half if steps[low + half - 1] <= value else 0
    return low


@inner(inline="always")
def _alternating(iteration, n):
    """Take indices from both ends in alternation: the rows of a triangle grow shorter, so that threads share them."""
    return iteration // 2 if iteration % 2 == 0 else n - 1 - iteration // 2


@parallel(lambda table: -(-table.n_genes // TILE) if table.is_triangle else len(table.gene_of))
def fill_levels(begin, stop, table, levels):
    """Write the level of each value of a `PairTable`, 1 + the number of values of the grid that are at most as large.

    levels: `Levels` whose rows are 0.
    """
    cells, n_genes, is_triangle, _, _ = table
    rows, grid, _ = levels
    if not is_triangle:
        for row in range(begin, stop):
            for j in range(n_genes):
                value = cells[row * n_genes + j]
                if value >= 0.0:
                    rows[row, j] = 1 + _n_at_most(grid, value)
        return
    n_tiles = (n_genes + TILE - 1) // TILE
    for iteration in range(begin, stop):
        tile = _alternating(iteration, n_tiles)
        for start in range(tile * TILE, n_genes, TILE):
            for i in range(tile * TILE, min((tile + 1) * TILE, n_genes)):
                base = triangle_cell(n_genes, i, 0)
                for j in range(max(start, i + 1), min(start + TILE, n_genes)):
                    value = cells[base + j]
                    if value >= 0.0:
                        rows[i, j] = rows[j, i] = 1 + _n_at_most(grid, value)


@inner(optimised=False)
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


@inner(optimised=False)
def _needs(i, table, edges, reach, none, via):
    """Find how strong the edges of a mediator must be, for each edge of first gene i; set their `via` to `none`.

    Returns three arrays (width,), by second gene: the lowest level that both edges of a mediator can have, NEVER
    without an edge; the limit that they must exceed; the number of the edge.
    """
    cells, n_genes, _, _, _ = table
    is_listed, row_starts, second, mi, is_protected = edges
    width = (n_genes + RUN - 1) // RUN * RUN
    need, own, number = np.full(width, NEVER, np.uint8), np.empty(width), np.empty(width, np.int64)
    base = triangle_cell(n_genes, i, 0)
    start, end = (row_starts[i], row_starts[i + 1]) if is_listed else (base + i + 1, base + n_genes)
    for e in range(start, end):
        via[e] = none
        j = np.int64(second[e]) if is_listed else e - base
        value = mi[e] if is_listed else cells[e]
        if value >= 0.0 and not (is_listed and is_protected[e]):
            # The lowest level of which a value can be above the edge's limit; NEVER if there is none.
            need[j] = _n_at_most(reach, value)
            own[j], number[j] = value, e
    return need, own, number


@inner(optimised=False)
def _keep_open(need, flat, level, runs, n_runs):
    """Keep the runs in which some edge needs at most this level, and return their number."""
    n_left = 0
    for at in range(n_runs):
        run = runs[at]
        # Only the second mask is used, which depends on need and level alone.
        _, still = compare_bytes(need, run * RUN, flat, 0, np.uint8(level))
        if still != 0:
            runs[n_left] = run
            n_left += 1
    return n_left


@inner(optimised=False)
def _by_level(i, flat, width, n_mediators, is_triangle):
    """Sort mediators by the level of their edge with gene i: level k has members[ends[k] : ends[k + 1]]."""
    levels, ends = np.empty(n_mediators, np.uint8), np.zeros(257, np.int64)
    for m in range(n_mediators):
        # The levels of a triangle are symmetric, and those of gene i lie side by side.
        levels[m] = flat[i * width + m] if is_triangle else flat[m * width + i]
        ends[levels[m] + 1] += 1
    for level in range(256):
        ends[level + 1] += ends[level]
    places, members = ends[:256].copy(), np.empty(n_mediators, np.int32)
    for m in range(n_mediators):
        members[places[levels[m]]] = m
        places[levels[m]] += 1
    return members, ends


@inner(optimised=False)
def _find_of_gene(i, table, flat, reach, edges, limits, none, via):
    """`find_in_table` for the edges of first gene i. flat: levels, row by row."""
    cells, n_genes, is_triangle, _, gene_of = table
    factor, epsilon = limits
    need, own, number = _needs(i, table, edges, reach, none, via)
    width, n_mediators = need.shape[0], gene_of.shape[0]
    runs = np.arange(width // RUN)
    n_open = _keep_open(need, flat, NEVER - 1, runs, runs.shape[0])
    if n_open == 0:
        return
    members, ends = _by_level(i, flat, width, n_mediators, is_triangle)
    values = np.empty(n_mediators)
    for level in range(NEVER - 1, 0, -1):
        # Edges that need a lower level stay open for lower levels; those that need a higher one have no mediator.
        n_open = _keep_open(need, flat, level, runs, n_open)
        if n_open == 0:
            break
        of_level = members[ends[level] : ends[level + 1]]
        n = of_level.shape[0]
        for k in range(n):
            row = np.int64(of_level[k])
            values[k] = cells[table_cell(n_genes, is_triangle, row, gene_of[row], i)]
        _sort_by_value(of_level, values, n)
        for k in range(n):
            row = np.int64(of_level[k])
            mediator, bound = gene_of[row], values[k] * factor - epsilon
            for at in range(n_open):
                run = runs[at]
                hits, _ = compare_bytes(need, run * RUN, flat, row * width + run * RUN, np.uint8(level))
                while hits != 0:
                    j = run * RUN + lowest_bit(hits)
                    hits &= hits - np.uint64(1)
                    if need[j] == level and not bound > own[j]:
                        # The edge is direct: later neighbours are weaker still.
                        need[j] = NEVER
                        continue
                    if need[j] == flat[row * width + j]:
                        other = cells[table_cell(n_genes, is_triangle, row, mediator, j)]
                        if not other * factor - epsilon > own[j]:
                            continue
                    via[number[j]] = mediator
                    need[j] = NEVER


@parallel(lambda table: table.n_genes)
def find_in_table(begin, stop, table, levels, edges, limits, none, via):
    """First mediator of each edge on a walk over its first gene's neighbours, strongest first; `none` without one.

    table: `PairTable`; levels: `Levels`, filled; edges: `genenet.kernels.dpi_edges.Edges`; limits: the `Limits` there;
    via: int32 or uint16, one for each edge, or for each cell of the triangle if the edges are those of the triangle.
    """
    flat = levels.rows.ravel()
    for iteration in range(begin, stop):
        _find_of_gene(_alternating(iteration, table.n_genes), table, flat, levels.reach, edges, limits, none, via)
