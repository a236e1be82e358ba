"""The terminal of a user: bars from the start, words that wrap, seconds that are all of the seconds."""

import io
import json
import re
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from genenet.cli import progress, terminal
from genenet.cli.clock import so_far
from genenet.files.intermediate import read_expression
from genenet.report.recovery import compare
from genenet.report.summary_text import as_text, describe
from genenet.steps import STEPS
from tests.cli.terminals import Terminal, run_in_terminal, screen

TEXT = "3,900 genes, 36,220 edges (964 pairs of two regulators are two edges each); largest hubs: b0435 (515), b2127"


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    values = np.random.default_rng(0).normal(size=(30, 60)).round(3)
    values[1] = values[0] + 0.1 * values[2]
    lines = ["\t".join(["gene", *(f"s{i}" for i in range(60))])]
    lines += ["\t".join([f"G{number}", *map(str, row)]) for number, row in enumerate(values)]
    (folder / "m.tsv").write_text("\n".join(lines) + "\n")
    return folder / "m.tsv"


# Words


@pytest.mark.parametrize("width", [20, 40, 49, 50, 60, 80, 120, 300])
def test_as_text__wraps_at_words(width):
    text = as_text([("network", TEXT), ("", TEXT), ("files", "x" * 90)], width)
    assert " ".join(text.split()) == f"network {TEXT} {TEXT} files {'x' * 90}"
    assert all(len(line) <= width for line in text.splitlines() if "xx" not in line)
    longest = max(len(line) for line in text.splitlines() if "xx" not in line)
    assert longest > width - 20 or width == 300


def test_as_text__texts_stand_beside_their_labels():
    assert as_text([("matrix", "one two three four five six seven eight"), ("", "nine")], 51).splitlines() == [
        "matrix           one two three four five six seven",
        "                 eight",
        "                 nine",
    ]


def test_as_text__in_a_narrow_terminal_below():
    assert as_text([("matrix", "one two three four five"), ("", "six")], 20).splitlines() == [
        "matrix",
        "  one two three four",
        "  five",
        "  six",
    ]


def test_as_text__for_a_file_one_line_each():
    assert as_text([("network", TEXT)]) == f"network          {TEXT}"


def test_wrapped__only_for_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    line = "ERROR: data/a_long_name-with-hyphens.tsv: no such file; did you mean another?"
    assert terminal.wrapped(line, io.StringIO()) == line
    assert terminal.wrapped(line, Terminal()).splitlines() == [
        "ERROR:",
        "data/a_long_name-with-hyphens.tsv:",
        "no such file; did you mean",
        "another?",
    ]


# Bars


def test_show_steps__says_which_of_how_many(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress.show_steps(STEPS) as step:
        assert "step 1 of 8: prepare" in stream.getvalue()
        with step("information", 10) as advance:
            advance(5)
            advance(5)
        with step("export", 0):
            pass
        # what is printed meanwhile stands above
        print("WARNING: odd", file=sys.stderr)
    assert screen(stream.getvalue()) == ["WARNING: odd"]


def test_show_steps__nothing_where_stderr_is_no_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.show_steps(STEPS) as step, step("prepare", 0) as advance:
        assert advance is None
    assert stream.getvalue() == ""


@pytest.mark.slow
def test_infer__first_bar_is_there_at_once(tmp_path):
    """In CPU seconds, so that other work on the machine does not count."""

    def seconds() -> float:
        _, written = run_in_terminal(["infer", "nowhere.tsv", "-o", "out"], width=80, folder=tmp_path)
        return next(seconds for seconds, text in written if "step 1 of 10: prepare" in text)

    assert any(seconds() < 0.9 for _ in range(10))


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 120])
def test_infer__in_a_terminal(matrix, tmp_path, width):
    arguments = ["infer", matrix, "-o", "out", "--n-draws", "300000", "--threads", "1"]
    status, written = run_in_terminal(arguments, width=width, folder=tmp_path)
    assert status == 0
    everything = "".join(text for _, text in written)
    shown = re.findall(r"step (\d+) of 10: (\w+)", everything)
    assert shown == sorted(shown, key=lambda step: int(step[0]))
    steps = (*STEPS[:-1], "anomalies", STEPS[-1], "report")
    assert {(str(number), name) for number, name in enumerate(steps, 1)} >= set(shown) >= {("1", "prepare")}
    lines = screen(everything)
    assert lines[0] == "matrix           30 genes x 60 samples"
    assert not [line for line in lines if "━" in line or len(line) > width]
    assert lines[-2:] == ["files            out", "look first       open out/report.html"]


