"""The largest of many scores without sorting them, by a histogram over the leading bits of the score."""

import numpy as np

from genenet.kernels.jit import compiled, inner

# Leading bits of a score that are its bin in the histogram: sign, exponent and a part of the mantissa.
CLASS_BITS = 18
N_CLASSES = 1 << CLASS_BITS
SMALLEST = np.int64(-(2**63))
# Verdicts of `sort_out`; those of CLOSE and OPEN depend on the order of the scores within their bin.
DROPPED, CLOSE, REMOVED, OPEN, KEPT = range(5)


@inner(inline="always")
def _class(bits):
    """Bin of a score from its bits, 0 to N_CLASSES - 1, ascending with the score; 0.0 and -0.0 share one."""
    ordered = bits if bits >= 0 else SMALLEST - bits
    return (ordered >> (64 - CLASS_BITS)) + (N_CLASSES >> 1)


@compiled()
def count_classes(bits, chosen, counts):
    """Add scores to the histogram of the chosen ones, row 1 of counts, or of the others, row 0.

    bits: int64 (n,), the bits of the scores; chosen: bool (n,); counts: int64 (2, N_CLASSES).
    """
    for k in range(bits.shape[0]):
        counts[1 if chosen[k] else 0, _class(bits[k])] += 1


@compiled()
def sort_out(bits, chosen, limits, verdict):
    """Compare each score's bin with two limits. limits: int64 (2,), bins, of the others and of the chosen scores.

    verdict: uint8 (n,): KEPT above the limit of the chosen, OPEN in it; all others REMOVED above their limit, CLOSE in
    it, DROPPED below.
    """
    for k in range(bits.shape[0]):
        score = _class(bits[k])
        if chosen[k] and score >= limits[1]:
            verdict[k] = KEPT if score > limits[1] else OPEN
        elif score >= limits[0]:
            verdict[k] = REMOVED if score > limits[0] else CLOSE
        else:
            verdict[k] = DROPPED
