"""genenet beside programs that can be installed from registries: CPU seconds on the same matrices, on one thread.

    python -m tests.benchmarks.peers [--genes N ...] [--samples N] [--rounds N] [--most SECONDS] [METHOD ...]

Prints a Markdown table. Each method runs in a process of its own, in turn, in several rounds; the CPU time of the
computation is measured inside the process, without imports and compilation, and the least of the rounds is taken. That
of `genenet infer` is of the whole command, from a gzipped table to the files of the run. A program that is not
installed is skipped, with a line that says how to install it. A method that took more than `--most` seconds, or would
by its time on the matrix before, is not run on larger matrices.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
N_TARGETS = 5
"""scikit-learn takes one target at a time, and long: it is measured on so many genes."""
N_REGULATORS = 20
PARMIGENE = """
suppressMessages(library(parmigene))
data <- as.matrix(read.delim(gzfile(commandArgs(TRUE)[1]), row.names = 1))
before <- proc.time()
found <- knnmi.all(data, k = 3)
after <- proc.time() - before
cat(after[["user.self"]] + after[["sys.self"]], "\\n")
"""


@dataclass(frozen=True)
class Method:
    """A way to compare all pairs of genes.

    Attributes
    ----------
    kind
        What it computes; its ratio is to genenet's method of this kind, the first in the list.
    program, description
        Program, and the call.
    needs
        Python package or R package that must be there; empty for genenet's own.
    install
        Command that installs it.
    """

    kind: str
    program: str
    description: str
    needs: str = ""
    install: str = ""


METHODS = {
    "plugin": Method("plug-in MI, 6 bins", "genenet", "equal_frequency bins, MI of all pairs"),
    "mimiq": Method("plug-in MI, 6 bins", "mimiq", "mi_ml of the same bins", "mimiq", "pip install mimiq"),
    "soft": Method("plug-in MI, 6 bins", "genenet", "default: soft bins, MI of all pairs"),
    "ksg": Method("MI by 3 nearest neighbours", "genenet", "estimator ksg, MI of all pairs"),
    "parmigene": Method(
        "MI by 3 nearest neighbours", "parmigene", "knnmi.all", "parmigene", "apt-get install r-cran-parmigene"
    ),
    "sklearn": Method(
        "MI by 3 nearest neighbours",
        "scikit-learn",
        f"mutual_info_regression, from {N_TARGETS} genes",
        "sklearn",
        "pip install scikit-learn",
    ),
    "infer": Method(
        f"network of {N_REGULATORS} regulators", "genenet", "infer: the whole command, with null, DPI and files"
    ),
    "grnboost2": Method(
        f"network of {N_REGULATORS} regulators", "scenic-rs", "grnboost2", "scenic_rs", "pip install scenic-rs"
    ),
    "genie3": Method(
        f"network of {N_REGULATORS} regulators", "scenic-rs", "genie3", "scenic_rs", "pip install scenic-rs"
    ),
    "minet": Method("plug-in MI, 6 bins", "minet", "build.mim", "minet", "BiocManager::install('minet') in R"),
}
OF_R = ("parmigene", "minet")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("methods", nargs="*", metavar="METHOD", help=f"of {', '.join(METHODS)}; all if none is given")
    parser.add_argument("--genes", type=int, nargs="+", default=[300, 1_000, 3_000])
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--most", type=float, default=60.0, help="seconds of a method that are waited for (60)")
    parser.add_argument("--work", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        print(WORK[given.work[0]](Path(given.work[1])))
        return
    if unknown := {*given.methods} - {*METHODS}:
        parser.error(f"no method {', '.join(sorted(unknown))}; there are {', '.join(METHODS)}")
    wanted = given.methods or list(METHODS)
    present = [name for name in METHODS if name in wanted and _is_there(name)]
    for name in METHODS:
        if name in wanted and name not in present:
            print(f"{METHODS[name].program} is not installed and was skipped: {METHODS[name].install}")
    found = measure(present, given.genes, given.samples, given.rounds, given.most)
    print("\n".join(table(found, present, given.genes)))


def _is_there(name: str) -> bool:
    needs = METHODS[name].needs
    if name in OF_R:
        command = ["Rscript", "-e", f"quit(status = !requireNamespace('{needs}', quietly = TRUE))"]
        return shutil.which("Rscript") is not None and subprocess.run(command, check=False).returncode == 0
    return not needs or importlib.util.find_spec(needs) is not None


def measure(
    names: list[str], genes: list[int], n_samples: int, rounds: int, most: float
) -> dict[str, dict[int, float]]:
    """CPU seconds of each method on each matrix: method -> genes -> seconds, the least of the rounds."""
    from tests.benchmarks.matrices import expression, write_table

    found: dict[str, dict[int, float]] = {name: {} for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for n_genes in genes:
            matrix = write_table(expression(n_genes, n_samples, 0.3), Path(folder) / f"{n_genes}.tsv.gz")
            (Path(folder) / "regulators.txt").write_text("".join(f"G{k:05d}\n" for k in range(N_REGULATORS)))
            for number in range(rounds):
                for name in names:
                    # Time grows with the number of pairs; that of whole commands is mostly their start. A second round
                    # of what takes long is spared.
                    growth = 1 if name == "infer" else 2
                    longest = max((s * (n_genes / n) ** growth for n, s in found[name].items()), default=0.0)
                    if longest > most or (number and longest > most / 4):
                        continue
                    seconds = run(name, matrix)
                    found[name][n_genes] = min(found[name].get(n_genes, seconds), seconds)
                    print(f"{n_genes:,} genes, {name}: {seconds:.2f} s", file=sys.stderr, flush=True)
    return found


def run(name: str, matrix: Path) -> float:
    """CPU seconds of a method on a matrix, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.peers", "--work", name, str(matrix)]
    if name in OF_R:
        script = matrix.with_name(f"{name}.R")
        script.write_text(PARMIGENE)
        command = ["Rscript", str(script), str(matrix)]
    environment = {**os.environ, **ONE_THREAD}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def table(found: dict[str, dict[int, float]], names: list[str], genes: list[int]) -> list[str]:
    """The measurements as a Markdown table, with the ratio to genenet's first method of the kind."""
    lines = [
        f"| what | program | call | {' | '.join(f'{n:,} genes' for n in genes)} |",
        "|" + "---|" * (3 + len(genes)),
    ]
    first = {METHODS[name].kind: name for name in reversed(names) if not METHODS[name].needs}
    for name in sorted(names, key=lambda name: list(first).index(METHODS[name].kind), reverse=True):
        method, base = METHODS[name], found[first[METHODS[name].kind]]
        cells = [_cell(found[name].get(n), base.get(n), is_base=name == first[method.kind]) for n in genes]
        lines.append(f"| {method.kind} | {method.program} | {method.description} | {' | '.join(cells)} |")
    return lines


