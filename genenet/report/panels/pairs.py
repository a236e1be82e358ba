"""The panel of evidence for and against single edges."""

from genenet.products.strata import strata_of
from genenet.report.chosen_pairs import SMALL_CORRELATION, pairs_in_page
from genenet.report.figure_items import pair_items
from genenet.report.panel import Content
from genenet.report.run import Run


def build(run: Run) -> Content | None:
    """Make the panel; without an edge there is none."""
    if not len(run.edges):
        return None
    data = pairs_in_page(run)
    groups: dict[str, list[tuple[int, str]]] = {}
    for number, pair in enumerate(data["pairs"]):
        groups.setdefault(pair["why"], []).append((number, " – ".join(pair["names"])))
    values = {
        "groups": groups,
        "has_strata": strata_of(run.expression) is not None,
        "small": SMALL_CORRELATION,
        "n_drawn": len(data["samples"]),
        "n_samples": data["n_samples"],
    }
    return Content(values, figures=pair_items(), data=data)
