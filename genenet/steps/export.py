"""The step `export`: write a network as files of other programs."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from genenet.errors import logger_of
from genenet.products.expression import Expression
from genenet.products.fingerprint import origin_of
from genenet.products.origin import FINGERPRINT, Origin, check_one_run, origin_of_table
from genenet.writers.content import Content
from genenet.writers.formats import FORMATS, MANY_EDGES, check_formats, need_samples

if TYPE_CHECKING:
    import networkx as nx

    from genenet.products.bins import Bins

log = logger_of("genenet")


def export_network(
    graph: "nx.Graph[str]",
    edges: pd.DataFrame,
    expression: Expression,
    directory: str | os.PathLike[str],
    formats: Iterable[str],
    *,
    view_genes: Sequence[str] = (),
    view_nodes: int = 200,
    guard_formulas: bool = False,
    bins: "Bins | None" = None,
    odd_samples: pd.DataFrame | None = None,
) -> list[Path]:
    """Write a network in each of several formats.

    Parameters
    ----------
    graph
        Of `genenet.steps.network.build_network`, made from the same `edges` and `expression`.
    edges
        The edges table; rows that were not kept are left out.
    expression
        The prepared matrix.
    directory
        Folder to write to; it is created if necessary.
    formats
        Names of formats, of `genenet.writers.formats.FORMATS`.
    view_genes, view_nodes
        Genes and number of nodes that the format `view` shows; see `genenet.writers.view.cut_view`.
    guard_formulas
        In tables, put a single quote before texts that a spreadsheet would compute.
    bins
        Discretised expression, for the formats of all pairs (`ranking`, `mi_matrix`), and for `anomalies`.
    odd_samples
        Scores of samples (`genenet.anomalies.odd_samples`), if they are known, for `anomalies` and `h5ad`.

    Returns
    -------
    The files written, in the order of `formats`.

    Raises
    ------
    ConfigError
        If a format is not known, or needs regulators and there are none; nothing is written then.
    InputError
        If a name cannot be written in one of the formats, a gene to view is not in the network, or graph, edges, matrix
        and bins are of different runs.
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile, genenet
    >>> truth = genenet.simulate_expression(n_genes=20, n_regulators=4, n_samples=60, seed=1)
    >>> result = genenet.infer_network(truth.expression, n_draws=10_000)
    >>> folder = tempfile.mkdtemp()
    >>> paths = genenet.export_network(result.graph, result.edges, result.expression, folder, ["tsv", "gml"])
    >>> [path.name for path in paths]
    ['edges.tsv', 'nodes.tsv', 'network.gml']
    """
    _check_one_run(graph, edges, expression, bins)
    content = Content(
        graph,
        edges,
        expression,
        view_genes=tuple(view_genes),
        view_nodes=view_nodes,
        bins=bins,
        guard_formulas=guard_formulas,
        odd_samples=odd_samples,
    )
    return export_content(content, directory, formats)


def export_content(content: Content, directory: str | os.PathLike[str], formats: Iterable[str]) -> list[Path]:
    """Write a network in each of several formats, as `export_network` does."""
    formats = list(dict.fromkeys(formats))
    if content.odd_samples is None and content.bins is not None and need_samples(formats):
        from genenet.anomalies import odd_samples as find_odd_samples  # compiled code, which few formats need

        content = replace(content, odd_samples=find_odd_samples(content.edges, content.expression, content.bins))
    has_samples = content.odd_samples is not None
    check_formats(formats, directed=content.directed, has_bins=content.bins is not None, has_samples=has_samples)
    _warn_of_size(formats, content.elements.edges.n_rows)
    return [path for name in formats for path in FORMATS[name].export(content, Path(directory))]


def _check_one_run(graph: "nx.Graph[str]", edges: pd.DataFrame, expression: Expression, bins: "Bins | None") -> None:
    origin = origin_of_table(edges)
    if not origin.kind:
        return
    of_graph = Origin.of("pruned", {"pruned": graph.graph.get(FINGERPRINT, "")})
    of_bins = {} if bins is None else {"the discretised matrix": bins.origin}
    given = {"the graph": of_graph, "the table of edges": origin, **of_bins, "the matrix": origin_of(expression)}
    check_one_run(given, warn=False)


def _warn_of_size(formats: Iterable[str], n_edges: int) -> None:
    """Warn, before it is written, about files that hardly any program will open."""
    drawn = {name: seconds for name, format in FORMATS.items() if name in formats and (seconds := format.seconds)}
    if n_edges > MANY_EDGES and drawn:
        minutes = sum(drawn.values()) * n_edges / 1e6 / 60
        log.warning(
            "%s edges: writing %s takes about %s, and Cytoscape, Gephi and their like hardly open so many; for all"
            " edges take parquet, tsv or h5ad, for a picture the format view, or fewer edges (prune.max_edges)",
            f"{n_edges:,}", ", ".join(drawn), f"{minutes:.0f} min" if minutes >= 1 else "a minute",
        )  # fmt: skip
