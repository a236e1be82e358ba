"""The workflow's configuration: the files and settings of each data set, checked as they are read from YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from genenet.config.checking import checked, settings_from, unknown_key
from genenet.config.keys import KEYS, SECTIONS, keys_of
from genenet.config.presets import beside_preset
from genenet.config.sections import Section, Settings
from genenet.errors import ConfigError, shorten

EXAMPLE = "example"
"""Name of the built-in data set, which is run when the configuration has none."""

LOGS, BENCHMARKS = "logs", "benchmarks"
"""Folders in that of the results, which no data set can have for its own."""

_OF_SNAKEMAKE = re.compile(r"[{}<>]")
"""Characters of a path that Snakemake takes for the beginning or end of a variable."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class DatasetFiles(Section):
    """Files of a data set."""

    matrix: str = Field(min_length=1, description="Expression matrix: TSV or CSV, plain or gzipped, or .h5ad.")
    regulators: str | None = Field(None, description="Genes that may regulate, one name a line; empty means all genes.")
    targets: str | None = Field(
        None, description="Genes that may be targets, one name a line: only pairs with one of them are tested."
    )
    keep: str | None = Field(None, description="Genes that no filter drops, one name a line.")
    control_genes: str | None = Field(
        None,
        description="Genes without a function in these samples, one name a line: their principal components are removed"
        " from all genes.",
    )
    pairs: str | None = Field(None, description="Pairs to test, two names a line; no others are tested.")
    table: str | None = Field(
        None, description="Table of sample attributes, names of the samples first; added to those in the matrix file."
    )
    gene_table: str | None = Field(
        None, description="Table of genes, their names first: attributes of the genes and of the nodes of the graph."
    )
    group_by: str | None = Field(
        None, description="Sample attribute: a network for each of its levels, in a folder of its own."
    )
    differential: bool = Field(
        False, description="Whether to test which pairs of genes differ between the groups of group_by."
    )
    truth: str | None = Field(
        None, description="Known edges (columns regulator, target), to count how many were found."
    )
    gene_sets: str | None = Field(
        None, description="Gene sets (GMT) that the report tests the modules of the network for."
    )


class Workflow(Section):
    """Keys of the workflow alone, outside of all sections."""

    results: str = Field("results", min_length=1, description="Folder for all results.")
    fuse: Literal["auto", "never", "always"] = Field(
        "auto",
        description="Run all steps of a data set as one job, by genenet infer: auto does so with data sets that are"
        " expected to take less than a minute, never has a job for each step.",
    )


FILE_KEYS = (
    "matrix", "regulators", "targets", "keep", "control_genes", "pairs", "table", "gene_table", "truth", "gene_sets"
)  # fmt: skip
"""Keys of a data set that are files."""

TOP_KEYS = tuple(key.name for key in KEYS.values() if not key.section)
"""Keys outside of all sections."""

WORKFLOW_KEYS = {key.name: key for key in keys_of(Workflow)}
"""Keys of the workflow alone."""

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
    fuse: str
    """Which data sets are run as one job: auto, never or always."""
    datasets: dict[str, Dataset]
    is_example: bool
    """Whether the only data set is the built-in example, whose files the workflow makes itself."""

    def place_of(self, kind: str) -> str:
        """Folder of the logs or benchmarks: in that of the results, or here if these are at an address elsewhere.

        Examples
        --------
        >>> workflow_from({"results": "out"}).place_of(LOGS), workflow_from({"results": "s3://a/b"}).place_of(LOGS)
        ('out/logs', 'logs')
        """
        return kind if "://" in self.results else f"{self.results}/{kind}"


