"""Expression to bins: hard (each sample in one bin) or soft (each sample spread over neighbouring bins).

All methods give integer weights: sample s of gene g has weight `weights[g, b, s]` in bin b, and
its weights over the bins add up to `total` (1 for hard bins). Joint counts are sums of products of weights and
therefore exact integers, whatever the order of summation.
"""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import CONTINUOUS, Discretise, Information
from genenet.errors import InputError, count, quote_some
from genenet.estimators.binning import _METHODS, _with_number_of_bins, coordinates
from genenet.estimators.sparse_binning import can_be_sparse, sparse_bins
from genenet.products.bins import Bins, Names
from genenet.products.expression import Expression, Notes, dense_values, tested
from genenet.products.fingerprint import fingerprint
from genenet.products.sparse_values import SparseValues, sparse_values
from genenet.products.strata import Strata, strata_of, varying_parts


def discretise(
    expression: Expression, settings: Discretise | None = None, information: Information | None = None
) -> Bins:
    """Discretise each gene into hard or soft bins.

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

    A missing value (NaN, with `prepare.missing: pairwise`) has no weight in any bin: a gene's bins are those of the
    samples that it has.

    With strata (`prepare.strata`) all this is done within each stratum: a gene that is shifted or scaled between strata
    has the same bins as if it were not. A rule for the number of bins goes by the smallest stratum.

    Samples with equal values are always treated alike: a gene with many ties, such as a count with 70 % zeros, has all
    its zeros at one mid-rank and so in one bin (or at one set of weights), and effectively uses fewer bins.

    Parameters
    ----------
    expression
        As `genenet.expression.prepare` gives it: obs = samples, var = genes.
    settings
        Method and its parameters.
    information
        The estimator of MI. One without bins (gaussian, ksg, adaptive) gets each sample's coordinate instead.

    Raises
    ------
    InputError
        If a gene has one value only, codes are not whole numbers or too many, there are too many samples for exact
        counts, or values are missing and the strata or the estimator need complete genes.

    Examples
    --------
    >>> from anndata import AnnData
    >>> adata = AnnData(np.array([[1.0], [2.0], [3.0], [9.0]]))
    >>> discretise(adata, Discretise(method="equal_frequency", n_bins=2)).weights[0].tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    >>> discretise(adata, Discretise(n_bins=3, order=2, coordinate=["rank"])).weights[0].T.tolist()
    [[127, 0, 0], [42, 85, 0], [0, 85, 42], [0, 0, 127]]
    """
    settings, information = settings or Discretise(), information or Information()
    strata = strata_of(expression)
    if strata is None and information.estimator == "plugin" and can_be_sparse(settings):
        mostly_zeros = sparse_values(expression)
        if mostly_zeros is not None:
            return _sparse(expression, mostly_zeros, settings)
    values = dense_values(expression)
    genes = expression.var_names
    gaps = np.isnan(values)
    incomplete = np.asarray(gaps.any(axis=1))
    _check_complete(incomplete, expression, information, has_strata=strata is not None)
    _check_varies(np.flatnonzero(np.fmin.reduce(values, axis=1) == np.fmax.reduce(values, axis=1)), genes)
    positions = None
    if information.estimator in CONTINUOUS:
        weights, total = np.empty((len(genes), 0, values.shape[1]), np.uint8), 0
        positions = coordinates(values, settings.coordinate, for_weights=False)
    else:
        settings = _with_number_of_bins(settings, values if strata is None else values[:, min(strata.parts(), key=len)])
        if strata is not None:
            weights, total = _within_strata(values, genes, settings, strata)
        elif incomplete.any():
            weights, total = _of_incomplete(values, genes, settings, gaps)
        else:
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
        strata,
        fingerprint(expression),
    )


