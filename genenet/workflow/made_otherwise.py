"""Finished data sets that Snakemake knows nothing of: what they were made with is in their manifest.

Snakemake keeps in `.snakemake` with which settings and inputs it has made a file. Results that were moved, or that are
run from another folder, have no such record there, or an older one, and it would take them for up to date, whatever
the configuration says.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genenet.errors import InputError, quote_some
from genenet.files.checksums import checksum
from genenet.files.manifest import read_manifest
from genenet.workflow.datasets import FILE_KEYS, Dataset

MOST_NAMED = 3


def made_otherwise(folder: Path, dataset: Dataset) -> list[str]:
    """Name the settings and files of a finished data set that the configuration has otherwise.

    Parameters
    ----------
    folder
        Folder of the data set.
    dataset
        Its files and settings in the configuration.

    Returns
    -------
    Keys, as `prune.tolerance` or `matrix`, and "the version of genenet"; none without a manifest.

    Examples
    --------
    >>> import tempfile
    >>> from genenet.config import Settings
    >>> from genenet.files.manifest import write_manifest
    >>> from genenet.workflow.datasets import DatasetFiles
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "m.tsv").touch()
    >>> _ = write_manifest(folder, settings=Settings(seed=1), inputs={"matrix": folder / "m.tsv"}, files=[])
    >>> files = DatasetFiles(matrix=str(folder / "m.tsv"))
    >>> made_otherwise(folder, Dataset(files, Settings(seed=1))), made_otherwise(folder, Dataset(files, Settings()))
    ([], ['seed'])
    """
    try:
        manifest = read_manifest(folder)
    except InputError:  # it is made again, for that
        return []
    own = version("genenet-mi")
    return [
        *([] if manifest["genenet"] == own else ["the version of genenet"]),
        *_settings(manifest.get("settings"), dataset),
        *_files(manifest, dataset),
    ]


def _settings(made: object, dataset: Dataset) -> Iterator[str]:
    found = dict(_flat(made if isinstance(made, dict) else {}))
    now = dict(_flat(dataset.settings.model_dump(mode="json")))
    yield from (key for key in {**found, **now} if found.get(key) != now.get(key))


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", inner) for name, inner in value.items())
        else:
            yield key, value


def _files(manifest: Mapping[str, Any], dataset: Dataset) -> Iterator[str]:
    for key in FILE_KEYS:
        made, now = manifest["inputs"].get(key), getattr(dataset.files, key)
        if (made is None) != (now is None) or (now is not None and not _is_the_same(Path(now), made)):
            yield key
    if manifest.get("group_by", dataset.files.group_by) != dataset.files.group_by:
        yield "group_by"


def _is_the_same(path: Path, made: Mapping[str, Any]) -> bool:
    """Whether a file may be the one that was read; of one whose name and size are the same the time tells Snakemake."""
    if not path.is_file():  # a folder, or at an address elsewhere
        return path.name == made.get("name")
    if path.stat().st_size != made.get("bytes"):
        return False
    return path.name == made.get("name") or checksum(path) == made.get("sha256")


def message_of_other(folder: Path, names: list[str], *, is_dry: bool) -> str:
    """Say that a data set was made otherwise, and what becomes of it.

    Examples
    --------
    >>> message_of_other(Path("results/a"), ["seed", "matrix"], is_dry=True)
    'results/a was made otherwise (seed, matrix) than the configuration says, and would be made again'
    """
    then = "would be made again" if is_dry else "is made again"
    return f"{folder} was made otherwise ({quote_some(names, MOST_NAMED)}) than the configuration says, and {then}"
