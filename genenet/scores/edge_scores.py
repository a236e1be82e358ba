"""The weight of the edges of a network: MI, or a score of how far it stands out or how direct it is.

Scores that need the MI of all pairs (`genenet.scores`) are computed on the significant network: a pair that is no edge
counts as MI 0, as it does for the data processing inequality. CLR is of all pairs that were tested. The partial
correlation is computed from the expression itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import CONSENSUS_GENES, Prune, Score
from genenet.errors import ConfigError, InputError
from genenet.kernels.places import add_log_places, consensus
from genenet.products.edges import EdgeSource
from genenet.products.expression import Expression, dense_values, tested
from genenet.products.pairs import Pairs, Triangle
from genenet.products.sparse_values import sparse_values
from genenet.products.strata import standardised, strata_of
from genenet.scores.matrix_scores import mrnet, mrnet_of_pairs, mrnetb, network_deconvolution, pidc, puc
from genenet.scores.partial_correlation import partial_correlations, relative, sparse_partial_correlations
from genenet.scores.strongest import Scorer
from genenet.statistics.clr import background, scored_by_clr

if TYPE_CHECKING:
    from genenet.products.bins import Bins


CLR_VARIANTS: dict[Score, Literal["faith", "squared", "stouffer"]] = {
    "clr": "faith",
    "clr_stouffer": "stouffer",
    "clr_squared": "squared",
}
OF_THE_TABLE: tuple[Score, ...] = ("mrnet", "mrnetb", "network_deconvolution", "puc", "pidc")
# Largest number of genes for scores that need tables of all pairs: 3 tables of 8 bytes a cell.
MOST_GENES = 15_000
# MRNET lists the neighbours of each gene, instead of a table of all pairs, below this share of significant pairs.
LISTED_SHARE = 0.5
# The default is a consensus up to this many genes and significant pairs: MRNET takes minutes with more.
CONSENSUS: tuple[Score, ...] = ("clr_squared", "mrnet", "partial_correlation")
CONSENSUS_PAIRS = 10_000_000
# If regulators are given and a larger share of the pairs is significant, significance does not tell which edges matter.
COMPENDIUM_SHARE = 0.5


@dataclass(frozen=True)
class Choice:
    """The scores that weight the edges, and why these.

    Attributes
    ----------
    scores
        Names; several are a consensus.
    reason
        Empty if the user chose.
    """

    scores: tuple[Score, ...]
    reason: str = ""


def is_compendium(edges: EdgeSource, regulators: NDArray[np.bool_] | None) -> bool:
    """Whether some genes are regulators and most tested pairs are significant, as in compendia of many conditions."""
    if regulators is None or regulators.all():
        return False
    n_tested = int(edges.sums[:, 0].sum()) // 2
    # If every pair is an edge, as with alpha 1, significance was not asked for and tells nothing.
    return COMPENDIUM_SHARE * n_tested < len(edges.pairs) < n_tested


def choose_scores(edges: EdgeSource, settings: Prune, regulators: NDArray[np.bool_] | None) -> Choice:
    """Choose the scores if the settings leave it open.

    - A compendium: the partial correlation, which finds about twice as many regulations there as scores of MI.
    - Else the consensus of CLR, MRNET and the partial correlation, the best ranking over all known networks.
    - Where there are too many genes or significant pairs for MRNET: CLR.
    """
    if settings.score != ("auto",):
        return Choice(settings.score)
    n_genes, n_pairs = len(edges.genes), len(edges.pairs)
    if is_compendium(edges, regulators):
        return Choice(("partial_correlation",), "a compendium: regulators are given and most pairs are significant")
    if n_genes > CONSENSUS_GENES:
        return Choice(("clr_squared",), f"the default consensus is for at most {CONSENSUS_GENES:,} genes")
    if n_pairs > CONSENSUS_PAIRS:
        return Choice(("clr_squared",), f"the default consensus is for at most {CONSENSUS_PAIRS:,} significant pairs")
    return Choice(CONSENSUS)


def edge_scores(
    edges: EdgeSource,
    score: Score | Sequence[Score],
    *,
    regulators: NDArray[np.bool_] | None = None,
    bins: "Bins | None" = None,
    expression: "Expression | None" = None,
) -> Scorer:
    """Make the function that computes the score of edges.

    Parameters
    ----------
    edges
        Significant edges.
    score
        - `mi`: mutual information.
        - `clr`, `clr_stouffer`, `clr_squared`: variants `faith`, `stouffer`, `squared` of `genenet.scores.clr`.
        - `mrnet`, `mrnetb`, `network_deconvolution`, `puc`, `pidc`, `partial_correlation`: see `genenet.scores`.
        - Several of these: their consensus, from the mean of the logarithms of a pair's ranks by each score (1 for the
          largest, the mean rank for equals), scaled to 1 (first by all) .. 0 (last by all).
    regulators
        Genes that regulate, shape (n_genes,); None if there is no list.
    bins
        What MI was computed from; `puc` and `pidc` need it.
    expression
        The prepared matrix; `partial_correlation` needs it.

    Raises
    ------
    InputError
        If there are too many genes for a score that needs the table of all pairs.
    ConfigError
        If a score needs bins or the expression, and there are none.
    """
    if not isinstance(score, str):
        scorers = [edge_scores(edges, name, regulators=regulators, bins=bins, expression=expression) for name in score]
        return scorers[0] if len(scorers) == 1 else _consensus(edges, scorers)
    if score == "mi":
        return lambda _, part: part.mi
    if score in CLR_VARIANTS:
        genes, variant = background(edges.sums), CLR_VARIANTS[score]
        return lambda _, part: scored_by_clr(part.first, part.second, part.mi, genes, variant=variant)
    if score == "partial_correlation":
        return _partial_correlation(expression)
    n_genes = len(edges.genes)
    _check_table(f"prune.score {score}", n_genes)
    if not len(edges.pairs):
        return lambda _, part: part.mi
    if score == "mrnet" and _is_sparse(edges.pairs, n_genes):
        return _by_position(edges.pairs, mrnet_of_pairs(edges.pairs, n_genes, regulators=regulators))
    matrix = _matrix(edges, score, n_genes, regulators, bins)
    return lambda _, part: matrix[part.first, part.second]


def check_number_of_genes(n_genes: int, settings: Prune) -> None:
    """Refuse, before anything is computed, a score or pruning method for which there are too many genes.

    Raises
    ------
    InputError
        If there are too many genes for what needs the table of all pairs.
    """
    for score in settings.score:
        if score in OF_THE_TABLE:
            _check_table(f"prune.score {score}", n_genes)
    if settings.method in ("mrnet", "mrnetb"):
        _check_table(f"prune.method {settings.method}", n_genes)


def _check_table(what: str, n_genes: int) -> None:
    if n_genes > MOST_GENES:
        raise InputError(
            f"{what} works on the table of all pairs, for at most {MOST_GENES:,} genes, and there are {n_genes:,};"
            " use clr_squared, clr or mi as the score and dpi as the method, or fewer genes (prepare.n_top_variable)"
        )


def _consensus(edges: EdgeSource, scorers: list[Scorer]) -> Scorer:
    """Mean of the logarithms of the ranks by several scores, as 0 (last) to 1 (first)."""
    n = len(edges.pairs)
    total = np.zeros(n)
    for scorer in scorers:
        scores, at = np.empty(n), 0
        for positions, part in edges.pairs.parts():
            scores[at : at + len(part)] = scorer(positions, part)
            at += len(part)
        # Equal scores share their rank, so that their order does not matter.
        add_log_places(scores, np.argsort(scores), total)
    consensus(total, len(scorers))
    return _by_position(edges.pairs, total)


def _is_sparse(pairs: Pairs | Triangle, n_genes: int) -> bool:
    """Whether few pairs are edges; a corrected estimate may be negative, which is not the same as no edge."""
    smallest = pairs.smallest_mi()
    return len(pairs) < LISTED_SHARE * n_genes * (n_genes - 1) / 2 and smallest is not None and smallest >= 0


def _by_position(pairs: Pairs | Triangle, scores: NDArray[np.float64]) -> Scorer:
    """Look scores up that were computed for all pairs, in their order."""
    # Positions ascend; in a list each is its own number.
    if len(scores) == pairs.n_positions:
        return lambda positions, _: scores[positions]
    places = np.concatenate([positions for positions, _ in pairs.parts()])
    return lambda positions, _: scores[np.searchsorted(places, positions)]


def _partial_correlation(expression: "Expression | None") -> Scorer:
    if expression is None:
        raise ConfigError("prune.score partial_correlation needs the expression matrix: give it")
    mostly_zeros = sparse_values(expression) if strata_of(expression) is None else None
    if mostly_zeros is not None and mostly_zeros.n_genes <= mostly_zeros.n_samples:
        found = sparse_partial_correlations(mostly_zeros)
    else:
        found = partial_correlations(_within_strata(expression))
    regulator, targets, pairs = tested(expression)
    if pairs is not None:
        means = found.means_of(pairs)
    else:
        means = found.means(regulator, np.ones(len(regulator), bool) if targets is None else targets)
    return lambda _, part: relative(found.of(part.first, part.second), means, part.first, part.second)


def _within_strata(expression: Expression) -> NDArray[np.float64]:
    """Expression standardised within strata; as it is if there are no strata. Shape (n_genes, n_samples)."""
    values, strata = dense_values(expression), strata_of(expression)
    if strata is None:
        return values
    scores = standardised(values, strata)
    # A gene that varies only between strata keeps its values: its correlation with standardised genes is 0.
    still = ~scores.any(axis=1)
    scores[still] = values[still]
    return scores


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
