"""Draws of the permutation null of the plug-in estimate.

The draws of a matrix are one sequence that follows from the seed: a null of more draws continues one of fewer.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.within_strata import WEIGHTS_IN_WORD, tables_within
from genenet.kernels.draws import EVERY_DRAW, Drawn, Streams, draw_null, streams
from genenet.kernels.packing import Genes, dimensions, gene_tables, pack, register_block
from genenet.kernels.sparse_draws import draw_sparse_null
from genenet.kernels.sparse_draws import streams as sparse_streams
from genenet.kernels.sparse_screen import sparse_genes
from genenet.kernels.strata import draw_null_within, in_words
from genenet.kernels.threads import in_threads, n_threads
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.sparse_weights import SparseWeights
from genenet.randomness import Purpose, generator, stream_key
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import threshold_polynomial

# Draws between two reports of progress.
DRAWS_AT_ONCE = 1 << 18
Draw = Callable[[int, NDArray[np.float64]], None]
"""Function that fills an array with log pivots, given the number of the random stream of the first sixteen draws."""


class Sequence(NamedTuple):
    """The sequence of the draws of a matrix: sixteen draws, or n_distinct, share a stream of random numbers.

    lanes: int64 (n_tiles * 16,), the gene in each lane of the tiles; rows: int64, lanes of the genes whose samples may
    be permuted; key: of the random numbers.
    """

    lanes: NDArray[np.int64]
    rows: NDArray[np.int64]
    key: np.uint64
    n_distinct: int

    @property
    def n_tiles(self) -> int:
        """Number of tiles of 16 genes."""
        return len(self.lanes) // LANES


def drawn(
    bins: Bins,
    null: Null,
    n_draws: int,
    *,
    up_to: float = 0.0,
    progress: Callable[[int], None] | None = None,
) -> Null:
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
    up_to
        Log pivot above which draws need only be counted, which takes less time.
    progress
        Called with the number of draws done since the last call.
    """
    sequence, first = _sequence(bins, null), null.n_draws
    if bins.strata is not None or isinstance(bins.weights, SparseWeights):
        up_to = 0.0
        parts = _all_pivots(bins, null, sequence, first, n_draws, progress)
    else:
        up_to = min(up_to, null.known_to)
        parts = _pivots_up_to(up_to, bins, null, sequence, first, n_draws, progress)
    before = null.log_tails[: np.searchsorted(null.log_tails, up_to, side="right")]
    log_tails = _sorted_in(before, np.concatenate([np.empty(0), *parts]))
    return replace(null, log_tails=log_tails, known_to=up_to, n_beyond=n_draws - len(log_tails))


