"""The record of a run, manifest.json: settings, versions, inputs and outputs, and the check that these are unchanged.

The manifest has no date and no folder of the machine: the same run gives the same manifest. Of summary.json, which
holds the time of each step, it has the checksum without the times. The manifest of a folder of groups lists the
manifests of the groups.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genenet.config.checking import settings_from
from genenet.config.sections import Settings
from genenet.errors import InputError, count, printable, quote_some, shorten
from genenet.files.added import read_added
from genenet.files.atomic import ADDED, DIFFERENTIAL, GROUPS, MANIFEST, REPORT, atomic
from genenet.files.checksums import checksum
from genenet.files.pages import is_as_written, is_page_of
from genenet.paths import PathLike
from genenet.products.expression import Expression, Notes

NAME = MANIFEST
MAX_DEPTH = 2

SUMMARY, TIMES = "summary.json", "seconds"
"""The only output whose bytes differ between runs, and the key in it that differs."""

LIBRARIES = ("anndata", "igraph", "llvmlite", "networkx", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
"""Libraries whose version can change a number or a byte."""


@dataclass(frozen=True)
class Verification:
    """The result of `verify`; paths are relative to the folder.

    Attributes
    ----------
    checked
        Number of files in the manifest.
    missing
        Files of the manifest that do not exist.
    changed
        Files, and inputs, whose content is not that of the manifest.
    unlisted
        Files in the folder that neither the manifest nor a later command lists, which is no fault by itself.
    added
        Files that later commands have added (added.json), with the name of the command.
    changed_since
        Those of them whose content has changed since.
    outdated
        Those of them that were made of an earlier run in this folder, which is no fault by itself.
    apart
        Folders with a manifest of their own that the manifest does not list; their files were not compared.
    changed_pages
        Report pages whose content has changed; their checksum is in them.
    other_pages
        Report pages of another run, or that do not say of which run they are.
    missing_pages
        Report pages that the settings ask for, and that do not exist.
    """

    checked: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    unlisted: tuple[str, ...]
    added: Mapping[str, str] = field(default_factory=dict)
    changed_since: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    changed_pages: tuple[str, ...] = ()
    other_pages: tuple[str, ...] = ()
    missing_pages: tuple[str, ...] = ()

    @property
    def differences(self) -> list[str]:
        """A line for each file that is not as the manifest says."""
        lines = [f"{name} is missing" for name in (*self.missing, *self.missing_pages)]
        lines += [f"{name} is not the file of the manifest: its content has changed" for name in self.changed]
        written = "is not the file that genenet {} has written: its content has changed"
        of_commands = {
            **{name: self.added[name] for name in self.changed_since},
            **dict.fromkeys(self.changed_pages, "report"),
        }
        lines += [f"{name} {written.format(command)}" for name, command in of_commands.items()]
        return lines + [f"{name} is not the page of this run: it was made of another" for name in self.other_pages]

    @property
    def pages(self) -> tuple[str, ...]:
        """Report pages that are to be written again."""
        return (*self.missing_pages, *self.changed_pages, *self.other_pages)

    @property
    def of_run(self) -> tuple[str, ...]:
        """Files of the run that are missing or changed; inputs and files of later commands are not among them."""
        return (*self.missing, *(name for name in self.changed if not name.startswith("input ")))

    @property
    def ok(self) -> bool:
        """Whether every file of the manifest and the pages exist, and these and the added ones are unchanged."""
        return not (self.missing or self.changed or self.changed_since or self.pages)

    def __str__(self) -> str:
        if self.ok:
            return f"{count(self.checked, 'file')} {'is' if self.checked == 1 else 'are'} as the manifest says"
        changed = (*self.changed, *self.changed_since, *self.changed_pages)
        parts = [("missing", (*self.missing, *self.missing_pages)), ("changed", changed)]
        parts.append(("of another run", self.other_pages))
        found = "; ".join(f"{len(names):,} {what} ({quote_some(names)})" for what, names in parts if names)
        return f"of {count(self.checked, 'file')} in the manifest: {found}"


def write_manifest(
    directory: PathLike,
    *,
    settings: Settings,
    inputs: Mapping[str, PathLike] | None = None,
    expression: "Expression | None" = None,
    files: Iterable[PathLike] | None = None,
    given: Mapping[str, Any] | None = None,
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

    Returns
    -------
    Path of the manifest.
    """
    directory = Path(directory)
    listed = _files(directory) if files is None else sorted(_with_contents(files))
    outputs = {file.relative_to(directory).as_posix(): _identity(file) for file in listed}
    content = manifest_of(settings=settings, inputs=inputs, expression=expression, outputs=outputs, given=given)
    with atomic(directory / NAME) as partial:
        partial.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return directory / NAME


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
        "inputs": {role: _input(path) for role, path in (inputs or {}).items()},
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


