"""The process of `genenet run`: Snakemake with a display of our own, or with its own text where that is asked for.

Run as `python -m genenet.cli.workflow_process`, with the command line of Snakemake. Snakemake tells a logger plugin of
everything that happens; its own text goes to its log file, .snakemake/log/.
"""

import contextlib
import io
import logging
import os
import re
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import ClassVar, NoReturn

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from genenet.cli.running import MARK, other_run
from genenet.cli.step_order import ALL_STEPS
from genenet.cli.workflow_display import EXAMPLE, Display
from genenet.cli.workflow_jobs import Job
from genenet.errors import printable, quote_some, suggest
from genenet.files.atomic import GROUPS, cannot_write

NAME = "genenet"
"""Name of the logger plugin; the workflow prints no summaries when it is used."""
OWN_TEXT = (
    *("verbose", "quiet", "printshellcmds", "debug_dag", "logger", "touch", "lint", "list_target_rules"),
    *("list_rules", "print_compilation", "containerize", "generate_unit_tests", "dag", "rulegraph", "filegraph"),
    *("d3dag", "unlock", "cleanup_metadata", "conda_cleanup_envs", "conda_create_envs_only", "list_conda_envs"),
    *("cleanup_shadow", "container_cleanup_images", "list_changes", "list_input_changes", "list_params_changes"),
    *("list_untracked", "summary", "detailed_summary", "archive", "delete_all_output", "delete_temp_output", "report"),
)
"""Arguments of Snakemake with which its own text is shown: it does not run jobs then, or was asked for its text."""

OF_FAILED_JOBS = ("RuleException", "WorkflowError", None)
"""Exceptions (or none) of the errors that Snakemake logs when a job fails; the job's own message is shown instead."""

OF_GENENET = re.compile(r"^(?:WorkflowError[^\n]*\n)?ERROR: ([^\n]*)")
"""A message of genenet's rules that Snakemake passes on."""
NO_FOLDER = "Failed to create output directory"
"""Beginning of Snakemake's message of a folder that cannot be made before a job begins."""
TERMINATED = "Will exit after finishing currently running jobs"
"""Beginning of Snakemake's message after it got the signal to terminate."""


FLAGS = re.compile(r" \([a-z, ]+\)$")
"""Words that Snakemake writes after an output with flags (update, touch)."""
NOT_REPLACED = re.compile(r"(?:Restored previous version of|Cannot restore) (.*)/([^/]+?)(?: \(|: )")
"""Beginning of Snakemake's message of a file that a job which failed has not replaced, if it was there."""
MAIN_FILES = ("summary.json", GROUPS)
"""Of the messages about files of a result, that of one of these is passed on."""
NO_RULE = re.compile(r"No rule to produce (.*\.(?:yaml|yml|json)) \(if you", re.IGNORECASE)
"""Snakemake's message of a target that is perhaps a configuration file."""
NO_OPTION = re.compile(r"unrecognized arguments: (?:.* )?(--[\w-]+)")
"""Message about an option that Snakemake does not have."""
WRONG_NUMBER = re.compile(r"Error parsing (number of \w+) \((--[\w-]+), \S+\): (must be .*)")
"""Snakemake's message about a number."""
NUMBERS = ("cores", "jobs", "local_cores", "max_threads")
"""Arguments that are numbers of at least 1, which Snakemake does not check."""
OF_NO_RUN = ("unlock", "nolock", "cleanup_metadata", "delete_all_output", "delete_temp_output")
"""Arguments that break a run which is at work in the folder."""
PROTECTED = re.compile(r"affected files:\n((?:\s+\S+\n?)+)")
"""The files that Snakemake would replace and may not."""
SYSTEM = re.compile(r"^\w+Error: \[Errno (\d+)\] (.+?)(?:: '(.*)')?$", re.MULTILINE)
"""An error of the system: a full disk, no permission."""
OF_NO_USE = ("--keep-incomplete mode is set", "Ignore corrupted or currently written metadata record")
"""Beginnings of messages about an option that `genenet run` gives, and about Snakemake's own files."""


