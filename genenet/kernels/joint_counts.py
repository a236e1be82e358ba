"""Joint counts of one gene with 16 others at once, exact integers."""

from numba import types
from numba.extending import overload

from genenet.kernels.vectors import count_bits, count_tile

LANES = 16


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
