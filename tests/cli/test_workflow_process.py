"""Snakemake's events, as its logger plugins get them, told to the display."""

import errno
import logging
import os
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake.exceptions import MissingRuleException
from snakemake.io import IOFile
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

from genenet.cli.running import MARK, mark_of, note_process, other_run
from genenet.cli.workflow_display import Display
from genenet.cli.workflow_process import NAME, NUMBERS, OF_NO_RUN, OWN_TEXT, LogHandler, _refuse_beside_a_run, _register
from genenet.errors import OutputError


@pytest.fixture
def handler(monkeypatch) -> LogHandler:
    monkeypatch.setattr("genenet.cli.workflow_display.clock", lambda seconds: "0:07")
    monkeypatch.setattr("genenet.cli.workflow_display.INTERRUPT_SECONDS", 0.0)
    monkeypatch.setattr(LogHandler, "display", None)
    return LogHandler(SimpleNamespace(), None)


def tell(handler: LogHandler, event: LogEvent | None, text: str = "", level: int = logging.INFO, **extra: Any) -> None:
    record = logging.LogRecord("snakemake.logging", level, "", 0, text, None, None)
    record.__dict__.update(extra)
    if event:
        record.event = event
    handler.emit(record)


def begin(handler: LogHandler, number: int, rule: str, **wildcards: str) -> None:
    tell(handler, LogEvent.JOB_INFO, jobid=number, rule_name=rule, wildcards=wildcards, log=["x.log"], output=[])


def said(capsys) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_handler__rules_for_other_files_are_one_to_the_user(handler, capsys):
    begin(handler, 1, "infer_3_blocks", dataset="a")
    begin(handler, 2, "infer_groups_without_report", grouped="b")
    tell(handler, LogEvent.RUN_INFO, "Job stats", stats={"export_with_tsv": 1, "summary": 1, "all": 1, "total": 3})
    begin(handler, 3, "export_with_tsv", dataset="c")
    assert said(capsys) == ["a: all steps in one job", "b: all steps in one job", "c: step 1 of 2: export"]


