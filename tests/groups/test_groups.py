"""Groups of samples: which there are, their folders, one network each, and what the networks share."""

import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given
from hypothesis import strategies as st

import genenet
from genenet.config import Prepare
from genenet.errors import InputError
from genenet.files.manifest import read_manifest
from genenet.files.verification import verify
from genenet.groups import edges_by_group, infer_groups
from genenet.groups.compare import describe_groups, overview
from genenet.groups.levels import TAKEN, Group, folder_names, read_levels, write_levels
from genenet.groups.split import find_groups, read_samples, take_group
from genenet.readers import load
from genenet.simulate import Simulation
from tests.run_contents import contents

FEW = Prepare(min_samples=4)


def obs(*values: object) -> pd.DataFrame:
    return pd.DataFrame({"tissue": list(values)}, index=[f"s{i}" for i in range(len(values))])


# Which groups there are


@given(st.lists(st.text(min_size=1), unique=True))
def test_folder_names__are_safe_and_all_different(names):
    folders = folder_names(names)
    assert set(folders) == set(names)
    found = [folder.casefold() for folder in folders.values()]
    assert len(set(found)) == len(names)
    assert not {name.casefold() for name in TAKEN} & set(found)
    for folder in folders.values():
        assert "/" not in folder
        assert folder[0] not in ".-"
        assert folder.isprintable()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        *[("liver", "liver"), ("../x", "_.._x"), (".", "_."), ("T cell / B", "T_cell_B"), ("-x", "_-x")],
        *[("groups.tsv", "groups.tsv-2"), ("a" * 300, "a" * 80), ("1", "1"), ("$(rm x)", "__rm_x_"), ("肝臓", "肝臓")],
    ],
)
def test_folder_names__by_hand(name, folder):
    assert folder_names([name]) == {name: folder}


def test_find_groups__order_and_sizes():
    names = [group.name for group in find_groups(obs(*["b", "a"] * 4), "tissue", FEW)]
    assert names == ["a", "b"]
    stages = obs(*["late", "early"] * 4)
    stages["tissue"] = pd.Categorical(stages["tissue"], categories=["early", "late", "none"])
    assert [group.name for group in find_groups(stages, "tissue", FEW)] == ["early", "late"]
    numbers = find_groups(obs(*[10.0, 9.0, 10.0, 9.0] * 2, *[np.nan] * 3), "tissue", FEW)
    assert [(group.name, group.n_samples) for group in numbers] == [("9", 4), ("10", 4)]
    flags = find_groups(obs(*[True, False] * 4), "tissue", FEW)
    assert [group.name for group in flags] == ["False", "True"]


def test_find_groups__too_few_samples_and_none(caplog):
    groups = find_groups(obs(*"aaaabbb", None, ""), "tissue", FEW)
    assert groups == [Group("a", "a", 4, True), Group("b", "b", 3, False)]
    assert caplog.messages == [
        "1 of 2 groups of tissue has fewer than prepare.min_samples (4) samples and gets no network: b (3)",
        "2 of 9 samples without tissue: in no group",
    ]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("tissue", "aaabb", "none of the 2 groups of tissue has prepare.min_samples (4) samples; the largest is a"),
        ("tisue", "aaaa", "group_by: no column tisue; the samples have tissue; did you mean tissue?"),
        ("tissue", [None, None], "group_by: no sample has a value of tissue"),
        ("tissue", ["a\tb"] * 4, r"group 'a\tb' of tissue has a character that cannot be printed; rename the group"),
    ],
)
def test_find_groups__message(column, values, message):
    with pytest.raises(InputError) as caught:
        find_groups(obs(*values), column, FEW)
    assert str(caught.value).startswith(message)