def test_infer__message_of_an_error_stays_when_the_bar_goes(tmp_path):
    status, written = run_in_terminal(["infer", "nowhere.tsv", "-o", "out"], width=80, folder=tmp_path)
    assert status == 2
    assert screen("".join(text for _, text in written)) == ["ERROR: nowhere.tsv: no such file"]


# Seconds


@pytest.mark.parametrize(("formats", "scored"), [("tsv", []), ("tsv,anomalies", ["anomalies"])])
def test_infer__seconds_are_all_of_the_seconds(matrix, run_cli, tmp_path, formats, scored):
    """From the import of the command line on, which is long ago in this process."""
    _, out, _ = run_cli("infer", matrix, "-o", tmp_path, "--n-draws", "1000", "--formats", formats)
    steps = ["start", *STEPS[:-1], *scored, "export", "report"]
    took = so_far()
    line = next(line for line in out.splitlines() if line.startswith("seconds"))
    total, parts = re.fullmatch(r"seconds +([\d.]+) \((.*)\)", line).groups()
    assert [part.split()[0] for part in parts.split(", ")] == steps
    assert took - 0.5 < float(total) < took + 0.1
    assert sum(float(part.split()[1]) for part in parts.split(", ")) == pytest.approx(float(total), abs=0.5)
    written = json.loads((tmp_path / "summary.json").read_text())["seconds"]
    assert list(written) == steps
    assert min(written.values()) >= 0
    assert sum(written.values()) == pytest.approx(float(total), abs=0.5)
    assert run_cli("verify", tmp_path)[0] == 0


# Where to look


def test_infer__says_what_to_look_at_first(matrix, run_cli, tmp_path):
    options = ["--n-draws", "1000", "--formats", "tsv"]
    files = f"files            {tmp_path}"
    assert run_cli("infer", matrix, "-o", tmp_path, "--no-report", *options)[1].splitlines()[-1] == files
    assert run_cli("infer", matrix, "-o", tmp_path, *options)[1].splitlines()[-2:] == [
        files,
        f"look first       open {tmp_path}/report.html",
    ]


# A folder that holds a run


def test_infer__another_run_in_the_folder_is_said_once_the_matrix_is_read(matrix, run_cli, tmp_path):
    options = ["-o", tmp_path, "--n-draws", "1000", "--formats", "tsv", "--no-report"]
    _, _, first = run_cli("infer", matrix, *options)
    assert first == ""
    status, _, second = run_cli("infer", matrix, *options)
    assert (status, second) == (0, f"{tmp_path} holds a run already (m.tsv); its files will be replaced\n")
    before = (tmp_path / "manifest.json").read_bytes()
    status, _, third = run_cli("infer", matrix, *options, "--min-samples", "500")
    assert (status, len(third.splitlines())) == (2, 1)
    assert third.startswith("ERROR: ")
    assert (tmp_path / "manifest.json").read_bytes() == before


@pytest.mark.slow
def test_readme__summary_of_the_example_is_what_it_prints(run_cli, tmp_path):
    """But for the times, and the folder."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = readme.split("```text\n")[1].split("```")[0].splitlines()
    run_cli("simulate", "-o", tmp_path / "data")
    matrix, regulators = tmp_path / "data/expression.tsv.gz", tmp_path / "data/regulators.txt"
    run_cli("infer", matrix, "--regulators", regulators, "-o", tmp_path / "out", "--no-report", "--formats", "tsv")
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    graph = nx.read_graphml(tmp_path / "out/network.graphml")
    names = nx.relabel_nodes(graph, dict(graph.nodes(data="name")))
    known = pd.read_csv(tmp_path / "data/truth.tsv", sep="\t")
    del summary["seconds"]
    lines = describe(
        summary
        | {"seconds": {}, "truth": compare(names, known, read_expression(tmp_path / "out/expression.h5ad")).to_dict()}
    )
    assert as_text(lines, 100).splitlines() == [
        line for line in shown if not line.startswith(("files ", "look first "))
    ]


def test_show_steps__a_job_of_the_workflow_tells_its_log(capsys):
    with progress.show_steps(STEPS, of_workflow=True) as step:
        assert isinstance(step, progress.StepLines)
        with step("prepare", 0):
            pass
        step.part = "liver (1 of 2)"
        with step("network", 5) as advance:
            assert advance is None
    assert capsys.readouterr().err.splitlines() == [
        f"STEP: step 1 of {len(STEPS)}: prepare",
        f"STEP: liver (1 of 2), step {STEPS.index('network') + 1} of {len(STEPS)}: network",
    ]
