"""Files are written under a temporary name and renamed when they are complete."""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from genenet.errors import InputError, OutputError, printable
from genenet.paths import PathLike

MAX_NAME = 255
"""Characters of a file's name that every file system takes."""
MANIFEST = "manifest.json"
ADDED = "added.json"
"""Record of the files that later commands add to the folder of a run."""
REPORT = "report.html"
"""The page shows the manifest and so cannot be listed in it; it can be made again at any time."""
GROUPS = "groups.tsv"
"""Table of the groups of samples, in the folder of their networks."""
DIFFERENTIAL = "differential"
"""Folder of the comparison of groups of samples, in that of the networks of these groups."""
COMPLETE = ".complete"
"""File that the workflow makes in a folder when all files of its last run are there."""


@contextmanager
def atomic(path: PathLike) -> Iterator[Path]:
    """Yield a temporary name beside `path`; the file is renamed to `path` if the block succeeds, else removed.

    Raises
    ------
    OutputError
        If the system does not let it be written: a full disk, a quota, a folder in its place, no permission.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic(folder / "genes.txt") as partial:
    ...     _ = partial.write_text("ACTB")
    >>> [file.name for file in folder.iterdir()]
    ['genes.txt']
    """
    path = Path(path)
    # The suffix stays at the end: writers choose compression by it.
    partial = path.with_name(f".{secrets.token_hex(4)}.partial.{path.name}"[-MAX_NAME:])
    try:
        refuse_special(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        if error.filename is not None and not _is_of(error.filename, partial, path):
            raise  # about a file that was read meanwhile
        raise cannot_write(path, error) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def staged(folder: PathLike) -> Iterator[Path]:
    """Yield a temporary folder inside `folder`; its files move to `folder` if the block succeeds, else are removed.

    So a run whose last file does not fit on the disk leaves none of its files. A manifest moves last. Folders that were
    made for a run that fails are removed again.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "run"
    >>> with staged(folder) as stage:
    ...     _ = (stage / "genes.txt").write_text("ACTB")
    >>> [file.name for file in folder.iterdir()]
    ['genes.txt']
    """
    folder = Path(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    stage = folder / f".{secrets.token_hex(4)}.partial"
    try:
        stage.mkdir(parents=True)
        yield stage
        files = sorted(path.relative_to(stage) for path in stage.rglob("*") if path.is_file())
        for name in files:
            refuse_special(folder / name)
        for name in sorted(files, key=lambda name: name.name == MANIFEST):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).replace(folder / name)
    except OutputError as error:  # the message names the final file, not the temporary one
        raise OutputError(str(error).replace(f"{stage}{os.sep}", f"{folder}{os.sep}")) from None
    except OSError as error:
        raise cannot_write(folder, error) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        with suppress(OSError):  # folders with files stay
            for path in made:
                path.rmdir()


def refuse_special(path: Path) -> None:
    """Refuse to write a file in the place of a folder or a device, or of a name that is not UTF-8."""
    refuse_odd_name(path)
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "no file (a device or a pipe)"
        raise OutputError(f"{path} cannot be written: it is {kind}; give another name")


def refuse_odd_name(path: PathLike) -> None:
    r"""Refuse to write to a name that is not UTF-8, which the libraries of some formats cannot open.

    Examples
    --------
    >>> refuse_odd_name(os.fsdecode(b"m\xfcller"))
    Traceback (most recent call last):
    genenet.errors.OutputError: m\udcfcller cannot be written: its name is not UTF-8 text; give another name
    """
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        name = printable(os.fspath(path))
        raise OutputError(f"{name} cannot be written: its name is not UTF-8 text; give another name") from None


def check_place(path: PathLike) -> None:
    """Refuse, before anything is computed, the name of a file that could not be written.

    Raises
    ------
    OutputError
        If a folder or a device has this name, a file is where its folder is due, or its folder cannot be written to.

    Examples
    --------
    >>> check_place("/")
    Traceback (most recent call last):
    genenet.errors.OutputError: / cannot be written: it is a folder; give another name
    """
    path = Path(path)
    try:
        refuse_special(path)
        place = next((folder for folder in path.absolute().parents if folder.exists()), path.absolute().parent)
        if not place.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: PathLike, error: OSError) -> OutputError:
    """Make an OutputError, with advice, of the system's error about writing `path`."""
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        path = Path(path)
        file = next((place for place in (path, *path.parents) if place.is_file()), None)
        if file is not None:
            of = "" if file == path else f"{path} cannot be written: "
            return OutputError(f"{of}{file} is a file, and a folder is due there; give the name of a folder")
    reason = (error.strerror or str(error).split("\n")[0]).lower()
    return OutputError(f"{path} cannot be written: {reason}{_advice(error)}")


def _advice(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "; make room, or write to another disk; nothing was left there"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "; write to a folder of yours"
        case errno.ENOTDIR | errno.EEXIST:
            return "; a file is where a folder is due: give another name"
        case errno.ENAMETOOLONG:
            return "; give a shorter one"
    return ""


def _is_of(name: Any, partial: Path, path: Path) -> bool:
    named = Path(os.fsdecode(name)) if isinstance(name, str | bytes) else partial
    return named in (partial, path) or named in partial.parents


@contextmanager
def _made_by(step: str, path: PathLike) -> Iterator[None]:
    """Turn any failure to read an intermediate file into an InputError that says which step makes the file."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; run `genenet {step}` first") from error
    except PermissionError:
        raise InputError(f"{path}: permission denied; make it readable (chmod u+r) or copy it") from None
    except MemoryError:
        raise
    except Exception as error:  # libraries raise anything at a damaged file
        reason = printable(str(error).split("\n")[0][:200]) if str(error) else type(error).__name__
        raise InputError(
            f"{path} is not a file made by `genenet {step}`, or is damaged ({reason}); make it again"
        ) from error


def write_json(content: dict[str, Any], path: PathLike) -> None:
    """Write a JSON file, indented so that people can read it too."""
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
