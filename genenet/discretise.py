"""Expression to bins: hard (each sample in one bin) or soft (each sample spread over neighbouring bins).

All methods end in the same thing, whole-number weights: sample s of gene g has weight `weights[g, b, s]` in bin b, and
its weights over the bins add up to `total` (1 for hard bins). Joint counts are sums of products of weights and
therefore exact whole numbers, whatever the order of summation.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.binning import block_codes, kmeans_codes, number_of_bins
from genenet.config import CONTINUOUS, MAX_BINS, Coordinate, Discretise, Estimator, Information
from genenet.errors import InputError, quote_some
from genenet.expression.dense import dense_values
from genenet.kernels import weights as kernels
from genenet.kernels.shuffling import permute_samples

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger("genenet")

# Weights of soft bins are 7-bit whole numbers, so that the product of two fits the vector units' 8-bit arithmetic.
SOFT_TOTAL = 127
LARGEST_COUNT = 2**31 - 1
# Values further out than this many standard deviations count as this far (design of the value coordinate).
VALUE_CLIP = 3.0


@dataclass(frozen=True)
class Bins:
    """Discretised expression.

    Attributes
    ----------
    genes, samples
        Names.
    weights
        uint8, shape (n_genes, n_bins, n_samples).
    total
        What the weights of each sample add up to.
    regulator
        bool, shape (n_genes,): genes that may regulate; all True when there is no list of regulators.
    estimator
        How the MI of a pair is estimated (`information.estimator`).
    positions
        For an estimator without bins of a gene (gaussian, ksg, adaptive) the coordinate of each sample, float64, shape
        (n_genes, n_samples); there are no weights then (n_bins 0).
    n_neighbours
        Number of neighbours of ksg.
    only_targets
        bool, shape (n_genes,): genes that may be regulated; None when there is no list of targets. Pairs of a regulator
        and a target are tested.
    only_pairs
        int32, shape (n_listed, 2): when there is a list of pairs, the genes (the earlier one first) of those of them
        that are of a regulator and a target, in order; only these are tested.
    """

    genes: pd.Index
    samples: pd.Index
    weights: NDArray[np.uint8]
    total: int
    regulator: NDArray[np.bool_]
    estimator: Estimator = "plugin"
    positions: NDArray[np.float64] | None = None
    n_neighbours: int = 3
    only_targets: NDArray[np.bool_] | None = None
    only_pairs: NDArray[np.int32] | None = None

    @property
    def n_genes(self) -> int:
        """Number of genes."""
        return self.weights.shape[0]

    @property
    def n_bins(self) -> int:
        """Number of bins of the gene that has most."""
        return self.weights.shape[1]

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.weights.shape[2]

    @property
    def total_count(self) -> int:
        """Sum over all cells of the joint counts of any pair: n_samples * total**2."""
        return self.n_samples * self.total**2

    @property
    def target(self) -> NDArray[np.bool_]:
        """Genes that may be regulated, shape (n_genes,)."""
        return np.ones(self.n_genes, bool) if self.only_targets is None else self.only_targets

    @property
    def all_pairs(self) -> bool:
        """Whether every pair of genes is tested."""
        return self.only_pairs is None and bool(self.regulator.all() and self.target.all())

    @cached_property
    def partners(self) -> tuple[NDArray[np.int64], NDArray[np.int32]] | None:
        """Of a list of pairs: where each gene's later partners start, shape (n_genes + 1,), and the partners."""
        if self.only_pairs is None:
            return None
        starts = np.searchsorted(self.only_pairs[:, 0], np.arange(self.n_genes + 1))
        return starts.astype(np.int64), np.ascontiguousarray(self.only_pairs[:, 1])

    @cached_property
    def n_partners(self) -> NDArray[np.int64]:
        """Number of tested pairs of each gene, shape (n_genes,)."""
        if self.only_pairs is not None:
            return np.bincount(self.only_pairs.ravel(), minlength=self.n_genes)
        regulator, target = self.regulator, self.target
        either, both = int((regulator | target).sum()), regulator & target
        return np.where(both, either - 1, np.where(regulator, target.sum(), np.where(target, regulator.sum(), 0)))

    @property
    def n_pairs(self) -> int:
        """Number of pairs that are tested, each unordered pair once."""
        return int(self.n_partners.sum()) // 2

    @property
    def rows(self) -> NDArray[np.int64]:
        """Genes whose pairs are gone through: the regulators, or the first genes of a list of pairs."""
        if self.partners is not None:
            return np.flatnonzero(np.diff(self.partners[0]))
        return np.flatnonzero(self.regulator)

    @property
    def n_pairs_of_rows(self) -> NDArray[np.int64]:
        """Number of pairs that are tested in each of `rows`: a pair of two regulators belongs to the first."""
        if self.partners is not None:
            return np.diff(self.partners[0])[self.rows]
        both = self.regulator & self.target
        # Those with an earlier regulator that are tested there.
        regulators: NDArray[np.int64] = np.cumsum(self.regulator) - self.regulator
        targets: NDArray[np.int64] = np.cumsum(both) - both
        return (self.n_partners - np.where(self.target, regulators, targets))[self.rows]

    @cached_property
    def margins(self) -> NDArray[np.int64]:
        """Sum of the weights in each bin, shape (n_genes, n_bins)."""
        sums = np.empty((self.n_genes, self.n_bins), np.int64)
        kernels.margins(self.weights, sums)
        return sums

    @cached_property
    def entropies(self) -> NDArray[np.float64]:
        """Entropy of each gene's margin in bits, shape (n_genes,); NaN without bins."""
        if self.positions is not None:
            return np.full(self.n_genes, np.nan)
        return kernels.entropies(self.margins)

    def permuted(self, key: int) -> "Bins":
        """The same genes with each gene's samples in a random order of its own; margins stay as they are."""
        weights = np.empty_like(self.weights)
        permute_samples(self.weights, np.uint64(key), weights)
        positions = None
        if self.positions is not None:
            positions = np.empty_like(self.positions)
            permute_samples(self.positions[:, None], np.uint64(key), positions[:, None])
        return replace(self, weights=weights, positions=positions)


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
    - `kmeans`: the clusters of a gene's values with the least sum of squares, exactly (see `genenet.binning`).
    - `bayesian_blocks`: as many bins as the gene's density has pieces (Scargle et al. 2013; see `genenet.binning`).
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


