"""Benchmarks of genenet: prints tables, writes JSON.

    python tests/benchmarks/run.py [--quick] [--json FILE] [SECTION ...]

Sections: pass (all pairs), null, dpi, steps (each step as the workflow runs it, beside what `genenet plan` expects),
infer (end to end), start. Times are the least of some runs. On a machine that does other things too, trust ratios
within a row, and CPU time more than wall time, and use --threads 1: threads that wait for each other burn CPU time.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Settings that make a BLAS of another processor than this one's; the comparison is with the best there is.
MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NVPL_BLAS_DEBUG_CPU_TYPE")
LITERATURE = (15_575, 3_137)  # genes and samples of the Arabidopsis compendium of TINGe's authors


def main() -> None:
    """Run what was asked for."""
    sections: dict[str, Callable[[bool, int, Path], Iterable[dict[str, Any]]]] = {
        "pass": passes, "null": nulls, "dpi": dpis, "steps": steps, "infer": infers, "start": starts,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(sections)}; all if none is given"
    )
    parser.add_argument("--quick", action="store_true", help="a few small cases: about a minute")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="file to write (benchmarks.json)")
    given = parser.parse_args()
    unknown = set(given.sections) - set(sections)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(sections)}")
    sys.path.insert(0, str(ROOT))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    os.environ["NUMBA_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(given.threads)
    results: dict[str, Any] = {"machine": machine(given.threads), "quick": given.quick}
    print("  ".join(f"{key}: {value}" for key, value in results["machine"].items()))
    with tempfile.TemporaryDirectory() as folder:
        for name in given.sections or sections:
            print(f"\n== {name}")
            results[name] = list(show(sections[name](given.quick, given.threads, Path(folder))))
            given.json.write_text(json.dumps(results, indent=2) + "\n")


def machine(threads: int) -> dict[str, Any]:
    """Describe the machine that the numbers were measured on."""
    import llvmlite.binding
    import numpy as np
    from threadpoolctl import threadpool_info

    _ = np.ones((2, 2), np.float32) @ np.ones((2, 2), np.float32)
    blas = [
        f"{info['internal_api']} {info.get('architecture', '')}"
        for info in threadpool_info()
        if info["user_api"] == "blas"
    ]
    features = llvmlite.binding.get_host_cpu_features()
    return {
        "processor": llvmlite.binding.get_host_cpu_name(),
        "avx512vnni": bool(features.get("avx512vnni", False)),
        "threads": threads,
        "blas": ", ".join(blas),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def show(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Print rows as they come, with a header where the columns change."""
    columns: list[str] = []
    for row in rows:
        shown = {key: value for key, value in row.items() if not isinstance(value, dict)}
        if list(shown) != columns:
            columns = list(shown)
            print("  ".join(f"{name:>10}" for name in columns))
        cells = (f"{text(value):>{max(10, len(name))}}" for name, value in shown.items())
        print("  ".join(cells), flush=True)
        yield row


