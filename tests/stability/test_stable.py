"""The threshold by the accepted bound, the edges table, warnings, and files: what infer and the steps write."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.config import Stability as StabilitySettings
from genenet.files.stability import read_stability, write_stability
from genenet.products.stability import Stability
from genenet.stability.stable import fewest_halves, keep_stable
from genenet.statistics.stability_bound import unimodal_bound
from genenet.steps.prune import PrunedEdges

GENES = pd.Index(["A", "B", "C", "D"])


def pruned(kept: tuple[bool, ...] = (True, True, True, False)) -> PrunedEdges:
    columns = {
        "gene_a": pd.Categorical.from_codes([0, 0, 1, 2], GENES),
        "gene_b": pd.Categorical.from_codes([1, 2, 2, 3], GENES),
        "score": [0.9, 0.8, 0.7, 0.6],
        "kept": list(kept),
    }
    return PrunedEdges(pd.DataFrame(columns), {"n_kept": sum(kept), "sign": "together"})


def halves(counts: dict[tuple[int, int], tuple[int, int]], **statistics: object) -> Stability:
    """Ten splits."""
    pairs = sorted(counts)
    first, second = (np.array([pair[k] for pair in pairs], np.int32) for k in (0, 1))
    n_halves, n_both = (np.array([counts[pair][k] for pair in pairs], np.uint16) for k in (0, 1))
    given = {
        "n_pairs": 1_000, "n_selected": 1.0, "smallest_half": 50, "largest_half": 50, "n_donors": None,
        "in_common": 0.5, "samples_needed": {"0.1": 200, "0.2": 90},
        "permuted": {"n_splits": 5, "n_selected": 0.0, "n_by_halves": [0] * 20},
    }  # fmt: skip
    return Stability(first, second, n_halves, n_both, len(GENES), 10, given | statistics)


COUNTS = {(0, 1): (20, 10), (0, 2): (9, 2), (2, 3): (18, 8), (1, 3): (15, 7)}


def test_keep_stable__table_by_hand():
    found = keep_stable(pruned(), halves(COUNTS), StabilitySettings(min_stability=0.6))
    assert list(found.table.columns) == ["gene_a", "gene_b", "score", "stability", "both_halves", "kept"]
    assert found.table["stability"].tolist() == [1.0, 0.45, 0.0, 0.9]
    assert found.table["both_halves"].tolist() == [1.0, 0.2, 0.0, 0.8]
    # The last one is stable, but not kept on all samples.
    assert found.table["kept"].tolist() == [True, False, False, False]
    numbers = found.statistics["stability"]
    assert (found.statistics["n_kept"], numbers["n_unstable"], numbers["n_stable"]) == (1, 2, 3)
    assert numbers["hubs"] == [
        {"gene": "C", "degree": 2, "lost": 2},
        {"gene": "A", "degree": 2, "lost": 1},
        {"gene": "B", "degree": 2, "lost": 1},
    ]


def test_fewest_halves__is_the_smallest_whose_bound_is_accepted():
    rng = np.random.default_rng(1)
    n_halves = rng.integers(0, 101, size=400)
    settings = StabilitySettings(stability_bound=0.02)
    fewest, reached = fewest_halves(n_halves, 60.0, 5_000, 50, settings)
    assert reached

    def is_accepted(k: int) -> bool:
        return unimodal_bound(k / 100, 60.0, 5_000, 50) <= 0.02 * (n_halves >= k).sum()

    assert is_accepted(fewest)
    assert not any(is_accepted(k) for k in range(51, fewest))
    assert fewest_halves(n_halves, 60.0, 5_000, 50, StabilitySettings(min_stability=0.9)) == (90, True)
    assert fewest_halves(n_halves, 60.0, 5_000, 50, StabilitySettings(min_stability=0.905))[0] == 91


def test_keep_stable__edges_that_are_kept_stay_those_of_the_bound():
    found = keep_stable(pruned((True,) * 4), halves(COUNTS), StabilitySettings(stability_bound=0.05))
    numbers = found.statistics["stability"]
    assert numbers["is_reached"]
    assert numbers["bound"]["unimodal"] <= 0.05 * found.statistics["n_kept"]


def warnings_of(settings: StabilitySettings, caplog, **statistics: object) -> list[str]:
    counts = statistics.pop("counts", COUNTS)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        found = keep_stable(pruned(), halves(counts, **statistics), settings)
    assert caplog.messages == found.statistics["stability"]["warnings"]
    return caplog.messages


def test_keep_stable__bound_that_cannot_be_reached(caplog):
    assert warnings_of(StabilitySettings(), caplog, n_selected=400.0) == [
        "stability: no stability.min_stability brings the bound down to 0.05 of the kept edges: it is 29.1 of 1 at"
        " 100%, since halves of 50 samples select 400 of 1,000 pairs; select fewer (significance.alpha,"
        " prune.max_edges), or read stability as a share only"
    ]
    assert warnings_of(StabilitySettings(min_stability=0.9), caplog, n_selected=20.0) == [
        "stability: 90% of the halves does not bring the bound down to 0.05 of the kept edges: it is 0.2 of 1 at 90%,"
        " since halves of 50 samples select 20 of 1,000 pairs; select fewer (significance.alpha, prune.max_edges), or"
        " read stability as a share only"
    ]


def test_keep_stable__nothing_selected(caplog):
    assert warnings_of(StabilitySettings(), caplog, n_selected=0.0, counts={}) == [
        "stability: halves of 50 samples select no edge: too few samples (about 200 for 0.1 bits or 90 for 0.2 bits are"
        " needed), and no edge is kept"
    ]


def test_keep_stable__nothing_comes_back(caplog):
    assert warnings_of(StabilitySettings(min_stability=0.9), caplog, counts={(0, 1): (3, 0)}) == [
        "stability: none of 3 edges comes back in 90% of the halves"
    ]


def test_keep_stable__permuted_matrix_with_stable_pairs(caplog):
    permuted = {"n_splits": 10, "n_selected": 3.0, "n_by_halves": [4] * 19 + [1]}
    assert warnings_of(StabilitySettings(min_stability=0.99), caplog, permuted=permuted) == [
        "stability: 1 pair of the permuted matrix is as stable as the kept edges; use more samples, or a smaller"
        " significance.alpha"
    ]


def test_file__is_read_as_it_was_written(tmp_path):
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        write_stability(halves(COUNTS), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    back, given = read_stability(paths[0]), halves(COUNTS)
    assert (back.n_genes, back.n_splits, back.statistics) == (given.n_genes, given.n_splits, given.statistics)
    for name in ("first", "second", "n_halves", "n_both"):
        assert np.array_equal(getattr(back, name), getattr(given, name))
        assert getattr(back, name).dtype == getattr(given, name).dtype


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stability")
    truth = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=80, seed=1)
    truth.expression.to_df().T.to_csv(folder / "m.tsv", sep="\t")
    (folder / "tfs.txt").write_text("\n".join(truth.regulators) + "\n")
    return folder


def test_steps__give_what_infer_gives(matrix, run_cli, tmp_path):
    options = ("--n-draws", 2_000, "--seed", 3)
    lists = ("--regulators", matrix / "tfs.txt")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    status, out, err = run_cli(
        "infer", matrix / "m.tsv", *lists, "-o", whole, *options, "--stability", 4, "--formats", "tsv", "--no-report"
    )
    assert status == 0, err
    text = " ".join(out.split())
    assert "stability 4 splits into halves of 40 samples: " in text
    assert "what a confounder makes is stable" in text

    def step(name: str, *arguments: object) -> None:
        status, _, err = run_cli(name, *arguments)
        assert status == 0, err

    files = {name: parts / name for name in ("expression.h5ad", "bins.h5ad", "null.npz", "edges.parquet")}
    expression, bins, null, edges = files.values()
    step("prepare", "--matrix", matrix / "m.tsv", *lists, "--output", expression)
    step("discretise", "--expression", expression, "--output", bins)
    step("permutation", "--bins", bins, "--output", null, *options)
    step("information", "--bins", bins, "--null", null, "--output", parts / "0.parquet", "--seed", 3)
    step("significance", "--mi", parts / "0.parquet", "--bins", bins, "--null", null, "--output", edges)
    common = ("--bins", bins, "--expression", expression, "--edges", edges)
    step("stability", *common, "--stability", 4, *options, "--output", parts / "stability.parquet", "--threads", 1)
    step("prune", *common, "--stability-file", parts / "stability.parquet", "--output", parts / "pruned.parquet")
    assert (parts / "pruned.parquet").read_bytes() == (whole / "pruned.parquet").read_bytes()
    table = pd.read_csv(whole / "export/edges.tsv", sep="\t")
    numbers = json.loads((whole / "summary.json").read_text())["prune"]
    assert len(table) >= numbers["n_kept"] > 0
    assert table["stability"].between(numbers["stability"]["min_stability"], 1).all()
    assert table["both_halves"].between(0, 1).all()
    graph = (whole / "network.graphml").read_text()
    assert 'attr.name="stability"' in graph
    assert 'attr.name="both_halves"' in graph


def test_command__zero_splits(run_cli, tmp_path):
    status, out, err = run_cli(
        "stability", "--bins", "b", "--expression", "e", "--edges", "p", "--output", tmp_path / "s.parquet"
    )
    assert (status, out) == (2, "")
    assert err == "ERROR: --stability is 0: say how many splits of the samples to make, for example --stability 50\n"


def test_infer__too_few_samples_before_anything_is_computed(matrix, run_cli, tmp_path):
    frame = pd.read_csv(matrix / "m.tsv", sep="\t", index_col=0)
    frame.iloc[:, :30].to_csv(tmp_path / "few.tsv", sep="\t")
    status, out, err = run_cli("infer", tmp_path / "few.tsv", "-o", tmp_path / "run", "--stability", 50)
    assert (status, out) == (2, "")
    assert err == (
        "ERROR: stability needs 40 samples, for halves of 20, and there are 30; leave --stability at 0, or"
        " bring more samples\n"
    )
    assert not (tmp_path / "run").exists()


def test_report__says_how_stable_edges_are(matrix):
    from genenet.report.edge_rows import edge_rows, rows_in_page
    from genenet.report.evidence import pair_evidence
    from genenet.report.methods_text import methods_text
    from genenet.report.panels.overview import checks
    from genenet.report.trust import Trust

    result = genenet.infer_network(
        matrix / "m.tsv", regulators=matrix / "tfs.txt", stability=3, n_draws=2_000, progress=False
    )
    run, numbers = result._run(), result.summary["prune"]
    found = numbers["stability"]
    told = [check for check in checks(run) if check.about == "stability"]
    assert told[0].fine == (not found["warnings"])
    assert (
        f"{numbers['n_kept']} of {numbers['n_kept'] + found['n_unstable']} edges come back in at least " in told[0].text
    )
    assert Trust(run).funnel[-1] == ("stable", numbers["n_kept"], 0)
    before = [n for label, n, _ in Trust(run).funnel if label in ("direct", "significant")][-1]
    assert before == numbers["n_kept"] + found["n_unstable"] + numbers["n_cut_by_max_edges"]
    text, references = methods_text(run, "1")
    assert "of the halves of 3 random splits of the samples were removed" in text
    assert ("Shah & Samworth (2013) J. R. Stat. Soc. B 75:55", "10.1111/j.1467-9868.2011.01034.x") in references
    assert "stability" in edge_rows(run, rows_in_page(run))["columns"]
    assert "stability" not in genenet.infer_network(matrix / "m.tsv", n_draws=2_000, progress=False).edges
    kept = result.edges[result.edges["kept"]].iloc[0]
    lines = dict(pair_evidence(run, [(kept["gene_a"], kept["gene_b"])])[0].describe())
    assert lines["stability"].startswith(f"{kept['stability']:.1%} of the halves of the samples select it, in ")
