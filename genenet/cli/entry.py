"""The application and its exit status: 0 for success, 2 for a mistake of the user, 1 for a bug, 130 if interrupted."""

import atexit
import gc
import inspect
import logging
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer

from genenet.cli import environment
from genenet.config.faces import face_of_command, speaking, spelled
from genenet.errors import GenenetError, shorten
from genenet.statistics import graph_library

LONGEST_LINE = 5_000
"""Characters of the longest message; values in it are shortened before, except for paths."""

COMMANDS = {
    "infer": ("infer",),
    "check": ("check",),
    "plan": ("plan",),
    "run": ("run",),
    "report": ("report", "plot", "pair"),
    "cytoscape": ("cytoscape",),
    "ndex": ("ndex",),
    "verify": ("verify",),
    "activity": ("activity",),
    "anomalies": ("anomalies",),
    "associate": ("associate",),
    "select": ("select",),
    "differential": ("differential",),
    "simulate": ("simulate",),
    "steps": (
        *("prepare", "discretise", "permutation", "information", "significance", "prune", "confounding", "network"),
        "export",
    ),
    "stability": ("stability",),
    "summary": ("summary",),
    "manifest": ("manifest",),
    "groups": ("levels", "compare"),
}
"""Modules of this package, and the commands that each of them adds."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from genenet import __version__

        typer.echo(f"genenet {__version__}")
        raise typer.Exit


def _application(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Only here for its option."""


COLLECT_AFTER = 50_000, 20, 20
"""When Python looks for cycles among new, among younger and among all objects (`gc.set_threshold`)."""


def application(command: str = "") -> typer.Typer:
    """Make the application: of all commands, or only of what is needed for a command, which takes less time."""
    app = typer.Typer(
        name="genenet",
        help="Gene co-dependency networks from expression matrices: mutual information, permutation significance,"
        " ARACNE pruning. Each command tells its options with --help.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_application)
    for module in [name for name, commands in COMMANDS.items() if command in commands] or COMMANDS:
        import_module(f"genenet.cli.{module}").add_to(app)
    for registered in app.registered_commands:
        registered.help = registered.help or _paragraphs(registered.callback)
    return app


def _paragraphs(function: Any) -> str:
    """Join the lines of each paragraph of a docstring: typer shows them as they stand in the source."""
    return "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(function) or "").split("\n\n"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    # When the interpreter ends it would look for cycles among all objects, which takes a second and frees nothing.
    atexit.register(gc.freeze)
    if arguments is None:  # the process is ours alone
        graph_library.draws = False
        # Imports and graphs make many objects that stay: looking for cycles among them takes a tenth of a short run.
        gc.set_threshold(*COLLECT_AFTER)
    sys.exit(_status(list(sys.argv[1:] if arguments is None else arguments)))


def _status(arguments: list[str]) -> int:
    environment.set_up()
    _log_to_stderr()
    with speaking(face_of_command()):
        status = _run(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        status = _unwritten(error) if status == 0 else status
        environment.give_up(sys.stdout)
    return status


def _run(arguments: list[str]) -> int:
    try:
        app = application(arguments[0] if arguments else "")
        status = app(arguments, prog_name="genenet", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except GenenetError as error:
        return _say(f"ERROR: {error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)
    except MemoryError as error:
        return _say(f"ERROR: {spelled(environment.out_of_memory(error))}", 2)
    except OSError as error:
        return _unwritten(error)
    except Exception as error:
        if hasattr(error, "format_message"):  # the command line itself is wrong
            return _usage_error(error)
        if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
            return _say("ERROR: no more threads can be started (ulimit -u); use fewer (--threads)", 2)
        with suppress(OSError, ValueError):
            traceback.print_exc()
        return _say(environment.BUG, 1)


def _unwritten(error: OSError) -> int:
    """Report an error of the system about a file that it names, or else about the standard output."""
    if isinstance(error, BrokenPipeError):
        # The reader has closed the pipe, as in `genenet summary ... | head`; at exit nothing may be flushed.
        environment.give_up(sys.stdout)
        return 141
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return _say("ERROR: the current folder is not there any more; go to another one", 2)
    what = "the standard output" if error.filename is None else str(error.filename)
    reason = (error.strerror or str(error)).lower()
    return _say(f"ERROR: {shorten(what, 300, quoted=False)} cannot be used: {reason}", 2)


def _say(line: str, status: int) -> int:
    environment.say(line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}...")
    return status


def _usage_error(error: Any) -> int:
    """Print typer's message about a wrong command line in one line; typer has no public class for this error."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not message:  # a group without a command has shown its help
        return int(error.exit_code)
    command = context.command_path if context else "genenet"
    return _say(f"ERROR: {shorten(message.rstrip('.'), 300, quoted=False)}; see {command} --help", 2)


class _ToStderr(logging.Handler):
    """Writes each message as one line to the current sys.stderr, which progress bars replace while they are shown."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = f"{record.levelname}: " if record.levelno >= logging.WARNING else ""
        environment.say(f"{prefix}{self.format(record)}")


def _log_to_stderr() -> None:
    logger = logging.getLogger("genenet")
    logger.handlers = [_ToStderr()]
    logger.setLevel(logging.INFO)
    logger.propagate = False
