"""Enrichment of gene sets: against Fisher's exact test and statsmodels' rule by hand."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from genenet.statistics.enrichment import enrichment

UNIVERSE = [f"G{i}" for i in range(200)]


def test_enrichment__p_is_that_of_fishers_exact_test():
    module, genes = UNIVERSE[:30], [*UNIVERSE[20:60], "not in the matrix"]
    row = enrichment({1: module}, {"set": genes}, UNIVERSE).iloc[0]
    table = [[10, 20], [30, 140]]
    assert (row["overlap"], row["size"], row["module_size"]) == (10, 40, 30)
    assert row["expected"] == pytest.approx(40 * 30 / 200)
    assert row["pvalue"] == pytest.approx(fisher_exact(table, alternative="greater").pvalue, rel=1e-9)
    assert row["genes"] == tuple(sorted(UNIVERSE[20:30]))


def test_enrichment__q_is_over_all_modules_and_sets_also_those_without_overlap():
    modules = {1: UNIVERSE[:10], 2: UNIVERSE[10:40]}
    sets = {"a": UNIVERSE[:8], "b": UNIVERSE[100:110]}
    found = enrichment(modules, sets, UNIVERSE)
    # Four tests: one p-value p, three of 1 (no overlap).
    assert found[["module", "gene_set"]].to_numpy().tolist() == [[1, "a"]]
    assert found["qvalue"].iloc[0] == pytest.approx(4 * found["pvalue"].iloc[0])


def test_enrichment__small_sets_are_not_tested():
    assert enrichment({1: UNIVERSE[:10]}, {"two": UNIVERSE[:2]}, UNIVERSE).empty


def test_enrichment__random_modules_have_large_p():
    rng = np.random.default_rng(1)
    sets = {f"set {i}": rng.choice(UNIVERSE, 30, replace=False) for i in range(50)}
    modules = {i: rng.choice(UNIVERSE, 40, replace=False) for i in range(1, 11)}
    assert enrichment(modules, sets, UNIVERSE)["qvalue"].min() > 0.01
