"""Figures that help to judge whether a run can be trusted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genenet.report.colours import ACCENT, GRID, INK, SECOND
from genenet.report.plots.axes import colour_bar, count_axis, new_axes, note, tidy
from genenet.report.run import Run
from genenet.report.trust import Trust

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

EDGES_AT_ONCE = 1 << 17

LEFT = 0.6
"""Left end of the bars on the logarithmic axis of counts, so that one pair has a bar and none has not."""

DARKEST, LIGHTEST = 0.3, 0.88
"""Part of the colours of viridis that can be seen on white and on black."""


def plot_trust(run: Run, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
    """Draw five charts: pairs left by each step, p-values, MI of kept and removed edges, MI and correlation, degrees.

    Parameters
    ----------
    run
        A finished run.
    axes
        Five axes to draw into; new ones if None.
    """
    axes = new_axes(5, width=3.4, height=3.1) if axes is None else list(axes)
    trust = Trust(run)
    for ax, draw in zip(axes, (draw_funnel, draw_pvalues, draw_mi, draw_monotony, draw_degrees), strict=True):
        draw(ax, trust)
    return axes


def draw_funnel(ax: "Axes", trust: Trust) -> None:
    """Number of pairs that each step leaves, beside that in the permuted copy of the matrix."""
    labels = [label for label, _, _ in trust.funnel]
    places = np.arange(len(labels))[::-1]
    end = max(n for _, n, _ in trust.funnel)
    for place, (_, n, control) in zip(places, trust.funnel, strict=True):
        for shift, number, colour in ((0.19, n, ACCENT), (-0.19, control, SECOND)):
            if number is not None:
                ax.barh(place + shift, max(number - LEFT, 0), 0.36, color=colour, left=LEFT)
                ax.text(max(number, LEFT) * 1.15, place + shift, f"{number:,}", va="center", fontsize=8, color=INK)
    count_axis(ax.xaxis)
    ax.set_xlim(LEFT, max(end, 1) * 60)
    tidy(ax, "Pairs left by each step", "pairs (blue), in the permuted copy (orange)", grid="x")
    ax.set_yticks(places, labels)


def draw_pvalues(ax: "Axes", trust: Trust) -> None:
    """P-values of random pairs, which are flat if no genes are related, and have a peak at 0 if some are."""
    tidy(ax, "P-values of random pairs", "p-value", "share of pairs")
    if trust.random_pvalues is None:
        note(ax, "only for the estimator plugin,\nand without a list of pairs")
        return
    observed, chance = trust.random_pvalues
    edges = np.linspace(0, 1, 21)
    shares = [np.histogram(p, edges)[0] / max(len(p), 1) for p in (observed, chance)]
    ax.bar(edges[:-1], shares[0], 0.05, align="edge", color=ACCENT, label="this matrix")
    ax.stairs(shares[1], edges, color=SECOND, linewidth=1.8, label="permuted")
    ax.axhline(0.05, color=INK, linewidth=0.8, linestyle=(0, (3, 3)))
    ax.set_xlim(0, 1)
    ax.legend(frameon=False, fontsize=8, labelcolor=INK)


def draw_mi(ax: "Axes", trust: Trust) -> None:
    """MI of kept and of removed edges."""
    kept, removed = trust.mi
    tidy(ax, "MI of kept and removed edges", "MI (bits)", "edges", grid="y")
    if not len(kept) + len(removed):
        note(ax, "no edges")
        return
    edges = np.linspace(0, max(float(part.max(initial=0)) for part in (kept, removed)) or 1.0, 41)
    for part, colour, label in ((removed, GRID, "removed"), (kept, ACCENT, "kept")):
        if len(part):
            counts = np.histogram(part, edges)[0].astype(float)
            ax.stairs(counts, edges, color=colour, fill=True, label=f"{label} ({len(part):,})", alpha=0.8)
    count_axis(ax.yaxis, linear_below=1)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=8, labelcolor=INK)


def draw_monotony(ax: "Axes", trust: Trust) -> None:
    """MI against |Spearman|; edges far above the others at the left are relations that are not monotone."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    rho, mi = trust.monotony
    tidy(ax, "MI against |Spearman|", "|Spearman|", "MI (bits)")
    if not len(mi):
        note(ax, "no edges")
        return
    end = float(mi.max()) or 1.0
    counts = np.zeros((60, 60), np.int64)
    for start in range(0, len(mi), EDGES_AT_ONCE):
        part = slice(start, start + EDGES_AT_ONCE)
        cells = 60 * _bins(rho[part], 1.0, 60) + _bins(mi[part], end, 60)
        counts += np.bincount(cells, minlength=3600).reshape(60, 60)
    shown = np.ma.masked_equal(counts.T, 0)
    image = ax.imshow(
        shown, origin="lower", extent=(0, 1, 0, end), aspect="auto",
        cmap=ListedColormap(colormaps["viridis"](np.linspace(DARKEST, LIGHTEST, 256))),
        interpolation="nearest", norm=LogNorm(1, max(2.0, float(counts.max()))),
    )  # fmt: skip
    count_axis(colour_bar(image, ax, "edges", aspect=25, pad=0.02).yaxis)


def _bins(values: "NDArray[np.float64]", end: float, n: int) -> "NDArray[np.int64]":
    """Bin of each value among `n` of equal width from 0 to `end`; numpy.histogram2d searches them one by one."""
    edges = np.linspace(0, end, n + 1)
    found = np.minimum((values * (n / end)).astype(np.int64), n - 1)
    # Where rounding puts a value beside an edge to the wrong side.
    found -= values < edges[found]
    found += (values >= edges[found + 1]) & (found < n - 1)
    return found


def draw_degrees(ax: "Axes", trust: Trust) -> None:
    """Number of genes with at least so many partners."""
    degree, genes = trust.degrees
    tidy(ax, "Partners of a gene", "partners", "genes with at least as many", grid="both")
    if not len(degree):
        note(ax, "no edges")
        return
    ax.plot(degree, genes, "o", color=ACCENT, markersize=3, markeredgewidth=0)
    count_axis(ax.xaxis)
    count_axis(ax.yaxis)
