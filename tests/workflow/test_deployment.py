"""Deployment of the workflow: as a module of another one, from the catalog, with conda, in a container."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

from genenet import __version__

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / "workflow" / "envs" / "genenet.yaml"
POST_DEPLOY = ENVIRONMENT.with_suffix(".post-deploy.sh")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def snakemake(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *options]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def tiny(tmp_path) -> Path:
    """A copy of the test configuration and its data."""
    return Path(shutil.copytree(ROOT / ".test", tmp_path / "tiny", ignore=shutil.ignore_patterns(".*", "results")))


def test_version__is_that_of_the_distribution_everywhere():
    assert project()["name"] == "genenet-mi"
    assert project()["version"] == __version__
    assert re.search(r"^version=(.*)$", POST_DEPLOY.read_text(), re.M)[1] == __version__
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == __version__


def versions(items: list[str]) -> dict[str, str]:
    """The lowest version of each package in a list of requirements, empty if it has none."""
    return dict(re.fullmatch(r"([\w.-]+) ?(?:>=(.*))?", item).groups("") for item in items)


def test_environment__has_what_the_package_needs():
    of_conda = {"matplotlib-base": "matplotlib", "python-igraph": "igraph", "snakemake-minimal": "snakemake"}
    listed = versions(yaml.safe_load(ENVIRONMENT.read_text())["dependencies"])
    assert listed.pop("python") == project()["requires-python"].removeprefix(">=")
    assert listed.pop("pip") == ""
    assert {of_conda.get(name, name): lowest for name, lowest in listed.items()} == versions(project()["dependencies"])
    needed = re.search(r'min_version\("(.*)"\)', (ROOT / "Snakefile").read_text())[1]
    assert needed.startswith(listed["snakemake-minimal"])


def test_containers__take_what_the_wheel_is_made_of(tmp_path):
    """The files that both containers take are all that the build of the wheel needs."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    taken = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    of_apptainer = re.search(r"%files\n(.*?)\n\n", (ROOT / "genenet.def").read_text(), re.S)[1]
    lines = [line.split() for line in of_apptainer.splitlines() if "#" not in line]
    assert dict(lines) == {name: f"/source/{name}" for name in taken}
    for name in taken:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    pytest.importorskip("hatchling", reason="needs hatchling, to build the wheel without the network")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "out")]
    subprocess.run(build, cwd=tmp_path, capture_output=True, check=True)
    made = {*zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))).namelist()}
    sources = [path for path in (ROOT / "genenet").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert made >= {path.relative_to(ROOT).as_posix() for path in sources}
    parts = [ROOT / "Snakefile", ROOT / "config/config.yaml", *(ROOT / "workflow").rglob("*.*")]
    assert made >= {f"genenet/_workflow/{path.relative_to(ROOT).as_posix()}" for path in parts if path.is_file()}


def test_catalog__finds_its_files():
    """The catalog asks for workflow/Snakefile and config/README.md; what it shows says how the workflow may be used."""
    assert (ROOT / "workflow" / "Snakefile").is_file()
    assert (ROOT / "config" / "README.md").is_file()
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}


def test_tiny__all_rules_are_planned_from_the_catalog_s_snakefile(tiny):
    result = snakemake(tiny, "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--dry-run", "--config", "fuse=never")
    assert result.returncode == 0, result.stderr
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", result.stdout, re.M))
    assert jobs["information"] == "2"
    assert {"levels", "manifest", "network", "everything"} <= set(jobs)
    result = snakemake(tiny, "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--dry-run")
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", result.stdout, re.M))
    assert set(jobs) == {"infer_2_blocks_with_tsv", "infer_groups", "differential", "everything", "total"}


@pytest.mark.slow
def test_module__as_the_how_to_has_it(tiny):
    """The Snakefile that the how-to shows, word for word but for the path and the name of the data set's files."""
    text = (ROOT / "docs" / "howto" / "many-data-sets.md").read_text()
    code = re.search(r"```python\n(configfile: .*?)```", text, re.S)[1]
    assert "path/to/genenet/Snakefile" in code
    (tiny / "Snakefile").write_text(code.replace("path/to/genenet/Snakefile", str(ROOT / "Snakefile")))
    dataset = {"matrix": "data/expression.tsv", "permutation": {"n_draws": 10_000}}
    (tiny / "config.yaml").write_text(yaml.safe_dump({"genenet": {"datasets": {"tumour": dataset}}}))
    result = snakemake(tiny, "count_edges")
    assert result.returncode == 0, result.stderr
    assert "genenet_infer" in result.stderr + result.stdout
    edges = pd.read_parquet(tiny / "results" / "tumour" / "pruned.parquet")
    assert int((tiny / "n_edges.txt").read_text()) == edges["kept"].sum() > 0


# As much of conda as Snakemake asks for. An environment is a venv that finds the packages of the tests' own.
CONDA = """#!/bin/sh
case "$1" in
    info) echo '{{"conda_prefix": "{root}", "platform": "linux-64"}}' ;;
    --version) echo conda 25.1.0 ;;
    config) echo '{{"get": {{"channel_priority": "strict"}}}}' ;;
    env)
        while [ "$1" != --prefix ]; do shift; done
        {python} -m venv "$2"
        cp {packages} "$2"/lib/python*/site-packages ;;
esac
"""
# Nothing of where the tests run is on the path any more, as it would not be on another machine.
ACTIVATE = 'export PATH="$1/bin:/usr/bin:/bin"\n'


@pytest.mark.slow
def test_conda__rules_run_the_genenet_of_their_environment(tiny):
    """No conda-forge is needed: a program in conda's place makes the environment, the script after it adds genenet."""
    pytest.importorskip("hatchling", reason="needs hatchling, to install the checkout without the network")
    programs = tiny / "conda" / "bin"
    programs.mkdir(parents=True)
    packages = tiny / "packages.pth"
    packages.write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    conda = programs / "conda"
    conda.write_text(CONDA.format(root=tiny / "conda", python=sys.executable, packages=packages))
    conda.chmod(0o755)
    (programs / "activate").write_text(ACTIVATE)
    result = snakemake(
        tiny,
        "results/tiny/expression.h5ad",
        *("--snakefile", str(ROOT / "Snakefile"), "--software-deployment-method", "conda"),
        PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
        PIP_NO_BUILD_ISOLATION="0",
    )
    logs = (tiny / "results/logs/tiny").glob("*.log")
    assert result.returncode == 0, result.stderr + "".join(path.read_text() for path in logs)
    (command,) = tiny.glob(".snakemake/conda/*/bin/genenet")
    shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"genenet {__version__}\n"
    assert (tiny / "results" / "tiny" / "expression.h5ad").is_file()
