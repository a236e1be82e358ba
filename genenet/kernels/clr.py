"""CLR: how far the MI of a pair stands out among all MI values of each of its two genes."""

import numpy as np

from genenet.kernels.threads import parallel

# Ways to combine the z-scores of the two genes.
FAITH, SQUARED, STOUFFER = 0, 1, 2


@parallel(lambda mi: len(mi), error_model="numpy")
def clr_scores(begin, stop, first, second, mi, mean, inverse, variant, out):
    """Context likelihood of relatedness (see `genenet.statistics.clr.clr`).

    first, second: int32, mi, out: float64 (n_pairs,); mean, inverse: float64 (n_genes,), of each gene's MI and one over
    its standard deviation; variant: FAITH, SQUARED or STOUFFER.
    """
    for k in range(begin, stop):
        i, j = first[k], second[k]
        a, b = max((mi[k] - mean[i]) * inverse[i], 0.0), max((mi[k] - mean[j]) * inverse[j], 0.0)
        if variant == STOUFFER:
            out[k] = (a + b) * np.sqrt(0.5)
            continue
        if variant == SQUARED:
            a, b = a * a, b * b
        out[k] = np.sqrt(a * a + b * b)
