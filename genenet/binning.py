"""Hard bins that follow the data, and how many bins to take: what `genenet.discretise` offers beside equal bins."""

from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray

from genenet.config import MAX_BINS, BinRule, BlockPrior
from genenet.errors import InputError
from genenet.kernels import binning as kernels


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
    kernels.kmeans(np.ascontiguousarray(values), n_bins, codes)
    return codes


def block_codes(
    values: NDArray[np.float64], *, false_alarm: float = 0.05, prior: BlockPrior = "total"
) -> NDArray[np.int64]:
    """Cut each gene's values into Bayesian blocks: the best piecewise constant density, with as many pieces as pay.

    The exact optimum by dynamic programming. Each block costs 4 - ln(73.53 p N^-0.478) of log-likelihood, p the false
    alarm probability (Scargle et al. 2013, doi:10.1088/0004-637X/764/2/167, eq. 19 and 21).

    Parameters
    ----------
    values
        Shape (n_genes, n_samples), at least two distinct values a gene.
    false_alarm
        Probability of a block too many, about.
    prior
        What N is: `total`, the number of samples, as in the paper and in astropy; `running`, the number of distinct
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
    kernels.bayesian_blocks(np.ascontiguousarray(values), cost, codes)
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
        Not so many bins that two independent genes have fewer samples than this in a cell on average (n_samples /
        n_bins^2).

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
        number = ceil(_freedman_diaconis(values))
    elif rule == "sqrt":
        number = isqrt(n_samples)
    else:
        number = int(n_samples ** (1 / 3) + 1e-9)  # 1000 ** (1/3) is a little below 10
    if min_expected > 0:
        number = min(number, isqrt(int(n_samples / min_expected)))
    return min(max(number, 2), MAX_BINS)


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
