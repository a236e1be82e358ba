"""The application and its way out: exit status 0 fine, 2 the user's mistake, 1 a bug, 130 interrupted."""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from genenet.cli import (
    activity,
    anomalies,
    associate,
    check,
    cytoscape,
    groups,
    infer,
    manifest,
    plan,
    report,
    run,
    simulate,
    steps,
    summary,
    verify,
)
from genenet.cli.terminal import wrapped
from genenet.errors import GenenetError

app = typer.Typer(
    name="genenet",
    help="Gene co-dependency networks from expression matrices: mutual information, permutation significance, ARACNE"
    " pruning. Each command tells its options with --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from genenet import __version__

        typer.echo(f"genenet {__version__}")
        raise typer.Exit


@app.callback()
def _application(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Only here for its option."""


for module in (
    infer,
    check,
    plan,
    run,
    report,
    cytoscape,
    verify,
    activity,
    anomalies,
    associate,
    simulate,
    steps,
    summary,
    manifest,
    groups,
):
    module.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(_status(list(sys.argv[1:] if arguments is None else arguments)))


def _status(arguments: list[str]) -> int:
    _log_to_stderr()
    try:
        status = app(arguments, prog_name="genenet", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except GenenetError as error:
        return _say(f"ERROR: {error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `genenet summary ... | head`; at exit nothing may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if hasattr(error, "format_message"):  # the command line itself is wrong
            return _usage_error(error)
        traceback.print_exc()
        return _say("This is a bug in genenet. Please report it, with the lines above and the command you gave.", 1)


def _say(line: str, status: int) -> int:
    print(wrapped(line, sys.stderr), file=sys.stderr)
    return status


def _usage_error(error: Any) -> int:
    """Print what typer says of a wrong command line in our one line; typer has no public class for it."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not message:  # a group without a command has shown its help
        return int(error.exit_code)
    command = context.command_path if context else "genenet"
    return _say(f"ERROR: {message.rstrip('.')}; see {command} --help", 2)


class _ToStderr(logging.Handler):
    """One line a message on whatever stderr is at the time: progress bars put themselves in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = f"{record.levelname}: " if record.levelno >= logging.WARNING else ""
        print(wrapped(f"{prefix}{self.format(record)}", sys.stderr), file=sys.stderr)


def _log_to_stderr() -> None:
    logger = logging.getLogger("genenet")
    logger.handlers = [_ToStderr()]
    logger.setLevel(logging.INFO)
    logger.propagate = False
