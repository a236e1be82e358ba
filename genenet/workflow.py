"""The workflow's configuration: what it may say, the file with all defaults, and each step's share of the settings."""

import json
import re
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from genenet.config import KEYS, SECTIONS, Section, Settings, checked, flat_name, settings_from, unknown_key
from genenet.errors import ConfigError, GenenetError
from genenet.keys import Key, keys_of, text_of

EXAMPLE = "example"
"""Name of the built-in data set, which is run when the configuration has none."""

STEP_KEYS: dict[str, tuple[str, ...]] = {
    section: tuple(dotted for dotted, key in KEYS.items() if key.section == section) for section in SECTIONS
}
"""The settings that each step reads: changing one of these, and no other, changes what the step does."""
# What the estimator is for is in the bins, and known to all that read them.
STEP_KEYS["discretise"] += ("information.estimator", "information.n_neighbours")
STEP_KEYS["permutation"] += ("seed",)
STEP_KEYS["information"] = ("information.n_blocks", "significance.alpha", "seed")
STEP_KEYS["export"] += STEP_KEYS["network"]
STEP_KEYS["summary"] = STEP_KEYS["network"]
STEP_KEYS["manifest"] = STEP_KEYS["compare"] = tuple(KEYS)
STEP_KEYS["levels"] = STEP_KEYS["prepare"]

CONFIG_PATH = Path("config", "config.yaml")
SCHEMA_PATH = Path("workflow", "schemas", "config.schema.json")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEAD = """\
Configuration of genenet's workflow: every key with its default.

To run your own data, write a file that has your data sets and only the keys that you change, and give it with
--configfile; or change this one. (Made by `python -m genenet.workflow` from genenet/config.py.)
"""
_DATASETS = """\
Data sets to run, by name (letters, digits, '.', '_', '-'). Without any, the built-in example is run. As in:

datasets:
  tumour:
    matrix: data/tumour.tsv.gz       # genes x samples, TSV or CSV, plain or gzipped; or .h5ad
    regulators: data/regulators.txt  # one gene a line; without it all genes are alike
    targets: data/targets.txt        # likewise: only pairs with a target are tested; optional
    pairs: data/motifs.tsv           # two genes a line: only these pairs are tested; optional
    keep: data/markers.txt           # genes that no filter drops; optional
    table: data/samples.tsv          # sample attributes, names of the samples first; optional
    group_by: tissue                 # a network for each level of a sample attribute; optional
    truth: data/known_edges.tsv      # columns regulator and target, to count how many were found; optional
    prune:                           # any key of the sections below, for this data set only
      tolerance: 0.1
"""


class DatasetFiles(Section):
    """Files of a data set."""

    matrix: str = Field(min_length=1, description="Expression matrix: TSV or CSV, plain or gzipped, or .h5ad.")
    regulators: str | None = Field(None, description="Genes that may regulate, one name a line; empty means all genes.")
    targets: str | None = Field(
        None, description="Genes that may be targets, one name a line: only pairs with one of them are tested."
    )
    keep: str | None = Field(None, description="Genes that no filter drops, one name a line.")
    pairs: str | None = Field(None, description="Pairs to test, two names a line: no others are.")
    table: str | None = Field(
        None, description="Table of sample attributes, names of the samples first; added to those in the matrix file."
    )
    group_by: str | None = Field(
        None, description="Sample attribute: a network for each of its levels, in a folder of its own."
    )
    truth: str | None = Field(
        None, description="Known edges (columns regulator, target), to count how many were found."
    )


FILE_KEYS = ("matrix", "regulators", "targets", "keep", "pairs", "table", "truth")
"""Keys of a data set that are files."""

_FILE_KEYS = {key.name: key for key in keys_of(DatasetFiles)}


@dataclass(frozen=True)
class Dataset:
    """One data set to run, with its settings."""

    files: DatasetFiles
    settings: Settings


