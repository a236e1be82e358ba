"""Activity: the regression written out, decoupler's numbers, a planted regulon."""

import re

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

from genenet.activity import activity, read_regulons, regulons_of
from genenet.errors import ConfigError, InputError

GENES = [f"g{i}" for i in range(60)]
CONSTANT = 7


@pytest.fixture
def expression() -> AnnData:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(25, 60))
    values[:, CONSTANT] = 2.0  # a gene without variance is no reason to fail
    samples = pd.DataFrame({"tissue": ["a", "b"] * 12 + ["a"]}, index=[f"s{i}" for i in range(25)])
    return AnnData(values, obs=samples, var=pd.DataFrame(index=GENES))


@pytest.fixture
def regulons() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    tables = []
    for regulator, n in (("g0", 12), ("g1", 15), ("elsewhere", 20), ("few", 3)):
        targets = rng.choice(GENES[8:], n, replace=False)
        tables.append(pd.DataFrame({"source": regulator, "target": targets, "weight": rng.uniform(-1, 1, n)}))
    own = pd.DataFrame({"source": ["g0"], "target": ["g0"], "weight": [1.0]})
    gone = pd.DataFrame({"source": ["g1"], "target": ["not a gene"], "weight": [1.0]})
    return pd.concat([*tables, own, gone], ignore_index=True)


def scaled(expression: AnnData) -> np.ndarray:
    values = expression.X - expression.X.mean(axis=0)
    deviation = expression.X.std(axis=0, ddof=1)
    return np.divide(values, deviation, out=np.zeros_like(values), where=deviation > 0)


def weights_of(regulons: pd.DataFrame, regulator: str) -> np.ndarray:
    table = regulons[(regulons["source"] == regulator) & (regulons["target"] != regulator)]
    return table.set_index("target")["weight"].reindex(GENES).fillna(0.0).to_numpy()


def test_ulm__is_the_t_value_of_the_regression(expression, regulons):
    found = activity(expression, regulons)
    assert list(found.var_names) == ["g0", "g1", "elsewhere"]
    assert found.var["n_targets"].tolist() == [12, 15, 20]
    for regulator in found.var_names:
        weights = weights_of(regulons, regulator)
        for sample, values in enumerate(scaled(expression)):
            line = stats.linregress(np.delete(weights, CONSTANT), np.delete(values, CONSTANT))
            assert found[:, regulator].X[sample, 0] == pytest.approx(line.slope / line.stderr, rel=1e-9)
    assert found.obs["tissue"].tolist() == expression.obs["tissue"].tolist()


@pytest.mark.parametrize("method", ["ulm", "viper"])
def test_activity__is_that_of_decoupler(expression, regulons, method):
    decoupler = pytest.importorskip("decoupler")
    found = activity(expression, regulons, method=method)
    frame = pd.DataFrame(scaled(expression), index=expression.obs_names, columns=GENES)
    net = regulons[regulons["source"] != regulons["target"]]
    options = {"pleiotropy": False} if method == "viper" else {}
    expected, _ = getattr(decoupler.mt, method)(frame, net, tmin=10, **options)
    np.testing.assert_allclose(found.X, expected[list(found.var_names)].to_numpy(), rtol=1e-6)


def test_viper__by_its_formula(expression, regulons):
    """Weighted means of normal scores, signed and unsigned (Alvarez et al. 2016, online methods)."""
    pytest.importorskip("decoupler")
    found = activity(expression, regulons, method="viper")
    ranks = stats.rankdata(np.delete(scaled(expression), CONSTANT, axis=1), axis=1) / len(GENES)
    tail = 2 * np.abs(ranks - 0.5)
    for regulator in found.var_names:
        mode = np.delete(weights_of(regulons, regulator), CONSTANT)
        likelihood = (mode != 0) / np.count_nonzero(mode)
        for sample in range(expression.n_obs):
            unsigned = stats.norm.ppf(tail[sample] + (1 - tail.max()) / 2)
            signed = np.sum(stats.norm.ppf(ranks[sample]) * likelihood * mode)
            both = abs(signed) + max(0.0, np.sum((unsigned * likelihood * (1 - np.abs(mode)))[mode != 0]))
            expected = both * np.sign(signed) * np.sqrt(np.count_nonzero(mode))
            assert found[:, regulator].X[sample, 0] == pytest.approx(expected, rel=1e-6)


