"""The parts of a panel of the report page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bokeh.model import Model


@dataclass(frozen=True)
class Content:
    """The contents of a panel: text, tables and figures.

    Attributes
    ----------
    values
        Values for the panel's template.
    figures
        Bokeh models by the id of the element that they are shown in.
    items
        Figures that are JSON already, as in `Built`.
    data
        Data for page.js, as plain JSON under the panel's name.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    figures: "Mapping[str, Model]" = field(default_factory=dict)
    items: Sequence[dict[str, Any]] = ()
    data: Any = None


@dataclass(frozen=True)
class Panel:
    """A panel of the page: its name, its heading (also a short one, for the list of panels), and its builder.

    `build` makes the content, or returns None for a run that has nothing to show there. A panel that is `late` shows
    what a run finds last: scores of samples, and checksums of its files.
    """

    name: str
    title: str
    short: str
    build: Callable[[Any], Content | None]
    late: bool = False


class Built(NamedTuple):
    """A panel as the page's template takes it; figures are JSON for `Bokeh.embed.embed_item`."""

    values: Mapping[str, Any]
    figures: list[dict[str, Any]]
    data: Any
