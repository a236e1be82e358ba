"""The panel of charts that tell whether the run can be trusted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genenet.report.panel import Content
from genenet.report.plots.trust import draw_degrees, draw_funnel, draw_mi, draw_monotony, draw_pvalues
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg
from genenet.report.trust import Trust

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAIRS: "dict[Callable[[Axes, Trust], None], str]" = {
    draw_funnel: "Number of pairs that each step leaves, and of those in the permuted copy",
    draw_pvalues: "Histogram of the p-values of random pairs, and of the same pairs permuted",
}
EDGES: "dict[Callable[[Axes, Trust], None], str]" = {
    draw_mi: "Histogram of the MI of kept and of removed edges",
    draw_monotony: "MI of the edges against their absolute Spearman correlation",
    draw_degrees: "Number of genes with at least so many partners",
}
"""The charts, those of edges for runs with edges only, and their descriptions for readers who cannot see them."""


def build(run: Run) -> Content:
    """Make the panel."""
    trust = Trust(run)
    charts = PAIRS | EDGES if len(run.edges) else PAIRS
    return Content(
        {"figures": [_figure(trust, draw, text) for draw, text in charts.items()], "n_edges": len(run.edges)}
    )


def _figure(trust: Trust, draw: "Callable[[Axes, Trust], None]", text: str) -> str:
    with figure_of(1, width=3.9, height=3.0) as (figure, (ax,)):
        draw(ax, trust)
        return inline_svg(figure, f"{text}.")
