"""The step `export`: write a network as files of other programs."""

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from genenet.errors import ConfigError, suggest
from genenet.writers.content import Content
from genenet.writers.cx2 import write_cx2
from genenet.writers.cyjs import write_cyjs
from genenet.writers.formats import DRAWN, MANY_EDGES, NEED_BINS, NEED_REGULATORS
from genenet.writers.gexf import write_gexf
from genenet.writers.gml import write_gml
from genenet.writers.graphml import write_graphml
from genenet.writers.h5ad import write_h5ad
from genenet.writers.mi_tables import write_matrix, write_ranking
from genenet.writers.node_positions import layout
from genenet.writers.rankings import write_beeline, write_dream
from genenet.writers.regulons import write_aracne, write_decoupler, write_gmt, write_viper
from genenet.writers.sif import write_sif
from genenet.writers.style import write_vizmap
from genenet.writers.tables import write_edges_parquet, write_tables
from genenet.writers.view import cut_view

if TYPE_CHECKING:
    from anndata import AnnData

    from genenet.products.bins import Bins


log = logging.getLogger("genenet")

Exporter = Callable[[Content, Path], list[Path]]


def _graphml(content: Content, directory: Path) -> list[Path]:
    return [write_graphml(content.graph, directory / "network.graphml")]


def _cyjs(content: Content, directory: Path) -> list[Path]:
    return [write_cyjs(content.graph, directory / "network.cyjs", positions=content.positions)]


def _h5ad(content: Content, directory: Path) -> list[Path]:
    return [write_h5ad(content, directory / "network.h5ad")]


def _cx2(content: Content, directory: Path) -> list[Path]:
    return [write_cx2(content.graph, directory / "network.cx2", positions=content.positions)]


def _view(content: Content, directory: Path) -> list[Path]:
    view = cut_view(content.graph, genes=content.view_genes, max_nodes=content.view_nodes)
    places = layout(view)
    return [
        write_cx2(view, directory / "view.cx2", positions=places),
        write_cyjs(view, directory / "view.cyjs", positions=places),
    ]


def _sif(content: Content, directory: Path) -> list[Path]:
    return write_sif(content.graph, directory)


def _style(content: Content, directory: Path) -> list[Path]:
    return [write_vizmap(content.graph, directory / "style.xml")]


def _gexf(content: Content, directory: Path) -> list[Path]:
    return [write_gexf(content.graph, directory / "network.gexf", positions=content.positions)]


def _gml(content: Content, directory: Path) -> list[Path]:
    return [write_gml(content.graph, directory / "network.gml")]


def _parquet(content: Content, directory: Path) -> list[Path]:
    return [write_edges_parquet(content, directory / "edges.parquet")]


def _viper(content: Content, directory: Path) -> list[Path]:
    return [write_viper(content, directory / "viper_regulon.tsv")]


def _decoupler(content: Content, directory: Path) -> list[Path]:
    return [write_decoupler(content, directory / "decoupler.tsv")]


def _gmt(content: Content, directory: Path) -> list[Path]:
    return [write_gmt(content, directory / "regulons.gmt")]


def _beeline(content: Content, directory: Path) -> list[Path]:
    return [write_beeline(content, directory / "rankedEdges.csv")]


def _dream(content: Content, directory: Path) -> list[Path]:
    return [write_dream(content, directory / "dream.tsv")]


def _ranking(content: Content, directory: Path) -> list[Path]:
    return [write_ranking(_bins(content), directory / "ranking.tsv.gz", directed=content.directed)]


def _mi_matrix(content: Content, directory: Path) -> list[Path]:
    return [write_matrix(_bins(content), directory / "mi_matrix.h5ad")]


def _bins(content: Content) -> "Bins":
    assert content.bins is not None, "checked before anything is written"
    return content.bins


EXPORTERS: Mapping[str, Exporter] = {
    "graphml": _graphml,
    "cyjs": _cyjs,
    "tsv": write_tables,
    "h5ad": _h5ad,
    "cx2": _cx2,
    "view": _view,
    "sif": _sif,
    "style": _style,
    "gexf": _gexf,
    "gml": _gml,
    "parquet": _parquet,
    "aracne": write_aracne,
    "viper": _viper,
    "decoupler": _decoupler,
    "gmt": _gmt,
    "beeline": _beeline,
    "dream": _dream,
    "ranking": _ranking,
    "mi_matrix": _mi_matrix,
}


def export_network(
    graph: "nx.Graph[str]",
    edges: pd.DataFrame,
    expression: "AnnData",
    directory: str | os.PathLike[str],
    formats: Iterable[str],
    *,
    view_genes: Sequence[str] = (),
    view_nodes: int = 200,
    bins: "Bins | None" = None,
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
        Where to write; made if it is not there.
    formats
        Names of `EXPORTERS`.
    view_genes, view_nodes
        What the format `view` shows; see `cut_view`.
    bins
        What MI was computed from, for the formats of all pairs (`ranking`, `mi_matrix`).

    Returns
    -------
    The files written, in the order of `formats`.

    Raises
    ------
    ConfigError
        If a format is not known, or needs regulators and there are none; nothing is written then.
    InputError
        If a name cannot be written in one of the formats, or a gene to view is not in the network.
    """
    content = Content(graph, edges, expression, view_genes=tuple(view_genes), view_nodes=view_nodes, bins=bins)
    formats = list(dict.fromkeys(formats))
    _check(formats, directed=content.directed, has_bins=bins is not None)
    _warn_of_size(formats, graph.number_of_edges())
    return [path for name in formats for path in EXPORTERS[name](content, Path(directory))]


def _warn_of_size(formats: Iterable[str], n_edges: int) -> None:
    """Say before it is written what hardly any program will open."""
    drawn = {name: seconds for name, seconds in DRAWN.items() if name in formats}
    if n_edges > MANY_EDGES and drawn:
        minutes = sum(drawn.values()) * n_edges / 1e6 / 60
        log.warning(
            "%s edges: writing %s takes about %s, and Cytoscape, Gephi and their like hardly open so many; for all"
            " edges take parquet, tsv or h5ad, for a picture the format view, or fewer edges (prune.max_edges)",
            f"{n_edges:,}", ", ".join(drawn), f"{minutes:.0f} min" if minutes >= 1 else "a minute",
        )  # fmt: skip


def _check(formats: Iterable[str], *, directed: bool, has_bins: bool) -> None:
    for name in formats:
        if name not in EXPORTERS:
            known = ", ".join(EXPORTERS)
            raise ConfigError(f"export.formats must be among {known}, got {name!r}{suggest(name, EXPORTERS)}")
        if name in NEED_REGULATORS and not directed:
            raise ConfigError(
                f"export.formats has {name!r}, which lists targets of regulators, but the network was made without a"
                f" regulator list; give one with --regulators, or leave {name!r} out"
            )
        if name in NEED_BINS and not has_bins:
            raise ConfigError(
                f"export.formats has {name!r}, which is of all pairs, and needs the bins to compute them; give them"
                f" with --bins (bins=), or leave {name!r} out"
            )
