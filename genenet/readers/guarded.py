"""Protection against damaged files over which a C library crashes or loops.

Libraries written in C (HDF5, Arrow) can loop for ever, or crash, on a file in which one bit is wrong, and Python has no
exception to catch then. So a child process reads the file first, with a limit on its CPU time; this process reads the
file only if the child survives.
"""

import faulthandler
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from genenet.errors import InputError

CPU_SECONDS = 5
"""CPU time that a small file may take; time spent waiting for a disk or a busy machine does not count."""
BYTES_PER_SECOND = 20_000_000
"""A file may take one second more for each of this many bytes."""
WAIT_SECONDS = 300.0
"""Time by the clock after which the child is stopped, and the file is taken to be readable."""
LOOK_SECONDS = 3.0
"""CPU time after which the child stops reading a large HDF5 file."""
READ_BYTES = 256 << 20
"""Arrays are read up to this many bytes in all; of further arrays only the index of their chunks is read."""


def check_survives(path: Path, look: Callable[[Path], None]) -> None:
    """Refuse a file over which a library crashes or loops (on Linux only); other faults are found when it is read.

    Parameters
    ----------
    path
        The file.
    look
        Reads the file in the child process. Exceptions that it raises are ignored.

    Raises
    ------
    InputError
        If the child process was killed, by its limit or by the system.

    Examples
    --------
    >>> check_survives(Path("m.h5"), lambda path: None)
    >>> check_survives(Path("m.h5"), lambda path: os.abort())
    Traceback (most recent call last):
    genenet.errors.InputError: m.h5: is damaged: the library that reads it falls over it (SIGABRT); copy or download \
it again
    """
    if sys.platform != "linux":  # elsewhere a forked process may not go on without starting a new program
        return
    status = _status_of_child(path, look)
    if not os.WIFSIGNALED(status):
        return
    name = signal.Signals(os.WTERMSIG(status)).name
    if name == "SIGXCPU":
        reason = f"reading it does not end (stopped after {_limit(path)} s of computing)"
    else:
        reason = f"the library that reads it falls over it ({name})"
    raise InputError(f"{path}: is damaged: {reason}; copy or download it again")


def _status_of_child(path: Path, look: Callable[[Path], None]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that threads do not exist in the child, which needs none
        child = os.fork()
    if child == 0:
        _look(path, look)
    end, pause = time.monotonic() + WAIT_SECONDS, 0.001
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > end:  # it waits for something, which says nothing about the file
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return 0
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


def _look(path: Path, look: Callable[[Path], None]) -> None:
    """Read the file in the child process, without any output, and exit."""
    try:
        import resource

        faulthandler.disable()
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        limit = _limit(path)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(nowhere, number)
        look(path)
    finally:  # whatever is raised
        os._exit(0)


def _limit(path: Path) -> int:
    try:
        return CPU_SECONDS + path.stat().st_size // BYTES_PER_SECOND
    except OSError:
        return CPU_SECONDS


def look_at_hdf5(path: Path) -> None:
    """Read an HDF5 file: all arrays of a small one, the structure of a large one."""
    import h5py

    end, left = time.process_time() + LOOK_SECONDS, READ_BYTES
    with h5py.File(path, "r") as file:
        for array in _arrays(file):
            if time.process_time() > end:
                return
            array.id.get_space_status()
            if array.chunks is not None:
                array.id.get_num_chunks()
            if array.size * array.dtype.itemsize <= left:
                left -= array.size * array.dtype.itemsize
                array[()]


def _arrays(group: Any, depth: int = 0) -> Iterator[Any]:
    import h5py

    for name in group:
        try:
            item = group[name]
            list(item.attrs.items())
        except Exception:  # the reader reports it, if it needs this object
            continue
        if isinstance(item, h5py.Dataset):
            yield item
        elif isinstance(item, h5py.Group) and depth < 6:
            yield from _arrays(item, depth + 1)
