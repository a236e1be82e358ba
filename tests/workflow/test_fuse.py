"""Which data sets the workflow runs as one job, and what such a job writes."""

import os
from dataclasses import replace

import pytest

from genenet.workflow import workflow_from
from genenet.workflow.fuse import VARIABLE, expected_seconds, fused, hand_on, handed_on, is_small, was_run_by_rules
from genenet.workflow.plan import Problem, infer_cost

SMALL, LARGE = Problem(500, 200), Problem(20_000, 1_000)


@pytest.fixture
def config(tmp_path):
    """Data sets whose files are there, but one."""
    for name in ("small.tsv", "large.tsv"):
        (tmp_path / name).touch()
    files = {"small": "small.tsv", "large": "large.tsv", "gone": "gone.tsv"}

    def make(**keys):
        datasets = {name: {"matrix": str(tmp_path / file)} for name, file in files.items()}
        return workflow_from({"datasets": datasets, **keys})

    return make


PROBLEMS = {"small": SMALL, "large": LARGE, "gone": SMALL}


@pytest.mark.parametrize(
    ("keys", "begun", "names"),
    [
        ({}, (), ["small"]),
        ({}, ("small",), []),
        ({"fuse": "never"}, (), []),
        ({"fuse": "always"}, ("small",), ["small", "large", "gone"]),
    ],
    ids=["auto", "begun rule by rule", "never", "always"],
)
def test_fused__data_sets_that_are_one_job(config, keys, begun, names):
    assert fused(config(**keys), PROBLEMS, {name: name in begun for name in PROBLEMS}) == names


def test_fused__example_before_its_files_are_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fused(workflow_from({}), {"example": LARGE}, {"example": False}) == ["example"]


def test_expected_seconds__of_groups_and_strata():
    """Ten groups, each of a tenth of the samples; with strata two networks. The process starts once."""
    keys = {"matrix": "m.tsv", "table": "t.tsv"}
    datasets = {"plain": keys, "grouped": {**keys, "group_by": "x"}, "strata": {**keys, "prepare": {"strata": ["x"]}}}
    made = workflow_from({"datasets": datasets}).datasets
    seconds = {name: expected_seconds(SMALL, dataset) for name, dataset in made.items()}
    assert seconds["plain"] == infer_cost(SMALL).seconds
    assert seconds["grouped"] == infer_cost(Problem(500, 20)).seconds + 9
    several = replace(SMALL, n_strata=5)
    assert expected_seconds(several, made["strata"]) == infer_cost(several).seconds > seconds["plain"]
    assert is_small(SMALL, made["plain"])
    assert not is_small(LARGE, made["plain"])


def test_is_small__an_estimator_without_a_forecast_may_be_slow():
    problem, keys = Problem(3_000, 200), {"matrix": "m.tsv"}
    datasets = {"plugin": keys, "ksg": {**keys, "information": {"estimator": "ksg"}}}
    made = workflow_from({"datasets": datasets}).datasets
    assert {name: is_small(problem, dataset) for name, dataset in made.items()} == {"plugin": True, "ksg": False}


def test_was_run_by_rules__the_last_run_counts(tmp_path):
    rules, one = tmp_path / "prepare.tsv", tmp_path / "infer.tsv"
    assert not was_run_by_rules(rules, one)
    rules.touch()
    assert was_run_by_rules(rules, one)
    one.touch()
    os.utime(one, ns=(0, rules.stat().st_mtime_ns + 1))
    assert not was_run_by_rules(rules, one)
    os.utime(rules, ns=(0, one.stat().st_mtime_ns + 1))
    assert was_run_by_rules(rules, one)


def test_handed_on__jobs_take_over_what_was_decided(monkeypatch):
    monkeypatch.setenv(VARIABLE, "{}")
    assert handed_on("results", ["a", "b"]) is None
    hand_on("results", ["b"], all_names=["a", "b"])
    hand_on("others", ["a"], all_names=["a"])
    assert handed_on("results", ["a", "b"]) == ["b"]
    assert handed_on("others", ["a"]) == ["a"]
    assert handed_on("others", ["a", "b"]) is None
