"""Are stable edges truer, and do disjoint halves of the samples agree on them?

    python -m tests.benchmarks.stability DATA ["SynTReN 300" ...]

For each set of `tests.benchmarks.gold`: F1 of all edges, of the stable ones, and of as many of the largest score; then
the Jaccard index of the networks of two disjoint halves of the samples, for the same three.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import genenet
from tests.benchmarks.gold import Case, load

N_SPLITS = 50
REPEATS = 3
DEFAULT = ("DREAM4 net1", "DREAM4 net2", "SynTReN 300", "E. coli")


class Networks(NamedTuple):
    """Pairs of genes, bool, shape (n_genes, n_genes)."""

    all_edges: NDArray[np.bool_]
    strongest: NDArray[np.bool_]
    stable: NDArray[np.bool_]


def main() -> None:
    """Print a line for each set."""
    data, names = Path(sys.argv[1]), sys.argv[2:] or DEFAULT
    for name in names:
        case = load(name, data)
        networks, numbers = infer(case, np.arange(case.expression.shape[1]))
        f1 = [case.evaluate_network(part)["f1"] for part in networks]
        n_edges = [case.evaluate_network(part)["edges"] for part in networks]
        print(f"{name}: {n_edges[0]} edges, {n_edges[2]} stable (threshold {numbers['min_stability']:.0%});", end=" ")
        print(f"bound {numbers['bound']['unimodal']:.3g}, permuted {numbers['permuted']['n_stable']};", end=" ")
        print("F1 all {:.3f}, strongest {:.3f}, stable {:.3f};".format(*f1), end=" ", flush=True)
        found = np.mean([agreement(case, seed) for seed in range(REPEATS)], axis=0)
        print("Jaccard all {:.3f}, strongest {:.3f}, stable {:.3f}".format(*found), flush=True)


def infer(case: Case, samples: NDArray[np.int64]) -> tuple[Networks, dict]:
    """Networks of some of the samples, and the numbers of stability."""
    names = [f"g{k}" for k in range(len(case.expression))]
    frame = pd.DataFrame(case.expression[:, samples], index=names, columns=[f"s{k}" for k in samples])
    frame = frame[frame.var(axis=1) > 0]
    regulators = None
    if case.regulators is not None:
        regulators = [name for name, may in zip(names, case.regulators, strict=True) if may and name in frame.index]
    plain = genenet.infer_network(frame, regulators=regulators, seed=1, progress=False)
    result = genenet.infer_network(frame, regulators=regulators, seed=1, stability=N_SPLITS, progress=False)
    stable = result.edges[result.edges["kept"]]
    edges = plain.edges[plain.edges["kept"]]
    tables = (edges, edges.iloc[: len(stable)], stable)
    return Networks(*(matrix(table, len(names)) for table in tables)), result.summary["prune"]["stability"]


def matrix(edges: pd.DataFrame, n_genes: int) -> NDArray[np.bool_]:
    """Edges as a symmetric matrix."""
    a, b = (edges[end].astype(str).str[1:].to_numpy(int) for end in ("gene_a", "gene_b"))
    found = np.zeros((n_genes, n_genes), bool)
    found[a, b] = found[b, a] = True
    return found


def agreement(case: Case, seed: int) -> list[float]:
    """Jaccard index of the networks of two disjoint random halves of the samples."""
    order = np.random.default_rng(seed).permutation(case.expression.shape[1])
    half = len(order) // 2
    one, other = (infer(case, np.sort(part))[0] for part in (order[:half], order[half : 2 * half]))
    return [float((a & b).sum() / max((a | b).sum(), 1)) for a, b in zip(one, other, strict=True)]


if __name__ == "__main__":
    main()
