"""Feature selection: genes that together tell an attribute of the samples, added one by one (mRMR, JMI)."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from genenet.config.checking import select_from_keywords
from genenet.config.keys import SELECT_KEYWORDS
from genenet.config.keywords import SelectKeywords
from genenet.config.sections import Discretise, Select, Settings
from genenet.config.signatures import takes_settings
from genenet.errors import ConfigError, count, logger_of, quote_some
from genenet.estimators.binning import coordinates
from genenet.estimators.selection_terms import NeighbourTerms, TableTerms, cells_of
from genenet.kernels.shuffling import shuffle_within
from genenet.phenotype.reading import (
    Phenotype,
    check_label_sizes,
    check_number_of_labels,
    read_phenotype,
    varying_genes,
)
from genenet.products.expression import complete_values
from genenet.products.strata import Strata, in_strata, varying_parts
from genenet.randomness import Purpose, stream_key
from genenet.steps.discretise import discretise

log = logger_of("genenet")

TIE = 1e-9
"""Statistics (bits) that differ by less than this are equal: rounding must not decide about a p-value."""


@dataclass
class _Selection:
    """The genes that are selected so far, and what is known of all genes.

    Attributes
    ----------
    terms
        Estimates of information.
    joint
        Whether the criterion is JMI.
    relevance
        I(gene; phenotype), bits, shape (n_genes,).
    redundancy, conditional
        Sums over the selected genes of I(gene; selected) and of I(gene; phenotype | selected), shape (n_genes,).
    open
        Genes that are not selected, bool, shape (n_genes,).
    genes
        The selected ones, the first first.
    """

    terms: TableTerms | NeighbourTerms
    joint: bool
    relevance: NDArray[np.float64]
    redundancy: NDArray[np.float64]
    conditional: NDArray[np.float64]
    open: NDArray[np.bool_]
    genes: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, terms: TableTerms | NeighbourTerms, identity: NDArray[np.int64], *, joint: bool) -> "_Selection":
        relevance = terms.relevance(identity)[0]
        nothing = np.zeros_like(relevance)
        return cls(terms, joint, relevance, nothing, nothing.copy(), np.ones(len(relevance), bool))

    @property
    def scores(self) -> NDArray[np.float64]:
        if not self.genes:
            return self.relevance
        if self.joint:
            return self.conditional / len(self.genes)
        return self.relevance - self.redundancy / len(self.genes)

    def best(self, among: NDArray[np.bool_]) -> int:
        """The gene of the largest score among some, the first among equals."""
        return int(np.argmax(np.where(among, self.scores, -np.inf)))

    def add(self, gene: int, identity: NDArray[np.int64]) -> None:
        self.genes.append(gene)
        self.open[gene] = False
        self.redundancy += self.terms.redundancy(gene)
        if self.joint:
            self.conditional += self.terms.conditional_relevance(gene, identity)[0]

    def statistics(self, orders: NDArray[np.int64]) -> NDArray[np.float64]:
        """The part of the score that depends on the phenotype, in each order of its samples: (n_orders, n_genes)."""
        if not (self.genes and self.joint):
            return self.terms.relevance(orders)
        total = np.zeros((len(orders), len(self.relevance)))
        for gene in self.genes:
            total += self.terms.conditional_relevance(gene, orders)
        return total / len(self.genes)

    def row(self, gene: int) -> dict[str, Any]:
        """How the gene looks beside those selected so far."""
        n = max(len(self.genes), 1)
        redundancy, score = self.redundancy[gene] / n, self.scores[gene]
        found = {"relevance": self.relevance[gene], "redundancy": redundancy}
        if self.joint:
            found["conditional_redundancy"] = score - self.relevance[gene] + redundancy if self.genes else 0.0
        return found | {"score": score}


@takes_settings(SelectKeywords, SELECT_KEYWORDS)
def select_genes(
    expression: AnnData,
    phenotype: "str | pd.Series[Any]",
    *,
    strata: "str | Sequence[str] | pd.Series[Any] | pd.DataFrame | None" = None,
    settings: Settings | None = None,
    options: Select | None = None,
    progress: Callable[[int], None] | None = None,
    **keywords: Unpack[SelectKeywords],
) -> pd.DataFrame:
    """Select genes that together tell an attribute of the samples, each beside those selected before.

    The first gene is that of the largest mutual information with the phenotype. Then, with X a gene, Y the phenotype,
    and the mean over the genes S selected so far, the gene of the largest score is added:

    - `mrmr`: I(X; Y) - mean I(X; S), relevance less redundancy (Peng, Long & Ding 2005, the difference form).
    - `jmi`: mean I(X; Y | S), which is mean I(X, S; Y) less a number that is the same for all genes (Yang & Moody
      1999), and I(X; Y) - mean I(X; S) + mean I(X; S | Y) (Brown et al. 2012, eq. 4.11 with weights of one over the
      number of S).

    Genes whose p-value is above `alpha` are passed over, and if all are, the selection stops. The null hypothesis is
    that the phenotype has nothing to do with any further gene among samples that are alike in the selected genes: the
    phenotype is permuted among the samples that agree in the bins of all selected genes (and in their stratum), so that
    what these genes tell about it stays as it is. The statistic of a gene is its score less the mean of its score over
    the permutations, and is compared with the largest statistic of all genes not selected. The p-value therefore holds
    for the choice among all genes: of a phenotype that has nothing to do with the genes, no gene is selected with
    probability 1 - alpha.

    Parameters
    ----------
    expression
        As `genenet.prepare` gives it: obs = samples, var = genes.
    phenotype
        Column of obs, or a series by sample name. Samples without a value are left out.
    strata
        One or several columns of obs, or a series or table by sample name, of groups (batches): genes and a continuous
        phenotype are put into bins within each, and the phenotype is permuted within. By default the strata of the run
        that the matrix is of, if it has any.
    settings
        Of prepare.min_samples and prepare.small_strata.
    options
        Criterion, estimator, when to stop.
    progress
        Called with 1 for each gene that was looked for.
    **keywords
        Single settings by name, over `settings` and `options`.

    Returns
    -------
    pandas.DataFrame
        A row for each selected gene, the first first: `rank` (from 1), `gene`, `relevance` I(X; Y), `redundancy` mean
        I(X; S), with `jmi` also `conditional_redundancy` mean I(X; S | Y), `score` (all in bits, beside the genes
        selected before; without any they are 0), `pvalue` (missing without permutations), `n_passed_over` (genes of a
        larger score whose p-value is above alpha), `n_comparable` (samples that are alike in the genes selected before
        with others that differ in the phenotype).

    Raises
    ------
    InputError
        If the phenotype is not there, says nothing, or too few samples have it; if genes have missing values.
    ConfigError
        If something is wrong with the settings.

    References
    ----------
    Peng, Long & Ding (2005), IEEE Trans. Pattern Anal. Mach. Intell. 27, 1226, doi:10.1109/TPAMI.2005.159; Yang &
    Moody (1999), Adv. Neural Inf. Process. Syst. 12; Brown, Pocock, Zhao & Lujan (2012), J. Mach. Learn. Res. 13, 27.

    Examples
    --------
    Two genes that tell the group together only, among others that tell nothing:

    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(300, 20))
    >>> group = np.where((values[:, 3] > 0.2) | (values[:, 7] > 0.5), "a", "b")
    >>> samples = pd.DataFrame({"group": group}, index=[f"s{i}" for i in range(300)])
    >>> adata = AnnData(values, obs=samples, var=pd.DataFrame(index=[f"g{i}" for i in range(20)]))
    >>> select_genes(adata, "group")["gene"].tolist()
    ['g3', 'g7']
    """
    settings, options = select_from_keywords(base=settings, options=options, **keywords)
    read = read_phenotype(
        expression,
        phenotype,
        kind=options.kind,
        strata=strata,
        small_strata=settings.prepare.small_strata,
        min_samples=settings.prepare.min_samples,
    )
    used = expression[read.samples]
    used = in_strata(used[:, varying_genes(used)], read.strata)
    if options.n_genes is not None and options.n_genes > used.n_vars:
        there_are = count(used.n_vars, "gene")
        raise ConfigError(f"--n-genes is {options.n_genes:,}, but {there_are} can be selected; lower it")
    codes = hard_codes(used, options.n_bins)
    terms = _terms(used, codes, read, options)
    _warn_of_single_labels(read)
    rows = _forward(terms, codes, read, options, used.var_names, progress)
    columns = ["rank", "gene", "relevance", "redundancy", "conditional_redundancy", "score", "pvalue"]
    columns += ["n_passed_over", "n_comparable"]
    if options.method != "jmi":
        columns.remove("conditional_redundancy")
    return pd.DataFrame(rows, columns=columns)


def hard_codes(expression: AnnData, n_bins: int) -> NDArray[np.int64]:
    """Bins of equal frequency of each gene, within strata if there are any; equal values are in one bin.

    Returns
    -------
    int64, shape (n_genes, n_samples).
    """
    bins = discretise(expression, Discretise(method="equal_frequency", n_bins=n_bins))
    return bins.dense_weights.argmax(axis=1).astype(np.int64)


def _positions(values: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Positions of the samples by the default coordinate, within strata; in the middle where a gene does not vary."""
    positions = np.full_like(values, 0.5)
    for samples, varying, part in varying_parts(values, strata):
        positions[varying[:, None], samples] = coordinates(part, Discretise().coordinate, for_weights=False)
    return positions


