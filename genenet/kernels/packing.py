"""Layout of genes for the vector kernels: several samples in a word, and 16 genes side by side in a tile.

A *plane* is one bin of a gene: its weight in every sample. The last bin of a gene follows from the others and is left
out. A *tile* is 16 genes whose words are interleaved, so that one vector register holds the same samples of all 16.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import share
from genenet.kernels.vectors import LANES

Scalar = TypeVar("Scalar", bound=np.generic)

# Planes of the row gene and of the column genes whose joint counts stay in 32 vector registers during one pass over the
# samples.
REGISTER_BLOCKS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 3), (7, 4), (9, 3))
# The same for hard bins packed as bits: planes of the row gene, with one plane of the column genes at a time.
BIT_ROWS = (1, 2, 3, 4, 5, 7, 9)


class Packed(NamedTuple):
    """Weights of the first n_bins - 1 bins of all genes, in the two layouts of the kernels.

    rows: for a row gene, shape (n_genes, n_planes, n_words); tiles: for the column genes, shape (n_tiles, n_words,
    n_planes, 16). Words are int32 with the weights of four samples, or, of hard bins, uint64 with the bits of 64.
    n_planes is padded with planes of zeros to a multiple of the register block.

    row_planes, column_planes: how many planes of the row gene and of the column genes are counted in one pass over the
    samples (one of REGISTER_BLOCKS, or of BIT_ROWS and 1). Numba specialises on types, not on values: to make these
    numbers compile-time constants, each is encoded as the *ndim* of an empty array.
    """

    rows: NDArray[np.int32] | NDArray[np.uint64]
    tiles: NDArray[np.int32] | NDArray[np.uint64]
    row_planes: NDArray[np.uint8]
    column_planes: NDArray[np.uint8]

    @property
    def register_block(self) -> tuple[int, int]:
        """Numbers of planes of the row gene and of the column genes that are counted in one pass."""
        return self.row_planes.ndim, self.column_planes.ndim


class GeneTable(NamedTuple):
    """Quantities of each gene that the kernels use beside its weights: one array for each.

    As `Genes.rows` the first axis is the gene. As `Genes.tiles` the first axis is the tile and 16 genes are the last
    axis (see `in_tiles`).

    margins: int32 (n_genes, n_bins), sums of a pair's joint counts over the other gene's bins.
    entropies: float64 (n_genes,), bits.
    null_factors: float64 (n_genes, 3); a pair's null mean and standard deviation (bits) and skewness are the products
    of its two genes' factors.
    screen_factors: float32 (n_genes, 4), entropy and null_factors for the float32 screen.
    """

    margins: NDArray[np.int32]
    entropies: NDArray[np.float64]
    null_factors: NDArray[np.float64]
    screen_factors: NDArray[np.float32]


class Genes(NamedTuple):
    """The same table of all genes twice: gene by gene for row genes, and by tiles for column genes.

    scale: 1 / sum of the joint counts of any pair.
    """

    rows: GeneTable
    tiles: GeneTable
    scale: float


def gene_tables(
    margins: NDArray[np.int64], entropies: NDArray[np.float64], null_factors: NDArray[np.float64], total: int
) -> Genes:
    """Make the tables of genes for the kernels; total: sum of the joint counts of any pair."""
    screen_factors = np.column_stack([entropies, null_factors]).astype(np.float32)
    rows = GeneTable(margins.astype(np.int32), entropies, null_factors, screen_factors)
    tiles = GeneTable(*map(in_tiles, rows))  # type: ignore[arg-type]
    return Genes(rows, tiles, 1.0 / total)


def register_block(n_planes: int) -> tuple[int, int]:
    """Choose how many planes of the row gene and of the column genes are counted in one pass over the samples.

    Large blocks load less, but planes are padded to a multiple of the block; the block with the least work is taken.

    Examples
    --------
    >>> register_block(5)
    (5, 5)
    >>> register_block(9)
    (9, 3)
    """

    def cost(block: tuple[int, int]) -> float:
        rows, columns = block
        padded = -(-n_planes // rows) * rows * -(-n_planes // columns) * columns
        loads = (rows + columns) / (rows * columns)
        return padded * (1 + loads)

    return min(REGISTER_BLOCKS, key=cost)


def pack(weights: NDArray[np.uint8]) -> Packed:
    """Pack weights, uint8 (n_genes, n_bins, n_samples), each at most 127: four samples in a word."""
    n_genes, n_bins, n_samples = weights.shape
    rows, columns = register_block(n_bins - 1)
    n_words, n_tiles = -(-n_samples // 4), -(-n_genes // LANES)

    def n_planes(block: int) -> int:
        return -(-(n_bins - 1) // block) * block

    def padded(block: int) -> NDArray[np.int32]:
        planes = np.zeros((n_tiles * LANES, n_planes(block), n_words * 4), np.uint8)

        def copy(start: int, end: int) -> None:
            planes[start:end, : n_bins - 1, :n_samples] = weights[start:end, : n_bins - 1]

        share(n_genes, copy)
        return planes.view(np.int32)

    of_rows = padded(rows)
    of_columns = of_rows if n_planes(rows) == n_planes(columns) else padded(columns)
    tiles = np.empty((n_tiles, n_words, of_columns.shape[1], LANES), np.int32)
    by_tile = of_columns.reshape(n_tiles, LANES, of_columns.shape[1], n_words)

    def interleave(start: int, end: int) -> None:
        tiles[start:end] = by_tile[start:end].transpose(0, 3, 2, 1)

    share(n_tiles, interleave)
    return Packed(of_rows[:n_genes], tiles, dimensions(rows), dimensions(columns))


def pack_bits(weights: NDArray[np.uint8]) -> Packed:
    """Pack hard bins, uint8 (n_genes, n_bins, n_samples) of 0 and 1: 64 samples in a word."""
    n_genes, n_bins, n_samples = weights.shape
    n_planes = n_bins - 1
    # Few padded planes, and few loads of the column genes' words: 0.3 is the cost of a load relative to a count.
    rows = min(BIT_ROWS, key=lambda rows: -(-n_planes // rows) * (rows + 0.3))
    n_words = -(-n_samples // 64)
    n_tiles = -(-n_genes // LANES)
    bits = np.zeros((n_tiles * LANES, -(-n_planes // rows) * rows, n_words * 8), np.uint8)
    packed = np.packbits(weights[:, :n_planes], axis=2, bitorder="little")
    bits[:n_genes, :n_planes, : packed.shape[2]] = packed
    words = bits.view("<u8")
    tiles = words[:, :n_planes].reshape(n_tiles, LANES, n_planes, n_words).transpose(0, 3, 2, 1)
    return Packed(words[:n_genes], np.ascontiguousarray(tiles), dimensions(rows), dimensions(1))


def dimensions(number: int) -> NDArray[np.uint8]:
    """Encode a number as that of the dimensions of an empty array (see `Packed`)."""
    return np.empty((0,) * number, np.uint8)


def in_tiles(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """Lay out per-gene values (n_genes, ...) with 16 genes side by side: (n_tiles, ..., 16), the last tile padded by 0.

    Examples
    --------
    >>> in_tiles(np.arange(20.0)).shape, in_tiles(np.ones((20, 3)))[1, 2, :6].tolist()
    ((2, 16), [1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    """
    n_tiles = -(-len(values) // LANES)
    padded = np.zeros((n_tiles * LANES, *values.shape[1:]), values.dtype)
    padded[: len(values)] = values
    return np.ascontiguousarray(np.moveaxis(padded.reshape(n_tiles, LANES, *values.shape[1:]), 1, -1))
