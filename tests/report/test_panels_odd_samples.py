"""The panel of odd samples: its table is that of the command, and it says why there is none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.config import Export
from genenet.report.page import early_panels, render
from genenet.report.panels import PANELS, odd_samples
from genenet.report.run import Run, read_run


def panel(result: genenet.Result) -> Mapping[str, Any]:
    """Values that the template gets."""
    content = odd_samples.build(Run("test", result.expression, result.edges, result.summary, result.settings))
    assert content is not None
    return vars(content)["values"]


@pytest.fixture(scope="module")
def result() -> genenet.Result:
    truth = genenet.simulate_expression(n_genes=80, n_regulators=12, n_samples=90, seed=3)
    return genenet.infer_network(truth.expression, n_draws=50_000)


def test_odd_samples__are_those_of_the_result(result):
    shown = panel(result)
    table = result.anomalies()
    assert [row["sample"] for row in shown["rows"]] == list(table["sample"][:15])
    assert shown["n_samples"] == 90
    assert shown["n_odd"] == (table["z"] > 3).sum()


def test_early_panels__show_nothing_of_scores_and_files(result):
    """They are built while samples are scored, before the manifest is written."""
    outputs = {"edges.tsv": {"sha256": "1" * 64}}
    run = replace(result._run(), odd_samples=result.anomalies(), manifest={"outputs": outputs})
    early = early_panels(replace(run, odd_samples=None, manifest={}))
    assert [panel.name for panel in PANELS if panel.name not in early] == ["odd_samples", "settings"]
    page = render(run, early)
    assert page == render(run)
    assert result.anomalies()["sample"][0] in page
    assert "1" * 64 in page


def test_odd_samples__too_few_edges_is_said():
    values = np.random.default_rng(0).normal(size=(40, 6))
    values[:, 1] += values[:, 0]
    few = genenet.infer_network(AnnData(values, var=pd.DataFrame(index=list("ABCDEF"))), n_draws=50_000)
    shown = panel(few)
    assert shown["reason"].endswith("at least 50 are needed to tell an odd sample")


def test_odd_samples__a_large_network_is_left_to_the_command(result, monkeypatch):
    monkeypatch.setattr(odd_samples, "MOST_VALUES", 10)
    shown = panel(result)
    assert shown["reason"].endswith(" edges in 90 samples take a while")


def test_odd_samples__genes_have_their_symbols(result):
    data = result.expression.copy()
    data.var["symbol"] = [f"{name}, {name} - s" for name in data.var_names]
    with_symbols, plain = panel(replace(result, expression=data))["rows"][0], panel(result)["rows"][0]
    genes, edges = plain["genes"].split(", "), [edge.split(" - ") for edge in plain["edges"].split(", ")]
    assert with_symbols["genes"] == ", ".join(f"{gene}, {gene} - s" for gene in genes)
    assert with_symbols["edges"] == ", ".join(f"{a}, {a} - s - {b}, {b} - s" for a, b in edges)


def test_odd_samples__are_read_from_the_folder_unless_the_file_has_changed(result, tmp_path, monkeypatch):
    replace(result, settings=result.settings.model_copy(update={"export": Export(formats=("anomalies",))})).write(
        tmp_path
    )
    pd.testing.assert_frame_equal(read_run(tmp_path).odd_samples, result.odd_samples)
    monkeypatch.setattr(odd_samples, "MOST_VALUES", 10)
    content = odd_samples.build(read_run(tmp_path))
    assert content is not None
    assert len(vars(content)["values"]["rows"]) == 15
    path = tmp_path / "export/anomalies.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("G", "H", 1), encoding="utf-8")
    assert read_run(tmp_path).odd_samples is None
