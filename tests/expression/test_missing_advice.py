"""Missing values that no policy treats: the ways on, the one that suits first."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.errors import InputError
from genenet.expression.missing_blocks import missing_blocks
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


WIDE = pd.DataFrame(RNG.normal(7.0, 1.5, (80, 50)), [f"G{n}" for n in range(80)]).add_prefix("S")
GROUPS = "or infer a network of each group of samples, by --group-by with prepare.missing: drop_genes"
BLOCK = "24 genes (G56, G57, G58 and 21 more) in 20 of 50 samples (S30, S31, S32 and 17 more)"


def keeping(share: str, samples: str) -> str:
    """The way that keeps the genes of blocks."""
    judged = f"each pair of which is judged by {samples}"
    return f"pairwise (with prepare.max_missing: {share}: keeps these genes, {judged}; slower)"


def in_blocks(*blocks: tuple[slice, slice], scattered: float = 0.0) -> pd.DataFrame:
    """The matrix without the values of some blocks of genes and samples."""
    frame = WIDE.copy() if not scattered else WIDE.mask(np.random.default_rng(2).random(WIDE.shape) < scattered)
    for genes, samples in blocks:
        frame.iloc[genes, samples] = np.nan
    return frame


def test_missing__by_block_is_told_with_its_genes_and_samples():
    assert advice(in_blocks((slice(56, None), slice(30, None)))) == (
        f"values are missing by block ({BLOCK}), as in merged platforms; set prepare.missing: drop_genes (leaves 56 of"
        f" 80 genes), drop_samples (leaves 30 of 50 samples) or {keeping('0.4', '30 samples')}; {GROUPS}"
    )


def test_missing__by_two_blocks():
    frame = in_blocks((slice(56, None), slice(30, None)), (slice(0, 10), slice(0, 15)))
    assert advice(frame, strata=("batch",)) == (  # within strata no pairwise
        f"values are missing by block ({BLOCK}, 10 genes (G0, G1, G2 and 7 more) in 15 of 50 samples (S0, S1, S2 and 12"
        f" more)), as in merged platforms; set prepare.missing: drop_genes (leaves 46 of 80 genes); {GROUPS}"
    )
    assert keeping("0.4", "15 samples or more") in advice(frame)


def test_missing__by_block_and_here_and_there():
    frame = in_blocks((slice(56, None), slice(30, None)), scattered=0.005)
    n_complete = int(frame.notna().all(axis=1).sum())
    assert 56 > n_complete > 0
    assert advice(frame) == (
        f"values are missing by block ({BLOCK}), as in merged platforms; set prepare.missing: impute_median (with"
        " prepare.max_missing: 0.2: leaves 56 of 80 genes, and fills in what they lack), drop_genes (leaves"
        f" {n_complete} of 80 genes) or {keeping('0.42', '30 samples')}; {GROUPS}"
    )
    left = prepare(frame, Prepare(missing="impute_median", max_missing=0.2))
    assert list(left.var_names) == [f"G{n}" for n in range(56)]


def test_missing__filled_in_by_block_is_warned_of():
    frame = in_blocks((slice(56, None), slice(45, None)))
    findings = prepare(frame, Prepare(missing="impute_mean")).uns["genenet"]["findings"]
    [warning] = findings.loc[findings["weight"] == "warned", "message"]
    assert warning == (
        "values were filled in by block (24 genes (G56, G57, G58 and 21 more) in 5 of 50 samples (S45, S46, S47 and 2"
        " more)): each of these genes has one value in these samples, which relates them to each other; set"
        " prepare.missing: drop_genes or pairwise"
    )
    scattered = in_blocks(scattered=0.1)
    assert "by block" not in str(prepare(scattered, Prepare(missing="impute_mean")).uns["genenet"]["findings"])


@pytest.mark.parametrize("seed", range(20))
def test_missing_blocks__found_as_made_and_not_by_chance(seed):
    rng = np.random.default_rng(seed)
    n_samples, n_genes = int(rng.integers(8, 120)), int(rng.integers(20, 3_000))
    gaps = rng.random((n_samples, n_genes)) < rng.uniform(0.0, 0.4)
    gaps[:, rng.random(n_genes) < 0.02] = True  # genes without a value are of no block
    assert missing_blocks(*np.nonzero(gaps), n_samples, n_genes) == []
    gaps = rng.random((n_samples, n_genes)) < rng.uniform(0.0, 0.02)
    samples = np.sort(rng.permutation(n_samples)[: max(3, n_samples // 3)])
    genes = np.sort(rng.permutation(n_genes)[: n_genes // 4])
    gaps[np.ix_(samples, genes)] = True
    [found] = missing_blocks(*np.nonzero(gaps), n_samples, n_genes)
    assert (found.samples.tolist(), found.genes.tolist()) == (samples.tolist(), genes.tolist())