def _terms(used: AnnData, codes: NDArray[np.int64], read: Phenotype, options: Select) -> TableTerms | NeighbourTerms:
    labels, own = read.labels, read.values  # noqa: PD011
    if options.estimator == "ksg":
        positions = _positions(complete_values(used), read.strata)
        if labels is not None:
            check_label_sizes(labels)
        else:
            own = _positions(own[None], read.strata)[0]
        return NeighbourTerms(positions, own, labelled=labels is not None, n_neighbours=options.n_neighbours)
    if labels is not None:
        check_number_of_labels(labels)
        return TableTerms(codes, options.n_bins, labels.codes, len(labels.levels))
    binned = hard_codes(in_strata(AnnData(own[:, None]), read.strata), options.n_bins)[0]
    return TableTerms(codes, options.n_bins, binned, options.n_bins)


def _forward(
    terms: TableTerms | NeighbourTerms,
    codes: NDArray[np.int64],
    read: Phenotype,
    options: Select,
    names: pd.Index,
    progress: Callable[[int], None] | None,
) -> list[dict[str, Any]]:
    """Add genes one by one until the test or their number says stop."""
    identity = np.arange(codes.shape[1])[None]
    selection = _Selection.start(terms, identity, joint=options.method == "jmi")
    most = len(codes) if options.n_genes is None else options.n_genes
    key = stream_key(options.seed, Purpose.SELECTION)
    rows: list[dict[str, Any]] = []
    while len(rows) < most:
        cells = Strata.of(cells_of(codes, selection.genes, read.strata.codes))
        n_comparable = _n_comparable(cells, read.values)
        pvalues = np.full(len(codes), np.nan)
        if options.n_permutations:
            orders = _orders(cells, options.n_permutations, key, len(rows))
            pvalues = _pvalues(selection, orders) if n_comparable else np.ones(len(codes))
        if progress:
            progress(1)
        passed = selection.open & ~(pvalues > options.alpha)
        if not passed.any():
            smallest = np.where(selection.open, pvalues, np.inf).min()
            gene = selection.best(selection.open & (pvalues <= smallest))
            _say_why(rows, str(names[gene]), smallest, n_comparable, read, options)
            break
        gene = selection.best(passed)
        n_passed_over = int((selection.open & (selection.scores > selection.scores[gene])).sum())
        row = {"rank": len(rows) + 1, "gene": names[gene], **selection.row(gene), "pvalue": pvalues[gene]}
        rows.append(row | {"n_passed_over": n_passed_over, "n_comparable": n_comparable})
        selection.add(gene, identity)
    return rows


