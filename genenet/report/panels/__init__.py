"""The panels of the page, in order: each module makes what its template of the same name shows.

To add a panel: a module here with a function `build`, a template `templates/panels/NAME.html`, and a line below.
"""

from genenet.report.panel import Panel
from genenet.report.panels import dropped, hubs, known, modules, network, overview, pairs, settings, trust

PANELS: tuple[Panel, ...] = (
    Panel("overview", "Overview", overview.build),
    Panel("network", "The network", network.build),
    Panel("modules", "Modules", modules.build),
    Panel("hubs", "Hubs", hubs.build),
    Panel("pairs", "Why this edge, why not that one", pairs.build),
    Panel("trust", "Can it be trusted", trust.build),
    Panel("dropped", "Left out, and not found", dropped.build),
    Panel("known", "Known edges", known.build),
    Panel("settings", "Settings, files, methods", settings.build),
)
