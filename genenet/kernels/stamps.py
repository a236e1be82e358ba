"""Compiled code is used only as long as no source of the kernels has changed.

The cache of numba goes by the file in which a function is. The machine code has other functions linked into it, though,
of which many are in other files: without this, a new version of genenet in the same folder would run old code.
"""

import functools
import hashlib
from pathlib import Path
from typing import Any


@functools.cache
def stamp_of_sources(folder: Path = Path(__file__).parent) -> str:
    """Fingerprint of all sources in a folder, by their names and contents.

    Examples
    --------
    >>> len(stamp_of_sources())
    64
    """
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)} ".encode() + content)
    return found.hexdigest()


def depend_on_all_sources(dispatcher: Any) -> None:
    """Let the code of a function in the cache be used only while the sources of all kernels are as they were."""
    file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if file is not None:  # with NUMBA_DISABLE_JIT there is none
        file._source_stamp = (file._source_stamp, stamp_of_sources())
