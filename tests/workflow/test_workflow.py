"""The workflow: its configuration, its rules, and runs of it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from genenet import __version__
from genenet.cli.run import snakemake, workflow_root
from genenet.config import Export, Settings
from genenet.errors import ConfigError
from genenet.files.manifest import write_manifest
from genenet.files.verification import verify
from genenet.workflow import STEP_KEYS, config_schema, config_yaml, generated_files, workflow_from
from genenet.workflow.at_work import hold, release
from genenet.writers.file_names import exported_files
from tests.cli.terminals import run_in_terminal, screen
from tests.run_contents import contents, page_of

ROOT = Path(__file__).parents[2]
STEPS = (
    *("prepare", "discretise", "permutation", "information", "significance", "prune", "network", "export", "summary"),
    "manifest",
)


# The configuration


def message(config: dict) -> str:
    with pytest.raises(ConfigError) as caught:
        workflow_from(config)
    return str(caught.value)


def test_workflow_from__without_data_sets_the_example():
    config = workflow_from({"datasets": None, "seed": 3})
    assert config.is_example
    assert list(config.datasets) == ["example"]
    assert config.datasets["example"].settings == Settings(seed=3)
    assert config.datasets["example"].files.matrix == "results/example/simulated/expression.tsv.gz"


def test_workflow_from__paths_are_those_that_snakemake_makes_of_them():
    """It warns of `./` and doubled slashes, and takes such a path for another file."""
    files = {"matrix": "./data//m.tsv", "regulators": "../tfs.txt", "truth": "s3://known//edges.tsv"}
    config = workflow_from({"results": "./out/", "datasets": {"a": files}})
    assert config.results == "out"
    found = config.datasets["a"].files
    assert (found.matrix, found.regulators, found.truth) == ("data/m.tsv", "../tfs.txt", "s3://known//edges.tsv")


def test_workflow_from__data_set_overrides_what_holds_for_all():
    config = workflow_from(
        {
            "prune": {"tolerance": 0.2, "max_edges": 10},
            "datasets": {"a": {"matrix": "a.tsv", "prune": {"tolerance": 0.0}, "seed": 4}, "b": {"matrix": "b.h5ad"}},
        }
    )
    a, b = config.datasets["a"].settings, config.datasets["b"].settings
    assert (a.prune.tolerance, a.prune.max_edges, a.seed) == (0.0, 10, 4)
    assert (b.prune.tolerance, b.prune.max_edges, b.seed) == (0.2, 10, 0)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"dataset": {}}, "unknown key dataset; did you mean datasets?"),
        ({"n_bins": 3}, "unknown key n_bins; did you mean discretise.n_bins?"),
        ({"prune": {"tolerance": 2}}, "prune.tolerance must be a number >= 0 and <= 1, or auto, got 2"),
        ({"results": 3}, "results must be text, got 3"),
        (
            {"results": "out/<x>"},
            "results: 'out/<x>' has the character <, which Snakemake takes for its own; choose another name",
        ),
        (
            {"datasets": {"a": {"matrix": "a.tsv", "table": "b{1}.csv"}}},
            "datasets.a.table: 'b{1}.csv' has the character {, which Snakemake takes for its own; rename it, or give a"
            " link to it",
        ),
        ({"fuse": "often"}, "fuse must be one of auto, never, always, got 'often'"),
        ({"datasets": ["a"]}, "datasets must hold data sets (datasets: with NAME: below it), got ['a']"),
        ({"datasets": {"a": "a.tsv"}}, "datasets.a must hold keys (a: with matrix: FILE below it), got 'a.tsv'"),
        ({"datasets": {"a": {}}}, "datasets.a.matrix is missing; it is the file with the expression matrix"),
        ({"datasets": {"a": {"matrix": 3}}}, "datasets.a.matrix must be text, got 3"),
        (
            {"datasets": {"a": {"matrix": "a.tsv", "regulator": "b"}}},
            "unknown key datasets.a.regulator; did you mean datasets.a.regulators?",
        ),
        (
            {"datasets": {"a": {"matrix": "a.tsv", "tolerance": 0}}},
            "unknown key datasets.a.tolerance; did you mean datasets.a.prune.tolerance?",
        ),
        (
            {"datasets": {"a": {"matrix": "a.tsv", "discretise": {"order": 7}}}},
            "datasets.a.discretise.order must be at most discretise.n_bins (6), got 7",
        ),
        (
            {"datasets": {"a/b": {"matrix": "a.tsv"}}},
            "the name of a data set must be of letters, digits, '.', '_' and '-' and begin with a letter or digit,"
            " got 'a/b' under datasets",
        ),
        (
            {"datasets": {"Logs": {"matrix": "a.tsv"}}},
            "no data set can be called Logs: its folder would be that of the logs of all data sets; choose another name"
            " under datasets",
        ),
    ],
)
def test_workflow_from__message(config, text):
    assert message(config) == text


@pytest.mark.parametrize("path", generated_files(), ids=str)
def test_generated_files__are_those_of_the_models(path):
    found = (ROOT / path).read_text(encoding="utf-8")
    assert found == generated_files()[path], f"{path} is not up to date: run `python -m genenet.workflow`"


def test_config_yaml__says_the_defaults():
    config = yaml.safe_load(config_yaml())
    assert workflow_from(config) == workflow_from({})


@pytest.mark.parametrize(
    ("config", "is_right"),
    [
        ({}, True),
        ({"datasets": {"a": {"matrix": "a.tsv", "prune": {"tolerance": 0}}}}, True),
        ({"datasets": {"a": {"matrix": "a.tsv", "prune": {"tolerance": 2}}}}, False),
        ({"datasets": {"a": {}}}, False),
        ({"prune": {"tolerence": 0}}, False),
        (yaml.safe_load(config_yaml()), True),
    ],
)
def test_config_schema__tells_right_from_wrong(config, is_right):
    assert jsonschema.Draft202012Validator(config_schema()).is_valid(config) == is_right


# The rules


def rules() -> dict[str, str]:
    text = "\n".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    return dict([*plain_rules(text), made_by_loop(text, "export")])


def plain_rules(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^(?:rule|checkpoint) (\w+):\n((?:[ \n].*\n?)+)", text, re.M)


def made_by_loop(text: str, name: str) -> tuple[str, str]:
    """A rule that there is several times, for different outputs."""
    start = re.escape(f'    rule:\n        name:\n            "_".join(["{name}", *FORMATS])\n')
    body = re.search(rf"^{start}((?:        .*\n|\n)+)", text, re.M)[1]
    return name, textwrap.indent(textwrap.dedent(body), "    ")


def test_rules__one_for_each_step():
    others = {"simulate", "report", "report_groups"}
    beside = {"confounding", "stability", "levels", "compare", "differential"}
    assert set(rules()) == {*STEPS, *others, *beside} == {*STEP_KEYS, *others}


@pytest.mark.parametrize("name", rules())
def test_rules__are_one_call_of_their_command(name):
    body = rules()[name]
    shell = re.findall(r'"(.*?)"', body.split("    shell:\n")[1])
    assert shell[0] == f"genenet {name.removesuffix('_groups')}"
    assert shell[-1] == " > {log:q} 2>&1"
    for line in shell[1:-1]:  # one option a line, and files in quotes
        assert re.fullmatch(r" (--[a-z-]+ )?\{[a-z_.]+(:q)?\}| --replace", line)
        assert ":q" in line or "threads" in line or "block" in line or line == " --replace"


@pytest.mark.parametrize("name", rules())
def test_rules__log_and_benchmark_have_their_name(name):
    folder = r"(\{dataset\}|\{grouped\}|example)"
    for kind, suffix in (("logs", "log"), ("benchmarks", "tsv")):
        assert re.search(rf'"<{kind}>/{folder}/{name}(/\{{block\}})?\.{suffix}"', rules()[name])


# The report has its settings from the manifest.
@pytest.mark.parametrize("name", [name for name in rules() if name.partition("_")[0] not in ("simulate", "report")])
def test_rules__give_their_step_its_settings(name):
    assert f'options=options_of("{name}")' in rules()[name]


# Runs


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "genenet", "run", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def planned(folder: Path, *options: str) -> dict[str, int]:
    """How many jobs of each rule would be run."""
    result = run(folder, "--dry-run", "--verbose", *options)
    assert result.returncode == 0, result.stderr
    return {
        rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", result.stdout, re.M) if rule not in ("all", "total")
    }


CONFIG = """
datasets:
  directed:
    matrix: my data/expression.tsv.gz
    regulators: my data/regulators.txt
    truth: my data/truth.tsv
    information:
      n_blocks: 3
  all.genes:
    matrix: my data/expression.tsv.gz
    seed: 1
