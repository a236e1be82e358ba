"""Feature selection: criteria by their formulas, other programs, planted genes, calibration of the stop, messages."""

import logging
import math

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats
from sklearn.feature_selection import _mutual_info as scikit_learn

from genenet import (
    conditional_mutual_information,
    ksg_mutual_information,
    mutual_information,
    ross_mutual_information,
    select_genes,
)
from genenet.config import Discretise, settings_from_keywords
from genenet.errors import ConfigError, InputError
from genenet.estimators.binning import coordinates
from genenet.files.intermediate import write_expression
from genenet.kernels.threads import set_threads
from genenet.phenotype.selection import hard_codes
from genenet.steps.prepare import prepare
from tests.estimators.test_selection_terms import by_balls, by_balls_of_labels

PURE = {"n_permutations": 0}
"""No test: the criterion alone."""


def matrix(values: np.ndarray, phenotype: object, **more: object) -> AnnData:
    obs = pd.DataFrame({"y": phenotype, **more}, index=[f"s{k}" for k in range(len(values))])
    return AnnData(values, obs=obs, var=pd.DataFrame(index=[f"g{k}" for k in range(values.shape[1])]))


def related(seed: int, n_samples: int = 150, n_genes: int = 30) -> AnnData:
    """Genes of three factors, of which two make the phenotype: labels in y, numbers in score."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n_samples, 3))
    values = factors @ rng.normal(size=(3, n_genes)) + rng.normal(size=(n_samples, n_genes))
    score = factors[:, 0] + np.abs(factors[:, 1]) + 0.3 * rng.normal(size=n_samples)
    return matrix(values, np.array(["low", "middle", "high"])[np.digitize(score, [0.2, 1.2])], score=score)


def binary(seed: int, n_samples: int, n_genes: int = 30) -> np.ndarray:
    """Genes of two values."""
    return np.random.default_rng(seed).integers(0, 2, (n_samples, n_genes)).astype(float)


# The criteria


def entropy(*variables: np.ndarray) -> float:
    """Joint entropy in bits, written out."""
    counts: dict[tuple[int, ...], int] = {}
    for cell in zip(*variables, strict=True):
        counts[cell] = counts.get(cell, 0) + 1
    n = len(variables[0])
    return -sum(c / n * math.log2(c / n) for c in counts.values())


def information(x: np.ndarray, y: np.ndarray) -> float:
    return entropy(x) + entropy(y) - entropy(x, y)


def by_formula(codes: np.ndarray, y: np.ndarray, method: str, n_genes: int) -> tuple[list[int], list[float]]:
    """Selected genes and their scores by the formulas of the papers, one table after another."""
    selected, scores = [], []
    while len(selected) < n_genes:
        best, largest = -1, -np.inf
        for k in range(len(codes)):
            if k in selected:
                continue
            relevance = information(codes[k], y)
            if not selected:
                score = relevance
            elif method == "mrmr":
                score = relevance - sum(information(codes[k], codes[j]) for j in selected) / len(selected)
            else:
                # I(X_k, X_j; Y), less what all candidates have in common
                joint = [entropy(codes[k], codes[j]) + entropy(y) - entropy(codes[k], codes[j], y) for j in selected]
                common = [information(codes[j], y) for j in selected]
                score = sum(joint) / len(selected) - sum(common) / len(selected)
            if score > largest + 1e-9:
                best, largest = k, score
        selected.append(best)
        scores.append(largest)
    return selected, scores


@pytest.mark.parametrize("method", ["mrmr", "jmi"])
@pytest.mark.parametrize("column", ["y", "score"])
def test_select_genes__as_the_formula(method, column):
    adata = related(1)
    table = select_genes(adata, column, method=method, n_genes=8, n_bins=4, **PURE)
    codes = hard_codes(adata, 4)
    if column == "score":
        y = hard_codes(AnnData(adata.obs["score"].to_numpy()[:, None]), 4)[0]
    else:
        y = np.unique(adata.obs["y"], return_inverse=True)[1]
    genes, scores = by_formula(codes, y, method, 8)
    assert table["gene"].tolist() == [f"g{k}" for k in genes]
    np.testing.assert_allclose(table["score"], scores, atol=1e-12)
    assert table["rank"].tolist() == list(range(1, 9))
    assert table["pvalue"].isna().all()
    parts = table["relevance"] - table["redundancy"] + table.get("conditional_redundancy", 0.0)
    np.testing.assert_allclose(parts, table["score"], atol=1e-12)


def test_select_genes__columns_by_the_functions_of_two_variables():
    adata = related(2)
    table = select_genes(adata, "y", method="jmi", n_genes=3, **PURE)
    codes, y = dict(zip(adata.var_names, hard_codes(adata, 3), strict=True)), adata.obs["y"].to_numpy()
    first, second, third = (codes[gene] for gene in table["gene"])
    assert table["relevance"][2] == pytest.approx(mutual_information(third, y), abs=1e-12)
    redundancy = (mutual_information(third, first) + mutual_information(third, second)) / 2
    assert table["redundancy"][2] == pytest.approx(redundancy, abs=1e-12)
    within = [conditional_mutual_information(third, other, y) for other in (first, second)]
    assert table["conditional_redundancy"][2] == pytest.approx(sum(within) / 2, abs=1e-12)


def test_select_genes__labels_by_nearest_neighbours_as_scikit_learn():
    adata = related(3)
    table = select_genes(adata, "y", method="mrmr", estimator="ksg", n_genes=4, n_neighbours=4, **PURE)
    places = dict(zip(adata.var_names, coordinates(adata.X.T, Discretise().coordinate), strict=True))
    for gene, relevance in zip(table["gene"], table["relevance"], strict=True):
        expected = scikit_learn._compute_mi_cd(places[gene], adata.obs["y"].to_numpy(), 4) / math.log(2)
        assert relevance == pytest.approx(expected, abs=2e-3)
    first, second, third = (places[gene] for gene in table["gene"][:3])
    redundancy = [ksg_mutual_information(third, other, k=4, scale=False) for other in (first, second)]
    assert table["redundancy"][2] == pytest.approx(np.mean(redundancy), abs=1e-12)


def test_select_genes__numbers_by_nearest_neighbours_as_scikit_learn():
    adata = related(4)
    table = select_genes(adata, "score", method="mrmr", estimator="ksg", n_genes=3, **PURE)
    places = dict(zip(adata.var_names, coordinates(adata.X.T, Discretise().coordinate), strict=True))
    score = coordinates(adata.obs["score"].to_numpy()[None], Discretise().coordinate)[0]
    for gene, relevance in zip(table["gene"], table["relevance"], strict=True):
        expected = scikit_learn._compute_mi_cc(places[gene], score, 3) / math.log(2)
        assert relevance == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("column", ["y", "score"])
def test_select_genes__jmi_by_nearest_neighbours_as_the_formula(column):
    adata = related(5, n_samples=80, n_genes=8)
    table = select_genes(adata, column, estimator="ksg", n_genes=4, **PURE)
    places = coordinates(adata.X.T, Discretise().coordinate)
    if column == "score":
        y = coordinates(adata.obs["score"].to_numpy()[None], Discretise().coordinate)[0]
        both, alone = by_balls, lambda place: ksg_mutual_information(place, y, scale=False)
    else:
        y = np.unique(adata.obs["y"], return_inverse=True)[1]
        both, alone = by_balls_of_labels, lambda place: ross_mutual_information(y, place)
    selected, left = [max(range(8), key=lambda k: alone(places[k]))], []
    scores = [alone(places[selected[0]])]
    while len(selected) < 4:
        left = [k for k in range(8) if k not in selected]
        means = [np.mean([both(places[[k, j]].T, y, 3) - both(places[[j]].T, y, 3) for j in selected]) for k in left]
        selected.append(left[int(np.argmax(means))])
        scores.append(max(means))
    assert table["gene"].tolist() == [f"g{k}" for k in selected]
    np.testing.assert_allclose(table["score"], scores, atol=1e-12)
    parts = table["relevance"] - table["redundancy"] + table["conditional_redundancy"]
    np.testing.assert_allclose(parts, table["score"], atol=1e-12)


def test_select_genes__jmi_by_nearest_neighbours_finds_a_complement():
    """The label is the sign of a product: g2 tells a little of it alone (its mean is not 0), g6 nothing."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 8))
    values[:, 2] += 0.7
    found = select_genes(matrix(values, values[:, 2] * values[:, 6] > 0), "y", estimator="ksg", n_bins=2)
    assert sorted(found["gene"][:2]) == ["g2", "g6"]
    assert found["score"][1] > 0.5 > 0.2 > found["relevance"][1]


