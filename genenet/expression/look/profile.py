"""Summary statistics of a whole matrix, from one pass over it, by which most findings about its values are made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.expression.gene_statistics import gene_blocks
from genenet.readers.sparse_pieces import Matrix

# The distribution of the values is estimated from about this many of them.
MAX_SAMPLED = 500_000


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


def profile(values: Matrix) -> Profile:
    """Summarise a matrix, shape (n_samples, n_genes), dense or CSC, in one pass."""
    n_samples, n_genes = values.shape
    found = Profile(totals=np.zeros(n_samples), hashes=np.zeros(n_samples, np.uint64), n_genes=n_genes)
    rng = np.random.default_rng(0)
    stride = max(1, n_samples * n_genes // MAX_SAMPLED)
    sampled = []
    for block in gene_blocks(values):
        finite = np.isfinite(block)
        inside = block[finite] if not finite.all() else block.ravel()
        if inside.size:
            found.smallest = min(found.smallest, float(inside.min()))
            found.largest = max(found.largest, float(inside.max()))
        found.n_values += inside.size
        found.n_zero += inside.size - int(np.count_nonzero(inside))
        found.n_whole += int(np.count_nonzero(np.floor(inside) == inside))
        found.n_negative += int(np.count_nonzero(inside < 0))
        sampled.append(inside[::stride].copy())  # a view would keep the block
        with np.errstate(all="ignore"):
            found.totals += np.where(finite, block, 0.0).sum(axis=0)
            found.n_standard += _n_standard(block, finite)
        keys = rng.integers(1, 2**64 - 1, size=(len(block), 1), dtype=np.uint64) | np.uint64(1)
        found.hashes += _mixed(block + 0.0, keys).sum(axis=0, dtype=np.uint64)
    found.sampled = np.sort(np.concatenate(sampled)) if sampled else np.empty(0)
    return found


def _mixed(block: NDArray[np.float64], keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash each value with the key of its gene, so that all bits of the hash depend on the value.

    The lower 50 bits of small whole numbers, as float64, are 0, and would be 0 in the product with a key too.
    """
    half = np.uint64(32)
    bits = block.view(np.uint64)
    products: NDArray[np.uint64] = (bits ^ (bits >> half)) * keys
    return products ^ (products >> half)


def _n_standard(block: NDArray[np.float64], finite: NDArray[np.bool_]) -> int:
    """Count genes whose mean is 0 and whose variance is 1, by n or by n - 1."""
    n = finite.sum(axis=1)
    filled = np.where(finite, block, 0.0)
    mean = filled.sum(axis=1) / n
    variance = (filled * filled).sum(axis=1) / n - mean * mean
    return int(np.count_nonzero((np.abs(mean) < 0.01) & (np.abs(variance - 1) < 2 / np.maximum(n, 2) + 0.01)))
