"""The workflow on a real Slurm: `tests/slurm/start.sh` makes one of this machine."""

import fcntl
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from tests.run_contents import contents

CONFIG = """
datasets:
  a:
    matrix: my data/expression.tsv.gz
    regulators: my data/regulators.txt
information:
  n_blocks: 3
permutation:
  n_draws: 10_000
export:
  formats: [tsv]
fuse: never
"""
ONE_JOB_EACH = """
datasets:
  one: {matrix: my data/expression.tsv.gz, regulators: my data/regulators.txt}
  parts: {matrix: my data/expression.tsv.gz, table: samples.tsv, group_by: group}
permutation:
  n_draws: 10_000
export:
  formats: [tsv]
  report: false
"""
# The plugin's own default looks at jobs after 40 seconds first.
OPTIONS = ["--executor", "slurm", "--max-threads", "2", "--slurm-init-seconds-before-status-checks", "1"]
OPTIONS += ["--slurm-status-command", "squeue", "--slurm-no-account", "--latency-wait", "5"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _alone() -> Iterator[None]:
    """Let one process at a time send jobs: there is one Slurm for all that run the tests."""
    with (Path(tempfile.gettempdir()) / "genenet-tests-slurm.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module", autouse=True)
def _slurm() -> None:
    """Skip where there is no Slurm that takes jobs."""
    if not shutil.which("sinfo"):
        pytest.skip("no Slurm here (start one as root with tests/slurm/start.sh)")
    found = subprocess.run(["sinfo", "--noheader", "--format=%a %t"], capture_output=True, text=True, check=False)
    if not re.search(r"^up (idle|mix|alloc)", found.stdout, re.M):
        pytest.skip(f"Slurm takes no jobs here: {(found.stderr or found.stdout).strip() or 'no node'}")
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="needs the extra: pip install '.[slurm]'")


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "genenet", "run", *options]


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Path:
    """A folder with data and a configuration, run without Slurm."""
    folder = tmp_path_factory.mktemp("a local run")
    simulate = [sys.executable, "-m", "genenet", "simulate", "--output", "my data", "--n-genes", "30"]
    subprocess.run([*simulate, "--n-regulators", "6", "--n-samples", "60"], cwd=folder, check=True)
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(CONFIG)
    subprocess.run(command("--quiet", "all"), cwd=folder, check=True)
    return folder


def jobs(folder: Path) -> dict[str, str]:
    """State of each job that was sent from a folder and is not over, by its number."""
    output = subprocess.run(
        ["squeue", "--me", "--noheader", "--format=%i|%T|%Z"], capture_output=True, text=True, check=True
    )
    rows = [line.split("|") for line in output.stdout.splitlines()]
    return {number: state for number, state, place in rows if Path(place) == folder}


def wait_for(what: Callable[[], object], process: "subprocess.Popen[str]", seconds: float = 180) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    pytest.fail(f"nothing happened for {seconds} seconds")


def running_block(folder: Path, but: Collection[str] = ()) -> Callable[[], str | None]:
    """Number of a block's job that runs, and is not one of these."""

    def find() -> str | None:
        steps = subprocess.run(
            ["squeue", "--me", "--noheader", "--states=RUNNING", "--format=%i|%k|%Z"],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split("|") for line in steps.stdout.splitlines()]
        return next(
            (row[0] for row in rows if "rule_information" in row[1] and Path(row[2]) == folder and row[0] not in but),
            None,
        )

    return find


def test_slurm__killed_and_cancelled_goes_on_and_gives_the_same(local, tmp_path):
    """Snakemake is killed outright while blocks run; in the next run a block is cancelled while it runs."""
    folder = tmp_path / "on a cluster"
    for name in ("my data", "config"):
        shutil.copytree(local / name, folder / name)
    options = {"cwd": folder, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command(*OPTIONS), start_new_session=True, **options) as process:
        wait_for(running_block(folder), process)
        os.killpg(process.pid, signal.SIGKILL)
    left_behind = set(jobs(folder))
    assert left_behind
    assert not (folder / "results/a/edges.parquet").exists()
    done_before = (folder / "results/a/null.npz").stat().st_mtime_ns
    with subprocess.Popen(command(*OPTIONS), **options) as process:
        cancelled = str(wait_for(running_block(folder, left_behind), process))
        subprocess.run(["scancel", cancelled], check=True)
        _, messages = process.communicate(timeout=300)
    assert process.returncode == 0, messages
    assert "The last run here was killed; going on from where it was." in messages
    assert re.search(r"^Cancelled \d Slurm jobs? that it had left behind\.$", messages, re.M), messages
    assert cancelled in messages
    assert "a: information failed and is tried again" in messages
    assert "1 data set in" in messages
    assert (folder / "results/a/null.npz").stat().st_mtime_ns == done_before
    made, expected = contents(folder / "results"), contents(local / "results")
    assert {name: made.get(name) == content for name, content in expected.items()} == dict.fromkeys(expected, True)
    assert set(made) == set(expected)
    assert not jobs(folder)


def test_slurm__data_sets_that_are_one_job(local, tmp_path):
    """With groups and without; when they fail in another run, what they have stays."""
    shutil.copytree(local / "my data", tmp_path / "my data")
    with gzip.open(local / "my data/expression.tsv.gz", "rt") as matrix:
        names = matrix.readline().split()[1:]
    table = "".join(f"{name}\t{'xy'[k % 2]}\n" for k, name in enumerate(names))
    (tmp_path / "samples.tsv").write_text(f"sample\tgroup\n{table}")
    (tmp_path / "mine.yaml").write_text(ONE_JOB_EACH)
    options = ("--configfile", "mine.yaml", *OPTIONS, "--retries", "0")
    done = subprocess.run(command(*options), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"one: all steps in one job", "parts: all steps in one job"} < {*done.stderr.splitlines()}
    before = contents(tmp_path / "results")
    assert {"one/export/edges.tsv", "parts/groups.tsv", "parts/x/manifest.json"} < {*before}
    assert all((tmp_path / "results" / name / ".complete").exists() for name in ("one", "parts"))
    wrong = (*options, "--config", "prepare={min_samples: 1_000}")
    done = subprocess.run(command(*wrong), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for name in ("one", "parts"):
        assert f"results/{name} still has the result of the run before" in done.stderr.splitlines()
        assert not (tmp_path / "results" / name / ".complete").exists()
    assert contents(tmp_path / "results") == before