permutation:
  n_draws: 10_000
fuse: never
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A folder with data (and a space in its name) and a configuration, not run yet."""
    folder = tmp_path_factory.mktemp("a project")
    options = ["--n-genes", "30", "--n-regulators", "6", "--n-samples", "60"]
    command = [sys.executable, "-m", "genenet", "simulate", "--output", "my data", *options]
    subprocess.run(command, cwd=folder, check=True)
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def finished(project) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The same folder, run."""
    return project, run(project)


@pytest.mark.slow
def test_run__makes_all_files_and_says_what_was_found(finished):
    folder, result = finished
    assert result.returncode == 0, result.stderr
    assert re.search(r"^directed\nmatrix +30 genes x 60 samples, 6 regulators$", result.stdout, re.M)
    assert re.search(r"^known edges +\d+ of \d+ found", result.stdout, re.M)
    assert re.fullmatch(r"look first +open results/(directed|all.genes)/report.html", result.stdout.splitlines()[-1])
    for dataset in ("directed", "all.genes"):
        assert {path.name for path in (folder / "results" / dataset).iterdir()} == {
            "expression.h5ad",
            "bins.h5ad",
            "null.npz",
            "mi",
            "edges.parquet",
            "pruned.parquet",
            "network.graphml",
            "export",
            "summary.json",
            "manifest.json",
            "report.html",
        }
    assert {path.stem for path in (folder / "results/directed/mi").iterdir()} == {"0", "1", "2"}


