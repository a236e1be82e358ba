"""Corrections of the plug-in (maximum likelihood) estimate: of entropy, which is too small, and of MI, too large.

All but one are the same thing: the observed frequencies are mixed with the uniform distribution over the cells of the
table,

    p_cell = (1 - w) * count / n + w / K,

K the number of cells, and entropies and MI are those of this distribution, so that they keep their relations (chain
rule, MI >= 0). With pseudo-counts a in every cell w = a K / (n + a K). The exception, Miller-Madow, adds
(occupied cells - 1) / 2n nats to every entropy.

=============  ==========================================  ==========================================================
name           w, or a                                     source
=============  ==========================================  ==========================================================
none           w = 0                                       maximum likelihood, "plug-in", "empirical"
miller_madow   w = 0, entropies + (m - 1) / 2n             Miller (1955), Note on the bias of information estimates
shrink         w by James-Stein                            Hausser & Strimmer (2009), J. Mach. Learn. Res. 10, eq. 14
jeffreys       a = 1/2                                     Krichevsky & Trofimov (1981), doi:10.1109/TIT.1981.1056331
laplace        a = 1                                       Bayes' and Laplace's uniform prior
perks          a = 1 / K                                   Perks (1947); as Schuermann & Grassberger (1996)
minimax        a = sqrt(n) / K                             Trybula (1958), doi:10.1214/aoms/1177706627
=============  ==========================================  ==========================================================
"""

from typing import get_args

import numpy as np

from genenet.config.sections import BiasCorrection, Estimator
from genenet.errors import ConfigError
from genenet.estimators.labels import JointCounts

CORRECTIONS: tuple[BiasCorrection, ...] = get_args(BiasCorrection)


def pseudo_counts(correction: BiasCorrection | Estimator, n_samples: int) -> tuple[float, float]:
    """Give the pseudo-counts of a correction: those of each cell, and those of all cells together; (0, 0) if none.

    Examples
    --------
    >>> pseudo_counts("jeffreys", 100), pseudo_counts("minimax", 100), pseudo_counts("shrink", 100)
    ((0.5, 0.0), (0.0, 10.0), (0.0, 0.0))
    """
    match correction:
        case "jeffreys":
            return 0.5, 0.0
        case "laplace":
            return 1.0, 0.0
        case "perks":
            return 0.0, 1.0
        case "minimax":
            return 0.0, float(np.sqrt(n_samples))
    return 0.0, 0.0


def uniform_share(table: JointCounts, correction: BiasCorrection) -> float:
    """Compute the weight w of the uniform distribution in the corrected one, between 0 and 1.

    Raises
    ------
    ConfigError
        If there is no such correction.

    Examples
    --------
    >>> from genenet.estimators.labels import joint_counts, read_labels
    >>> table = joint_counts(read_labels([0, 0, 0, 1]))
    >>> uniform_share(table, "laplace")  # a K / (n + a K) = 2 / 6
    0.3333333333333333
    """
    if correction not in CORRECTIONS:
        raise ConfigError(f"correction must be one of {', '.join(CORRECTIONS)}, got {correction!r}")
    if correction == "shrink":
        return shrinkage_intensity(table)
    per_cell, in_all = pseudo_counts(correction, table.n_samples)
    added = per_cell * table.n_cells + in_all
    return added / (table.n_samples + added)


def shrinkage_intensity(table: JointCounts) -> float:
    """Compute the James-Stein weight of the uniform distribution.

    lambda = (1 - sum p^2) / ((n - 1) * sum (1/K - p)^2), between 0 and 1; 1 if p is uniform already or n is 1
    (Hausser & Strimmer 2009, eq. 14). Over all K cells, sum (1/K - p)^2 is sum p^2 - 1/K.

    Examples
    --------
    >>> from genenet.estimators.labels import joint_counts, read_labels
    >>> counts = joint_counts(read_labels([0] * 8 + [1, 2]))  # p = .8, .1, .1: (1 - .66) / (9 * (.66 - 1/3))
    >>> round(shrinkage_intensity(counts), 6)
    0.115646
    """
    n = table.n_samples
    squares = float(np.sum((table.counts / n) ** 2))
    # In integers, so that a uniform table has exactly the excess 0.
    excess = int(np.sum(table.counts**2)) * table.n_cells - n**2
    if n == 1 or excess == 0:
        return 1.0
    return min(1.0, (1.0 - squares) / ((n - 1) * (excess / (table.n_cells * n**2))))


def entropy_nats(table: JointCounts, share: float) -> float:
    """Compute the entropy in nats of a table whose frequencies are mixed with the uniform distribution.

    Parameters
    ----------
    share
        Weight of the uniform distribution. A margin of a mixed table is the margin mixed with the same weight.
    """
    p = (1.0 - share) * table.counts / table.n_samples + share / table.n_cells
    entropy = -float(np.sum(p * np.log(p)))
    n_empty = table.n_cells - len(table.counts)
    if share > 0 and n_empty > 0:
        entropy -= n_empty * (share / table.n_cells) * float(np.log(share / table.n_cells))
    return entropy


def miller_madow_nats(table: JointCounts) -> float:
    """Miller-Madow correction that is added to an entropy: (occupied cells - 1) / 2n nats."""
    return (len(table.counts) - 1) / (2 * table.n_samples)
