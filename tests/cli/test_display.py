"""Tests of the display of `genenet run`: bars or lines for data sets and steps, errors with their reason, summaries."""

import json
import sys
import threading
from collections.abc import Callable

import pytest

from genenet.cli import workflow_display
from genenet.cli.environment import BUG
from genenet.cli.workflow_display import Display
from genenet.cli.workflow_jobs import Job
from genenet.steps import STEPS
from genenet.workflow.fuse import VARIABLE, hand_on
from tests.cli.terminals import Terminal, screen

PLANNED = {**dict.fromkeys((*STEPS, "summary", "manifest"), 2), "all": 1, "total": 21}


@pytest.fixture(autouse=True)
def _no_time(monkeypatch):
    monkeypatch.setattr(workflow_display, "clock", lambda seconds: "0:07")
    monkeypatch.setattr(workflow_display, "INTERRUPT_SECONDS", 0.0)


def planned(n_jobs=PLANNED) -> Display:
    display = Display()
    display.plan(n_jobs)
    return display


def err(capsys) -> list[str]:
    return capsys.readouterr().err.splitlines()


# Without a terminal


def test_display__a_line_when_a_step_begins(capsys):
    display = planned()
    display.begin(1, Job("tumour", "prepare"))
    display.begin(2, Job("normal", "prepare"))
    display.finish(1)
    display.begin(3, Job("tumour", "discretise"))
    assert err(capsys) == [
        "tumour: step 1 of 10: prepare",
        "normal: step 1 of 10: prepare",
        "tumour: step 2 of 10: discretise",
    ]


def test_display__blocks_of_a_step_are_one_line(capsys):
    display = planned()
    for block in range(3):
        display.begin(block, Job("a", "information"))
        display.finish(block)
    assert err(capsys) == ["a: step 4 of 10: information"]


def test_display__steps_are_those_that_are_to_be_done(capsys):
    display = planned({"network": 1, "export": 1, "summary": 1, "manifest": 1, "all": 1, "total": 5})
    for number, step in enumerate(("network", "export", "summary", "manifest")):
        display.begin(number, Job("a", step))
        display.finish(number)
    assert err(capsys) == [
        "a: step 1 of 4: network",
        "a: step 2 of 4: export",
        "a: step 3 of 4: summary",
        "a: step 4 of 4: manifest",
        "a: done in 0:07",
    ]


def test_display__groups_have_the_steps_of_networks(capsys):
    display = planned({"levels": 1, "compare": 1, "all": 1, "total": 3})
    display.begin(1, Job("d", "levels"))
    display.finish(1)
    display.begin(2, Job("d/liver", "prepare"))
    display.finish(2)
    display.begin(3, Job("d", "compare"))
    assert err(capsys) == ["d: step 1 of 2: levels", "d/liver: step 1 of 11: prepare", "d: step 2 of 2: compare"]


def test_display__groups_are_parts_of_their_data_set(capsys):
    """Counted as one; it is done when its differences are, where they are asked for."""
    rules = ("compare", "differential", "report_groups")
    display = planned({"levels": 1, **dict.fromkeys(rules, 1)})
    jobs = [("levels", "liver"), ("manifest", "liver/x"), *((rule, "liver") for rule in rules)]
    for number, (step, dataset) in enumerate(jobs):
        display.begin(number, Job(dataset, step))
        display.finish(number)
    display._results.clear()
    display.close(is_right=True, log="")
    said = err(capsys)
    assert [line for line in said if "differential" in line] == ["liver: step 3 of 4: differential"]
    assert said[-2:] == ["liver: done in 0:07", "1 data set in 0:07"]


def test_display__simulated_example_has_one_step_more(capsys):
    display = planned({**PLANNED, "simulate": 1})
    display.begin(1, Job("example", "simulate"))
    display.begin(2, Job("other", "prepare"))
    assert err(capsys) == ["example: step 1 of 11: simulate", "other: step 1 of 10: prepare"]


def test_display__a_data_set_in_one_job_beside_one_step_by_step(capsys):
    display = planned({**PLANNED, "infer": 1, "infer_groups": 1})
    display.begin(1, Job("small", "infer"))
    display.begin(2, Job("large", "prepare"))
    display.finish(1)
    assert err(capsys) == ["small: all steps in one job", "large: step 1 of 10: prepare", "small: done in 0:07"]


