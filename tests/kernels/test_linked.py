"""Functions that only kernels call: with what numba keeps for itself, and without."""

import numpy as np
import pytest

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