def test_handler__a_run(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    tell(handler, None, "Building DAG of jobs...")
    tell(handler, LogEvent.RUN_INFO, "Job stats", stats={"prepare": 1, "compare": 1, "all": 1, "total": 3})
    begin(handler, 1, "prepare", dataset="a")
    tell(handler, LogEvent.JOB_FINISHED, job_id=1)
    begin(handler, 2, "compare", grouped="b")
    begin(handler, 3, "all")
    tell(handler, LogEvent.JOB_FINISHED, job_id=3)
    handler.close()
    handler.close()
    assert said(capsys) == [
        "a: step 1 of 1: prepare",
        "a: done in 0:07",
        "b: step 1 of 1: compare",
        "2 data sets in 0:07",
    ]


def test_handler__the_result_is_read_from_an_output_with_flags(handler, capsys, tmp_path):
    (tmp_path / "groups.tsv").write_text(
        "group\tfolder\tn_samples\tn_genes\tn_pairs\tn_significant\tn_edges\tnote\nrare\t\t9\t\t\t\t\ttoo few samples\n"
    )
    about = {"jobid": 1, "rule_name": "infer_groups", "wildcards": {"grouped": "b"}, "log": []}
    tell(handler, LogEvent.WORKFLOW_STARTED)
    tell(
        handler,
        LogEvent.JOB_INFO,
        **about,
        output=[f"{tmp_path}/groups.tsv (update)", f"{tmp_path}/levels.tsv (update)"],
    )
    tell(handler, LogEvent.JOB_FINISHED, job_id=1)
    handler.close()
    assert capsys.readouterr().out.splitlines()[1:3] == ["b", "rare             9 samples: too few samples"]


def test_handler__a_failed_job_is_said_once_in_words_of_its_own(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    begin(handler, 1, "prepare", dataset="a")
    tell(handler, LogEvent.ERROR, "RuleException: ...", logging.ERROR, exception="RuleException")
    for _ in range(2):
        tell(handler, LogEvent.JOB_ERROR, "Error in rule", logging.ERROR, jobid=1, rule_name="prepare", log=["y.log"])
    tell(handler, None, "Exiting because a job execution failed.", logging.ERROR)
    tell(handler, LogEvent.ERROR, "WorkflowError: at least one", logging.ERROR, exception="WorkflowError")
    handler.close()
    assert said(capsys)[1:] == [
        "ERROR: a, prepare: it left no message; was it killed, or out of memory or time? (see x.log and y.log)",
        "1 of 1 data set failed: a. When the cause is mended, the same command goes on from here",
    ]


def test_handler__a_data_set_without_its_files_is_no_job_to_the_user(handler, capsys, tmp_path):
    log = tmp_path / "find_files.log"
    log.write_text("ERROR: datasets.a.matrix: a.tsv: is empty\nERROR: datasets.a.table: t.tsv: is empty\n")
    tell(handler, LogEvent.WORKFLOW_STARTED)
    about = {"jobid": 1, "rule_name": "find_files", "wildcards": {"dataset": "a"}, "log": [str(log)], "output": []}
    tell(handler, LogEvent.JOB_INFO, **about)
    tell(handler, LogEvent.JOB_ERROR, "Error in rule", logging.ERROR, **about)
    handler.close()
    assert said(capsys) == [
        "ERROR: datasets.a.matrix: a.tsv: is empty",
        "ERROR: datasets.a.table: t.tsv: is empty",
        "1 of 1 data set failed: a. When the cause is mended, the same command goes on from here",
    ]


def test_handler__a_run_in_which_a_job_was_tried_again_ends_well(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    begin(handler, 1, "prepare", dataset="a")
    tell(handler, LogEvent.ERROR, "RuleException: ...", logging.ERROR, exception="RuleException")
    tell(handler, LogEvent.JOB_ERROR, "Error in rule", logging.ERROR, jobid=1, rule_name="prepare", log=["y.log"])
    begin(handler, 1, "prepare", dataset="a")
    tell(handler, LogEvent.JOB_FINISHED, job_id=1)
    handler.close()
    assert said(capsys)[2:] == ["a: prepare failed and is tried again", "1 data set in 0:07"]


@pytest.mark.parametrize(
    "message",
    ["Restored previous version of {} (updating job failed).", "Cannot restore {}: no backup found."],
    ids=["here", "on a cluster"],
)
def test_handler__a_result_that_a_failed_run_left(handler, capsys, tmp_path, message):
    folder = tmp_path / "results" / "a"
    folder.mkdir(parents=True)
    (folder / "summary.json").touch()
    for path in (folder / "bins.h5ad", folder / "summary.json", tmp_path / "results" / "b" / "summary.json"):
        tell(handler, None, message.format(path), logging.WARNING)
    tell(handler, None, "--keep-incomplete mode is set, so incomplete output files ...", logging.WARNING)
    assert said(capsys) == [f"{folder} still has the result of the run before"]


def test_handler__a_run_that_is_stopped_from_outside(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    begin(handler, 1, "prepare", dataset="a")
    for _ in range(2):
        tell(handler, None, "Will exit after finishing currently running jobs (scheduler).")
    tell(handler, LogEvent.JOB_FINISHED, job_id=1)
    tell(handler, LogEvent.ERROR, "WorkflowError: at least one", logging.ERROR, exception="WorkflowError")
    handler.close()
    assert said(capsys)[1:] == [
        "Interrupted: the jobs that are at work are ended first",
        "Interrupted; the same command goes on from here",
    ]


def test_handler__a_failed_group(handler, capsys):
    for number, rule in enumerate(("prepare", "discretise")):
        begin(handler, number, rule, dataset="a")
    jobs = [{"jobid": number, "log": ["x.log"]} for number in range(2)]
    tell(handler, LogEvent.GROUP_ERROR, "Error in group", logging.ERROR, job_error_info=jobs, aux_logs=["slurm.log"])
    assert said(capsys)[2:] == [
        "ERROR: a, prepare: it left no message; was it killed, or out of memory or time? (see x.log and slurm.log)"
    ]


def test_handler__an_error_of_no_job_is_shown_as_it_is(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    tell(handler, LogEvent.ERROR, "MissingInputException in rule a:\na.tsv", logging.ERROR, exception="Missing")
    tell(handler, LogEvent.ERROR, "WorkflowError:\nlocked", logging.ERROR, exception="WorkflowError")
    tell(handler, None, "odd", logging.WARNING)
    handler.close()
    assert said(capsys) == [
        "MissingInputException in rule a:",
        "a.tsv",
        "odd",
        "WorkflowError:",
        "locked",
        "Not finished",
    ]


def test_handler__nothing_to_do_and_a_wrong_configuration_are_not_the_same(handler, capsys):
    tell(handler, LogEvent.WORKFLOW_STARTED)
    handler.close()
    assert said(capsys) == ["Nothing to be done: all files are there and up to date"]
    wrong = LogHandler(SimpleNamespace(), None)
    wrong.close()
    assert said(capsys) == []


def test_handler__events_that_lack_what_is_expected_do_no_harm(handler, capsys):
    for event in LogEvent:
        tell(handler, event)
    assert [line.partition(": ")[0] for line in said(capsys)] == ["example", "ERROR"]


def _refused(handler: LogHandler, exception: str, text: str) -> bool:
    tell(handler, LogEvent.WORKFLOW_STARTED)
    tell(handler, LogEvent.ERROR, text, logging.ERROR, exception=exception)
    handler.close()
    return handler._display.is_refused


@pytest.mark.parametrize("name", ["w.yaml", "my config.YML", "w.json"])
def test_handler__a_configuration_file_that_is_taken_for_a_target(handler, capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).touch()
    text = str(MissingRuleException(IOFile(name)))
    assert _refused(handler, "MissingRuleException", f"MissingRuleException:\n{text}")
    assert said(capsys) == [f"ERROR: {name} is a file, not a target; did you mean --configfile {name}?"]


def test_handler__a_target_that_nothing_makes_is_no_configuration_file(handler, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = str(MissingRuleException(IOFile("w.yaml")))
    assert not _refused(handler, "MissingRuleException", text)
    assert said(capsys) == [text, "Not finished"]


def test_handler__another_run_is_at_work(handler, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with mark_of(MARK) as (mark, _):
        note_process(mark, 1234)
        assert _refused(handler, "LockException", "LockException: ...")
    assert said(capsys) == ["ERROR: a run (process id 1234) is still at work in this folder; wait for it, or end it"]


def test_handler__a_lock_that_no_run_holds(handler, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not _refused(handler, "LockException", "LockException: ...")
    with mark_of(MARK) as (mark, _):
        for number in (
            os.getpid(),
            os.getppid(),
        ):  # `genenet run` unlocks by a process of its own what a killed run has left
            note_process(mark, number)
            assert other_run() == ""
    assert other_run() == ""
    assert said(capsys) == ["LockException: ...", "Not finished"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "OSError: [Errno 28] No space left on device\n\nDuring handling of ...\nTraceback (most recent ...):\n",
            "the folder of the run cannot be written: no space left on device; make room, or write to another disk;"
            " nothing was left there",
        ),
        (
            "PermissionError: [Errno 13] Permission denied: '/there/.snakemake'\n",
            "/there/.snakemake cannot be written: permission denied; write to a folder of yours",
        ),
    ],
)
def test_handler__an_error_of_the_system_is_one_line(handler, capsys, text, line):
    assert _refused(handler, "OSError", text)
    assert said(capsys) == [f"ERROR: {line}"]


def test_handler__a_folder_for_results_that_cannot_be_made(handler, capsys):
    text = "Failed to create output directory ro/x/a.\nOSError: [Errno 30] Read-only file system: 'ro/x'"
    assert _refused(handler, "WorkflowError", text)
    assert said(capsys) == ["ERROR: ro/x cannot be written: read-only file system; write to a folder of yours"]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (["r/a/summary.json", "r/a/bins.h5ad", "r/a/null.npz"], "r/a/summary.json and 2 more are write-protected"),
        (["r/a/summary.json"], "r/a/summary.json is write-protected"),
    ],
)
def test_handler__files_that_may_not_be_replaced(handler, capsys, files, line):
    names = "".join(f"        {name}\n" for name in files)
    text = f"ProtectedOutputException in rule infer:\n    wildcards: dataset=a\n    affected files:\n{names}"
    assert _refused(handler, "ProtectedOutputException", text)
    assert said(capsys) == [f"ERROR: {line}; allow writing (chmod u+w), or set results to another folder"]


def test_note_process__on_a_full_disk(monkeypatch, tmp_path):
    def full(number: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError) as caught, mark_of(tmp_path / MARK):
        pass
    assert str(caught.value).startswith(f"{tmp_path / MARK} cannot be written: no space left on device; make room")


@pytest.mark.parametrize("name", OF_NO_RUN)
def test_refuse_beside_a_run__what_would_break_it(capsys, tmp_path, name):
    args = SimpleNamespace(**{name: True}, directory=str(tmp_path), dryrun=False)
    with mark_of(tmp_path / MARK) as (mark, _):
        note_process(mark, 1234)
        _refuse_beside_a_run(SimpleNamespace(**{name: False}, directory=str(tmp_path), dryrun=False))
        _refuse_beside_a_run(SimpleNamespace(**{name: True}, directory=str(tmp_path), dryrun=True))
        with pytest.raises(SystemExit) as end:
            _refuse_beside_a_run(args)
    assert end.value.code == 2
    option = name.replace("_", "-")
    message = f"a run (process id 1234) is at work in this folder, which --{option} would break; wait for it, or end it"
    assert said(capsys) == [f"ERROR: {message}"]
    _refuse_beside_a_run(args)  # it is over


def test_register__snakemake_takes_it_for_a_plugin(monkeypatch):
    display = Display()
    _register(display)
    plugin = LoggerPluginRegistry().get_plugin(NAME)
    assert plugin.log_handler is LogHandler
    assert LogHandler.display is display
    LogHandler.display = None


def test_own_text__all_are_arguments_of_snakemake():
    from snakemake.cli import get_argument_parser

    known = {action.dest for action in get_argument_parser()._actions}
    assert {*OWN_TEXT, *OF_NO_RUN, *NUMBERS} <= known