def _sorted_in(ascending: NDArray[np.float64], more: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort more values into some that ascend already: each thread sorts a part, and the parts are merged."""
    parts = in_threads(np.sort, np.array_split(more, n_threads()))
    # A stable sort of floats is one that merges what ascends already.
    return np.sort(np.concatenate([ascending, *parts]), kind="stable")


def _sequence(bins: Bins, null: Null) -> Sequence:
    # Neighbours in the matrix are often related (operons, probes of one gene), and sixteen genes share a permutation:
    # the tiles are made of random genes. Genes that are in no tested pair are left out.
    tested = np.flatnonzero(bins.n_partners)
    shuffled = generator(null.seed, Purpose.NULL_GENES).permutation(tested)
    # The kernel compares one permuted gene with 16 genes at once. If the number of tested genes is no multiple of 16,
    # the last tile is filled by repeating genes, which are then drawn slightly more often. With fewer than 16 genes a
    # repeat would be the same draw twice, so only the first n_distinct lanes are used.
    lanes = np.resize(shuffled, -(-len(tested) // LANES) * LANES)
    lane_of_gene = np.empty(bins.n_genes, np.int64)
    lane_of_gene[lanes[: len(tested)]] = np.arange(len(tested))
    rows, key = lane_of_gene[bins.rows], stream_key(null.seed, Purpose.NULL_DRAWS)
    return Sequence(lanes, rows, key, min(LANES, len(tested)))


def _pivots_up_to(
    up_to: float,
    bins: Bins,
    null: Null,
    sequence: Sequence,
    first: int,
    last: int,
    progress: Callable[[int], None] | None,
) -> Iterator[NDArray[np.float64]]:
    """Yield the log pivots, up to one, of the draws from number `first` to the one before `last`."""
    lanes, rows, key, n_distinct = sequence
    genes = _tables(bins, null, lanes)
    drawn = Drawn(bins.dense_weights, lanes, genes, rows, key, *map(dimensions, register_block(bins.n_bins - 1)))
    threshold = threshold_polynomial(up_to, null.factors) if up_to < 0.0 else EVERY_DRAW
    begin, end = first // n_distinct, -(-last // n_distinct)
    ordered = streams(end - begin, key, begin, len(rows), sequence.n_tiles)
    for start in range(0, end - begin, DRAWS_AT_ONCE // LANES):
        part = Streams(*(values[start : start + DRAWS_AT_ONCE // LANES] for values in ordered))
        mi = np.empty((len(part.numbers), LANES))
        draw_null(drawn, part, threshold, mi)
        stream, lane = np.divmod(np.flatnonzero(mi.ravel() >= 0.0), LANES)
        draw = part.numbers[stream] * n_distinct + lane
        wanted = (lane < n_distinct) & (draw >= first) & (draw < last)
        stream, lane = stream[wanted], lane[wanted]
        genes_a, genes_b = lanes[rows[part.rows]][stream], lanes[part.tiles[stream] * LANES + lane]
        found = null.log_pivots(mi[stream, lane], genes_a.astype(np.int32), genes_b.astype(np.int32))
        yield found[found <= up_to] if up_to < 0.0 else found
        if progress:
            progress(len(mi) * n_distinct)


def _all_pivots(
    bins: Bins, null: Null, sequence: Sequence, first: int, last: int, progress: Callable[[int], None] | None
) -> Iterator[NDArray[np.float64]]:
    """Yield the log pivots of the draws from number `first` to the one before `last`."""
    draw = (_sparse_draws if bins.strata is None else _draws_within)(bins, null, sequence)
    n_distinct = sequence.n_distinct
    first_stream = first // n_distinct
    log_tails = np.empty((-(-last // n_distinct) - first_stream, LANES))
    for start in range(0, len(log_tails), DRAWS_AT_ONCE // LANES):
        part = log_tails[start : start + DRAWS_AT_ONCE // LANES]
        draw(first_stream + start, part)
        if progress:
            progress(len(part) * n_distinct)
    begin = first - first_stream * n_distinct
    yield log_tails[:, :n_distinct].ravel()[begin : begin + last - first]


def _tables(bins: Bins, null: Null, lanes: NDArray[np.int64]) -> Genes:
    return gene_tables(bins.margins[lanes] * bins.total, bins.entropies[lanes], null.factors[lanes], bins.total_count)


def _sparse_draws(bins: Bins, null: Null, sequence: Sequence) -> Draw:
    """Draw for a matrix that is mostly zeros."""
    assert isinstance(bins.weights, SparseWeights)
    lanes, rows, key, _ = sequence
    own, genes = sparse_genes(bins.weights.by_gene, bins.n_samples, bins.margins), _tables(bins, null, lanes)

    def draw(stream: int, log_tails: NDArray[np.float64]) -> None:
        by_tile = sparse_streams(len(log_tails), key, stream, rows, sequence.n_tiles)
        draw_sparse_null(own, genes, lanes, by_tile, log_tails)

    return draw


def _draws_within(bins: Bins, null: Null, sequence: Sequence) -> Draw:
    """Draw with samples permuted within strata, each of which fills words of its own."""
    assert bins.strata is not None
    lanes, rows, key, _ = sequence
    packed = pack(in_words(bins.dense_weights[lanes], bins.strata.parts(), WEIGHTS_IN_WORD))
    genes = tables_within(bins, null.factors, WEIGHTS_IN_WORD, lanes)
    places = zip(genes.words[:-1] * WEIGHTS_IN_WORD, bins.strata.sizes, strict=True)
    members = np.concatenate([np.arange(first, first + size) for first, size in places])
    starts = bins.strata.starts
    return lambda stream, log_tails: draw_null_within(packed, genes, rows, members, starts, key, stream, log_tails)
