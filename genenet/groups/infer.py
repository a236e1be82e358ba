"""One network for each group of samples, and what they have in common."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from anndata import AnnData

from genenet.config.checking import settings_from_keywords
from genenet.config.sections import Settings
from genenet.errors import count
from genenet.files.manifest import files_of
from genenet.groups.levels import Group
from genenet.groups.split import find_groups, of_group, take_group
from genenet.pipeline import PathLike, Progress, infer_loaded
from genenet.readers import load, read_lists
from genenet.readers.gene_sets import given_gene_sets
from genenet.result import Result

logger = logging.getLogger(__name__)


def infer_groups(
    data: AnnData | pd.DataFrame | PathLike,
    group_by: str,
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
) -> tuple[list[Group], Iterator[tuple[Group, Result]]]:
    """Infer a network for each group of samples.

    Each is what `genenet.infer_network` finds in the samples of this group alone: filters, bins and the null are the
    group's own. Groups with fewer than `min_samples` samples are left out, with a warning.

    Parameters
    ----------
    data, regulators, targets, keep, pairs, table, gene_table, gene_sets, settings, progress, **keywords
        As of `genenet.infer_network`.
    group_by
        Column of `obs` (or of `table`) whose levels are the groups.
    name
        Begins the names of the networks; by default the file's.

    Returns
    -------
    All groups, also those without a network, and an iterator over a group and its result: a network is inferred when
    the iterator gets there. `edges_by_group` compares the results' edges.

    Examples
    --------
    >>> import genenet
    >>> truth = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=200, seed=1)
    >>> truth.expression.obs["tissue"] = ["liver", "heart"] * 100
    >>> groups, results = infer_groups(truth.expression, "tissue", n_draws=10_000)
    >>> found = {group.name: result for group, result in results}
    >>> list(found), found["liver"].expression.n_obs
    (['heart', 'liver'], 100)
    """
    settings = settings_from_keywords(base=settings, **keywords)
    given = {"regulators": regulators, "targets": targets, "keep": keep, "pairs": pairs}
    lists = read_lists(**given)
    name = name or (Path(data).name.split(".")[0] if isinstance(data, str | Path) else "network")
    inputs = files_of(matrix=data, table=table, gene_table=gene_table, gene_sets=gene_sets, **given)
    sets = given_gene_sets(gene_sets)
    loaded = load(data, settings.prepare, table, gene_table)
    groups = find_groups(loaded.obs, group_by, settings.prepare)
    used = [group for group in groups if group.used]

    def results() -> Iterator[tuple[Group, Result]]:
        for number, group in enumerate(used, start=1):
            logger.info("%s %s (%s of %s)", group_by, group.name, number, count(len(used), "group"))
            with of_group(group_by, group.name):
                result = infer_loaded(
                    take_group(loaded, group_by, group.name), lists, name=f"{name}/{group.folder}",
                    settings=settings, progress=progress, seconds={},
                )  # fmt: skip
            yield group, replace(result, inputs=inputs, gene_sets=sets)

    return groups, results()
