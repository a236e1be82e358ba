import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from genenet.errors import ConfigError
from genenet.simulate import simulate_expression


@pytest.fixture(scope="module")
def simulation():
    return simulate_expression()


def test_simulate_expression__default_size(simulation):
    assert simulation.expression.shape == (250, 120)
    assert len(simulation.regulators) == 20
    assert np.isfinite(simulation.expression.X).all()


def test_simulate_expression__same_seed_same_values(simulation):
    again = simulate_expression()
    pd.testing.assert_frame_equal(again.edges, simulation.edges)
    np.testing.assert_array_equal(again.expression.X, simulation.expression.X)


def test_simulate_expression__another_seed_another_network(simulation):
    assert not simulate_expression(seed=1).edges.equals(simulation.edges)


def test_simulate_expression__samples_and_noise_leave_the_network(simulation):
    other = simulate_expression(n_samples=10, biological_noise=0.1, measurement_noise=0)
    pd.testing.assert_frame_equal(other.edges, simulation.edges)


def test_simulate_expression__only_regulators_regulate_and_there_is_no_loop(simulation):
    edges = simulation.edges
    assert set(edges["regulator"]) <= set(simulation.regulators)
    graph = nx.DiGraph(list(zip(edges["regulator"], edges["target"], strict=True)))
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.number_of_edges() == len(edges)


def test_simulate_expression__one_to_three_regulators_but_for_the_first_quarter(simulation):
    degree = simulation.edges["target"].value_counts()
    assert degree.between(1, 3).all()
    free = set(simulation.expression.var_names) - set(degree.index)
    assert free == set(simulation.regulators[:5])


def test_simulate_expression__few_regulators_have_most_targets(simulation):
    degree = simulation.edges["regulator"].value_counts()
    assert degree.iloc[:5].sum() > degree.sum() / 2


def test_simulate_expression__sign_is_that_of_the_correlation(simulation):
    """Where a gene has one regulator, its level goes the way of the sign."""
    edges = simulation.edges
    alone = edges[~edges["target"].duplicated(keep=False)]
    frame = simulation.expression.to_df()
    seen = [np.sign(spearmanr(frame[row.regulator], frame[row.target]).statistic) for row in alone.itertuples()]
    np.testing.assert_array_equal(seen, alone["sign"])


def test_simulate_expression__without_noise_a_target_is_a_function_of_its_regulator():
    quiet = simulate_expression(biological_noise=0, measurement_noise=0)
    edges = quiet.edges
    alone = edges[~edges["target"].duplicated(keep=False)]
    frame = quiet.expression.to_df()
    row = alone.iloc[-1]
    assert abs(spearmanr(frame[row["regulator"]], frame[row["target"]]).statistic) > 0.9999


def test_simulate_expression__true_pairs_stand_out(simulation):
    """The example must have something to find: true pairs are well above the others."""
    frame = simulation.expression.to_df()
    strength = frame.corr("spearman").abs()
    true = [strength.loc[row.regulator, row.target] for row in simulation.edges.itertuples()]
    assert np.median(true) > 2 * np.median(strength.to_numpy()[np.triu_indices(len(strength), 1)])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"n_regulators": 3}, "n_regulators must be an integer >= 4 and <= 1,000,000, got 3"),
        ({"n_genes": 10}, "n_regulators must be at most n_genes (10), got 20"),
        ({"n_samples": 0}, "n_samples must be an integer >= 1 and <= 10,000,000, got 0"),
        ({"n_samples": 2.5}, "n_samples must be an integer >= 1 and <= 10,000,000, got 2.5"),
        ({"measurement_noise": -1}, "measurement_noise must be a number >= 0 and <= 10, got -1"),
        ({"biological_noise": float("nan")}, "biological_noise must be a number >= 0 and <= 10, got nan"),
    ],
)
def test_simulate_expression__message(options, text):
    with pytest.raises(ConfigError) as caught:
        simulate_expression(**options)
    assert str(caught.value) == text
