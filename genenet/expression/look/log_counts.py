"""Finding about logarithms of raw counts of unequal depth: 2^x - 1 of such values are whole numbers."""

import numpy as np
from numpy.typing import NDArray

from genenet.config.sections import Prepare
from genenet.expression.look.kinds import MANY_GENES, UNEQUAL_DEPTH
from genenet.expression.look.profile import Profile
from genenet.readers.findings import Finding
from genenet.readers.sparse_pieces import Matrix, dense

# Logarithms of counts up to the largest one are exact enough, in files, to tell whole numbers: nearly all are that near
# to one. So many different ones are needed. About so many values are looked at.
BASES = {"log2": 2.0, "ln": float(np.e), "log10": 10.0}
LARGEST, NEAR, NEARLY_ALL, DISTINCT, VALUES_LOOKED_AT = 300.0, 0.05, 0.99, 30, 500_000
LARGEST_LOGARITHM = 31.0


def logs_of_counts(found: Profile, values: Matrix, settings: Prepare) -> list[Finding]:
    """Find values that are log(1 + count), with sums of counts that differ between samples.

    Parameters
    ----------
    found
        Summary of the matrix.
    values
        Shape (n_samples, n_genes).
    settings
        Settings of `prepare`.

    Examples
    --------
    >>> from genenet.expression.look.profile import profile
    >>> rng = np.random.default_rng(0)
    >>> depth = np.linspace(1, 3, 30)[:, None]
    >>> values = np.log2(1 + rng.poisson(depth * rng.gamma(1, 30, 50)))
    >>> print(logs_of_counts(profile(values), values, Prepare())[0])
    warned (counts): the values are log2(1 + x) of raw counts of unequal depth: the sums of samples differ 2.3-fold, \
which relates all genes; take 2^x - 1 of them, the counts, with prepare.normalisation: log1p_cpm
    """
    if found.n_negative or found.is_whole or found.largest > LARGEST_LOGARITHM or found.n_genes < MANY_GENES:
        return []
    base = next((name for name, number in BASES.items() if _are_counts(found.sampled, number)), "")
    if not base or settings.normalisation != "none" or settings.aggregate != "none":
        return []
    n_samples, n_genes = values.shape
    some = dense(values[:, :: -(-n_genes * n_samples // VALUES_LOOKED_AT) or 1])
    low, high = np.quantile(np.nansum(BASES[base] ** some - 1.0, axis=1), [0.1, 0.9])
    if low <= 0 or high / low < UNEQUAL_DEPTH:
        return []
    inverse = {"log2": "2^x - 1", "ln": "exp(x) - 1", "log10": "10^x - 1"}[base]
    return [
        Finding(
            "warned",
            "counts",
            f"the values are {base}(1 + x) of raw counts of unequal depth: the sums of samples differ"
            f" {high / low:.1f}-fold, which relates all genes; take {inverse} of them, the counts, with"
            " prepare.normalisation: log1p_cpm",
        )
    ]


def _are_counts(sampled: NDArray[np.float64] | None, base: float) -> bool:
    """Tell whether values are logarithms of 1 + whole numbers to this base."""
    if sampled is None:
        return False
    numbers = base ** sampled[sampled > 0] - 1.0
    numbers = numbers[numbers < LARGEST]
    whole = np.rint(numbers)
    if len(np.unique(whole)) < DISTINCT:
        return False
    return bool(np.mean(np.abs(numbers - whole) < NEAR) > NEARLY_ALL)
