"""Interactive figures of the page, as Bokeh models without data; page.js fills in labels and the pair that is picked.

`genenet.report.figure_items` puts the data of a run into the figure of the network.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.report.colours import ACCENT, GRID, INK, PAPER, SECOND, sign_colours
from genenet.report.drawn import Drawn

if TYPE_CHECKING:
    from bokeh.model import Model
    from bokeh.plotting import figure


EDGE_COLUMNS = ("x0", "y0", "x1", "y1", "source", "target", "width", "sign", "colour")
NODE_COLUMNS = ("x", "y", "name", "gene", "degree", "module", "size", "colour", "marker")


def network_figure() -> "Model":
    """Figure of the network: edges, genes, and labels, which page.js fills as space allows."""
    from bokeh.models import ColumnDataSource, HoverTool, TapTool

    plot = _plot("pan,wheel_zoom,box_zoom,zoom_in,zoom_out,reset")
    plot.axis.visible = False
    plot.grid.visible = False
    plot.outline_line_color = None
    plot.name = "network"
    edges = ColumnDataSource({name: [] for name in EDGE_COLUMNS}, name="network_edges")
    plot.segment(
        "x0", "y0", "x1", "y1", source=edges, line_color="colour", line_width="width", line_alpha=0.45,
        nonselection_line_alpha=0.06, selection_line_alpha=0.9,
    )  # fmt: skip
    nodes = ColumnDataSource({name: [] for name in NODE_COLUMNS}, name="network_nodes")
    points = plot.scatter(
        "x", "y", size="size", marker="marker", source=nodes, fill_color="colour", line_color=PAPER, line_width=0.8,
        nonselection_fill_alpha=0.15, nonselection_line_alpha=0.2, selection_line_color=INK,
    )  # fmt: skip
    points.name = "network_points"
    labels = ColumnDataSource({name: [] for name in ("x", "y", "text", "lift")}, name="network_labels")
    plot.text(
        "x", "y", text="text", y_offset="lift", source=labels, text_align="center", text_baseline="bottom",
        text_font_size="11px", text_color=INK, background_fill_color=PAPER, background_fill_alpha=0.7,
        text_font={"value": "system-ui, sans-serif"}, padding=1,
    ).name = "network_text"  # fmt: skip
    tips = [("", "@name"), ("partners", "@degree"), ("module", "@module")]
    plot.add_tools(HoverTool(renderers=[points], tooltips=tips, name="hover"), TapTool(renderers=[points]))
    return plot


def edge_columns(drawn: Drawn) -> dict[str, list[Any]]:
    """Columns of the edges that a picture shows."""
    # The best edge is drawn last, above the others.
    order = np.arange(len(drawn.rows))[::-1]
    start, end = drawn.places[drawn.source[order]], drawn.places[drawn.target[order]]
    signs = drawn.run.edges["sign"].to_numpy(int)[drawn.rows[order]]
    columns = (
        start[:, 0].tolist(), start[:, 1].tolist(), end[:, 0].tolist(), end[:, 1].tolist(),
        drawn.source[order].tolist(), drawn.target[order].tolist(),
        drawn.edge_widths[order].tolist(), signs.tolist(), sign_colours(signs),
    )  # fmt: skip
    return dict(zip(EDGE_COLUMNS, columns, strict=True))


def node_columns(drawn: Drawn) -> dict[str, list[Any]]:
    """Columns of the genes that a picture shows."""
    columns = (
        drawn.places[:, 0].tolist(), drawn.places[:, 1].tolist(), drawn.labels, drawn.genes.tolist(),
        drawn.degree.tolist(), [str(module) if module else "none" for module in drawn.modules],
        drawn.node_sizes.tolist(), drawn.colours,
        ["diamond" if is_regulator else "circle" for is_regulator in drawn.is_regulator],
    )  # fmt: skip
    return dict(zip(NODE_COLUMNS, columns, strict=True))


def pair_figures() -> "dict[str, Model]":
    """The four figures of a pair without data; page.js fills them with the pair that a reader picks."""
    from bokeh.models import BasicTicker, ColorBar, ColumnDataSource, LinearColorMapper, Span

    figures: dict[str, Model] = {}
    for name in ("values", "ranks"):
        plot = _pair_plot(name)
        source = ColumnDataSource({"x": [], "y": [], "sample": []}, name=f"pair_{name}")
        lines = ColumnDataSource({"x0": [], "y0": [], "x1": [], "y1": []}, name=f"pair_{name}_bins")
        plot.segment("x0", "y0", "x1", "y1", source=lines, line_color=GRID, line_width=1.2)
        plot.scatter("x", "y", source=source, size=5, fill_color=ACCENT, fill_alpha=0.6, line_color=None)
        _hover(plot, [("", "@sample"), ("x", "@x"), ("y", "@y")])
        figures[f"pair-{name}"] = plot
    table = _pair_plot("table")
    cells = ColumnDataSource({name: [] for name in ("x", "y", "pmi", "n", "ink")}, name="pair_table")
    mapper = LinearColorMapper(palette=_diverging(), low=-2, high=2, nan_color=GRID)
    table.rect("x", "y", 0.96, 0.96, source=cells, fill_color={"field": "pmi", "transform": mapper}, line_color=None)
    table.text(
        "x", "y", text="n", source=cells, text_align="center", text_baseline="middle", text_font_size="10px",
        text_color="ink",
    )  # fmt: skip
    table.add_layout(
        ColorBar(
            color_mapper=mapper, width=8, ticker=BasicTicker(desired_num_ticks=5), background_fill_color=None,
            padding=4, major_label_text_font_size="10px",
        ),
        "right",
    )  # fmt: skip
    _hover(table, [("samples", "@n"), ("pointwise MI", "@pmi{0.00} bits")])
    figures["pair-table"] = table
    null = _pair_plot("null")
    density = ColumnDataSource({"x": [], "y": []}, name="pair_null")
    null.varea("x", 0, "y", source=density, fill_color=GRID, fill_alpha=0.8)
    null.line("x", "y", source=density, line_color=INK)
    null.add_layout(Span(location=0, dimension="height", line_color=SECOND, line_width=2, name="pair_mi"))
    null.yaxis.visible = False
    figures["pair-null"] = null
    return figures


def _plot(tools: str) -> "figure":
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    plot = figure(
        sizing_mode="stretch_both", tools=tools, toolbar_location="above", x_range=Range1d(0, 1),
        y_range=Range1d(0, 1), background_fill_color=None, border_fill_color=None, active_scroll=None,
    )  # fmt: skip
    plot.toolbar.logo = None
    return plot


def _pair_plot(name: str) -> "figure":
    plot = _plot("pan,box_zoom,reset")
    plot.toolbar.autohide = True
    plot.outline_line_color = None
    plot.grid.visible = False
    plot.min_border_right = 12
    for axis in plot.axis:
        axis.axis_label = " "
        axis.axis_label_text_font_style = "normal"
        axis.axis_line_color = axis.major_tick_line_color = axis.axis_label_text_color = INK
        axis.major_label_text_color = INK
        axis.minor_tick_line_color = None
    return plot


def _hover(plot: "figure", tips: list[tuple[str, str]]) -> None:
    from bokeh.models import HoverTool

    plot.add_tools(HoverTool(tooltips=tips))


def _diverging() -> tuple[str, ...]:
    from bokeh.palettes import RdBu11

    return tuple(RdBu11)


def plain_json(figures: "dict[str, Model]") -> list[dict[str, Any]]:
    """Convert figures to JSON for `Bokeh.embed.embed_item`, each for the element of its name."""
    from bokeh.embed import json_item

    items = []
    for target, model in figures.items():
        item: Any = json_item(model, target)
        items.append(_renumbered(item, f"{target}-"))
    return items


def _renumbered(item: Any, prefix: str) -> Any:
    """Renumber the ids of a document's models from 1, since Bokeh continues its numbers from page to page."""
    names: dict[str, str] = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: own(value[key]) if key in ("id", "root_id") else renamed(value[key]) for key in value}
        return [renamed(part) for part in value] if isinstance(value, list | tuple) else value

    def own(name: Any) -> Any:
        return names.setdefault(name, f"{prefix}{len(names) + 1}") if isinstance(name, str) else renamed(name)

    return renamed(item)
