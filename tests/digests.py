"""Digests of everything that the steps compute, to hold processors, threads and orders against each other.

`python -m tests.digests` prints them as JSON: with another instruction set (NUMBA_CPU_NAME, NPY_DISABLE_CPU_FEATURES)
it must print the same. With numbers of bins it prints those of these alone.
"""

import hashlib
import json
import logging
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from genenet.anomalies import pointwise_information
from genenet.config import Permutation, Prune
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files import edges as edges_file
from genenet.files import intermediate as io
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock
from genenet.scores.dpi import mediators
from genenet.steps.information import information
from genenet.steps.permutation import null_factors, permutation_null
from genenet.steps.prune import prune
from genenet.steps.significance import significance
from tests.matrices import bins, counts, expression, related, within

# One number of bins for each shape of tile of the count kernel, and some that fill several tiles.
N_BINS = (2, 3, 4, 5, 6, 7, 8, 10, 13, 20, 64)


def digest(*parts: object) -> str:
    """Hash of arrays, bytes and what has a repr."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            part = np.ascontiguousarray(part).tobytes()
        found.update(part if isinstance(part, bytes) else repr(part).encode())
    return found.hexdigest()[:16]


def of_block(block: PairBlock) -> str:
    """Digest of a block of pairs."""
    arrays = [getattr(part, name) for part in (block.pairs, block.noise) for name in ("first", "second", "mi")]
    return digest(*arrays, block.sums, block.n_pairs, block.largest_mi, block.largest_noise_mi)


def tables(n_bins: Iterable[int] = N_BINS) -> dict[str, Bins]:
    """Bins of every kind, B-splines of these numbers of bins."""
    values = related(37, 61)
    found = {f"{n} bins": bins(values, n_bins=n, order=min(3, n)) for n in n_bins}
    found["many samples"] = bins(related(18, 1301))
    found["rank"] = bins(values, coordinate=["rank"])
    found["normal score"] = bins(values, coordinate=["rank", "normal_score", "value"])
    found["equal frequency"] = bins(values, method="equal_frequency", n_bins=5)
    found["equal width"] = bins(values, method="equal_width")
    found["counts"] = bins(counts(37, 61))
    found["codes"] = bins(counts(37, 61), method="codes")
    batches = np.random.default_rng(0).permutation(np.repeat(["a", "b", "c"], [9, 21, 31]))
    found["strata"] = within(values, batches)
    found["strata, hard bins"] = within(counts(37, 61, mean=2.0), batches, method="equal_frequency", n_bins=4)
    return found


def of_steps(table: Bins, *, n_blocks: int = 1) -> dict[str, str]:
    """Digests of what comes of bins, step by step."""
    null = permutation_null(table, Permutation(n_draws=4_000), seed=3)
    blocks = [information(table, null, alpha=0.2, block=k, n_blocks=n_blocks, seed=3) for k in range(n_blocks)]
    found = significance(blocks[::-1], table, null)
    edges = pd.DataFrame(
        np.array(table.genes)[np.array(np.triu_indices(table.n_genes, 1)).T], columns=["gene_a", "gene_b"]
    )
    network = mediators(found.pairs.first, found.pairs.second, found.pairs.mi, table.n_genes)
    return {
        "weights": digest(table.weights, table.total),
        "factors": digest(null_factors(table), table.entropies),
        "mi": digest(mutual_information_matrix(table)),
        "null": digest(null.log_tails, null.tail_exponent),
        "edges": digest(*(found.table[name].to_numpy() for name in ("mi", "nmi", "pvalue", "qvalue", "clr"))),
        "pointwise": digest(*(pointwise_information(table, edges, leave_out=flag) for flag in (False, True))),
        "statistics": digest(found.statistics),
        "mediators": digest(network.via, network.margins(np.arange(len(network.via)))),
    }


def of_files() -> dict[str, str]:
    """Digests of the files of the steps, with regulators."""
    data = expression(related(40, 70), regulators=[*range(8), 33])
    from genenet.steps.discretise import discretise

    table = discretise(data)
    null = permutation_null(table, Permutation(n_draws=4_000))
    block = information(table, null)
    edges = significance([block], table, null)
    pruned = prune(edges, data, Prune(tolerance=0.05))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        io.write_expression(data, folder / "expression.h5ad")
        io.write_bins(table, folder / "bins.h5ad")
        io.write_null(null, folder / "null.npz")
        io.write_block(block, folder / "0.parquet")
        edges_file.write_significant(edges, folder / "edges.parquet")
        edges_file.write_edges(pruned.table, pruned.statistics, folder / "pruned.parquet")
        return {file.name: digest(file.read_bytes()) for file in sorted(folder.iterdir())}


def everything(*, n_blocks: int = 1, n_bins: Iterable[int] = N_BINS) -> dict[str, dict[str, str]]:
    """All digests."""
    return {name: of_steps(table, n_blocks=n_blocks) for name, table in tables(n_bins).items()} | {"files": of_files()}


if __name__ == "__main__":
    logging.disable()
    json.dump(everything(n_bins=map(int, sys.argv[1:]) if len(sys.argv) > 1 else N_BINS), sys.stdout, indent=1)
