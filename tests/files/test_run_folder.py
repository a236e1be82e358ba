"""The folder of a run: files of an earlier run that are not written again."""

import logging
from pathlib import Path

import pytest

from genenet.config import Settings
from genenet.errors import InputError
from genenet.files.atomic import staged
from genenet.files.intermediate import write_expression
from genenet.files.manifest import write_manifest
from genenet.files.run_folder import check_run, run_folder
from genenet.files.verification import verify
from tests.example_network import expression
from tests.run_contents import page_of


def write_run(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    names = [folder / name.replace("__", "/") for name in files]
    write_manifest(folder, settings=Settings(export={"report": False}), files=names)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_run_folder__files_of_the_run_before_do_not_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_run(tmp_path / "liver", edges="1")
    (tmp_path / "liver/report.html").write_text("page")
    write_run(tmp_path, edges="1", confounding="1", liver__manifest="1")
    (tmp_path / "notes.txt").write_text("mine")
    write_manifest(
        tmp_path, settings=Settings(export={"report": False}),
        files=[tmp_path / "edges", tmp_path / "confounding", tmp_path / "liver/manifest.json"],
    )  # fmt: skip
    (tmp_path / "liver/manifest").unlink()
    with caplog.at_level(logging.INFO), run_folder(tmp_path, replace=True):
        write_run(tmp_path, edges="2")
    assert names(tmp_path) == ["edges", "manifest.json", "notes.txt"]
    assert verify(tmp_path).ok
    assert f"{tmp_path}: removed 3 files of the run before" in caplog.text


def test_run_folder__the_page_of_the_run_before_does_not_stay(tmp_path: Path) -> None:
    """Not if it was changed since, and not that of this run."""
    write_run(tmp_path, edges="1")
    (tmp_path / "report.html").write_text(page_of(tmp_path))
    with run_folder(tmp_path, replace=True):
        write_run(tmp_path, edges="1")
    assert names(tmp_path) == ["edges", "manifest.json", "report.html"]
    mine = page_of(tmp_path).replace("<html>", "<html lang='en'>")
    for page, left in ((page_of(tmp_path), []), (mine, ["report.html"])):
        (tmp_path / "report.html").write_text(page)
        with run_folder(tmp_path, replace=True):
            write_run(tmp_path, edges=f"of {len(left)}")
        assert names(tmp_path) == ["edges", "manifest.json", *left]


def test_run_folder__changed_files_and_failed_runs_leave_all(tmp_path: Path) -> None:
    write_run(tmp_path, edges="1", confounding="1")
    with pytest.raises(ValueError, match="stopped"), run_folder(tmp_path, replace=True):
        raise ValueError("stopped")
    assert names(tmp_path) == ["confounding", "edges", "manifest.json"]
    (tmp_path / "confounding").write_text("edited")
    with run_folder(tmp_path, replace=True):
        write_run(tmp_path, edges="2")
    assert names(tmp_path) == ["confounding", "edges", "manifest.json"]


def test_check_run__says_what_a_folder_is(tmp_path):
    matrix, groups = tmp_path / "m.tsv", tmp_path / "groups"
    matrix.touch()
    for name in ("lung", "liver"):
        (groups / name).mkdir(parents=True)
        (groups / name / "pruned.parquet").touch()
    (groups / "groups.tsv").touch()
    advice = "name the folder of a run, which was given to genenet infer -o"
    for folder, words in {
        tmp_path / "none": f"{tmp_path}/none does not exist; {advice}",
        matrix: f"{matrix} is a file; {advice}",
        groups: f"{groups} has a network for each group of samples (liver, lung); name the folder of one, as"
        f" {groups}/liver",
    }.items():
        with pytest.raises(InputError) as caught:
            check_run(folder, ["pruned.parquet"])
        assert str(caught.value) == words
    check_run(groups / "lung", ["pruned.parquet"])


def test_run_folder__temporary_files_of_a_killed_run_do_not_stay(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.with_name("aside").mkdir()
        (stage.with_name("aside") / "0.parquet").write_text("half")
    (tmp_path / "aside").rename(stage)
    (tmp_path / ".0123abcd.partial.network.graphml").write_text("half")
    (tmp_path / ".mine.partial").write_text("mine")
    with run_folder(tmp_path):
        pass
    assert names(tmp_path) == [".mine.partial"]


def test_manifest__replace_removes_what_the_run_has_no_more(tmp_path, run_cli):
    """Blocks, files of steps and groups that settings do not ask for, and the page; not those of the user."""
    write_run(tmp_path / "liver", edges="1")
    write_expression(expression(), tmp_path / "expression.h5ad")
    listed = ["mi/0.parquet", "mi/1.parquet", "stability.parquet", "confounding.tsv", "liver/manifest.json"]
    for name in listed[:-1]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    write_manifest(tmp_path, settings=Settings(export={"report": False}), files=[tmp_path / name for name in listed])
    for name in ("mi/2.parquet", "mi/mine.parquet", "notes.txt", "report.html"):
        (tmp_path / name).write_text(name)
    (tmp_path / "confounding.tsv").write_text("edited")
    matrix = tmp_path.with_suffix(".tsv")
    matrix.touch()
    command = ["manifest", "--expression", tmp_path / "expression.h5ad", "--matrix", matrix]
    command += ["--file", tmp_path / "expression.h5ad", "--file", tmp_path / "mi/0.parquet"]
    status, _, err = run_cli(*command, "--no-report", "--replace", "--output", tmp_path / "manifest.json")
    assert (status, err) == (
        0,
        f"{tmp_path}: removed 4 files of the run before (liver/manifest.json, mi/1.parquet, stability.parquet,"
        " liver/edges)\n",
    )
    left = ["confounding.tsv", "expression.h5ad", "manifest.json", "mi", "mi/0.parquet", "mi/mine.parquet", "notes.txt"]
    assert names(tmp_path) == left
    assert verify(tmp_path).unlisted == ("confounding.tsv", "mi/mine.parquet", "notes.txt")
