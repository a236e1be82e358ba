"""Differential networks: are p-values right without a difference, and are differences found that others do not see?

    python -m tests.benchmarks.differential calibration
    python -m tests.benchmarks.differential found
    python -m tests.benchmarks.differential power
    python -m tests.benchmarks.differential dream4 FOLDER
    python -m tests.benchmarks.differential time N_GENES N_SAMPLES

FOLDER has net1 and net2 of DREAM4, with multifactorial.tsv and gold.tsv.
"""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

import genenet
from genenet.differential.changes import fisher_z

Matrix = NDArray[np.float64]
LEVELS = (0.5, 0.1, 0.01, 1e-3, 1e-4)
MODULE = 2
"""Genes that depend on each other."""


def compare(values: Matrix, codes: NDArray[np.int64], **keywords: object) -> genenet.DifferentialNetwork:
    """Compare two groups; all pairs are in the table."""
    samples = pd.DataFrame({"group": codes.astype(str)}, index=[f"s{i}" for i in range(values.shape[1])])
    genes = [f"g{i:05d}" for i in range(len(values))]
    matrix = pd.DataFrame(values, index=genes, columns=samples.index)
    accept = ["counts", "linear", "duplicate_samples"]
    return genenet.differential_network(matrix, "group", table=samples, accept=accept, progress=False, **keywords)


