"""All pairs, significant or not: the ranking and the matrix of MI, against the matrix in memory."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.config import Discretise, Information
from genenet.errors import ConfigError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.products.bins import Bins
from genenet.steps.discretise import discretise
from genenet.steps.export import export_network
from genenet.writers import mi_tables as whole
from genenet.writers.mi_tables import write_matrix, write_ranking
from tests.matrices import bins, expression, related


def ranking(table: Bins, path: Path, *, directed: bool = False) -> pd.DataFrame:
    write_ranking(table, path / "ranking.tsv.gz", directed=directed)
    return pd.read_csv(path / "ranking.tsv.gz", sep="\t", keep_default_na=False)


def with_lists(n_genes: int = 23, **options: object) -> Bins:
    data = expression(related(n_genes, 61), regulators=[0, 3, 4, 20])
    return discretise(data, Discretise(**options))


@pytest.mark.parametrize("estimator", ["plugin", "miller_madow", "gaussian", "ksg"])
def test_ranking__every_pair_once_largest_first(tmp_path, estimator, monkeypatch):
    monkeypatch.setattr(whole, "CELLS_AT_ONCE", 100)
    monkeypatch.setattr(whole, "PAIRS_AT_ONCE", 50)
    table = discretise(expression(related(37, 61)), Discretise(), Information(estimator=estimator))
    matrix = mutual_information_matrix(table)
    found = ranking(table, tmp_path)
    assert list(found) == ["gene_a", "gene_b", "mi"]
    first, second = (table.genes.get_indexer(found[end]) for end in ("gene_a", "gene_b"))
    assert (first < second).all()
    assert len(set(zip(first, second, strict=True))) == len(found) == 37 * 36 // 2
    np.testing.assert_allclose(found["mi"], matrix[first, second], rtol=2e-7, atol=1e-7)
    mi = found["mi"].to_numpy(np.float32)
    assert (np.diff(mi) <= 0).all()
    ties = np.flatnonzero(np.diff(mi) == 0)
    assert all((first[k], second[k]) < (first[k + 1], second[k + 1]) for k in ties)


@pytest.mark.parametrize("targets", [None, [0, 1, 2, 20]])
@pytest.mark.parametrize("pairs", [None, [(0, 5), (1, 3), (3, 20), (4, 20)]])
def test_ranking__of_what_was_tested(tmp_path, targets, pairs):
    """The pairs are those of the edges table when every pair may be an edge."""
    names = [f"G{i:03d}" for i in range(23)]
    frame = pd.DataFrame(related(23, 61), index=names, columns=[f"s{i}" for i in range(61)])
    result = genenet.infer_network(
        frame,
        regulators=[names[i] for i in (0, 3, 4, 20)],
        targets=None if targets is None else [names[i] for i in targets],
        pairs=None if pairs is None else [(names[a], names[b]) for a, b in pairs],
        alpha=1.0, correction="none", prune_method="none", n_draws=1_000, formats=["ranking"],
    )  # fmt: skip
    found = ranking(result.bins, tmp_path, directed=True)
    edges = result.edges.assign(mi=result.edges["mi"])
    assert len(found) == len(edges) == result.summary["significance"]["n_pairs"]
    expected = edges.set_index(["regulator", "target"])["mi"]
    given = found.set_index(["regulator", "target"])["mi"]
    assert set(given.index) == set(expected.index)
    np.testing.assert_allclose(given, expected[given.index], rtol=2e-7, atol=1e-7)


@pytest.mark.parametrize("estimator", ["plugin", "gaussian"])
@pytest.mark.parametrize("tile", [5, 16, 512])
def test_matrix__anndata_opens_it(tmp_path, monkeypatch, estimator, tile):
    monkeypatch.setattr(whole, "TILE", tile)
    table = discretise(expression(related(37, 61), regulators=[1]), Discretise(), Information(estimator=estimator))
    path = write_matrix(table, tmp_path / "mi_matrix.h5ad")
    read = anndata.read_h5ad(path)
    matrix = read.varp["mi"]
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_allclose(matrix, mutual_information_matrix(table), rtol=2e-7, atol=1e-7)
    assert list(read.var_names) == list(table.genes)
    assert read.uns["genenet"]["unit"] == "bits"


def test_files__same_bytes_again(tmp_path):
    table = bins(related(37, 61))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_ranking(table, tmp_path / name / "r.tsv.gz", directed=False)
        write_matrix(table, tmp_path / name / "m.h5ad")
    for name in ("r.tsv.gz", "m.h5ad"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_ranking__names_that_need_quotes(tmp_path):
    data = expression(related(4, 61))
    data.var_names = ["a,b", 'q"x', "NA", "1e5"]
    found = ranking(discretise(data), tmp_path)
    assert {*found["gene_a"], *found["gene_b"]} == {"a,b", 'q"x', "NA", "1e5"}


def test_export__needs_bins(tmp_path):
    truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    result = genenet.infer_network(truth.expression, n_draws=1_000)
    with pytest.raises(ConfigError, match=r"export.formats has 'ranking', which is of all pairs, and needs the bins"):
        export_network(result.graph, result.edges, result.expression, tmp_path / "x", ["tsv", "ranking"])
    assert not (tmp_path / "x").exists()
    result = genenet.infer_network(truth.expression, n_draws=1_000, formats=["ranking", "mi_matrix"])
    written = {path.name for path in result.write(tmp_path / "out")}
    assert {"ranking.tsv.gz", "mi_matrix.h5ad"} <= written
