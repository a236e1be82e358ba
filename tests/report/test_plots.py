"""Figures by matplotlib: what they hold, and that they draw into axes that are given."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

from matplotlib.figure import Figure

from genenet.report.colours import INK
from genenet.report.evidence import pair_evidence
from genenet.report.plots import plot_pair
from genenet.report.plots.network import free_labels
from genenet.report.svg import figure_of, write_figure
from genenet.result import Result
from tests.report.runs import ordinary, without_edges


@pytest.fixture(scope="module")
def result() -> Result:
    return ordinary()


def axes_of(n: int) -> list:
    figure = Figure()
    return [figure.add_subplot(1, n, place + 1) for place in range(n)]


def test_plot__draws_every_gene_and_edge_into_given_axes(result):
    ax = axes_of(1)[0]
    assert result.plot(ax) is ax
    n_points = sum(len(points.get_offsets()) for points in ax.collections if points.get_offsets().size > 2)
    lines = [c for c in ax.collections if hasattr(c, "get_segments")]
    assert len(lines[0].get_segments()) == result.summary["prune"]["n_kept"]
    assert n_points >= result.summary["network"]["nodes"]


def test_plot__makes_axes(result):
    import matplotlib.pyplot as plt

    assert len(result.plot().get_figure().axes) == 1
    assert len(result.plot_trust()) == 5
    plt.close("all")


def test_plot_pair__shows_the_samples_and_the_mi(result):
    row = result.edges[result.edges["kept"]].iloc[0]
    axes = result.plot_pair(row["gene_a"], row["gene_b"], axes_of(4))
    x = result.expression[:, row["gene_a"]].X.ravel()
    np.testing.assert_allclose(axes[0].lines[-1].get_xdata(), x)
    assert axes[2].images[0].get_array().shape == (6, 6)
    assert sum(int(text.get_text()) for text in axes[2].texts) == pytest.approx(120, abs=18)
    assert axes[3].lines[-1].get_xdata()[0] == pytest.approx(row["mi"])


def test_plot_pair__numbers_of_empty_cells_follow_the_theme(result):
    row = result.edges.iloc[0]
    evidence = pair_evidence(result._run(), [(row["gene_a"], row["gene_b"])])[0]
    table = plot_pair(replace(evidence, counts=np.array([[5.0, 0.0], [0.0, 5.0]])), axes_of(4))[2]
    assert [(text.get_text(), text.get_color() == INK) for text in table.texts] == [
        ("5", False), ("0", True), ("0", True), ("5", False),
    ]  # fmt: skip


def test_plot_trust__funnel_has_the_numbers_of_the_summary(result):
    axes = result.plot_trust(axes_of(5))
    texts = [text.get_text() for text in axes[0].texts]
    found = result.summary["significance"]
    assert f"{found['n_pairs']:,}" in texts
    assert f"{found['n_significant']:,}" in texts
    assert f"{found['certificate']['n_significant']:,}" in texts


def test_random_pvalues__are_uniform_when_permuted_and_not_when_related(result):
    from genenet.report.trust import Trust

    observed, chance = Trust(result._run()).random_pvalues
    assert np.mean(chance < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(observed < 0.05) > 3 * np.mean(chance < 0.05)


def test_random_pvalues__of_sparse_bins_are_those_of_dense_ones(result, monkeypatch):
    from genenet.products import sparse_values
    from genenet.report.trust import Trust

    dense, _ = Trust(result._run()).random_pvalues
    monkeypatch.setattr(sparse_values, "FEWEST_VALUES", 0)
    monkeypatch.setattr(sparse_values, "MOST_NONZERO", 1.0)
    observed, chance = Trust(result._run()).random_pvalues
    np.testing.assert_allclose(observed, dense, rtol=2e-3)
    assert np.mean(chance < 0.05) == pytest.approx(0.05, abs=0.03)


def test_plots__without_edges():
    found = without_edges()
    assert found.plot(axes_of(1)[0]).texts[0].get_text() == "The network has no edges."
    assert [text.get_text() for ax in found.plot_trust(axes_of(5))[2:] for text in ax.texts] == ["no edges"] * 3


def test_write_figure__letters_that_the_font_lacks_are_one_warning(tmp_path, caplog):
    for suffix in ("png", "svg"):
        with figure_of(1, width=2, height=2) as (figure, (ax,)):
            ax.set_title("遺伝子")
            write_figure(figure, tmp_path / f"a.{suffix}", suffix)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'a.png'}: the font of the figure lacks 3 letters, drawn as boxes; an .svg has names as text, in"
        " the viewer's font"
    ]
    assert "遺伝子" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_free_labels__none_overlap():
    rng = np.random.default_rng(0)
    pixels, labels = rng.uniform(0, 300, size=(120, 2)), [f"GENE{i}" for i in range(120)]
    chosen = free_labels(pixels, labels, rng.integers(0, 9, 120), height=10)
    assert 10 < len(chosen) < 120
    half = np.array([0.31 * 10 * len(labels[i]) for i in chosen])
    x, y = pixels[chosen].T
    apart = (np.abs(x[:, None] - x) >= half[:, None] + half) | (np.abs(y[:, None] - y) >= 12.5)
    assert apart[np.triu_indices(len(chosen), 1)].all()
