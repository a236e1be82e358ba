"""The report page: one self-contained HTML file, with the same bytes for the same run."""

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genenet.files.atomic import atomic
from genenet.files.pages import with_checksum
from genenet.report.differences import Differences
from genenet.report.evidence import Evidence
from genenet.report.groups import Groups
from genenet.report.panel import Content, Panel
from genenet.report.panels import DIFFERENCE_PANELS, GROUP_PANELS, PANELS
from genenet.report.plots import plot_pair
from genenet.report.run import Run
from genenet.report.svg import figure_of, inline_svg

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

BUILT: Mapping[str, Content | None] = {}
"""Panels that are built already, by name: none. A panel that has nothing to show is None."""


def write_report(
    run: Run | Groups | Differences, path: str | os.PathLike[str], built: Mapping[str, Content | None] = BUILT
) -> Path:
    """Write the report page of a run, of networks of groups of samples, or of a comparison of groups.

    Parameters
    ----------
    run
        A finished run, of `genenet.report.run.read_run` if it is in a folder; or groups, of
        `genenet.report.groups.read_groups`; or a comparison, of `genenet.report.differences.read_differences`.
    path
        The file to write.
    built
        Panels of the run that `early_panels` has built.

    Returns
    -------
    The path.
    """
    path = Path(path)
    page = with_checksum(render(run, built))
    with atomic(path) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")
    return path


def early_panels(run: Run) -> dict[str, Content | None]:
    """Build the panels that show nothing of what a run finds last."""
    return {panel.name: panel.build(run) for panel in PANELS if not panel.late}


def render(run: Run | Groups | Differences, built: Mapping[str, Content | None] = BUILT) -> str:
    """Make the report page as text; `built` as in `write_report`."""
    panels: list[dict[str, Any]] = []
    figures: list[Mapping[str, Any]] = []
    data: dict[str, Any] = {}
    for panel in _panels_of(run):
        content = built[panel.name] if panel.name in built else panel.build(run)
        if content is None:
            continue
        panels.append({"name": panel.name, "title": panel.title, "short": panel.short, "values": content.values})
        figures += content.figures
        if content.data is not None:
            data[panel.name] = content.data
    scripts = {"bokeh": _bokeh() if figures else "", "page": _source("page.js")}
    return (
        environment()
        .get_template("page.html")
        .render(
            name=run.name,
            manifest_checksum=run.manifest_checksum,
            panels=panels,
            style=_source("page.css"),
            scripts=scripts,
            figures=script_json(figures),
            data=script_json(data),
        )
    )


def _panels_of(run: Run | Groups | Differences) -> tuple[Panel, ...]:
    if isinstance(run, Groups):
        return GROUP_PANELS
    return DIFFERENCE_PANELS if isinstance(run, Differences) else PANELS


def write_pair(run: Run, evidence: Evidence, path: str | os.PathLike[str]) -> Path:
    """Write a page of one pair of genes: its numbers and its four figures.

    Parameters
    ----------
    run, evidence
        A finished run, and the evidence about two of its genes.
    path
        The file to write.
    """
    path = Path(path)
    a, b = evidence.symbols
    with figure_of(4, width=3.7, height=3.3) as (figure, axes):
        plot_pair(evidence, axes)
        svg = inline_svg(figure, f"Values, ranks, joint table and null distribution of {a} and {b}.")
    values = {"name": run.name, "evidence": evidence, "figure": svg, "style": _source("page.css")}
    with atomic(path) as partial:
        partial.write_text(environment().get_template("pair.html").render(values), encoding="utf-8", newline="\n")
    return path


@cache
def environment() -> "Environment":
    """Make the environment of the templates, which escapes every value that is not marked as HTML."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["whole"] = lambda text: f"{int(float(text)):,}" if text else ""
    return made


def script_json(value: Any) -> str:
    r"""Write JSON in which no text can end the script element that it is put in.

    Examples
    --------
    >>> script_json({"gene": "</script>"})
    '{"gene":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return value.item()


@cache
def _bokeh() -> str:
    """Code of BokehJS from the installed package."""
    from bokeh.resources import Resources

    return "\n".join(Resources(mode="inline", minified=True, components=["bokeh"]).js_raw)


@cache
def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
