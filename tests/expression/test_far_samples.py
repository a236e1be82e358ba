"""One or two samples that are shifted in all genes, and relate these by themselves, are told; others are not."""

import re

import numpy as np
import pandas as pd
import pytest

from genenet import infer_network
from genenet.config.sections import Prepare
from genenet.expression.look.far_samples import far_samples
from genenet.steps.prepare import prepare

N_GENES, N_SAMPLES = 150, 100
SAMPLES = [f"P{number}" for number in range(N_SAMPLES)]
LEVEL = "bring all samples to one level and scale beforehand"


def _values(seed: int = 0, n_samples: int = N_SAMPLES, n_genes: int = N_GENES) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(4, 12, n_genes) + rng.normal(0, 1, (n_samples, n_genes))


def _told(values: np.ndarray, settings: Prepare | None = None) -> list[str]:
    names = [f"P{number}" for number in range(len(values))]
    return [one.message for one in far_samples(values, names, settings or Prepare())]


@pytest.mark.parametrize("shift", [3.2, 4.0, -4.0])
def test_far__one_sample(shift):
    values = _values()
    values[5] += shift
    [message] = _told(values)
    side = "higher" if shift > 0 else "lower"
    found = re.match(rf"1 of 100 samples \(P5\) is {side} than the others by about ([0-9.]+) \(in units", message)
    assert found is not None
    assert float(found[1]) == pytest.approx(abs(shift), abs=0.35)
    assert message.endswith(f"; leave it out, or {LEVEL}")


@pytest.mark.parametrize("shifts", [(2.5, 2.5), (3.0, -3.0), (3.0, 6.0)])
def test_far__two_samples(shifts):
    values = _values()
    values[[5, 60]] += np.array(shifts)[:, None]
    [message] = _told(values)
    assert "(P5) is higher" in message
    assert f"(P60) is {'higher' if shifts[1] > 0 else 'lower'}" in message


def test_far__few_samples_few_genes_and_genes_that_are_constant():
    values = _values(n_samples=12, n_genes=25)
    values[5] += 8.0
    assert "(P5) is higher" in _told(values)[0]
    values[:, :15] = 3.0
    values[5, :15] = 9.0
    values[:, 15:] = 3.0
    assert _told(values) == []


def test_far__a_factor_and_linear_values():
    values = _values()
    values[5] *= 2
    assert _told(values)[0].startswith("the values of 1 of 100 samples (P5) are about 2 times those of the others")
    counts = 2 ** _values()
    counts[5] *= 16
    [message] = _told(counts)
    assert re.match(r"the values of 1 of 100 samples \(P5\) are about 1[4-8] times those of the others", message)
    assert message.endswith("; leave it out, or set prepare.normalisation: log1p_cpm")
    assert _told(counts, Prepare(normalisation="log1p_cpm")) == []


def test_far__missing_values():
    values = _values()
    values[5] += 4.0
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    assert "(P5) is higher" in _told(values)[0]


def test_far__reaches_the_findings_with_the_setting_that_leaves_it_out():
    values = _values()
    values[5] += 4.0
    frame = pd.DataFrame(values.T, [f"GENE{n}X" for n in range(N_GENES)], SAMPLES)
    findings = prepare(frame).uns["genenet"]["findings"]
    assert list(findings["kind"]) == ["shifted"]
    assert list(findings["weight"]) == ["warned"]
    assert "; leave it out (prepare.annotation_columns: 'P5'), or " in findings["message"][0]
    assert len(prepare(frame, Prepare(annotation_columns=("P5",))).uns["genenet"]["findings"]["kind"]) == 0


def test_far__what_is_told_makes_edges_and_what_is_not_does_not():
    for shift, is_told in ((2.0, False), (4.0, True)):
        values = _values()
        values[5] += shift
        assert bool(_told(values)) is is_told
        frame = pd.DataFrame(values.T, [f"GENE{n}X" for n in range(N_GENES)], SAMPLES)
        result = infer_network(frame, accept=("shifted",))
        assert (result.graph.number_of_edges() > 100) is is_told


UNSHIFTED = (
    "normal", "long tails", "factors", "one direction", "modules", "another tissue", "logs", "counts", "few counts"
)  # fmt: skip


def _unshifted(kind: str, seed: int) -> np.ndarray:
    """Values of many structures, in none of which a sample is shifted in all genes."""
    rng = np.random.default_rng(seed)
    n_samples, n_genes = int(rng.choice([12, 20, 30, 50, 100, 200])), int(rng.choice([25, 60, 150, 400]))
    values = _values(seed, n_samples, n_genes)
    if kind == "long tails":
        return values + rng.standard_t(3, values.shape)
    if kind == "factors":
        return values + rng.standard_t(3, (n_samples, 3)) @ rng.normal(0, 0.7, (3, n_genes))
    if kind == "one direction":
        return values + rng.normal(size=(n_samples, 1)) * rng.uniform(0, 1, n_genes)
    if kind == "modules":
        return values + rng.normal(0, 1.5, (n_samples, 5))[:, rng.integers(0, 5, n_genes)]
    if kind == "another tissue":
        values[0] += rng.normal(0, 3, n_genes)
        return values
    depth = rng.lognormal(0, 0.5, (n_samples, 1))
    if kind == "few counts":
        return np.log1p(rng.poisson(3 * depth * np.exp(rng.normal(0, 1, n_genes))).astype(float))
    means = depth * np.exp(rng.normal(4, 1.5, n_genes))
    counts = rng.negative_binomial(5, 5 / (5 + means)).astype(float)
    return {"logs": np.log2(counts + 1), "counts": counts}.get(kind, values)


@pytest.mark.parametrize("kind", UNSHIFTED)
def test_far__none_of_unshifted_samples(kind):
    assert [seed for seed in range(35) if _told(_unshifted(kind, seed))] == []
