"""Refusals by the system, the folder or another user's file: one line, exit status 2, nothing left behind."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import genenet
from genenet.cli.entry import main
from genenet.errors import OutputError
from genenet.files.atomic import atomic, staged
from genenet.files.run_folder import run_folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0), capsys.readouterr().err.strip()


def matrix(folder: Path) -> Path:
    random = np.random.default_rng(1)
    names = [f"G{number}" for number in range(12)]
    frame = pd.DataFrame(random.normal(size=(12, 24)), index=names, columns=[f"s{number}" for number in range(24)])
    path = folder / "m.tsv"
    frame.to_csv(path, sep="\t")
    return path


FAST = ("--n-draws", 1000, "--formats", "tsv", "--threads", 1)


def in_process(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "genenet", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, check=False)


def test_output__a_file_is_where_the_folder_should_be(tmp_path, capsys):
    path = matrix(tmp_path)
    (tmp_path / "F").touch()
    advice = f"{tmp_path / 'F'} is a file, and a folder is due there; give the name of a folder"
    assert run(capsys, "infer", path, "-o", tmp_path / "F") == (2, f"ERROR: {advice}")
    assert run(capsys, "infer", path, "-o", tmp_path / "F" / "below") == (
        2, f"ERROR: {tmp_path / 'F' / 'below'} cannot be written: {advice}"
    )  # fmt: skip
    assert run(capsys, "prepare", "--matrix", path, "-o", tmp_path) == (
        2, f"ERROR: {tmp_path} cannot be written: it is a folder; give another name"
    )  # fmt: skip


def test_output__is_never_an_input(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = matrix(tmp_path)
    path.rename("expression.h5ad")
    os.link("expression.h5ad", "other.tsv")
    before = Path("expression.h5ad").read_bytes()
    words = "is the matrix that is read, and would be overwritten; write to another place"
    assert run(capsys, "infer", "expression.h5ad", "-o", ".") == (2, f"ERROR: expression.h5ad {words}")
    assert run(capsys, "infer", "other.tsv", "-o", tmp_path) == (2, f"ERROR: other.tsv {words}")
    assert run(capsys, "prepare", "--matrix", "expression.h5ad", "-o", "a/../expression.h5ad") == (
        2, f"ERROR: expression.h5ad {words}"
    )  # fmt: skip
    assert Path("expression.h5ad").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["expression.h5ad", "other.tsv"]


def test_output__files_of_somebody_else_stay(tmp_path, capsys):
    path, folder = matrix(tmp_path), tmp_path / "o"
    folder.mkdir()
    (folder / "summary.json").write_text("{}")
    (folder / "network.graphml").write_text("mine")
    assert run(capsys, "infer", path, "-o", folder) == (
        2,
        f"ERROR: {folder} has network.graphml, summary.json, which are not of a finished run of genenet (no"
        " manifest.json lists them) and would be overwritten; write to another folder, or move them away",
    )
    assert (folder / "network.graphml").read_text() == "mine"
    for name in ("network.graphml", "summary.json"):
        (folder / name).rename(folder / f"my_{name}")
    assert run(capsys, "infer", path, "-o", folder, *FAST)[0] == 0
    assert (folder / "my_network.graphml").read_text() == "mine"
    status, said = run(capsys, "infer", path, "-o", folder, *FAST)
    assert status == 0
    assert f"{folder} holds a run already (m.tsv); its files will be replaced" in said
    assert ".genenet.lock" not in {file.name for file in folder.iterdir()}


def test_output__one_run_at_a_time(tmp_path, capsys):
    path, folder = matrix(tmp_path), tmp_path / "o"
    # A lock is held by an open file: that of this test is not that of the command.
    with run_folder(folder):
        status, said = run(capsys, "infer", path, "-o", folder)
    assert status == 2
    assert said == (
        f"ERROR: {folder}: another run writes there (process {os.getpid()} on {os.uname().nodename}); wait for it, or"
        " write to another folder"
    )
    assert not folder.exists()


def test_output__what_was_read_is_what_the_manifest_says(tmp_path):
    path = matrix(tmp_path)
    result = genenet.infer_network(path, n_draws=1000)
    before = result.inputs["matrix"].identity
    path.write_text("changed meanwhile")
    result.write(tmp_path / "o")
    manifest = json.loads((tmp_path / "o" / "manifest.json").read_text())
    assert manifest["inputs"]["matrix"] == before
    assert before["bytes"] > 1000


def limit_of_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("command", ["infer", "prepare"])
def test_output__does_not_fit(tmp_path, command):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(120, 24)), index=[f"G{number}" for number in range(120)])
    path = tmp_path / "m.tsv"
    frame.rename(columns=lambda number: f"s{number}").to_csv(path, sep="\t")
    folder = tmp_path / "o"
    arguments = ["infer", path, "-o", folder, *FAST]
    if command == "prepare":
        arguments = ["prepare", "--matrix", path, "-o", folder / "e.h5ad"]
    done = subprocess.run(
        [sys.executable, "-X", "pycache_prefix=/dev/null", "-m", "genenet", *map(str, arguments)],
        capture_output=True, text=True, preexec_fn=limit_of_file_size, check=False,
    )  # fmt: skip
    name = "expression.h5ad" if command == "infer" else "e.h5ad"
    assert done.stderr.splitlines()[-1] == f"ERROR: {folder / name} cannot be written: file too large"
    assert done.returncode == 2
    assert not any(file.is_file() for file in folder.rglob("*"))


def test_atomic__a_name_that_is_too_long(tmp_path):
    path = tmp_path / ("x" * 300)
    with pytest.raises(OutputError) as caught, atomic(path) as partial:
        partial.write_text("a")
    assert str(caught.value) == f"{path} cannot be written: file name too long; give a shorter one"


def test_staged__a_failure_leaves_nothing(tmp_path):
    folder = tmp_path / "a" / "b"

    def fill() -> None:
        with staged(folder) as stage:
            (stage / "one.txt").write_text("1")
            raise OSError(28, "No space left on device", str(stage / "two.txt"))

    with pytest.raises(OutputError, match="no space left on device"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_input__pipe_and_standard_input_are_refused(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert run(capsys, "prepare", "--matrix", tmp_path / "pipe", "-o", tmp_path / "x.h5ad") == (
        2,
        f"ERROR: {tmp_path / 'pipe'}: is a pipe or a device, which cannot be read twice; write its content to a file"
        " and give that",
    )
    assert run(capsys, "prepare", "--matrix", "-", "-o", tmp_path / "x.h5ad") == (
        2, "ERROR: -: the standard input is not read; write the matrix to a file and give that"
    )  # fmt: skip
    long = "/" + "x" * 5000
    assert run(capsys, "prepare", "--matrix", long, "-o", tmp_path / "x.h5ad") == (
        2, f"ERROR: {long[:77]}...: cannot be read (file name too long)"
    )  # fmt: skip


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_streams__full(tmp_path, stream):
    path = matrix(tmp_path)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "genenet", "infer", path, "-o", tmp_path / "o", *map(str, FAST)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full}
        done = subprocess.run(command, text=True, check=False, **pipes)
    if stream == "stdout":
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == "ERROR: the standard output cannot be used: no space left on device"
    else:
        assert done.returncode == 0
        assert "12 genes" in done.stdout
    assert (tmp_path / "o" / "manifest.json").exists()


def test_streams__closed(tmp_path):
    path = matrix(tmp_path)
    command = f"{sys.executable} -m genenet prepare --matrix {path} -o {tmp_path / 'o.h5ad'} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    command = f"{sys.executable} -m genenet prepare --matrix {path}no -o {tmp_path / 'o.h5ad'} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 2


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_encodings__names_in_any(tmp_path, variables):
    path = matrix(tmp_path)
    path.write_text(path.read_text().replace("G1\t", "gène\t").replace("G2\t", "gène\t"), encoding="utf-8")
    done = in_process("prepare", "--matrix", path, "-o", tmp_path / "o.h5ad", **variables)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "ERROR: 1 gene name occurs more than once (g\\xe8ne 2 times); set --duplicates mean, max_variance or"
        " make_unique",
    )


def test_variables__number_of_threads(tmp_path):
    path = matrix(tmp_path)
    done = in_process("infer", path, "-o", tmp_path / "o", *FAST, NUMBA_NUM_THREADS="abc")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "WARNING: NUMBA_NUM_THREADS is 'abc', which is no number of threads; it is not used"
    )


def test_limits__address_space(tmp_path):
    path = matrix(tmp_path)
    for megabytes in (400, 2000):
        command = f"{sys.executable} -m genenet infer {path} -o {tmp_path / 'o'} --threads 2"
        limited = ["sh", "-c", f"ulimit -v {megabytes * 1000}; exec {command}"]
        done = subprocess.run(limited, capture_output=True, text=True, check=False)
        size = round(megabytes * 1.024)
        shown = f"{size} MB" if size < 1000 else f"{size / 1000:.0f} GB"
        assert (done.returncode, done.stderr) == (
            2,
            f"ERROR: the address space is limited to {shown} (ulimit -v), but libraries alone take 2 GB with 2 threads;"
            " allow more, or use fewer threads (--threads)\n",
        )


def test_limits__memory_of_a_job(tmp_path, capsys, monkeypatch):
    """The control group of a Slurm job ends a process that takes too much without a word: the need is said before."""
    monkeypatch.setattr("genenet.readers.limits.of_cgroups", lambda: 300 * 10**6)
    path = matrix(tmp_path)
    status, err = run(capsys, "infer", path, "-o", tmp_path / "o", *FAST, "--no-report")
    assert status == 0
    expected = (
        r"WARNING: this run needs about \d+ MB of memory, and 300 MB are left to it \(genenet plan MATRIX says more\):"
        r" use a machine or a limit with more, or fewer genes \(--n-top-variable\)"
    )
    assert re.search(expected, err)
    monkeypatch.setattr("genenet.readers.limits.of_cgroups", lambda: 50 * 10**9)
    status, err = run(capsys, "infer", path, "-o", tmp_path / "p", *FAST, "--no-report")
    assert (status, "of memory" in err) == (0, False)


def test_python__without_docstrings(tmp_path):
    path = matrix(tmp_path)
    command = [sys.executable, "-OO", "-m", "genenet", "prepare", "--matrix", path, "-o", tmp_path / "o.h5ad"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "ERROR: python -OO takes away docstrings, without which anndata does not work; use python or python -O\n",
    )
    command = [sys.executable, "-OO", "-m", "genenet", "infer", "--help"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_message__control_characters_and_length(tmp_path, capsys):
    path = matrix(tmp_path)
    status, said = run(capsys, "infer", path, "-o", tmp_path / "o", "--discretise-method", "\x1b[31m" + "x" * 100_000)
    assert status == 2
    assert "got '\\x1b[31mxxx" in said
    assert len(said) < 400


NO_MANIFEST = "is not a manifest of genenet; it was changed, or another program wrote it"
OUTSIDE = [
    ({"outputs": {"../m.tsv": {}}}, "lists a file outside of its folder (../m.tsv); it was changed"),
    ({"outputs": {"/etc/passwd": {}}}, "lists a file outside of its folder (/etc/passwd); it was changed"),
    ({"outputs": {"a\x1b[2J/../../x": {}}}, "lists a file outside of its folder (a\\x1b[2J/../../x); it was changed"),
    ({"outputs": {"manifest.json": {}}}, "lists itself, or manifests of manifests of manifests"),
    ({"outputs": {"a": 3}}, NO_MANIFEST),
    ({"outputs": {}, "inputs": {"matrix": []}}, NO_MANIFEST),
    ({"outputs": {}, "genenet": 1}, NO_MANIFEST),
    (["a"], NO_MANIFEST),
]  # fmt: skip


@pytest.mark.parametrize(("content", "words"), OUTSIDE)
def test_verify__manifest_of_somebody(tmp_path, capsys, content, words):
    if isinstance(content, dict):
        content = {"genenet": "0.1.0", "inputs": {}, **content}
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    assert run(capsys, "verify", tmp_path) == (2, f"ERROR: {tmp_path / 'manifest.json'} {words}")


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "\udcff", "null"])
def test_verify__manifest_that_is_none(tmp_path, capsys, text):
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    status, said = run(capsys, "verify", tmp_path)
    assert (status, said.endswith(NO_MANIFEST)) == (
        2,
        True,
    )


# Names that are not UTF-8


def test_names__of_files_that_are_not_utf8(tmp_path, capsys):
    path = tmp_path / os.fsdecode(b"m\xfcller.tsv")
    try:
        matrix(tmp_path).rename(path)
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    output = tmp_path / "o"
    with pytest.raises(SystemExit) as end:
        main([str(item) for item in ("infer", path, "-o", output, "--min-samples", 10, "--min-variance", 0, *FAST)])
    assert (end.value.code, capsys.readouterr().err) == (0, "")
    assert json.loads((output / "manifest.json").read_text())["inputs"]["matrix"]["name"] == "m\\udcfcller.tsv"
    assert run(capsys, "verify", output, "--matrix", path)[0] == 0
    there = tmp_path / os.fsdecode(b"o\xfc")
    message = f"ERROR: {tmp_path}/o\\udcfc cannot be written: its name is not UTF-8 text; give another name"
    assert run(capsys, "infer", path, "-o", there) == (2, message)
    assert run(capsys, "prepare", "--matrix", path, "-o", there) == (2, message)
    assert not there.exists()
    parquet = tmp_path / os.fsdecode(b"m\xfc.parquet")
    pd.DataFrame({"gene": ["A"], "s": [1.0]}).to_parquet(tmp_path / "m.parquet")
    (tmp_path / "m.parquet").rename(parquet)
    assert run(capsys, "prepare", "--matrix", parquet, "-o", tmp_path / "e.h5ad") == (
        2,
        f"ERROR: {tmp_path}/m\\udcfc.parquet: the name of the file is not UTF-8 text, which pyarrow needs; rename it",
    )


def test_check__shows_control_characters_and_shortens_names(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["check", str(tmp_path / "\x1b[31m.tsv")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"matrix           {tmp_path}/\\x1b[31m.tsv",
        f"refused          {tmp_path}/\\x1b[31m.tsv: no such file",
    ]
    with pytest.raises(SystemExit):
        main(["check", "x" * 5_000])
    assert max(map(len, capsys.readouterr().out.splitlines())) < 500


def test_folder__that_is_gone(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rm -r {gone} && {sys.executable} -m genenet check {matrix(tmp_path)}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) in (
        (0, ""),
        (2, "ERROR: the current folder is not there any more; go to another one\n"),
    )
