"""The pass over all pairs for matrices that are mostly zeros.

With w = common + excess (see `genenet.kernels.sparse_weights`) a pair's joint count of two bins is

    n * common_a * common_b + common_a * sum(excess_b) + sum(excess_a) * common_b + sum(excess_a * excess_b),

and the last sum runs over the samples in which neither gene is 0: with 8 % of values that are not 0 less than one
sample in a hundred. The row gene's own samples are gone through; each has a list of the genes that are not 0 in it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.entropy_lanes import screen_lanes
from genenet.kernels.exact_queue import compute_queue, enqueue, new_queue
from genenet.kernels.jit import inner
from genenet.kernels.packing import dimensions
from genenet.kernels.sparse_weights import ByGene, BySample, by_sample
from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES, add_products, lowest_bit, outer_lanes


class SparseGenes(NamedTuple):
    """Weights of all genes, and what the joint counts need to know of each.

    common, sums: int64 (n_genes, n_planes), common weights, and sums of the excess over them; n_cells: see
    `outer_lanes`; planes: an empty array whose number of dimensions is n_planes, to make it a compile-time constant.
    """

    by_gene: ByGene
    common: NDArray[np.int64]
    sums: NDArray[np.int64]
    n_samples: int
    n_cells: int
    planes: NDArray[np.uint8]


class SparsePacked(NamedTuple):
    """The same, with the weights sample by sample beside them."""

    genes: SparseGenes
    lists: BySample


def sparse_genes(weights: ByGene, n_samples: int, margins: NDArray[np.int64]) -> SparseGenes:
    """Prepare weights for the kernels; margins: int64 (n_genes, n_bins), their sums over all samples."""
    n_planes = weights.own.shape[1] - 1
    common = weights.common[:, :n_planes].astype(np.int64)
    sums = margins[:, :n_planes] - n_samples * common
    return SparseGenes(weights, common, sums, n_samples, outer_lanes(n_planes), dimensions(n_planes))


def pack_sparse(weights: ByGene, n_samples: int, margins: NDArray[np.int64]) -> SparsePacked:
    """Prepare weights for the pass over all pairs."""
    return SparsePacked(sparse_genes(weights, n_samples, margins), by_sample(weights, n_samples))


@inner()
def _from(genes, first, last, gene):
    """First place between first and last of ascending genes that is not before this gene."""
    while first < last:
        middle = (first + last) // 2
        if genes[middle] < gene:
            first = middle + 1
        else:
            last = middle
    return first


@inner()
def _add_row(packed, lists, i, first_gene, x, cells):
    """Sum of excess products of row gene i with all genes from first_gene on, into cells, int32 flat."""
    starts, samples, own, common = packed.by_gene
    sample_starts, genes, excess = lists
    n_planes = packed.planes.ndim
    cells[first_gene * packed.n_cells :] = 0
    for k in range(starts[i], starts[i + 1]):
        sample = samples[k]
        first = _from(genes, sample_starts[sample], sample_starts[sample + 1], first_gene)
        for a in range(n_planes):
            value = np.int16(own[k, a]) - np.int16(common[i, a])
            for b in range(n_planes):
                x[a * n_planes + b] = value
        add_products(genes, excess, first, sample_starts[sample + 1], x, packed.planes, cells)


@inner()
def _in_lanes(packed, i, first, cells, counts):
    """Joint counts of row gene i with the 16 genes from `first` on, in the layout of `screen_lanes`."""
    n_planes, common, sums = packed.planes.ndim, packed.common, packed.sums
    for lane in range(LANES):
        j = first + lane
        if j < common.shape[0]:
            for a in range(n_planes):
                alone = packed.n_samples * common[i, a] + sums[i, a]
                for b in range(n_planes):
                    cell = a * n_planes + b
                    count = alone * common[j, b] + common[i, a] * sums[j, b] + cells[j * packed.n_cells + cell]
                    counts[cell * LANES + lane] = count


@inner()
def _screen_row(packed, lists, genes, threshold, stripe, k, cells, x, counts):
    """`screen_sparse_rows` for one row."""
    i, screen, width, first_tile = stripe.rows[k], stripe.mi.ravel(), stripe.mi.shape[1], stripe.first_tile
    exact_mi, masks, scale, single = stripe.exact_mi, stripe.masks, genes.scale, np.float32(genes.scale)
    row_margins, row_entropy, row_factors = genes.rows.margins[i], genes.rows.entropies[i], genes.rows.screen_factors[i]
    margins, entropies, factors = genes.tiles.margins, genes.tiles.entropies, genes.tiles.screen_factors
    n_bins, stride = row_margins.shape[0], packed.planes.ndim * LANES
    _add_row(packed, lists, i, first_tile * LANES, x, cells)
    queue, n_waiting = new_queue(counts.shape[0], n_bins), 0
    for tile in range(first_tile, masks.shape[1]):
        _in_lanes(packed, i, tile * LANES, cells, counts)
        mask = screen_lanes(
            counts, stride, n_bins, row_margins, margins[tile], single, row_factors, factors[tile],
            threshold, screen, k * width + tile * LANES,
        )  # fmt: skip
        masks[k, tile] = mask
        while mask != 0:
            lane = lowest_bit(mask)
            mask &= mask - np.int32(1)
            enqueue(queue, n_waiting, counts, lane, row_margins, margins[tile], row_entropy, entropies[tile, lane])
            queue.cells[n_waiting, 0], queue.cells[n_waiting, 1] = k, tile * LANES + lane
            n_waiting += 1
            if n_waiting == LANES:
                compute_queue(queue, n_waiting, stride, scale, exact_mi)
                n_waiting = 0
    if n_waiting > 0:
        compute_queue(queue, n_waiting, stride, scale, exact_mi)


@parallel(lambda stripe: len(stripe.rows))
def screen_sparse_rows(begin, stop, packed, genes, threshold, stripe):
    """Compute the MI of a stripe of row genes, as `genenet.kernels.screen.screen_rows` does. packed: `SparsePacked`."""
    own, lists = packed
    n_planes = own.planes.ndim
    cells = np.zeros(stripe.mi.shape[1] * own.n_cells, np.int32)
    x, counts = np.zeros(own.n_cells, np.int16), np.zeros(n_planes * n_planes * LANES, np.int32)
    for k in range(begin, stop):
        _screen_row(own, lists, genes, threshold, stripe, k, cells, x, counts)