def verify(directory: PathLike, *, inputs: Mapping[str, PathLike] | None = None) -> Verification:
    """Compare the files of a run with its manifest; of a run with groups also the comparison in `differential`.

    Parameters
    ----------
    directory
        Folder of the run.
    inputs
        Files to compare with the inputs of the manifest, by their roles; none by default, as they may be elsewhere.

    Returns
    -------
    The numbers and names of files that are as in the manifest, missing, changed or not listed.

    Raises
    ------
    InputError
        If the folder has no manifest, or something else under its name.
    """
    directory = Path(directory)
    manifest = read_manifest(directory)
    known = manifest["inputs"]
    outputs = _all_outputs(directory, manifest["outputs"])
    if has_differences(directory):
        outputs |= _below(directory, DIFFERENTIAL)
    missing = [name for name in outputs if not (directory / name).is_file()]
    changed = [name for name in outputs if name not in missing and _identity(directory / name) != outputs[name]]
    for role, path in (inputs or {}).items():
        if role not in known:
            raise InputError(
                f"the manifest of {directory} has no input {shorten(role)}; it has {', '.join(known) or 'none'}"
            )
        if _input(path) != known[role] | {"name": printable(Path(path).name)}:
            changed.append(f"input {role}")
    added = {name: entry for name, entry in _all_added(directory, outputs).items() if name not in outputs}
    there = {file.relative_to(directory).as_posix() for file in _files(directory)} - set(outputs)
    apart = _apart(directory, outputs)
    there_alone = {name for name in there if apart.isdisjoint(Path(name).parents)}
    pages = {name for name in there_alone if Path(name).name == REPORT}
    damaged = {name for name in pages if not is_as_written(directory / name)}
    folders = _folders_of_runs(directory, outputs)
    due = {(inside / REPORT).as_posix() for inside in folders if _shows_page(directory / inside)}
    unlisted = there_alone - pages - set(added)
    known = sorted(there & set(added))
    return Verification(
        len(outputs),
        tuple(sorted(missing)),
        tuple(sorted(changed)),
        tuple(sorted(unlisted)),
        {name: str(added[name]["command"]) for name in known},
        tuple(name for name in known if checksum(directory / name) != added[name]["sha256"]),
        tuple(name for name in known if added[name]["run"] != checksum(directory / added[name]["manifest"])),
        tuple(sorted(path.as_posix() for path in apart)),
        tuple(sorted(damaged)),
        tuple(sorted(name for name in pages - damaged if not _is_of_run(directory, name, folders))),
        tuple(sorted(due - pages)),
    )


def has_differences(directory: PathLike) -> bool:
    """Whether a folder is of a run with groups, and has the comparison of these groups in a folder of its own."""
    return (Path(directory) / GROUPS).is_file() and (Path(directory) / DIFFERENTIAL / NAME).is_file()


def _apart(directory: Path, outputs: Mapping[str, Any]) -> set[Path]:
    """Folders with a manifest of their own, of no file of which this manifest knows."""
    known = {Path(name).parent for name in outputs}
    found = {path.parent.relative_to(directory) for path in directory.rglob(NAME)} - known - {Path()}
    return {path for path in found if not any(part.startswith(".") for part in path.parts)}