def tested(
    expression: "AnnData",
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None, NDArray[np.int32] | None]:
    """Which pairs are tested: regulators, targets and pairs as `Bins` has them, from the lists that `prepare` noted.

    Raises
    ------
    InputError
        If the lists leave no pair.
    """
    var, note = expression.var, expression.uns.get("genenet", {})
    directed = "regulator" in var and note.get("directed", False)
    regulator = var["regulator"].to_numpy(bool) if directed else np.ones(len(var), bool)
    targets = var["target"].to_numpy(bool) if "target" in var and "missing_targets" in note else None
    pairs = None
    if "pairs" in note:
        a, b = (expression.var_names.get_indexer(note["pairs"][name]) for name in ("gene_a", "gene_b"))
        target = np.ones(len(var), bool) if targets is None else targets
        fits = (a >= 0) & (b >= 0) & ((regulator[a] & target[b]) | (regulator[b] & target[a]))
        pairs = np.unique(np.sort(np.column_stack([a, b])[fits], axis=1), axis=0).astype(np.int32)
        if not len(pairs):
            raise InputError(
                f"none of the {len(a):,} pairs of the list is of a regulator and a target; change one of the lists"
            )
    elif targets is not None and not (targets & (regulator.sum() - regulator > 0)).any():
        raise InputError("the only target is the only regulator: no pair is left; change one of the lists")
    return regulator, targets, pairs


def coordinates(values: NDArray[np.float64], components: tuple[Coordinate, ...]) -> NDArray[np.float64]:
    """Position of each sample in [0, 1]: the mean of the components named.

    Parameters
    ----------
    values
        Shape (n_genes, n_samples); every gene varies.
    components
        One or more of rank, normal_score, value.

    Examples
    --------
    >>> coordinates(np.array([[0.0, 5.0, 5.0, 70.0]]), ("rank",)).tolist()
    [[0.0, 0.5, 0.5, 1.0]]
    """
    return np.mean([_COMPONENTS[name](values) for name in components], axis=0)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.empty_like(values)
    kernels.mid_ranks(values, ranks)
    return ranks


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (_ranks(values) - 1.0) / (values.shape[1] - 1.0)


def _normal_score(values: NDArray[np.float64]) -> NDArray[np.float64]:
    n = values.shape[1]
    from scipy.special import ndtri

    scores = ndtri((_ranks(values) - 0.5) / n)
    return scores / (2.0 * ndtri((n - 0.5) / n)) + 0.5