def test_select_genes__the_first_gene_is_that_of_the_largest_information():
    adata = related(5)
    codes, y = hard_codes(adata, 3), adata.obs["y"].to_numpy()
    expected = max(range(30), key=lambda k: mutual_information(codes[k], y))
    for method in ("mrmr", "jmi"):
        assert select_genes(adata, "y", method=method, n_genes=1)["gene"].tolist() == [f"g{expected}"]


# What is planted


@pytest.mark.parametrize("method", ["mrmr", "jmi"])
def test_select_genes__a_copy_of_the_best_gene_is_not_selected(method):
    """Although it is the second best by itself."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 20))
    values[:, 4] = values[:, 2]
    group = np.where(values[:, 2] + 0.5 * values[:, 9] + 0.2 * rng.normal(size=300) > 0, "a", "b")
    adata = matrix(values, group)
    alone = [mutual_information(codes, group) for codes in hard_codes(adata, 3)]
    assert sorted(np.argsort(alone)[-2:]) == [2, 4]
    assert select_genes(adata, "y", method=method)["gene"].tolist() == ["g2", "g9"]
    assert select_genes(adata, "y", method=method, n_genes=2, **PURE)["gene"].tolist() == ["g2", "g9"]


def test_select_genes__jmi_finds_the_complement_that_tells_nothing_alone():
    """y is g3 xor g8; g3 is 1 in a third of the samples, so that only g8 tells something of y by itself."""
    values = binary(1, 400)
    values[:, 3] = np.arange(400) % 3 == 0
    adata = matrix(values, (values[:, 3] != values[:, 8]).astype(int))
    joint = select_genes(adata, "y", method="jmi", n_bins=2)
    assert joint["gene"].tolist() == ["g8", "g3"]
    assert joint["relevance"][1] < 0.02 < 0.8 < joint["score"][1]
    assert joint["pvalue"].tolist() == [1 / 201, 1 / 201]
    assert joint["n_comparable"].tolist() == [400, 400]
    assert select_genes(adata, "y", method="mrmr", n_bins=2)["gene"].tolist() == ["g8"]


def test_select_genes__passes_over_what_adds_nothing():
    """Copies of g0 with errors have the largest scores by JMI's average, and tell nothing beyond g0."""
    rng = np.random.default_rng(3)
    values = binary(3, 600, 12)
    for copy in (2, 3):
        values[:, copy] = values[:, 0] != (rng.random(600) < 0.05)
    label = values[:, 0] * 2 + (rng.random(600) < 0.25 + 0.5 * values[:, 1])
    table = select_genes(matrix(values, label), "y", method="mrmr", n_bins=2)
    assert table["gene"].tolist() == ["g0", "g1"]
    pure = select_genes(matrix(values, label), "y", method="jmi", n_bins=2, n_genes=3, **PURE)
    assert pure["gene"][2] in ("g2", "g3")
    tested = select_genes(matrix(values, label), "y", method="jmi", n_bins=2)
    assert tested["gene"].tolist() == ["g0", "g1"]