def workflow_from(config: Mapping[str, Any]) -> WorkflowConfig:
    """Check the workflow's configuration, as read from YAML.

    Parameters
    ----------
    config
        `datasets`: name -> files of the data set (`matrix`, `regulators`, `truth`) and settings of its own; `results`
        and `fuse`; and settings for all data sets.

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
    own = {name: config[name] for name in WORKFLOW_KEYS if config.get(name) not in (None, "")}
    if isinstance(own.get("results"), str):
        own["results"] = tidy(own["results"])
    workflow = checked(Workflow, own, WORKFLOW_KEYS, as_written=True)
    _check_path("results", workflow.results, "choose another name")
    shared = {name: value for name, value in config.items() if name not in (*WORKFLOW_KEYS, "datasets")}
    _check_names(shared, (*WORKFLOW_KEYS, "datasets", *TOP_KEYS, *SECTIONS), "", other_levels())
    settings = settings_from(beside_preset(shared), others=other_levels())
    given = config.get("datasets") or {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"datasets must hold data sets (datasets: with NAME: below it), got {shorten(given)}")
    if not given:
        example = {EXAMPLE: Dataset(_example_files(workflow.results), settings)}
        return WorkflowConfig(workflow.results, workflow.fuse, example, is_example=True)
    datasets = {_name(name): _dataset(name, entry, settings) for name, entry in given.items()}
    return WorkflowConfig(workflow.results, workflow.fuse, datasets, is_example=False)


def tidy(path: str) -> str:
    """Write a path without `./` and doubled slashes, by which Snakemake takes one file for two; addresses stay.

    Examples
    --------
    >>> tidy("./data//tumour.tsv"), tidy("results/"), tidy("../data/tumour.tsv"), tidy("s3://bucket/tumour.tsv")
    ('data/tumour.tsv', 'results', '../data/tumour.tsv', 's3://bucket/tumour.tsv')
    """
    return path if "://" in path else Path(path).as_posix()


def _check_path(where: str, path: object, advice: str) -> None:
    """Refuse a path that Snakemake would take for a pattern of several paths."""
    if isinstance(path, str) and (found := _OF_SNAKEMAKE.search(path)):
        raise ConfigError(
            f"{where}: {shorten(path)} has the character {found[0]}, which Snakemake takes for its own; {advice}",
            as_written=True,
        )


def _name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            "the name of a data set must be of letters, digits, '.', '_' and '-' and begin with a letter or digit,"
            f" got {shorten(name)} under datasets"
        )
    if name.lower() in (LOGS, BENCHMARKS):
        raise ConfigError(
            f"no data set can be called {name}: its folder would be that of the {name.lower()} of all data sets; choose"
            " another name under datasets"
        )
    return name


def _check_undirected(where: str, settings: Settings) -> None:
    """Refuse formats that need regulators for a data set without them, before anything is computed."""
    if settings.export.formats == Settings().export.formats:
        return
    from genenet.writers.formats import check_formats

    try:
        check_formats(settings.export.formats, directed=False)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error.message}", as_written=True) from None


def _dataset(name: str, entry: Any, base: Settings) -> Dataset:
    where = f"datasets.{name}"
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} must hold keys ({name}: with matrix: FILE below it), got {shorten(entry)}")
    own = {key: value for key, value in entry.items() if key not in _FILE_KEYS}
    others = other_levels(name)
    _check_names(own, (*_FILE_KEYS, *TOP_KEYS, *SECTIONS), f"{where}.", others)
    settings = settings_from(own, base=base, where=f"{where}.", others=others)
    if not entry.get("matrix"):
        raise ConfigError(f"{where}.matrix is missing; it is the file with the expression matrix")
    files = {key: _FILE_KEYS[key].parse(value) for key, value in entry.items() if key in _FILE_KEYS}
    files = {
        key: tidy(value) if key in FILE_KEYS and isinstance(value, str) and value else value
        for key, value in files.items()
    }
    for key in FILE_KEYS:
        _check_path(f"{where}.{key}", files.get(key), "rename it, or give a link to it")
    if files.get("differential") is True and not files.get("group_by"):
        raise ConfigError(f"{where}.differential compares groups of samples; set {where}.group_by to what makes them")
    if not files.get("regulators"):
        _check_undirected(where, settings)
    return Dataset(checked(DatasetFiles, files, _FILE_KEYS, f"{where}."), settings)


def other_levels(dataset: str = "NAME") -> tuple[str, ...]:
    """Name the keys that are not in sections: those of a data set, and those of the workflow alone.

    Examples
    --------
    >>> other_levels("tumour")[:2], other_levels()[-1]
    (('datasets.tumour.matrix', 'datasets.tumour.regulators'), 'fuse')
    """
    return (*(f"datasets.{dataset}.{key}" for key in _FILE_KEYS), *WORKFLOW_KEYS)


def _check_names(given: Mapping[str, Any], known: tuple[str, ...], where: str, others: tuple[str, ...]) -> None:
    """Refuse a name that the configuration does not have at this place."""
    for name in given:
        if name not in known:
            raise ConfigError(unknown_key(str(name), (*known, *KEYS), where, others))


def _example_files(results: str) -> DatasetFiles:
    folder = f"{results}/{EXAMPLE}/simulated"
    return DatasetFiles(
        matrix=f"{folder}/expression.tsv.gz", regulators=f"{folder}/regulators.txt", truth=f"{folder}/truth.tsv"
    )
