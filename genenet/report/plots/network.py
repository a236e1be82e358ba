"""The network as a figure."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genenet.report.colours import INK, OTHER, PAPER, sign_colours
from genenet.report.drawn import MAX_GENES, Drawn, drawn_network
from genenet.report.plots.axes import cut, new_axes, note
from genenet.report.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL_SIZE = 7.0

LONGEST = 24
"""Most characters of a label."""


def plot_network(run: Run, ax: "Axes | None" = None, *, max_genes: int = MAX_GENES) -> "Axes":
    """Draw the strongest part of the network.

    Genes are coloured by module, their area shows the number of partners, and regulators are diamonds. Edges are red if
    the correlation is positive and blue if it is negative; their width shows the score. Labels are written as far as
    they do not overlap, those of the largest hubs first. A legend is below.

    Parameters
    ----------
    run
        A finished run.
    ax
        Axes to draw into; new ones if None.
    max_genes
        Most genes to show.
    """
    ax = ax or new_axes(1, width=9, height=6)[0]
    ax.set_axis_off()
    ax.set_aspect("equal")
    drawn = drawn_network(run, max_genes=max_genes)
    if not len(drawn.genes):
        note(ax, "The network has no edges.")
        return ax
    _draw_edges(ax, drawn)
    _draw_nodes(ax, drawn)
    ax.autoscale_view()
    ax.margins(0.04)
    _draw_legend(ax, drawn)
    _draw_labels(ax, drawn)
    return ax


def _draw_edges(ax: "Axes", drawn: Drawn) -> None:
    from matplotlib.collections import LineCollection

    lines = drawn.places[np.column_stack([drawn.source, drawn.target])]
    signs = drawn.run.edges["sign"].to_numpy(int)[drawn.rows]
    # The best edge is drawn last, above the others.
    ax.add_collection(
        LineCollection(
            list(lines[::-1]),
            colors=sign_colours(signs[::-1]),
            linewidths=0.7 * drawn.edge_widths[::-1],
            alpha=0.45,
            zorder=1,
        )
    )


def _draw_nodes(ax: "Axes", drawn: Drawn) -> None:
    colours = np.array(drawn.colours)
    for marker, which in (("o", ~drawn.is_regulator), ("D", drawn.is_regulator)):
        ax.scatter(
            drawn.places[which, 0],
            drawn.places[which, 1],
            s=(0.55 * drawn.node_sizes[which]) ** 2,
            c=colours[which].tolist(),
            marker=marker,
            edgecolors=PAPER,
            linewidths=0.5,
            zorder=2,
            clip_on=False,
        )


def _draw_legend(ax: "Axes", drawn: Drawn) -> None:
    """Explain colours and shapes, below the network."""
    from matplotlib.lines import Line2D

    def entry(label: str, colour: str, **look: Any) -> Line2D:
        return Line2D([], [], color=colour, label=label, **{"linewidth": 0, "marker": "o", "markersize": 5, **look})

    entries = [entry(f"module {module}", colour) for module, colour in sorted(drawn.module_colours.items())]
    if OTHER in drawn.colours:
        entries.append(entry("modules with fewer genes here", OTHER))
    if drawn.is_regulator.any():
        entries.append(entry("regulator", INK, marker="D"))
    signs = set(drawn.run.edges["sign"].to_numpy(int)[drawn.rows].tolist())
    for sign, label in ((1, "rise together"), (-1, "one rises, the other falls")):
        if sign in signs:
            entries.append(entry(label, sign_colours(np.array([sign]))[0], marker="", linewidth=1.5))
    ax.legend(
        handles=entries, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=8, frameon=False, fontsize=LABEL_SIZE,
        labelcolor=INK, handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip


def _draw_labels(ax: "Axes", drawn: Drawn) -> None:
    """Write labels that do not touch, from the largest hub down."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    pixels = ax.transData.transform(drawn.places)
    scale = figure.dpi / 72
    labels = [cut(label, LONGEST) for label in drawn.labels]
    for node in free_labels(pixels, labels, drawn.degree, height=LABEL_SIZE * scale):
        ax.annotate(
            labels[node],
            drawn.places[node],
            xytext=(0, 0.28 * drawn.node_sizes[node] + 1.5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=LABEL_SIZE,
            color=INK,
            zorder=3,
            parse_math=False,
            bbox={"boxstyle": "square,pad=0.05", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.75},
        )


def free_labels(
    pixels: NDArray[np.float64], labels: list[str], importance: NDArray[np.integer], *, height: float
) -> list[int]:
    """Choose labels that do not overlap, the most important first.

    Parameters
    ----------
    pixels
        Position of each label, shape (n, 2).
    labels
        The texts; a letter is taken to be 0.62 of the height wide.
    importance
        Importance of each label; the largest is chosen first.
    height
        Height of a line in pixels.

    Examples
    --------
    >>> free_labels(np.array([[0, 0], [3, 0], [90, 0]]), ["TP53", "MYC", "JUN"], np.array([1, 5, 2]), height=10)
    [1, 2]
    """
    chosen: list[int] = []
    boxes = np.empty((0, 4))
    for node in np.argsort(-importance, kind="stable").tolist():
        half = 0.31 * height * len(labels[node]) + 1
        x, y = pixels[node]
        box = np.array([x - half, x + half, y, y + 1.25 * height])
        crossing = (boxes[:, 0] < box[1]) & (boxes[:, 1] > box[0]) & (boxes[:, 2] < box[3]) & (boxes[:, 3] > box[2])
        if not crossing.any():
            boxes = np.vstack([boxes, box])
            chosen.append(node)
    return chosen