class LogHandler(LogHandlerBase):
    """Passes on to the display what Snakemake logs."""

    def __post_init__(self) -> None:
        """Take over the display."""
        self._display = self.display or Display()
        self._has_begun, self._has_errors, self._is_closed = False, False, False
        self._held: list[str] = []  # errors of jobs that failed
        self._log = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on an event, or a message that is an error or a warning."""
        self._log = self._log or _log_file()
        event = getattr(record, "event", None)
        if event == LogEvent.WORKFLOW_STARTED:
            self._has_begun = True
        elif event == LogEvent.RUN_INFO:
            self._display.plan({_step(rule): n_jobs for rule, n_jobs in getattr(record, "stats", {}).items()})
        elif event == LogEvent.JOB_INFO:
            self._begin(record)
        elif event == LogEvent.JOB_FINISHED:
            self._display.finish(getattr(record, "job_id", None))
        elif event == LogEvent.JOB_ERROR:
            self._display.fail([getattr(record, "jobid", None)], getattr(record, "log", ()))
        elif event == LogEvent.GROUP_ERROR:
            jobs = getattr(record, "job_error_info", ())
            self._display.fail([job["jobid"] for job in jobs], getattr(record, "aux_logs", ()))
        elif record.getMessage().startswith(TERMINATED):
            self._display.terminate()
        elif found := NOT_REPLACED.match(record.getMessage()):
            if found[2] in MAIN_FILES and Path(found[1], found[2]).exists():
                self._display.say(f"{found[1]} still has the result of the run before")
        elif record.levelno >= logging.WARNING and not record.getMessage().startswith(OF_NO_USE):
            self._message(record)

    def _begin(self, record: logging.LogRecord) -> None:
        rule = getattr(record, "rule_name", "")
        if rule == "all":  # it does nothing
            return
        wildcards = getattr(record, "wildcards", {})
        dataset = wildcards.get("dataset") or wildcards.get("grouped") or EXAMPLE
        outputs = [FLAGS.sub("", path) for path in getattr(record, "output", ())]
        job = Job(dataset, _step(rule), getattr(record, "log", ()), outputs)
        if self._display.begin(getattr(record, "jobid", None), job):
            self._held.clear()  # if another job has failed for good, the display knows

    def _message(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.ERROR:
            exception = getattr(record, "exception", None)
            if mistake := _mistake(exception, text):
                self._display.refuse(f"ERROR: {mistake}")
                return
            if exception in OF_FAILED_JOBS:
                self._held.append(text)
                return
            self._has_errors = True
        self._display.say(text)

    def close(self) -> None:
        """Show how the run ended, after all other messages."""
        if not self._is_closed:
            self._is_closed = True
            for text in [] if self._display.failed or self._display.is_interrupted else self._held:
                self._display.say(text)
            is_right = not self._has_errors and not self._held
            # Otherwise the configuration or the command line is wrong, and this was said.
            if not self._display.is_refused and (self._has_begun or not is_right):
                self._display.close(is_right=is_right, log=self._log)
            self._display.stop()
        super().close()

    display: ClassVar[Display | None] = None
    """The display, which was started before Snakemake."""
    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False


def _mistake(exception: str | None, text: str) -> str:
    """Say in one line which mistake of the user an error of Snakemake comes from; nothing if that is not known."""
    if exception == "LockException" and (run := other_run()):
        return f"{run} is still at work in this folder; wait for it, or end it"
    is_of_a_job = exception in OF_FAILED_JOBS and NO_FOLDER not in text
    if not is_of_a_job and (system := SYSTEM.search(text)):
        number, reason, path = system.groups()
        return str(cannot_write(path or "the folder of the run", OSError(int(number), reason)))
    if exception == "WorkflowError" and (found := OF_GENENET.search(text)):
        return found[1]
    if exception == "ProtectedOutputException" and (found := PROTECTED.search(text)):
        paths = found[1].split()
        they_are = f"{quote_some(paths, most=1)} {'is' if len(paths) == 1 else 'are'}"
        return f"{they_are} write-protected; allow writing (chmod u+w), or set results to another folder"
    found = NO_RULE.search(text) if exception == "MissingRuleException" else None
    if found and Path(found[1]).is_file():
        return f"{found[1]} is a file, not a target; did you mean --configfile {found[1]}?"
    return ""


def _step(rule: str) -> str:
    """Name the step of a rule; there are several rules of a step for data sets that have other files."""
    return next((step for step in (ALL_STEPS, "export") if rule.startswith(f"{step}_")), rule)


def _log_file() -> str:
    """Path of the file that Snakemake writes its own text to."""
    from snakemake.logging import logger

    files = [handler.baseFilename for handler in logger.handlers if isinstance(handler, logging.FileHandler)]
    return os.path.relpath(files[0]) if files else ""


def main(arguments: Sequence[str]) -> None:
    """Run Snakemake and exit with its status."""
    logging.raiseExceptions = False  # if Snakemake's own log cannot be written, it must not say so for each line
    display = Display()  # before Snakemake, which takes its time to start
    signal.signal(signal.SIGINT, lambda number, frame: _interrupt(display))
    try:
        from snakemake import cli
        from snakemake.exceptions import CliException, print_exception

        try:
            args, parser = _parsed(arguments)
            _check_numbers(args)
            _refuse_beside_a_run(args)
            if any(getattr(args, name, None) for name in OWN_TEXT):
                display.stop()
            else:
                display.is_dry = bool(args.dryrun)
                _register(display)
                args.logger = [NAME]
            is_right = cli.args_to_api(args, parser)
        except CliException as error:
            display.stop()
            _refuse(_in_one_line(str(error)))
        except Exception as error:
            display.stop()
            print_exception(error)
            is_right = False
    finally:
        display.stop()
    sys.exit(130 if display.is_interrupted else 0 if is_right else 2 if display.is_refused else 1)


def _interrupt(display: Display) -> None:
    """Let Snakemake end its jobs, without showing them as failures."""
    display.is_interrupted = True
    raise KeyboardInterrupt


def _parsed(arguments: Sequence[str]) -> tuple[Namespace, object]:
    """Parse the command line without Snakemake's note on the profile; of an error only the message is printed."""
    from snakemake import cli

    sys.argv[0] = "snakemake"
    notes = io.StringIO()
    try:
        with contextlib.redirect_stderr(notes):
            parser, args = cli.parse_args(list(arguments))
    except SystemExit as end:
        if end.code:
            message = notes.getvalue().rstrip().rpartition("snakemake: error: ")[2]
            _refuse(f"{message}{_meant(message)}")
        raise
    return args, parser


