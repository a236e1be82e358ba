"""Choose the folder where numba keeps compiled kernels, before the first kernel is declared.

numba keeps machine code beside the source, or else in the user's own cache. Where neither folder can be written
(software installed for all users of a cluster, a system user, a container) it refuses to compile at all. Moreover, two
processes that compile for the first time at once can give their code the same file name, so that a third process would
find code under the wrong signature.
"""

import atexit
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genenet.errors import logger_of
from genenet.locks import lock

LOCK = "genenet.lock"

logger = logger_of("genenet")


def set_up() -> None:
    """Choose a folder if numba has none, and let processes that share one wait for each other."""
    from numba.core import config
    from numba.core.caching import IndexDataCacheFile

    numba: Any = config
    cache: Any = IndexDataCacheFile

    wanted = numba.CACHE_DIR
    if not (_is_writable(Path(wanted)) if wanted else any(map(_is_writable, default_folders()))):
        numba.CACHE_DIR = _temporary_folder(wanted)
    if not hasattr(cache.save, "__wrapped__"):
        cache.save, cache.load = _locked(cache.save), _locked(cache.load)


def default_folders() -> list[Path]:
    """Folders that numba tries by itself: the one beside the kernels, and the user's cache."""
    from numba.misc.appdirs import AppDirs

    return [Path(__file__).parent / "__pycache__", Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)]


def _is_writable(folder: Path) -> bool:
    """Whether files can be written in a folder, which is created if it does not exist."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _temporary_folder(wanted: str) -> str:
    """Create a folder for this process alone; other users cannot write to it, as its code will be run."""
    try:
        folder = tempfile.mkdtemp(prefix="genenet-")
    except OSError:  # nothing can be written there either: numba reports it
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
    """Let only one process at a time read or write a file of the cache; a cache that fails is not used."""

    def under_lock(self: Any, *arguments: Any) -> Any:
        try:
            with _lock(Path(self._cache_path)):
                return method(self, *arguments)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            logger.debug("cache of compiled code: %s", error)
            return None

    under_lock.__wrapped__ = method  # type: ignore[attr-defined]
    return under_lock


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    number = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        lock(number, wait=True)
        yield
    finally:
        os.close(number)
