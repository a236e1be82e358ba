"""How weights lie in memory, and which of them one instruction multiplies: planes, steps, lanes, tiles."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#2f6fb0", "#d1762a", "#3b8f4e", "#d9dde2"
N_SHOWN = 6  # lanes drawn of 16


def draw() -> "Figure":
    """Draw, from left to right, the words of a row gene, those of 16 column genes, and the registers of the tile."""
    from matplotlib.figure import Figure

    from genenet.kernels.packing import register_block
    from genenet.kernels.vectors import LANES

    planes, _ = register_block(5)
    figure = Figure(figsize=(9.5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(-1.6, 23.6), ylim=(-2.3, 7.3), aspect="equal")
    axes.axis("off")
    _row_gene(axes, 0.0, planes)
    axes.text(7.05, planes / 2, "×", fontsize=16, ha="center", va="center")
    _column_genes(axes, 8.3, planes, LANES)
    axes.annotate("", (16.9, planes / 2), (15.9, planes / 2), arrowprops={"arrowstyle": "->"})
    _tile(axes, 17.6, planes, LANES)
    return figure


def _box(axes: "Axes", x: float, y: float, colour: str, text: str = "") -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), 0.9, 0.9, facecolor=colour, edgecolor="white"))
    axes.text(x + 0.45, y + 0.43, text, ha="center", va="center", fontsize=6.5, color="white")


def _texts(axes: "Axes", left: float, title: str, code: str, below: str) -> None:
    axes.text(left, 7.0, title, fontsize=9, weight="bold", va="center")
    axes.text(left, 6.4, code, fontsize=7.5, family="monospace", va="center")
    axes.text(left, -0.5, below, fontsize=7.5, va="top")


def _row_gene(axes: "Axes", left: float, planes: int) -> None:
    below = "a row of words is a plane;\nthe last bin has none, it\nfollows from the margins"
    _texts(axes, left, "one row gene", "x[gene, plane, step]", below)
    for plane in range(planes):
        for step in range(N_SHOWN):
            _box(axes, left + step, planes - 1 - plane, BLUE if step == 1 else GREY)
        axes.text(left - 0.2, planes - 0.6 - plane, f"bin {plane}", ha="right", va="center", fontsize=7)
    axes.text(left + 1.45, planes + 0.1, "4 samples", ha="center", va="bottom", fontsize=7, color=BLUE)


def _column_genes(axes: "Axes", left: float, planes: int, lanes: int) -> None:
    below = f"a row is a register: the same bin\nof {lanes} genes, the same 4 samples"
    _texts(axes, left, f"{lanes} column genes at one step", "y[group, step, plane, lane]", below)
    for plane in range(planes):
        for lane in range(N_SHOWN):
            _box(axes, left + lane, planes - 1 - plane, ORANGE)
        axes.text(left + N_SHOWN + 0.3, planes - 0.6 - plane, "…", va="center")
    for lane in range(3):
        axes.text(
            left + lane + 0.45, planes + 0.1, f"gene {lane}", ha="center", va="bottom", fontsize=5.5, color=ORANGE
        )


def _tile(axes: "Axes", left: float, planes: int, lanes: int) -> None:
    below = f"a square is a register: one cell\nof the joint counts of {lanes} pairs"
    _texts(axes, left, f"{planes} × {planes} cells", "J[row bin, column bin, lane]", below)
    for row in range(planes):
        for column in range(planes):
            _box(axes, left + column, planes - 1 - row, GREEN, f"J{row}{column}")
