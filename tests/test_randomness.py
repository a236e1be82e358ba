"""Random numbers by purpose: none shared, and the same as ever."""

from itertools import pairwise

import numpy as np

from genenet.randomness import Purpose, Shown, generator, shown_generator, stream_key


def test_purposes__have_numbers_of_their_own():
    firsts = {int(generator(5, purpose).integers(1 << 62)) for purpose in Purpose}
    firsts |= {int(shown_generator(5, shown).integers(1 << 62)) for shown in Shown}
    firsts |= {int(generator(5, purpose, 0).integers(1 << 62)) for purpose in Purpose}
    assert len(firsts) == 2 * len(Purpose) + len(Shown)
    assert len({int(stream_key(5, purpose)) for purpose in Purpose}) == len(Purpose)


def test_purposes__numbers_stay_as_they_are():
    """Results with the same seed depend on them."""
    assert {purpose.name: int(purpose) for purpose in Purpose} == {
        "NULL_GENES": 0,
        "NULL_DRAWS": 1,
        "PERMUTED_CONTROL": 2,
        "NULL_PAIRS": 3,
        "ASSOCIATION": 4,
        "CONTRAST": 7,
        "HALVES": 12,
        "TIES": 13,
        "DIFFERENCES": 14,
        "SELECTION": 15,
    }
    assert all(one < other for one, other in pairwise(Purpose))
    plain = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(13, 1))).integers(1 << 62)
    assert generator(3, Purpose.TIES, 1).integers(1 << 62) == plain
