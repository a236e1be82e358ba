"""Bars of the Python functions: in a notebook, in a terminal, nowhere else."""

import sys
import time
import types

import pytest

from genenet import progress


class Handle:
    def __init__(self, shown: list[dict[str, str]]) -> None:
        self.shown = shown

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(content)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """All that a kernel was told to show."""
    shown: list[dict[str, str]] = []

    def display(content: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        shown.append(content)
        return Handle(shown)

    ipython = types.SimpleNamespace(
        get_ipython=lambda: types.SimpleNamespace(kernel=object()), display=types.SimpleNamespace(display=display)
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(progress, "DELAY", 0.02)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    return shown


def test_show__in_a_notebook(notebook):
    with progress.show("a<b>", 10) as advance:
        advance(2)
        time.sleep(0.2)
        advance(3)
    texts = [content["text/plain"] for content in notebook]
    assert texts == ["a<b> 0%", "a<b> 20%", "a<b> 50%", ""]
    assert notebook[2]["text/html"] == '<div>a&lt;b&gt; <progress max="1" value="0.500"></progress> 50%</div>'


def test_show__unknown_amount_in_a_notebook(notebook):
    with progress.show("prepare"):
        time.sleep(0.2)
    assert notebook[0]["text/html"] == '<div>prepare <progress max="1"></progress></div>'


def test_show__what_is_quick_shows_nothing(notebook, monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 5.0)
    with progress.show("prepare", 10) as advance:
        advance(10)
    assert notebook == []


def test_show__in_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY", 0.02)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.show("information", 10) as advance:
        advance(5)
        time.sleep(0.3)
    assert "information" in capsys.readouterr().err


def test_show__nothing_in_a_file(capsys):
    with progress.show("information", 10) as advance:
        assert advance is None
    assert capsys.readouterr().err == ""


def test_chosen():
    assert progress.chosen(True) is progress.show
    assert progress.chosen(False) is progress.chosen(None) is progress.quiet
    own = progress.quiet
    assert progress.chosen(own) is own


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_show__in_a_kernel():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    code = (
        "import time, genenet\nfrom genenet import progress\nprogress.DELAY = 0.05\n"
        "with progress.show('information', 4) as advance:\n    time.sleep(0.5)\n    advance(2)\n    time.sleep(0.5)\n"
        "    assert progress.in_notebook()\n"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    manager = nbclient.NotebookClient(book, kernel_name="python3")
    manager.execute()
    outputs = [output for output in book.cells[0].outputs if output.output_type == "display_data"]
    assert [output.data["text/plain"] for output in outputs] == [""], book.cells[0].outputs
