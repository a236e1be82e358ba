"""The panel of known edges: how well the ranking finds them, as a precision-recall curve."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genenet.report.colours import ACCENT, INK, SECOND
from genenet.report.panel import Content
from genenet.report.plots.axes import tidy
from genenet.report.recovery import known_pairs
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def build(run: Run) -> Content | None:
    """Make the panel; without known edges there is none."""
    if run.known is None:
        return None
    hits, n_known, base = ranked_hits(run)
    if not n_known:
        return Content({"n_known": 0})
    with figure_of(1, width=5.2, height=3.6) as (figure, axes):
        draw_recovery(axes[0], hits, n_known, base)
        svg = inline_svg(figure, "Precision against recall of the kept edges in the order of their score.")
    found = int(hits.sum())
    values = {"figure": svg, "n_known": n_known, "found": found, "n_kept": len(hits), "base": base}
    return Content(values | {"precision": found / max(len(hits), 1), "recall": found / n_known})


def ranked_hits(run: Run) -> tuple[NDArray[np.bool_], int, float]:
    """Whether each kept edge is known, the best first; number of known pairs tested; their share of all pairs tested.

    The direction of an edge is not judged.
    """
    assert run.known is not None
    keys = known_pairs(run.known, run.expression)
    first, second = np.sort(np.column_stack([end[run.best] for end in run.ends]), axis=1).T
    hits = np.isin(first * len(run.genes) + second, keys)
    return hits, len(keys), len(keys) / max(run.summary["significance"]["n_pairs"], 1)


def draw_recovery(ax: "Axes", hits: NDArray[np.bool_], n_known: int, base: float) -> None:
    """Draw precision against recall, the share among all pairs tested as a dashed line."""
    found = np.cumsum(hits)
    n = np.arange(1, len(hits) + 1)
    # A point for each edge would be too many, and precision is not meaningful for the first few edges.
    shown = np.unique(np.round(np.geomspace(20, max(len(hits), 21), 300)).astype(int)) - 1
    shown = shown[shown < len(hits)]
    ax.plot(found[shown] / n_known, found[shown] / n[shown], color=ACCENT, linewidth=1.6)
    ax.axhline(base, color=SECOND, linewidth=1, linestyle=(0, (4, 3)))
    tidy(
        ax,
        "Precision and recall, the best score first",
        "recall: known edges that are kept",
        "precision: kept edges that are known",
        grid="both",
    )
    ax.text(0, base, " by chance", color=INK, fontsize=8, va="bottom")
    ax.set_xlim(0, max(1.05 * float(hits.sum()) / n_known, 0.01))
    ax.set_ylim(bottom=0)
