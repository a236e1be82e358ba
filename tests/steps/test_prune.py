"""DPI against a plain loop over triangles, against parmigene, by hand; correlations against scipy; the table."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import genenet
from genenet.config import Discretise, Prune, Score, Significance
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.products.edges import Edges
from genenet.products.pairs import Pairs
from genenet.report.summary_text import describe
from genenet.scores import dpi as module
from genenet.scores.dpi import Mediators, Rule, adapted, mediators, standard_error
from genenet.scores.strongest import choose
from genenet.statistics.null import Null
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import null_factors
from genenet.steps.prune import prune
from genenet.steps.significance import significance
from tests import oracles
from tests.matrices import expression, related

Network = dict[tuple[int, int], float]


RULE = ("tolerance", "epsilon")


def run(network: Network, n_genes: int, **options: object) -> Mediators:
    """Mediators of a network given as {(i, j): mi}."""
    first, second = (np.array([edge[k] for edge in network], np.int32) for k in (0, 1))
    rule = Rule(**{name: options.pop(name) for name in RULE if name in options})
    return mediators(first, second, np.array(list(network.values()), float), n_genes, rule=rule, **options)


def removed(network: Network, n_genes: int, **options: object) -> set[tuple[int, int]]:
    """Edges that are indirect."""
    return {edge for edge, via in zip(network, run(network, n_genes, **options).via, strict=True) if via >= 0}


@st.composite
def networks(draw: st.DrawFn, *, n_genes: int = 9, all_pairs: bool = False) -> Network:
    """Edges in gene order; few different values, so that there are many ties."""
    pairs = list(itertools.combinations(range(n_genes), 2))
    values = st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.7, 1.0]) | st.floats(0, 2)
    chosen = {pair: draw(values) for pair in pairs if all_pairs or draw(st.booleans())}
    return chosen


OPTIONS = st.one_of(
    st.sampled_from([0.0, 0.15, 0.25, 0.5, 1.0]).map(lambda tolerance: {"tolerance": tolerance}),
    st.sampled_from([0.0, 0.05, 0.1, 0.3]).map(lambda epsilon: {"epsilon": epsilon}),
)


def check(
    network: Network, n_genes: int, options: dict[str, float], regulators: set[int] | None, protect: bool
) -> None:
    """Hold every output against the plain loop, for both ways of looking edges up."""
    flags = None if regulators is None else np.isin(np.arange(n_genes), list(regulators))
    protected = {edge for edge in network if protect and regulators is not None and set(edge) <= regulators}
    expected = oracles.indirect(network, n_genes, mediators=regulators, protected=protected, **options)
    mask = np.array([edge in protected for edge in network]) if protect else None
    for dense in (True, False, None):
        found = run(network, n_genes, is_mediator=flags, is_protected=mask, dense=dense, **options)
        for edge, via, margin in zip(
            network, found.via.tolist(), found.margins(np.arange(len(network))).tolist(), strict=True
        ):
            assert (via >= 0) == (edge in expected)
            if via >= 0:
                assert via == oracles.first_mediator(edge, expected[edge], network)
                one, other = (network[min(end, via), max(end, via)] for end in edge)
                rule = Rule(**options)
                bound = min(one, other) * (1 - rule.tolerance) - rule.epsilon
                assert margin == pytest.approx(bound - network[edge], abs=1e-15)
                assert margin > 0
                z = found.standard_errors(np.array([list(network).index(edge)]), 10)[0]
                error = float(standard_error(np.array(network[edge]), 10))
                assert z == (pytest.approx((min(one, other) - network[edge]) / error) if error else np.inf)
            else:
                assert np.isnan(margin)


@settings(deadline=None, max_examples=40)
@given(networks(), OPTIONS)
def test_mediators__as_a_plain_loop(network: Network, options: dict[str, float]) -> None:
    check(network, 9, options, None, protect=False)


@settings(deadline=None, max_examples=40)
@given(networks(), OPTIONS, st.sets(st.integers(0, 8)), st.booleans())
def test_mediators__with_regulators_as_a_plain_loop(
    network: Network, options: dict[str, float], regulators: set[int], protect: bool
) -> None:
    # Only pairs with a regulator are tested.
    network = {edge: mi for edge, mi in network.items() if set(edge) & regulators}
    check(network, 9, options, regulators, protect)


@pytest.mark.parametrize("levels", [3, 50, 10**9], ids=["many ties", "some ties", "no ties"])
@pytest.mark.parametrize("n_genes", [40, 300])
def test_mediators__all_pairs_of_many_genes(n_genes: int, levels: int) -> None:
    # More neighbours than are sorted at first.
    rng = np.random.default_rng(0)
    first, second = (array.astype(np.int32) for array in np.triu_indices(n_genes, 1))
    mi = np.ceil(rng.random(len(first)) * levels) / levels
    square = np.zeros((n_genes, n_genes))
    square[first, second] = square[second, first] = mi
    bound = square * 0.85
    expected = np.full(len(mi), -1)
    for e, (i, j) in enumerate(zip(first, second, strict=True)):
        through = np.flatnonzero(mi[e] < np.minimum(bound[i], bound[j]))
        if len(through):
            expected[e] = through[np.argsort(-square[i, through], kind="stable")[0]]
    for dense in (True, False):
        assert mediators(first, second, mi, n_genes, rule=Rule(0.15), dense=dense).via.tolist() == expected.tolist()


def test_mediators__by_hand() -> None:
    # A chain 0 - 1 - 2 - 3: what skips a gene goes through it.
    chain = {(0, 1): 0.9, (0, 2): 0.5, (0, 3): 0.2, (1, 2): 0.8, (1, 3): 0.45, (2, 3): 0.7}
    found = run(chain, 4, tolerance=0.0)
    # 0-3: gene 0's strongest neighbour 1 has 0.45 with 3; 1-3 through 2.
    assert found.via.tolist() == [-1, 1, 1, -1, 2, -1]
    margins = found.margins(np.arange(6))
    assert margins[1] == pytest.approx(0.8 - 0.5)
    assert margins[2] == pytest.approx(0.45 - 0.2)
    assert margins[4] == pytest.approx(0.7 - 0.45)


def test_mediators__equal_mi_keeps_both() -> None:
    assert not removed({(0, 1): 0.5, (0, 2): 0.5, (1, 2): 0.5}, 3, tolerance=0.0)
    assert removed({(0, 1): 0.5, (0, 2): 0.5, (1, 2): np.nextafter(0.5, 0)}, 3, tolerance=0.0) == {(1, 2)}


def test_mediators__at_the_bound_is_kept() -> None:
    # 0.75 = 1 * (1 - 0.25) exactly; 0.75 = 1 - 0.25.
    triangle = {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 0.75}
    assert not removed(triangle, 3, tolerance=0.25)
    assert not removed(triangle, 3, epsilon=0.25)
    assert removed(triangle, 3, tolerance=0.2499) == removed(triangle, 3, epsilon=0.2499) == {(1, 2)}


def test_mediators__judged_on_the_unpruned_network() -> None:
    # 1-2 is itself indirect (through 3), and still makes 0-2 so.
    network = {(0, 1): 0.9, (0, 2): 0.3, (1, 2): 0.5, (1, 3): 0.9, (2, 3): 0.9}
    assert removed(network, 4, tolerance=0.0) == {(0, 2), (1, 2)}


def test_mediators__no_triangle_no_removal() -> None:
    star = {(0, gene): 0.1 * gene for gene in range(1, 10)}
    assert not removed(star, 10, tolerance=0.0)


@settings(deadline=None, max_examples=40)
@given(networks(all_pairs=True))
def test_mediators__properties(network: Network) -> None:
    sizes = [removed(network, 9, tolerance=tolerance) for tolerance in (0.0, 0.15, 0.5, 1.0)]
    # More tolerance removes no other edges; all tolerance removes none; the strongest edge always stays.
    assert all(later <= earlier for earlier, later in itertools.pairwise(sizes))
    assert not sizes[-1]
    strongest = max(network.values())
    assert all(network[edge] < strongest for edge in sizes[0])
    # The other order of genes.
    turned = {(8 - j, 8 - i): mi for (i, j), mi in reversed(network.items())}
    turned = dict(sorted(turned.items()))
    for tolerance in (0.0, 0.15):
        assert {(8 - j, 8 - i) for i, j in removed(turned, 9, tolerance=tolerance)} == removed(
            network, 9, tolerance=tolerance
        )


def test_mediators__dense_chosen_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(module, "fill_table", lambda *args: seen.append("table"))
    monkeypatch.setattr(module.dpi_table, "find_in_table", lambda *args: None)
    monkeypatch.setattr(module.dpi_lists, "fill_lists", lambda *args: seen.append("lists"))
    monkeypatch.setattr(module.dpi_lists, "find_in_lists", lambda *args: None)
    one = np.array([0]), np.array([1]), np.array([0.5])
    mediators(*one, 100)
    mediators(*one, 100_000)
    assert seen == ["table", "lists"]


@pytest.mark.parametrize("name", ["NetworkInference_yeast10", "grndata_toy", "dream4_size100_multifactorial_net1"])
@pytest.mark.parametrize(
    ("setting", "options"),
    [
        ("aracne_a_eps1e-9", {"epsilon": 1e-9}),
        ("aracne_a_eps0.05", {"epsilon": 0.05}),
        ("aracne_m_tau0.15", {"tolerance": 0.15}),
    ],
)
def test_mediators__as_parmigene(shared_data: Path, name: str, setting: str, options: dict[str, float]) -> None:
    folder = shared_data / "reference_parmigene" / name
    mi, kept = (
        pd.read_csv(folder / f"{part}.tsv.gz", sep="\t", index_col=0).to_numpy() for part in ("knnmi_k3", setting)
    )
    # No edge where their estimate is not positive: it can mediate nothing, and is 0 or less in their file as well.
    first, second = np.nonzero(np.triu(mi > 0, 1))
    found = mediators(first.astype(np.int32), second.astype(np.int32), mi[first, second], len(mi), rule=Rule(**options))
    assert (kept[first, second] != 0).tolist() == (found.via < 0).tolist()
    others = np.triu(mi <= 0, 1)
    assert (kept[others] <= 0).all()


# The step


def edges_of(data: AnnData, alpha: float = 0.05) -> Edges:
    """Significant edges of a matrix; the null is uniform, so p is the pivot."""
    table = discretise(data, Discretise())
    null = Null(null_factors(table), np.log(np.arange(1, 10_001) / 10_001))
    options = Significance(alpha=alpha, correction="none")
    return significance([information(table, null, alpha=alpha)], table, null, options)


@pytest.fixture(scope="module")
def matrix() -> AnnData:
    return expression(related(40, 80, seed=2))


@pytest.fixture(scope="module")
def edges(matrix: AnnData) -> Edges:
    return edges_of(matrix, 0.5)


COLUMNS = [
    *("gene_a", "gene_b", "mi", "nmi", "pvalue", "pvalue_kind", "qvalue"),
    *("spearman", "pearson", "sign", "clr", "score", "kept", "dpi_via", "dpi_margin", "dpi_z"),
]


def network_of(table: pd.DataFrame) -> Network:
    return dict(zip(zip(table["gene_a"].cat.codes, table["gene_b"].cat.codes, strict=True), table["mi"], strict=True))


def in_gene_order(table: pd.DataFrame) -> pd.DataFrame:
    order = np.lexsort((table["gene_b"].cat.codes, table["gene_a"].cat.codes))
    return table.iloc[order].reset_index(drop=True)


def test_prune__table(matrix: AnnData, edges: Edges) -> None:
    found = prune(edges, matrix, Prune(tolerance=0.0, score="clr_squared"))
    table = in_gene_order(found.table)
    assert table.columns.tolist() == COLUMNS
    pd.testing.assert_frame_equal(table[COLUMNS[:7]], edges.table[COLUMNS[:7]])
    assert table["clr"].tolist() == edges.table["clr"].tolist()
    assert table["score"].tolist() == edges.table["clr_squared"].tolist()
    network = network_of(table)
    expected = oracles.indirect(network, 40, tolerance=0.0)
    assert 0 < len(expected) < len(network)
    assert table["kept"].tolist() == [edge not in expected for edge in network]
    vias = [oracles.first_mediator(edge, expected[edge], network) if edge in expected else -1 for edge in network]
    assert table["dpi_via"].cat.codes.tolist() == vias
    assert list(table["dpi_via"].cat.categories) == list(matrix.var_names)
    assert (table["dpi_margin"].isna() == table["kept"]).all()
    assert (table["dpi_z"].isna() == table["kept"]).all()
    assert (table["dpi_z"].dropna() > 0).all()
    assert str(table["sign"].dtype) == "int8"
    assert found.statistics == {
        "method": "dpi",
        "method_reason": "",
        "tolerance": None,
        "score": ["clr_squared"],
        "score_reason": "",
        "max_edges": 500_000,
        "max_edges_reason": "at most 500,000",
        "sign": "together",
        "n_kept": len(network) - len(expected),
        "n_indirect": len(expected),
        "n_of_other_sign": 0,
        "n_cut_by_max_edges": 0,
        "n_removed_not_written": 0,
    }


def test_prune__correlations_as_scipy(matrix: AnnData, edges: Edges) -> None:
    values = matrix.X.T
    table = prune(edges, matrix).table
    for row in table.itertuples():
        x, y = values[matrix.var_names.get_loc(row.gene_a)], values[matrix.var_names.get_loc(row.gene_b)]
        assert row.spearman == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
        assert row.pearson == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
        assert row.sign == np.sign(row.spearman)


def test_prune__spearman_with_ties_as_scipy() -> None:
    data = expression(related(10, 60, decimals=0))
    table = prune(edges_of(data, 0.9), data).table
    for row in table.itertuples():
        x, y = (data.X[:, data.var_names.get_loc(gene)] for gene in (row.gene_a, row.gene_b))
        assert row.spearman == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


def test_prune__none_keeps_all(matrix: AnnData, edges: Edges) -> None:
    found = prune(edges, matrix, Prune(method="none"))
    assert found.table["kept"].all()
    assert found.table["dpi_via"].isna().all()
    assert found.statistics["n_kept"] == len(edges)


@pytest.mark.parametrize("score", ["mi", "clr", "clr_squared", "mrnet"])
def test_prune__max_edges_cuts_the_weakest(matrix: AnnData, edges: Edges, score: Score) -> None:
    everything = in_gene_order(prune(edges, matrix, Prune(score=score)).table)
    cut = prune(edges, matrix, Prune(max_edges=7, score=score))
    table = in_gene_order(cut.table)
    strongest = everything[everything["kept"]].nlargest(7, "score").index.sort_values()
    assert table.index[table["kept"]].tolist() == strongest.tolist()
    assert cut.statistics["n_kept"] == 7
    assert cut.statistics["n_cut_by_max_edges"] == everything["kept"].sum() - 7
    # They are in the table, without a mediator.
    gone = table[everything["kept"] & ~table["kept"]]
    assert gone["dpi_via"].isna().all()
    assert gone["dpi_margin"].isna().all()


def test_prune__max_pruned_writes_the_strongest_of_the_removed(matrix: AnnData, edges: Edges) -> None:
    everything = prune(edges, matrix).table
    gone = everything[~everything["kept"]]
    for most in (0, 1, 5):
        found = prune(edges, matrix, Prune(max_pruned=most))
        expected = everything[everything["kept"] | everything.index.isin(gone.nlargest(most, "score").index)]
        pd.testing.assert_frame_equal(found.table, expected.reset_index(drop=True))
        assert found.statistics["n_removed_not_written"] == len(gone) - most


@pytest.mark.parametrize("score", ["mi", "clr_squared", "mrnet"])
def test_prune__kept_edges_first_and_the_strongest_of_each(matrix: AnnData, edges: Edges, score: Score) -> None:
    table = prune(edges, matrix, Prune(score=score)).table
    rows = list(zip(~table["kept"], -table["score"], table["gene_a"].cat.codes, table["gene_b"].cat.codes, strict=True))
    assert 0 < table["kept"].sum() < len(table)
    assert rows == sorted(rows)


def test_prune__equal_scores_are_in_gene_order(matrix: AnnData, edges: Edges) -> None:
    # Several edges have an MRNET score of 0.
    table = prune(edges, matrix, Prune(method="none", score="mrnet")).table
    equal = table[table["score"] == 0]
    assert len(equal) > 10
    assert list(zip(equal["gene_a"].cat.codes, equal["gene_b"].cat.codes, strict=True)) == sorted(network_of(equal))


def test_prune__ties_at_the_limit_go_to_the_earlier_edge() -> None:
    score = np.array([0.5, 0.9, 0.5, 0.5, 0.1, 0.5])
    direct = np.array([True, True, False, True, True, True])
    assert chosen(score, direct, 3, 9) == ([0, 1, 3], [2, 4, 5])
    assert chosen(score, direct, 3, 2) == ([0, 1, 3], [2, 5])
    assert chosen(score, direct, 5, 0) == chosen(score, direct, None, 0) == ([0, 1, 3, 4, 5], [])
    assert chosen(score, direct, 1, 1) == ([1], [0])


def chosen(score: np.ndarray, direct: np.ndarray, max_edges: int | None, max_pruned: int) -> tuple[list, list]:
    """Positions that are kept and removed of a list of pairs with these scores."""
    at = np.arange(len(score), dtype=np.int32)
    kept, removed, n_direct = choose(
        Pairs(at, at + 1, np.ones(len(score))), lambda positions, _: direct[positions], lambda k, _: score[k],
        max_edges=max_edges, max_pruned=max_pruned,
    )  # fmt: skip
    assert n_direct == direct.sum()
    return sorted(kept.tolist()), sorted(removed.tolist())


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([-2.0, -0.0, 0.0, 1e-300, 1.0, 1.0 + 1e-15]) | st.floats(-5, 5), max_size=40), st.data()
)
def test_prune__choose_as_by_sorting(scores: list[float], data: st.DataObject) -> None:
    max_edges, max_pruned = data.draw(st.none() | st.integers(1, 45)), data.draw(st.integers(0, 45))
    direct = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))), bool)
    order = sorted(range(len(scores)), key=lambda k: (-scores[k], k))
    kept = [k for k in order if direct[k]][:max_edges]
    removed = [k for k in order if k not in kept][:max_pruned]
    assert chosen(np.array(scores), direct, max_edges, max_pruned) == (sorted(kept), sorted(removed))


@pytest.mark.parametrize("protect", [False, True])
def test_prune__regulators(protect: bool) -> None:
    listed = [0, 1, 2, 3, 9, 20]
    data = expression(related(40, 80, seed=2), regulators=listed)
    settings = Prune(tolerance=0.0, protect_regulators=protect, max_edges=None)
    table = prune(edges_of(data, 0.5), data, settings).table
    assert table.columns.tolist() == [*COLUMNS, "regulator", "target", "mutual"]
    network = network_of(table)
    protected = {edge for edge in network if protect and set(edge) <= set(listed)}
    expected = oracles.indirect(network, 40, tolerance=0.0, mediators=set(listed), protected=protected)
    assert table["kept"].tolist() == [edge not in expected for edge in network]
    assert not table["kept"].all()
    names = [data.var_names[number] for number in listed]
    assert table["regulator"].isin(names).all()
    both = table["gene_a"].isin(names) & table["gene_b"].isin(names)
    assert (table["mutual"] == both).all()
    assert both.any()
    assert (table["regulator"] == table["gene_a"]).where(both, True).all()
    ends = zip(table["gene_a"], table["gene_b"], strict=True)
    roles = zip(table["regulator"], table["target"], strict=True)
    assert all(set(one) == set(other) for one, other in zip(ends, roles, strict=True))
    assert table["dpi_via"].dropna().isin(names).all()
    if protect:
        assert table.loc[both, "kept"].all()


def test_prune__no_edges() -> None:
    data = expression(np.random.default_rng(0).normal(size=(6, 30)))
    found = prune(edges_of(data, 1e-6), data)
    assert found.table.empty
    assert found.table.columns.tolist() == COLUMNS
    assert found.statistics["n_kept"] == 0


# The automatic tolerance


def few_edges() -> Network:
    """A network of 30 genes in which the data processing inequality leaves fewer edges than there are genes and 20."""
    rng = np.random.default_rng(4)
    levels = rng.random(30)
    pairs = itertools.combinations(range(30), 2)
    return {(i, j): float(levels[i] * levels[j] + 0.05 * rng.random()) for i, j in pairs}


def adapted_to(network: Network, n_genes: int, n_enough: int) -> Mediators:
    def find(rule: Rule) -> Mediators:
        return run(network, n_genes, **vars(rule))

    return adapted(find, find(Rule()), len(network), n_enough)


def test_adapted__the_smallest_tolerance_that_leaves_enough() -> None:
    network = few_edges()

    def n_direct(tolerance: float) -> int:
        return len(network) - len(oracles.indirect(network, 30, tolerance=tolerance))

    found = adapted_to(network, 30, 50)
    chosen = found.rule.tolerance
    assert 1 < 1000 * chosen == round(1000 * chosen)
    assert n_direct(0) < n_direct(chosen - 0.001) < 50 <= n_direct(chosen)
    assert len(network) - found.n_indirect == n_direct(chosen)


def test_adapted__tolerance_0_where_that_leaves_enough() -> None:
    # 60 genes in a row, each with the next three: few triangles.
    network = {(i, j): 1.0 / (j - i) + 0.001 * i for i in range(60) for j in range(i + 1, min(i + 4, 60))}
    found = adapted_to(network, 60, 59)
    assert found.rule.tolerance == 0
    assert len(network) - found.n_indirect == 59
    assert found.n_indirect == len(oracles.indirect(network, 60)) > 0


def test_adapted__all_stay_where_edges_are_few() -> None:
    chain = {(0, 1): 0.9, (0, 2): 0.5, (1, 2): 0.8}
    assert adapted_to(chain, 3, 23).n_indirect == 0
    # No tolerance but 1 keeps an edge whose MI is 0.
    zero = dict.fromkeys(itertools.combinations(range(30), 2), 0.0) | {(0, gene): 1.0 for gene in range(1, 30)}
    found = adapted_to(zero, 30, 50)
    assert (found.rule.tolerance, found.n_indirect) == (1.0, 0)


def spread(strength: float, difference: float, n_samples: int = 200) -> tuple[float, float]:
    """Standard deviation of MI(k, j) - MI(i, j) over repeated samples, and the mean of MI(i, j).

    j depends on k with this strength, and i differs from k by noise of this standard deviation; infinite: i and j both
    depend on k, and the second MI is that of k and i.
    """
    rng = np.random.default_rng(0)
    differences, values = [], []
    for _ in range(100):
        k, i, j = rng.normal(size=(3, n_samples))
        j = strength * k + j
        i = strength * k + i if np.isinf(difference) else k + difference * i
        mi = mutual_information_matrix(discretise(expression(np.array([k, i, j])), Discretise()))
        own = mi[0, 1] if np.isinf(difference) else mi[1, 2]
        differences.append(mi[0, 2] - own)
        values.append(own)
    return float(np.std(differences)), float(np.mean(values))


@pytest.mark.parametrize("strength", [0.4, 0.8, 1.5])
def test_standard_error__between_a_near_copy_and_two_branches(strength: float) -> None:
    # Real mediators lie between these two: the closer to one of the genes, the more the two estimates vary together.
    copy, mi = spread(strength, 0.4)
    branches, _ = spread(strength, np.inf)
    error = float(standard_error(np.array([mi]), 200)[0])
    assert copy < error < branches < 2 * error


def one_factor(n_genes: int, n_samples: int) -> AnnData:
    """Genes that depend on a common one: all pairs are related, and the first gene explains all the others."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(n_genes, n_samples))
    values[1:] += 1.5 * values[0]
    return expression(values)


