"""The plug-in estimate within strata: tables of the genes for its kernels, and MI of listed pairs."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.packing import pack
from genenet.kernels.strata import StrataGenes, in_words, listed_pairs, strata_genes, strata_words
from genenet.products.bins import Bins
from genenet.products.strata import Strata

# Samples in a word of hard bins (bits) and of soft bins (bytes).
BITS_IN_WORD, WEIGHTS_IN_WORD = 64, 4


def tables_within(
    bins: Bins, null_factors: NDArray[np.float64], per_word: int, order: NDArray[np.int64] | slice = slice(None)
) -> StrataGenes:
    """Lay out the genes, in this order, for the kernels within strata.

    Parameters
    ----------
    bins
        Discretised within strata.
    null_factors
        Factors of the genes of `bins`, shape (n_genes, 3, n_strata).
    per_word
        Samples in a word.
    order
        Genes to lay out.
    """
    assert bins.strata is not None
    parts = list(bins.by_stratum())
    return strata_genes(
        np.stack([part.margins[order] for part in parts]),
        np.stack([part.entropies[order] for part in parts]),
        null_factors[order],
        bins.strata.sizes,
        bins.total,
        strata_words(bins.strata.sizes, per_word),
    )


def listed_information(bins: Bins, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
    """Exact MI (bits) of listed pairs by the plug-in estimate, given the stratum if there are strata.

    Parameters
    ----------
    bins
        Discretised expression, without missing values.
    first, second
        Genes of each pair, shape (n_pairs,).
    """
    if bins.strata is None:
        bins = replace(bins, strata=Strata.of(np.zeros(bins.n_samples, np.int64)))
    assert bins.strata is not None
    packed = pack(in_words(bins.dense_weights, bins.strata.parts(), WEIGHTS_IN_WORD))
    nothing = np.zeros((bins.n_genes, 3, bins.strata.n))
    mi = np.empty(len(first))
    listed_pairs(packed, tables_within(bins, nothing, WEIGHTS_IN_WORD), first, second, mi)
    return mi
