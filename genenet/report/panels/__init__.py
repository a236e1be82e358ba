"""The panels of the page, in order: each module makes the content of the template of the same name.

To add a panel: a module here with a function `build`, a template `templates/panels/NAME.html`, and a line below.
"""

from genenet.report.panel import Panel
from genenet.report.panels import (
    confounding,
    differences,
    dropped,
    groups,
    hubs,
    known,
    modules,
    network,
    odd_samples,
    overview,
    pairs,
    regulators,
    settings,
    trust,
)

DIFFERENCE_PANELS: tuple[Panel, ...] = (
    Panel("differences", "Differences between the groups", "Differences", differences.build),
)
"""Panels of the page of a comparison of groups."""

GROUP_PANELS: tuple[Panel, ...] = (Panel("groups", "Groups side by side", "Groups", groups.build),)
"""Panels of the page of a data set whose groups of samples have networks of their own."""

PANELS: tuple[Panel, ...] = (
    Panel("overview", "Overview", "Overview", overview.build),
    Panel("network", "The network", "Network", network.build),
    Panel("modules", "Modules", "Modules", modules.build),
    Panel("hubs", "Hubs", "Hubs", hubs.build),
    Panel("regulators", "Regulators whose activity differs", "Regulators", regulators.build),
    Panel("pairs", "Why this edge, why not that one", "Pairs", pairs.build),
    Panel("trust", "Can it be trusted", "Trust", trust.build),
    Panel("confounding", "Edges that strata explain", "Strata", confounding.build),
    Panel("odd_samples", "Odd samples", "Odd samples", odd_samples.build, late=True),
    Panel("dropped", "Left out, and not found", "Left out", dropped.build),
    Panel("known", "Known edges", "Known edges", known.build),
    Panel("settings", "Settings, files, methods", "Settings", settings.build, late=True),
)
