"""Interactive figures of the page as JSON, with the data of a run.

Bokeh takes longer to import than all that a page of a small run computes, and all that it makes is the same for every
run but the data. So the figures without data are kept as JSON beside the compiled code of this module, as Python keeps
that, for one version of Bokeh; where this folder cannot be written, Bokeh makes them in each run.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genenet.errors import OutputError
from genenet.files.atomic import atomic
from genenet.report.bokeh_figures import edge_columns, node_columns
from genenet.report.drawn import Drawn

Item = Mapping[str, Any]
"""A figure as `Bokeh.embed.embed_item` takes it."""

NETWORK = "network-figure"
MADE_FROM = ("bokeh_figures.py", "colours.py")


def network_item(drawn: Drawn) -> Item:
    """Figure of the network."""
    return with_data(items()[NETWORK], {"network_edges": edge_columns(drawn), "network_nodes": node_columns(drawn)})


def pair_items() -> list[Item]:
    """The four figures of a pair, which page.js fills with data."""
    return [item for name, item in items().items() if name != NETWORK]


@cache
def items() -> Mapping[str, Item]:
    """The figures without data, by the id of the element that they are shown in."""
    path = kept_in()
    with suppress(OSError, ValueError):
        found: dict[str, Item] = json.loads(path.read_text(encoding="utf-8"))
        return found
    made = made_by_bokeh()
    if not sys.dont_write_bytecode:
        with suppress(OSError, OutputError), atomic(path) as partial:
            partial.write_text(json.dumps(made), encoding="utf-8")
    return made


def kept_in() -> Path:
    """The file that has the figures of this version of Bokeh and of this code."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in MADE_FROM)).hexdigest()[:16]
    return folder / "__pycache__" / f"figures.bokeh-{version('bokeh')}.{digest}.json"


def made_by_bokeh() -> dict[str, Item]:
    """Make the figures without data."""
    from genenet.report.bokeh_figures import network_figure, pair_figures, plain_json

    figures = {NETWORK: network_figure(), **pair_figures()}
    return dict(zip(figures, plain_json(figures), strict=True))


def with_data(item: Any, data: Mapping[str, Mapping[str, list[Any]]]) -> Any:
    """Copy a figure and put the columns of its sources in, by their names.

    Examples
    --------
    >>> source = {"name": "points", "data": {"type": "map", "entries": [["x", []]]}}
    >>> with_data([source], {"points": {"x": [1, 2]}})
    [{'name': 'points', 'data': {'type': 'map', 'entries': [['x', [1, 2]]]}}]
    """
    if isinstance(item, list):
        return [with_data(part, data) for part in item]
    if not isinstance(item, dict):
        return item
    columns = data.get(str(item.get("name"))) if "data" in item else None
    filled = {name: with_data(value, data) for name, value in item.items()}
    if columns is not None:
        filled["data"] = {"type": "map", "entries": [[name, values] for name, values in columns.items()]}
    return filled