def test_take_group__leaves_the_input_and_knows_what_it_is():
    data = load(AnnData(np.arange(16.0).reshape(8, 2), obs=obs(*"abababab")), FEW)
    taken = take_group(data, "tissue", "b")
    assert taken.obs_names.tolist() == ["s1", "s3", "s5", "s7"]
    assert taken.X[:, 0].tolist() == [2, 6, 10, 14]
    assert taken.uns["genenet"]["group"] == "b"
    assert "group" not in data.uns["genenet"]
    with pytest.raises(InputError, match="no sample has tissue 'c'; the groups of tissue are a, b"):
        take_group(data, "tissue", "c")


def test_levels__file_round_trip(tmp_path):
    groups = [Group("T cell, CD4+", "T_cell_CD4_", 30, True), Group("b", "b", 3, False)]
    write_levels(groups, tmp_path / "levels.tsv")
    assert read_levels(tmp_path / "levels.tsv") == groups


def test_read_samples__of_an_h5ad_only_the_samples(tmp_path, monkeypatch):
    path = tmp_path / "m.h5ad"
    AnnData(np.ones((8, 2)), obs=obs(*"aaaabbbb")).write_h5ad(path)
    (tmp_path / "t.tsv").write_text("sample\tage\n" + "".join(f"s{i}\t{i}\n" for i in range(8)))
    monkeypatch.setattr("genenet.groups.split.read_bare", None)
    found = read_samples(path, Prepare(obs_query="age > 1", min_samples=4), tmp_path / "t.tsv")
    assert found["tissue"].tolist() == list("aabbbb")


# Networks


@pytest.fixture(scope="module")
def truth() -> Simulation:
    found = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=130, seed=2)
    found.expression.obs["tissue"] = ["liver"] * 60 + ["a b"] * 60 + ["rare"] * 10
    return found


def test_infer_groups__each_is_the_network_of_its_samples(truth):
    data = truth.expression
    groups, results = infer_groups(data, "tissue", regulators=truth.regulators, seed=3, n_draws=5_000)
    assert [(group.name, group.used) for group in groups] == [("a b", True), ("liver", True), ("rare", False)]
    for group, result in results:
        alone = genenet.infer_network(
            data[data.obs["tissue"] == group.name].copy(), regulators=truth.regulators, seed=3, n_draws=5_000
        )
        pd.testing.assert_frame_equal(result.edges, alone.edges)
        assert result.expression.n_obs == 60
        assert result.graph.name == f"network/{group.folder}"


def test_infer_groups__constant_gene_in_one_group(truth, caplog):
    data = truth.expression.copy()
    data.X[:60, 4] = 1.0
    _, results = infer_groups(data, "tissue", n_draws=1_000)
    next(results)
    with pytest.raises(InputError, match=r"^tissue liver: 1 of 30 genes has no variance \(TF05\); drop it with"):
        next(results)
    caplog.set_level(logging.INFO)
    caplog.clear()
    _, results = infer_groups(data, "tissue", n_draws=1_000, min_variance=0.0)
    sizes = {group.name: result.expression.n_vars for group, result in results}
    assert sizes == {"a b": 30, "liver": 29}
    at = caplog.messages.index("tissue liver (2 of 2 groups)")
    assert "dropped 1 of 30 genes (no variance): TF05" in caplog.messages[at + 1 :]


def test_edges_by_group__against_a_plain_loop(truth):
    _, results = infer_groups(truth.expression, "tissue", regulators=truth.regulators, n_draws=5_000)
    tables = {group.folder: result.edges for group, result in results}
    table = edges_by_group(tables)
    pairs = {(row.gene_a, row.gene_b) for edges in tables.values() for row in edges.itertuples() if row.kept}
    assert len(pairs) == len(table) > 20
    assert set(zip(table["gene_a"], table["gene_b"], strict=True)) == pairs
    for name, edges in tables.items():
        rows = {(row.gene_a, row.gene_b): row for row in edges.itertuples()}
        for row in table.to_dict("records"):
            there = rows.get((row["gene_a"], row["gene_b"]))
            assert row[f"kept_{name}"] == (there is not None and there.kept)
            if there is None:
                assert np.isnan(row[f"mi_{name}"])
                assert np.isnan(row[f"spearman_{name}"])
            else:
                assert (row[f"mi_{name}"], row[f"spearman_{name}"]) == (there.mi, there.spearman)
                assert (row["regulator"], row["target"], row["mutual"]) == (there.regulator, there.target, there.mutual)
    kept = table[[f"kept_{name}" for name in tables]].sum(axis=1)
    assert table["n_groups"].tolist() == kept.tolist() == sorted(kept, reverse=True)


