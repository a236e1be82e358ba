"""Edge scores beside mutual information: which of a gene's many dependencies stand out, or are direct.

All but `puc` take a symmetric matrix of all pairs, shape (n_genes, n_genes): MI in any unit, or PUC for `pidc`; `puc`
takes bins. They give a symmetric matrix of the same shape whose diagonal is 0. A matrix that is not square, not
symmetric or has missing values raises an InputError. They need memory for a few such matrices, so they are for up to
about 20,000 genes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from genenet.errors import ConfigError, InputError
from genenet.kernels import mrnet as mrnet_kernels
from genenet.kernels import unique_information
from genenet.kernels.clr import COMBINATIONS, clr_matrix
from genenet.products.pairs import Pairs, Triangle

if TYPE_CHECKING:
    from genenet.products.bins import Bins


Matrix = NDArray[np.float64]
Regulators: TypeAlias = NDArray[np.bool_] | None
ClrVariant = Literal["faith", "stouffer", "squared", "parmigene"]

# A matrix that differs from its transpose by more than this (of its largest value) is not symmetric.
ASYMMETRY = 1e-9
# Cells of joint counts that `puc` holds at a time.
CELLS_AT_ONCE = 1 << 24


def clr(mi: Matrix, *, variant: ClrVariant = "faith", regulators: Regulators = None) -> Matrix:
    """Context likelihood of relatedness: how far an MI stands out among those of its two genes.

    With z_i = max(0, (MI_ij - mean_i) / sd_i) over the MI of gene i with all others:

    - `faith`: sqrt(z_i^2 + z_j^2), sd with n - 1; Faith et al. (2007), doi:10.1371/journal.pbio.0050008, and minet.
    - `stouffer`: (z_i + z_j) / sqrt(2), the other combination of the authors' program: both genes must stand out.
    - `squared`: sqrt(z_i^4 + z_j^4), which the gene with the larger z nearly decides; ahead of `faith` on most networks
      that are known.
    - `parmigene`: as `squared`, but with mean and sd (with n) over a row that holds 0 for the gene itself, as that
      program computes it.

    Parameters
    ----------
    mi
        MI of all pairs, any unit, symmetric, shape (n_genes, n_genes).
    regulators
        Genes that regulate, bool, shape (n_genes,): a pair without one is left out, and has the score 0.

    Raises
    ------
    InputError
        If the matrix is not square, symmetric and complete, or a gene has fewer than 2 pairs.
    ConfigError
        If there is no such variant.

    Examples
    --------
    >>> mi = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    >>> clr(mi).round(3)  # means 2, 2.5, 1.5; standard deviations 1.414, .707, .707
    array([[0.   , 1.   , 0.   ],
           [1.   , 0.   , 0.707],
           [0.   , 0.707, 0.   ]])
    """
    mi = _symmetric(mi)
    n = len(mi)
    tested = _tested(n, regulators)
    if variant not in ("faith", "stouffer", "squared", "parmigene"):
        raise ConfigError(f"variant must be one of faith, stouffer, squared, parmigene, got {variant!r}")
    if tested.sum(axis=1).min() < 2:
        raise InputError(f"CLR needs at least 2 pairs of each gene, got {tested.sum(axis=1).min()}")
    number = tested.sum(axis=1) + (variant == "parmigene")
    mean = mi.sum(axis=1, where=tested) / number
    squares = ((mi - mean[:, None]) ** 2).sum(axis=1, where=tested)
    variance = (squares + mean**2) / number if variant == "parmigene" else squares / (number - 1)
    # A gene that has the same MI with every gene gets the score 0.
    inverse = np.divide(1.0, np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    scores = np.zeros_like(mi)
    combination = COMBINATIONS["squared" if variant == "parmigene" else variant]
    clr_matrix(mi, tested, mean, inverse, combination, scores)
    return scores


def mrnet(mi: Matrix, *, regulators: Regulators = None) -> Matrix:
    """Maximum relevance, minimum redundancy (MRNET).

    For each gene as the target, neighbours are selected one after the other: the one with the largest score
    MI(target, gene) - mean MI(gene, those selected already), as long as it is positive. A pair's weight is that score,
    the larger one of the two directions; 0 if neither gene is selected for the other.

    Parameters
    ----------
    mi
        MI of all pairs, any unit, symmetric, shape (n_genes, n_genes).
    regulators
        Genes that can be selected, bool, shape (n_genes,); all if None.

    References
    ----------
    Meyer, Kontos, Lafitte & Bontempi (2007), doi:10.1155/2007/79879; Peng, Long & Ding (2005),
    doi:10.1109/TPAMI.2005.159. The weights are those of parmigene.

    Examples
    --------
    A chain 0 - 1 - 2: once 1 is selected, 0 adds nothing about 2 (0.5 - 0.9 < 0).

    >>> mrnet(np.array([[0.0, 0.9, 0.5], [0.9, 0.0, 0.8], [0.5, 0.8, 0.0]])).round(3)
    array([[0. , 0.9, 0. ],
           [0.9, 0. , 0.8],
           [0. , 0.8, 0. ]])
    """
    mi = _symmetric(mi)
    weights = np.zeros_like(mi)
    mrnet_kernels.mrnet(mi, _mask(len(mi), regulators), weights)
    return np.maximum(weights, weights.T)


def mrnet_of_pairs(pairs: Pairs | Triangle, n_genes: int, *, regulators: Regulators = None) -> NDArray[np.float64]:
    """Compute `mrnet` of listed pairs, all others having MI 0: the same weights, in memory for the listed ones.

    Parameters
    ----------
    pairs
        Pairs with their MI, >= 0.
    n_genes
        Number of genes.
    regulators
        Genes that can be selected, bool, shape (n_genes,); all if None.

    Returns
    -------
    The weight of each pair, in their order.

    Examples
    --------
    >>> first, second = np.array([[0, 0, 1], [1, 2, 2]], np.int32)
    >>> mrnet_of_pairs(Pairs(first, second, np.array([0.9, 0.5, 0.8])), 3).round(3).tolist()
    [0.9, 0.0, 0.8]
    """
    degrees = np.zeros(n_genes, np.int64)
    for _, part in pairs.parts():
        degrees += np.bincount(part.first, minlength=n_genes) + np.bincount(part.second, minlength=n_genes)
    starts = np.concatenate([[0], np.cumsum(degrees)])
    neighbours = mrnet_kernels.Neighbours(starts, np.empty(starts[-1], np.uint32), np.empty(starts[-1]))
    ends = starts[:-1].copy()
    for _, part in pairs.parts():
        mrnet_kernels.fill_neighbours(part.first, part.second, part.mi, ends, neighbours)
    weights = np.zeros(starts[-1])
    mrnet_kernels.mrnet_of_neighbours(neighbours, _mask(n_genes, regulators), weights)
    scores, ends, at = np.empty(len(pairs)), starts[:-1].copy(), 0
    for _, part in pairs.parts():
        mrnet_kernels.larger_weights(part.first, part.second, ends, weights, scores[at : at + len(part)])
        at += len(part)
    return scores


def mrnetb(mi: Matrix, *, regulators: Regulators = None) -> Matrix:
    """MRNET by backward elimination and sequential replacement (MRNETB).

    For each gene as the target: starting from all genes, the one with the lowest score MI(target, gene) - mean
    MI(gene, the others selected) is removed as long as that is negative; then the one with the lowest score is
    replaced by the gene outside with the highest in its place, as long as this is higher. A pair's weight is the final
    score, the larger one of the two directions; 0 if neither gene is selected for the other, or the score is negative.

    Parameters
    ----------
    mi
        MI of all pairs, any unit, symmetric, shape (n_genes, n_genes).
    regulators
        Genes that can be selected, bool, shape (n_genes,); all if None.

    References
    ----------
    Meyer, Marbach, Roy & Kellis (2010), Information-theoretic inference of gene networks using backward elimination,
    BIOCOMP 2010.

    Examples
    --------
    >>> mrnetb(np.array([[0.0, 0.9, 0.5], [0.9, 0.0, 0.8], [0.5, 0.8, 0.0]])).round(3)
    array([[0. , 0.9, 0. ],
           [0.9, 0. , 0.8],
           [0. , 0.8, 0. ]])
    """
    mi = _symmetric(mi)
    weights = np.zeros_like(mi)
    mrnet_kernels.mrnetb(mi, _mask(len(mi), regulators), weights)
    return np.maximum(weights, weights.T)


def network_deconvolution(mi: Matrix, *, beta: float = 0.9, alpha: float = 1.0) -> Matrix:
    """Network deconvolution: the direct part of dependencies that spread along paths.

    If the observed matrix is G_dir + G_dir^2 + ..., then G_dir = G_obs (1 + G_obs)^-1: each eigenvalue e becomes e /
    (1 + e). The observed matrix is first mapped linearly to [0, 1] and scaled so that the largest eigenvalue of G_dir
    in absolute value is beta. The last digits depend on the linear algebra library of the machine.

    Parameters
    ----------
    mi
        MI of all pairs, any unit, symmetric, shape (n_genes, n_genes).
    beta
        Between 0 and 1: how far indirect effects are taken to spread; a small beta changes little.
    alpha
        Share of the pairs that are used, the strongest; the others keep their order and come after all of these.

    Raises
    ------
    InputError
        If the matrix is not square, symmetric and complete, or all pairs have the same value.
    ConfigError
        If beta or alpha is out of range.

    References
    ----------
    Feizi, Marbach, Medard & Kellis (2013), doi:10.1038/nbt.2635 (and its program, ND.m).

    Examples
    --------
    A chain 0 - 1 - 2: the indirect pair 0 - 2 falls to the end.

    >>> score = network_deconvolution(np.array([[0.0, 0.9, 0.5], [0.9, 0.0, 0.8], [0.5, 0.8, 0.0]]))
    >>> score.round(3)
    array([[0.   , 1.   , 0.   ],
           [1.   , 0.   , 0.805],
           [0.   , 0.805, 0.   ]])
    """
    if not (0 < beta < 1 and 0 < alpha <= 1):
        raise ConfigError(f"beta must be between 0 and 1 and alpha > 0 and <= 1, got {beta!r} and {alpha!r}")
    mi = _symmetric(mi)
    off = ~np.eye(len(mi), dtype=bool)
    observed = _to_unit(mi, off)
    used = off & (observed >= np.quantile(observed[off], 1 - alpha)) if alpha < 1 else off
    # Several threads add up in another order than one.
    with threadpool_limits(1, user_api="blas"):
        values, vectors = np.linalg.eigh(np.where(used, observed, 0.0))
        scale = max((1 - beta) / beta * max(values[-1], 0.0), (1 + beta) / beta * max(-values[0], 0.0))
        direct = (vectors * (values / (scale + values))) @ vectors.T
    direct = (direct + direct.T) / 2
    # Pairs that were not used come after the weakest used one.
    lift = max(float(observed[off & ~used].max(initial=0.0)) - float(direct[off].min()), 0.0)
    return _to_unit(np.where(used, direct + lift, observed), off)


def rank_average(scores: Sequence[Matrix]) -> Matrix:
    """Consensus of several scores: the mean of each pair's ranks, scaled to 0 (last) .. 1 (first).

    Equal scores share their mean rank.

    Parameters
    ----------
    scores
        One or more symmetric matrices of the same shape, (n_genes, n_genes).

    Raises
    ------
    InputError
        If there is no matrix, or one of another shape, or one that is not symmetric.

    References
    ----------
    Marbach et al. (2012), Wisdom of crowds for robust gene network inference, doi:10.1038/nmeth.2016.

    Examples
    --------
    >>> a = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    >>> b = np.array([[0.0, 5.0, 5.0], [5.0, 0.0, 1.0], [5.0, 1.0, 0.0]])
    >>> rank_average([a, b])  # ranks from the end: 2, 0, 1 and 1.5, 1.5, 0, of at most 2
    array([[0.   , 0.875, 0.375],
           [0.875, 0.   , 0.25 ],
           [0.375, 0.25 , 0.   ]])
    """
    from scipy.stats import rankdata  # slow to import, and one score needs it only

    matrices = [_symmetric(score) for score in scores]
    if len({matrix.shape for matrix in matrices}) != 1:
        raise InputError("scores to average must be matrices of one shape, and at least one")
    rows, columns = np.triu_indices(len(matrices[0]), 1)
    ranks = np.mean([rankdata(matrix[rows, columns]) - 1.0 for matrix in matrices], axis=0)
    consensus = np.zeros_like(matrices[0])
    consensus[rows, columns] = ranks / max(len(rows) - 1, 1)
    return consensus + consensus.T


def puc(bins: "Bins") -> Matrix:
    """Proportional unique contribution (PUC): share of a pair's MI that a third gene lacks, summed over third genes.

    PUC(x, y) = sum over z of Unique_z(x; y) / I(x; y) + Unique_z(y; x) / I(x; y), where the unique information of x
    about y, Unique_z(x; y), is I(x; y) less the redundancy of x and z about y, sum over the bins b of y of p(b)
    min(I(b; x), I(b; z)) with the specific information I(b; x) (Williams & Beer 2010, arXiv:1004.2515). PUC is between
    0 and 2 (n_genes - 2).

    Time is proportional to n_genes^2 (times its logarithm), not n_genes^3: for each target and bin all genes are
    sorted once, and a cumulated sum gives the sum of all minima.

    Parameters
    ----------
    bins
        Discretised expression, hard or soft.

    Raises
    ------
    InputError
        If there are fewer than 3 genes.

    References
    ----------
    Chan, Stumpf & Babtie (2017), doi:10.1016/j.cels.2017.08.014.
    """
    if bins.n_genes < 3:
        raise InputError(f"PUC needs at least 3 genes, got {bins.n_genes}")
    n_genes, n_bins, n_samples = bins.weights.shape
    weights = bins.dense_weights.reshape(-1, n_samples).astype(float)
    margins = (bins.margins * bins.total).astype(float)
    shares = np.empty((n_genes, n_genes))
    at_once = max(1, CELLS_AT_ONCE // (n_genes * n_bins**2))
    for first in range(0, n_genes, at_once):
        joint = weights @ weights[first * n_bins : (first + at_once) * n_bins].T
        joint = joint.reshape(n_genes, n_bins, -1)
        unique_information.unique_shares(joint, margins, first, float(bins.total_count), shares)
    return shares + shares.T


def pidc(scores: Matrix) -> Matrix:
    """Proportional unique contribution in the context of its two genes: F_i(PUC_ij) + F_j(PUC_ij), between 0 and 2.

    F_i is the distribution function of a gamma distribution fitted (maximum likelihood) to all PUC of gene i. Pairs
    with PUC 0, which a gamma distribution does not have, are left out of the fit; where fewer than two different
    values are left, F_i is the distribution function of a normal distribution with mean and deviation of all PUC.

    Parameters
    ----------
    scores
        PUC of all pairs, from `puc`.

    References
    ----------
    Chan, Stumpf & Babtie (2017), doi:10.1016/j.cels.2017.08.014.
    """
    from scipy.special import gammainc, ndtr

    scores = _symmetric(scores)
    context = np.empty_like(scores)
    for gene, row in enumerate(scores):
        others = np.delete(row, gene)
        positive = others[others > 0]
        if len(np.unique(positive)) > 1:
            shape, scale = _fit_gamma(positive)
            context[gene] = gammainc(shape, row / scale)
        else:
            deviation = others.std()
            context[gene] = ndtr((row - others.mean()) / deviation) if deviation > 0 else 0.5
    return _without_diagonal(context + context.T)


def _fit_gamma(values: NDArray[np.float64]) -> tuple[float, float]:
    """Maximum likelihood shape and scale by Newton's method (Minka 2002, Estimating a gamma distribution)."""
    from scipy.special import digamma, polygamma

    mean = float(values.mean())
    gap = float(np.log(mean) - np.log(values).mean())
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(100):
        step = (np.log(shape) - digamma(shape) - gap) / (1 / shape - polygamma(1, shape))
        # Newton's step in 1 / shape converges from any start.
        inverse = 1 / shape + step / shape**2
        shape, before = 1 / inverse, shape
        if abs(shape - before) <= 1e-14 * shape:
            break
    return float(shape), mean / float(shape)


