"""The steps in memory: from a matrix to a network by one call."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Unpack

import pandas as pd

from genenet.anomalies import odd_among, odd_samples
from genenet.config.checking import settings_from_keywords
from genenet.config.keys import KEYWORDS
from genenet.config.keywords import SettingsKeywords
from genenet.config.sections import Settings
from genenet.config.signatures import takes_settings
from genenet.config.unused import unused
from genenet.confounding import confounding
from genenet.errors import ConfigError, logger_of, printable
from genenet.expression.references import check_references
from genenet.files.manifest import InputFile, identified_files
from genenet.files.step_files import StepFiles
from genenet.kernels.threads import beside
from genenet.paths import PathLike
from genenet.products.bins import Bins
from genenet.products.confounding import with_flags
from genenet.products.edges import Edges
from genenet.products.pairs import release_freed_memory
from genenet.progress import Progress, chosen, quiet
from genenet.readers.bare import MatrixLike, as_anndata, is_anndata, sample_by_sample
from genenet.readers.gene_sets import given_gene_sets
from genenet.readers.known_edges import given_known_edges
from genenet.readers.matrix import load_with_lists
from genenet.report.recovery import compare
from genenet.report.summary import summarise
from genenet.result import Result
from genenet.scores.edge_scores import check_number_of_genes
from genenet.stability.halves import split_samples
from genenet.stability.selection import stability, work
from genenet.stability.stable import keep_stable
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.network import network_of
from genenet.steps.permutation import n_first_draws, permutation_null
from genenet.steps.prepare import prepared
from genenet.steps.prune import PrunedEdges, resolved
from genenet.steps.prune import pruned as prune
from genenet.steps.significance import significance
from genenet.writers.formats import check_formats, need_bins, need_samples

if TYPE_CHECKING:
    from anndata import AnnData

logger = logger_of(__name__)

Matrix: TypeAlias = "AnnData | pd.DataFrame | PathLike"
Names = Sequence[str] | PathLike
PairList = Iterable[tuple[str, str]] | PathLike
Attributes = pd.DataFrame | PathLike
GeneSets = Mapping[str, Sequence[str]] | PathLike


Step = Callable[..., AbstractContextManager[Callable[[int], None] | None]]
"""Shows the progress of a step and takes its time, given its name and its amount of work."""


class InferenceKeywords(SettingsKeywords, total=False):
    """Keywords of `infer_network`, for functions that pass them on."""

    regulators: Names | None
    targets: Names | None
    keep: Names | None
    control_genes: Names | None
    pairs: PairList | None
    table: Attributes | None
    gene_table: Attributes | None
    gene_sets: GeneSets | None
    truth: Attributes | None
    name: str | None
    settings: Settings | None
    progress: Progress | bool | None


class Inputs(NamedTuple):
    """The inputs of a run, read and checked."""

    matrix: MatrixLike
    lists: dict[str, Any]
    gene_sets: Mapping[str, Sequence[str]]
    known: pd.DataFrame | None
    """Known edges, the first two columns are names of genes."""
    name: str
    settings: Settings
    progress: Progress
    files: dict[str, InputFile]
    """Files that were read, by what they are, with their checksums."""


def read_inputs(data: Matrix, **keywords: Unpack[InferenceKeywords]) -> Inputs:
    """Check the settings, and read the matrix and the lists of `infer_network`."""
    given: dict[str, Any] = {**keywords}
    lists = {kind: given.pop(kind, None) for kind in ("regulators", "targets", "keep", "control_genes", "pairs")}
    tables = {kind: given.pop(kind, None) for kind in ("table", "gene_table")}
    gene_sets, truth = given.pop("gene_sets", None), given.pop("truth", None)
    name, progress = given.pop("name", None), given.pop("progress", True)
    settings = settings_from_keywords(base=given.pop("settings", None), **given)
    check_beforehand(settings, directed=lists["regulators"] is not None)
    name = name or (printable(Path(data).name.split(".")[0]) if isinstance(data, str | os.PathLike) else "network")
    sets, known = given_gene_sets(gene_sets), given_known_edges(truth)
    files = identified_files(matrix=data, gene_sets=gene_sets, truth=truth, **tables, **lists)
    matrix, read = load_with_lists(data, settings.prepare, lists, **tables)
    return Inputs(matrix, read, sets, known, name, settings, chosen(progress), files)


@takes_settings(SettingsKeywords, KEYWORDS)
def infer_network(
    data: Matrix,
    *,
    regulators: Names | None = None,
    targets: Names | None = None,
    keep: Names | None = None,
    control_genes: Names | None = None,
    pairs: PairList | None = None,
    table: Attributes | None = None,
    gene_table: Attributes | None = None,
    gene_sets: GeneSets | None = None,
    truth: Attributes | None = None,
    name: str | None = None,
    settings: Settings | None = None,
    progress: Progress | bool | None = True,
    **keywords: Unpack[SettingsKeywords],
) -> Result:
    """Infer a gene co-dependency network from an expression matrix.

    Parameters
    ----------
    data
        AnnData (obs = samples, var = genes), a DataFrame of genes x samples (`orientation` turns it), or a file of
        either.
    regulators
        Genes that may regulate: only their pairs are tested, only they mediate, and the graph is directed. All pairs if
        None. This list and the next four are names (pairs: pairs of names), or a file of them.
    targets
        Genes that may be targets: only pairs with one of them are tested.
    keep
        Genes that no filter drops.
    control_genes
        Genes without a function in these samples: their first principal components are removed from all genes.
    pairs
        The only pairs to test, of those that the other lists leave.
    table
        Sample attributes (index = names of samples), or a file of them, for `obs_query`.
    gene_table
        Attributes of genes (index = names of genes), or a file of them; they become attributes of the nodes.
    gene_sets
        Genes of each gene set, or a GMT file of them: the report tests the modules for them.
    truth
        Known edges, or a file of them; the first two columns are names of genes. The summary counts those found, and
        the report shows a precision-recall curve.
    name
        Name of the network; by default the file's, or `network`.
    settings
        All settings at once; defaults if None.
    progress
        True shows a bar for each step that takes longer than a second, in a notebook and in a terminal; False shows
        nothing. Or a function of your own: given a step's name and its amount of work (0 if that is not known), a
        context that gives a function to be called with the work done since the last call, or None.
    **keywords
        Single settings by name, over `settings`, as `seed=1, n_bins=8, alpha=0.01, tolerance=0.0`: the keys of the
        configuration file (see `genenet.config`), listed below.

    Returns
    -------
    Result
        The network, the tables behind it, and methods that draw and write them.

    Raises
    ------
    genenet.errors.InputError
        If something is wrong with the data.
    genenet.errors.ConfigError
        If something is wrong with the settings.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1)
    >>> result = genenet.infer_network(truth.expression, seed=1, n_draws=100_000)
    >>> result
    <genenet.Result 'network': 40 genes, 61 edges of 666 significant pairs>
    """
    start = time.perf_counter()
    inputs = read_inputs(
        data, regulators=regulators, targets=targets, keep=keep, control_genes=control_genes, pairs=pairs,
        table=table, gene_table=gene_table, gene_sets=gene_sets, truth=truth, name=name, settings=settings,
        progress=progress, **keywords,
    )  # fmt: skip
    result = infer_inputs(inputs, seconds={"prepare": time.perf_counter() - start})
    return replace(result, data=data if is_anndata(data) else None)


def infer_inputs(
    inputs: Inputs,
    *,
    seconds: dict[str, float],
    step_files: Path | None = None,
    meanwhile: Callable[[Result], None] | None = None,
    only_files: bool = False,
) -> Result:
    """Run all steps on what `read_inputs` has read; see `infer_loaded`."""

    def then(result: Result) -> None:
        if meanwhile:
            meanwhile(completed(result, inputs))

    result = infer_loaded(
        inputs.matrix, inputs.lists, name=inputs.name, settings=inputs.settings, progress=inputs.progress,
        seconds=seconds, step_files=step_files, known=inputs.known, gene_sets=inputs.gene_sets, meanwhile=then,
        only_files=only_files,
    )  # fmt: skip
    return completed(result, inputs)


def completed(result: Result, inputs: Inputs) -> Result:
    """Add the inputs to a result, and the number of known edges that it has found."""
    if inputs.known is not None and "truth" not in result.summary:
        result.summary["truth"] = compare(result.graph, inputs.known, result.expression).to_dict()
    return replace(result, inputs=inputs.files, gene_sets=inputs.gene_sets, known=inputs.known)


def check_beforehand(settings: Settings, *, directed: bool) -> None:
    """Refuse settings that would fail only at the end of the run, and warn of settings without effect.

    Raises
    ------
    ConfigError
        If a format needs regulators and there are none, or with `prepare.strict` a setting does nothing.
    """
    check_formats(settings.export.formats, directed=directed)
    lines = unused(settings)
    if lines and settings.prepare.strict and "settings" not in settings.prepare.accept:
        raise ConfigError("; ".join(lines))
    for line in lines:
        logger.warning("%s", line)


def infer_loaded(
    data: MatrixLike,
    lists: Mapping[str, Any],
    *,
    name: str,
    settings: Settings,
    progress: Progress = quiet,
    seconds: dict[str, float],
    step_files: Path | None = None,
    known: pd.DataFrame | None = None,
    gene_sets: Mapping[str, Sequence[str]] | None = None,
    meanwhile: Callable[[Result], None] | None = None,
    only_files: bool = False,
) -> Result:
    """Run all steps on a matrix of `genenet.readers.matrix.load_bare`.

    Parameters
    ----------
    seconds
        Time already spent on each step.
    step_files
        Folder for the files that each step hands on to the next in the workflow; they are not written if None. The
        pairs are then divided into `information.n_blocks` blocks, which changes no number.
    known, gene_sets
        Known edges and gene sets, which are refused if they have no gene of the matrix.
    meanwhile
        Called while samples are scored, if they are, with all of the result but their scores. Times that it adds to the
        summary are not counted for the scores.
    only_files
        Whether nothing but files are made of the result: then its `expression` may be a `BareMatrix`, and anndata,
        which takes longer to import than a small matrix to analyse, is not needed.
    """
    files, step = StepFiles(step_files), partial(timed, progress, seconds)
    with step("prepare"):
        expression = _prepared(data, lists, settings, only_files=only_files)
        check_number_of_genes(expression.n_vars, settings.prune)
        check_references(expression.var, known=known, gene_sets=gene_sets)
        if settings.stability.stability:
            split_samples(expression, settings.stability, seed=settings.seed)
    found = _significant(expression, settings, files, step)
    bins = found.bins
    with step("prune"):
        edges_origin, pruned = found.origin, prune(found, expression, settings.prune, bins)
        # All edges, written or not, can take most of the memory.
        statistics, null = found.statistics, found.null
        on_halves = resolved(found, expression, settings.prune) if settings.stability.stability else None
        del found
    if on_halves is not None:
        with step("stability", work(bins, settings)) as advance:
            halves = stability(bins, expression, settings, on_halves, edges=edges_origin, progress=advance)
            pruned = keep_stable(pruned, halves, settings.stability)
            files.stability(halves)
    flags = None
    if settings.prepare.strata:
        with step("confounding", bins.n_pairs) as advance:
            flags = confounding(expression, bins, null, pruned.table, statistics, settings, progress=advance)
    with step("network"):
        result = _result(expression, statistics, pruned, flags, settings, name=name)
    if need_bins(settings.export.formats):
        result = replace(result, bins=bins)
    summary = result.summary
    if need_samples(settings.export.formats):
        with step("anomalies"), beside(partial(scored, result.edges, expression, bins)) as scores:
            if meanwhile:
                meanwhile(result)
            odd = scores()
        result = replace(result, odd_samples=odd)
        summary["odd_samples"] = odd_among(odd)
        seconds["anomalies"] = max(seconds["anomalies"] - sum(summary["seconds"].values()), 0.0)
    summary["seconds"] = {name: round(value, 3) for name, value in seconds.items()} | summary["seconds"]
    return result


def _significant(expression: Any, settings: Settings, files: StepFiles, step: Step) -> Edges:
    """Run the steps from the prepared matrix to the significant edges."""
    with step("discretise"):
        bins = discretise(expression, settings.discretise, settings.information)
        files.bins(bins)
    alpha = settings.significance.alpha
    with step("permutation", n_first_draws(bins, settings.permutation, alpha=alpha)) as advance:
        null = permutation_null(
            bins, settings.permutation, alpha=alpha, seed=settings.seed, whole=bool(files.folder), progress=advance
        )
        files.null(null)
    n_blocks = settings.information.n_blocks if files.folder else 1
    with step("information", 2 * bins.n_pairs) as advance:
        # Files of blocks may be read with another correction.
        correction = None if files.folder else settings.significance.correction
        block_of = partial(information, bins, null, alpha=alpha, seed=settings.seed, correction=correction)
        blocks = [block_of(block=k, n_blocks=n_blocks, progress=advance) for k in range(n_blocks)]
        files.blocks(blocks)
    with step("significance"):
        found = significance(blocks, bins, null, settings.significance, in_place=True, whole_null=False)
        files.edges(found)
        # Candidate pairs can take most of the memory.
        blocks.clear()
        release_freed_memory()
    return found


def _result(
    expression: Any,
    significant: dict[str, Any],
    pruned: PrunedEdges,
    confounding: pd.DataFrame | None,
    settings: Settings,
    *,
    name: str,
) -> Result:
    """Make the graph and the summary of the edges; significant: the statistics of that step."""
    edges = pruned.table if confounding is None else with_flags(pruned.table, confounding)
    network = network_of(edges, expression, settings.network, name=name)
    summary = summarise(
        expression,
        significant,
        pruned.statistics,
        network,
        confounding,
        preset=settings.preset,
        unused_settings=unused(settings),
        fingerprints=pruned.origin.fingerprints,
    )
    return Result(network, edges, expression, summary, settings, confounding=confounding)


@contextmanager
def timed(
    progress: Progress, seconds: dict[str, float], name: str, amount: int = 0
) -> Iterator[Callable[[int], None] | None]:
    """Show the progress of a step, and add its time to those of the steps."""
    start = time.perf_counter()
    with progress(name, amount) as advance:
        yield advance
    seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start


def _prepared(data: MatrixLike, lists: Mapping[str, Any], settings: Settings, *, only_files: bool) -> Any:
    """Prepare the matrix, as AnnData where one is wanted: to be returned, or for steps that take parts of it."""
    found = prepared(data, settings.prepare, **lists)
    is_bare = only_files and not (settings.stability.stability or settings.prepare.strata)
    return found if is_bare else as_anndata(sample_by_sample(found))


def scored(edges: pd.DataFrame, expression: "AnnData", bins: Bins, is_needed: Callable[[], bool]) -> pd.DataFrame:
    """Score the samples of a run, as long as that is needed."""
    return odd_samples(edges, expression, bins, is_needed=is_needed)