def test_edges_by_group__no_edges_at_all(truth):
    groups, results = infer_groups(truth.expression, "tissue", n_draws=1_000, min_mi=100.0)
    found = list(results)
    table = edges_by_group({group.folder: result.edges for group, result in found})
    assert len(table) == 0
    assert list(table)[:4] == ["gene_a", "gene_b", "n_groups", "kept_a_b"]
    lines = describe_groups(overview(groups, {group.name: result.summary for group, result in found}))
    why = found[1][1].summary["significance"]["diagnosis"]
    assert "min_mi" in why
    assert lines[1:] == [
        ("liver", f"60 samples, 30 genes, 0 of 435 pairs significant, 0 edges ({why}): liver/"),
        ("rare", "10 samples: too few samples"),
    ]


# Files


@pytest.fixture(scope="module")
def project(truth, tmp_path_factory) -> Path:
    """A folder with a table of genes x samples, a table of sample attributes, regulators, and a configuration."""
    folder = tmp_path_factory.mktemp("a project")
    truth.expression.to_df().T.to_csv(folder / "m.tsv", sep="\t", index_label="gene")
    truth.expression.obs.to_csv(folder / "samples.csv", index_label="sample")
    (folder / "tfs.txt").write_text("\n".join(truth.regulators))
    return folder


@pytest.fixture
def inferred(project, run_cli, tmp_path) -> Path:
    options = ["--table", project / "samples.csv", "--regulators", project / "tfs.txt", "--n-draws", 5_000]
    status, out, err = run_cli("infer", project / "m.tsv", "-o", tmp_path / "out", "--group-by", "tissue", *options)
    assert status == 0
    assert err.splitlines()[0].startswith("WARNING: 1 of 3 groups of tissue has fewer than --min-samples (20)")
    assert "rare             10 samples: too few samples\n" in out
    return tmp_path / "out"


def test_infer__group_by_writes_a_folder_for_each_group(inferred, run_cli):
    assert sorted(path.name for path in inferred.iterdir()) == [
        *("a_b", "edges_by_group.tsv", "groups.tsv", "liver", "manifest.json", "report.html")
    ]
    table = pd.read_csv(inferred / "groups.tsv", sep="\t", keep_default_na=False)
    assert table["group"].tolist() == ["a b", "liver", "rare"]
    assert table["folder"].tolist() == ["a_b", "liver", ""]
    summary = json.loads((inferred / "liver/summary.json").read_text())
    assert table["n_edges"].tolist() == [*map(str, table["n_edges"][:1]), str(summary["network"]["edges"]), ""]
    edges = pd.read_csv(inferred / "edges_by_group.tsv", sep="\t")
    assert {"regulator", "target", "kept_a_b", "mi_liver", "spearman_liver"} <= set(edges)
    assert run_cli("verify", inferred)[0] == 0
    (inferred / "liver/pruned.parquet").unlink()
    assert run_cli("verify", inferred)[2].splitlines()[0] == "ERROR: liver/pruned.parquet is missing"


