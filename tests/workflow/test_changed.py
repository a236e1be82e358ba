"""Files of finished data sets that were changed: which are made again."""

import os
import shutil
from pathlib import Path

import pytest

from genenet.config import Settings
from genenet.files.manifest import write_manifest
from genenet.workflow.changed import changed_files, keep_changed, message_of, place_of
from tests.run_contents import page_of


@pytest.fixture
def folder(tmp_path) -> Path:
    """A finished data set, and in it one of a group; everything was made at second 1,000 or before."""
    place = tmp_path / "results" / "a"
    (place / "b").mkdir(parents=True)
    for run in (place / "b", place):
        (run / "network.graphml").write_text("<edge 3/>")
        (run / "summary.json").write_text('{"edges": 3, "seconds": {"prune": 1}}')
        files = [run / "network.graphml", run / "summary.json"]
        manifests = [place / "b/manifest.json"] if run == place else []
        write_manifest(run, settings=Settings(), files=[*files, *manifests])
        (run / "report.html").write_text(page_of(run))
    for path in place.rglob("*.*"):
        os.utime(path, (1000, 1000))
    return place


def changed(folder: Path, made: dict[str, float] | None = None) -> list[str]:
    times = {folder / name: time for name, time in (made or {}).items()}
    return [path.relative_to(folder).as_posix() for path in changed_files(folder, times.get)]


def test_changed_files__none(folder):
    assert changed(folder) == []
    (folder / "network.graphml").touch()
    (folder / "summary.json").write_text('{"edges": 3, "seconds": {"prune": 2}}')
    assert changed(folder) == []
    assert changed(folder.parent) == []  # not finished


@pytest.mark.parametrize("name", ["network.graphml", "summary.json", "b/network.graphml", "b/manifest.json"])
@pytest.mark.parametrize("change", ["edited", "cut", "emptied", "of the same size"])
def test_changed_files__those_whose_content_differs(folder, name, change):
    text = (folder / name).read_text()
    edited = {
        "edited": text.replace("3", "44"),
        "cut": text[:5],
        "emptied": "",
        "of the same size": text.replace("3", "4"),
    }
    (folder / name).write_text(edited[change])
    found = changed(folder)
    assert name in found
    of_group = ["b/network.graphml", "b/summary.json"]  # of which an edited manifest may say something else
    of_group.append("b/report.html")
    assert {*found} <= {name, *(of_group if name == "b/manifest.json" else [])}


def test_changed_files__a_cut_file_whatever_its_time(folder):
    """As after a disk ran full, or `rsync --times`."""
    (folder / "network.graphml").write_text("")
    os.utime(folder / "network.graphml", (500, 500))
    assert changed(folder) == ["network.graphml"]


def test_changed_files__what_a_run_has_made_that_was_stopped_before_its_manifest(folder):
    (folder / "network.graphml").write_text("<new/>")
    os.utime(folder / "network.graphml", (2000, 2000))
    assert changed(folder, {"network.graphml": 2000.0}) == []
    assert changed(folder, {"network.graphml": 900.0}) == ["network.graphml"]
    os.utime(folder / "network.graphml", (2005, 2005))
    assert changed(folder, {"network.graphml": 2000.0}) == ["network.graphml"]


def test_changed_files__the_manifest_itself(folder):
    (folder / "manifest.json").write_text("{}")
    assert changed(folder) == ["manifest.json"]


@pytest.mark.parametrize("change", ["emptied", "cut", "x", "edited"])
def test_changed_files__a_page_without_its_end_or_with_another_checksum(folder, change):
    page = folder / "b/report.html"
    whole = page.read_text()
    texts = {"emptied": "", "cut": whole[:-5], "edited": whole.replace("<html>", "<HTML>")}
    page.write_text(texts.get(change, change))
    assert changed(folder) == ["b/report.html"]


def test_changed_files__a_page_of_another_run(folder):
    """Unless it is older than the manifest, as after a run that was stopped between the two."""
    shutil.copy(folder / "report.html", folder / "b/report.html")
    assert changed(folder) == ["b/report.html"]
    os.utime(folder / "b/report.html", (500, 500))
    assert changed(folder) == []


def test_keep_changed__what_was_there_is_kept(folder):
    results = folder.parent
    (folder / "b/network.graphml").write_text("mine")
    keep_changed([folder / "b/network.graphml", folder / "lost"], results)
    (folder / "b/network.graphml").write_text("new")
    assert place_of(folder / "b/network.graphml", results).read_text() == "mine"
    assert [path for path in (results / ".changed").rglob("*") if path.is_file()] == [
        results / ".changed/a/b/network.graphml"
    ]


def test_message_of__what_becomes_of_them():
    files = [Path("results/a/b/network.graphml"), Path("results/a/groups.tsv")]
    assert message_of(files, Path("results"), is_dry=False) == (
        "results/a/b/network.graphml, results/a/groups.tsv were changed after they were made, and are made again;"
        " what is there now is kept in results/.changed/a"
    )
    assert message_of(files[:1], Path("results"), is_dry=True) == (
        "results/a/b/network.graphml was changed after it was made, and would be made again"
    )
