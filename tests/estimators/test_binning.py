"""Bins that follow the data: brute force, astropy, the outputs of NetworkInference.jl; how many bins; zeros apart."""

import itertools

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given
from hypothesis import strategies as st

from genenet import mutual_information
from genenet.config import Discretise, settings_from_keywords
from genenet.errors import ConfigError, InputError
from genenet.estimators.binning import block_codes, coordinates, kmeans_codes, number_of_bins, soft_total
from genenet.kernels.weights import spline_weights
from genenet.steps.discretise import discretise

few_values = st.lists(st.integers(-20, 20).map(lambda k: k / 4), min_size=2, max_size=9)


def squares_within(values: np.ndarray, codes: np.ndarray) -> float:
    return sum(((values[codes == code] - values[codes == code].mean()) ** 2).sum() for code in np.unique(codes))


def partitions(n: int, k: int):
    """All ways to cut n things in a row into k parts, as codes."""
    for cuts in itertools.combinations(range(1, n), k - 1):
        yield np.repeat(np.arange(k), np.diff([0, *cuts, n]))


@given(few_values, st.integers(2, 4))
def test_kmeans__least_squares_of_all_partitions(values, k):
    values = np.sort(np.array(values))
    distinct = np.unique(values)
    codes = kmeans_codes(values[None], k)[0]
    k = min(k, len(distinct))
    least = min(squares_within(values, cut[np.searchsorted(distinct, values)]) for cut in partitions(len(distinct), k))
    assert squares_within(values, codes) == pytest.approx(least, abs=1e-9)
    assert len(np.unique(codes)) == k
    assert (np.diff(codes) >= 0).all()


def test_kmeans__not_worse_than_scikit_learn():
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    values = np.random.default_rng(0).lognormal(size=(5, 400))
    codes = kmeans_codes(values, 7)
    for row, ours in zip(values, codes, strict=True):
        with threadpool_limits(1):  # a second thread would wait for most of the time, at work
            theirs = KMeans(7, n_init=20, random_state=0).fit(row[:, None]).inertia_
        assert squares_within(row, ours) <= theirs * (1 + 1e-12)


def block_fitness(values: np.ndarray, codes: np.ndarray, price: np.ndarray) -> float:
    distinct, counts = np.unique(values, return_counts=True)
    edges = np.r_[distinct[0], (distinct[1:] + distinct[:-1]) / 2, distinct[-1]]
    total = 0.0
    for code in np.unique(codes):
        (inside,) = np.nonzero(codes == code)
        first, last = inside[0], inside[-1]
        samples = counts[first : last + 1].sum()
        total += samples * np.log(samples / (edges[last + 1] - edges[first])) - price[last]
    return total


@given(few_values.filter(lambda values: len(set(values)) > 1), st.sampled_from(["total", "running"]))
def test_blocks__fittest_of_all_partitions(values, prior):
    values = np.sort(np.array(values))
    distinct = np.unique(values)
    n = np.arange(1, len(values) + 1) if prior == "running" else np.full(len(values), len(values))
    price = 4 - np.log(73.53 * 0.05 * n**-0.478)
    codes = block_codes(values[None], prior=prior)[0]
    best = max(
        block_fitness(values, cut, price) for k in range(1, len(distinct) + 1) for cut in partitions(len(distinct), k)
    )
    ours = codes[np.searchsorted(values, distinct)]
    assert block_fitness(values, ours, price) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("false_alarm", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("kind", ["normal", "exponential", "two peaks", "counts"])
def test_blocks__as_astropy(kind, false_alarm):
    stats = pytest.importorskip("astropy.stats")
    rng = np.random.default_rng(len(kind))
    values = {
        "normal": rng.normal(size=300),
        "exponential": rng.exponential(size=300),
        "two peaks": np.r_[rng.normal(size=200), rng.normal(9, 0.2, 100)],
        "counts": rng.poisson(3, 300) + 0.0,
    }[kind]
    edges = stats.bayesian_blocks(values, fitness="events", p0=false_alarm)
    expected = np.searchsorted(edges[1:-1], values, side="right")
    assert block_codes(values[None], false_alarm=false_alarm)[0].tolist() == expected.tolist()
    assert len(edges) > 2


@pytest.fixture(scope="module")
def yeast(shared_data):
    folder = shared_data / "peer_NetworkInference.jl"
    frame = pd.read_csv(folder / "expression.tsv", sep="\t", index_col=0)
    frame.index = frame.index.astype(str)
    return frame, pd.read_csv(folder / "mi.txt", sep="\t", names=["a", "b", "weight"], dtype={"a": str, "b": str})


def test_blocks__mi_of_network_inference_jl(yeast):
    frame, golden = yeast
    codes = dict(zip(frame.index, block_codes(frame.to_numpy(), prior="running"), strict=True))
    ours = [mutual_information(codes[a], codes[b]) for a, b in zip(golden["a"], golden["b"], strict=True)]
    np.testing.assert_allclose(ours, golden["weight"], atol=1e-12)
    assert len(golden) == 90


# How many


def test_number_of_bins__by_hand():
    values = np.random.default_rng(0).uniform(size=(3, 1000))
    assert number_of_bins("sqrt", values) == 31
    assert number_of_bins("cube_root", values) == 10
    # Uniform: IQR 1/2, range 1, so n^(1/3) bins; the samples' quartiles are nearly that.
    assert number_of_bins("freedman_diaconis", values) in (10, 11)
    assert number_of_bins("sqrt", values, min_expected=5) == 14
    assert number_of_bins("sqrt", values, min_expected=1e6) == 2
    assert number_of_bins("sqrt", np.zeros((1, 10_000))) == 64


def test_freedman_diaconis__genes_without_quartiles_do_not_count():
    values = np.vstack([np.arange(1000.0), np.arange(1000.0) > 900, np.arange(1000.0) ** 2])
    assert number_of_bins("freedman_diaconis", values[:1]) == 10  # 999 / (2 * 499.5) * 10
    assert number_of_bins("freedman_diaconis", values[:2]) == 10
    with pytest.raises(InputError, match="needs genes whose quartiles differ, and there are none; use sqrt, cube_root"):
        number_of_bins("freedman_diaconis", values[1:2])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"discretise_method": "equal_frequency", "n_bins": "sqrt"}, 4),  # 100 / 5 samples a cell
        ({"discretise_method": "equal_width", "n_bins": "sqrt", "min_expected": 0}, 10),
        ({"discretise_method": "kmeans", "n_bins": "cube_root"}, 4),
        ({"discretise_method": "bspline", "n_bins": "cube_root", "order": 3}, 4),
        ({"discretise_method": "bspline", "n_bins": "cube_root", "order": 6}, 6),
        ({"discretise_method": "zero_inflated", "n_bins": "cube_root", "order": 3}, 5),
        ({"discretise_method": "kmeans", "n_bins": 9}, 9),
    ],
)
def test_discretise__number_of_bins(settings, expected, caplog):
    adata = AnnData(np.random.default_rng(1).normal(size=(100, 3)))
    bins = discretise(adata, settings_from_keywords(**settings).discretise)
    assert bins.n_bins == expected
    assert (bins.weights.sum(axis=1) == bins.total).all()


