"""The weight of the edges of a network: MI, or a score that says how far it stands out or is not through others.

Scores that need the MI of all pairs (`genenet.scores`) are computed on the significant network: a pair that is no edge
counts as MI 0, as it does for the data processing inequality. CLR is of all pairs that were tested.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prune, Score
from genenet.errors import ConfigError, InputError
from genenet.products.edges import EdgeSource
from genenet.scores.matrix_scores import mrnet, mrnetb, network_deconvolution, pidc, puc
from genenet.scores.strongest import Scorer
from genenet.statistics.clr import background, scored_by_clr

if TYPE_CHECKING:
    from genenet.products.bins import Bins


CLR_VARIANTS: dict[Score, Literal["faith", "squared", "stouffer"]] = {
    "clr": "faith",
    "clr_stouffer": "stouffer",
    "clr_squared": "squared",
}
# Genes whose table of all pairs is worth its memory: 3 tables of 8 bytes a cell.
MOST_GENES = 15_000


def edge_scores(
    edges: EdgeSource,
    score: Score,
    *,
    regulators: NDArray[np.bool_] | None = None,
    bins: "Bins | None" = None,
) -> Scorer:
    """Make what computes the score of edges.

    Parameters
    ----------
    edges
        Significant edges.
    score
        - `mi`: mutual information.
        - `clr`, `clr_stouffer`, `clr_squared`: variants `faith`, `stouffer`, `squared` of `genenet.scores.clr`.
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
        return lambda _, part: part.mi
    if score in CLR_VARIANTS:
        genes, variant = background(edges.sums), CLR_VARIANTS[score]
        return lambda _, part: scored_by_clr(part.first, part.second, part.mi, genes, variant=variant)
    if score == "consensus":
        return _consensus(edges, [edge_scores(edges, name, regulators=regulators) for name in ("clr_squared", "mrnet")])
    n_genes = len(edges.genes)
    _check_table(f"prune.score {score}", n_genes)
    if not len(edges.pairs):
        return lambda _, part: part.mi
    matrix = _matrix(edges, score, n_genes, regulators, bins)
    return lambda _, part: matrix[part.first, part.second]


def check_number_of_genes(n_genes: int, settings: Prune) -> None:
    """Refuse, before anything is computed, a score or pruner that so many genes are too many for.

    Raises
    ------
    InputError
        If there are too many genes for what needs the table of all pairs.
    """
    if settings.score != "mi" and settings.score not in CLR_VARIANTS:
        _check_table(f"prune.score {settings.score}", n_genes)
    if settings.method in ("mrnet", "mrnetb"):
        _check_table(f"prune.method {settings.method}", n_genes)


def _check_table(what: str, n_genes: int) -> None:
    if n_genes > MOST_GENES:
        raise InputError(
            f"{what} works on the table of all pairs, for at most {MOST_GENES:,} genes, and there are {n_genes:,};"
            " use clr_squared, clr or mi as the score and dpi as the method, or fewer genes (prepare.n_top_variable)"
        )


def _consensus(edges: EdgeSource, scorers: list[Scorer]) -> Scorer:
    """Mean of the ranks by several scores, 0 to 1."""
    from scipy.stats import rankdata  # slow to import, and this score needs it only

    n, total = len(edges.pairs), np.zeros(edges.pairs.n_positions)
    for scorer in scorers:
        parts = [(positions, scorer(positions, part)) for positions, part in edges.pairs.parts()]
        if parts:
            positions, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
            total[positions] += (rankdata(scores) - 1.0) / (max(n - 1, 1) * len(scorers))
    return lambda positions, _: total[positions]


def _matrix(
    edges: EdgeSource, score: Score, n_genes: int, regulators: NDArray[np.bool_] | None, bins: "Bins | None"
) -> NDArray[np.float64]:
    if score in ("puc", "pidc"):
        if bins is None or bins.positions is not None:
            raise ConfigError(f"prune.score {score} needs bins: give them, and an information.estimator that has bins")
        contributions = puc(bins)
        return contributions if score == "puc" else pidc(contributions)
    mi = np.zeros((n_genes, n_genes))
    for _, part in edges.pairs.parts():
        mi[part.first, part.second] = part.mi
        mi[part.second, part.first] = part.mi
    if score == "network_deconvolution":
        return network_deconvolution(mi)
    return (mrnet if score == "mrnet" else mrnetb)(mi, regulators=regulators)
