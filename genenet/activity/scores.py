"""Activity of every regulator in every sample, from the expression of its targets."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from genenet.config.sections import ActivityMethod
from genenet.errors import ConfigError, InputError, count, logger_of, quote_some
from genenet.expression.list_matching import none_found
from genenet.products.expression import complete_values

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logger_of("genenet")


def activity(
    expression: AnnData,
    regulons: pd.DataFrame,
    *,
    method: ActivityMethod = "ulm",
    min_targets: int = 10,
    leave_out: "Sequence[str]" = (),
) -> AnnData:
    """Score how strongly each sample follows the targets of each regulator.

    Every gene is first scaled to mean 0 and variance 1 over the samples; genes without variance are left out. `ulm` is
    the t-value of the slope when a sample's scaled expression of all genes is regressed on the weights of a regulon,
    genes that are no targets having the weight 0: r sqrt((n_genes - 2) / (1 - r^2)), r Pearson's correlation of both
    (Badia-i-Mompel et al. 2022, doi:10.1093/bioadv/vbac016). `viper` is the analytic rank-based enrichment of VIPER
    (Alvarez et al. 2016, doi:10.1038/ng.3593), computed by the package decoupler, without its correction for shared
    targets.

    Parameters
    ----------
    expression
        The prepared matrix, samples x genes.
    regulons
        Table with the columns source, target and weight, as `regulons_of` makes it.
    method
        `ulm` or `viper`.
    min_targets
        Regulators with fewer targets among the genes are left out.
    leave_out
        Genes that are not used.

    Returns
    -------
    AnnData
        Samples x regulators: X the activities, obs that of the matrix, var `n_targets` and `n_positive` (targets that
        rise with the regulator), `uns["genenet"]` the method.

    Raises
    ------
    InputError
        If no regulator has enough targets.
    ConfigError
        If `viper` is asked for and decoupler is not installed.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(6, 40))
    >>> genes = pd.DataFrame(index=[f"g{i}" for i in range(40)])
    >>> values[3:, :10] += 3  # the first ten genes are high in the last three samples
    >>> regulons = pd.DataFrame({"source": "R", "target": genes.index[:10], "weight": 1.0})
    >>> found = activity(AnnData(values, var=genes), regulons)
    >>> (found.X[:, 0] > 0).tolist()
    [False, False, False, True, True, True]
    """
    scaled = scaled_genes(complete_values(expression))
    # Genes without variance are left out.
    used = ~expression.var_names.isin(list(leave_out)) & scaled.any(axis=1)
    scaled = scaled[used]
    weights, regulators = regulon_matrix(regulons, expression.var_names[used], min_targets)
    values = _ulm(scaled, weights) if method == "ulm" else _viper(scaled, weights)
    targets = weights != 0
    var = pd.DataFrame(
        {
            "n_targets": np.asarray(targets.sum(axis=0)).ravel().astype(np.int64),
            "n_positive": np.asarray((weights > 0).sum(axis=0)).ravel().astype(np.int64),
        },
        index=regulators,
    )
    note = {"method": method, "min_targets": min_targets}
    return AnnData(values, obs=expression.obs.copy(), var=var, uns={"genenet": note})


def regulon_matrix(
    regulons: pd.DataFrame, genes: pd.Index, min_targets: int
) -> tuple[sparse.csc_matrix, "pd.Index[str]"]:
    """Weights of the genes in each regulon, shape (n_genes, n_regulators), for regulators with enough targets.

    A regulator is never its own target.

    Raises
    ------
    InputError
        If no regulator has enough targets.
    """
    table = regulons[regulons["source"].astype(str) != regulons["target"].astype(str)]
    rows = genes.get_indexer(pd.Index(table["target"].astype(str)))
    table, rows = table[rows >= 0], rows[rows >= 0]
    sources = pd.Categorical(table["source"].astype(str), categories=pd.unique(table["source"].astype(str)))
    sizes = np.bincount(sources.codes, minlength=len(sources.categories))
    enough = sizes >= min_targets
    if not enough.any():
        largest = int(sizes.max(initial=0))
        if not len(table):
            targets = list(dict.fromkeys(regulons["target"].astype(str)))
            raise none_found(f"{count(len(targets), 'target')} of the regulons", targets, pd.DataFrame(index=genes))
        raise InputError(
            f"no regulator has {min_targets} targets among the {count(len(genes), 'gene')} (the largest regulon has"
            f" {largest}); lower --min-targets, or infer a network with more edges"
        )
    if not enough.all():
        few = list(sources.categories[~enough])
        logger.warning(
            "%s with fewer than %s targets have no activity (%s)",
            count(len(few), "regulator"), min_targets, quote_some(few),
        )  # fmt: skip
    new = np.cumsum(enough) - 1
    keep = enough[sources.codes]
    shape = (len(genes), int(enough.sum()))
    weights = table["weight"].to_numpy(float)[keep]
    matrix = sparse.csc_matrix((weights, (rows[keep], new[sources.codes[keep]])), shape=shape)
    return matrix, pd.Index(sources.categories[enough], dtype=object)


def scaled_genes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale each gene, shape (n_genes, n_samples), to mean 0 and variance 1; a constant gene becomes 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, ddof=1, keepdims=True)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def _ulm(scaled: NDArray[np.float64], weights: sparse.csc_matrix) -> NDArray[np.float64]:
    n_genes = len(scaled)
    centred = scaled - scaled.mean(axis=0)
    sums = np.asarray(weights.sum(axis=0)).ravel()
    squares = np.asarray(weights.multiply(weights).sum(axis=0)).ravel() - sums**2 / n_genes
    products = (weights.T @ centred).T
    r = products / np.sqrt(np.outer((centred**2).sum(axis=0), squares))
    r = np.clip(r, -1 + 1e-15, 1 - 1e-15)
    return np.asarray(r * np.sqrt((n_genes - 2) / (1 - r**2)))


def _viper(scaled: NDArray[np.float64], weights: sparse.csc_matrix) -> NDArray[np.float64]:
    try:
        import decoupler
    except ImportError:
        raise ConfigError(
            "activity.method viper is computed by the package decoupler, which is not installed; install genenet with"
            " its extra [activity], or use ulm"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Any = decoupler.mt.viper.func(scaled.T, weights.toarray(), pleiotropy=False)
    return np.asarray(found[0])
