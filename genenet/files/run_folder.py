"""The folder of a run: one run at a time writes to it, and other people's files in it are not overwritten."""

import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from genenet.errors import InputError, OutputError, count, logger_of, quote_some, shorten
from genenet.files.atomic import GROUPS, MANIFEST, REPORT, cannot_write, refuse_odd_name, staged
from genenet.files.manifest import is_unchanged, outputs_of
from genenet.files.pages import is_of_another_run
from genenet.locks import lock
from genenet.paths import PathLike
from genenet.progress import Progress

LOCK = ".genenet.lock"
NAMES = (
    "expression.h5ad",
    "pruned.parquet",
    "network.graphml",
    "summary.json",
    "report.html",
    GROUPS,
    "edges_by_group.tsv",
    "differential_pairs.tsv",
    "differential_genes.tsv",
    "differential.graphml",
    "differential.cx2",
    "confounding.tsv",
    "export",
    MANIFEST,
)
"""Names that a run writes into its folder, and so may replace there."""
STEP_FILES = ("bins.h5ad", "null.npz", "mi", "edges.parquet", "stability.parquet")
"""Files that the steps of the workflow hand on to each other."""

PARTIAL = re.compile(r"\.[0-9a-f]{8}\.partial(\..*)?$")
"""Temporary names of files and folders that are not complete (`genenet.files.atomic`)."""

logger = logger_of("genenet")


