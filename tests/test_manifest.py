"""The manifest: what is in it, and every way in which files can differ from it."""

import hashlib
import json
from pathlib import Path

import pytest
from example_network import expression

from genenet import __version__
from genenet.config import Settings
from genenet.errors import InputError
from genenet.manifest import NAME, read_manifest, verify, write_manifest


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
    write_manifest(folder, settings=Settings(seed=7), inputs={"matrix": tmp_path / "matrix.tsv"}, expression=matrix)
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
    write_manifest(run, settings=Settings(seed=7), inputs={"matrix": run.parent / "matrix.tsv"}, expression=matrix)
    assert (run / NAME).read_bytes() == before
    assert str(run.parent) not in before.decode()


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
