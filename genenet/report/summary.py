"""The summary of a run in numbers, as summary.json has them (in words: `genenet.report.summary_text`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from genenet.config.sections import Preset
from genenet.files.plain_values import plain_value
from genenet.products.confounding import counts_of
from genenet.products.expression import Expression, Notes
from genenet.products.strata import strata_of
from genenet.readers.findings import from_frame
from genenet.readers.known_names import GENE_LABEL
from genenet.writers.network_tables import NetworkTables

if TYPE_CHECKING:
    import pandas as pd


def summarise(
    expression: Expression,
    significance: dict[str, Any],
    prune: dict[str, Any],
    network: NetworkTables,
    confounding: "pd.DataFrame | None" = None,
    *,
    preset: Preset | None = None,
    seconds: dict[str, float] | None = None,
    unused_settings: Sequence[str] = (),
    fingerprints: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Gather the numbers of a run, as summary.json has them.

    Parameters
    ----------
    expression
        The prepared matrix.
    significance, prune
        Statistics of these two steps.
    network
        The network.
    confounding
        With strata the table of `genenet.confounding.confounding`.
    preset
        The preset that set the defaults, if there was one.
    seconds
        Wall time of each step.
    unused_settings
        Messages of `genenet.config.unused.unused`.
    fingerprints
        Those of all that the edges were made from (`genenet.products.origin`).
    """
    notes = Notes.of(expression)
    counts = {reason: len(genes) for reason, genes in sorted(notes.dropped_by_reason().items())}
    summary: dict[str, Any] = {
        "preset": preset,
        "matrix": {
            "source": notes.source,
            "n_genes": expression.n_vars,
            "n_samples": expression.n_obs,
            "n_dropped_genes": sum(counts.values()),
            "dropped_genes": counts,
            "n_regulators": int(expression.var["regulator"].sum()) if notes.directed else None,
            "n_missing_regulators": len(notes.missing_regulators),
            "n_targets": int(expression.var["target"].sum()) if notes.has_targets else None,
            "n_missing_targets": len(notes.missing_targets or ()),
            "n_listed_pairs": None if notes.pairs is None else len(notes.pairs),
            "whitening": _plain(notes.whitening),
            "aggregation": _plain(notes.aggregation),
        },
        "findings": [
            *(asdict(finding) for finding in from_frame(notes.findings)),
            *({"weight": "warned", "kind": "settings", "message": message} for message in unused_settings),
        ],
        "significance": significance,
        "prune": prune,
        "network": summarise_network(network),
        "fingerprints": dict(fingerprints or {}),
        "seconds": {step: round(value, 3) for step, value in (seconds or {}).items()},
    }
    if confounding is not None:
        strata = strata_of(expression)
        sizes = {} if strata is None else dict(zip(strata.levels, strata.sizes.tolist(), strict=True))
        summary["confounding"] = {"strata": list(notes.strata), "sizes": sizes, **counts_of(confounding)}
    return summary


def _plain(note: dict[str, Any] | None) -> dict[str, Any] | None:
    """Convert a note to JSON's types; a note that was read from a file has those of numpy."""
    if note is None:
        return None
    return {
        name: list(map(str, value)) if np.ndim(value) else plain_value(value) for name, value in sorted(note.items())
    }


def summarise_network(network: NetworkTables, *, n_hubs: int = 10) -> dict[str, Any]:
    """Numbers that describe a network, ready for JSON.

    Parameters
    ----------
    network
        A network of `genenet.steps.network.network_of`.
    n_hubs
        How many genes to list: those with most partners; among equals by strength, then gene order.

    Returns
    -------
    `nodes`, `edges`, `components` and `largest_component` (of the undirected graph), `negative_edges`
    (Spearman below 0), and `hubs`, a list of `gene`, `degree`, `strength`, and `gene_label` if nodes have it.

    Examples
    --------
    >>> import pandas as pd
    >>> nodes = pd.DataFrame({"degree": [2, 1, 1], "strength": [0.75, 0.5, 0.25]}, index=["A", "B", "C"])
    >>> edges = pd.DataFrame({"sign": [-1, 1]})
    >>> network = NetworkTables({}, False, nodes, edges, (np.array([0, 0]), np.array([1, 2])), {"sign": "sign"})
    >>> summarise_network(network, n_hubs=1)["hubs"]
    [{'gene': 'A', 'degree': 2, 'strength': 0.75}]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes, edges = network.nodes, network.edges
    links = coo_array((np.ones(len(edges), np.int8), network.ends), shape=(len(nodes), len(nodes)))
    sizes = np.bincount(connected_components(links, directed=False)[1])
    return {
        "nodes": len(nodes),
        "edges": len(edges),
        "components": len(sizes),
        "largest_component": int(sizes.max(initial=0)),
        "negative_edges": int((edges["sign"] == -1).sum()) if "sign" in edges else 0,
        "hubs": _hubs(nodes, n_hubs),
    }


def _hubs(nodes: "pd.DataFrame", n: int) -> list[dict[str, Any]]:
    """The genes with most partners, and what is listed of them."""
    first = np.lexsort([-nodes["strength"].to_numpy(float), -nodes["degree"].to_numpy()])[:n]
    shown = [name for name in ("degree", "strength", GENE_LABEL) if name in nodes]
    rows = [(str(nodes.index[row]), [plain_value(nodes[name].iloc[row]) for name in shown]) for row in first.tolist()]
    return [
        {"gene": gene, **{name: value for name, value in zip(shown, values, strict=True) if value is not None}}
        for gene, values in rows
    ]