def text(value: Any) -> str:
    """Write a number so that its first digits are seen."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def passes(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """All pairs: speed beside the bare product, numpy and scikit-learn; how it grows."""
    kernels = importlib.import_module("tests.benchmarks.kernels")
    samples = (200, 1_000) if quick else (100, 200, 500, 1_000, 3_137)
    bins = (6,) if quick else (5, 6, 8, 10)
    genes = (500, 2_000) if quick else (500, 2_000, 8_000)
    cases = [(g, n, b, soft) for soft in (True, False) for b in bins for n in samples for g in genes]
    if not quick:
        cases += [(*LITERATURE, 6, True), (*LITERATURE, 8, False)]
    rows = []
    for n_genes, n_samples, n_bins, soft in cases:
        rows.append(kernels.pair_pass(n_genes, n_samples, n_bins, soft=soft))
        yield rows[-1]
    yield {"sklearn": "mutual_info_score", **kernels.sklearn_loop(1_000, 8)}
    yield from kernels.growth(rows, "n_genes")
    yield from kernels.growth(rows, "n_samples")


def nulls(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """Draws of the null."""
    kernels = importlib.import_module("tests.benchmarks.kernels")
    for soft in (True, False):
        yield kernels.null_draws(1_000, 200_000 if quick else 1_000_000, soft=soft)


def dpis(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """DPI; with most pairs significant only where there is the memory."""
    kernels = importlib.import_module("tests.benchmarks.kernels")
    yield kernels.dpi(4_000, 1_000_000)
    if not quick:
        yield kernels.dpi(20_000, 2_000_000)
        if os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 12e9:
            yield kernels.dpi(20_000, 100_000_000)


def steps(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """Each step as a process, beside what the cost model expects of it."""
    from genenet.workflow.plan import Problem, costs
    from tests.benchmarks.steps import measure_steps

    hard = {"discretise": ["--discretise-method", "equal_frequency", "--n-bins", "8"]}
    cases = [(100, 100, 0.0, {}), (2_000, 200, 0.3, {})]
    if not quick:
        cases += [(4_000, 200, 0.3, {}), (2_000, 1_000, 0.3, {}), (4_000, 1_000, 0.1, {}), (8_000, 300, 0.15, {})]
        cases += [(8_000, 300, 0.5, {}), (4_000, 1_000, 0.3, hard)]
    for number, (n_genes, n_samples, relatedness, options) in enumerate(cases):
        found = measure_steps(n_genes, n_samples, relatedness, folder / str(number), threads=threads, options=options)
        problem = Problem(
            n_genes, n_samples, share=found["share_significant"], n_bins=8 if options else 6, soft=not options
        )
        expected = costs(problem, threads=threads)
        for step, numbers in found["steps"].items():
            yield {
                "step": step, "n_genes": n_genes, "n_samples": n_samples, "share": found["share_significant"],
                "n_kept": found["n_kept"], **numbers, "expected_seconds": expected[step].seconds,
                "expected_memory_mb": expected[step].memory_mb, "expected_disk_mb": expected[step].disk_mb,
            }  # fmt: skip


def infers(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """End to end, from a packed table to all files."""
    from tests.benchmarks.matrices import expression, write_table
    from tests.benchmarks.steps import measure_infer

    cases: list[tuple[int, int, float]] = [(100, 100, 0.3), (100, 100, 0.3), (2_000, 200, 0.3)]
    if not quick:
        cases += [(8_000, 300, 0.3), (20_000, 1_000, 0.1), (20_000, 1_000, 0.3)]
    matrices = []
    for number, (n_genes, n_samples, relatedness) in enumerate(cases):
        path = write_table(expression(n_genes, n_samples, relatedness), folder / f"infer{number}.tsv.gz")
        matrices.append((f"{n_genes} x {n_samples}" + (" first run" if number == 0 else ""), path))
    shared = Path(os.environ.get("GENENET_TEST_DATA", ROOT.parent / "shared" / "data"))
    real = shared / "real_U133A_merged240" / "expression.tsv.gz"
    if not quick and real.exists():
        matrices.append(("U133A 22,283 x 240", real))
    for number, (name, path) in enumerate(matrices):
        yield {"matrix": name, **measure_infer(path, folder / f"out{number}", threads=threads)}


def starts(quick: bool, threads: int, folder: Path) -> Iterable[dict[str, Any]]:
    """Starting processes, compiled code cached."""
    ready = (
        "import numpy as np; from anndata import AnnData; from genenet.steps.discretise import discretise;"
        "from genenet.steps.permutation import permutation_null; from genenet.steps.information import information;"
        "from genenet.config import Permutation;"
        "bins = discretise(AnnData(np.random.default_rng(0).normal(size=(30, 20))));"
        "information(bins, permutation_null(bins, Permutation(n_draws=1000)))"
    )
    commands = {
        "python": ["-c", "pass"],
        "import genenet": ["-c", "import genenet"],
        "genenet --help": ["-m", "genenet", "--help"],
        "all kernels of the pass ready and run": ["-c", ready],
    }
    for name, command in commands.items():
        wall, cpu = [], []
        for _ in range(4):
            start, before = time.perf_counter(), os.times()
            subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
            after = os.times()
            wall.append(time.perf_counter() - start)
            cpu.append(sum(after[2:4]) - sum(before[2:4]))
        yield {"process": name, "seconds": min(wall), "cpu_seconds": min(cpu)}


if __name__ == "__main__":
    if any(name in os.environ for name in MISLEADING):
        # OpenBLAS reads them when it is loaded: begin again without.
        clean = {key: value for key, value in os.environ.items() if key not in MISLEADING}
        os.execve(sys.executable, [sys.executable, *sys.argv], clean)
    main()
