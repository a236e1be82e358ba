"""The panel of hubs: the genes with most partners, and the strongest of these."""

from typing import Any

import numpy as np

from genenet.report.panel import Content
from genenet.report.run import Run

N_HUBS, N_PARTNERS = 25, 8


def build(run: Run) -> Content | None:
    """Make the panel; without an edge there is none."""
    if not len(run.best):
        return None
    strength = run.nodes["strength"].to_numpy(float)
    hubs = np.lexsort([-strength, -run.degree])[:N_HUBS]
    partners = strongest_partners(run, hubs)
    has_symbols = run.symbols != list(run.genes)
    rows = [
        {
            "gene": int(hub),
            "symbol": run.symbols[hub],
            "name": run.genes[hub],
            "degree": int(run.degree[hub]),
            "strength": float(strength[hub]),
            "module": int(run.modules[hub]),
            "regulator": bool(run.directed and run.expression.var["regulator"].iloc[hub]),
            "partners": partners[int(hub)],
        }
        for hub in hubs.tolist()
    ]
    return Content({"hubs": rows, "has_symbols": has_symbols, "directed": run.directed})


def strongest_partners(run: Run, genes: np.ndarray[Any, Any]) -> dict[int, list[tuple[str, float]]]:
    """Names and scores of the best partners of some genes, the largest score first."""
    found: dict[int, list[tuple[str, float]]] = {int(gene): [] for gene in genes}
    first, second = (end[run.best] for end in run.ends)
    score = run.edges["score"].to_numpy(float)[run.best]
    for place in np.flatnonzero(np.isin(first, genes) | np.isin(second, genes)).tolist():
        for gene, partner in ((int(first[place]), int(second[place])), (int(second[place]), int(first[place]))):
            if gene in found and len(found[gene]) < N_PARTNERS:
                found[gene].append((run.symbols[partner], float(score[place])))
    return found
