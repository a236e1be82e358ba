"""From matrix to network by one call: known edges are found, every way in gives the same."""

from contextlib import contextmanager
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.config import Settings, settings_from_keywords
from genenet.errors import ConfigError, InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files import edges as edges_file
from genenet.files import intermediate as io
from genenet.result import Result
from genenet.simulate import Simulation
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.network import build_network
from genenet.steps.permutation import permutation_null
from genenet.steps.prepare import prepare
from genenet.steps.prune import prune
from genenet.steps.significance import significance
from tests import oracles
from tests.matrices import expression, names, related

DRAWS = 20_000


@pytest.fixture(scope="module")
def truth() -> Simulation:
    return genenet.simulate_expression(n_genes=60, n_regulators=10, n_samples=150, seed=5)


@pytest.fixture(scope="module")
def result(truth: Simulation) -> Result:
    return genenet.infer_network(truth.expression, n_draws=DRAWS, seed=1)


@pytest.fixture(scope="module")
def directed(truth: Simulation) -> Result:
    return genenet.infer_network(
        truth.expression, regulators=truth.regulators, truth=truth.edges, n_draws=DRAWS, seed=1
    )


def test_infer__known_edges_are_counted_and_shown(truth: Simulation, directed: Result, tmp_path: Path) -> None:
    true = {frozenset(pair) for pair in zip(truth.edges["regulator"], truth.edges["target"], strict=True)}
    found = {frozenset(edge) for edge in directed.graph.edges}
    n_found, n_edges = len(true & found), len(found)
    assert directed.summary["truth"] == {
        "n_listed": len(true),
        "n_known": len(true),
        "n_edges": n_edges,
        "n_found": n_found,
    }
    assert "Known edges" in directed.report(tmp_path / "report.html").read_text()


def test_infer__finds_true_edges(truth: Simulation, result: Result) -> None:
    true = {frozenset(pair) for pair in zip(truth.edges["regulator"], truth.edges["target"], strict=True)}
    found = {frozenset(pair) for pair in result.graph.edges}
    # 88 of 1,770 pairs are true, one in twenty.
    assert len(found & true) > 0.5 * len(found)
    assert len(found & true) > 0.5 * len(true)
    # DPI removes false edges rather than true ones.
    pairs = [frozenset(pair) for pair in zip(result.edges["gene_a"], result.edges["gene_b"], strict=True)]
    is_true = np.array([pair in true for pair in pairs])
    assert is_true[result.edges["kept"]].mean() > 2 * is_true[~result.edges["kept"]].mean()


def test_infer__whole_path_against_the_oracles(truth: Simulation, result: Result) -> None:
    table = discretise(result.expression)
    matrix = oracles.mutual_information_matrix(table.weights)
    clr = oracles.clr(matrix)
    genes = list(truth.expression.var_names)
    network = {}
    for row in result.edges.itertuples():
        i, j = genes.index(row.gene_a), genes.index(row.gene_b)
        assert i < j
        assert row.mi == pytest.approx(matrix[i, j], abs=1e-12)
        assert row.clr == pytest.approx(clr[i, j], abs=1e-3)
        network[i, j] = row.mi
    assert len(network) == len(result.edges)
    indirect = oracles.indirect(network, len(genes), tolerance=result.summary["prune"]["tolerance"])
    assert result.edges["kept"].tolist() == [edge not in indirect for edge in network]


def test_infer__graph_holds_the_kept_edges(result: Result, directed: Result) -> None:
    kept = result.edges[result.edges["kept"]]
    assert isinstance(result.graph, nx.Graph)
    assert not result.graph.is_directed()
    assert {frozenset(pair) for pair in result.graph.edges} == {
        frozenset(pair) for pair in zip(kept["gene_a"], kept["gene_b"], strict=True)
    }
    kept = directed.edges[directed.edges["kept"]]
    assert directed.graph.is_directed()
    expected = set(zip(kept["regulator"], kept["target"], strict=True))
    both = kept[kept["mutual"]]
    expected |= set(zip(both["target"], both["regulator"], strict=True))
    assert set(directed.graph.edges) == expected


def test_infer__regulators_are_one_end_of_every_edge(truth: Simulation, directed: Result) -> None:
    assert directed.edges["regulator"].isin(truth.regulators).all()
    assert directed.edges["dpi_via"].dropna().isin(truth.regulators).all()
    assert directed.summary["significance"]["n_pairs"] == 10 * 9 // 2 + 10 * 50


