"""Folders in that of the results that belong to no data set of the configuration: they are named, and stay."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from genenet.errors import quote_some
from genenet.files.atomic import COMPLETE, MANIFEST

OF_A_DATASET = (MANIFEST, COMPLETE, "expression.h5ad", "levels.tsv")
"""Files by which the folder of a data set is told, finished or not, from another one."""


def other_folders(datasets: Iterable[str]) -> list[Path]:
    """List the folders with a result of genenet, beside those of the data sets of a configuration.

    Parameters
    ----------
    datasets
        Folders of the data sets, as RESULTS/NAME.

    Examples
    --------
    >>> import tempfile
    >>> results = Path(tempfile.mkdtemp())
    >>> for name in ("tumour", "normal", "figures"):
    ...     (results / name).mkdir()
    >>> (results / "normal" / "manifest.json").touch()
    >>> [folder.name for folder in other_folders([f"{results}/tumour"])]
    ['normal']
    """
    known = {Path(dataset) for dataset in datasets}
    beside = (folder for place in sorted({path.parent for path in known}) for folder in _folders(place))
    return [folder for folder in beside if folder not in known and _is_of_a_dataset(folder)]


def _folders(place: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:  # it was not made, or is at an address elsewhere
        return


def _is_of_a_dataset(folder: Path) -> bool:
    try:
        return any((folder / name).is_file() for name in OF_A_DATASET)
    except OSError:
        return False


def note_of(folders: list[Path]) -> str:
    """Say that folders belong to no data set of the configuration.

    Examples
    --------
    >>> note_of([Path("results/normal")])
    'results/normal belongs to no data set of the configuration; it stays as it is'
    """
    belong, they_stay = ("belongs", "it stays as it is") if len(folders) == 1 else ("belong", "they stay as they are")
    return f"{quote_some(folders)} {belong} to no data set of the configuration; {they_stay}"
