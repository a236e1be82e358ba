"""The panel of odd samples, which do not follow the relations of the network."""

from genenet.anomalies import anomalies
from genenet.errors import InputError
from genenet.report.panel import Content
from genenet.report.run import Run
from genenet.steps.discretise import discretise

N_SHOWN = 15
MOST_VALUES = 10_000_000
"""Most edges x samples that the page uses; more take seconds, and are left to `genenet anomalies`."""


def build(run: Run) -> Content | None:
    """Make the panel; without an edge there is none."""
    n_edges = len(run.best)
    if not n_edges:
        return None
    if n_edges * run.expression.n_obs > MOST_VALUES:
        return Content({"reason": f"{n_edges:,} edges in {run.expression.n_obs:,} samples take a while"})
    try:
        found = run.odd_samples
        if found is None or found.empty:
            bins = discretise(run.expression, run.settings.discretise, run.settings.information)
            found = anomalies(run.edges, run.expression, bins, modules=run.modules)
    except InputError as error:
        return Content({"reason": str(error)})
    rows = found.head(N_SHOWN).astype({"module": object}).to_dict("records")
    return Content({"reason": "", "rows": rows, "n_samples": len(found), "n_odd": int((found["z"] > 3).sum())})
