"""Bins of a gene: the coordinate of each sample, soft bins, hard bins of every method, and rules for their number."""

import functools
from collections.abc import Callable
from math import ceil, isqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import MAX_BINS, BinRule, BlockPrior, Coordinate, Discretise
from genenet.errors import InputError, logger_of
from genenet.kernels import hard_bins
from genenet.kernels.ranks import mid_ranks
from genenet.kernels.threads import share
from genenet.kernels.weights import rank_weights, spline_weights, z_scores
from genenet.products.bins import Names

log = logger_of("genenet")

# Weights of soft bins are 7-bit integers, so that vector instructions can multiply them as bytes.
SOFT_TOTAL = 127
# Joint counts are int32.
LARGEST_COUNT = 2**31 - 1
# Genes whose coordinates are computed at a time: what they need stays in a core's second cache.
GENES_AT_ONCE = 32
# The value coordinate clips z-scores at this many standard deviations.
VALUE_CLIP = 3.0


def kmeans_codes(values: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    """Cluster each gene's values into at most n_bins groups with the least sum of squared distances from their means.

    The exact optimum by dynamic programming (Wang & Song 2011, doi:10.32614/RJ-2011-015), so nothing is random; equal
    values are in one bin.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples).
    n_bins
        Number of clusters; a gene with fewer distinct values has one for each.

    Returns
    -------
    numpy.ndarray
        int64, of the same shape: 0 for the smallest values and so on.

    Examples
    --------
    >>> kmeans_codes(np.array([[9.0, 1.0, 5.0, 1.5, 9.5, 5.0]]), 3).tolist()
    [[2, 0, 1, 0, 2, 1]]
    """
    codes = np.empty(values.shape, np.int64)
    hard_bins.kmeans(np.ascontiguousarray(values), n_bins, codes)
    return codes


def block_codes(
    values: NDArray[np.float64], *, false_alarm: float = 0.05, prior: BlockPrior = "total"
) -> NDArray[np.int64]:
    """Cut each gene's values into Bayesian blocks: the best piecewise constant density under a prior for their number.

    The exact optimum by dynamic programming. Each block costs 4 - ln(73.53 p N^-0.478) of log-likelihood, p the false
    alarm probability (Scargle et al. 2013, doi:10.1088/0004-637X/764/2/167, eq. 19 and 21).

    Parameters
    ----------
    values
        Shape (n_genes, n_samples), at least two distinct values a gene.
    false_alarm
        Approximate probability of one block too many, between 0 and 1.
    prior
        Meaning of N: `total`, the number of samples, as in the paper and in astropy; `running`, the number of distinct
        values up to the end of the block, as in the program of PIDC (Discretizers.jl, NetworkInference.jl).

    Returns
    -------
    numpy.ndarray
        int64, of the same shape: 0 for the smallest values and so on.

    Examples
    --------
    >>> dense, sparse = np.arange(30) / 30, np.arange(10.0) + 1
    >>> np.bincount(block_codes(np.concatenate([dense, sparse])[None])[0]).tolist()
    [30, 10]
    """
    n_samples = values.shape[1]
    n = np.arange(1.0, n_samples + 1) if prior == "running" else np.full(n_samples, float(n_samples))
    codes = np.empty(values.shape, np.int64)
    cost = 4.0 - np.log(73.53 * false_alarm * n**-0.478)
    hard_bins.bayesian_blocks(np.ascontiguousarray(values), cost, codes)
    return codes


def number_of_bins(rule: BinRule, values: NDArray[np.float64], min_expected: float = 0.0) -> int:
    """Choose a number of bins by a rule, the same for all genes, so that their MI can be compared.

    - `sqrt`: square root of the number of samples, rounded down (as minet).
    - `cube_root`: its cube root, rounded down (as infotheo).
    - `freedman_diaconis`: rounded up, the median over genes of range / (2 IQR n^(-1/3)) (Freedman & Diaconis 1981,
      doi:10.1007/BF01025868); genes with an interquartile range of 0 do not count.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples).
    min_expected
        Smallest mean number of samples in a cell of two independent genes, n_samples / n_bins^2: the number of bins is
        lowered to reach it.

    Raises
    ------
    InputError
        If no gene has an interquartile range above 0.

    Examples
    --------
    >>> values = np.arange(100.0)[None]
    >>> number_of_bins("sqrt", values), number_of_bins("sqrt", values, min_expected=5)  # 100 / 5^2 is 4
    (10, 4)
    >>> number_of_bins("cube_root", values), number_of_bins("freedman_diaconis", values)
    (4, 5)
    """
    n_samples = values.shape[1]
    if rule == "freedman_diaconis":
        number = ceil(_freedman_diaconis(_without_gaps(values)))
    elif rule == "sqrt":
        number = isqrt(n_samples)
    else:
        number = int(n_samples ** (1 / 3) + 1e-9)  # 1000 ** (1/3) is a little below 10
    if min_expected > 0:
        number = min(number, isqrt(int(n_samples / min_expected)))
    return min(max(number, 2), MAX_BINS)


def _without_gaps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace missing values by the gene's median, which hardly changes its quartiles."""
    gaps = np.isnan(values)
    return np.where(gaps, np.nanmedian(values, axis=1, keepdims=True), values) if gaps.any() else values


def _freedman_diaconis(values: NDArray[np.float64]) -> float:
    low, high = np.percentile(values, [25, 75], axis=1)
    spread = high - low
    usable = spread > 0
    if not usable.any():
        raise InputError(
            "discretise.n_bins: freedman_diaconis needs genes whose quartiles differ, and there are none;"
            " use sqrt, cube_root or a number"
        )
    lengths = values.max(axis=1) - values.min(axis=1)
    return float(np.median(lengths[usable] / (2 * spread[usable])) * np.cbrt(values.shape[1]))


def coordinates(
    values: NDArray[np.float64], components: tuple[Coordinate, ...], *, for_weights: bool = True
) -> NDArray[np.float64]:
    """Position of each sample in [0, 1]: the mean of the components named.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples); every gene varies.
    components
        One or more of rank, normal_score, value.
    for_weights
        Whether the positions only become integer weights: then normal scores may differ in the last bit from those of
        SciPy, which takes longer to import than a small matrix to discretise.

    Examples
    --------
    >>> coordinates(np.array([[0.0, 5.0, 5.0, 70.0]]), ("rank",)).tolist()
    [[0.0, 0.5, 0.5, 1.0]]
    """
    ranks = None if components == ("value",) else _ranks(values)
    scores = _z_scores(values) if "value" in components else None
    return positions_of(ranks, scores, values.shape[1], components, for_weights=for_weights)


def positions_of(
    ranks: NDArray[np.float64] | None,
    scores: NDArray[np.float64] | None,
    n_samples: int,
    components: tuple[Coordinate, ...],
    *,
    for_weights: bool = True,
) -> NDArray[np.float64]:
    """Position in [0, 1] of values with these mid-ranks among n_samples, and these z-scores (None if not needed).

    Examples
    --------
    >>> positions_of(np.array([1.0, 2.5, 2.5, 4.0]), np.array([-9.0, 0.0, 0.0, 3.0]), 4, ("rank", "value")).tolist()
    [0.0, 0.5, 0.5, 1.0]
    """
    found: dict[Coordinate, NDArray[np.float64]] = {}
    for name in components:
        if name == "value":
            assert scores is not None
            found[name] = np.clip(scores, -VALUE_CLIP, VALUE_CLIP) / (2.0 * VALUE_CLIP) + 0.5
        else:
            assert ranks is not None
            is_rank = name == "rank"
            found[name] = (
                (ranks - 1.0) / (n_samples - 1.0) if is_rank else _normal_scores(ranks, n_samples, for_weights)
            )
    return np.mean([found[name] for name in components], axis=0)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.empty_like(values)
    mid_ranks(values, ranks)
    return ranks


def _normal_scores(ranks: NDArray[np.float64], n: int, for_weights: bool) -> NDArray[np.float64]:
    if ranks.size < 2 * n:
        return _scores_of(ranks, n, for_weights)
    # Mid-ranks are multiples of 0.5: many genes have few different ones.
    return _scores_of_mid_ranks(n, for_weights)[(2.0 * ranks).astype(np.intp)]


@functools.lru_cache(maxsize=2)
def _scores_of_mid_ranks(n: int, for_weights: bool) -> NDArray[np.float64]:
    """Normal scores of the ranks 0, 0.5, 1 and so on up to n; genes are done in many parts, which all need them."""
    return _scores_of(np.arange(2 * n + 1) / 2.0, n, for_weights)


def _scores_of(ranks: NDArray[np.float64], n: int, for_weights: bool) -> NDArray[np.float64]:
    quantiles = _normal_quantiles if for_weights else _normal_quantiles_of_scipy
    return quantiles((ranks - 0.5) / n) / (2.0 * quantiles(np.array([(n - 0.5) / n]))) + 0.5


def _normal_quantiles(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the normal distribution, NaN outside of (0, 1); of SciPy's they differ by 1e-15 of their size."""
    quantile = NormalDist().inv_cdf
    return np.array([quantile(x) if 0.0 < x < 1.0 else np.nan for x in p.ravel().tolist()]).reshape(p.shape)


def _normal_quantiles_of_scipy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def _z_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = np.empty_like(values)
    z_scores(values, scores)
    return scores


def _bspline(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    n_genes, n_samples = values.shape
    total = soft_total(n_samples, settings.order)
    weights = np.empty((n_genes, _n_bins(settings), n_samples), np.uint8)

    def discretise(first: int, last: int) -> None:
        for number in range(first, last):
            part = slice(number * GENES_AT_ONCE, (number + 1) * GENES_AT_ONCE)
            spline_weights(coordinates(values[part], settings.coordinate), settings.order, total, weights[part])

    share(-(-n_genes // GENES_AT_ONCE), discretise)
    return weights, total


def rank_bins(values: NDArray[np.float64], settings: Discretise, *, n_in_all: int = 0) -> tuple[NDArray[np.uint8], int]:
    """Make soft bins by rank alone, with the same margin for every gene: tied samples share the weights of their ranks.

    Samples with equal values get the mean of the B-spline weights of their ranks, rounded to integers.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples), without missing values.
    settings
        `n_bins` (a number), `order`, and `coordinate` (rank, normal_score or both).
    n_in_all
        Number of samples of all groups, if joint counts of several groups will be added up.

    Returns
    -------
    Weights, uint8 (n_genes, n_bins, n_samples), and their sum for each sample.

    Examples
    --------
    >>> settings = Discretise(n_bins=2, order=1, coordinate=("rank",))
    >>> weights, total = rank_bins(np.array([[5.0, 1.0, 2.0, 9.0], [0.0, 0.0, 0.0, 1.0]]), settings)
    >>> total, weights.tolist()
    (127, [[[0, 127, 127, 0], [127, 0, 0, 127]], [[85, 85, 85, 0], [42, 42, 42, 127]]])
    """
    n_genes, n_samples = values.shape
    total = soft_total(max(n_samples, n_in_all), settings.order)
    in_order = np.empty((1, _n_bins(settings), n_samples), np.uint8)
    positions = coordinates(np.arange(n_samples, dtype=np.float64)[None], settings.coordinate)
    spline_weights(positions, settings.order, total, in_order)
    up_to_rank = np.zeros((_n_bins(settings), n_samples + 1), np.int64)
    np.cumsum(in_order[0], axis=1, out=up_to_rank[:, 1:])
    weights = np.empty((n_genes, _n_bins(settings), n_samples), np.uint8)
    rank_weights(values, up_to_rank, total, weights)
    return weights, total


def soft_total(n_samples: int, order: int) -> int:
    """Sum of the soft weights of a sample: the largest for which joint counts are exact."""
    total = min(SOFT_TOTAL, int((LARGEST_COUNT / n_samples) ** 0.5))
    if total < 2 * order:
        raise InputError(
            f"{n_samples:,} samples are too many for exact B-spline weights; use discretise.method equal_frequency, or"
            " fewer samples"
        )
    return total


def _zero_inflated(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    n_genes, n_samples = values.shape
    total = soft_total(n_samples, settings.order) if settings.order > 1 else 1
    weights = np.zeros((n_genes, _n_bins(settings), n_samples), np.uint8)
    weights[:, 0] = total * (values == 0)
    for i, row in enumerate(values):
        others = row[row != 0][None]
        positions = np.zeros_like(others)
        if others.min() < others.max():  # a gene with one value is in one bin
            positions = coordinates(others, settings.coordinate)
        soft = np.empty((1, _n_bins(settings) - 1, others.size), np.uint8)
        spline_weights(positions, settings.order, total, soft)
        weights[i, 1:, row != 0] = soft[0].T
    return weights, total


def _equal_frequency(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    # (rank - 1/2) * n_bins / n_samples in integers: a quotient could round across the edge of a bin.
    twice = np.rint(2.0 * _ranks(values)).astype(np.int64) - 1
    return _one_hot(twice * _n_bins(settings) // (2 * values.shape[1]), _n_bins(settings)), 1


def _equal_width(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    bins = ((values - low) / (high - low) * _n_bins(settings)).astype(np.int64)
    return _one_hot(np.minimum(bins, _n_bins(settings) - 1), _n_bins(settings)), 1


def _kmeans(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    return _one_hot(kmeans_codes(values, _n_bins(settings)), _n_bins(settings)), 1


def _bayesian_blocks(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    codes = block_codes(values, false_alarm=settings.false_alarm, prior=settings.block_prior)
    n_blocks = codes.max(axis=1) + 1
    if n_blocks.max() > MAX_BINS:
        raise InputError(
            f"gene {genes[n_blocks.argmax()]} has {n_blocks.max():,} Bayesian blocks, at most {MAX_BINS} are possible;"
            " lower discretise.false_alarm or choose another discretise.method"
        )
    # The kernels need two bins: the last one, which follows from the margins, and at least one other.
    return _one_hot(codes, max(int(n_blocks.max()), 2)), 1


def _codes(values: NDArray[np.float64], genes: Names, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    codes = np.empty(values.shape, np.int64)
    for i, row in enumerate(values):
        if not np.array_equal(row, np.floor(row)):
            bad = row[row != np.floor(row)][0]
            raise InputError(
                f"discretise.method codes needs whole numbers, but gene {genes[i]} has the value {bad:g};"
                " choose another discretise.method for values that are not bins yet"
            )
        levels, codes[i] = np.unique(row, return_inverse=True)
        if len(levels) > MAX_BINS:
            raise InputError(
                f"gene {genes[i]} has {len(levels):,} different codes, at most {MAX_BINS} are possible;"
                " choose another discretise.method for values that are not bins yet"
            )
    return _one_hot(codes, int(codes.max()) + 1), 1


def _one_hot(codes: NDArray[np.int64], n_bins: int) -> NDArray[np.uint8]:
    weights = np.zeros((codes.shape[0], n_bins, codes.shape[1]), np.uint8)
    np.put_along_axis(weights, codes[:, None, :], 1, axis=1)
    return weights


def _with_number_of_bins(settings: Discretise, values: NDArray[np.float64]) -> Discretise:
    """Replace a rule for the number of bins by the number."""
    if isinstance(settings.n_bins, int) or settings.method in ("bayesian_blocks", "codes"):
        return settings
    number = number_of_bins(settings.n_bins, values, settings.min_expected)
    # Splines of this order need at least as many bins. The rule counts bins beside the bin of zeros.
    if settings.method in ("bspline", "zero_inflated"):
        number = max(number, settings.order)
    number += settings.method == "zero_inflated"
    log.info("discretise.n_bins %s: %d bins a gene", settings.n_bins, number)
    return settings.model_copy(update={"n_bins": number})


def _n_bins(settings: Discretise) -> int:
    """Number of bins in settings whose rule `_with_number_of_bins` has replaced by a number."""
    assert isinstance(settings.n_bins, int)
    return settings.n_bins


_METHODS: dict[str, Callable[[NDArray[np.float64], Names, Discretise], tuple[NDArray[np.uint8], int]]] = {
    "bspline": _bspline,
    "equal_frequency": _equal_frequency,
    "equal_width": _equal_width,
    "kmeans": _kmeans,
    "bayesian_blocks": _bayesian_blocks,
    "zero_inflated": _zero_inflated,
    "codes": _codes,
}
