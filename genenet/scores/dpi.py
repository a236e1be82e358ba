"""ARACNE's data processing inequality (DPI): which edges are indirect, and through whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genenet.kernels import dpi_lists, dpi_table
from genenet.kernels.triangle import clear_table, fill_table
from genenet.products.pairs import SMALL_TRIANGLE, Pairs, Triangle, dense_limit

# Values that the levels of a table are chosen from.
LEVEL_SAMPLE = 1 << 20
EMPTY = np.empty(0, np.int64)


@dataclass(frozen=True)
class Mediators:
    """Who makes which edge indirect.

    Attributes
    ----------
    pairs
        The edges.
    via
        Shape (n_positions,): the mediator of the edge at each position, `none` for direct ones.
    none
        The value for no mediator.
    scale, shift
        An edge is indirect if it is below the smaller MI of its mediator's edges * scale - shift.
    """

    pairs: Pairs | Triangle
    via: NDArray[Any]
    none: int
    scale: float
    shift: float

    def is_direct(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether edges at these positions have no mediator."""
        return self.via[positions] == self.none

    def at(self, positions: NDArray[np.int64]) -> NDArray[np.int32]:
        """Mediators of edges at these positions, -1 for direct ones."""
        return np.where(self.is_direct(positions), -1, self.via[positions].astype(np.int32))

    def margins(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how many bits edges are below their bound; NaN for direct ones."""
        margins = np.full(len(positions), np.nan)
        indirect = ~self.is_direct(positions)
        edges, via = self.pairs.take(positions[indirect]), self.at(positions[indirect])
        smaller = np.minimum(self.pairs.values(edges.first, via), self.pairs.values(edges.second, via))
        margins[indirect] = smaller * self.scale - self.shift - edges.mi
        return margins


def mediators(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    n_genes: int,
    *,
    tolerance: float = 0.15,
    epsilon: float | None = None,
    is_mediator: NDArray[np.bool_] | None = None,
    is_protected: NDArray[np.bool_] | None = None,
    dense: bool | None = None,
) -> Mediators:
    """Data processing inequality: edge ij is indirect if a gene k has `mi_ij < min(mi_ik, mi_jk) * (1 - tolerance)`.

    All triangles are judged on the network as given, so that the order of edges does not matter; equal values keep
    both edges. The mediator named is the first one found on a walk over the neighbours of the edge's first gene from
    the largest MI down, in gene order among equals (Margolin et al. 2006, doi:10.1186/1471-2105-7-S1-S7; with
    regulators the rule of ARACNe-AP, Lachmann et al. 2016, doi:10.1093/bioinformatics/btw216).

    Parameters
    ----------
    first, second
        Genes of each edge, shape (n_edges,), ordered by (first, second), first < second, no pair twice.
    mi
        Mutual information, any unit, shape (n_edges,); >= 0, as a pair that is no edge stands for less than any.
    n_genes
        Number of genes.
    tolerance
        Between 0 and 1.
    epsilon
        If given: `mi_ij < min(mi_ik, mi_jk) - epsilon` instead, in the unit of mi.
    is_mediator
        Genes that may mediate, shape (n_genes,); all if None.
    is_protected
        Edges that stay, shape (n_edges,).
    dense
        Look edges up in a table (True) or in sorted lists (False); the same result. None chooses by size.

    Examples
    --------
    A chain 0 - 1 - 2, in which 0 and 2 are related through 1 only:

    >>> found = mediators(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.9, 0.5, 0.8]), 3)
    >>> found.via.tolist(), found.margins(np.arange(3)).round(3).tolist()
    ([-1, 1, -1], [nan, 0.18, nan])
    """
    first, second = first.astype(np.int32), second.astype(np.int32)
    everyone = is_mediator is None
    is_mediator = np.ones(n_genes, bool) if is_mediator is None else is_mediator
    is_protected = np.empty(0, bool) if is_protected is None else is_protected
    mediator_genes = np.flatnonzero(is_mediator)
    n_cells = n_genes * (n_genes - 1) // 2 if everyone else n_genes * len(mediator_genes)
    if dense is None:
        dense = n_cells <= SMALL_TRIANGLE or len(mi) > dense_limit(n_cells)
    scale, shift = _rule(tolerance, epsilon)
    row_starts = np.searchsorted(first, np.arange(n_genes + 1, dtype=np.int32))
    via = np.empty(len(mi), np.int32)
    if dense:
        slot = EMPTY if everyone else np.where(is_mediator, np.cumsum(is_mediator) - 1, -1)
        table = np.empty(max(n_cells, 1))
        clear_table(table)
        fill_table(first, second, mi, n_genes, slot, table)
        levels, reach = _levels(table, n_genes, slot, len(mediator_genes), scale, shift)
        dpi_table.find_in_table(
            table, n_genes, slot, mediator_genes, levels, reach, scale, shift,
            row_starts, second, mi, is_protected, np.int32(-1), via,
        )  # fmt: skip
    else:
        degree = np.bincount(first[is_mediator[second]], minlength=n_genes)
        degree += np.bincount(second[is_mediator[first]], minlength=n_genes)
        starts = np.concatenate([[0], np.cumsum(degree)])
        neighbour, value = np.empty(starts[-1], np.int32), np.empty(starts[-1])
        dpi_lists.fill_lists(first, second, mi, is_mediator, starts, neighbour, value)
        dpi_lists.find_in_lists(row_starts, second, mi, is_protected, starts, neighbour, value, scale, shift, via)
    return Mediators(Pairs(first, second, mi), via, -1, scale, shift)


def triangle_mediators(triangle: Triangle, *, tolerance: float = 0.15, epsilon: float | None = None) -> Mediators:
    """The same for the edges of a triangle, where every gene may mediate."""
    scale, shift = _rule(tolerance, epsilon)
    n_genes, genes = triangle.n_genes, np.arange(triangle.n_genes)
    levels, reach = _levels(triangle.mi, n_genes, EMPTY, n_genes, scale, shift)
    # Two octets a pair, where they can number the genes.
    few = n_genes < np.iinfo(np.uint16).max
    none: Any = np.uint16(np.iinfo(np.uint16).max) if few else np.int32(-1)
    via = np.empty(len(triangle.mi), none.dtype)
    dpi_table.find_in_table(
        triangle.mi, n_genes, EMPTY, genes, levels, reach, scale, shift,
        EMPTY, np.empty(0, np.int32), np.empty(0), np.empty(0, bool), none, via,
    )  # fmt: skip
    return Mediators(triangle, via, int(none), scale, shift)


def _rule(tolerance: float, epsilon: float | None) -> tuple[float, float]:
    return (1.0 - tolerance, 0.0) if epsilon is None else (1.0, float(epsilon))


def _levels(
    table: NDArray[np.float64], n_genes: int, slot: NDArray[np.int64], n_rows: int, scale: float, shift: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Levels of all values of a table, and what a value of each level has times scale less shift at most."""
    sample = table[:: max(1, len(table) // LEVEL_SAMPLE)]
    # Finer at the top, where mediators are.
    quantiles = 1.0 - (1.0 - np.linspace(0, 1, dpi_table.MOST_STEPS + 2)[1:-1]) ** 2
    present = sample[sample >= 0]
    steps = np.unique(np.quantile(present, quantiles, method="lower")) if len(present) else np.empty(0)
    grid, reach = np.full((2, 256), np.inf)
    grid[: len(steps)] = steps
    width = -(-n_genes // dpi_table.OCTETS) * dpi_table.OCTETS
    levels = np.zeros((n_rows, width), np.uint8)
    dpi_table.fill_levels(table, n_genes, slot, grid, levels)
    reach[0] = -np.inf
    reach[1 : len(steps) + 2] = np.append(np.nextafter(steps, -np.inf), table.max(initial=0.0)) * scale - shift
    reach[len(steps) + 2 : 255] = reach[len(steps) + 1]
    return levels, reach
