"""The panel of odd samples, which do not follow the relations of the network."""

from typing import Any

from genenet.anomalies import anomalies, odd_among
from genenet.errors import InputError
from genenet.report.panel import Content
from genenet.report.run import Run
from genenet.steps.discretise import discretise

N_SHOWN = 15
MOST_VALUES = 10_000_000
"""Most edges or genes x samples that the page uses; more take seconds, and are left to `genenet anomalies`."""


def build(run: Run) -> Content | None:
    """Make the panel; without an edge there is none."""
    n_edges, (n_samples, n_genes) = len(run.best), run.expression.shape
    if not n_edges:
        return None
    found = run.odd_samples
    known = found is not None and not found.empty
    if not known and max(n_edges, n_genes) * n_samples > MOST_VALUES:
        number, things = (n_edges, "edges") if n_edges > n_genes else (n_genes, "genes")
        return Content({"reason": f"{number:,} {things} in {n_samples:,} samples take a while"})
    try:
        if found is None or found.empty:
            bins = discretise(run.expression, run.settings.discretise, run.settings.information)
            found = anomalies(run.edges, run.expression, bins, modules=run.modules)
    except InputError as error:
        return Content({"reason": str(error)})
    rows = [_with_symbols(row, run) for row in found.head(N_SHOWN).astype({"module": object}).to_dict("records")]
    odd = odd_among(found)
    return Content({"reason": "", "rows": rows, "n_samples": odd["n_samples"], "n_odd": odd["n_odd"]})


def _with_symbols(row: dict[Any, Any], run: Run) -> dict[Any, Any]:
    """Write genes by the names that the page shows: those in `genes` and the two of each edge in `edges`."""
    if run.symbols == list(run.genes):
        return row
    symbols = dict(zip(run.genes, run.symbols, strict=True))
    edges = [[symbols.get(gene, gene) for gene in edge.split(" - ")] for edge in row["edges"].split(", ")]
    return {
        **row,
        "genes": ", ".join(symbols.get(gene, gene) for gene in row["genes"].split(", ")),
        "edges": ", ".join(" - ".join(edge) for edge in edges),
    }
