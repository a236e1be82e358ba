"""Samples that do not obey the network: for each sample, how badly the relations of the kept edges hold in it.

A sample can be extreme and obey the network (a strong treatment), or ordinary and break it (a mixture of two samples, a
swapped label). Only the second is an anomaly here; how extreme a sample is, is reported beside its score.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from genenet.errors import InputError, count, logger_of, quote_some
from genenet.kernels.pointwise import pointwise
from genenet.products.bins import Bins
from genenet.products.edges import gene_positions, modules_of
from genenet.products.expression import dense_values
from genenet.products.strata import Strata, read_strata, strata_of

if TYPE_CHECKING:
    from anndata import AnnData

logger = logger_of("genenet")

MIN_SAMPLES, MIN_EDGES = 30, 50
"""Smallest numbers of samples and of kept edges for which samples are scored."""
EDGES_PER_GENE = 50
"""Number of strongest edges of each gene that count, so that hubs do not dominate the score."""
EDGES_OF_MODULE = 10
"""Smallest number of edges among the genes of a module that is named."""
PAIRS_AT_ONCE = 4_096
"""Edges whose pointwise MI is held in memory at a time."""
N_NAMED = 3
"""Genes and edges that are named for each sample."""
MOST_NAMED = 10
"""Odd samples that the summary names."""
CONSISTENT_MAD = 1.4826
"""Standard deviation of a normal distribution, in units of its median absolute deviation."""
COLUMNS = ("sample", "score", "z", "pvalue", "extremeness", "module", "module_z", "genes", "edges")
"""Columns of the table; with strata `stratum` comes second."""
SCORES = ("score", "z", "pvalue", "extremeness", "module_z")
"""Columns that become attributes of samples."""
MOST_VALUES = 100_000_000
"""Largest number of kept edges x samples (half a minute on one core), and of genes x samples, that a run scores by
itself."""
ODD_Z = 3.0
"""Samples with a larger robust z than this are counted as odd."""
EXTREME = 10.0
"""Robust z-scores of single values count as at most this."""


def pointwise_information(bins: Bins, edges: pd.DataFrame, *, leave_out: bool = False) -> NDArray[np.float64]:
    """Pointwise mutual information of each edge in each sample, in bits.

    Its mean over the samples is the MI of the edge. To first order it is what LIONESS (Kuijjer et al. 2019,
    doi:10.1016/j.isci.2019.03.021) gives for MI, n I - (n - 1) I(without the sample), less the bias of MI.

    Parameters
    ----------
    bins
        Discretised expression.
    edges
        Rows of the edges table.
    leave_out
        Compute each sample's from the joint table of the other samples, to which one sample's weight is added in the
        proportions of the margins.

    Returns
    -------
    float64, shape (n_edges, n_samples); NaN where a gene has no value in a sample.

    Examples
    --------
    >>> from anndata import AnnData
    >>> from genenet.steps.discretise import discretise
    >>> values = np.random.default_rng(0).normal(size=(40, 2)).cumsum(axis=1)
    >>> bins = discretise(AnnData(values, var=pd.DataFrame(index=["A", "B"])))
    >>> found = pointwise_information(bins, pd.DataFrame({"gene_a": ["A"], "gene_b": ["B"]}))
    >>> found.shape, round(float(found.mean()), 3)
    ((1, 40), 0.235)
    """
    first, second = (gene_positions(edges[end], pd.Index(bins.genes)) for end in ("gene_a", "gene_b"))
    found = np.empty((len(edges), bins.n_samples))
    pointwise(bins.dense_weights, first, second, leave_out, float(bins.total**2) if leave_out else 0.0, found)
    return found


def anomalies(
    edges: pd.DataFrame,
    expression: "AnnData",
    bins: Bins,
    *,
    strata: str | Sequence[str] | None = None,
    modules: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Score how badly each sample obeys the kept edges of the network.

    For every edge the pointwise MI of each sample is taken from the joint table of the other samples, and scaled to
    mean 0 and standard deviation 1 over the samples. A sample's score is the mean over the edges of how far it is below
    0. The edges that count are at most the 50 strongest of each gene.

    Parameters
    ----------
    edges
        The edges table; kept rows are used.
    expression, bins
        The prepared matrix, and its discretised values.
    strata
        Sample attribute, or several, within whose groups samples are compared: samples of a rare tissue would break a
        network of all tissues. By default those within which the network was inferred, if any.
    modules
        Module of each gene, from 1, 0 for genes in none; found by `genenet.statistics.communities` if None.

    Returns
    -------
    pandas.DataFrame
        A row for each sample, the highest score first, with strata the highest z: `sample`, `score`, `z` (robust: from
        median and median absolute deviation), `pvalue` (share of the samples that score at least as high, itself
        included: a conformal p-value, valid if samples are exchangeable, not below 1 / n), `extremeness` (robust z of
        the mean absolute z-score of its values), `module` and `module_z` (the module whose edges are broken most, and
        its robust z; missing if no module has enough edges), `genes` and `edges` (those that count most), with strata
        `stratum`.

    Raises
    ------
    InputError
        If there are too few samples or edges to score samples, or the estimator has no bins.
    """
    kept = edges[edges["kept"].to_numpy(dtype=bool)]
    _check(kept, bins)
    chosen = kept.iloc[_strongest(kept, pd.Index(bins.genes))]
    compared = _strata(expression, strata)
    groups = np.zeros(bins.n_samples, np.int64) if compared is None else compared.codes
    if modules is None:
        modules = modules_of(kept, pd.Index(bins.genes)).to_numpy(np.int64, na_value=0)
    deficits = _deficits(bins, chosen, modules)
    score = deficits.sums / max(len(chosen), 1)
    broken, module_z = _most_broken(deficits, groups)
    extreme = _extremeness(dense_values(expression))
    table = pd.DataFrame(
        {
            "sample": expression.obs_names.to_numpy(),
            "score": score,
            "z": _robust_z(score, groups),
            "pvalue": _share_as_high(score, groups),
            "extremeness": _robust_z(extreme, groups),
            "module": broken,
            "module_z": module_z,
            "genes": deficits.genes,
            "edges": deficits.edges(chosen),
        }
    )
    if compared is not None:
        table.insert(1, "stratum", np.array(compared.levels, dtype=object)[groups])
    # Scores of samples in different strata cannot be compared, but how far each stands out in its own.
    highest = score if compared is None else table["z"].to_numpy(float)
    order = np.lexsort((np.arange(len(table)), -highest))
    return table.iloc[order].reset_index(drop=True)