def test_display__example_in_one_job(capsys):
    display = planned({"simulate": 1, "infer": 1, "all": 1, "total": 3})
    for number, step in enumerate(("simulate", "infer")):
        display.begin(number, Job("example", step))
        display.finish(number)
    assert err(capsys) == ["example: step 1 of 2: simulate", "example: step 2 of 2: infer", "example: done in 0:07"]


def test_display__a_rule_that_somebody_added_has_no_number(capsys):
    display = planned()
    display.begin(1, Job("a", "plot_it"))
    display.finish(1)
    assert err(capsys) == ["a: plot_it"]


def test_display__warnings_of_a_job_are_shown(capsys, tmp_path):
    log = tmp_path / "prepare.log"
    log.write_text("WARNING: 3 regulators are not in the matrix\nsomething\n")
    display = planned()
    display.begin(1, Job("a", "prepare", [str(log)]))
    display.finish(1)
    assert err(capsys)[1:] == ["WARNING: a: 3 regulators are not in the matrix"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WARNING: odd\nERROR: a.tsv: no such file\n", "a.tsv: no such file"),
        ("Traceback\n  ...\nMemoryError\n\n", "MemoryError"),
        (
            "Traceback (most recent call last):\n  a\nKeyError: 1\n\nDuring ...:\n\n"
            f"Traceback (most recent call last):\n  b\n    ^^^\nValueError: no\nmore\n{BUG}\n",
            "ValueError: no; this is a bug in genenet: please report it, with the log and the command you gave",
        ),
        ("", "it left no message; was it killed, or out of memory or time?"),
        (None, "it left no message; was it killed, or out of memory or time?"),
    ],
)
def test_display__reason_of_a_failed_job(capsys, tmp_path, text, reason):
    log = tmp_path / "prepare.log"
    if text is not None:
        log.write_text(text)
    display = planned()
    display.begin(1, Job("a", "prepare", [str(log)]))
    display.fail([1], [str(log)])
    display.fail([1], [str(log)])  # Snakemake says it again at the end
    assert err(capsys)[1:] == [f"ERROR: a, prepare: {reason} (see {log})"]


