"""Benchmark of rankings of gene pairs on CRISPR screens: protein complexes found, with error bars over the complexes.

    python -m tests.benchmarks.codependency FOLDER

FOLDER has gene effects (genes x cell lines) in *_cell_lines_*.parquet, which are joined by their columns, and
CORUM.parquet (Name, Genes separated by ;). Missing values are filled in with the gene's mean. Every pair of genes is
ranked; a pair is true if a complex has both genes. The dominating complexes (ribosome, respiratory chain, proteasome,
mitochondrial) are measured with and left out: pairs of two of their genes are then not ranked. The standard error is
over complexes that are drawn with replacement; a pair of several complexes has their mean weight. The second table is
of genes whose loss does nothing in any line: their pairs should have uniform p-values.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import rankdata

from genenet import scores
from genenet.config import Discretise, Prepare
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.pipeline import infer_network
from genenet.steps.discretise import discretise
from genenet.steps.prepare import prepare

Vector = NDArray[np.float64]
DOMINATING = re.compile("ribosom|respiratory|proteasome|mitochond", re.IGNORECASE)
N_DRAWS = 200
FIRST = 1_000
REFERENCE = "MI, CLR signed"
# Genes of a positive mean effect whose loss has no effect below this in any line.
IDLE = -0.5
# The default bins, and those of the preset.
BINS = {"": Discretise(), " of 4 bins": Discretise(n_bins=4, order=3)}
LIMITS = (0.5, 0.1, 0.05, 0.01, 0.001)


@dataclass(frozen=True)
class Screens:
    """Gene effects, shape (n_genes, n_lines), and the genes of each complex, as positions."""

    genes: pd.Index
    lines: pd.Index
    effects: NDArray[np.float64]
    complexes: list[NDArray[np.int64]]
    dominating: NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The pairs that are ranked, and which complexes each true pair is in.

    Attributes
    ----------
    cells
        Positions in the flat matrix of all pairs.
    true
        bool, shape (n_pairs,).
    membership
        Shares of complexes in true pairs, shape (n_true, n_complexes), rows sum to 1.
    """

    cells: NDArray[np.int64]
    true: NDArray[np.bool_]
    membership: sparse.csr_array


def load(folder: Path) -> Screens:
    """Read the screens and the complexes."""
    parts = [pd.read_parquet(path) for path in sorted(folder.glob("*_cell_lines_*.parquet"))]
    frame = pd.concat(parts, axis=1)
    effects = frame.to_numpy(float)
    effects = np.where(np.isnan(effects), np.nanmean(effects, axis=1)[:, None], effects)
    table = pd.read_parquet(folder / "CORUM.parquet")
    listed = [frame.index.get_indexer(sorted(set(text.split(";")))) for text in table["Genes"]]
    complexes = [np.sort(genes[genes >= 0]) for genes in listed]
    dominating = np.zeros(len(frame), bool)
    for name, genes in zip(table["Name"], complexes, strict=True):
        dominating[genes] |= bool(DOMINATING.search(name))
    return Screens(frame.index, frame.columns, effects, complexes, dominating)


def pairs_of(screens: Screens, *, with_dominating: bool) -> Pairs:
    """All pairs of genes, or those of which one gene at least is in no dominating complex."""
    n = len(screens.genes)
    ranked = np.triu(np.ones((n, n), bool), 1)
    if not with_dominating:
        ranked[np.ix_(screens.dominating, screens.dominating)] = False
    cells = np.flatnonzero(ranked)
    found: list[NDArray[np.int64]] = []
    for genes in screens.complexes:
        first, second = np.triu_indices(len(genes), 1)
        found.append(genes[first] * n + genes[second])
    numbers = np.repeat(np.arange(len(found)), [len(part) for part in found])
    joined = np.concatenate(found)
    inside = ranked.ravel()[joined]
    true_cells, rows = np.unique(joined[inside], return_inverse=True)
    table = sparse.csr_array((np.ones(len(rows)), (rows, numbers[inside])), shape=(len(true_cells), len(found)))
    share = sparse.diags_array(1.0 / np.asarray(table.sum(axis=1)).ravel())
    return Pairs(cells, np.isin(cells, true_cells, assume_unique=True), sparse.csr_array(share @ table))


def evaluate(matrix: NDArray[np.float64], pairs: Pairs, seed: int = 0) -> NDArray[np.float64]:
    """Average precision and precision of the first pairs, shape (1 + n_draws, 2); the first row has weights of 1."""
    values = matrix.ravel()[pairs.cells]
    order = np.argsort(-values, kind="stable")
    places = np.flatnonzero(pairs.true[order])
    index = np.cumsum(pairs.true) - 1
    membership = pairs.membership[index[order[places]]]
    random = np.random.default_rng(seed)
    n_complexes = membership.shape[1]
    draws = random.multinomial(n_complexes, np.full(n_complexes, 1.0 / n_complexes), N_DRAWS)
    weights = np.vstack([np.ones(len(places)), (membership @ draws.T).T])
    false = places - np.arange(len(places))  # false pairs before each true one
    found = []
    for weight in weights:
        hits = np.cumsum(weight)
        early = places < FIRST
        of_first = weight[early].sum()
        precision = np.divide(hits, hits + false, out=np.zeros(len(hits)), where=hits > 0)
        average = (weight * precision).sum() / weight.sum()
        found.append((average, of_first / (of_first + FIRST - early.sum())))
    return np.array(found)


