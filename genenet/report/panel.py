"""What a panel of the page is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genenet.report.run import Run

if TYPE_CHECKING:
    from bokeh.model import Model


@dataclass(frozen=True)
class Content:
    """What a panel shows.

    Attributes
    ----------
    values
        For the panel's template.
    figures
        Bokeh models by the id of the element that they are shown in.
    data
        For page.js, under the panel's name: plain JSON.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    figures: "Mapping[str, Model]" = field(default_factory=dict)
    data: Any = None


@dataclass(frozen=True)
class Panel:
    """A panel of the page: its name, its heading, and what makes its content, or leaves it out by giving None."""

    name: str
    title: str
    build: Callable[[Run], Content | None]
