"""The pass over all pairs, the null and DPI, in this process; beside them what else one could use."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray
from sklearn.metrics import mutual_info_score

from genenet.config import Discretise, Permutation
from genenet.products.bins import Bins
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.scores.dpi import mediators, triangle_mediators
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from tests.benchmarks.matrices import N_FACTORS, SEED, expression

ROWS_AT_ONCE = 256
# A kernel that serves for comparison only need not go over all pairs.
MOST_PRODUCT_PAIRS, MOST_NUMPY_PAIRS, SKLEARN_PAIRS = 8_000_000, 500_000, 200
SHORT = 0.5


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Least wall time and CPU time of some runs: one if it is long, up to five if it is short."""
    wall, cpu = [], []
    while len(wall) < 5 and (not wall or sum(wall) < SHORT):
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    return {"seconds": min(wall), "cpu_seconds": min(cpu)}


def bins_of(n_genes: int, n_samples: int, n_bins: int, soft: bool) -> Bins:
    """Independent genes: no more than the null's share of pairs reaches a threshold."""
    settings = Discretise(
        method="bspline" if soft else "equal_frequency", n_bins=n_bins, order=min(4, n_bins) if soft else 1
    )
    return discretise(AnnData(expression(n_genes, n_samples).T), settings)


def small_null(bins: Bins) -> Null:
    """A null that is good enough to have a threshold."""
    return permutation_null(bins, Permutation(n_draws=20_000))


def pair_pass(n_genes: int, n_samples: int, n_bins: int, *, soft: bool) -> dict[str, Any]:
    """The whole pass (counts, MI, threshold, what is kept), the bare product, and numpy, in pairs a second."""
    bins = bins_of(n_genes, n_samples, n_bins, soft)
    null = small_null(bins)
    few = bins_of(40, n_samples, n_bins, soft)
    information(few, small_null(few))  # compiles what these bins need
    found = timed(lambda: information(bins, null, alpha=0.05))
    n_passes = 2 * bins.n_pairs  # the matrix and its permuted copy
    inner = bins.weights[:, :-1]
    planes = np.ascontiguousarray(inner.reshape(-1, n_samples), np.float32)
    product = {}
    for name, most, work in (
        ("product", MOST_PRODUCT_PAIRS, bare_product),
        ("numpy", MOST_NUMPY_PAIRS, lambda *given: numpy_pass(bins, *given)),
    ):
        rows = rows_of(n_genes, most)
        numbers = timed(lambda work=work, rows=rows: work(planes, inner.shape[1], rows))
        n_pairs = sum(n_genes - row for row in rows for _ in range(min(ROWS_AT_ONCE, n_genes - row)))
        product[name] = {key: n_pairs / value for key, value in numbers.items()}
    speed, cpu_speed = n_passes / found["seconds"], n_passes / found["cpu_seconds"]
    return {
        "n_genes": n_genes, "n_samples": n_samples, "n_bins": n_bins, "soft": soft,
        "pairs_a_second": speed, "pairs_a_cpu_second": cpu_speed,
        "product_pairs_a_second": product["product"]["seconds"],
        "numpy_pairs_a_second": product["numpy"]["seconds"],
        # Time of the pass over that of the bare product.
        "of_product": product["product"]["seconds"] / speed,
        "of_product_cpu": product["product"]["cpu_seconds"] / cpu_speed,
        "of_numpy": product["numpy"]["seconds"] / speed,
    }  # fmt: skip


def rows_of(n_genes: int, most_pairs: int) -> list[int]:
    """First rows of stripes of the pair triangle that together have about so many pairs, spread evenly."""
    rows = list(range(0, n_genes, ROWS_AT_ONCE))
    step = max(1, round(n_genes**2 / 2 / most_pairs))
    return rows[::step]


def bare_product(planes: NDArray[np.float32], n_planes: int, rows: list[int]) -> None:
    """Joint counts of the upper half by float32 matrix products, and nothing else."""
    for row in rows:
        _ = planes[row * n_planes : (row + ROWS_AT_ONCE) * n_planes] @ planes[row * n_planes :].T


def numpy_pass(bins: Bins, planes: NDArray[np.float32], n_planes: int, rows: list[int]) -> None:
    """MI of the upper half as one would write it in numpy: product, missing row and column, x log x, sum."""
    n_bins = n_planes + 1
    margins = (bins.margins * bins.total).astype(np.float32)
    for row in rows:
        some = slice(row, min(row + ROWS_AT_ONCE, bins.n_genes))
        height, width = some.stop - row, bins.n_genes - row
        joint = np.empty((height, n_bins, width, n_bins), np.float32)
        product = planes[row * n_planes : some.stop * n_planes] @ planes[row * n_planes :].T
        joint[:, :-1, :, :-1] = product.reshape(height, n_planes, width, n_planes)
        joint[:, :-1, :, -1] = margins[some, :-1, None] - joint[:, :-1, :, :-1].sum(axis=3)
        joint[:, -1] = margins[None, row:] - joint[:, :-1].sum(axis=1)
        joint /= np.float32(bins.total_count)
        joint *= np.log2(np.maximum(joint, np.float32(1e-30)))
        _ = bins.entropies[some, None] + bins.entropies[None, row:] + joint.sum(axis=(1, 3))


