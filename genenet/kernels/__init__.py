"""Compiled loops over plain arrays.

They trust their input: shapes and dtypes are in their docstrings, checks are their callers'.
"""

from contextlib import suppress
from pathlib import Path

from genenet.kernels import cache


def forget_outdated(folder: Path) -> None:
    """Remove compiled code that is older than the newest kernel in this folder.

    Numba compiles a function again when its own file has changed, but not when that of a function that it calls has.
    """
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    # If the folder cannot be written, nothing is cached in it either.
    with suppress(OSError):
        for compiled in (folder / "__pycache__").glob("*.nbi"):
            if compiled.stat().st_mtime < newest:
                compiled.unlink(missing_ok=True)


forget_outdated(Path(__file__).parent)
cache.set_up()
