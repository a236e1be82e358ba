"""Scores of edges: outputs of parmigene and NetworkInference.jl, plain loops, matrices by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from threadpoolctl import threadpool_limits

from genenet.config import Discretise
from genenet.errors import ConfigError, InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.scores import clr, mrnet, mrnetb, network_deconvolution, pidc, puc, rank_average
from genenet.steps.discretise import discretise

PARMIGENE = ["NetworkInference_yeast10", "grndata_toy", "dream4_size100_multifactorial_net1"]
CHAIN = np.array([[0.0, 0.9, 0.5], [0.9, 0.0, 0.8], [0.5, 0.8, 0.0]])
ALL = {"clr": clr, "mrnet": mrnet, "mrnetb": mrnetb, "network_deconvolution": network_deconvolution}


def random_matrix(seed: int, n: int) -> np.ndarray:
    matrix = np.random.default_rng(seed).exponential(size=(n, n))
    matrix = matrix + matrix.T
    np.fill_diagonal(matrix, 0)
    return matrix


def parmigene(folder, name: str) -> np.ndarray:
    return pd.read_csv(folder / f"{name}.tsv.gz", sep="\t", index_col=0).to_numpy()


@pytest.fixture(scope="module", params=PARMIGENE)
def reference(request, shared_data):
    folder = shared_data / "reference_parmigene" / request.param
    return folder, parmigene(folder, "knnmi_k3")


def test_clr__as_parmigene(reference):
    folder, mi = reference
    np.testing.assert_allclose(clr(mi, variant="parmigene"), parmigene(folder, "clr"), atol=1e-10)


def test_mrnet__as_parmigene(reference):
    folder, mi = reference
    np.testing.assert_allclose(mrnet(mi), parmigene(folder, "mrnet"), atol=1e-12)


@pytest.fixture(scope="module")
def golden(shared_data):
    """Outputs of NetworkInference.jl as matrices, and the bins it makes."""
    folder = shared_data / "peer_NetworkInference.jl"
    frame = pd.read_csv(folder / "expression.tsv", sep="\t", index_col=0)
    genes = frame.index.astype(str)

    def matrix(name: str) -> np.ndarray:
        table = pd.read_csv(folder / f"{name}.txt", sep="\t", names=["a", "b", "weight"], dtype={"a": str, "b": str})
        values = np.zeros((len(genes), len(genes)))
        values[genes.get_indexer(table["a"]), genes.get_indexer(table["b"])] = table["weight"]
        return values

    adata = AnnData(frame.to_numpy().T, var=pd.DataFrame(index=genes))
    bins = discretise(adata, Discretise(method="bayesian_blocks", block_prior="running"))
    return {name: matrix(name) for name in ("mi", "clr", "puc", "pidc")}, bins


def test_network_inference_jl__mi_clr_puc_pidc(golden):
    expected, bins = golden
    mi = mutual_information_matrix(bins)
    np.fill_diagonal(mi, 0)
    np.testing.assert_allclose(mi, expected["mi"], atol=1e-12)
    np.testing.assert_allclose(clr(mi), expected["clr"], atol=1e-9)
    np.testing.assert_allclose(puc(bins), expected["puc"], atol=1e-9)
    np.testing.assert_allclose(pidc(puc(bins)), expected["pidc"], atol=1e-9)


# CLR


def test_clr__by_hand():
    mi = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
    # Gene 0: 3, 1; gene 1: 3, 2; gene 2: 1, 2. z of pair 0-1: 1/sqrt 2 and .5/sqrt .5; of 1-2: 0 and .5/sqrt .5.
    half = math.sqrt(0.5)
    assert clr(mi)[0, 1] == pytest.approx(math.hypot(half, half))
    assert clr(mi, variant="stouffer")[0, 1] == pytest.approx(2 * half / math.sqrt(2))
    assert clr(mi)[1, 2] == pytest.approx(half)
    assert clr(mi)[0, 2] == 0
    # Rows 0 3 1, 3 0 2, 1 2 0: means 4/3, 5/3, 1; variances 14/9, 14/9, 2/3.
    z0, z1 = (3 - 4 / 3) ** 2 / (14 / 9), (3 - 5 / 3) ** 2 / (14 / 9)
    assert clr(mi, variant="parmigene")[0, 1] == pytest.approx(math.hypot(z0, z1))


def test_clr__gene_without_spread_has_no_context():
    mi = np.full((4, 4), 0.3)
    assert (clr(mi) == 0).all()
    assert (clr(mi, variant="stouffer") == 0).all()


def test_clr__squared_is_of_the_same_z():
    mi = random_matrix(0, 9)
    z = {i: (mi[i] - np.delete(mi[i], i).mean()) / np.delete(mi[i], i).std(ddof=1) for i in range(9)}
    expected = math.hypot(max(z[3][5], 0) ** 2, max(z[5][3], 0) ** 2)
    assert clr(mi, variant="squared")[3, 5] == pytest.approx(expected)


def test_clr__with_regulators_as_the_edges_table(caplog):
    from genenet.pipeline import infer_network

    rng = np.random.default_rng(0)
    frame = pd.DataFrame((rng.normal(size=(60, 5)) @ rng.normal(size=(5, 12))).T, index=[f"g{k}" for k in range(12)])
    result = infer_network(frame, regulators=["g0", "g3", "g4", "g9"], alpha=1.0, correction="none", n_draws=1_000)
    regulator = result.expression.var["regulator"].to_numpy(bool)
    bins = discretise(result.expression, Discretise())
    scores = clr(mutual_information_matrix(bins), regulators=regulator)
    table = result.edges
    ours = scores[table["gene_a"].cat.codes, table["gene_b"].cat.codes]
    # The table's means are made of MI in whole millionths of a bit.
    np.testing.assert_allclose(ours, table["clr"], atol=1e-4)
    assert len(table) == 4 * 3 / 2 + 4 * 8
    assert (scores[~regulator][:, ~regulator] == 0).all()


# MRNET, MRNETB


def mrnet_by_loops(mi: np.ndarray, regulators: set[int]) -> np.ndarray:
    weights = np.zeros_like(mi)
    for target in range(len(mi)):
        selected: list[int] = []
        while True:
            scores = {
                gene: mi[target, gene] - (np.mean([mi[gene, other] for other in selected]) if selected else 0)
                for gene in regulators
                if gene != target and gene not in selected
            }
            if not scores or max(scores.values()) <= 0:
                break
            best = max(scores, key=scores.get)
            weights[target, best] = scores[best]
            selected.append(best)
    return np.maximum(weights, weights.T)


def mrnetb_by_loops(mi: np.ndarray, regulators: set[int]) -> np.ndarray:
    weights = np.zeros_like(mi)
    for target in range(len(mi)):

        def score(gene: int, among: set[int], target: int = target) -> float:
            others = among - {gene}
            return mi[target, gene] - (np.mean([mi[gene, other] for other in others]) if others else 0)

        everyone = regulators - {target}
        selected = set(everyone)
        while len(selected) > 1:
            worst = min(selected, key=lambda gene: score(gene, selected))
            if score(worst, selected) >= 0:
                break
            selected -= {worst}
        while selected < everyone:
            worst = min(selected, key=lambda gene: score(gene, selected))
            best = max(everyone - selected, key=lambda gene: score(gene, selected - {worst}))
            if score(best, selected - {worst}) <= score(worst, selected) + 1e-12:
                break
            selected = selected - {worst} | {best}
        for gene in selected:
            weights[target, gene] = max(score(gene, selected), 0)
    return np.maximum(weights, weights.T)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [2, 3, 8, 25])
def test_mrnet_mrnetb__as_plain_loops(seed, n):
    mi, everyone = random_matrix(seed, n), set(range(n))
    np.testing.assert_allclose(mrnet(mi), mrnet_by_loops(mi, everyone), atol=1e-12)
    np.testing.assert_allclose(mrnetb(mi), mrnetb_by_loops(mi, everyone), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_mrnet_mrnetb__select_among_regulators(seed):
    mi, some = random_matrix(seed, 20), {1, 4, 5, 11, 17}
    mask = np.isin(np.arange(20), list(some))
    np.testing.assert_allclose(mrnet(mi, regulators=mask), mrnet_by_loops(mi, some), atol=1e-12)
    np.testing.assert_allclose(mrnetb(mi, regulators=mask), mrnetb_by_loops(mi, some), atol=1e-12)
    assert (mrnet(mi, regulators=mask)[~mask][:, ~mask] == 0).all()


def test_mrnetb__swaps_where_forward_selection_is_stuck():
    # Gene 1 is the best single neighbour of 0, but 2 and 3 tell the same as it and nothing about each other.
    mi = np.array([[0, 0.6, 0.55, 0.55], [0.6, 0, 0.5, 0.5], [0.55, 0.5, 0, 0], [0.55, 0.5, 0, 0]])
    assert mrnet(mi)[0, 1] == 0.6
    weights = mrnetb(mi)
    assert weights[0, 2] == weights[0, 3] == pytest.approx(0.55)


# Network deconvolution


def test_network_deconvolution__finds_the_direct_matrix():
    """An observed matrix that is the sum of all powers of a direct one."""
    direct = np.zeros((6, 6))
    for i, weight in enumerate([0.30, 0.25, 0.35, 0.28, 0.32]):
        direct[i, i + 1] = direct[i + 1, i] = weight
    observed = direct @ np.linalg.inv(np.eye(6) - direct)
    edges, others = direct > 0, (direct == 0) & ~np.eye(6, dtype=bool)
    assert observed[others].max() > 0.09
    score = network_deconvolution(observed)
    assert score[edges].min() > 2 * score[others].max()


def test_network_deconvolution__eigenvalues_scaled_to_beta():
    mi, beta = random_matrix(1, 12), 0.7
    off = ~np.eye(12, dtype=bool)
    observed = (mi - mi[off].min()) / (mi[off].max() - mi[off].min())
    np.fill_diagonal(observed, 0)
    values = np.linalg.eigvalsh(observed)
    scale = max((1 - beta) / beta * values[-1], (1 + beta) / beta * -values[0])
    direct = observed @ np.linalg.inv(observed + scale * np.eye(12))
    assert np.abs(np.linalg.eigvalsh((direct + direct.T) / 2)).max() == pytest.approx(beta)
    expected = (direct - direct[off].min()) / (direct[off].max() - direct[off].min())
    np.testing.assert_allclose(network_deconvolution(mi, beta=beta)[off], expected[off], atol=1e-9)


def test_network_deconvolution__same_bits_for_any_number_of_threads():
    mi = random_matrix(3, 300)
    with threadpool_limits(1):
        one = network_deconvolution(mi)
    with threadpool_limits(2):
        two = network_deconvolution(mi)
    assert (one == two).all()


def test_network_deconvolution__pairs_not_used_come_last():
    mi = random_matrix(2, 20)
    off = ~np.eye(20, dtype=bool)
    score = network_deconvolution(mi, alpha=0.2)
    used = mi >= np.quantile(mi[off], 0.8)
    assert score[off & ~used].max() <= score[off & used].min()
    assert stats.spearmanr(score[off & ~used], mi[off & ~used]).statistic == pytest.approx(1)


# PUC, PIDC


def puc_by_triples(joint) -> np.ndarray:
    """joint(i, j): joint probabilities of two genes."""
    n = joint.n
    total = np.zeros((n, n))
    for y in range(n):
        specific = {}
        for x in set(range(n)) - {y}:
            p = joint(x, y)
            with np.errstate(all="ignore"):
                specific[x] = np.nansum(p * np.log(p / np.outer(p.sum(1), p.sum(0))), axis=0)
        for x in specific:
            for z in set(specific) - {x}:
                mi = specific[x].sum()
                unique = mi - np.minimum(specific[x], specific[z]).sum()
                total[x, y] += unique / mi
    return total + total.T


@pytest.mark.parametrize("settings", [{"method": "equal_frequency", "n_bins": 4}, {"method": "bspline"}])
def test_puc__as_all_triples(settings):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(80, 7)) @ rng.normal(size=(7, 7))
    bins = discretise(AnnData(values), Discretise(**settings))

    def joint(x: int, y: int) -> np.ndarray:
        return bins.weights[x].astype(float) @ bins.weights[y].T / bins.total_count

    joint.n = 7
    scores = puc(bins)
    np.testing.assert_allclose(scores, puc_by_triples(joint), atol=1e-9)
    assert (scores >= 0).all()
    assert scores.max() <= 2 * 5


def test_puc__copy_of_a_gene_has_nothing_unique():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 100))
    bins = discretise(AnnData(np.column_stack([x, x, x + y])), Discretise(method="equal_frequency", n_bins=4))
    scores = puc(bins)
    # Gene 2: what 0 tells about it, 1 tells too; each of 0 and 1 tells more about the other than 2 does.
    assert scores[0, 2] == pytest.approx(scores[1, 2])
    assert scores[0, 1] > scores[0, 2]


def test_pidc__gamma_fits_as_scipy():
    scores = random_matrix(3, 40)
    context = np.empty_like(scores)
    for gene, row in enumerate(scores):
        shape, _, scale = stats.gamma.fit(np.delete(row, gene), floc=0)
        context[gene] = stats.gamma.cdf(row, shape, scale=scale)
    expected = context + context.T
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(pidc(scores), expected, atol=1e-6)


def test_pidc__zeros_are_left_out_of_the_fit():
    scores = random_matrix(4, 10)
    scores[0, 1] = scores[1, 0] = 0
    shape, _, scale = stats.gamma.fit(scores[0, 2:], floc=0)
    other, _, other_scale = stats.gamma.fit(np.delete(scores[2], 2), floc=0)
    expected = stats.gamma.cdf(scores[0, 2], shape, scale=scale) + stats.gamma.cdf(
        scores[0, 2], other, scale=other_scale
    )
    assert pidc(scores)[0, 2] == pytest.approx(expected, abs=1e-6)
    assert pidc(scores)[0, 1] == 0


def test_pidc__without_spread_everything_is_in_the_middle():
    assert pidc(np.ones((4, 4)))[0, 1] == 1.0


# Consensus


def test_rank_average__by_hand():
    other = np.array([[0.0, 5.0, 5.0], [5.0, 0.0, 1.0], [5.0, 1.0, 0.0]])
    # Pairs 01, 02, 12: ranks 2 0 1 and 1.5 1.5 0.
    consensus = rank_average([CHAIN, other])
    assert [consensus[0, 1], consensus[0, 2], consensus[1, 2]] == [0.875, 0.375, 0.25]
    assert (consensus == consensus.T).all()


def test_rank_average__of_one_is_its_ranking():
    mi = random_matrix(5, 15)
    rows, columns = np.triu_indices(15, 1)
    consensus = rank_average([mi])[rows, columns]
    assert (np.argsort(consensus) == np.argsort(mi[rows, columns])).all()
    assert consensus.min() == 0
    assert consensus.max() == 1


# All of them


@pytest.mark.parametrize("name", ALL)
@given(seed=st.integers(0, 1000), n=st.integers(3, 12))
def test_scores__symmetric_and_blind_to_gene_order_and_unit(name, seed, n):
    mi, score = random_matrix(seed, n), ALL[name]
    result = score(mi)
    np.testing.assert_allclose(result, result.T, atol=1e-12)
    assert (np.diag(result) == 0).all()
    assert (result >= 0).all()
    order = np.random.default_rng(seed).permutation(n)
    np.testing.assert_allclose(score(mi[np.ix_(order, order)]), result[np.ix_(order, order)], atol=1e-9)
    unit = math.log(2) if name in ("mrnet", "mrnetb") else 1.0
    np.testing.assert_allclose(score(mi * math.log(2)), result * unit, atol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_scores__input_is_not_changed(name):
    mi = random_matrix(0, 6) + np.eye(6)
    before = mi.copy()
    ALL[name](mi)
    assert (mi == before).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: mrnet(np.zeros((2, 3))),
            InputError,
            "scores need a square matrix of at least 2 genes, got shape (2, 3)",
        ),
        (
            lambda: mrnet(np.array([[0, 1.0], [2.0, 0]])),
            InputError,
            "must be symmetric, but cells differ from their mirror",
        ),
        (
            lambda: mrnet(np.array([[0, np.nan], [np.nan, 0]])),
            InputError,
            "2 cells of the matrix are missing or infinite",
        ),
        (lambda: clr(np.zeros((2, 2))), InputError, "CLR needs at least 2 pairs of each gene, got 1"),
        (
            lambda: clr(CHAIN, variant="fisher"),
            ConfigError,
            "variant must be one of faith, stouffer, squared, parmigene, got 'fisher'",
        ),
        (lambda: network_deconvolution(np.ones((3, 3))), InputError, "all pairs have the same value (1)"),
        (
            lambda: network_deconvolution(CHAIN, beta=1.0),
            ConfigError,
            "beta must be between 0 and 1 and alpha > 0 and <= 1",
        ),
        (lambda: rank_average([]), InputError, "matrices of one shape, and at least one"),
        (lambda: rank_average([CHAIN, np.zeros((2, 2))]), InputError, "matrices of one shape"),
    ],
)
def test_scores__mistakes(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