def test_compare__files_of_a_group_that_is_no_more_do_not_stay(inferred, project, run_cli):
    """But what is not of a run, or was changed since, does."""
    levels = [Group("a b", "a_b", 60, True), Group("liver", "liver", 10, False)]
    write_levels(levels, inferred / "levels.tsv")
    (inferred / "liver/notes.txt").write_text("mine")
    (inferred / "liver/export/nodes.tsv").write_text("edited")
    files = ["--matrix", project / "m.tsv", "--table", project / "samples.csv", "--group-by", "tissue"]
    assert run_cli("compare", "--levels", inferred / "levels.tsv", *files, "-o", inferred)[0] == 0
    left = [path.relative_to(inferred / "liver").as_posix() for path in (inferred / "liver").rglob("*")]
    assert sorted(left) == ["export", "export/nodes.tsv", "notes.txt"]
    found = verify(inferred)
    # The page that showed the group that is no more does not stay either.
    assert found.differences == ["report.html is missing"]
    assert {"levels.tsv", "a_b/manifest.json"} <= {*read_manifest(inferred)["outputs"]}


def test_compare__refuses_groups_of_different_runs(inferred, project, run_cli):
    manifest, before = inferred / "liver/manifest.json", (inferred / "groups.tsv").read_bytes()
    write_levels([Group("a b", "a_b", 60, True), Group("liver", "liver", 60, True)], inferred / "levels.tsv")
    content = manifest.read_text()
    files = ["--matrix", project / "m.tsv", "--table", project / "samples.csv", "--group-by", "tissue"]
    first = f"ERROR: {manifest} is of another run than {inferred}/a_b/manifest.json:"
    checksum = json.loads(content)["inputs"]["matrix"]["sha256"]
    for old, new, what in [
        ('"alpha": 0.05', '"alpha": 0.01', "significance.alpha is 0.01 and not 0.05"),
        (checksum, "0" * 64, f"the checksum of the matrix is {'0' * 64} and not {checksum}"),
    ]:
        manifest.write_text(content.replace(old, new))
        status, _, err = run_cli("compare", "--levels", inferred / "levels.tsv", *files, "-o", inferred)
        again = "infer the networks of all groups by one run"
        assert (status, err.replace("--alpha", "significance.alpha")) == (2, f"{first} {what}; {again}\n")
    manifest.write_text(content)
    shutil.copy(inferred / "a_b/pruned.parquet", inferred / "liver")
    status, _, err = run_cli("compare", "--levels", inferred / "levels.tsv", *files, "-o", inferred)
    assert (status, err.partition(": it is of another run")[0]) == (
        2,
        f"ERROR: {inferred}/liver/pruned.parquet is not the file of {manifest}",
    )
    assert (inferred / "groups.tsv").read_bytes() == before


def test_prepare__group_options_belong_together(project, run_cli):
    for options in (["--group", "liver"], ["--group-by", "tissue"]):
        status, _, err = run_cli("prepare", "--matrix", project / "m.tsv", *options, "--output", project / "e.h5ad")
        assert status == 2
        assert err.startswith("ERROR: --group-by and --group belong together")


def one_job_each(project: Path, run: Callable[..., subprocess.CompletedProcess[str]], warning: str) -> None:
    """Run data sets that are small as one job each, and see what is done again."""
    own = ("--config", "results=fused")

    def jobs(*options: str) -> dict[str, str]:
        found = re.findall(r"^(\w+) +(\d+)$", run(*own, *options, "--dry-run", "--verbose").stdout, re.M)
        return {rule: n for rule, n in found if rule not in ("all", "total")}

    assert jobs() == {"infer": "1", "infer_groups": "1"}
    result = run(*own)
    assert result.returncode == 0, result.stderr
    assert "\nby.tissue\na b              60 samples, 30 genes, " in result.stdout
    lines = result.stderr.splitlines()
    assert {"by.tissue: all steps in one job", "all: all steps in one job"} < {*lines}
    assert lines.count(warning) == 1
    assert "Nothing to be done" in run(*own).stderr
    lost = project / "fused/by.tissue/liver/mi/0.parquet"
    kept = lost.rename(project / "aside.parquet")
    assert jobs() == {"infer_group": "1"}
    kept.rename(lost)
    kept = (project / "fused/all/export/nodes.tsv").rename(project / "aside.tsv")
    assert jobs() == {"infer": "1"}
    kept.rename(project / "fused/all/export/nodes.tsv")
    assert jobs("prune={tolerance: 0.3}") == {"infer": "1", "infer_groups": "1"}
    assert set(jobs("fuse=never")) > {"levels"}
    a_run_that_fails_leaves_what_was_there(project / "fused", lambda: run(*own, "prepare={min_samples: 1_000}"))
    assert jobs() == {"infer": "1", "infer_groups": "1"}  # Snakemake does not take it for the last run's