# When to stop


@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_select_genes__nothing_of_a_phenotype_of_noise(kind):
    """With correlated genes, in 1 - alpha of the runs; 300 runs, four standard errors."""
    n_runs, alpha, n_found = 300, 0.2, 0
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(50, 80)) + rng.normal(size=(50, 3)) @ rng.normal(size=(3, 80))
        noise = rng.normal(size=50)
        given = noise if kind == "numbers" else np.digitize(noise, [-0.5, 0.8]).astype(str)
        found = select_genes(matrix(values, given), "y", alpha=alpha, n_permutations=19, n_genes=1, seed=seed)
        n_found += len(found)
    assert n_found / n_runs == pytest.approx(alpha, abs=4 * math.sqrt(alpha * (1 - alpha) / n_runs))


def test_select_genes__nothing_beyond_the_gene_that_makes_the_phenotype():
    """Other genes depend on g0, and on the phenotype through it alone: nothing further in 1 - alpha of the runs."""
    n_runs, alpha, n_more = 200, 0.2, 0
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        first = rng.integers(0, 2, 120)
        values = np.where(rng.random((120, 40)) < 0.2, 1 - first[:, None], first[:, None]).astype(float)
        values[:, 0] = first
        given = np.where(rng.random(120) < 0.02, 1 - first, first)
        method = "jmi" if seed % 2 else "mrmr"
        found = select_genes(
            matrix(values, given), "y", method=method, n_bins=2, alpha=alpha, n_permutations=19, n_genes=2, seed=seed
        )
        assert found["gene"][0] == "g0"
        n_more += len(found) - 1
    # Few samples differ from what g0 says, so that p-values are coarse and the test may be too strict.
    assert n_more / n_runs <= alpha + 4 * math.sqrt(alpha * (1 - alpha) / n_runs)


