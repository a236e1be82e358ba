"""The record of a run, manifest.json: settings, versions, and checksums of inputs and outputs.

The manifest has no date and no folder of the machine: the same run gives the same manifest. Of summary.json, which
holds the time of each step, it has the checksum without the times. The manifest of a folder of groups lists the
manifests of the groups.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genenet.config.checking import settings_from
from genenet.config.sections import Settings
from genenet.errors import InputError, printable, quote_some
from genenet.files.atomic import ADDED, MANIFEST, atomic
from genenet.files.checksums import checksum
from genenet.paths import PathLike
from genenet.products.expression import Expression, Notes

NAME = MANIFEST
MAX_DEPTH = 2

SUMMARY, TIMES = "summary.json", "seconds"
"""The only output whose bytes differ between runs, and the key in it that differs."""

LIBRARIES = ("anndata", "igraph", "llvmlite", "networkx", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
"""Libraries whose version can change a number or a byte."""


def write_manifest(
    directory: PathLike,
    *,
    settings: Settings,
    inputs: Mapping[str, PathLike] | None = None,
    expression: "Expression | None" = None,
    files: Iterable[PathLike] | None = None,
    given: Mapping[str, Any] | None = None,
    identities: Mapping[Path, Mapping[str, Any]] | None = None,
) -> Path:
    """Write manifest.json into the folder of a run, with the checksums of the files in the folder.

    Parameters
    ----------
    directory
        Folder of the run.
    settings
        Settings of the run.
    inputs
        Files that were read, by their roles: `{"matrix": ..., "regulators": ...}`. Their names are kept without their
        folders. A folder (10x, zarr) gets one checksum, of its files and their names.
    expression
        The prepared matrix, which records the genes that were dropped and the regulators that were not in it.
    files
        Files of the folder to list, folders with all that is in them; by default all but hidden ones and the manifest.
    given
        All else that the run was told, and that the command which repeats it needs: `name`, `group_by`, `levels`, ...
    identities
        Size and checksum (`identity_of`) of files for which they are known.

    Returns
    -------
    Path of the manifest.
    """
    directory = Path(directory)
    listed = files_in(directory) if files is None else sorted(_with_contents(files))
    known = identities or {}
    outputs = {_name_in(directory, file): known[file] if file in known else identity_of(file) for file in listed}
    content = manifest_of(settings=settings, inputs=inputs, expression=expression, outputs=outputs, given=given)
    with atomic(directory / NAME) as partial:
        partial.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return directory / NAME


def _name_in(directory: Path, file: Path) -> str:
    """Path of a file in a folder; refuse one that is elsewhere."""
    path, folder = Path(os.path.abspath(file)), Path(os.path.abspath(directory))
    if not path.is_relative_to(folder):
        raise InputError(f"{file} is not in {directory}, the folder of the manifest; name files of that folder")
    return path.relative_to(folder).as_posix()


def manifest_of(
    *,
    settings: Settings,
    inputs: Mapping[str, PathLike] | None = None,
    expression: "Expression | None" = None,
    outputs: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the content of manifest.json; see `write_manifest`. `outputs` has size and checksum of each file."""
    return {
        **(given or {}),
        "genenet": version("genenet-mi"),
        "python": platform.python_version(),
        "libraries": dict(_versions()),
        "seed": settings.seed,
        "settings": settings.model_dump(mode="json"),
        "inputs": {role: identity_of_input(path) for role, path in (inputs or {}).items()},
        "outputs": dict(outputs or {}),
        **_notes_of(expression),
    }


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def settings_of_run(directory: PathLike) -> Settings:
    """Read the settings of a run from the manifest in its folder.

    Raises
    ------
    InputError
        If the folder has no manifest, or something else under its name.
    """
    return settings_from(read_manifest(Path(directory))["settings"], where=f"{Path(directory) / NAME}: ")