def test_activity__follows_a_planted_regulon(expression, regulons):
    weights = weights_of(regulons, "elsewhere")
    strength = np.linspace(-2, 2, expression.n_obs)
    planted = AnnData(expression.X + np.outer(strength, weights), obs=expression.obs, var=expression.var)
    found = activity(planted, regulons)
    assert stats.spearmanr(found[:, "elsewhere"].X[:, 0], strength).statistic > 0.9


def test_activity__gene_order_does_not_matter(expression, regulons):
    turned = expression[:, ::-1].copy()
    np.testing.assert_allclose(activity(turned, regulons).X, activity(expression, regulons).X, rtol=1e-10)


def test_activity__leaves_genes_out(expression, regulons):
    target = regulons.loc[regulons["source"] == "g0", "target"].iloc[0]
    found = activity(expression, regulons, leave_out=[target])
    assert found.var["n_targets"]["g0"] == 11


def test_activity__few_targets(expression, regulons, caplog):
    activity(expression, regulons)
    assert caplog.messages == ["1 regulator with fewer than 10 targets have no activity (few)"]
    message = (
        "no regulator has 30 targets among the 59 genes (the largest regulon has 20); lower min_targets, or infer a"
        " network with more edges"
    )
    with pytest.raises(InputError, match=re.escape(message)):
        activity(expression, regulons, min_targets=30)


def test_viper__without_decoupler(expression, regulons, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "decoupler", None)
    with pytest.raises(ConfigError, match=r"decoupler, which is not installed; install genenet with its extra"):
        activity(expression, regulons, method="viper")


def test_regulons_of__undirected_and_empty_networks():
    with pytest.raises(InputError, match="inferred without a list of regulators, so it has no regulons"):
        regulons_of(pd.DataFrame({"gene_a": ["A"], "gene_b": ["B"], "kept": [True]}))
    empty = pd.DataFrame({name: [] for name in ("gene_a", "gene_b", "regulator", "target", "score", "sign")})
    empty = empty.assign(mutual=np.array([], bool), kept=np.array([], bool))
    with pytest.raises(InputError, match="the network has no edge, so no regulator has a target"):
        regulons_of(empty)


def test_regulons_of__two_regulators_are_each_other_s_targets():
    edges = pd.DataFrame(
        {
            "gene_a": ["R", "R", "S"],
            "gene_b": ["S", "A", "A"],
            "regulator": ["R", "R", "S"],
            "target": ["S", "A", "A"],
            "mutual": [True, False, False],
            "score": [4.0, 1.0, 2.0],
            "sign": [-1, 1, 0],
            "kept": [True, True, True],
        }
    )
    found = {(row.source, row.target): row.weight for row in regulons_of(edges).itertuples()}
    assert found == {("R", "S"): -1.0, ("R", "A"): 0.25, ("S", "R"): -1.0, ("S", "A"): 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (
            "tf\tgene\nA\tB\n",
            r"must have a header with the columns source, target .*\(found tf, gene\)",
        ),
        ("source\ttarget\tweight\nA\tB\tx\n", r"line 2 is no regulator, target and number: \['A', 'B', 'x'\]"),
        ("source\ttarget\tweight\nA\tB\tnan\n", "line 2 has the weight nan; give a number that is not 0"),
        ("source\ttarget\tweight\nA\tB\t0\n", "line 2 has the weight 0; give a number that is not 0"),
        ("source\ttarget\nA\tB\nA\tB\n", r"1 target of a regulator occur twice \(the first: A, B\); give each once"),
        ("source\ttarget\n", "has no targets of any regulator"),
    ],
)
def test_read_regulons__what_is_no_list_of_targets(tmp_path, text, message):
    path = tmp_path / "known.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_regulons(path)
