"""Joint counts of one row gene with a tile of 16 column genes, as exact integers."""

from numba import types

from genenet.kernels.jit import chosen_by_type
from genenet.kernels.vectors import LANES, count_bits, count_weights


def count(packed, row, tile, first_word, last_word, counts, start):
    """Joint counts of one row gene with one tile of 16 column genes, over a range of the samples.

    packed: `genenet.kernels.packing.Packed`; row, tile: indices into its arrays; first_word, last_word: the range, in
    words of the samples. counts: int32, one cell of 16 genes after another, from `start` on: overwritten by the range
    that starts at word 0, added to by later ones. Compiled for the type of the words: int32 holds the weights of four
    samples, uint64 the bits of 64.
    """


def _count_weights(packed, row, tile, first_word, last_word, counts, start):
    rows, tiles, row_planes, column_planes = packed.rows, packed.tiles, packed.row_planes, packed.column_planes
    n_words, planes_x, planes_y = tiles.shape[1], rows.shape[1], tiles.shape[2]
    stride = planes_y * LANES
    row_start, tile_start = row * planes_x * n_words + first_word, (tile * n_words + first_word) * stride
    n, add = last_word - first_word, first_word > 0
    for r in range(0, planes_x, row_planes.ndim):
        for c in range(0, planes_y, column_planes.ndim):
            x, y, at = row_start + r * n_words, tile_start + c * LANES, start + r * stride + c * LANES
            count_weights(rows, x, n_words, tiles, y, stride, n, row_planes, column_planes, counts, at, stride, add)


def _count_bits(packed, row, tile, first_word, last_word, counts, start):
    rows, tiles, row_planes = packed.rows, packed.tiles, packed.row_planes
    n_words, planes_x, planes_y = tiles.shape[1], rows.shape[1], tiles.shape[2]
    stride = planes_y * LANES
    row_start, tile_start = row * planes_x * n_words + first_word, (tile * n_words + first_word) * stride
    n, add = last_word - first_word, first_word > 0
    for r in range(0, planes_x, row_planes.ndim):
        for c in range(planes_y):
            x, y, at = row_start + r * n_words, tile_start + c * LANES, start + r * stride + c * LANES
            count_bits(rows, x, n_words, tiles, y, stride, n, row_planes, counts, at, stride, add)


@chosen_by_type(count)
def _count(packed, row, tile, first_word, last_word, counts, start):
    return _count_bits if packed[0].dtype == types.uint64 else _count_weights
