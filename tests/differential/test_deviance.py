"""The deviance and its null distribution: the likelihood ratio, all permutations, independent genes."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy.stats import spearmanr

import genenet
from genenet.config.sections import Prepare
from genenet.differential.changes import fisher_z
from genenet.differential.groups import Labels, find_labels
from genenet.differential.passes import Comparison, observe, permute_labels
from genenet.differential.ranks import binning_of, in_order_of, ordered, ranks_within
from genenet.estimators.binning import rank_bins
from genenet.kernels import threads
from genenet.products.strata import Strata
from genenet.steps.discretise import discretise


def comparison_of(values, codes, *, n_bins=6, order=4, seed=0, strata=None):
    samples = pd.DataFrame({"group": codes.astype(str)}, index=[f"s{i}" for i in range(len(codes))])
    frame = pd.DataFrame(values, index=[f"g{i}" for i in range(len(values))], columns=samples.index)
    settings = Prepare(min_samples=4, accept=("counts", "linear", "scaled"))
    expression = genenet.prepare(frame, settings)
    expression.obs = samples
    labels = find_labels(samples, "group", settings, strata=None if strata is None else Strata.of(strata))
    return Comparison(expression, labels, binning_of(n_bins, order), seed)


def tables_of(bins, i, j):
    return np.array([group.weights[i].astype(float) @ group.weights[j].T.astype(float) for group in bins])


def information(table):
    shares = table / table.sum()
    independent = shares.sum(axis=1)[:, None] * shares.sum(axis=0)
    used = shares > 0
    return (shares[used] * np.log(shares[used] / independent[used])).sum()


def likelihood_ratio(tables, total):
    """2 sum n p_g log(p_g / p), as of a multinomial distribution in each group against one for all."""
    counts = tables / total**2
    pooled = counts.sum(axis=0) / counts.sum()
    shares = counts / counts.sum(axis=(1, 2), keepdims=True)
    ratios = np.divide(shares, pooled, out=np.ones_like(shares), where=shares > 0)
    return 2 * (counts * np.log(ratios)).sum()


@pytest.mark.parametrize("sizes", [(40, 40), (40, 40, 40)])
def test_deviance__is_the_likelihood_ratio_of_one_table_in_each_group(sizes):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(8, sum(sizes)))
    values[1] = values[0] + 0.5 * values[1]
    comparison = comparison_of(values, np.repeat(np.arange(len(sizes)), sizes))
    found, _ = observe(comparison, permute_labels(comparison, 5).null, 1.0)
    assert len(found.first) == 28
    total = comparison.bins[0].total
    direct = [
        likelihood_ratio(tables_of(comparison.bins, i, j), total)
        for i, j in zip(found.first, found.second, strict=True)
    ]
    assert found.deviance == pytest.approx(direct, abs=1e-9)


def test_deviance__is_the_conditional_less_the_marginal_information():
    rng = np.random.default_rng(1)
    comparison = comparison_of(rng.poisson(1.5, size=(5, 70)).astype(float), np.repeat([0, 1], [20, 50]))
    found, _ = observe(comparison, permute_labels(comparison, 5).null, 1.0)
    for number, (i, j) in enumerate(zip(found.first, found.second, strict=True)):
        tables = tables_of(comparison.bins, i, j)
        within = [information(table) for table in tables]
        assert found.within[:, number] == pytest.approx(np.array(within) / np.log(2), abs=1e-12)
        direct = 2 * (20 * within[0] + 50 * within[1]) - 2 * 70 * information(tables.sum(axis=0))
        assert found.deviance[number] == pytest.approx(direct, abs=1e-9)


def test_design__cumulants_are_those_of_independent_genes_with_ties_of_their_own():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2, 1200))
    values[:, 500:] = np.maximum(values[:, 500:], 0.3)  # two thirds of the second group are tied
    comparison = comparison_of(values, np.repeat([0, 1], [500, 700]))
    x, y = ([bins.weights[gene].astype(float) for bins in comparison.bins] for gene in (0, 1))

    def drawn():
        tables = np.array([a @ b[:, rng.permutation(b.shape[1])].T for a, b in zip(x, y, strict=True)])
        within = 2 * (500 * information(tables[0]) + 700 * information(tables[1]))
        return within - 2 * 1200 * information(tables.sum(axis=0))

    deviances = np.array([drawn() for _ in range(3_000)])
    design = comparison.design
    terms = (design.first, design.first_of), (design.second, design.second_of), (design.third, design.third_of)
    mean, variance, third = (coefficients @ (of_gene[0] * of_gene[1]) for of_gene, coefficients in terms)
    assert deviances.mean() == pytest.approx(mean, rel=0.06)
    assert deviances.var() == pytest.approx(variance, rel=0.1)
    assert ((deviances - deviances.mean()) ** 3).mean() == pytest.approx(third, rel=0.35)


def test_pvalue__is_that_of_all_labelings():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(2, 12))
    values[1, 6:] = values[0, 6:]
    codes = np.repeat([0, 1], 6)
    comparison = comparison_of(values, codes, n_bins=3, order=2)
    n = 300
    found, _ = observe(comparison, permute_labels(comparison, n).null, 1.0)
    ranks = ranks_within(values, codes, 2)
    in_order = [ordered(values[:, codes == code], bins.weights) for code, bins in enumerate(comparison.bins)]
    larger = 0
    labelings = list(combinations(range(12), 6))
    for chosen in labelings:
        first = np.isin(np.arange(12), chosen)
        weights = [in_order_of(ranks[:, rows], own) for rows, own in zip((first, ~first), in_order, strict=True)]
        tables = np.array([own[0].astype(float) @ own[1].T.astype(float) for own in weights])
        larger += likelihood_ratio(tables, comparison.bins[0].total) >= found.deviance[0] - 1e-9
    exact = larger / len(labelings)
    assert 0.01 < exact < 0.3
    # Cells of the histogram round p-values by less than a hundredth.
    assert found.pvalue[0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / n) + 0.01 * exact)


@pytest.mark.parametrize("case", ["normal", "shifted", "counts"])
def test_pvalues__are_uniform_without_a_difference(case):
    rng = np.random.default_rng(6)
    codes = np.repeat([0, 1], [25, 75])
    values = rng.normal(size=(260, 100))
    values[1::2] += values[::2]
    if case == "shifted":
        values = np.where(codes, 5 * np.exp(values), values)
    if case == "counts":
        rates = rng.gamma(0.7, 1.0, (260, 100)) * np.exp(rng.normal(1.0, 1.0, (260, 1)))
        values = rng.poisson(rates * np.where(codes, 4.0, 1.0)).astype(float)
        values = values[[len(set(row[codes == 0])) > 1 for row in values]]
    comparison = comparison_of(values, codes)
    found, _ = observe(comparison, permute_labels(comparison, 15).null, 1.0)
    n = len(found.pvalue)
    for level in (0.5, 0.1, 0.01, 0.001):
        assert (found.pvalue <= level).sum() == pytest.approx(n * level, abs=5 * np.sqrt(n * level))


def test_deviance__does_not_see_mean_variance_or_form():
    rng = np.random.default_rng(7)
    values, codes = rng.normal(size=(6, 80)), np.repeat([0, 1], 40)
    results = []
    for given in (values, np.where(codes, np.exp(3 * values) + 100, values)):
        comparison = comparison_of(given, codes)
        results.append(observe(comparison, permute_labels(comparison, 5).null, 1.0)[0])
    assert (results[0].deviance == results[1].deviance).all()
    assert (results[0].pvalue == results[1].pvalue).all()


def test_deviance__goes_with_the_square_of_fishers_z_for_normal_genes():
    rng = np.random.default_rng(8)
    n, codes = 400, np.repeat([0, 1], 400)
    x = rng.normal(size=(40, 2 * n))
    rho = np.where(codes, rng.uniform(-0.6, 0.6, (40, 1)), rng.uniform(-0.6, 0.6, (40, 1)))
    values = np.empty((80, 2 * n))
    values[::2], values[1::2] = x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=x.shape)
    comparison = comparison_of(values, codes)
    found, _ = observe(comparison, permute_labels(comparison, 5).null, 1.0)
    pairs = (found.second == found.first + 1) & (found.first % 2 == 0)
    pearson = np.array(
        [
            [np.corrcoef(values[i, codes == code], values[j, codes == code])[0, 1] for code in (0, 1)]
            for i, j in zip(found.first[pairs], found.second[pairs], strict=True)
        ]
    ).T
    z = fisher_z(pearson, [n, n])
    assert spearmanr(found.deviance[pairs], z**2).statistic > 0.98


def test_labels__permuted_within_strata():
    codes, strata = np.repeat([0, 1], [30, 50]), np.tile([0, 1, 2, 3], 20)
    obs = pd.DataFrame({"g": codes.astype(str)})
    groups = find_labels(obs, "g", Prepare(min_samples=4), strata=Strata.of(strata))
    first, second = groups.permuted(1, 0), groups.permuted(1, 1)
    assert (first != second).any()
    assert (first == groups.permuted(1, 0)).all()
    for stratum in range(4):
        in_it = strata == stratum
        assert np.bincount(first[in_it]).tolist() == np.bincount(codes[in_it]).tolist()
    assert isinstance(groups, Labels)
    assert groups.sizes == [30, 50]


def test_strata__a_batch_with_relations_of_its_own_is_no_difference():
    rng = np.random.default_rng(9)
    batch = np.repeat([0, 1], 100)
    # Nine in ten samples of a batch are of one group, and genes go together in one batch only.
    codes = np.where(rng.random(200) < 0.9, batch, 1 - batch)
    values = rng.normal(size=(40, 200))
    values[:, batch == 1] += rng.normal(size=100)
    plain = comparison_of(values, codes)
    within = comparison_of(values, codes, strata=batch)
    n_small = [
        int((observe(each, permute_labels(each, 30).null, 1.0)[0].pvalue <= 0.01).sum()) for each in (plain, within)
    ]
    assert n_small[0] > 200
    assert n_small[1] < 40


def test_result__same_for_any_number_of_threads():
    rng = np.random.default_rng(10)
    comparison = comparison_of(rng.normal(size=(150, 60)), np.repeat([0, 1], 30))
    results = []
    for number in (1, 3):
        threads.set_threads(number)
        permuted = permute_labels(comparison, 5)
        found, scan = observe(comparison, permuted.null, 1.0)
        results.append((found.pvalue, found.deviance, scan.gene_sums, permuted.null.counts))
    threads.set_threads(0)
    assert all((one == other).all() for one, other in zip(*results, strict=True))


def test_rank_bins__weights_are_those_of_splines_and_of_ties_their_mean():
    rng = np.random.default_rng(11)
    values = rng.normal(size=(1, 30))
    binning = binning_of(6, 4)
    weights, total = rank_bins(values, binning)
    assert (weights == soft_weights(values, binning)).all()
    tied = values.copy()
    lowest = np.argsort(values[0])[:12]
    tied[0, lowest] = -9.0
    shared, _ = rank_bins(tied, binning)
    assert (shared[0][:, lowest] == shared[0][:, lowest[:1]]).all()
    assert shared[0, :, lowest[0]] == pytest.approx(weights[0][:, lowest].mean(axis=1), abs=1.0)
    assert (shared.sum(axis=1) == total).all()
    others = np.setdiff1d(np.arange(30), lowest)
    assert (shared[0][:, others] == weights[0][:, others]).all()


def soft_weights(values, binning):
    adata = AnnData(values.T.copy(), obs=pd.DataFrame(index=[f"s{i}" for i in range(values.shape[1])]))
    return discretise(adata, binning).weights


def test_rank_bins__counts_of_all_groups_fit():
    values = np.random.default_rng(12).normal(size=(1, 40))
    _, total = rank_bins(values, binning_of(6, 4), n_in_all=200_000)
    assert total < 127
    assert 200_000 * total**2 < 2**31