def correlation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation of all genes."""
    return np.corrcoef(values)


def gls(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """t-value of generalised least squares with an intercept, as a correlation (Wainberg et al. 2021)."""
    root = np.linalg.cholesky(np.linalg.inv(np.cov(effects.T)))
    warped, intercept = effects @ root, root.sum(axis=0)
    intercept /= np.linalg.norm(intercept)
    warped = warped - np.outer(warped @ intercept, intercept)
    warped /= np.linalg.norm(warped, axis=1)[:, None]
    return warped @ warped.T


def data_of(screens: Screens, effects: NDArray[np.float64]) -> AnnData:
    """The screens with these values as AnnData."""
    return AnnData(effects.T, var=pd.DataFrame(index=screens.genes), obs=pd.DataFrame(index=screens.lines))


def mutual_information(screens: Screens, values: NDArray[np.float64], bins: Discretise) -> NDArray[np.float64]:
    """MI of all genes in bits, the diagonal 0."""
    matrix = mutual_information_matrix(discretise(data_of(screens, values), bins))
    np.fill_diagonal(matrix, 0.0)
    return matrix


def clr_squared(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """CLR, squared, of a strength of all pairs."""
    return scores.clr(strength * (1.0 - np.eye(len(strength))), variant="squared")


def rankings(screens: Screens) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Name and matrix of each ranking, before and after whitening."""
    related = gls(screens.effects)
    yield "GLS", related
    yield "GLS, CLR signed", clr_squared(np.abs(related)) * np.sign(related)
    whitened = prepare(data_of(screens, screens.effects), Prepare(whiten="samples")).X.T
    for before, values in (("", screens.effects), ("whitened: ", np.ascontiguousarray(whitened))):
        rho = correlation(rankdata(values, axis=1))
        for name, r in (("Pearson", correlation(values)), ("Spearman", rho)):
            yield f"{before}{name}", r
            yield f"{before}{name}, CLR signed", clr_squared(np.abs(r)) * np.sign(r)
        for bins, chosen in BINS.items():
            mi = mutual_information(screens, values, chosen)
            yield f"{before}MI{bins}", mi
            yield f"{before}MI{bins} signed", mi * np.sign(rho)
            clr = clr_squared(mi)
            yield f"{before}MI{bins}, CLR", clr
            yield f"{before}MI{bins}, CLR signed", clr * np.sign(rho)


def calibration(screens: Screens) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """p-values of pairs of genes whose loss does nothing, before and after whitening."""
    idle = screens.genes[(screens.effects.mean(axis=1) > 0) & (screens.effects.min(axis=1) > IDLE)]
    control, held_out = (sorted(part) for part in np.array_split(np.random.default_rng(0).permutation(idle), 2))
    pairs = list(combinations(held_out, 2))
    data = data_of(screens, screens.effects)
    ways = {"as they are": {}, "whitened": {"whiten": "samples"}}
    for name, settings in ways.items():
        for taken_out in (None, control):
            result = infer_network(
                data, pairs=pairs, control_genes=taken_out, alpha=1.0, correction="none", prune_method="none",
                score="mi", max_edges=None, n_bins=4, order=3, progress=False, **settings,
            )  # fmt: skip
            yield name + (", 4 components of controls out" if taken_out else ""), result.edges["pvalue"].to_numpy()


def main(folder: Path) -> None:
    """Print both tables."""
    screens = load(folder)
    both = [pairs_of(screens, with_dominating=choice) for choice in (True, False)]
    for pairs in both:
        print(f"{len(pairs.cells):,} pairs, {int(pairs.true.sum()):,} true ({pairs.true.mean():.2%})")
    found = {}
    for name, matrix in rankings(screens):
        found[name] = [evaluate(matrix, pairs) for pairs in both]
        cells = [f"{one[0, k]:.{4 - k}f} ± {one[1:, k].std():.{4 - k}f}" for one in found[name] for k in (0, 1)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    reference = found[REFERENCE]
    print(f"share of draws of complexes in which a ranking is better than {REFERENCE}")
    for name, one in found.items():
        shares = [(a[1:, k] > b[1:, k]).mean() for a, b in zip(one, reference, strict=True) for k in (0, 1)]
        print(f"| {name} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    for name, pvalues in calibration(screens):
        shares = " | ".join(f"{(pvalues <= limit).mean():.2g}" for limit in LIMITS)
        print(f"| {name} ({len(pvalues):,} pairs) | {shares} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
