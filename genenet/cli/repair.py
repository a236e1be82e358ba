"""How to make the files of a run again that were lost or changed: the command that made them."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genenet.config.checking import settings_from
from genenet.config.sections import Settings
from genenet.config.step_options import step_options
from genenet.errors import GenenetError

OF_WORKFLOW = "bins.h5ad"
"""A file of a network that the workflow writes, and `genenet infer` does not."""
OF_DIFFERENCES = "differential_pairs.tsv"
OF_GROUPS, OF_LEVELS = "groups.tsv", "levels.tsv"
"""Files of a run with groups; the second is of the workflow only."""


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
    >>> print(repair(Path("results/a"), manifest, {"bins.h5ad": {}, "network.graphml": {}}))
    to make the files again: genenet run, with the configuration file of the run and in the folder where it was run
    """
    is_part = OF_DIFFERENCES in outputs and (folder.parent / OF_LEVELS).is_file()
    if is_part or any(Path(name).name == OF_WORKFLOW for name in outputs):
        how = "genenet run, with the configuration file of the run and in the folder where it was run"
    elif "matrix" not in manifest["inputs"]:
        how = "the run was made in Python from data in memory; run it and write its result again"
    else:
        how = f"{shlex.join(_command(folder, manifest, outputs))} (files by their names, without folders)"
    return f"to make the files again: {how}"


def _command(folder: Path, manifest: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    files = {role: str(file.get("name", "FILE")) for role, file in manifest["inputs"].items()}
    matrix = files.pop("matrix")
    differs = OF_DIFFERENCES in outputs
    return [
        *("genenet", "differential" if differs else "infer", matrix, "-o", str(folder)),
        *(f"--{role.replace('_', '-')}={name}" for role, name in files.items()),
        *(["--group-by=COLUMN"] if differs or OF_GROUPS in outputs else []),
        *_options(manifest.get("settings"), "differential" if differs else "manifest"),
    ]


def _options(settings: object, step: str) -> list[str]:
    """Give the settings of a manifest as options, where they are not the default."""
    try:
        given = settings_from(settings if isinstance(settings, dict) else {})
    except GenenetError:  # of another version, or changed
        return ["..."]
    defaults = step_options(Settings(), step)
    return [option for option in step_options(given, step) if option not in defaults]
