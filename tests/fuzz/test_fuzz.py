"""Damaged files by the thousand; a hundred of them in the test suite.

Each is read by a child process: one that crashes, or computes for more than `CPU_SECONDS`, is an outcome of its own.
For more of them, and other ones: `python -m tests.fuzz.test_fuzz 2000 7` (how many, and the first seed).
"""

import os
import pickle
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genenet.errors import GenenetError
from tests.fuzz.damage import damaged
from tests.fuzz.originals import Reader, check_matrix, in_folders, matrices, of_a_run, other_inputs

CPU_SECONDS = 15
MEMORY = 3 << 30
N_IN_SUITE = 100

Case = tuple[str, Path, Path, Reader]  # name, file to damage, what is read (the file, or its folder), how


def cases(folder: Path) -> list[Case]:
    """List all files to damage."""
    found: list[Case] = [(name, path, path, check_matrix) for name, path in matrices(folder).items()]
    for name, paths in in_folders(folder).items():
        found += [(f"{name}/{path.name}", path, folder / name, check_matrix) for path in paths]
    for name, (path, reader) in (other_inputs(folder) | of_a_run(folder)).items():
        found.append((name, path, path, reader))
    return found


def outcome(read: Callable[[], None]) -> tuple[str, str]:
    """Read in a child process: a kind of outcome, and its words."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        found = _in_child(read)
        os.write(writing, pickle.dumps(found)[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed", f"signal {os.WTERMSIG(status)}"
    kind, words = pickle.loads(content)
    return str(kind), str(words)


def _in_child(read: Callable[[], None]) -> tuple[str, str]:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        read()
    except GenenetError as error:
        words = str(error)
        return ("refused" if words and len(words) < 2_000 and "\n" not in words else "bad message"), words[:3_000]
    except MemoryError as error:
        return "memory", str(error)
    except BaseException:
        return "bug", traceback.format_exc()[-3_000:]
    return "read", ""


def fuzz(folder: Path, seeds: range) -> list[tuple[int, str, str, str]]:
    """Damage a file for each seed, and read it; gives seed, name, kind of outcome and its words."""
    all_cases, found = cases(folder), []
    for seed in seeds:
        random = np.random.default_rng(seed)
        name, path, given, read = all_cases[int(random.integers(len(all_cases)))]
        original = path.read_bytes()
        path.write_bytes(damaged(original, random))
        kind, words = outcome(lambda read=read, given=given: read(given))  # type: ignore[misc]
        found.append((seed, name, kind, words))
        path.write_bytes(original)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork and /proc")
def test_fuzz__every_damaged_file_is_read_or_refused_in_one_line(tmp_path):
    found = fuzz(tmp_path, range(N_IN_SUITE))
    wrong = [(seed, name, kind, words) for seed, name, kind, words in found if kind not in ("read", "refused")]
    assert wrong == []
    kinds = Counter(kind for _, _, kind, _ in found)
    assert kinds["read"] > 5
    assert kinds["refused"] > 30


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork and /proc")
def test_fuzz__undamaged_files_are_read(tmp_path):
    for name, _, given, read in cases(tmp_path):
        assert outcome(lambda read=read, given=given: read(given)) == ("read", ""), name


def main() -> None:
    n, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    folder, start = Path(tempfile.mkdtemp()), time.monotonic()
    try:
        found = fuzz(folder, range(first, first + n))
    finally:
        shutil.rmtree(folder)
    for seed, name, kind, words in found:
        if kind not in ("read", "refused"):
            print(f"seed {seed}, {name}: {kind}\n{words}\n")
    print(f"{n:,} files in {time.monotonic() - start:.0f} s: {dict(Counter(kind for _, _, kind, _ in found))}")


if __name__ == "__main__":
    main()