def outputs_of(directory: PathLike) -> dict[str, Any]:
    """Size and checksum of each file of a run, by its path in the folder; empty without a manifest that can be read."""
    try:
        return _all_outputs(Path(directory), read_manifest(Path(directory))["outputs"])
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
    return path.is_file() and _identity(path) == identity


def _all_outputs(directory: Path, outputs: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Outputs of a manifest and of the manifests that it lists, by their paths in the folder."""
    found = dict(outputs)
    for name in outputs:
        inside = Path(name).parent
        if Path(name).name == NAME and (directory / name).is_file():
            if depth > MAX_DEPTH or inside == Path():
                raise InputError(f"{directory / NAME} lists itself, or manifests of manifests of manifests")
            found |= _below(directory, inside, depth + 1)
    return found


def _below(directory: Path, inside: PathLike, depth: int = 0) -> dict[str, Any]:
    """Outputs of the manifest of a folder inside, by their paths in the folder."""
    below = _all_outputs(directory / inside, read_manifest(directory / inside)["outputs"], depth)
    return {(Path(inside) / other).as_posix(): identity for other, identity in below.items()}


def _all_added(directory: Path, outputs: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Files that later commands have added to the folder of a run and to those of its groups, by their paths."""
    found: dict[str, dict[str, Any]] = {}
    for inside in _folders_of_runs(directory, outputs):
        for name, entry in read_added(directory / inside).items():
            found[(inside / name).as_posix()] = {**entry, "manifest": (inside / NAME).as_posix()}
    return found


def _folders_of_runs(directory: Path, outputs: Mapping[str, Any]) -> list[Path]:
    """Folders, inside that of a run, with manifests that belong to it: its own, those of groups and of differences."""
    found = [Path(), *(Path(name).parent for name in outputs if Path(name).name == NAME)]
    found += [Path(DIFFERENTIAL)] if has_differences(directory) else []
    return [inside for inside in found if (directory / inside / NAME).is_file()]


def _shows_page(directory: Path) -> bool:
    """Whether the settings of a run ask for its report page."""
    export = read_manifest(directory).get("settings", {}).get("export", {})
    return export.get("report") is True


def _is_of_run(directory: Path, page: str, folders: Iterable[Path]) -> bool:
    """Whether a page was made of the run that it is in the folder of, or below it."""
    above = [inside for inside in folders if inside in Path(page).parents]
    nearest = max(above, key=lambda inside: len(inside.parts))
    return is_page_of(directory / page, directory / nearest / NAME)


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


def _files(directory: Path) -> list[Path]:
    found = (path for path in directory.rglob("*") if path.is_file() and path.name not in (NAME, ADDED))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(directory).parts))


def _with_contents(paths: Iterable[PathLike]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        files += _files(path) if path.is_dir() else [path]
    return files


@dataclass(frozen=True)
class InputFile(os.PathLike[str]):
    """A file that was read, with its name, size and checksum at that time, which do not change with the file."""

    path: Path
    identity: Mapping[str, Any]

    @classmethod
    def of(cls, path: PathLike) -> "InputFile":
        """Record the name, size and checksum that a file has now."""
        return cls(Path(path), _input(path))

    def __fspath__(self) -> str:
        return str(self.path)


def _input(given: PathLike) -> dict[str, Any]:
    """Name, size and checksum of a file or folder (None if it is gone); of an `InputFile` those that it recorded."""
    if isinstance(given, InputFile):
        return dict(given.identity)
    path = Path(given)
    if path.is_dir():
        files = _files(path)
        lines = [f"{checksum(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
        size = sum(file.stat().st_size for file in files)
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        return {"name": printable(path.name), "bytes": size, "sha256": digest}
    try:
        return {"name": printable(path.name), **_identity(path)}
    except (OSError, InputError):  # its reader reports the error
        return {"name": printable(path.name), "bytes": None, "sha256": None}


def _identity(path: Path) -> dict[str, Any]:
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
