"""Starting is quick: what is not needed is not imported. Times are of CPU, so that other work does not count."""

import subprocess
import sys
from collections.abc import Callable
from os import times

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import genenet
from genenet.cli import entry
from genenet.config import Permutation
from genenet.files.intermediate import write_bins, write_block, write_expression, write_null

HEAVY = {"anndata", "h5py", "networkx", "numba", "pandas", "pyarrow", "rich", "scipy", "sklearn", "snakemake", "zarr"}


def cpu_seconds(*arguments: str) -> float:
    before = times()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def least(measure: Callable[[], float], enough: float) -> float:
    """Least of some measurements, no more than it takes."""
    found = measure()
    for _ in range(9):
        if found < enough:
            break
        found = min(found, measure())
    return found


def imported(statement: str) -> set[str]:
    command = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout.split()
    )


@pytest.mark.parametrize(
    ("arguments", "multiple"),
    [
        (["-c", "import genenet"], 0.5),
        (["-m", "genenet", "--help"], 3),
        (["-m", "genenet", "--version"], 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_start__is_quick(arguments, multiple):
    """In CPU time, a multiple of importing what writes the help: processors differ."""
    help_of_typer = ["-c", "import typer.rich_utils"]
    assert least(lambda: cpu_seconds(*arguments) / cpu_seconds(*help_of_typer), multiple) < multiple


def test_import__needs_nothing_heavy():
    assert not imported("import genenet") & {*HEAVY, "numpy", "pydantic", "typer"}
    assert not imported("import genenet.cli") & (HEAVY | {"numpy"})


@pytest.mark.parametrize("name", ["genenet.workflow.plan", "genenet.workflow"])
def test_import__what_snakemake_reads_is_light(name):
    """Every job reads the rules again."""
    assert not imported(f"import {name}") & (HEAVY | {"numpy", "typer"})


@pytest.mark.parametrize("name", ["permutation", "information", "significance"])
def test_import__steps_between_bins_and_edges_need_no_anndata(name):
    assert not imported(f"import genenet.files.intermediate, genenet.steps.{name}") & {"anndata", "networkx", "zarr"}


def test_import__only_drawing_needs_compiled_code_in_exports():
    assert not imported("import genenet.writers, genenet.report.summary") & {"numba", "sklearn"}


ALWAYS = {"bokeh", "matplotlib", "rich", "scipy.stats", "snakemake"}
"""Modules that no step may import."""
NO_GRAPH = {"anndata", "zarr", "networkx", "igraph", "sklearn", "scipy.linalg"}
STEPS: dict[str, tuple[list[str], set[str]]] = {
    "prepare": (["--matrix=m.tsv"], {*NO_GRAPH, "numba", "scipy.sparse"}),
    "discretise": (["--expression=e.h5ad"], {*NO_GRAPH, "pandas", "pyarrow", "scipy"}),
    "permutation": (["--bins=b.h5ad"], {*NO_GRAPH, "pandas", "pyarrow", "scipy.special"}),
    "information": (["--bins=b.h5ad", "--null=n.npz"], {*NO_GRAPH, "pandas", "scipy.special"}),
    "significance": (
        ["--mi=i.parquet", "--bins=b.h5ad", "--null=n.npz"],
        {*NO_GRAPH, "pandas", "pyarrow.compute"},
    ),
    "prune": (["--edges=s.parquet", "--expression=e.h5ad"], {*NO_GRAPH, "scipy.special"}),
    "network": (["--edges=p.parquet", "--expression=e.h5ad"], {"anndata", "zarr", "numba", "sklearn"}),
    "export": (
        ["--edges=p.parquet", "--expression=e.h5ad"],
        {"anndata", "zarr", "sklearn"},
    ),
}
OUTPUTS = ("e.h5ad", "b.h5ad", "n.npz", "i.parquet", "s.parquet", "p.parquet", "g.graphml", "export")
# Prints all modules that a command has imported.
COMMAND = """
import sys
from genenet.cli import main
try:
    main()
finally:
    print(*sys.modules)
"""


def test_import__each_step_imports_only_what_it_needs(tmp_path):
    table = np.random.default_rng(0).normal(size=(12, 40))
    pd.DataFrame(table, [f"G{i}" for i in range(12)], [f"S{i}" for i in range(40)]).to_csv(tmp_path / "m.tsv", sep="\t")
    found = {}
    for (step, (inputs, not_needed)), output in zip(STEPS.items(), OUTPUTS, strict=True):
        command = [sys.executable, "-c", COMMAND, step, *inputs, f"--output={output}"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)  # compiles, if nothing has before
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        found[step] = (not_needed | ALWAYS) & set(run.stdout.splitlines()[-1].split())
    assert found == {step: set() for step in STEPS}


def test_application__has_a_module_for_each_command():
    for module, commands in entry.COMMANDS.items():
        for command in commands:
            names = [added.name or added.callback.__name__ for added in entry.application(command).registered_commands]
            assert names == list(commands), module


YARDSTICK = "import numba, h5py, scipy.special, pydantic, typer, yaml"
"""What no step that computes can do without: its CPU time tells how fast the machine is, and what else it does."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "inputs", "most"),
    [
        ("discretise", ["--expression=e.h5ad"], 2.5),
        ("permutation", ["--bins=b.h5ad", "--n-draws=1000"], 2.5),
        ("information", ["--bins=b.h5ad", "--null=n.npz"], 2.5),
        ("significance", ["--mi=i.parquet", "--bins=b.h5ad", "--null=n.npz"], 2.5),
    ],
)
def test_start__a_second_process_computes_soon(tmp_path, monkeypatch, step, inputs, most):
    """All kernels of the step are loaded from the cache and run: in CPU time, a multiple of importing the libraries."""
    data = AnnData(np.random.default_rng(0).normal(size=(30, 20)))
    prepared = genenet.prepare(data)
    bins = genenet.discretise(prepared)
    null = genenet.permutation_null(bins, Permutation(n_draws=1000))
    write_expression(prepared, tmp_path / "e.h5ad")
    write_bins(bins, tmp_path / "b.h5ad")
    write_null(null, tmp_path / "n.npz")
    write_block(genenet.information(bins, null), tmp_path / "i.parquet")
    command = ["-m", "genenet", step, *inputs, "--output=out", "--threads=1"]
    monkeypatch.chdir(tmp_path)
    cpu_seconds(*command)  # compiles, if nothing has before
    found, yardstick = cpu_seconds(*command), cpu_seconds("-c", YARDSTICK)
    # Both are measured in turns, since what else the machine does changes.
    for _ in range(9):
        if found < most * yardstick:
            break
        found, yardstick = min(found, cpu_seconds(*command)), min(yardstick, cpu_seconds("-c", YARDSTICK))
    assert found < most * yardstick


@pytest.mark.slow
@pytest.mark.parametrize(("options", "seconds"), [(["--no-report"], 4.5), ([], 8.0)], ids=["no page", "with the page"])
def test_start__infer_on_a_small_matrix(tmp_path, options, seconds):
    from tests.benchmarks.matrices import expression, write_table

    matrix = write_table(expression(100, 100, 0.3), tmp_path / "m.tsv.gz")
    command = ["-m", "genenet", "infer", str(matrix), "-o", str(tmp_path / "out"), "--threads", "1", *options]
    cpu_seconds(*command)  # compiles, if nothing has before
    assert least(lambda: cpu_seconds(*command), seconds) < seconds
