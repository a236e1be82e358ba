"""The order of the steps as `genenet infer` runs them in one process, and as jobs of the workflow."""

from genenet.config.sections import Settings
from genenet.steps import STEPS

_BEFORE_PRUNE = STEPS.index("prune")
_FIRST, _LAST = STEPS[:_BEFORE_PRUNE], STEPS[_BEFORE_PRUNE + 1 : -1]
IN_ONE_PROCESS = (*_FIRST, "prune", "stability", "confounding", *_LAST, "anomalies", STEPS[-1], "report")
"""Steps of a run in one process, with those that some settings ask for."""
OF_NETWORKS = (
    *("simulate", *_FIRST, "stability", "prune", "confounding", *_LAST, STEPS[-1]),
    *("summary", "manifest", "report"),
)
"""Rules of the workflow that make a network, in their order. The first is run for the example only."""
OPTIONAL = ("stability", "confounding")
"""Rules that run with some settings only."""
OF_GROUPS = ("levels", "compare", "differential", "report_groups")
"""Rules of a data set that has groups: the first before the networks of the groups, the others after."""
ALL_STEPS = "infer"
"""The rule that makes a network, or those of groups, in one job."""
FILES = "find_files"
"""The rule that fails for a data set whose files cannot be read."""


def steps_of(settings: Settings) -> tuple[str, ...]:
    """Name the steps of a run in one process with these settings, in their order.

    Examples
    --------
    >>> steps_of(Settings())[5:]
    ('prune', 'network', 'anomalies', 'export', 'report')
    """
    asked_for = {
        "stability": bool(settings.stability.stability),
        "confounding": bool(settings.prepare.strata),
        "anomalies": "anomalies" in settings.export.formats,
        "report": settings.export.report,
    }
    return tuple(step for step in IN_ONE_PROCESS if asked_for.get(step, True))
