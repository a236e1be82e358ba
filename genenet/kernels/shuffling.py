"""Random permutations as a function of a key and a stream number, whatever thread computes them in whatever order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.jit import compiled, inner
from genenet.kernels.threads import parallel


class PermutedPairs(NamedTuple):
    """Pairs of genes, the samples of one of which are permuted within strata; pair p uses random stream start + p."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    key: np.uint64
    start: int
    members: NDArray[np.int64]
    """The samples, stratum by stratum, shape (n_samples,)."""
    strata: NDArray[np.int64]
    """Where each stratum starts among the members, shape (n_strata + 1,)."""


@inner(inline="always")
def next_bits(state):
    """SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195): the next state and its 64 mixed bits."""
    state += np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@compiled(inline="always")
def below(bits, n):
    """A number in 0 .. n - 1 (n < 2**32) from 64 random bits; the bias is below n / 2**32."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@compiled()
def shuffle(key, stream, order):
    """Random permutation of 0 .. len(order) - 1 into `order` (Fisher-Yates), a function of key and stream."""
    _, state = next_bits(key ^ np.uint64(stream) * np.uint64(0xD1342543DE82EF95))
    for k in range(order.shape[0]):
        order[k] = k
    for k in range(order.shape[0] - 1, 0, -1):
        state, bits = next_bits(state)
        other = below(bits, k + 1)
        order[k], order[other] = order[other], order[k]


@inner(optimised=False)
def random_swaps(key, stream, others):
    """Draw the swaps of `shuffle`: step k swaps position n - 1 - k with others[k], for k from 0 to n - 2.

    others: uint64 (n,). No number waits for the one before it, so that the compiler can use vector registers.
    """
    _, state = next_bits(key ^ np.uint64(stream) * np.uint64(0xD1342543DE82EF95))
    n = others.shape[0]
    for k in range(n - 1):
        _, bits = next_bits(state + np.uint64(k) * np.uint64(0x9E3779B97F4A7C15))
        others[k] = np.uint64(below(bits, n - k))


@compiled()
def shuffle_within(key, stream, members, starts, order):
    """Random permutation into `order` that leaves every sample in its stratum, a function of key and stream.

    members: int64 (n_samples,), the samples stratum by stratum; starts: int64 (n_strata + 1,), where each stratum
    starts in members. With one stratum the same as `shuffle`.
    """
    _, state = next_bits(key ^ np.uint64(stream) * np.uint64(0xD1342543DE82EF95))
    for k in range(order.shape[0]):
        order[k] = k
    for stratum in range(starts.shape[0] - 1):
        low = starts[stratum]
        for k in range(starts[stratum + 1] - 1, low, -1):
            state, bits = next_bits(state)
            a, b = members[k], members[low + below(bits, k - low + 1)]
            order[a], order[b] = order[b], order[a]


@inner()
def permutation_of(pairs, p):
    """Order in which the samples of the permuted gene of pair p of `PermutedPairs` come."""
    order = np.empty(pairs.members.shape[0], np.int64)
    shuffle_within(pairs.key, pairs.start + p, pairs.members, pairs.strata, order)
    return order


@parallel(lambda weights: len(weights))
def permute_samples(begin, stop, weights, key, permuted):
    """Permute the samples of each gene independently. weights, permuted: uint8 (n_genes, n_bins, n_samples)."""
    n_samples = weights.shape[2]
    for i in range(begin, stop):
        order = np.empty(n_samples, np.int64)
        shuffle(key, i, order)
        for b in range(weights.shape[1]):
            for s in range(n_samples):
                permuted[i, b, s] = weights[i, b, order[s]]


@parallel(lambda weights: len(weights))
def permute_within(begin, stop, weights, key, members, starts, permuted):
    """`permute_samples` within strata. members, starts: as `shuffle_within`."""
    n_samples = weights.shape[2]
    for i in range(begin, stop):
        order = np.empty(n_samples, np.int64)
        shuffle_within(key, i, members, starts, order)
        for b in range(weights.shape[1]):
            for s in range(n_samples):
                permuted[i, b, s] = weights[i, b, order[s]]
