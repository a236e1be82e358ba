"""Means of modules in groups of samples: which attributes and levels are shown."""

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.report.module_means import module_means
from genenet.report.run import Run

LEVELS = ["none of them", "liver", "heart"]
N_SAMPLES = 60


@pytest.fixture(scope="module")
def run() -> Run:
    """A run on samples with two attributes one level of which no sample has: one is of one level then, one of two."""
    rng = np.random.default_rng(0)
    is_liver = np.arange(N_SAMPLES) % 3 == 0
    values = rng.normal(size=(12, N_SAMPLES)) + 2 * rng.normal(size=N_SAMPLES) + 2 * is_liver
    samples = pd.Index([f"s{place}" for place in range(N_SAMPLES)])
    table = pd.DataFrame(
        {
            "tissue": pd.Categorical(np.where(is_liver, "liver", "heart"), LEVELS),
            "organ": pd.Categorical(["liver"] * N_SAMPLES, LEVELS),
        },
        samples,
    )
    matrix = pd.DataFrame(values, [f"G{gene}" for gene in range(12)], samples)
    return genenet.infer_network(matrix, table=table, n_draws=20_000, tolerance=1.0)._run()


def test_module_means__only_levels_of_samples(run):
    with np.errstate(all="raise"):
        [means] = module_means(run)
    assert means.attribute == "tissue"
    assert means.levels == [("liver", 20), ("heart", 40)]
    assert means.means.shape == (len(means.modules), 2)
    assert (means.means[:, 0] > 0).all()
    assert (means.means[:, 1] < 0).all()
    assert ((means.explained > 0) & (means.explained < 1)).all()
