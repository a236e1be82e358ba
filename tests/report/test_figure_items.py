"""Interactive figures: kept without data for the next run, and filled with that of a run as Bokeh does it."""

from pathlib import Path

import pytest
from bokeh.models import ColumnDataSource, GlyphRenderer, Plot

from genenet.report import figure_items
from genenet.report.bokeh_figures import edge_columns, network_figure, node_columns, plain_json
from genenet.report.drawn import drawn_network
from genenet.report.figure_items import NETWORK, items, made_by_bokeh, network_item, pair_items
from tests.report.runs import ordinary


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the figures, in a folder of the test; nothing is known yet."""
    path = tmp_path / "folder" / "figures.json"
    monkeypatch.setattr(figure_items, "kept_in", lambda: path)
    monkeypatch.setattr(figure_items, "items", items.__wrapped__)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    return path


def test_network_item__as_bokeh_makes_it_with_the_data() -> None:
    drawn = drawn_network(ordinary()._run())
    plot = network_figure()
    assert isinstance(plot, Plot)
    sources = {r.data_source.name: r.data_source for r in plot.renderers if isinstance(r, GlyphRenderer)}
    for name, columns in (("network_edges", edge_columns(drawn)), ("network_nodes", node_columns(drawn))):
        source = sources[name]
        assert isinstance(source, ColumnDataSource)
        assert list(source.data) == list(columns)
        source.data = dict(columns)
    assert plain_json({NETWORK: plot}) == [network_item(drawn)]


def test_items__of_an_earlier_run(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = figure_items.items()
    assert made == made_by_bokeh()
    monkeypatch.setattr(figure_items, "made_by_bokeh", lambda: pytest.fail("made again"))
    assert figure_items.items() == made
    assert list(made) == [NETWORK, "pair-values", "pair-ranks", "pair-table", "pair-null"]
    assert pair_items() == list(made.values())[1:]
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("text", ["", '{"network-figure": {"doc', "\0"])
def test_items__damaged_file_is_made_again(kept: Path, text: str) -> None:
    kept.parent.mkdir()
    kept.write_text(text)
    made = figure_items.items()
    assert made == made_by_bokeh()
    assert figure_items.json.loads(kept.read_text()) == made


def test_items__folder_that_cannot_be_written(kept: Path) -> None:
    kept.parent.write_text("a file in its place")
    assert figure_items.items() == made_by_bokeh()


def test_items__nothing_is_kept_if_python_keeps_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert figure_items.items() == made_by_bokeh()
    assert not kept.exists()


def test_kept_in__names_the_version_of_bokeh_and_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    first = figure_items.kept_in()
    monkeypatch.setattr(figure_items, "version", lambda name: "99.0")
    other = figure_items.kept_in()
    monkeypatch.setattr(figure_items, "MADE_FROM", ("colours.py",))
    assert len({first, other, figure_items.kept_in()}) == 3
    assert first.parent == Path(figure_items.__file__).parent / "__pycache__"
