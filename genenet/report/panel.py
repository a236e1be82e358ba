"""The parts of a panel of the report page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Content:
    """The contents of a panel: text, tables and figures.

    Attributes
    ----------
    values
        Values for the panel's template.
    figures
        Interactive figures, as `genenet.report.figure_items` makes them.
    data
        Data for page.js, as plain JSON under the panel's name.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    figures: Sequence[Mapping[str, Any]] = ()
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
