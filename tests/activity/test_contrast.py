"""Contrasts of activities: Welch's test, all labellings by hand, calibration, and what cannot be compared."""

import itertools

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

from genenet.activity import Contrast, activity, master_regulators
from genenet.errors import ConfigError, InputError

GENES = [f"g{i}" for i in range(200)]
REGULATORS = [f"g{i}" for i in range(10)]


def regulons(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    tables = [
        pd.DataFrame({"source": name, "target": rng.choice(GENES[10:], 15, replace=False), "weight": 1.0})
        for name in REGULATORS
    ]
    return pd.concat(tables, ignore_index=True)


def matrix(n: int, seed: int = 1, *, common: float = 1.0) -> AnnData:
    """Targets of a regulon vary together, as in every real matrix."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(GENES)))
    for _, targets in regulons().groupby("source")["target"]:
        values[:, [GENES.index(target) for target in targets]] += common * rng.normal(size=(n, 1))
    obs = pd.DataFrame({"group": ["x", "y"] * (n // 2), "batch": np.repeat(["1", "2"], n // 2)})
    return AnnData(values, obs=obs.set_axis([f"s{i}" for i in range(n)]), var=pd.DataFrame(index=GENES))


def compare(expression: AnnData, **options: object) -> pd.DataFrame:
    found, contrast = activity(expression, regulons()), Contrast("group", "x", "y")
    return master_regulators(found, expression, regulons(), contrast, **options).set_index("regulator")


def test_t__is_welch_s():
    expression = matrix(30)
    expression.obs["group"] = ["x"] * 9 + ["y"] * 21
    table, found = compare(expression, n_permutations=100), activity(expression, regulons())
    for regulator in REGULATORS:
        values = found[:, regulator].X[:, 0]
        welch = stats.ttest_ind(values[:9], values[9:], equal_var=False)
        assert table.loc[regulator, "t"] == pytest.approx(welch.statistic, rel=1e-9)
        assert table.loc[regulator, "difference"] == pytest.approx(values[:9].mean() - values[9:].mean(), rel=1e-9)
        own = expression[:, regulator].X[:, 0]
        assert table.loc[regulator, "expression_t"] == pytest.approx(
            stats.ttest_ind(own[:9], own[9:], equal_var=False).statistic, rel=1e-9
        )


def test_t__with_strata_is_that_of_the_linear_model():
    statsmodels = pytest.importorskip("statsmodels.api")
    expression = matrix(24)
    table, found = compare(expression, strata="batch", n_permutations=100), activity(expression, regulons())
    design = np.column_stack(
        [expression.obs["group"] == "x", expression.obs["batch"] == "1", expression.obs["batch"] == "2"]
    ).astype(float)
    for regulator in REGULATORS:
        fit = statsmodels.OLS(found[:, regulator].X[:, 0], design).fit(cov_type="HC2")
        assert table.loc[regulator, "t"] == pytest.approx(fit.tvalues[0], rel=1e-9)


def test_pvalues__few_samples_use_every_labelling_once():
    expression = matrix(8)
    table, found = compare(expression), activity(expression, regulons())
    ways = [list(way) for way in itertools.combinations(range(8), 4)]
    assert len(ways) == 70
    for regulator in REGULATORS:
        values = found[:, regulator].X[:, 0]
        observed = abs(table.loc[regulator, "t"]) - 1e-7
        extreme = [
            abs(stats.ttest_ind(values[way], np.delete(values, way), equal_var=False).statistic) >= observed
            for way in ways
        ]
        assert table.loc[regulator, "pvalue"] == pytest.approx(np.mean(extreme))


def test_pvalues__are_uniform_where_nothing_differs_and_those_of_shuffled_genes_are_not():
    """Targets that vary together make p-values of shuffled genes far too small."""
    by_samples, by_genes = [], []
    for seed in range(60):
        expression = matrix(20, seed)
        by_samples += list(compare(expression, n_permutations=400, seed=seed)["pvalue"])
        change = expression.X[::2].mean(axis=0) - expression.X[1::2].mean(axis=0)
        for _, targets in regulons().groupby("source")["target"]:
            inside = np.isin(GENES, targets)
            by_genes.append(stats.ttest_ind(change[inside], change[~inside]).pvalue)
    assert stats.kstest(by_samples, "uniform").pvalue > 0.001
    assert np.mean(np.array(by_samples) <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(np.array(by_genes) <= 0.05) > 0.3


def test_master_regulators__find_a_planted_one_whose_own_expression_stays():
    expression = matrix(40, common=0.3)
    targets = regulons().query("source == 'g3'")["target"]
    expression.X[np.ix_(np.arange(0, 40, 2), [GENES.index(target) for target in targets])] += 1.0
    table = compare(expression, n_permutations=2000)
    assert table.index[0] == "g3"
    assert table.loc["g3", "qvalue"] < 0.01
    assert table.loc["g3", "difference"] > 0
    assert table.loc["g3", "expression_pvalue"] > 0.01
    named = table.loc["g3", "leading_targets"].split(", ")
    assert len(named) == 10
    assert set(named) <= set(targets)


def test_master_regulators__same_seed_same_table():
    expression = matrix(40)
    pd.testing.assert_frame_equal(compare(expression, seed=3), compare(expression, seed=3))
    assert not compare(expression, seed=3)["pvalue"].equals(compare(expression, seed=4)["pvalue"])


def test_master_regulators__with_strata_a_batch_is_no_difference():
    """Half of the samples of one group are of another batch that shifts a regulon."""
    expression = matrix(60, common=0.2)
    expression.obs["group"] = ["x"] * 25 + ["y"] * 5 + ["x"] * 5 + ["y"] * 25
    targets = regulons().query("source == 'g2'")["target"]
    expression.X[np.ix_(np.arange(30), [GENES.index(target) for target in targets])] += 1.5
    assert compare(expression, n_permutations=1000).loc["g2", "pvalue"] < 0.01
    assert compare(expression, strata="batch", n_permutations=1000).loc["g2", "pvalue"] > 0.01


def test_master_regulators__too_few_samples_are_warned_about(caplog):
    expression = matrix(6)
    table = compare(expression)
    assert caplog.messages == [
        "the samples can be labelled in 20 ways only, so that no p-value can be below 0.1: take more samples, or read"
        " the table as a ranking"
    ]
    assert table["pvalue"].min() >= 0.1


@pytest.mark.parametrize(
    ("contrast", "strata", "message"),
    [
        ("tissue:x:y", None, "the matrix has no sample attribute tissue; it has group, batch; add it with table"),
        ("group:z:y", None, "no sample has group z; group has x, y"),
        ("group:x:y", "donor", "the matrix has no sample attribute donor; it has group, batch"),
        ("group:x:y", "group", "within the strata all samples are of one group, so that nothing can be permuted"),
        ("batch:1:3", None, "only one sample has batch 3; a comparison needs two in each group"),
    ],
)
def test_master_regulators__what_cannot_be_compared(contrast, strata, message):
    expression = matrix(12)
    expression.obs.loc["s11", "batch"] = "3"
    found = activity(expression, regulons())
    with pytest.raises(InputError, match=message):
        master_regulators(found, expression, regulons(), Contrast.parse(contrast), strata=strata)


@pytest.mark.parametrize("text", ["group", "group:x", "a:b:c:d", "group::y", ""])
def test_contrast__three_parts(text):
    with pytest.raises(ConfigError, match="a contrast must be COLUMN:LEVEL:REFERENCE, such as"):
        Contrast.parse(text)


def test_contrast__with_itself():
    with pytest.raises(ConfigError, match="the contrast group:x:x compares x with itself; name two levels of group"):
        Contrast.parse("group:x:x")


def test_labelings__strata_of_one_group_do_not_count(caplog):
    expression = matrix(24)
    expression.obs["batch"] = ["1"] * 12 + ["2"] * 6 + ["3"] * 6
    expression.obs.loc[expression.obs["batch"] == "3", "group"] = "x"
    compare(expression, strata="batch", n_permutations=100)
    assert caplog.messages == [
        "2 of 3 strata have samples of both groups: the comparison is of their 18 samples, the others do not count"
    ]


def test_labelings__the_smallest_pvalue_of_few_samples_is_said(caplog):
    caplog.set_level("INFO", "genenet")
    compare(matrix(8))
    assert caplog.messages == ["the samples can be labelled in 70 ways: no p-value can be below 0.029"]


def test_master_regulators__pairs_of_a_donor_are_strata():
    """Thirty donors with a sample in each group: more strata than a network may have, of two samples each."""
    expression = matrix(60)
    expression.obs["donor"] = np.repeat(np.arange(30), 2)
    expression.X[np.repeat(np.arange(30), 2) % 2 == 0] += 3.0
    table, found = compare(expression, strata="donor", n_permutations=200), activity(expression, regulons())
    for regulator in REGULATORS:
        values = found[:, regulator].X[:, 0]
        assert table.loc[regulator, "difference"] == pytest.approx((values[::2] - values[1::2]).mean(), rel=1e-9)


def test_master_regulators__several_strata_and_those_that_are_none():
    expression = matrix(60)
    expression.obs["sex"] = ["f", "f", "m", "m"] * 15
    crossed = expression.obs["batch"] + expression.obs["sex"]
    one = compare(expression, strata=["batch", "sex"], n_permutations=200)
    expression.obs["both"] = crossed
    pd.testing.assert_frame_equal(one, compare(expression, strata="both", n_permutations=200))
    expression.obs["age"] = np.linspace(20, 80, 60)
    with pytest.raises(InputError, match=r"prepare.strata: age holds numbers of 60 different values"):
        compare(expression, strata="age")
    expression.obs.loc["s3", "sex"] = None
    with pytest.raises(InputError, match=r"prepare.strata: 1 of 60 samples has no sex \(s3\)"):
        compare(expression, strata=["batch", "sex"])


def test_activity__values_missing_pair_by_pair_are_refused():
    expression = matrix(30)
    expression.X[3, 4] = np.nan
    message = (
        "1 of {} genes have missing values ({}), and complete genes are needed here; prepare the matrix with"
        " prepare.missing: impute_median, drop_genes or drop_samples"
    )
    with pytest.raises(InputError) as error:
        activity(expression, regulons())
    assert str(error.value) == message.format(len(GENES), GENES[4])
