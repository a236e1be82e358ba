"""Intermediate files: what is written is read, with the same bytes every time; damaged and wrong files are named."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from anndata import AnnData

from genenet.config import Permutation, Prune, Significance
from genenet.errors import InputError
from genenet.files import edges as edges_file
from genenet.files import intermediate as io
from genenet.files import parquet
from genenet.files.atomic import atomic, write_json
from genenet.files.parquet import arrow_table, arrow_texts
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock
from genenet.products.edges import Edges
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.prune import PrunedEdges, prune
from genenet.steps.significance import significance
from tests.matrices import expression, related

NAMES = ("expression.h5ad", "bins.h5ad", "null.npz", "0.parquet", "edges.parquet", "pruned.parquet")
STEPS = dict(zip(NAMES, ("prepare", "discretise", "permutation", "information", "significance", "prune"), strict=True))
READERS: dict[str, Callable[[Path], Any]] = {
    "expression.h5ad": io.read_expression,
    "bins.h5ad": io.read_bins,
    "null.npz": io.read_null,
    "0.parquet": io.read_block,
    "edges.parquet": lambda path: edges_file.StoredEdges(path).rows(np.array([0, 1])),
    "pruned.parquet": edges_file.read_edges,
}


@dataclass
class Run:
    """The files and objects that the steps made of one matrix."""

    expression: AnnData
    bins: Bins
    null: Null
    block: PairBlock
    edges: Edges
    pruned: PrunedEdges

    def write(self, folder: Path) -> Path:
        io.write_expression(self.expression, folder / "expression.h5ad")
        io.write_bins(self.bins, folder / "bins.h5ad")
        io.write_null(self.null, folder / "null.npz")
        io.write_block(self.block, folder / "0.parquet")
        edges_file.write_significant(self.edges, folder / "edges.parquet")
        edges_file.write_edges(self.pruned.table, self.pruned.statistics, folder / "pruned.parquet")
        return folder


def run_of(data: AnnData) -> Run:
    bins = discretise(data)
    null = permutation_null(bins, Permutation(n_draws=2_000))
    block = information(bins, null)
    edges = significance([block], bins, null, Significance(correction="none" if data.n_vars > 6 else "bh"))
    return Run(data, bins, null, block, edges, prune(edges, data))


@pytest.fixture(scope="module")
def run() -> Run:
    data = expression(related(40, 60), regulators=[*range(12), 30])
    # Names as they come; some genes have no edge.
    data.var_names = [f"gène {number}|β" for number in range(40)]
    return run_of(data)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.write(tmp_path_factory.mktemp("files"))


# Round trips


def test_expression__round_trip(run: Run, folder: Path) -> None:
    found = io.read_expression(folder / "expression.h5ad")
    assert (found.X == run.expression.X).all()
    assert found.var.to_dict() == run.expression.var.to_dict()
    assert found.uns["genenet"]["directed"]


def test_bins__round_trip(run: Run, folder: Path) -> None:
    found = io.read_bins(folder / "bins.h5ad")
    assert found.weights.dtype == np.uint8
    assert (found.weights == run.bins.weights).all()
    assert found.genes.tolist() == run.bins.genes.tolist()
    assert found.samples.tolist() == run.bins.samples.tolist()
    assert found.total == run.bins.total
    assert found.regulator.tolist() == run.bins.regulator.tolist()


def test_bins__axes_may_have_names(tmp_path: Path) -> None:
    # A matrix with a corner cell has them.
    data = expression(related(6, 40))
    data.var_names.name, data.obs_names.name = "gene symbol", "cell"
    table = discretise(data)
    io.write_bins(table, tmp_path / "bins.h5ad")
    found = io.read_bins(tmp_path / "bins.h5ad")
    assert found.genes.tolist() == table.genes.tolist()
    assert found.samples.tolist() == table.samples.tolist()
    assert (found.weights == table.weights).all()


@pytest.mark.parametrize("extrapolate", [True, False])
def test_null__round_trip(run: Run, tmp_path: Path, extrapolate: bool) -> None:
    null = Null(run.null.factors, run.null.log_tails, extrapolate)
    io.write_null(null, tmp_path / "null.npz")
    found = io.read_null(tmp_path / "null.npz")
    assert found.factors.tobytes() == null.factors.tobytes()
    assert found.log_tails.tobytes() == null.log_tails.tobytes()
    assert found.extrapolate is extrapolate


def test_null__any_name(run: Run, tmp_path: Path) -> None:
    for name in ("null.npz", "null"):
        io.write_null(run.null, tmp_path / name)
    assert (tmp_path / "null").read_bytes() == (tmp_path / "null.npz").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"null", "null.npz"}


def assert_same_block(found: PairBlock, block: PairBlock) -> None:
    for which in ("pairs", "noise"):
        for name in ("first", "second", "mi"):
            one, other = (getattr(getattr(side, which), name) for side in (found, block))
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()
    assert found.sums.tolist() == block.sums.tolist()
    for name in ("n_pairs", "alpha", "largest_mi", "largest_noise_mi"):
        assert getattr(found, name) == getattr(block, name)


def test_block__round_trip(run: Run, folder: Path) -> None:
    assert len(run.block.noise)
    assert_same_block(io.read_block(folder / "0.parquet"), run.block)


def test_block__without_pairs(run: Run, tmp_path: Path) -> None:
    block = information(run.bins, run.null, block=39, n_blocks=40)
    assert not len(block.pairs)
    io.write_block(block, tmp_path / "7.parquet")
    assert_same_block(io.read_block(tmp_path / "7.parquet"), block)


def test_pruned__round_trip(run: Run, folder: Path) -> None:
    found, statistics = edges_file.read_edges(folder / "pruned.parquet")
    assert statistics == run.pruned.statistics
    assert len(found)
    pd.testing.assert_frame_equal(found, run.pruned.table, check_exact=True)
    assert edges_file.read_statistics(folder / "pruned.parquet", step="prune") == statistics


def test_pruned__of_most_removed_edges_only_mi_and_correlation(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 7)
    pruned = prune(run.edges, run.expression, Prune(max_edges=3))
    path, table = tmp_path / "pruned.parquet", pruned.table
    edges_file.write_edges(table, pruned.statistics, path)
    best, rest = edges_file.read_best_edges(path, n_removed=5, without=("nmi", "clr"))
    assert (len(best), len(table)) == (14, 21)
    pd.testing.assert_frame_equal(best, table[: len(best)].drop(columns=["nmi", "clr"]))
    pd.testing.assert_frame_equal(rest, table.loc[len(best) :, ["mi", "spearman"]].reset_index(drop=True))
    assert len(edges_file.read_best_edges(path, n_removed=10_000)[1]) == 0


def test_pruned__is_read_completely_if_larger_scores_come_later(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 7)
    pruned = prune(run.edges, run.expression, Prune(max_edges=3))
    path, table = tmp_path / "pruned.parquet", pruned.table
    last = table.index.isin([len(table) - 1])
    others = [
        table.assign(score=np.where(last, table["score"].max(), table["score"])),
        table.assign(kept=last | table["kept"]),
    ]
    for other in others:
        edges_file.write_edges(other, pruned.statistics, path)
        best, rest = edges_file.read_best_edges(path, n_removed=4)
        pd.testing.assert_frame_equal(best, other)
        assert len(rest) == 0


def test_edges__what_is_stored_is_what_was_found(run: Run, folder: Path) -> None:
    stored = edges_file.StoredEdges(folder / "edges.parquet")
    assert stored.genes.tolist() == run.edges.genes.tolist()
    assert stored.pairs.first.tolist() == run.edges.pairs.first.tolist()
    assert stored.pairs.second.tolist() == run.edges.pairs.second.tolist()
    assert stored.pairs.mi.tobytes() == run.edges.pairs.mi.tobytes()
    for which in (np.arange(len(run.edges)), np.array([0, len(run.edges) - 1]), np.array([], np.int64)):
        pd.testing.assert_frame_equal(
            stored.rows(which), run.edges.rows(which), check_exact=True, check_index_type=False
        )
    statistics = edges_file.read_statistics(folder / "edges.parquet", step="significance")
    assert statistics == json.loads(json.dumps(run.edges.statistics))


def test_edges__in_pieces(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 7)
    edges_file.write_significant(run.edges, tmp_path / "edges.parquet")
    assert pq.ParquetFile(tmp_path / "edges.parquet").num_row_groups == -(-len(run.edges) // 7)
    stored = edges_file.StoredEdges(tmp_path / "edges.parquet")
    assert stored.pairs.first.tolist() == run.edges.pairs.first.tolist()
    assert stored.pairs.second.tolist() == run.edges.pairs.second.tolist()
    assert len(run.edges) > 20
    which = np.array([1, 6, 7, 20, len(run.edges) - 1])
    pd.testing.assert_frame_equal(stored.rows(which), run.edges.rows(which), check_exact=True)


@pytest.mark.parametrize(("n_levels", "kind"), [(126, "int8"), (127, "int16"), (32_766, "int16"), (32_767, "int32")])
def test_edges__arrow_table_as_of_pandas(n_levels: int, kind: str) -> None:
    random, levels = np.random.default_rng(0), [f"gène {number}" for number in range(n_levels)]
    codes, values = random.integers(0, n_levels, 20), random.normal(size=20)
    values[3] = np.nan
    whole = np.arange(20.0)
    table = pd.DataFrame({"gene": pd.Categorical.from_codes(codes, levels), "clr": values, "mi": whole})
    columns = {"gene": codes, "clr": values, "mi": whole}
    found = arrow_table(columns, {"gene": arrow_texts(levels)})
    expected = pa.Table.from_pandas(table, preserve_index=False)
    assert found.equals(expected, check_metadata=True)
    assert found.schema.field("gene").type.index_type == kind
    assert found["clr"].null_count == 1


def test_edges__pruned_from_the_file_as_from_memory(run: Run, folder: Path, tmp_path: Path) -> None:
    options = Prune(max_edges=5, max_pruned=3)
    from_memory = prune(run.edges, run.expression, options)
    from_file = prune(
        edges_file.StoredEdges(folder / "edges.parquet"), io.read_expression(folder / "expression.h5ad"), options
    )
    assert from_memory.statistics == from_file.statistics
    assert_same_files(from_memory, from_file, tmp_path)


def assert_same_files(one: PrunedEdges, other: PrunedEdges, folder: Path) -> None:
    for name, found in (("one", one), ("other", other)):
        edges_file.write_edges(found.table, found.statistics, folder / f"{name}.parquet")
    assert (folder / "one.parquet").read_bytes() == (folder / "other.parquet").read_bytes()


@pytest.mark.parametrize("kind", ["empirical", "extrapolated"])
def test_edges__of_one_kind(run: Run, tmp_path: Path, kind: str) -> None:
    null = replace(run.null, extrapolate=kind == "extrapolated")
    strong = Significance(min_mi=0.2 if kind == "extrapolated" else 0.0)
    edges = significance([replace(run.block, null=null.fingerprint)], run.bins, null, strong)
    assert set(edges.table["pvalue_kind"]) == {kind}
    edges_file.write_significant(edges, tmp_path / "edges.parquet")
    stored = edges_file.StoredEdges(tmp_path / "edges.parquet")
    pd.testing.assert_frame_equal(stored.rows(np.arange(len(edges))), edges.table, check_exact=True)
    assert_same_files(prune(edges, run.expression), prune(stored, run.expression), tmp_path)


def test_edges__none(tmp_path: Path) -> None:
    run = run_of(expression(np.random.default_rng(0).normal(size=(6, 30))))
    assert not len(run.edges)
    run.write(tmp_path)
    stored = edges_file.StoredEdges(tmp_path / "edges.parquet")
    assert len(stored.pairs.mi) == 0
    assert stored.genes.tolist() == run.bins.genes.tolist()
    assert_same_files(run.pruned, prune(stored, run.expression), tmp_path)
    found, statistics = edges_file.read_edges(tmp_path / "pruned.parquet")
    pd.testing.assert_frame_equal(found, run.pruned.table)
    assert statistics["n_kept"] == 0


def test_files__same_bytes_again(run: Run, folder: Path, tmp_path: Path) -> None:
    run.write(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(NAMES)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


# Wrong and damaged files


@pytest.mark.parametrize("name", NAMES)
def test_reading__no_such_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        READERS[name](tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name} does not exist; run `genenet {STEPS[name]}` first"


@pytest.fixture(scope="module")
def wrong(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of other kinds."""
    others = tmp_path_factory.mktemp("others")
    (others / "empty").touch()
    (others / "text").write_text("gene\tsample\n" * 50)
    (others / "folder").mkdir()
    np.save(others / "array.npy", np.zeros(3))
    np.savez(others / "arrays.npz", a=np.zeros(3))
    AnnData(np.zeros((3, 3))).write_h5ad(others / "cells.h5ad")
    pq.write_table(pa.table({"gene_a": ["a"], "mi": [1.0]}), others / "table.parquet")
    for name in NAMES:
        (others / f"half {name}").write_bytes((folder / name).read_bytes()[: (folder / name).stat().st_size // 2])
    return others


OTHERS = ("empty", "text", "folder", "array.npy", "arrays.npz", "cells.h5ad", "table.parquet")


@pytest.mark.parametrize("name", NAMES)
def test_reading__any_other_file(name: str, folder: Path, wrong: Path) -> None:
    others = [folder / other for other in NAMES if other != name]
    for path in [*others, *(wrong / other for other in (*OTHERS, f"half {name}"))]:
        with pytest.raises(InputError) as caught:
            READERS[name](path)
        text = str(caught.value)
        assert text.startswith(f"{path} is not a file made by `genenet {STEPS[name]}`, or is damaged ("), text
        assert text.endswith("); make it again")
        assert "\n" not in text


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("null.npz", "wrong/array.npy", "it holds one array"),
        ("null.npz", "wrong/empty", "No data left in file"),
        ("expression.h5ad", "wrong/cells.h5ad", "it has no uns['genenet']"),
        ("expression.h5ad", "bins.h5ad", "it has no var['mean']"),
        ("pruned.parquet", "edges.parquet", "it has no column kept"),
        ("edges.parquet", "pruned.parquet", "it has a column kept"),
        ("0.parquet", "wrong/empty", None),
    ],
)
def test_reading__says_what_is_wrong(name: str, other: str, reason: str | None, folder: Path, wrong: Path) -> None:
    path = wrong / other.removeprefix("wrong/") if other.startswith("wrong/") else folder / other
    with pytest.raises(InputError) as caught:
        READERS[name](path)
    start = f"{path} is not a file made by `genenet {STEPS[name]}`, or is damaged ("
    assert str(caught.value) == f"{start}{reason}); make it again" or reason is None


