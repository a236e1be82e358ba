"""Scalar products of pairs of genes that are mostly zeros."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import parallel
from genenet.kernels.vectors import LANES, add_multiples

# Samples of 16 genes that are written out at a time: 256 KB, which stay in the processor's L2 cache.
SAMPLES_AT_ONCE = 2048


class Vectors(NamedTuple):
    """Values of genes that are 0 in most samples.

    starts: int64 (n_chunks + 1, n_genes), where each gene's values of each chunk of SAMPLES_AT_ONCE samples start;
    samples: int32 (n_own,), ascending within a gene; values: float64 (n_own,); n_samples: their number.
    """

    starts: NDArray[np.int64]
    samples: NDArray[np.int32]
    values: NDArray[np.float64]
    n_samples: int


@parallel(lambda chunk_starts: chunk_starts.shape[1])
def _cut(begin, stop, starts, samples, chunk_starts):
    """Where the samples of each chunk start in each gene's; starts: int64 (n_genes + 1,)."""
    for i in range(begin, stop):
        k = starts[i]
        for chunk in range(chunk_starts.shape[0] - 1):
            chunk_starts[chunk, i] = k
            while k < starts[i + 1] and samples[k] < (chunk + 1) * SAMPLES_AT_ONCE:
                k += 1
        chunk_starts[-1, i] = k


def vectors(
    starts: NDArray[np.int64], samples: NDArray[np.int32], values: NDArray[np.float64], n_samples: int
) -> Vectors:
    """Vectors of genes. starts: where each gene's values start, int64 (n_genes + 1,); others as in `Vectors`."""
    n_chunks = -(-n_samples // SAMPLES_AT_ONCE)
    chunk_starts = np.empty((n_chunks + 1, len(starts) - 1), np.int64)
    _cut(starts, samples, chunk_starts)
    return Vectors(chunk_starts, samples, values, n_samples)


def sparse_products(genes: Vectors, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
    """Scalar product of each pair of genes; fastest where pairs of one first gene are together.

    Products are added in the order of the samples, whatever pairs are asked for.
    """
    runs = np.concatenate([[0], np.flatnonzero(np.diff(first)) + 1, [len(first)]]) if len(first) else np.zeros(1, int)
    found = np.empty(len(first))
    _products(genes, runs.astype(np.int64), first, second, found)
    return found


@parallel(lambda runs: -(-(len(runs) - 1) // LANES))
def _products(begin, stop, genes, runs, first, second, out):
    """Scalar products of 16 runs of pairs at a time; a run has one first gene, whose values are in one lane.

    genes: `Vectors`; runs: int64 (n_runs + 1,), where each run starts; first, second: int32; out: float64.
    """
    starts, samples, values, _ = genes
    n_genes = starts.shape[1]
    lanes = np.zeros((SAMPLES_AT_ONCE, LANES))
    place, columns, sums = np.full(n_genes, -1), np.empty(n_genes, np.int64), np.empty((n_genes, LANES))
    for tile in range(begin, stop):
        first_run, last_run = tile * LANES, min((tile + 1) * LANES, len(runs) - 1)
        n_columns = 0
        for e in range(runs[first_run], runs[last_run]):
            if place[second[e]] < 0:
                place[second[e]], columns[n_columns] = n_columns, second[e]
                n_columns += 1
        sums[:n_columns] = 0.0
        for chunk in range(starts.shape[0] - 1):
            start = chunk * SAMPLES_AT_ONCE
            for run in range(first_run, last_run):
                i = first[runs[run]]
                for k in range(starts[chunk, i], starts[chunk + 1, i]):
                    lanes[samples[k] - start, run - first_run] = values[k]
            for column in range(n_columns):
                j = columns[column]
                add_multiples(samples, values, starts[chunk, j], starts[chunk + 1, j], start, lanes, sums, column)
            for run in range(first_run, last_run):
                i = first[runs[run]]
                for k in range(starts[chunk, i], starts[chunk + 1, i]):
                    lanes[samples[k] - start, run - first_run] = 0.0
        for run in range(first_run, last_run):
            for e in range(runs[run], runs[run + 1]):
                out[e] = sums[place[second[e]], run - first_run]
        for column in range(n_columns):
            place[columns[column]] = -1
