"""Options made from the settings models, and those that several commands share."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from genenet.cli.common_options import COMMON, DATA, MANY_SETTINGS, Common
from genenet.cli.environment import check_address_space, check_python
from genenet.config.keys import Key, flat_name, text_of
from genenet.config.step_options import option_name
from genenet.files.atomic import check_place

_MATRIX = "Expression matrix: TSV or CSV, plain or gzipped, or .h5ad."
Matrix = Annotated[Path, typer.Option(help=_MATRIX)]
MatrixArgument = Annotated[Path, typer.Argument(metavar="MATRIX", help=_MATRIX)]
Regulators = Annotated[
    Path | None,
    typer.Option(
        help="List of the genes that may regulate others (transcription factors), one name a line: edges then go from"
        " regulator to target. Without it, every gene is compared with every other.",
        show_default=False,
        rich_help_panel=DATA,
    ),
]
Targets = Annotated[
    Path | None,
    typer.Option(
        help="List of the genes that may be targets, one name a line: only pairs with one of them are tested.",
        show_default=False,
        rich_help_panel=DATA,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        help="List of genes that no filter drops, one name a line.",
        show_default=False,
        rich_help_panel=DATA,
        hidden=True,
    ),
]
ControlGenes = Annotated[
    Path | None,
    typer.Option(
        help="List of genes without a function in these samples (olfactory receptors in screens), one name a line:"
        " their first principal components are removed from all genes (prepare.control_components).",
        show_default=False,
        rich_help_panel=DATA,
        hidden=True,
    ),
]
PairsFile = Annotated[
    Path | None,
    typer.Option(
        "--pairs",
        help="List of the only pairs to test, two names a line (further columns are not read).",
        show_default=False,
        rich_help_panel=DATA,
        hidden=True,
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(
        help="Table of sample attributes: names of the samples in the first column, a header. They are added to those"
        " in the matrix file (obs).",
        show_default=False,
        rich_help_panel=DATA,
    ),
]
GeneTable = Annotated[
    Path | None,
    typer.Option(
        help="Table of genes: their names in the first column, a header. Its columns become attributes of the genes and"
        " of the nodes; a column symbol or gene_name is in gene_label too. Names stay as they are.",
        show_default=False,
        rich_help_panel=DATA,
    ),
]
GroupBy = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Sample attribute, for example tissue: infer a network for each of its groups of samples, in a folder of"
        " its own.",
        show_default=False,
        rich_help_panel=DATA,
    ),
]
_TRUTH: dict[str, Any] = {
    "help": "Known edges, TSV: regulator, target; to count how many were found.",
    "show_default": False,
}
Truth = Annotated[Path | None, typer.Option(**_TRUTH)]
RareTruth = Annotated[Path | None, typer.Option(**_TRUTH, rich_help_panel=DATA, hidden=True)]
"""The same option, hidden where --help shows only the most common ones."""
GeneSets = Annotated[
    Path | None,
    typer.Option(
        help="Gene sets (GMT): the report tests the modules of the network for them.",
        show_default=False,
        rich_help_panel=DATA,
        hidden=True,
    ),
]
Expression = Annotated[Path, typer.Option(help="expression.h5ad, from genenet prepare.")]
BinsFile = Annotated[Path, typer.Option("--bins", help="bins.h5ad, from genenet discretise.")]
NullFile = Annotated[Path, typer.Option("--null", help="null.npz, from genenet permutation.")]
Edges = Annotated[Path, typer.Option(help="edges.parquet, from genenet significance.")]
ConfoundingFile = Annotated[
    Path | None, typer.Option(help="With strata: confounding.tsv, from genenet confounding.", show_default=False)
]
Pruned = Annotated[Path, typer.Option("--edges", help="pruned.parquet, from genenet prune.")]
Name = Annotated[
    str | None,
    typer.Option(help="Name of the network, shown by the programs that open it.", show_default=False, hidden=True),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="YAML file of settings, as the workflow's. Options of the command line override it.",
        show_default=False,
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]
RunOutput = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Folder to write to; by default that of the run.", show_default=False),
]
OutputFolder = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; made if it is not there.")]
Threads = Annotated[
    int,
    typer.Option(
        min=0, max=4096, metavar="N", help="Threads to compute with; 0 means all CPUs that this process may use."
    ),
]


LONGEST_METAVAR = 24
"""Characters of an option's choices that fit beside its name; longer ones are listed in its description."""


@dataclass(frozen=True)
class MatrixFiles:
    """The files that go with a matrix. A command with a parameter of this type has an option for each of them."""

    regulators: Regulators = None
    targets: Targets = None
    keep: Keep = None
    control_genes: ControlGenes = None
    pairs: PairsFile = None
    table: Table = None
    gene_table: GeneTable = None

    @property
    def lists(self) -> dict[str, Path | None]:
        """The lists of genes and of pairs, for `read_lists`."""
        return {name: path for name, path in asdict(self).items() if not name.endswith("table")}

    @property
    def by_role(self) -> dict[str, Path | None]:
        """All these files by their roles, for `files_of` and `infer_network`."""
        return asdict(self)


