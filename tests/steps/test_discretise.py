"""Bins by hand, against exact arithmetic and against scipy; ties, invariance, messages."""

from fractions import Fraction

import numpy as np
import pytest
from anndata import AnnData
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from genenet.config import Discretise
from genenet.errors import InputError
from genenet.estimators.binning import coordinates
from genenet.steps.discretise import discretise
from tests import oracles
from tests.matrices import bins, codes, counts, expression, related


def hard(row: list[float], method: str, n_bins: int) -> list[int]:
    """Bins of one gene's samples."""
    table = discretise(AnnData(np.array([row], float).T), Discretise(method=method, n_bins=n_bins, order=1)).weights[0]
    assert (table.sum(axis=0) == 1).all()
    return table.argmax(axis=0).tolist()


def test_equal_frequency__by_hand() -> None:
    assert hard([5, 1, 3, 2, 4, 6], "equal_frequency", 3) == [2, 0, 1, 0, 1, 2]
    # Seven samples in three bins: 2, 3 and 2.
    assert hard([1, 2, 3, 4, 5, 6, 7], "equal_frequency", 3) == [0, 0, 1, 1, 1, 2, 2]
    # Five zeros of eight have mid-rank 3, in the second of four bins; nothing is in the first.
    assert hard([0, 0, 0, 0, 0, 1, 2, 3], "equal_frequency", 4) == [1, 1, 1, 1, 1, 2, 3, 3]


@settings(deadline=None, max_examples=200)
@given(st.integers(2, 400), st.integers(2, 64))
@example(30, 12)
@example(49, 14)
@example(33, 22)
def test_equal_frequency__sizes_differ_by_one_and_are_exact(n_samples: int, n_bins: int) -> None:
    found = hard(list(range(n_samples)), "equal_frequency", n_bins)
    expected = [oracles.equal_frequency_bin(Fraction(rank), n_samples, n_bins) for rank in range(1, n_samples + 1)]
    assert found == expected
    sizes = np.bincount(found, minlength=n_bins)
    assert sizes.max() - sizes.min() <= 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=4, max_size=40).filter(lambda row: len(set(row)) > 1), st.integers(2, 9))
def test_equal_frequency__ties_share_the_bin_of_their_mid_rank(row: list[int], n_bins: int) -> None:
    ranks = [Fraction(float(rank)) for rank in stats.rankdata(row)]
    expected = [oracles.equal_frequency_bin(rank, len(row), n_bins) for rank in ranks]
    assert hard(row, "equal_frequency", n_bins) == expected


def test_equal_width__by_hand() -> None:
    assert hard([0, 1, 2, 3, 10], "equal_width", 5) == [0, 0, 1, 1, 4]
    assert hard([-1, 0, 1], "equal_width", 2) == [0, 1, 1]
    assert hard([0, 0, 0, 1e6], "equal_width", 6) == [0, 0, 0, 5]


def test_equal_width__as_numpy_histogram() -> None:
    values = related(5, 200)
    table = bins(values, method="equal_width", n_bins=7).weights
    for row, weights in zip(values, table, strict=True):
        assert weights.sum(axis=1).tolist() == np.histogram(row, bins=7)[0].tolist()


def test_codes__any_labels_in_their_order() -> None:
    assert hard([7, -1, 7, 100], "codes", 6) == [1, 0, 1, 2]
    mixed = codes([[0, 0, 1, 1], [5, 6, 7, 8]])
    assert mixed.n_bins == 4
    assert mixed.margins.tolist() == [[2, 2, 0, 0], [1, 1, 1, 1]]


def test_coordinates__rank_by_hand() -> None:
    assert coordinates(np.array([[0.0, 5.0, 5.0, 70.0]]), ("rank",)).tolist() == [[0.0, 0.5, 0.5, 1.0]]


def test_coordinates__value_by_hand_and_clipped() -> None:
    # Mean 0 and standard deviation 1: z = -1 is at 1/2 - 1/6.
    assert coordinates(np.array([[-1.0, 1.0]]), ("value",))[0].tolist() == pytest.approx([1 / 3, 2 / 3], abs=1e-15)
    outlier = coordinates(np.array([[0.0] * 99 + [1.0]]), ("value",))[0]
    assert outlier[-1] == 1.0
    assert outlier[0] == pytest.approx(0.5 - 0.1005 / 6, abs=1e-4)


def test_coordinates__normal_score_as_scipy() -> None:
    values = related(3, 50)
    scores = stats.norm.ppf((stats.rankdata(values, axis=1) - 0.5) / 50)
    expected = 0.5 + 0.5 * scores / scores.max()
    np.testing.assert_allclose(coordinates(values, ("normal_score",)), expected, atol=1e-12)


def test_coordinates__several_are_their_mean() -> None:
    values = related(3, 50)
    parts = [coordinates(values, (name,)) for name in ("rank", "normal_score", "value")]
    both = coordinates(values, ("rank", "normal_score", "value"))
    np.testing.assert_allclose(both, np.mean(parts, axis=0), atol=1e-15)
    assert both.min() >= 0
    assert both.max() <= 1


@pytest.mark.parametrize("coordinate", [("rank",), ("rank", "value"), ("normal_score",)])
def test_bspline__within_a_unit_of_scipy(coordinate: tuple[str, ...]) -> None:
    values = related(4, 60, decimals=1)
    found = bins(values, coordinate=coordinate)
    assert found.total == 127
    for row, weights in zip(coordinates(values, coordinate), found.weights, strict=True):
        assert np.abs(weights - 127 * oracles.bspline_basis(row, 6, 4)).max() < 1.0
    assert (found.weights.sum(axis=1) == 127).all()