@dataclass(frozen=True)
class WorkflowConfig:
    """A checked configuration of the workflow."""

    results: str
    """Folder for all results."""
    datasets: dict[str, Dataset]
    is_example: bool
    """Whether the only data set is the built-in example, whose files the workflow makes itself."""


def workflow_from(config: Mapping[str, Any]) -> WorkflowConfig:
    """Check the workflow's configuration, as read from YAML.

    Parameters
    ----------
    config
        `datasets`: name -> files of the data set (`matrix`, `regulators`, `truth`) and settings of its own; `results`;
        and settings for all data sets.

    Raises
    ------
    ConfigError
        If a key is unknown or missing, or a value is not allowed.

    Examples
    --------
    >>> config = workflow_from({"datasets": {"tumour": {"matrix": "tumour.tsv", "prune": {"tolerance": 0}}}})
    >>> config.datasets["tumour"].files.matrix, config.datasets["tumour"].settings.prune.tolerance
    ('tumour.tsv', 0.0)
    """
    shared = {name: value for name, value in config.items() if name not in ("results", "datasets")}
    _check_names(shared, ("results", "datasets", "seed", *SECTIONS), "")
    settings = settings_from(shared)
    results, given = config.get("results") or "results", config.get("datasets") or {}
    if not isinstance(results, str):
        raise ConfigError(f"results must be the name of a folder, got {results!r}")
    if not isinstance(given, Mapping):
        raise ConfigError(f"datasets must hold data sets (datasets: with NAME: below it), got {given!r}")
    if not given:
        return WorkflowConfig(results, {EXAMPLE: Dataset(_example_files(results), settings)}, is_example=True)
    return WorkflowConfig(
        results, {_name(name): _dataset(name, entry, settings) for name, entry in given.items()}, is_example=False
    )


def missing_files(config: WorkflowConfig) -> list[str]:
    """Say which files of the data sets cannot be read; the example's are made by the workflow."""
    if config.is_example:
        return []
    return [
        f"datasets.{name}.{key}: {problem}"
        for name, dataset in config.datasets.items()
        for key in FILE_KEYS
        if (problem := _problem(getattr(dataset.files, key)))
    ]


def _problem(path: str | None) -> str:
    from genenet.expression.files import check_file

    if path is None:
        return ""
    try:
        check_file(Path(path), or_folder=True)
    except GenenetError as error:
        return str(error)
    return ""


def step_options(settings: Settings, step: str) -> list[str]:
    """Command line options that give a step all settings it reads.

    Examples
    --------
    >>> step_options(Settings(), "information")
    ['--n-blocks=1', '--alpha=0.05', '--seed=0']
    >>> step_options(Settings(), "network")
    ['--no-isolated']
    """
    values = {dotted: value_of(settings, KEYS[dotted]) for dotted in STEP_KEYS[step]}
    # What is empty need not be said, unless it is something else by default.
    said = {dotted: value for dotted, value in values.items() if value is not None or KEYS[dotted].default is not None}
    return [_option(KEYS[dotted], value) for dotted, value in said.items()]


def value_of(settings: Settings, key: Key) -> Any:
    """Value of a key."""
    return getattr(getattr(settings, key.section) if key.section else settings, key.name)


def option_name(key: Key) -> str:
    """Command line option of a setting.

    Examples
    --------
    >>> option_name(KEYS["discretise.n_bins"]), option_name(KEYS["prune.method"])
    ('--n-bins', '--prune-method')
    """
    return f"--{flat_name(key).replace('_', '-')}"


def _option(key: Key, value: Any) -> str:
    name = option_name(key)
    if key.kind == "boolean":
        return name if value else name.replace("--", "--no-", 1)
    return f"{name}={text_of(value)}"


def _name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            "the name of a data set must be of letters, digits, '.', '_' and '-' and begin with a letter or digit,"
            f" got {name!r} under datasets"
        )
    return name


