"""The summary of a run in numbers, as summary.json has them (in words: `genenet.report.summary_text`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from genenet.config.sections import Preset
from genenet.files.plain_values import plain_value
from genenet.products.confounding import counts_of
from genenet.products.expression import Expression, Notes
from genenet.products.strata import strata_of
from genenet.readers.findings import from_frame
from genenet.readers.known_names import GENE_LABEL

if TYPE_CHECKING:
    import pandas as pd


def summarise(
    expression: Expression,
    significance: dict[str, Any],
    prune: dict[str, Any],
    graph: "nx.Graph[str]",
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
    graph
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
        "network": summarise_network(graph),
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


def summarise_network(graph: "nx.Graph[str]", *, n_hubs: int = 10) -> dict[str, Any]:
    """Numbers that describe a network, ready for JSON.

    Parameters
    ----------
    graph
        A graph of `build_network`.
    n_hubs
        How many genes to list: those with most partners; among equals by strength, then gene order.

    Returns
    -------
    `nodes`, `edges`, `components` and `largest_component` (of the undirected graph), `negative_edges`
    (Spearman below 0), and `hubs`, a list of `gene`, `degree`, `strength`, and `gene_label` if nodes have it.

    Examples
    --------
    >>> graph = nx.Graph([("A", "B", {"sign": -1}), ("A", "C", {"sign": 1})])
    >>> nx.set_node_attributes(graph, {"A": 2, "B": 1, "C": 1}, "degree")
    >>> nx.set_node_attributes(graph, {"A": 0.75, "B": 0.5, "C": 0.25}, "strength")
    >>> summarise_network(graph, n_hubs=1)["hubs"]
    [{'gene': 'A', 'degree': 2, 'strength': 0.75}]
    """
    signs: list[tuple[str, str, Any]] = list(graph.edges(data="sign"))
    sizes = [len(part) for part in nx.connected_components(graph.to_undirected(as_view=True))]
    nodes = [
        {"gene": gene, **{name: data[name] for name in ("degree", "strength", GENE_LABEL) if name in data}}
        for gene, data in graph.nodes.items()
    ]
    hubs = sorted(nodes, key=lambda node: (-node["degree"], -node["strength"]))[:n_hubs]
    return {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "components": len(sizes),
        "largest_component": max(sizes, default=0),
        "negative_edges": sum(plain_value(sign) == -1 for _, _, sign in signs),
        "hubs": hubs,
    }
