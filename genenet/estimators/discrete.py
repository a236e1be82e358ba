"""Entropy and mutual information of discrete variables.

All functions take labels, one for each sample; `base` is that of the logarithm: 2 for bits, e for nats. A base or a
correction that is not possible raises a ConfigError.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from genenet.config.sections import BiasCorrection
from genenet.errors import ConfigError
from genenet.estimators.corrections import entropy_nats, miller_madow_nats, uniform_share
from genenet.estimators.labels import JointCounts, joint_counts, read_labels

if TYPE_CHECKING:
    import pandas as pd


Discrete: TypeAlias = ArrayLike | Sequence[Hashable]
Average = Literal["arithmetic", "geometric", "min", "max"]

# Differences of two sums of logarithms below this are 0 but for rounding.
ROUNDING = 1e-12

_AVERAGES: dict[str, Callable[[float, float], float]] = {
    "arithmetic": lambda a, b: (a + b) / 2,
    "geometric": lambda a, b: math.sqrt(a * b),
    "min": min,
    "max": max,
}


def entropy(x: Discrete, *, correction: BiasCorrection = "none", base: float = 2) -> float:
    """Entropy of a discrete variable: H(x) = -sum p log p.

    The plug-in estimate is too small by about (levels - 1) / 2n nats; see `genenet.estimators.corrections`.

    Parameters
    ----------
    x
        Labels, shape (n_samples,), any hashable values.
    correction
        Correction of the bias. The table has a cell for each label that occurs.
    base
        2 for bits, e for nats.

    Raises
    ------
    InputError
        If there are no labels or some are missing.
    ConfigError
        If the correction is unknown, or the base is not above 0 and other than 1.

    References
    ----------
    Cover & Thomas (2006), Elements of Information Theory, eq. 2.1.

    Examples
    --------
    >>> entropy([0, 0, 1, 1]), entropy(["a", "a", "a"])
    (1.0, 0.0)
    >>> entropy([0, 0, 1, 1], correction="miller_madow", base=math.e)  # ln 2 + 1 / 8
    0.8181471805599453
    """
    return _entropy(_table(x), correction) / log_base(base)


def joint_entropy(x: Discrete, y: Discrete, *, correction: BiasCorrection = "none", base: float = 2) -> float:
    """Entropy of two discrete variables together: H(x, y) = -sum p_xy log p_xy.

    The correction is that of the table of all label pairs, (levels of x) * (levels of y) cells.

    Parameters
    ----------
    x, y, correction, base
        As `mutual_information`.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.

    References
    ----------
    Cover & Thomas (2006), eq. 2.8.

    Examples
    --------
    >>> joint_entropy([0, 0, 1, 1], [0, 1, 0, 1])
    2.0
    """
    return _entropy(_table(x, y), correction) / log_base(base)


def conditional_entropy(x: Discrete, y: Discrete, *, correction: BiasCorrection = "none", base: float = 2) -> float:
    """Entropy of x once y is known: H(x | y) = H(x, y) - H(y).

    With a correction both entropies are those of the corrected table of the pair.

    Parameters
    ----------
    x, y, correction, base
        As `mutual_information`.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.

    References
    ----------
    Cover & Thomas (2006), eq. 2.10 and theorem 2.2.1.

    Examples
    --------
    >>> round(conditional_entropy([0, 0, 1, 1], [0, 0, 0, 1]), 12)  # 3/4 of the samples: H(2/3, 1/3); 1/4: 0
    0.688721875541
    """
    table = _table(x, y)
    share = uniform_share(table, correction)
    difference = _entropy(table, correction, share) - _entropy(table.margin(1), correction, share)
    if correction == "none":
        difference = max(difference, 0.0)
    return difference / log_base(base)


def mutual_information(x: Discrete, y: Discrete, *, correction: BiasCorrection = "none", base: float = 2) -> float:
    """Mutual information of two discrete variables: I(x; y) = sum p_xy log(p_xy / (p_x p_y)) = H(x) + H(y) - H(x, y).

    The plug-in estimate of independent variables is too large by about (levels of x - 1)(levels of y - 1) / 2n nats.

    Parameters
    ----------
    x, y
        Labels, shape (n_samples,), any hashable values; the same length.
    correction
        Correction of the bias. All but `miller_madow` (which can be negative) correct the table of the pair, and take
        the MI of the corrected table (as `mi.Dirichlet` and `mi.shrink` of the R package entropy).
    base
        2 for bits, e for nats.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.
    ConfigError
        If the correction is unknown, or the base is not above 0 and other than 1.

    References
    ----------
    Cover & Thomas (2006), Elements of Information Theory, eq. 2.28 and 2.45.

    Examples
    --------
    >>> mutual_information([0, 0, 1, 1], [0, 0, 1, 1]), mutual_information([0, 0, 1, 1], [0, 1, 0, 1])
    (1.0, 0.0)
    >>> round(mutual_information([0, 0, 1, 1], [0, 0, 1, 1], correction="laplace"), 12)  # p = 3/8, 1/8, 1/8, 3/8
    0.188721875541
    """
    table = _table(x, y)
    table = JointCounts(np.column_stack([table.cells, np.zeros_like(table.counts)]), table.counts, (*table.sizes, 1))
    return _conditional_information(table, correction) / log_base(base)


def conditional_mutual_information(
    x: Discrete, y: Discrete, z: Discrete, *, correction: BiasCorrection = "none", base: float = 2
) -> float:
    """Mutual information of x and y once z is known: I(x; y | z) = H(x, z) + H(y, z) - H(x, y, z) - H(z).

    With a correction all four entropies are those of the corrected table of all three (`miller_madow` can be
    negative).

    Parameters
    ----------
    x, y, z
        Labels, shape (n_samples,); for several conditions at once give tuples as z.
    correction, base
        As `mutual_information`.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.

    References
    ----------
    Cover & Thomas (2006), eq. 2.60.

    Examples
    --------
    Two coins and whether they differ: any two are independent, but not given the third.

    >>> x, y = [0, 0, 1, 1], [0, 1, 0, 1]
    >>> conditional_mutual_information(x, y, [0, 1, 1, 0])
    1.0
    """
    return _conditional_information(_table(x, y, z), correction) / log_base(base)


def normalized_mutual_information(
    x: Discrete, y: Discrete, *, average: Average = "arithmetic", correction: BiasCorrection = "none", base: float = 2
) -> float:
    """Mutual information divided by an average of the two entropies; 0 if independent, 1 if each determines the other.

    Parameters
    ----------
    x, y
        Labels, shape (n_samples,), any hashable values; the same length.
    average
        arithmetic: 2 I / (H(x) + H(y)); geometric: I / sqrt(H(x) H(y)); min: I / min(H(x), H(y)), which is 1 if one
        of the variables determines the other; max: I / max(H(x), H(y)).
    correction
        As `mutual_information`; the entropies are those of the same corrected table.
    base
        It has no effect, as it cancels out.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.
    ConfigError
        If the correction or the average is unknown.

    Notes
    -----
    As scikit-learn: 1 if both variables have one label only, 0 if one has.

    References
    ----------
    Strehl & Ghosh (2002), J. Mach. Learn. Res. 3 (geometric); Vinh, Epps & Bailey (2010), J. Mach. Learn. Res. 11,
    table 2.

    Examples
    --------
    >>> x, y = [0, 0, 1, 1], [0, 1, 2, 3]  # H(x) = I = 1, H(y) = 2
    >>> round(normalized_mutual_information(x, y), 12), normalized_mutual_information(x, y, average="min")
    (0.666666666667, 1.0)
    """
    table = _table(x, y)
    if table.sizes == (1, 1):
        return 1.0
    mi = mutual_information(x, y, correction=correction, base=math.e)
    return 0.0 if mi == 0 else mi / _average(table, average, correction)


def adjusted_mutual_information(x: Discrete, y: Discrete, *, average: Average = "arithmetic") -> float:
    """Mutual information beyond chance: (I - E[I]) / (average(H(x), H(y)) - E[I]).

    E[I] is the exact mean of I over all permutations of one of the two (hypergeometric model). The result is 1 if each
    variable determines the other, and 0 on average if they are independent; it can be negative.

    Parameters
    ----------
    x, y
        Labels, shape (n_samples,), any hashable values; the same length.
    average
        As `normalized_mutual_information`.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.
    ConfigError
        If the average is unknown.

    Notes
    -----
    As scikit-learn: 1 if both variables have one label only, 0 if one has. It is also 1 where E[I] equals the average
    of the entropies, for example if all labels are different.

    References
    ----------
    Vinh, Epps & Bailey (2010), J. Mach. Learn. Res. 11, eq. 10 and 24a.

    Examples
    --------
    >>> adjusted_mutual_information([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    >>> round(adjusted_mutual_information([0, 0, 1, 1], [0, 1, 0, 1]), 6)  # I = 0, E[I] = ln 2 / 3, H = ln 2
    -0.5
    """
    from genenet.kernels.expected_information import expected_information

    table = _table(x, y)
    if 1 in table.sizes:
        return 1.0 if table.sizes == (1, 1) else 0.0
    expected = expected_information(table.margin(0).counts, table.margin(1).counts)
    largest = _average(table, average, "none") - expected
    if abs(largest) < ROUNDING:
        return 1.0
    return (mutual_information(x, y, base=math.e) - expected) / largest


def pointwise_mutual_information(x: Discrete, y: Discrete, *, base: float = 2) -> "pd.DataFrame":
    """Pointwise mutual information of all label pairs: log(p_xy / (p_x p_y)).

    Its mean over the samples is the mutual information.

    Parameters
    ----------
    x, y
        Labels, shape (n_samples,), any hashable values; the same length.
    base
        2 for bits, e for nats.

    Returns
    -------
    pandas.DataFrame
        Rows: labels of x; columns: labels of y; -inf for a pair that does not occur.

    Raises
    ------
    InputError
        If the lengths differ or are 0, or labels are missing.

    References
    ----------
    Fano (1961), Transmission of Information, ch. 2; Church & Hanks (1990), Computational Linguistics 16.

    Examples
    --------
    >>> pointwise_mutual_information([0, 0, 0, 1], ["u", "u", "v", "v"]).loc[1, "v"]  # log2((1/4) / (1/4 * 1/2))
    np.float64(1.0)
    """
    import pandas as pd

    first, second = read_labels(x, "x"), read_labels(y, "y")
    table = joint_counts(first, second)
    values = np.full(table.sizes, -np.inf)
    expected = table.margin_at_cells(0) * table.margin_at_cells(1)
    values[tuple(table.cells.T)] = np.log(table.counts * table.n_samples / expected) / log_base(base)
    index, columns = (
        pd.Index(labels.levels, tupleize_cols=False, name=name) for labels, name in ((first, "x"), (second, "y"))
    )
    return pd.DataFrame(values, index=index, columns=columns)


def _table(*variables: Discrete) -> JointCounts:
    return joint_counts(*(read_labels(values, name) for values, name in zip(variables, "xyz", strict=False)))


def _entropy(table: JointCounts, correction: BiasCorrection, share: float | None = None) -> float:
    """Entropy in nats; share: weight of the uniform distribution, of the table that this one is a margin of."""
    nats = entropy_nats(table, uniform_share(table, correction) if share is None else share)
    if correction == "miller_madow":
        nats += miller_madow_nats(table)
    return nats + 0.0  # no -0.0


def _conditional_information(table: JointCounts, correction: BiasCorrection) -> float:
    """I(x; y | z) in nats of a table of x, y, z."""
    share = uniform_share(table, correction)
    if share == 0:
        # Integers up to the logarithm, so that independent variables have exactly 0.
        ratio = table.counts * table.margin_at_cells(2) / (table.margin_at_cells(0, 2) * table.margin_at_cells(1, 2))
        nats = float(np.sum(table.counts * np.log(ratio))) / table.n_samples
    else:
        nats = sum(
            sign * entropy_nats(table.margin(*variables), share)
            for sign, variables in ((1, (0, 2)), (1, (1, 2)), (-1, (0, 1, 2)), (-1, (2,)))
        )
    if correction == "miller_madow":
        xz, yz, z = (table.margin(*variables) for variables in ((0, 2), (1, 2), (2,)))
        return nats + miller_madow_nats(xz) + miller_madow_nats(yz) - miller_madow_nats(table) - miller_madow_nats(z)
    return max(nats, 0.0)


def _average(table: JointCounts, average: Average, correction: BiasCorrection) -> float:
    """Average of the entropies of the two variables of a table, in nats."""
    if average not in _AVERAGES:
        raise ConfigError(f"average must be one of {', '.join(_AVERAGES)}, got {average!r}")
    share = uniform_share(table, correction)
    return _AVERAGES[average](*(_entropy(table.margin(variable), correction, share) for variable in (0, 1)))


def log_base(base: float) -> float:
    """Natural logarithm of the base of logarithms; a ConfigError if it cannot be one."""
    if not (base > 0 and base != 1 and math.isfinite(base)):
        raise ConfigError(f"base must be a number > 0 other than 1 (2 for bits, e for nats), got {base!r}")
    return math.log(base)
