"""The command line: messages, exit status, options made from the settings, what is written."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.cli import main, progress
from genenet.cli import panels as panel
from genenet.cli.common_options import COMMON
from genenet.cli.options import set_threads
from genenet.config import KEYS, SIMULATE_KEYS, Settings
from genenet.errors import InputError
from genenet.kernels import threads
from genenet.workflow import STEP_KEYS, option_name, step_options
from tests.cli.terminals import Terminal

STEPS = ("prepare", "discretise", "permutation", "information", "significance", "prune", "network", "export")
N_CPUS = len(os.sched_getaffinity(0))


@pytest.fixture(autouse=True)
def _threads_as_before(monkeypatch):
    """Put back what `--threads` changes."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    yield
    threads.set_threads(0)


@pytest.fixture
def call(capsys):
    """Run the command line in this process: status, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return run


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    with pytest.raises(SystemExit) as caught:
        main(["simulate", "--output", str(folder), "--n-genes", "30", "--n-regulators", "6", "--n-samples", "60"])
    assert caught.value.code == 0
    return folder


# Messages and exit status


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--nonsense"], "ERROR: No such option: --nonsense; see genenet --help"),
        (["nonsense"], "ERROR: No such command 'nonsense'; see genenet --help"),
        (["prepare"], "ERROR: Missing option '--matrix'; see genenet prepare --help"),
        (["infer", "nowhere.tsv", "-o", "out"], "ERROR: nowhere.tsv: no such file"),
        (
            ["infer", "nowhere.tsv", "-o", "out", "--n-bins", "1"],
            "ERROR: --n-bins must be an integer >= 2 and <= 64, or one of sqrt, cube_root, freedman_diaconis, got 1",
        ),
        (
            ["infer", "nowhere.tsv", "-o", "out", "--correction", "fdr"],
            "ERROR: --correction must be one of bh, by, bonferroni, none, got 'fdr'",
        ),
        (
            ["infer", "nowhere.tsv", "-o", "out", "--config", "nowhere.yaml"],
            "ERROR: cannot read nowhere.yaml: No such file or directory",
        ),
        (
            ["discretise", "--expression", "nowhere.h5ad", "--output", "out"],
            "ERROR: nowhere.h5ad does not exist; run `genenet prepare` first",
        ),
    ],
)
def test_main__users_mistake_is_one_line_and_status_2(call, arguments, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(*arguments) == (2, "", f"{line}\n")
    assert list(tmp_path.iterdir()) == []


def test_main__bug_is_a_traceback_and_status_1(call, monkeypatch):
    def fail(*arguments, **options):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr("genenet.readers.matrix.read_bare", fail)
    status, out, err = call("prepare", "--matrix", "a.tsv", "--output", "b.h5ad")
    assert (status, out) == (1, "")
    assert "Traceback (most recent call last)" in err
    assert err.splitlines()[-2:] == [
        "ZeroDivisionError: by design",
        "This is a bug in genenet. Please report it, with the lines above and the command you gave.",
    ]


def test_main__interrupt_is_status_130(call, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("genenet.readers.matrix.read_bare", interrupt)
    status, out, err = call("prepare", "--matrix", "a.tsv", "--output", "b.h5ad")
    assert (status, out) == (130, "")
    assert "Traceback" not in err


def test_main__warnings_are_lines(call, monkeypatch):
    def warn(*arguments, **options):
        logging.getLogger("genenet.expression").warning("dropped %s genes", 3)
        raise InputError("too few")

    monkeypatch.setattr("genenet.readers.matrix.read_bare", warn)
    assert call("prepare", "--matrix", "a.tsv", "--output", "b.h5ad") == (
        2,
        "",
        "WARNING: dropped 3 genes\nERROR: too few\n",
    )


def test_main__reader_that_stops_early_is_no_bug():
    """As in `genenet summary ... | head -0`."""
    code = "import time; time.sleep(0.5); print('x' * 100_000)"
    run = f"import genenet.cli.entry as e; e.application = lambda command: lambda *a, **k: exec({code!r}); e.main([])"
    with subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_version(call):
    assert call("--version") == (0, f"genenet {genenet.__version__}\n", "")


def test_no_command_shows_help(call):
    status, out, _ = call()
    assert status == 2
    assert "infer" in out


# Options


@pytest.mark.parametrize("step", STEPS)
def test_help_all__has_every_setting_of_the_step(call, step, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    _, shown, _ = call(step, "--help")
    status, out, _ = call(step, "--help-all") if "--help-all" in shown else call(step, "--help")
    assert status == 0
    for dotted in STEP_KEYS[step]:
        assert option_name(KEYS[dotted]) in out
        assert KEYS[dotted].description.split(".")[0][:40] in out


def test_help_all__infer_has_all_settings_with_their_defaults(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    _, out, _ = call("infer", "--help-all")
    assert [dotted for dotted, key in KEYS.items() if option_name(key) not in out] == []
    assert "[default: rank,normal_score,value]" in out
    assert "[default: auto]" in out
    assert "[default: 0.05]" in out
    assert "Settings: prune" in out
    assert "--keep" in out


def options_in(text: str) -> list[str]:
    """Options that a help text explains, each at the beginning of a line of its panel."""
    return re.findall(r"^│ [ *]*(--[a-z-]+)", text, re.M)


def test_help__infer_shows_the_options_that_most_need_in_groups(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    status, out, _ = call("infer", "--help")
    assert status == 0
    panels = {text.split(" ─")[0]: options_in(text) for text in out.split("╭─ ")[1:]}
    own = ["--output", "--config", "--threads", "--preset", "--seed", "--formats", "--help-all", "--help"]
    data = ["--regulators", "--targets", "--table", "--gene-table", "--group-by"]
    data += ["--layer", "--obs-query", "--missing"]
    assert panels == {
        "Arguments": [],
        "Options": own,
        "Your data": [*data, "--normalisation", "--strata", "--min-variance"],
        "Which edges to keep": ["--alpha", "--tolerance", "--max-edges"],
    }


@pytest.mark.parametrize("command", ["infer", "prepare", "prune", "plan", "associate"])
def test_help__no_command_shows_more_than_22_options(call, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert len(options_in(call(command, "--help")[1])) <= 22 < len(options_in(call("infer", "--help-all")[1]))


def test_help__paragraphs_are_wrapped_to_the_terminal(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.strip() for line in call("verify", "--help")[1].splitlines()]
    first = lines.index("Inputs are compared where they are given: the manifest does not know where")
    assert lines[first + 1 : first + 3] == [
        "they are. If files of the run differ, the last line is the command that makes",
        "them again.",
    ]


def test_help__common_settings_are_settings():
    # Without a section: of commands that are not part of a run.
    assert {dotted for dotted in COMMON if "." in dotted} <= {*KEYS}


@pytest.mark.parametrize("command", ["infer", "prune"])
def test_help_all__names_of_options_are_whole_in_a_narrow_terminal(call, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = call(command, "--help-all")
    assert {*options_in(out)} >= {option_name(KEYS[dotted]) for dotted in STEP_KEYS["prune"]}


def test_help_all__does_not_change_help(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    before = call("infer", "--help")
    call("infer", "--help-all")
    assert call("infer", "--help") == before


def test_help__commands_are_in_groups(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    _, out, _ = call("--help")
    panels = {text.split(" ─")[0]: re.findall(r"^│ ([a-z]+) ", text, re.M) for text in out.split("╭─ ")[1:]}
    assert list(panels) == ["Options", panel.INFER, panel.RESULT, panel.OTHER, panel.STEPS]
    assert {"infer", "check", "plan", "run"} <= {*panels[panel.INFER]}
    assert {"cytoscape", "verify"} <= {*panels[panel.RESULT]}
    assert [name for name in panels[panel.STEPS] if name in STEPS] == list(STEPS)


def test_help__simulate_has_all_settings(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    _, out, _ = call("simulate", "--help")
    assert [name for name, key in SIMULATE_KEYS.items() if option_name(key) not in out] == []


def test_step_keys__every_setting_belongs_to_a_step():
    # Whether there is a report is no option of a step: the workflow has the rule, or has it not. A preset has been
    # turned into the settings that it sets.
    assert set(KEYS) == {dotted for step in (*STEPS, "stability") for dotted in STEP_KEYS[step]} | {
        "export.report",
        "preset",
    }


@pytest.mark.parametrize("step", [*STEPS, "stability"])
def test_step_options__are_read_back_as_they_were(step):
    """The command understands the options that the workflow writes."""
    from genenet.config import KEYWORDS, settings_from_keywords

    settings = Settings.model_validate(
        Settings().model_dump()
        | {
            "seed": 5,
            "discretise": {"method": "equal_width", "coordinate": ["rank"], "n_bins": 9, "order": 2},
            "prune": {"epsilon": 0.1, "protect_regulators": True},
            "significance": {"alpha": 1e-8},
            "network": {"isolated": True},
            "stability": {"stability": 9, "donor_column": "donor, id", "min_stability": 0.9},
            "prepare": {"obs_query": "tissue == 'brain, left'", "annotation_columns": ["long, name", "chromosome"]},
        }
    )
    given = {}
    for option in step_options(settings, step):
        name, _, value = option.removeprefix("--").partition("=")
        negative = name.startswith("no-")
        flat = name.removeprefix("no-").replace("-", "_")
        given[flat] = value if KEYWORDS[flat].kind != "boolean" else not negative
    back = settings_from_keywords(**given)
    for dotted in STEP_KEYS[step]:
        section, _, key = dotted.rpartition(".")
        one, other = (getattr(whole, section) if section else whole for whole in (back, settings))
        assert getattr(one, key) == getattr(other, key)


# Files that are written


def test_simulate__files(example):
    matrix = pd.read_csv(example / "expression.tsv.gz", sep="\t", index_col="gene")
    truth = pd.read_csv(example / "truth.tsv", sep="\t")
    regulators = (example / "regulators.txt").read_text().split()
    assert matrix.shape == (30, 60)
    assert list(matrix.index[:6]) == regulators
    assert list(truth.columns) == ["regulator", "target", "sign"]
    assert set(truth["target"]) <= set(matrix.index)
    simulation = genenet.simulate_expression(n_genes=30, n_regulators=6, n_samples=60)
    np.testing.assert_array_equal(matrix.to_numpy().T, simulation.expression.X)


def test_simulate__same_bytes(example, call, tmp_path):
    call("simulate", "--output", tmp_path, "--n-genes", 30, "--n-regulators", 6, "--n-samples", 60)
    for path in example.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def infer(call, example: Path, output: Path, *options: object) -> str:
    status, out, err = call("infer", example / "expression.tsv.gz", "-o", output, "--n-draws", 10_000, *options)
    assert (status, err) == (0, "")
    return out


def test_infer__writes_and_says_what_it_found(call, example, tmp_path):
    out = infer(call, example, tmp_path, "--regulators", example / "regulators.txt")
    assert "30 genes x 60 samples, 6 regulators" in out
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert names >= {
        "expression.h5ad",
        "pruned.parquet",
        "network.graphml",
        "summary.json",
        "export/edges.tsv",
        "export/nodes.tsv",
        "export/network.cyjs",
        "export/network.h5ad",
    }


def test_infer__option_goes_before_file_goes_before_default(call, example, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("significance:\n  alpha: 1e-3\nprune:\n  method: none\ndatasets:\n  other:\n    matrix: x.tsv\n")
    out = infer(call, example, tmp_path / "out", "--config", config, "--alpha", "0.01")
    assert "at bh 0.01" in out
    assert "(no pruning), weighted by the consensus of clr_squared, mrnet and partial_correlation" in out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prune: [", "{path} is not YAML: while parsing a flow node expected the node content"),
        ("just text", "{path} must hold sections of settings (prune: with key: value below it), got 'just text'"),
        ("prune:\n  alpha: 1", "unknown key prune.alpha; did you mean significance.alpha?"),
    ],
)
def test_infer__config_message(call, example, tmp_path, content, message):
    path = tmp_path / "config.yaml"
    path.write_text(content)
    status, out, err = call("infer", example / "expression.tsv.gz", "-o", tmp_path / "out", "--config", path)
    assert (status, out) == (2, "")
    assert err.startswith(f"ERROR: {message.format(path=path)}")
    assert err.count("\n") == 1


def test_steps__one_by_one_give_what_infer_gives(call, example, tmp_path):
    """Files in, files out; two blocks, computed in the other order."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    infer(call, example, whole, "--regulators", example / "regulators.txt", "--name", "example", "--threads", 2)

    def step(name: str, *options: object) -> str:
        status, out, err = call(name, *options)
        assert (status, err) == (0, ""), (name, err)
        return out

    matrix, regulators = example / "expression.tsv.gz", example / "regulators.txt"
    expression, bins, null = parts / "expression.h5ad", parts / "bins.h5ad", parts / "null.npz"
    edges, pruned = parts / "edges.parquet", parts / "pruned.parquet"
    step("prepare", "--matrix", matrix, "--regulators", regulators, "--output", expression)
    step("discretise", "--expression", expression, "--output", bins)
    step("permutation", "--bins", bins, "--n-draws", 10_000, "--threads", 1, "--output", null)
    for block in (1, 0):
        output = parts / f"mi/{block}.parquet"
        step("information", "--bins", bins, "--null", null, "--block", block, "--n-blocks", 2, "--output", output)
    blocks = ["--mi", parts / "mi/1.parquet", "--mi", parts / "mi/0.parquet"]
    step("significance", *blocks, "--bins", bins, "--null", null, "--output", edges)
    step("prune", "--edges", edges, "--expression", expression, "--output", pruned)
    table = ["--edges", pruned, "--expression", expression, "--name", "example"]
    step("network", *table, "--output", parts / "network.graphml")
    step("export", *table, "--bins", bins, "--output", parts / "export")
    out = step(
        "summary",
        *("--expression", expression, "--edges", edges, "--pruned", pruned, "--truth", example / "truth.tsv"),
        *("--output", parts / "summary.json"),
    )
    assert "known edges" in out
    made = [parts / name for name in ("pruned.parquet", "network.graphml", "export", "summary.json")]
    files = [option for path in (expression, *made) for option in ("--file", path)]
    lists = ["--matrix", matrix, "--regulators", regulators, "--expression", expression, "--n-draws", 10_000]
    step("manifest", *files, *lists, "--name", "example", "--output", parts / "manifest.json")
    step("report", parts, "--name", "example")
    for path in whole.rglob("*"):
        if path.is_file() and path.name not in ("summary.json", "manifest.json", "report.html"):
            # The time of each step; known edges.
            assert path.read_bytes() == (parts / path.relative_to(whole)).read_bytes(), path.name
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (whole, parts)]
    for manifest in manifests:
        del manifest["outputs"]["summary.json"]
    assert manifests[0] == manifests[1]


