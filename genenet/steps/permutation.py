"""The permutation null of mutual information, and p-values from it.

Under permutation of one gene's samples, 2 n MI of a pair behaves to second order as a weighted sum of chi-squares whose
weights are products of the two genes' own eigenvalues. Three numbers of each gene therefore give every pair's null
mean, variance and skewness, and a Pearson III (shifted gamma) distribution turns them into a tail probability, the
pivot. The pivot is comparable between all pairs, whatever their margins. Permutation calibrates the pivot: p-values
count how often permuted pairs of this matrix have a pivot as extreme.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Permutation, default_draws, first_draws
from genenet.errors import InputError, logger_of, quote_some
from genenet.estimators.null_draws import drawn
from genenet.kernels.pearson3 import log
from genenet.kernels.weights import LOG2_E
from genenet.products.bins import Bins, margin_moments
from genenet.products.strata import Strata
from genenet.randomness import Purpose, generator, stream_key
from genenet.statistics.null import Null

# An estimated null that is nearly symmetric is taken to be this skewed: Pearson III needs a skewness above 0.
SMALLEST_SKEWNESS = 0.05

logger = logger_of("genenet")
# A gene in a single bin has MI 0 with every gene: its null has no spread. It gets this fraction of the median deviation
# instead of 0, so that z-scores stay finite and its p-values come out as 1.
NO_DEVIATION = 1e-3
# Draws between two reports of progress.
DRAWS_AT_ONCE = 1 << 18
# Draws are kept up to a pivot of so many times the largest p-value that is needed.
KEPT_PVALUES = 2.0


def null_factors(bins: Bins) -> NDArray[np.float64]:
    """Each gene's factors of a pair's null mean (bits), standard deviation (bits) and skewness, shape (n_genes, 3).

    With strata those of `factors_within`, shape (n_genes, 3, n_strata).

    With S1, S2, S3 the traces of `margin_moments`, MI of a pair under permutation has mean S1x S1y / (2 (n - 1)),
    variance S2x S2y / (2 n^2) and third central moment S3x S3y / n^3 (nats), each a product of two genes' numbers.

    A gene in a single bin (Bayesian blocks can do that) has MI 0 with every gene. It gets factors by which 0 is far
    below the null's mean, so that its p-values are 1.

    Raises
    ------
    InputError
        If all genes are in one bin.
    """
    if bins.strata is not None:
        return factors_within(bins)
    traces = margin_moments(bins)
    one_bin = ~(traces[:, 1] > 0)
    if one_bin.any():
        genes = list(bins.genes[one_bin])
        some = f"{len(genes):,} of {bins.n_genes:,} genes fall into one bin only ({quote_some(genes)})"
        if one_bin.all():
            raise InputError(f"{some}; use more bins (discretise.n_bins), or another discretise.method")
        logger.warning("%s: they have no information about any other gene", some)
        traces[one_bin] = np.median(traces[~one_bin], axis=0)
    n = bins.n_samples
    mean = traces[:, 0] * sqrt(LOG2_E / (2 * (n - 1)))
    deviation = np.sqrt(traces[:, 1]) * sqrt(LOG2_E / (n * sqrt(2)))
    deviation[one_bin] *= NO_DEVIATION
    skewness = traces[:, 2] / (traces[:, 1] * np.sqrt(traces[:, 1])) * sqrt(sqrt(8))
    return np.column_stack([mean, deviation, skewness])


def factors_within(bins: Bins) -> NDArray[np.float64]:
    """Each gene's factors of a pair's null mean (bits), variance and third central moment, within each stratum.

    Shape (n_genes, 3, n_strata); 0 in a stratum in which the gene does not vary.

    MI given the stratum is the sum over the strata b of n_b / n times the MI within b. These are independent under
    permutation within strata, so that their cumulants add: with the traces of `null_factors` of each stratum the mean
    is the sum of n_b S1x S1y / (2 n (n_b - 1)), the variance that of S2x S2y / (2 n^2), and the third central moment
    that of S3x S3y / n^3 (nats).
    """
    assert bins.strata is not None
    n, sizes = bins.n_samples, bins.strata.sizes
    factors = np.empty((bins.n_genes, 3, bins.strata.n))
    for stratum, (part, size) in enumerate(zip(bins.by_stratum(), sizes.tolist(), strict=True)):
        traces = margin_moments(part)
        factors[:, 0, stratum] = traces[:, 0] * sqrt(LOG2_E * size / (2 * n * (size - 1)))
        factors[:, 1, stratum] = traces[:, 1] * (LOG2_E / (n * sqrt(2)))
        factors[:, 2, stratum] = traces[:, 2] * (LOG2_E / n * sqrt(LOG2_E / n))
    return factors


def _warn_of_constant_genes(bins: Bins, factors: NDArray[np.float64]) -> None:
    """Warn of genes that vary within one stratum only, or within none."""
    n_varying = np.sum(factors[:, 1] > 0, axis=1)
    for number, where, then in (
        (0, "no stratum", "have no information about any other gene"),
        (1, "one stratum only", "are compared with other genes there alone"),
    ):
        genes = list(bins.genes[n_varying == number])
        if genes:
            logger.warning(
                "%s of %s genes vary within %s (%s): they %s",
                f"{len(genes):,}", f"{bins.n_genes:,}", where, quote_some(genes), then,
            )  # fmt: skip


def permutation_null(
    bins: Bins,
    settings: Permutation | None = None,
    *,
    alpha: float = 0.05,
    seed: int = 0,
    whole: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Null:
    """Draw the permutation null of MI: the distribution of the pivot, which is comparable between all pairs.

    The pivot of a pair is the Pearson III tail probability of its MI, given the mean, deviation and skewness of its
    null.

    Each draw pairs a random regulator (or tested gene, without a list), its samples permuted, with a random tested
    gene; sixteen draws share a permutation. The random numbers of a draw follow from the seed and the draw's number
    alone.

    Without a number of draws in the settings, one million are drawn at first. If the cut-off of the significant edges
    turns out to be so small that few draws are as extreme, `significance` draws more.

    Parameters
    ----------
    bins
        Discretised expression.
    settings
        Number of draws; whether to extrapolate.
    alpha
        Largest p-value of a significant edge, above 0 and at most 1.
    seed
        Seed of the draws.
    whole
        Whether all draws are kept. Without, those are that p-values up to alpha need, which takes less time.
    progress
        Called with the number of draws done since the last call.

    Raises
    ------
    InputError
        If all genes are in one bin, or the estimator finds no information in any permuted pair.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    >>> expression = genenet.prepare(truth.expression)
    >>> null = genenet.permutation_null(genenet.discretise(expression), genenet.config.Permutation(n_draws=10_000))
    >>> null.n_draws, round(null.resolution, 6)
    (10000, 0.0001)
    """
    settings = settings or Permutation()
    if bins.estimator != "plugin" or bins.has_missing:
        return estimated_null(bins, settings, seed=seed, progress=progress)
    n_max = settings.n_draws or default_draws(bins.n_pairs)
    factors = null_factors(bins)
    if bins.strata is not None:
        _warn_of_constant_genes(bins, factors)
    start = Null(factors, np.empty(0), settings.extrapolate, max_draws=n_max, seed=seed, bins=bins.fingerprint)
    n_draws = n_first_draws(bins, settings, alpha=alpha)
    if not whole and alpha < 1.0 / KEPT_PVALUES:
        # Pivots are about p-values. Where they are not, and too few draws are kept, all of them are made again.
        null = drawn(bins, start, n_draws, up_to=log(KEPT_PVALUES * alpha), progress=progress)
        if null.needed_up_to(alpha) < null.known_to or not null.n_beyond:
            return null
        progress = None
    return drawn(bins, start, n_draws, progress=progress)


def n_first_draws(bins: Bins, settings: Permutation, *, alpha: float = 0.05) -> int:
    """Number of draws of `permutation_null`; `significance` may continue them (see `genenet.config.first_draws`)."""
    if bins.estimator != "plugin" or bins.has_missing:
        return settings.n_draws or default_draws(bins.n_pairs)
    return first_draws(settings, bins.n_pairs, alpha)


def estimated_null(
    bins: Bins, settings: Permutation, *, seed: int = 0, progress: Callable[[int], None] | None = None
) -> Null:
    """Draw the null distribution of an estimator that is not the plug-in.

    Each draw pairs a random regulator (or tested gene, without a list) with a random tested gene, the samples of one of
    them permuted. A pair's null
    mean and standard deviation are taken as products of its genes' numbers, as for the plug-in. For `gaussian` these
    follow from n alone: under permutation r^2 has the mean 1 / (n - 1) whatever the margins. Otherwise the
    numbers of each gene are estimated from a quarter as many additional draws, as far as genes differ by more than
    chance.
    """
    from genenet.estimators.pair_estimators import pair_estimator  # with kernels that the plug-in need not load

    n_draws = settings.n_draws or default_draws(bins.n_pairs)
    # Draws that factors are estimated from cannot also be the null of these factors: they are drawn in addition.
    is_known = bins.estimator == "gaussian" or bins.has_missing
    n_more = 0 if is_known else n_draws // 4
    rng = generator(seed, Purpose.NULL_PAIRS)
    rows, tested = bins.rows, np.flatnonzero(bins.n_partners)
    first = rows[rng.integers(len(rows), size=n_draws + n_more)]
    second = tested[rng.integers(len(tested), size=n_draws + n_more)]
    estimator, key = pair_estimator(bins), stream_key(seed, Purpose.NULL_DRAWS)
    strata = Strata.of(np.zeros(bins.n_samples, np.int64))
    mi = np.empty(n_draws + n_more)
    for start in range(0, len(mi), DRAWS_AT_ONCE):
        part = slice(start, start + DRAWS_AT_ONCE)
        estimator.draws(first[part], second[part], key, start, mi[part], strata)
        if progress:
            progress(len(mi[part]))
    mi = np.maximum(mi, 0.0) * LOG2_E
    if bins.has_missing:
        factors = null_factors(bins)
    elif bins.estimator == "gaussian":
        n = bins.n_samples
        chi_square = [np.sqrt(LOG2_E / (2 * (n - 1))), np.sqrt(LOG2_E / (n * np.sqrt(2))), 8**0.25]
        factors = np.tile(chi_square, (bins.n_genes, 1))
    else:
        factors = estimated_factors(mi[n_draws:], first[n_draws:], second[n_draws:], bins.n_genes)
    genes = first[:n_draws].astype(np.int32), second[:n_draws].astype(np.int32)
    pivots = Null(factors, np.zeros(1)).log_pivots(mi[:n_draws], *genes)
    return Null(factors, np.sort(pivots), settings.extrapolate, bins=bins.fingerprint)


def estimated_factors(
    mi: NDArray[np.float64], first: NDArray[np.int64], second: NDArray[np.int64], n_genes: int
) -> NDArray[np.float64]:
    """Estimate each gene's factors of a pair's null mean, standard deviation and skewness, shape (n_genes, 3).

    A gene's mean over its draws, of random partners, is its factor times the mean factor; so are the squared
    differences from the products of the means for the variance. Both are shrunk towards the mean of all genes by the
    part of their spread that is due to chance (empirical Bayes). All genes have the same skewness.

    Parameters
    ----------
    mi
        MI of draws, not negative, shape (n_draws,).
    first, second
        Genes of each draw.
    """
    grand_mean = float(mi.mean())
    if grand_mean <= 0:
        raise InputError(
            "the estimator finds no information in any permuted pair, so nothing can be compared with it;"
            " choose another information.estimator"
        )
    means = _shrunk_means(mi, first, second, n_genes, float(mi.var())) / np.sqrt(grand_mean)
    squares = (mi - means[first] * means[second]) ** 2
    variance = float(squares.mean())
    variances = _shrunk_means(squares, first, second, n_genes, float(squares.var()))
    deviations = np.sqrt(np.maximum(variances, 0.01 * variance) / np.sqrt(variance))
    z = (mi - means[first] * means[second]) / (deviations[first] * deviations[second])
    skewness = max(float(np.mean(z**3)), SMALLEST_SKEWNESS)
    return np.column_stack([means, deviations, np.full(n_genes, np.sqrt(skewness))])


def _shrunk_means(
    values: NDArray[np.float64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    n_genes: int,
    variance: float,
) -> NDArray[np.float64]:
    """Mean of the values of each gene's draws, shrunk towards the mean of all; variance: of single values."""
    counts = np.bincount(first, minlength=n_genes) + np.bincount(second, minlength=n_genes)
    sums = np.bincount(first, values, n_genes) + np.bincount(second, values, n_genes)
    mean = float(values.mean())
    own = np.divide(sums, counts, where=counts > 0, out=np.full(n_genes, mean))
    chance = variance / np.maximum(counts, 1)
    between = max(float(np.var(own)) - float(chance.mean()), 0.0)
    return mean + between / (between + chance) * (own - mean)