@pytest.mark.slow
def test_run__says_one_line_for_each_data_set_and_step(finished):
    """Among the lines of the two data sets each is in order; all else is said in three lines."""
    _, result = finished
    lines = result.stderr.splitlines()
    for dataset in ("directed", "all.genes"):
        own = [line for line in lines if line.startswith(f"{dataset}: ")]
        steps = [re.fullmatch(r"\S+: step (\d+) of 11: (\w+)", line).groups() for line in own[:-1]]
        rules = (*STEPS, "report")
        assert sorted(steps, key=lambda step: int(step[0])) == [(str(k), name) for k, name in enumerate(rules, 1)]
        assert re.fullmatch(rf"{dataset}: done in \d+:\d\d", own[-1])
    assert len(lines) == 2 * 12 + 1
    assert re.fullmatch(r"2 data sets in [\d:]+; Snakemake's own text is in (\.snakemake/log/.*\.log)", lines[-1])


@pytest.mark.slow
def test_run__snakemakes_text_is_in_the_log_that_is_named(finished):
    folder, result = finished
    log = folder / result.stderr.splitlines()[-1].rpartition(" is in ")[2]
    assert "rule prepare:" in log.read_text()


@pytest.mark.slow
def test_run__verbose_shows_snakemakes_text(finished):
    result = run(finished[0], "results/directed/report.html", "--verbose", "--forcerun", "report")
    assert result.returncode == 0
    assert "rule report:" in result.stderr
    assert "step 1 of" not in result.stderr
    assert re.search(r"^directed\nmatrix +30 genes", result.stdout, re.M)


