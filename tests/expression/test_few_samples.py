"""Few samples: what they cannot show, and that p-values hold all the same."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy.stats import pearsonr

import genenet
from genenet.config import Prepare
from genenet.expression.few_samples import ENOUGH, _correlation_needed, few_samples
from genenet.steps.prepare import prepare

RNG = np.random.default_rng(2)


def matrix(n_samples: int, n_genes: int = 30) -> pd.DataFrame:
    return pd.DataFrame(RNG.normal(7, 1.5, (n_genes, n_samples)), [f"G{n}" for n in range(n_genes)]).add_prefix("S")


def found(*args: object, **lists: object) -> list[str]:
    table = prepare(*args, **lists).uns["genenet"]["findings"]
    return table["message"][table["kind"] == "few_samples"].tolist()


def test_few_samples__pairs_are_those_of_the_lists():
    weak = "so that weaker relations, and the ones that are not monotone, will not be found"
    ten = matrix(10)
    settings = Prepare(min_samples=5)
    assert found(ten, settings) == [
        f"10 samples are few: a single edge among 435 pairs needs a correlation of about 0.93 or more, {weak}"
    ]
    needed = [message.split(" needs")[0].rsplit("among ")[1] for message in found(ten, settings, ["G0", "G1"])]
    assert needed == ["57 pairs"]  # 28 targets each, and the two with each other once
    both = found(ten, settings, ["G0", "G1"], targets=["G1", "G2", "G3"])
    assert "among 5 pairs" in both[0]
    assert "among 2 pairs" in found(ten, settings, pairs=[("G0", "G1"), ("G2", "G3")])[0]


@pytest.mark.parametrize("n_samples", [5, 12, 19])
def test_correlation_needed__is_that_of_the_test_of_pearson(n_samples):
    x, y = RNG.normal(size=(2, n_samples))
    x, y = x - x.mean(), y - y.mean()
    y -= x * (x @ y) / (x @ x)  # now they are not correlated at all
    x, y = x / np.sqrt(x @ x), y / np.sqrt(y @ y)
    needed = _correlation_needed(n_samples, 1_000)
    made = needed * x + np.sqrt(1 - needed**2) * y
    assert pearsonr(x, made).pvalue == pytest.approx(0.05 / 1_000, rel=1e-6)


def test_few_samples__enough_are_not_warned_of():
    assert few_samples(ENOUGH, 10**9) is None
    assert found(matrix(20)) == []


def test_few_samples__strata_of_few():
    samples = [f"S{n}" for n in range(48)]
    obs = pd.DataFrame({"batch": ["a"] * 8 + ["b"] * 12 + ["c"] * 28}, index=samples)
    data = AnnData(matrix(48).T.to_numpy(), obs=obs, var=pd.DataFrame(index=[f"G{n}" for n in range(30)]))
    assert found(data, Prepare(strata=("batch",))) == [
        "2 of 3 strata have fewer than 20 samples (a: 8, b: 12): so few samples tell little about relations within"
        " them; coarser strata have more"
    ]


def test_few_samples__p_values_are_uniform_in_six_samples():
    settings = {"min_samples": 6, "correction": "none", "alpha": 0.05, "n_draws": 100_000, "seed": 1}
    edges = genenet.infer_network(matrix(6, 150), **settings).edges
    n_pairs = 150 * 149 / 2
    for alpha in (0.05, 0.01, 0.001):
        expected = alpha * n_pairs
        assert (edges["pvalue"] <= alpha).sum() == pytest.approx(expected, abs=5 * np.sqrt(expected))


def test_lists__regulators_that_are_all_genes():
    table = prepare(matrix(40), regulators=[f"G{n}" for n in range(30)]).uns["genenet"]["findings"]
    assert table["message"].tolist() == [
        "the regulators are all 30 genes of the matrix, so that any pair may be either way round: give a list of"
        " transcription factors, or leave the list out for an undirected network"
    ]


def test_lists__regulators_of_which_only_a_few_are_there():
    table = prepare(matrix(40), regulators=["G1", "G2", *(f"TF{n}" for n in range(98))]).uns["genenet"]["findings"]
    assert table["message"].tolist() == [
        "only 2 of 100 regulators are in the matrix (not TF0, TF1, TF2, TF3, TF4 and 93 more)"
    ]