def _symmetric(matrix: Matrix) -> Matrix:
    """Copy of a symmetric matrix with 0 on the diagonal."""
    matrix = np.array(matrix, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise InputError(f"scores need a square matrix of at least 2 genes, got shape {matrix.shape}")
    np.fill_diagonal(matrix, 0.0)
    if not np.isfinite(matrix).all():
        raise InputError(f"{np.sum(~np.isfinite(matrix)):,} cells of the matrix are missing or infinite")
    difference = float(np.abs(matrix - matrix.T).max())
    if difference > ASYMMETRY * float(np.abs(matrix).max()):
        raise InputError(f"the matrix must be symmetric, but cells differ from their mirror images by {difference:.3g}")
    return matrix


def _mask(n_genes: int, regulators: Regulators) -> NDArray[np.bool_]:
    return np.ones(n_genes, bool) if regulators is None else np.asarray(regulators, bool)


def _tested(n_genes: int, regulators: Regulators) -> NDArray[np.bool_]:
    """Which cells are pairs with a regulator."""
    mask = _mask(n_genes, regulators)
    tested = mask[:, None] | mask[None]
    np.fill_diagonal(tested, False)
    return tested


def _without_diagonal(matrix: Matrix) -> Matrix:
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _to_unit(matrix: Matrix, off: NDArray[np.bool_]) -> Matrix:
    """Map the cells off the diagonal linearly to 0 .. 1."""
    low, high = matrix[off].min(), matrix[off].max()
    if low == high:
        raise InputError(f"all pairs have the same value ({low:.6g}); there is nothing to tell apart")
    return _without_diagonal((matrix - low) / (high - low))
