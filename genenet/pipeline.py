"""The steps in memory: from a matrix to a network by one call."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from anndata import AnnData

from genenet.config.checking import settings_from_keywords
from genenet.config.sections import Settings, default_draws
from genenet.files.manifest import files_of
from genenet.readers import load, read_lists
from genenet.readers.gene_sets import given_gene_sets
from genenet.report.summary import summarise
from genenet.result import Result
from genenet.scores.edge_scores import check_number_of_genes
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.network import build_network
from genenet.steps.permutation import permutation_null
from genenet.steps.prepare import prepare
from genenet.steps.prune import prune
from genenet.steps.significance import significance
from genenet.writers.formats import need_bins

# Given a step's name and its amount of work, a context in which progress is reported in the same unit.
PathLike = str | os.PathLike[str]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]


def infer_network(
    data: AnnData | pd.DataFrame | PathLike,
    *,
    regulators: Sequence[str] | PathLike | None = None,
    targets: Sequence[str] | PathLike | None = None,
    keep: Sequence[str] | PathLike | None = None,
    pairs: Iterable[tuple[str, str]] | PathLike | None = None,
    table: pd.DataFrame | PathLike | None = None,
    gene_table: pd.DataFrame | PathLike | None = None,
    gene_sets: Mapping[str, Sequence[str]] | PathLike | None = None,
    name: str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    **keywords: Any,
) -> Result:
    """Infer a gene co-dependency network from an expression matrix.

    Parameters
    ----------
    data
        AnnData (obs = samples, var = genes), a DataFrame of genes x samples (`orientation` turns it), or a file of
        either.
    regulators
        Genes that may regulate: only their pairs are tested, only they mediate, and the graph is directed. All pairs if
        None. This list and the next three are names (pairs: pairs of names), or a file of them.
    targets
        Genes that may be targets: only pairs with one of them are tested.
    keep
        Genes that no filter drops.
    pairs
        The only pairs to test, of those that the other lists leave.
    table
        Sample attributes (index = names of samples), or a file of them, for `obs_query`.
    gene_table
        Attributes of genes (index = names of genes), or a file of them; its symbols label the genes in graphs.
    gene_sets
        Genes of each gene set, or a GMT file of them: the report tests the modules for them.
    name
        Name of the network; by default the file's, or `network`.
    settings
        All settings at once; defaults if None.
    progress
        See `Progress`; nothing is shown if None.
    **keywords
        Single settings by name, over `settings`, as `seed=1, n_bins=8, alpha=0.01, tolerance=0.0`: the keys of the
        configuration file (see `genenet.config`).

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
    >>> bool(result.graph.number_of_edges() == result.edges["kept"].sum() > 10)
    True
    """
    settings = settings_from_keywords(base=settings, **keywords)
    start = time.perf_counter()
    given = {"regulators": regulators, "targets": targets, "keep": keep, "pairs": pairs}
    lists = read_lists(**given)
    name = name or (Path(data).name.split(".")[0] if isinstance(data, str | os.PathLike) else "network")
    sets = given_gene_sets(gene_sets)
    loaded = load(data, settings.prepare, table, gene_table)
    seconds = {"prepare": time.perf_counter() - start}
    result = infer_loaded(loaded, lists, name=name, settings=settings, progress=progress, seconds=seconds)
    own = data if isinstance(data, AnnData) else None
    inputs = files_of(matrix=data, table=table, gene_table=gene_table, gene_sets=gene_sets, **given)
    return replace(result, inputs=inputs, data=own, gene_sets=sets)


def infer_loaded(
    data: AnnData,
    lists: Mapping[str, Any],
    *,
    name: str,
    settings: Settings,
    progress: Progress | None = None,
    seconds: dict[str, float],
) -> Result:
    """Run all steps on a matrix of `genenet.expression.load`; `seconds` is what was spent on each step before."""
    progress = progress or (lambda step, amount: nullcontext())

    @contextmanager
    def step(name: str, amount: int = 0) -> Iterator[Callable[[int], None] | None]:
        start = time.perf_counter()
        with progress(name, amount) as advance:
            yield advance
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start

    with step("prepare"):
        expression = prepare(data, settings.prepare, **lists)
        check_number_of_genes(expression.n_vars, settings.prune)
    with step("discretise"):
        bins = discretise(expression, settings.discretise, settings.information)
    with step("permutation", settings.permutation.n_draws or default_draws(bins.n_pairs)) as advance:
        null = permutation_null(bins, settings.permutation, seed=settings.seed, progress=advance)
    with step("information", 2 * bins.n_pairs) as advance:
        blocks = [information(bins, null, alpha=settings.significance.alpha, seed=settings.seed, progress=advance)]
    with step("significance"):
        found = significance(blocks, bins, null, settings.significance, in_place=True)
        # Candidate pairs can be most of what is in memory.
        blocks.clear()
    with step("prune"):
        pruned = prune(found, expression, settings.prune, bins)
    # All edges, written or not, can be most of what is in memory.
    statistics = found.statistics
    del found
    with step("network"):
        graph = build_network(pruned.table, expression, settings.network, name=name)
    summary = summarise(expression, statistics, pruned.statistics, graph, seconds=seconds)
    kept_bins = bins if need_bins(settings.export.formats) else None
    return Result(graph, pruned.table, expression, summary, settings, bins=kept_bins)