@contextmanager
def run_folder(
    folder: PathLike,
    inputs: Mapping[str, PathLike] | None = None,
    *,
    of_workflow: bool = False,
    replace: bool = False,
) -> Iterator[Path]:
    """Make, check and lock the folder of a run until the block ends.

    Files of an earlier run, whose manifest is in the folder, are replaced (`telling` logs it). Files that have names of
    `NAMES` in a folder without such a manifest are refused. Files of other names stay as they are.

    Parameters
    ----------
    folder
        The folder.
    inputs
        Files that the run reads, by their roles (matrix, regulators, ...).
    of_workflow
        Whether the folder is that of a data set of the workflow, where such files can only be of an earlier run,
        finished or not; see `replaced`.
    replace
        Whether to remove, when the block ends, the files of an earlier run that this one did not write, unless they
        were changed since.

    Raises
    ------
    OutputError
        If an input would be overwritten, or a file that is not of a run; if another run is at work there; or if the
        folder cannot be made or written to.

    Examples
    --------
    >>> import tempfile
    >>> with run_folder(Path(tempfile.mkdtemp()) / "run") as folder:
    ...     [file.name for file in folder.iterdir()]
    ['.genenet.lock']
    """
    folder = Path(folder)
    refuse_odd_name(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            refuse_inputs([folder / name for name in NAMES], inputs or {})
            _remove_partial(folder)
            if not of_workflow:
                _check_owner(folder)
            before = outputs_of(folder) if replace else {}
            yield folder
            remove_left(folder, before)
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
        if named not in (folder, folder / LOCK, *folder.parents):
            raise
        raise cannot_write(folder, error) from None
    finally:
        with suppress(OSError):  # folders with files stay
            for path in made:
                path.rmdir()


def check_run(folder: PathLike, files: Iterable[str]) -> None:
    """Refuse a folder without these files of a run, and say what it is instead.

    Raises
    ------
    InputError
        If there is no such folder, it has a network for each group of samples, or it lacks one of the files.

    Examples
    --------
    >>> check_run("nowhere", ["expression.h5ad"])
    Traceback (most recent call last):
    genenet.errors.InputError: nowhere does not exist; name the folder of a run, which was given to genenet infer -o
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"{folder} {what}; name the folder of a run, which was given to genenet infer -o")
    missing = [name for name in files if not (folder / name).is_file()]
    if not missing:
        return
    if (folder / GROUPS).is_file():
        inside = sorted(path.parent.name for path in folder.glob("*/pruned.parquet"))
        example = f", as {folder / inside[0]}" if inside else ""
        has = f" ({quote_some(inside)})" if inside else ""
        raise InputError(f"{folder} has a network for each group of samples{has}; name the folder of one{example}")
    raise InputError(
        f"{folder} is not the folder of a finished run: {', '.join(missing)} missing; name the folder that was"
        " given to genenet infer with -o, or results/DATASET of the workflow"
    )


def refuse_inputs(outputs: Iterable[PathLike], inputs: Mapping[str, PathLike]) -> None:
    """Refuse an output that would overwrite an input, and an output folder with an input inside.

    Raises
    ------
    OutputError
        If an output is an input, also under another name (link).

    Examples
    --------
    >>> refuse_inputs(["a/../m.h5ad"], {"matrix": "m.h5ad"})
    Traceback (most recent call last):
    genenet.errors.OutputError: m.h5ad is the matrix that is read, and would be overwritten; write to another place
    """
    places = [Path(path).resolve() for path in outputs]
    for role, path in inputs.items():
        place = Path(path).resolve()
        if any(place == other or _same(place, other) or other in place.parents for other in places):
            name = shorten(str(path), quoted=False)
            raise OutputError(f"{name} is the {role} that is read, and would be overwritten; write to another place")


def _remove_partial(folder: Path) -> None:
    """Remove what a run that was killed has left under temporary names."""
    for path in folder.glob(".*.partial*"):
        if not PARTIAL.match(path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, as hard links are."""
    try:
        return one.samefile(other)
    except OSError:
        return False


@contextmanager
def replaced(folder: PathLike) -> Iterator[Path]:
    """Yield a temporary folder for all files of a run, which replace those of an earlier run if the block succeeds.

    Files that a run writes and this one did not are removed; so are those that the manifest of the earlier run lists,
    unless they were changed since. All other files stay.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("bins.h5ad", "network.graphml", "notes.txt"):
    ...     _ = (folder / name).write_text("old")
    >>> with replaced(folder) as stage:
    ...     _ = (stage / "network.graphml").write_text("new")
    >>> {file.name: file.read_text() for file in sorted(folder.iterdir())}
    {'network.graphml': 'new', 'notes.txt': 'old'}
    """
    folder = Path(folder)
    before = outputs_of(folder)
    with staged(folder) as stage:
        yield stage
        made = {path.name for path in stage.iterdir()}
    remove_left(folder, before)
    for name in {*NAMES, *STEP_FILES} - made:
        if (folder / name).is_file():
            (folder / name).unlink()


def remove_left(folder: Path, before: Mapping[str, Any], written: Collection[str] | None = None) -> None:
    """Remove the files of an earlier run that were not written again, and pages of another run.

    Parameters
    ----------
    folder
        Folder of the run.
    before
        Size and checksum of the files of the earlier run; those that were changed since are not removed.
    written
        Files that were written, by default those of the manifest.
    """
    if written is None:
        written = outputs_of(folder) if before else ()
    left = [name for name in before if name not in written and is_unchanged(folder / name, before[name])]
    for name in left:
        (folder / name).unlink()
        if Path(name).name == MANIFEST:
            (folder / name).with_name(REPORT).unlink(missing_ok=True)
    for path in {(folder / name).parent for name in left}:
        with suppress(OSError):  # folders with files stay
            os.removedirs(path)
    page = folder / REPORT
    if before and is_of_another_run(page, folder / MANIFEST):
        page.unlink()
        left.append(REPORT)
    if left:
        logger.info("%s: removed %s of the run before (%s)", folder, count(len(left), "file"), quote_some(left))


def remove_blocks(folder: Path) -> None:
    """Remove the MI of blocks that a run with more blocks has left, and that the manifest of the folder does not list.

    Examples
    --------
    >>> import tempfile
    >>> from genenet.config import Settings
    >>> from genenet.files.manifest import write_manifest
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "mi").mkdir()
    >>> for name in ("0.parquet", "1.parquet", "mine.parquet"):
    ...     (folder / "mi" / name).touch()
    >>> _ = write_manifest(folder, settings=Settings(), files=[folder / "mi/0.parquet"])
    >>> remove_blocks(folder)
    >>> sorted(path.name for path in (folder / "mi").iterdir())
    ['0.parquet', 'mine.parquet']
    """
    listed = outputs_of(folder)
    for path in (folder / "mi").glob("*.parquet"):
        if path.stem.isdecimal() and path.relative_to(folder).as_posix() not in listed:
            path.unlink()


def _check_owner(folder: Path) -> None:
    there = [name for name in NAMES if (folder / name).exists()]
    if not there:
        return
    if _run_in(folder) is None:
        verb = "is" if len(there) == 1 else "are"
        raise OutputError(
            f"{folder} has {quote_some(there)}, which {verb} not of a finished run of genenet (no {MANIFEST} lists"
            f" {'it' if len(there) == 1 else 'them'}) and would be overwritten; write to another folder, or move"
            f" {'it' if len(there) == 1 else 'them'} away"
        )


def telling(folder: PathLike, progress: Progress) -> Progress:
    """Wrap a function of progress so that it says which earlier run is replaced, once the matrix is not refused.

    Examples
    --------
    >>> import tempfile
    >>> from genenet.progress import quiet
    >>> with telling(tempfile.mkdtemp(), quiet)("discretise", 0):  # a folder without a run
    ...     pass
    """
    told = False

    def step(name: str, amount: int = 0) -> AbstractContextManager[Callable[[int], None] | None]:
        nonlocal told
        run = None if told or name == "prepare" else _run_in(Path(folder))
        told |= name != "prepare"
        if run is not None:
            logger.info("%s holds a run already%s; its files will be replaced", folder, f" ({run})" if run else "")
        return progress(name, amount)

    return step


def _run_in(folder: Path) -> str | None:
    """Name of the matrix in the manifest of a folder (empty if it has none); None without a manifest of genenet."""
    try:
        content: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if "genenet" not in content or not isinstance(content["outputs"], dict):
            return None
        return shorten(str(content["inputs"].get("matrix", {}).get("name", "")), quoted=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on the folder, which the system releases when this process ends, even if it is killed."""
    path = folder / LOCK
    with path.open("a+", encoding="utf-8") as file:
        if lock(file) is False:
            file.seek(0)
            holder = shorten(file.read().strip() or "unknown", quoted=False)
            raise OutputError(
                f"{folder}: another run writes there (process {holder}); wait for it, or write to another folder"
            )
        file.truncate(0)
        print(f"{os.getpid()} on {platform.node()}", file=file, flush=True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
