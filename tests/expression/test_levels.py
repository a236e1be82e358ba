"""Batches that are shifted or scaled as a whole are told with their samples; groups that biology makes are not."""

import numpy as np
import pandas as pd
import pytest

from genenet.config.sections import Prepare
from genenet.expression.look import look
from genenet.expression.look.breaks import separated_groups
from genenet.expression.look.levels import FEWEST_IN_STRATUM, Shifted, shifted_samples
from genenet.products.strata import FEWEST_SAMPLES
from genenet.steps.prepare import prepare

N_GENES, N_SAMPLES = 60, 40
SAMPLES = [f"P{number}" for number in range(N_SAMPLES)]
SEVEN = range(20, 27)
RELATES = "this may be a batch or another scale, and relates all genes to each other"
LEVEL = "bring all samples to one level and scale beforehand"
STRATA = "name the group of each sample in a column of a table (--table) and set prepare.strata: 'COLUMN'"
TOO_FEW = "prepare.strata, which compares within groups, needs 8 samples in each"


def _values(seed: int = 0, n_samples: int = N_SAMPLES, n_genes: int = N_GENES) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(8, 2, n_genes) + rng.normal(0, 0.7, (n_samples, n_genes))


def _messages(values: np.ndarray, settings: Prepare | None = None) -> list[str]:
    names = [f"P{number}" for number in range(len(values))]
    genes = [f"GENE{number}X" for number in range(values.shape[1])]
    return [str(one) for one in look(values, names, genes, settings or Prepare(), how_to_turn="")]


def _shifted(values: np.ndarray) -> Shifted:
    return shifted_samples(values, [f"P{number}" for number in range(len(values))], Prepare())


def test_shifted__seven_samples_are_all_named_and_remain_samples():
    values = _values()
    values[SEVEN] -= 3.0
    assert _messages(values) == [
        "warned (shifted): 7 of 40 samples (P20, P21, P22, P23, P24, P25, P26) are lower than the others by about 2.9"
        f" (in units of the matrix) in nearly all genes: {RELATES}; {LEVEL}, or {TOO_FEW}"
    ]


def test_shifted__three_of_many_are_named_alone():
    """A group has at least a twentieth of the samples, unless it stands apart."""
    values = _values(n_samples=120)
    values[[3, 50, 90]] += 5.0
    assert _shifted(values).samples == {"P3", "P50", "P90"}


def test_shifted__genes_without_levels_of_their_own():
    values = np.random.default_rng(1).normal(8, 1, (N_SAMPLES, N_GENES))
    values[SEVEN] -= 8.0
    [message] = _messages(values)
    assert message.startswith("warned (shifted): 7 of 40 samples (P20, P21, P22, P23, P24, P25, P26) are lower than")


def test_shifted__a_quarter_by_eight_and_three_batches():
    values = _values()
    values[:10] += 8.0
    [message] = _messages(values)
    assert message.startswith("warned (shifted): 10 of 40 samples (P0, P1, P2, P3, P4, P5, P6, P7, P8, P9) are higher")
    assert message.endswith(f"in nearly all genes: {RELATES}; {LEVEL}, or {STRATA}")
    values[30:] -= 4.0
    found = shifted_samples(values, SAMPLES, Prepare())
    assert [(group.members.tolist(), round(group.shift, 1)) for group in found.groups] == [
        ([*range(30, 40)], -4.0),
        ([*range(10)], 8.0),
    ]


def test_shifted__a_factor():
    values = _values()
    values[:12] *= 1.5
    [message] = _messages(values)
    assert message.startswith("warned (shifted): the values of 12 of 40 samples (P0, ")
    assert " are about 1.5 times those of the others in nearly all genes: " in message


def test_shifted__linear_values_differ_by_a_factor():
    values = 2 ** _values()
    values[:12] *= 4.0
    [message] = [each for each in _messages(values) if "(shifted)" in each]
    assert " are about 4 times those of the others in nearly all genes: " in message
    assert message.endswith(f"{RELATES}; set prepare.normalisation: log1p_cpm, or {STRATA}")
    assert "shifted" not in str(_messages(values, Prepare(normalisation="log1p_cpm")))


def test_shifted__centred_beside_signed_values():
    values = _values() - 8.0
    values[:13] -= values[:13].mean(axis=0)
    [message] = _messages(values)
    assert message.startswith("warned (shifted): 13 of 40 samples (P0, P1, P2, P3, P4, P5, P6, P7, P8, P9 and 3 more)")
    assert " lack the differences between genes that the others have, as if genes were centred in these " in message