def _n_comparable(cells: Strata, values: NDArray[np.float64]) -> int:
    """Number of samples in cells with more than one value of the phenotype."""
    return sum(len(part) for part in cells.parts() if np.ptp(values[part]) > 0)


def _orders(cells: Strata, n_permutations: int, key: np.uint64, step: int) -> NDArray[np.int64]:
    """Orders of the samples, the first as they are, the others permuted within cells of alike samples."""
    orders = np.empty((n_permutations + 1, len(cells.codes)), np.int64)
    orders[0] = np.arange(orders.shape[1])
    for number in range(n_permutations):
        shuffle_within(key, step * n_permutations + number, cells.members, cells.starts, orders[number + 1])
    return orders


def _pvalues(selection: _Selection, orders: NDArray[np.int64]) -> NDArray[np.float64]:
    """P-value of each gene: how often the largest statistic of all open genes reaches its own, in permuted orders."""
    statistics = selection.statistics(orders)
    # The mean has the observed value in it, so that all orders are alike under the null hypothesis.
    statistics -= statistics.mean(axis=0)
    largest = np.sort(statistics[1:, selection.open].max(axis=1))
    n_exceeding = len(largest) - np.searchsorted(largest, statistics[0] - TIE)
    pvalues: NDArray[np.float64] = (1 + n_exceeding) / len(orders)
    return pvalues


def _say_why(
    rows: Sequence[dict[str, Any]], gene: str, pvalue: float, n_comparable: int, read: Phenotype, options: Select
) -> None:
    """Log why no further gene is selected."""
    level = logging.INFO if rows else logging.WARNING
    selected = f"{count(len(rows), 'gene')} selected" if rows else "no gene is selected"
    other = "no other p-value" if rows else "no p-value"
    limit = f"{other} is at most --alpha {options.alpha:g}; the smallest is {pvalue:.3g}, of {gene}"
    if rows and n_comparable < len(read.values) / 2:
        limit += f"; only {n_comparable:,} of {len(read.values):,} samples are still alike in these genes and differ in"
        limit += f" {read.name}: more samples could tell more"
    log.log(level, "%s: %s", selected, limit)


def _warn_of_single_labels(read: Phenotype) -> None:
    if read.labels is None:
        return
    sizes = np.bincount(read.labels.codes)
    single = [level for level, size in zip(read.labels.levels, sizes, strict=True) if size == 1]
    if single:
        log.warning(
            "%s of %s %s one sample only (%s): no gene can be known to tell %s; leave these samples out",
            f"{count(len(single), 'label')}", read.name, "has" if len(single) == 1 else "have", quote_some(single),
            "it" if len(single) == 1 else "them",
        )  # fmt: skip
