"""How far samples are below the mean pointwise mutual information of edges: scaled, added up, and the largest."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.pointwise_lanes import add_values, centred_sums, is_any_larger
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES

# Columns that a thread takes together.
COLUMNS_AT_ONCE = 64


class Deficits(NamedTuple):
    """Sums, over edges, of how far samples are below the mean of the edge.

    of_all: float64 (n_places,); of_genes: float32 (n_genes, n_places), over the edges of a gene; of_modules: float64
    (n_modules, n_places), over the edges within a module.
    """

    of_all: NDArray[np.float64]
    of_genes: NDArray[np.float32]
    of_modules: NDArray[np.float64]


class Largest(NamedTuple):
    """The largest values of each column of a table, in descending order; among equals the one of the earlier row.

    values: float32, rows: int64, both (n_largest, n_columns).
    """

    values: NDArray[np.float32]
    rows: NDArray[np.int64]


@parallel(lambda found: len(found))
def scaled_deficits(begin, stop, found):
    """Replace pointwise MI by how far it is below the pair's mean, in standard deviations over the samples.

    found: float32 (n_pairs, n_places), n_places a multiple of 16; NaN, and a pair that does not vary, become 0.
    """
    for pair in range(begin, stop):
        row = found[pair]
        n = 0
        for s in range(row.shape[0]):
            n += row[s] == row[s]  # not NaN
        mean = centred_sums(row, 0.0)[0] / n if n else 0.0
        deviation = np.sqrt(centred_sums(row, mean)[1] / n) if n else 0.0
        centre, scale = np.float32(mean), np.float32(1.0 / deviation if deviation > 0.0 else 0.0)
        for s in range(row.shape[0]):
            row[s] = (centre - row[s]) * scale if row[s] == row[s] else np.float32(0.0)


@parallel(lambda scaled: -(-scaled.shape[1] // COLUMNS_AT_ONCE))
def add_deficits(begin, stop, scaled, first, second, module, sums):
    """Add edges to sums (`Deficits`), one edge after another; threads share the samples.

    scaled: float32 (n_edges, n_places); first, second: int32, genes, module: int64, the module of both genes, or 0,
    each (n_edges,).
    """
    start, end = begin * COLUMNS_AT_ONCE, min(stop * COLUMNS_AT_ONCE, scaled.shape[1])
    for edge in range(scaled.shape[0]):
        values = scaled[edge]
        add_values(values, sums.of_all, start, end)
        add_values(values, sums.of_genes[first[edge]], start, end)
        add_values(values, sums.of_genes[second[edge]], start, end)
        add_values(values, sums.of_modules[module[edge]], start, end)


@parallel(lambda table: -(-table.shape[1] // COLUMNS_AT_ONCE))
def keep_largest(begin, stop, table, start, largest):
    """Look for the largest values of each column in more rows, of which the first has the number `start`.

    table: float32 (n_rows, n_columns), n_columns a multiple of 16; largest: `Largest` of the rows before.
    """
    values, rows = largest
    last = values.shape[0] - 1
    first_column, end = begin * COLUMNS_AT_ONCE, min(stop * COLUMNS_AT_ONCE, table.shape[1])
    for row in range(table.shape[0]):
        for left in range(first_column, end, LANES):
            if not is_any_larger(table[row], values[last], left):
                continue
            for column in range(left, min(left + LANES, end)):
                value, place = table[row, column], last
                if value > values[last, column]:
                    while place > 0 and value > values[place - 1, column]:
                        values[place, column], rows[place, column] = values[place - 1, column], rows[place - 1, column]
                        place -= 1
                    values[place, column], rows[place, column] = value, start + row
