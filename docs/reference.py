"""The reference pages: commands from the command line's own texts, functions from `genenet.__all__`."""

import inspect
from collections.abc import Iterator
from typing import Any

# Names of genenet.__all__ by what they are for; a name that is in no group is shown under the last one.
GROUPS = {
    "A network in one call": (
        *("infer_network", "Result", "associate", "select_genes", "simulate_expression"),
        *("differential_network", "DifferentialNetwork"),
    ),
    "Step by step": (
        *("read_matrix", "prepare", "discretise", "permutation_null", "information", "significance", "prune"),
        *("build_network", "export_network"),
    ),
    "Two variables": (
        *("entropy", "joint_entropy", "conditional_entropy", "mutual_information", "conditional_mutual_information"),
        *("normalized_mutual_information", "adjusted_mutual_information", "pointwise_mutual_information"),
        *("ksg_mutual_information", "ross_mutual_information"),
    ),
    "More": (),
}
MODULES = {
    "For an AnnData, as scanpy's tools": ("genenet.tl", ("infer_network",)),
    "Groups of samples": ("genenet.groups", ("infer_groups",)),
    "Activity of regulators": ("genenet.activity", None),
    "Differential networks": ("genenet.differential", ("differential_graph", "write_differential")),
    "Odd samples": ("genenet.anomalies", ("anomalies", "pointwise_information", "sample_edges")),
    "Scores of a matrix of mutual information": ("genenet.scores", None),
    "Settings": ("genenet.config", ("Settings",)),
    "Errors": ("genenet.errors", None),
}


def commands() -> str:
    """Markdown of all commands: purpose, usage, and a table of options each."""
    from typer.main import get_command

    from genenet.cli.entry import application

    group = get_command(application())
    return "\n".join(line for name in group.commands for line in _command(name, group.commands[name]))


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [p.metavar or p.name.upper() for p in command.params if p.param_type_name == "argument"]
    yield from (f"## genenet {name}", "", inspect.cleandoc(command.help or ""), "")
    yield from ("```text", " ".join(["genenet", name, *arguments, "[OPTIONS]"]), "```", "")
    panels: dict[str, list[str]] = {}
    for option in command.params:
        if option.param_type_name == "option" and not option.name.startswith("help"):
            panels.setdefault(option.rich_help_panel or "Options", []).append(_option(option))
    for panel, rows in panels.items():
        yield from (f"| {panel} | |", "|---|---|", *rows, "")


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    shown = (
        option.show_default if isinstance(option.show_default, str) else option.default if option.show_default else ""
    )
    default = "" if shown in (None, "", False) else f"[default: {shown}]"
    words = (option.help or "", "Required." if option.required else "", default)
    text = " ".join(" ".join(words).split()).replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
    return f"| {names} | {text} |"


def api() -> str:
    """Markdown of the public names: one autodoc directive each."""
    import genenet

    left = [name for name in genenet.__all__ if not name.startswith("__")]
    lines: list[str] = []
    for title, names in GROUPS.items():
        chosen = [name for name in names if name in left] if names else list(left)
        left = [name for name in left if name not in chosen and not _is_error(getattr(genenet, name))]
        chosen = [name for name in chosen if not _is_error(getattr(genenet, name))]
        lines += _section(title, "genenet", chosen)
    for title, (module, names) in MODULES.items():
        lines += _section(title, module, list(names or _public(module)))
    return "\n".join(lines)


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _public(module: str) -> list[str]:
    from importlib import import_module

    found = import_module(module)
    names = getattr(found, "__all__", None)
    if names is not None:
        return list(names)
    return [name for name, value in vars(found).items() if _is_error(value) and value.__module__ == module]


def _section(title: str, module: str, names: list[str]) -> list[str]:
    from importlib import import_module

    if not names:
        return []
    lines = [f"## {title}", "", "```{eval-rst}", f".. currentmodule:: {module}", ""]
    for name in names:
        value = getattr(import_module(module), name)
        lines += [f".. auto{'class' if isinstance(value, type) else 'function'}:: {name}"]
        lines += ["   :members:"] if isinstance(value, type) and not _is_error(value) else []
        lines += [""]
    return [*lines, "```", ""]
