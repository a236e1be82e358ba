"""Types of the Python functions, as mypy sees them in a program of a user."""

import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """\
import genenet
from genenet.groups import infer_groups

result = genenet.infer_network("m.tsv", regulators=["TP53"], n_bins="sqrt", coordinate=["rank"], max_edges=None)
infer_groups("m.tsv", "tissue", targets="t.txt", score="clr", progress=False)
genenet.associate(result.expression, "stage", n_permutations=200, estimator="ksg")
name: str = result.name
"""
WRONG = {
    'genenet.infer_network("m.tsv", n_bin=8)': 'Unexpected keyword argument "n_bin" for "infer_network"',
    'genenet.infer_network("m.tsv", score="best")': 'Argument "score" to "infer_network" has incompatible type',
    'genenet.infer_network("m.tsv", alpha="small")': 'Argument "alpha" to "infer_network" has incompatible type "str"',
    'infer_groups("m.tsv", "tissue", tolerence=0.1)': 'Unexpected keyword argument "tolerence" for "infer_groups"',
    'genenet.associate(result.expression, "stage", tolerance=0.1)': 'keyword argument "tolerance" for "associate"',
}


@pytest.mark.slow
def test_types__mypy_knows_the_settings(tmp_path: Path):
    pytest.importorskip("mypy")
    code = RIGHT + "\n".join(WRONG) + "\n"
    (tmp_path / "snippet.py").write_text(code)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--ignore-missing-imports", "snippet.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    messages = [line for line in run.stdout.splitlines() if line.startswith("snippet.py:") and ": error:" in line]
    first = RIGHT.count("\n") + 1
    assert [int(line.split(":")[1]) for line in messages] == list(range(first, first + len(WRONG))), run.stdout
    assert [part in line for part, line in zip(WRONG.values(), messages, strict=True)] == [True] * len(WRONG)
