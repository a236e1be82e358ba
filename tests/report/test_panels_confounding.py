"""The panel of what strata explain."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.pipeline import infer_network
from genenet.report.evidence import pair_evidence
from genenet.report.panels.confounding import build
from genenet.report.run import Run, read_run
from genenet.result import Result


@pytest.fixture(scope="module")
def result() -> Result:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(160, 12))
    values[:80, :4] += 3.0
    values[:, 11] = values[:, 10] + 0.5 * rng.normal(size=160)
    samples = pd.DataFrame({"batch": ["a"] * 80 + ["b"] * 80}, index=[f"s{k:03}" for k in range(160)])
    genes = pd.DataFrame(index=[f"g{k:02}" for k in range(12)])
    data = AnnData(values, obs=samples, var=genes)
    return infer_network(data, strata="batch", seed=1, n_draws=20_000, score="mi", prune_method="none", alpha=1e-3)


def panel(run: Run) -> Mapping[str, Any]:
    """The values that the template receives."""
    content = build(run)
    assert content is not None
    return vars(content)["values"]


def test_panel__counts_and_the_largest_explained(result: Result) -> None:
    shown = panel(result._run())
    counts = {name: number for name, number, _ in shown["counts"]}
    assert counts == {"none": 1, "explained": 6, "unclear": 0, "reversed": 0, "hidden": 0}
    assert shown["attributes"] == "batch"
    assert (shown["n_total"], shown["n_within"]) == (7, 1)
    assert {row["genes"] for row in shown["rows"]} == {f"g0{a} - g0{b}" for a in range(4) for b in range(a + 1, 4)}
    assert "<svg" in shown["figure"]


def test_panel__none_without_strata(result: Result) -> None:
    assert build(replace(result._run(), confounding=None)) is None


def test_page__from_the_folder_as_from_memory(result: Result, tmp_path) -> None:
    result.write(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Edges that strata explain" in page
    run = read_run(tmp_path, name=result.name)
    pd.testing.assert_frame_equal(run.edges, result.edges, check_categorical=False)
    assert panel(run)["rows"] == panel(result._run())["rows"]


def test_evidence__says_what_there_is_without_strata(result: Result) -> None:
    lines = dict(pair_evidence(result._run(), [("g10", "g11")])[0].describe())
    assert lines["without strata"].endswith("; confounding: none")
    # Of a pair that is no edge within strata: MI within strata, of the joint counts of each.
    other = pair_evidence(result._run(), [("g00", "g01")])[0]
    table = result.confounding
    assert table is not None
    row = table.set_index(["gene_a", "gene_b"]).loc[("g00", "g01")]
    assert other.mi == pytest.approx(row["mi_within"], abs=1e-12)
