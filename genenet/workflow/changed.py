"""Files of finished data sets whose content is not that of the manifest: the workflow makes them again.

Snakemake compares times: it makes a file again that is lost, or older than what it is made of, but takes one that was
edited or cut short for a new one. Here times and sizes tell which files to look at, and checksums whether they have
changed.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from genenet.errors import InputError, quote_some
from genenet.files.atomic import MANIFEST, REPORT
from genenet.files.manifest import is_unchanged, read_manifest
from genenet.files.pages import is_as_written, is_page_of

CHANGED = ".changed"
"""Folder of changed files that are made again, beside those of the data sets."""
SAME_TIME = 1e-3
"""Seconds: Snakemake may record the time of a file with fewer digits."""


def changed_files(folder: Path, made_at: Callable[[Path], float | None]) -> list[Path]:
    """List the files of a data set that were changed, or cut short, after they were made.

    Parameters
    ----------
    folder
        Folder of the data set.
    made_at
        Gives the time at which the workflow has made a file, in seconds; None if it does not know.

    Returns
    -------
    Files that are there and differ from the manifest; the manifest itself if it cannot be read, and the page if it has
    changed or is of another run. There are none without a manifest: such a data set is not finished.

    Examples
    --------
    >>> import tempfile
    >>> from genenet.config import Settings
    >>> from genenet.files.manifest import write_manifest
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "network.graphml").write_text("<graphml/>")
    >>> _ = write_manifest(folder, settings=Settings())
    >>> changed_files(folder, lambda path: None)
    []
    >>> _ = (folder / "network.graphml").write_text("<graph")
    >>> [path.name for path in changed_files(folder, lambda path: None)]
    ['network.graphml']
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return []
    try:
        outputs = read_manifest(folder)["outputs"]
    except InputError:
        return [manifest]
    last = manifest.stat().st_mtime
    found = [
        folder / name
        for name, identity in outputs.items()
        if (folder / name).is_file()
        and not _is_as_made(folder / name, identity.get("bytes"), last, made_at)
        and not is_unchanged(folder / name, identity)
    ]
    groups = [folder / name for name in outputs if Path(name).name == MANIFEST and Path(name).parent != Path()]
    of_groups = [path for listed in groups for path in changed_files(listed.parent, made_at)]
    page = folder / REPORT
    pages = [page] if page.is_file() and _is_foreign(page, manifest) else []
    return list(dict.fromkeys([*found, *of_groups, *pages]))


def keep_changed(paths: Iterable[Path], results: Path) -> None:
    """Keep changed files beside the data sets before they are made again."""
    for path in paths:
        if path.is_file():
            kept = place_of(path, results)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, kept)


def message_of(paths: Sequence[Path], results: Path, *, is_dry: bool) -> str:
    """Say which files of a data set were changed, and what becomes of them.

    Examples
    --------
    >>> message_of([Path("out/a/null.npz")], Path("out"), is_dry=True)
    'out/a/null.npz was changed after it was made, and would be made again'
    >>> print(message_of([Path("out/a/null.npz"), Path("out/a/mi/0.parquet")], Path("out"), is_dry=False))
    out/a/null.npz, out/a/mi/0.parquet were changed after they were made, and are made again; what is there ...
    """
    were, they, are = ("was", "it", "is") if len(paths) == 1 else ("were", "they", "are")
    begin = f"{quote_some(paths)} {were} changed after {they} {were} made, and"
    if is_dry:
        return f"{begin} would be made again"
    kept = results / CHANGED / paths[0].relative_to(results).parts[0]
    return f"{begin} {are} made again; what is there now is kept in {kept}"


def place_of(path: Path, results: Path) -> Path:
    """Where a changed file is kept.

    Examples
    --------
    >>> place_of(Path("results/a/export/edges.tsv"), Path("results")).as_posix()
    'results/.changed/a/export/edges.tsv'
    """
    return results / CHANGED / path.relative_to(results)


def is_as_recorded(path: Path, made_at: Callable[[Path], float | None]) -> bool:
    """Whether a file that is there has the time at which the workflow has made it, as far as it knows."""
    time = made_at(path)
    return time is not None and path.exists() and abs(path.stat().st_mtime - time) < SAME_TIME


def _is_foreign(page: Path, manifest: Path) -> bool:
    """Whether a page was changed, or is of another run; one that is older than the manifest is made again anyway."""
    if not is_as_written(page):
        return True
    return page.stat().st_mtime >= manifest.stat().st_mtime and not is_page_of(page, manifest)


def _is_as_made(path: Path, size: int | None, last: float, made_at: Callable[[Path], float | None]) -> bool:
    """Whether a file has the time at which it was made, or a size and time that need no look at its content.

    A file that the workflow has made after the manifest is of a run that was stopped before its own manifest.
    """
    found = path.stat()
    if is_as_recorded(path, made_at):
        return found.st_mtime > last or size in (None, found.st_size)
    return found.st_mtime <= last and size in (None, found.st_size)
