"""The Cytoscape style of a network: the width of edges shows mi, their colour the sign, the size of nodes the degree.

Nodes have the colour of their module, and are labelled with the symbol of their gene if a table of genes was given.
The same style is written as CX2 visual properties, as a style of cytoscape.js, and as a vizmap file, which Cytoscape
imports with File > Import > Styles.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from genenet.files.atomic import atomic
from genenet.files.plain_values import plain_value
from genenet.readers.known_names import GENE_LABEL
from genenet.writers.columns import Column
from genenet.writers.elements import Network, elements_of
from genenet.writers.kinds import float_text

NAME, CHANGE_NAME = "genenet", "genenet change"
"""Names of the styles of a network and of differences between networks, by which Cytoscape keeps them apart."""

POSITIVE, NEGATIVE, NEITHER = "#B2182B", "#2166AC", "#7F7F7F"
NODE_COLOR, LABEL_COLOR = "#D9D9D9", "#1A1A1A"
EDGE_WIDTHS, NODE_SIZES = (0.8, 4.0), (25.0, 70.0)

MODULES = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377",
    "#ee8866", "#44bb99", "#7755bb", "#99aa33", "#bb8855", "#5599dd",
)  # fmt: skip
"""Colours of the largest modules; told apart by most people who confuse red and green (after Tol's schemes)."""


CHANGES = {
    "gained": "#1B7837", "lost": "#B2182B", "stronger": "#7FBF7B", "weaker": "#EF8A62", "flipped": "#762A83",
    "shape": "#2166AC", "none": "#BDBDBD",
}  # fmt: skip
"""Colours of edges by how a relation differs between two groups of samples."""


@dataclass(frozen=True)
class Ranges:
    """Smallest and largest value of each attribute that is drawn as a size or width; None if all values are the same.

    In a network of differences between groups (`has_change`), CX2 draws edges by `deviance` and colours them by change.
    """

    mi: tuple[float, float] | None
    degree: tuple[float, float] | None
    directed: bool
    label: str = "name"
    """The attribute of the nodes that labels them."""
    deviance: tuple[float, float] | None = None
    has_change: bool = False


def ranges(network: Network) -> Ranges:
    """Find the ranges of mi, degree and deviance in a network, and the attribute that labels its nodes."""
    elements = elements_of(network)
    nodes, edges = elements.nodes.columns, elements.edges.columns
    mi, degree, deviance = (_limits(found) for found in (edges.get("mi"), nodes.get("degree"), edges.get("deviance")))
    label = GENE_LABEL if GENE_LABEL in nodes else "name"
    return Ranges(mi, degree, elements.directed, label, deviance, "change" in edges)


def _limits(column: Column | None) -> tuple[float, float] | None:
    values = [] if column is None else column.values
    if isinstance(values, Sequence) and set(map(type, values)) - {int, float}:
        values = [number for number in map(plain_value, values) if isinstance(number, int | float)]
    numbers = np.array(values, float)
    numbers = numbers[~np.isnan(numbers)]
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    return (low, high) if low < high else None


def cx2_style(given: Ranges) -> dict[str, Any]:
    """Make the aspect `visualProperties` of CX2."""
    node_size = _cx2_continuous("degree", "long", given.degree, NODE_SIZES)
    attribute, limits = ("deviance", given.deviance) if given.has_change else ("mi", given.mi)
    edge_width = _cx2_continuous(attribute, "double", limits, EDGE_WIDTHS)
    signs = [{"v": sign, "vp": color} for sign, color in ((1, POSITIVE), (-1, NEGATIVE), (0, NEITHER))]
    changes = [{"v": change, "vp": color} for change, color in CHANGES.items()]
    color = _cx2_mapping("DISCRETE", "sign", "long", map=signs)
    if given.has_change:
        color = _cx2_mapping("DISCRETE", "change", "string", map=changes)
    shapes = [{"v": True, "vp": "diamond"}, {"v": False, "vp": "ellipse"}]
    modules = [{"v": module, "vp": color} for module, color in enumerate(MODULES, start=1)]
    return {
        "default": {
            "network": {"NETWORK_BACKGROUND_COLOR": "#FFFFFF"},
            "node": {
                "NODE_SHAPE": "ellipse",
                "NODE_WIDTH": NODE_SIZES[0],
                "NODE_HEIGHT": NODE_SIZES[0],
                "NODE_BACKGROUND_COLOR": NODE_COLOR,
                "NODE_BORDER_COLOR": NEITHER,
                "NODE_BORDER_WIDTH": 1.0,
                "NODE_LABEL_COLOR": LABEL_COLOR,
                "NODE_LABEL_FONT_SIZE": 12,
            },
            "edge": {
                "EDGE_WIDTH": EDGE_WIDTHS[0],
                "EDGE_LINE_COLOR": NEITHER,
                "EDGE_OPACITY": 0.6,
                "EDGE_TARGET_ARROW_SHAPE": "triangle" if given.directed else "none",
                "EDGE_TARGET_ARROW_COLOR": NEITHER,
            },
        },
        "nodeMapping": {
            "NODE_LABEL": _cx2_mapping("PASSTHROUGH", given.label, "string"),
            "NODE_SHAPE": _cx2_mapping("DISCRETE", "regulator", "boolean", map=shapes),
            "NODE_BACKGROUND_COLOR": _cx2_mapping("DISCRETE", "module", "long", map=modules),
            **({"NODE_WIDTH": node_size, "NODE_HEIGHT": node_size} if node_size else {}),
        },
        "edgeMapping": {
            "EDGE_LINE_COLOR": color,
            "EDGE_TARGET_ARROW_COLOR": color,
            **({"EDGE_WIDTH": edge_width} if edge_width else {}),
        },
    }


def cyjs_style(given: Ranges) -> list[dict[str, Any]]:
    """Make the style of cytoscape.js: a list of selectors, each with the properties of the elements that it selects."""

    def sized(attribute: str, limits: tuple[float, float] | None, sizes: tuple[float, float]) -> str | float:
        if limits is None:
            return sizes[0]
        (low, high), (small, large) = limits, sizes
        return f"mapData({attribute}, {float_text(low)}, {float_text(high)}, {small}, {large})"

    size = sized("degree", given.degree, NODE_SIZES)
    node = {
        "label": f"data({given.label})", "color": LABEL_COLOR, "font-size": 12, "background-color": NODE_COLOR,
        "shape": "ellipse", "border-color": NEITHER, "border-width": 1, "text-valign": "center",
        "width": size, "height": size,
    }  # fmt: skip
    edge = {
        "line-color": NEITHER, "target-arrow-color": NEITHER, "opacity": 0.6, "curve-style": "bezier",
        "target-arrow-shape": "triangle" if given.directed else "none", "width": sized("mi", given.mi, EDGE_WIDTHS),
    }  # fmt: skip
    styles = [{"selector": "node", "css": node}, {"selector": "node[?regulator]", "css": {"shape": "diamond"}}]
    for module, color in enumerate(MODULES, start=1):
        styles.append({"selector": f"node[module = {module}]", "css": {"background-color": color}})
    styles.append({"selector": "edge", "css": edge})
    for sign, color in ((1, POSITIVE), (-1, NEGATIVE)):
        styles.append({"selector": f"edge[sign = {sign}]", "css": {"line-color": color, "target-arrow-color": color}})
    return styles


def _cx2_mapping(kind: str, attribute: str, data_type: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "definition": {"attribute": attribute, "type": data_type, **more}}


def _cx2_continuous(
    attribute: str, data_type: str, limits: tuple[float, float] | None, sizes: tuple[float, float]
) -> dict[str, Any] | None:
    if limits is None:
        return None
    (low, high), (small, large) = limits, sizes
    pieces = [
        {"max": low, "maxVPValue": small, "includeMin": False, "includeMax": False},
        {"min": low, "minVPValue": small, "max": high, "maxVPValue": large, "includeMin": True, "includeMax": True},
        {"min": high, "minVPValue": large, "includeMin": False, "includeMax": False},
    ]
    return _cx2_mapping("CONTINUOUS", attribute, data_type, map=pieces)


def style_name(network: Network) -> str:
    """Name of the style that is made for a network."""
    return CHANGE_NAME if ranges(network).has_change else NAME


def write_vizmap(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write the style as a Cytoscape vizmap file.

    Parameters
    ----------
    network
        Gives the ranges of what is drawn by size, whether edges have arrows, and whether they have a change.
    path
        The file to write.

    Returns
    -------
    The path.
    """
    path = Path(path)
    with atomic(path) as partial:
        partial.write_text(_vizmap(ranges(network)), encoding="utf-8", newline="\n")
    return path


def _vizmap(given: Ranges) -> str:
    name = CHANGE_NAME if given.has_change else NAME
    colors = _discrete("sign", "long", {"1": POSITIVE, "-1": NEGATIVE, "0": NEITHER})
    width = _continuous("mi", given.mi, EDGE_WIDTHS)
    if given.has_change:
        colors = _discrete("change", "string", CHANGES)
        width = _continuous("deviance", given.deviance, EDGE_WIDTHS)
    modules = _discrete("module", "long", {str(module): color for module, color in enumerate(MODULES, start=1)})
    node = [
        _property("NODE_FILL_COLOR", NODE_COLOR, modules),
        _property("NODE_BORDER_PAINT", NEITHER),
        _property("NODE_BORDER_WIDTH", "1.0"),
        _property("NODE_LABEL", "", f'<passthroughMapping attributeType="string" attributeName="{given.label}"/>'),
        _property("NODE_LABEL_COLOR", LABEL_COLOR),
        _property("NODE_LABEL_FONT_SIZE", "12"),
        _property("NODE_SHAPE", "ELLIPSE", _discrete("regulator", "boolean", {"true": "DIAMOND", "false": "ELLIPSE"})),
        _property("NODE_SIZE", str(NODE_SIZES[0]), _continuous("degree", given.degree, NODE_SIZES)),
    ]
    edge = [
        _property("EDGE_STROKE_UNSELECTED_PAINT", NEITHER, colors),
        _property("EDGE_TARGET_ARROW_SHAPE", "DELTA" if given.directed else "NONE"),
        _property("EDGE_TARGET_ARROW_UNSELECTED_PAINT", NEITHER, colors),
        _property("EDGE_TRANSPARENCY", "153"),
        _property("EDGE_WIDTH", str(EDGE_WIDTHS[0]), width),
    ]
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        f'<vizmap id="VizMap-{name}" documentVersion="3.1">',
        f'<visualStyle name="{name}">',
        f"<network>{_property('NETWORK_BACKGROUND_PAINT', '#FFFFFF')}</network>",
        '<node><dependency name="nodeSizeLocked" value="true"/>',
        *node,
        "</node>",
        '<edge><dependency name="arrowColorMatchesEdge" value="false"/>',
        *edge,
        "</edge>",
        "</visualStyle>",
        "</vizmap>",
    ]
    return "\n".join(parts) + "\n"


def _property(name: str, default: str, mapping: str = "") -> str:
    return f"<visualProperty name={quoteattr(name)} default={quoteattr(default)}>{mapping}</visualProperty>"


def _discrete(attribute: str, data_type: str, values: Mapping[str, str]) -> str:
    entries = "".join(f'<discreteMappingEntry value="{vp}" attributeValue="{value}"/>' for value, vp in values.items())
    return f'<discreteMapping attributeType="{data_type}" attributeName="{attribute}">{entries}</discreteMapping>'


def _continuous(attribute: str, limits: tuple[float, float] | None, sizes: tuple[float, float]) -> str:
    if limits is None:
        return ""
    # The file format calls every number "float".
    points = "".join(
        f'<continuousMappingPoint lesserValue="{size}" greaterValue="{size}" equalValue="{size}"'
        f' attrValue="{float_text(value)}"/>'
        for value, size in zip(limits, sizes, strict=True)
    )
    return f'<continuousMapping attributeType="float" attributeName="{attribute}">{points}</continuousMapping>'
