"""Selection on halves against runs of written-out halves; theory on independent genes; the permuted matrix."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.config import Prune, Settings, settings_from_keywords
from genenet.products.bins import Bins
from genenet.products.stability import Stability
from genenet.products.strata import Strata
from genenet.stability.halves import split_samples
from genenet.stability.selection import stability
from genenet.statistics.stability_bound import stability_bounds
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.prune import prune, resolved
from genenet.steps.significance import significance
from tests.matrices import expression, related


def counted(found: Stability) -> dict[tuple[int, int], tuple[int, int]]:
    columns = (found.first, found.second, found.n_halves, found.n_both)
    return {(int(a), int(b)): (int(n), int(both)) for a, b, n, both in zip(*columns, strict=True)}


def codes_of(bins: Bins, samples: np.ndarray, regulators: list[str] | None) -> AnnData:
    """A matrix of some samples whose values are the bins of all of them."""
    frame = pd.DataFrame(bins.weights.argmax(axis=1)[:, samples].astype(float), index=bins.genes)
    frame.columns = [str(bins.samples[k]) for k in samples]
    return genenet.prepare(frame, regulators=regulators)


def by_files(
    data: AnnData, settings: Settings, prune_settings: Prune, tmp_path
) -> dict[tuple[int, int], tuple[int, int]]:
    """The same counts by writing each half as a matrix of bin codes, and running the steps on it as on any matrix."""
    bins = discretise(data, settings.discretise)
    directed = data.uns["genenet"]["directed"]
    regulators = list(data.var_names[data.var["regulator"]]) if directed else None
    counts: dict[tuple[int, int], list[int]] = {}
    for split in split_samples(data, settings.stability, seed=settings.seed):
        selected = []
        for samples in split:
            path = tmp_path / "half.tsv"
            codes_of(bins, samples, None).to_df().T.to_csv(path, sep="\t")
            half = genenet.prepare(genenet.read_matrix(path), regulators=regulators)
            own = discretise(half, settings.discretise.model_copy(update={"method": "codes"}))
            null = permutation_null(own, settings.permutation, alpha=0.05, seed=settings.seed)
            edges = significance([information(own, null)], own, null, settings.significance)
            table = prune(edges, half, prune_settings, own).table
            kept = table[table["kept"]]
            selected.append({*zip(kept["gene_a"].cat.codes, kept["gene_b"].cat.codes, strict=True)})
        for pair in selected[0] | selected[1]:
            entry = counts.setdefault((int(pair[0]), int(pair[1])), [0, 0])
            entry[0] += (pair in selected[0]) + (pair in selected[1])
            entry[1] += pair in selected[0] & selected[1]
    return {pair: (n, both) for pair, (n, both) in counts.items()}


@pytest.mark.parametrize("regulators", [None, [0, 3, 8, 16, 24]])
@pytest.mark.parametrize("max_edges", [None, 12])
def test_stability__equals_runs_of_written_out_halves(regulators, max_edges, tmp_path):
    data = expression(related(30, 90, seed=2), regulators=regulators)
    settings = settings_from_keywords(stability=3, n_draws=2_000, seed=5, discretise_method="equal_frequency", n_bins=4)
    # The values of a half are bins there, and no expression: MI is the score.
    chosen = Prune(score=("mi",), max_edges=max_edges)
    found = stability(discretise(data, settings.discretise), data, settings, chosen)
    assert counted(found) == by_files(data, settings, chosen, tmp_path)
    assert len(found) > 10


def by_steps(data: AnnData, settings: Settings, chosen: Prune) -> dict[tuple[int, int], tuple[int, int]]:
    """The same counts by the steps on weights and expression of each half."""
    bins = discretise(data, settings.discretise, settings.information)
    counts: dict[tuple[int, int], list[int]] = {}
    for split in split_samples(data, settings.stability, seed=settings.seed):
        selected = []
        for samples in split:
            positions = None if bins.positions is None else np.ascontiguousarray(bins.positions[:, samples])
            own = Bins(
                bins.genes, bins.samples[samples], np.ascontiguousarray(bins.weights[:, :, samples]), bins.total,
                bins.regulator, bins.estimator, positions,
                strata=None if bins.strata is None else Strata(bins.strata.codes[samples], bins.strata.levels),
            )  # fmt: skip
            null = permutation_null(own, settings.permutation, alpha=0.05, seed=settings.seed)
            edges = significance([information(own, null)], own, null, settings.significance)
            table = prune(edges, data[samples].copy(), chosen, own).table
            kept = table[table["kept"]]
            selected.append({*zip(kept["gene_a"].cat.codes, kept["gene_b"].cat.codes, strict=True)})
        for pair in selected[0] | selected[1]:
            entry = counts.setdefault((int(pair[0]), int(pair[1])), [0, 0])
            entry[0] += (pair in selected[0]) + (pair in selected[1])
            entry[1] += pair in selected[0] & selected[1]
    return {pair: (n, both) for pair, (n, both) in counts.items()}


@pytest.mark.parametrize(
    "keywords",
    [
        {"max_edges": 12},
        {"max_edges": 12, "score": "mi,partial_correlation", "correction": "bonferroni", "sign": "apart"},
        {"prune_method": "mrnet", "sign": "positive"},
        {"estimator": "gaussian", "tolerance": 0.1},
        {"strata": "batch", "max_edges": 12},
    ],
    ids=["consensus", "two scores", "mrnet", "gaussian", "strata"],
)
def test_stability__equals_the_steps_on_each_half(keywords):
    data = expression(related(30, 81, seed=4))
    settings = settings_from_keywords(stability=2, n_draws=2_000, seed=5, **keywords)
    if settings.prepare.strata:
        data.obs["batch"] = ["a", "b", "a"] * 27
        data.uns["genenet"]["strata"] = ["batch"]
    bins = discretise(data, settings.discretise, settings.information)
    null = permutation_null(bins, settings.permutation)
    chosen = resolved(significance([information(bins, null)], bins, null, settings.significance), data, settings.prune)
    found = stability(bins, data, settings, chosen)
    assert counted(found) == by_steps(data, settings, chosen)
    assert len(found) > 10


def test_resolved__says_what_auto_means_on_all_samples():
    data = expression(related(30, 90), regulators=[0, 8, 16])
    settings = settings_from_keywords(n_draws=2_000)
    bins = discretise(data)
    null = permutation_null(bins, settings.permutation)
    edges = significance([information(bins, null)], bins, null)
    chosen = resolved(edges, data, settings.prune)
    assert (chosen.score, chosen.max_edges) == (("clr_squared", "mrnet", "partial_correlation"), 500_000)
    assert prune(edges, data, chosen).table.equals(prune(edges, data, settings.prune).table)


def test_stability__noise_comes_back_as_chance_has_it():
    """Independent genes, no correction: a pair is selected with probability alpha on each half, both by its square."""
    data = expression(np.random.default_rng(3).normal(size=(60, 100)))
    settings = settings_from_keywords(stability=10, correction="none", prune_method="none", n_draws=20_000)
    found = stability(discretise(data), data, settings, Prune(method="none", score=("mi",), max_edges=None))
    n_pairs, q = 60 * 59 // 2, found.statistics["n_selected"]
    assert q / n_pairs == pytest.approx(0.05, rel=0.15)
    shares = np.zeros(n_pairs)
    shares[: len(found)] = found.n_halves / 20
    # Halves of a split share no sample, and different splits do: a little more than binomial.
    assert 1.0 <= shares.var() / (0.05 * 0.95 / 20) < 6
    assert found.n_both.sum() / (10 * n_pairs) == pytest.approx(0.05**2, rel=0.8)
    for tau in (0.6, 0.75, 0.9):
        assert (shares >= tau - 1e-9).sum() <= stability_bounds(tau, q, n_pairs, 10).no_assumption
    permuted = found.statistics["permuted"]
    assert permuted["n_selected"] / n_pairs == pytest.approx(0.05, rel=0.15)
    n_selected = sum((k + 1) * n for k, n in enumerate(permuted["n_by_halves"]))
    assert n_selected == pytest.approx(2 * permuted["n_splits"] * permuted["n_selected"])


def test_stability__permuted_matrix_has_no_stable_pair():
    data = expression(related(40, 100))
    settings = settings_from_keywords(stability=10, n_draws=5_000)
    found = stability(discretise(data), data, settings, Prune(score=("mi",), max_edges=1_000))
    permuted = found.statistics["permuted"]
    most = max((k + 1 for k, n in enumerate(permuted["n_by_halves"]) if n), default=0)
    # After so many splits no pair can be in more than half of the 20 halves; after one less it still could.
    assert most + 2 * (10 - permuted["n_splits"]) <= 10
    assert permuted["n_splits"] < 8
    assert found.statistics["n_selected"] > 20 * found.statistics["permuted"]["n_selected"]


def test_stability__gene_that_is_constant_in_a_half():
    values = related(20, 60)
    values[5] = 0.0
    values[5, 7] = 1.0
    data = expression(values)
    settings = settings_from_keywords(stability=3, n_draws=1_000, max_edges=5, score="partial_correlation")
    found = stability(discretise(data), data, settings, settings.prune)
    assert 5 not in {*found.first.tolist(), *found.second.tolist()}
    assert found.statistics["n_selected"] == 5


def test_stability__same_for_any_number_of_threads():
    from genenet.kernels.threads import set_threads

    data = expression(related(40, 60))
    settings = settings_from_keywords(stability=2, n_draws=2_000)
    found = []
    for threads in (1, 2):
        set_threads(threads)
        found.append(stability(discretise(data), data, settings, Prune(score=("mi",), max_edges=30)))
    assert counted(found[0]) == counted(found[1])
    assert found[0].statistics == found[1].statistics
