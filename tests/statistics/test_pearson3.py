"""Tail and density of Pearson III distributions, against scipy."""

import numpy as np
import pytest
from scipy.stats import pearson3

from genenet.statistics.pearson3 import pearson3_density, pearson3_tail


@pytest.mark.parametrize("skewness", [0.05, 0.5, 1.0, 2.0, 2.8])
def test_pearson3__is_that_of_scipy(skewness):
    deviations = np.linspace(-4, 25, 200)
    np.testing.assert_allclose(pearson3_tail(deviations, skewness), pearson3.sf(deviations, skewness), rtol=1e-8)
    inside = deviations > -2 / skewness + 0.01
    expected = pearson3.pdf(deviations[inside], skewness)
    np.testing.assert_allclose(pearson3_density(deviations[inside], skewness), expected, rtol=1e-7)
    assert (pearson3_density(deviations[deviations < -2 / skewness], skewness) == 0).all()
