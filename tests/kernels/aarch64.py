"""Kernels as one C function, whose LLVM code `test_aarch64` also compiles for AArch64."""

import numpy as np
from numba import carray, cfunc, types

from genenet.kernels.entropy_lanes import exact_lanes, screen_lanes
from genenet.kernels.vectors import LANES, add_products, count_bits, count_weights, outer_lanes

PLANES, WORDS, ENTRIES = 5, 40, 60
FIVE = np.empty((0,) * PLANES, np.uint8)
STRIDE, CELLS, WIDTH = PLANES * LANES, PLANES * PLANES * LANES, outer_lanes(PLANES)
TOTAL = 127 * 127 * WORDS * 4
N_INPUTS = 9
RESULTS = (CELLS * 4, CELLS * 4, LANES * WIDTH * 4, LANES * 8, LANES * 4 + 4)
"""Bytes of each result: joint counts of soft and of hard bins, products of sparse entries, MI, MI of the screen."""


def inputs() -> list[np.ndarray]:
    """Weights of samples that add up to 127, entries of a sparse matrix, margins and entropies."""
    rng = np.random.default_rng(6)
    shares = rng.dirichlet(np.ones(PLANES + 1), size=1 + LANES)
    # Samples are of three kinds, which relates the genes.
    weights = np.array([[rng.multinomial(127, np.roll(p, s % 3)) for s in range(WORDS * 4)] for p in shares], np.uint8)
    planes = np.ascontiguousarray(weights[:, :, :PLANES].transpose(0, 2, 1)).view(np.int32)
    excess = np.zeros(ENTRIES * PLANES + 64, np.int8)
    excess[: ENTRIES * PLANES] = rng.integers(-127, 128, ENTRIES * PLANES)
    x = np.zeros(WIDTH, np.int16)
    x[: PLANES * PLANES] = np.repeat(rng.integers(-127, 128, PLANES), PLANES)
    margins = (weights.astype(np.int64).sum(axis=1) * 127).astype(np.int32)
    p = margins / TOTAL
    entropies = -(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=1)
    factors = np.column_stack([entropies, *np.full((3, 1 + LANES), 0.1)]).astype(np.float32)
    arrays = [
        planes[0], planes[1:].transpose(2, 1, 0), rng.integers(0, LANES, ENTRIES).astype(np.int32), excess, x,
        np.concatenate([margins[0], np.repeat(margins[0], LANES), margins[1:].T.ravel()]),
        np.concatenate([np.repeat(entropies[0], LANES), entropies[1:]]),
        np.vstack([factors[:1], factors[1:].T.reshape(-1, 4)]), np.array([0.1, 0.2, 1.5], np.float32),
    ]  # fmt: skip
    return [np.ascontiguousarray(array) for array in arrays]


@cfunc(types.void(*[types.voidptr] * (N_INPUTS + len(RESULTS))))
def run(rows, columns, genes, excess, x, margins, entropies, factors, threshold, weights, bits, products, mi, screen):
    """Run all kernels once."""
    words, words64 = PLANES * WORDS, PLANES * WORDS // 2
    counts = carray(weights, CELLS, np.int32)
    rows32, columns32 = carray(rows, words, np.int32), carray(columns, words * LANES, np.int32)
    count_weights(rows32, 0, WORDS, columns32, 0, STRIDE, WORDS, FIVE, FIVE, counts, 0, STRIDE, False)
    of_bits, n = carray(bits, CELLS, np.int32), WORDS // 2
    rows64, columns64 = carray(rows, words64, np.uint64), carray(columns, words64 * LANES, np.uint64)
    for c in range(PLANES):
        count_bits(rows64, 0, n, columns64, c * LANES, STRIDE, n, FIVE, of_bits, c * LANES, STRIDE, False)
    lists, cells = carray(excess, ENTRIES * PLANES + 64, np.int8), carray(products, LANES * WIDTH, np.int32)
    own = carray(x, WIDTH, np.int16)
    add_products(carray(genes, ENTRIES, np.int32), lists, 0, ENTRIES, own, FIVE, cells)
    n_bins = PLANES + 1
    table = carray(margins, n_bins * (2 * LANES + 1), np.int32)
    row, in_lanes, column = table[:n_bins], table[n_bins : n_bins * (LANES + 1)], table[n_bins * (LANES + 1) :]
    of_genes, found = carray(entropies, 2 * LANES, np.float64), carray(mi, LANES, np.float64)
    exact_lanes(counts, STRIDE, n_bins, in_lanes, column, 1.0 / TOTAL, of_genes[:LANES], of_genes[LANES:], found, 0)
    single, out = carray(factors, 4 * (LANES + 1), np.float32), carray(screen, LANES, np.float32)
    mask = carray(screen, LANES + 1, np.int32)
    scale, powers = np.float32(1.0 / TOTAL), carray(threshold, 3, np.float32)
    mask[LANES] = screen_lanes(
        counts, STRIDE, n_bins, row, column, scale, single[:4], single[4:], powers, out, 0
    )  # fmt: skip
