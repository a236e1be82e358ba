"""Files that other programs open: a registry of formats by name, one module a family.

Every writer takes a `Content` and a folder, writes whole files or none, gives the same bytes for the same content, and
returns the paths it wrote. What becomes of unusual values and names is said in `genenet.values`, `genenet.network` and
the writer's module.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from genenet.errors import ConfigError, suggest
from genenet.export.content import Content
from genenet.export.cytoscape_json import write_cyjs
from genenet.export.graphml import write_graphml
from genenet.export.h5ad import write_h5ad
from genenet.export.tables import write_tables

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["EXPORTERS", "Content", "export_network", "write_cyjs", "write_graphml", "write_h5ad", "write_tables"]


def _graphml(content: Content, directory: Path) -> list[Path]:
    return [write_graphml(content.graph, directory / "network.graphml")]


def _cyjs(content: Content, directory: Path) -> list[Path]:
    return [write_cyjs(content.graph, directory / "network.cyjs")]


def _tsv(content: Content, directory: Path) -> list[Path]:
    return write_tables(content, directory)


def _h5ad(content: Content, directory: Path) -> list[Path]:
    return [write_h5ad(content, directory / "network.h5ad")]


EXPORTERS: Mapping[str, Callable[[Content, Path], list[Path]]] = {
    "graphml": _graphml,
    "cyjs": _cyjs,
    "tsv": _tsv,
    "h5ad": _h5ad,
}


def export_network(
    graph: "nx.Graph[str]",
    edges: pd.DataFrame,
    expression: "AnnData",
    directory: str | os.PathLike[str],
    formats: Iterable[str],
) -> list[Path]:
    """Write a network in each of several formats.

    Parameters
    ----------
    graph
        Of `genenet.network.build_network`, made from the same `edges` and `expression`.
    edges
        The edges table; rows that were not kept are left out.
    expression
        The prepared matrix.
    directory
        Where to write; made if it is not there.
    formats
        Names of `EXPORTERS`.

    Returns
    -------
    The files written, in the order of `formats`.

    Raises
    ------
    ConfigError
        If a format is not known; nothing is written then.
    InputError
        If a name cannot be written in one of the formats.
    """
    formats = list(dict.fromkeys(formats))
    for name in formats:
        if name not in EXPORTERS:
            known = ", ".join(EXPORTERS)
            raise ConfigError(f"export.formats must be among {known}, got {name!r}{suggest(name, EXPORTERS)}")
    content = Content(graph=graph, edges=edges, expression=expression)
    return [path for name in formats for path in EXPORTERS[name](content, Path(directory))]