def odd_samples(
    edges: pd.DataFrame, expression: "AnnData", bins: Bins, *, modules: NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Score the samples of a run as `anomalies` does, or give a table without rows where nothing can be said.

    That is so for few samples or edges, an estimator without bins, and for more than `MOST_VALUES` edges x samples,
    which take minutes, or genes x samples, which take gigabytes.
    """
    kept = edges[edges["kept"].to_numpy(dtype=bool)]
    try:
        if len(kept) * bins.n_samples > MOST_VALUES:
            raise InputError(f"{count(len(kept), 'edge')} in {bins.n_samples:,} samples take minutes")
        if bins.n_genes * bins.n_samples > MOST_VALUES:
            raise InputError(f"{count(bins.n_genes, 'gene')} in {bins.n_samples:,} samples take much memory")
        return anomalies(edges, expression, bins, modules=modules)
    except InputError as error:
        logger.debug("samples are not scored (genenet anomalies): %s", error)
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def with_scores(obs: pd.DataFrame, table: pd.DataFrame, prefix: str = "anomaly_") -> pd.DataFrame:
    """Add the scores of samples to their attributes; samples without a score get NaN.

    Parameters
    ----------
    obs
        Attributes of samples.
    table
        The table of `anomalies`.
    prefix
        Beginning of the names of the new columns: `score`, `z`, `pvalue`, `extremeness`, `module_z`.

    Examples
    --------
    >>> table = pd.DataFrame({"sample": ["b", "a"], **{name: [2.0, 1.0] for name in SCORES}})
    >>> with_scores(pd.DataFrame(index=["a", "b", "c"]), table)["anomaly_z"].tolist()
    [1.0, 2.0, nan]
    """
    scores = table.set_index("sample")[list(SCORES)].reindex(obs.index).astype(float)
    return obs.assign(**{f"{prefix}{name}": scores[name].to_numpy() for name in SCORES})


def odd_among(table: pd.DataFrame) -> dict[str, Any]:
    """Count the odd samples of the table of `anomalies`, and name them, the most odd first.

    Examples
    --------
    >>> odd_among(pd.DataFrame({"sample": ["a", "b", "c"], "z": [4.2, 3.1, -0.5]}))
    {'n_samples': 3, 'n_odd': 2, 'samples': ['a', 'b']}
    """
    z = table["z"].to_numpy(float)
    order = np.argsort(-z, kind="stable")[: int((z > ODD_Z).sum())]
    names = [str(name) for name in table["sample"].iloc[order[:MOST_NAMED]]]
    return {"n_samples": len(table), "n_odd": len(order), "samples": names}


def _check(kept: pd.DataFrame, bins: Bins) -> None:
    if not bins.n_bins:
        raise InputError(
            f"the estimator {bins.estimator} has no bins, from which a sample's share in the MI of an edge is taken;"
            " infer with information.estimator plugin"
        )
    if bins.n_samples < MIN_SAMPLES:
        raise InputError(
            f"{count(bins.n_samples, 'sample')} are too few to tell an odd one; at least {MIN_SAMPLES} are needed"
        )
    if len(kept) < MIN_EDGES:
        raise InputError(
            f"the network has {count(len(kept), 'edge')}; at least {MIN_EDGES} are needed to tell an odd sample"
        )


def _strongest(kept: pd.DataFrame, genes: pd.Index) -> NDArray[np.intp]:
    """Rows that are among the strongest of one of their genes, in the order of the table."""
    ends = np.concatenate([gene_positions(kept[end], genes) for end in ("gene_a", "gene_b")])
    rows = np.tile(np.arange(len(kept)), 2)
    order = np.lexsort((rows, -np.tile(kept["score"].to_numpy(float), 2), ends))
    starts = np.searchsorted(ends[order], np.arange(len(genes)))
    place = np.arange(len(order)) - starts[ends[order]]
    return np.unique(rows[order[place < EDGES_PER_GENE]])


def sample_edges(edges: pd.DataFrame, expression: "AnnData", bins: Bins) -> "AnnData":
    """Give the pointwise mutual information of every sample in every kept edge, in bits.

    These are pseudo-values for tests between groups of samples, not networks: the value of a single sample and edge is
    mostly noise (at a correlation of 0.5 its standard deviation is three times its mean).

    Returns
    -------
    AnnData
        Samples x edges, float32, obs that of the matrix, var gene_a, gene_b and the other columns of the edges table.

    Raises
    ------
    InputError
        If there are too few samples or edges, or the estimator has no bins.
    """
    from anndata import AnnData

    kept = edges[edges["kept"].to_numpy(dtype=bool)]
    _check(kept, bins)
    values = np.empty((bins.n_samples, len(kept)), np.float32)
    for start in range(0, len(kept), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        values[:, part] = pointwise_information(bins, kept.iloc[part]).T
    names = [f"{a} - {b}" for a, b in zip(kept["gene_a"].astype(str), kept["gene_b"].astype(str), strict=True)]
    var = kept.drop(columns=["kept", "dpi_via", "dpi_margin"], errors="ignore").set_axis(names)
    for column in var.select_dtypes("category"):
        var[column] = var[column].astype(str)
    return AnnData(values, obs=expression.obs.copy(), var=var)


class _Deficits:
    """How far samples are below the mean of each edge: sums over edges, modules and genes, and the largest values."""

    def __init__(self, bins: Bins, modules: NDArray[np.int64]) -> None:
        self._bins = bins
        self._modules = modules
        n_modules = int(modules.max(initial=0)) + 1
        self.of_modules = np.zeros((n_modules, bins.n_samples))
        self.edges_of_modules = np.zeros(n_modules, np.int64)
        self.sums = np.zeros(bins.n_samples)
        self._of_genes = np.zeros((bins.n_genes, bins.n_samples))
        self._values = np.full((N_NAMED, bins.n_samples), -np.inf)
        self._rows = np.zeros((N_NAMED, bins.n_samples), np.int64)

    def add(self, edges: pd.DataFrame, start: int) -> None:
        """Add some edges, whose numbers begin at start."""
        found = pointwise_information(self._bins, edges, leave_out=True)
        found = np.nanmean(found, axis=1, keepdims=True) - found
        deviation = np.nanstd(found, axis=1, keepdims=True)
        scaled = np.divide(found, deviation, out=np.zeros_like(found), where=deviation > 0)
        scaled = np.nan_to_num(scaled, nan=0.0)
        self.sums += scaled.sum(axis=0)
        first, second = (gene_positions(edges[end], pd.Index(self._bins.genes)) for end in ("gene_a", "gene_b"))
        for ends in (first, second):
            shape = (self._bins.n_genes, len(edges))
            self._of_genes += sparse.csr_matrix((np.ones(len(edges)), (ends, np.arange(len(edges)))), shape) @ scaled
        inside = np.where(self._modules[first] == self._modules[second], self._modules[first], 0)
        shape = (len(self.of_modules), len(edges))
        self.of_modules += sparse.csr_matrix((np.ones(len(edges)), (inside, np.arange(len(edges)))), shape) @ scaled
        self.edges_of_modules += np.bincount(inside, minlength=len(self.of_modules))
        # The largest so far and the new ones; among equals the earlier edge.
        values = np.vstack([self._values, scaled])
        rows = np.vstack([self._rows, np.broadcast_to(np.arange(start, start + len(edges))[:, None], scaled.shape)])
        best = _largest(values, N_NAMED)
        self._values, self._rows = np.take_along_axis(values, best, 0), np.take_along_axis(rows, best, 0)

    @property
    def genes(self) -> list[str]:
        """Names of the genes whose edges are broken most, for each sample."""
        best = _largest(self._of_genes, N_NAMED)
        return [", ".join(str(self._bins.genes[gene]) for gene in column) for column in best.T]

    def edges(self, table: pd.DataFrame) -> list[str]:
        """Names of the edges that are broken most, for each sample."""
        names = [f"{a} - {b}" for a, b in zip(table["gene_a"].astype(str), table["gene_b"].astype(str), strict=True)]
        return [", ".join(names[row] for row in column[: len(names)]) for column in self._rows.T]


def _largest(values: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Rows of the n largest values of each column, the largest first; among equals the earlier row."""
    left, found = values.copy(), np.empty((n, values.shape[1]), np.intp)
    columns = np.arange(values.shape[1])
    for place in range(n):
        found[place] = left.argmax(axis=0)
        left[found[place], columns] = -np.inf
    return found


def _deficits(bins: Bins, edges: pd.DataFrame, modules: NDArray[np.int64]) -> _Deficits:
    found = _Deficits(bins, modules)
    for start in range(0, len(edges), PAIRS_AT_ONCE):
        found.add(edges.iloc[start : start + PAIRS_AT_ONCE], start)
    return found


def _most_broken(deficits: _Deficits, groups: NDArray[np.intp]) -> tuple["pd.arrays.IntegerArray", NDArray[np.float64]]:
    """The module whose edges are broken most in each sample, compared with the other samples, and its robust z."""
    n_samples = len(groups)
    modules = 1 + np.flatnonzero(deficits.edges_of_modules[1:] >= EDGES_OF_MODULE)
    if not len(modules):
        return pd.arrays.IntegerArray(np.zeros(n_samples, np.int64), np.ones(n_samples, bool)), np.full(
            n_samples, np.nan
        )
    z = np.array([_robust_z(deficits.of_modules[module], groups) for module in modules])
    best = z.argmax(axis=0)
    return pd.arrays.IntegerArray(modules[best], np.zeros(n_samples, bool)), z[best, np.arange(n_samples)]


def _strata(expression: "AnnData", columns: str | Sequence[str] | None) -> Strata | None:
    """Read the strata, or take those of the network; groups may be small, but are warned about."""
    if columns is None:
        return strata_of(expression)
    strata = read_strata(expression.obs, columns, min_samples=1)
    small = [name for name, size in zip(strata.levels, strata.sizes, strict=True) if size < MIN_SAMPLES]
    if small:
        attributes = columns if isinstance(columns, str) else " and ".join(columns)
        logger.warning(
            "%s of %s have fewer than %s samples (%s): their p-values cannot be small",
            count(len(small), "group"), attributes, MIN_SAMPLES, quote_some(small),
        )  # fmt: skip
    return strata


def _robust_z(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Distance from the median of the group in robust standard deviations; 0 where all are the same."""
    found = np.zeros(len(values))
    for group in range(groups.max() + 1):
        inside = groups == group
        centred = values[inside] - np.median(values[inside])
        deviation = CONSISTENT_MAD * np.median(np.abs(centred))
        found[inside] = centred / deviation if deviation > 0 else 0.0
    return found


def _share_as_high(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Share of the samples of its group that score at least as high as each sample, itself included."""
    found = np.empty(len(values))
    for group in range(groups.max() + 1):
        inside = groups == group
        ascending = np.sort(values[inside])
        found[inside] = (len(ascending) - np.searchsorted(ascending, values[inside])) / len(ascending)
    return found


def _extremeness(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the genes of each sample's distance from the gene's median, in robust standard deviations."""
    complete = not np.isnan(values).any()
    median, mean = (np.median, np.mean) if complete else (np.nanmedian, np.nanmean)
    distance = np.abs(values - median(values, axis=1, keepdims=True))
    deviation = CONSISTENT_MAD * median(distance, axis=1, keepdims=True)
    usable = deviation[:, 0] > 0
    if not usable.any():
        return np.zeros(values.shape[1])
    return np.asarray(mean(np.minimum(distance[usable] / deviation[usable], EXTREME), axis=0))
