"""The files of runs that are the same each time."""

import json
from pathlib import Path

from genenet.files.checksums import checksum
from genenet.files.pages import with_checksum

WITH_TIMES = ("summary.json", ".complete")
FOLDERS_WITH_TIMES = ("logs", "benchmarks")


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes of each file of the results, or of one data set, but of those that have times in them."""
    files = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in files.items()
        if name.name not in WITH_TIMES and name.parts[0] not in FOLDERS_WITH_TIMES
    }


def list_anew(folder: Path, name: str) -> None:
    """Make the manifest of a run name a file as it is now."""
    manifest, file = folder / "manifest.json", folder / name
    content = json.loads(manifest.read_text())
    content["outputs"][name] = {"bytes": file.stat().st_size, "sha256": checksum(file)}
    if manifest.is_symlink():
        manifest.unlink()
    manifest.write_text(json.dumps(content))


def page_of(folder: Path, text: str = "<html>\n</html>\n") -> str:
    """Make a page that is known to be of the run in a folder."""
    return with_checksum(f'<meta name="genenet-manifest" content="{checksum(folder / "manifest.json")}">\n{text}')
