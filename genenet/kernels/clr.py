"""CLR: how far the MI of a pair stands out among all MI values of each of its two genes."""

import numpy as np

from genenet.kernels.jit import inner
from genenet.kernels.threads import parallel

# Ways to combine the z-scores of the two genes.
FAITH, SQUARED, STOUFFER = 0, 1, 2
COMBINATIONS = {"faith": FAITH, "squared": SQUARED, "stouffer": STOUFFER}


@inner(inline="always")
def _combined(a, b, variant):
    """Score of a pair from the z-scores of its two genes, of which negative ones count as 0."""
    a, b = max(a, 0.0), max(b, 0.0)
    if variant == STOUFFER:
        return (a + b) * np.sqrt(0.5)
    if variant == SQUARED:
        a, b = a * a, b * b
    return np.sqrt(a * a + b * b)


@parallel(lambda mi: len(mi))
def clr_scores(begin, stop, first, second, mi, mean, inverse, variant, out):
    """Context likelihood of relatedness (see `genenet.statistics.clr.clr`).

    first, second: int32, mi, out: float64 (n_pairs,); mean, inverse: float64 (n_genes,), the mean of each gene's MI,
    and 1 / its standard deviation; variant: FAITH, SQUARED or STOUFFER.
    """
    for k in range(begin, stop):
        i, j = first[k], second[k]
        out[k] = _combined((mi[k] - mean[i]) * inverse[i], (mi[k] - mean[j]) * inverse[j], variant)


@parallel(lambda mi: len(mi))
def clr_matrix(begin, stop, mi, is_tested, mean, inverse, variant, out):
    """`clr_scores` of the tested pairs of a symmetric MI matrix. mi, out: float64, is_tested: bool, all square."""
    for i in range(begin, stop):
        for j in range(mi.shape[0]):
            if is_tested[i, j]:
                out[i, j] = _combined((mi[i, j] - mean[i]) * inverse[i], (mi[i, j] - mean[j]) * inverse[j], variant)