def partial_pvalues(values: np.ndarray) -> np.ndarray:
    """p-values of the partial correlations of ranks given all other genes, from the inverse of their correlations."""
    n_genes, n_samples = values.shape
    inverse = np.linalg.inv(np.corrcoef(stats.rankdata(values, axis=1)))
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / scale / scale[:, None]
    np.fill_diagonal(partial, 0.0)
    return 2 * stats.norm.sf(np.abs(np.arctanh(partial)) * np.sqrt(n_samples - n_genes - 1))


def test_prune__auto_tolerance() -> None:
    """With few samples 20 edges more than genes stay."""
    data = one_factor(30, 100)
    edges = edges_of(data, 0.5)
    found = prune(edges, data)
    tolerance = found.statistics["tolerance"]
    assert 0 < tolerance < 0.5
    network = network_of(in_gene_order(found.table))
    expected = oracles.indirect(network, 30, tolerance=tolerance)
    assert in_gene_order(found.table)["kept"].tolist() == [edge not in expected for edge in network]
    at_less = len(network) - len(oracles.indirect(network, 30, tolerance=tolerance - 0.001))
    assert at_less < 30 + 20 <= found.statistics["n_kept"] < 30 + 25
    gone = found.table[~found.table["kept"]]
    mi = gone["mi"].to_numpy()
    smaller = mi + gone["dpi_z"] * standard_error(mi, 100)
    np.testing.assert_allclose(smaller * (1 - tolerance) - mi, gone["dpi_margin"], atol=1e-12)


