"""The kernels that are compiled beside the first run are those that it needs."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

from genenet.kernels import first_run

# Prints the kernels that Python calls, and then those that kernels call which were not in the folder of compiled code.
RUN = """
import json, sys
from numba.core.dispatcher import Dispatcher
from genenet.cli import main

compiles, depth, called, inner = Dispatcher.compile, [], [], []

def compile(self, types):
    if self.py_func.__module__.startswith("genenet.kernels"):
        (inner if depth else called).append([self.py_func.__module__, self.py_func.__name__, str(tuple(types))])
    depth.append(self)
    try:
        return compiles(self, types)
    finally:
        depth.pop()

Dispatcher.compile = compile
try:
    main(sys.argv[1:])
finally:
    print(json.dumps([called, inner]))
"""


def test_kernels__are_those_of_a_run_with_default_settings(tmp_path):
    subprocess.run([sys.executable, "-m", "genenet", "simulate", "-o", tmp_path], check=True)
    command = [sys.executable, "-c", RUN, "infer", tmp_path / "expression.tsv.gz", "--threads", "1", "--no-report"]
    command += ["--regulators", tmp_path / "regulators.txt", "--formats", "anomalies", "-o", tmp_path / "out"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    called, inner = ({tuple(kernel) for kernel in some} for some in json.loads(printed.splitlines()[-1]))
    signatures = [first_run.signature(*kernel) for kernel in first_run.kernels()]
    listed = {(kernel.py_func.__module__, kernel.py_func.__name__, str(types)) for kernel, types in signatures}
    assert called - listed == set(), "add these to genenet.kernels.first_run"
    assert listed - called - inner == set(), "take these out of genenet.kernels.first_run"


def test_compile_all__is_done_once(monkeypatch, tmp_path):
    from genenet.cli import compiling

    index = tmp_path / "kernels_0" / "weights.margins-1.py311.nbi"
    index.parent.mkdir()
    index.touch()
    os.utime(index, (0, 0))  # as if the sources were newer
    file = SimpleNamespace(_index_path=str(index))
    kernel = SimpleNamespace(compile=lambda types: None, _cache=SimpleNamespace(_cache_file=file))
    monkeypatch.setattr(first_run, "kernels", lambda: [(kernel, ())])
    monkeypatch.setattr(compiling, "KERNELS", ("margins",))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiling._is_first_run()
    first_run.compile_all()
    assert not compiling._is_first_run()