def test_discretise__rule_is_said(caplog):
    with caplog.at_level("INFO", logger="genenet"):
        discretise(AnnData(np.random.default_rng(1).normal(size=(100, 3))), Discretise(n_bins="sqrt", min_expected=0))
    assert "discretise.n_bins sqrt: 10 bins a gene" in caplog.text


# Methods in place


@pytest.mark.parametrize("method", ["kmeans", "bayesian_blocks"])
def test_discretise__hard_bins(method):
    values = np.random.default_rng(2).lognormal(size=(150, 4))
    bins = discretise(AnnData(values), Discretise(method=method, n_bins=5))
    assert bins.total == 1
    assert (bins.weights.sum(axis=1) == 1).all()
    codes = bins.weights.argmax(axis=1)
    expected = kmeans_codes(values.T, 5) if method == "kmeans" else block_codes(values.T)
    assert (codes == expected).all()


def counts(seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.poisson(4, (200, 5)) * (rng.random((200, 5)) < 0.5)
    values[:, 3] += 1  # no zeros
    values[:, 4] = (values[:, 4] > 0) * 2  # one other value only
    return values.astype(float)


def test_zero_inflated__zeros_have_a_bin_of_their_own():
    values = counts()
    bins = discretise(AnnData(values), Discretise(method="zero_inflated", n_bins=6, order=3))
    assert bins.n_bins == 6
    assert (bins.weights.sum(axis=1) == 127).all()
    assert (bins.weights[:, 0] == 127 * (values.T == 0)).all()
    # The others are placed among themselves, as a gene without zeros is.
    others = values[values[:, 0] > 0, 0]
    alone = discretise(AnnData(others[:, None]), Discretise(method="bspline", n_bins=5, order=3))
    assert (alone.weights[0] == bins.weights[0, 1:, values[:, 0] > 0].T).all()
    assert (bins.weights[4].sum(axis=1) > 0).tolist() == [True, True, False, False, False, False]


def test_zero_inflated__hard_bins_with_order_1():
    settings = Discretise(method="zero_inflated", n_bins=4, order=1, coordinate=("rank",))
    values = np.r_[np.zeros(4), np.arange(1.0, 10.0)]
    bins = discretise(AnnData(values[:, None]), settings)
    assert bins.total == 1
    assert bins.weights[0].sum(axis=1).tolist() == [4, 3, 3, 3]


def test_zero_inflated__order_must_leave_room():
    with pytest.raises(ConfigError) as error:
        settings_from_keywords(discretise_method="zero_inflated", n_bins=4, order=4)
    assert str(error.value) == "discretise.order must be less than discretise.n_bins (4) where zeros have a bin, got 4"


def test_blocks__too_many():
    step = np.repeat(10.0 ** -(np.arange(70) % 2), 12)  # dense and thin stretches in turn
    values = np.cumsum(step)
    with pytest.raises(InputError, match=r"gene 0 has \d+ Bayesian blocks, at most 64 are possible; lower"):
        discretise(AnnData(values[:, None]), Discretise(method="bayesian_blocks", false_alarm=0.9))


@pytest.mark.parametrize("n", [4, 5, 36, 100, 333, 2_000])
def test_coordinates__weights_do_not_depend_on_whose_normal_scores_they_are_made_of(n):
    """The quantiles of Python's statistics differ from those of SciPy in the last bit; the integer weights do not."""
    some = np.random.default_rng(n).normal(size=(2, n))
    tied = np.round(some, 1)
    values = np.concatenate([np.arange(n, dtype=float)[None], some, tied[tied.std(axis=1) > 0]])
    for components in [("normal_score",), ("rank", "normal_score"), ("rank", "normal_score", "value")]:
        for n_bins in (3, 7, 10):
            found = []
            for for_weights in (True, False):
                positions = coordinates(values, components, for_weights=for_weights)
                weights = np.empty((len(values), n_bins, n), np.uint8)
                spline_weights(positions, 3, soft_total(n, 3), weights)
                found.append((positions, weights))
            (ours, of_ours), (scipys, of_scipys) = found
            np.testing.assert_allclose(ours, scipys, rtol=1e-14, atol=1e-15)
            assert np.array_equal(of_ours, of_scipys)