def test_infer__all_genes_as_regulators_test_the_same_pairs(truth: Simulation, result: Result) -> None:
    every = genenet.infer_network(truth.expression, regulators=list(truth.expression.var_names), n_draws=DRAWS, seed=1)
    pd.testing.assert_frame_equal(every.edges[result.edges.columns], result.edges)
    assert every.edges["mutual"].all()


def test_infer__every_kind_of_input(truth: Simulation, result: Result, tmp_path: Path) -> None:
    frame = truth.expression.to_df().T
    frame.to_csv(tmp_path / "matrix.tsv.gz", sep="\t")
    truth.expression.write_h5ad(tmp_path / "matrix.h5ad")
    for data, options in [
        (frame, {}),
        (frame.T, {"orientation": "samples_by_genes"}),
        (tmp_path / "matrix.tsv.gz", {}),
        (str(tmp_path / "matrix.h5ad"), {}),
    ]:
        found = genenet.infer_network(data, n_draws=DRAWS, seed=1, **options)
        pd.testing.assert_frame_equal(found.edges, result.edges, check_exact=True)


def test_infer__name_of_the_network(truth: Simulation, tmp_path: Path) -> None:
    truth.expression.to_df().T.to_csv(tmp_path / "tumour.tsv", sep="\t")
    assert genenet.infer_network(tmp_path / "tumour.tsv", n_draws=1_000).graph.graph["name"] == "tumour"
    assert genenet.infer_network(truth.expression, n_draws=1_000).graph.graph["name"] == "network"
    assert genenet.infer_network(truth.expression, name="A", n_draws=1_000).graph.graph["name"] == "A"


def test_infer__does_not_change_its_input(truth: Simulation) -> None:
    before = truth.expression.copy()
    genenet.infer_network(truth.expression, n_draws=1_000)
    assert (before.X == truth.expression.X).all()
    pd.testing.assert_frame_equal(before.var, truth.expression.var)
    assert before.uns.keys() == truth.expression.uns.keys()


def test_infer__keywords_are_settings(truth: Simulation, result: Result) -> None:
    base = settings_from_keywords(n_draws=DRAWS, tolerance=0.0)
    found = genenet.infer_network(truth.expression, settings=base, seed=1, tolerance="auto")
    pd.testing.assert_frame_equal(found.edges, result.edges, check_exact=True)
    assert found.settings == result.settings == settings_from_keywords(n_draws=DRAWS, seed=1)
    assert isinstance(found.settings, Settings)
    with pytest.raises(ConfigError, match="unknown setting n_bin; did you mean n_bins"):
        genenet.infer_network(truth.expression, n_bin=8)


def test_infer__users_mistakes_are_input_errors() -> None:
    frame = pd.DataFrame(related(5, 30), index=names("G", 5), columns=names("s", 30))
    with pytest.raises(InputError):
        genenet.infer_network(frame.iloc[:, :5])
    with pytest.raises(InputError):
        genenet.infer_network(frame, regulators=["nobody"])


@pytest.mark.parametrize(
    "options",
    [
        {"discretise_method": "equal_frequency", "n_bins": 4},
        {"discretise_method": "equal_width"},
        {"coordinate": ["rank"]},
        {"n_bins": 10, "order": 3, "coordinate": ["normal_score"]},
        {"correction": "by"},
        {"correction": "bonferroni", "extrapolate": True},
        {"correction": "none", "alpha": 0.001},
        {"prune_method": "none"},
        {"epsilon": 0.05, "max_edges": 20, "max_pruned": 10},
        {"min_mi": 0.1, "isolated": True},
    ],
    ids=str,
)
def test_infer__settings(truth: Simulation, options: dict[str, object]) -> None:
    found = genenet.infer_network(truth.expression, n_draws=DRAWS, **options)
    assert found.graph.number_of_edges() == found.edges["kept"].sum() > 0
    assert found.edges["mi"].min() >= options.get("min_mi", 0)
    assert found.edges["kept"].sum() <= options.get("max_edges", 10**6)
    if options.get("isolated"):
        assert found.graph.number_of_nodes() == 60


def test_infer__zero_inflated_counts() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.exp(rng.normal(-1, 1, size=(300, 40))))
    counts[:, 1] = rng.binomial(counts[:, 0], 0.9) + rng.poisson(0.02, 300)
    adata = AnnData(counts.astype(np.float32))
    adata.var_names, adata.obs_names = names("G", 40), names("s", 300)
    found = genenet.infer_network(adata, n_draws=DRAWS)
    assert ("G000", "G001") in found.graph.edges
    assert len(found.edges) < 8


