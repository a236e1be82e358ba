"""Figures of one pair of genes: values, ranks, joint table, and the null distribution of its MI."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genenet.report.colours import ACCENT, GRID, INK, SECOND
from genenet.report.evidence import Evidence
from genenet.report.plots.axes import new_axes, note, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_pair(evidence: Evidence, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
    """Draw the four panels of a pair: values, ranks with the bins, the joint table, and the null of its MI.

    Parameters
    ----------
    evidence
        The evidence about the two genes.
    axes
        Four axes to draw into; new ones if None.
    """
    axes = new_axes(4, width=3.3, height=3.2) if axes is None else list(axes)
    _values(axes[0], evidence)
    _ranks(axes[1], evidence)
    _table(axes[2], evidence)
    _null(axes[3], evidence)
    return axes


def _points(ax: "Axes", x: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", many: bool) -> None:
    ax.plot(
        x[0], x[1], "o", color=ACCENT, alpha=0.35 if many else 0.6, markersize=3, markeredgewidth=0, rasterized=many
    )


def _values(ax: "Axes", evidence: Evidence) -> None:
    _points(ax, evidence.values, evidence.values.shape[1] > 1_000)
    title = f"Values: Pearson {evidence.pearson:.2f}, Spearman {evidence.spearman:.2f}"
    title += "" if evidence.strata is None else " within strata"
    tidy(ax, title, *evidence.symbols)


def _ranks(ax: "Axes", evidence: Evidence) -> None:
    for border in evidence.borders[0]:
        ax.axvline(border, color=GRID, linewidth=0.8, zorder=0)
    for border in evidence.borders[1]:
        ax.axhline(border, color=GRID, linewidth=0.8, zorder=0)
    _points(ax, evidence.ranks, evidence.values.shape[1] > 1_000)
    title = "Ranks, and where the bins change" if evidence.strata is None else "Ranks within strata"
    tidy(ax, title, *(f"rank of {name}" for name in evidence.symbols))


def _table(ax: "Axes", evidence: Evidence) -> None:
    pointwise = evidence.pointwise
    limit = max(1.0, float(np.nanmax(np.abs(pointwise))))
    limit = min(limit, 3.0)
    # Transposed, so that the first gene goes to the right and the second one up, as in the other panels.
    ax.imshow(pointwise.T, origin="lower", cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    for (row, column), n in np.ndenumerate(evidence.counts):
        strong = abs(pointwise[row, column]) > 0.6 * limit
        # Empty cells have the background of the page, which may be dark.
        colour = INK if np.isnan(pointwise[row, column]) else "#ffffff" if strong else "#222222"
        ax.text(row, column, f"{n:.0f}", ha="center", va="center", fontsize=7, color=colour)
    tidy(ax, f"Samples, pointwise MI (±{limit:.1f} bits)", *(f"bin of {name}" for name in evidence.symbols))
    for axis, n in ((ax.xaxis, evidence.counts.shape[0]), (ax.yaxis, evidence.counts.shape[1])):
        axis.set_ticks(range(n), [str(k + 1) for k in range(n)])


def _null(ax: "Axes", evidence: Evidence) -> None:
    tidy(ax, f"MI {evidence.mi:.3f} bits against chance", "MI (bits)", "density of the null")
    ax.set_yticks([])
    if evidence.density is None:
        note(ax, "no curve:\nthe null of this estimator\nis known by its draws only")
        return
    x, height = evidence.density
    ax.fill_between(x, height, color=GRID, linewidth=0)
    ax.plot(x, height, color=INK, linewidth=1)
    ax.axvline(evidence.mi, color=SECOND, linewidth=1.6)
    ax.set_xlim(0, x[-1])
    ax.set_ylim(0, 1.08)
