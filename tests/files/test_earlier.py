"""Earlier results, kept beside a data set that is run again step by step."""

import os
from pathlib import Path

import pytest

from genenet.config import Settings
from genenet.files.earlier import drop_earlier, is_complete, keep_earlier, place_of
from genenet.files.manifest import write_manifest
from genenet.files.verification import verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete result, with a group."""
    folder = tmp_path / "results" / "tumour"
    for part in (folder / "liver", folder):
        part.mkdir(parents=True, exist_ok=True)
        (part / "network.graphml").write_text("old")
        files = [part / "network.graphml", *part.glob("*/manifest.json")]
        write_manifest(part, settings=Settings(export={"report": False}), files=files)
    return folder


def test_is_complete__not_with_a_file_that_is_lost_or_newer_than_the_manifest(folder: Path) -> None:
    assert is_complete(folder)
    path = folder / "liver/network.graphml"
    path.unlink()
    assert not is_complete(folder)
    path.write_text("new")
    time = (folder / "manifest.json").stat().st_mtime_ns + 1
    os.utime(path, ns=(time, time))
    assert not is_complete(folder)
    assert not is_complete(folder.parent)  # no manifest


def test_keep_earlier__until_there_is_a_complete_result_again(folder: Path) -> None:
    keep_earlier([folder])
    assert (place_of(folder) / "network.graphml").samefile(folder / "network.graphml")
    (folder / "network.graphml").unlink()
    keep_earlier([folder])  # a run that goes on after one that failed does not keep the rest
    assert drop_earlier([folder]) == [place_of(folder)]
    assert verify(place_of(folder)).ok
    (folder / "network.graphml").write_text("new")
    write_manifest(
        folder,
        settings=Settings(export={"report": False}),
        files=[folder / "network.graphml", folder / "liver/manifest.json"],
    )
    assert drop_earlier([folder]) == []
    assert [path.name for path in folder.parent.iterdir()] == ["tumour"]


def test_keep_earlier__copies_where_there_are_no_hard_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: str) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    keep_earlier([folder])
    assert (place_of(folder) / "network.graphml").read_text() == "old"
    assert not (place_of(folder) / "network.graphml").samefile(folder / "network.graphml")
