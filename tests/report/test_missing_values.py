"""The page and the figures of a run in which pairs are judged by the samples that both genes have."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.report.chosen_pairs import pairs_in_page
from genenet.report.evidence import pair_evidence
from genenet.report.run import Run, read_run
from genenet.report.trust import Trust


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A run of 30 genes x 90 samples with a tenth of the values missing; genes 0 to 7 are related."""
    rng = np.random.default_rng(4)
    values = rng.normal(size=(30, 90))
    values[:8] += 1.5 * rng.normal(size=90)
    values[rng.random(values.shape) < 0.1] = np.nan
    frame = pd.DataFrame(values, [f"g{k}" for k in range(30)], [f"s{k}" for k in range(90)])
    folder = tmp_path_factory.mktemp("missing")
    result = genenet.infer_network(frame, missing="pairwise", n_draws=20_000, seed=1, progress=False)
    result.write(folder)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return read_run(folder)


def test_page__is_written(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "each pair of genes is judged by the samples that both have" in page


def test_pair_evidence__of_the_samples_that_both_genes_have(run):
    row = run.edges.iloc[0]
    evidence = pair_evidence(run, [(row["gene_a"], row["gene_b"])])[0]
    both = run.expression.to_df()[[row["gene_a"], row["gene_b"]]].dropna()
    assert evidence.samples == both.index.tolist()
    assert evidence.n_missing == 90 - len(both) > 0
    assert evidence.counts.sum() == pytest.approx(len(both))
    assert evidence.pearson == pytest.approx(both.corr().iloc[0, 1])
    assert (evidence.pearson, evidence.spearman) == pytest.approx((row["pearson"], row["spearman"]))
    table = evidence.counts / len(both)
    independent = np.outer(table.sum(axis=1), table.sum(axis=0))
    some = table > 0
    assert evidence.mi == pytest.approx((table[some] * np.log2(table[some] / independent[some])).sum())
    assert ("samples", f"{len(both)} that have both genes, {90 - len(both)} do not") in evidence.describe()


def test_pairs_in_page__samples_without_a_value_have_the_rank_0(run):
    data = pairs_in_page(run)
    json.dumps(data, allow_nan=False, default=float)
    assert all(pair["borders"] == [[], []] for pair in data["pairs"])


def test_trust__pvalues_of_random_pairs_are_those_of_common_samples(run):
    found = Trust(run).random_pvalues
    assert found is not None
    observed, chance = found
    assert 0.08 < np.mean(observed < 0.05) < 0.14  # 28 of 435 pairs are related
    assert np.mean(chance < 0.5) == pytest.approx(0.5, abs=0.08)
