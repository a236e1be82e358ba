"""Weights of the bins in which samples have any: a few neighbouring ones of a gene, whose first one differs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.threads import parallel

# Bins side by side in memory, and the multiple of samples to which their number is rounded up.
BINS_AT_ONCE, SAMPLES_AT_ONCE = 4, 16
# Stands for the first bin of a sample without weight: more than any bin.
MISSING = 0x80


class Windows(NamedTuple):
    """Weights of each sample in its first bin and those behind it, as many as any sample of any gene needs.

    weights: uint8 (n_genes, n_windows, n_places, 4), weights in the first four of these bins, in the next four, ...;
    0 beyond the last bin. first: uint8 (n_genes, n_places), the first of these bins, MISSING for a sample without
    weight. n_places is n_samples rounded up to a multiple of 16; the samples beyond have no weight.
    """

    weights: NDArray[np.uint8]
    first: NDArray[np.uint8]


def windows_of(weights: NDArray[np.uint8]) -> Windows:
    """Find the bins in which samples have weight.

    Parameters
    ----------
    weights
        uint8, shape (n_genes, n_bins, n_samples).

    Examples
    --------
    >>> found = windows_of(np.array([[[0, 5, 0], [3, 1, 0], [3, 0, 0]]], np.uint8))
    >>> found.first[0, :3].tolist(), found.weights[0, 0, :3].tolist()
    ([1, 0, 128], [[3, 3, 0, 0], [5, 1, 0, 0], [0, 0, 0, 0]])
    """
    n_genes, n_bins, n_samples = weights.shape
    n_places = -(-n_samples // SAMPLES_AT_ONCE) * SAMPLES_AT_ONCE
    first, widths = np.full((n_genes, n_places), MISSING, np.uint8), np.empty(n_genes, np.int64)
    find_windows(weights, first, widths)
    width = int(widths.max(initial=1))
    found = np.zeros((n_genes, -(-width // BINS_AT_ONCE), n_places, BINS_AT_ONCE), np.uint8)
    fill_windows(weights, n_bins - width, first, found)
    return Windows(found, first)


@parallel(lambda weights: len(weights))
def find_windows(begin, stop, weights, first, widths):
    """First bin of each sample, and the largest number of bins from there to the last one of any sample of a gene.

    weights: uint8 (n_genes, n_bins, n_samples); first: of `Windows`, MISSING everywhere; widths: int64 (n_genes,).
    """
    n_bins, n_samples = weights.shape[1:]
    last = np.empty(n_samples, np.uint8)
    for gene in range(begin, stop):
        starts, width = first[gene], np.int16(1)
        last[:] = 0
        # Bin after bin and without a branch, so that the compiler can use vector registers.
        for k in range(n_bins - 1, -1, -1):
            here, own = np.uint8(k), weights[gene, k]
            for s in range(n_samples):
                starts[s] = here if own[s] > 0 else starts[s]
                last[s] = max(last[s], here if own[s] > 0 else np.uint8(0))
        for s in range(n_samples):
            width = max(width, np.int16(last[s]) - np.int16(starts[s]) + np.int16(1))
        widths[gene] = width


@parallel(lambda weights: len(weights))
def fill_windows(begin, stop, weights, latest, first, found):
    """Copy the weights from the first bin on.

    weights: uint8 (n_genes, n_bins, n_samples); first, found: of `Windows`, found all 0; first bins are made lower
    where they come after `latest`.
    """
    n_bins, n_samples = weights.shape[1:]
    latest = np.uint8(latest)
    for gene in range(begin, stop):
        starts, own = first[gene], weights[gene]
        for s in range(n_samples):
            starts[s] = starts[s] if starts[s] == MISSING else min(starts[s], latest)
        for v in range(found.shape[1]):
            to = found[gene, v]
            for s in range(n_samples):
                start = np.int64(starts[s]) + v * BINS_AT_ONCE
                for k in range(min(BINS_AT_ONCE, n_bins - start)):
                    to[s, k] = own[start + k, s]
