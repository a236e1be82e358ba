"""Mutual information by nearest neighbours: of two continuous variables, or of a discrete and a continuous one.

There are no bins, and strong or complicated relations have little bias; on small samples the variance is larger than
that of few bins. The result is not random: other programs add noise to the data to break ties, here ties are counted as
ties (`genenet.kernels.ksg`).
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma

from genenet.errors import ConfigError, InputError
from genenet.estimators.discrete import Discrete, log_base
from genenet.estimators.labels import read_labels
from genenet.kernels import ksg

Algorithm = Literal[1, 2]


def ksg_mutual_information(
    x: ArrayLike, y: ArrayLike, *, k: int = 3, algorithm: Algorithm = 1, scale: bool = True, base: float = 2
) -> float:
    """Mutual information of two continuous variables by nearest neighbours (Kraskov, Stoegbauer & Grassberger).

    Algorithm 1: psi(k) + psi(n) - <psi(n_x + 1) + psi(n_y + 1)>, with n_x, n_y the samples nearer in x, in y than the
    k-th neighbour is in the larger of the two differences. Algorithm 2: psi(k) - 1/k + psi(n) - <psi(n_x) + psi(n_y)>,
    with the samples in the rectangle that holds the k neighbours.

    Parameters
    ----------
    x, y
        Numbers, shape (n_samples,), more than k of them; the same length.
    k
        Number of neighbours, 1 or more. Few have little bias and a large variance; 3 is usual, 10 to 20 do better on
        weak relations.
    algorithm
        1 has less variance, 2 less bias for strong relations.
    scale
        Divide both by their standard deviations first, as scikit-learn does: the estimate depends on the ratio of the
        scales, though what it estimates does not.
    base
        2 for bits, e for nats.

    Returns
    -------
    float
        0 where the estimate is negative.

    Raises
    ------
    InputError
        If the lengths differ, there are k samples or fewer, or values are missing or infinite.
    ConfigError
        If k, the algorithm or the base is out of range.

    References
    ----------
    Kraskov, Stoegbauer & Grassberger (2004), Phys. Rev. E 69, 066138, eq. 8 and 9, doi:10.1103/PhysRevE.69.066138.

    Examples
    --------
    With y = x and k = 1 no point is nearer than the neighbour in x or in y: psi(1) + psi(4) - 2 psi(1) = 1 + 1/2 +
    1/3.

    >>> round(ksg_mutual_information([0, 1, 3, 7], [0, 1, 3, 7], k=1, base=np.e), 6)
    1.833333
    """
    first, second = _numbers(x, "x"), _numbers(y, "y")
    _check_sizes(first, second, k)
    if algorithm not in (1, 2):
        raise ConfigError(f"algorithm must be 1 or 2, got {algorithm!r}")
    if scale:
        first, second = _scaled(first), _scaled(second)
    order_x, order_y = (np.argsort(values, kind="stable") for values in (first, second))
    place_y = np.empty_like(order_y)
    place_y[order_y] = np.arange(len(second))
    nats = ksg.ksg(first[order_x], order_x, second, second[order_y], place_y, k, algorithm, psi_table(len(first)))
    return max(float(nats), 0.0) / log_base(base)


def ross_mutual_information(x: Discrete, y: ArrayLike, *, k: int = 3, base: float = 2) -> float:
    """Mutual information of a discrete variable x and a continuous variable y by nearest neighbours (Ross).

    psi(n) + <psi(k)> - <psi(n_label)> - <psi(m + 1)>: n_label samples have the same label, and m of all samples are
    nearer than the k-th neighbour of the same label. The result does not depend on the scale of y. Labels that occur
    once are left out; for one that occurs k times or less k is one less than that.

    Parameters
    ----------
    x
        Labels, shape (n_samples,), any hashable values.
    y
        Numbers, shape (n_samples,).
    k
        Number of neighbours.
    base
        2 for bits, e for nats.

    Returns
    -------
    float
        0 where the estimate is negative.

    Raises
    ------
    InputError
        If the lengths differ, values are missing or infinite, or no label occurs twice.
    ConfigError
        If k or the base is out of range.

    References
    ----------
    Ross (2014), PLoS ONE 9(2): e87357, doi:10.1371/journal.pone.0087357.

    Examples
    --------
    Two labels far apart: no sample of another label is near, so m + 1 = k and psi(6) - psi(3) = 1/3 + 1/4 + 1/5 is
    left.

    >>> round(ross_mutual_information(["a", "a", "a", "b", "b", "b"], [0, 1, 3, 90, 91, 93], k=1, base=np.e), 6)
    0.783333
    """
    labels, values = read_labels(x, "x"), _numbers(y, "y")
    _check_sizes(labels.codes, values, 1)
    if k < 1:
        raise ConfigError(f"k must be an integer >= 1, got {k!r}")
    sizes = np.bincount(labels.codes)
    used = sizes[labels.codes] > 1
    if not used.any():
        raise InputError(
            f"none of the {len(sizes):,} labels of x occurs twice; if x is a number use ksg_mutual_information"
        )
    _, codes = np.unique(labels.codes[used], return_inverse=True)
    values = values[used]
    order = np.argsort(values, kind="stable")
    nats = ksg.ross(codes, np.bincount(codes), values[order], order, k, psi_table(len(values)))
    return max(float(nats), 0.0) / log_base(base)


def psi_table(n: int) -> NDArray[np.float64]:
    """Digamma function of 0 .. n (NaN at 0)."""
    with np.errstate(all="ignore"):
        table: NDArray[np.float64] = digamma(np.arange(n + 1.0))
    table[0] = np.nan
    return table


def _numbers(values: Any, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must hold numbers ({error}); for labels use mutual_information") from None
    if array.ndim != 1:
        raise InputError(f"{name} must be one row of numbers, got an array of shape {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        raise InputError(
            f"{bad.sum():,} of {len(array):,} values of {name} are missing or infinite, the first at position"
            f" {int(bad.argmax()):,}; leave these samples out"
        )
    return array


def _check_sizes(x: NDArray[Any], y: NDArray[Any], k: int) -> None:
    if len(x) != len(y):
        raise InputError(
            f"x and y must have one value a sample each, got different lengths (x {len(x):,}, y {len(y):,})"
        )
    if k < 1:
        raise ConfigError(f"k must be an integer >= 1, got {k!r}")
    if len(x) <= k:
        raise InputError(f"{k} neighbours need more than {k} samples, got {len(x):,}; lower k")


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = values.std()
    return values / deviation if deviation > 0 else values
