"""CPU time, memory and size of every export format, for a network of a million edges.

`python tests/benchmarks/writers.py [N_EDGES]` prints a table; each format is written by a process of its own, whose
peak memory includes what the network itself takes (the row `the network`). The time is the least of three processes'.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from genenet.config import Network
from genenet.steps.network import network_of
from genenet.writers.content import Content
from genenet.writers.formats import FORMATS

N_GENES, N_SAMPLES, N_REGULATORS = 20_000, 100, 1_500
NOTHING = "the network"
N_PROCESSES = 3


def network(n_edges: int) -> Content:
    """A directed network with all columns that a run has."""
    rng = np.random.default_rng(1)
    pairs = np.unique(
        np.sort(rng.integers(0, N_GENES, (int(n_edges * 1.2), 2)) % [N_REGULATORS, N_GENES], axis=1), axis=0
    )
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[np.sort(rng.permutation(len(pairs))[:n_edges])]
    n = len(pairs)
    names = pd.Index([f"GENE{i:05d}" for i in range(N_GENES)])
    first, second = (pd.Categorical.from_codes(pairs[:, end], categories=names) for end in (0, 1))
    numbers = {name: rng.random(n) for name in ("mi", "nmi", "pvalue", "qvalue", "spearman", "pearson", "clr", "score")}
    edges = pd.DataFrame(
        {"gene_a": first, "gene_b": second, **numbers, "sign": np.where(rng.random(n) < 0.5, -1, 1).astype(np.int8)}
    )
    edges["pvalue_kind"] = pd.Categorical(np.where(numbers["pvalue"] < 0.5, "empirical", "extrapolated"))
    edges = edges.assign(regulator=first, target=second, mutual=pairs[:, 1] < N_REGULATORS, kept=True)
    edges["dpi_via"] = pd.Categorical.from_codes(np.full(n, -1), categories=names)
    edges["dpi_margin"] = np.nan
    var = pd.DataFrame({"mean": rng.random(N_GENES), "regulator": np.arange(N_GENES) < N_REGULATORS}, index=names)
    data = AnnData(rng.random((N_SAMPLES, N_GENES)), var=var, uns={"genenet": {"directed": True}})
    return Content(network_of(edges, data, Network(), name="network"), edges, data)


def measure(name: str, n_edges: int) -> tuple[float, float, float]:
    """CPU time in seconds, peak memory in GB and size of the files in MB."""
    start = time.process_time()
    content = network(n_edges)
    seconds, size = time.process_time() - start, 0
    with tempfile.TemporaryDirectory() as folder:
        if name != NOTHING:
            start = time.process_time()
            paths = FORMATS[name].export(content, Path(folder))
            seconds, size = time.process_time() - start, sum(path.stat().st_size for path in paths)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, size / 1e6


def main() -> None:
    """Print the table, or, called by itself, three numbers."""
    if len(sys.argv) == 3:
        print(*measure(sys.argv[2], int(sys.argv[1])))
        return
    n_edges = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    print(f"| format ({int(n_edges):,} edges) | CPU time | memory | files |\n|---|---|---|---|", flush=True)
    for name in (NOTHING, *(name for name, format in FORMATS.items() if format.needs in ("nothing", "regulators"))):
        command = [sys.executable, __file__, n_edges, name]
        runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(N_PROCESSES)]
        seconds, memory, size = min([float(number) for number in run.stdout.split()] for run in runs)
        print(f"| `{name}` | {seconds:.1f} s | {memory:.1f} GB | {size:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