def test_infer__progress_reports_all_the_work(truth: Simulation) -> None:
    seen: dict[str, list[int]] = {}

    @contextmanager
    def progress(step: str, amount: int):
        done = seen.setdefault(step, [amount, 0])

        def advance(n: int) -> None:
            done[1] += n

        yield advance

    genenet.infer_network(truth.expression, n_draws=DRAWS, progress=progress)
    before = ["prepare", "discretise", "permutation", "information", "significance", "prune", "network"]
    assert list(seen) == [*before, "anomalies"]
    assert seen["information"] == [2 * 1770, 2 * 1770]
    assert seen["permutation"][0] == DRAWS <= seen["permutation"][1] < DRAWS + 16


# Files


FILES = {
    *("expression.h5ad", "pruned.parquet", "network.graphml", "summary.json"),
    *(f"export/{name}" for name in ("network.cyjs", "edges.tsv", "nodes.tsv", "network.h5ad", "anomalies.tsv")),
}


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder but summary.json, which holds seconds."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "summary.json"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_write__lists_what_it_writes(result: Result, tmp_path: Path) -> None:
    paths = result.write(tmp_path / "out")
    assert len(paths) == len(set(paths))
    written = {str(path.relative_to(tmp_path / "out")) for path in paths}
    assert written >= FILES
    assert {
        str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*") if file.is_file()
    } == written


def test_write__same_bytes_again(truth: Simulation, result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "one")
    result.write(tmp_path / "two")
    again = genenet.infer_network(truth.expression, n_draws=DRAWS, seed=1)
    again.write(tmp_path / "three")
    one = contents(tmp_path / "one")
    for other in ("two", "three"):
        found = contents(tmp_path / other)
        assert found.keys() == one.keys()
        assert [name for name in one if found[name] != one[name]] == []


@pytest.mark.parametrize("n_blocks", [1, 3])
def test_steps__through_files_give_the_same_network(
    truth: Simulation, directed: Result, tmp_path: Path, n_blocks: int
) -> None:
    """The steps with nothing but files in between, as in the workflow, give the same network."""
    settings = directed.settings
    data = prepare(truth.expression, settings.prepare, truth.regulators)
    data.var_names.name, data.obs_names.name = "gene", "sample"
    io.write_expression(data, tmp_path / "e.h5ad")
    io.write_bins(discretise(io.read_expression(tmp_path / "e.h5ad"), settings.discretise), tmp_path / "b.h5ad")
    bins = io.read_bins(tmp_path / "b.h5ad")
    io.write_null(permutation_null(bins, settings.permutation, seed=1), tmp_path / "n.npz")
    null = io.read_null(tmp_path / "n.npz")
    for k in range(n_blocks):
        block = information(bins, null, alpha=0.05, block=k, n_blocks=n_blocks, seed=1)
        io.write_block(block, tmp_path / f"{k}.parquet")
    blocks = [io.read_block(tmp_path / f"{k}.parquet") for k in reversed(range(n_blocks))]
    edges_file.write_significant(significance(blocks, bins, null, settings.significance), tmp_path / "s.parquet")
    matrix = io.read_expression(tmp_path / "e.h5ad")
    pruned = prune(edges_file.StoredEdges(tmp_path / "s.parquet"), matrix, settings.prune)
    edges_file.write_edges(pruned.table, pruned.statistics, tmp_path / "pruned.parquet")
    directed.write(tmp_path / "memory")
    assert (tmp_path / "pruned.parquet").read_bytes() == (tmp_path / "memory" / "pruned.parquet").read_bytes()
    table, _ = edges_file.read_edges(tmp_path / "pruned.parquet")
    graph = build_network(table, matrix, settings.network, name="network")
    assert nx.utils.graphs_equal(graph, directed.graph)


def test_infer__related_and_independent_genes() -> None:
    data = expression(related(48, 100, seed=4))
    found = genenet.infer_network(data, n_draws=DRAWS, prune_method="none")
    pairs = set(zip(found.edges["gene_a"].cat.codes, found.edges["gene_b"].cat.codes, strict=True))
    # Groups of four (a hub and three that follow it) start at every eighth gene up to the fortieth.
    groups = {(start + a, start + b) for start in range(0, 44, 8) for a in range(4) for b in range(a + 1, 4)}
    hubs = {(start, start + k) for start in range(0, 44, 8) for k in (1, 2, 3)}
    assert hubs <= pairs
    assert len(pairs - groups) <= 0.15 * len(pairs) + 2
    matrix = mutual_information_matrix(discretise(found.expression))
    assert found.summary["significance"]["largest_mi"] == pytest.approx(matrix[np.triu_indices(48, 1)].max(), abs=1e-5)
