"""Edges with and without strata: which of them a batch explains, hides or turns around.

The network within strata is compared with the one that the same settings give without strata. For each edge of either
the mutual information of all samples (total) is set beside that within strata, with the p-value of each:

- `none`: significant both ways.
- `explained`: significant without strata, not within them, although a dependence within strata as strong as the total
  would be significant with a probability above 0.9.
- `unclear`: significant without strata, not within them, and too few samples to say so.
- `reversed`: significant both ways, and the rank correlation within strata has the other sign (Simpson's paradox).
- `hidden`: significant within strata only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import Settings
from genenet.errors import InputError, quote_some
from genenet.estimators.null_draws import drawn
from genenet.estimators.within_strata import listed_information
from genenet.kernels.correlation import correlations
from genenet.kernels.weights import LOG2_E
from genenet.products.bins import Bins
from genenet.products.blocks import origin_of_null
from genenet.products.confounding import VERDICTS, empty_table, union_of
from genenet.products.edges import gene_positions
from genenet.products.expression import Notes, dense_values
from genenet.products.origin import ADVICE, check_one_run, origin_of_table, put_origin
from genenet.products.pairs import Pairs
from genenet.products.strata import Strata, standardised, strata_of
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import critical_curve, pair_moments
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.prune import selected
from genenet.steps.significance import significance, single_cutoff

if TYPE_CHECKING:
    from anndata import AnnData

POWER = 0.9
"""Power above which an edge that is not significant within strata is explained by them."""
CLEAR_SIGN = 1.96
"""Standard errors by which a rank correlation differs from 0 if its sign counts."""


@dataclass(frozen=True)
class Network:
    """One of the two networks: its null, the p-value of its weakest significant pair, and its edges."""

    bins: Bins
    null: Null
    cutoff: float
    edges: Pairs


def confounding(
    expression: "AnnData",
    bins: Bins,
    null: Null,
    edges: pd.DataFrame,
    statistics: dict[str, Any],
    settings: Settings | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Infer the network without strata, and compare it with the one within.

    Parameters
    ----------
    expression
        The prepared matrix, with strata.
    bins, null
        Discretised within strata, and the null within strata.
    edges
        The edges table of the network within strata.
    statistics
        Those of `genenet.steps.significance.significance` within strata.
    settings
        Those of the network within strata.
    progress
        Called with the number of pairs done since the last call.

    Returns
    -------
    pandas.DataFrame
        A row for each edge of either network, the largest MI first: gene_a, gene_b, mi_total, pvalue_total, mi_within,
        pvalue_within, mi_between (bits; the difference of the two, each less the mean of its null), spearman_total,
        spearman_within, power (to see a dependence within strata that is as strong as the total), confounding,
        kept_total and kept_within (whether it is an edge of each network). Without rows if there is one stratum only.

    Examples
    --------
    >>> import genenet
    >>> rng = np.random.default_rng(0)
    >>> values = pd.DataFrame(rng.normal(size=(20, 80)), columns=[f"s{k}" for k in range(80)])
    >>> values.iloc[:8, :40] += 3.0
    >>> samples = pd.DataFrame({"batch": ["a", "b"]}).loc[[0] * 40 + [1] * 40].set_axis(values.columns, axis=0)
    >>> result = genenet.infer_network(values, table=samples, strata="batch", n_draws=100_000)
    >>> result.confounding["confounding"].value_counts()["explained"] > 5
    np.True_
    """
    given = {"the table of edges": origin_of_table(edges), "the null": origin_of_null(null)}
    check_one_run({**given, "the discretised matrix": bins.origin}, warn=False)
    if bins.strata is None:
        return empty_table()
    check_strata(expression, bins.strata)
    settings = settings or Settings()
    if null.n_draws < statistics["n_draws"]:
        null = drawn(bins, null, statistics["n_draws"])
    cutoff = statistics["cutoff_pvalue"] or single_cutoff(statistics["n_pairs"], settings.significance)
    within = Network(bins, null, cutoff, _kept(edges, expression.var_names))
    found = compare(expression, _without_strata(expression, settings, progress), within)
    put_origin(found, origin_of_table(edges))
    return found


def check_strata(expression: "AnnData", strata: Strata) -> None:
    """Refuse a matrix whose strata are not those within which it was discretised.

    Raises
    ------
    InputError
        If they differ.
    """
    own = strata_of(expression)
    if own is None or not np.array_equal(own.codes, strata.codes):
        names = quote_some(list(Notes.of(expression, tables=False).strata)) if own is not None else "none"
        raise InputError(f"the strata of the matrix ({names}) are not those within which it was discretised; {ADVICE}")