def test_prune__auto_tolerance_with_many_samples() -> None:
    """Only the genes that depend on the first have a significant partial correlation: as many edges stay as genes."""
    data = one_factor(15, 600)
    edges = edges_of(data, 0.5)
    assert len(edges) == 15 * 14 / 2
    found = prune(edges, data)
    assert 15 <= found.statistics["n_kept"] <= 17
    kept = found.table[found.table["kept"]]
    assert (kept["gene_a"] == "G000").sum() == 14
    # With a sample less than ten for each gene the number is that of genes, and 20.
    few = one_factor(15, 149)
    assert prune(edges_of(few, 0.5), few).statistics["n_kept"] >= 15 + 20


def test_prune__auto_tolerance_of_a_dense_network() -> None:
    """More edges than genes stay if more have a significant partial correlation, up to 20 more."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=(12, 1000))
    # Each gene depends on the two before it: 11 + 10 pairs are related directly.
    for gene in range(1, 12):
        values[gene] += 0.7 * values[gene - 1] + (0.5 * values[gene - 2] if gene > 1 else 0)
    data = expression(values)
    edges = edges_of(data, 0.5)
    pvalues = partial_pvalues(values)
    first, second = edges.pairs.first, edges.pairs.second
    n_related = int((pvalues[first, second] < 0.05 / len(edges)).sum())
    assert 18 <= n_related <= 24
    found = prune(edges, data)
    assert n_related <= found.statistics["n_kept"] <= n_related + 2


def test_prune__auto_tolerance_with_missing_values() -> None:
    """Correlations over different samples have no partial correlations: the number is that of genes, and 20."""
    values = one_factor(15, 600).X.T.copy()
    values[0, :9] = np.nan
    frame = pd.DataFrame(values, [f"G{n:02d}" for n in range(15)], [f"s{n}" for n in range(600)])
    data = genenet.prepare(frame, genenet.config.Prepare(missing="pairwise"))
    found = prune(edges_of(data, 0.5), data, Prune(score="clr_squared"))
    assert found.statistics["n_kept"] >= 15 + 20


# Signs


def signed_network() -> pd.DataFrame:
    """Genes that are related positively and negatively."""
    rng = np.random.default_rng(4)
    values = rng.normal(size=(30, 100))
    for number in range(0, 30, 3):
        values[number + 1] = values[number] + 0.5 * rng.normal(size=100)
        values[number + 2] = 0.7 * rng.normal(size=100) - values[number]
    return pd.DataFrame(values, [f"G{n:02d}" for n in range(30)], [f"s{n}" for n in range(100)])


def run_signed(**settings: object) -> genenet.Result:
    return genenet.infer_network(
        signed_network(), prune_method="none", score="mi", n_draws=20_000, report=False, **settings
    )


def test_prune__sign_apart_ranks_positive_edges_first_and_keeps_as_many_of_each():
    result = run_signed(sign="apart", max_edges=6)
    kept = result.edges[result.edges["kept"]]
    assert kept["sign"].tolist() == [1] * 6 + [-1] * 6
    assert all(kept["score"].to_numpy()[part].tolist() == sorted(kept["score"].to_numpy()[part], reverse=True)
               for part in (slice(6), slice(6, 12)))  # fmt: skip
    assert (result.edges["sign"] == np.sign(result.edges["spearman"])).all()
    assert result.summary["prune"]["n_cut_by_max_edges"] == len(result.edges) - 12


@pytest.mark.parametrize(("sign", "value"), [("positive", 1), ("negative", -1)])
def test_prune__one_sign_only(sign: str, value: int):
    result = run_signed(sign=sign)
    kept = result.edges["kept"]
    assert (result.edges["sign"][kept] == value).all()
    assert (result.edges["sign"][~kept] == -value).all()
    assert result.summary["prune"]["n_of_other_sign"] == (~kept).sum() > 0
    assert result.summary["prune"]["n_indirect"] == 0
    line = dict(describe(result.summary))["edges kept"]
    assert line == f"{kept.sum():,} (no pruning, {(~kept).sum():,} not {sign}), weighted by mi"


def test_prune__sign_of_pairs_with_missing_values():
    frame = signed_network()
    frame.iloc[::2, :3] = np.nan
    settings = {"prune_method": "none", "score": "mi", "n_draws": 20_000, "report": False, "missing": "pairwise"}
    result = genenet.infer_network(frame, sign="positive", **settings)
    assert (result.edges["sign"][result.edges["kept"]] == 1).all()
    assert result.edges["kept"].sum() >= 10
