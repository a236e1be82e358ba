"""Kernels are compiled beside the first run only, and the process that does it ends with the run."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genenet.cli import compiling

NAMES = tuple(f"module.{name}-1.py311.nbi" for name in compiling.KERNELS)


class StartedError(Exception):
    """In place of a process."""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A folder of compiled code of which nothing is known, with memory and a CPU left."""

    def popen(*arguments, **options):
        raise StartedError

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(compiling, "_has_memory", lambda: True)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv(compiling.VARIABLE, "")
    monkeypatch.delenv(compiling.VARIABLE)
    return tmp_path


def fill(folder: Path, names=NAMES) -> Path:
    kernels = folder / "kernels_0"
    kernels.mkdir(exist_ok=True)
    for name in names:
        (kernels / name).touch()
    return kernels


def test_compile_beside__starts_with_the_first_run(cache):
    with pytest.raises(StartedError):
        compiling.compile_beside(2)


def test_compile_beside__leaves_to_the_run_what_it_has_begun(cache):
    with pytest.raises(StartedError):
        compiling.compile_beside(2)
    compiling.compile_beside(2)  # as a process that the run starts


def test_compile_beside__needs_a_second_cpu(cache):
    compiling.compile_beside(1)


def test_compile_beside__needs_memory(cache, monkeypatch):
    monkeypatch.setattr(compiling, "_has_memory", lambda: False)
    compiling.compile_beside(2)


def test_compile_beside__needs_a_folder_that_can_be_written(cache, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    compiling.compile_beside(2)


def test_compile_beside__not_after_another_run(cache):
    fill(cache)
    compiling.compile_beside(2)


def test_compile_beside__after_a_run_that_was_killed(cache):
    fill(cache, NAMES[1:])
    with pytest.raises(StartedError):
        compiling.compile_beside(2)


def test_compile_beside__after_an_update(cache):
    kernels = fill(cache)
    os.utime(kernels / NAMES[0], (0, 0))
    with pytest.raises(StartedError):
        compiling.compile_beside(2)


@pytest.mark.parametrize("ending", ["sys.exit()", "os.kill(os.getpid(), 9)"], ids=["at its end", "when killed"])
def test_compile_beside__the_process_ends_with_the_run(tmp_path, ending):
    script = (
        "import os, subprocess, sys; from genenet.cli import compiling; compiling._has_memory = lambda: True;"
        "start = subprocess.Popen;"
        "subprocess.Popen = lambda *given, **more: (p := start(*given, **more), print(p.pid, flush=True))[0];"
        f"compiling.compile_beside(2); {ending}"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    environment.pop(compiling.VARIABLE, None)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert ended.stderr == ""
    wait_for_end(int(ended.stdout))


def wait_for_end(process: int) -> None:
    for _ in range(600):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":  # nobody asks for its status any more
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} is still there")