@pytest.mark.slow
def test_run__in_a_terminal(finished):
    arguments = ["run", "results/directed/summary.json", "--config", "export={formats: [tsv]}"]
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(shutil.copytree(finished[0], Path(copy) / "project"))
        status, written = run_in_terminal(arguments, width=60, folder=folder)
    everything = "".join(text for _, text in written)
    assert status == 0
    assert "reading the workflow" in everything
    assert re.search(r"directed +step 1 of 2: export", everything)
    lines = screen(everything)
    assert re.fullmatch(r"directed: done in \d:\d\d", lines[0])
    assert lines[1].startswith("1 data set in ")
    assert lines[lines.index("directed") + 1].startswith("matrix           30 genes x 60 samples, 6 regulators")
    assert lines[-2] == "files            results/directed"
    assert not [line for line in lines if "━" in line or (len(line) > 60 and " " in line)]


@pytest.mark.slow
def test_run__summary_has_the_time_of_each_step(finished):
    summary = json.loads((finished[0] / "results/directed/summary.json").read_text())
    assert set(summary["seconds"]) == {*STEPS} - {"summary", "manifest"}
    assert all(seconds > 0 for seconds in summary["seconds"].values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "options"),
    [("directed", ["--regulators", "my data/regulators.txt"]), ("all.genes", ["--seed", "1"])],
)
def test_run__gives_what_infer_gives(finished, dataset, options, tmp_path):
    """The same bytes: in blocks or not, through files or not."""
    matrix = "my data/expression.tsv.gz"
    command = [sys.executable, "-m", "genenet", "infer", matrix, "-o", str(tmp_path), "--name", dataset]
    subprocess.run([*command, "--n-draws", "10000", *options], cwd=finished[0], check=True)
    whole, parts = contents(tmp_path), contents(finished[0] / "results" / dataset)
    manifests = [json.loads(files.pop("manifest.json")) for files in (whole, parts)]
    for files in (whole, parts):
        del files["report.html"]  # made from the manifest, and so not in it
    assert manifests[0]["outputs"].keys() <= manifests[1]["outputs"].keys() == {*parts, "summary.json"}
    assert manifests[1]["inputs"].items() >= manifests[0]["inputs"].items()
    assert {name: parts[name] == content for name, content in whole.items()} == dict.fromkeys(whole, True)


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["directed", "all.genes"])
def test_run__manifest_is_of_all_files(finished, dataset, run_cli):
    """All but the report, which is made from it; and the same bytes for a run that took another time."""
    folder = finished[0] / "results" / dataset
    n_files = len({*contents(folder)} - {"report.html"})
    status, out, err = run_cli("verify", folder, "--matrix", finished[0] / "my data/expression.tsv.gz")
    line = f"{n_files} files are as the manifest says, made by genenet {__version__}"
    assert (status, out.splitlines()[0], err) == (0, line, "")


@pytest.mark.slow
def test_run__again_has_nothing_to_do(finished):
    result = run(finished[0])
    assert result.returncode == 0
    assert (result.stdout, result.stderr) == ("", "Nothing to be done: all files are there and up to date\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "again"),
    [
        ("prune={tolerance: 0.3}", {"prune": 2, "network": 2, "export": 2, "summary": 2, "manifest": 2}),
        ("network={isolated: true}", {"network": 2, "export": 2, "summary": 2, "manifest": 2}),
        ("export={formats: [tsv]}", {"export_with_tsv": 2, "summary": 2, "manifest": 2}),
        (
            "significance={correction: by}",
            {"significance": 2, "prune": 2, "network": 2, "export": 2, "summary": 2, "manifest": 2},
        ),
        (
            "significance={alpha: 0.01}",
            # The null starts with more draws where alpha is small.
            {
                **{"permutation": 2, "information": 4, "significance": 2, "prune": 2, "network": 2, "export": 2},
                **{"summary": 2, "manifest": 2},
            },
        ),
        (
            "datasets={directed: {information: {n_blocks: 2}}}",
            {"information": 2, "significance": 1, "prune": 1, "network": 1, "export": 1, "summary": 1, "manifest": 1},
        ),
    ],
)
def test_run__a_change_does_again_what_depends_on_it(finished, change, again):
    assert planned(finished[0], "--config", change) == again | {"report": again["summary"]}