def test_select_genes__batches_are_not_selected_with_strata():
    rng = np.random.default_rng(2)
    batch = np.repeat([0, 1], 100)
    treated = rng.random(200) < np.array([0.2, 0.8])[batch]
    adata = matrix(rng.normal(size=(200, 50)) + 1.5 * batch[:, None], treated, batch=batch.astype(str))
    assert len(select_genes(adata, "y")) > 0
    assert len(select_genes(adata, "y", strata="batch")) == 0
    adata.X[:, 0] += 2 * treated
    assert select_genes(adata, "y", strata="batch")["gene"].tolist() == ["g0"]


def test_select_genes__genes_are_binned_within_strata():
    """A shift between batches that is larger than what the phenotype does hides it, but not within batches."""
    rng = np.random.default_rng(3)
    batch = np.repeat([0, 1, 2], 50)
    y = rng.integers(0, 2, 150)
    values = rng.normal(size=(150, 30)) + 20 * batch[:, None]
    values[:, 4] += 3 * y
    shifted, level = matrix(values, y, batch=batch.astype(str)), matrix(values - 20 * batch[:, None], y)
    level.obs["batch"] = batch.astype(str)
    found = select_genes(shifted, "y", strata="batch", n_bins=3)
    assert found["gene"].tolist() == ["g4"]
    pd.testing.assert_frame_equal(found, select_genes(level, "y", strata="batch", n_bins=3))
    of_run = prepare(shifted, settings_from_keywords(strata="batch").prepare)
    pd.testing.assert_frame_equal(found, select_genes(of_run, "y", n_bins=3))
    by_neighbours = select_genes(shifted, "y", strata="batch", estimator="ksg", n_genes=1)
    assert by_neighbours["gene"].tolist() == ["g4"]


def test_select_genes__stops_where_samples_end(caplog):
    adata = related(6, n_samples=60)
    with caplog.at_level(logging.INFO, logger="genenet"):
        table = select_genes(adata, "y", alpha=0.5)
    assert 1 < len(table) < 30
    assert table["n_comparable"].is_monotonic_decreasing
    assert f"{len(table)} genes selected: no other p-value is at most alpha 0.5; the smallest is" in caplog.text
    assert "of 60 samples are still alike in these genes and differ in y: more samples could tell more" in caplog.text


def test_select_genes__alpha_1_goes_on_to_the_last_gene():
    adata = related(7, n_samples=60, n_genes=12)
    tested = select_genes(adata, "y", alpha=1, n_genes=12, n_permutations=20)
    pure = select_genes(adata, "y", n_genes=12, **PURE)
    columns = ["rank", "gene", "relevance", "redundancy", "score"]
    pd.testing.assert_frame_equal(tested[columns], pure[columns])
    assert tested["pvalue"][11] == 1


def test_select_genes__same_table_for_same_seed_and_any_threads():
    adata = related(8)
    try:
        set_threads(1)
        one = select_genes(adata, "score", seed=1)
        set_threads(3)
        two = select_genes(adata, "score", seed=1)
    finally:
        set_threads(0)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    other = select_genes(adata, "score", seed=2, alpha=1, n_genes=8)
    same = select_genes(adata, "score", seed=1, alpha=1, n_genes=8)
    assert not other["pvalue"].equals(same["pvalue"])


def test_select_genes__does_not_depend_on_the_order_of_genes_and_samples():
    adata = related(9)
    order = np.random.default_rng(0).permutation(150)
    other = adata[order, ::-1].copy()
    one, two = (select_genes(data, "y", n_genes=6, **PURE) for data in (adata, other))
    assert one["gene"].tolist() == two["gene"].tolist()
    np.testing.assert_allclose(one["score"], two["score"], atol=1e-12)


def test_select_genes__any_monotone_transform_gives_the_same():
    adata = related(10)
    other = AnnData(stats.rankdata(adata.X, axis=0), obs=adata.obs, var=adata.var)
    pd.testing.assert_frame_equal(select_genes(adata, "y"), select_genes(other, "y"))


# What can be wrong


def test_select_genes__samples_without_a_phenotype_are_left_out(caplog):
    adata = related(11)
    given = adata.obs["y"].astype(object)
    given[:50] = None
    table = select_genes(adata, given, n_genes=3, **PURE)
    assert "50 of 150 samples have no y and are left out" in caplog.text
    pd.testing.assert_frame_equal(table, select_genes(adata[50:].copy(), "y", n_genes=3, **PURE))


