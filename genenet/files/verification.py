"""Whether the files of a run are those of its manifest, and its pages are of this run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genenet.errors import InputError, count, printable, quote_some, shorten
from genenet.files.added import read_added
from genenet.files.atomic import DIFFERENTIAL, GROUPS, REPORT
from genenet.files.checksums import checksum
from genenet.files.manifest import (
    NAME,
    all_outputs,
    files_in,
    identity_of,
    identity_of_input,
    outputs_below,
    read_manifest,
    section_of,
)
from genenet.files.pages import is_as_written, is_page_of
from genenet.paths import PathLike


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
    outputs = all_outputs(directory, manifest["outputs"])
    if has_differences(directory):
        outputs |= outputs_below(directory, DIFFERENTIAL)
    missing = [name for name in outputs if not (directory / name).is_file()]
    changed = [name for name in outputs if name not in missing and identity_of(directory / name) != outputs[name]]
    for role, path in (inputs or {}).items():
        if role not in known:
            raise InputError(
                f"the manifest of {directory} has no input {shorten(role)}; it has {', '.join(known) or 'none'}"
            )
        if identity_of_input(path) != known[role] | {"name": printable(Path(path).name)}:
            changed.append(f"input {role}")
    added = {name: entry for name, entry in _all_added(directory, outputs).items() if name not in outputs}
    there = {file.relative_to(directory).as_posix() for file in files_in(directory)} - set(outputs)
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
    return section_of(read_manifest(directory), "export").get("report") is True


def _is_of_run(directory: Path, page: str, folders: Iterable[Path]) -> bool:
    """Whether a page was made of the run that it is in the folder of, or below it."""
    above = [inside for inside in folders if inside in Path(page).parents]
    nearest = max(above, key=lambda inside: len(inside.parts))
    return is_page_of(directory / page, directory / nearest / NAME)
