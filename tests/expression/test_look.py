"""The look at a matrix: numbers of samples by which copies are found."""

import numpy as np
import pytest
import scipy.sparse as sp

from genenet.config import Prepare
from genenet.expression import look as module
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


@pytest.mark.parametrize("sparse", [False, True])
def test_look__many_samples_are_described_piece_by_piece(sparse, monkeypatch):
    values = np.random.default_rng(0).normal(10.0, 1.0, (50, 40))
    values[7] = 1e6 + np.arange(40.0)
    matrix = sp.csc_matrix(values) if sparse else values
    names = [f"s{n}" for n in range(50)]

    def found():
        genes = [f"G{n}" for n in range(40)]
        return module.look(matrix, names, genes, Prepare(), how_to_turn="", table="genes_by_samples")

    whole = found()
    monkeypatch.setattr(module, "SAMPLES_AT_ONCE", 7)
    assert [str(finding) for finding in found()] == [str(finding) for finding in whole]
    assert any("s7" in finding.message for finding in whole)