def _without_strata(expression: "AnnData", settings: Settings, progress: Callable[[int], None] | None) -> Network:
    """The network of the same settings without strata."""
    from anndata import AnnData

    notes = {key: value for key, value in expression.uns["genenet"].items() if key not in ("strata", "small_strata")}
    pooled = AnnData(expression.X, obs=expression.obs, var=expression.var, uns={"genenet": notes})
    alpha, seed = settings.significance.alpha, settings.seed
    bins = discretise(pooled, settings.discretise, settings.information)
    null = permutation_null(bins, settings.permutation, alpha=alpha, seed=seed)
    block = information(bins, null, alpha=alpha, control=False, progress=progress)
    found = significance([block], bins, null, settings.significance, in_place=True)
    del block
    cutoff = found.statistics["cutoff_pvalue"] or single_cutoff(found.statistics["n_pairs"], settings.significance)
    return Network(bins, found.null, cutoff, selected(found, pooled, settings.prune, bins))


def _kept(edges: pd.DataFrame, genes: pd.Index) -> Pairs:
    """The kept edges as pairs."""
    kept = edges.loc[edges["kept"].to_numpy(dtype=bool)]
    first, second = (gene_positions(kept[name], genes) for name in ("gene_a", "gene_b"))
    return Pairs(first, second, kept["mi"].to_numpy(float))


def compare(expression: "AnnData", total: Network, within: Network) -> pd.DataFrame:
    """Compare the edges of the two networks (see `confounding`)."""
    strata = strata_of(expression)
    first, second, in_total, in_within = union_of(total.edges, within.edges)
    mi = [listed_information(network.bins, first, second) for network in (total, within)]
    pvalues = [
        network.null.pvalues(network.null.log_pivots(values, first, second))
        for network, values in zip((total, within), mi, strict=True)
    ]
    means = [pair_moments(network.null.factors, first, second)[0] for network in (total, within)]
    excess = mi[0] - means[0]
    values = dense_values(expression)
    signs = []
    for by in (None, strata):
        signs.append(np.empty(len(first)))
        correlations(standardised(values, by, ranks=True), first, second, signs[-1])
    found = power(within, first, second, np.maximum(excess, 0.0))
    significant = [p <= network.cutoff for p, network in zip(pvalues, (total, within), strict=True)]
    verdicts = _verdicts(significant, found, signs, expression.n_obs)
    genes = expression.var_names
    table = pd.DataFrame(
        {
            "gene_a": pd.Categorical.from_codes(first, genes),
            "gene_b": pd.Categorical.from_codes(second, genes),
            "mi_total": mi[0],
            "pvalue_total": pvalues[0],
            "mi_within": mi[1],
            "pvalue_within": pvalues[1],
            "mi_between": excess - (mi[1] - means[1]),
            "spearman_total": signs[0],
            "spearman_within": signs[1],
            "power": found,
            "confounding": pd.Categorical.from_codes(verdicts, VERDICTS),
            "kept_total": in_total,
            "kept_within": in_within,
        }
    )
    return table.iloc[np.argsort(-mi[0], kind="stable")].reset_index(drop=True)


def power(
    within: Network, first: NDArray[np.int32], second: NDArray[np.int32], mi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability that pairs whose true MI within strata is `mi` (bits) are significant within strata.

    2 n MI is a weighted sum of chi-square variables, of which the one with the largest weight w is taken to be
    non-central: its mean is that of the null plus 2 n mi, its variance that of the null plus 4 w times 2 n mi (nats).
    The weight follows from the null's third and second moments; it is 1 for hard bins.

    Parameters
    ----------
    within
        The network within strata.
    first, second
        Genes of the pairs.
    mi
        True MI of each pair in bits.
    """
    from scipy.special import ndtr

    mean, deviation, skewness = pair_moments(within.null.factors, first, second)
    log_pivot = within.null.log_pivot_at(within.cutoff)
    curve = critical_curve(log_pivot, within.null.factors)
    critical = mean + deviation * np.polyval(curve[1:], skewness)
    n = within.bins.n_samples
    weight = np.minimum(n / 2 * skewness * deviation / LOG2_E, 1.0)
    spread = np.sqrt(deviation**2 + 2.0 * LOG2_E * weight * mi / n)
    return np.asarray(ndtr((mean + mi - critical) / spread))


def _verdicts(
    significant: list[NDArray[np.bool_]], power: NDArray[np.float64], signs: list[NDArray[np.float64]], n_samples: int
) -> NDArray[np.int64]:
    """Position of each pair's verdict in VERDICTS; significance and rank correlations in total and within strata."""
    in_total, in_within = significant
    clear = np.minimum(np.abs(signs[0]), np.abs(signs[1])) * np.sqrt(n_samples - 1) > CLEAR_SIGN
    turned = clear & (signs[0] * signs[1] < 0)
    names = np.select(
        [in_total & in_within & turned, in_total & in_within, in_within, in_total & (power > POWER)],
        ["reversed", "none", "hidden", "explained"],
        "unclear",
    )
    return VERDICTS.get_indexer(pd.Index(names)).astype(np.int64)