def modules(n_genes: int, n_samples: int, rng: np.random.Generator) -> Matrix:
    """Modules of genes with correlations of 0.6, independent of each other."""
    latent = np.repeat(rng.normal(size=(n_genes // MODULE, n_samples)), MODULE, axis=0)
    return np.asarray(np.sqrt(0.6) * latent + np.sqrt(0.4) * rng.normal(size=latent.shape))


def without_difference(rng: np.random.Generator, n: int = 700) -> Iterator[tuple[str, Matrix, NDArray[np.int64]]]:
    """Data whose groups have the same dependences."""
    half = np.repeat([0, 1], 100)
    yield "same distribution", modules(n, 200, rng), half
    values = modules(n, 200, rng)
    shifted = values * rng.uniform(0.2, 5.0, (n, 1)) + rng.normal(0, 5, (n, 1))
    yield "mean and variance differ", np.where(half, shifted, values), half
    curved = np.where(rng.random((n, 1)) < 0.5, np.exp(values), np.sinh(2 * values))
    yield "form of the distribution differs", np.where(half, curved, values), half
    yield "20 against 200", modules(n, 220, rng), np.repeat([0, 1], [20, 200])
    rates = rng.gamma(0.5, 1.0, (n, 200)) * np.exp(rng.normal(1.0, 1.5, (n, 1)))
    yield "counts, four times the depth", rng.poisson(rates * np.where(half, 4.0, 1.0)).astype(float), half
    rates = np.exp(modules(n, 200, rng) + rng.normal(1.5, 1.0, (n, 1)))
    yield "related counts, four times the depth", rng.poisson(rates * np.where(half, 4.0, 1.0)).astype(float), half


def calibration(n_repeats: int = 5) -> None:
    """Print the share of p-values up to each level over the level, of all pairs and of those in a module."""
    counts: dict[str, NDArray[np.float64]] = {}
    for seed in range(n_repeats):
        for name, values, codes in without_difference(np.random.default_rng(seed)):
            varied = values[[len(set(row[codes == 0])) > 1 and len(set(row[codes == 1])) > 1 for row in values]]
            found = compare(varied, codes, alpha=1.0, seed=seed).pairs
            a, b = (found[end].cat.codes.to_numpy() // MODULE for end in ("gene_a", "gene_b"))
            for kind, kept in (("all", np.ones(len(found), bool)), ("related", a == b)):
                pvalues = found["pvalue"].to_numpy()[kept]
                row = np.array([kept.sum(), *((pvalues <= level).sum() for level in LEVELS)], float)
                key = f"{name}, {kind}"
                counts[key] = counts.get(key, 0) + row
    for key, (n, *below) in counts.items():
        shares = "  ".join(f"{number / n / level:5.2f}" for number, level in zip(below, LEVELS, strict=True))
        print(f"{key:45s} {int(n):10,d} {shares}   ({int(below[-1])} at {LEVELS[-1]:g})")


def relation(kind: str, second: NDArray[np.bool_], rng: np.random.Generator) -> Matrix:
    """Two genes whose relation differs in the second group, or, without a kind, does not."""
    x, noise = rng.normal(size=len(second)), rng.normal(size=len(second))
    bent = (x**2 - 1) / np.sqrt(2)
    y = {
        "unrelated": noise,
        "related": 0.8 * x + 0.6 * noise,
        "gained, 0 and 0.6": np.where(second, 0.6 * x + 0.8 * noise, noise),
        "stronger, 0.3 and 0.8": np.where(second, 0.8 * x + 0.6 * noise, 0.3 * x + np.sqrt(0.91) * noise),
        "flipped, -0.5 and 0.5": np.where(second, 0.5, -0.5) * x + np.sqrt(0.75) * noise,
        "none and U": np.where(second, bent + 0.7 * noise, noise),
        "U and inverted U": np.where(second, 1, -1) * bent + 0.7 * noise,
    }[kind]
    return np.vstack([x, y])


def found(n_pairs: int = 150) -> None:
    """Print the share of changed pairs beyond 99 % of unchanged ones, half of them related, by three statistics."""
    rng = np.random.default_rng(0)
    kinds = ["gained, 0 and 0.6", "stronger, 0.3 and 0.8", "flipped, -0.5 and 0.5", "none and U", "U and inverted U"]
    for sizes in ((100, 100), (50, 150)):
        second = np.repeat([False, True], sizes)
        print(f"{sizes[0]} and {sizes[1]} samples")
        for kind in kinds:
            all_kinds = [name for name in (kind, "related", "unrelated") for _ in range(n_pairs)]
            values = np.vstack([relation(name, second, rng) for name in all_kinds])
            table = compare(values, second.astype(np.int64), alpha=1.0).pairs
            first, other = (table[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
            own = table[(other == first + 1) & (first % 2 == 0)]
            is_changed = own["gene_a"].cat.codes.to_numpy() < 2 * n_pairs
            scores = {
                "D": -np.log(own["pvalue"].to_numpy()),
                "|z| of Fisher": np.abs(own["z"].to_numpy()),
                "|difference of MI|": np.abs(own["mi_0"] - own["mi_1"]).to_numpy(),
            }
            shares = {
                name: float((score[is_changed] > np.quantile(score[~is_changed], 0.99)).mean())
                for name, score in scores.items()
            }
            print(f"{kind:25s} " + "  ".join(f"{name} {share:.2f}" for name, share in shares.items()))


def power() -> None:
    """Print the correlation that is found half of the time, by a curve through planted pairs, and the one said."""
    for n_samples in (30, 100):
        for n_planted, n_repeats in ((10, 30), (50, 10), (500, 1)):
            planted = [_planted(n_planted, n_samples, seed) for seed in range(n_repeats)]
            correlations, is_found = (np.concatenate([one[part] for one in planted]) for part in (0, 1))
            curve = LogisticRegression(C=1e6).fit(np.arctanh(correlations)[:, None], is_found)
            seen = float(np.tanh(-curve.intercept_[0] / curve.coef_[0, 0]))
            said = float(np.nanmedian([one[2] for one in planted]))
            n_pairs = n_planted * (2 * n_planted - 1)
            print(f"{n_samples} and {n_samples} samples, {n_pairs:,} pairs: seen {seen:.2f}, said {said:.2f}")


def _planted(n_pairs: int, n_samples: int, seed: int) -> tuple[Matrix, NDArray[np.bool_], float]:
    """Plant correlations in the first group: the correlations, whether each is found alone, the smallest as said."""
    rng = np.random.default_rng(seed)
    correlations = np.sort(rng.uniform(0.3, 0.999, n_pairs))[:, None]
    values = rng.normal(size=(2 * n_pairs, 2 * n_samples))
    own = values[:, :n_samples]
    own[1::2] = correlations * own[::2] + np.sqrt(1 - correlations**2) * own[1::2]
    result = compare(values, np.repeat([0, 1], n_samples), seed=1)
    needed = result.summary["alpha"] / result.summary["n_pairs"]
    first, second = (result.pairs[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
    significant = first[(second == first + 1) & (first % 2 == 0) & (result.pairs["pvalue"] <= needed)]
    least = result.summary["smallest_difference"]
    return correlations[:, 0], np.isin(2 * np.arange(n_pairs), significant), np.nan if least is None else least


def dream4(folder: Path) -> None:
    """Print the AUPR of the edges that one of two networks has and the other has not."""
    matrices = [pd.read_csv(folder / net / "multifactorial.tsv", sep="\t", index_col=0) for net in ("net1", "net2")]
    genes = list(matrices[0].index)
    values = np.hstack([matrix.loc[genes].to_numpy(float) for matrix in matrices])
    codes = np.repeat([0, 1], [matrix.shape[1] for matrix in matrices])
    edges = []
    for net in ("net1", "net2"):
        gold = pd.read_csv(folder / net / "gold.tsv", sep="\t")
        edges.append({frozenset((genes.index(a), genes.index(b))) for a, b in gold.iloc[:, :2].to_numpy()})
    truth = edges[0] ^ edges[1]
    table = compare(values, codes, alpha=1.0, duplicates="error").pairs
    a, b = (table[end].cat.codes.to_numpy() for end in ("gene_a", "gene_b"))
    is_true = np.array([frozenset(pair) in truth for pair in zip(a.tolist(), b.tolist(), strict=True)])
    pearson = np.array([_pearson(values[:, codes == code], a, b) for code in (0, 1)])
    scores = {
        "D, p-value": -np.log(table["pvalue"].to_numpy()),
        "D": table["deviance"].to_numpy(),
        "|z| of Fisher, Spearman": np.abs(table["z"].to_numpy()),
        "|z| of Fisher, Pearson": np.abs(fisher_z(pearson, [100, 100])),
        "|difference of MI|": np.abs(table["mi_0"] - table["mi_1"]).to_numpy(),
    }
    print(f"{is_true.sum()} of {len(table):,} pairs are edges of one network only: {is_true.mean():.4f}")
    for name, score in scores.items():
        print(f"{name:25s} {average_precision_score(is_true, score):.4f}")
    for n in (50, 100, 200):
        print(n, {name: int(is_true[np.argsort(-score, kind="stable")[:n]].sum()) for name, score in scores.items()})
    significant = table["qvalue"].to_numpy() <= 0.05
    by_z = 2 * norm.sf(scores["|z| of Fisher, Spearman"])
    order = np.sort(by_z)
    cut = order[np.flatnonzero(order <= 0.05 * np.arange(1, len(order) + 1) / len(order))]
    print(f"q <= 0.05 by D: {significant.sum()}, true {is_true[significant].sum()}")
    by_z_significant = by_z <= (cut[-1] if len(cut) else -1.0)
    print(f"q <= 0.05 by z: {by_z_significant.sum()}, true {is_true[by_z_significant].sum()}")


def _pearson(values: Matrix, a: NDArray[np.int64], b: NDArray[np.int64]) -> Matrix:
    return np.asarray(np.corrcoef(values)[a, b])


def duration(n_genes: int, n_samples: int) -> None:
    """Print how long a comparison of two halves takes, and the largest memory."""
    values = modules(n_genes, n_samples, np.random.default_rng(0))
    compare(values[:50], np.arange(n_samples) % 2, n_permutations=5)  # compiles
    start, cpu = time.perf_counter(), time.process_time()
    compare(values, np.arange(n_samples) % 2)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{n_genes:,} genes x {n_samples:,} samples: {seconds:.0f} s, {cpu:.0f} s of CPU, {memory:.1f} GB")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["calibration"]:
            calibration()
        case ["found"]:
            found()
        case ["power"]:
            power()
        case ["dream4", folder]:
            dream4(Path(folder))
        case ["time", n_genes, n_samples]:
            duration(int(n_genes), int(n_samples))
        case _:
            sys.exit(__doc__)
