"""Pairs as a list and as a triangle: the same network; what lists of targets and of pairs leave."""

import itertools

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st

from genenet.config import Discretise, Information, Permutation
from genenet.errors import InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files.intermediate import read_bins, read_block, write_bins, write_block
from genenet.pipeline import infer_network
from genenet.products import pairs as module
from genenet.products.bins import Bins
from genenet.products.blocks import gather
from genenet.products.pairs import Collector, Pairs, Triangle
from genenet.scores.dpi import Rule, mediators, triangle_mediators
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.information import block_rows, information
from genenet.steps.permutation import null_factors, permutation_null
from genenet.steps.prepare import prepare
from genenet.steps.significance import significance
from tests.matrices import expression, related

N_GENES = 9
CELLS = list(itertools.combinations(range(N_GENES), 2))


def pairs_of(network: dict[tuple[int, int], float]) -> Pairs:
    """List of the pairs of {(i, j): mi}."""
    first, second = (np.array([pair[k] for pair in network], np.int32) for k in (0, 1))
    return Pairs(first, second, np.array(list(network.values()), float))


def triangle_of(network: dict[tuple[int, int], float], n_genes: int = N_GENES) -> Triangle:
    found = Triangle(n_genes)
    found.add(pairs_of(network))
    return found


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), pairs.mi.tolist(), strict=True))