@pytest.mark.parametrize("name", ["null.npz", "0.parquet", "edges.parquet", "pruned.parquet"])
def test_reading__one_wrong_byte_anywhere(name: str, folder: Path, tmp_path: Path) -> None:
    content = (folder / name).read_bytes()
    rng, unnoticed = np.random.default_rng(0), 0
    for at in rng.integers(len(content), size=60):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        (tmp_path / name).write_bytes(damaged)
        try:
            READERS[name](tmp_path / name)
        except InputError:
            continue
        unnoticed += 1
    # Padding, statistics and names of writers can change without harm.
    assert unnoticed < 30


# Writing


def test_atomic__nothing_is_left_of_a_failed_file(tmp_path: Path) -> None:
    (tmp_path / "genes.txt").write_text("before")

    def fail() -> None:
        with atomic(tmp_path / "genes.txt") as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [file.name for file in tmp_path.iterdir()] == ["genes.txt"]
    assert (tmp_path / "genes.txt").read_text() == "before"


def test_atomic__makes_folders_and_keeps_the_suffix(tmp_path: Path) -> None:
    with atomic(tmp_path / "a" / "b" / "table.tsv.gz") as partial:
        assert partial.parent == tmp_path / "a" / "b"
        assert partial.name.endswith(".tsv.gz")
        partial.write_bytes(b"")
    assert (tmp_path / "a" / "b" / "table.tsv.gz").exists()


def test_json__refuses_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"a": float("nan")}, tmp_path / "a.json")
    assert not list(tmp_path.iterdir())
