"""Information of genes about a phenotype and about each other, as the criteria of feature selection need it.

Samples of the phenotype can be given in other orders, one a row: usually as they are in the first, then permuted.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genenet.estimators.neighbours import psi_table
from genenet.estimators.pair_estimators import ksg_estimator
from genenet.kernels.gene_pairs import ALONE, LabelOrders, NumberOrders, PairedGenes, ksg_pairs, ross_pairs
from genenet.kernels.joint_sums import HardGenes
from genenet.kernels.weights import LOG2_E


class TableTerms:
    """Plug-in estimates, in bits, of genes and a phenotype in hard bins.

    Parameters
    ----------
    codes
        Bin of each sample, integers, shape (n_genes, n_samples), 0 .. n_bins - 1.
    n_bins
        Number of bins of a gene.
    phenotype
        Level of each sample, integers, shape (n_samples,), 0 .. n_levels - 1.
    n_levels
        Number of levels of the phenotype.

    Examples
    --------
    Two coins and whether they differ: each tells nothing about that, both together tell it all.

    >>> coins = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    >>> terms, order = TableTerms(coins, 2, np.array([0, 1, 1, 0]), 2), np.arange(4)[None]
    >>> terms.relevance(order).tolist(), terms.conditional_relevance(0, order).tolist()
    ([[0.0, 0.0]], [[0.0, 1.0]])
    """

    def __init__(self, codes: NDArray[np.integer], n_bins: int, phenotype: NDArray[np.integer], n_levels: int) -> None:
        self._codes, self._n_bins = codes.astype(np.int64), n_bins
        self._phenotype, self._n_levels = phenotype.astype(np.int64), n_levels
        self._genes = HardGenes(codes, n_bins)
        self._margins = self._genes.margin_sums()
        self._pairs: dict[int, NDArray[np.float64]] = {}

    def relevance(self, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """I(gene; phenotype) of all genes, shape (n_orders, n_genes)."""
        joint = self._genes.joint_sums(self._phenotype[orders], self._n_levels)
        return self._information(joint, self._margins, self._sum(self._phenotype, self._n_levels))

    def redundancy(self, gene: int) -> NDArray[np.float64]:
        """I(gene; other) of one gene with all, shape (n_genes,)."""
        return self._information(self._pair(gene), self._margins, self._margins[gene])

    def conditional_relevance(self, gene: int, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """I(other; phenotype | gene) of all genes, given one, shape (n_orders, n_genes).

        I(x; y | z) = H(x, z) + H(y, z) - H(x, y, z) - H(z).
        """
        both = self._codes[gene] * self._n_levels + self._phenotype[orders]
        n_levels = self._n_bins * self._n_levels
        joint = self._genes.joint_sums(both, n_levels)
        own = np.array([self._sum(row, n_levels) for row in both])
        sums = (joint - own[:, None]) - (self._pair(gene) - self._margins[gene])
        return np.maximum(sums / self._codes.shape[1], 0.0)

    def _pair(self, gene: int) -> NDArray[np.float64]:
        """Sums of a gene's tables with all genes."""
        if gene not in self._pairs:
            self._pairs[gene] = self._genes.joint_sums(self._codes[[gene]], self._n_bins)[0]
        return self._pairs[gene]

    def _sum(self, variable: NDArray[np.int64], n_levels: int) -> float:
        return float(self._genes.logs[np.bincount(variable, minlength=n_levels)].sum())

    def _information(self, joint: NDArray[np.float64], margins: NDArray[np.float64], own: float) -> NDArray[np.float64]:
        n = self._codes.shape[1]
        # n log2 n is a sum too: that of a table with one cell. Independent variables then have exactly 0.
        return np.maximum(((joint - margins) - (own - self._genes.logs[n])) / n, 0.0)


class NeighbourTerms:
    """Estimates by nearest neighbours, in bits: of Ross for labels, else of Kraskov et al.

    The information of one gene is 0 where its estimate is negative. That of two genes is not cut off, so that its mean
    over several pairs has no bias from it.

    Parameters
    ----------
    positions
        Coordinate of each sample of each gene, shape (n_genes, n_samples).
    phenotype
        The phenotype's coordinate of each sample, or the number of its label, shape (n_samples,).
    labelled
        Whether the phenotype has labels, each of at least two samples.
    n_neighbours
        Number of nearest neighbours.

    References
    ----------
    Kraskov, Stoegbauer & Grassberger (2004), Phys. Rev. E 69, 066138; Ross (2014), PLoS ONE 9(2): e87357.
    """

    def __init__(
        self, positions: NDArray[np.float64], phenotype: NDArray[np.float64], *, labelled: bool, n_neighbours: int
    ) -> None:
        self._positions, self._phenotype, self._labelled = positions, phenotype, labelled
        self._n_neighbours = n_neighbours
        self._pairs = ksg_estimator(positions, n_neighbours)

    def relevance(self, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """I(gene; phenotype) of all genes, shape (n_orders, n_genes)."""
        return np.maximum(self._with_phenotype(ALONE, orders), 0.0)

    def redundancy(self, gene: int) -> NDArray[np.float64]:
        """I(gene; other) of one gene with all, shape (n_genes,)."""
        n_genes = len(self._positions)
        mi = np.zeros((1, n_genes))
        self._pairs.rows(np.array([gene]), np.arange(n_genes) == gene, 0, mi)
        return np.maximum(mi[0], 0.0) * LOG2_E

    def joint_relevance(self, gene: int, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """I(other, gene; phenotype) of all genes, each together with one, shape (n_orders, n_genes); may be negative.

        Distances in the two genes are the larger of both differences. Of the gene with itself it is that of one gene.
        """
        return self._with_phenotype(gene, orders)

    def conditional_relevance(self, gene: int, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """I(other; phenotype | gene) of all genes, given one, shape (n_orders, n_genes); may be negative.

        I(x; y | z) = I(x, z; y) - I(z; y).
        """
        joint = self.joint_relevance(gene, orders)
        return joint - joint[:, [gene]]

    def _with_phenotype(self, gene: int, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """Estimate the information of all genes, each together with one, or `ALONE`, about the phenotype."""
        n_samples = self._positions.shape[1]
        genes = PairedGenes(self._positions, gene, self._n_neighbours, psi_table(n_samples))
        mi = np.empty((len(orders), len(self._positions)))
        if self._labelled:
            codes = self._phenotype.astype(np.int64)
            ross_pairs(genes, LabelOrders(codes[orders], np.bincount(codes)), mi)
        else:
            order = np.argsort(self._phenotype, kind="stable")
            place = np.empty_like(order)
            place[order] = np.arange(n_samples)
            ksg_pairs(genes, NumberOrders(self._phenotype[orders.T], place[orders.T], self._phenotype[order]), mi)
        return mi * LOG2_E


def cells_of(codes: NDArray[np.integer], genes: Sequence[int], groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number of the group of each sample: those of a group agree in the bins of these genes and in `groups`.

    Examples
    --------
    >>> cells_of(np.array([[0, 0, 1, 1], [0, 1, 1, 1]]), [0, 1], np.zeros(4, int)).tolist()
    [0, 1, 2, 2]
    """
    cells = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    for gene in genes:
        joined = cells * (int(codes[gene].max()) + 1) + codes[gene]
        cells = np.unique(joined, return_inverse=True)[1].astype(np.int64)
    return cells
