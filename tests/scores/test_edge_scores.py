"""Scores of edges: those of the dense matrix of the network, in memory and from files."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from genenet.config import Prune, settings_from_keywords
from genenet.errors import ConfigError, InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.files.edges import StoredEdges, write_significant
from genenet.pipeline import infer_network
from genenet.products.edges import Edges
from genenet.scores import matrix_scores as scores
from genenet.scores.edge_scores import Choice, check_number_of_genes, choose_scores, edge_scores, is_compendium
from genenet.scores.partial_correlation import partial_correlation as scores_partial
from genenet.scores.partial_correlation import partial_correlations
from genenet.steps.discretise import discretise
from genenet.steps.information import information
from genenet.steps.permutation import permutation_null
from genenet.steps.prepare import prepare
from genenet.steps.prune import prune, resolved
from genenet.steps.significance import significance

REGULATORS = ["g0", "g3", "g4", "g9", "g12", "g20"]
DENSE = {
    "mrnet": scores.mrnet,
    "mrnetb": scores.mrnetb,
    "network_deconvolution": lambda mi, regulators: scores.network_deconvolution(mi),
}


def expression(regulators: list[str] | None = None, n_genes: int = 30) -> AnnData:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(90, 6)) @ rng.normal(size=(6, n_genes)) + rng.normal(size=(90, n_genes))
    frame = pd.DataFrame(values.T, index=[f"g{k}" for k in range(n_genes)], columns=[f"s{k}" for k in range(90)])
    return prepare(frame, None, regulators)


def edges_of(data: AnnData, **keywords) -> Edges:
    settings = settings_from_keywords(n_draws=20_000, **keywords)
    bins = discretise(data, settings.discretise, settings.information)
    null = permutation_null(bins, settings.permutation)
    blocks = [information(bins, null, alpha=settings.significance.alpha)]
    return significance(blocks, bins, null, settings.significance)


@pytest.fixture(scope="module")
def edges() -> Edges:
    return edges_of(expression())


def scores_of(edges, score, **options) -> np.ndarray:
    """Scores of all edges, in order."""
    scorer = edge_scores(edges, score, **options)
    return np.concatenate([scorer(positions, part) for positions, part in edges.pairs.parts()])


def square(edges: Edges) -> np.ndarray:
    mi = np.zeros((len(edges.genes),) * 2)
    pairs = edges.pairs
    mi[pairs.first, pairs.second] = mi[pairs.second, pairs.first] = pairs.mi
    return mi


@pytest.mark.parametrize("score", DENSE)
def test_edge_scores__of_the_significant_network(edges, score):
    assert 50 < len(edges) < 435
    expected = DENSE[score](square(edges), regulators=None)
    np.testing.assert_allclose(scores_of(edges, score), expected[edges.pairs.first, edges.pairs.second], atol=1e-12)


@pytest.mark.parametrize("score", ["mrnet", "mrnetb"])
def test_edge_scores__with_regulators(score):
    edges = edges_of(expression(REGULATORS))
    mask = edges.genes.isin(REGULATORS)
    expected = DENSE[score](square(edges), regulators=mask)
    found = scores_of(edges, score, regulators=mask)
    np.testing.assert_allclose(found, expected[edges.pairs.first, edges.pairs.second], atol=1e-12)
    assert (found == 0).any()


def test_edge_scores__clr_of_all_pairs(edges):
    mi = mutual_information_matrix(edges.bins)
    for score, variant in (("clr", "faith"), ("clr_squared", "squared"), ("clr_stouffer", "stouffer")):
        expected = scores.clr(mi, variant=variant)[edges.pairs.first, edges.pairs.second]
        np.testing.assert_allclose(scores_of(edges, score), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("score", ["puc", "pidc"])
def test_edge_scores__puc_of_bins(score):
    edges = edges_of(expression(), discretise_method="equal_frequency", n_bins=4)
    expected = scores.puc(edges.bins)
    if score == "pidc":
        expected = scores.pidc(expected)
    found = scores_of(edges, score, bins=edges.bins)
    np.testing.assert_allclose(found, expected[edges.pairs.first, edges.pairs.second])
    with pytest.raises(ConfigError, match=rf"prune.score {score} needs bins"):
        scores_of(edges, score)


def test_edge_scores__consensus_is_of_the_mean_logarithm_of_places(edges):
    names = ("clr_squared", "mrnet", "mi")
    found = scores_of(edges, names)
    places = [pd.Series(scores_of(edges, name)).rank(ascending=False) for name in names]
    assert any(place.duplicated().any() for place in places)
    np.testing.assert_allclose(found, 1 - np.mean(np.log(places), axis=0) / np.log(len(edges)), atol=1e-12)
    assert found.min() >= 0
    assert found.max() <= 1


def test_edge_scores__consensus_of_a_score_with_itself_has_its_order(edges):
    assert (np.argsort(scores_of(edges, ["mi", "mi"])) == np.argsort(scores_of(edges, "mi"))).all()
    first = scores_of(edges, ["mi", "mi"]).max()
    assert first == 1


def test_edge_scores__one_score_of_a_list_is_that_score(edges):
    np.testing.assert_array_equal(scores_of(edges, ["mrnet"]), scores_of(edges, "mrnet"))


@pytest.mark.parametrize("regulators", [None, REGULATORS])
def test_edge_scores__partial_correlation_of_the_tested_pairs(regulators):
    data = expression(regulators)
    edges = edges_of(data)
    mask = None if regulators is None else data.var_names.isin(regulators)
    expected = scores_partial(np.asarray(data.X).T, regulators=mask)
    found = scores_of(edges, "partial_correlation", expression=data)
    np.testing.assert_allclose(found, expected[edges.pairs.first, edges.pairs.second], rtol=1e-12)
    with pytest.raises(ConfigError) as error:
        scores_of(edges, "partial_correlation")
    assert str(error.value) == "prune.score partial_correlation needs the expression matrix: give it"


def test_edge_scores__partial_correlation_of_a_list_of_pairs():
    frame = expression().to_df().T
    names = [(f"g{a}", f"g{b}") for a in range(0, 30, 3) for b in range(a + 1, 30, 2)]
    data = prepare(frame, None, pairs=names)
    edges = edges_of(data, alpha=1.0, correction="none")
    every = prepare(frame)
    raw = partial_correlations(np.asarray(every.X).T).of(edges.pairs.first, edges.pairs.second)
    means = {gene: np.mean([raw[k] for k, pair in enumerate(names) if gene in pair]) for pair in names for gene in pair}
    assert len(edges) == len(names)
    expected = [value / np.mean([means[gene] for gene in pair]) for pair, value in zip(names, raw, strict=True)]
    np.testing.assert_allclose(scores_of(edges, "partial_correlation", expression=data), expected, rtol=1e-12)


SOME, ALL = np.arange(30) < 6, np.ones(30, bool)


def test_choose_scores__by_what_the_data_are(edges, monkeypatch):
    assert choose_scores(edges, Prune(score="mi"), None) == Choice(("mi",))
    every = Choice(("clr_squared", "mrnet", "partial_correlation"))
    assert choose_scores(edges, Prune(), None) == every
    # Half of the pairs are significant, no more.
    share = len(edges) / 435
    assert 0 < share < 1
    monkeypatch.setattr("genenet.scores.edge_scores.COMPENDIUM_SHARE", share)
    assert choose_scores(edges, Prune(), SOME) == every
    monkeypatch.setattr("genenet.scores.edge_scores.COMPENDIUM_SHARE", share - 1e-9)
    assert choose_scores(edges, Prune(), None) == every
    assert choose_scores(edges, Prune(), ALL) == every
    assert choose_scores(edges, Prune(), SOME) == Choice(
        ("partial_correlation",), "a compendium: regulators are given and most pairs are significant"
    )
    all_pairs = edges_of(expression(), alpha=1.0, correction="none")
    assert choose_scores(all_pairs, Prune(), SOME) == every
    monkeypatch.setattr("genenet.scores.edge_scores.CONSENSUS_PAIRS", len(edges) - 1)
    assert choose_scores(edges, Prune(), None) == Choice(
        ("clr_squared",), f"the default consensus is for at most {len(edges) - 1:,} significant pairs"
    )
    monkeypatch.setattr("genenet.scores.edge_scores.CONSENSUS_GENES", 29)
    assert choose_scores(edges, Prune(), None) == Choice(
        ("clr_squared",), "the default consensus is for at most 29 genes"
    )


def test_prune__a_compendium_keeps_as_many_edges_as_genes():
    data = expression(REGULATORS)
    edges = edges_of(data)
    assert len(edges) > 0.5 * edges.sums[:, 0].sum() / 2
    found = prune(edges, data, Prune(method="none"))
    assert found.statistics["max_edges"] == found.statistics["n_kept"] == 30
    assert found.statistics["score"] == ["partial_correlation"]
    strongest = found.table.nlargest(30, "score").index
    assert found.table["kept"].sum() == found.table.loc[strongest, "kept"].sum() == 30
    assert prune(edges, data, Prune(method="none", max_edges=None)).table["kept"].all()


def test_prune__a_compendium_of_more_genes_than_samples_is_left_to_the_partial_correlation():
    data = expression(REGULATORS, n_genes=100)
    edges = edges_of(data, alpha=0.2)
    assert data.n_obs < 100
    assert is_compendium(edges, data.var["regulator"].to_numpy())
    found = prune(edges, data)
    assert (found.statistics["method"], found.statistics["n_indirect"], found.statistics["n_kept"]) == ("none", 0, 100)
    assert found.statistics["n_cut_by_max_edges"] == len(edges) - 100
    share = len(edges) / (int(edges.sums[:, 0].sum()) // 2)
    assert found.statistics["method_reason"] == (
        f"a compendium of more genes (100) than samples ({data.n_obs}) in which {share:.0%} of the tested pairs are"
        " significant"
    )
    partial = scores_of(edges, "partial_correlation", expression=data)
    np.testing.assert_array_equal(found.table["score"][found.table["kept"]], np.sort(partial)[::-1][:100])
    pd.testing.assert_frame_equal(found.table, prune(edges, data, Prune(method="none")).table)
    assert resolved(edges, data, Prune()).method == "none"
    # Who sets a limit of the inequality, or another score, or asks for all direct edges, has the inequality.
    for asked in ({"tolerance": 0.0}, {"epsilon": 0.0}, {"score": ("mi",)}, {"max_edges": None}):
        statistics = prune(edges, data, Prune(**asked)).statistics
        assert (statistics["method"], statistics["method_reason"]) == ("dpi", "")
        assert statistics["n_indirect"] > 0
    few_genes = expression(REGULATORS)
    assert prune(edges_of(few_genes), few_genes).statistics["method"] == "dpi"
    no_regulators = expression(None, n_genes=100)
    assert prune(edges_of(no_regulators, alpha=0.2), no_regulators).statistics["method"] == "dpi"


def test_infer_network__more_regulations_of_a_compendium_without_the_inequality(shared_data):
    folder = shared_data / "real_staph_iModulon108"
    frame = pd.read_csv(folder / "expression.tsv.gz", sep="\t", index_col=0)
    regulators = (folder / "tfs.txt").read_text().split()
    known = pd.read_csv(folder / "gold.tsv", sep="\t")
    true = {frozenset(pair) for pair in known.iloc[:, :2].to_numpy()}

    def n_true(**options):
        result = infer_network(frame, regulators=regulators, n_draws=100_000, **options)
        kept = result.edges[result.edges["kept"]]
        assert len(kept) == len(frame)
        return sum(frozenset(pair) in true for pair in zip(kept["gene_a"], kept["gene_b"], strict=True))

    assert n_true() > 1.05 * n_true(tolerance=0.0)


@pytest.mark.parametrize("score", ["mi", "clr", "clr_squared", "mrnet", ("clr", "mrnet")])
def test_edge_scores__from_file_as_in_memory(edges, score, tmp_path):
    write_significant(edges, tmp_path / "edges.parquet")
    np.testing.assert_array_equal(scores_of(StoredEdges(tmp_path / "edges.parquet"), score), scores_of(edges, score))


def test_edge_scores__too_many_genes(edges, monkeypatch):
    monkeypatch.setattr("genenet.scores.edge_scores.MOST_GENES", 29)
    with pytest.raises(InputError) as error:
        scores_of(edges, "mrnet")
    assert str(error.value) == (
        "prune.score mrnet works on the table of all pairs, for at most 29 genes, and there are 30; use clr_squared,"
        " clr or mi as the score and dpi as the method, or fewer genes (prepare.n_top_variable)"
    )


@pytest.mark.parametrize(
    ("settings", "refused"),
    [({}, None), ({"score": "clr_stouffer"}, None), ({"score": "mi", "method": "none"}, None),
     ({"score": ["mi", "puc"]}, "prune.score puc"), ({"method": "mrnetb"}, "prune.method mrnetb")],
)  # fmt: skip
def test_infer_network__too_many_genes_are_refused_at_once(settings, refused, monkeypatch):
    monkeypatch.setattr("genenet.scores.edge_scores.MOST_GENES", 5)
    check_number_of_genes(5, Prune(**settings))
    if not refused:
        check_number_of_genes(6, Prune(**settings))
        return
    with pytest.raises(InputError, match=f"{refused} works on the table of all pairs, for at most 5 genes"):
        check_number_of_genes(6, Prune(**settings))
    monkeypatch.setattr("genenet.pipeline.discretise", None)
    keywords = {"prune_method" if name == "method" else name: value for name, value in settings.items()}
    with pytest.raises(InputError, match=refused):
        infer_network(pd.DataFrame(np.random.default_rng(0).normal(size=(6, 30))), **keywords)


@pytest.mark.parametrize("method", ["mrnet", "mrnetb"])
def test_prune__by_selection(edges, method):
    table = prune(edges, expression(), Prune(method=method, score="clr_squared")).table
    table = table.iloc[np.lexsort((table["gene_b"].cat.codes, table["gene_a"].cat.codes))]
    assert (table["kept"] == (scores_of(edges, method) > 0)).all()
    assert not table["kept"].all()
    assert table["dpi_via"].isna().all()
    assert (table["score"] == scores_of(edges, "clr_squared")).all()


@pytest.mark.parametrize("score", ["puc", "clr_squared,mrnet", "network_deconvolution", "mi"])
def test_infer_network__score_in_table_and_graph(score):
    frame = expression().to_df().T
    result = infer_network(frame, n_draws=20_000, score=score, max_edges=10)
    table = result.edges
    kept = table[table["kept"]]
    assert len(kept) == 10
    direct = table[table["dpi_via"].isna()]
    assert kept["score"].min() == direct["score"].nlargest(10).min()
    weights = {frozenset(ends[:2]): ends[2] for ends in result.graph.edges(data="score")}
    assert all(weights[frozenset((row.gene_a, row.gene_b))] == row.score for row in kept.itertuples())
    if score == "mi":
        assert (table["score"] == table["mi"]).all()


def test_prune__no_edges_have_no_score():
    data = prepare(pd.DataFrame(np.random.default_rng(0).normal(size=(6, 30))))
    found = edges_of(data, alpha=1e-6)
    for score in ("mi", "clr_squared", "mrnet", "partial_correlation", "auto", ["mi", "mrnet"]):
        assert prune(found, data, Prune(score=score)).table.empty


@pytest.mark.parametrize("score", ["mi", "clr", "puc", "pidc"])
def test_infer_network__as_network_inference_jl(score, shared_data):
    folder = shared_data / "peer_NetworkInference.jl"
    frame = pd.read_csv(folder / "expression.tsv", sep="\t", index_col=0)
    result = infer_network(
        frame, discretise_method="bayesian_blocks", block_prior="running", score=score, prune_method="none",
        alpha=1.0, correction="none", n_draws=2_000,
    )  # fmt: skip
    ours = {frozenset(genes): value for *genes, value in result.edges[["gene_a", "gene_b", "score"]].itertuples(False)}
    theirs = pd.read_csv(folder / f"{score}.txt", sep="\t", header=None)
    assert len(ours) == 45
    for a, b, value in theirs.itertuples(index=False):
        assert ours[frozenset((a, b))] == pytest.approx(value, abs=1e-4)


def test_infer_network__as_parmigene(shared_data):
    """Nearest neighbours of values, MRNET: of the genes without a value that is clipped, and no MI below 0."""
    folder = shared_data / "reference_parmigene" / "dream4_size100_multifactorial_net1"
    frame = pd.read_csv(shared_data / "dream4_multifactorial/net1/multifactorial.tsv", sep="\t", index_col=0)
    golden = pd.read_csv(folder / "knnmi_k3.tsv.gz", sep="\t", index_col=0)
    inside = ((frame.sub(frame.mean(axis=1), axis=0)).div(frame.std(axis=1), axis=0).abs() < 3).all(axis=1).to_numpy()
    assert inside.sum() > 50
    mi = np.maximum(golden.to_numpy()[np.ix_(inside, inside)], 0) / np.log(2)
    result = infer_network(
        frame[inside], estimator="ksg2", coordinate=["value"], score="mrnet", prune_method="none",
        alpha=1.0, correction="none", n_draws=2_000,
    )  # fmt: skip
    pairs = tuple(result.edges[gene].cat.codes for gene in ("gene_a", "gene_b"))
    np.testing.assert_allclose(result.edges["mi"], mi[pairs], atol=1e-9)
    np.testing.assert_allclose(result.edges["score"], scores.mrnet(mi)[pairs], atol=1e-9)
