"""The panel that compares the networks of groups of samples."""

from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.report.groups import Groups
from genenet.report.panel import Content
from genenet.report.plots.axes import colour_bar, cut, tidy
from genenet.report.svg import figure_of, inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_EDGES = 50
LONGEST = 24


def build(groups: Groups) -> Content:
    """Make the panel."""
    rows = [{str(key): value for key, value in row.items()} for row in groups.overview.to_dict("records")]
    per_edge = groups.kept.sum(axis=1)
    counts = [(n, int((per_edge == n).sum())) for n in range(len(groups.folders), 0, -1) if (per_edge == n).any()]
    values = {
        "rows": rows,
        "names": groups.names,
        "n_edges": len(groups.edges),
        "counts": counts,
        "edges": first_edges(groups),
        "directed": "regulator" in groups.edges,
        "figure": heat_map(groups) if len(groups.folders) >= 2 and len(groups.edges) else "",
    }
    return Content(values)


def first_edges(groups: Groups) -> list[dict[str, Any]]:
    """The edges that most groups have, with the MI of each group; empty where the pair is not significant."""
    ends = ("regulator", "target") if "regulator" in groups.edges else ("gene_a", "gene_b")
    shown = groups.edges.head(N_EDGES)
    return [
        {
            "ends": [str(row[end]) for end in ends],
            "mi": [(row[f"mi_{folder}"], row[f"kept_{folder}"] == "true") for folder in groups.folders],
        }
        for row in shown.to_dict("records")
    ]


def heat_map(groups: Groups) -> str:
    """Draw the number of edges that each two groups have in common."""
    n = len(groups.folders)
    with figure_of(1, width=3.0 + 0.55 * n, height=2.2 + 0.4 * n) as (figure, axes):
        draw_overlap(axes[0], groups)
        return inline_svg(figure, f"Heat map of the edges that each two of {n} groups have in common.")


def draw_overlap(ax: "Axes", groups: Groups) -> None:
    """Draw the heat map into axes: colour by Jaccard index, number of common edges as text."""
    share = groups.jaccard
    np.fill_diagonal(share, np.nan)
    limit = max(float(np.nanmax(share)), 0.01)
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=limit, aspect="auto")
    for (row, column), n in np.ndenumerate(groups.shared):
        dark = row != column and share[row, column] > 0.6 * limit
        ax.text(column, row, f"{n:,}", ha="center", va="center", fontsize=8, color="#ffffff" if dark else "#222222")
    names = [cut(name, LONGEST) for name in groups.names]
    tidy(ax, "Pairs in common")
    colour_bar(image, ax, "Jaccard index")
    ax.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    ax.set_facecolor("#e4e5e6")
    for spine in ax.spines.values():
        spine.set_visible(False)