def test_shifted__strata_that_are_given_are_asked_about():
    values = _values()
    values[:10] += 8.0
    [message] = _messages(values, Prepare(strata=("batch",)))
    assert message.startswith("noted (shifted): 10 of 40 samples (")
    assert message.endswith(f"{RELATES}; see that prepare.strata tells these samples from the others")


def test_shifted__missing_values():
    values = _values()
    values[:10] += 3.0
    values[np.random.default_rng(5).random(values.shape) < 0.2] = np.nan
    assert shifted_samples(values, SAMPLES, Prepare()).samples == {*SAMPLES[:10]}


def test_shifted__columns_that_are_no_samples_are_named_as_such_beside():
    rng = np.random.default_rng(0)
    values = _values()
    values[SEVEN] -= 8.0
    frame = pd.DataFrame(values.T, [f"GENE{n}X" for n in range(N_GENES)], SAMPLES)
    frame = frame.assign(Q1=rng.uniform(500, 9_000, N_GENES), Q2=rng.uniform(0.3, 0.7, N_GENES))
    findings = prepare(frame).uns["genenet"]["findings"]
    messages = dict(zip(findings["kind"], findings["message"], strict=True))
    assert messages["no_samples"].startswith("2 columns may be no samples: Q1, Q2 (on another scale than the ")
    assert messages["shifted"].startswith("7 of 42 samples (P20, P21, P22, P23, P24, P25, P26) are lower than")


UNSHIFTED = ("plain", "tumours", "cell types", "doses", "levels", "depth", "counts")


def _unshifted(kind: str, seed: int) -> np.ndarray:
    """Values of many structures, none of which is one shift of all genes."""
    rng = np.random.default_rng(seed)
    n_samples, n_genes = int(rng.integers(12, 200)), int(rng.integers(20, 400))
    values, one_each = _values(seed, n_samples, n_genes), rng.random((n_samples, 1))
    if kind == "tumours":
        return values + (one_each < 0.4) * rng.normal(0, 2, n_genes)
    if kind == "cell types":
        return values + rng.normal(0, 2, (5, n_genes))[rng.integers(0, 5, n_samples)]
    if kind == "doses":
        return values + rng.integers(0, 5, (n_samples, 1)) * rng.normal(0, 0.8, n_genes) * (rng.random(n_genes) < 0.5)
    if kind == "levels":
        return values + rng.normal(0, 1, (n_samples, 1))
    depth = rng.lognormal(0, 0.7, (n_samples, 1))
    if kind == "depth":
        return np.log1p(rng.poisson(5 * depth * np.exp(rng.normal(0, 1, n_genes))))
    if kind == "counts":
        return rng.poisson(depth * np.exp(rng.normal(5, 1.5, n_genes))).astype(float)
    return values


@pytest.mark.parametrize("kind", UNSHIFTED)
def test_shifted__not_biology_and_not_levels_without_a_gap(kind):
    found = [_shifted(values) for values in map(_unshifted, [kind] * 12, range(12))]
    assert [one.groups for one in found if one.groups] == []


@pytest.mark.parametrize("kind", ["plain", "cell types", "doses"])
def test_shifted__over_what_biology_makes(kind):
    for seed in range(8):
        values = _unshifted(kind, seed)
        n_shifted = max(3, round(0.3 * len(values)))
        values[:n_shifted] += 3 * np.median(values.std(axis=0))
        assert _shifted(values).samples == {f"P{number}" for number in range(n_shifted)}


def test_breaks__groups_as_made():
    rng = np.random.default_rng(0)
    groups = np.repeat([2, 0, 1, 3], [20, 5, 40, 15])
    found = separated_groups(10.0 * groups + rng.normal(size=80))
    assert found is not None
    assert found.tolist() == groups.tolist()
    for numbers in (rng.normal(size=200), rng.random(200), np.zeros(30), np.arange(5.0)):
        assert separated_groups(numbers) is None


def test_shifted__size_of_strata():
    assert FEWEST_IN_STRATUM == FEWEST_SAMPLES


@pytest.mark.parametrize(("shifts", "deviation"), [((0.0, 0.8), 1.0), ((0.0, 1.5, -1.5), 1.7)])
def test_shifted__of_few_genes_by_about_a_deviation(shifts, deviation):
    """The mean of the genes tells groups of samples that their median does not."""
    groups = np.arange(100) * len(shifts) // 100
    found = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        values = rng.normal(8, 2, 90) + rng.normal(0, deviation, (100, 90)) + np.array(shifts)[groups, None]
        found += {len(group.members) for group in _shifted(values).groups} in ({50}, {33}, {33, 34})
    assert found >= 9
