"""SIF with attribute tables, for Cytoscape and the many tools that read SIF.

network.sif has `source`, `interaction`, `target`, separated by tabs, and a line of its own for a gene without an edge.
The tables network.sif.nodes.tsv and network.sif.edges.tsv have a first column `shared name` with the names that
Cytoscape gives to nodes and edges of a SIF file (`A (regulation) B` for an edge), so that File > Import > Table matches
them. SIF has no quoting: a gene with a tab or a line break in its name is an error.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genenet.errors import InputError
from genenet.files.atomic import atomic
from genenet.writers.elements import edge_kinds, node_kinds
from genenet.writers.kinds import Kind, as_text, typed_row
from genenet.writers.tables import tsv_field

if TYPE_CHECKING:
    import networkx as nx


def write_sif(graph: "nx.Graph[str]", path: Path, nodes: Path, edges: Path) -> None:
    """Write network.sif, and the tables of its nodes and edges."""
    check_names(graph, path.name)
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines("\t".join(line) + "\n" for line in _lines(graph))
    _write_table(((str(node), data) for node, data in graph.nodes(data=True)), node_kinds(graph), nodes)
    _write_table(((_name(a, b, data), data) for a, b, data in graph.edges(data=True)), edge_kinds(graph), edges)


def check_names(nodes: Iterable[Any], file: str) -> None:
    """Refuse names with tabs or line breaks, which would break a file without quoting."""
    for node in nodes:
        if any(special in str(node) for special in "\t\n\r"):
            raise InputError(
                f"gene {str(node)!r} cannot be written to {file}: the format does not allow tabs and line breaks"
                " in names; rename the gene in the input"
            )


def _lines(graph: "nx.Graph[str]") -> Iterator[tuple[str, ...]]:
    for source, target, data in graph.edges(data=True):
        yield str(source), str(data.get("interaction", "-")), str(target)
    for node in (node for node, degree in graph.degree if not degree):
        yield (str(node),)


def _name(source: object, target: object, data: dict[str, Any]) -> str:
    return f"{source} ({data.get('interaction', '-')}) {target}"


def _write_table(rows: Iterable[tuple[str, dict[str, Any]]], kinds: Mapping[str, Kind], path: Path) -> None:
    with atomic(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(map(tsv_field, ("shared name", *kinds))) + "\n")
        for name, data in rows:
            typed = typed_row(data, kinds)
            values = (tsv_field(as_text(typed[attribute])) if attribute in typed else "" for attribute in kinds)
            file.write("\t".join((tsv_field(name), *values)) + "\n")