def sklearn_loop(n_samples: int, n_bins: int) -> dict[str, Any]:
    """scikit-learn's mutual_info_score, one pair at a time."""
    codes = bins_of(40, n_samples, n_bins, soft=False).weights.argmax(axis=1)
    first, second = (indices[:SKLEARN_PAIRS] for indices in np.triu_indices(40, 1))

    def loop() -> None:
        for i, j in zip(first, second, strict=True):
            mutual_info_score(codes[i], codes[j])

    numbers = timed(loop)
    return {"n_samples": n_samples, "n_bins": n_bins, "pairs_a_second": SKLEARN_PAIRS / numbers["seconds"]}


def null_draws(n_samples: int, n_draws: int, *, soft: bool) -> dict[str, Any]:
    """Draws of the null."""
    bins = bins_of(2_000, n_samples, 6 if soft else 8, soft)
    small_null(bins)
    numbers = timed(lambda: permutation_null(bins, Permutation(n_draws=n_draws)))
    return {"n_samples": n_samples, "n_draws": n_draws, "soft": soft, **numbers}


def dpi(n_genes: int, n_edges: int) -> dict[str, Any]:
    """DPI on the strongest pairs of genes that share hidden factors."""
    collector = Collector(n_genes, all_pairs=True)
    collector.add(Pairs(*related_pairs(n_genes, n_edges)))
    pairs = collector.result()
    few = pairs.take(np.arange(10))
    if isinstance(pairs, Triangle):
        triangle_mediators(Triangle(len(few), np.ones(len(few) * (len(few) - 1) // 2)))  # compiles
    else:
        mediators(few.first, few.second, few.mi, n_genes)
    start, start_cpu = time.perf_counter(), time.process_time()
    found = (
        triangle_mediators(pairs)
        if isinstance(pairs, Triangle)
        else mediators(pairs.first, pairs.second, pairs.mi, n_genes)
    )
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    kept = sum(int(found.is_direct(positions).sum()) for positions, _ in pairs.parts())
    return {
        "n_genes": n_genes, "n_edges": len(pairs), "triangle": isinstance(pairs, Triangle),
        "seconds": seconds, "cpu_seconds": cpu, "kept": kept,
    }  # fmt: skip


def related_pairs(n_genes: int, n_edges: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """About so many edges, in gene order: pairs with the largest correlation, as MI of two normal variables in bits."""
    random = np.random.default_rng([SEED, n_genes])
    loadings = random.normal(size=(n_genes, 2 * N_FACTORS))
    loadings /= np.linalg.norm(loadings, axis=1, keepdims=True) * random.uniform(1.05, 2.0, (n_genes, 1))
    some = np.abs(loadings[:500] @ loadings.T)
    least = np.quantile(some, 1 - min(1.0, n_edges / (n_genes * (n_genes - 1) / 2)))
    parts = []
    for start in range(0, n_genes, 500):
        related = np.abs(loadings[start : start + 500] @ loadings.T)
        i, j = np.nonzero((related >= least) & (np.arange(n_genes) > np.arange(start, start + len(related))[:, None]))
        parts.append(((i + start).astype(np.int32), j.astype(np.int32), -0.5 * np.log2(1 - related[i, j] ** 2)))
    first, second, mi = (np.concatenate(column) for column in zip(*parts, strict=True))
    return first, second, mi


def growth(rows: list[dict[str, Any]], over: str) -> list[dict[str, Any]]:
    """Exponents of the time of the pass over genes or samples, the other and the bins fixed, by least squares."""
    other = "n_samples" if over == "n_genes" else "n_genes"
    groups: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    for row in rows:
        pairs = row["n_genes"] * (row["n_genes"] - 1)
        point = (np.log(row[over]), np.log(pairs / row["pairs_a_cpu_second"]))
        groups.setdefault((row["soft"], row["n_bins"], row[other]), []).append(point)
    return [
        {
            "over": over, "soft": soft, "n_bins": n_bins, other: size,
            "exponent": float(np.polyfit(*zip(*points, strict=True), 1)[0]),
        }
        for (soft, n_bins, size), points in groups.items()
        if len(points) > 2
    ]  # fmt: skip