@pytest.mark.slow
def test_run__the_earlier_result_is_kept_beside_a_run_that_fails(finished, tmp_path):
    folder = Path(shutil.copytree(finished[0], tmp_path / "project"))
    before = contents(folder / "results" / "directed")
    result = run(folder, "results/directed/pruned.parquet", "--config", "prepare={min_samples: 1_000}")
    assert result.returncode == 1
    kept = folder / "results" / ".earlier" / "directed"
    lines = result.stderr.splitlines()
    assert "results/.earlier/directed has the result of the run before, complete" in lines
    assert not [line for line in lines if "all.genes" in line]
    assert not (folder / "results/directed/expression.h5ad").exists()
    assert contents(kept) == before
    assert verify(kept).ok


@pytest.mark.slow
def test_run__a_new_data_set_leaves_the_others_alone(finished):
    assert planned(finished[0], "--config", "datasets={new: {matrix: 'my data/expression.tsv.gz'}}") == dict.fromkeys(
        (*STEPS, "report"), 1
    )


@pytest.mark.slow
def test_run__killed_goes_on_and_gives_the_same(finished, tmp_path):
    """Killed outright in the middle of the data path, with all its jobs; one data set of two is asked for."""
    folder = tmp_path / "other"
    shutil.copytree(finished[0] / "my data", folder / "my data")
    shutil.copytree(finished[0] / "config", folder / "config")
    target = "results/directed/export/edges.tsv"
    command = [sys.executable, "-m", "genenet", "run", target]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        for _ in waiting(120):
            if (folder / "results/directed/null.npz").exists():
                break
        os.killpg(process.pid, signal.SIGKILL)
    assert not (folder / target).exists()
    result = run(folder, target)
    assert result.returncode == 0, result.stderr
    assert "The last run here was killed; going on from where it was." in result.stderr
    assert ": prepare" not in result.stderr
    assert ": export" in result.stderr
    made, expected = contents(folder / "results"), contents(finished[0] / "results")
    assert "directed/export/edges.tsv" in made
    assert {name: content == expected[name] for name, content in made.items()} == dict.fromkeys(made, True)