NETWORKS = st.lists(st.none() | st.floats(0, 2), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda values: {pair: mi for pair, mi in zip(CELLS, values, strict=True) if mi is not None}
)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_each_part__all_pairs_in_order(n_threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST_PAIRS", 2)
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", 3)
    monkeypatch.setattr(module, "n_threads", lambda: n_threads)
    listed = pairs_of({pair: float(number) for number, pair in enumerate(CELLS)})
    for pairs in (listed, triangle_of(as_dict(listed))):
        parts = list(module.each_part(pairs, lambda part: part.mi.tolist()))
        assert [mi for part in parts for mi in part] == listed.mi.tolist()
        assert len(parts) >= len(CELLS) / N_GENES
    assert list(module.each_part(Pairs.empty(0), len)) == []


@settings(deadline=None, max_examples=40)
@given(NETWORKS, st.sampled_from([1, 3, 1000]))
def test_triangle__the_same_as_a_list(network: dict[tuple[int, int], float], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAIRS_AT_ONCE", at_once)
        triangle, listed = triangle_of(network), pairs_of(network)
        assert len(triangle) == len(listed) == len(network)
        positions = [np.empty(0, np.int64)]
        seen: dict[tuple[int, int], float] = {}
        for at, part in triangle.parts():
            assert as_dict(triangle.take(at)) == as_dict(part)
            positions.append(at)
            seen |= as_dict(part)
        assert list(seen.items()) == list(network.items())
        every = np.concatenate(positions)
        assert (np.diff(every) > 0).all()
        assert triangle.ranks(every[::2]).tolist() == list(range(len(every)))[::2]
        both = triangle.values(listed.second, listed.first), listed.values(listed.second, listed.first)
        assert both[0].tolist() == both[1].tolist() == listed.mi.tolist()
        assert triangle.smallest_mi() == listed.smallest_mi() == min(network.values(), default=None)
        for pairs in (triangle, listed):
            strong = pairs.keep(lambda part: part.mi >= 1.0)
            assert {k: v for _, part in strong.parts() for k, v in as_dict(part).items()} == {
                pair: mi for pair, mi in network.items() if mi >= 1.0
            }
            assert len(pairs) == len(network)
            assert len(pairs.keep(lambda part: part.mi >= 1.0, in_place=True)) == len(strong)


@settings(deadline=None, max_examples=40)
@given(NETWORKS, st.sampled_from([Rule(), Rule(0.15), Rule(epsilon=0.1)]))
def test_triangle_mediators__as_of_a_list(network: dict[tuple[int, int], float], rule: Rule) -> None:
    triangle, listed = triangle_of(network), pairs_of(network)
    expected = mediators(listed.first, listed.second, listed.mi, N_GENES, rule=rule)
    found = triangle_mediators(triangle, rule=rule)
    at = np.array([cell for cell, pair in enumerate(CELLS) if pair in network], np.int64)
    every = np.arange(len(network))
    assert found.at(at).tolist() == expected.at(every).tolist()
    np.testing.assert_array_equal(found.margins(at), expected.margins(every))
    np.testing.assert_array_equal(found.standard_errors(at, 9), expected.standard_errors(every, 9))
    assert found.n_indirect == expected.n_indirect
    assert found.is_direct(at).tolist() == expected.is_direct(every).tolist()


def test_collector__turns_into_a_triangle_at_the_same_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL_TRIANGLE", 0)
    monkeypatch.setattr(module, "GATHERED_SHARE", 0.5)
    network = {pair: float(k) for k, pair in enumerate(CELLS)}
    for n, dense in ((18, False), (19, True), (36, True)):
        some = pairs_of(dict(list(network.items())[:n]))
        for all_pairs in (True, False):
            collector = Collector(N_GENES, all_pairs=all_pairs)
            # In any order.
            for k in np.random.default_rng(n).permutation(n):
                collector.add(some.take(slice(k, k + 1)))
            found = collector.result()
            assert isinstance(found, Triangle) == (dense and all_pairs)
            assert [pair for _, part in found.parts() for pair in as_dict(part)] == CELLS[:n]


def test_collector__c_library_that_returns_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL_TRIANGLE", 0)
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: object())
    collector = Collector(N_GENES, all_pairs=True)
    collector.add(pairs_of(dict.fromkeys(CELLS, 1.0)))
    assert isinstance(collector.result(), Triangle)


def test_triangle__smallest_mi_is_a_zero_of_either_sign() -> None:
    for zero in (0.0, -0.0):
        assert triangle_of({CELLS[0]: 0.5, CELLS[1]: zero}).smallest_mi() == 0.0


# The whole path


@pytest.fixture
def always_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL_TRIANGLE", 0)
    monkeypatch.setattr(module, "DENSE_SHARE", 0.0)
    monkeypatch.setattr(module, "GATHERED_SHARE", 0.0)
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", 300)


OPTIONS = [
    {},
    {"min_mi": 0.1},
    {"max_edges": 40, "max_pruned": 100},
    {"score": ["mi", "mrnet"], "max_pruned": 7},
    {"score": "partial_correlation", "tolerance": 0.1},
    {"prune_method": "mrnet"},
    {"prune_method": "none", "score": "mi"},
    {"epsilon": 0.02, "correction": "none"},
    {"estimator": "gaussian"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_infer_network__the_same_from_a_triangle(options: dict[str, object], request: pytest.FixtureRequest) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 90)) + rng.normal(size=(60, 90))
    frame = expression(values).to_df().T
    one = infer_network(frame, n_draws=20_000, **options)
    assert len(one.edges) > 100
    request.getfixturevalue("always_dense")
    other = infer_network(frame, n_draws=20_000, **options)
    pd.testing.assert_frame_equal(one.edges, other.edges, check_exact=True)
    assert {key: value for key, value in one.summary.items() if key != "seconds"} == {
        key: value for key, value in other.summary.items() if key != "seconds"
    }


def test_blocks__the_same_from_files_and_triangles(tmp_path, always_dense: None) -> None:
    table = bins_of(related(50, 60))
    null = null_of(table)
    blocks = [information(table, null, block=k, n_blocks=3) for k in range(3)]
    for k, block in enumerate(blocks):
        write_block(block, tmp_path / f"{k}.parquet")
    write_block(information(table, null), tmp_path / "whole.parquet")
    stored = gather((read_block(tmp_path / f"{k}.parquet") for k in (2, 0, 1)), all_pairs=True)
    whole = read_block(tmp_path / "whole.parquet")
    assert isinstance(stored.pairs, Triangle)
    assert isinstance(whole.pairs, Triangle)
    assert (stored.pairs.mi == whole.pairs.mi).all()
    assert (stored.sums == whole.sums).all()
    tables = [significance([block], table, null).table for block in (stored, whole)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


# Lists of targets and of pairs


def bins_of(values: np.ndarray, **lists: object) -> Bins:
    names = [f"g{k}" for k in range(len(values))]
    frame = pd.DataFrame(values, index=names, columns=[f"s{k}" for k in range(values.shape[1])])
    return discretise(prepare(frame, None, **lists), Discretise(), Information())


def null_of(table: Bins) -> Null:
    return Null(null_factors(table), np.log(np.arange(1, 5_001) / 5_000))


G = [f"g{k}" for k in range(40)]
LISTED = [(G[30], G[2]), (G[2], G[5]), (G[5], G[2]), (G[7], G[8]), (G[0], G[39]), (G[38], G[39])]
LISTS = {
    "targets": {"targets": G[3:9]},
    "regulators, targets": {"regulators": [G[1], G[4], G[20]], "targets": G[3:21]},
    "no target regulates": {"regulators": G[:3], "targets": G[10:]},
    "pairs": {"pairs": LISTED},
    "regulators, pairs": {"regulators": [G[2], G[38]], "pairs": LISTED},
    "all": {"regulators": [G[2], G[38]], "targets": [G[5], G[39]], "pairs": LISTED},
}


def pairs_by_hand(lists: dict[str, list]) -> list[tuple[int, int]]:
    regulators, targets = set(lists.get("regulators", G)), set(lists.get("targets", G))
    listed = {frozenset(pair) for pair in lists.get("pairs", [])}
    return [
        (i, j)
        for i, j in itertools.combinations(range(len(G)), 2)
        if ((G[i] in regulators and G[j] in targets) or (G[j] in regulators and G[i] in targets))
        and ("pairs" not in lists or frozenset((G[i], G[j])) in listed)
    ]


@pytest.mark.parametrize("lists", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("n_blocks", [1, 3])
@pytest.mark.parametrize("estimator", ["plugin", "gaussian"])
def test_lists__only_their_pairs(lists: dict[str, list], n_blocks: int, estimator: str, tmp_path) -> None:
    values = related(40, 70)
    frame = pd.DataFrame(values, index=G, columns=[f"s{k}" for k in range(70)])
    table = discretise(prepare(frame, None, **lists), Discretise(), Information(estimator=estimator))
    write_bins(table, tmp_path / "bins.h5ad")
    table = read_bins(tmp_path / "bins.h5ad")
    expected = pairs_by_hand(lists)
    null = permutation_null(table, Permutation(n_draws=5_000))
    block = gather([information(table, null, alpha=1.0, block=k, n_blocks=n_blocks) for k in range(n_blocks)])
    assert table.n_pairs == block.n_pairs == len(expected)
    assert sorted(as_dict(block.pairs)) == expected
    assert list(as_dict(block.pairs)) == expected
    assert block.sums[:, 0].tolist() == [sum(gene in pair for pair in expected) for gene in range(40)]
    rows = np.concatenate([block_rows(table, k, n_blocks) for k in range(n_blocks)])
    assert rows.tolist() == table.rows.tolist()
    assert table.n_pairs_of_rows.sum() == len(expected)
    matrix = mutual_information_matrix(table)
    found = np.array(list(as_dict(block.pairs).values()))
    np.testing.assert_allclose(found, [max(matrix[pair], 0.0) for pair in expected], atol=1e-12)
    assert block.largest_mi == pytest.approx(found.max(), abs=1e-5)


def test_lists__nothing_left() -> None:
    values = related(10, 40)
    with pytest.raises(InputError) as caught:
        bins_of(values, regulators=["g1"], targets=["g1"])
    assert str(caught.value) == ("the only target is the only regulator: no pair is left; change one of the lists")
    with pytest.raises(InputError) as caught:
        bins_of(values, regulators=["g1"], pairs=[("g2", "g3"), ("g2", "g4")])
    assert str(caught.value) == (
        "none of the 2 pairs of the list is of a regulator and a target; change one of the lists"
    )


def test_lists__without_them_every_pair() -> None:
    table = discretise(AnnData(related(6, 30).T), Discretise())
    assert table.all_pairs
    assert table.n_pairs == 15
    assert table.n_partners.tolist() == [5] * 6


def test_pairs__keep_in_place_what_cannot_be_written_to():
    """As arrays that were read from a file in one piece."""
    pairs = Pairs(np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32), np.array([0.5, 0.1, 0.9]))
    pairs.mi.flags.writeable = False
    kept = pairs.keep(lambda part: part.mi > 0.3, in_place=True)
    assert (kept.first.tolist(), kept.second.tolist(), kept.mi.tolist()) == ([0, 1], [1, 2], [0.5, 0.9])
    assert pairs.mi.tolist() == [0.5, 0.1, 0.9]


def test_lists__who_regulates_whom() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=60) + 0.3 * rng.normal(size=(6, 60))
    names = [f"g{k}" for k in range(6)]
    frame = pd.DataFrame(values, index=names, columns=[f"s{k}" for k in range(60)])
    result = infer_network(
        frame, regulators=["g1", "g4", "g5"], targets=["g1", "g2", "g5"], prune_method="none", n_draws=5_000
    )
    roles = {(row.gene_a, row.gene_b): (row.regulator, row.target, row.mutual) for row in result.edges.itertuples()}
    # g4 is no target: with g1 and g5 it regulates. g1 and g5 are both.
    expected = {
        ("g1", "g2"): ("g1", "g2", False), ("g1", "g4"): ("g4", "g1", False), ("g1", "g5"): ("g1", "g5", True),
        ("g2", "g4"): ("g4", "g2", False), ("g2", "g5"): ("g5", "g2", False), ("g4", "g5"): ("g4", "g5", False),
    }  # fmt: skip
    assert roles == expected
    assert result.graph.number_of_edges() == 7
    assert result.graph.has_edge("g5", "g1")
    assert not result.graph.has_edge("g1", "g4")
