"""Compile the kernels of a run with default settings, in a process beside that of the run.

numba compiles one function at a time in a process. A process that starts with the first run on a machine takes half of
the work: the run compiles the kernels in the order in which it needs them, this process in the opposite order, and
`genenet.kernels.cache` lets each of them load what the other has compiled.

Run as `python -m genenet.kernels.first_run PROCESS`; it ends when the process with this number, its parent, has
ended.
"""

import gc
import os
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numba
import numpy as np

from genenet.kernels import (
    clr,
    correlation,
    deficits,
    dpi_lists,
    dpi_table,
    draws,
    largest,
    pearson3,
    pointwise,
    precision,
    ranks,
    screen,
    shuffling,
    survivors,
    triangle,
    weights,
    windows,
)
from genenet.kernels.dpi_edges import Edges, Limits
from genenet.kernels.packing import Genes, GeneTable, Packed
from genenet.kernels.triangle import PairTable

Kernel = tuple[Any, tuple[Any, ...]]

POLL_SECONDS = 0.2

FLAGS = np.zeros(1, np.bool_)
LEVELS = np.zeros(1, np.uint8)
GENES = np.zeros(1, np.int32)
PLACES = np.zeros(1, np.int64)
COUNTS = np.zeros((1, 1), np.int64)
VALUES = np.zeros(1)
MATRIX = np.zeros((1, 1))
WORDS = np.zeros((1, 1), np.uint32)
WEIGHTS = np.zeros((1, 1, 1), np.uint8)
LEVELS_OF_GENES, WINDOWS = np.zeros((1, 1), np.uint8), np.zeros((1, 1, 1, 1), np.uint8)
SINGLES = np.zeros((1, 1), np.float32)
PACKED = Packed(*(np.zeros((1,) * n, kind) for n, kind in ((3, np.int32), (4, np.int32), (5, np.uint8), (5, np.uint8))))
OF_GENES = Genes(
    GeneTable(np.zeros((1, 1), np.int32), VALUES, MATRIX, np.zeros((1, 1), np.float32)),
    GeneTable(np.zeros((1, 1, 1), np.int32), MATRIX, np.zeros((1, 1, 1)), np.zeros((1, 1, 1), np.float32)),
    1.0,
)
DRAWN = draws.Drawn(WEIGHTS, PLACES, OF_GENES, PLACES, np.uint64(1), PACKED.row_planes, PACKED.column_planes)
STRIPE = screen.Stripe(PLACES, 0, np.zeros((1, 1), np.float32), MATRIX, np.zeros((1, 1), np.int32))
ROLES = survivors.Roles(FLAGS, FLAGS)
BOUND = pearson3.PivotBound(MATRIX, VALUES, 1.0)
TABLE = PairTable(VALUES, 1, True, PLACES, PLACES)
DPI_LEVELS = dpi_table.Levels(np.zeros((1, 1), np.uint8), VALUES, VALUES)


def kernels() -> list[Kernel]:
    """Kernels that a run with default settings calls, in its order, each with arguments of the right types.

    Loops that are shared among threads come without the two arguments that are their bounds.
    """
    return [*_of_pairs(), *_of_significance(), *_of_pruning()]


def _of_pairs() -> list[Kernel]:
    """From discretising to the pairs that survive."""
    return [
        (ranks._make_keys, (MATRIX, 1, WORDS)),
        (ranks._rank_by_keys, (MATRIX, WORDS, 1, MATRIX, FLAGS)),
        (weights.z_scores, (MATRIX, MATRIX)),
        (weights.spline_weights, (MATRIX, 1, 1, WEIGHTS)),
        (weights.margins, (WEIGHTS, COUNTS)),
        (weights.margin_moments, (WEIGHTS, COUNTS, 1, MATRIX)),
        (weights.entropies, (COUNTS,)),
        (draws.choose, (np.uint64(1), 1, 1, 1, PLACES, PLACES)),
        (draws.draw_null, (DRAWN, draws.Streams(PLACES, PLACES, PLACES), draws.EVERY_DRAW, MATRIX)),
        (pearson3.pearson3_tails, (VALUES, VALUES, VALUES)),
        (pearson3.log, (1.0,)),
        (screen.screen_rows, (PACKED, OF_GENES, np.zeros(1, np.float32), screen.ALL_REACHED, PLACES, STRIPE)),
        (survivors.gather_rows, (STRIPE, ROLES, COUNTS, PLACES, GENES)),
        (survivors.gather_columns, (STRIPE, ROLES, COUNTS)),
        (
            survivors.collect_rows,
            (STRIPE, ROLES, BOUND, PLACES, survivors.PairArrays(GENES, GENES, VALUES), PLACES),
        ),
        (shuffling.permute_samples, (WEIGHTS, np.uint64(1), WEIGHTS)),
    ]