def _refuse(message: str) -> NoReturn:
    """Say in one line that the command line is wrong, and end."""
    advice = "" if message.endswith("?") else "; see snakemake --help"
    print(f"ERROR: {printable(message)}{advice}", file=sys.stderr)
    sys.exit(2)


def _meant(message: str) -> str:
    """Suggest the option of Snakemake that is closest to one that it does not have."""
    from snakemake.cli import get_argument_parser

    unknown = NO_OPTION.search(message)
    if not unknown:
        return ""
    options = [name for action in get_argument_parser()._actions for name in action.option_strings]
    return suggest(unknown[1], [name for name in options if name.startswith("--")])


def _in_one_line(message: str) -> str:
    """Say which value of an option Snakemake could not read.

    Examples
    --------
    >>> _in_one_line("Error parsing number of cores (--cores, -c): must be integer or 'all'.")
    "--cores: the number of cores must be integer or 'all'"
    """
    text = " ".join(message.split()).rstrip(".")
    found = WRONG_NUMBER.fullmatch(text)
    return f"{found[2]}: the {found[1]} {found[3]}" if found else text


def _check_numbers(args: Namespace) -> None:
    """Refuse less than one core, job or thread."""
    for name in NUMBERS:
        value = str(getattr(args, name, None))
        if value.lstrip("-").isdecimal() and int(value) < 1:
            _refuse(f"--{name.replace('_', '-')} must be at least 1, got {value}")


def _refuse_beside_a_run(args: Namespace) -> None:
    """Refuse options that take away files or the lock of a run that is at work in the folder."""
    given = [name for name in OF_NO_RUN if getattr(args, name, None)]
    run = other_run(Path(args.directory or ".") / MARK) if given and not args.dryrun else ""
    if run:
        option = given[0].replace("_", "-")
        print(
            f"ERROR: {run} is at work in this folder, which --{option} would break; wait for it, or end it",
            file=sys.stderr,
        )
        sys.exit(2)


def _register(display: Display) -> None:
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    LogHandler.display = display
    plugin = ModuleType(f"snakemake_logger_plugin_{NAME}")
    plugin.LogHandler = LogHandler  # type: ignore[attr-defined]
    LoggerPluginRegistry().register_plugin(plugin.__name__, plugin)


if __name__ == "__main__":
    main(sys.argv[1:])
