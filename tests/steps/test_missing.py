"""Missing values from the matrix to p-values: dropped, filled in, or left out pair by pair."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Discretise, Information, Permutation, Prepare
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.discrete import mutual_information
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.prepare import prepare


def frame(values: np.ndarray) -> pd.DataFrame:
    """Genes x samples with names."""
    return pd.DataFrame(values, [f"G{n}" for n in range(len(values))], [f"s{n}" for n in range(values.shape[1])])


def with_gaps(values: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """The same with missing values scattered over it."""
    return np.where(np.random.default_rng(seed).random(values.shape) < share, np.nan, values)


PAIRWISE = Prepare(missing="pairwise", max_missing=0.6, min_samples=4)


def test_pairwise__mi_of_hard_bins_is_that_of_the_samples_of_both_genes():
    values = with_gaps(np.random.default_rng(1).integers(0, 3, (6, 60)).astype(float), 0.15)
    found = mutual_information_matrix(discretise(prepare(frame(values), PAIRWISE), Discretise(method="codes")))
    for a in range(6):
        for b in range(a):
            both = ~np.isnan(values[a]) & ~np.isnan(values[b])
            expected = mutual_information(values[a][both].astype(int), values[b][both].astype(int))
            assert found[a, b] == pytest.approx(expected, abs=1e-12)


def test_pairwise__soft_bins_have_no_weight_where_there_is_no_value():
    values = with_gaps(np.random.default_rng(2).normal(size=(5, 50)), 0.1)
    bins = discretise(prepare(frame(values), PAIRWISE))
    np.testing.assert_array_equal(bins.weights.sum(axis=1), 127 * ~np.isnan(values))
    assert bins.has_missing
    joint = np.einsum("as,bs->ab", bins.weights[0].astype(float), bins.weights[1].astype(float))
    p = joint / joint.sum()
    terms = p * np.log2(p / np.outer(p.sum(1), p.sum(0)), where=p > 0, out=np.zeros_like(p))
    assert mutual_information_matrix(bins)[0, 1] == pytest.approx(terms.sum(), abs=1e-12)


@pytest.mark.parametrize("pattern", ["scattered", "blocks"])
def test_pairwise__pvalues_of_independent_genes_are_uniform(pattern):
    """Also where genes lack the same samples, as those of one batch do."""
    values = np.random.default_rng(3).normal(size=(150, 80))
    if pattern == "scattered":
        values = with_gaps(values, 0.2)
    else:
        for gene in range(150):
            if gene % 3:
                values[gene, 25 * (gene % 3 - 1) : 25 * (gene % 3)] = np.nan
    bins = discretise(prepare(frame(values), PAIRWISE))
    null = permutation_null(bins, Permutation(n_draws=40_000), seed=1).of_present(bins.present)
    pairs = information(bins, null, alpha=1.0, seed=1).pairs
    pvalues = null.pvalues(null.log_pivots(pairs.mi, pairs.first, pairs.second))
    assert len(pvalues) == 150 * 149 // 2
    for cut in (0.5, 0.1, 0.01):
        assert np.mean(pvalues <= cut) == pytest.approx(cut, abs=4 * np.sqrt(cut / len(pvalues)) + 0.01 * cut)


@pytest.mark.parametrize(("policy", "average"), [("impute_mean", np.nanmean), ("impute_median", np.nanmedian)])
def test_impute__by_the_genes_own_values_and_counted(policy, average):
    values = with_gaps(np.random.default_rng(4).normal(size=(6, 40)), 0.05)
    gaps = np.isnan(values)
    ready = prepare(frame(values), Prepare(missing=policy, min_samples=4))
    expected = np.where(gaps, average(values, axis=1)[:, None], values)
    np.testing.assert_allclose(ready.X, expected.T, rtol=1e-12)
    assert ready.uns["genenet"]["missing"] == {
        "policy": policy, "n_values": int(gaps.sum()), "n_genes": int(gaps.any(axis=1).sum()),
    }  # fmt: skip
    assert list(ready.var["n_missing"]) == list(gaps.sum(axis=1))


def test_drop_genes__tolerates_a_share():
    values = np.random.default_rng(5).normal(size=(4, 40))
    values[0, :1], values[1, :9] = np.nan, np.nan
    ready = prepare(frame(values), Prepare(missing="drop_genes", max_missing=0.05, min_samples=4))
    assert list(ready.var_names) == ["G0", "G2", "G3"]
    assert ready.uns["genenet"]["dropped"].to_dict("list") == {
        "gene": ["G1"],
        "reason": ["more than 5% missing values"],
    }


def test_pairwise__an_estimator_without_bins_is_refused():
    ready = prepare(frame(with_gaps(np.random.default_rng(6).normal(size=(4, 40)), 0.1)), PAIRWISE)
    with pytest.raises(InputError) as caught:
        discretise(ready, information=Information(estimator="gaussian"))
    assert str(caught.value).endswith(
        "4 genes have missing values, and information.estimator gaussian needs complete genes; set prepare.missing: "
        "impute_median, or information.estimator: plugin, which leaves them out pair by pair"
    )
