"""A finished run as the report needs it: from a result in memory, or from the folder that it was written to."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genenet.config import Settings, settings_from
from genenet.errors import InputError
from genenet.expression.references import check_references
from genenet.products.confounding import with_flags
from genenet.products.edges import node_table
from genenet.products.expression import Notes
from genenet.products.fingerprint import origin_of
from genenet.products.origin import FINGERPRINT, Origin, check_one_run, origin_of_table
from genenet.readers.known_names import GENE_LABEL

if TYPE_CHECKING:
    from anndata import AnnData

SYMBOLS = (
    GENE_LABEL,
    "label",
    "symbol",
    "gene_symbol",
    "gene_symbols",
    "gene_name",
    "gene_names",
    "feature_name",
    "gene_short_name",
)
"""Columns of var, in lower case, with the names by which people know genes; the first one that is there is used."""

NOT_SHOWN = ("nmi", "clr", "clr_squared", "dpi_z")
"""Columns of the edges table that no panel shows; there can be millions of rows, so that they are not read."""

FILES = ("expression.h5ad", "pruned.parquet", "summary.json")
"""Files that the folder of a run has."""

MANY_REMOVED = 50_000
"""Removed edges, those of the largest score, from which panels take the ones that they show."""


def _no_more() -> pd.DataFrame:
    return pd.DataFrame({"mi": [], "spearman": []}, dtype=float)


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    name
        Name of the network.
    expression
        The prepared matrix.
    edges
        The edges table, kept and removed edges.
    summary
        Numbers of the run (summary.json).
    settings
        All settings of the run.
    manifest
        Content of manifest.json; empty if there is none.
    manifest_checksum
        Checksum of manifest.json, by which the page is known to be of this run; empty if there is none.
    known
        Known edges, the first two columns are names of genes; None if none were given.
    gene_sets
        Genes of each gene set; empty if none were given.
    confounding
        With strata: the edges of the networks without and within strata, with a verdict.
    odd_samples
        How badly each sample obeys the network, if it has been found.
    more_removed
        `mi` and `spearman` of the removed edges of the smallest scores, which are not in the edges table; usually none.
    master_regulators
        Regulators whose activity was compared between two groups, as `genenet activity` wrote them; None if there was
        no comparison.
    contrast
        These groups, COLUMN:LEVEL:REFERENCE.
    """

    name: str
    expression: "AnnData"
    edges: pd.DataFrame = field(repr=False)
    summary: Mapping[str, Any] = field(repr=False)
    settings: Settings = field(default_factory=Settings, repr=False)
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False)
    known: pd.DataFrame | None = field(default=None, repr=False)
    gene_sets: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    confounding: pd.DataFrame | None = field(default=None, repr=False)
    odd_samples: pd.DataFrame | None = field(default=None, repr=False)
    more_removed: pd.DataFrame = field(default_factory=_no_more, repr=False)
    master_regulators: pd.DataFrame | None = field(default=None, repr=False)
    contrast: str = ""
    manifest_checksum: str = ""

    @property
    def directed(self) -> bool:
        """Whether edges point from regulator to target."""
        return self.notes.directed

    @cached_property
    def notes(self) -> Notes:
        """The notes of `prepare`: dropped genes, lists, and names that were not found."""
        return Notes.of(self.expression)

    @cached_property
    def genes(self) -> pd.Index:
        """Names of all genes, as text."""
        return self.expression.var_names.astype(str)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Attributes of all genes, in gene order: `degree`, `strength`, `module` and the columns of var."""
        return node_table(self.edges, self.expression)

    @cached_property
    def degree(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Number of partners of each gene."""
        return self.nodes["degree"].to_numpy(np.int64)

    @cached_property
    def modules(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Module of each gene; 0 for a gene without an edge."""
        return self.nodes["module"].fillna(0).to_numpy(np.int64)

    @cached_property
    def ends(self) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
        """Positions of the two genes of each edge of the table; with regulators, of regulator and target."""
        names = ("regulator", "target") if self.directed else ("gene_a", "gene_b")
        first, second = (positions(self.edges[name], self.genes) for name in names)
        return first, second

    @cached_property
    def best(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Rows of the kept edges, the largest score first; among equals by MI, then in gene order."""
        kept = np.flatnonzero(self.edges["kept"].to_numpy(bool))
        score, mi = (self.edges[name].to_numpy(float)[kept] for name in ("score", "mi"))
        return kept[np.lexsort([-mi, -score])]

    @cached_property
    def removed(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Rows of the removed edges, the largest score first; among equals in gene order."""
        gone = np.flatnonzero(~self.edges["kept"].to_numpy(bool))
        score = self.edges["score"].to_numpy(float)[gone]
        # There can be millions of them; files of this version have them in this order already.
        return gone if np.all(score[:-1] >= score[1:]) else gone[np.argsort(-score, kind="stable")]

    @property
    def n_removed(self) -> int:
        """Number of removed edges, those of `more_removed` included."""
        return len(self.removed) + len(self.more_removed)

    @cached_property
    def symbols(self) -> list[str]:
        """The name of each gene that is shown: its symbol if var has one, else its name."""
        columns = {str(name).lower(): name for name in reversed(self.expression.var.columns)}
        found = next((columns[name] for name in SYMBOLS if name in columns), None)
        if found is None:
            return list(self.genes)
        given = self.expression.var[found].astype(object)
        return [
            name if pd.isna(symbol) or not str(symbol).strip() else str(symbol)
            for name, symbol in zip(self.genes, given, strict=True)
        ]


def positions(column: "pd.Series[Any]", genes: pd.Index) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Positions of a column's genes among all genes; -1 where the column has none."""
    codes = column.astype("category").cat
    # The last one is that of code -1, which a missing gene has.
    known = np.append(genes.get_indexer(codes.categories.astype(str)), -1)
    return known.astype(np.int64)[codes.codes.to_numpy()]


def read_run(
    folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    known: pd.DataFrame | None = None,
    gene_sets: Mapping[str, Sequence[str]] | None = None,
    all_pairs: bool = True,
) -> Run:
    """Read a run from the folder that `genenet infer` or the workflow wrote.

    Parameters
    ----------
    folder
        It has expression.h5ad, pruned.parquet and summary.json; settings are taken from manifest.json.
    name
        Name of the network; by default that of the folder.
    known, gene_sets
        See `Run`.
    all_pairs
        Read all edges. If False, removed edges that no panel of the page shows are in `more_removed`: there can be
        millions.

    Raises
    ------
    InputError
        If the folder is not that of a run, a file is damaged, or the known edges or gene sets have no gene of the run.
    """
    from genenet.files.confounding import NAME as CONFOUNDING
    from genenet.files.confounding import read_confounding_of
    from genenet.files.edges import read_best_edges, read_edges
    from genenet.files.intermediate import read_expression
    from genenet.files.manifest import check_folder, manifest_checksum
    from genenet.files.run_folder import check_run

    folder = Path(folder)
    matrix, pruned, numbers = (folder / name for name in FILES)
    check_run(folder, FILES)
    expression, summary = read_expression(matrix), _read_summary(numbers)
    if all_pairs:
        edges, more = read_edges(pruned)[0], _no_more()
    else:
        edges, more = read_best_edges(pruned, n_removed=MANY_REMOVED, without=NOT_SHOWN)
    of_summary = Origin.of("pruned", summary.get("fingerprints"))
    check_one_run({numbers: of_summary, pruned: origin_of_table(edges), matrix: origin_of(expression)})
    check_references(expression.var, known=known, gene_sets=gene_sets)
    confounding = None
    if Notes.of(expression).strata and (folder / CONFOUNDING).is_file():
        confounding = read_confounding_of(folder / CONFOUNDING, pruned, edges)
        edges = with_flags(edges, confounding)
    manifest = check_folder(folder, [*FILES[1:], CONFOUNDING])
    return Run(
        name=name or folder.resolve().name,
        expression=expression,
        edges=edges,
        summary=summary,
        settings=settings_from(manifest["settings"]) if "settings" in manifest else Settings(),
        manifest=manifest,
        known=known,
        gene_sets=gene_sets or {},
        confounding=confounding,
        odd_samples=_odd_samples(folder, manifest),
        more_removed=more,
        **_master_regulators(folder),
        manifest_checksum=manifest_checksum(folder),
    )


def _odd_samples(folder: Path, manifest: Mapping[str, Any]) -> pd.DataFrame | None:
    """Read the scores of samples that the run wrote; None if it wrote none, or the file has changed since."""
    from genenet.files.checksums import checksum

    name = "export/anomalies.tsv"
    listed = manifest.get("outputs", {}).get(name, {}).get("sha256")
    # Guarded names of samples are not those of the matrix.
    guarded = manifest.get("settings", {}).get("export", {}).get("guard_formulas", False)
    if listed is None or guarded or not (folder / name).is_file() or checksum(folder / name) != listed:
        return None
    kinds: dict[str, Any] = {**dict.fromkeys(("sample", "stratum", "genes", "edges"), str), "module": "Int64"}
    numbers = {column: [""] for column in ("score", "z", "pvalue", "extremeness", "module", "module_z")}
    return pd.read_csv(
        folder / name,
        sep="\t",
        usecols=lambda column: column != FINGERPRINT,
        dtype=kinds,
        keep_default_na=False,
        na_values=numbers,
        float_precision="round_trip",
    )


def _master_regulators(folder: Path) -> dict[str, Any]:
    """Read the comparison that `genenet activity` made in this folder, unless the edges have changed since."""
    from genenet.files.checksums import checksum
    from genenet.files.hdf5 import read_notes

    table = folder / "master_regulators.tsv"
    if not table.is_file():
        return {}
    note = read_notes(folder / "activity.h5ad")
    if not note.get("contrast") or note.get("edges") != checksum(folder / "pruned.parquet"):
        return {}
    frame = pd.read_csv(
        table,
        sep="\t",
        dtype={"regulator": str, "leading_targets": str},
        keep_default_na=False,
        na_values={"expression_difference": [""], "expression_t": [""], "expression_pvalue": [""]},
    )
    return {"master_regulators": frame, "contrast": str(note["contrast"])}


def _read_summary(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if {"matrix", "significance", "prune", "network"} <= set(content):
            if "max_edges" in content["prune"]:
                return dict(content)
            raise InputError(f"{path} was written by an earlier version of genenet; run genenet infer again")
    except (OSError, ValueError, TypeError):
        pass
    raise InputError(f"{path} is not a summary of genenet, or is damaged; run genenet infer or genenet summary again")