def test_select_genes__nothing_found_is_said(caplog):
    rng = np.random.default_rng(0)
    table = select_genes(matrix(rng.normal(size=(60, 20)), rng.integers(0, 2, 60)), "y")
    assert table.columns.tolist() == [
        "rank", "gene", "relevance", "redundancy", "conditional_redundancy", "score", "pvalue", "n_passed_over",
        "n_comparable",
    ]  # fmt: skip
    assert len(table) == 0
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.message.startswith("no gene is selected: no p-value is at most alpha 0.05; the smallest is 0.")


def test_select_genes__genes_that_do_not_vary(caplog):
    adata = related(12)
    adata.X[:, 5] = 1.0
    table = select_genes(adata, "y", n_genes=29, **PURE)
    assert "g5" not in table["gene"].tolist()
    assert "1 genes have one value in these samples and are left out: g5" in caplog.text


def test_select_genes__one_text_among_numbers_makes_labels_and_is_said(caplog):
    adata = related(14)
    given = adata.obs["score"].round(1).astype(object)
    given["s7"] = "n. d."
    select_genes(adata, given, n_genes=1, **PURE)
    assert (
        "score is taken for labels, since 1 of 150 values is no number (sample s7: 'n. d.'); to take it for numbers,"
        " correct it, or leave it empty to leave the sample out"
    ) in caplog.text
    assert "no number" not in "".join(caplog.messages[1:])


def test_select_genes__labels_that_differ_in_blanks_or_capitals(caplog):
    adata = related(13)
    adata.obs["y"] = ["High", "low ", *adata.obs["y"][2:]]
    select_genes(adata, "y", n_genes=1, **PURE)
    assert (
        "labels of y differ in blanks or capitals only ('High' and 'high', 'low' and 'low ') and are taken for"
        " different ones; write them alike if they are not"
    ) in caplog.text


def test_select_genes__label_of_one_sample(caplog):
    adata = related(13)
    adata.obs["y"] = ["odd", *adata.obs["y"][1:]]
    select_genes(adata, "y", n_genes=1)
    assert (
        "1 label of y has one sample only (odd): no gene can be known to tell it; leave these samples out"
        in caplog.text
    )
    with pytest.raises(InputError) as error:
        select_genes(adata, "y", method="mrmr", estimator="ksg")
    assert str(error.value) == (
        "labels that one sample has tell nothing by nearest neighbours (odd); leave these samples out or use"
        " estimator plugin"
    )


