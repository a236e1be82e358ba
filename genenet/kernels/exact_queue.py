"""Pairs that wait for their exact MI until there are 16 of them, since 16 are computed at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import exact_lanes
from genenet.kernels.jit import inner
from genenet.kernels.vectors import LANES


class Queue(NamedTuple):
    """Pairs that wait for their exact MI.

    counts: int32, joint counts, one cell of 16 pairs after another; row_margins, column_margins: int32 (n_bins, 16);
    row_entropies, column_entropies: float64 (16,); cells: int64 (16, 2), where the MI of each pair is written to;
    mi: float64 (16,), a buffer.
    """

    counts: NDArray[np.int32]
    row_margins: NDArray[np.int32]
    column_margins: NDArray[np.int32]
    row_entropies: NDArray[np.float64]
    column_entropies: NDArray[np.float64]
    cells: NDArray[np.int64]
    mi: NDArray[np.float64]


@inner(optimised=False)
def new_queue(n_counts, n_bins):
    """Allocate a queue. n_counts: number of joint counts of 16 pairs."""
    return Queue(
        np.empty(n_counts, np.int32),
        np.empty((n_bins, LANES), np.int32),
        np.empty((n_bins, LANES), np.int32),
        np.empty(LANES),
        np.empty(LANES),
        np.empty((LANES, 2), np.int64),
        np.empty(LANES),
    )


@inner(optimised=False, forceinline=True)
def enqueue(queue, place, counts, lane, row_margins, column_margins, row_entropy, column_entropy):
    """Put the pair of a row gene and the gene in this lane of a tile into one place of the queue."""
    for cell in range(0, counts.shape[0], LANES):
        queue.counts[cell + place] = counts[cell + lane]
    for b in range(row_margins.shape[0]):
        queue.row_margins[b, place] = row_margins[b]
        queue.column_margins[b, place] = column_margins[b, lane]
    queue.row_entropies[place], queue.column_entropies[place] = row_entropy, column_entropy


@inner(optimised=False, forceinline=True)
def compute_queue(queue, n_waiting, stride, scale, exact_mi):
    """Write the exact MI of the pairs that wait."""
    exact_lanes(
        queue.counts, stride, queue.row_margins.shape[0], queue.row_margins, queue.column_margins, scale,
        queue.row_entropies, queue.column_entropies, queue.mi, 0,
    )  # fmt: skip
    for w in range(n_waiting):
        exact_mi[queue.cells[w, 0], queue.cells[w, 1]] = queue.mi[w]
