"""Missing values that no policy treats: the ways on, the one that suits first."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.steps.prepare import prepare

RNG = np.random.default_rng(5)
VALUES = pd.DataFrame(RNG.normal(7.0, 1.5, (40, 60)), [f"G{n}" for n in range(40)]).add_prefix("S")
IMPUTE = "impute_median or impute_mean (the gene's average in the gaps)"
PAIRWISE = "pairwise (each pair of genes takes the samples that both have; slower)"


def advice(frame: pd.DataFrame, **settings: object) -> str:
    """What follows the place of the first missing value."""
    with pytest.raises(InputError) as caught:
        prepare(frame, Prepare(**settings))
    return caught.value.message.split("; ", 2)[2]


def test_missing__few_and_scattered_are_filled_in_first():
    frame = VALUES.copy()
    places = RNG.choice(frame.size, 36, replace=False)
    frame.to_numpy()[np.unravel_index(places, frame.shape)] = np.nan
    genes, samples = int(frame.notna().all(axis=1).sum()), int(frame.notna().all().sum())
    drop = f"drop_genes (leaves {genes} of 40 genes) or drop_samples (leaves {samples} of 60 samples)"
    few = "1.50% of the values are missing here and there, few enough to be filled in; set prepare.missing:"
    assert advice(frame) == f"{few} {IMPUTE}, {PAIRWISE}, {drop}"
    assert advice(frame, whiten="samples") == f"{few} {IMPUTE}, {drop}"


def test_missing__many_are_left_out_pair_by_pair_first():
    frame = VALUES.mask(RNG.random(VALUES.shape) < 0.3)
    over = int((frame.isna().mean(axis=1) > 0.2).sum())
    assert advice(frame) == (
        f"{frame.isna().to_numpy().mean():.2%} of the values are missing here and there, too many to be filled in; set"
        f" prepare.missing: {PAIRWISE} or {IMPUTE}; {over} genes with more than 20% missing would be dropped"
        " (prepare.max_missing)"
    )


def test_missing__empty_genes_are_dropped_first():
    frame = VALUES.copy()
    frame.iloc[:20] = np.nan
    assert advice(frame) == (
        "20 genes have no value at all (G0, G1, G2, G3, G4 and 15 more); set prepare.missing: drop_genes (leaves 20 of"
        f" 40 genes), {PAIRWISE} or {IMPUTE}"
    )
    left = prepare(frame, Prepare(missing="drop_genes"))
    assert (left.n_vars, left.uns["genenet"]["findings"]["message"].tolist()) == (20, [])


def test_missing__incomplete_samples_that_are_few_are_dropped_first():
    frame = VALUES.copy()
    frame.iloc[:30, 7] = np.nan
    assert advice(frame) == (
        f"set prepare.missing: drop_samples (leaves 59 of 60 samples), {PAIRWISE}, {IMPUTE} or drop_genes (leaves 10 of"
        " 40 genes)"
    )


def test_missing__a_few_genes_that_lack_much_are_dropped_first():
    frame = VALUES.copy()
    frame.iloc[:3] = frame.iloc[:3].mask(RNG.random((3, 60)) < 0.8)
    assert advice(frame) == (
        "all are in 3 genes (G0, G1, G2), with more than 20% missing; set prepare.missing: drop_genes (leaves 37 of 40"
        f" genes), {PAIRWISE} or {IMPUTE}"
    )


def test_missing__a_few_samples_that_lack_much_are_dropped_first():
    frame = VALUES.copy()
    frame.iloc[:, :4] = frame.iloc[:, :4].mask(RNG.random((40, 4)) < 0.8)
    assert advice(frame) == (
        "4 samples (S0, S1, S2 and 1 more) lack more than half of the values, the others none; set prepare.missing:"
        f" drop_samples (leaves 56 of 60 samples), {PAIRWISE} or {IMPUTE}"
    )
    findings = prepare(frame, Prepare(missing="impute_median")).uns["genenet"]["findings"]
    lack = "4 samples (S0, S1, S2 and 1 more) lack more than half of the values"
    assert findings["message"].iloc[0] == f"{lack}, which were filled in: leave them out first"
    frame.iloc[7, 9] = frame.iloc[30, 20] = np.nan
    assert advice(frame).startswith(
        f"{lack}: leave these out first; 0.09% of the values of the others are missing"
        f" here and there, few enough to be filled in; set prepare.missing: {IMPUTE},"
    )


@pytest.mark.parametrize(("min_samples", "left"), [(20, 8), (4, 8)])
def test_missing__dropping_most_samples_names_what_suits(min_samples, left):
    frame = VALUES.copy()
    for number in range(60 - left):
        frame.iloc[number % 40, number] = np.nan
    leaves = "prepare.missing: drop_samples leaves 8 of 60 samples: 2.17% of the values are missing here and there"
    settings = Prepare(missing="drop_samples", min_samples=min_samples)
    other = f"{leaves}, few enough to be filled in; set prepare.missing: {IMPUTE} or {PAIRWISE}"
    if min_samples > left:
        with pytest.raises(InputError) as caught:
            prepare(frame, settings)
        assert caught.value.message.endswith(other)
    else:
        assert other in prepare(frame, settings).uns["genenet"]["findings"]["message"].tolist()
