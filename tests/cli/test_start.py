"""Starting is quick: what is not needed is not imported. Times are of CPU, so that other work does not count."""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import numpy as np
import pandas as pd
import pytest

from genenet.cli import entry

HEAVY = {"anndata", "h5py", "networkx", "numba", "pandas", "pyarrow", "rich", "scipy", "sklearn", "snakemake", "zarr"}


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps the bytecode of modules, as it does for users; without, each process would compile all of genenet."""


def cpu_seconds(*arguments: str, folder: Path | None = None) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, cwd=folder, env=ENVIRONMENT, capture_output=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def multiple_of(yardstick: str, *arguments: str, enough: float, folder: Path | None = None) -> float:
    """CPU time of a process as a multiple of that of some imports, which tells how fast the machine is at the moment.

    Both are measured in turns, up to ten times, and the least of each is taken, until the multiple is small enough.
    """
    found, unit = np.inf, np.inf
    for _ in range(10):
        found = min(found, cpu_seconds(*arguments, folder=folder))
        unit = min(unit, cpu_seconds("-c", yardstick))
        if found < enough * unit:
            break
    return found / unit


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
    assert multiple_of("import typer.rich_utils", *arguments, enough=multiple) < multiple


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
    assert not imported("import genenet.writers, genenet.report.summary, genenet.report.summary_text") & {
        "numba",
        "sklearn",
    }


ALWAYS = {"bokeh", "matplotlib", "rich", "scipy.stats", "snakemake"}
"""Modules that no step may import."""
NO_GRAPH = {"anndata", "zarr", "networkx", "igraph", "sklearn", "scipy.linalg"}
COMMON = "pydantic, typer, yaml, h5py"
"""Libraries that every step needs; `STEPS` has those that one needs beside them."""
STEPS: dict[str, tuple[list[str], set[str], str, float]] = {
    "prepare": (["--matrix=m.tsv"], {*NO_GRAPH, "numba", "scipy.sparse"}, "pandas, pyarrow.csv", 1.6),
    "discretise": (
        ["--expression=e.h5ad"],
        {*NO_GRAPH, "pandas", "pyarrow", "scipy.special", "scipy.sparse"},
        "numba",
        1.9,
    ),
    "permutation": (["--bins=b.h5ad"], {*NO_GRAPH, "pandas", "pyarrow", "scipy.special"}, "numba", 2.0),
    "information": (
        ["--bins=b.h5ad", "--null=n.npz"],
        {*NO_GRAPH, "pandas", "scipy.special"},
        "numba, pyarrow.parquet",
        2.0,
    ),
    "significance": (
        ["--mi=i.parquet", "--bins=b.h5ad", "--null=n.npz"],
        {*NO_GRAPH, "pandas", "pyarrow.compute"},
        "numba, pyarrow.parquet, scipy.special",
        1.9,
    ),
    "prune": (
        ["--edges=s.parquet", "--expression=e.h5ad"],
        {*NO_GRAPH, "scipy.special"},
        "numba, pandas, pyarrow.parquet",
        1.6,
    ),
    "network": (
        ["--edges=p.parquet", "--expression=e.h5ad"],
        {"anndata", "zarr", "numba", "sklearn"},
        "networkx, pandas, pyarrow.parquet",
        1.5,
    ),
    "export": (
        ["--edges=p.parquet", "--expression=e.h5ad"],
        {"anndata", "zarr", "sklearn"},
        "networkx, pandas, pyarrow.parquet, scipy.sparse",
        1.4,
    ),
}
"""Of each step: its inputs; modules that it may not import; libraries that it needs; and the CPU time of its process at
most, as a multiple of importing these. That is 1.3 times the multiple that was measured, and more."""
OUTPUTS = dict(
    zip(STEPS, ("e.h5ad", "b.h5ad", "n.npz", "i.parquet", "s.parquet", "p.parquet", "g.graphml", "export"), strict=True)
)
# Prints all modules that a command has imported.
COMMAND = """
import sys
from genenet.cli import main
try:
    main()
finally:
    print(*sys.modules)
"""


def command_of(step: str) -> list[str]:
    draws = ["--n-draws=1000"] if step == "permutation" else []
    return [step, *STEPS[step][0], *draws, f"--output={OUTPUTS[step]}"]


@pytest.fixture(scope="module")
def run_of_steps(tmp_path_factory):
    """A folder with the files of all steps of a small matrix; what they compute with is compiled then."""
    folder = tmp_path_factory.mktemp("steps")
    table = np.random.default_rng(0).normal(size=(12, 40))
    pd.DataFrame(table, [f"G{i}" for i in range(12)], [f"S{i}" for i in range(40)]).to_csv(folder / "m.tsv", sep="\t")
    for step in STEPS:
        cpu_seconds("-m", "genenet", *command_of(step), folder=folder)
    return folder


def test_import__each_step_imports_only_what_it_needs(run_of_steps):
    found = {}
    for step, (_, not_needed, *_) in STEPS.items():
        command = [sys.executable, "-c", COMMAND, *command_of(step)]
        run = subprocess.run(command, cwd=run_of_steps, capture_output=True, text=True, check=True)
        found[step] = (not_needed | ALWAYS) & set(run.stdout.splitlines()[-1].split())
    assert found == {step: set() for step in STEPS}


def test_application__has_a_module_for_each_command():
    for module, commands in entry.COMMANDS.items():
        for command in commands:
            names = [added.name or added.callback.__name__ for added in entry.application(command).registered_commands]
            assert names == list(commands), module


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_start__a_second_process_computes_soon(run_of_steps, step):
    """All kernels of the step are loaded from the cache and run, and its files are written."""
    *_, libraries, most = STEPS[step]
    yardstick = f"import {COMMON}, {libraries}"
    assert multiple_of(yardstick, "-m", "genenet", *command_of(step), enough=most, folder=run_of_steps) < most


OF_INFER = f"{COMMON}, numba, pandas, pyarrow.parquet, scipy.special, networkx"
OF_THE_PAGE = "bokeh.plotting, bokeh.embed, matplotlib.figure, matplotlib.backends.backend_svg"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "libraries", "most"),
    [(["--no-report"], OF_INFER, 2.5), ([], f"{OF_INFER}, {OF_THE_PAGE}", 2.0)],
    ids=["no page", "with the page"],
)
def test_start__infer_on_a_small_matrix(tmp_path, options, libraries, most):
    """In CPU time, a multiple of importing the libraries."""
    from tests.benchmarks.matrices import expression, write_table

    write_table(expression(100, 100, 0.3), tmp_path / "m.tsv.gz")
    command = ["-m", "genenet", "infer", "m.tsv.gz", "-o", "out", "--threads", "1", *options]
    cpu_seconds(*command, folder=tmp_path)  # compiles, if nothing has before
    assert multiple_of(f"import {libraries}", *command, enough=most, folder=tmp_path) < most
