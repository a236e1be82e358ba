"""Samples that do not obey the network: for each sample, how badly the relations of the kept edges hold in it.

A sample can be extreme and obey the network (a strong treatment), or ordinary and break it (a mixture of two samples, a
swapped label). Only the second is an anomaly here; how extreme a sample is, is reported beside its score.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genenet.errors import InputError, count, logger_of, quote_some
from genenet.kernels.deficits import Deficits, Largest, add_deficits, keep_largest, scaled_deficits
from genenet.kernels.pointwise import leave_one_out, pointwise
from genenet.kernels.windows import windows_of
from genenet.products.bins import Bins
from genenet.products.edges import gene_positions, modules_of
from genenet.products.expression import Expression
from genenet.products.fingerprint import origin_of
from genenet.products.origin import check_one_run, origin_of_table
from genenet.products.strata import Strata, read_strata, strata_of
from genenet.readers.sparse_pieces import dense
from genenet.statistics.robust import mean_distance, robust_z, share_as_high

if TYPE_CHECKING:
    from anndata import AnnData

logger = logger_of("genenet")

MIN_SAMPLES, MIN_EDGES = 30, 50
"""Smallest numbers of samples and of kept edges for which samples are scored."""
EDGES_PER_GENE = 50
"""Number of strongest edges of each gene that count, so that hubs do not dominate the score."""
EDGES_OF_MODULE = 10
"""Smallest number of edges among the genes of a module that is named."""
PAIRS_AT_ONCE = 512
"""Edges whose pointwise MI is held in memory at a time."""
VALUES_AT_ONCE = 1 << 21
"""The same as edges x samples, where that are more edges."""
N_NAMED = 3
"""Genes and edges that are named for each sample."""
MOST_NAMED = 10
"""Odd samples that the summary names."""
COLUMNS = ("sample", "score", "z", "pvalue", "extremeness", "module", "module_z", "genes", "edges")
"""Columns of the table; with strata `stratum` comes second."""
SCORES = ("score", "z", "pvalue", "extremeness", "module_z")
"""Columns that become attributes of samples."""
MOST_VALUES = 100_000_000
"""Largest number of kept edges x samples (two seconds on one core), and of genes x samples, that a run scores by
itself."""
ODD_Z = 3.0
"""Samples with a larger robust z than this are counted as odd."""


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
        proportions of the margins; in single precision, to about 1e-6 bits.

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
    weights, first, second = _weights_of_ends(edges, bins)
    windows = windows_of(weights)
    if leave_out:
        by_others = np.empty((len(edges), windows.first.shape[1]), np.float32)
        leave_one_out(weights, windows, bins.total, first, second, by_others)
        return by_others[:, : bins.n_samples].astype(float)
    found = np.empty((len(edges), bins.n_samples))
    pointwise(weights, windows, bins.total, first, second, found)
    return found


def _ends(edges: pd.DataFrame, bins: Bins) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Positions of the two genes of each edge among those of the bins."""
    genes = pd.Index(bins.genes)
    return gene_positions(edges["gene_a"], genes), gene_positions(edges["gene_b"], genes)


def _weights_of_ends(edges: pd.DataFrame, bins: Bins) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Weights of the genes that are in edges, and the positions of the two genes of each edge among these."""
    used, places = np.unique(np.concatenate(_ends(edges, bins)), return_inverse=True)
    first, second = np.split(places.astype(np.int32), 2)
    return bins.weights_of(used.astype(np.int64)), first, second


def anomalies(
    edges: pd.DataFrame,
    expression: Expression,
    bins: Bins,
    *,
    strata: str | Sequence[str] | None = None,
    modules: NDArray[np.int64] | None = None,
    is_needed: Callable[[], bool] = lambda: True,
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
    is_needed
        Asked now and then whether to go on; if not, CancelledError is raised.

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
        If there are too few samples or edges to score samples, the estimator has no bins, or edges, matrix and bins are
        of different runs.
    """
    _check_one_run(edges, expression, bins)
    return scores_of_samples(edges, expression, bins, strata=strata, modules=modules, is_needed=is_needed)


