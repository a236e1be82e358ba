"""`genenet activity` on the folder of a run."""

import shutil

import pandas as pd
import pytest
from anndata import read_h5ad

import genenet
from genenet.files.edges import read_edges, write_edges
from genenet.report.run import read_run
from tests.run_contents import list_anew


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    truth = genenet.simulate_expression(n_genes=80, n_regulators=6, n_samples=80, seed=1)
    truth.expression.obs["tissue"] = ["tumour", "normal"] * 40
    result = genenet.infer_network(
        truth.expression, regulators=truth.regulators, seed=1, n_draws=20_000, formats=("tsv",)
    )
    result.write(folder)
    return folder, result


def test_activity__files_are_those_of_the_result(run, run_cli, tmp_path):
    folder, result = run
    options = ("--min-targets", 5, "--contrast", "tissue:tumour:normal", "--n-permutations", 300, "-o", tmp_path)
    status, out, _ = run_cli("activity", folder, *options)
    assert status == 0
    assert out.splitlines()[0] == f"6 regulators x 80 samples: {tmp_path / 'activity.h5ad'}"
    assert out.splitlines()[1].startswith("0 of 6 regulators differ at a false discovery rate of 5 %: ")
    found = read_h5ad(tmp_path / "activity.h5ad")
    expected = result.activity(min_targets=5)
    assert (found.X == expected.X).all()
    assert found.obs["tissue"].tolist() == ["tumour", "normal"] * 40
    table = pd.read_csv(tmp_path / "master_regulators.tsv", sep="\t")
    again = result.master_regulators("tissue:tumour:normal", min_targets=5, n_permutations=300)
    pd.testing.assert_frame_equal(table, again, check_dtype=False)


def test_activity__same_bytes_twice(run, run_cli, tmp_path):
    folder, _ = run
    for name in ("a", "b"):
        run_cli("activity", folder, "--min-targets", 5, "--contrast", "tissue:tumour:normal", "-o", tmp_path / name)
    for file in ("activity.h5ad", "master_regulators.tsv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_activity__other_regulons(run, run_cli, tmp_path):
    folder, result = run
    known = tmp_path / "known.gmt"
    known.write_text("SET\tmine\t" + "\t".join(result.expression.var_names[10:25]) + "\n")
    assert run_cli("activity", folder, "--regulons", known, "-o", tmp_path)[0] == 0
    found = read_h5ad(tmp_path / "activity.h5ad")
    assert found.var_names.tolist() == ["SET"]
    assert found.uns["genenet"]["edges"] == ""  # so that the page does not show them as those of its network


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--contrast", "tissue:liver:normal"), "ERROR: no sample has tissue liver; tissue has normal, tumour\n"),
        (
            ("--contrast", "tissue"),
            "ERROR: a contrast must be COLUMN:LEVEL:REFERENCE, such as tissue:tumour:normal, got 'tissue'\n"),
        (("--method", "gsea"), "ERROR: --method must be one of ulm, viper, got 'gsea'\n"),
        (("--min-targets", "1"), "ERROR: --min-targets must be an integer >= 2, got 1\n"),
    ],
)  # fmt: skip
def test_activity__mistakes_write_nothing(run, run_cli, tmp_path, options, message):
    folder, _ = run
    status, _, err = run_cli("activity", folder, *options, "-o", tmp_path / "out")
    assert (status, err) == (2, message)
    assert not (tmp_path / "out").exists()


def test_activity__no_run(run_cli, tmp_path):
    status, _, err = run_cli("activity", tmp_path)
    assert (status, err) == (
        2, f"ERROR: {tmp_path} is not the folder of a finished run: expression.h5ad, pruned.parquet missing; name the"
        " folder that was given to genenet infer with -o, or results/DATASET of the workflow\n",
    )  # fmt: skip


def test_activity__is_on_the_page_until_the_network_is_another(run, run_cli, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run[0], folder)
    assert read_run(folder).master_regulators is None
    contrast = ("--min-targets", 5, "--contrast", "tissue:tumour:normal", "--n-permutations", 300)
    _, out, _ = run_cli("activity", folder, *contrast)
    assert out.splitlines()[-1] == f"genenet report {folder} shows them on the page"
    found = read_run(folder)
    assert found.contrast == "tissue:tumour:normal"
    expected = pd.read_csv(folder / "master_regulators.tsv", sep="\t")
    pd.testing.assert_frame_equal(found.master_regulators, expected, check_dtype=False)
    assert run_cli("report", folder)[0] == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "tissue:tumour:normal: the activity of 0 of 6 regulators differs between the two groups" in page
    for regulator in expected["regulator"]:
        assert f'<tr><th scope="row">{regulator}</th>' in page
    # Scores without a contrast: the table in the folder is of an earlier call.
    run_cli("activity", folder, "--min-targets", 5)
    assert read_run(folder).master_regulators is None
    run_cli("activity", folder, *contrast)
    edges, statistics = read_edges(folder / "pruned.parquet")
    write_edges(edges.iloc[:-1], statistics, folder / "pruned.parquet")
    list_anew(folder, "pruned.parquet")
    assert read_run(folder).master_regulators is None
