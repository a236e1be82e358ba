"""Axes without clutter, in the colours that follow the report's theme."""

from typing import TYPE_CHECKING, Any, Literal

from genenet.report.colours import GRID, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.cm import ScalarMappable


def new_axes(n: int, *, width: float, height: float) -> "list[Axes]":
    """Make a figure of `n` axes in a row, `width` x `height` inches each."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, n, figsize=(n * width, height), squeeze=False, layout="constrained")
    return list(axes[0])


def tidy(ax: "Axes", title: str = "", x: str = "", y: str = "", *, grid: Literal["", "x", "y", "both"] = "") -> None:
    """Set title, labels and grid of axes in the report's style, with the left and bottom spines only."""
    ax.set_title(title, loc="left", fontsize=10, color=INK, fontweight="bold")
    ax.set_xlabel(x, fontsize=9, color=INK)
    ax.set_ylabel(y, fontsize=9, color=INK)
    ax.tick_params(colors=INK, labelsize=8, length=3)
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
        spine.set_linewidth(0.8)
    if grid:
        ax.grid(axis=grid, color=GRID, linewidth=0.6)
        ax.set_axisbelow(True)


def count_axis(axis: "Axis", *, linear_below: float = 0.0) -> None:
    """Make an axis of counts logarithmic, with whole numbers at its ticks (1, 10, 100, 1k, ...).

    With `linear_below` the axis is linear from 0 to this count.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, SymmetricalLogLocator

    scale = axis.axes.set_xscale if axis is axis.axes.xaxis else axis.axes.set_yscale
    scale("symlog", linthresh=linear_below) if linear_below else scale("log")
    locator = SymmetricalLogLocator(base=10, linthresh=linear_below) if linear_below else LogLocator(numticks=6)
    axis.set_major_locator(locator)
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))


def short_count(value: float) -> str:
    """Write a count with a suffix for thousands (k), millions (M) or thousand millions (G).

    Examples
    --------
    >>> short_count(100), short_count(20_000), short_count(3e6)
    ('100', '20k', '3M')
    """
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"


def colour_bar(image: "ScalarMappable", ax: "Axes", label: str, **look: Any) -> "Axes":
    """Add a scale of colours beside axes; `look` goes to matplotlib."""
    figure = ax.get_figure()
    assert figure is not None
    bar = figure.colorbar(image, ax=ax, **look)
    bar.set_label(label, fontsize=8, color=INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=INK, labelsize=7, which="both", length=2)
    return bar.ax


def cut(label: str, longest: int) -> str:
    """Shorten a label that is longer than this many characters.

    Examples
    --------
    >>> cut("liver", 5), cut("large intestine", 6)
    ('liver', 'large…')
    """
    return label if len(label) <= longest else label[: longest - 1] + "…"


def note(ax: "Axes", text: str, **where: Any) -> None:
    """Write a text into the middle of axes that have nothing to show."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=INK, fontsize=9, wrap=True)
