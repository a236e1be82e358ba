"""`genenet run`: the packaged workflow, in the current directory, for any number of data sets."""

import argparse
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from genenet.cli.compiling import compile_beside
from genenet.cli.interpreter import python
from genenet.cli.options import n_cpus
from genenet.cli.panels import INFER
from genenet.cli.running import MARK, mark_of, note_process
from genenet.errors import ConfigError
from genenet.workflow.generated import CONFIG_PATH
from genenet.workflow.slurm import cancel_left_over

PROFILES = Path("workflow", "profiles")
"""Folder of the profiles of Snakemake, one for each executor (local, slurm)."""
POLL_SECONDS = 0.2
DRY_RUN = re.compile(r"--dry-?run|-[pkFf]*n[pkFf]*")
"""Options with which Snakemake only says what would be done."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    # All arguments are passed on to Snakemake, whose options need not be known here.
    options = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command(rich_help_panel=INFER, context_settings=options)(run)


def run(context: typer.Context) -> None:
    """Run the workflow in the current directory: many data sets, many machines, and only what is not done yet.

    Shows the step that each data set is at, what goes wrong, and at the end what was found. Everything after "run" goes
    to Snakemake: --configfile FILE (your data sets and settings), --cores N (all, if not given), -n (only say what
    would be done), --verbose (show Snakemake's own text, which is else in a log file that is named), --executor slurm
    (jobs on a cluster, see the README), and all else that "snakemake --help" tells. A file given by --configfile
    adds to config/config.yaml of the current directory, if there is one; without any data set the built-in example is
    run.
    """
    given = _given(context.args)
    for file in given.configfile or []:
        if not Path(file).exists():
            raise ConfigError(f"{file}: no such file; --configfile takes the file that names your data sets")
        _check(Path(file))
    _check(Path(given.directory) / CONFIG_PATH)
    command = snakemake(context.args)
    is_dry = any(DRY_RUN.fullmatch(argument) for argument in context.args)
    if not is_dry and _is_here(given):
        compile_beside(n_cpus())
    status = _wait_for(subprocess.Popen(command)) if is_dry else _run(command, Path(given.directory))
    raise typer.Exit(status if status >= 0 else 128 - status)


def _check(file: Path) -> None:
    """Refuse a configuration file, if it is there, that is not YAML, or JSON, or is empty."""
    from genenet.config.yaml_file import read_json, read_yaml

    readers = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
    read = readers.get(file.suffix.lower())
    if read and file.exists() and not read(file):
        raise ConfigError(f"{file} is empty; name your data sets in it (datasets:), or remove it to run the example")


def _run(command: Sequence[str], folder: Path) -> int:
    """Run Snakemake in a folder that is marked meanwhile, after what a killed run has left there is cleared away."""
    is_unlocked = True
    with mark_of(folder / MARK) as (mark, was_killed):
        if was_killed:
            print("The last run here was killed; going on from where it was.", file=sys.stderr)
            n_jobs = cancel_left_over(folder)
            if n_jobs:
                jobs = "job" if n_jobs == 1 else "jobs"
                print(f"Cancelled {n_jobs:,} Slurm {jobs} that it had left behind.", file=sys.stderr)
            unlocked = subprocess.run([*command, "--unlock"], stderr=subprocess.DEVNULL, check=False)
            is_unlocked = unlocked.returncode == 0  # not if the configuration has a mistake
        process = subprocess.Popen(command, pass_fds=[mark.fileno()] if mark else [])
        if mark:
            note_process(mark, process.pid)
        status = _wait_for(process)
        if mark and status >= 0 and is_unlocked:
            mark.truncate(0)
    return status


def snakemake(arguments: Sequence[str]) -> list[str]:
    """Make the command line of Snakemake: defaults that the user did not set, and the user's arguments."""
    root = workflow_root()
    start = [*python(), "-m", "genenet.cli.workflow_process", "--snakefile", str(root / "Snakefile")]
    # All commands write complete files or none. When a job on a cluster fails, Snakemake would remove the earlier ones.
    return [*start, "--keep-incomplete", *_defaults(arguments, root), *arguments]


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+")
    parser.add_argument("--directory", "-d", default=".")
    parser.add_argument("--workflow-profile")
    parser.add_argument("--executor", "-e")
    parser.add_argument("--profile", nargs="+")
    parser.add_argument("--cores", "-c", nargs="?")
    try:
        return parser.parse_known_args(arguments)[0]
    except argparse.ArgumentError as error:
        raise ConfigError(f"genenet run: {error}") from None


def _is_here(given: argparse.Namespace) -> bool:
    """Whether the jobs run in this machine, on more than one core."""
    return given.executor in (None, "local") and not given.profile and given.cores != "1"


def _defaults(arguments: Sequence[str], root: Path) -> list[str]:
    """Options for the configuration file and the profile, unless the user gave them."""
    given = _given(arguments)
    options = []
    if not given.configfile and not (Path(given.directory) / CONFIG_PATH).exists():
        # In one word: several files may follow the option, and a target would be taken for one.
        options.append(f"--configfile={root / CONFIG_PATH}")
    profile = root / PROFILES / (given.executor or "local")
    if profile.is_dir() and not (given.workflow_profile or given.profile):
        options += ["--workflow-profile", str(profile)]
    return options


def workflow_root() -> Path:
    """Folder of the Snakefile: inside the installed package, or the checkout."""
    package = Path(__file__).parents[1]
    for root in (package / "_workflow", package.parent):
        if (root / "Snakefile").is_file():
            return root
    raise ConfigError(f"the workflow is missing beside {package}; install genenet again")


def _wait_for(process: "subprocess.Popen[bytes]") -> int:
    """Wait for Snakemake, and return its status.

    An interrupt from the keyboard reaches Snakemake itself, which ends its jobs and cleans up; one that was sent to
    this process alone (`kill -INT`) is passed on as the signal to terminate.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        while process.poll() is None:
            if _was_sent_by_a_process():
                process.terminate()
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # drops one that waits
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for number, handler in before.items():
            signal.signal(number, handler)


def _was_sent_by_a_process() -> bool:
    """Wait a moment for an interrupt, and tell whether a process sent it, not the keyboard."""
    if not hasattr(signal, "sigtimedwait"):  # macOS: the keyboard reaches Snakemake, others must send to it
        time.sleep(POLL_SECONDS)
        return False
    found = signal.sigtimedwait({signal.SIGINT}, POLL_SECONDS)
    return found is not None and found.si_code <= 0
