"""Draws of the permutation null of the plug-in estimate.

The draws of a matrix are one sequence that follows from the seed: a null of more draws continues one of fewer.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.within_strata import WEIGHTS_IN_WORD, tables_within
from genenet.kernels.draws import by_tile, draw_null
from genenet.kernels.packing import Genes, gene_tables, pack
from genenet.kernels.pearson3 import pearson3_tails
from genenet.kernels.sparse_draws import draw_sparse_null, streams
from genenet.kernels.sparse_screen import sparse_genes
from genenet.kernels.strata import draw_null_within, in_words
from genenet.kernels.threads import in_threads, n_threads
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.sparse_weights import SparseWeights
from genenet.randomness import Purpose, generator, stream_key
from genenet.statistics.null import Null

# Draws between two reports of progress.
DRAWS_AT_ONCE = 1 << 18
Draw = Callable[[int, NDArray[np.float64]], None]
"""Function that fills an array with log pivots, given the number of the random stream of the first sixteen draws."""


def drawn(bins: Bins, null: Null, n_draws: int, *, progress: Callable[[int], None] | None = None) -> Null:
    """Continue a null of the plug-in estimate to a larger number of draws.

    Each draw pairs a random regulator (or tested gene, without a list), its samples permuted, with a random tested
    gene; sixteen draws share a permutation, within strata if there are any. The random numbers of a draw follow from
    the seed of the null and the draw's number alone.

    Parameters
    ----------
    bins
        Discretised expression.
    null
        Null of these bins, with any number of draws, or none.
    n_draws
        Number of draws in all.
    progress
        Called with the number of draws done since the last call.
    """
    more = _log_pivots(bins, null, null.n_draws, n_draws, progress)
    return replace(null, log_tails=_sorted_in(null.log_tails, more))


def _sorted_in(ascending: NDArray[np.float64], more: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort more values into some that ascend already: each thread sorts a part, and the parts are merged."""
    parts = in_threads(np.sort, np.array_split(more, n_threads()))
    # A stable sort of floats is one that merges what ascends already.
    return np.sort(np.concatenate([ascending, *parts]), kind="stable")


def _log_pivots(
    bins: Bins, null: Null, first: int, last: int, progress: Callable[[int], None] | None
) -> NDArray[np.float64]:
    """Log pivots of the draws from number `first` to the one before `last`."""
    # Neighbours in the matrix are often related (operons, probes of one gene), and sixteen genes share a permutation:
    # the tiles are made of random genes. Genes that are in no tested pair are left out.
    tested = np.flatnonzero(bins.n_partners)
    shuffled = generator(null.seed, Purpose.NULL_GENES).permutation(tested)
    # The kernel compares one permuted gene with 16 genes at once. If the number of tested genes is no multiple of 16,
    # the last tile is filled by repeating genes, which are then drawn slightly more often. With fewer than 16 genes a
    # repeat would be the same draw twice, so only the first n_distinct lanes are used.
    order = np.resize(shuffled, -(-len(tested) // LANES) * LANES)
    n_distinct = min(LANES, len(tested))
    row_of_gene = np.empty(bins.n_genes, np.int64)
    row_of_gene[order[: len(tested)]] = np.arange(len(tested))
    rows, key = row_of_gene[bins.rows], stream_key(null.seed, Purpose.NULL_DRAWS)
    draw = _draws_within(bins, null, order, rows, key) if bins.strata else _draws(bins, null, order, rows, key)
    first_stream = first // n_distinct
    log_tails = np.empty((-(-last // n_distinct) - first_stream, LANES))
    for start in range(0, len(log_tails), DRAWS_AT_ONCE // LANES):
        part = log_tails[start : start + DRAWS_AT_ONCE // LANES]
        draw(first_stream + start, part)
        if progress:
            progress(len(part) * n_distinct)
    begin = first - first_stream * n_distinct
    return log_tails[:, :n_distinct].ravel()[begin : begin + last - first]


def _draws(bins: Bins, null: Null, order: NDArray[np.int64], rows: NDArray[np.int64], key: np.uint64) -> Draw:
    genes = gene_tables(bins.margins[order] * bins.total, bins.entropies[order], null.factors[order], bins.total_count)
    if isinstance(bins.weights, SparseWeights):
        return _sparse_draws(bins, bins.weights, genes, order, rows, key)
    packed = pack(bins.weights[order])

    def draw(stream: int, log_tails: NDArray[np.float64]) -> None:
        z_scores, skewness = np.empty_like(log_tails), np.empty_like(log_tails)
        order = by_tile(len(log_tails), key, stream, len(rows), len(packed.tiles))
        draw_null(packed, genes, rows, bins.n_samples, key, stream, order, z_scores, skewness)
        pearson3_tails(z_scores.reshape(-1), skewness.reshape(-1), log_tails.reshape(-1))

    return draw


def _sparse_draws(
    bins: Bins,
    weights: SparseWeights,
    genes: Genes,
    order: NDArray[np.int64],
    rows: NDArray[np.int64],
    key: np.uint64,
) -> Draw:
    own = sparse_genes(weights.by_gene, bins.n_samples, bins.margins)

    def draw(stream: int, log_tails: NDArray[np.float64]) -> None:
        by_tile = streams(len(log_tails), key, stream, rows, len(order) // LANES)
        draw_sparse_null(own, genes, order, by_tile, log_tails)

    return draw


def _draws_within(bins: Bins, null: Null, order: NDArray[np.int64], rows: NDArray[np.int64], key: np.uint64) -> Draw:
    """`_draws` with samples permuted within strata, each of which fills words of its own."""
    assert bins.strata is not None
    packed = pack(in_words(bins.dense_weights[order], bins.strata.parts(), WEIGHTS_IN_WORD))
    genes = tables_within(bins, null.factors, WEIGHTS_IN_WORD, order)
    places = zip(genes.words[:-1] * WEIGHTS_IN_WORD, bins.strata.sizes, strict=True)
    members = np.concatenate([np.arange(first, first + size) for first, size in places])
    starts = bins.strata.starts
    return lambda stream, log_tails: draw_null_within(packed, genes, rows, members, starts, key, stream, log_tails)