def _value(values: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = np.empty_like(values)
    kernels.z_scores(values, scores)
    return np.clip(scores, -VALUE_CLIP, VALUE_CLIP) / (2.0 * VALUE_CLIP) + 0.5


_COMPONENTS: dict[Coordinate, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "rank": _rank,
    "normal_score": _normal_score,
    "value": _value,
}


def _bspline(values: NDArray[np.float64], genes: pd.Index, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    n_genes, n_samples = values.shape
    total = _soft_total(n_samples, settings.order)
    weights = np.empty((n_genes, _n_bins(settings), n_samples), np.uint8)
    kernels.spline_weights(coordinates(values, settings.coordinate), settings.order, total, weights)
    return weights, total


def _soft_total(n_samples: int, order: int) -> int:
    """Return what the soft weights of a sample add up to: as much as exact joint counts allow."""
    total = min(SOFT_TOTAL, int((LARGEST_COUNT / n_samples) ** 0.5))
    if total < 2 * order:
        raise InputError(
            f"{n_samples:,} samples are too many for exact B-spline weights; use discretise.method equal_frequency, or"
            " fewer samples"
        )
    return total


def _zero_inflated(values: NDArray[np.float64], genes: pd.Index, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    n_genes, n_samples = values.shape
    total = _soft_total(n_samples, settings.order) if settings.order > 1 else 1
    weights = np.zeros((n_genes, _n_bins(settings), n_samples), np.uint8)
    weights[:, 0] = total * (values == 0)
    for i, row in enumerate(values):
        others = row[row != 0][None]
        positions = np.zeros_like(others)
        if others.min() < others.max():  # a single value has no place among others: all in one bin
            positions = coordinates(others, settings.coordinate)
        soft = np.empty((1, _n_bins(settings) - 1, others.size), np.uint8)
        kernels.spline_weights(positions, settings.order, total, soft)
        weights[i, 1:, row != 0] = soft[0].T
    return weights, total


def _equal_frequency(
    values: NDArray[np.float64], genes: pd.Index, settings: Discretise
) -> tuple[NDArray[np.uint8], int]:
    # (rank - 1/2) * n_bins / n_samples in whole numbers: at the edge of a bin a quotient may round to the wrong side.
    twice = np.rint(2.0 * _ranks(values)).astype(np.int64) - 1
    return _one_hot(twice * _n_bins(settings) // (2 * values.shape[1]), _n_bins(settings)), 1


def _equal_width(values: NDArray[np.float64], genes: pd.Index, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    bins = ((values - low) / (high - low) * _n_bins(settings)).astype(np.int64)
    return _one_hot(np.minimum(bins, _n_bins(settings) - 1), _n_bins(settings)), 1


def _kmeans(values: NDArray[np.float64], genes: pd.Index, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
    return _one_hot(kmeans_codes(values, _n_bins(settings)), _n_bins(settings)), 1


def _bayesian_blocks(
    values: NDArray[np.float64], genes: pd.Index, settings: Discretise
) -> tuple[NDArray[np.uint8], int]:
    codes = block_codes(values, false_alarm=settings.false_alarm, prior=settings.block_prior)
    n_blocks = codes.max(axis=1) + 1
    if n_blocks.max() > MAX_BINS:
        raise InputError(
            f"gene {genes[n_blocks.argmax()]} has {n_blocks.max():,} Bayesian blocks, at most {MAX_BINS} are possible;"
            " lower discretise.false_alarm or choose another discretise.method"
        )
    # One bin at least is needed beside the one that follows from the margins.
    return _one_hot(codes, max(int(n_blocks.max()), 2)), 1


def _codes(values: NDArray[np.float64], genes: pd.Index, settings: Discretise) -> tuple[NDArray[np.uint8], int]:
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
    """Put a number in place of a rule."""
    if isinstance(settings.n_bins, int) or settings.method in ("bayesian_blocks", "codes"):
        return settings
    number = number_of_bins(settings.n_bins, values, settings.min_expected)
    # Splines of this order need as many bins; a rule is about those beside the bin of zeros.
    if settings.method in ("bspline", "zero_inflated"):
        number = max(number, settings.order)
    number += settings.method == "zero_inflated"
    log.info("discretise.n_bins %s: %d bins a gene", settings.n_bins, number)
    return settings.model_copy(update={"n_bins": number})


def _n_bins(settings: Discretise) -> int:
    """Return the number of bins, once a rule is replaced by one."""
    assert isinstance(settings.n_bins, int)
    return settings.n_bins


def _check_varies(values: NDArray[np.float64], genes: pd.Index) -> None:
    constant = np.flatnonzero(values.min(axis=1) == values.max(axis=1))
    if constant.size:
        raise InputError(
            f"{constant.size:,} of {len(genes):,} genes have no variance ({quote_some(list(genes[constant]))});"
            " drop them with prepare.min_variance or filter the input"
        )


_METHODS: dict[str, Callable[[NDArray[np.float64], pd.Index, Discretise], tuple[NDArray[np.uint8], int]]] = {
    "bspline": _bspline,
    "equal_frequency": _equal_frequency,
    "equal_width": _equal_width,
    "kmeans": _kmeans,
    "bayesian_blocks": _bayesian_blocks,
    "zero_inflated": _zero_inflated,
    "codes": _codes,
}
