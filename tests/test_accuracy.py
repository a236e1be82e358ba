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


def test_evaluate_network__f1_by_hand() -> None:
    truth = np.zeros((5, 5), bool)
    truth[0, 1] = truth[1, 0] = truth[2, 3] = truth[3, 2] = True
    kept = np.zeros((5, 5), bool)
    kept[0, 1] = kept[1, 0] = kept[0, 2] = kept[2, 0] = kept[0, 3] = kept[3, 0] = True
    # One of 3 is true, of 2 that are: precision 1/3, recall 1/2, harmonic mean 2/5.
    assert gold.Case("five", np.zeros((5, 9)), truth, None).evaluate_network(kept) == {"f1": 0.4, "edges": 3}
    # Without pairs of gene 3, which has no regulator: one of 2, of one that is.
    regulators = np.array([True, False, False, False, False])
    kept[3] = kept[:, 3] = False
    found = gold.Case("five", np.zeros((5, 9)), truth, regulators).evaluate_network(kept)
    assert found == {"f1": pytest.approx(2 / 3), "edges": 2}


@pytest.fixture(scope="module")
def results(shared_data):
    return accuracy.measure(gold.load("GNW yeast10", shared_data), None)


@pytest.mark.slow
def test_measure__every_method_on_the_smallest_set(results) -> None:
    assert not results.duplicated(["method", "kind"]).any()
    expected = {*rankers.RUNS, *rankers.PEERS, accuracy.DEFAULT_ESTIMATOR}
    # Programs that are not installed are left out.
    assert expected - set(results["method"]) <= {"GENIE3 (arboreto)", "GRNBoost2 (arboreto)", "PORTIA"}
    assert results["aupr"].between(10 / 45 / 2, 1).all()
    assert results[results["kind"] == "run"]["f1"].between(0.2, 1).all()
    assert results[results["kind"] != "run"]["f1"].isna().all()


def test_measure__consensus_as_of_a_run(shared_data) -> None:
    case = gold.load("GNW yeast10", shared_data)
    names = ["clr_squared", "mrnet", "partial_correlation"]
    ranked = rankers.run(case, alpha=1.0, correction="none", score=names, prune_method="none").ranking
    parts = rankers.SCORES[", ".join(names)](case, rankers.mi_of(rankers.bins_of(case)))
    assert case.evaluate(ranked)["aupr"] == pytest.approx(case.evaluate(parts)["aupr"], abs=0.02)


@pytest.mark.slow
def test_report__tables(results) -> None:
    text = accuracy.report(results)
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    assert set(results["method"]) - {accuracy.DEFAULT_ESTIMATOR} <= set(rows)
    assert {f"score {score}" for score in rankers.SCORES} <= set(rows)
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
