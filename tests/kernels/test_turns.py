"""Processes that compile into one folder do not compile the same function at the same time, and never wait for ever."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from genenet.kernels import turns

# A process that claims a function, and saves its code when it is told to.
OTHER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from genenet.kernels import turns

file = SimpleNamespace(_cache_path=sys.argv[1], _index_name="function.nbi")
assert turns._load(file, lambda key: None, "types") is None
print("claimed", flush=True)
sys.stdin.readline()
turns._save(file, lambda key, data: Path(sys.argv[1], key).write_text(data), "types", "code")
sys.stdin.readline()
"""


class Folder:
    """A folder of compiled code, as this process sees it, while another process compiles a function for it."""

    def __init__(self, path: Path, process: "subprocess.Popen[str]") -> None:
        self.file = SimpleNamespace(_cache_path=str(path), _index_name="function.nbi")
        self.code = path / "types"
        self.process = process

    def load(self, key: str) -> str | None:
        return turns._load(self.file, lambda key: self.code.read_text() if self.code.exists() else None, key)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "_waited", 0.0)
    command = [sys.executable, "-c", OTHER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "claimed\n"
        yield Folder(tmp_path, process)
        process.kill()


def test_load__waits_for_the_process_that_compiles(folder):
    with ThreadPoolExecutor(1) as pool:
        loaded = pool.submit(folder.load, "types")
        with pytest.raises(TimeoutError):
            loaded.result(timeout=0.3)
        print("save", file=folder.process.stdin, flush=True)
        assert loaded.result(timeout=30) == "code"


def test_load__compiles_what_a_killed_process_has_not(folder):
    folder.process.kill()
    assert folder.load("types") is None
    assert turns._waited < turns.LONGEST_WAIT


def test_load__does_not_wait_for_a_process_that_has_stopped(folder, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.1)
    assert folder.load("types") is None
    assert folder.load("types") is None
    assert 0.1 <= turns._waited < 0.2


def test_load__does_without_a_folder_that_cannot_be_used(tmp_path):
    file = SimpleNamespace(_cache_path=str(tmp_path / "absent"), _index_name="function.nbi")
    assert turns._load(file, lambda key: None, "types") is None
    saved = []
    turns._save(file, lambda key, data: saved.append(data), "types", "code")
    assert saved == ["code"]
