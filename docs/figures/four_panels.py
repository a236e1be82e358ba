"""Mutual information sees a relation that correlation does not: one variable against four others."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_SAMPLES, N_BINS = 1_000, 8
# Where each eighth of the samples, in order of x, goes: no trend is left of it.
BLOCKS = (1, 4, 7, 2, 6, 3, 0, 5)


def variables() -> dict[str, NDArray[np.float64]]:
    """Give x, and what it is plotted against, by the title of the panel; shape (n_samples,) each."""
    rng = np.random.default_rng(1)
    x = rng.permutation(N_SAMPLES) / N_SAMPLES
    within, block = np.modf(x * N_BINS)
    return {
        "x": x,
        "identical": x,
        "blocks shuffled": (np.array(BLOCKS)[block.astype(int)] + within) / N_BINS,
        "with noise": x + rng.normal(scale=0.25, size=N_SAMPLES),
        "independent": rng.permutation(N_SAMPLES) / N_SAMPLES,
    }


def codes() -> NDArray[np.int64]:
    """Give the bin of each sample, eight of equal frequency, shape (5, n_samples)."""
    from anndata import AnnData

    from genenet.config import Discretise
    from genenet.steps.discretise import discretise

    data = AnnData(np.column_stack(list(variables().values())))
    return discretise(data, Discretise(method="equal_frequency", n_bins=N_BINS)).weights.argmax(axis=1)


def numbers() -> dict[str, tuple[float, float]]:
    """MI in bits, and Pearson's correlation, of x with each of the four."""
    import genenet

    x, *others = codes()
    values = variables()
    first = values.pop("x")
    return {
        name: (genenet.mutual_information(x, y), float(np.corrcoef(first, values[name])[0, 1]))
        for name, y in zip(values, others, strict=True)
    }


def draw() -> "Figure":
    """Draw the four panels, with the bins as lines."""
    from matplotlib.figure import Figure

    values, found = variables(), numbers()
    x = values.pop("x")
    figure = Figure(figsize=(9, 2.7), layout="constrained")
    for axes, (name, y) in zip(figure.subplots(1, 4), values.items(), strict=True):
        axes.scatter(x, y, s=3, color="#2f6fb0", linewidths=0, rasterized=False)
        for edge in np.arange(1, N_BINS) / N_BINS:
            axes.axvline(edge, color="#dddddd", linewidth=0.5, zorder=0)
            axes.axhline(np.quantile(y, edge), color="#dddddd", linewidth=0.5, zorder=0)
        mi, correlation = found[name]
        axes.set_title(f"{name}\nMI {mi:.2f} bits, r = {correlation:.2f}".replace("-0.00", "0.00"), fontsize=9)
        axes.set(xticks=[], yticks=[], xlabel="x", ylabel="y")
        axes.set_box_aspect(1)
    return figure
