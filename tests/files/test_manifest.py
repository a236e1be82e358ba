"""The manifest: what is in it, and every way in which files can differ from it."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from genenet import __version__
from genenet.cli.repair import repair
from genenet.config import Settings
from genenet.errors import InputError
from genenet.files.added import record_added
from genenet.files.intermediate import write_expression
from genenet.files.manifest import NAME, InputFile, identity_of, read_manifest, write_manifest
from genenet.files.verification import verify
from tests.example_network import expression
from tests.run_contents import page_of

SETTINGS = Settings(seed=7, export={"report": False})


@pytest.fixture
def run(tmp_path) -> Path:
    """A folder with two outputs and a manifest."""
    folder = tmp_path / "run"
    (folder / "export").mkdir(parents=True)
    (folder / "network.graphml").write_text("<graphml/>")
    (folder / "export" / "edges.tsv").write_text("gene_a\tgene_b\n")
    (tmp_path / "matrix.tsv").write_text("gene\ts1\n")
    matrix = expression()
    matrix.uns["genenet"]["missing_regulators"] = ["TP54"]
    write_manifest(folder, settings=SETTINGS, inputs={"matrix": tmp_path / "matrix.tsv"}, expression=matrix)
    return folder


def test_write_manifest__content(run):
    content = read_manifest(run)
    assert content["genenet"] == __version__
    assert content["seed"] == content["settings"]["seed"] == 7
    assert content["settings"]["discretise"]["n_bins"] == 6
    assert content["libraries"]["numpy"]
    assert content["dropped_genes"] == {"constant": ["FOO"]}
    assert content["missing_regulators"] == ["TP54"]
    sha256 = hashlib.sha256(b"gene\ts1\n").hexdigest()
    assert content["inputs"] == {"matrix": {"name": "matrix.tsv", "bytes": 8, "sha256": sha256}}
    assert list(content["outputs"]) == ["export/edges.tsv", "network.graphml"]
    assert content["outputs"]["network.graphml"]["sha256"] == hashlib.sha256(b"<graphml/>").hexdigest()


def test_write_manifest__same_bytes_again_and_no_folder_of_the_machine(run):
    before = (run / NAME).read_bytes()
    matrix = expression()
    matrix.uns["genenet"]["missing_regulators"] = ["TP54"]
    write_manifest(run, settings=SETTINGS, inputs={"matrix": run.parent / "matrix.tsv"}, expression=matrix)
    assert (run / NAME).read_bytes() == before
    assert str(run.parent) not in before.decode()


def test_manifest__files_of_another_folder(run, run_cli, tmp_path, monkeypatch):
    """Paths may be relative or absolute; a file that is not in the folder is refused."""
    monkeypatch.chdir(tmp_path)
    write_expression(expression(), run / "expression.h5ad")
    made = ["manifest", "--matrix", "matrix.tsv", "--expression", "run/expression.h5ad", "--no-report"]
    status, _, err = run_cli(*made, "--file", run / "network.graphml", "-o", "run/manifest.json")
    assert (status, err, list(read_manifest(run)["outputs"])) == (0, "", ["network.graphml"])
    status, _, err = run_cli(*made, "--file", "matrix.tsv", "-o", "run/manifest.json")
    assert (status, err) == (
        2, "ERROR: matrix.tsv is not in run, the folder of the manifest; name files of that folder\n"
    )  # fmt: skip


def test_verify__unchanged(run):
    result = verify(run, inputs={"matrix": run.parent / "matrix.tsv"})
    assert result.ok
    assert str(result) == "2 files are as the manifest says"


def test_verify__changed_and_missing(run):
    (run / "network.graphml").write_text("<graphmL/>")
    (run / "export" / "edges.tsv").unlink()
    result = verify(run)
    assert not result.ok
    assert (result.missing, result.changed) == (("export/edges.tsv",), ("network.graphml",))
    assert str(result) == "of 2 files in the manifest: 1 missing (export/edges.tsv); 1 changed (network.graphml)"


def test_verify__other_input(run):
    other = run.parent / "other.tsv"
    other.write_text("gene\ts2\n")
    assert verify(run, inputs={"matrix": other}).changed == ("input matrix",)
    with pytest.raises(InputError, match=r"the manifest of .* has no input 'regulators'; it has matrix"):
        verify(run, inputs={"regulators": other})


def test_verify__further_files_are_named_but_no_fault(run):
    (run / "notes.txt").write_text("mine")
    (run / ".partial").write_text("x")
    result = verify(run)
    assert result.ok
    assert result.unlisted == ("notes.txt",)


def test_write_manifest__checksums_that_are_known(run):
    expected = (run / NAME).read_bytes()
    graph, edges = run / "network.graphml", run / "export" / "edges.tsv"
    matrix = expression()
    matrix.uns["genenet"]["missing_regulators"] = ["TP54"]
    given = {"settings": SETTINGS, "inputs": {"matrix": run.parent / "matrix.tsv"}, "expression": matrix}
    write_manifest(run, **given, identities={graph: identity_of(graph)})
    assert (run / NAME).read_bytes() == expected
    write_manifest(run, **given, identities={edges: {"bytes": 1, "sha256": "known"}})
    assert read_manifest(run)["outputs"]["export/edges.tsv"] == {"bytes": 1, "sha256": "known"}


def test_write_manifest__times_do_not_count(run):
    """Two runs of different length have one manifest; another number is a difference."""
    summary = run / "summary.json"
    manifests = []
    for seconds in (1.0, 2.0):
        summary.write_text(json.dumps({"n": 1, "seconds": {"prune": seconds}}))
        manifests.append(write_manifest(run, settings=SETTINGS).read_bytes())
    assert manifests[0] == manifests[1]
    summary.write_text(json.dumps({"seconds": {"prune": 9.0}, "n": 1}, indent=2))
    assert verify(run).ok
    summary.write_text(json.dumps({"n": 2, "seconds": {"prune": 2.0}}))
    assert verify(run).changed == ("summary.json",)
    summary.write_text("[1")
    assert verify(run).changed == ("summary.json",)


def test_write_manifest__folders_as_input_and_output(run, tmp_path):
    cells = tmp_path / "10x"
    cells.mkdir()
    (cells / "matrix.mtx").write_text("1")
    (cells / "genes.tsv").write_text("A")
    gone = tmp_path / "gone.tsv"
    write_manifest(run, settings=SETTINGS, inputs={"matrix": cells, "pairs": gone}, files=[run / "export"])
    content = read_manifest(run)
    assert list(content["outputs"]) == ["export/edges.tsv"]
    assert content["inputs"]["matrix"]["bytes"] == 2
    assert content["inputs"]["pairs"] == {"name": "gone.tsv", "bytes": None, "sha256": None}
    assert verify(run, inputs={"matrix": cells}).ok
    (cells / "genes.tsv").rename(cells / "features.tsv")
    assert verify(run, inputs={"matrix": cells}).changed == ("input matrix",)


def test_input_file__folder_of_a_run(run):
    """A run is no matrix, but whoever gives one is to hear that from the reader."""
    (run / "summary.json").write_text("{}")
    identity = InputFile.of(run).identity
    assert identity["name"] == run.name
    assert len(identity["sha256"]) == 64


def test_verify__manifests_in_a_manifest(run, tmp_path):
    write_manifest(tmp_path, settings=SETTINGS, files=[run / NAME])
    assert verify(tmp_path).checked == 3
    (run / "network.graphml").write_text("x")
    assert verify(tmp_path).changed == ("run/network.graphml",)


def test_verify__command(run, run_cli):
    matrix = run.parent / "matrix.tsv"
    expected = f"2 files are as the manifest says, made by genenet {__version__}\n"
    assert run_cli("verify", run, "--matrix", matrix) == (0, expected, "")
    (run / "notes.txt").write_text("mine")
    left = "not compared: the input; to compare, give --matrix FILE\n"
    assert run_cli("verify", run)[1] == expected + left + "not in the manifest: notes.txt\n"
    (run / "network.graphml").write_text("")
    (run / "export" / "edges.tsv").unlink()
    status, out, err = run_cli("verify", run, "--matrix", run / "notes.txt")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "ERROR: export/edges.tsv is missing",
        "ERROR: input matrix is not the file of the manifest: its content has changed",
        "ERROR: network.graphml is not the file of the manifest: its content has changed",
        f"to make the files again: genenet infer matrix.tsv -o {run} --seed=7 --no-report (files by their names,"
        " without folders)",
    ]
    status, _, err = run_cli("verify", run / "export")
    assert status == 2
    assert err.endswith("manifest.json is not there; only the folder of a finished run has a manifest\n")


def test_verify__a_changed_page(run, run_cli):
    page = run / "report.html"
    page.write_text(page_of(run, "<html>\n42 edges\n</html>\n"))
    assert run_cli("verify", run)[0] == 0
    page.write_text(page.read_text().replace("42", "43"))
    status, _, err = run_cli("verify", run)
    assert (status, err.splitlines()) == (
        2,
        [
            "ERROR: report.html is not the file that genenet report has written: its content has changed",
            f"to write the page again: genenet report {run}",
        ],
    )
    page.write_text("<html>\n41 edges\n</html>\n")  # the line of the checksum is gone
    assert verify(run).changed_pages == ("report.html",)


def test_verify__a_page_that_is_missing_or_of_another_run(run, run_cli, tmp_path):
    with_page = Settings(export={"report": True})
    for folder in (run, tmp_path / "other"):
        folder.mkdir(exist_ok=True)
        write_manifest(folder, settings=with_page, inputs={"matrix": run.parent / "matrix.tsv"})
    (tmp_path / "other/report.html").write_text(page_of(tmp_path / "other"))
    again = f"to write the page again: genenet report {run}\n"
    status, _, err = run_cli("verify", run)
    assert (status, err) == (2, f"ERROR: report.html is missing\n{again}")
    shutil.copy(tmp_path / "other/report.html", run)
    status, _, err = run_cli("verify", run)
    assert (status, err) == (2, f"ERROR: report.html is not the page of this run: it was made of another\n{again}")
    assert str(verify(run)) == "of 2 files in the manifest: 1 of another run (report.html)"
    (run / "report.html").write_text(page_of(run))
    assert verify(run).ok
    (run / "pages").mkdir()
    (run / "pages/report.html").write_text(page_of(run))
    assert verify(run).ok
    (run / "pages/report.html").write_text(page_of(tmp_path / "other"))
    assert verify(run).other_pages == ("pages/report.html",)


def test_verify__differences_of_groups_have_a_manifest_of_their_own(run, run_cli):
    """They are compared with those of the groups; of other runs in the folder it is said that they are not."""
    (run / "groups.tsv").touch()
    for name, file in {"differential": "differential_pairs.tsv", "export/other": "network.graphml"}.items():
        (run / name).mkdir()
        (run / name / file).touch()
        given = {"group_by": "g"} if name == "differential" else {}
        write_manifest(run / name, settings=SETTINGS, inputs={"matrix": run / "m.tsv"}, given=given)
    expected = f"3 files are as the manifest says, made by genenet {__version__}\n"
    left = "not compared: the input; to compare, give --matrix FILE\n"
    apart = "with a manifest of its own, to be verified apart: export/other\n"
    assert run_cli("verify", run) == (0, f"{expected}{left}{apart}not in the manifest: groups.tsv\n", "")
    (run / "differential/differential_pairs.tsv").write_text("x")
    status, out, err = run_cli("verify", run)
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "ERROR: differential/differential_pairs.tsv is not the file of the manifest: its content has changed",
        f"to make the files again: genenet differential m.tsv -o {run}/differential --group-by=g (files by their names,"
        " without folders)",
    ]


def test_verify__files_of_later_commands(run, run_cli):
    (run / "notes.txt").write_text("mine")
    (run / "pairs").mkdir()
    for name, command in {"anomalies.tsv": "anomalies", "pairs/a_b.html": "pair", "report.html": "report"}.items():
        (run / name).write_text(page_of(run, f"{command}</html>\n"))
        record_added([run / name], command)
    result = verify(run)
    assert result.ok
    assert (result.added, result.unlisted) == ({"anomalies.tsv": "anomalies", "pairs/a_b.html": "pair"}, ("notes.txt",))
    expected = [
        f"2 files are as the manifest says, made by genenet {__version__}",
        "not compared: the input; to compare, give --matrix FILE",
        "added later: anomalies.tsv (anomalies), pairs/a_b.html (pair)",
        "not in the manifest: notes.txt",
    ]
    status, out, _ = run_cli("verify", run)
    assert (status, out.splitlines()) == (0, expected)
    (run / "anomalies.tsv").unlink()  # no fault: it can be made again
    (run / "pairs" / "a_b.html").write_text("changed")
    status, _, err = run_cli("verify", run)
    message = "pairs/a_b.html is not the file that genenet pair has written: its content has changed"
    assert (status, err) == (2, f"ERROR: {message}\n")


def test_verify__files_of_later_commands_of_an_earlier_run(run, run_cli):
    (run / "anomalies.tsv").write_text("")
    record_added([run / "anomalies.tsv"], "anomalies")
    outputs = [run / "network.graphml", run / "export"]
    write_manifest(run, settings=SETTINGS.model_copy(update={"seed": 8}), files=outputs)
    assert verify(run).outdated == ("anomalies.tsv",)
    assert "of an earlier run in this folder: anomalies.tsv\n" in run_cli("verify", run)[1]
    record_added([run / "anomalies.tsv"], "anomalies")
    assert verify(run).outdated == ()
    assert verify(run.parent / "run").ok


def test_verify__files_of_later_commands_in_a_group(run, tmp_path):
    (run / "anomalies.tsv").write_text("")
    write_manifest(tmp_path, settings=SETTINGS, files=[run / NAME])
    record_added([run / "anomalies.tsv"], "anomalies")
    result = verify(tmp_path)
    assert (result.added, result.outdated) == ({"run/anomalies.tsv": "anomalies"}, ())


def test_record_added__nothing_outside_of_a_run(tmp_path, run_cli, run):
    (tmp_path / NAME).write_text('{"name": "a web application"}')
    (tmp_path / "selected.tsv").write_text("")
    record_added([tmp_path / "selected.tsv"], "select")
    assert not (tmp_path / "added.json").exists()
    (run / "added.json").write_text("{}")
    status, _, err = run_cli("verify", run)
    message = f"{run}/added.json is not a record of genenet; it was changed, or another program wrote it: remove it"
    assert (status, err) == (2, f"ERROR: {message}\n")


def test_verify__no_manifest(tmp_path):
    with pytest.raises(
        InputError, match=r"manifest.json is not there; only the folder of a finished run has a manifest"
    ):
        verify(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"outputs": [], "inputs": {}}), "\0"])
def test_verify__not_a_manifest(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(InputError, match=r"manifest.json is not a manifest of genenet"):
        verify(tmp_path)


# How to make the files again

AGAIN = "to make the files again: "
NAMED = " (files by their names, without folders)"
INPUTS = {"matrix": {"name": "m.tsv"}, "table": {"name": "t.tsv"}}


@pytest.mark.parametrize(
    ("given", "outputs", "line"),
    [
        ({"group_by": "my group", "name": "m"}, ["groups.tsv"], "infer m.tsv -o x --table=t.tsv '--group-by=my group'"),
        (
            {"group_by": "g", "group": "T cell", "name": "mine/T_cell"},
            [],
            "infer m.tsv -o x --table=t.tsv --group-by=g '--group=T cell' --name=mine",
        ),
        (
            {"group_by": "g", "levels": ["b", "a, c"], "networks": "net", "differential": {"alpha": 0.1, "seed": 0}},
            ["differential_pairs.tsv"],
            "differential m.tsv -o x --table=t.tsv --group-by=g '--levels=b,\"a, c\"' --networks=net --min-variance=0.5"
            " --alpha=0.1",
        ),
    ],
    ids=["groups", "group", "differences"],
)
def test_repair__has_all_that_the_run_was_told(given, outputs, line):
    settings = {"prepare": {"min_variance": 0.5}} if "levels" in given else {}
    manifest = {"inputs": INPUTS, "settings": settings, **given}
    assert repair(Path("x"), manifest, {name: {} for name in outputs}) == f"{AGAIN}genenet {line}{NAMED}"


def test_repair__of_a_group_makes_all_groups(tmp_path):
    (tmp_path / "groups.tsv").touch()
    manifest = {"inputs": INPUTS, "group_by": "g", "group": "a", "name": "m/a"}
    line = f"genenet infer m.tsv -o {tmp_path} --table=t.tsv --group-by=g"
    assert repair(tmp_path / "a", manifest, {}) == f"{AGAIN}{line}{NAMED}"


@pytest.mark.parametrize(
    ("inputs", "outputs", "settings", "line"),
    [
        (INPUTS, ["groups.tsv"], {}, f"genenet infer m.tsv -o x --table=t.tsv --group-by=COLUMN{NAMED}"),
        (
            INPUTS,
            ["differential_pairs.tsv"],
            {},
            f"genenet differential m.tsv -o x --table=t.tsv --group-by=COLUMN{NAMED}",
        ),
        (
            *(INPUTS, ["groups.tsv", "a/bins.h5ad"], {}),
            f"genenet infer m.tsv -o x --all-files --table=t.tsv --group-by=COLUMN{NAMED}",
        ),
        (
            {},
            ["network.graphml"],
            {},
            "the run was made in Python from data in memory; run it and write its result again",
        ),
        (
            *({"matrix": {"name": "$(rm x).tsv"}}, [], {"export": {"formats": ["tsv"], "report": False}}),
            f"genenet infer '$(rm x).tsv' -o x --formats=tsv --no-report{NAMED}",
        ),
        ({"matrix": {}}, [], {"of": "another version"}, f"genenet infer FILE -o x ...{NAMED}"),
        ({"matrix": {}}, [], [], f"genenet infer FILE -o x{NAMED}"),
    ],
    ids=["groups", "differences", "all files", "python", "settings", "version", "changed manifest"],
)
def test_repair__names_the_command_that_made_the_files(inputs, outputs, settings, line):
    manifest = {"inputs": inputs, "settings": settings}
    assert repair(Path("x"), manifest, {name: {} for name in outputs}) == AGAIN + line


def test_repair__of_what_the_workflow_has_made_is_told_by_its_logs(tmp_path):
    """The command of the workflow is `genenet infer --all-files`: but for the logs all is the same."""
    manifest, outputs = {"inputs": {"matrix": {"name": "m.tsv"}}}, {"bins.h5ad": {}}
    for folder in (tmp_path / "a", tmp_path / "a" / "group"):
        folder.mkdir()
        assert repair(folder, manifest, outputs) == f"{AGAIN}genenet infer m.tsv -o {folder} --all-files{NAMED}"
    (tmp_path / "logs" / "a").mkdir(parents=True)
    for folder in (tmp_path / "a", tmp_path / "a" / "group"):
        line = "genenet run, with the configuration file of the run and in the folder where it was run"
        assert repair(folder, manifest, outputs) == AGAIN + line


def test_repair__of_differences_that_the_workflow_has_made(tmp_path):
    (tmp_path / "levels.tsv").touch()
    line = repair(tmp_path / "differential", {"inputs": INPUTS}, {"differential_pairs.tsv": {}})
    assert line == f"{AGAIN}genenet run, with the configuration file of the run and in the folder where it was run"
