"""Processes that share a folder of compiled code compile different functions, and load those of each other.

While a process compiles a function it holds a lock on one byte of a file in the folder, at a place that belongs to the
function. Others that need the function wait until it is there. The system gives a lock back when its process ends,
however that happens.
"""

import functools
import os
import time
import zlib
from pathlib import Path
from typing import Any

CLAIMS = "genenet.claims"
"""File in the folder of compiled code; its bytes are locked, and it stays empty."""
LONGEST_WAIT = 60.0
"""Seconds that a process waits in all; then it compiles everything itself, as the others may have been stopped."""
POLL_SECONDS = 0.02

_waited = 0.0


def take_turns(dispatcher: Any) -> None:
    """Let a compiled function be loaded if another process compiles it at the same time."""
    file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if file is not None:  # with NUMBA_DISABLE_JIT there is none
        file.load, file.save = functools.partial(_load, file, file.load), functools.partial(_save, file, file.save)


def _load(file: Any, load: Any, key: Any) -> Any:
    """Load code, which another process may be about to save; or claim that it is compiled here."""
    found = load(key)
    if found is None and _claim(file):
        found = load(key)
        if found is not None:
            _give_back(file)
    return found


def _save(file: Any, save: Any, key: Any, data: Any) -> None:
    try:
        save(key, data)
    finally:
        _give_back(file)


def _claim(file: Any) -> bool:
    """Wait until no other process compiles a function, and claim it; not if that takes too long or cannot be done."""
    global _waited
    try:
        while not _is_locked(file):
            if _waited >= LONGEST_WAIT:
                return False
            time.sleep(POLL_SECONDS)
            _waited += POLL_SECONDS
    except (ImportError, OSError):  # Windows, a folder that cannot be written, a file system without locks
        return False
    return True


def _is_locked(file: Any) -> bool:
    """Try to lock the byte of a function for this process."""
    import fcntl

    try:
        fcntl.lockf(_claims(file._cache_path), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(file))
    except (BlockingIOError, PermissionError):
        return False
    return True


def _give_back(file: Any) -> None:
    try:
        import fcntl

        fcntl.lockf(_claims(file._cache_path), fcntl.LOCK_UN, 1, _place(file))
    except (ImportError, OSError):
        pass


def _place(file: Any) -> int:
    return zlib.crc32(file._index_name.encode())


@functools.cache
def _claims(folder: str) -> int:
    """Open the file of claims of a folder; it stays open, since a process loses its locks when it closes the file."""
    return os.open(Path(folder, CLAIMS), os.O_RDWR | os.O_CREAT, 0o666)
