"""The benchmark of accuracy runs, on the smallest set; what it says of rankings that are known."""

import numpy as np
import pytest

from tests.benchmarks import accuracy, gold, rankers


def test_case__perfect_and_empty_rankings() -> None:
    truth = np.zeros((5, 5), bool)
    truth[0, 1] = truth[1, 0] = truth[2, 3] = truth[3, 2] = True
    case = gold.Case("five", np.zeros((5, 9)), truth, None)
    assert case.evaluate(truth.astype(float)) == {"aupr": 1, "auroc": 1, "early": 1}
    # Nothing is told apart: precision is the share of true pairs.
    assert case.evaluate(np.ones((5, 5))) == {"aupr": 0.2, "auroc": 0.5, "early": 0.5}
    # Pairs without a regulator do not count.
    case = gold.Case("five", np.zeros((5, 9)), truth, np.array([True, False, False, False, False]))
    assert case.tested.sum() == 4
    assert case.evaluate(np.arange(25.0).reshape(5, 5))["aupr"] == 0.25


def test_dpi__removed_pairs_come_last() -> None:
    mi = np.array([[0, 0.9, 0.5, 0.1], [0.9, 0, 0.8, 0.1], [0.5, 0.8, 0, 0.4], [0.1, 0.1, 0.4, 0]])
    case = gold.Case("chain", np.zeros((4, 9)), mi > 0.7, None)
    ranked = rankers.dpi(case, mi, mi, 0.0)
    order = sorted(((ranked[i, j], (i, j)) for i in range(4) for j in range(i)), reverse=True)
    assert [pair for _, pair in order] == [(1, 0), (2, 1), (3, 2), (2, 0), (3, 1), (3, 0)]


@pytest.fixture(scope="module")
def results(shared_data):
    return accuracy.measure(gold.load("GNW yeast10", shared_data), 2, None)


def test_measure__every_method_on_the_smallest_set(results) -> None:
    assert not results.duplicated(["method", "score"]).any()
    assert len(results) == len(rankers.ESTIMATORS) * len(rankers.SCORES) + len(rankers.PEERS) + len(rankers.RUNS) + 1
    assert results["aupr"].between(10 / 45 / 2, 1).all()
    by_name = results.set_index(["method", "score"])["aupr"]
    # What a run gives is what its parts give.
    parts = by_name["B-spline [rank, normal_score, value]", "clr_squared, DPI 0.15"]
    assert by_name[accuracy.DEFAULT, "run"] == pytest.approx(parts, abs=1e-9)


def test_report__tables(results) -> None:
    text = accuracy.report(results)
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    assert set(rankers.ESTIMATORS) | set(rankers.PEERS) | set(rankers.RUNS) | {"GENIE3 (random forest)"} <= set(rows)
    assert "nan" not in text


def test_stored_rankings__of_the_programs_themselves(shared_data) -> None:
    case = gold.load("GSD cells", shared_data)
    rankings = gold.stored_rankings(case, shared_data)
    assert {"PIDC", "GENIE3", "GRNBOOST2"} <= set(rankings)
    # Our PIDC finds what the program itself finds.
    theirs, ours = case.evaluate(rankings["PIDC"])["aupr"], case.evaluate(rankers.pidc(case))["aupr"]
    assert ours == pytest.approx(theirs, abs=0.005)
    both = case.tested
    assert np.corrcoef(rankings["PIDC"][both], rankers.pidc(case)[both])[0, 1] > 0.99
