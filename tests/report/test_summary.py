"""The summary: its numbers, its words, zero edges."""

import copy
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.config.faces import speaking, spelled
from genenet.report.panels.overview import checks
from genenet.report.summary import summarise
from genenet.report.summary_text import describe
from genenet.result import Result
from tests.matrices import names


@pytest.fixture(scope="module")
def result() -> Result:
    truth = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=80, seed=3)
    return genenet.infer_network(truth.expression, seed=1, n_draws=20_000)


def lines(summary: dict[str, Any]) -> dict[str, str]:
    return dict(describe(summary))


def test_summary__numbers_are_those_of_the_parts(result: Result) -> None:
    summary = result.summary
    assert summary["matrix"]["n_genes"] == result.expression.n_vars == 30
    assert summary["matrix"]["n_samples"] == result.expression.n_obs == 80
    assert summary["prune"]["n_kept"] == result.graph.number_of_edges() == result.edges["kept"].sum()
    assert summary["prune"]["n_indirect"] == result.edges["dpi_via"].notna().sum()
    assert summary["significance"]["n_significant"] == len(result.edges)
    assert summary["network"]["nodes"] == result.graph.number_of_nodes()
    degrees = [degree for _, degree in result.graph.degree]
    assert [hub["degree"] for hub in summary["network"]["hubs"]] == sorted(degrees, reverse=True)[:10]
    assert list(summary["seconds"]) == [
        *("prepare", "discretise", "permutation", "information", "significance", "prune", "network", "anomalies")
    ]
    json.dumps(summary, allow_nan=False)


