"""Attributes of samples among the genes are told by their few values; genes of a few values are not."""

import numpy as np
import pandas as pd
import pytest

from genenet.config import Prepare
from genenet.expression.look.few_values import of_few_values
from genenet.steps.prepare import prepare
from tests.readers.brought import COUNTS, GENES, LOGS, SAMPLES

RNG = np.random.default_rng(6)
ATTRIBUTES = {
    "conc": np.tile([0.0, 0.5, 1.0, 0.5], 10),
    "pH": np.tile([6.8, 7.2], 20),
    "REST": np.repeat([4.5, 5.5], 20),
    "T": np.tile([4.5, 5.5, 6.5, 7.5], 10),
}


def found(values: np.ndarray) -> list[str]:
    return [one.name for one in of_few_values(values, [f"G{n}" for n in range(values.shape[1])])]


@pytest.mark.parametrize(("name", "verb"), {"conc": "is", "pH": "is", "REST": "may be", "T": "may be"}.items())
@pytest.mark.parametrize("turned", [False, True], ids=["row", "column"])
def test_few_values__of_an_attribute(name, verb, turned):
    frame = pd.concat([LOGS, pd.DataFrame([ATTRIBUTES[name]], [name], SAMPLES)])
    settings = {"orientation": "samples_by_genes"} if turned else {}
    findings = prepare(frame.T if turned else frame, Prepare(**settings, accept=("no_genes",))).uns["genenet"][
        "findings"
    ]
    axis, key = ("column", "annotation_columns") if turned else ("row", "annotation_rows")
    assert findings["message"].tolist() == [
        f"1 {axis} {verb} no gene: {name} (a few different values only); set it aside with prepare.{key}: '{name}', or"
        " keep it with prepare.accept: no_genes"
    ]


def test_few_values__among_counts():
    doses = np.tile([0.0, 10.0, 100.0, 1_000.0], 10)
    frame = pd.concat([COUNTS, pd.DataFrame([doses], ["mystery"], SAMPLES)])
    assert of_few_values(frame.T.to_numpy(float), list(frame.index))[0].name == "mystery"
    rare = np.minimum(RNG.poisson(0.8, 40), 3)  # a gene of small counts
    frame = pd.concat([COUNTS, pd.DataFrame([rare], ["rare"], SAMPLES)])
    assert of_few_values(frame.T.to_numpy(float), list(frame.index)) == []


def _genes(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Values in which some genes have few different ones, shape (n_samples, n_genes)."""
    n_samples, n_genes = int(rng.integers(12, 120)), int(rng.integers(30, 600))
    logs = rng.normal(8, 1.5, n_genes) + rng.normal(0, 1, (n_samples, n_genes))
    means = np.exp(rng.normal(4, 2, n_genes)) * rng.gamma(5, 0.2, (n_samples, n_genes))
    if kind == "at a limit":
        return np.maximum(logs.round(3), 7.0)
    if kind == "Ct":
        return np.minimum(logs + 30, 40).round(2)
    if kind == "logarithms of counts":
        return np.log2(1 + rng.poisson(means)).round(4)
    if kind == "rounded FPKM":
        return (rng.poisson(means) / rng.uniform(50, 3000, n_genes)).round(2)
    if kind == "hardly varying":
        return (7 + (logs - 8) * rng.gamma(1, 0.1, n_genes)).round(2)
    return np.repeat(logs, 2, axis=0)  # each sample twice


@pytest.mark.parametrize(
    "kind", ["at a limit", "Ct", "logarithms of counts", "rounded FPKM", "hardly varying", "samples twice"]
)
def test_few_values__not_of_genes(kind):
    assert [found(_genes(kind, np.random.default_rng([seed, 4]))) for seed in range(12)] == [[]] * 12


def test_few_values__of_many_genes_are_their_kind():
    values = LOGS.T.to_numpy()
    values = np.column_stack([values, np.repeat(RNG.integers(0, 3, (10, 12)) * 2.5, 4, axis=0)])
    assert found(values) == []
    assert len(GENES) + 12 == values.shape[1]
