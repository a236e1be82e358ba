"""The files of a comparison of groups."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from genenet.differential.graph import differential_graph
from genenet.errors import InputError, OutputError, printable, quote_some
from genenet.files.atomic import GROUPS, REPORT, staged, write_json
from genenet.files.edges import read_edges
from genenet.files.manifest import write_manifest
from genenet.groups.compare import check_groups, read_overview
from genenet.paths import PathLike
from genenet.report.differences import read_differences
from genenet.report.page import write_report
from genenet.writers.cx2 import write_cx2
from genenet.writers.graphml import write_graphml
from genenet.writers.node_positions import layout
from genenet.writers.tables import write_tsv

if TYPE_CHECKING:
    import networkx as nx

    from genenet.differential.network import DifferentialNetwork

PAIRS, GENES = "differential_pairs.tsv", "differential_genes.tsv"
GRAPHML, CX2 = "differential.graphml", "differential.cx2"


def write_differential(
    found: "DifferentialNetwork", directory: PathLike, networks: Mapping[str, pd.DataFrame] | PathLike | None = None
) -> list[Path]:
    """Write the tables, the graph, summary.json, manifest.json and report.html into a folder.

    Parameters
    ----------
    found
        The comparison.
    directory
        The folder; made if it is not there.
    networks
        As for `differential_graph`; or the folder of a run with --group-by, whose networks are read.

    Returns
    -------
    The paths.
    """
    given = _given(found, networks)
    files = None
    if isinstance(networks, str | os.PathLike):
        files = networks_in(networks, [group.name for group in found.labels.groups])
        networks = {name: read_edges(file)[0] for name, file in files.items()}
    graph = differential_graph(found, networks, files)
    with staged(directory) as folder:
        written = [path.name for path in _write(found, graph, folder, given)]
    return [Path(directory) / name for name in written]


def _given(found: "DifferentialNetwork", networks: object) -> dict[str, Any]:
    """List all that the comparison was told beside files and the settings of a matrix, for the manifest."""
    folder = Path(networks).resolve().name if isinstance(networks, str | os.PathLike) else ""
    return {
        "name": found.name,
        "group_by": found.labels.column,
        "levels": [group.name for group in found.labels.groups],
        "differential": found.options.model_dump(mode="json"),
        **({"networks": printable(folder)} if folder else {}),
    }


def _write(found: "DifferentialNetwork", graph: "nx.Graph[str]", folder: Path, given: Mapping[str, Any]) -> list[Path]:
    paths = [folder / name for name in (PAIRS, GENES, GRAPHML, CX2, "summary.json")]
    write_tsv(found.pairs, paths[0])
    write_tsv(found.genes, paths[1])
    write_graphml(graph, paths[2])
    write_cx2(graph, paths[3], positions=layout(graph))
    write_json(found.summary, paths[4])
    manifest = write_manifest(
        folder, settings=found.settings, inputs=found.inputs, expression=found.expression, files=paths, given=given
    )
    page = write_report(read_differences(folder, name=found.name), folder / REPORT)
    return [*paths, manifest, page]


def refuse_network(directory: PathLike) -> None:
    """Refuse to write a comparison over a network: both have a summary, a manifest and a report.

    Raises
    ------
    OutputError
        If the folder has a network, or networks of groups.
    """
    for name in ("pruned.parquet", GROUPS):
        if (Path(directory) / name).exists():
            raise OutputError(
                f"{directory} has {name} of genenet infer, and the comparison has files of the same names as the"
                " network's; write to another folder"
            )


def read_networks(folder: PathLike, names: list[str]) -> dict[str, pd.DataFrame]:
    """Read the edges of the networks of groups from the folder of a run with --group-by; see `networks_in`."""
    return {name: read_edges(file)[0] for name, file in networks_in(folder, names).items()}


def networks_in(folder: PathLike, names: list[str]) -> dict[str, Path]:
    """Find the edges of the networks of groups in the folder of a run with --group-by, by the group's name.

    Parameters
    ----------
    folder
        The folder, with groups.tsv in it.
    names
        Groups whose networks are needed.

    Raises
    ------
    InputError
        If the folder is not one of groups, lacks the network of a group, or has networks of different runs.
    """
    folder = Path(folder)
    if not (folder / GROUPS).is_file():
        raise InputError(f"{folder} has no {GROUPS}; give the folder of genenet infer --group-by")
    overview = read_overview(folder / GROUPS)
    folders = dict(zip(overview["group"], overview["folder"], strict=True))
    lacking = [name for name in names if not folders.get(name)]
    if lacking:
        raise InputError(f"{folder} has no network of {quote_some(lacking)}; it has {quote_some(list(folders), 10)}")
    check_groups(folder, [folders[name] for name in names])
    return {name: folder / folders[name] / "pruned.parquet" for name in names}