def test_bspline__order_one_is_equal_width_of_the_coordinate() -> None:
    values = related(4, 61)
    soft = bins(values, n_bins=5, order=1, coordinate=["rank"]).weights
    assert (soft == 127 * bins(stats.rankdata(values, axis=1), method="equal_width", n_bins=5).weights).all()


@pytest.mark.parametrize("method", ["bspline", "equal_frequency"])
@pytest.mark.parametrize("transform", [np.exp, lambda x: x**3, np.arctan, lambda x: 1e6 + x])
def test_ranks__any_monotone_transform_gives_the_same_bins(method: str, transform: object) -> None:
    values = related(6, 70, decimals=2)
    settings_ = {"method": method, "coordinate": ["rank"]}
    assert (bins(values, **settings_).weights == bins(transform(values), **settings_).weights).all()


def test_value__linear_transforms_give_the_same_bins() -> None:
    values = related(6, 70)
    assert (bins(values).weights == bins(8 * values).weights).all()


@pytest.mark.parametrize("method", ["bspline", "equal_frequency", "equal_width", "codes"])
def test_ties__equal_values_have_equal_weights(method: str) -> None:
    values = counts(12, 90)
    table = bins(values, method=method).weights
    for row, weights in zip(values, table, strict=True):
        for level in np.unique(row):
            assert (np.ptp(weights[:, row == level], axis=1) == 0).all()


@pytest.mark.parametrize("method", ["bspline", "equal_frequency", "equal_width"])
def test_samples__another_order_of_samples_reorders_the_weights(method: str) -> None:
    values = related(6, 53, decimals=1)
    order = np.random.default_rng(0).permutation(53)
    assert (bins(values[:, order], method=method).weights == bins(values, method=method).weights[:, :, order]).all()


@pytest.mark.parametrize("scale", [1e-150, 1e150, 1e-320, 1e308])
def test_bspline__extreme_magnitudes(scale: float) -> None:
    """The steps are given such a matrix directly: `prepare` refuses some of these."""
    values = related(3, 40)
    values /= np.abs(values).max()
    plain = discretise(AnnData(values.T)).weights.astype(int)
    scaled = discretise(AnnData((values * scale).T)).weights.astype(int)
    assert (scaled.sum(axis=1) == 127).all()
    # At 1e-320 the values themselves have three digits.
    assert np.abs(scaled - plain).max() <= (1 if scale != 1e-320 else 3)


def test_bspline__many_samples_get_coarser_weights_whose_products_still_fit() -> None:
    n = 200_000
    table = discretise(AnnData(np.random.default_rng(0).normal(size=(n, 1))))
    assert table.total == 103
    assert table.total_count < 2**31 <= n * 104**2
    assert (table.weights.sum(axis=1) == 103).all()


def test_bspline__too_many_samples() -> None:
    with pytest.raises(InputError) as caught:
        discretise(AnnData(np.arange(2_200_000.0)[:, None]), Discretise(n_bins=16, order=16))
    assert str(caught.value) == (
        "2,200,000 samples are too many for exact B-spline weights;"
        " use discretise.method equal_frequency, or fewer samples"
    )


def test_codes__not_whole() -> None:
    adata = expression([[0, 1, 2, 1], [0, 1.5, 1, 2.25]])
    with pytest.raises(InputError) as caught:
        discretise(adata, Discretise(method="codes"))
    assert str(caught.value) == (
        "discretise.method codes needs whole numbers, but gene G001 has the value 1.5;"
        " choose another discretise.method for values that are not bins yet"
    )


def test_codes__too_many() -> None:
    adata = expression([np.arange(70), np.arange(70)])
    with pytest.raises(InputError) as caught:
        discretise(adata, Discretise(method="codes"))
    assert str(caught.value) == (
        "gene G000 has 70 different codes, at most 64 are possible;"
        " choose another discretise.method for values that are not bins yet"
    )


def test_constant_genes__are_refused() -> None:
    adata = AnnData(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0], [1.0, 5.0]]))
    adata.var_names = ["ACTB", "FOO1"]
    with pytest.raises(InputError) as caught:
        discretise(adata)
    assert str(caught.value) == (
        "1 of 2 genes have no variance (ACTB); drop them with prepare.min_variance or filter the input"
    )


def test_bins__numbers_of_pairs() -> None:
    values = related(10, 20)
    everything = bins(values)
    assert everything.regulator.all()
    assert everything.n_pairs == 45
    listed = bins(values, regulators=[0, 3, 4])
    assert listed.regulator.nonzero()[0].tolist() == [0, 3, 4]
    # 3 pairs of regulators, 3 * 7 of a regulator and another gene.
    assert listed.n_pairs == 24
    assert everything.total_count == 20 * 127**2


def test_bins__entropies_and_margins_as_oracle() -> None:
    table = bins(related(5, 40))
    assert table.margins.tolist() == table.weights.astype(int).sum(axis=2).tolist()
    np.testing.assert_allclose(table.entropies, [oracles.entropy(row) for row in table.margins.tolist()], atol=1e-14)


def test_permuted__same_margins_other_pairs() -> None:
    table = bins(related(12, 60))
    shuffled = table.permuted(5)
    assert (shuffled.margins == table.margins).all()
    assert (shuffled.weights != table.weights).any(axis=(1, 2)).all()
    assert (table.permuted(5).weights == shuffled.weights).all()
    assert (table.permuted(6).weights != shuffled.weights).any()
