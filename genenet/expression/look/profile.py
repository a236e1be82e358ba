"""Summary statistics of a whole matrix, from one pass over it, by which most findings about its values are made."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genenet.expression.gene_statistics import gene_blocks
from genenet.readers.sparse_pieces import MANY_VALUES, Matrix

# The distribution of the values is estimated from about this many of them.
MAX_SAMPLED = 500_000
# Blocks of genes that are held in memory.
BLOCKS_AT_ONCE = 4
# Values that are summarised together: what they need stays in a core's second cache.
VALUES_AT_ONCE = 1 << 16


@dataclass
class Profile:
    """Summary statistics of a whole matrix, from one pass over it."""

    n_values: int = 0  # finite
    n_zero: int = 0
    n_whole: int = 0  # zeros included
    n_negative: int = 0
    smallest: float = np.inf
    largest: float = -np.inf
    n_standard: int = 0  # genes of mean 0 and variance 1
    n_genes: int = 0
    totals: NDArray[np.float64] | None = None  # of each sample
    sampled: NDArray[np.float64] | None = None  # some of the finite values, ascending
    hashes: NDArray[np.uint64] | None = None  # of each sample's values

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers."""
        return self.n_whole == self.n_values

    @property
    def share_zero(self) -> float:
        """Share of zeros."""
        return self.n_zero / max(1, self.n_values)

    @property
    def depth_ratio(self) -> float:
        """Ratio between the 90th and the 10th percentile of the sums of samples."""
        assert self.totals is not None
        low, high = np.quantile(self.totals, [0.1, 0.9])
        return float(high / low) if low > 0 else np.inf


class _Block(NamedTuple):
    """Statistics of some genes, which add up to those of a `Profile`."""

    n_values: int
    n_zero: int
    n_whole: int
    n_negative: int
    smallest: float
    largest: float
    n_standard: int
    totals: NDArray[np.float64]
    sampled: NDArray[np.float64]
    hashes: NDArray[np.uint64]


def profile(values: Matrix) -> Profile:
    """Summarise a matrix, shape (n_samples, n_genes), dense or CSC, in one pass."""
    n_samples, n_genes = values.shape
    totals, hashes = np.zeros(n_samples), np.zeros(n_samples, np.uint64)
    found = Profile(totals=totals, hashes=hashes, n_genes=n_genes)
    rng = np.random.default_rng(0)
    sampled = []
    # What is added in floating point is added in the order of the genes.
    for block in _each(gene_blocks(values), rng, max(1, n_samples * n_genes // MAX_SAMPLED), n_samples * n_genes):
        for name in ("n_values", "n_zero", "n_whole", "n_negative", "n_standard"):
            setattr(found, name, getattr(found, name) + getattr(block, name))
        found.smallest, found.largest = min(found.smallest, block.smallest), max(found.largest, block.largest)
        totals += block.totals
        hashes += block.hashes
        sampled.append(block.sampled)
    found.sampled = np.sort(np.concatenate(sampled)) if sampled else np.empty(0)
    return found


def _each(
    blocks: Iterator[NDArray[np.float64]], rng: np.random.Generator, stride: int, n_values: int
) -> Iterator[_Block]:
    """Statistics of each block; threads share those of a large matrix, a few at a time."""
    while some := list(islice(blocks, BLOCKS_AT_ONCE)):
        keys = [rng.integers(1, 2**64 - 1, size=(len(block), 1), dtype=np.uint64) | np.uint64(1) for block in some]
        work = list(zip(some, keys, strict=True))
        if n_values < MANY_VALUES:
            yield from (_of_block(*each, stride) for each in work)
        else:
            from genenet.kernels.threads import in_threads

            yield from in_threads(lambda each: _of_block(*each, stride), work)


def _of_block(block: NDArray[np.float64], keys: NDArray[np.uint64], stride: int) -> _Block:
    """Statistics of some genes, shape (n_genes, n_samples); keys: of their hashes, shape (n_genes, 1)."""
    step = max(1, VALUES_AT_ONCE // max(1, block.shape[1]))
    parts: list[_Block] = []
    totals, n_before = np.zeros(block.shape[1]), 0
    # Each thread has numpy's error state of its own.
    with np.errstate(all="ignore"):
        for start in range(0, len(block), step):
            genes = slice(start, start + step)
            parts.append(_of_part(block[genes], keys[genes], totals, slice(-n_before % stride, None, stride)))
            totals, n_before = parts[-1].totals, n_before + parts[-1].n_values
    return _Block(
        n_values=n_before,
        n_zero=sum(part.n_zero for part in parts),
        n_whole=sum(part.n_whole for part in parts),
        n_negative=sum(part.n_negative for part in parts),
        smallest=min(part.smallest for part in parts),
        largest=max(part.largest for part in parts),
        n_standard=sum(part.n_standard for part in parts),
        totals=totals,
        sampled=np.concatenate([part.sampled for part in parts]),
        hashes=np.add.reduce([part.hashes for part in parts], axis=0),
    )


def _of_part(part: NDArray[np.float64], keys: NDArray[np.uint64], before: NDArray[np.float64], chosen: slice) -> _Block:
    """Statistics as of `_of_block`, with the totals of the genes before; chosen: which finite values are sampled."""
    finite = np.isfinite(part)
    is_complete = bool(finite.all())
    inside = part.ravel() if is_complete else part[finite]
    filled = part if is_complete else np.where(finite, part, 0.0)
    return _Block(
        n_values=inside.size,
        n_zero=inside.size - int(np.count_nonzero(inside)),
        n_whole=int(np.count_nonzero(np.floor(inside) == inside)),
        n_negative=int(np.count_nonzero(inside < 0)),
        smallest=float(inside.min(initial=np.inf)),
        largest=float(inside.max(initial=-np.inf)),
        n_standard=_n_standard(filled, np.count_nonzero(finite, axis=1)),
        # Gene after gene, so that the size of the parts changes no bit.
        totals=np.add.reduce(np.vstack([before, filled]), axis=0),
        sampled=inside[chosen].copy(),  # a view would keep the block
        hashes=_mixed(part + 0.0, keys).sum(axis=0, dtype=np.uint64),
    )


def _mixed(block: NDArray[np.float64], keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash each value with the key of its gene, so that all bits of the hash depend on the value.

    The lower 50 bits of small whole numbers, as float64, are 0, and would be 0 in the product with a key too.
    """
    half = np.uint64(32)
    bits = block.view(np.uint64)
    products: NDArray[np.uint64] = (bits ^ (bits >> half)) * keys
    return products ^ (products >> half)


def _n_standard(filled: NDArray[np.float64], n: NDArray[np.intp]) -> int:
    """Count genes whose mean is 0 and whose variance is 1, by n or by n - 1; n: how many values each has."""
    mean = filled.sum(axis=1) / n
    variance = (filled * filled).sum(axis=1) / n - mean * mean
    return int(np.count_nonzero((np.abs(mean) < 0.01) & (np.abs(variance - 1) < 2 / np.maximum(n, 2) + 0.01)))
