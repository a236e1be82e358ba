"""Matrices that are mostly zeros: the same numbers as from the dense matrix, to the last bit."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse, stats

import genenet
from genenet.config import Discretise, Permutation
from genenet.files.intermediate import read_bins, write_bins
from genenet.kernels.sparse_products import SAMPLES_AT_ONCE
from genenet.kernels.threads import set_threads
from genenet.products import sparse_values as module
from genenet.products.bins import Bins, margin_moments
from genenet.products.sparse_values import SparseValues
from genenet.products.sparse_weights import SparseWeights
from genenet.scores.common_values import CommonValues
from genenet.scores.partial_correlation import partial_correlations, sparse_partial_correlations
from genenet.scores.sparse_correlation import correlate, sparse_scores
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null

METHODS = [
    Discretise(),
    Discretise(coordinate=("value",), n_bins=9, order=3),
    Discretise(method="equal_frequency", n_bins="sqrt"),
    Discretise(method="equal_width", n_bins=5),
    Discretise(method="zero_inflated"),
    Discretise(method="zero_inflated", order=1, n_bins="cube_root", coordinate=("rank",)),
]


def cells(n_samples: int = 300, n_genes: int = 40) -> np.ndarray:
    """Logarithms of counts of unequal depth; of two genes some values are below 0, and one gene has no zero."""
    rng = np.random.default_rng(4)
    depth = np.exp(rng.normal(0, 0.4, n_samples))
    counts = rng.poisson(np.exp(rng.normal(-1.5, 1, n_genes)) * depth[:, None])
    values = np.log1p(counts / depth[:, None])
    values[:, 0] = rng.normal(size=n_samples) * (rng.random(n_samples) < 0.2)
    values[:, 1] = rng.normal(size=n_samples)
    values[:2, values.std(axis=0) == 0] = 1.0
    values[0, 2], values[:, 3] = -3.0, values[:, 4] + (rng.random(n_samples) < 0.1)
    return values


def expression(values: np.ndarray, *, is_sparse: bool = False) -> AnnData:
    names = [f"G{gene:02}" for gene in range(values.shape[1])]
    obs = pd.DataFrame(index=[f"C{cell}" for cell in range(len(values))])
    return AnnData(sparse.csr_matrix(values) if is_sparse else values, obs=obs, var=pd.DataFrame(index=names))


@pytest.fixture
def mostly_zeros(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take matrices of any size and share of zeros for mostly zeros, and work on few values at a time."""
    monkeypatch.setattr(module, "FEWEST_VALUES", 0)
    monkeypatch.setattr(module, "MOST_NONZERO", 1.0)
    monkeypatch.setattr(module, "VALUES_AT_ONCE", 700)
    yield
    set_threads(0)


@pytest.mark.parametrize("settings", METHODS, ids=lambda settings: f"{settings.method}-{settings.n_bins}")
@pytest.mark.parametrize("is_sparse", [False, True], ids=["array", "sparse"])
def test_discretise__without_the_zeros_the_same_weights(
    settings: Discretise, is_sparse: bool, request: pytest.FixtureRequest
) -> None:
    dense = discretise(expression(cells()), settings)
    request.getfixturevalue("mostly_zeros")
    bins = discretise(expression(cells(), is_sparse=is_sparse), settings)
    assert isinstance(bins.weights, SparseWeights)
    assert bins.total == dense.total
    np.testing.assert_array_equal(bins.dense_weights, dense.weights)
    np.testing.assert_array_equal(bins.weights_of(np.array([3, 1])), dense.weights_of(np.array([3, 1])))
    np.testing.assert_array_equal(bins.margins, dense.margins)
    np.testing.assert_array_equal(margin_moments(bins), margin_moments(dense))
    np.testing.assert_array_equal(bins.permuted(5).dense_weights, dense.permuted(5).weights)


def test_write_bins__sparse_weights_are_read_again(mostly_zeros: None, tmp_path: Path) -> None:
    bins = discretise(expression(cells()))
    for file in ("a.h5ad", "b.h5ad"):
        write_bins(bins, tmp_path / file)
    read = read_bins(tmp_path / "a.h5ad")
    assert isinstance(read.weights, SparseWeights)
    np.testing.assert_array_equal(read.dense_weights, bins.dense_weights)
    assert read.total == bins.total
    assert list(read.genes) == list(bins.genes)
    assert (tmp_path / "a.h5ad").read_bytes() == (tmp_path / "b.h5ad").read_bytes()


def test_discretise__only_large_matrices_that_are_mostly_zeros_are_stored_sparse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.zeros((100, 10))
    values[:10] = np.arange(100).reshape(10, 10)
    assert isinstance(discretise(expression(values)).weights, np.ndarray)
    monkeypatch.setattr(module, "FEWEST_VALUES", 1000)
    assert isinstance(discretise(expression(values)).weights, SparseWeights)
    assert isinstance(discretise(expression(values + 1.0)).weights, np.ndarray)


def test_discretise__sparse_genes_without_variance_are_refused(mostly_zeros: None) -> None:
    values = cells()
    values[:, 5], values[:, 6] = 0.0, 2.0
    with pytest.raises(genenet.errors.InputError) as error:
        discretise(expression(values, is_sparse=True))
    assert str(error.value) == (
        "2 of 40 genes have no variance (G05, G06); drop them with prepare.min_variance or filter the input"
    )


