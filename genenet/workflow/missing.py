"""Files that the configuration names and that cannot be read: they are told before any job begins."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from genenet.errors import GenenetError, OutputError, count
from genenet.workflow.datasets import FILE_KEYS, WorkflowConfig

KEEP_GOING = ("--keep-going", "-k")
"""Option of Snakemake with which the data sets whose files are there are run all the same."""


def missing_files(config: WorkflowConfig) -> dict[str, list[str]]:
    """Say which files of each data set cannot be read; those of the example are made by the workflow.

    Returns
    -------
    For each data set with such files a message for each of them.

    Examples
    --------
    >>> from genenet.workflow import workflow_from
    >>> missing_files(workflow_from({"datasets": {"tumour": {"matrix": "/nowhere.tsv"}}}))
    {'tumour': ['datasets.tumour.matrix: /nowhere.tsv: no such file; correct the path']}
    """
    if config.is_example:
        return {}
    found = {
        name: [
            f"datasets.{name}.{key}: {problem}"
            for key in FILE_KEYS
            if (problem := _problem(getattr(dataset.files, key)))
        ]
        for name, dataset in config.datasets.items()
    }
    return {name: problems for name, problems in found.items() if problems}


def _problem(path: str | None) -> str:
    from genenet.readers.opening import check_file

    if path is None:
        return ""
    try:
        check_file(Path(path), or_folder=True)
    except GenenetError as error:
        return f"{error}{_advice(Path(path), str(error))}"
    return ""


def _advice(path: Path, message: str) -> str:
    if "no such file" not in message or "did you mean" in message:
        return ""
    return "; correct the path" + ("" if path.is_absolute() else f", which is taken from the folder {Path.cwd()}")


def check_results(folder: str) -> None:
    """Refuse a folder for the results that cannot be made, since a file is there or where one above it is due.

    Raises
    ------
    OutputError
        If there is such a file.

    Examples
    --------
    >>> check_results("/dev/null/results")
    Traceback (most recent call last):
    genenet.errors.OutputError: results: /dev/null is no folder, and one is due there; give the name of a folder
    """
    path = Path(folder)
    there = next((place for place in (path, *path.parents) if place.exists()), None)
    if there is not None and not there.is_dir():
        what = "a file, and a folder" if there.is_file() else "no folder, and one"
        raise OutputError(f"results: {there} is {what} is due there; give the name of a folder")


def refusal(missing: Mapping[str, Sequence[str]], names: Collection[str]) -> list[str]:
    """Make the lines that say why the workflow does not begin; `names` are those of all data sets.

    Examples
    --------
    >>> refusal({"a": ["datasets.a.matrix: a.tsv: is empty"]}, ["a", "b", "c"])
    ['ERROR: datasets.a.matrix: a.tsv: is empty', 'Nothing was run; --keep-going runs the other 2 data sets']
    """
    lines = [f"ERROR: {problem}" for problems in missing.values() for problem in problems]
    n_others = len(names) - len(missing)
    if n_others:
        others = "data set" if n_others == 1 else count(n_others, "data set")
        lines.append(f"Nothing was run; {KEEP_GOING[0]} runs the other {others}")
    return lines


def asks_to_keep_going(arguments: Collection[str]) -> bool:
    """Whether a command line says that a data set without its files does not stop the others.

    Examples
    --------
    >>> asks_to_keep_going(["genenet", "run", "-k"]), asks_to_keep_going(["genenet", "run"])
    (True, False)
    """
    return not {*KEEP_GOING}.isdisjoint(arguments)
