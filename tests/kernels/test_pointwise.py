"""Pointwise MI of samples, how far they are below the mean, and the largest of these, by plain numpy."""

import numpy as np
import pytest

from genenet.kernels.deficits import Deficits, Largest, add_deficits, keep_largest, scaled_deficits
from genenet.kernels.pointwise import leave_one_out, pointwise
from genenet.kernels.windows import MISSING, windows_of

FIRST, SECOND = np.array([0, 3, 1, 2], np.int32), np.array([1, 0, 2, 2], np.int32)


def soft(n_samples: int, n_bins: int, width: int, *, n_genes: int = 4, missing: float = 0.0) -> np.ndarray:
    """Weights of related genes that add up to 127 over `width` neighbouring bins, or to 0 where a value is missing."""
    rng = np.random.default_rng(n_samples + n_bins + width)
    common = rng.random(n_samples)
    weights = np.zeros((n_genes, n_bins, n_samples), np.uint8)
    for gene in range(n_genes):
        place = (common + 0.3 * rng.random(n_samples)) / 1.3
        starts = np.floor(place * (n_bins - width + 1)).astype(int)
        for s in np.flatnonzero(rng.random(n_samples) >= missing):
            shares = rng.multinomial(127, rng.dirichlet(np.ones(width)))
            weights[gene, starts[s] : starts[s] + width, s] = shares
    return weights


def expected(x: np.ndarray, y: np.ndarray, total: int, *, leave_out: bool) -> np.ndarray:
    """Pointwise MI in bits of each sample from the table of all, or of the other samples; x, y: (n_bins, n_samples)."""
    own_x, own_y = x.T.astype(float), y.T.astype(float)
    both = (own_x.sum(axis=1) > 0) & (own_y.sum(axis=1) > 0)
    own_x, own_y = own_x[both], own_y[both]
    cells = own_x[:, :, None] * own_y[:, None, :]
    joint = cells.sum(axis=0) - (cells if leave_out else 0.0)
    n = total**2 * (len(own_x) - leave_out)
    margins = joint.sum(axis=-1)[..., :, None] * joint.sum(axis=-2)[..., None, :]
    prior = total**2 if leave_out else 0.0
    with np.errstate(all="ignore"):
        terms = cells * np.log2((joint * n + prior / n * margins) * n / (margins * (n + prior)))
    found = np.full(x.shape[1], np.nan)
    found[both] = np.where((cells > 0) & (margins > 0), terms, 0.0).sum(axis=(1, 2)) / total**2
    return found


MATRICES = {
    "four bins of six": (soft(200, 6, 4), 127),
    "four bins of 64": (soft(99, 64, 4), 127),
    "one bin of four": (soft(131, 4, 1), 127),
    "nine bins of eleven, missing values": (soft(75, 11, 9, missing=0.1), 127),
    "three bins of three, missing values": (soft(33, 3, 3, missing=0.5), 127),
    "counts beyond 2**24": (soft(2500, 2, 2), 127),
    "hard bins": ((soft(64, 5, 1) > 0).astype(np.uint8), 1),
    "few samples": (soft(5, 6, 4), 127),
}