def test_display__a_job_that_could_not_write_its_message(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("genenet.cli.job_logs.FULL_BYTES", float("inf"))
    display = planned()
    display.begin(1, Job("a", "prune", [str(tmp_path / "x.log")]))
    display.fail([1])
    assert err(capsys)[1:] == [f"ERROR: a, prune: it left no message; the disk is full (see {tmp_path / 'x.log'})"]


def test_display__of_a_failed_group_only_the_job_with_a_reason(capsys, tmp_path):
    logs = {step: str(tmp_path / f"{step}.log") for step in ("prepare", "discretise", "permutation")}
    (tmp_path / "prepare.log").write_text("")
    (tmp_path / "discretise.log").write_text("ERROR: too few\n")
    display = planned()
    for step, log in logs.items():
        display.begin(step, Job("a", step, [log]))
    display.fail([*logs], ["slurm.log"])
    assert err(capsys)[3:] == [f"ERROR: a, discretise: too few (see {logs['discretise']} and slurm.log)"]


def test_display__of_a_killed_group_its_first_job(capsys):
    display = planned()
    for step in ("prepare", "discretise"):
        display.begin(step, Job("a", step))
    display.fail(["prepare", "discretise"], ["slurm.log"])
    assert err(capsys)[2:] == [
        "ERROR: a, prepare: it left no message; was it killed, or out of memory or time? (see slurm.log)"
    ]


def test_display__a_job_that_is_tried_again_has_not_failed(capsys):
    display = planned()
    display.begin(1, Job("a", "information"))
    display.fail([1], ["slurm.log"])
    assert display.failed == ["a"]
    assert display.begin(1, Job("a", "information"))
    display.finish(1)
    assert not display.failed
    display.close(is_right=True, log="")
    assert err(capsys) == [
        "a: step 4 of 10: information",
        "ERROR: a, information: it left no message; was it killed, or out of memory or time? (see slurm.log)",
        "a: information failed and is tried again",
        "1 data set in 0:07",
    ]


def test_display__jobs_that_the_user_stopped_have_not_failed(capsys):
    display = planned()
    display.begin(1, Job("a", "prepare"))
    display.is_interrupted = True
    display.fail([1])
    display.close(is_right=False, log="x.log")
    assert err(capsys)[1:] == ["Interrupted; the same command goes on from here; Snakemake's own text is in x.log"]


def test_display__a_job_that_ends_before_the_interrupt_is_known(capsys, monkeypatch):
    monkeypatch.setattr(workflow_display, "INTERRUPT_SECONDS", 20.0)
    display = planned()
    display.begin(1, Job("a", "prepare"))
    threading.Timer(0.1, setattr, (display, "is_interrupted", True)).start()
    display.fail([1])
    display.close(is_right=False, log="")
    assert err(capsys)[1:] == ["Interrupted; the same command goes on from here"]


def test_display__failures_are_counted_among_all_data_sets_of_the_configuration(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # where there are no results
    monkeypatch.setenv(VARIABLE, "{}")  # put back after the test
    hand_on("results", ["a"], all_names=["a", "b", "c"])
    display = planned()
    for number, name in enumerate(("b/liver", "b/lung")):
        display.begin(number, Job(name, "prepare"))
        display.fail([number])
    capsys.readouterr()
    display.close(is_right=False, log="")
    assert err(capsys) == [
        "1 of 3 data sets failed: b/liver, b/lung. When the cause is mended, the same command goes on from here"
    ]


def test_display__folders_of_no_data_set_are_named(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "{}")
    for name, file in [
        ("a", "manifest.json"),
        ("b", "levels.tsv"),
        ("c", ".complete"),
        ("logs", "a"),
        (".x", "levels.tsv"),
    ]:
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
    hand_on(str(tmp_path), ["a"], all_names=["a", "new"])
    planned().close(is_right=True, log="")
    assert err(capsys) == [
        "Nothing to be done: all files are there and up to date",
        f"{tmp_path}/b, {tmp_path}/c belong to no data set of the configuration; they stay as they are",
    ]


def test_display__how_it_ended(capsys):
    display = planned()
    display.close(is_right=True, log="x.log")
    assert err(capsys) == ["Nothing to be done: all files are there and up to date"]
    display = planned()
    display.close(is_right=False, log="x.log")
    assert err(capsys) == ["Not finished; Snakemake's own text is in x.log"]
    display = planned()
    display.begin(1, Job("a", "prepare"))
    display.begin(2, Job("b", "prepare"))
    display.finish(1)
    display.close(is_right=True, log="x.log")
    assert err(capsys)[2:] == ["2 data sets in 0:07; Snakemake's own text is in x.log"]
    display.fail([2])
    capsys.readouterr()
    display.close(is_right=False, log="x.log")
    assert err(capsys) == [
        "1 of 2 data sets failed: b. When the cause is mended, the same command goes on from here;"
        " Snakemake's own text is in x.log"
    ]


def test_display__summaries_come_last_with_what_to_look_at(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("genenet.report.summary_text.describe", lambda summary: [("matrix", str(summary["n"]))])
    display = planned()
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "summary.json").write_text(json.dumps({"n": len(name)}))
        display.begin(name, Job(name, "summary", outputs=[str(folder / "summary.json")]))
        display.finish(name)
    (tmp_path / "b" / "report.html").touch()
    display.close(is_right=True, log="")
    assert capsys.readouterr().out.splitlines() == [
        "",
        "a",
        "matrix           1",
        f"files            {tmp_path}/a",
        "",
        "b",
        "matrix           1",
        f"files            {tmp_path}/b",
        f"look first       open {tmp_path}/b/report.html",
    ]


def test_display__of_groups_the_comparison_says_enough(capsys, tmp_path):
    table = tmp_path / "groups.tsv"
    table.write_text(
        "group\tfolder\tn_samples\tn_genes\tn_pairs\tn_significant\tn_edges\tnote\n"
        "liver\tliver\t30\t1204\t45\t10\t5\t\n"
        "a very long name\tx\t4\t\t\t\t\tfewer than 20 samples\n"
    )
    display = planned({"levels": 1})
    display.begin(1, Job("d/liver", "summary", outputs=[str(tmp_path / "missing.json")]))
    display.finish(1)
    display.begin(2, Job("d", "compare", outputs=[str(table)]))
    display.finish(2)
    display.close(is_right=True, log="")
    assert capsys.readouterr().out.splitlines() == [
        "",
        "d",
        "liver            30 samples, 1,204 genes, 10 of 45 pairs significant, 5 edges: liver/",
        "a very long name 4 samples: fewer than 20 samples",
        f"files            {tmp_path}",
    ]


# On a terminal


@pytest.fixture
def use_terminal(monkeypatch) -> Callable[[], Terminal]:
    """A function, since pytest puts streams of its own in place when the test begins."""

    def use() -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        return stream

    return use


def drawn(display: Display, terminal: Terminal) -> list[str]:
    """Lines of the bars as they are now."""
    display._bars._progress.refresh()
    return [line.split("━")[0].rstrip() for line in screen(terminal.getvalue())]


def test_display__bars(use_terminal):
    terminal = use_terminal()
    display = Display()
    assert drawn(display, terminal) == ["reading the workflow"]
    display.plan(PLANNED)
    display.begin(1, Job("tumour", "prepare"))
    display.begin(2, Job("normal", "prepare"))
    assert drawn(display, terminal) == ["tumour  step 1 of 10: prepare", "normal  step 1 of 10: prepare"]
    display.finish(1)
    display.begin(3, Job("tumour", "information"))
    display.begin(4, Job("tumour", "information"))
    display.finish(3)
    assert drawn(display, terminal)[0] == "tumour  step 4 of 10: information (1 block done)"
    display.fail([2])
    assert drawn(display, terminal)[-1].startswith("tumour  step 4 of 10")
    display.close(is_right=False, log="x.log")
    assert [line for line in screen(terminal.getvalue()) if "━" in line] == []
    assert screen(terminal.getvalue()) == [
        "ERROR: normal, prepare: it left no message; was it killed, or out of memory or",
        "time?",
        "1 of 2 data sets failed: normal. When the cause is mended, the same command goes",
        "on from here; Snakemake's own text is in x.log",
    ]


def test_display__bar_of_a_data_set_goes_when_it_is_done(use_terminal):
    terminal = use_terminal()
    display = planned({"summary": 1, "manifest": 1})
    for number, step in enumerate(("summary", "manifest")):
        display.begin(number, Job("a", step))
        display.finish(number)
    display._results.clear()
    display.close(is_right=True, log="")
    assert screen(terminal.getvalue()) == ["a: done in 0:07", "1 data set in 0:07"]


def test_display__a_job_of_all_steps_shows_the_step_that_it_is_at(use_terminal, tmp_path):
    """Its bar grows with the steps, of all groups if there are groups."""
    log = tmp_path / "infer.log"
    log.write_text("")
    terminal = use_terminal()
    display = planned({"infer_groups": 1})
    display.begin(1, Job("a", "infer", [str(log)]))
    assert drawn(display, terminal) == ["a  all steps in one job"]
    log.write_text("STEP: liver (1 of 2), step 1 of 4: prepare\nSTEP: lung (2 of 2), step 3 of 4: network\nnull\n")
    display._look()
    assert drawn(display, terminal) == ["a  lung (2 of 2), step 3 of 4: network"]
    assert display.datasets["a"].n_finished == (1 + 2 / 4) / 2
    display.finish(1)
    assert display.datasets["a"].n_finished == 1
    display._look()
    assert display._looks is None  # nothing to look at any more
    display.stop()


def test_display__a_long_job_of_all_steps_says_them_without_a_terminal_too(capsys, tmp_path):
    log = tmp_path / "infer.log"
    log.write_text("STEP: step 3 of 10: permutation\n")
    display = planned({"infer": 2})
    display.begin(1, Job("short", "infer", [str(log)]))
    display.begin(2, Job("long", "infer", [str(log)], began=0.0))
    display._look()
    display._look()
    display.fail([2])
    assert err(capsys) == [
        "short: all steps in one job",
        "long: all steps in one job",
        "long: step 3 of 10: permutation",
        "ERROR: long, infer: it left no message at step 3 of 10: permutation; was it killed, or out of memory or time?"
        f" (see {log})",
    ]
