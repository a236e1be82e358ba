"""Entropy and MI of labels: by hand, by theory, by scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, mutual_info_score, normalized_mutual_info_score

import genenet
from genenet import (
    adjusted_mutual_information,
    conditional_entropy,
    conditional_mutual_information,
    entropy,
    joint_entropy,
    mutual_information,
    normalized_mutual_information,
    pointwise_mutual_information,
)
from genenet.errors import ConfigError, InputError
from genenet.estimators.corrections import CORRECTIONS, shrinkage_intensity, uniform_share
from genenet.estimators.labels import joint_counts, read_labels

LN2 = math.log(2)
# Joint counts 3 1 / 0 4 of 8 samples.
X = [0, 0, 0, 0, 1, 1, 1, 1]
Y = [0, 0, 0, 1, 1, 1, 1, 1]

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=60)


def random_labels(seed: int, n: int, levels: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, levels, n)
    return x, np.where(rng.random(n) < noise, rng.integers(0, levels + 2, n), x)


def plain_entropy(p: list[float]) -> float:
    return -sum(value * math.log2(value) for value in p if value > 0)


def test_entropies__by_hand():
    assert entropy(X) == 1.0
    assert entropy(Y) == pytest.approx(plain_entropy([3 / 8, 5 / 8]), abs=1e-15)
    assert joint_entropy(X, Y) == pytest.approx(plain_entropy([3 / 8, 1 / 8, 4 / 8]), abs=1e-15)
    assert conditional_entropy(X, Y) == pytest.approx(5 / 8 * plain_entropy([1 / 5, 4 / 5]), abs=1e-15)
    assert conditional_entropy(Y, X) == pytest.approx(1 / 2 * plain_entropy([3 / 4, 1 / 4]), abs=1e-15)


def test_mutual_information__by_hand():
    expected = 3 / 8 * math.log2(3 / 8 / (4 / 8 * 3 / 8)) + 1 / 8 * math.log2(1 / 8 / (4 / 8 * 5 / 8))
    expected += 4 / 8 * math.log2(4 / 8 / (4 / 8 * 5 / 8))
    assert mutual_information(X, Y) == pytest.approx(expected, abs=1e-15)
    assert mutual_information(X, Y, base=math.e) == pytest.approx(expected * LN2, abs=1e-15)
    assert mutual_information(X, Y, base=10) == pytest.approx(expected * math.log10(2), abs=1e-15)


def test_mutual_information__independent_is_exactly_0():
    x = np.repeat(np.arange(7), 5 * 3)
    y = np.tile(np.repeat(np.arange(5), 3), 7)
    assert mutual_information(x, y) == 0.0
    assert normalized_mutual_information(x, y) == 0.0


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("n", "levels", "noise"), [(5, 2, 0.5), (60, 4, 0.3), (200, 30, 1.0), (2_000, 8, 0.7)])
def test_mutual_information__as_scikit_learn(seed, n, levels, noise):
    x, y = random_labels(seed, n, levels, noise)
    assert mutual_information(x, y, base=math.e) == pytest.approx(mutual_info_score(x, y), abs=1e-12)
    for average in ("arithmetic", "geometric", "min", "max"):
        ours = normalized_mutual_information(x, y, average=average)
        assert ours == pytest.approx(normalized_mutual_info_score(x, y, average_method=average), abs=1e-12)
        ours = adjusted_mutual_information(x, y, average=average)
        assert ours == pytest.approx(adjusted_mutual_info_score(x, y, average_method=average), abs=1e-10)


@pytest.mark.parametrize(("x", "y"), [([1, 1, 1], [2, 2, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [3, 2, 1])])
def test_normalized_and_adjusted__special_cases_as_scikit_learn(x, y):
    assert normalized_mutual_information(x, y) == pytest.approx(normalized_mutual_info_score(x, y), abs=1e-15)
    assert adjusted_mutual_information(x, y) == pytest.approx(adjusted_mutual_info_score(x, y), abs=1e-12)


def test_adjusted__is_0_on_average_for_independent_labels():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 6, 40)
    values = [adjusted_mutual_information(x, rng.permutation(x)) for _ in range(2_000)]
    assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(len(values))


@given(labels)
def test_mutual_information__invariants(samples):
    x, y, z = zip(*samples, strict=True)
    mi = mutual_information(x, y)
    assert mi == pytest.approx(mutual_information(y, x), abs=1e-12)
    assert 0 <= mi <= min(entropy(x), entropy(y)) + 1e-12
    assert mi == pytest.approx(entropy(x) + entropy(y) - joint_entropy(x, y), abs=1e-12)
    assert mi == pytest.approx(mutual_information([f"bin {10 - code}" for code in x], y), abs=1e-12)
    # Chain rule: I(x; y, z) = I(x; z) + I(x; y | z).
    together = mutual_information(x, list(zip(y, z, strict=True)))
    assert together == pytest.approx(mutual_information(x, z) + conditional_mutual_information(x, y, z), abs=1e-12)
    assert entropy(x) == pytest.approx(conditional_entropy(x, y) + mi, abs=1e-12)


@given(labels)
def test_pointwise__its_mean_is_mutual_information(samples):
    x, y, _ = zip(*samples, strict=True)
    table = pointwise_mutual_information(x, y)
    mean = np.mean([table.loc[a, b] for a, b in zip(x, y, strict=True)])
    assert mean == pytest.approx(mutual_information(x, y), abs=1e-12)


def test_pointwise__by_hand():
    table = pointwise_mutual_information(X, Y)
    assert table.loc[0, 0] == pytest.approx(math.log2(3 / 8 / (1 / 2 * 3 / 8)))
    assert table.loc[1, 0] == -math.inf
    assert table.index.tolist() == [0, 1]


def test_conditional_mutual_information__common_cause_is_explained_away():
    rng = np.random.default_rng(0)
    z = rng.integers(0, 2, 20_000)
    x, y = (np.where(rng.random(z.size) < 0.1, 1 - z, z) for _ in range(2))
    assert mutual_information(x, y) > 0.3
    assert conditional_mutual_information(x, y, z) < 1e-3


# Corrections


def test_miller_madow__by_hand():
    assert entropy(Y, correction="miller_madow", base=math.e) == pytest.approx(
        LN2 * plain_entropy([3 / 8, 5 / 8]) + 1 / 16, abs=1e-15
    )
    # (2 - 1) + (2 - 1) - (3 - 1) = 0 cells more, and of independent full tables 1 + 1 - 3 = -1 too many.
    assert mutual_information(X, Y, correction="miller_madow") == pytest.approx(mutual_information(X, Y), abs=1e-15)
    x, y = [0, 0, 1, 1], [0, 1, 0, 1]
    assert mutual_information(x, y, correction="miller_madow", base=math.e) == pytest.approx(-1 / 8, abs=1e-15)


@pytest.mark.parametrize(
    ("correction", "added"), [("jeffreys", 0.5), ("laplace", 1.0), ("perks", 1 / 4), ("minimax", math.sqrt(8) / 4)]
)
def test_dirichlet__by_hand(correction, added):
    counts = np.array([[3, 1], [0, 4]]) + added
    p = counts / counts.sum()
    rows, columns = p.sum(1), p.sum(0)
    joint = plain_entropy(p.ravel().tolist())
    assert joint_entropy(X, Y, correction=correction) == pytest.approx(joint, abs=1e-14)
    mi = plain_entropy(rows.tolist()) + plain_entropy(columns.tolist()) - joint
    assert mutual_information(X, Y, correction=correction) == pytest.approx(mi, abs=1e-14)
    rest = joint - plain_entropy(columns.tolist())
    assert conditional_entropy(X, Y, correction=correction) == pytest.approx(rest, abs=1e-14)


def test_shrink__by_hand():
    # p = 3/8, 1/8, 0, 4/8: sum p^2 = 26/64; lambda = (1 - 26/64) / (7 * (26/64 - 1/4)) = 38/70.
    table = joint_counts(read_labels(X), read_labels(Y))
    assert shrinkage_intensity(table) == pytest.approx(38 / 70, abs=1e-15)
    p = 32 / 70 * np.array([3, 1, 0, 4]) / 8 + 38 / 70 / 4
    assert joint_entropy(X, Y, correction="shrink") == pytest.approx(plain_entropy(p.tolist()), abs=1e-14)


@pytest.mark.parametrize("values", [[7], [1, 2, 3, 4], [0, 0, 1, 1]])
def test_shrink__uniform_counts_are_fully_shrunk(values):
    assert shrinkage_intensity(joint_counts(read_labels(values))) == 1.0
    assert entropy(values, correction="shrink") == pytest.approx(math.log2(len(set(values))), abs=1e-15)


@given(labels, st.sampled_from(CORRECTIONS))
def test_corrections__keep_the_relations(samples, correction):
    x, y, z = zip(*samples, strict=True)
    mi = mutual_information(x, y, correction=correction)
    assert mi == pytest.approx(mutual_information(y, x, correction=correction), abs=1e-12)
    if correction != "miller_madow":
        assert mi >= 0
        assert conditional_mutual_information(x, y, z, correction=correction) >= 0
    assert 0 <= uniform_share(joint_counts(read_labels(x)), correction) <= 1


@pytest.mark.parametrize(
    ("correction", "left"),
    [("miller_madow", 0.3), ("shrink", 0.1), ("jeffreys", 0.7), ("laplace", 0.6), ("perks", 1.0)],
)
def test_corrections__less_bias_than_the_plug_in_when_independent(correction, left):
    rng = np.random.default_rng(1)
    pairs = [(rng.integers(0, 6, 100), rng.integers(0, 6, 100)) for _ in range(200)]
    plain, corrected = (
        np.mean([mutual_information(x, y, correction=name, base=math.e) for x, y in pairs])
        for name in ("none", correction)
    )
    assert plain == pytest.approx(25 / 200, rel=0.2)  # (6 - 1)(6 - 1) / 2n
    assert abs(corrected) < left * plain


# Input


@pytest.mark.parametrize(
    "values", [[1, "1", 1], [(0, 1), (0, 2), (0, 1)], [True, False, True], np.array([2.5, 1, 2.5]), "aba"]
)
def test_labels__of_any_kind(values):
    assert entropy(values) == pytest.approx(plain_entropy([1 / 3, 2 / 3]))


def test_labels__pandas():
    pd = pytest.importorskip("pandas")
    series = pd.Series(["t", "b", "t"], dtype="category")
    assert entropy(series) == pytest.approx(plain_entropy([1 / 3, 2 / 3]))
    assert read_labels(series).levels == ["b", "t"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy([]), "x is empty; give one label a sample"),
        (lambda: mutual_information([1, 2], [1]), "got different lengths (x 2, y 1)"),
        (
            lambda: entropy([1.0, math.nan]),
            "x has no label for 1 of 2 samples, the first at position 1; leave them out",
        ),
        (lambda: mutual_information([1, 2], ["a", None]), "y has no label for 1 of 2 samples, the first at position 1"),
        (lambda: entropy(np.zeros((2, 2))), "x must be one row of labels, got an array of shape (2, 2)"),
        (lambda: entropy([[1], [2]]), "labels must be hashable"),
    ],
)
def test_labels__mistakes(call, message):
    with pytest.raises(InputError) as error:
        call()
    assert message in str(error.value)


def test_options__mistakes():
    with pytest.raises(ConfigError, match=r"correction must be one of none, miller_madow, .* got 'james'"):
        entropy([1, 2], correction="james")
    with pytest.raises(ConfigError, match="average must be one of arithmetic, geometric, min, max, got 'mean'"):
        normalized_mutual_information([1, 2], [1, 2], average="mean")
    with pytest.raises(ConfigError, match=r"base must be a number > 0 other than 1 .* got 1"):
        entropy([1, 2], base=1)


def test_public_names__are_found_lazily():
    for name in genenet.__all__:
        assert getattr(genenet, name) is not None