def with_settings(*keys: Key, common: Common = COMMON) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each of these settings, and for each file of a parameter `files: MatrixFiles`.

    Where these are many, `--help` shows the common ones, and there is an option `--help-all`. The command gets the
    settings that were given as `given`, a dict from flat name to value, for `settings_from_keywords`; a command without
    settings needs no such parameter.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        declared = inspect.signature(command).parameters
        file_names = [field.name for field in fields(MatrixFiles)] if "files" in declared else []

        @functools.wraps(command)
        def run(**arguments: Any) -> None:
            given = {flat_name(key): arguments.pop(flat_name(key)) for key in keys}
            arguments.pop("help_all", None)
            if file_names:
                arguments["files"] = MatrixFiles(**{name: arguments.pop(name) for name in file_names})
            _refuse_overwriting(arguments)
            if "output" in declared and declared["output"].annotation == Output:
                check_place(arguments["output"])
            if keys:
                check_python()
                check_address_space(arguments.get("threads") or n_cpus())
                arguments["given"] = {name: value for name, value in given.items() if value is not None}
            command(**arguments)

        options = [*_declared(declared.values()), *_of_settings(keys, common)]
        run.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
        run.__annotations__ = {item.name: item.annotation for item in options}
        return run

    return decorate


def _refuse_overwriting(arguments: Mapping[str, Any]) -> None:
    """Refuse an output that is a file which the command reads; an output folder is checked by its command."""
    output = arguments.get("output")
    if output is None or output.is_dir():
        return
    from genenet.files.run_folder import refuse_inputs

    given = {**arguments, **(arguments["files"].by_role if "files" in arguments else {})}
    inputs = {name: path for name, path in given.items() if isinstance(path, Path) and name != "output"}
    several = [(name, path) for name, paths in given.items() if isinstance(paths, list) for path in paths]
    refuse_inputs([output], inputs)
    for name, path in several:
        refuse_inputs([output], {name: path})


def _declared(parameters: Iterable[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """Yield the parameters that a command declares itself, with `files` replaced by one for each file."""
    for item in parameters:
        if item.name == "files":
            for field in fields(MatrixFiles):
                yield item.replace(name=field.name, default=field.default, annotation=field.type)
        elif item.name != "given":
            yield item


def _of_settings(keys: Sequence[Key], shown: Common) -> Iterator[inspect.Parameter]:
    """Yield an option for each setting; where these are many, only the common ones are shown, in plain words."""
    common = {key.dotted for key in keys} & {*shown}
    if len(keys) <= MANY_SETTINGS or not common:
        yield from (_parameter(key, _panel(key), _help(key)) for key in keys)
        return
    for key in keys:
        panel, words = shown.get(key.dotted, (_panel(key), ""))
        if key.kind == "choice":
            words += f" ({key.expected})" * (_metavar(key) == "CHOICE")
        yield _parameter(key, panel, _with_default(words, key), hidden=key.dotted not in common)
    yield _help_all({flat_name(key): key for key in keys})


def _parameter(key: Key, panel: str | None, words: str, *, hidden: bool = False) -> inspect.Parameter:
    name = option_name(key)
    # The default is only named in the help: the settings model sets the value of an option that was not given.
    common: dict[str, Any] = {"help": words, "show_default": False, "rich_help_panel": panel, "hidden": hidden}
    if key.kind == "boolean":
        kind: Any = bool
        option = typer.Option(f"{name}/{name.replace('--', '--no-', 1)}", **common)
    else:
        kind = str
        option = typer.Option(name, metavar=_metavar(key), **common)
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(flat_name(key), inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _help_all(keys: Mapping[str, Key]) -> inspect.Parameter:
    """Make the option that shows all options, settings by their full description in the panel of their section."""

    def show(context: typer.Context, wanted: bool) -> None:
        if not wanted:
            return
        for option in context.command.params:
            option.hidden = False  # type: ignore[attr-defined]
            if key := keys.get(option.name or ""):
                option.help, option.rich_help_panel = _help(key), _panel(key)  # type: ignore[attr-defined]
            if option.secondary_opts:  # too wide beside each other
                option.help += f" {option.secondary_opts[0]} is the opposite."  # type: ignore[attr-defined]
                option.secondary_opts = []
        typer.echo(context.get_help())
        raise typer.Exit

    option = typer.Option(
        "--help-all", help="Show all options, also the less common ones, and exit.", is_eager=True, callback=show
    )
    annotation = Annotated[bool, option]
    return inspect.Parameter("help_all", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)


def _panel(key: Key) -> str:
    """Name of the section of the configuration file."""
    return f"Settings: {key.section}" if key.section else "Settings"


def _metavar(key: Key) -> str:
    if key.kind == "choice":
        choices = "|".join(key.choices)
        return choices if len(choices) <= LONGEST_METAVAR else "CHOICE"
    return "ITEM,..." if key.kind == "list" else "|".join([key.kind.upper(), *key.choices])


def _help(key: Key) -> str:
    is_said = key.kind in ("text", "boolean") or (key.kind == "choice" and _metavar(key) != "CHOICE")
    allowed = "" if is_said else f" ({key.expected})"
    return _with_default(f"{key.description}{allowed}", key)


def _with_default(words: str, key: Key) -> str:
    default = text_of(key.default)
    # Square brackets would be markup.
    return (f"{words} [default: {default}]" if default else words).replace("[", "\\[")


def set_threads(threads: int) -> int:
    """Set the number of threads of our kernels and of BLAS; call it before these are imported.

    Returns the number: `threads`, or if that is 0 NUMBA_NUM_THREADS, or all CPUs that this process may use.
    """
    set_before = os.environ.get("NUMBA_NUM_THREADS", "")
    chosen = threads or (int(set_before) if set_before.isdecimal() else 0) or n_cpus()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        if threads or name not in os.environ:
            os.environ[name] = str(chosen)
    if "numba" in sys.modules:  # it has read its variable
        from genenet.kernels import threads as shared

        shared.set_threads(chosen)
    else:
        os.environ["NUMBA_NUM_THREADS"] = str(chosen)
    return chosen


def n_cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