def _of_significance() -> list[Kernel]:
    """From MI to p-values."""
    extrapolation = pearson3.Extrapolation(True, 1.0, 1.0, 1.0, 1.0, 1)
    return [
        (triangle.is_ordered, (GENES, GENES)),
        (pearson3._standardise, (VALUES, GENES, GENES, MATRIX, VALUES, VALUES)),
        (pearson3.find_classes, (VALUES, VALUES, PLACES, extrapolation, GENES)),
        (pearson3.class_pvalues, (GENES, 1, 1.0, 1, 1.0, VALUES)),
        (pearson3.are_extreme, (VALUES, GENES, GENES, BOUND, FLAGS)),
        (clr.clr_scores, (GENES, GENES, VALUES, VALUES, VALUES, 1, VALUES)),
    ]


def _of_pruning() -> list[Kernel]:
    """DPI, the scores of the edges, and what is computed of the edges that are kept."""
    edges = Edges(True, PLACES, GENES, VALUES, FLAGS)
    return [
        (triangle.clear_table, (VALUES,)),
        (triangle.fill_table, (GENES, GENES, VALUES, TABLE)),
        (dpi_table.fill_levels, (TABLE, DPI_LEVELS)),
        (dpi_table.find_in_table, (TABLE, DPI_LEVELS, edges, Limits(1.0, 1.0), np.int32(1), GENES)),
        (precision.largest_squared_norm, (MATRIX,)),
        (precision._factor_panel, (MATRIX, 1, 1)),
        (precision._solve_panel, (MATRIX, 1, 1)),
        (precision._subtract_panel, (MATRIX, 1, 1, MATRIX)),
        (precision.solve_lower, (MATRIX, MATRIX)),
        (precision.normalise_rows, (MATRIX,)),
        (precision.add_absolute, (MATRIX, PLACES, 1, FLAGS, FLAGS, VALUES, PLACES)),
        (precision.dots, (MATRIX, GENES, GENES, VALUES)),
        (largest.count_classes, (PLACES, FLAGS, COUNTS)),
        (largest.sort_out, (PLACES, FLAGS, PLACES, LEVELS)),
        (dpi_lists.edge_values, (PLACES, GENES, VALUES, GENES, GENES, VALUES)),
        (correlation._correlations, (MATRIX, PLACES, 1, GENES, VALUES)),
        (windows.find_windows, (WEIGHTS, LEVELS_OF_GENES, PLACES)),
        (windows.fill_windows, (WEIGHTS, 1, LEVELS_OF_GENES, WINDOWS)),
        (pointwise.leave_one_out, (WEIGHTS, windows.Windows(WINDOWS, LEVELS_OF_GENES), 1, GENES, GENES, SINGLES)),
        (deficits.scaled_deficits, (SINGLES,)),
        (deficits.add_deficits, (SINGLES, GENES, GENES, PLACES, deficits.Deficits(VALUES, SINGLES, MATRIX))),
        (deficits.keep_largest, (SINGLES, 1, deficits.Largest(SINGLES, COUNTS))),
    ]


def signature(kernel: Any, arguments: Iterable[Any]) -> tuple[Any, tuple[Any, ...]]:
    """Give numba's dispatcher of a kernel and the types that it is compiled for."""
    types = tuple(map(numba.typeof, arguments))
    if hasattr(kernel, "kernel"):
        return kernel.kernel, (numba.int64, numba.int64, *types)
    return kernel, types


def compile_all() -> None:
    """Compile all kernels, the last one first; their files then say by their time that this was done."""
    dispatchers = []
    for kernel, arguments in reversed(kernels()):
        dispatcher, types = signature(kernel, arguments)
        with suppress(Exception):  # the run that needs it compiles it, and says what is wrong
            dispatcher.compile(types)
            dispatchers.append(dispatcher)
    for dispatcher in dispatchers:
        # numba goes by the content of the sources, which may be the same in newer files.
        with suppress(OSError):
            os.utime(dispatcher._cache._cache_file._index_path)


def _end_with(parent: int) -> None:
    """End this process when its parent has ended, however that happened."""
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    gc.disable()  # numba makes many objects that stay
    threading.Thread(target=_end_with, args=[int(sys.argv[1])], daemon=True).start()
    with suppress(KeyboardInterrupt):
        compile_all()