SETTINGS = {
    "other criterion": (
        {"method": "mifs"},
        "method must be one of mrmr, jmi, got 'mifs'",
    ),
    "no test, no number": (
        {"n_permutations": 0},
        "n_genes must be a number with n_permutations 0: nothing else stops the selection",
    ),
    "no limit": ({"alpha": 1}, "n_genes must be a number with alpha 1: nothing else stops the selection"),
    "coarse": (
        {"n_permutations": 10},
        "n_permutations must be at least 19 with alpha 0.05, got 10: no p-value could be so small",
    ),
    "not of this function": (
        {"tolerance": 0.1},
        "select_genes does not use the setting tolerance; its settings are method, n_genes, alpha, n_permutations,"
        " kind, estimator, n_bins, n_neighbours, seed, min_samples, small_strata",
    ),
    "more than there are": ({"n_genes": 31}, "n_genes is 31, but 30 genes can be selected; lower it"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_select_genes__settings(name):
    given, message = SETTINGS[name]
    with pytest.raises(ConfigError) as error:
        select_genes(related(14), "y", **given)
    assert str(error.value) == message


PHENOTYPES = {
    "no such column": (
        lambda a: select_genes(a, "scor"),
        "the matrix has no sample attribute scor; it has y, score; did you mean score?; give it as a"
        " series, with the names of the samples as its index",
    ),
    "one value": (
        lambda a: select_genes(a, pd.Series("x", a.obs_names, name="site")),
        "all 150 samples have the same site ('x'); there is nothing to tell",
    ),
    "few": (
        lambda a: select_genes(a, a.obs["score"][:10]),
        "only 10 samples have score, prepare.min_samples is 20",
    ),
    "text as numbers": (
        lambda a: select_genes(a, "y", kind="continuous"),
        "y is to be numbers, but 150 of 150 values are none (sample s0: 'high', sample s1: 'low', sample s2: 'middle'"
        " and 147 more); correct them, leave them empty to leave the samples out, or take y for labels by kind"
        " discrete",
    ),
    "one text among numbers": (
        lambda a: select_genes(a, a.obs["score"].astype(object).where(a.obs_names != "s7", "?"), kind="continuous"),
        "score is to be numbers, but 1 of 150 values is none (sample s7: '?'); correct it, leave it empty to leave the"
        " sample out, or take score for labels by kind discrete",
    ),
    "numbers as labels": (
        lambda a: select_genes(a, "score", kind="discrete"),
        "the phenotype has 150 labels, at most 64 are possible; is it continuous?",
    ),
    "missing values of genes": (
        lambda a: select_genes(AnnData(np.where(a.X > 2.5, np.nan, a.X), obs=a.obs, var=a.var), "y"),
        "genes have missing values",
    ),
}


@pytest.mark.parametrize("name", PHENOTYPES)
def test_select_genes__phenotypes(name):
    call, message = PHENOTYPES[name]
    with pytest.raises(InputError) as error:
        call(related(14))
    assert message in str(error.value)


# The command line


@pytest.fixture
def files(tmp_path):
    adata = related(15)
    adata.to_df().T.to_csv(tmp_path / "matrix.tsv", sep="\t", index_label="gene")
    adata.obs.to_csv(tmp_path / "samples.csv")
    (tmp_path / "run").mkdir()
    write_expression(prepare(adata), tmp_path / "run" / "expression.h5ad")
    return tmp_path


def test_command__of_a_matrix_and_of_a_run(files, run_cli):
    table, output = files / "samples.csv", files / "selected.tsv"
    options = ("--phenotype", "score", "--method", "mrmr", "-o", output)
    status, out, err = run_cli("select", files / "matrix.tsv", "--table", table, *options)
    assert status == 0
    written = pd.read_csv(output, sep="\t")
    expected = select_genes(related(15), "score", method="mrmr")
    pd.testing.assert_frame_equal(written, expected, check_dtype=False)
    assert f"{len(written)} genes of 30 selected by mrmr: {output}" in out
    assert "score: numbers of 150 samples" in err
    first = output.read_bytes()
    assert run_cli("select", files / "run", *options)[0] == 0
    assert output.read_bytes() == first


@pytest.mark.parametrize("command", [("select", "--method", "mrmr"), ("associate",)])
def test_command__samples_are_chosen_by_the_table(files, run_cli, command):
    table, output = files / "samples.csv", files / "out.tsv"
    options = ("--phenotype", "score", "--table", table, "--n-permutations", "100", "-o", output)
    status, _, err = run_cli(*command, files / "matrix.tsv", *options, "--obs-query", "score > 0")
    assert status == 0, err
    chosen = int((related(15).obs["score"] > 0).sum())
    assert f"numbers of {chosen} samples" in err or command == ("associate",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--phenotype", "yy"], "has no sample attribute yy; it has y, score; add it with --table\n"),
        (["--phenotype", "y", "--n-genes", "99"], "ERROR: --n-genes is 99, but 30 genes can be selected; lower it"),
        (["--phenotype", "y", "--n-permutations", "0"], "ERROR: --n-genes must be a number with --n-permutations 0: "),
        (
            ["--phenotype", "y", "--min-variance", "0"],
            "is a run, whose matrix is prepared; leave it out, or give the matrix itself",
        ),
    ],
)
def test_command__mistakes(files, run_cli, options, message):
    status, out, err = run_cli("select", files / "run", *options, "-o", files / "out.tsv")
    assert (status, out) == (2, "")
    assert message in err
    assert not (files / "out.tsv").exists()


@pytest.mark.parametrize("command", ["select", "associate"])
def test_command__a_folder_as_output_is_refused_before_the_matrix_is_read(files, run_cli, command):
    (files / "bad.tsv").write_text("no matrix")
    status, out, err = run_cli(command, files / "bad.tsv", "--phenotype", "y", "-o", files)
    assert (status, out, err) == (2, "", f"ERROR: {files} cannot be written: it is a folder; give another name\n")


def test_command__help_shows_what_it_is_about(run_cli):
    status, out, _ = run_cli("select", "--help")
    words = " ".join(out.replace("│", " ").split())
    assert status == 0
    assert "--method mrmr|jmi" in words
    assert "Stop where no gene's p-value is at most this. [default: 0.05]" in words
    assert "differences between batches select no genes" in words
    assert "--n-bins" not in words
