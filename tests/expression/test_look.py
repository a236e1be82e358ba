"""The look at a matrix: numbers of samples by which copies are found."""

import numpy as np

from genenet.expression.look.values import profile


def test_profile__samples_of_counts_have_numbers_of_their_own():
    values = np.random.default_rng(0).poisson(0.7, (20_000, 40)).astype(float)
    found = profile(values)
    assert len(np.unique(found.hashes)) == len(np.unique(values, axis=0)) > 19_000


def test_profile__copies_have_the_same_number():
    values = np.random.default_rng(0).normal(size=(30, 12))
    values[20] = values[3]
    values[4, 5] = 0.0
    values[21] = values[4]
    values[21, 5] = -0.0
    hashes = profile(values).hashes
    assert hashes[20] == hashes[3]
    assert hashes[21] == hashes[4]
    assert len(np.unique(hashes)) == 28
