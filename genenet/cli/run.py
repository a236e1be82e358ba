"""`genenet run`: the packaged workflow, in the current directory, for any number of data sets."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from genenet.errors import ConfigError
from genenet.workflow import CONFIG_PATH


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    # Everything is for Snakemake, whose options this program need not know.
    app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(run)


def run(context: typer.Context) -> None:
    """Run the workflow in the current directory: many data sets, many machines, and only what is not done yet.

    Everything after "run" goes to Snakemake: --configfile FILE (your data sets and settings), --cores N (all, if not
    given), -n (only say what would be done), and all else that "snakemake --help" tells. Without a configuration file,
    config/config.yaml of the current directory is used, or else the built-in example is run.
    """
    raise typer.Exit(subprocess.call(command(context.args)))


def command(arguments: Sequence[str]) -> list[str]:
    """Snakemake's command line: what the user gave, and what that leaves open."""
    root = workflow_root()
    return [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(root / "Snakefile"),
        *defaults(arguments, root),
        *arguments,
    ]


def defaults(arguments: Sequence[str], root: Path) -> list[str]:
    """Options that the user did not give."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+")
    parser.add_argument("--directory", "-d", default=".")
    parser.add_argument("--workflow-profile")
    parser.add_argument("--executor", "-e")
    parser.add_argument("--profile", nargs="+")
    parser.add_argument("--cores", "-c", "--jobs", "-j", nargs="?", const="all")
    given, _ = parser.parse_known_args(arguments)
    options = []
    if not given.configfile and not (Path(given.directory) / CONFIG_PATH).exists():
        # In one word: several files may follow the option, and a target would be taken for one.
        options.append(f"--configfile={root / CONFIG_PATH}")
    if not (given.workflow_profile or given.executor or given.profile):
        options += ["--workflow-profile", str(root / "workflow" / "profiles" / "local")]
    return options


def workflow_root() -> Path:
    """Folder of the Snakefile: inside the installed package, or the checkout."""
    package = Path(__file__).parents[1]
    for root in (package / "_workflow", package.parent):
        if (root / "Snakefile").is_file():
            return root
    raise ConfigError(f"the workflow is missing beside {package}; install genenet again")
