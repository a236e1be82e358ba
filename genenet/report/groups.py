"""Reading the networks of groups of samples from their folder, for the page."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.files.atomic import GROUPS
from genenet.files.manifest import check_folder, manifest_checksum
from genenet.report.result_tables import read_result_table

EDGES = "edges_by_group.tsv"


@dataclass(frozen=True)
class Groups:
    """Networks of groups of samples, as `genenet infer --group-by` writes them.

    Attributes
    ----------
    name
        Name of the data set.
    overview
        groups.tsv: a row for each group.
    edges
        edges_by_group.tsv: a row for each edge of any group.
    manifest_checksum
        Checksum of manifest.json, by which the page is known to be of this run; empty if there is none.
    """

    name: str
    overview: pd.DataFrame = field(repr=False)
    edges: pd.DataFrame = field(repr=False)
    manifest_checksum: str = ""

    @cached_property
    def folders(self) -> list[str]:
        """Folders of the groups that have a network, in order."""
        return [str(folder) for folder in self.overview["folder"] if f"kept_{folder}" in self.edges]

    @cached_property
    def names(self) -> list[str]:
        """Names of the groups that have a network, in order."""
        by_folder = dict(zip(self.overview["folder"], self.overview["group"], strict=True))
        return [str(by_folder[folder]) for folder in self.folders]

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Whether each edge is in each group's network, shape (n_edges, n_groups)."""
        columns = [self.edges[f"kept_{folder}"].to_numpy(str) == "true" for folder in self.folders]
        return np.column_stack(columns) if columns else np.empty((len(self.edges), 0), bool)

    @property
    def shared(self) -> NDArray[np.int64]:
        """Number of edges that two groups have in common, shape (n_groups, n_groups)."""
        kept = self.kept.astype(np.int64)
        return kept.T @ kept

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Edges that two groups have in common, as a share of those that either has."""
        shared = self.shared.astype(float)
        sizes = np.diag(shared)
        either = sizes[:, None] + sizes[None, :] - shared
        return np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)


def is_grouped(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds networks of groups of samples."""
    return (Path(folder) / GROUPS).is_file()


def read_groups(folder: str | os.PathLike[str], *, name: str | None = None) -> Groups:
    """Read the networks of groups from the folder that they were written to.

    Raises
    ------
    InputError
        If one of the two tables is missing or damaged, or is not that of the manifest.
    """
    folder = Path(folder)
    check_folder(folder, (GROUPS, EDGES))
    overview, edges = (
        read_result_table(folder / file, columns, kind="of groups made by genenet", folder="a run with --group-by")
        for file, columns in ((GROUPS, {"group", "folder"}), (EDGES, {"gene_a", "gene_b", "n_groups"}))
    )
    return Groups(name or folder.resolve().name, overview, edges, manifest_checksum(folder))
