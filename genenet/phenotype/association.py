"""Genes against a phenotype: mutual information of every gene with an attribute of the samples."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config.checking import associate_from_keywords
from genenet.config.keys import ASSOCIATE_KEYWORDS
from genenet.config.keywords import AssociateKeywords
from genenet.config.sections import CONTINUOUS, Associate, Settings
from genenet.config.signatures import takes_settings
from genenet.errors import ConfigError
from genenet.estimators.labels import Labels
from genenet.estimators.pair_estimators import PairEstimator, pair_estimator, ross_estimator
from genenet.kernels.correlation import correlations
from genenet.kernels.weights import LOG2_E
from genenet.phenotype.reading import (
    Phenotype,
    check_label_sizes,
    check_number_of_labels,
    read_phenotype,
    varying_genes,
)
from genenet.products.bins import Bins
from genenet.products.expression import complete_values
from genenet.products.strata import Strata, in_strata, standardised, strata_of
from genenet.randomness import Purpose, stream_key
from genenet.statistics.multiple_testing import adjust
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.permutation import SMALLEST_SKEWNESS

# Permuted genes that are computed at a time.
DRAWS_AT_ONCE = 1 << 20


@takes_settings(AssociateKeywords, ASSOCIATE_KEYWORDS)
def associate(
    expression: AnnData,
    phenotype: "str | pd.Series[Any]",
    *,
    strata: "str | Sequence[str] | pd.Series[Any] | pd.DataFrame | None" = None,
    settings: Settings | None = None,
    options: Associate | None = None,
    progress: Callable[[int], None] | None = None,
    **keywords: Unpack[AssociateKeywords],
) -> pd.DataFrame:
    """Mutual information of every gene with an attribute of the samples, with p-values from permutations.

    MI is estimated as between genes (`information.estimator`, `discretise.*`): a discrete phenotype is a variable
    whose bins are its labels, a continuous one is discretised as genes are. With `ksg` the
    estimator of Ross (2014) serves a discrete phenotype.

    With strata, genes and a continuous phenotype are discretised within strata, and MI is the mean of that within
    strata, weighted by their numbers of samples: I(gene; phenotype | stratum).

    The p-value of a gene is that of its MI among permutations of the phenotype, within strata if there are any. Half
    of the gene's own permutations give a mean, standard deviation and skewness; by these MI becomes a Pearson III tail
    probability, which is comparable between genes. How often the other half of the permutations reaches it is counted
    over all genes together; p-values below the resolution of these counts are extrapolated, and labelled so.

    Parameters
    ----------
    expression
        As `genenet.expression.prepare` gives it: obs = samples, var = genes.
    phenotype
        Column of obs, or a series by sample name. Samples without a value are left out.
    strata
        One or several columns of obs, or a series or table by sample name, of groups (batches) to compare within, so
        that what differs between groups is not taken for association. A stratum has at least 8 samples. By default the
        strata of the run that the matrix is of, if it has any.
    settings
        Of discretise, information, permutation.extrapolate, significance.correction, seed.
    options
        Kind of the phenotype, number of permutations.
    progress
        Called with the number of permuted genes done since the last call (n_genes * n_permutations altogether).
    **keywords
        Single settings by name, over `settings` and `options`.

    Returns
    -------
    pandas.DataFrame
        gene, mi (bits), pvalue, pvalue_kind, qvalue, and for a continuous phenotype spearman (with strata the mean of
        those within); the smallest p-value first, the larger MI among equals.

    Raises
    ------
    InputError
        If the phenotype is not there, says nothing, or too few samples have it; if strata are no groups of samples
        (see `genenet.products.strata.read_strata`), or each has one label only.
    ConfigError
        If something is wrong with the settings, or strata are to be used with another estimator than the plug-in.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> samples = pd.DataFrame({"sex": ["f", "m"] * 30}, index=[f"s{i}" for i in range(60)])
    >>> adata = AnnData(rng.normal(size=(60, 4)), obs=samples)
    >>> adata.X[::2, 2] += 2
    >>> table = associate(adata, "sex", n_permutations=200)
    >>> table["gene"].tolist()[0], bool(table["qvalue"][0] < 0.01)
    ('2', True)
    """
    settings, options = associate_from_keywords(base=settings, options=options, **keywords)
    read = read_phenotype(
        expression,
        phenotype,
        kind=options.kind,
        strata=strata,
        small_strata=settings.prepare.small_strata,
        min_samples=settings.prepare.min_samples,
    )
    used = expression[read.samples]
    used = in_strata(used[:, varying_genes(used)], read.strata)
    compared = _compared(used, read, settings)
    observed = np.maximum(compared.observed(used.n_vars), 0.0) * LOG2_E
    null, pivots = _null(compared, observed, options.n_permutations, settings, progress)
    pvalues = null.pvalues(pivots)
    kind = null.is_extrapolated(pvalues).astype(np.int8)
    table = pd.DataFrame(
        {
            "gene": used.var_names.to_numpy(),
            "mi": observed,
            "pvalue": pvalues,
            "pvalue_kind": pd.Categorical.from_codes(kind, pd.Index(["empirical", "extrapolated"])),
            "qvalue": adjust(pvalues, used.n_vars, settings.significance.correction),
        }
    )
    if read.labels is None:
        table["spearman"] = _spearman(used, read.values)
    order = np.lexsort((-observed, pvalues))
    return table.iloc[order].reset_index(drop=True)


class _Compared:
    """Genes beside the phenotype, which is the last row, in each stratum.

    Parameters
    ----------
    estimators
        Estimator of each stratum.
    sizes
        Number of samples of each stratum.
    """

    def __init__(self, estimators: Sequence[PairEstimator], sizes: Sequence[int]) -> None:
        self._estimators, self._sizes = estimators, sizes

    def observed(self, n_genes: int) -> NDArray[np.float64]:
        """MI of each gene with the phenotype, in nats, the mean of that within strata; shape (n_genes,)."""
        total, one = np.zeros(n_genes), np.zeros((1, n_genes + 1))
        is_row = np.arange(n_genes + 1) == n_genes
        for estimator, size in zip(self._estimators, self._sizes, strict=True):
            estimator.rows(np.array([n_genes]), is_row, 0, one)
            total += one[0, :n_genes] * (size / sum(self._sizes))
        return total

    def permuted(
        self, genes: NDArray[np.int64], n_genes: int, key: np.uint64, start: int, n: int
    ) -> NDArray[np.float64]:
        """The same with the phenotype permuted within strata, a number of times for each of some genes, one by one.

        start: number of permuted genes before these; n: number of all.
        """
        total, one = np.zeros(len(genes)), np.empty(len(genes))
        for number, (estimator, size) in enumerate(zip(self._estimators, self._sizes, strict=True)):
            together = Strata.of(np.zeros(size, np.int64))
            estimator.draws(np.full_like(genes, n_genes), genes, key, number * n + start, one, together)
            total += one * (size / sum(self._sizes))
        return total


def _compared(used: AnnData, read: Phenotype, settings: Settings) -> _Compared:
    """Put the phenotype beside the genes, in each stratum."""
    information = settings.information
    if read.strata.n == 1:
        return _Compared([_estimator(used, read, settings)], [used.n_obs])
    if information.estimator != "plugin":
        raise ConfigError(
            f"prepare.strata needs information.estimator: plugin, got {information.estimator}: the null within"
            " strata is made for"
            " it alone"
        )
    if read.labels is None:
        parts = discretise(_with_last(used, read.values), settings.discretise, information).by_stratum()
    else:
        genes = discretise(used, settings.discretise, information).by_stratum()
        samples = read.strata.parts()
        parts = (_with_labels(part, read.labels, own) for part, own in zip(genes, samples, strict=True))
    return _Compared([pair_estimator(part) for part in parts], read.strata.sizes.tolist())


def _estimator(used: AnnData, read: Phenotype, settings: Settings) -> PairEstimator:
    """Make the estimator of all genes and, as the last one, the phenotype."""
    information = settings.information
    if read.labels is None:
        return pair_estimator(discretise(_with_last(used, read.values), settings.discretise, information))
    if information.estimator not in CONTINUOUS:
        bins = discretise(used, settings.discretise, information)
        return pair_estimator(_with_labels(bins, read.labels))
    if information.estimator in ("ksg", "ksg2"):
        return _ross(used, read.labels, settings)
    if len(read.labels.levels) > 2:
        raise ConfigError(
            f"information.estimator {information.estimator} needs a phenotype that is a number or has two labels, and"
            f" {read.name} has {len(read.labels.levels)}; use plugin or ksg"
        )
    return pair_estimator(discretise(_with_last(used, read.values), settings.discretise, information))


def _with_last(used: AnnData, values: NDArray[np.float64]) -> AnnData:
    """Put the phenotype after the genes."""
    return AnnData(
        np.column_stack([complete_values(used).T, values]),
        obs=used.obs,
        var=pd.DataFrame(index=[*used.var_names, "phenotype"]),
        uns={"genenet": used.uns["genenet"]},
    )


def _with_labels(bins: Bins, labels: Labels, samples: NDArray[np.int64] | slice = slice(None)) -> Bins:
    """Put labels after the genes as a variable with hard bins; samples: those that the bins are of."""
    check_number_of_labels(labels)
    n_labels = len(labels.levels)
    weights = np.zeros((bins.n_genes + 1, max(bins.n_bins, n_labels), bins.n_samples), np.uint8)
    weights[:-1, : bins.n_bins] = bins.dense_weights
    weights[-1, labels.codes[samples], np.arange(bins.n_samples)] = bins.total
    genes = pd.Index([*bins.genes, "phenotype"])
    regulator = np.arange(len(genes)) == bins.n_genes
    return Bins(genes, bins.samples, weights, bins.total, regulator, bins.estimator)


def _ross(used: AnnData, labels: Labels, settings: Settings) -> PairEstimator:
    check_label_sizes(labels)
    bins = discretise(used, settings.discretise, settings.information)
    assert bins.positions is not None
    positions = np.vstack([bins.positions, np.zeros(bins.n_samples)])
    return ross_estimator(labels.codes, positions, settings.information.n_neighbours)


def _null(
    compared: _Compared,
    observed: NDArray[np.float64],
    n_permutations: int,
    settings: Settings,
    progress: Callable[[int], None] | None,
) -> tuple[Null, NDArray[np.float64]]:
    """Permute the phenotype for each gene on its own; return the null of all genes' pivots and the observed ones."""
    n_genes = len(observed)
    key = stream_key(settings.seed, Purpose.ASSOCIATION)
    n_moments = n_permutations // 2
    pivots, tails = np.empty(n_genes), np.empty((n_genes, n_permutations - n_moments))
    at_once = max(1, DRAWS_AT_ONCE // n_permutations)
    for start in range(0, n_genes, at_once):
        genes = np.arange(start, min(start + at_once, n_genes))
        second = np.repeat(genes, n_permutations)
        mi = compared.permuted(second, n_genes, key, start * n_permutations, n_genes * n_permutations)
        permuted = np.maximum(mi, 0.0).reshape(len(genes), -1) * LOG2_E
        # Half of the permutations give the moments and the other half the null: like the observed MI, they have no
        # part in the moments.
        mean, deviation, skewness = _moments(permuted[:, :n_moments])
        pivots[genes] = _log_tails((observed[genes] - mean) / deviation, skewness)
        z = (permuted[:, n_moments:] - mean[:, None]) / deviation[:, None]
        tails[genes] = _log_tails(z.ravel(), np.repeat(skewness, z.shape[1])).reshape(z.shape)
        if progress:
            progress(len(mi))
    return Null(np.ones((1, 3)), np.sort(tails.ravel()), settings.permutation.extrapolate), pivots


def _moments(permuted: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean, standard deviation and skewness of each gene's permutations."""
    mean, deviation = permuted.mean(axis=1), permuted.std(axis=1)
    # A gene whose MI is the same in every permutation cannot be significant.
    deviation = np.where(deviation > 0, deviation, np.inf)
    skewness = np.mean(((permuted - mean[:, None]) / deviation[:, None]) ** 3, axis=1)
    return mean, deviation, np.maximum(skewness, SMALLEST_SKEWNESS)


def _log_tails(deviations: NDArray[np.float64], skewness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log tail probabilities of Pearson III variables, each with its own skewness."""
    n = len(skewness)
    factors = np.vstack([np.column_stack([np.zeros(n), np.ones(n), skewness]), np.ones(3)])
    return Null(factors, np.zeros(1)).log_pivots(deviations, np.arange(n, dtype=np.int32), np.full(n, n, np.int32))


def _spearman(used: AnnData, phenotype: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.vstack([complete_values(used), phenotype])
    scores, result = standardised(both, strata_of(used), ranks=True), np.empty(used.n_vars)
    correlations(scores, np.arange(used.n_vars), np.full(used.n_vars, used.n_vars), result)
    return result
