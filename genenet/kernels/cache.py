"""The folder where numba keeps compiled kernels: found or made safe before the first kernel is declared.

numba keeps machine code beside the source, or else in the user's own cache. Where neither can be written (a module of a
cluster, a system user, a container) it refuses to compile at all. And of several processes that compile for the first
time, two can give their code the same file name, so that a third finds code under the wrong signature.
"""

import atexit
import logging
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LOCK = "genenet.lock"

logger = logging.getLogger("genenet")


def set_up() -> None:
    """Choose a folder if numba has none, and let processes that share one wait for each other."""
    from numba.core import config
    from numba.core.caching import IndexDataCacheFile

    numba: Any = config
    cache: Any = IndexDataCacheFile

    wanted = numba.CACHE_DIR
    if not (_is_writable(Path(wanted)) if wanted else any(map(_is_writable, default_folders()))):
        numba.CACHE_DIR = _of_this_process(wanted)
    if not hasattr(cache.save, "__wrapped__"):
        cache.save, cache.load = _locked(cache.save), _locked(cache.load)


def default_folders() -> list[Path]:
    """Folders that numba tries by itself: beside the kernels, and the user's."""
    from numba.misc.appdirs import AppDirs

    return [Path(__file__).parent / "__pycache__", Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)]


def _is_writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, or in it once it is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _of_this_process(wanted: str) -> str:
    """Make a folder of this process alone: one that others could write to is no place for code that is run."""
    try:
        folder = tempfile.mkdtemp(prefix="genenet-")
    except OSError:  # not even there: numba will say so
        return wanted
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tried = wanted or " and ".join(map(str, default_folders()))
    logger.warning(
        "no folder for compiled code can be written (%s), so that it is compiled anew in each run; set NUMBA_CACHE_DIR"
        " to a folder of yours",
        tried,
    )
    return folder


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    """Make one process at a time read or write an index with its file of code; a cache that fails is done without."""

    def alone(self: Any, *arguments: Any) -> Any:
        try:
            with _lock(Path(self._cache_path)):
                return method(self, *arguments)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            logger.debug("cache of compiled code: %s", error)
            return None

    alone.__wrapped__ = method  # type: ignore[attr-defined]
    return alone


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    number = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with suppress(OSError):  # of a file system without locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
