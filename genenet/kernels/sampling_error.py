"""Sampling error of the difference of two MI values that share a gene, as a function of the smaller one.

If two pairs i-j and i-k are equally related, the difference of their estimates has the variance

    SPREAD * mi / (mi + HALF) / n_samples        (bits squared)

Each estimate is, to first order, the mean over samples of the pointwise mutual information. The variance of the
difference is therefore that of the difference of two pointwise values, divided by the number of samples; it includes
the covariance of the two (their correlation is 0.7 to 0.9). SPREAD and HALF were fitted to such differences on sixteen
data sets; docs/methods.md has the measurement. Only operations that IEEE 754 rounds correctly are used, for the same
bits on every machine.
"""

import math

from genenet.kernels.jit import inner

SPREAD = 0.047
HALF = 0.05


@inner(inline="always")
def raised(mi, allowance):
    """MI (bits) plus `allowance` times the standard deviation of the difference for a single sample."""
    return mi + allowance * math.sqrt(SPREAD * mi / (mi + HALF))