def test_describe__by_hand(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["matrix"] |= {
        "n_regulators": 1200, "n_missing_regulators": 3, "n_dropped_genes": 1100,
        "dropped_genes": {"missing values": 100, "no variance": 1000}, "n_genes": 20531,
    }  # fmt: skip
    summary["significance"] |= {
        "n_significant": 1234, "share_significant": 0.0123, "cutoff_pvalue": 6.1728e-4, "threshold_mi": 0.05,
        "n_draws": 1_000_000, "resolution": 1e-6, "n_extrapolated": 17, "tail_fit_pvalue": 0.4321, "n_pairs": 100_000,
    }  # fmt: skip
    summary["significance"]["certificate"] = {
        "n_significant": 2, "n_beyond_cutoff": 61, "share_of_significant": 61 / 1234, "largest_mi": 0.1
    }  # fmt: skip
    summary["prune"] |= {"n_kept": 200, "n_indirect": 1000, "n_cut_by_max_edges": 34, "n_removed_not_written": 5}
    summary["prune"]["max_edges_reason"] = ""  # a number was given
    summary["network"] = {"nodes": 90, "edges": 200, "hubs": [{"gene": "TP53", "degree": 1001, "strength": 1.0}]}
    summary["seconds"] = {"prepare": 1.26, "prune": 0.5}
    assert describe(summary) == [
        (
            "matrix",
            "20,531 genes x 80 samples, 1,200 regulators (3 more not in the matrix);"
            " 1,100 genes dropped (100 missing values, 1,000 no variance)",
        ),
        ("bins", "6 a gene, soft"),
        (
            "null",
            "1,000,000 draws, p-values down to 1e-06 empirical,"
            " below extrapolated (fit of the tail: p = 0.43) for 17 edges",
        ),
        ("pairs tested", "100,000"),
        ("significant", "1,234 (1.23%) at bh 0.05, p <= 0.000617, MI >= 0.0500 bits"),
        (
            "permuted matrix",
            "2 significant pairs by the same settings; 61 pairs pass the cut-off above (4.94% of the significant)",
        ),
        (
            "edges kept",
            "200 (1,000 indirect by dpi at tolerance 0.035, 34 cut by prune.max_edges,"
            " the weakest 5 removed ones not in pruned.parquet (prune.max_pruned)),"
            " weighted by the consensus of clr_squared, mrnet and partial_correlation",
        ),
        ("network", "90 genes, 200 edges; largest hubs: TP53 (1,001)"),
        ("seconds", "1.8 (prepare 1.3, prune 0.5)"),
    ]
    summary["significance"]["tail_fit_pvalue"] = 1e-9
    assert dict(describe(summary))["null"].endswith(
        "below extrapolated (fit of the tail: p = 1e-09, a poor fit: read them as 1e-06 at most) for 17 edges"
    )


def test_describe__lists_and_one_of_everything(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["matrix"] |= {
        "n_regulators": 1, "n_targets": 2, "n_missing_targets": 1, "n_listed_pairs": 1,
        "n_dropped_genes": 1, "dropped_genes": {"no variance": 1},
    }  # fmt: skip
    summary["significance"] |= {"n_pairs": 1, "n_extrapolated": 1}
    summary["significance"]["certificate"] |= {"n_significant": 1, "n_beyond_cutoff": 1, "share_of_significant": 0.5}
    summary["network"] = {"nodes": 2, "edges": 1, "hubs": []}
    text = lines(summary)
    assert text["matrix"] == (
        "30 genes x 80 samples, 1 regulator, 2 targets (1 more not in the matrix); 1 gene dropped (1 no variance)"
    )
    assert text["pairs tested"] == "1 of 435 (by regulators, targets, list of 1 pair)"
    assert text["null"].endswith("for 1 edge")
    assert text["permuted matrix"].startswith(
        "1 significant pair by the same settings; 1 pair passes the cut-off above"
    )
    assert text["network"].startswith("2 genes, 1 edge;")


def test_describe__why_the_inequality_was_left_out(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    assert "not pruned" not in dict(describe(summary))
    summary["prune"] |= {"method": "none", "method_reason": "a compendium"}
    assert dict(describe(summary))["not pruned"] == (
        "prune.method: dpi is left out in a compendium, since a third gene would explain nearly every edge;"
        " prune.tolerance: 0 prunes by it all the same"
    )


@pytest.mark.parametrize(
    ("n_kept", "n_edges", "said"),
    [
        (5, 5, "4 genes, 5 edges; largest"),
        (5, 6, "4 genes, 6 edges (1 pair of two regulators is two edges, one in each direction); largest"),
        (1000, 2200, "4 genes, 2,200 edges (1,200 pairs of two regulators are two edges each, one in each direction);"),
    ],
)
def test_describe__edges_that_count_twice_are_explained(result: Result, n_kept: int, n_edges: int, said: str) -> None:
    summary = copy.deepcopy(result.summary)
    summary["prune"]["n_kept"] = n_kept
    summary["network"] |= {"nodes": 4, "edges": n_edges}
    assert lines(summary)["network"].startswith(said)


def test_describe__edges_that_count_twice_are_those_of_two_regulators() -> None:
    truth = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=80, seed=3)
    found = genenet.infer_network(truth.expression, regulators=truth.regulators, seed=1, n_draws=20_000)
    kept = found.edges[found.edges["kept"]]
    n_twice = int(kept["mutual"].sum())
    assert n_twice > 1
    assert f"{found.graph.number_of_edges():,} edges ({n_twice:,} pairs of two" in lines(found.summary)["network"]


def test_describe__known_edges(result: Result) -> None:
    summary = copy.deepcopy(result.summary) | {"truth": {"n_listed": 8, "n_known": 8, "n_edges": 4, "n_found": 2}}
    assert lines(summary)["known edges"] == "2 of 8 found (25%); 50% of the network's edges are among them"
    assert [label for label, _ in describe(summary)][-2:] == ["known edges", "seconds"]


def test_describe__plain_run_says_nothing_needless(result: Result) -> None:
    text = lines(result.summary)
    assert text["matrix"] == "30 genes x 80 samples"
    assert str(result).splitlines()[0] == "matrix           30 genes x 80 samples"


@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_describe__most_pairs_significant_at_a_large_alpha(result: Result, alpha: float) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"] |= {"share_significant": 1.0, "alpha": alpha}
    text = (
        f"significance.alpha {alpha:g} is so large that pairs count as significant which do not depend on each other:"
        " lower it (the default is 0.05) to see how many do"
    )
    assert ("warning", text) in describe(summary)
    run = replace(result._run(), summary=summary)
    assert [check.text for check in checks(run) if check.about == "share significant"] == [
        f"100.0% of the pairs tested are significant at bh {alpha:g}: {text}"
    ]


@pytest.mark.parametrize(("n_pairs", "is_told"), [(1, False), (44, False), (45, True)])
def test_describe__few_pairs_tell_nothing_about_the_genes(result: Result, n_pairs: int, is_told: bool) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"] |= {"share_significant": 1.0, "n_pairs": n_pairs}
    assert any("vary together" in text for _, text in describe(summary)) == is_told
    [check] = [check for check in checks(replace(result._run(), summary=summary)) if check.about == "share significant"]
    assert (not check.fine, "vary together" in check.text) == (is_told, is_told)


def test_describe__advice_names_options(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"]["share_significant"] = 0.6
    with speaking("command line"):
        assert ("", "most genes vary together, as in most compendia: see --prune-method, --min-mi, --max-edges") in [
            (label, spelled(text)) for label, text in describe(summary)
        ]


def test_checks__pairs_of_the_permuted_copy_are_no_edges(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"]["certificate"]["n_significant"] = 1
    found = {check.about: check.text for check in checks(replace(result._run(), summary=summary))}
    assert found["permuted copy"].startswith(
        "the same analysis of a permuted copy of the matrix finds 1 significant pair; it does not see edges that "
    )


@pytest.mark.parametrize(
    ("correction", "n_of_noise", "what"),
    [
        ("none", 101, "10.1% as many as the matrix itself, so that about this share of the edges is false: set"
         " significance.correction: bh, or lower significance.alpha (0.05)"),
        ("bh", 1003, "100.3% as many as the matrix itself, so that nearly all edges may be false: set"
         " significance.correction: by, or lower significance.alpha (0.05)"),
        ("bonferroni", 800, "80.0% as many as the matrix itself, so that nearly all edges may be false: lower"
         " significance.alpha (0.05)"),
        ("none", 100, None),
    ],
)  # fmt: skip
def test_describe__permuted_matrix_like_the_matrix(
    result: Result, correction: str, n_of_noise: int, what: str | None
) -> None:
    summary = copy.deepcopy(result.summary)
    found = summary["significance"]
    found |= {"correction": correction, "n_significant": 1000}
    found["certificate"] |= {"n_significant": n_of_noise}
    text = f"the permuted matrix has {n_of_noise:,} significant pairs, {what}"
    assert (("warning", text) in describe(summary)) == (what is not None)
    [check] = [check for check in checks(replace(result._run(), summary=summary)) if check.about == "permuted copy"]
    assert check.fine == (what is None)
    assert (check.text == text) == (what is not None)


def test_describe__pairs_that_were_chosen_tell_nothing_about_the_matrix(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"]["share_significant"] = 0.98
    summary["matrix"]["n_listed_pairs"] = 40
    assert not any("vary together" in text for _, text in describe(summary))
    found = [check for check in checks(replace(result._run(), summary=summary)) if check.about == "share significant"]
    assert [(check.fine, check.text) for check in found] == [
        (True, "98.0% of the pairs tested are significant at bh 0.05")
    ]


def test_checks__without_a_pruning_method_nothing_is_called_direct(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary["significance"]["share_significant"] = 0.6
    summary["prune"] |= {"method": "none", "n_cut_by_max_edges": 2}
    found = {check.about: check.text for check in checks(replace(result._run(), summary=summary))}
    assert found["limit of edges"] == (
        "2 edges of the smallest score were cut by prune.max_edges: auto (at most 500,000)"
    )
    summary["prune"]["max_edges_reason"] = "as many as genes, 60"
    text = dict(describe(summary))["edges kept"]
    assert ", 2 cut by prune.max_edges: auto (as many as genes, 60)), weighted by " in text
    assert found["share significant"].endswith("; the score chooses the edges, not significance")


def test_describe__most_pairs_significant(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    for share, many in ((0.19, ""), (0.21, "many"), (0.51, "most"), (0.91, "nearly all")):
        summary["significance"]["share_significant"] = share
        found = [text.split(" genes vary together")[0] for _, text in describe(summary) if "vary together" in text]
        assert found == [many] * bool(many)
    assert [(label, text) for label, text in describe(summary) if "vary together" in text] == [
        (
            "warning",
            "nearly all genes vary together, and significance chooses no edges: a batch or the quality of samples moves"
            " all genes at once, or conditions differ much (a compendium), or values are not normalised; look at the"
            " samples by a principal component analysis, give batches as prepare.strata, normalise"
            " (prepare.normalisation), and choose edges by prune.max_edges",
        )
    ]
    summary["findings"] = [{"weight": "warned", "kind": "counts", "message": "raw counts"}]
    found = [text for _, text in describe(summary) if text.startswith("most ")]
    assert found == [
        "most pairs depend on each other, which the depth of raw counts alone can bring about: normalise them first"
        " (prepare.normalisation)"
    ]


def test_describe__no_edges_says_why() -> None:
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(8, 30)), index=names("G", 8), columns=names("s", 30))
    result = genenet.infer_network(noise, n_draws=5_000)
    assert result.graph.number_of_edges() == 0
    text = lines(result.summary)
    assert "network" not in text
    assert text["no edges"] == result.summary["significance"]["diagnosis"]
    assert text["no edges"].startswith("no edge reaches bh 0.05 among 28 pairs; largest MI ")
    json.dumps(result.summary, allow_nan=False)


def test_summarise__matrix_without_notes(result: Result) -> None:
    bare = result.expression.copy()
    del bare.uns["genenet"]
    summary = summarise(bare, result.summary["significance"], result.summary["prune"], result.network)
    assert summary["matrix"]["source"] == ""
    assert summary["matrix"]["n_regulators"] is None
    assert summary["seconds"] == {}
    assert "seconds" not in lines(summary)


def test_summarise__dropped_genes_are_counted_by_reason() -> None:
    values = np.random.default_rng(0).normal(size=(10, 30))
    values[3] = 1.0
    values[7, 2] = np.nan
    frame = pd.DataFrame(values, index=names("G", 10), columns=names("s", 30))
    result = genenet.infer_network(
        frame, missing="drop_genes", min_variance=0.0, n_draws=2_000, regulators=["G000", "G001", "G003", "XYZ"]
    )
    matrix = result.summary["matrix"]
    assert matrix["n_genes"] == 8
    assert matrix["n_dropped_genes"] == 2
    assert sum(matrix["dropped_genes"].values()) == 2
    assert len(matrix["dropped_genes"]) == 2
    assert matrix["n_regulators"] == 2
    assert matrix["n_missing_regulators"] == 1