def a_run_that_fails_leaves_what_was_there(folder: Path, run: Callable[[], subprocess.CompletedProcess[str]]) -> None:
    before = contents(folder)
    result = run()
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    for name in ("all", "by.tissue"):
        assert len([line for line in lines if line.startswith(f"ERROR: {name}, infer: ")]) == 1
        assert f"fused/{name} still has the result of the run before" in lines
        assert verify(folder / name).ok
    assert "Restored" not in result.stderr
    assert contents(folder) == before


@pytest.mark.slow
def test_workflow__gives_what_infer_gives(project, inferred):
    (project / "mine.yaml").write_text(
        "datasets:\n  by.tissue:\n    matrix: m.tsv\n"
        + "    table: samples.csv\n    regulators: tfs.txt\n    group_by: tissue\n"
        + "  all:\n    matrix: m.tsv\n    information:\n      n_neighbours: 4\npermutation:\n  n_draws: 5_000\n"
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "genenet", "run", "--configfile", "mine.yaml", *options]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    assert "your workflow is in a good condition" in run("--lint").stderr
    unused = "information.n_neighbours (4) does nothing here: it is used by information.estimator: ksg or ksg2"
    one_job_each(project, run, f"WARNING: all: {unused}")
    result = run("--config", "fuse=never")
    assert result.returncode == 0, result.stderr
    assert "\nby.tissue\na b              60 samples, 30 genes, " in result.stdout
    assert contents(project / "results") == contents(project / "fused")
    made = project / "results/by.tissue"
    named = ("network.graphml", "network.cyjs", "network.cx2", "report.html")  # by the data set, or by the file
    for path in sorted(inferred.rglob("*")):
        if path.is_file() and path.name not in ("summary.json", "manifest.json", *named):
            assert path.read_bytes() == (made / path.relative_to(inferred)).read_bytes(), path
    assert (project / "results/all/network.graphml").exists()
    assert result.stderr.splitlines().count(f"WARNING: all: {unused}") == 1
    findings = json.loads((project / "results/all/summary.json").read_text())["findings"]
    assert {"weight": "warned", "kind": "settings", "message": unused} in findings
    assert "Nothing to be done" in run().stderr  # what was begun rule by rule goes on so
    kept = (made / "liver/mi/0.parquet").rename(project / "aside.parquet")
    assert re.search(r"^information +1$", run("--dry-run", "--verbose").stdout, re.M)
    kept.rename(made / "liver/mi/0.parquet")
    verified = subprocess.run([sys.executable, "-m", "genenet", "verify", made], check=True, capture_output=True)
    assert b"not in the manifest" not in verified.stdout


def test_find_groups__whitening_needs_more_samples(caplog):
    obs = pd.DataFrame({"lineage": ["skin"] * 75 + ["bone"] * 46 + ["eye"] * 10})
    groups = find_groups(obs, "lineage", Prepare(whiten="samples"))
    assert [group.name for group in groups if group.used] == ["skin"]
    assert caplog.messages == [
        "2 of 3 groups of lineage have fewer than the 60 samples that prepare.whiten: samples needs and get no network:"
        " bone (46), eye (10)"
    ]
    with pytest.raises(InputError, match="none of the 1 group of lineage has the 60 samples"):
        find_groups(obs.iloc[75:121], "lineage", Prepare(whiten="samples"))
