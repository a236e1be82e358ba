"""Genes against phenotypes: the pair functions, scikit-learn, calibration, batches, what can be wrong with a table."""

import math

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats
from sklearn.feature_selection import _mutual_info as scikit_learn

from genenet import associate, mutual_information
from genenet.cli import main
from genenet.config import Associate, Discretise, Information, settings_from_keywords
from genenet.errors import ConfigError, InputError
from genenet.estimators.all_pairs import mutual_information_matrix
from genenet.phenotype.reading import read_phenotype
from genenet.readers.attributes import read_attributes
from genenet.steps.discretise import discretise
from genenet.steps.prepare import prepare

FEW = Associate(n_permutations=200)


def samples(n: int) -> list[str]:
    return [f"s{k}" for k in range(n)]


def planted(seed: int = 0, n_samples: int = 120, n_genes: int = 40) -> tuple[AnnData, np.ndarray]:
    """Genes 0 to 4 differ between three groups; the group of each sample."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n_samples)
    values = rng.normal(size=(n_samples, n_genes))
    values[:, :5] += np.array([0.0, 1.5, -1.5])[group][:, None]
    obs = pd.DataFrame({"group": np.array(["a", "b", "c"])[group]}, index=samples(n_samples))
    var = pd.DataFrame(index=[f"g{k}" for k in range(n_genes)])
    return prepare(AnnData(values, obs=obs, var=var)), group


def test_associate__finds_what_is_there():
    adata, _ = planted()
    table = associate(adata, "group", options=FEW)
    assert sorted(table["gene"][:5]) == ["g0", "g1", "g2", "g3", "g4"]
    assert table.columns.tolist() == ["gene", "mi", "pvalue", "pvalue_kind", "qvalue"]
    assert (table["qvalue"][:5] < 1e-3).all()
    assert 5 <= (table["qvalue"] <= 0.05).sum() <= 6
    assert table["pvalue"].is_monotonic_increasing
    assert len(table) == 40


@pytest.mark.parametrize("estimator", ["plugin", "shrink"])
def test_associate__discrete_as_the_pair_function(estimator):
    adata, group = planted()
    adata = prepare(AnnData(np.round(adata.X).clip(-2, 2), obs=adata.obs, var=adata.var))
    correction = "none" if estimator == "plugin" else estimator
    table = associate(adata, "group", options=FEW, discretise_method="codes", estimator=estimator).set_index("gene")
    for gene in ("g0", "g7", "g39"):
        expected = mutual_information(adata[:, gene].X.ravel(), group, correction=correction)
        assert table.loc[gene, "mi"] == pytest.approx(max(expected, 0), abs=1e-12)


def test_associate__discrete_by_nearest_neighbours_as_scikit_learn():
    adata, group = planted()
    settings = {"estimator": "ksg", "coordinate": ("value",), "n_neighbours": 4}
    table = associate(adata, "group", options=FEW, **settings).set_index("gene")
    for gene in ("g0", "g1", "g7", "g39"):
        z = np.clip(stats.zscore(adata[:, gene].X.ravel()), -3, 3)
        expected = scikit_learn._compute_mi_cd(z, group, 4) / math.log(2)
        assert table.loc[gene, "mi"] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("estimator", ["plugin", "gaussian", "ksg", "adaptive", "miller_madow"])
def test_associate__continuous_as_between_genes(estimator):
    adata, _ = planted()
    score = adata.X[:, 0] + np.random.default_rng(1).normal(size=adata.n_obs)
    both = AnnData(np.column_stack([adata.X, score]))
    matrix = mutual_information_matrix(discretise(both, Discretise(), Information(estimator=estimator)))
    series = pd.Series(score, adata.obs_names, name="score")
    table = associate(adata, series, options=FEW, estimator=estimator).set_index("gene")
    np.testing.assert_allclose(table.loc[adata.var_names, "mi"], np.maximum(matrix[-1, :-1], 0), atol=1e-9)
    assert table.index[0] == "g0"
    rho = stats.spearmanr(adata.X[:, 3], score).statistic
    assert table.loc["g3", "spearman"] == pytest.approx(rho, abs=1e-12)


@pytest.mark.parametrize("estimator", ["plugin", "ksg"])
@pytest.mark.parametrize("phenotype", ["labels", "numbers"])
def test_associate__p_values_of_independent_genes_are_uniform(phenotype, estimator):
    rng = np.random.default_rng(7)
    values = rng.lognormal(size=(90, 3_000))
    values[:, ::2] *= rng.random((90, 1_500)) < 0.4
    given = rng.integers(0, 4, 90).astype(str) if phenotype == "labels" else rng.normal(size=90)
    adata = prepare(AnnData(values, obs=pd.DataFrame({"phenotype": given}, index=samples(90))))
    table = associate(adata, "phenotype", options=FEW, estimator=estimator)
    many_zeros = table["gene"].astype(int) % 2 == 0
    for part in (table, table[many_zeros], table[~many_zeros]):
        for level in (0.1, 0.01):
            expected = level * len(part)
            number = (part["pvalue"] <= level).sum()
            assert number == pytest.approx(expected, abs=0.2 * expected + 4 * math.sqrt(expected))
    assert table["qvalue"].min() > 0.01


def test_associate__batches_are_not_association_with_strata():
    """Both the genes and the phenotype differ between batches, and have nothing else to do with each other."""
    rng = np.random.default_rng(2)
    batch = np.repeat([0, 1], 100)
    treated = rng.random(200) < np.array([0.2, 0.8])[batch]
    values = rng.normal(size=(200, 100)) + 1.5 * batch[:, None]
    values[:, 0] += 2 * treated
    obs = pd.DataFrame({"batch": batch.astype(str), "treated": treated}, index=samples(200))
    adata = prepare(AnnData(values, obs=obs))
    without, within = (associate(adata, "treated", strata=strata, options=FEW) for strata in (None, "batch"))
    assert (without["qvalue"] <= 0.05).sum() > 90
    assert within["gene"][0] == "0"
    assert (within["qvalue"] <= 0.05).sum() <= 3


@pytest.mark.parametrize("phenotype", ["treated", "dose"])
def test_associate__mi_with_strata_is_the_mean_of_that_within(phenotype):
    rng = np.random.default_rng(5)
    batch = np.repeat([0, 1, 2], [30, 60, 40])
    dose = rng.normal(size=130) + 4 * batch
    obs = pd.DataFrame({"batch": batch.astype(str), "treated": rng.random(130) < 0.5, "dose": dose}, samples(130))
    values = rng.normal(size=(130, 6)) + 5 * batch[:, None]
    values[:, 0] += 2 * obs["treated"] + dose
    # A gene that does not vary within a stratum tells nothing there.
    values[batch == 2, 1] = 7.0
    adata = prepare(AnnData(values, obs=obs))
    found = associate(adata, phenotype, strata="batch", options=FEW).set_index("gene")
    expected = pd.Series(0.0, found.index)
    for level in range(3):
        part = associate(adata[batch == level], phenotype, options=FEW).set_index("gene")["mi"]
        expected = expected.add(part * (batch == level).mean(), fill_value=0.0)
    np.testing.assert_allclose(found["mi"], expected[found.index], atol=1e-12)
    assert found["mi"].idxmax() == found.index[0] == "0"
    if phenotype == "dose":
        # Spearman's correlation within strata, as that of genes.
        ranks = [(part.rank() - part.rank().mean()) / part.rank().std(ddof=0) for part in
                 (pd.Series(values[batch == level, 0]) for level in range(3))]  # fmt: skip
        own = [(part.rank() - part.rank().mean()) / part.rank().std(ddof=0) for part in
               (pd.Series(dose[batch == level]) for level in range(3))]  # fmt: skip
        assert found.loc["0", "spearman"] == pytest.approx(np.mean(np.concatenate(ranks) * np.concatenate(own)))


def test_associate__strata_of_the_run_are_the_default():
    adata, _ = planted()
    adata.obs["batch"] = ["x", "y"] * 60
    of_run = prepare(AnnData(adata.X, obs=adata.obs, var=adata.var), settings_from_keywords(strata="batch").prepare)
    by_name = associate(adata, "group", strata="batch", options=FEW)
    pd.testing.assert_frame_equal(associate(of_run, "group", options=FEW), by_name)


def test_associate__strata_with_another_estimator():
    adata, _ = planted()
    adata.obs["batch"] = ["x", "y"] * 60
    with pytest.raises(ConfigError) as error:
        associate(adata, "group", strata="batch", estimator="ksg", options=FEW)
    assert str(error.value) == (
        "prepare.strata needs information.estimator: plugin, got ksg: the null within strata is made for it alone"
    )


def test_associate__strata_of_several_columns():
    adata, _ = planted()
    adata.obs["site"], adata.obs["run"] = ["x", "y"] * 60, ["1"] * 60 + ["2"] * 60
    crossed = adata.obs["site"] + adata.obs["run"]
    by_names, by_one = (associate(adata, "group", strata=given, options=FEW) for given in (["site", "run"], crossed))
    pd.testing.assert_frame_equal(by_names, by_one)


def test_associate__phenotype_that_is_the_batch():
    adata, group = planted()
    adata.obs["batch"] = np.array(["x", "y", "z"])[group]
    with pytest.raises(InputError) as error:
        associate(adata, "group", strata="batch", options=FEW)
    assert str(error.value) == (
        "within each of the 3 strata of batch all samples are of the same group: what differs between group cannot be"
        " told from what differs between batch; choose other strata, or none"
    )


def test_associate__same_table_for_same_seed():
    adata, _ = planted()
    one, two, other = (associate(adata, "group", options=FEW, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["pvalue"].equals(other["pvalue"])


# Phenotypes


@pytest.mark.parametrize(
    ("values", "discrete"),
    [
        (["f", "m"] * 30, True),
        ([True, False] * 30, True),
        ([0, 1, 2] * 20, True),
        ([1.0, 2.0] * 30, True),
        (list(range(60)), False),
        ([0.5, 1.5] * 30, False),
    ],
)
def test_phenotype__kind(values, discrete, caplog):
    adata, _ = planted(n_samples=60)
    with caplog.at_level("INFO", logger="genenet"):
        read = read_phenotype(adata, pd.Series(values, adata.obs_names, name="what"))
    assert (read.labels is not None) == discrete
    assert ("what: labels" if discrete else "what: numbers") in caplog.text


def test_phenotype__missing_values_are_left_out(caplog):
    adata, group = planted()
    given = pd.Series(group.astype(float), adata.obs_names, name="stage")
    given[:30] = np.nan
    table = associate(adata, given, options=FEW)
    assert "30 of 120 samples have no stage and are left out" in caplog.text
    expected = associate(adata[30:].copy(), given[30:], options=FEW)
    pd.testing.assert_frame_equal(table, expected)


def test_phenotype__table_in_another_order_and_with_other_samples():
    adata, group = planted()
    given = pd.Series(group.astype(str), adata.obs_names)
    shuffled = pd.concat([given.sample(frac=1, random_state=0), pd.Series(["a"], ["somebody"])])
    pd.testing.assert_frame_equal(associate(adata, shuffled, options=FEW), associate(adata, given, options=FEW))


def test_phenotype__genes_without_variance_among_these_samples(caplog):
    adata, group = planted()
    values = adata.X.copy()
    values[:60, 7] = 1.0
    given = pd.Series(np.where(np.arange(120) < 60, group.astype(str), None), adata.obs_names)
    table = associate(prepare(AnnData(values, obs=adata.obs, var=adata.var)), given, options=FEW)
    assert len(table) == 39
    assert "1 genes have one value in these samples and are left out: g7" in caplog.text


MISTAKES = {
    "no such column": (
        lambda a, g: associate(a, "grup"),
        "no sample attribute grup; it has group; did you mean group?",
    ),
    "one value": (
        lambda a, g: associate(a, pd.Series("x", a.obs_names, name="site")),
        "all 120 samples have the same site ('x'); there is nothing to tell",
    ),
    "other samples": (
        lambda a, g: associate(a, pd.Series(["x", "y"], ["p1", "p2"])),
        "none of the 2 samples of the phenotype (p1, p2) is among the 120 samples of the matrix (s0, s1 and 118 more)",
    ),
    "twice": (
        lambda a, g: associate(a, pd.Series(["x", "y"], ["s1", "s1"])),
        "the phenotype names samples twice (s1); give one value each",
    ),
    "few": (
        lambda a, g: associate(a, pd.Series(["x", "y"], ["s1", "s2"], name="arm")),
        "only 2 samples have arm, prepare.min_samples is 20",
    ),
    "text": (
        lambda a, g: associate(a, "group", options=Associate(kind="continuous")),
        "group is to be numbers, but",
    ),
    "too many labels": (
        lambda a, g: associate(a, pd.Series(samples(120), a.obs_names, name="id")),
        "the phenotype has 120 labels, at most 64 are possible; is it continuous?",
    ),
    "single": (
        lambda a, g: associate(a, pd.Series(["x", *["y"] * 119], a.obs_names), estimator="ksg"),
        "labels that one sample has tell nothing by nearest neighbours (x); leave these samples out or use",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_associate__mistakes(name):
    call, message = MISTAKES[name]
    with pytest.raises(InputError) as error:
        call(*planted())
    assert message in str(error.value)


def test_associate__gaussian_needs_numbers():
    adata, _ = planted()
    with pytest.raises(ConfigError, match=r"estimator gaussian needs a phenotype that is a number .* and group has 3"):
        associate(adata, "group", settings=settings_from_keywords(estimator="gaussian"))


# Tables and the command line


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_read_attributes__separators(tmp_path, separator):
    path = tmp_path / "samples.txt"
    path.write_text(
        "\n".join(separator.join(row) for row in [("id", "age", "sex"), ("01", "5", "f"), ("02", "NA", "m")])
    )
    table = read_attributes(path)
    assert table.index.tolist() == ["01", "02"]
    assert table["sex"].tolist() == ["f", "m"]
    assert table["age"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\ns1\n", "has no column beside the names of the samples, or no row; the header is 'id'"),
        ("id\tsex\n", "has no column beside the names of the samples, or no row"),
        ("id\tsex\ns1\tf\ns1\tm\n", "has two rows for 1 sample (s1); give one"),
        ("id\tsex\ns1\tf\ns2\tm\tx\tx\n", "is no table"),
    ],
)
def test_read_attributes__mistakes(tmp_path, text, message):
    path = tmp_path / "samples.tsv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_attributes(path)
    assert message in str(error.value)


@pytest.fixture
def files(tmp_path):
    adata, group = planted()
    matrix, table = tmp_path / "matrix.tsv", tmp_path / "samples.csv"
    adata.to_df().T.to_csv(matrix, sep="\t")
    pd.DataFrame({"group": group, "batch": group % 2}, index=adata.obs_names).to_csv(table)
    return matrix, table, tmp_path / "out.tsv"


def status_of(*arguments) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code or 0


def test_command__writes_the_table(files, capsys):
    matrix, table, output = files
    status = status_of(
        "associate", matrix, "--table", table, "--phenotype", "group", "--n-permutations", 200, "-o", output
    )
    assert status == 0
    written = pd.read_csv(output, sep="\t")
    assert sorted(written["gene"][:5]) == ["g0", "g1", "g2", "g3", "g4"]
    n_found = (written["qvalue"] <= 0.05).sum()
    assert f"{n_found} of 40 genes at bh 0.05" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--phenotype", "grup"], "has no column grup; it has group, batch; did you mean group?"),
        (["--phenotype", "group", "--strata", "site"], "has no column site; it has group, batch"),
        (["--phenotype", "group", "--kind", "number"], "kind must be one of auto, discrete, continuous, got 'number'"),
    ],
)
def test_command__mistakes(files, capsys, options, message):
    matrix, table, output = files
    assert status_of("associate", matrix, "--table", table, *options, "-o", output) == 2
    assert message in capsys.readouterr().err
    assert not output.exists()
