"""Lists of genes and the table of sample attributes, on their whole way in: Python, the command line, the workflow."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.config import Prepare
from genenet.errors import InputError
from genenet.readers import load, read_lists, read_matrix
from genenet.readers.attributes import with_attributes
from genenet.steps.prepare import prepare
from genenet.workflow import workflow_from

N_SAMPLES = 40


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """A matrix of 8 genes, one of which hardly varies, lists, and sample attributes."""
    values = np.random.default_rng(1).normal(size=(8, N_SAMPLES))
    values[7] *= 1e-3
    frame = pd.DataFrame(values, [f"G{i}" for i in range(8)], [f"s{i}" for i in range(N_SAMPLES)])
    frame.to_csv(tmp_path / "m.tsv", sep="\t", index_label="gene")
    texts = {
        "regulators": "G0\nG1\n",
        "targets": "G2\nG3\nG9\n",
        "keep": "G7\n",
        "pairs": "TF\ttarget\tscore\nG0\tG2\t9\nG3\tG0\t1\nG0\tG9\t1\n",
        "table": "sample\ttissue\n" + "".join(f"s{i}\t{'liver' if i < 25 else 'heart'}\n" for i in range(N_SAMPLES)),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.tsv").write_text(text)
    return {"matrix": tmp_path / "m.tsv"} | {name: tmp_path / f"{name}.tsv" for name in texts}


def test_prepare__all_lists_are_recorded(files, run_cli):
    output = files["matrix"].parent / "e.h5ad"
    options = [item for name, path in files.items() for item in (f"--{name}", path)]
    status, _, err = run_cli("prepare", *options, "--min-variance", "0.1", "--min-samples", 20, "--output", output)
    assert status == 0
    assert err.splitlines() == [
        "WARNING: 1 of 3 targets is not in the matrix (G9)",
        "WARNING: 1 of 3 pairs is not of two genes that are left in the matrix (G9)",
    ]
    data = anndata.read_h5ad(output)
    assert list(data.var_names[data.var["regulator"]]) == ["G0", "G1"]
    assert list(data.var_names[data.var["target"]]) == ["G2", "G3"]
    assert "G7" in data.var_names
    note = data.uns["genenet"]
    assert note["pairs"].to_numpy().tolist() == [["G0", "G2"], ["G0", "G3"]]
    assert list(note["missing_targets"]) == ["G9"]
    assert (data.obs["tissue"] == "liver").sum() == 25


def test_prepare__query_on_the_table(files, run_cli):
    output = files["matrix"].parent / "e.h5ad"
    options = ["--matrix", files["matrix"], "--table", files["table"], "--obs-query", "tissue == 'liver'"]
    assert run_cli("prepare", *options, "--output", output)[0] == 0
    assert anndata.read_h5ad(output).n_obs == 25


def test_infer__lists_as_files_or_names_are_the_same(files):
    options = {"n_draws": 1_000, "min_samples": 20}
    by_file = genenet.infer_network(
        files["matrix"], **{name: files[name] for name in ("regulators", "targets", "keep", "pairs")}, **options
    )
    by_name = genenet.infer_network(
        pd.read_csv(files["matrix"], sep="\t", index_col=0),
        regulators=["G0", "G1"], targets=["G2", "G3", "G9"], keep=["G7"],
        pairs=[("G0", "G2"), ("G3", "G0"), ("G0", "G9")], **options,
    )  # fmt: skip
    pd.testing.assert_frame_equal(by_file.edges, by_name.edges)
    for key in ("pairs", "missing_targets"):
        assert np.array_equal(by_file.expression.uns["genenet"][key], by_name.expression.uns["genenet"][key])
    assert by_file.inputs["pairs"].path == files["pairs"]
    assert by_name.inputs == {}


def test_workflow__lists_are_files_of_a_data_set():
    lists = {name: f"{name}.txt" for name in ("regulators", "targets", "keep", "pairs", "table")}
    files = workflow_from({"datasets": {"a": {"matrix": "a.tsv", **lists}}}).datasets["a"].files
    assert {name: getattr(files, name) for name in lists} == lists


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("targets", "X1\n", "none of the 1 target is among the 8 genes (X1)"),
        ("keep", "\n", "keep.tsv: holds no names; give one name a line"),
        ("pairs", "G1\n", "pairs.tsv: line 1 is no pair: 'G1'; give two names a line, separated by a tab"),
        ("pairs", "X\tY\n", "none of the 1 pair is of two genes of the matrix (X, Y are not among the 8 genes)"),
        ("table", "sample\ttissue\nx\tliver\n", "table.tsv has none of the 40 samples (s0, s1, s2 and 37 more); its"),
        ("table", "sample\ttissue\ns1\ta\ns1\tb\n", "table.tsv: has two rows for 1 sample (s1); give one"),
    ],
)
def test_prepare__bad_list(files, run_cli, name, content, message):
    files[name].write_text(content)
    output = files["matrix"].parent / "e.h5ad"
    status, _, err = run_cli("prepare", "--matrix", files["matrix"], f"--{name}", files[name], "--output", output)
    assert status == 2
    assert message in err
    assert err.count("\n") == 1
    assert not output.exists()


def test_read_lists__leaves_what_is_in_memory(files):
    assert read_lists(targets=files["targets"], keep=["A"], pairs=None) == {
        "targets": ["G2", "G3", "G9"],
        "keep": ["A"],
        "pairs": None,
    }


def test_with_attributes__keeps_the_rest_and_fills_gaps(caplog):
    obs = pd.DataFrame({"age": [1, 2, 3], "tissue": "old"}, index=["a", "b", "c"])
    data = AnnData(np.eye(3), obs=obs, layers={"log": np.ones((3, 3))})
    data.raw = data
    joined = with_attributes(data, pd.DataFrame({"tissue": ["x", "y"]}, index=["c", "a"]))
    assert joined.obs["age"].tolist() == [1, 2, 3]
    assert joined.obs["tissue"].tolist()[::2] == ["y", "x"]
    assert joined.obs["tissue"].isna().tolist() == [False, True, False]
    assert joined.raw is not None
    assert "log" in joined.layers
    assert data.obs["tissue"].tolist() == ["old"] * 3
    assert "the table of sample attributes has no row for 1 of 3 samples (b)" in caplog.text


def test_prepare__tables_as_people_have_them(files, run_cli):
    """Columns of numbers and text, of empty cells, named with a slash: expression.h5ad holds them all."""
    rows = ["sample\tRate (1/h)\tmixed\tempty\tflag"]
    rows += [
        f"s{i}\t{i / 10}\t{'x' if i % 3 else i}\t{'note' if i == 3 else ''}\t{i % 2 == 0}" for i in range(N_SAMPLES)
    ]
    files["table"].write_text("\n".join(rows))
    output = files["matrix"].parent / "e.h5ad"
    options = ["--matrix", files["matrix"], "--table", files["table"], "--obs-query", "`Rate (1/h)` < 3"]
    status, _, err = run_cli("prepare", *options, "--output", output)
    assert (status, err) == (0, f"{files['matrix'].name}: columns named with | for /: Rate (1|h)\n")
    obs = anndata.read_h5ad(output).obs
    assert obs["Rate (1|h)"].tolist() == [i / 10 for i in range(30)]
    assert obs["mixed"].tolist()[:4] == ["0", "x", "x", "3"]
    assert obs["empty"].isna().sum() == 29
    assert obs["flag"].tolist()[:2] == [True, False]


def test_load__every_kind(files):
    table = pd.DataFrame({"batch": range(N_SAMPLES)}, index=[f"s{i}" for i in range(N_SAMPLES)])
    frame = pd.read_csv(files["matrix"], sep="\t", index_col=0)
    for data in (files["matrix"], str(files["matrix"]), frame, AnnData(frame.T)):
        assert load(data, Prepare(), table).obs["batch"].tolist() == list(range(N_SAMPLES))
    assert read_matrix(files["matrix"], table=files["table"]).obs["tissue"].iloc[0] == "liver"
    with pytest.raises(InputError, match="the matrix is a list; give a pandas DataFrame or an AnnData"):
        load([1], Prepare())
    assert prepare(load(frame, Prepare(), table)).obs["batch"].iloc[3] == 3
