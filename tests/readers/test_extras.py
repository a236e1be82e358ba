"""Columns unlike the others, and those that only look so."""

import numpy as np
import pytest

from genenet.readers import extras
from genenet.readers.extras import facts_of, suspects, totals_among

RNG = np.random.default_rng(3)
COUNTS = RNG.poisson(RNG.gamma(0.5, 4.0, 300)[:, None], (300, 60))
# Counts of cells with 200 and 250 reads become whole numbers.
DEPTH = np.where(np.arange(60) < 3, 200, np.where(np.arange(60) < 5, 250, RNG.integers(301, 1999, 60)))
CELLS = [f"cell{number}" for number in range(60)]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("target", [1e4, 1e6])
def test_suspects__cells_of_a_round_depth_are_cells(kind, target):
    values = (COUNTS / DEPTH * target).astype(kind).astype(float)
    assert suspects(CELLS, "sample", facts_of(values)) == []


def test_suspects__whole_numbers_beside_rounded_decimals():
    values = RNG.gamma(2.0, 3.0, (300, 60)).round(2)
    values[:, 7] = RNG.integers(1, 40, 300)
    found = suspects(CELLS, "sample", facts_of(values))
    assert [(one.name, one.why) for one in found] == [("cell7", "whole numbers beside decimals")]


def test_suspects__a_constant_gene_is_no_attribute():
    """It is dropped for its variance."""
    values = np.random.default_rng(0).normal(6.0, 1.0, (40, 30))
    values[:, 3] = 5.0
    genes = [f"GENE{number}" for number in range(30)]
    assert suspects(genes, "gene", facts_of(values)) == []
    values[:20, 3] = 6.0
    assert [one.why for one in suspects(genes, "gene", facts_of(values))] == ["whole numbers beside decimals"]


def test_facts__values_of_all_sizes():
    values = np.array([[1e-300, np.inf, 0.0], [1e300, np.nan, 0.0], [1e300, 1e-320, 0.0]])
    assert facts_of(values).even.tolist() == [False, False, False]


@pytest.mark.parametrize("at_once", [1, 3])
def test_facts__columns_at_once_change_nothing(at_once, monkeypatch):
    values = np.random.default_rng(0).poisson(3, (40, 7)).astype(float)
    values[2, 3], values[:, 5] = np.nan, 0
    values = np.column_stack([values, np.nansum(values, axis=1)])
    whole, totals = facts_of(values), totals_among(values)
    assert list(totals) == [7]
    monkeypatch.setattr(extras, "COLUMNS_AT_ONCE", at_once)
    np.testing.assert_equal(vars(facts_of(values)), vars(whole))
    assert totals_among(values) == totals


def test_facts__are_the_same_in_threads(monkeypatch):
    values = np.random.default_rng(0).gamma(2.0, 3.0, (30, 2 * extras.COLUMNS_AT_ONCE))
    values[3, 5], values[:, 7], values[4, 9] = np.nan, 0.0, np.inf
    alone = facts_of(values)
    monkeypatch.setattr(extras, "MANY_VALUES", 0)
    np.testing.assert_equal(vars(facts_of(values)), vars(alone))


@pytest.mark.parametrize("n_rows", [12, 13])
def test_totals__the_median_decides_where_half_of_the_rows_are_near(n_rows):
    """With an even number of rows the median lies between the last near row and the first that is not."""
    others = np.random.default_rng(0).uniform(5, 9, (n_rows, 5))
    total = others.sum(axis=1)
    far = np.arange(n_rows) >= n_rows // 2
    for off in (0.06, 0.5):
        column = total * np.where(far, 1 + off, 1.0 + 0.03)
        filled = np.column_stack([others, column])
        near = extras._near(filled, filled.sum(axis=1, keepdims=True), 1.0)
        median = np.median(np.abs(column - total) / total)
        assert near.tolist() == ([5] if median < extras.NEARLY else [])
        assert (median < extras.NEARLY) == (off == 0.06 and n_rows % 2 == 0)
