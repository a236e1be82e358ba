"""Evidence for one pair of genes: the reasons why an edge joins them or does not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.config import CONTINUOUS, Discretise
from genenet.errors import InputError, suggest
from genenet.kernels.ranks import mid_ranks
from genenet.products.strata import Strata, standardised
from genenet.report.run import Run, positions
from genenet.statistics.pearson3 import pair_moments, pearson3_density, pearson3_tail

if TYPE_CHECKING:
    from genenet.products.bins import Bins

Verdict = Literal["kept", "removed", "not significant", "not tested"]

N_DENSITY = 121
"""Points of the null's density."""


@dataclass(frozen=True)
class Evidence:
    """Two genes, and the evidence for or against an edge between them.

    Attributes
    ----------
    genes
        Names of the two genes.
    symbols
        The names that are shown.
    values
        Expression, float64, shape (2, n_samples).
    samples
        Names of the samples.
    counts
        Joint table, shape (n_bins, n_bins): number of samples in each pair of bins, which with soft bins is not a whole
        number.
    borders
        For each gene the mid-ranks at which the bin with the largest weight changes; empty with strata.
    null
        Mean, standard deviation (bits) and skewness of MI if the genes were independent; None for estimators other than
        plugin.
    row
        The row of the edges table; empty for a pair that is not in it.
    verdict
        Whether the pair is an edge, or the step that left it out.
    mi
        Mutual information in bits, from the edges table, or from the joint table for a pair that is not in it.
    mediator
        The name that is shown of the gene through which a removed edge is indirect; empty if there is none.
    strata
        Strata of the samples, within which the run compared them; None without.
    confounding
        The row of the comparison with the network without strata; empty for a pair that is no edge of either.
    n_missing
        Number of samples that lack one of the genes; they are left out of values, samples and counts.
    method
        The method by which edges were removed: dpi, mrnet, mrnetb or none.
    """

    genes: tuple[str, str]
    symbols: tuple[str, str]
    values: NDArray[np.float64]
    samples: Sequence[str]
    counts: NDArray[np.float64]
    borders: tuple[list[float], list[float]]
    null: tuple[float, float, float] | None
    row: dict[str, Any]
    verdict: Verdict
    mi: float
    mediator: str = ""
    strata: Strata | None = None
    confounding: dict[str, Any] = field(default_factory=dict)
    n_missing: int = 0
    method: str = ""

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        """Mid-ranks of the values from 1, those within strata stretched to all samples; shape (2, n_samples)."""
        return stretched_ranks(self.values, self.strata)

    @cached_property
    def spearman(self) -> float:
        """Spearman's rank correlation; with strata the mean of those within strata, by number of samples.

        Where samples lack one of the genes it is that of the edges table, in which ranks are those among all samples of
        a gene.
        """
        if self.n_missing and "spearman" in self.row:
            return float(self.row["spearman"])
        return self._correlation(self.strata, ranks=True)

    @cached_property
    def pearson(self) -> float:
        """Pearson's correlation; with strata the mean of those within strata, by number of samples."""
        return self._correlation(self.strata, ranks=False)

    def _correlation(self, strata: Strata | None, *, ranks: bool) -> float:
        return float(np.mean(np.prod(standardised(self.values, strata, ranks=ranks), axis=0)))

    @cached_property
    def pointwise(self) -> NDArray[np.float64]:
        """Pointwise MI of each cell in bits: log2(p_xy / (p_x p_y)); NaN for an empty cell.

        Its mean over the samples is the MI of the joint table (Cover & Thomas 2006, eq. 2.28).
        """
        return pointwise_information(self.counts)

    @cached_property
    def density(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Null distribution of MI (Pearson III): MI in bits, and the density, with its largest value scaled to 1."""
        if self.null is None:
            return None
        mean, deviation, skewness = self.null
        end = max(1.08 * self.mi, mean + 8 * deviation)
        near = np.linspace(0, mean + 8 * deviation, N_DENSITY - 1)
        x = np.append(near, end)
        height = pearson3_density((x - mean) / deviation, skewness)
        height = np.where(np.isfinite(height), height, 0.0)
        return x, height / height.max()

    @property
    def null_pvalue(self) -> float:
        """Tail probability of the MI under the null's Pearson III distribution; NaN without one."""
        if self.null is None:
            return float("nan")
        mean, deviation, skewness = self.null
        return float(pearson3_tail(np.array((self.mi - mean) / deviation), skewness))

    def describe(self) -> list[tuple[str, str]]:
        """Describe verdict and numbers in words: the label and the text of each line."""
        row = self.row
        lines = [("verdict", self._verdict()), ("MI", f"{self.mi:.4f} bits")]
        if "pvalue" in row:
            kind = " (extrapolated)" if row["pvalue_kind"] == "extrapolated" else ""
            lines += [("p-value", f"{row['pvalue']:.2g}{kind}"), ("q-value", f"{row['qvalue']:.2g}")]
        elif self.confounding:
            lines.append(("p-value", f"{self.confounding['pvalue_within']:.2g}"))
        elif self.null is not None:
            lines.append(("p-value", f"{self.null_pvalue:.2g} (by the null's curve, not calibrated by the draws)"))
        if self.n_missing:
            lines.append(("samples", f"{len(self.samples):,} that have both genes, {self.n_missing:,} do not"))
        lines += [("Pearson", self._of_all(self.pearson, ranks=False))]
        lines += [("Spearman", self._of_all(self.spearman, ranks=True))]
        if "score" in row:
            lines.append(("score", f"{row['score']:.3g}"))
        if self.confounding:
            total = f"MI {self.confounding['mi_total']:.4f} bits, p = {self.confounding['pvalue_total']:.2g}"
            lines.append(("without strata", f"{total}; confounding: {self.confounding['confounding']}"))
        if "stability" in row:
            halves, both = f"{row['stability']:.1%} of the halves of the samples", f"{row['both_halves']:.1%}"
            lines.append(("stability", f"{halves} select it, in {both} of the splits both do"))
        return lines

    def _of_all(self, within: float, *, ranks: bool) -> str:
        """A correlation in words; with strata also that of all samples."""
        if self.strata is None:
            return f"{within:.3f}"
        return f"{within:.3f} within strata ({self._correlation(None, ranks=ranks):.3f} of all samples)"

    def _verdict(self) -> str:
        if self.verdict == "kept":
            return "kept: an edge of the network"
        if self.verdict == "removed":
            if self.mediator:
                return f"removed: indirect through {self.mediator}, by {self.row['dpi_margin']:.4f} bits"
            halves = ", or found in too few halves of the samples" if "stability" in self.row else ""
            chosen = f", or not selected by {self.method}" if self.method in ("mrnet", "mrnetb") else ""
            return f"removed: not among the edges of the largest score, as many as were to be kept{chosen}{halves}"
        if self.verdict == "not tested":
            return "not tested: the lists of regulators, targets or pairs leave this pair out"
        return "not significant, or not among the removed edges that were written"


def pair_evidence(run: Run, pairs: Sequence[tuple[str, str]]) -> list[Evidence]:
    """Gather the evidence for or against an edge for each of several pairs of genes.

    Raises
    ------
    InputError
        If a gene is not in the matrix, or a pair is of one gene.
    """
    known = [(find_gene(run, a), find_gene(run, b)) for a, b in pairs]
    for a, b in known:
        if a == b:
            raise InputError(f"the two genes of a pair must differ, got {run.genes[a]} twice")
    used = np.unique(np.array(known, np.int64).reshape(-1))
    bins, factors = bins_of(run, used)
    rows, compared = _rows(run, run.edges, known), _rows(run, run.confounding, known)
    return [
        _evidence(run, bins, factors, pair, np.searchsorted(used, pair), row, confounding)
        for pair, row, confounding in zip(known, rows, compared, strict=True)
    ]


def stretched_ranks(values: NDArray[np.float64], strata: Strata | None) -> NDArray[np.float64]:
    """Mid-ranks of each gene from 1; with strata those within strata, stretched to the number of all samples.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 101.0, 103.0]])
    >>> stretched_ranks(values, None).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    >>> stretched_ranks(values, Strata.of(np.array([0, 0, 1, 1]))).tolist()
    [[1.5, 3.5, 1.5, 3.5]]
    """
    ranks = np.empty_like(values)
    if strata is None:
        mid_ranks(values, ranks)
        return ranks
    for samples in strata.parts():
        part = np.ascontiguousarray(values[:, samples])
        found = np.empty_like(part)
        mid_ranks(part, found)
        ranks[:, samples] = (found - 0.5) * (values.shape[1] / len(samples)) + 0.5
    return ranks


def find_gene(run: Run, name: str) -> int:
    """Position of a gene by its name, or by its symbol where only one gene has it.

    Raises
    ------
    InputError
        If there is no such gene.
    """
    place = run.genes.get_indexer(pd.Index([name]))[0]
    if place >= 0:
        return int(place)
    same = [gene for gene, symbol in enumerate(run.symbols) if symbol == name]
    if len(same) == 1:
        return same[0]
    if same:
        names = ", ".join(run.genes[same[:5]])
        raise InputError(f"{len(same)} genes have the symbol {name}: {names}; name one of them")
    raise InputError(f"{name} is not among the {len(run.genes):,} genes of the run{suggest(name, run.genes)}")


def bins_of(run: Run, used: NDArray[np.int64]) -> "tuple[Bins, NDArray[np.float64] | None]":
    """Bins of some genes as the run made them, and the factors of their nulls (None unless the estimator is plugin)."""
    from genenet.steps.discretise import discretise
    from genenet.steps.permutation import null_factors

    estimator = run.settings.information.estimator
    settings = run.settings.discretise
    if estimator in CONTINUOUS:
        settings = Discretise(method="equal_frequency")
    elif isinstance(settings.n_bins, str):
        # A rule gives one number for all genes.
        settings = settings.model_copy(update={"n_bins": int(run.summary["significance"]["n_bins"])})
    some = run.expression[:, used].copy()
    # The lists of targets and pairs are not passed on, since they would leave genes out.
    some.uns = {"genenet": {name: value for name, value in _notes(run).items() if name in ("strata", "small_strata")}}
    bins = discretise(some, settings)
    return bins, null_factors(bins) if estimator == "plugin" else None


def _notes(run: Run) -> dict[str, Any]:
    return dict(run.expression.uns.get("genenet", {}))


def _rows(run: Run, table: pd.DataFrame | None, pairs: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Rows of a table with the columns gene_a and gene_b for pairs of genes, as dicts; empty for one not in it."""
    if table is None or not len(table):
        return [{} for _ in pairs]
    wanted = [(min(pair), max(pair)) for pair in pairs]
    # There can be millions of rows and dozens of pairs: looking at all rows takes less time than sorting them.
    first = positions(table["gene_a"], run.genes)
    places = np.flatnonzero(np.isin(first, [a for a, _ in wanted]))
    some = table.iloc[places]
    found = zip(first[places].tolist(), positions(some["gene_b"], run.genes).tolist(), strict=True)
    place_of = {pair: place for place, pair in enumerate(found)}
    chosen = some.iloc[[place_of[pair] for pair in wanted if pair in place_of]]
    records = iter(chosen.to_dict("records"))
    return [{str(key): value for key, value in next(records).items()} if pair in place_of else {} for pair in wanted]


def _evidence(
    run: Run,
    bins: "Bins",
    factors: NDArray[np.float64] | None,
    pair: tuple[int, int],
    inside: NDArray[np.int64],
    row: dict[str, Any],
    confounding: dict[str, Any],
) -> Evidence:
    from genenet.products.expression import dense_values

    values = dense_values(run.expression[:, list(pair)])
    common = np.logical_not(np.isnan(values).any(axis=0, keepdims=True))[0]
    values = np.ascontiguousarray(values[:, common])
    weights = bins.weights_of(inside)[:, :, common].astype(np.int64)
    counts = weights[0] @ weights[1].T / bins.total**2
    null = None
    if factors is not None:
        mean, deviation, skewness = (float(x[0]) for x in pair_moments(factors, inside[:1], inside[1:]))
        # The moments are those of MI from all samples, which falls with their number.
        fewer = len(common) / np.count_nonzero(common)
        null = mean * fewer, deviation * fewer, skewness
    return Evidence(
        genes=(run.genes[pair[0]], run.genes[pair[1]]),
        symbols=(run.symbols[pair[0]], run.symbols[pair[1]]),
        values=values,
        samples=[str(name) for name in run.expression.obs_names[common]],
        counts=counts,
        # Within strata bins change at other ranks in each.
        borders=([], []) if bins.strata else (_borders(values[0], weights[0]), _borders(values[1], weights[1])),
        null=null,
        row=row,
        verdict=_verdict(run, pair, row),
        mi=float(row["mi"]) if row else _information(bins, weights, counts),
        mediator=_mediator(run, row),
        strata=bins.strata,
        confounding=confounding,
        n_missing=len(common) - values.shape[1],
        method=run.summary["prune"].get("method", ""),
    )


def _mediator(run: Run, row: dict[str, Any]) -> str:
    via = row.get("dpi_via")
    return "" if via is None or via != via else run.symbols[find_gene(run, str(via))]


def _information(bins: "Bins", weights: NDArray[np.int64], counts: NDArray[np.float64]) -> float:
    """MI of two genes in bits; with strata, the conditional MI given the stratum."""
    if bins.strata is None:
        return table_information(counts)
    tables = (weights[0][:, part] @ weights[1][:, part].T for part in bins.strata.parts())
    shares = bins.strata.sizes / bins.n_samples
    return float(sum(share * table_information(table) for share, table in zip(shares, tables, strict=True)))


def pointwise_information(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pointwise MI of each cell of a joint table in bits; NaN for an empty cell."""
    p = counts / counts.sum()
    chance = np.outer(p.sum(axis=1), p.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, np.log2(p / chance), np.nan)


def table_information(counts: NDArray[np.float64]) -> float:
    """MI of a joint table in bits.

    Examples
    --------
    >>> table_information(np.array([[5.0, 0.0], [0.0, 5.0]]))
    1.0
    """
    return float(np.nansum(counts / counts.sum() * pointwise_information(counts)))


def _borders(values: NDArray[np.float64], weights: NDArray[np.int64]) -> list[float]:
    """Mid-ranks, halfway between two samples, at which the bin with the largest weight changes."""
    order = np.argsort(values, kind="stable")
    heaviest = weights.argmax(axis=0)[order]
    return (np.flatnonzero(heaviest[1:] != heaviest[:-1]) + 1.5).tolist()


def _verdict(run: Run, pair: tuple[int, int], row: dict[str, Any]) -> Verdict:
    if row:
        return "kept" if row["kept"] else "removed"
    from genenet.products.expression import tested

    regulator, targets, listed = tested(run.expression)
    target = np.ones(len(regulator), bool) if targets is None else targets
    a, b = sorted(pair)
    fits = (regulator[a] & target[b]) | (regulator[b] & target[a])
    if listed is not None:
        fits &= bool(((listed[:, 0] == a) & (listed[:, 1] == b)).any())
    return "not significant" if fits else "not tested"
