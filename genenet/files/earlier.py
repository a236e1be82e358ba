"""The earlier result of a data set whose steps are run one by one again, kept until the new one is complete."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from genenet.files.atomic import MANIFEST

EARLIER = ".earlier"
"""Folder of the earlier results, beside those of the data sets."""


def keep_earlier(folders: Iterable[Path]) -> None:
    """Keep the results in these folders that are complete, as hard links: they take no room until a file is replaced.

    Examples
    --------
    >>> import tempfile
    >>> from genenet.config import Settings
    >>> from genenet.files.manifest import write_manifest
    >>> folder = Path(tempfile.mkdtemp()) / "tumour"
    >>> folder.mkdir()
    >>> _ = (folder / "network.graphml").write_text("old")
    >>> _ = write_manifest(folder, settings=Settings())
    >>> keep_earlier([folder])
    >>> (folder / "network.graphml").unlink()
    >>> [path.name for path in drop_earlier([folder])], (place_of(folder) / "network.graphml").read_text()
    (['tumour'], 'old')
    """
    for folder in folders:
        if is_complete(folder):
            kept = place_of(folder)
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, copy_function=_link)


def drop_earlier(folders: Iterable[Path]) -> list[Path]:
    """Remove the earlier results of these folders where there is a complete one now; return those that stay."""
    left = []
    for folder in folders:
        kept = place_of(folder)
        if is_complete(folder):
            shutil.rmtree(kept, ignore_errors=True)
        elif kept.is_dir():
            left.append(kept)
    for folder in folders:
        with suppress(OSError):  # it is not there, or not empty
            place_of(folder).parent.rmdir()
    return left


def place_of(folder: Path) -> Path:
    """Folder of the earlier result of a data set."""
    return folder.parent / EARLIER / folder.name


def is_complete(folder: Path) -> bool:
    """Whether all files of a manifest are there, and none is of a later run that has no manifest yet."""
    from genenet.files.manifest import outputs_of

    manifest = folder / MANIFEST
    names = outputs_of(folder)
    if not names or not all((folder / name).is_file() for name in names):
        return False
    last = manifest.stat().st_mtime_ns
    return all((folder / name).stat().st_mtime_ns <= last for name in names)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