def _dataset(name: str, entry: Any, base: Settings) -> Dataset:
    where = f"datasets.{name}"
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} must hold keys ({name}: with matrix: FILE below it), got {entry!r}")
    own = {key: value for key, value in entry.items() if key not in _FILE_KEYS}
    _check_names(own, (*_FILE_KEYS, "seed", *SECTIONS), f"{where}.")
    settings = settings_from(own, base=base, where=f"{where}.")
    if not entry.get("matrix"):
        raise ConfigError(f"{where}.matrix is missing; it is the file with the expression matrix")
    files = {key: _FILE_KEYS[key].parse(value) for key, value in entry.items() if key in _FILE_KEYS}
    return Dataset(checked(DatasetFiles, files, _FILE_KEYS, f"{where}."), settings)


def _check_names(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Refuse a name that the configuration does not have at this place."""
    for name in given:
        if name not in known:
            raise ConfigError(unknown_key(str(name), (*known, *KEYS), where))


def _example_files(results: str) -> DatasetFiles:
    folder = f"{results}/{EXAMPLE}/simulated"
    return DatasetFiles(
        matrix=f"{folder}/expression.tsv.gz", regulators=f"{folder}/regulators.txt", truth=f"{folder}/truth.tsv"
    )


def config_yaml() -> str:
    """Write the configuration file: every key, its default, and what it means."""
    blocks = [
        _comment(_HEAD),
        f"{_comment(_DATASETS)}\ndatasets:",
        f"{_comment('Folder for all results.')}\nresults: results",
    ]
    keys = list(KEYS.values())
    blocks += [_entry(key) for key in keys if not key.section]
    for section in SECTIONS:
        entries = [textwrap.indent(_entry(key, width=116), "  ") for key in keys if key.section == section]
        doc = (Settings.model_fields[section].annotation.__doc__ or "").splitlines()[0]
        blocks.append("\n".join([_comment(doc), f"{section}:", *entries]))
    return "\n\n".join(blocks) + "\n"


def _entry(key: Key, width: int = 118) -> str:
    value = f"[{', '.join(key.default)}]" if key.kind == "list" else text_of(key.default)
    comment = f"{_comment(key.description, width)}\n{_comment(f'({key.expected})', width)}"
    return f"{comment}\n{key.name}: {value}".rstrip()


def _comment(text: str, width: int = 118) -> str:
    lines = [line for given in text.rstrip().split("\n") for line in _wrap(given, width)]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _wrap(line: str, width: int) -> list[str]:
    # Short lines are left alone: they may be indented YAML.
    return textwrap.wrap(line, width) if len(line) > width else [line]


def config_schema() -> dict[str, Any]:
    """Make the JSON schema of the configuration file, for editors."""
    schema = Settings.model_json_schema()
    files = DatasetFiles.model_json_schema()
    dataset = {
        "type": "object",
        "additionalProperties": False,
        "required": files["required"],
        "properties": files["properties"] | schema["properties"],
    }
    datasets = {
        "type": ["object", "null"],
        "description": "Data sets to run, by name; without any, the built-in example.",
        "propertyNames": {"pattern": f"^{_NAME.pattern}$"},
        "additionalProperties": {"$ref": "#/$defs/Dataset"},
    }
    results = {"type": "string", "description": "Folder for all results.", "default": "results"}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "genenet workflow"
    schema["$defs"]["Dataset"] = dataset
    schema["properties"] = {"datasets": datasets, "results": results} | schema["properties"]
    return schema


def generated_files() -> dict[Path, str]:
    """Files of the repository that are made from the settings models."""
    return {CONFIG_PATH: config_yaml(), SCHEMA_PATH: json.dumps(config_schema(), indent=2, sort_keys=True) + "\n"}


def main() -> None:
    """Write the generated files into the repository in the current directory, or the one named."""
    from genenet.io import atomic

    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for path, text in generated_files().items():
        with atomic(root / path) as partial:
            partial.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
