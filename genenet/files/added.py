"""Files that later commands add to the folder of a run (activity, anomalies, pair, plot, ...), recorded in added.json.

The manifest is the record of the run and does not change after it. Like it, added.json has no date.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from genenet.errors import InputError
from genenet.files.atomic import ADDED, MANIFEST, REPORT, write_json
from genenet.files.checksums import checksum
from genenet.paths import PathLike


def record_added(paths: Iterable[PathLike], command: str) -> None:
    r"""Record files that a command has written, if they are in the folder of a run.

    Parameters
    ----------
    paths
        The files. The page of the run, which can be made again at any time, and files elsewhere are not recorded.
    command
        Name of the command, for example "activity".

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "manifest.json").write_text('{"genenet": "0.1.0", "inputs": {}, "outputs": {}}')
    >>> _ = (folder / "anomalies.tsv").write_text("sample\n")
    >>> record_added([folder / "anomalies.tsv"], "anomalies")
    >>> read_added(folder)["anomalies.tsv"]["command"]
    'anomalies'
    """
    for path in map(Path, paths):
        folder = next((place for place in path.parents if _is_run(place)), None)
        if folder is None or path == folder / REPORT:
            continue
        entry = {"command": command, "run": checksum(folder / MANIFEST), "sha256": checksum(path)}
        files = {**read_added(folder), path.relative_to(folder).as_posix(): entry}
        write_json({"files": dict(sorted(files.items()))}, folder / ADDED)


def _is_run(folder: Path) -> bool:
    """Whether a folder has a manifest of genenet; manifest.json is a name that other programs use too."""
    try:
        return "genenet" in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, RecursionError):
        return False


def read_added(folder: PathLike) -> dict[str, Mapping[str, Any]]:
    """Read what later commands have added to the folder of a run: command, run and checksum of each file, by its path.

    Raises
    ------
    InputError
        If added.json is not one of genenet.
    """
    path = Path(folder) / ADDED
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        if all({"command", "run", "sha256"} <= set(entry) for entry in files.values()):
            return dict(files)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise InputError(f"{path} is not a record of genenet; it was changed, or another program wrote it: remove it")
