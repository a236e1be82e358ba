"""Differential networks: pairs of genes that depend on each other differently in groups of samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config.checking import differential_from_keywords
from genenet.config.keys import DIFFERENTIAL_KEYWORDS
from genenet.config.keywords import DifferentialKeywords
from genenet.config.sections import Differential, Settings
from genenet.config.signatures import takes_settings
from genenet.differential.changes import CHANGES, NO_CHANGE, changes, fisher_z, present_within, spearman_within
from genenet.differential.groups import Labels, find_labels, members
from genenet.differential.passes import Comparison, Found, observe, permute_labels
from genenet.differential.power import STRONG, most_pairs, smallest_difference
from genenet.differential.ranks import binning_of
from genenet.differential.shift import Shift, gene_scores, shift_of
from genenet.errors import InputError, count, logger_of, quote_some
from genenet.files.manifest import InputFile
from genenet.pipeline import Attributes, Matrix, Names, read_inputs
from genenet.products.expression import Notes, complete_values
from genenet.products.strata import strata_of
from genenet.progress import Progress
from genenet.statistics.multiple_testing import adjust
from genenet.steps.prepare import prepare

logger = logger_of("genenet")

FEWEST_SHOWN = 100
"""Smallest number of pairs in the table, if fewer are significant (of pairs with p-values up to alpha)."""


@dataclass(frozen=True, repr=False)
class DifferentialNetwork:
    """The result of `differential_network`: all pairs that were compared, and the genes.

    Attributes
    ----------
    pairs
        A row for each pair of genes that differs significantly, the smallest p-value first; at least the first 100
        pairs, as far as their p-values are at most alpha. See docs/files.md for the columns.
    genes
        A row for each gene, with a score of how much its relations differ; the smallest p-value first.
    summary
        Numbers of the comparison, as in summary.json.
    labels
        The groups and which samples are in them.
    expression
        The prepared matrix of the samples that are compared.
    settings, options
        Settings of reading the matrix, and of the comparison.
    name
        Name of the network.
    inputs
        The files that were read, with their checksums.
    """

    pairs: pd.DataFrame
    genes: pd.DataFrame
    summary: dict[str, Any]
    labels: Labels
    expression: AnnData
    settings: Settings
    options: Differential
    name: str = "network"
    inputs: Mapping[str, InputFile] = field(default_factory=dict)

    def __repr__(self) -> str:
        names = " and ".join(group.name for group in self.labels.groups)
        return f"<genenet.DifferentialNetwork {self.name!r}: {count(self.n_significant, 'pair')} of {names} differ>"

    @property
    def n_significant(self) -> int:
        """Number of pairs that differ at the false discovery rate alpha."""
        return int(self.summary["n_significant"])

    @property
    def significant(self) -> pd.DataFrame:
        """Pairs that differ at the false discovery rate alpha."""
        return self.pairs[self.pairs["qvalue"] <= self.options.alpha]


@takes_settings(DifferentialKeywords, DIFFERENTIAL_KEYWORDS)
def differential_network(
    data: Matrix,
    group_by: str,
    *,
    levels: Sequence[str] | None = None,
    regulators: Names | None = None,
    targets: Names | None = None,
    keep: Names | None = None,
    table: Attributes | None = None,
    gene_table: Attributes | None = None,
    name: str | None = None,
    settings: Settings | None = None,
    options: Differential | None = None,
    progress: Progress | bool | None = True,
    **keywords: Unpack[DifferentialKeywords],
) -> DifferentialNetwork:
    """Find pairs of genes that depend on each other differently in groups of samples.

    Each gene is ranked within each group, so that differences in its mean, its variance or the sequencing depth have no
    influence. The statistic of a pair is D = sum_g 2 n_g I_g - 2 n I, with I_g its MI in a group and I that of the
    table of all samples: the likelihood ratio of one joint distribution in each group against one for all. It also sees
    relations that change their sign or their shape, which have the same MI in all groups. P-values come from permuting
    the labels of whole samples, within strata if there are any, with genes ranked anew in the permuted groups.

    Parameters
    ----------
    data
        As for `genenet.infer_network`.
    group_by
        Column of `obs` (or of `table`) whose levels are the groups.
    levels
        Groups to compare, the first one being the reference; all if None.
    regulators, targets, keep, table, gene_table, name, settings, progress
        As for `genenet.infer_network`.
    options
        Settings of the comparison.
    **keywords
        Single settings by name, over `settings` and `options`.

    Returns
    -------
    DifferentialNetwork
        Tables of pairs and of genes, and the numbers of the summary.

    Raises
    ------
    InputError
        If the groups cannot be compared.
    ConfigError
        If something is wrong with the settings.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(100, 6))
    >>> values[50:, 1] = values[50:, 0] + 0.3 * values[50:, 1]
    >>> samples = pd.DataFrame({"tissue": ["heart"] * 50 + ["liver"] * 50}, index=[f"s{i}" for i in range(100)])
    >>> matrix = pd.DataFrame(values.T, index=list("ABCDEF"), columns=samples.index)
    >>> found = differential_network(matrix, "tissue", table=samples)
    >>> found
    <genenet.DifferentialNetwork 'network': 1 pair of heart and liver differ>
    >>> found.significant[["gene_a", "gene_b", "change"]].values.tolist()
    [['A', 'B', 'gained']]
    """
    settings, options = differential_from_keywords(base=settings, options=options, **keywords)
    inputs = read_inputs(
        data, regulators=regulators, targets=targets, keep=keep, table=table, gene_table=gene_table, name=name,
        settings=settings, progress=progress,
    )  # fmt: skip
    expression = prepare(inputs.matrix, settings.prepare, **inputs.lists)
    labels = find_labels(expression.obs, group_by, settings.prepare, levels=levels, strata=strata_of(expression))
    compared = _varying(expression[labels.rows], labels)
    comparison = Comparison(compared, labels, binning_of(options.n_bins, options.order), options.seed)
    pairs, genes, summary = _compare(comparison, options, inputs.progress)
    return DifferentialNetwork(
        pairs, genes, summary, labels, compared, settings, options, inputs.name, inputs.files
    )  # fmt: skip


def _varying(expression: AnnData, labels: Labels) -> AnnData:
    """Leave out genes that are constant in a group: nothing can depend on them there."""
    values = complete_values(expression)
    lines, constant = [], np.zeros(len(values), bool)
    for group, rows in zip(labels.groups, members(labels.codes, len(labels.groups)), strict=True):
        own = values[:, rows]
        here = own.min(axis=1) == own.max(axis=1)
        constant |= here
        if here.any():
            lines.append(f"{here.sum():,} in {group.name} ({quote_some(list(expression.var_names[here]), 3)})")
    if len(values) - constant.sum() < 2:
        raise InputError(f"fewer than two genes vary in every group of {labels.column}; constant: {'; '.join(lines)}")
    if lines:
        logger.warning(
            "%s constant in a group of %s left out, where nothing can depend on them: %s",
            count(int(constant.sum()), "gene"), labels.column, "; ".join(lines),
        )  # fmt: skip
    return expression[:, ~constant].copy()


def _compare(
    comparison: Comparison, options: Differential, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    n_pairs = comparison.bins[0].n_pairs
    if not n_pairs:
        raise InputError("the lists leave no pair of a regulator and a target; change one of them")
    with progress("permutation", options.n_permutations) as advance:
        permuted = permute_labels(comparison, options.n_permutations, advance)
    with progress("information", 0):
        found, observed = observe(comparison, permuted.null, options.alpha)
    shift = shift_of(observed, permuted.scans, comparison.labels, n_pairs)
    needed = options.alpha / n_pairs
    simulated = comparison.design, permuted.null, comparison.binning
    power = {
        "smallest_difference": smallest_difference(*simulated, needed, seed=comparison.seed),
        "strong_correlation": STRONG,
        "pairs_for_strong": most_pairs(*simulated, options.alpha, seed=comparison.seed),
    }
    pairs = _pair_table(comparison, found, n_pairs, options)
    genes = _gene_table(comparison, pairs, *gene_scores(observed, permuted.scans), alpha=options.alpha)
    summary = _summary(comparison, options, found, pairs, genes, shift, power, n_pairs)
    summary["pvalue_histogram"] = permuted.null.histogram(observed.counts).tolist()
    return pairs, genes, summary


def _pair_table(comparison: Comparison, found: Found, n_pairs: int, options: Differential) -> pd.DataFrame:
    """Table of the significant pairs, and of others up to the first hundred."""
    labels = comparison.labels
    qvalues = adjust(found.pvalue, n_pairs, "bh")
    order = np.lexsort((found.second, found.first, -found.deviance, found.pvalue))
    order = order[: max(int((qvalues <= options.alpha).sum()), FEWEST_SHOWN)]
    found, qvalues = found.take(order), qvalues[order]
    spearman = spearman_within(comparison, found)
    genes = pd.CategoricalDtype(comparison.expression.var_names)
    columns: dict[str, Any] = {
        "gene_a": pd.Categorical.from_codes(found.first, dtype=genes),
        "gene_b": pd.Categorical.from_codes(found.second, dtype=genes),
        **_roles(comparison.expression, found, genes),
        "deviance": found.deviance,
    }
    for number, group in enumerate(labels.groups):
        columns[f"mi_{group.folder}"] = found.within[number]
        columns[f"spearman_{group.folder}"] = spearman[number]
    columns["mi_pooled"] = found.pooled
    columns["pvalue"] = found.pvalue
    columns["pvalue_kind"] = pd.Categorical(
        np.where(found.extrapolated, "extrapolated", "empirical"), categories=["empirical", "extrapolated"]
    )
    columns["qvalue"] = qvalues
    if len(labels.groups) == 2:
        columns["z"] = fisher_z(spearman, labels.sizes)
        named = changes(present_within(comparison, found, options.alpha), spearman, columns["z"], labels.sizes)
        named[qvalues > options.alpha] = NO_CHANGE
        columns["change"] = pd.Categorical(named, categories=[*CHANGES, NO_CHANGE])
    return pd.DataFrame(columns)


def _roles(expression: AnnData, found: Found, genes: pd.CategoricalDtype) -> dict[str, Any]:
    """Columns regulator and target; if either gene may regulate the other, gene_a is the regulator."""
    if not Notes.of(expression).directed:
        return {}
    regulates = expression.var["regulator"].to_numpy(bool)[found.first]
    regulator, target = (
        np.where(regulates, *ends) for ends in ((found.first, found.second), (found.second, found.first))
    )
    return {
        "regulator": pd.Categorical.from_codes(regulator, dtype=genes),
        "target": pd.Categorical.from_codes(target, dtype=genes),
    }


def _gene_table(
    comparison: Comparison,
    pairs: pd.DataFrame,
    scores: NDArray[np.float64],
    pvalues: NDArray[np.float64],
    *,
    alpha: float,
) -> pd.DataFrame:
    """Table of all genes, the smallest p-value first."""
    names = comparison.expression.var_names
    tested = comparison.bins[0].n_partners > 0
    significant = pairs[pairs["qvalue"] <= alpha]

    def counted(rows: pd.DataFrame) -> NDArray[np.int64]:
        ends = np.concatenate([rows["gene_a"].cat.codes, rows["gene_b"].cat.codes])
        return np.bincount(ends, minlength=len(names))

    columns: dict[str, Any] = {"gene": names.to_numpy(), "score": scores, "pvalue": pvalues}
    columns["n_differing"] = counted(significant)
    if "change" in significant:
        columns |= {f"n_{change}": counted(significant[significant["change"] == change]) for change in CHANGES}
    table = pd.DataFrame(columns)[tested]
    table.insert(3, "qvalue", adjust(table["pvalue"].to_numpy(), len(table), "bh"))
    order = np.lexsort((np.arange(len(table)), -table["score"], table["pvalue"]))
    return table.iloc[order].reset_index(drop=True)


def _summary(
    comparison: Comparison,
    options: Differential,
    found: Found,
    pairs: pd.DataFrame,
    genes: pd.DataFrame,
    shift: Shift,
    power: dict[str, Any],
    n_pairs: int,
) -> dict[str, Any]:
    labels = comparison.labels
    significant = pairs[pairs["qvalue"] <= options.alpha]
    return {
        "group_by": labels.column,
        "groups": {group.name: size for group, size in zip(labels.groups, labels.sizes, strict=True)},
        "n_strata": labels.strata.n,
        "n_genes": comparison.expression.n_vars,
        "n_pairs": n_pairs,
        "n_permutations": options.n_permutations,
        "alpha": options.alpha,
        "n_significant": len(significant),
        "changes": _by_change(significant),
        "n_significant_genes": int((genes["qvalue"] <= options.alpha).sum()),
        "smallest_pvalue": float(found.pvalue.min()) if len(found.pvalue) else None,
        "smallest_qvalue": float(pairs["qvalue"].min()) if len(pairs) else None,
        **power,
        "shift": shift.plain(),
        "is_global_shift": shift.is_global,
    }


def _by_change(significant: pd.DataFrame) -> dict[str, int]:
    """Number of pairs of each change; empty for more than two groups."""
    return {change: int((significant["change"] == change).sum()) for change in CHANGES if "change" in significant}
