"""The result of `genenet.infer_network`: the network, the tables behind it, and exports to other programs."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from genenet.anomalies import anomalies
from genenet.config.faces import spelled
from genenet.config.sections import ActivityMethod, Settings
from genenet.errors import logger_of
from genenet.files.atomic import REPORT, staged, write_json
from genenet.files.confounding import NAME as CONFOUNDING
from genenet.files.edges import read_origin, write_edges
from genenet.files.intermediate import write_expression
from genenet.files.manifest import NAME as MANIFEST
from genenet.files.manifest import InputFile, identity_of, manifest_checksum, manifest_of, read_manifest, write_manifest
from genenet.kernels.threads import beside
from genenet.products.bins import Bins
from genenet.products.confounding import without_flags
from genenet.products.edges import ends
from genenet.products.origin import origin_of_table, with_fingerprint
from genenet.progress import Progress, quiet
from genenet.report.notebook import result_html
from genenet.report.run import Run
from genenet.report.summary_text import as_text, describe
from genenet.steps.discretise import discretise
from genenet.steps.export import export_content
from genenet.writers.agreement import disagreement
from genenet.writers.content import Content
from genenet.writers.formats import FORMATS
from genenet.writers.graphml import write_graphml
from genenet.writers.network_tables import NetworkTables
from genenet.writers.own_anndata import add_network
from genenet.writers.tables import write_tsv

if TYPE_CHECKING:
    import networkx as nx
    from anndata import AnnData
    from matplotlib.axes import Axes

    from genenet.report.panel import Content as PanelContent

logger = logger_of("genenet")


class Begun(NamedTuple):
    """What is written and built of a run while its samples are scored."""

    files: list[Path]
    identities: Mapping[Path, Mapping[str, Any]]
    """Size and checksum of each of these files."""
    panels: "Mapping[str, PanelContent | None]"
    """Panels of the page by name."""


@dataclass(frozen=True, repr=False)
class Result:
    """The network that `infer_network` found, and the tables behind it.

    `print(result)` says in words what the run did; a notebook shows this and the strongest edges.

    Attributes
    ----------
    network
        Kept edges, and the genes that they join, as tables with the attributes of the graph.
    edges
        The edges table, one row for each significant pair: kept edges before removed ones (column `kept`), each of them
        by `score`, the largest first (among equals in gene order). Removed ones have the gene that they are indirect
        through (`dpi_via`).
    expression
        The prepared matrix (obs = samples, var = genes).
    summary
        Numbers of the run, as in summary.json.
    settings
        All settings of the run.
    inputs
        The files that were read, by what they are (`matrix`, `regulators`), with their checksums at that time.
    bins
        Discretised expression, if `export.formats` has something that needs it.
    data
        The AnnData that was given to `infer_network`, if it was one; see `to_anndata`.
    gene_sets
        Genes of each gene set that the report tests the modules for.
    known
        Known edges that the report compares the network with; the first two columns are names of genes.
    odd_samples
        How badly each sample obeys the network, the table of `genenet.anomalies.anomalies`; without rows where too few
        samples or edges say nothing, None if `export.formats` has no anomalies.
    confounding
        With strata: each edge of the networks without and within strata, with a verdict (see `genenet.confounding`).

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1)
    >>> result = genenet.infer_network(truth.expression, name="example", seed=1, n_draws=100_000)
    >>> result
    <genenet.Result 'example': 40 genes, 61 edges of 666 significant pairs>
    >>> bool(result.edges["kept"].sum() == result.graph.number_of_edges())
    True
    """

    network: NetworkTables
    edges: pd.DataFrame
    expression: "AnnData"
    summary: dict[str, Any]
    settings: Settings
    inputs: Mapping[str, InputFile] = field(default_factory=dict)
    bins: Bins | None = None
    data: "AnnData | None" = None
    gene_sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: pd.DataFrame | None = None
    confounding: pd.DataFrame | None = None
    odd_samples: pd.DataFrame | None = None

    @property
    def graph(self) -> "nx.Graph[str]":
        """Kept edges as `networkx.Graph`, or `networkx.DiGraph` from regulator to target if regulators were given.

        Files of networks (GraphML, Cytoscape's) have its nodes, edges and attributes as they are when `write` is
        called; tables, summary and page are always those of the run. `write` warns if nodes or edges were changed.
        """
        return self.network.graph

    @property
    def name(self) -> str:
        """Name of the network."""
        attributes = self.network.graph.graph if self.network.has_graph else self.network.attributes
        return str(attributes.get("name", "network"))

    def __repr__(self) -> str:
        n_edges, n_significant = self.summary["prune"]["n_kept"], self.summary["significance"]["n_significant"]
        return (
            f"<genenet.Result {self.name!r}: {self.expression.n_vars:,} gene{'s' * (self.expression.n_vars != 1)},"
            f" {n_edges:,} edge{'s' * (n_edges != 1)} of {n_significant:,} significant"
            f" pair{'s' * (n_significant != 1)}>"
        )

    def __str__(self) -> str:
        return as_text(self._lines)

    @property
    def _lines(self) -> list[tuple[str, str]]:
        return [(label, spelled(text)) for label, text in describe(self.summary)]

    def _repr_html_(self) -> str:
        kept = self.edges[self.edges["kept"].to_numpy(dtype=bool)]
        columns = ends(kept, directed=self._content.directed)
        return result_html(repr(self).strip("<>"), self._lines, kept, columns)

    @property
    def _content(self) -> Content:
        return Content(self.network, self.edges, self.expression, bins=self.bins, odd_samples=self.odd_samples)

    def to_anndata(self, adata: "AnnData | None" = None, *, key_added: str = "genenet") -> "AnnData":
        """Put the network into a copy of the AnnData that it was inferred from, beside all that is in there.

        Parameters
        ----------
        adata
            Another AnnData with these genes (see `add_to`); by default the one that was given to `infer_network`, or,
            if that got a file or a table, the prepared matrix.
        key_added
            Prefix of the names of all that is added.

        Returns
        -------
        AnnData
            A copy with

            - `varp[f"{key_added}_mi"]`, `_score`, `_spearman`: sparse, genes x genes, an entry for each edge;
              symmetric, or regulators x targets
            - `var[f"{key_added}_degree"]`, `_strength` (sum of MI, bits), `_regulator`, with regulators `_out_degree`
              and `_in_degree`, with targets `_target`, and `_used`: whether the gene was in the analysis. A gene that
              was dropped has no edge, and a degree of 0
            - `obs[f"{key_added}_anomaly_z"]`, `_score`, `_pvalue`, `_extremeness`, `_module_z`: how badly a sample
              obeys the network (see `anomalies`), NaN for one that was left out; only if samples were scored
            - `uns[key_added]`: `edges` (table of the kept edges), `params` (all settings), `directed`, `name`,
              `dropped` (frame of gene, reason), `dropped_samples`, `n_samples`, `n_pairs` (tested), `n_significant`,
              `n_edges`

            Samples that were left out of the analysis stay.

        Raises
        ------
        InputError
            If it has none of the network's genes, or a name twice.

        Examples
        --------
        >>> import genenet
        >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1)
        >>> adata = genenet.infer_network(truth.expression, seed=1, n_draws=100_000).to_anndata()
        >>> adata.varp["genenet_mi"].nnz == adata.var["genenet_degree"].sum() == 2 * len(adata.uns["genenet"]["edges"])
        np.True_
        """
        own = self.data if adata is None else adata
        own = self.expression if own is None else own
        copied = own.to_memory() if own.isbacked else own.copy()
        self._add_to(copied, key_added)
        self._warn_of_other_values(own)
        return copied

    def add_to(self, adata: "AnnData", *, key_added: str = "genenet") -> None:
        """Add the network to an AnnData in place: `varp`, `var`, `obs` and `uns` get what `to_anndata` describes.

        Parameters
        ----------
        adata
            An AnnData with the genes of the network, as the one that it was inferred from, before or after
            normalisation; it is changed. A warning says when samples of the same names have values that have nothing to
            do with those of the run.
        key_added
            Prefix of the names of all that is added.

        Raises
        ------
        InputError
            If it has none of the network's genes, or one of them twice.
        """
        self._add_to(adata, key_added)
        self._warn_of_other_values(adata)

    def _warn_of_other_values(self, adata: "AnnData") -> None:
        """Warn of an AnnData whose values are not of the same measurements; the one that was given is what it was."""
        found = "" if adata is self.data or adata is self.expression else disagreement(adata, self.expression)
        if found:
            logger.warning(
                "the values of the AnnData have nothing to do with those that the network was inferred from: %s; give"
                " the AnnData that it was inferred from", found,
            )  # fmt: skip

    def _add_to(self, adata: "AnnData", key_added: str) -> None:
        found, pruned = self.summary["significance"], self.summary["prune"]
        numbers = {
            "name": self.name,
            "n_samples": self.expression.n_obs,
            "n_pairs": found["n_pairs"],
            "n_significant": found["n_significant"],
            "n_edges": pruned["n_kept"],
        }
        add_network(adata, self._content, self.settings, key_added=key_added, numbers=numbers)

    def regulons(self) -> pd.DataFrame:
        """List the targets of each regulator, in the format of decoupler.

        Returns
        -------
        pandas.DataFrame
            `source` (regulator), `target`, and `weight`: the mode of regulation (1, or -1 if the target falls when the
            regulator rises) times the likelihood (the edge's score over the largest score of the regulator's edges),
            between -1 and 1. By regulator in gene order, the largest likelihood first; a pair of two regulators is in
            the regulons of both.

        Raises
        ------
        InputError
            If the network was inferred without regulators, or has no edge.

        Examples
        --------
        >>> import genenet
        >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1)
        >>> result = genenet.infer_network(truth.expression, regulators=truth.regulators, seed=1, n_draws=100_000)
        >>> list(result.regulons())
        ['source', 'target', 'weight']
        """
        from genenet.activity.regulons import regulons_of

        return regulons_of(self.edges)

    def activity(self, *, method: ActivityMethod = "ulm", min_targets: int = 10) -> "AnnData":
        """Score how strongly each sample follows the targets of each regulator: see `genenet.activity.activity`.

        Parameters
        ----------
        method
            `ulm` or `viper`.
        min_targets
            Regulators with fewer targets are left out.

        Returns
        -------
        AnnData
            Activities, shape (n_samples, n_regulators).

        Raises
        ------
        InputError
            If the network has no regulators, or none of them has enough targets.

        Examples
        --------
        >>> import genenet
        >>> truth = genenet.simulate_expression(n_genes=60, n_regulators=6, n_samples=120, seed=1)
        >>> result = genenet.infer_network(truth.expression, regulators=truth.regulators, seed=1, n_draws=100_000)
        >>> result.activity(min_targets=5).shape
        (120, 6)
        """
        from genenet.activity.scores import activity

        return activity(self.expression, self.regulons(), method=method, min_targets=min_targets)

    def master_regulators(
        self,
        contrast: str,
        *,
        strata: str | Sequence[str] | None = None,
        method: ActivityMethod = "ulm",
        min_targets: int = 10,
        n_permutations: int = 10_000,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Compare the activity of regulators between two groups of samples.

        Parameters
        ----------
        contrast
            COLUMN:LEVEL:REFERENCE, such as tissue:tumour:normal.
        strata, n_permutations, seed
            See `genenet.activity.master_regulators`, which also describes the table.
        method, min_targets
            See `activity`.

        Returns
        -------
        pandas.DataFrame
            A row for each regulator, the smallest p-value first.

        Raises
        ------
        ConfigError
            If the contrast is not of this form.
        InputError
            If the groups cannot be compared, or the network has no regulators.

        Examples
        --------
        >>> import genenet
        >>> truth = genenet.simulate_expression(n_genes=60, n_regulators=6, n_samples=120, seed=1)
        >>> truth.expression.obs["tissue"] = ["tumour", "normal"] * 60
        >>> result = genenet.infer_network(truth.expression, regulators=truth.regulators, seed=1, n_draws=100_000)
        >>> len(result.master_regulators("tissue:tumour:normal", min_targets=5, n_permutations=200))
        6
        """
        from genenet.activity.contrast import Contrast, master_regulators
        from genenet.activity.scores import activity

        targets = self.regulons()
        found = activity(self.expression, targets, method=method, min_targets=min_targets)
        groups = Contrast.parse(contrast)
        return master_regulators(
            found, self.expression, targets, groups, strata=strata, n_permutations=n_permutations, seed=seed
        )

    def anomalies(self, *, strata: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Score how far each sample is from the relations of the network: see `genenet.anomalies.anomalies`.

        Parameters
        ----------
        strata
            Sample attribute (column of obs), or several, within whose levels samples are compared; by default the
            strata of the network.

        Returns
        -------
        pandas.DataFrame
            A row for each sample, the highest score first.

        Raises
        ------
        InputError
            If there are too few samples or edges, or no such attribute.

        Examples
        --------
        >>> import genenet
        >>> truth = genenet.simulate_expression(n_genes=60, n_regulators=10, n_samples=120, seed=1)
        >>> result = genenet.infer_network(truth.expression, seed=1, n_draws=100_000)
        >>> list(result.anomalies().columns)
        ['sample', 'score', 'z', 'pvalue', 'extremeness', 'module', 'module_z', 'genes', 'edges']
        """
        bins = self.bins or discretise(self.expression, self.settings.discretise, self.settings.information)
        return anomalies(self.edges, self.expression, bins, strata=strata)

    def write(self, directory: str | os.PathLike[str], *, progress: Progress = quiet) -> list[Path]:
        """Write the files that `genenet infer` and the workflow write; returns their paths.

        The time that this takes is added to `summary`, for `export` and for `report`.

        Parameters
        ----------
        directory
            Folder to write to; it is created if necessary.
        progress
            Function that shows the progress of the steps `export` and `report`; nothing is shown by default.

        Raises
        ------
        OutputError
            If a file cannot be written; nothing is left half-written then.
        """
        folder = Path(directory)
        with staged(folder) as stage:
            written = [path.relative_to(stage) for path in self.write_files(stage, progress=progress)]
        return [folder / name for name in written]

    def write_files(self, folder: Path, *, progress: Progress = quiet, begun: Begun | None = None) -> list[Path]:
        """Write the files of a run into a folder that has no others but of the same run; see `write`.

        begun: returned by `begin_files`, if it was called.
        """
        summary = folder / "summary.json"
        with progress("export", 0):
            begun = begun or self.begin_files(folder)
            with self._timed("export"):
                written = [summary, *begun.files, *self._export(folder, has_samples=True)]
                write_json(self.summary, summary)
                written.append(
                    write_manifest(
                        folder,
                        settings=self.settings,
                        inputs=self.inputs,
                        expression=self.expression,
                        given={"name": self.name},
                        identities=begun.identities,
                    )
                )
        if self.settings.export.report:
            with progress("report", 0), self._timed("report"):
                from genenet.report.page import write_report

                written.append(write_report(self._run(folder), folder / REPORT, begun.panels))
        write_json(self.summary, summary)  # again: with all times, which its checksum leaves out
        return written

    def begin_files(self, folder: Path) -> Begun:
        """Write the files, and build the panels of the page, that have no scores of samples."""
        for step in ("export", "report"):
            self.summary["seconds"].pop(step, None)
        with self._timed("export"):
            files = self._write_graph(folder)
        # Checksums are computed, and files are written, without the interpreter's lock.
        with beside(lambda is_needed: {file: identity_of(file) for file in files if is_needed()}) as identities:
            if not self.settings.export.report:
                return Begun(files, identities(), {})
            with self._timed("report"):
                from genenet.report.page import early_panels

                panels = early_panels(self._run())
                return Begun(files, identities(), panels)

    def _write_graph(self, folder: Path) -> list[Path]:
        """Write matrix, edges and network, and the files for other programs that have no scores of samples."""
        paths = [folder / name for name in ("expression.h5ad", "pruned.parquet", "network.graphml")]
        write_expression(self.expression, paths[0])
        write_edges(without_flags(self.edges), self.summary["prune"], paths[1])
        if self.confounding is not None:
            paths.append(folder / CONFOUNDING)
            write_tsv(with_fingerprint(self.confounding, self.edges), paths[-1])
        content = self._exported
        if self.network.has_other_edges:
            logger.warning(
                "nodes or edges of the result's graph were changed: network.graphml and the files of networks in"
                " export/ have them as they are now; pruned.parquet, edges.tsv, summary and page are those of the run"
            )
        write_graphml(content.elements, paths[2])
        return paths + self._export(folder, content, has_samples=False)

    @property
    def _exported(self) -> Content:
        export = self.settings.export
        return replace(
            self._content,
            view_genes=tuple(export.view_genes),
            view_nodes=export.view_nodes,
            guard_formulas=export.guard_formulas,
        )

    def _export(self, folder: Path, content: Content | None = None, *, has_samples: bool) -> list[Path]:
        """Write the formats with, or those without, scores of samples."""
        formats = [name for name in self.settings.export.formats if FORMATS[name].has_samples == has_samples]
        return export_content(content or self._exported, folder / "export", formats)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        """Add the time of the block to the summary, as that of a step."""
        start, seconds = time.perf_counter(), self.summary["seconds"]
        yield
        seconds[step] = round(seconds.get(step, 0.0) + time.perf_counter() - start, 3)

    def report(self, path: str | os.PathLike[str] = REPORT, *, known: pd.DataFrame | None = None) -> Path:
        """Write the page that shows the network, whether to trust it, and why each edge is there.

        Parameters
        ----------
        path
            The file to write: HTML that needs no other file.
        known
            Known edges, the first two columns are names of genes, for a precision-recall curve; those of
            `infer_network` if None.

        Returns
        -------
        pathlib.Path
            The path.
        """
        from genenet.report.page import write_report

        return write_report(self._run(Path(path).parent, known), path)

    def plot(self, ax: "Axes | None" = None, *, max_genes: int = 300) -> "Axes":
        """Draw the strongest part of the network with matplotlib.

        Genes are coloured by module and sized by their number of partners, regulators are diamonds; edges are red where
        the correlation is positive, blue where it is negative, and as wide as their score.

        Parameters
        ----------
        ax
            Axes to draw into; new ones if None.
        max_genes
            Largest number of genes to show.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        from genenet.report.plots import plot_network

        return plot_network(self._run(), ax, max_genes=max_genes)

    def plot_pair(self, gene_a: str, gene_b: str, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draw why there is, or is not, an edge between two genes: values, ranks, joint table, and the null of the MI.

        Parameters
        ----------
        gene_a, gene_b
            Two genes, by name or symbol.
        axes
            Four axes to draw into; new ones if None.

        Returns
        -------
        list of matplotlib.axes.Axes
            The axes.

        Raises
        ------
        InputError
            If a gene is not in the matrix.
        """
        from genenet.report.evidence import pair_evidence
        from genenet.report.plots import plot_pair

        return plot_pair(pair_evidence(self._run(), [(gene_a, gene_b)])[0], axes)

    def plot_trust(self, axes: "Sequence[Axes] | None" = None) -> "list[Axes]":
        """Draw five diagrams that tell whether to trust the run.

        Parameters
        ----------
        axes
            Five axes to draw into; new ones if None: pairs left by each step, p-values, MI of kept and removed edges,
            MI against correlation, number of partners.

        Returns
        -------
        list of matplotlib.axes.Axes
            The axes.
        """
        from genenet.report.plots import plot_trust

        return plot_trust(self._run(), axes)

    def _has_edges_of(self, path: Path) -> bool:
        """Whether the edges in a file are not known to be others."""
        own = origin_of_table(self.edges).fingerprints.get("pruned")
        return not path.is_file() or read_origin(path, step="prune").fingerprints.get("pruned") in (own, None)

    def _run(self, folder: Path | None = None, known: pd.DataFrame | None = None) -> Run:
        """The run as the report takes it; with the manifest in the folder, if it is of this run."""
        given, own = {"name": self.name}, ""
        content = manifest_of(settings=self.settings, inputs=self.inputs, expression=self.expression, given=given)
        if folder is not None and (folder / MANIFEST).is_file():
            written = read_manifest(folder)
            # The manifest of another run must not be shown as that of this one.
            same = all(written.get(key) == value for key, value in content.items() if key != "outputs")
            if same and self._has_edges_of(folder / "pruned.parquet"):
                content, own = written, manifest_checksum(folder)
        return Run(
            name=self.name,
            expression=self.expression,
            edges=self.edges,
            summary=self.summary,
            settings=self.settings,
            manifest=content,
            known=self.known if known is None else known,
            gene_sets=self.gene_sets,
            confounding=self.confounding,
            odd_samples=self.odd_samples,
            manifest_checksum=own,
        )
