"""Jobs of the workflow that failed: which are tried again."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.jobs import GroupJob, Job

from genenet.cli.attempts import _unless_by_mistake, end_after_mistakes
from genenet.cli.environment import BUG

MISTAKE = "STEP: step 1 of 9: prepare\nERROR: m.tsv: is empty\n"


def job(folder: Path, text: str | None, age: float = 0.0) -> SimpleNamespace:
    """A job with a log that was written some seconds ago, or without one."""
    log = folder / f"{len(list(folder.iterdir()))}.log"
    if text is not None:
        log.write_text(text)
        os.utime(log, (time.time() - age,) * 2)
    return SimpleNamespace(log=[str(log)], is_group=lambda: False)


def attempts(*jobs: SimpleNamespace) -> int:
    """How many further attempts a job has, or a group of jobs, of the 2 that were asked for."""
    group = SimpleNamespace(jobs=jobs, is_group=lambda: True)
    return _unless_by_mistake(lambda job: 2, time.time() - 60)(jobs[0] if len(jobs) == 1 else group)


@pytest.mark.parametrize(
    ("text", "n_attempts"),
    [
        (MISTAKE, 0),
        ("ERROR: m.tsv: is empty\nslurmstepd: error: Detected 1 oom_kill event\n", 2),
        ("ERROR: not enough memory (out of memory; 2 MB are left to this process); genenet plan MATRIX says ...\n", 2),
        ("ERROR: m.mtx promises 10 numbers that need 80 GB of memory, there are 2 GB; ...\n", 2),
        ("STEP: step 3 of 9: permutation\n", 2),
        (f"Traceback (most recent call last):\nValueError: x\n{BUG}\n", 2),
        ("", 2),
        (None, 2),
    ],
    ids=["mistake", "killed", "memory", "promised memory", "no message", "bug", "empty", "no log"],
)
def test_end_after_mistakes__what_may_end_well_is_tried_again(tmp_path, text, n_attempts):
    assert attempts(job(tmp_path, text)) == n_attempts


def test_end_after_mistakes__a_group_of_jobs_by_any_of_them(tmp_path):
    done, failed = job(tmp_path, "120 edges\n"), job(tmp_path, MISTAKE)
    assert attempts(done, failed) == 0
    assert attempts(done, job(tmp_path, None)) == 2


def test_end_after_mistakes__not_by_the_log_of_an_earlier_run(tmp_path):
    assert attempts(job(tmp_path, MISTAKE, age=3600)) == 2


def test_end_after_mistakes__snakemake_asks_for_it(monkeypatch, tmp_path):
    """The scheduler reads `restart_times` of jobs and groups of jobs."""
    for kind in (Job, GroupJob):
        monkeypatch.setattr(kind, "restart_times", property(lambda job: 2))
    end_after_mistakes()
    failed = job(tmp_path, MISTAKE, age=-1)
    assert Job.restart_times.fget(failed) == 0
    assert Job.restart_times.fget(job(tmp_path, "")) == 2
    assert GroupJob.restart_times.fget(SimpleNamespace(jobs=[failed], is_group=lambda: True)) == 0
