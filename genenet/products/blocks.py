"""MI of a block of pairs, and the merging of blocks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genenet.errors import ConfigError
from genenet.products.origin import Origin
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.statistics.null import Null

QVALUES_KNOWN = 1.5
"""Adjusted p-values below so many times alpha are those of all pairs, also if a block has left pairs out for a
correction (those above `BEYOND` times alpha), and also after the null got more draws."""

if TYPE_CHECKING:
    from genenet.config.sections import Correction
    from genenet.products.bins import Bins


@dataclass(frozen=True)
class PairBlock:
    """MI of one block of pairs: of those that may be significant, and sums over all.

    Attributes
    ----------
    pairs
        Pairs whose p-value may be at most `alpha`.
    noise
        The permuted control: the same from the matrix with each gene's samples permuted.
    sums
        int64, shape (n_genes, 3): for each gene the number of its pairs in this block, the sum of their MI, and of its
        square (in units of 2**-20 bits and its square; integers, so that blocks add up to the same in any order).
    n_pairs
        Number of pairs tested.
    alpha
        No pair with a p-value up to this is missing from `pairs` (but see `correction`).
    largest_mi, largest_noise_mi
        Largest MI of all pairs tested, in bits.
    bins
        Fingerprint of the bins (`genenet.products.bins.Bins.fingerprint`); empty if it is not known.
    null
        Fingerprint of the null (`genenet.statistics.null.Null.fingerprint`), which says which pairs are kept; empty if
        it is not known.
    correction
        Correction for multiple testing by which edges may be selected, if pairs that cannot be significant by it are
        missing; None if none is missing.
    """

    pairs: Pairs | Triangle
    noise: Pairs | Triangle
    sums: NDArray[np.int64]
    n_pairs: int
    alpha: float
    largest_mi: float
    largest_noise_mi: float
    bins: str = ""
    null: str = ""
    correction: "Correction | None" = None

    @property
    def origin(self) -> Origin:
        """Of which run the block is: fingerprints of bins and null, and the number of genes."""
        return Origin.of("null", {"bins": self.bins, "null": self.null}, n_genes=len(self.sums))


def origin_of_null(null: Null, bins: "Bins | None" = None) -> Origin:
    """Tell of which run a null is: fingerprints of bins and null, and the number of genes.

    Of the bins that it was drawn from, if they are given, it takes those of samples and matrix.
    """
    found = {"bins": null.bins, "null": null.fingerprint}
    if bins is not None and null.bins and null.bins == bins.fingerprint:
        found |= bins.origin.fingerprints
    return Origin.of("null", found, n_genes=len(null.factors))


def collectors(n_genes: int, *, all_pairs: bool, look_up: bool = True) -> tuple[Collector, Collector]:
    """Make collectors for the pairs of the matrix and for those of its permuted copy, which are only iterated over."""
    pairs = Collector(n_genes, all_pairs=all_pairs, look_up=look_up)
    return pairs, Collector(n_genes, all_pairs=all_pairs, look_up=False)


def gather(blocks: Iterable[PairBlock], *, all_pairs: bool = False) -> PairBlock:
    """Merge all blocks; the result is the same for every number of blocks and in every order.

    Parameters
    ----------
    blocks
        Blocks of one matrix; read one by one.
    all_pairs
        Whether the blocks together are of all pairs of genes, so that a triangle may be the best form for them.

    Raises
    ------
    ConfigError
        If there is no block, or blocks were made with different alpha or of different matrices.
    """
    remaining = iter(blocks)
    gathered = next(remaining, None)
    if gathered is None:
        raise ConfigError("there is no block of pairs; give those of genenet information")
    block = next(remaining, None)
    if block is None:
        return gathered
    pairs, noise = collectors(len(gathered.sums), all_pairs=all_pairs)
    _move(gathered.pairs, pairs)
    _move(gathered.noise, noise)
    gathered = replace(gathered, pairs=Pairs.empty(0), noise=Pairs.empty(0))
    while block is not None:
        if block.alpha != gathered.alpha or block.sums.shape != gathered.sums.shape:
            what = "different significance.alpha" if block.alpha != gathered.alpha else "different numbers of genes"
            raise ConfigError(f"blocks of pairs made with {what} do not belong together; make them again")
        _move(block.pairs, pairs)
        _move(block.noise, noise)
        gathered = replace(
            gathered,
            sums=gathered.sums + block.sums,
            n_pairs=gathered.n_pairs + block.n_pairs,
            largest_mi=max(gathered.largest_mi, block.largest_mi),
            largest_noise_mi=max(gathered.largest_noise_mi, block.largest_noise_mi),
        )
        block = next(remaining, None)
    return replace(gathered, pairs=pairs.result(), noise=noise.result())


def _move(pairs: Pairs | Triangle, to: Collector) -> None:
    for _, part in pairs.parts():
        to.add(part)
