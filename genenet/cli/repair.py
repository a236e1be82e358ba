"""How to make the files of a run again that were lost or changed: the command that made them."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genenet.config.checking import settings_from
from genenet.config.keys import text_of
from genenet.config.sections import Differential, Settings
from genenet.config.step_options import step_options
from genenet.errors import GenenetError
from genenet.files.atomic import GROUPS

OF_ALL_FILES = "bins.h5ad"
"""A file of a network that the workflow and `genenet infer --all-files` write, and `genenet infer` does not."""
OF_DIFFERENCES = "differential_pairs.tsv"
OF_LEVELS = "levels.tsv"
"""A file of a run with groups by the workflow."""


def repair(folder: Path, manifest: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    """Say which command makes the files of a run again.

    Parameters
    ----------
    folder
        Folder of the run.
    manifest
        Content of its manifest.json.
    outputs
        Files of the run, with those of its groups.

    Examples
    --------
    >>> manifest = {"settings": {"significance": {"alpha": 0.01}}, "inputs": {"matrix": {"name": "my m.tsv"}}}
    >>> print(repair(Path("net"), manifest, {"network.graphml": {}}))
    to make the files again: genenet infer 'my m.tsv' -o net --alpha=0.01 (files by their names, without folders)
    >>> print(repair(Path("net"), {"inputs": manifest["inputs"]}, {"bins.h5ad": {}, "network.graphml": {}}))
    to make the files again: genenet infer 'my m.tsv' -o net --all-files (files by their names, without folders)
    """
    is_part = OF_DIFFERENCES in outputs and (folder.parent / OF_LEVELS).is_file()
    if is_part or (_has_all_files(outputs) and _has_logs(folder)):
        how = "genenet run, with the configuration file of the run and in the folder where it was run"
    elif "matrix" not in manifest["inputs"]:
        how = "the run was made in Python from data in memory; run it and write its result again"
    else:
        how = f"{shlex.join(_command(folder, manifest, outputs))} (files by their names, without folders)"
    return f"to make the files again: {how}"


def _has_all_files(outputs: Mapping[str, Any]) -> bool:
    """Whether there is what the steps hand on, of the network or of those of groups."""
    return any(Path(name).name == OF_ALL_FILES for name in outputs)


def _has_logs(folder: Path) -> bool:
    """Whether the workflow has logs of this data set, or of that whose group it is, beside the data set's folder.

    Its files are those of `genenet infer --all-files`, which makes them again where there are no logs, as in a copy.
    """
    from genenet.workflow.datasets import LOGS

    place = folder.resolve()
    return any((path.parent / LOGS / path.name).is_dir() for path in (place, place.parent))


def _command(folder: Path, manifest: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    files = {role: str(file.get("name", "FILE")) for role, file in manifest["inputs"].items()}
    matrix = files.pop("matrix")
    differs = OF_DIFFERENCES in outputs
    place, group = _of_group(folder, manifest)
    return [
        *("genenet", "differential" if differs else "infer", matrix, "-o", str(place)),
        *(["--all-files"] if _has_all_files(outputs) else []),
        *(f"--{role.replace('_', '-')}={name}" for role, name in files.items()),
        *_group_by(manifest, differs=differs, is_grouped=differs or GROUPS in outputs),
        *group,
        *_name(manifest, matrix),
        *(_differential_options(manifest) if differs else _options(manifest.get("settings"), "manifest")),
    ]


def _of_group(folder: Path, manifest: Mapping[str, Any]) -> tuple[Path, list[str]]:
    """Say where the network of a group is made: with those of all groups, or alone if they are not beside it."""
    if "group" not in manifest:
        return folder, []
    if (folder.parent / GROUPS).is_file():
        return folder.parent, []
    return folder, [f"--group={manifest['group']}"]


def _group_by(manifest: Mapping[str, Any], *, differs: bool, is_grouped: bool) -> list[str]:
    """Give the options of the groups: the attribute, the groups that were compared, and their networks."""
    column = manifest.get("group_by", "COLUMN" if is_grouped else None)  # versions before did not write it
    options = [] if column is None else [f"--group-by={column}"]
    if differs and isinstance(manifest.get("levels"), list):
        options.append(f"--levels={text_of([str(level) for level in manifest['levels']])}")
    return [*options, *([f"--networks={manifest['networks']}"] if differs and "networks" in manifest else [])]


def _name(manifest: Mapping[str, Any], matrix: str) -> list[str]:
    """Give the name of the network as an option, where it is not the one that the matrix gives."""
    name = str(manifest.get("name", ""))
    if "group" in manifest:  # NAME/FOLDER
        name = name.rpartition("/")[0]
    return [f"--name={name}"] if name not in ("", matrix.split(".")[0]) else []


def _options(settings: object, step: str) -> list[str]:
    """Give the settings of a manifest as options, where they are not the default."""
    try:
        given = settings_from(settings if isinstance(settings, dict) else {})
    except GenenetError:  # of another version, or changed
        return ["..."]
    defaults = step_options(Settings(), step)
    return [option for option in step_options(given, step) if option not in defaults]


def _differential_options(manifest: Mapping[str, Any]) -> list[str]:
    """Give the settings of a comparison of groups: those of reading the matrix, and its own."""
    own, defaults = manifest.get("differential"), Differential().model_dump(mode="json")
    of_matrix = _options(manifest.get("settings"), "prepare")
    if not isinstance(own, dict):  # of a version that did not write them
        return of_matrix
    changed = {name: value for name, value in own.items() if name in defaults and value != defaults[name]}
    return [*of_matrix, *(f"--{name.replace('_', '-')}={text_of(value)}" for name, value in changed.items())]
