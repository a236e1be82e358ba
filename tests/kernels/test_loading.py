"""Compiled code that is in the cache, loaded without what numba needs to compile."""

import subprocess
import sys

import pytest

from genenet.kernels.linking import is_known

KERNELS = """
import numpy as np
from genenet.kernels.jit import compiled

@compiled()
def doubled(x):
    y = np.empty(x.shape[0])
    for k in range(x.shape[0]):
        y[k] = 2 * x[k]
    return y

@compiled()
def largest(x):
    return np.sort(doubled(x))[-1]
"""
# Prints what the functions return, how many of them were in the cache, and what compiling imports.
CALLS = """
import sys
import numpy as np
from kernels_here import doubled, largest

def say(*found):
    hits = [sum(function.stats.cache_hits.values()) for function in (doubled, largest)]
    print(*found, hits, *sorted({"numba.np.arraymath", "scipy.linalg"} & {*sys.modules}))

say(doubled(np.ones(2)))
say(largest(np.array([1.0, 3.0, 2.0])))
say(largest(np.array([1, 5, 2])))
"""


@pytest.mark.skipif(not is_known(), reason="numba loads functions in its own way")
def test_loading__code_of_the_cache_needs_no_compiler(tmp_path):
    """What is not there, the last call with other types, is compiled with calls of what was loaded."""
    (tmp_path / "kernels_here.py").write_text(KERNELS)
    of_all = "numba.np.arraymath scipy.linalg"
    assert calls(tmp_path) == [f"[2. 2.] [0, 0] {of_all}", f"6.0 [0, 0] {of_all}", f"10.0 [0, 0] {of_all}"]
    assert calls(tmp_path) == ["[2. 2.] [1, 0]", "6.0 [1, 1]", "10.0 [1, 2]"]
    stored = next((tmp_path / "__pycache__").glob("*largest*.2.nbc"))
    stored.unlink()
    assert calls(tmp_path) == ["[2. 2.] [1, 0]", "6.0 [1, 1]", f"10.0 [2, 1] {of_all}"]


def calls(folder):
    command = [sys.executable, "-c", CALLS]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()
