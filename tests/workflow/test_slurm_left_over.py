"""Slurm jobs that a killed run left behind, with a squeue and scancel of our own."""

from pathlib import Path

import pytest

from genenet.workflow.slurm import cancel_left_over

RUN = "genenet_01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def queue(tmp_path, monkeypatch) -> Path:
    """A file of the jobs that squeue shows; scancel notes its arguments beside it and takes them out."""
    programs, jobs = tmp_path / "bin", tmp_path / "jobs"
    programs.mkdir()
    (programs / "squeue").write_text(f"#!/bin/sh\ncat '{jobs}'\n")
    (programs / "scancel").write_text(
        f"#!/bin/sh\necho \"$@\" > '{tmp_path}/cancelled'\n"
        f"for job; do grep -v \"^$job|\" '{jobs}' > '{jobs}.left'; mv '{jobs}.left' '{jobs}'; done\n"
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return jobs


def test_cancel_left_over__only_jobs_of_a_run_in_this_folder(queue, tmp_path):
    here = tmp_path / "my run"
    here.mkdir()
    lines = [
        f"4|{RUN}|{here}",
        f"4|{RUN}|{here}",  # another task of the array
        f"5|{RUN.removeprefix('genenet_')}|{here}",
        f"6|{RUN}|{tmp_path / 'other'}",
        f"7|my job|{here}",
    ]
    queue.write_text("\n".join(lines) + "\n")
    assert cancel_left_over(here) == 2
    assert (tmp_path / "cancelled").read_text().split() == ["4", "5"]
    assert [line.split("|")[0] for line in queue.read_text().splitlines()] == ["6", "7"]


def test_cancel_left_over__nothing_to_do(queue, tmp_path, monkeypatch):
    queue.write_text("")
    assert cancel_left_over(tmp_path) == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cancel_left_over(tmp_path) == 0
    assert not (tmp_path / "cancelled").exists()