def both(settings: Discretise, request: pytest.FixtureRequest, lists: dict[str, object]) -> tuple[Bins, Bins]:
    """The bins of a matrix, dense and sparse."""
    prepared = genenet.prepare(expression(cells()), genenet.config.Prepare(strict=False), **lists)  # type: ignore[arg-type]
    dense = discretise(prepared, settings)
    request.getfixturevalue("mostly_zeros")
    return dense, discretise(prepared, settings)


@pytest.mark.parametrize(
    ("settings", "lists"),
    [
        (Discretise(), {}),
        (Discretise(), {"regulators": [f"G{gene:02}" for gene in range(3, 30, 4)]}),
        (Discretise(), {"pairs": [("G03", "G04"), ("G00", "G20"), ("G01", "G35")]}),
        (Discretise(method="equal_frequency", n_bins=4), {}),
    ],
    ids=["all pairs", "regulators", "listed pairs", "hard bins"],
)
def test_information__without_the_zeros_the_same_bytes(
    settings: Discretise, lists: dict[str, object], request: pytest.FixtureRequest
) -> None:
    found = []
    for threads, bins in zip((1, 3), both(settings, request, lists), strict=True):
        set_threads(threads)
        null = permutation_null(bins, Permutation(n_draws=5_000), seed=2)
        block = information(bins, null, alpha=0.2, seed=2)
        parts = [part for pairs in (block.pairs, block.noise) for _, part in pairs.parts()]
        pairs = [getattr(part, name) for part in parts for name in ("first", "second", "mi")]
        found.append([null.factors, null.log_tails, block.sums, block.largest_mi, block.largest_noise_mi, *pairs])
    assert len(found[0][5]) > 0
    for dense, other in zip(*found, strict=True):
        np.testing.assert_array_equal(dense, other)


def test_correlate__is_that_of_numpy_and_scipy() -> None:
    values = cells()
    own = SparseValues.of(sparse.csr_matrix(values))
    first, second = (places.astype(np.int32) for places in np.triu_indices(values.shape[1], 1))
    pearson = correlate(sparse_scores(own, ranks=False), first, second)
    spearman = correlate(sparse_scores(own, ranks=True), first, second)
    np.testing.assert_allclose(pearson, np.corrcoef(values.T)[first, second], rtol=0, atol=1e-13)
    np.testing.assert_allclose(spearman, stats.spearmanr(values).statistic[first, second], rtol=0, atol=1e-13)
    # Whatever pairs are asked for, in whatever order.
    order = np.random.default_rng(0).permutation(len(first))[:200]
    np.testing.assert_array_equal(
        correlate(sparse_scores(own, ranks=False), first[order], second[order]), pearson[order]
    )


def test_correlate__of_more_samples_than_are_written_out_at_a_time() -> None:
    values = cells(n_samples=2 * SAMPLES_AT_ONCE + 5, n_genes=21)
    first, second = (places.astype(np.int32) for places in np.triu_indices(values.shape[1], 1))
    found = []
    for threads in (1, 3):
        set_threads(threads)
        own = sparse_scores(SparseValues.of(sparse.csr_matrix(values)), ranks=False)
        found.append(correlate(own, first, second))
    np.testing.assert_allclose(found[0], np.corrcoef(values.T)[first, second], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(*found)


def test_sparse_partial_correlations__those_of_the_dense_matrix_to_the_last_bit() -> None:
    values = cells(n_samples=2 * SAMPLES_AT_ONCE + 5)
    values[:, 5], values[0, 6], values[1, 6] = 1.0, 1e300, -1e-300
    values[7, 5] = 0.0
    dense = partial_correlations(np.ascontiguousarray(values.T))
    found = sparse_partial_correlations(SparseValues.of(sparse.csr_matrix(values)))
    np.testing.assert_array_equal(found.vectors, dense.vectors)
    assert found.unit == dense.unit


def test_products__exact_for_the_largest_integers() -> None:
    # One gene is 0 in one sample only, another in all but one; sums of squares are just below 2**51.
    n, size = 50, 2.0**22
    values = np.zeros((4, n))
    values[0], values[0, 3] = size, -size
    values[1, 7], values[2] = 2.0**25 + 1, np.resize([0.0, 0.0, size], n)
    values[3] = np.resize([size - 1, 1 - size, 0.0, 0.0], n)
    starts = np.concatenate([[0], np.cumsum((values != 0).sum(axis=1))])
    genes, samples = np.nonzero(values)
    own = CommonValues(starts, samples.astype(np.int32), values[genes, samples], np.zeros(4), n)
    # The same integers, shifted: the common value is not 0.
    shifted = CommonValues(starts, own.samples, own.own + 12_345, np.full(4, 12_345.0), n)
    for found, dense in ((own, values), (shifted, values + 12_345)):
        exact = dense.astype(object) @ dense.T.astype(object)
        np.testing.assert_array_equal(found.products(), exact.astype(float))


def test_infer_network__sparse_cells_give_the_edges_of_the_dense_matrix(request: pytest.FixtureRequest) -> None:
    options = {"seed": 1, "n_draws": 5_000, "progress": False, "score": ("clr_squared",)}
    dense = genenet.infer_network(expression(cells()), **options)  # type: ignore[arg-type]
    request.getfixturevalue("mostly_zeros")
    found = genenet.infer_network(expression(cells(), is_sparse=True), **options)  # type: ignore[arg-type]
    correlations = ["spearman", "pearson"]
    pd.testing.assert_frame_equal(found.edges.drop(columns=correlations), dense.edges.drop(columns=correlations))
    np.testing.assert_allclose(found.edges[correlations], dense.edges[correlations], rtol=0, atol=1e-12)