def _cell(seconds: float | None, base: float | None, *, is_base: bool) -> str:
    if seconds is None:
        return "-"
    text = f"{seconds:.2g} s" if seconds < 10 else f"{seconds:,.0f} s"
    return text if is_base or not base else f"{text} ({seconds / base:.2g} x)"


# The work of one process: it reads the matrix, computes once on a few genes, and measures.


def _timed(compute: Callable[[Any], Any], values: Any) -> float:
    compute(values[:30])
    before = time.process_time()
    compute(values)
    return time.process_time() - before


def _values(matrix: Path) -> Any:
    import pandas as pd

    return pd.read_csv(matrix, sep="\t", index_col=0).to_numpy(dtype=float)


def _mi(values: Any, **settings: Any) -> Any:
    """MI of all pairs of genes by genenet, from values on."""
    from anndata import AnnData

    from genenet.config import settings_from_keywords
    from genenet.estimators.all_pairs import mutual_information_matrix
    from genenet.steps.discretise import discretise

    chosen = settings_from_keywords(**settings)
    return mutual_information_matrix(discretise(AnnData(values.T), chosen.discretise, chosen.information))


def _plugin(matrix: Path) -> float:
    return _timed(lambda values: _mi(values, discretise_method="equal_frequency", n_bins=6), _values(matrix))


def _soft(matrix: Path) -> float:
    return _timed(_mi, _values(matrix))


def _ksg(matrix: Path) -> float:
    return _timed(lambda values: _mi(values, estimator="ksg", n_neighbours=3), _values(matrix))


def _mimiq(matrix: Path) -> float:
    import mimiq
    import numpy as np
    from scipy.stats import rankdata

    values = _values(matrix)
    codes = (6 * (rankdata(values, axis=1) - 1) // values.shape[1]).astype(np.int32)
    return _timed(lambda codes: mimiq.mi_ml(np.ascontiguousarray(codes.T)), codes)


def _sklearn(matrix: Path) -> float:
    """The time of all pairs, from that of some targets: half of the matrix is the other half."""
    from sklearn.feature_selection import mutual_info_regression

    values = _values(matrix)

    def compute(part: Any) -> None:
        for target in range(N_TARGETS):
            mutual_info_regression(part.T, part[target], n_neighbors=3, random_state=0)

    return _timed(compute, values) * len(values) / 2 / N_TARGETS


def _infer(matrix: Path) -> float:
    def whole() -> float:
        before = os.times()
        command = [sys.executable, "-m", "genenet", "infer", str(matrix), "--no-report"]
        options = ["--regulators", str(matrix.with_name("regulators.txt")), "--output", f"{matrix}.out"]
        subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    whole()  # compiles, if nothing has before
    return whole()


def _scenic(method: str) -> Callable[[Path], float]:
    def measured(matrix: Path) -> float:
        import numpy as np
        import scenic_rs

        def compute(values: Any) -> None:
            names = [f"G{k}" for k in range(len(values))]
            getattr(scenic_rs, method)(np.ascontiguousarray(values.T), names, names[:N_REGULATORS])

        return _timed(compute, _values(matrix))

    return measured


WORK: dict[str, Callable[[Path], float]] = {
    "plugin": _plugin,
    "soft": _soft,
    "mimiq": _mimiq,
    "ksg": _ksg,
    "sklearn": _sklearn,
    "infer": _infer,
    "grnboost2": _scenic("grnboost2"),
    "genie3": _scenic("genie3"),
}


if __name__ == "__main__":
    main()
