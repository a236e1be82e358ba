"""Expression to bins: hard (each sample in one bin) or soft (each sample spread over neighbouring bins).

All methods end in the same thing, whole-number weights: sample s of gene g has weight `weights[g, b, s]` in bin b, and
its weights over the bins add up to `total` (1 for hard bins). Joint counts are sums of products of weights and
therefore exact whole numbers, whatever the order of summation.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config.sections import CONTINUOUS, Discretise, Information
from genenet.errors import InputError, quote_some
from genenet.estimators.binning import _METHODS, _with_number_of_bins, coordinates
from genenet.products.bins import Bins
from genenet.products.expression import dense_values, tested

if TYPE_CHECKING:
    from anndata import AnnData


def discretise(
    expression: "AnnData", settings: Discretise | None = None, information: Information | None = None
) -> Bins:
    """Discretise each gene.

    - `bspline`: B-spline weights of order `order` over `n_bins` bins of a coordinate in [0, 1] (Daub et al. 2004,
      doi:10.1186/1471-2105-5-118), rounded once to whole numbers that add up to 127. The coordinate is the mean of one
      or more components: `rank` (mid-ranks, scaled), `normal_score` (of the rank, scaled), `value` (z-score clipped to
      +-3, scaled).
    - `equal_frequency`: bin of the mid-rank; when n_samples is not a multiple of n_bins the bins differ by one sample.
    - `equal_width`: bins of equal width between the gene's smallest and largest value.
    - `kmeans`: the clusters of a gene's values with the least sum of squares, exactly (see
      `genenet.estimators.binning`).
    - `bayesian_blocks`: as many bins as the gene's density has pieces (Scargle et al. 2013; see
      `genenet.estimators.binning`).
    - `zero_inflated`: zeros in a bin of their own, the other values of the gene in the other n_bins - 1, as `bspline`
      with their own coordinate; with order 1 and coordinate [rank] these are hard bins of equal frequency.
    - `codes`: the values are bins already (whole numbers, any labels).

    Samples with equal values are always treated alike: a gene with many ties, such as a count with 70 % zeros, has all
    its zeros at one mid-rank and so in one bin (or at one set of weights), and effectively uses fewer bins.

    Parameters
    ----------
    expression
        As `genenet.expression.prepare` gives it: obs = samples, var = genes.
    settings
        Method and its parameters.
    information
        Which estimator of MI the bins are for. One that has no bins of a gene gets each sample's coordinate instead.

    Raises
    ------
    InputError
        If a gene has one value only, codes are not whole numbers or too many, or there are too many samples for exact
        counts.

    Examples
    --------
    >>> from anndata import AnnData
    >>> adata = AnnData(np.array([[1.0], [2.0], [3.0], [9.0]]))
    >>> discretise(adata, Discretise(method="equal_frequency", n_bins=2)).weights[0].tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    >>> discretise(adata, Discretise(n_bins=3, order=2, coordinate=["rank"])).weights[0].T.tolist()
    [[127, 0, 0], [42, 85, 0], [0, 85, 42], [0, 0, 127]]
    """
    settings = settings or Discretise()
    values = dense_values(expression)
    genes = expression.var_names
    _check_varies(values, genes)
    information = information or Information()
    positions = None
    if information.estimator in CONTINUOUS:
        weights, total = np.empty((len(genes), 0, values.shape[1]), np.uint8), 0
        positions = coordinates(values, settings.coordinate)
    else:
        settings = _with_number_of_bins(settings, values)
        weights, total = _METHODS[settings.method](values, genes, settings)
    regulator, only_targets, only_pairs = tested(expression)
    return Bins(
        genes,
        expression.obs_names,
        weights,
        total,
        regulator,
        information.estimator,
        positions,
        information.n_neighbours,
        only_targets,
        only_pairs,
    )


def _check_varies(values: NDArray[np.float64], genes: pd.Index) -> None:
    constant = np.flatnonzero(values.min(axis=1) == values.max(axis=1))
    if constant.size:
        raise InputError(
            f"{constant.size:,} of {len(genes):,} genes have no variance ({quote_some(list(genes[constant]))});"
            " drop them with prepare.min_variance or filter the input"
        )
