"""Edges without and within strata: verdicts of planted pairs, power by simulation, MI of listed pairs, commands."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

from genenet.config import Permutation
from genenet.confounding import Network, power
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.estimators.within_strata import listed_information
from genenet.files.confounding import read_confounding
from genenet.pipeline import infer_network
from genenet.products.confounding import COLUMNS, with_flags, without_flags
from genenet.products.pairs import Pairs
from genenet.result import Result
from genenet.steps.permutation import permutation_null
from tests.matrices import bins, counts, related, within

N = 240
BATCH = np.repeat(["a", "b"], N // 2)
SETTINGS = {"seed": 1, "n_draws": 50_000, "score": "mi", "prune_method": "none", "report": False, "correction": "none"}


def planted() -> AnnData:
    """Pairs (0, 1) related, (2, 3) by batch only, (4, 5) turned by it, (6, 7) hidden by it."""
    rng = np.random.default_rng(2)
    values, late = rng.normal(size=(N, 20)), (BATCH == "b")[:, None]
    values[:, 1] = values[:, 0] + 0.5 * rng.normal(size=N)
    values[:, 2:4] += 3.0 * late
    values[:, 5] = -values[:, 4] + 0.5 * rng.normal(size=N)
    values[:, 4:6] += 4.0 * late
    values[:, 7] = 0.6 * values[:, 6] + rng.normal(size=N)
    values[:, [6]] += 1.55 * late
    values[:, [7]] -= 1.55 * late
    return AnnData(
        values,
        obs=pd.DataFrame({"batch": BATCH}, index=[f"s{k:03}" for k in range(N)]),
        var=pd.DataFrame(index=[f"g{k:02}" for k in range(20)]),
    )


@pytest.fixture(scope="module")
def result() -> Result:
    return infer_network(planted(), strata="batch", alpha=1e-4, **SETTINGS)


def verdict(result: Result, pair: tuple[int, int]) -> str:
    table = result.confounding
    assert table is not None
    row = table[(table["gene_a"] == f"g{pair[0]:02}") & (table["gene_b"] == f"g{pair[1]:02}")]
    return str(row["confounding"].iloc[0]) if len(row) else ""


@pytest.mark.parametrize(
    ("pair", "expected"), [((0, 1), "none"), ((2, 3), "explained"), ((4, 5), "reversed"), ((6, 7), "hidden")]
)
def test_confounding__verdict_of_planted_pairs(result: Result, pair: tuple[int, int], expected: str) -> None:
    assert verdict(result, pair) == expected


def test_confounding__columns_and_flags_of_the_edges(result: Result) -> None:
    table = result.confounding
    assert table is not None
    assert tuple(table.columns) == COLUMNS
    kept = result.edges[result.edges["kept"]]
    assert set(kept["confounding"]) <= {"none", "reversed", "hidden"}
    assert kept[["mi_total", "pvalue_total", "mi_between"]].notna().all(axis=None)
    edge = kept.set_index(["gene_a", "gene_b"]).loc[("g00", "g01")]
    row = table.set_index(["gene_a", "gene_b"]).loc[("g00", "g01")]
    # MI of an edge within strata is that of the edges table, and the total that of the run without strata.
    assert row["mi_within"] == pytest.approx(edge["mi"], abs=1e-12)
    assert row["pvalue_within"] == edge["pvalue"]
    without = infer_network(planted(), alpha=1e-4, **SETTINGS)
    alone = without.edges.set_index(["gene_a", "gene_b"]).loc[("g00", "g01")]
    assert row["mi_total"] == pytest.approx(alone["mi"], abs=1e-12)
    assert row["pvalue_total"] == alone["pvalue"]
    assert table["kept_total"].sum() == without.edges["kept"].sum()
    assert table["kept_within"].sum() == len(kept)


def test_confounding__summary_counts_the_verdicts(result: Result) -> None:
    found, table = result.summary["confounding"], result.confounding
    assert table is not None
    assert found["strata"] == ["batch"]
    assert found["sizes"] == {"a": 120, "b": 120}
    for name, number in table["confounding"].value_counts().items():
        assert found[str(name)] == number
    assert "without strata" in str(result)
    assert result.graph.edges["g04", "g05"]["confounding"] == "reversed"


def test_confounding__too_few_samples_are_unclear() -> None:
    data = planted()[np.r_[0:14, 120:134]].copy()
    few = infer_network(data, strata="batch", alpha=0.01, **SETTINGS)
    assert verdict(few, (2, 3)) == "unclear"


@pytest.mark.parametrize("rho", [0.3, 0.45])
def test_power__of_correlated_genes_by_simulation(rho: float) -> None:
    """Share of 400 pairs, equally related within each of three strata, that reach p = 1e-3."""
    sizes, rng, n_pairs = [30, 50, 80], np.random.default_rng(0), 400
    batch = np.repeat(list("abc"), sizes)
    first = rng.normal(size=(n_pairs, 160))
    second = rho * first + np.sqrt(1 - rho**2) * rng.normal(size=(n_pairs, 160))
    table = within(np.vstack([first, second]), batch, coordinate=["rank"])
    null = permutation_null(table, Permutation(n_draws=200_000))
    a, b = np.arange(n_pairs, dtype=np.int32), np.arange(n_pairs, 2 * n_pairs, dtype=np.int32)
    mi = listed_information(table, a, b)
    seen = float(np.mean(null.pvalues(null.log_pivots(mi, a, b)) <= 1e-3))
    # The true MI of these bins: the mean of the estimates less that of the null.
    true = np.full(n_pairs, mi.mean() - (null.factors[a, 0] * null.factors[b, 0]).sum(axis=1).mean())
    network = Network(table, null, 1e-3, Pairs.empty(0))
    assert power(network, a, b, true).mean() == pytest.approx(seen, abs=0.07)


@pytest.mark.parametrize("table", [bins(related(20, 61)), bins(counts(20, 61), method="equal_frequency", n_bins=4)])
def test_listed_information__is_that_of_the_pass(table) -> None:
    first, second = (ends.astype(np.int32) for ends in np.triu_indices(20, 1))
    np.testing.assert_allclose(
        listed_information(table, first, second), mutual_information_matrix(table)[first, second], atol=1e-13
    )


def test_listed_information__within_strata() -> None:
    table = within(related(20, 61), np.repeat(["a", "b"], [20, 41]))
    first, second = np.array([3, 17], np.int32), np.array([18, 19], np.int32)
    np.testing.assert_allclose(
        listed_information(table, first, second), mutual_information_matrix(table)[first, second], atol=1e-13
    )


def test_with_flags__back_to_what_it_was(result: Result) -> None:
    assert result.confounding is not None
    plain = without_flags(result.edges)
    assert "confounding" not in plain
    pd.testing.assert_frame_equal(with_flags(plain, result.confounding), result.edges)
    assert with_flags(plain, result.confounding[:0]) is plain


def test_commands__give_what_infer_gives(tmp_path, run_cli) -> None:
    """All steps one by one, and infer: the same bytes."""
    data = planted()
    frame = pd.DataFrame(data.X.T, index=data.var_names, columns=data.obs_names)
    frame.to_csv(tmp_path / "matrix.tsv", sep="\t")
    data.obs.assign(site=["x", "y"] * (N // 2)).to_csv(tmp_path / "samples.tsv", sep="\t", index_label="sample")
    common = ["--seed", 1]
    strata = ["--table", tmp_path / "samples.tsv", "--strata", "batch"]
    whole = ["infer", tmp_path / "matrix.tsv", *strata, *common, "--n-draws", 20_000, "--no-report", "--name", "x"]
    assert run_cli(*whole, "-o", tmp_path / "infer")[0] == 0
    steps = tmp_path / "steps"
    steps.mkdir()
    files = {
        name.partition(".")[0]: steps / name
        for name in ("expression.h5ad", "bins.h5ad", "null.npz", "mi.parquet", "edges.parquet", "pruned.parquet")
    }
    files["confounding"], files["network"] = steps / "confounding.tsv", steps / "network.graphml"
    expression, bins_file, null = (["--" + name, files[name]] for name in ("expression", "bins", "null"))
    draws = ["--n-draws", 20_000]
    for command in (
        ["prepare", "--matrix", tmp_path / "matrix.tsv", *strata, "-o", files["expression"]],
        ["discretise", *expression, "-o", files["bins"]],
        ["permutation", *bins_file, *draws, *common, "-o", files["null"]],
        ["information", *bins_file, *null, *common, "-o", files["mi"]],
        ["significance", "--mi", files["mi"], *bins_file, *null, "-o", files["edges"]],
        ["prune", "--edges", files["edges"], *expression, "-o", files["pruned"]],
        ["confounding", *expression, *bins_file, *null, "--edges", files["edges"], "--pruned", files["pruned"],
         *draws, *common, "-o", files["confounding"]],
        ["network", "--edges", files["pruned"], *expression, "--confounding", files["confounding"], "--name", "x",
         "-o", files["network"]],
    ):  # fmt: skip
        status, _, err = run_cli(*command)
        assert status == 0, err
        assert "earlier versions" not in err
    for name in ("expression.h5ad", "pruned.parquet", "confounding.tsv", "network.graphml"):
        assert (steps / name).read_bytes() == (tmp_path / "infer" / name).read_bytes(), name
    other = ["--matrix", tmp_path / "matrix.tsv", "--table", tmp_path / "samples.tsv", "--strata", "site"]
    assert run_cli("prepare", *other, "-o", steps / "site.h5ad")[0] == 0
    status, _, err = run_cli(
        "confounding", "--expression", steps / "site.h5ad", *bins_file, *null, "--edges", files["edges"],
        "--pruned", files["pruned"], *draws, *common, "-o", tmp_path / "out.tsv",
    )  # fmt: skip
    assert status == 2
    assert f"{files['pruned']} is of another run than {steps}/site.h5ad: their strata differ, by --strata" in err
    assert not (tmp_path / "out.tsv").exists()


def test_read_confounding__another_table(tmp_path) -> None:
    path = tmp_path / "confounding.tsv"
    path.write_text("gene_a\tgene_b\nA\tB\n")
    with pytest.raises(InputError) as error:
        read_confounding(path)
    assert str(error.value) == (f"{path} is no table of genenet confounding (its columns are others); make it again")


def test_spearman__within_strata_is_the_mean_of_the_strata(result: Result) -> None:
    assert result.confounding is not None
    row = result.confounding.set_index(["gene_a", "gene_b"]).loc[("g04", "g05")]
    values = planted().X
    by_batch = [stats.spearmanr(values[batch == BATCH, 4], values[batch == BATCH, 5]).statistic for batch in "ab"]
    assert row["spearman_within"] == pytest.approx(np.mean(by_batch), abs=1e-12)
    assert row["spearman_total"] == pytest.approx(stats.spearmanr(values[:, 4], values[:, 5]).statistic, abs=1e-12)
