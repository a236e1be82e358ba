"""Functions that only kernels call, and the options by which numba finds what it has compiled before."""

import numpy as np
import pytest
from numba.core.compiler import Flags

from genenet.kernels.jit import compiled, inner


@pytest.mark.parametrize("optimised", [False, True])
def test_inner__becomes_part_of_its_callers_and_is_not_saved(optimised):
    @inner(optimised=optimised)
    def divided(x, y):
        return x / y

    @compiled()
    def of_all(x, y, out):
        for k in range(x.shape[0]):
            out[k] = divided(x[k], y[k])

    out = np.empty(3)
    of_all(np.array([1.0, 1.0, 0.0]), np.array([4.0, 0.0, 0.0]), out)
    assert out.tolist()[:2] == [0.25, np.inf]
    assert np.isnan(out[2])
    assert not hasattr(divided._cache, "_cache_file")
    assert divided.signatures


def test_options__are_equal_if_all_of_them_are():
    one, other = Flags(), Flags()
    assert one == other
    assert hash(one) == hash(other)
    other.nrt = one.nrt  # a default that is set
    assert one == other
    other.nrt = not one.nrt
    assert one != other
    assert one != "options"