def _check_one_run(edges: pd.DataFrame, expression: Expression, bins: Bins) -> None:
    given = {
        "the table of edges": origin_of_table(edges),
        "the discretised matrix": bins.origin,
        "the matrix": origin_of(expression),
    }
    check_one_run(given, warn=False)


def scores_of_samples(
    edges: pd.DataFrame,
    expression: Expression,
    bins: Bins,
    *,
    strata: str | Sequence[str] | None = None,
    modules: NDArray[np.int64] | None = None,
    is_needed: Callable[[], bool] = lambda: True,
) -> pd.DataFrame:
    """Score samples by edges, matrix and bins that are known to be of one run; see `anomalies`."""
    kept = edges[edges["kept"].to_numpy(dtype=bool)]
    _check(kept, bins)
    chosen = kept.iloc[_strongest(kept, pd.Index(bins.genes))]
    compared = _strata(expression, strata)
    groups = np.zeros(bins.n_samples, np.int64) if compared is None else compared.codes
    if modules is None:
        modules = modules_of(kept, pd.Index(bins.genes)).to_numpy(np.int64, na_value=0)
    first, second = _ends(chosen, bins)
    inside = np.where(modules[first] == modules[second], modules[first], 0)
    found = _deficits(bins, chosen, modules, inside, is_needed)
    score = found.of_all / max(len(chosen), 1)
    broken, module_z = _most_broken(found.of_modules, np.bincount(inside), groups)
    extreme = mean_distance(dense(expression.X).T)
    table = pd.DataFrame(
        {
            "sample": np.asarray(expression.obs_names, dtype=object),
            "score": score,
            "z": robust_z(score, groups),
            "pvalue": share_as_high(score, groups),
            "extremeness": robust_z(extreme, groups),
            "module": broken,
            "module_z": module_z,
            "genes": _broken_genes(found.genes, bins),
            "edges": _broken_edges(found.edges, chosen),
        }
    )
    if compared is not None:
        table.insert(1, "stratum", np.array(compared.levels, dtype=object)[groups])
    # Scores of samples in different strata cannot be compared, but how far each stands out in its own.
    highest = score if compared is None else table["z"].to_numpy(float)
    order = np.lexsort((np.arange(len(table)), -highest))
    return table.iloc[order].reset_index(drop=True)


