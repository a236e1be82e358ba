"""Reading a comparison of groups of samples from its folder, for the page."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from genenet.errors import InputError
from genenet.files.manifest import check_folder, manifest_checksum
from genenet.report.result_tables import read_result_table

TEXT = ("gene_a", "gene_b", "gene", "change", "regulator", "target")
"""Columns of text; all others are numbers."""
PAIRS, GENES, SUMMARY = "differential_pairs.tsv", "differential_genes.tsv", "summary.json"


@dataclass(frozen=True)
class Differences:
    """The files of a `genenet differential` folder, as the report uses them.

    Attributes
    ----------
    name
        Name of the comparison.
    pairs, genes
        The two tables.
    summary
        summary.json.
    manifest_checksum
        Checksum of manifest.json, by which the page is known to be of this comparison; empty if there is none.
    """

    name: str
    pairs: pd.DataFrame = field(repr=False)
    genes: pd.DataFrame = field(repr=False)
    summary: Mapping[str, Any] = field(repr=False)
    manifest_checksum: str = ""

    @property
    def groups(self) -> list[str]:
        """Names of the groups, the reference first."""
        return list(self.summary["groups"])

    @property
    def folders(self) -> list[str]:
        """Names of the groups in the columns of the tables."""
        return [str(name).removeprefix("spearman_") for name in self.pairs if str(name).startswith("spearman_")]


def has_differences(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds a comparison of groups of samples."""
    return (Path(folder) / PAIRS).is_file()


def read_differences(folder: str | os.PathLike[str], *, name: str | None = None) -> Differences:
    """Read a comparison from the folder that it was written to.

    Raises
    ------
    InputError
        If one of the files is missing or damaged, or is not that of the manifest.
    """
    folder = Path(folder)
    check_folder(folder, (PAIRS, GENES, SUMMARY))
    pairs = _table(folder / PAIRS, {"gene_a", "gene_b", "pvalue", "qvalue"})
    genes = _table(folder / GENES, {"gene", "score", "pvalue"})
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        if {"groups", "n_pairs", "shift"} <= set(summary):
            return Differences(name or folder.resolve().name, pairs, genes, summary, manifest_checksum(folder))
    except (OSError, ValueError, TypeError):
        pass
    raise InputError(f"{folder / SUMMARY} is not that of a comparison, or is damaged; make it again")


def _table(path: Path, columns: set[str]) -> pd.DataFrame:
    kind, folder = "made by genenet differential", "genenet differential"
    return read_result_table(path, columns, kind=kind, folder=folder, dtype=dict.fromkeys(TEXT, str))
