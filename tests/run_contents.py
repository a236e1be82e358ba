"""The files of runs that are the same each time."""

from pathlib import Path

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