def _within_strata(
    values: NDArray[np.float64], genes: Names, settings: Discretise, strata: Strata
) -> tuple[NDArray[np.uint8], int]:
    """Discretise genes within each stratum; the samples of a stratum in which a gene is constant are in one bin."""
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]] = []
    totals = set()
    for samples, varying, part in varying_parts(values, strata):
        if len(varying):
            own, total = _METHODS[settings.method](part, genes[varying], settings)
            found.append((varying, samples, own))
            totals.add(total)
    if len(totals) != 1:
        raise InputError(
            f"{values.shape[1]:,} samples are too many for soft bins within strata; use discretise.method"
            " equal_frequency"
            if totals
            else f"none of the {len(genes):,} genes varies within a stratum: what there is, is between strata; choose"
            " other strata (prepare.strata), or none"
        )
    total = totals.pop()
    weights = np.zeros((len(genes), max(own.shape[1] for *_, own in found), values.shape[1]), np.uint8)
    weights[:, 0] = total
    for varying, samples, own in found:
        padded = np.zeros((len(varying), weights.shape[1], len(samples)), np.uint8)
        padded[:, : own.shape[1]] = own
        weights[varying[:, None, None], np.arange(weights.shape[1])[:, None], samples] = padded
    return weights, total


def _of_incomplete(
    values: NDArray[np.float64], genes: Names, settings: Discretise, gaps: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], int]:
    """Discretise genes of which some lack samples: the complete ones at once, each other by the samples it has."""
    complete = np.flatnonzero(~gaps.any(axis=1))
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], int]] = []
    everywhere = np.arange(values.shape[1])
    if len(complete):
        parts.append((complete, everywhere, *_METHODS[settings.method](values[complete], genes[complete], settings)))
    for gene in np.flatnonzero(gaps.any(axis=1)).tolist():
        samples = np.flatnonzero(~gaps[gene])
        own = np.ascontiguousarray(values[gene, samples][None])
        parts.append((np.array([gene]), samples, *_METHODS[settings.method](own, genes[[gene]], settings)))
    # The sum of the weights depends on the number of samples only above 133,144 of them.
    totals = {total for *_, total in parts}
    if len(totals) > 1:
        raise InputError(
            f"{values.shape[1]:,} samples are too many for soft bins with missing values; use discretise.method "
            "equal_frequency, or prepare.missing: impute_median"
        )
    weights = np.zeros((len(values), max(found.shape[1] for _, _, found, _ in parts), values.shape[1]), np.uint8)
    for rows, samples, found, _ in parts:
        for row, own_weights in zip(rows, found, strict=True):
            weights[row, : found.shape[1], samples] = own_weights.T
    return weights, totals.pop()


def _sparse(expression: Expression, values: SparseValues, settings: Discretise) -> Bins:
    """Discretise a matrix that is mostly zeros by its other values alone: the bins are those of the whole matrix."""
    _check_varies(values.constant_genes(), expression.var_names)
    # The rules that are possible here go by the number of samples.
    settings = _with_number_of_bins(settings, np.empty((0, values.n_samples)))
    weights, total = sparse_bins(values, settings)
    regulator, only_targets, only_pairs = tested(expression)
    return Bins(
        expression.var_names, expression.obs_names, weights, total, regulator,
        only_targets=only_targets, only_pairs=only_pairs, matrix=fingerprint(expression),
    )  # fmt: skip


def _check_complete(
    incomplete: NDArray[np.bool_], expression: Expression, information: Information, *, has_strata: bool
) -> None:
    """Refuse genes with missing values where strata or the estimator need complete ones."""
    estimator = information.estimator
    if has_strata and (incomplete.any() or estimator != "plugin"):
        what = "complete genes" if incomplete.any() else f"information.estimator: plugin, not {estimator}"
        raise InputError(f"prepare.strata ({' and '.join(Notes.of(expression, tables=False).strata)}) needs {what}")
    if incomplete.any() and estimator != "plugin":
        raise InputError(
            f"{incomplete.sum():,} of {count(len(incomplete), 'gene')} have missing values, and information.estimator "
            f"{estimator} needs complete genes; set prepare.missing: impute_median, or "
            "information.estimator: plugin, which leaves them out pair by pair"
        )


def _check_varies(constant: NDArray[np.int64], genes: Names) -> None:
    if constant.size:
        raise InputError(
            f"{constant.size:,} of {len(genes):,} genes have no variance ({quote_some(list(genes[constant]))});"
            " drop them with prepare.min_variance or filter the input"
        )
