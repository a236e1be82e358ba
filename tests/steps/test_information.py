"""Mutual information: exact, against the definition, scikit-learn and theory; the screen; blocks."""

import itertools
import math

import numpy as np
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from sklearn.metrics import mutual_info_score

from genenet.config import Discretise
from genenet.errors import ConfigError
from genenet.estimators import all_pairs as module
from genenet.estimators.all_pairs import PluginPass, mutual_information_matrix
from genenet.kernels.packing import BIT_ROWS, REGISTER_BLOCKS, Packed, pack, pack_bits, register_block
from genenet.kernels.survivors import MOMENT_UNIT
from genenet.kernels.vectors import LANES
from genenet.products.bins import Bins
from genenet.products.blocks import PairBlock, gather
from genenet.randomness import Purpose, stream_key
from genenet.statistics.null import Null
from genenet.statistics.pearson3 import critical_z, threshold_polynomial
from genenet.steps.discretise import discretise
from genenet.steps.information import block_rows, information
from genenet.steps.permutation import null_factors
from tests import oracles
from tests.matrices import bins, codes, counts, related


def screened(table: Bins, packed: Packed | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Float32 screen and exact MI of all pairs, from the kernel of the pass."""
    everything = PluginPass(table, Null(np.ones((table.n_genes, 3)), np.zeros(1)), 1.0)
    stripe = everything.stripe(packed or everything.prepared(table), np.arange(table.n_genes), 0)
    return stripe.mi[:, : table.n_genes], stripe.exact_mi[:, : table.n_genes]


def null_of(table: Bins, *, n_draws: int = 2_000) -> Null:
    """A null with the right factors and uniform draws."""
    return Null(null_factors(table), np.log(np.arange(1, n_draws + 1) / n_draws))


def all_pairs(table: Bins, matrix: np.ndarray) -> list[tuple[int, int, float]]:
    """Pairs that are tested."""
    pairs = itertools.combinations(range(table.n_genes), 2)
    return [(i, j, matrix[i, j]) for i, j in pairs if table.regulator[i] or table.regulator[j]]


def same(one: PairBlock, other: PairBlock) -> bool:
    """Whether two blocks are the same to the last bit."""
    fields = ("first", "second", "mi")
    return (
        all(
            getattr(getattr(one, which), name).tobytes() == getattr(getattr(other, which), name).tobytes()
            for which in ("pairs", "noise")
            for name in fields
        )
        and (one.sums == other.sums).all()
        and (one.n_pairs, one.largest_mi, one.largest_noise_mi)
        == (other.n_pairs, other.largest_mi, other.largest_noise_mi)
    )


# Truth by hand


def test_mi__by_hand() -> None:
    half = [0, 0, 0, 0, 1, 1, 1, 1]
    other = [0, 0, 1, 1, 0, 0, 1, 1]
    both = [0, 0, 1, 1, 2, 2, 3, 3]
    quarter = [0, 0, 0, 0, 0, 0, 1, 1]
    matrix = mutual_information_matrix(codes([half, other, both, quarter]))
    quarter_entropy = 0.75 * math.log2(4 / 3) + 0.25 * 2
    expected = np.array(
        [
            [
                1,
                0,
                1,
                0.75 * math.log2(4 / 3) + 0.25 * 2 - 0.5,
            ],  # H(quarter | half) = 0 on one side, 1 bit on the other
            [0, 1, 1, quarter_entropy - 0.5],
            [1, 1, 2, quarter_entropy],
            [0, 0, quarter_entropy, quarter_entropy],
        ]
    )
    expected[3] = expected[:, 3]
    np.testing.assert_allclose(matrix, expected, atol=1e-15)


def test_mi__soft_bins_by_hand() -> None:
    # Order 2 over 2 bins of the rank: weights 127 (1 - r) and 127 r; three samples at 0, 1/2 and 1, the odd unit below.
    table = bins([[1, 2, 3, 4], [4, 3, 2, 1]], n_bins=2, order=2, coordinate=["rank"])
    assert table.weights[0].tolist() == [[127, 85, 42, 0], [0, 42, 85, 127]]
    joint = [[2 * 42 * 85, 127**2 + 85**2 + 42**2], [127**2 + 42**2 + 85**2, 2 * 42 * 85]]
    assert mutual_information_matrix(table)[0, 1] == pytest.approx(oracles.mutual_information(joint), abs=1e-14)


# Theory


@pytest.mark.parametrize("flipped", [0, 1, 5, 10, 20])
def test_mi__binary_symmetric_channel(flipped: int) -> None:
    # 40 zeros and 40 ones, `flipped` of each flipped: I = 1 - H(flipped / 40).
    x = np.repeat([0, 1], 40)
    y = x.copy()
    y[:flipped] = 1
    y[40 : 40 + flipped] = 0
    expected = 1 - oracles.entropy([flipped, 40 - flipped])
    assert mutual_information_matrix(codes([x, y]))[0, 1] == pytest.approx(expected, abs=1e-14)


def test_mi__bivariate_normal_in_bins() -> None:
    # Probabilities of the cells from the distribution function; the plug-in adds (b - 1)^2 / 2n nats.
    rho, n, n_bins = 0.6, 20_000, 5
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    y = rho * x + math.sqrt(1 - rho**2) * rng.normal(size=n)
    edges = np.clip(stats.norm.ppf(np.arange(n_bins + 1) / n_bins), -9, 9)
    below = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf(np.dstack(np.meshgrid(edges, edges)))
    cells = np.diff(np.diff(below, axis=0), axis=1)
    theory = np.sum(cells * np.log2(cells * n_bins**2)) + (n_bins - 1) ** 2 / (2 * n * math.log(2))
    assert 0.7 * -0.5 * math.log2(1 - rho**2) < theory < -0.5 * math.log2(1 - rho**2)
    found = mutual_information_matrix(bins([x, y], method="equal_frequency", n_bins=n_bins))[0, 1]
    assert found == pytest.approx(theory, abs=0.01)


def test_mi__merging_bins_cannot_add_information() -> None:
    fine = np.random.default_rng(0).integers(0, 8, size=(10, 200))
    fine[1:] = np.where(np.random.default_rng(1).random((9, 200)) < 0.5, fine[0], fine[1:])
    coarse = mutual_information_matrix(codes(fine // 2))
    assert (coarse <= mutual_information_matrix(codes(fine)) + 1e-12).all()


# Other programs, and the definition


def test_mi__as_scikit_learn() -> None:
    values = np.random.default_rng(0).integers(0, 5, size=(20, 150))
    values[1] = values[0]
    matrix = mutual_information_matrix(codes(values))
    for i, j in itertools.combinations_with_replacement(range(20), 2):
        assert matrix[i, j] == pytest.approx(mutual_info_score(values[i], values[j]) / math.log(2), abs=1e-12)


@pytest.mark.parametrize("n_bins", [2, 3, 4, 5, 6, 8, 10, 12, 64])
@pytest.mark.parametrize("n_samples", [63, 64, 65, 5000])
def test_mi__hard_bins_as_bits_or_octets(n_bins: int, n_samples: int) -> None:
    table = codes(np.random.default_rng(0).integers(0, n_bins, size=(LANES + 2, n_samples)))
    by_bits, by_octets = (screened(table, packing(table.weights)) for packing in (pack_bits, pack))
    for one, other in zip(by_bits, by_octets, strict=True):
        assert one.tobytes() == other.tobytes()


def test_pack_bits__every_number_of_rows_is_of_use() -> None:
    tables = (np.zeros((1, n_bins, 1), np.uint8) for n_bins in range(2, 65))
    assert {pack_bits(table).register_block[0] for table in tables} == set(BIT_ROWS)


SMALLEST_N_BINS = {register_block(n_bins - 1): n_bins for n_bins in range(64, 1, -1)}


@pytest.mark.parametrize("block", REGISTER_BLOCKS, ids=str)
def test_mi__exact_for_every_register_block(block: tuple[int, int]) -> None:
    n_bins = SMALLEST_N_BINS[block]
    table = bins(related(LANES + 2, 45), n_bins=n_bins, order=min(3, n_bins))
    assert pack(table.weights).register_block == block
    expected = oracles.mutual_information_matrix(table.weights)
    np.testing.assert_allclose(mutual_information_matrix(table), expected, atol=1e-12)


@pytest.mark.parametrize("n_bins", [2, 3, 5, 7, 8, 9, 11, 13, 19, 22, 37, 64])
@pytest.mark.parametrize("method", ["bspline", "equal_frequency"])
def test_mi__exact_for_many_numbers_of_bins(n_bins: int, method: str) -> None:
    table = bins(related(6, 130, decimals=1), method=method, n_bins=n_bins, order=min(4, n_bins))
    expected = oracles.mutual_information_matrix(table.weights)
    np.testing.assert_allclose(mutual_information_matrix(table), expected, atol=1e-12)


@pytest.mark.parametrize("n_samples", [4, 5, 31, 32, 33, 299, 300, 301, 1203, 2400])
def test_mi__exact_for_many_numbers_of_samples(n_samples: int) -> None:
    table = bins(related(6, n_samples))
    expected = oracles.mutual_information_matrix(table.weights)
    np.testing.assert_allclose(mutual_information_matrix(table), expected, atol=1e-12)


def test_mi__exact_where_counts_nearly_fill_32_bits() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([np.zeros(199_000), np.ones(1_000)])  # nearly all samples in one cell
    values = np.array([x, np.roll(x, 10), x + rng.normal(size=len(x))])
    table = discretise(AnnData(values.T), Discretise(coordinate=["rank"], n_bins=2, order=1))
    assert table.total_count > 2**31 - 2**26
    expected = oracles.mutual_information_matrix(table.weights)
    np.testing.assert_allclose(mutual_information_matrix(table), expected, atol=1e-12)


@pytest.mark.parametrize("n_samples", [20, 100, 1000, 5000])
@pytest.mark.parametrize("n_bins", [2, 3, 4, 6, 8, 10, 16, 32, 64])
def test_screen__within_1e_5_of_exact(n_bins: int, n_samples: int) -> None:
    values = related(20, n_samples)
    values[5] = np.round(values[5])
    values[6] = values[7]
    for given_settings in ({"order": min(4, n_bins)}, {"order": 1}, {"method": "equal_frequency"}):
        table = bins(values, n_bins=n_bins, **given_settings)
        fast, exact = screened(table)
        assert np.abs(fast - exact).max() < (5e-6 if n_bins <= 32 else 1e-5)


# Properties

SMALL = arrays.arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(4, 30)), elements=st.integers(0, 3))


@settings(deadline=None, max_examples=30)
@given(SMALL, st.randoms(use_true_random=False))
def test_mi__properties(values: np.ndarray, random: object) -> None:
    values[:, 0], values[:, 1] = 0, 1  # no gene is constant
    matrix = mutual_information_matrix(codes(values))
    entropies = np.diag(matrix)
    np.testing.assert_allclose(matrix, oracles.mutual_information_matrix(codes(values).weights), atol=1e-12)
    assert (matrix == matrix.T).all()
    assert (matrix >= 0).all()
    assert (matrix <= np.minimum.outer(entropies, entropies) + 1e-12).all()
    np.testing.assert_allclose(entropies, codes(values).entropies, atol=1e-12)
    order = list(range(values.shape[1]))
    random.shuffle(order)
    assert (mutual_information_matrix(codes(values[:, order])) == matrix).all()
    labels = list(range(4))
    random.shuffle(labels)
    np.testing.assert_allclose(mutual_information_matrix(codes(np.array(labels)[values])), matrix, atol=1e-12)


def test_mi__gene_order_changes_nothing_but_the_last_bit() -> None:
    values = related(37, 60)
    order = np.random.default_rng(0).permutation(37)
    matrix = mutual_information_matrix(bins(values))
    np.testing.assert_allclose(
        mutual_information_matrix(bins(values[order])), matrix[np.ix_(order, order)], rtol=0, atol=1e-14
    )


# The pass over the pairs

MATRICES = {
    "one margin for all genes": lambda: bins(related(70, 60), coordinate=["rank"]),
    "nearly one margin": lambda: bins(with_one_tie(related(70, 60)), coordinate=["rank"]),
    "default": lambda: bins(related(70, 60)),
    "many zeros": lambda: bins(counts(70, 60)),
    "hard": lambda: bins(related(70, 60), method="equal_frequency", n_bins=5),
    "two to many codes": lambda: codes(np.random.default_rng(0).integers(0, np.arange(2, 60)[:, None], size=(58, 300))),
    "regulators": lambda: bins(related(70, 60), regulators=[3, 17, 16, 69, 0, 48]),
}


def with_one_tie(values: np.ndarray) -> np.ndarray:
    values[::3, 0] = values[::3, 1]
    return values


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("alpha", [1e-6, 0.01, 0.2, 0.9, 1.0])
def test_information__keeps_exactly_the_pairs_below_the_bound(name: str, alpha: float) -> None:
    table = MATRICES[name]()
    null = null_of(table, n_draws=200_000)
    block = information(table, null, alpha=alpha)
    matrix = mutual_information_matrix(table)
    tested = all_pairs(table, matrix)
    first, second, mi = (np.array(column) for column in zip(*tested, strict=True))
    log_pivots = null.log_pivots(mi, first.astype(np.int32), second.astype(np.int32))
    # MI of a pair computed the other way round differs in the last bit; nothing here is that close to the bound.
    kept = log_pivots <= null.log_pivot_at(alpha)
    assert list(zip(block.pairs.first, block.pairs.second, strict=True)) == [
        (i, j) for (i, j, _), keep in zip(tested, kept, strict=True) if keep
    ]
    np.testing.assert_allclose(block.pairs.mi, mi[kept], rtol=0, atol=1e-13)
    assert block.n_pairs == len(tested) == table.n_pairs
    assert block.alpha == alpha
    assert block.largest_mi == pytest.approx(mi.max(), abs=5e-6)
    if alpha == 1.0:
        assert len(block.pairs) == block.n_pairs


@pytest.mark.parametrize("name", MATRICES)
def test_information__sums_are_those_of_each_genes_pairs(name: str) -> None:
    table = MATRICES[name]()
    block = information(table, null_of(table))
    expected = np.zeros((table.n_genes, 3))
    for i, j, mi in all_pairs(table, mutual_information_matrix(table)):
        for gene in (i, j):
            expected[gene] += 1, mi, mi**2
    assert block.sums[:, 0].tolist() == expected[:, 0].tolist()
    for power, scale in ((1, MOMENT_UNIT), (2, MOMENT_UNIT**2)):
        np.testing.assert_allclose(
            block.sums[:, power] * scale / expected[:, 0], expected[:, power] / expected[:, 0], atol=2e-5
        )


@pytest.mark.parametrize("name", ["default", "regulators"])
def test_information__noise_is_the_permuted_matrix(name: str) -> None:
    table = MATRICES[name]()
    null = null_of(table)
    block = information(table, null, alpha=0.2, seed=4)
    shuffled = information(table.permuted(stream_key(4, Purpose.PERMUTED_CONTROL)), null, alpha=0.2, seed=9)
    assert block.noise.mi.tolist() == shuffled.pairs.mi.tolist()
    assert block.noise.first.tolist() == shuffled.pairs.first.tolist()
    assert block.largest_noise_mi == shuffled.largest_mi
    assert 0 < len(block.noise) < len(block.pairs)


def test_information__another_seed_is_other_noise_and_the_same_pairs() -> None:
    table = MATRICES["default"]()
    one, other = (information(table, null_of(table), seed=seed) for seed in (0, 1))
    assert one.pairs.mi.tolist() == other.pairs.mi.tolist()
    assert one.noise.mi.tolist() != other.noise.mi.tolist()


@pytest.mark.parametrize(("name", "n_blocks"), [("default", 7), ("regulators", 2), ("regulators", 15), ("hard", 2)])
def test_blocks__any_number_in_any_order_gives_the_same(name: str, n_blocks: int) -> None:
    table = MATRICES[name]()
    null = null_of(table)
    blocks = [information(table, null, alpha=0.3, block=k, n_blocks=n_blocks) for k in range(n_blocks)]
    order = np.random.default_rng(0).permutation(n_blocks)
    assert same(gather([blocks[k] for k in order]), information(table, null, alpha=0.3))


def test_blocks__stripes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    table = MATRICES["default"]()
    null = null_of(table)
    whole = information(table, null)
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", 350)
    assert same(information(table, null), whole)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 60), st.data())
def test_block_rows__every_row_once_and_equal_work(n_genes: int, data: st.DataObject) -> None:
    listed = data.draw(st.none() | st.lists(st.integers(0, n_genes - 1), min_size=1, unique=True))
    n_blocks = data.draw(st.integers(1, 80))
    table = bins(np.random.default_rng(0).normal(size=(n_genes, 4)), n_bins=2, order=1, regulators=listed)
    rows = [block_rows(table, block, n_blocks) for block in range(n_blocks)]
    assert np.concatenate(rows).tolist() == np.flatnonzero(table.regulator).tolist()
    position = {row: k for k, row in enumerate(np.flatnonzero(table.regulator).tolist())}
    work = [sum(n_genes - 1 - position[row] for row in part.tolist()) for part in rows]
    # A block ends at most one row before or after its share.
    assert max(abs(pairs - table.n_pairs / n_blocks) for pairs in work) <= n_genes


def test_block_rows__no_such_block() -> None:
    table = bins(related(5, 20))
    with pytest.raises(ConfigError) as caught:
        information(table, null_of(table), block=7, n_blocks=7)
    assert str(caught.value) == "block must be one of 0 .. 6 with 7 blocks, got 7"


def test_gather__blocks_with_different_alpha() -> None:
    table = bins(related(5, 20))
    blocks = [
        information(table, null_of(table), block=k, n_blocks=2, alpha=alpha) for k, alpha in ((0, 0.05), (1, 0.1))
    ]
    with pytest.raises(ConfigError) as caught:
        gather(blocks)
    assert str(caught.value) == (
        "blocks of pairs made with different significance.alpha do not belong together; make them again"
    )


def test_information__progress_adds_up() -> None:
    table = bins(related(40, 20), regulators=[1, 2, 30])
    steps: list[int] = []
    information(table, null_of(table), progress=steps.append)
    assert sum(steps) == 2 * table.n_pairs


@pytest.mark.parametrize(
    ("low", "high"), [(1.2, 1.2), (1.2, 1.2001), (0.2, 0.2), (0.2, 1.69), (1.1, 1.3), (1.68, 1.68)]
)
@pytest.mark.parametrize("log_pivot", [math.log(0.999), math.log(0.5), math.log(0.05), math.log(1e-4), -50.0, -300.0])
def test_threshold_polynomial__a_close_lower_bound(low: float, high: float, log_pivot: float) -> None:
    factors = np.array([[1, 100.0, low], [1, 100.0, high]])
    polynomial = threshold_polynomial(log_pivot, factors)
    skewness = np.random.default_rng(0).uniform(low**2, high**2, 5000)
    height = np.zeros(len(skewness), np.float32)
    for coefficient in polynomial:
        height = height * skewness.astype(np.float32) + coefficient
    below = critical_z(log_pivot, skewness) - height
    assert below.min() > 0
    assert below.max() < (0.01 if log_pivot > -100 else 0.5)


def test_threshold_polynomial__leaves_the_margin_of_the_screen() -> None:
    # The smallest standard deviation of a pair is 0.01^2 bits: 2e-5 bits are 0.2 of it.
    factors = np.array([[1, 0.01, 1.0], [1, 0.1, 1.1]])
    height = np.polyval(threshold_polynomial(-3.0, factors), 1.0)
    assert critical_z(-3.0, np.array([1.0]))[0] - height == pytest.approx(0.2, abs=0.001)
