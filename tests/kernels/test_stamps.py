"""Compiled code in the cache, after a source of the kernels has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genenet
from genenet.kernels.stamps import stamp_of_sources

CALLEE = """
from genenet.kernels.jit import inner

@inner()
def step(x):
    return x + 1
"""
CALLER = """
from genenet.kernels.callee import step
from genenet.kernels.jit import compiled

@compiled()
def twice(x):
    return step(step(x))

def call():
    found = twice(1)
    return found, sum(twice.stats.cache_hits.values())
"""


@pytest.fixture
def copied(tmp_path):
    """A copy of the package, without compiled code, with a kernel that calls a function of another file."""
    package = tmp_path / "genenet"
    shutil.copytree(Path(genenet.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "kernels" / "callee.py").write_text(CALLEE)
    (package / "kernels" / "caller.py").write_text(CALLER)
    return package


def test_stamps__a_kernel_is_compiled_anew_if_another_file_has_changed(copied):
    assert call(copied) == "(3, 0)"
    assert call(copied) == "(3, 1)"
    changed = copied / "kernels" / "callee.py"
    changed.write_text(CALLEE.replace("x + 1", "x + 10"))
    # Some installers keep the times at which the files of a package were made.
    os.utime(changed, (0, 0))
    assert call(copied) == "(21, 0)"
    assert call(copied) == "(21, 1)"


def test_stamps__say_names_and_contents(tmp_path):
    stamps = [stamp_of_sources(folder(tmp_path / str(n), files)) for n, files in enumerate(FOLDERS)]
    assert stamps[0] == stamps[1]
    assert len({*stamps}) == len(stamps) - 1


FOLDERS = [
    {"a.py": "1", "b.py": "2"},
    {"a.py": "1", "b.py": "2", "notes.txt": "3"},
    {"a.py": "12", "b.py": ""},
    {"a.py": "1", "c.py": "2"},
    {"a.py": "2", "b.py": "1"},
]


def folder(path, files):
    path.mkdir()
    for name, content in files.items():
        (path / name).write_text(content)
    return path


def call(package):
    command = [sys.executable, "-B", "-c", "from genenet.kernels.caller import call; print(call())"]
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    environment["PYTHONPATH"] = str(package.parent)
    run = subprocess.run(command, cwd=package.parent, env=environment, capture_output=True, text=True, check=True)
    return run.stdout.strip()