@pytest.mark.parametrize("name", MATRICES)
def test_windows__hold_all_weights(name):
    weights, _ = MATRICES[name]
    n_genes, n_bins, n_samples = weights.shape
    found = windows_of(weights)
    assert found.weights.shape[2] == found.first.shape[1] == -(-n_samples // 16) * 16
    back = np.zeros((n_genes, n_bins + 4 * found.weights.shape[1], n_samples), np.uint8)
    present = weights.any(axis=1)
    for gene, s in np.argwhere(present):
        values = found.weights[gene, :, s].ravel()
        back[gene, found.first[gene, s] :, s][: len(values)] = values
    np.testing.assert_array_equal(back[:, :n_bins], weights)
    assert not back[:, n_bins:].any()
    np.testing.assert_array_equal(found.first[:, :n_samples] == MISSING, ~present)
    assert (found.first[:, n_samples:] == MISSING).all()
    assert not found.weights[:, :, n_samples:].any()


@pytest.mark.parametrize("name", MATRICES)
def test_pointwise__as_numpy(name):
    weights, total = MATRICES[name]
    windows, n = windows_of(weights), weights.shape[2]
    found = np.empty((len(FIRST), n))
    pointwise(weights, windows, total, FIRST, SECOND, found)
    by_others = np.empty((len(FIRST), windows.first.shape[1]), np.float32)
    leave_one_out(weights, windows, total, FIRST, SECOND, by_others)
    for pair, (a, b) in enumerate(zip(FIRST, SECOND, strict=True)):
        truth = [expected(weights[a], weights[b], total, leave_out=flag) for flag in (False, True)]
        np.testing.assert_allclose(found[pair], truth[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(by_others[pair, :n], truth[1], rtol=1e-6, atol=1e-6)
    assert np.isnan(by_others[:, n:]).all()


def test_leave_one_out__of_samples_that_no_other_sample_has_bins_with():
    weights = np.zeros((2, 3, 4), np.uint8)
    for sample, (x, y) in enumerate([(0, 0), (1, 1), (1, 1), (2, 1)]):
        weights[0, x, sample] = weights[1, y, sample] = 1
    found = np.empty((1, 16), np.float32)
    leave_one_out(weights, windows_of(weights), 1, FIRST[:1], SECOND[:1], found)
    # Of the other three of a sample in the bins 1 and 1, one is in both, one in bin 1 of x, and two in bin 1 of y; the
    # prior adds one sample in these proportions.
    p_x, p_y = 1 / 3, 2 / 3
    ratio = (1 + p_x * p_y) / 4 / (p_x * p_y)
    np.testing.assert_allclose(found[0, :4], [0, np.log2(ratio), np.log2(ratio), 0], rtol=1e-6, atol=1e-6)


def test_leave_one_out__of_pairs_with_a_single_sample_or_none():
    weights = np.zeros((4, 2, 3), np.uint8)
    weights[0, 0, 0] = weights[1, 1, 0] = weights[2, 0, 1] = weights[2, 1, 2] = 1
    found = np.empty((2, 16), np.float32)
    leave_one_out(weights, windows_of(weights), 1, np.array([0, 0], np.int32), np.array([1, 2], np.int32), found)
    np.testing.assert_array_equal(found[:, :3], [[0, np.nan, np.nan], [np.nan] * 3])


def test_scaled_deficits__as_numpy():
    rng = np.random.default_rng(3)
    found = rng.normal(3, 2, (7, 48)).astype(np.float32)
    found[:, 41:] = np.nan
    found[2, :20] = np.nan
    found[3, :41] = 0.1  # which does not vary
    found[4] = np.nan
    values = found[[0, 1, 2, 5, 6]].astype(float)
    scaled = (np.nanmean(values, axis=1, keepdims=True) - values) / np.nanstd(values, axis=1, keepdims=True)
    scaled_deficits(found)
    np.testing.assert_allclose(found[[0, 1, 2, 5, 6]], np.nan_to_num(scaled), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[3:5], 0)


@pytest.mark.parametrize("n_places", [16, 64, 208])
def test_add_deficits__as_numpy(n_places):
    rng = np.random.default_rng(n_places)
    scaled = rng.normal(size=(9, n_places)).astype(np.float32)
    first, second = rng.integers(0, 3, 9).astype(np.int32), rng.integers(3, 6, 9).astype(np.int32)
    module = rng.integers(0, 3, 9)
    sums = Deficits(np.zeros(n_places), np.zeros((6, n_places), np.float32), np.zeros((3, n_places)))
    add_deficits(scaled, first, second, module, sums)
    np.testing.assert_allclose(sums.of_all, scaled.sum(axis=0, dtype=float), rtol=1e-12, atol=1e-12)
    for gene in range(6):
        own = scaled[(first == gene) | (second == gene)]
        np.testing.assert_allclose(sums.of_genes[gene], own.sum(axis=0), rtol=1e-5, atol=1e-5)
    for number in range(3):
        own = scaled[module == number].sum(axis=0, dtype=float)
        np.testing.assert_allclose(sums.of_modules[number], own, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n_columns", [16, 64, 208])
def test_keep_largest__as_sorted(n_columns):
    table = np.random.default_rng(n_columns).integers(-20, 20, (60, n_columns)).astype(np.float32)  # with ties
    largest = Largest(np.full((3, n_columns), -np.inf, np.float32), np.zeros((3, n_columns), np.int64))
    for start in (0, 1, 40):
        keep_largest(table[start : {0: 1, 1: 40, 40: 60}[start]], start, largest)
    rows = np.argsort(-table, axis=0, kind="stable")[:3]
    np.testing.assert_array_equal(largest.rows, rows)
    np.testing.assert_array_equal(largest.values, np.take_along_axis(table, rows, axis=0))
