"""Random halves of samples and of donors, and what cannot be split."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.config import Stability
from genenet.errors import InputError
from genenet.stability.halves import split_samples


def samples(n: int, **columns: object) -> AnnData:
    return AnnData(np.zeros((n, 2)), obs=pd.DataFrame(columns, index=[f"s{k}" for k in range(n)]))


def message(data: AnnData, **settings: object) -> str:
    with pytest.raises(InputError) as caught:
        split_samples(data, Stability(stability=20, **settings), seed=1)
    return str(caught.value)


def test_split__halves_are_disjoint_and_one_of_an_odd_number_is_left_out():
    left = set()
    for one, other in split_samples(samples(41), Stability(stability=20), seed=1):
        assert (len(one), len(other)) == (20, 20)
        assert not {*one} & {*other}
        assert sorted(one) == list(one)
        left |= {*range(41)} - {*one} - {*other}
    assert len(left) > 5


def test_split__same_for_the_same_seed_and_different_for_another():
    def halves(seed: int) -> list[list[int]]:
        return [list(half) for split in split_samples(samples(50), Stability(stability=4), seed=seed) for half in split]

    assert halves(1) == halves(1) != halves(2)
    assert halves(1) == [list(h) for s in split_samples(samples(50), Stability(stability=9), seed=1) for h in s][:8]


def test_split__each_sample_is_in_each_half_about_as_often():
    counts = np.zeros(60)
    for one, _ in split_samples(samples(60), Stability(stability=400), seed=3):
        counts[one] += 1
    assert abs(counts / 400 - 0.5).max() < 4.5 * np.sqrt(0.25 / 400)


def test_split__donors_stay_whole():
    donors = np.repeat([f"d{k}" for k in range(11)], [4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6])
    splits = split_samples(samples(59, donor=donors), Stability(stability=30, donor_column="donor"), seed=1)
    assert (splits.n_units, splits.by_donor) == (11, True)
    for one, other in splits:
        assert not {*donors[one]} & {*donors[other]}
        assert len({*donors[one]}) == len({*donors[other]}) == 5
    assert splits.sizes()[0] >= 20


def stratified(*sizes: int, **columns: object) -> AnnData:
    """Samples of strata a, b, ..., mixed."""
    batch = np.repeat([chr(97 + k) for k in range(len(sizes))], sizes)
    data = samples(sum(sizes), batch=np.random.default_rng(0).permutation(batch), **columns)
    data.uns["genenet"] = {"strata": ["batch"]}
    return data


def test_split__each_stratum_is_split_into_halves():
    data, left = stratified(21, 18, 34), set()
    batch = data.obs["batch"].to_numpy()
    for one, other in split_samples(data, Stability(stability=20), seed=1):
        for level, n in (("a", 21), ("b", 18), ("c", 34)):
            counts = [int((batch[half] == level).sum()) for half in (one, other)]
            assert abs(counts[0] - counts[1]) <= 1
            assert sum(counts) >= n - 1
        left |= {*range(73)} - {*one} - {*other}
    assert len({batch[k] for k in left}) == 3


def test_split__donors_within_strata():
    donors = [f"d{k // 4:02d}" for k in range(96)]
    data = samples(96, donor=donors, batch=["a" if k < 48 else "b" for k in range(96)])
    data.uns["genenet"] = {"strata": ["batch"]}
    for split in split_samples(data, Stability(stability=10, donor_column="donor"), seed=1):
        for half in split:
            assert [int((data.obs["batch"].to_numpy()[half] == level).sum()) for level in "ab"] == [24, 24]
    # Each donor in both batches.
    data.obs["batch"] = ["a", "b"] * 48
    for one, other in split_samples(data, Stability(stability=10, donor_column="donor"), seed=1):
        assert (len(one), len(other)) == (48, 48)


def test_split__small_stratum():
    assert message(stratified(40, 12)) == (
        "halves of the samples have down to 6 samples of stratum b, and 8 are needed: strata of at least 17"
        " samples; join strata in a column of their own (prepare.strata), or leave small ones out (prepare.obs_query)"
    )


def test_split__too_few_samples():
    assert message(samples(39)) == (
        "stability needs 40 samples, for halves of 20, and there are 39; leave stability.stability at 0, or bring more"
        " samples"
    )


def test_split__no_such_column():
    assert message(samples(50, donor="a", age=3), donor_column="doner") == (
        "the matrix has no sample attribute doner; it has donor, age; did you mean donor?; set"
        " stability.donor_column to one that there is, or add it with table"
    )
    assert message(samples(50), donor_column="donor") == (
        "the matrix has no sample attribute donor; set stability.donor_column to one that there is, or add it with"
        " table"
    )


def test_split__sample_without_donor():
    donors = [None if k in (3, 7) else f"d{k % 12}" for k in range(48)]
    assert message(samples(48, donor=donors), donor_column="donor") == (
        "2 samples of 48 have no value of donor (stability.donor_column): s3, s7; fill them in, or leave them out"
        " (prepare.obs_query)"
    )


def test_split__too_few_donors():
    assert message(samples(60, donor=[k % 6 for k in range(60)]), donor_column="donor") == (
        "stability.donor_column donor has 6 donors, and 10 are needed to split them into halves in enough ways; leave"
        " stability.stability at 0, or bring more donors"
    )


def test_split__donors_too_unequal():
    donors = ["large"] * 40 + [f"d{k}" for k in range(11)]
    assert message(samples(51, donor=donors), donor_column="donor") == (
        "halves by stability.donor_column donor have down to 6 of 51 samples, and 20 are needed: donors are too"
        " unequal; leave out the largest (prepare.obs_query), or split single samples (without stability.donor_column)"
    )


def test_split__every_sample_a_donor_is_said(caplog):
    split_samples(samples(50, name=range(50)), Stability(stability=10, donor_column="name"), seed=1)
    assert caplog.messages == [
        "stability.donor_column name is different in each of 50 samples: halves are of single samples"
    ]


def test_split__few_splits_are_said(caplog):
    split_samples(samples(50), Stability(stability=2), seed=1)
    assert caplog.messages == ["stability: shares of 4 halves of 2 splits are coarse; 50 splits are usual"]


def test_split__copies_of_samples_are_said(caplog):
    import genenet

    values = np.random.default_rng(0).normal(size=(30, 40))
    frame = pd.DataFrame(np.column_stack([values, values[:, :2]]), index=[f"G{k}" for k in range(30)])
    frame.columns = [f"s{k}" for k in range(42)]
    data = genenet.prepare(frame)
    caplog.clear()
    split_samples(data, Stability(stability=10), seed=1)
    assert caplog.messages == [
        "stability: 2 of 42 samples have the values of another, gene by gene (s40 = s0, s41 = s1); copies in both"
        " halves make edges come back, drop them or name stability.donor_column"
    ]


def test_split__unequal_halves_are_said(caplog):
    donors = np.repeat(np.arange(12), [60, *[8] * 11])
    split_samples(samples(len(donors), donor=donors), Stability(stability=20, donor_column="donor"), seed=1)
    assert caplog.messages == [
        "stability: halves by donor have 48 to 100 samples, since donors are unequal: edges must be found in small"
        " halves as well, which have less power"
    ]
