"""Compiled loops over plain arrays.

They trust their input: shapes and dtypes are in their docstrings, checks are their callers'.
"""

from contextlib import suppress
from pathlib import Path

from genenet.kernels import cache


def forget_outdated(folder: Path) -> None:
    """Remove compiled code older than any kernel in this folder.

    Numba compiles a function again when its own file has changed, but not when that of a function that it calls has.
    """
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    # Where the package belongs to somebody else nothing is cached beside it either.
    with suppress(OSError):
        for compiled in (folder / "__pycache__").glob("*.nbi"):
            if compiled.stat().st_mtime < newest:
                compiled.unlink(missing_ok=True)


forget_outdated(Path(__file__).parent)
cache.set_up()
