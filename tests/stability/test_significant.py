"""Significant pairs without p-values, against the step `significance`."""

from dataclasses import replace

import numpy as np
import pytest

from genenet.config import Permutation, Significance
from genenet.products.pairs import Pairs, Triangle
from genenet.stability.significant import significant_pairs
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.significance import significance
from tests.matrices import bins, counts, related


def pairs_of(found: Pairs | Triangle) -> set[tuple[int, int]]:
    return {pair for _, part in found.parts() for pair in zip(part.first.tolist(), part.second.tolist(), strict=True)}


@pytest.mark.parametrize("correction", ["bh", "by", "bonferroni", "none"])
@pytest.mark.parametrize("extrapolate", [True, False])
@pytest.mark.parametrize("values", ["related", "independent", "counts"])
@pytest.mark.parametrize("alpha", [0.05, 1.0])
def test_significant_pairs__are_those_of_the_step(correction, extrapolate, values, alpha):
    matrix = {"related": related(40, 50), "counts": counts(40, 60)}.get(values)
    data = bins(np.random.default_rng(1).normal(size=(40, 50)) if matrix is None else matrix)
    n_draws = 20_000 if extrapolate or correction not in ("bonferroni", "none") else 200_000
    null = permutation_null(data, Permutation(n_draws=n_draws, extrapolate=extrapolate))
    for min_mi in (0.0, 0.1):
        settings = Significance(alpha=alpha, correction=correction, min_mi=min_mi)
        expected = significance([information(data, null, alpha=alpha)], data, null, settings)
        found = significant_pairs(information(data, null, alpha=alpha), null, settings)
        assert pairs_of(found) == pairs_of(expected.pairs)
        triangle = Triangle(data.n_genes)
        triangle.add(next(part for _, part in information(data, null, alpha=alpha).pairs.parts()))
        block = replace(information(data, null, alpha=alpha), pairs=triangle)
        assert pairs_of(significant_pairs(block, null, settings)) == pairs_of(expected.pairs)
