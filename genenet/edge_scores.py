"""The weight of the edges of a network: MI, or a score that says how far it stands out or is not through others.

Scores that need the MI of all pairs (`genenet.scores`) are computed on the significant network: a pair that is no edge
counts as MI 0, as it does for the data processing inequality. CLR is of all pairs that were tested.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from genenet.config import Score
from genenet.errors import ConfigError, InputError
from genenet.scores import mrnet, mrnetb, network_deconvolution, pidc, puc

if TYPE_CHECKING:
    from genenet.discretise import Bins

# Genes whose table of all pairs is worth its memory: 3 tables of 8 bytes a cell.
MOST_GENES = 15_000


class EdgeSource(Protocol):
    """Significant edges in gene order, whose table is made only for the rows that are asked for."""

    @property
    def genes(self) -> pd.Index:
        """Names of all genes."""

    @property
    def first(self) -> NDArray[np.int32]:
        """Index of the first gene of each edge."""

    @property
    def second(self) -> NDArray[np.int32]:
        """Index of the second gene of each edge."""

    @property
    def mi(self) -> NDArray[np.float64]:
        """Mutual information of each edge, in bits."""

    def column(self, name: str) -> NDArray[np.float64]:
        """A column of numbers of the edges table."""

    def rows(self, which: NDArray[np.int64]) -> pd.DataFrame:
        """Rows of the edges table."""


def edge_scores(
    edges: EdgeSource,
    score: Score,
    *,
    regulators: NDArray[np.bool_] | None = None,
    bins: "Bins | None" = None,
) -> NDArray[np.float64]:
    """Compute the score of every edge.

    Parameters
    ----------
    edges
        Significant edges.
    score
        - `mi`: mutual information.
        - `clr`, `clr_squared`: variants `faith` and `squared` of `genenet.scores.clr`.
        - `mrnet`, `mrnetb`, `network_deconvolution`, `puc`, `pidc`: see `genenet.scores`.
        - `consensus`: mean of the ranks by clr_squared and by mrnet, 0 (last) to 1 (first).
    regulators
        Genes that regulate, shape (n_genes,); None if there is no list.
    bins
        What MI was computed from; `puc` and `pidc` need it.

    Raises
    ------
    InputError
        If there are too many genes for a score that needs the table of all pairs.
    ConfigError
        If a score needs bins and there are none.
    """
    if score == "mi":
        return edges.mi
    if score in ("clr", "clr_squared"):
        return edges.column(score)
    if score == "consensus":
        parts = [edges.column("clr_squared"), edge_scores(edges, "mrnet", regulators=regulators)]
        return np.mean([rankdata(part) - 1.0 for part in parts], axis=0) / max(len(edges.mi) - 1, 1)
    n_genes = len(edges.genes)
    if n_genes > MOST_GENES:
        raise InputError(
            f"prune.score {score} works on the table of all pairs, for at most {MOST_GENES:,} genes, and there are"
            f" {n_genes:,}; use clr_squared, clr or mi, or fewer genes (prepare.n_top_variable)"
        )
    if not len(edges.mi):
        return np.empty(0)
    return _matrix(edges, score, n_genes, regulators, bins)[edges.first, edges.second]


def _matrix(
    edges: EdgeSource, score: Score, n_genes: int, regulators: NDArray[np.bool_] | None, bins: "Bins | None"
) -> NDArray[np.float64]:
    if score in ("puc", "pidc"):
        if bins is None or bins.positions is not None:
            raise ConfigError(f"prune.score {score} needs bins: give them, and an information.estimator that has bins")
        contributions = puc(bins)
        return contributions if score == "puc" else pidc(contributions)
    mi = np.zeros((n_genes, n_genes))
    mi[edges.first, edges.second] = edges.mi
    mi[edges.second, edges.first] = edges.mi
    if score == "network_deconvolution":
        return network_deconvolution(mi)
    return (mrnet if score == "mrnet" else mrnetb)(mi, regulators=regulators)
