"""Missing values by block: a group of genes without values in a group of samples, as where platforms were merged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genenet.errors import count, quote_some

# A block has at least so many samples and genes. Nearly all of its values are missing, and of its genes at most this
# share in the other samples.
FEWEST_SAMPLES, FEWEST_GENES, NEARLY_ALL, MOST_OUTSIDE = 3, 5, 0.9, 0.3
# Missing values come by block if at least this share of them is in blocks, of which at most so many are looked for.
SHARE, MOST_BLOCKS = 0.5, 5
# Blocks are looked for among about so many genes, and begun from so many of these.
GENES_LOOKED_AT, STARTS = 1_000, 20

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Samples in which (nearly) all values of some genes are missing, by their positions."""

    samples: Places
    genes: Places


def missing_blocks(rows: Places, columns: Places, n_samples: int, n_genes: int) -> list[Block]:
    """Find the blocks that hold most of the missing values, the largest first; empty if these are not in blocks.

    Genes without any value belong to no block.

    Parameters
    ----------
    rows, columns
        Sample and gene of each missing value.
    n_samples, n_genes
        Size of the matrix.

    Examples
    --------
    >>> gaps = np.zeros((20, 50), bool)
    >>> gaps[12:, 30:] = True
    >>> [(block.samples.tolist(), len(block.genes)) for block in missing_blocks(*np.nonzero(gaps), 20, 50)]
    [([12, 13, 14, 15, 16, 17, 18, 19], 20)]
    >>> missing_blocks(*np.nonzero(np.random.default_rng(0).random((20, 50)) < 0.3), 20, 50)
    []
    """
    of_genes = np.bincount(columns, minlength=n_genes)
    some = np.flatnonzero((of_genes >= FEWEST_SAMPLES) & (of_genes < n_samples))
    inside = of_genes[columns] < n_samples
    rows, columns = rows[inside], columns[inside]
    chosen = some[:: -(-len(some) // GENES_LOOKED_AT) or 1]
    found = []
    for samples in _groups_of_samples(_dense(rows, columns, n_samples, chosen), of_genes[chosen]):
        block = _whole(samples, rows, columns, n_samples, n_genes)
        if block is not None:
            found.append(block)
    n_inside = sum(len(block.samples) * len(block.genes) for block in found)
    return found if n_inside >= SHARE * max(len(rows), 1) else []


def _dense(rows: Places, columns: Places, n_samples: int, chosen: Places) -> NDArray[np.bool_]:
    """Which values of the chosen genes are missing, shape (n_samples, len(chosen))."""
    gaps = np.zeros((n_samples, len(chosen)), dtype=bool)
    if len(chosen):
        at = np.minimum(np.searchsorted(chosen, columns), len(chosen) - 1)
        among = chosen[at] == columns
        gaps[rows[among], at[among]] = True
    return gaps


def _groups_of_samples(gaps: NDArray[np.bool_], n_missing: Places) -> list[NDArray[np.bool_]]:
    """The samples of the largest blocks, found from genes whose missing values other genes share."""
    order = np.argsort(-n_missing, kind="stable")
    starts = order[:: -(-len(order) // STARTS) or 1]
    left, groups = gaps.copy(), []
    for _ in range(MOST_BLOCKS):
        found = [_grown(left, start) for start in starts.tolist()]
        sizes = [int(samples.sum()) * int(genes.sum()) for samples, genes in found]
        if not sizes or max(sizes) == 0:
            break
        samples, genes = found[int(np.argmax(sizes))]
        left[np.ix_(samples, genes)] = False
        groups.append(samples)
    return groups


def _grown(gaps: NDArray[np.bool_], start: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Samples that lack a gene and the genes that lack them too, each corrected by the other once."""
    samples, genes = gaps[:, start], np.zeros(gaps.shape[1], dtype=bool)
    for _ in range(2):
        if not samples.any():
            return samples, genes
        genes = gaps[samples].mean(axis=0) >= NEARLY_ALL
        samples = gaps[:, genes].mean(axis=1) >= NEARLY_ALL if genes.any() else np.zeros_like(samples)
    return samples, genes


def _whole(samples: NDArray[np.bool_], rows: Places, columns: Places, n_samples: int, n_genes: int) -> Block | None:
    """The block of all genes that these samples lack; None if it is too small, or the genes lack other samples too."""
    is_inside = samples[rows]
    inside, outside = (np.bincount(columns[which], minlength=n_genes) for which in (is_inside, ~is_inside))
    n_inside = int(samples.sum())
    genes = (inside >= NEARLY_ALL * n_inside) & (outside <= MOST_OUTSIDE * (n_samples - n_inside))
    if n_inside < FEWEST_SAMPLES or genes.sum() < FEWEST_GENES:
        return None
    return Block(np.flatnonzero(samples), np.flatnonzero(genes))


def blocks_in_words(blocks: Sequence[Block], samples: Sequence[str], genes: Sequence[str]) -> str:
    """Name the genes and samples of each block.

    Examples
    --------
    >>> blocks_in_words([Block(np.array([0, 2]), np.array([1]))], ["S1", "S2", "S3"], ["A", "B"])
    '1 gene (B) in 2 of 3 samples (S1, S3)'
    """
    return ", ".join(
        f"{count(len(block.genes), 'gene')} ({quote_some([genes[at] for at in block.genes], 3)}) in"
        f" {len(block.samples):,} of {count(len(samples), 'sample')}"
        f" ({quote_some([samples[at] for at in block.samples], 3)})"
        for block in blocks
    )


def fewest_in_common(blocks: Sequence[Block], n_samples: int) -> int:
    """Smallest number of samples that two genes of blocks have in common.

    Examples
    --------
    >>> fewest_in_common([Block(np.arange(10), np.arange(5)), Block(np.arange(10, 40), np.arange(5, 9))], 50)
    10
    """
    return n_samples - max(len(np.union1d(one.samples, other.samples)) for one in blocks for other in blocks)
