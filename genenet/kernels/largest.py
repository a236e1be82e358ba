"""Which of many scores are the largest, by counting them in classes of about equal scores."""

import numpy as np
from numba import njit

# Bits of a score that make its class: sign, exponent and a part of the mantissa.
CLASS_BITS = 18
N_CLASSES = 1 << CLASS_BITS
SMALLEST = np.int64(-(2**63))
DROPPED, CLOSE, REMOVED, OPEN, KEPT = range(5)


@njit(cache=True, inline="always")
def _class(bits):
    """Class of a score from its bits, 0 to N_CLASSES - 1, ascending with the score; the zeros are one."""
    ordered = bits if bits >= 0 else SMALLEST - bits
    return (ordered >> (64 - CLASS_BITS)) + (N_CLASSES >> 1)


@njit(cache=True)
def count_classes(bits, chosen, counts):
    """Count scores by class. bits: int64 (n,), the bits of the scores; chosen: bool (n,); counts: int64 (2, N_CLASSES).

    Row 1 of counts is for the chosen ones, row 0 for the others.
    """
    for k in range(bits.shape[0]):
        counts[1 if chosen[k] else 0, _class(bits[k])] += 1


@njit(cache=True)
def sort_out(bits, chosen, limits, verdict):
    """Say what becomes of each score, by its class. limits: int64 (2,), classes, of the others and of the chosen.

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