def odd_samples(
    edges: pd.DataFrame,
    expression: Expression,
    bins: Bins,
    *,
    modules: NDArray[np.int64] | None = None,
    is_needed: Callable[[], bool] = lambda: True,
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
        return scores_of_samples(edges, expression, bins, modules=modules, is_needed=is_needed)
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
            " infer with information.estimator: plugin"
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
        If there are too few samples or edges, the estimator has no bins, or edges, matrix and bins are of different
        runs.
    """
    from anndata import AnnData

    _check_one_run(edges, expression, bins)
    kept = edges[edges["kept"].to_numpy(dtype=bool)]
    _check(kept, bins)
    values = np.empty((bins.n_samples, len(kept)), np.float32)
    weights, first, second = _weights_of_ends(kept, bins)
    windows = windows_of(weights)
    for start in range(0, len(kept), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        found = np.empty((len(first[part]), bins.n_samples))
        pointwise(weights, windows, bins.total, first[part], second[part], found)
        values[:, part] = found.T
    names = [f"{a} - {b}" for a, b in zip(kept["gene_a"].astype(str), kept["gene_b"].astype(str), strict=True)]
    var = kept.drop(columns=["kept", "dpi_via", "dpi_margin"], errors="ignore").set_axis(names)
    for column in var.select_dtypes("category"):
        var[column] = var[column].astype(str)
    return AnnData(values, obs=expression.obs.copy(), var=var)


class _Broken(NamedTuple):
    """How far samples are below the mean of the edges, in standard deviations.

    of_all: sums over all edges, shape (n_samples,); of_modules: over the edges within each module, shape (n_modules,
    n_samples); genes, edges: those of the largest sums and values of each sample, int64, shape (N_NAMED, n_samples).
    """

    of_all: NDArray[np.float64]
    of_modules: NDArray[np.float64]
    genes: NDArray[np.int64]
    edges: NDArray[np.int64]


def _deficits(
    bins: Bins,
    edges: pd.DataFrame,
    modules: NDArray[np.int64],
    inside: NDArray[np.int64],
    is_needed: Callable[[], bool],
) -> _Broken:
    """Add up how far samples are below the mean of the edges. inside: module of both genes of each edge, or 0."""
    weights, (first, second) = bins.dense_weights, _ends(edges, bins)
    windows = windows_of(weights)
    n_samples, n_places = bins.n_samples, windows.first.shape[1]
    sums = Deficits(
        np.zeros(n_places),
        np.zeros((bins.n_genes, n_places), np.float32),
        np.zeros((int(modules.max(initial=0)) + 1, n_places)),
    )
    of_edges, of_genes = _nothing(n_places), _nothing(n_places)
    # Many at a time: a thread beside this one that runs Python code keeps it waiting before each kernel.
    at_once = max(PAIRS_AT_ONCE, VALUES_AT_ONCE // n_samples)
    buffer = np.empty((min(at_once, len(edges)), n_places), np.float32)
    for start in range(0, len(edges), at_once):
        if not is_needed():
            raise CancelledError
        part = slice(start, start + at_once)
        scaled = buffer[: len(first[part])]
        leave_one_out(weights, windows, bins.total, first[part], second[part], scaled)
        scaled_deficits(scaled)
        add_deficits(scaled, first[part], second[part], inside[part], sums)
        keep_largest(scaled, start, of_edges)
    keep_largest(sums.of_genes, 0, of_genes)
    return _Broken(
        sums.of_all[:n_samples],
        sums.of_modules[:, :n_samples],
        of_genes.rows[:, :n_samples],
        of_edges.rows[:, :n_samples],
    )


def _nothing(n_places: int) -> Largest:
    return Largest(np.full((N_NAMED, n_places), -np.inf, np.float32), np.zeros((N_NAMED, n_places), np.int64))


def _broken_genes(genes: NDArray[np.int64], bins: Bins) -> list[str]:
    """Names of the genes whose edges are broken most, for each sample. genes: shape (N_NAMED, n_samples)."""
    return [", ".join(str(bins.genes[gene]) for gene in column) for column in genes.T]


def _broken_edges(rows: NDArray[np.int64], edges: pd.DataFrame) -> list[str]:
    """Names of the edges that are broken most, for each sample. rows: of the edges, shape (N_NAMED, n_samples)."""
    found, place = np.unique(rows, return_inverse=True)
    used = edges.iloc[found]
    names = [f"{a} - {b}" for a, b in zip(used["gene_a"].astype(str), used["gene_b"].astype(str), strict=True)]
    return [", ".join(names[row] for row in column) for column in place.reshape(rows.shape).T]


def _most_broken(
    of_modules: NDArray[np.float64], n_edges: NDArray[np.int64], groups: NDArray[np.intp]
) -> tuple["pd.arrays.IntegerArray", NDArray[np.float64]]:
    """The module whose edges are broken most in each sample, compared with the other samples, and its robust z."""
    n_samples = len(groups)
    modules = 1 + np.flatnonzero(n_edges[1:] >= EDGES_OF_MODULE)
    if not len(modules):
        return pd.arrays.IntegerArray(np.zeros(n_samples, np.int64), np.ones(n_samples, bool)), np.full(
            n_samples, np.nan
        )
    z = np.array([robust_z(of_modules[module], groups) for module in modules])
    best = z.argmax(axis=0)
    return pd.arrays.IntegerArray(modules[best], np.zeros(n_samples, bool)), z[best, np.arange(n_samples)]


def _strata(expression: Expression, columns: str | Sequence[str] | None) -> Strata | None:
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