# Threads and progress


@pytest.mark.parametrize(
    ("threads", "environment", "expected"),
    [
        (0, {}, {"kernels": N_CPUS, "OMP_NUM_THREADS": N_CPUS}),
        (0, {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "3"}, {"kernels": 1, "OMP_NUM_THREADS": 3}),
        (1, {"NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "3"}, {"kernels": 1, "OMP_NUM_THREADS": 1}),
        (3, {}, {"kernels": 3, "OMP_NUM_THREADS": 3}),
    ],
    ids=["all CPUs of this process", "what the environment says", "as told", "more than there are"],
)
def test_set_threads(threads, environment, expected):
    code = (
        f"from genenet.cli.options import set_threads; n = set_threads({threads})\n"
        "import os; from genenet.kernels.threads import n_threads\n"
        "assert n_threads() == n; print(n, os.environ['OMP_NUM_THREADS'])"
    )
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    run = subprocess.run(
        [sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [str(value) for value in expected.values()]


def test_set_threads__in_a_session_that_goes_on():
    """Without changing what numba has read, which it would refuse."""
    before = os.environ.get("NUMBA_NUM_THREADS")
    assert set_threads(1) == threads.n_threads() == 1
    assert set_threads(5) == threads.n_threads() == 5
    assert os.environ.get("NUMBA_NUM_THREADS") == before


def test_show__nothing_where_stderr_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.show("information", 10) as advance:
        assert advance is None


def test_show__nothing_for_what_is_quick(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.show("information", 10) as advance:
        advance(10)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("amount", [10, 0])
def test_show__a_bar_for_what_takes_longer(monkeypatch, amount):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "DELAY", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    with progress.show("information", amount) as advance:
        for _ in range(10):
            time.sleep(0.05)
            advance(1)
    assert "information" in terminal.getvalue()
