"""Tests of `genenet run` in folders where something is amiss."""

import sys
from pathlib import Path

import pytest

from genenet.cli.running import MARK
from genenet.errors import OutputError
from genenet.workflow.missing import check_results


def _run_after_a_kill(folder: Path, monkeypatch, run_cli, *options: str) -> tuple[str, str]:
    """Run with a program in Snakemake's place; return the messages and what the mark holds then."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("genenet.cli.run.snakemake", lambda arguments: [sys.executable, "-c", ""])
    MARK.parent.mkdir()
    MARK.write_text("running\n1234 somewhere\n")
    status, _, messages = run_cli("run", *options)
    assert status == 0
    return messages, MARK.read_text()


@pytest.mark.parametrize("option", ["-n", "-kn", "--dry-run", "--dryrun"])
def test_run__a_dry_run_after_a_kill_changes_nothing(tmp_path, monkeypatch, run_cli, option):
    assert _run_after_a_kill(tmp_path, monkeypatch, run_cli, option) == ("", "running\n1234 somewhere\n")


def test_run__after_a_kill_goes_on(tmp_path, monkeypatch, run_cli):
    messages, mark = _run_after_a_kill(tmp_path, monkeypatch, run_cli, "--cores", "1")
    assert messages == "The last run here was killed; going on from where it was.\n"
    assert mark == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing\n", "is empty; name your data sets in it (datasets:), or remove it to run the example"),
        ("datasets: [", "is not YAML: while parsing a flow node expected the node content, but found '<stream end>'"),
    ],
    ids=["empty", "no YAML"],
)
@pytest.mark.parametrize("options", [[], ["--configfile", "config/config.yaml"]], ids=["default", "given"])
def test_run__a_configuration_file_that_says_nothing(tmp_path, monkeypatch, run_cli, text, message, options):
    monkeypatch.chdir(tmp_path)
    Path("config").mkdir()
    Path("config/config.yaml").write_text(text)
    status, out, err = run_cli("run", *options)
    assert (status, out) == (2, "")
    assert err.startswith(f"ERROR: config/config.yaml {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"datasets": {},\n "seed" 1}', "is not JSON: expecting ':' delimiter (line 2)"),
        ('{"seed": 1, "seed": 2}', "is not a configuration: the key 'seed' is there twice"),
        ("[1]", 'must hold sections of settings ("prune": {...}), got [1]'),
        ("{}", "is empty; name your data sets in it (datasets:), or remove it to run the example"),
        ("", "is not JSON: expecting value (line 1)"),
    ],
)
def test_run__a_configuration_in_json_that_is_none(tmp_path, monkeypatch, run_cli, text, message):
    monkeypatch.chdir(tmp_path)
    Path("c.json").write_text(text)
    assert run_cli("run", "--configfile", "c.json") == (2, "", f"ERROR: c.json {message}\n")


@pytest.mark.parametrize("results", ["notadir", "notadir/x", "notadir/x/y"])
def test_check_results__a_file_where_a_folder_is_due(tmp_path, monkeypatch, results):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notadir").touch()
    check_results("new/x")
    with pytest.raises(OutputError) as caught:
        check_results(results)
    assert str(caught.value) == "results: notadir is a file, and a folder is due there; give the name of a folder"
