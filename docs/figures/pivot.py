"""The null of three pairs with different margins, and their pivots, which are near uniform for all three."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genenet.products.bins import Bins

N_SAMPLES, N_PERMUTATIONS, AT_ONCE = 200, 20_000, 500
COLOURS = ("#2f6fb0", "#d1762a", "#3b8f4e")


class Null(NamedTuple):
    """MI (bits) of each permutation of a pair, its log pivot, and the predicted mean, deviation and skewness."""

    title: str
    mi: NDArray[np.float64]
    log_pivots: NDArray[np.float64]
    moments: NDArray[np.float64]


def nulls() -> list[Null]:
    """Permute one gene of each of three pairs: normal values, counts with many zeros, a gene with five outliers."""
    from anndata import AnnData

    from genenet.statistics.null import Null as Distribution
    from genenet.steps.discretise import discretise
    from genenet.steps.permutation import null_factors

    rng = np.random.default_rng(0)
    normal, counts = rng.normal(size=N_SAMPLES), rng.poisson(0.4, N_SAMPLES).astype(float)
    outliers = np.r_[rng.normal(size=N_SAMPLES - 5), [8.0, 9.0, 10.0, 11.0, 12.0]]
    pairs = {
        "normal × normal": (normal, rng.normal(size=N_SAMPLES)),
        "counts × counts": (counts, rng.permutation(counts)),
        "outliers × counts": (outliers, counts),
    }
    found = []
    for title, pair in pairs.items():
        bins = discretise(AnnData(np.column_stack(pair)))
        factors = null_factors(bins)
        mi = np.concatenate([_permuted_mi(bins, rng) for _ in range(N_PERMUTATIONS // AT_ONCE)])
        first, second = np.zeros(len(mi), np.int32), np.ones(len(mi), np.int32)
        log_pivots = Distribution(factors, np.zeros(1)).log_pivots(mi, first, second)
        found.append(Null(title, mi, log_pivots, factors[0] * factors[1]))
    return found


def _permuted_mi(bins: "Bins", rng: np.random.Generator) -> NDArray[np.float64]:
    """MI of the first gene with copies of the second whose samples are permuted."""
    from genenet.estimators.all_pairs import mutual_information_rows

    first, second = bins.weights
    copies = [second[:, rng.permutation(N_SAMPLES)] for _ in range(AT_ONCE)]
    genes = pd.Index([str(i) for i in range(AT_ONCE + 1)])
    many = replace(bins, genes=genes, weights=np.stack([first, *copies]), regulator=np.ones(AT_ONCE + 1, bool))
    return mutual_information_rows(many, np.array([0]))[0, 1:]


def draw() -> "Figure":
    """Draw the densities on the left, and the share of permutations over the pivot on the right."""
    from matplotlib.figure import Figure
    from scipy.stats import pearson3

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    shares = np.geomspace(1e-3, 1, 200)
    for colour, null in zip(COLOURS, nulls(), strict=True):
        mean, deviation, skewness = null.moments
        grid = np.linspace(0, mean + 7 * deviation, 300)
        left.hist(null.mi, bins=80, range=(0, grid[-1]), density=True, color=colour, alpha=0.3)
        left.plot(grid, pearson3.pdf(grid, skewness, mean, deviation), color=colour, label=null.title)
        ordered = np.sort(np.exp(null.log_pivots))
        right.loglog(shares, np.searchsorted(ordered, shares, side="right") / len(ordered), color=colour)
    left.set(xlim=(0, 0.03), xlabel="MI (bits)", ylabel="density", title="MI of permuted samples, and Pearson III")
    left.legend(frameon=False)
    right.plot([1e-3, 1], [1e-3, 1], color="black", linewidth=0.7, linestyle=":")
    right.set(xlabel="pivot", ylabel="share of permutations", title="pivots of all three are near uniform")
    return figure
