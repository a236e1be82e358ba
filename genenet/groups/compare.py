"""Comparison of the networks of groups: the edges that they have in common, and an overview."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genenet.config.keys import text_of
from genenet.errors import InputError, count, shorten
from genenet.files.atomic import GROUPS, MANIFEST
from genenet.files.edges import read_edges
from genenet.files.manifest import check_folder, section_of
from genenet.groups.levels import LEVELS, Group
from genenet.paths import PathLike

VALUES = ("mi", "spearman")
"""Columns of the edges tables that edges_by_group.tsv has for each group, beside `kept`."""
INFERRED = ("prepare", "discretise", "information", "permutation", "significance", "prune", "stability")
"""Sections of the settings that change which edges a network has."""


def edges_by_group(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compare the networks of groups: a table of all pairs that are an edge in at least one of them.

    Parameters
    ----------
    tables
        Edges tables by the name of the group; all with regulators, or all without.

    Returns
    -------
    One row for each pair of genes that is an edge in at least one group, those of most groups first, then by the
    largest MI. The columns are the two genes (`gene_a`, `gene_b`, and with regulators `regulator`, `target`, `mutual`),
    `n_groups` (number of groups in which the pair is an edge), and for each group `kept_NAME` (whether it is an edge
    there), `mi_NAME` (bits) and `spearman_NAME` (missing where the pair is not significant).

    Examples
    --------
    >>> genes = pd.CategoricalDtype(["A", "B", "C"])
    >>> first = pd.DataFrame({"gene_a": ["A"], "gene_b": ["B"], "mi": [0.5], "spearman": [1.0], "kept": [True]})
    >>> second = pd.DataFrame({"gene_a": ["A"], "gene_b": ["B"], "mi": [0.2], "spearman": [0.3], "kept": [False]})
    >>> tables = {"x": first.astype({"gene_a": genes, "gene_b": genes}), "y": second.astype({"gene_a": genes,
    ... "gene_b": genes})}
    >>> edges_by_group(tables).iloc[0].to_dict()
    {'gene_a': 'A', 'gene_b': 'B', 'n_groups': 1, 'kept_x': True, 'mi_x': 0.5, 'spearman_x': 1.0, 'kept_y': False, \
'mi_y': 0.2, 'spearman_y': 0.3}
    """
    genes = pd.Index(sorted({gene for table in tables.values() for gene in table["gene_a"].cat.categories}))
    keys = {name: _keys(table, genes) for name, table in tables.items()}
    kept = {name: table["kept"].to_numpy(dtype=bool) for name, table in tables.items()}
    edges = np.unique(np.concatenate([keys[name][kept[name]] for name in tables]))
    columns: dict[str, Any] = {
        "gene_a": genes.to_numpy()[edges // len(genes)],
        "gene_b": genes.to_numpy()[edges % len(genes)],
        **_roles(tables, keys, edges),
        "n_groups": np.zeros(len(edges), np.int64),
    }
    largest = np.zeros(len(edges))
    for name, table in tables.items():
        found = np.searchsorted(edges, keys[name]).clip(max=max(len(edges) - 1, 0))
        rows = np.flatnonzero(edges[found] == keys[name]) if len(edges) else np.empty(0, np.intp)
        columns[f"kept_{name}"] = _placed(found[rows], kept[name][rows], len(edges), False)
        columns["n_groups"] += columns[f"kept_{name}"]
        for value in VALUES:
            columns[f"{value}_{name}"] = _placed(found[rows], table[value].to_numpy()[rows], len(edges), np.nan)
        largest = np.fmax(largest, columns[f"mi_{name}"])
    order = np.lexsort((edges, -largest, -columns["n_groups"]))
    return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def _keys(table: pd.DataFrame, genes: pd.Index) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Number each pair of genes; a pair has the same number in all tables."""
    first, second = (
        genes.get_indexer(table[end].cat.categories)[table[end].cat.codes.to_numpy()] for end in ("gene_a", "gene_b")
    )
    return first.astype(np.int64) * len(genes) + second


def _roles(tables: Mapping[str, pd.DataFrame], keys: Mapping[str, Any], edges: Any) -> dict[str, Any]:
    """Roles of the two genes of each pair, which are the same in every table that has the pair."""
    columns: dict[str, Any] = {}
    for name, table in tables.items():
        rows = np.flatnonzero(np.isin(keys[name], edges))
        places = np.searchsorted(edges, keys[name][rows])
        for role in ("regulator", "target", "mutual"):
            if role in table:
                whole = columns.setdefault(role, np.empty(len(edges), dtype=object))
                whole[places] = table[role].iloc[rows].astype(object)
    return columns


def _placed(places: Any, values: Any, n: int, missing: Any) -> Any:
    whole = np.full(n, missing)
    whole[places] = values
    return whole


def overview(groups: Iterable[Group], summaries: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Make a table with one row for each group: its samples and genes, and the pairs and edges that were found.

    Parameters
    ----------
    groups
        All groups, also those without a network.
    summaries
        `Result.summary` by the name of the group; those of groups that were not used are missing.

    Returns
    -------
    The columns of groups.tsv: `group`, `folder`, `n_samples`, `n_genes`, `n_pairs`, `n_significant`, `threshold_mi`
    (bits), `n_edges`, `n_connected_genes`, `largest_hub` and `note`; missing for a group without a network.
    """
    return pd.DataFrame([_row(group, summaries.get(group.name)) for group in groups])


def _row(group: Group, summary: Mapping[str, Any] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"group": group.name, "folder": group.folder if group.used else None}
    row["n_samples"] = group.n_samples
    found, network = (summary["significance"], summary["network"]) if summary else ({}, {})
    row["n_genes"] = summary["matrix"]["n_genes"] if summary else None
    row |= {key: found.get(key) for key in ("n_pairs", "n_significant", "threshold_mi")}
    row |= {"n_edges": network.get("edges"), "n_connected_genes": network.get("nodes")}
    hubs = network.get("hubs") or [{"gene": None}]
    row["largest_hub"] = hubs[0]["gene"]
    row["note"] = found.get("diagnosis") if group.used else "too few samples"
    whole = ("n_genes", "n_pairs", "n_significant", "n_edges", "n_connected_genes")
    return row | {key: pd.NA if row[key] is None else row[key] for key in whole}


def read_overview(path: PathLike) -> pd.DataFrame:
    """Read groups.tsv, for `describe_groups`."""
    numbers = ("n_samples", "n_genes", "n_pairs", "n_significant", "n_edges")
    return pd.read_csv(
        path,
        sep="\t",
        dtype={"group": str, "folder": str, "note": str} | dict.fromkeys(numbers, "Int64"),
        keep_default_na=False,
        na_values={name: [""] for name in numbers},
    )


def describe_groups(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Describe the rows of an overview for people.

    Parameters
    ----------
    table
        Result of `overview`, or groups.tsv as `read_overview` reads it.

    Returns
    -------
    For each group its name, and a text with the numbers of samples, genes, significant pairs and edges.
    """
    return [(str(row.group), _describe(row)) for row in table.itertuples()]


def _describe(row: Any) -> str:
    samples = count(row.n_samples, "sample")
    if pd.isna(row.n_edges):
        return f"{samples}: {row.note}"
    why = f" ({row.note})" if row.note else ""
    return (
        f"{samples}, {count(row.n_genes, 'gene')}, {row.n_significant:,} of {count(row.n_pairs, 'pair')} significant,"
        f" {count(row.n_edges, 'edge')}{why}: {row.folder}/"
    )


def write_comparison(groups: Sequence[Group], directory: PathLike) -> tuple[list[Path], pd.DataFrame]:
    """Write groups.tsv and edges_by_group.tsv from the files in the groups' folders.

    Parameters
    ----------
    groups
        All groups, as `infer_groups` or `read_levels` gives them.
    directory
        Folder with the folders of the groups; the two tables are written into it.

    Returns
    -------
    The paths, and the table in groups.tsv.

    Raises
    ------
    InputError
        If files of a group, or the networks of groups, are of different runs.
    """
    from genenet.writers.tables import write_tsv

    directory = Path(directory)
    used = [group for group in groups if group.used]
    check_groups(directory, [group.folder for group in used])
    tables = {group.folder: read_edges(directory / group.folder / "pruned.parquet")[0] for group in used}
    summaries = {group.name: json.loads((directory / group.folder / "summary.json").read_text()) for group in used}
    paths = [directory / GROUPS, directory / "edges_by_group.tsv"]
    found = overview(groups, summaries)
    write_tsv(found, paths[0])
    write_tsv(edges_by_group(tables), paths[1])
    return paths, found


def check_groups(directory: PathLike, folders: Iterable[str]) -> None:
    """Refuse networks of groups that were not inferred by the same settings from the same files.

    Parameters
    ----------
    directory
        Folder with the folders of the groups.
    folders
        Folders of groups with a network.

    Raises
    ------
    InputError
        If files of one group are of different runs, or the manifests of two groups name another setting or input.
    """
    first: tuple[Path, dict[str, Any]] | None = None
    for folder in (Path(directory) / name for name in folders):
        manifest = check_folder(folder, ("pruned.parquet", "summary.json"))
        if not manifest:
            continue
        told = _told(manifest)
        if first is None:
            first = folder / MANIFEST, told
        for name in dict.fromkeys([*first[1], *told]):
            if first[1].get(name) != told.get(name):
                raise InputError(
                    f"{folder / MANIFEST} is of another run than {first[0]}: {name} is"
                    f" {_value(told.get(name))} and not {_value(first[1].get(name))}; infer the"
                    " networks of all groups by one run"
                )


def _value(value: Any) -> str:
    return shorten(text_of(value), quoted=False) or "empty"


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """All that changes a network, by the name of the setting, or the checksum of each input by its role."""
    found = {
        f"{section}.{name}": value for section in INFERRED for name, value in section_of(manifest, section).items()
    }
    inputs = {f"the checksum of the {role}": file.get("sha256") for role, file in manifest["inputs"].items()}
    return {**dict(sorted(found.items())), "seed": manifest.get("seed"), **inputs}


def files_of_groups(groups: Iterable[Group], directory: PathLike) -> list[Path]:
    """List the files that the manifest of a folder of groups has: tables, and the manifests of the groups.

    Parameters
    ----------
    groups
        All groups.
    directory
        Folder with the folders of the groups.

    Returns
    -------
    The paths of `write_comparison`, levels.tsv if it is there, and manifest.json of each group with a network.
    """
    directory = Path(directory)
    tables = [directory / name for name in (GROUPS, "edges_by_group.tsv", LEVELS)]
    manifests = [directory / group.folder / MANIFEST for group in groups if group.used]
    return [*(path for path in tables if path.exists()), *manifests]
