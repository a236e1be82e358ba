"""CLR: how far the MI of a pair stands out among all MI values of its two genes.

Faith et al. 2007, doi:10.1371/journal.pbio.0050008.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genenet.kernels.clr import COMBINATIONS, clr_scores
from genenet.kernels.survivors import MOMENT_UNIT


def clr(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    sums: NDArray[np.int64],
    *,
    variant: Literal["faith", "squared", "stouffer"] = "faith",
) -> NDArray[np.float64]:
    """Context likelihood of relatedness of pairs, against all tested pairs; variants as in `genenet.scores.clr`.

    sqrt(max(0, z_a)^2 + max(0, z_b)^2), where z_g is the pair's MI less the mean of gene g's MI with all genes it was
    tested against, over their standard deviation (Faith et al. 2007, doi:10.1371/journal.pbio.0050008; with the
    standard deviation of a sample, n - 1, as minet and NetworkInference.jl have it).

    Parameters
    ----------
    first, second, mi
        Pairs to score: their genes, and MI in bits.
    sums
        Number, sum and sum of squares of each gene's MI (see `PairBlock`).
    variant
        faith: as above; squared: with the squares of z, so that the gene where the pair stands out more nearly decides;
        stouffer: (max(0, z_a) + max(0, z_b)) / sqrt(2).

    Examples
    --------
    >>> sums = np.array([[2, 6 << 20, 20 << 40]] * 2)  # MI of 2 and 4 bits: mean 3, standard deviation sqrt(2)
    >>> clr(np.array([0]), np.array([1]), np.array([4.0]), sums).round(6).tolist()
    [1.0]
    """
    return scored_by_clr(first, second, mi, background(sums), variant=variant)


def background(sums: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and 1 / standard deviation of each gene's MI (bits), float64 (n_genes,), from its sums (see `PairBlock`)."""
    number = np.maximum(sums[:, 0], 1)
    mean = sums[:, 1] / number * MOMENT_UNIT
    # The difference is taken in integers: floating point would cancel.
    squares = np.array([int(n) * int(s2) - int(s1) ** 2 for n, s1, s2 in sums.tolist()], float)
    variance = squares / (1.0 * number * np.maximum(number - 1, 1))
    deviation = np.sqrt(np.maximum(variance, 0.0)) * MOMENT_UNIT
    # A gene that has the same MI with every gene gets the score 0.
    inverse = np.divide(1.0, deviation, out=np.zeros(len(deviation)), where=deviation > 0)
    return mean, inverse


def scored_by_clr(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    mi: NDArray[np.float64],
    genes: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    variant: Literal["faith", "squared", "stouffer"] = "faith",
) -> NDArray[np.float64]:
    """CLR of pairs (see `clr`) whose genes have this `background`."""
    scores = np.empty(len(mi))
    clr_scores(first, second, mi, *genes, COMBINATIONS[variant], scores)
    return scores