def section_of(manifest: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read a section of the settings in a manifest as it is; empty if there is no such section.

    Examples
    --------
    >>> section_of({"settings": {"export": {"report": True}}}, "export"), section_of({"settings": []}, "export")
    ({'report': True}, {})
    """
    settings = manifest.get("settings")
    found = settings.get(name) if isinstance(settings, dict) else None
    return found if isinstance(found, dict) else {}


def outputs_of(directory: PathLike) -> dict[str, Any]:
    """Size and checksum of each file of a run, by its path in the folder; empty without a manifest that can be read."""
    try:
        return all_outputs(Path(directory), read_manifest(Path(directory))["outputs"])
    except InputError:
        return {}


def manifest_checksum(directory: PathLike) -> str:
    """Checksum of the manifest in a folder; empty if it has none."""
    path = Path(directory) / NAME
    return checksum(path) if path.is_file() else ""


def check_folder(directory: PathLike, names: Iterable[str]) -> dict[str, Any]:
    """Read the manifest of a folder, empty if it has none, and refuse files that are not those of it.

    Parameters
    ----------
    directory, names
        As for `check_listed`.

    Raises
    ------
    InputError
        If the manifest cannot be read, or the content of a file is another.
    """
    manifest = read_manifest(directory) if (Path(directory) / NAME).is_file() else {}
    check_listed(directory, manifest, names)
    return manifest


def check_listed(directory: PathLike, manifest: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse files of a folder that are not those of its manifest: they are of another run, or were changed.

    Parameters
    ----------
    directory
        The folder.
    manifest
        Content of its manifest.json; empty if it has none.
    names
        Files that are read together; those that the manifest does not list, or that are not there, are left out.

    Raises
    ------
    InputError
        If the content of one is another.
    """
    outputs = manifest.get("outputs", {})
    for name in names:
        path = Path(directory) / name
        if name in outputs and path.is_file() and not is_unchanged(path, outputs[name]):
            raise InputError(
                f"{path} is not the file of {Path(directory) / NAME}: it is of another run, or was changed; give the"
                " files of one run (genenet verify tells all that differ)"
            )


def is_unchanged(path: Path, identity: Mapping[str, Any]) -> bool:
    """Whether a file exists with the size and checksum that a manifest has of it."""
    return path.is_file() and identity_of(path) == identity


def all_outputs(directory: Path, outputs: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Outputs of a manifest and of the manifests that it lists, by their paths in the folder."""
    found = dict(outputs)
    for name in outputs:
        inside = Path(name).parent
        if Path(name).name == NAME and (directory / name).is_file():
            if depth > MAX_DEPTH or inside == Path():
                raise InputError(f"{directory / NAME} lists itself, or manifests of manifests of manifests")
            found |= outputs_below(directory, inside, depth + 1)
    return found


def outputs_below(directory: Path, inside: PathLike, depth: int = 0) -> dict[str, Any]:
    """Outputs of the manifest of a folder inside, by their paths in the folder."""
    below = all_outputs(directory / inside, read_manifest(directory / inside)["outputs"], depth)
    return {(Path(inside) / other).as_posix(): identity for other, identity in below.items()}


def read_manifest(directory: PathLike) -> dict[str, Any]:
    """Read manifest.json of a run's folder, and refuse one that names files outside of this folder.

    Raises
    ------
    InputError
        If there is no such file, or it is not a manifest of genenet.
    """
    path = Path(directory) / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{path} is not there; only the folder of a finished run has a manifest") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError):
        content = None
    if not _is_manifest(content):
        raise InputError(f"{path} is not a manifest of genenet; it was changed, or another program wrote it")
    outside = [name for name in content["outputs"] if not _is_inside(name)]
    if outside:
        raise InputError(f"{path} lists a file outside of its folder ({quote_some(outside)}); it was changed")
    return dict(content)


def _is_manifest(content: Any) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("genenet"), str):
        return False
    parts = [content.get("outputs"), content.get("inputs")]
    return all(isinstance(part, dict) and all(isinstance(value, dict) for value in part.values()) for part in parts)


def _is_inside(name: str) -> bool:
    path = Path(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def files_in(directory: Path) -> list[Path]:
    """List the files in a folder, in order, without hidden ones, manifests and the records of later commands."""
    found = (path for path in directory.rglob("*") if path.is_file() and path.name not in (NAME, ADDED))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(directory).parts))


def _with_contents(paths: Iterable[PathLike]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        files += files_in(path) if path.is_dir() else [path]
    return files


@dataclass(frozen=True)
class InputFile(os.PathLike[str]):
    """A file that was read, with its name, size and checksum at that time, which do not change with the file."""

    path: Path
    identity: Mapping[str, Any]

    @classmethod
    def of(cls, path: PathLike) -> "InputFile":
        """Record the name, size and checksum that a file has now."""
        return cls(Path(path), identity_of_input(path))

    def __fspath__(self) -> str:
        return str(self.path)


def identity_of_input(given: PathLike) -> dict[str, Any]:
    """Name, size and checksum of a file or folder (None if it is gone); of an `InputFile` those that it recorded."""
    if isinstance(given, InputFile):
        return dict(given.identity)
    path = Path(given)
    if path.is_dir():
        files = files_in(path)
        lines = [f"{checksum(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
        size = sum(file.stat().st_size for file in files)
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        return {"name": printable(path.name), "bytes": size, "sha256": digest}
    try:
        return {"name": printable(path.name), **identity_of(path)}
    except (OSError, InputError):  # its reader reports the error
        return {"name": printable(path.name), "bytes": None, "sha256": None}


def identity_of(path: Path) -> dict[str, Any]:
    """Size and checksum of a file, as a manifest has them; of summary.json the checksum without the times."""
    if not path.is_file():
        raise InputError(f"{path} is not a file, so that it cannot be in a manifest")
    if path.name == SUMMARY:
        return {f"sha256_without_{TIMES}": _digest_without_times(path)}
    return {"bytes": path.stat().st_size, "sha256": checksum(path)}


def _digest_without_times(path: Path) -> str:
    content = path.read_bytes()
    try:
        summary = json.loads(content)
        summary.pop(TIMES, None)
    except (ValueError, AttributeError):  # not a summary any more
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha256(json.dumps(summary, sort_keys=True).encode()).hexdigest()


def _notes_of(expression: "Expression | None") -> dict[str, Any]:
    """Group of the samples, dropped genes by reason, and the listed genes that the matrix does not have."""
    notes = Notes() if expression is None else Notes.of(expression)
    lists = {name: getattr(notes, name) for name in ("missing_regulators", "missing_targets", "missing_keep")}
    missing = {name: list(names) for name, names in lists.items() if names is not None}
    group = {"group_by": notes.group_by, "group": notes.group} if notes.group_by else {}
    return {"dropped_genes": notes.dropped_by_reason(), **missing, **group}


def files_of(**given: object) -> dict[str, Path]:
    """Select the inputs that are given as files, by their roles."""
    return {role: Path(file) for role, file in given.items() if isinstance(file, str | os.PathLike)}


def identified_files(**given: object) -> dict[str, InputFile]:
    """Select the inputs that are given as files, and record their sizes and checksums now."""
    return {role: InputFile.of(path) for role, path in files_of(**given).items()}
