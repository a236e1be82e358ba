"""Expected mutual information of two random partitions of the same samples."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from genenet.kernels.jit import compiled


def expected_information(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Mean MI in nats of two partitions with these sizes of their parts, over all permutations of the samples.

    Under permutation the number of samples that part i of one and part j of the other share is hypergeometric
    (Vinh, Epps & Bailey 2010, J. Mach. Learn. Res. 11, eq. 24a). first, second: int64, positive, the same sum.

    Examples
    --------
    >>> round(expected_information(np.array([2, 2]), np.array([2, 2])) / float(np.log(2)), 6)  # 2 of 6 orders match
    0.333333
    """
    n = int(first.sum())
    return float(_expected(np.sort(first), np.sort(second), n, gammaln(np.arange(n + 1) + 1.0)))


@compiled()
def _expected(first, second, n, log_factorial):
    """`expected_information` from ln k! for k = 0 .. n. log_factorial: float64 (n + 1,)."""
    total = 0.0
    for a in first:
        for b in second:
            constant = (
                log_factorial[a] + log_factorial[b] + log_factorial[n - a] + log_factorial[n - b] - log_factorial[n]
            )
            for shared in range(max(1, a + b - n), min(a, b) + 1):
                log_probability = (
                    constant
                    - log_factorial[shared]
                    - log_factorial[a - shared]
                    - log_factorial[b - shared]
                    - log_factorial[n - a - b + shared]
                )
                total += shared / n * np.log(n * shared / (a * b)) * np.exp(log_probability)
    return total
