"""Weights laid out for the vector kernels: several samples a word, whole tiles of planes, 16 genes side by side."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LANES = 16
# Planes of the row and of the column gene that one run over the samples can count: what 32 vector registers hold.
TILES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 3), (7, 4), (9, 3))


# The same for hard bins packed as bits: rows, one column at a time.
BIT_ROWS = (1, 2, 3, 4, 5, 7, 9)


class Packed(NamedTuple):
    """Weights of the first n_bins - 1 bins; the last bin follows from the margins.

    x: int32 (n_genes, planes of a whole number of tiles, n_steps), four samples a word, or uint64, 64 samples a word;
    y: the same (n_groups, n_steps, planes likewise, 16).
    tile_x, tile_y: empty arrays, whose numbers of dimensions are the numbers of planes of x and of y counted in one go:
    one of TILES, or of BIT_ROWS and 1.
    """

    x: NDArray[np.int32] | NDArray[np.uint64]
    y: NDArray[np.int32] | NDArray[np.uint64]
    tile_x: NDArray[np.uint8]
    tile_y: NDArray[np.uint8]

    @property
    def tile(self) -> tuple[int, int]:
        """Numbers of planes of x and of y counted in one go."""
        return self.tile_x.ndim, self.tile_y.ndim


def tile_shape(n_planes: int) -> tuple[int, int]:
    """Planes of the row and of the column gene to count in one go: little is padded, much stays in registers.

    Examples
    --------
    >>> tile_shape(5)
    (5, 5)
    >>> tile_shape(9)
    (9, 3)
    """

    def cost(tile: tuple[int, int]) -> float:
        rows, columns = tile
        padded = -(-n_planes // rows) * rows * -(-n_planes // columns) * columns
        loads = (rows + columns) / (rows * columns)
        return padded * (1 + loads)

    return min(TILES, key=cost)


def pack(weights: NDArray[np.uint8]) -> Packed:
    """Pack weights, uint8 (n_genes, n_bins, n_samples), each at most 127."""
    n_genes, n_bins, n_samples = weights.shape
    rows, columns = tile_shape(n_bins - 1)
    n_steps = -(-n_samples // 4)
    inner = weights[:, : n_bins - 1]

    def padded(n_genes_padded: int, tile: int) -> NDArray[np.int32]:
        n_planes = -(-(n_bins - 1) // tile) * tile
        room = np.zeros((n_genes_padded, n_planes, n_steps * 4), np.uint8)
        room[:n_genes, : n_bins - 1, :n_samples] = inner
        return room.view(np.int32)

    n_groups = -(-n_genes // LANES)
    words = padded(n_groups * LANES, columns)
    y = words.reshape(n_groups, LANES, words.shape[1], n_steps).transpose(0, 3, 2, 1)
    return Packed(padded(n_genes, rows), np.ascontiguousarray(y), _dimensions(rows), _dimensions(columns))


def pack_bits(weights: NDArray[np.uint8]) -> Packed:
    """Pack hard bins, uint8 (n_genes, n_bins, n_samples) of 0 and 1, as bits."""
    n_genes, n_bins, n_samples = weights.shape
    n_planes = n_bins - 1
    # Little is padded, and a word of the column gene serves many rows.
    rows = min(BIT_ROWS, key=lambda rows: -(-n_planes // rows) * (rows + 0.3))
    n_steps = -(-n_samples // 64)
    n_groups = -(-n_genes // LANES)
    bits = np.zeros((n_groups * LANES, -(-n_planes // rows) * rows, n_steps * 8), np.uint8)
    packed = np.packbits(weights[:, :n_planes], axis=2, bitorder="little")
    bits[:n_genes, :n_planes, : packed.shape[2]] = packed
    words = bits.view("<u8")
    y = words[:, :n_planes].reshape(n_groups, LANES, n_planes, n_steps).transpose(0, 3, 2, 1)
    return Packed(words[:n_genes], np.ascontiguousarray(y), _dimensions(rows), _dimensions(1))


def _dimensions(number: int) -> NDArray[np.uint8]:
    return np.empty((0,) * number, np.uint8)


def in_lanes(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Per-gene values (n_genes, ...) with 16 genes side by side: (n_groups, ..., 16), zeros for the genes that fill up.

    Examples
    --------
    >>> in_lanes(np.arange(20.0)).shape, in_lanes(np.ones((20, 3)))[1, 2, :6].tolist()
    ((2, 16), [1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    """
    n_groups = -(-len(values) // LANES)
    room = np.zeros((n_groups * LANES, *values.shape[1:]), values.dtype)
    room[: len(values)] = values
    return np.ascontiguousarray(np.moveaxis(room.reshape(n_groups, LANES, *values.shape[1:]), 1, -1))
