"""The panel of charts that tell whether the run can be trusted."""

from genenet.report.panel import Content
from genenet.report.plots import plot_trust
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg

ALT = (
    "Five charts: pairs left by each step beside the permuted copy; p-values of random pairs; MI of kept and removed"
    " edges; MI against absolute Spearman correlation; number of partners of the genes."
)


def build(run: Run) -> Content:
    """Make the panel."""
    with figure_of(5, width=3.7, height=3.0, columns=3) as (figure, axes):
        plot_trust(run, axes)
        return Content({"figure": inline_svg(figure, ALT)})
