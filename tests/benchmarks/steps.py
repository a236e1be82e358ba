"""Time, memory and disk of each step as a process of its own, as the workflow runs it; and `genenet infer`."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.matrices import expression, write_table

COMMAND = [sys.executable, "-m", "genenet"]


@dataclass(frozen=True)
class Measured:
    """One process."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


def measure(command: list[str], log: Path) -> Measured:
    """Run a command to its end."""
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text()}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def size_mb(path: Path) -> float:
    """Size of a file, or of all files in a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files) / 1e6


def commands(
    matrix: Path, folder: Path, options: dict[str, list[str]], threads: int
) -> dict[str, tuple[list[str], Path]]:
    """Command and output of each step."""
    files = {
        "prepare": "expression.h5ad", "discretise": "bins.h5ad", "permutation": "null.npz",
        "information": "mi/0.parquet", "significance": "edges.parquet", "prune": "pruned.parquet",
        "network": "network.graphml", "export": "export",
    }  # fmt: skip
    paths = {step: folder / name for step, name in files.items()}
    given = {
        "prepare": ["--matrix", matrix],
        "discretise": ["--expression", paths["prepare"], "--threads", threads],
        "permutation": ["--bins", paths["discretise"], "--threads", threads],
        "information": ["--bins", paths["discretise"], "--null", paths["permutation"], "--threads", threads],
        "significance": [
            "--mi", paths["information"], "--bins", paths["discretise"], "--null", paths["permutation"],
        ],
        "prune": ["--edges", paths["significance"], "--expression", paths["prepare"], "--threads", threads],
        "network": ["--edges", paths["prune"], "--expression", paths["prepare"]],
        "export": ["--edges", paths["prune"], "--expression", paths["prepare"]],
    }  # fmt: skip
    return {
        step: (
            [*COMMAND, step, *map(str, given[step]), *options.get(step, []), "--output", str(paths[step])],
            paths[step],
        )
        for step in files
    }


def measure_steps(
    n_genes: int, n_samples: int, relatedness: float, folder: Path, *, threads: int, options: dict[str, list[str]]
) -> dict[str, Any]:
    """Run all steps on one matrix: numbers of each step, and what was found."""
    folder.mkdir(parents=True, exist_ok=True)
    matrix = write_table(expression(n_genes, n_samples, relatedness), folder / "matrix.tsv.gz")
    numbers: dict[str, Any] = {}
    for step, (command, output) in commands(matrix, folder, options, threads).items():
        found = measure(command, folder / f"{step}.log")
        numbers[step] = {
            "seconds": found.seconds, "cpu_seconds": found.cpu_seconds, "memory_mb": found.memory_mb,
            "disk_mb": size_mb(output),
        }  # fmt: skip
    return {
        "n_genes": n_genes, "n_samples": n_samples, "relatedness": relatedness, "threads": threads, "options": options,
        "matrix_mb": size_mb(matrix), "steps": numbers, **_found(folder),
    }  # fmt: skip


def _found(folder: Path) -> dict[str, Any]:
    from genenet.files.edges import read_statistics

    significance = read_statistics(folder / "edges.parquet", step="significance")
    kept = read_statistics(folder / "pruned.parquet", step="prune")["n_kept"]
    return {"share_significant": significance["share_significant"], "n_kept": kept, "n_draws": significance["n_draws"]}


def measure_infer(matrix: Path, folder: Path, *options: str, threads: int) -> dict[str, Any]:
    """`genenet infer` on a file: time and memory of the process, and its summary."""
    found = measure(
        [*COMMAND, "infer", str(matrix), "-o", str(folder), "--threads", str(threads), *options],
        folder.with_suffix(".log"),
    )
    summary = json.loads((folder / "summary.json").read_text())
    return {
        "seconds": found.seconds, "cpu_seconds": found.cpu_seconds, "memory_mb": found.memory_mb,
        "steps": summary["seconds"], "n_kept": summary["prune"]["n_kept"],
        "share_significant": summary["significance"]["share_significant"],
    }  # fmt: skip