def waiting(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
    pytest.fail(f"nothing happened for {seconds} seconds")


@pytest.mark.slow
def test_run__strata_have_a_step_of_their_own(tmp_path):
    (tmp_path / "matrix.tsv").write_text("gene\ts1\ts2\nA\t1\t2\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(
        "datasets:\n  one: {matrix: matrix.tsv}\n  two: {matrix: matrix.tsv, prepare: {strata: [batch]}}\n"
    )
    jobs = planned(tmp_path, "--config", "fuse=never")
    assert (jobs["confounding"], jobs["prune"]) == (1, 2)


def test_run__lint_is_clean(project):
    result = run(project, "--lint")
    assert result.returncode == 0
    assert "your workflow is in a good condition" in result.stderr + result.stdout


@pytest.mark.slow
def test_run__dry_run_of_the_example_where_there_is_no_configuration(tmp_path):
    assert planned(tmp_path) == {"simulate": 1, "infer": 1}
    steps = dict.fromkeys([*STEPS, "simulate", "report"], 1)
    assert planned(tmp_path, "--config", "fuse=never") == steps
    result = run(tmp_path, "-n", "--config", "fuse=never")
    assert result.stdout.splitlines() == [
        "example          simulate, prepare, discretise, permutation, information, significance, prune, network,"
        " export, summary, manifest, report",
        "12 jobs of 1 data set would be run; --verbose shows Snakemake's own list",
    ]
    assert (result.returncode, result.stderr) == (0, "")


def _make_results(folder: Path, seed: int = 0) -> None:
    """Make files as those of a data set that is one job, with a manifest; what is in them does not matter."""
    names = ["expression.h5ad", "bins.h5ad", "null.npz", "mi/0.parquet", "edges.parquet", "pruned.parquet"]
    names += ["network.graphml", "summary.json", *(f"export/{name}" for name in exported_files(Export().formats))]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    matrix = {"matrix": folder.parents[1] / f"{folder.name}.tsv"}
    write_manifest(folder, settings=Settings(seed=seed), inputs=matrix, files=[folder / name for name in names])
    (folder / "report.html").write_text(page_of(folder))


def _state(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.mark.slow
def test_run__a_dry_run_says_what_is_made_again_and_changes_nothing(tmp_path):
    """A data set whose run was stopped, one with a changed file, one as it was made, one of another file.

    Snakemake has no record of any of them, as after a move; one was made with another seed.
    """
    for name in ("stopped", "changed", "moved", "whole", "other"):
        (tmp_path / f"{name}.tsv").write_text("gene\ts1\ts2\na\t1\t2\n")
        _make_results(tmp_path / "results" / name, seed=7 if name == "moved" else 0)
        if name != "stopped":
            (tmp_path / "results" / name / ".complete").touch()
    (tmp_path / "results/changed/export/network.cyjs").write_text("mine")
    config = "".join(f"  {name}: {{matrix: {name}.tsv}}\n" for name in ("stopped", "changed", "moved", "whole"))
    (tmp_path / "mine.yaml").write_text(f"fuse: always\ndatasets:\n{config}")
    before = _state(tmp_path / "results")
    result = run(tmp_path, "--configfile", "mine.yaml", "-n")
    path = "results/changed/export/network.cyjs"
    warning = f"WARNING: changed: {path} was changed after it was made, and would be made again\n"
    moved = "results/moved was made otherwise (seed) than the configuration says, and would be made again\n"
    note = "results/other belongs to no data set of the configuration; it stays as it is\n"
    assert (result.returncode, result.stderr) == (0, f"{warning}WARNING: moved: {moved}{note}")
    assert sorted(result.stdout.splitlines()[:-1]) == [f"{name:17}infer" for name in ("changed", "moved", "stopped")]
    assert _state(tmp_path / "results") == before


@pytest.mark.slow
def test_run__snakemake_in_a_checkout_needs_no_more(tmp_path):
    """`snakemake --cores 1` finds the Snakefile and the configuration of the checkout."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--quiet"]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)


@pytest.mark.slow
def test_run__mistake_in_the_configuration_is_one_line_and_status_2(tmp_path):
    (tmp_path / "mine.yaml").write_text("datasets:\n  a:\n    matrix: a.tsv\n    discretise:\n      n_bin: 3\n")
    result = run(tmp_path, "--configfile", "mine.yaml")
    assert result.returncode == 2
    expected = "ERROR: unknown key datasets.a.discretise.n_bin; did you mean datasets.a.discretise.n_bins?"
    assert [line for line in result.stderr.splitlines() if "profile" not in line] == [expected]


@pytest.mark.slow
def test_run__mistake_in_the_data_is_shown_and_not_tried_again(tmp_path):
    (tmp_path / "a.tsv").write_text("gene\tS1\tS2\nA\t1\tx\nB\t2\t3\n")
    (tmp_path / "mine.yaml").write_text("datasets:\n  a:\n    matrix: a.tsv\n")
    result = run(tmp_path, "--configfile", "mine.yaml", "--retries", "2")  # as the profile for Slurm has it
    assert (result.returncode, result.stdout) == (1, "")
    reason = "a.tsv: 1 cell holds a text for a missing value: 'x' (1); the first is gene A, sample S2: line 2"
    lines = result.stderr.splitlines()
    assert lines[0] == "a: all steps in one job"
    assert lines[1].startswith(f"ERROR: a, infer: {reason}")
    assert lines[1].endswith(" (see results/logs/a/infer.log)")
    assert lines[2].startswith(
        "1 of 1 data set failed: a. When the cause is mended, the same command goes on from here;"
    )
    assert len(lines) == 3


@pytest.mark.slow
def test_run__results_that_another_run_is_at_work_on(tmp_path):
    """It may be of another folder, which Snakemake knows nothing of; this process stands for it."""
    (tmp_path / "a.tsv").write_text("gene\tS1\tS2\nA\t1\t2\n")
    (tmp_path / "mine.yaml").write_text("datasets:\n  a: {matrix: a.tsv}\n")
    hold([tmp_path / "results/logs/a/.at_work"])
    result = run(tmp_path, "--configfile", "mine.yaml")
    release()
    message = f"ERROR: a: another run (process {os.getpid()} on {os.uname().nodename}) is at work on this data set in"
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"{message} the same results; wait for it, or set results to another folder\n"
    assert not (tmp_path / "results/a").exists()
    assert not [*tmp_path.glob(".snakemake/locks/*")]


@pytest.mark.slow
def test_run__files_that_are_missing_are_said_before_anything_is_run(tmp_path):
    """A data set without its files stops the run, or with --keep-going only itself."""
    (tmp_path / "tumour.tsv.gz").write_bytes(b"x")
    (tmp_path / "b.tsv").write_text("gene\tS1\n")
    (tmp_path / "mine.yaml").write_text(
        "datasets:\n  a: {matrix: tumor.tsv.gz, regulators: tfs/all.txt}\n  b: {matrix: b.tsv}\n"
    )
    errors = [
        "ERROR: datasets.a.matrix: tumor.tsv.gz: no such file; did you mean tumour.tsv.gz?",
        "ERROR: datasets.a.regulators: tfs/all.txt: no such file (there is no folder tfs); correct the path, which is"
        f" taken from the folder {tmp_path}",
    ]
    result = run(tmp_path, "--configfile", "mine.yaml")
    assert (result.returncode, result.stdout) == (2, "")
    others = "Nothing was run; --keep-going runs the other data set"
    assert result.stderr.splitlines() == [*errors, others]
    result = run(tmp_path, "--configfile", "mine.yaml", "--keep-going")
    assert (result.returncode, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert set(errors) < set(lines)
    assert [line for line in lines if line.startswith("ERROR: b, infer: b.tsv: ")]
    assert lines[-1].startswith("2 of 2 data sets failed: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--xyz"], "ERROR: unrecognized arguments: --xyz; see snakemake --help"),
        (["--cors=2"], "ERROR: unrecognized arguments: --cors=2; did you mean --cores?"),
        (["--cores", "0"], "ERROR: --cores must be at least 1, got 0; see snakemake --help"),
        (["--cores", "two"], "ERROR: --cores: the number of cores must be integer or 'all'; see snakemake --help"),
        (
            ["--configfile", "nowhere.yaml"],
            "ERROR: nowhere.yaml: no such file; --configfile takes the file that names your data sets",
        ),
    ],
)
def test_run__mistake_on_the_command_line_is_one_line_and_status_2(tmp_path, options, message):
    result = run(tmp_path, *options)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{message}\n")


# `genenet run` before Snakemake


def test_snakemake__uses_the_configuration_of_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packaged = f"--configfile={workflow_root() / 'config/config.yaml'}"
    assert packaged in snakemake([])
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").touch()
    assert packaged not in snakemake([])


@pytest.mark.parametrize(
    "given",
    [
        ["--configfile", "a.yaml"],
        ["--configfile=a.yaml"],
        ["--configfiles", "a.yaml", "b.yaml"],
        ["-n", "--configfile", "a"],
    ],
)
def test_snakemake__uses_the_configuration_given(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = snakemake(given)
    assert command[-len(given) :] == given
    assert not [option for option in command[: -len(given)] if option.startswith("--configfile")]


@pytest.mark.parametrize(
    "given", [["--executor", "dryrun"], ["-e", "lsf"], ["--workflow-profile=x"], ["--profile", "x"]]
)
def test_snakemake__uses_the_profile_given(given):
    assert "--workflow-profile" not in snakemake(given)
    assert snakemake([])[-2:] == ["--workflow-profile", str(workflow_root() / "workflow/profiles/local")]


@pytest.mark.parametrize("given", [["--executor", "slurm"], ["-e", "slurm"]])
def test_snakemake__uses_the_profile_of_the_executor(given):
    profile = str(workflow_root() / "workflow/profiles/slurm")
    assert snakemake(given)[-len(given) - 2 :] == ["--workflow-profile", profile, *given]
